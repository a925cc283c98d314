"""A picture of one's own, put in for a target by hand and published at once. Must not render anything.

The picture is durable in the cache before the decision that names it, and the decision before the picture takes its
place: wherever this is killed, the old one stands, or the next build completes what was decided.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from calotype.engine.rebuild import Asset, Need
from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error
from calotype.ground.events import Events, Listener
from calotype.ground.light_dataclass import dataclass, replace
from calotype.ground.lock import build_lock, decision_lock
from calotype.language.action import import_action
from calotype.language.decisions import Decision
from calotype.plan.analysis import Found
from calotype.plan.planned import Planned
from calotype.project.answers import WrittenDecision
from calotype.project.overrides import Profile
from calotype.project.waiting import Waiting
from calotype.project.workspace import Workspace, open_workspace
from calotype.queries.decisions.decide import require_not_rejected, write_decision
from calotype.queries.status import status_query
from calotype.queries.target_named import target_named
from calotype.results.publish.assets import in_the_way
from calotype.results.publish.proof import IMPORTED
from calotype.run.pose_maps import draw_pose_maps, missing_pose_maps
from calotype.run.publishing import Publishing
from calotype.run.traces import Traces

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FACTS = {"imported": True}
_STAGES = 2
"""Before a render: a prompt is enhanced, then maps are drawn."""


@dataclass(frozen=True, slots=True)
class _Own:
    """A picture that was read, as it is kept."""

    pixels: str
    mode: str
    size: tuple[int, int]
    data: bytes


def put_in(root: Path, target: str, file: Path, listener: Listener | None = None) -> WrittenDecision:
    """Writes the decision that the picture in `file` stands for `target`, publishes it, and returns the decision.

    It is bound to what the target asks for now. Raises Problem, and decides nothing, where the file or the target
    cannot be used (exit 2), or something that is not Calotype's stands in the picture's place (exit 1). While a build
    is at work, which publishes too, it waits, and `listener` is told for whom.
    """
    waiting = Waiting("a build", Events(*([listener] if listener else [])), lambda: False)
    with build_lock(root, waiting):
        return put_in_between_builds(root, target, file)


def put_in_between_builds(root: Path, target: str, file: Path) -> WrittenDecision:
    """As `put_in`, for one who holds the build lock."""
    _draw_missing_maps(root, target, file)
    with decision_lock(root):
        planned, own, decision = _decided(root, target, file)
        with open_workspace(root, Profile(), create=True) as workspace:
            _keep(workspace, own)
            written = write_decision(workspace, planned, decision)
        _publish(root, decision.target)
    return replace(written, path=planned.image.path)


def _draw_missing_maps(root: Path, target: str, file: Path) -> None:
    """Makes the prompt, then the control maps from poses without which it is not known what the target asks for. Raises
    Problem, and makes none, where the picture in `file` cannot be used."""
    for _ in range(_STAGES):
        with status_query(root, (target,)) as query:
            planned = target_named(query, target).planned
            maps = missing_pose_maps(planned)
            if maps:
                _read(query.workspace, planned, file)
        if not maps:
            return
        draw_pose_maps(root, maps)


def _decided(root: Path, target: str, file: Path) -> tuple[Planned, _Own, Decision]:
    """What the target needs, the picture as it is kept, and the decision that binds it."""
    with status_query(root, (target,)) as query:
        planned = target_named(query, target).planned
        own = _read(query.workspace, planned, file)
        decision = Decision(planned.image.target, _bound(planned), own.pixels, "import")
        _require_usable(query.workspace, planned, decision, file)
        return planned, own, decision


def _read(workspace: Workspace, planned: Planned, file: Path) -> _Own:
    from calotype.ground.images import digest_of
    from calotype.results.publish.own_picture import read_own_picture
    from calotype.results.publish.provenance import encode_imported

    picture: Picture = read_own_picture(workspace.root, file, planned.image.size)
    embed = workspace.shared.config.output["embed"]
    return _Own(digest_of(picture), picture.mode, picture.size, encode_imported(picture, embed))


def _bound(planned: Planned) -> str:
    """The key of the render in whose place the picture is to stand: of the first candidate."""
    target = planned.image.target
    if planned.keys:
        return planned.keys[0]
    if planned.upstream is not None:
        raise Problem(error("no-pick", f"`{target}` starts from `{planned.upstream}`, which has no picture yet",
                            hint=f"build or pick that first: calotype build {planned.upstream}"))
    plain = planned.missing[:1] == ("enhance",)
    lacking = f"prompt of `{target}` is not enhanced" if plain else f"control maps of `{target}` are not drawn"
    raise Problem(error("not-rendered", f"the {lacking} yet, and what it asks for is not known before",
                        hint=f"`calotype build {target}` does that"))


def _require_usable(workspace: Workspace, planned: Planned, decision: Decision, file: Path) -> None:
    target, line = planned.image.target, planned.line
    require_not_rejected(planned, decision, f"the picture in `{file}`")
    number = next((number for number, key in enumerate(planned.keys, start=1)
                   if key in planned.made and planned.made[key].pixels == decision.pixels), None)
    if number is not None:
        raise Problem(error("known-picture", f"`{file}` is candidate {number} of `{target}`, unchanged", file=str(file),
                            hint=f"`calotype pick {target} {number}` picks it; put in what you have retouched"))
    if line is not None and line.pixels == decision.pixels and (line.origin != IMPORTED or _stands(planned)):
        hint = (f"`calotype approve {target}` keeps it whatever its spec asks for later" if line.origin == IMPORTED else
                f"it is of a former request: `calotype build {target}` renders what is asked for now")
        raise Problem(error("known-picture", f"`{file}` is what is published of `{target}`, unchanged", file=str(file),
                            hint=hint))
    if planned.asset is Asset.FOREIGN and not workspace.assets.shows(planned.image.path, decision.pixels):
        raise Problem(in_the_way(target, planned.image.path), EXIT_FAILED)


def _stands(planned: Planned) -> bool:
    """Whether a picture that was put in is published and in its place: one of a former request, or one that is lost,
    may be put in again."""
    return planned.human.imported is not None and planned.verdict.need in (Need.UP_TO_DATE, Need.REFRESH)


def _keep(workspace: Workspace, own: _Own) -> None:
    action = import_action(own.pixels)
    width, height = own.size
    outputs = {"blob": workspace.cas.put(own.data), "pixels": own.pixels, "mode": own.mode, "width": width,
               "height": height}
    workspace.results.record([(action.key, action.kind, action.components, outputs, FACTS)])


def _publish(root: Path, target: str) -> None:
    """Puts the picture in its place, now that a decision says so. Raises Problem (exit 1) where the disk refuses: the
    next build does it then."""
    with status_query(root, (target,), create=True) as query:
        found = target_named(query, target)
        workspace, planned = query.workspace, found.planned
        if planned.chosen is None or planned.chosen is not planned.imported:
            return  # decisions of other files contradict this one: a warning says so, and a human is awaited
        _note(workspace, found)
        publishing = Publishing(workspace)
        publishing.keep(planned)
        publishing.expect(target, planned.image.path)
        refused = [problem for problem in publishing.publish([planned]) if problem is not None]
        if refused:
            raise Problem(list(map(_later, refused)), EXIT_FAILED)
        workspace.manifest.weights = {**workspace.manifest.weights, **workspace.inputs.weights}
        workspace.manifest.config = workspace.manifest.config or workspace.config_digest
        publishing.save()


def _later(problem: Diagnostic) -> Diagnostic:
    return replace(problem, hint=f"{problem.hint}; it is decided, and in the cache: `calotype build` publishes it then")


def _note(workspace: Workspace, found: Found) -> None:
    """Writes down what the picture was that it takes the place of, for its page."""
    traces = Traces(workspace.state.pages)
    traces.note(found.planned, found.places)
    traces.write()
