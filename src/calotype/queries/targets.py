"""Answers about targets: how they stand, why, and what starts from what. Must not change anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from calotype.actions.registry import Kinds
from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.files import hidden_by
from calotype.ground.folders import MARKER, SPECS, STATE_DB, TEMPLATES
from calotype.ground.light_dataclass import astuple, replace
from calotype.ground.paths import on_disk
from calotype.ground.target_names import FOLDERS
from calotype.language.action import upstreams
from calotype.language.trained_loras import LORA
from calotype.plan import weight_places
from calotype.plan.analysis import Analysis, Found
from calotype.plan.explain import Places, changes_of
from calotype.plan.judging_findings import in_words
from calotype.plan.parts import analyze_in_parts
from calotype.plan.prompt_reviews import review_of
from calotype.plan.warnings import vocabulary
from calotype.project.answers import Explanation, TargetGraph, TargetRow
from calotype.project.changes import changed_specs
from calotype.project.last_build import compare_with_last_build
from calotype.project.overrides import Profile
from calotype.project.workspace import Workspace, open_workspace
from calotype.queries import handout_languages
from calotype.queries.product_status import explained
from calotype.queries.status import StatusQuery, changed_sets, status_of, status_query
from calotype.results.publish.line import is_inside
from calotype.run.products.making import split
from calotype.run.traces import last_changes
from calotype.run.tracing.trace_folders import trace_of
from calotype.store.state import State

_VALIDATED = (SPECS, TEMPLATES, MARKER)


def rows(root: Path, patterns: tuple[str, ...]) -> list[TargetRow]:
    with status_query(root, patterns) as query:
        images = [_row(target) for target in query.targets()]
        products = query.products()
        if not products:
            return images
        from calotype.queries.product_status import row_of

        return [*images, *map(row_of, products)]


def _row(found: Found) -> TargetRow:
    image = found.planned.image
    return TargetRow(
        image.target, found.spec.kind, status_of(found), image.title, image.path, image.spec, image.renderer,
        image.candidates, found.planned.decision, tuple(found.planned.rejections()), *_curated(found),
        reason=found.reason,
    )


def _curated(found: Found) -> tuple[str, str]:
    """What people said of a picture's place in a training set, and why."""
    curation = found.planned.curation
    return curation.state, curation.reason


def known(root: Path) -> list[str]:
    """The names of the targets as the last build left them, in order; none where there was no build."""
    file = root / STATE_DB
    if not file.is_file():
        return []
    with closing(State(file)) as state:
        return sorted(target for targets in state.targets().values() for target, _ in targets)


def explain(root: Path, target: str) -> Explanation:
    """Of several targets, the first that is not up to date. Raises Problem (unknown-target) where no spec asks for
    `target`."""
    products, images = split((target,))
    with status_query(root, images) as query:
        if products:
            list(query.targets())
            return explained(query.workspace, products[0])
        return _explained(query, target)


def _explained(query: StatusQuery, target: str) -> Explanation:
    root, every = query.workspace.root, list(query.targets())
    ranked = sorted(every, key=lambda candidate: (candidate.planned.image.target != target, candidate.up_to_date))
    first = ranked[0]
    planned, name = first.planned, first.planned.image.target
    places = Places(root, first.spec, query.workspace.shared)
    review = review_of(planned, query.workspace.cache)
    before = last_changes(query.workspace.state.pages, name, planned.line.pixels) if planned.line else ()
    return Explanation(
        name, status_of(first), first.reason, tuple(changes_of(planned, places)), tuple(before),
        planned.keys[0] if planned.keys else "", planned.keys, planned.decision, tuple(planned.rejections()),
        *_curated(first), judging=tuple(in_words(planned)),
        prompt=review.sentences if review is not None else (), trace=trace_of(root, name),
    )


def graph(root: Path, patterns: tuple[str, ...]) -> TargetGraph:
    """Only what a renderer reads makes an edge: with one that reads no reference, no image starts from another. What is
    no image starts from those that it is made of."""
    nodes, edges = [], []
    with status_query(root, patterns) as query:
        for target in query.targets():
            image = target.planned.image
            nodes.append(image.target)
            edges += [(source, image.target) for source in _sources(query.workspace, target)]
        for product, sources in query.edges_of_products():
            nodes.append(product)
            edges += [(source, product) for source in sources]
    return TargetGraph(tuple(nodes), tuple(edges))


def _sources(workspace: Workspace, target: Found) -> Iterator[str]:
    """What a target starts from, and the trained LoRAs that it is drawn with."""
    planned, image = target.planned, target.planned.image
    loras = {lora.path: workspace.shared.config.loras[lora.name] for lora in image.loras}
    trained = {path: f"{lora['from']}/{LORA}" for path, lora in loras.items() if "from" in lora}
    if planned.untrained:  # it has no request yet
        yield from (*planned.starts_from, *trained.values())
        return
    request = workspace.renderer(image.renderer).request(image)
    yield from upstreams(request)
    drawn_with = {lora.get("weights") for lora in request.get("loras", ())}
    if drawn_with:  # a renderer that reads no LoRA waits for none, and none may be there
        yield from (lora for path, lora in trained.items() if image.digest(path) in drawn_with)


