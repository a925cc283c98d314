"""What a picture is in a project, found by its pixels: published, a candidate, read, decided on. Must not write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.light_dataclass import replace
from calotype.language.lora_digests import lora_digests
from calotype.plan.made_with import made_with
from calotype.plan.planned import Planned
from calotype.plan.prompt_reviews import enhancement_of_line, prompt_review
from calotype.project.answers import DecisionRow, UsedWeights
from calotype.project.picture_origin import PictureOrigin, PictureUse
from calotype.project.workspace import Workspace
from calotype.queries.show import candidates
from calotype.queries.status import StatusQuery, status_query
from calotype.queries.weights_told import licensed, weights_of_line
from calotype.results.publish.inspect import inspect
from calotype.results.publish.manifest import Line
from calotype.results.publish.proof import RENDERED
from calotype.run.tracing.trace_folders import trace_of

ROLES = ("published", "candidate", "reference", "decided", "claimed")
"""In the order in which they are told."""


def picture_origin(root: Path, image: Path) -> PictureOrigin:
    """Raises Problem for what is no readable picture. What is amiss in the project is among `diagnostics`: what the
    picture says of itself, and what the manifest says of it, is told all the same."""
    embedded = inspect(image)
    try:
        with status_query(root, scope="changed") as query:
            uses, diagnostics = _uses(query, embedded)
            if query.believable:
                return PictureOrigin(embedded, uses, diagnostics)
        with status_query(root, scope="all") as query:
            return PictureOrigin(embedded, *_uses(query, embedded))
    except Problem as problem:
        return PictureOrigin(embedded, (), tuple(problem.diagnostics))


def _uses(
    query: StatusQuery, embedded: Mapping[str, Any]
) -> tuple[tuple[PictureUse, ...], tuple[Diagnostic, ...]]:
    """Those that the manifest tells, those of targets that are not settled, and what was only decided on. What the file
    claims counts where its pixels tell nothing."""
    pixels, workspace = embedded["pixels"], query.workspace
    uses, faults = dict[str, PictureUse](), tuple[Diagnostic, ...]()
    try:
        for found in query.targets():
            for use in _among_candidates(found.planned, workspace, pixels):
                uses[use.target] = use
    except Problem as problem:
        faults = tuple(problem.diagnostics)
    for line in _lines_naming(workspace, pixels):
        use = _of_line(line, workspace, pixels)
        if use.role != "reference" or use.target not in uses:
            uses[use.target] = replace(use, kept_out=uses[use.target].kept_out) if use.target in uses else use
    _add_decisions(uses, workspace, pixels)
    if not uses and embedded["action"]:
        uses |= {line.target: PictureUse("claimed", line.target, line.path, line.spec)
                 for line in _lines_naming(workspace, embedded["action"])}
    uses = {target: _with_prompt(use, workspace) for target, use in uses.items()}
    ordered = sorted(uses.values(), key=lambda use: (ROLES.index(use.role), use.target))
    return tuple(ordered), (*faults, *workspace.manifest.diagnostics)


def _with_prompt(use: PictureUse, workspace: Workspace) -> PictureUse:
    """With how good the enhanced prompt of a candidate's target is, and the trace of that."""
    if use.candidate is None:
        return use
    line = workspace.manifest.line(use.target)
    review = prompt_review(enhancement_of_line(line), workspace.cache) if line is not None else None
    return replace(use, prompt_review=review, trace=trace_of(workspace.root, use.target))


def _lines_naming(workspace: Workspace, name: str) -> list[Line]:
    places = list(workspace.manifest.naming([name]))
    return [line for line in (workspace.manifest.line(*place) for place in places) if line is not None]


def _add_decisions(uses: dict[str, PictureUse], workspace: Workspace, pixels: str) -> None:
    for entry in workspace.decisions.naming([pixels]):
        decision = entry.decision
        row = DecisionRow(decision.decision, pixels, decision.reason, entry.file, entry.line(workspace.root))
        use = uses.get(decision.target, PictureUse("decided", decision.target))
        uses[decision.target] = replace(use, decisions=(*use.decisions, row))


def _of_line(line: Line, workspace: Workspace, pixels: str) -> PictureUse:
    """What it is to a published target."""
    numbers = [number for number, each in enumerate(line.candidates, start=1) if each.pixels == pixels]
    published = line.pixels == pixels
    if not published and not numbers:
        return PictureUse("reference", line.target, line.path, line.spec)
    rendered = not published or line.origin == RENDERED
    first = line.pick.candidate if line.pick.candidate in numbers else min(numbers, default=None)
    number = first if rendered else None
    use = PictureUse(
        "published" if published else "candidate", line.target, line.path, line.spec, number, len(line.candidates),
        picked=published, origin=RENDERED if rendered else line.origin)
    if not rendered or number is None:
        return use
    chosen, weights = line.candidates[number - 1], weights_of_line(line, workspace)
    use = replace(use, seed=chosen.seed, scores=chosen.scores, renderer=line.renderer)
    return _rendered(use, line.request, line.prompt, weights)


def _among_candidates(planned: Planned, workspace: Workspace, pixels: str) -> Iterator[PictureUse]:
    """What it is to a target that was planned, of which nothing, or another picture, may be published."""
    if all(made.pixels != pixels for made in planned.made.values()):
        return
    image = planned.image
    row = next((each for each in candidates(planned, workspace) if each.pixels == pixels), None)
    if row is None:
        return
    use = PictureUse(
        "candidate", image.target, image.path, image.spec, row.number, len(planned.actions), row.picked, row.origin,
        row.seed, scores=row.scores, kept_out=row.kept_out)
    if row.number is None:
        yield use
        return
    action = planned.actions[row.number - 1]
    request = json.loads(action.components).get("request", {})
    read = made_with(planned, action, workspace.inputs.weights)
    weights = tuple(licensed(read, image.target, workspace))
    yield _rendered(replace(use, renderer=image.renderer), request, image.words().prompt, weights)


def _rendered(
    use: PictureUse, request: Mapping[str, Any], prompt: str, weights: tuple[UsedWeights, ...]
) -> PictureUse:
    """With what its render read: the texts (the target's own `prompt` where its renderer reads none), and the weights.
    LoRAs go by what calotype.yaml calls them, else by their files, else by the start of their digest."""
    read, negative = request.get("prompt"), request.get("negative")
    names = {row.digest: row.lora or row.name for row in weights}
    return replace(
        use, prompt=read if isinstance(read, str) else prompt, negative=negative if isinstance(negative, str) else "",
        loras=tuple(names.get(digest, digest[:12]) for digest in lora_digests(request)), made_with=weights)
