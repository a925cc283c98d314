"""Previews of images that take long to render: which there are to be, and which are of targets that are no more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from calotype.engine.rebuild import Need
from calotype.ground.fingerprint import fingerprint_at
from calotype.ground.folders import CONTENT
from calotype.plan.planned import Planned
from calotype.project.changes import ChangeSet
from calotype.project.opening import Session
from calotype.project.overrides import DRAWN, Profile
from calotype.project.workspace import Workspace
from calotype.results.publish.line import Line
from calotype.results.sheet import Preview
from calotype.run.publishing import Publishing

NO_POSE = "it has no pose to draw"


def takes_long(planned: Planned, workspace: Workspace) -> bool:
    """Whether a picture of it is about to be rendered by a renderer that does not just draw."""
    if planned.verdict.need not in (Need.PERFORM, Need.WAIT) or "render" not in planned.missing:
        return False
    return not getattr(workspace.renderer(planned.image.renderer), "exact", False)


def undrawable(planned: Planned, profile: Profile) -> str:
    """Why there can be no preview of it; empty where there can."""
    return NO_POSE if profile.renderer == DRAWN and not planned.image.posed else ""


def preview_of_line(line: Line, profile: Profile) -> Preview:
    """What pages show of a preview that is published."""
    return Preview(profile.name, line.path, line.sha256, line.size, line.title, line.alt, line.caption)


def previews_of(
    targets: Collection[str], unmade: Mapping[str, str], workspace: Workspace
) -> tuple[dict[str, Preview], dict[str, str]]:
    """The previews that a build of `targets` has left, by target, and why the others have none; `unmade` are those that
    it could not make, with the reason."""
    lines = {target: workspace.manifest.line(target) for target in targets if target not in unmade}
    shown = {target: preview_of_line(line, workspace.profile) for target, line in lines.items() if line is not None}
    return shown, {target: unmade.get(target, "it was not drawn") for target in targets if target not in shown}


def sweep(
    session: Session, profile: Profile, main: Workspace, change_set: ChangeSet, asked: Mapping[str, str]
) -> None:
    """Removes the previews of targets that no spec asks for any more, at their paths. `asked` maps the paths of assets
    to targets, as the specs of the change set want them; `main` is the workspace that tells of the others."""
    examined = (*change_set.files, *change_set.gone)
    before = {path for file in examined for _, path in main.state.targets_of(file)}
    previews = session.previews
    is_swept = bool(previews.swept) and previews.swept == mark_of(main.layout.record)
    if not (main.root / profile.content).is_dir() or (is_swept and before <= asked.keys()):
        return
    others = {} if change_set.whole else main.state.targets()
    unexamined = (path for file, targets in others.items() if file not in examined for _, path in targets)
    known = {path.removeprefix(CONTENT) for path in (*asked, *unexamined)}
    with previews.workspace(profile, create=True) as workspace:
        publishing = Publishing(workspace)
        publishing.stale = [line for line in _lines(workspace) if line.path.removeprefix(profile.content) not in known]
        if publishing.stale:
            publishing.remove_stale()
            publishing.save()


def mark_of(record: Path) -> bytes:
    """What tells the record of one build from that of another; empty where there is none."""
    try:
        return fingerprint_at(str(record))
    except OSError:
        return b""


def _lines(workspace: Workspace) -> Iterator[Line]:
    for shard in workspace.manifest.shards():
        yield from workspace.manifest.lines(shard)