def validate(root: Path, paths: Sequence[str], *, full: bool = False) -> list[Diagnostic]:
    """All that is wrong in the project, by place. Raises nothing for what it is there to find.

    What was found is remembered beside the record of the last build, and holds while nothing at all has changed since;
    `full` reads every spec all the same.
    """
    try:
        with open_workspace(root, Profile()) as workspace:
            diagnostics = [*_validated(workspace, full), *changed_sets(workspace)]
    except Problem as problem:
        diagnostics = problem.diagnostics
    inside = [_inside(root, path) for path in paths]
    diagnostics = [*diagnostics, *handout_languages.faults(root), *_unknown(root, inside)]
    shown = [
        diagnostic for diagnostic in diagnostics
        if not inside or any(_covers(path, diagnostic.file) for path in inside)
    ]
    return sorted(dict.fromkeys(shown), key=lambda diagnostic: (
        diagnostic.file or "", diagnostic.line or 0, diagnostic.column or 0))


def _validated(workspace: Workspace, full: bool) -> list[Diagnostic]:
    key, state = _state_of_files(workspace), workspace.state
    remembered = state.validated(key) if key and not full else None
    if remembered is not None:
        return remembered
    workspace.inputs.assumes = True
    change_set = changed_specs(workspace.root, None, state)
    analysis = Analysis(workspace, change_set, warn=True)
    analysis.check_shared()
    analysis.diagnostics.extend(_hidden(workspace, change_set.gone))
    unfit = partial(_unfit, analysis.kinds)
    rows = analyze_in_parts(analysis, unfit)
    rows = [unfit(found) for found in analysis.targets()] if rows is None else rows
    first: dict[str, Diagnostic] = {}
    for told in (Diagnostic(*fields) for row in rows for fields in row):
        first.setdefault(told.message, told)
    lacking = list(first.values())
    if lacking:  # until they are installed, which no file of the project tells
        return [*analysis.diagnostics, *lacking]
    if key:
        state.put_validated(key, analysis.diagnostics)
    return analysis.diagnostics


def _unfit(kinds: Kinds, found: Found) -> list[tuple[Any, ...]]:
    """Of a target itself a validation tells what packages are missing for what is to be performed: warnings, as their
    fields."""
    planned = found.planned
    actions = chain(planned.perform, planned.ahead, planned.drafts)
    lacking: dict[Diagnostic, str] = {}
    for action in actions:
        lacking.update(kinds.of(action).packages(action))
    image, at = planned.image, found.places.at
    placed = (weight_places.at_field(missing, field, image, at) for missing, field in lacking.items())
    return [astuple(replace(missing, severity="warning")) for missing in placed]


def _hidden(workspace: Workspace, gone: Sequence[str]) -> Iterator[Diagnostic]:
    """An error for each thing that stands in the place of a folder where specs lay: those that are gone since the last
    build or, where nothing tells of it, those that the manifest names."""
    manifest = workspace.manifest
    published = () if workspace.state.complete() else (
        line.spec for shard in manifest.shards() for line in manifest.lines(shard))
    for file in dict.fromkeys((*gone, *published)):
        place = hidden_by(workspace.root, file) if file.startswith(f"{SPECS}/") and is_inside(file) else None
        if place not in (None, file):
            yield error("unreadable", f"is no folder, where `{file}` lay", file=place,
                        hint="specs may stand there: put it right, or remove it")


def _state_of_files(workspace: Workspace) -> str:
    """What a validation depends on, as long as all is as the last build left it; else the empty text."""
    difference = compare_with_last_build(str(workspace.root))
    if not difference.unchanged:
        return ""
    return f"{difference.identity} {vocabulary(workspace)}"


def _unknown(root: Path, wanted: Sequence[str]) -> Iterator[Diagnostic]:
    """An error for each path that names nothing in the project: nothing was looked at there."""
    for path in wanted:
        if not path or not (root / path).resolve().is_relative_to(root) or not (root / path).exists():
            yield error("unknown-path", "there is no such file or folder in the project", file=path,
                        hint=_file_of_target(root, path))
        elif path != "." and path.split("/")[0] not in _VALIDATED:
            yield error("unknown-path", "nothing that is validated lies there", file=path,
                        hint=f"specs, poses and picks lie in `{SPECS}`, the settings are `{MARKER}`")


def _file_of_target(root: Path, path: str) -> str | None:
    """The hint for a target, or what other commands take for one, where a file belongs: the file of its spec."""
    kind, *names = path.split("/")
    if not names or kind not in FOLDERS:
        return None
    found = next((file for file in sorted((root / SPECS / kind).rglob("*.yaml")) if file.stem == names[0]), None)
    return f"that is a target; its file is `{on_disk(root, found.relative_to(root).as_posix())}`" if found else None


def _inside(root: Path, path: str) -> str:
    """A path as typed, from the working directory or from the project, as the project names it; none for none."""
    if not path:
        return path
    full = Path(path).resolve()
    if full.is_relative_to(root):
        name = on_disk(root, full.relative_to(root).as_posix())
        if (root / name).exists():
            return name
    return on_disk(root, path.rstrip("/"))


def _covers(path: str, file: str | None) -> bool:
    return file is not None and (path == "." or file == path or file.startswith(f"{path}/"))
