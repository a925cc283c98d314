"""A pose drawn by itself, with its words and its conditioning maps. Must not know targets, caches or terminals."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.light_dataclass import dataclass, replace
from calotype.ground.refusals import make_output_folder
from calotype.language.pose.alt_text import alt_text, long_description
from calotype.language.pose.muscle_names import tinted
from calotype.language.pose.props.through import faults
from calotype.language.pose.stance import contacts, rest, result, settled
from calotype.language.pose.terms import JOINTS, SIDES
from calotype.language.pose.views.in_view import in_view
from calotype.queries.pose_source import PoseSource, Sighting, find

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

DRAWING, VECTOR, KEYPOINTS = "drawing.png", "drawing.svg", "keypoints.json"


@dataclass(frozen=True, slots=True)
class PoseOptions:
    """How a pose is to be drawn; None leaves it to the target, or to the defaults. `size` is in pixels.

    `svg` asks for the line drawing as SVG too, whatever `drawing` is. `profile` is the ControlNet whose limb widths the
    OpenPose map has: `openpose` or `xinsir`; with `hidden` it shows the joints that lie behind another part, too.
    `person` is the one of several in keypoint JSON, counted from 1; None is the one whose points are the most certain.
    """

    maps: bool = False
    view: str | None = None
    side: str | None = None
    size: tuple[int, int] | None = None
    drawing: str | None = None
    profile: str = "openpose"
    svg: bool = False
    hidden: bool = False
    person: int | None = None


@dataclass(frozen=True, slots=True)
class PoseResult:
    """What a pose is and says. `posture` is canonical; `written` the pose document that keypoints gave, else None;
    `paths` are the files written, in order.

    `angles` are those of the body as it comes to rest; `contacts` has {part, surface, gap} of each contact, its base's
    included, and `none` as the surface of one that was `released`; gaps, and by how much the body passes through floor,
    wall, prop or itself (`penetration`), are centimetres.
    """

    name: str
    view: str
    side: str
    size: tuple[int, int]
    drawing: str
    posture: Mapping[str, Any]
    written: Mapping[str, Any] | None
    alt: str
    description: str
    paths: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    angles: Mapping[str, Any]
    contacts: tuple[Mapping[str, Any], ...]
    penetration: float


def pose(root: Path | None, path: str, to: Path | None, options: PoseOptions) -> PoseResult:
    """Finds what `path` names and, where `to` is given, draws it into that folder.

    Files of the same names there are replaced, each whole or not at all; no other is touched.
    """
    sighting = Sighting(options.view, options.side or "right", options.size, options.person)
    subject = _wished(find(root, path, sighting), options)
    paths = tuple(_write(to, files(subject, options))) if to is not None else ()
    return PoseResult(
        subject.name, subject.view, subject.side, subject.size, subject.drawing, subject.posture, subject.written,
        subject.alt or _alt(subject),
        long_description(subject.posture, subject.view, subject.side), paths, subject.diagnostics,
        *_rested(subject.posture),
    )


def _alt(subject: PoseSource) -> str:
    tints = tinted(subject.muscles, subject.posture)
    shown = list(in_view(tints, subject.posture, subject.view, subject.side))
    return alt_text(subject.posture, subject.view, subject.side, muscles=shown, joints=subject.joints)


def _rested(posture: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[dict[str, Any], ...], float]:
    """Angles, contacts and penetration of a posture at rest."""
    rested, written = result(posture), contacts(posture)
    touching = {contact.part: contact.gap for contact in rested.contacts}
    rows: list[dict[str, Any]] = []
    for part, surface in sorted(written.items()):
        if part in rested.released:
            rows.append({"part": part, "surface": "none", "gap": 0.0, "released": surface})
        else:
            rows.append({"part": part, "surface": surface, "gap": _centimetres(touching.get(part, 0.0))})
    angles = _told({key: value for key, value in rested.posture.items() if key in JOINTS or key in SIDES})
    passed, _ = faults(settled(posture), rest(posture))
    return angles, tuple(rows), _centimetres(max([rested.sunk, *(depth for _, depth in passed)]))


def _told(angles: Mapping[str, Any]) -> dict[str, Any]:
    """Angles in order, without those that are zero."""
    return {
        key: _told(value) if isinstance(value, Mapping) else value for key, value in sorted(angles.items()) if value
    }


def _centimetres(metres: float) -> float:
    return round(100 * metres, 2) + 0.0


def files(subject: PoseSource, options: PoseOptions) -> dict[str, bytes]:
    """The files of a pose, by name: its drawing and what else is wished for."""
    from calotype.workers.render.mannequin.draw import draw

    files = {DRAWING: _png(draw(request(subject)))}
    if options.svg:
        from calotype.workers.render.mannequin.svg import svg

        files[VECTOR] = svg(request(subject)).encode()
    if options.maps:
        from calotype.workers.render.mannequin.maps import maps

        made = maps(subject.posture, subject.view, subject.side, subject.size, subject.joints, profile=options.profile,
                    hidden=options.hidden)
        files |= {f"{kind}.png": _png(picture) for kind, picture in made.pictures.items()}
        files[KEYPOINTS] = (json.dumps(made.keypoints) + "\n").encode()
    return files


def request(subject: PoseSource) -> dict[str, Any]:
    """The mannequin's request without a seed: the pose itself, so that drawing and maps lie on one another."""
    return {
        "seed": None, "size": list(subject.size), "drawing": subject.drawing, "view": subject.view,
        "side": subject.side, "posture": subject.posture, "muscles": list(tinted(subject.muscles, subject.posture)),
        "joints": list(subject.joints),
    }


def _wished(subject: PoseSource, options: PoseOptions) -> PoseSource:
    changes: dict[str, Any] = {
        name: value for name in ("view", "side", "size", "drawing") if (value := getattr(options, name)) is not None
    }
    # an author's alt text tells of the author's view
    return replace(subject, **changes, alt="") if {"view", "side"} & set(changes) else replace(subject, **changes)


def _write(to: Path, made: Mapping[str, bytes]) -> list[str]:
    """Raises Problem where a file stands in the folder's way, or a folder in a file's."""
    hint = "name another folder with -o"
    make_output_folder(to, hint)
    for name, data in made.items():
        try:
            write_bytes(to / name, data)
        except (NotADirectoryError, FileExistsError, IsADirectoryError):
            raise Problem(error("in-the-way", f"`{(to / name).as_posix()}` cannot be written: something else is there",
                                hint=hint)) from None
    return [(to / name).as_posix() for name in made]


def _png(picture: Pixels) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
