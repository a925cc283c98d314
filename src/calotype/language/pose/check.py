"""Findings in a written pose: names, sides, ranges. Must not know the file it stands in, nor how it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.written_numbers import number_hint
from calotype.language.pose.chains import CYCLE, MAX_DEPTH, Chains, Library
from calotype.language.pose.pose_finding import Finding
from calotype.language.pose.props import prop_findings
from calotype.language.pose.props.contact_findings import excluded
from calotype.language.pose.props.prop_kinds import SURFACES
from calotype.language.pose.synonyms import joint_hint, meant, value_hint
from calotype.language.pose.terms import (
    BASES,
    BUILDS,
    HAIRS,
    HEIGHTS,
    JOINTS,
    KEYS,
    LANDMARKS,
    MIDLINE_PARTS,
    PARTS,
    PATHS,
    PLURALS,
    SEXES,
    SHOWS,
    SIDES,
    Joint,
)

SINGLE_PARTS = tuple(f"{side}_{part}" for side in SIDES for part in PARTS) + MIDLINE_PARTS
PART_NAMES = SINGLE_PARTS + tuple(PLURALS) + ("toes",)
ARCS = tuple(
    name if joint.laterality == "axial" else f"{side}_{name}"
    for name, joint in JOINTS.items()
    for side in (SIDES if joint.sided else ("",))
)
FIGURE = ("height", "build", "sex", "hair")
"""What a pose may say of its figure."""


def check(value: Any, library: Library, chains: Chains | None = None) -> list[Finding]:
    """Every fault of a pose (a mapping, or a pose's id), in the order in which it is written. `chains` of the library
    spare finding them again."""
    return list(_pose(value, (), library, chains or Chains(library), 0))


def _pose(
    value: Any, at: tuple[str | int, ...], library: Library, chains: Chains, depth: int
) -> Iterator[Finding]:
    if isinstance(value, str):
        yield from _reference(value, at, library, chains, depth)
        return
    if not isinstance(value, Mapping):
        yield Finding(at, "error", "pose", "a pose is a mapping of joints, or the id of a pose")
        return
    if depth > MAX_DEPTH:
        return
    for key, item in value.items():
        place = (*at, key)
        if key in JOINTS:
            yield from _angle(JOINTS[key], item, "", place)
        elif key in SIDES:
            yield from _side(key, item, place)
        elif key in ("base", "mirror_of"):
            yield from _reference(item, place, library, chains, depth)
        elif key in ("from", "to"):
            yield from _pose(item, place, library, chains, depth + isinstance(item, Mapping))
        elif key == "props":
            yield from prop_findings.findings(item, place, value)
        elif key in KEYS:
            yield from _extra(key, item, place)
        else:
            yield Finding(
                place,
                "error",
                "unknown-joint",
                f"`{key}` is no joint of a pose",
                f"write figure: {{{key}: {item}}}" if key in FIGURE else joint_hint(str(key), item, others=KEYS),
            )
    yield from _conflicts(value, at, "")
    for side in SIDES:
        if isinstance(value.get(side), Mapping):
            yield from _conflicts(value[side], (*at, side), side)
    if "mirror_of" in value and ("base" in value or "from" in value or "to" in value):
        yield Finding(
            (*at, "mirror_of"),
            "error",
            "pose-conflict",
            "`mirror_of` stands instead of `base`, `from` and `to`",
        )


def _side(side: str, angles: Any, at: tuple[str | int, ...]) -> Iterator[Finding]:
    if not isinstance(angles, Mapping):
        yield Finding(at, "error", "pose", f"`{side}` is a mapping of joints to degrees")
        return
    for key, item in angles.items():
        joint = JOINTS.get(key)
        if joint is None:
            yield Finding(
                (*at, key),
                "error",
                "unknown-joint",
                f"`{key}` is no joint of the {side} side",
                joint_hint(str(key), item, side),
            )
        elif not joint.sided:
            yield Finding(
                (*at, key),
                "error",
                "wrong-side",
                f"`{key}` is on the midline and has no {side} side",
                f"write it beside `{side}`, not under it",
            )
        else:
            yield from _angle(joint, item, side, (*at, key))


def _angle(joint: Joint, value: Any, side: str, at: tuple[str | int, ...]) -> Iterator[Finding]:
    unit = "cm" if joint.unit == "cm" else "degrees"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        text = isinstance(value, str)
        message = f"`{joint.name}` wants a number of {unit}" + (f"; this is text `{value}`" if text else "")
        hint = value_hint(joint.name, value) or (number_hint(value) if text else None)
        yield Finding(at, "error", "not-a-number", message, hint)
        return
    if joint.laterality == "directed" and not side:
        yield Finding(
            at,
            "error",
            "needs-side",
            f"`{joint.name}` needs a side",
            f"left: {{{joint.name}: {value:g}}} turns or bends it to the subject's left",
        )
        return
    for limits, severity, code, word in (
        (joint.possible, "error", "beyond-possible", "possible"),
        (joint.normal, "warning", "beyond-normal", "normal"),
    ):
        low, high = limits
        if not low <= value <= high:
            name = f"{side} {joint.name}" if side else joint.name
            yield Finding(
                at,
                "error" if severity == "error" else "warning",
                code,
                f"{name} {value:g} is beyond the {word} range, {low:g} to {high:g} {unit} ({joint.source})",
            )
            return


def _conflicts(angles: Mapping[str, Any], at: tuple[str | int, ...], side: str) -> Iterator[Finding]:
    """One axis said twice: flexion and extension of one joint."""
    seen: dict[str, str] = {}
    for key in angles:
        joint = JOINTS.get(key)
        if joint is None:
            continue
        first = seen.setdefault(joint.axis, key)
        if first != key:
            yield Finding(
                (*at, key), "error", "pose-conflict", f"`{key}` and `{first}` are one axis, said twice"
            )


def _reference(
    name: Any, at: tuple[str | int, ...], library: Library, chains: Chains, depth: int
) -> Iterator[Finding]:
    if not isinstance(name, str):
        yield Finding(
            at, "error", "unknown-pose", "the name of a base posture or of a pose in specs/poses/ is a text"
        )
    elif name not in BASES and name not in library:
        yield Finding(
            at,
            "error",
            "unknown-pose",
            f"there is no pose `{name}`",
            meant(name, [*BASES, *library])
            or f"base postures are {', '.join(BASES)}; one of your own stands in specs/poses/{name}.yaml",
        )
    elif (height := chains.height(name)) == CYCLE:
        yield Finding(at, "error", "pose-cycle", f"the pose `{name}` rests on itself")
    elif depth + height > MAX_DEPTH:
        yield Finding(
            at, "error", "pose-depth", f"more than {MAX_DEPTH} poses rest on one another here",
            f"write what `{name}` comes to in a pose that stands on a base posture",
        )


def _extra(key: str, value: Any, at: tuple[str | int, ...]) -> Iterator[Finding]:
    if key in ("mirror", "solve"):
        if not isinstance(value, bool):
            yield Finding(at, "error", "pose", f"`{key}` is true or false")
    elif key == "fraction":
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            yield Finding(at, "error", "pose", "`fraction` is a number from 0 (`from`) to 1 (`to`)")
    elif key == "figure":
        yield from _figure(value, at)
    elif key == "contacts":
        yield from _contacts(value, at)
    elif key == "arrows":
        yield from _arrows(value, at)
    else:
        yield from _words(value, at, {"show": SHOWS, "arcs": ARCS}[key])


def _figure(value: Any, at: tuple[str | int, ...]) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield Finding(at, "error", "pose", "`figure` is {height: 186, build: broad}")
        return
    for key, item in value.items():
        if key == "height":
            yield from _height(item, (*at, key))
        elif key == "build":
            yield from _word(item, (*at, key), tuple(BUILDS), "build")
        elif key == "sex":
            yield from _word(item, (*at, key), tuple(SEXES), "sex")
        elif key == "hair":
            yield from _word(item, (*at, key), HAIRS, "hair")
        else:
            yield from _word(key, (*at, key), FIGURE, "measure of a figure")


def _height(value: Any, at: tuple[str | int, ...]) -> Iterator[Finding]:
    low, high = HEIGHTS
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        number = isinstance(value, (int, float)) and low <= 100 * value <= high
        yield Finding(
            at, "error", "pose", f"`height` is a number of centimetres, {low:g} to {high:g}",
            f"did you mean {100 * value:g}?" if number else value_hint("height", value),
        )


def _contacts(value: Any, at: tuple[str | int, ...]) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield Finding(at, "error", "pose", "`contacts` maps parts of the body to what they touch")
        return
    for part, surface in value.items():
        yield from _word(part, (*at, part), PART_NAMES, "part of the body")
        yield from _word(surface, (*at, part), SURFACES, "surface")
    yield from excluded(value, at)


def _arrows(value: Any, at: tuple[str | int, ...]) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield Finding(at, "error", "pose", "`arrows` is a list of {of, path, size}")
        return
    for index, arrow in enumerate(value):
        place = (*at, index)
        if not isinstance(arrow, Mapping) or not {"of", "path"} <= set(arrow) <= {"of", "path", "size"}:
            yield Finding(place, "error", "pose", "an arrow is {of: right_hand, path: circle, size: 20}")
            continue
        yield from _word(arrow["of"], (*place, "of"), LANDMARKS, "landmark")
        yield from _word(arrow["path"], (*place, "path"), PATHS, "path")
        size = arrow.get("size", 1)
        if isinstance(size, bool) or not isinstance(size, (int, float)) or not 0 < size <= 200:
            yield Finding((*place, "size"), "error", "pose", "`size` is a number of centimetres, 0 to 200")


def _words(value: Any, at: tuple[str | int, ...], known: tuple[str, ...]) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield Finding(at, "error", "pose", f"`{at[-1]}` is a list")
        return
    for index, word in enumerate(value):
        yield from _word(word, (*at, index), known, "word here")


def _word(word: Any, at: tuple[str | int, ...], known: tuple[str, ...], what: str) -> Iterator[Finding]:
    if not isinstance(word, str) or word not in known:
        yield Finding(
            at,
            "error",
            "pose",
            f"`{word}` is no known {what}",
            meant(str(word), known) or f"one of {', '.join(known[:12])}",
        )
