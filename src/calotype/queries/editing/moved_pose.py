"""A pose that is being moved: its figure, its angles, what is wrong with it, and how it is best written. Must not know
targets, nor HTTP."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.light_dataclass import dataclass
from calotype.language import pose
from calotype.language.pose.chains import Library
from calotype.language.pose.contact.surfaces import contacts
from calotype.language.pose.muscle_names import tinted
from calotype.language.pose.stance import settled
from calotype.language.pose.terms import AXES, BASES, JOINTS, SIDES
from calotype.language.pose.unmet import unmet
from calotype.language.yaml.editing.emitting import block, flow
from calotype.project.specs.shared_files import SharedFiles, take_snapshot
from calotype.queries.editing.minimal_pose import minimal, plain

QUICK = 1
"""zlib's level for a picture that is shown for a moment."""
Angles = dict[str, dict[str, float]]
"""By side, `middle` for the midline: the angle along each axis."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What is to be drawn. `part` is the phase of a movement whose angles are asked for: `from`, `to`, or "" for all.
    `thorough` draws it as finely as a picture, and asks also which contacts are not met, and what would let them;
    `implied` tells whether the base that `position` names may be left out."""

    pose: Mapping[str, Any]
    position: str = "standing"
    view: str = "oblique"
    side: str = "right"
    size: tuple[int, int] = (512, 512)
    drawing: str = "line"
    part: Literal["", "from", "to"] = ""
    muscles: tuple[str, ...] = ()
    joints: tuple[str, ...] = ()
    vector: bool = False
    implied: bool = True
    thorough: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """The figure (PNG or SVG); the pose in as few words, and as YAML; the angles as it comes to rest, and those of what
    the part rests on; what touches what, by phase ("" for the whole); what is to be said of it."""

    picture: bytes
    pose: dict[str, Any]
    yaml: str
    angles: Angles
    base: Angles
    contacts: Mapping[str, Mapping[str, str]]
    diagnostics: tuple[Diagnostic, ...]


def show(root: Path, files: SharedFiles, moved: Moved) -> Shown:
    """Draws the pose by the mannequin, with the poses of the project at `root`, which `files` keeps. Raises Problem
    with every error of the pose: no angle beyond what is possible is drawn."""
    library = take_snapshot(root, files).poses
    if moved.position not in BASES:
        hint = f"one of {', '.join(BASES)}"
        raise Problem(error("unknown-value", f"there is no position `{moved.position}`", hint=hint))
    findings = pose.check(moved.pose, library)
    if any(finding.severity == "error" for finding in findings):
        raise Problem(_diagnostics(findings))
    posture = pose.resolve(moved.pose, moved.position, library)
    part, base = _part(moved, library)
    written = minimal(moved.pose, moved.position if moved.implied else None, library)
    if moved.thorough:
        findings += unmet(posture, moved.pose)
    return Shown(_picture(moved, posture), written, as_yaml(written), _angles(settled(part)), _angles(base),
                 _touching(posture), tuple(_diagnostics(findings)))


def _touching(posture: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    phases = {"": posture, **{name: posture[name] for name in ("from", "to") if name in posture}}
    return {name: dict(sorted(contacts(each).items())) for name, each in phases.items()}


def as_yaml(written: Mapping[str, Any]) -> str:
    """The lines of a pose in a spec."""
    if set(written) == {"base"}:
        return f"pose: {flow(dict(written))}"
    return f"pose:\n{block(dict(written), 2, chr(10))}" if written else "pose: {}"


def _part(moved: Moved, library: Library) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The canonical posture of the part whose angles are asked for, and of what it rests on."""
    written: Any = moved.pose
    if moved.part:
        written = written.get(moved.part) or {}
        if isinstance(written, Mapping) and not {"base", "mirror_of"} & {*written} and "base" in moved.pose:
            written = {"base": moved.pose["base"], **written}
    bare = written
    if isinstance(written, Mapping):
        bare = {key: value for key, value in written.items() if key not in JOINTS and key not in SIDES}
    return pose.resolve(written, moved.position, library), pose.resolve(bare, moved.position, library)


def _angles(posture: Mapping[str, Any]) -> Angles:
    angles: Angles = {"left": {}, "right": {}, "middle": {}}
    for axis in AXES:
        for side in SIDES if axis.laterality == "paired" else ("middle",):
            values = posture if side == "middle" else posture.get(side, {})
            angles[side][axis.name] = plain(round(float(values.get(axis.name, 0.0)), 1))
    return angles


def _picture(moved: Moved, posture: Mapping[str, Any]) -> bytes:
    request = {
        "seed": None, "size": list(moved.size), "drawing": moved.drawing, "view": moved.view, "side": moved.side,
        "posture": posture, "muscles": list(tinted(moved.muscles, posture)), "joints": list(moved.joints)}
    if moved.vector:
        from calotype.workers.render.mannequin.svg import svg

        return svg(request).encode()
    from calotype.workers.render.mannequin.draw import draw

    out = io.BytesIO()
    draw(request, None if moved.thorough else 1).save(out, "PNG", compress_level=QUICK)
    return out.getvalue()


def _diagnostics(findings: list[pose.Finding]) -> list[Diagnostic]:
    return [Diagnostic(each.severity, each.code, each.message, hint=each.hint) for each in findings]
