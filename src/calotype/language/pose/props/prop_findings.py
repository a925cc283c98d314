"""Findings in the props that a pose writes: names, options, repetition. Must not know where a prop would stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.diagnostics import did_you_mean
from calotype.language.pose.pose_finding import Finding
from calotype.language.pose.props.on_props import parts_of
from calotype.language.pose.props.prop_kinds import ANCHOR, BEHIND, KINDS, PROPS, Kind, Option
from calotype.language.pose.synonyms import meant
from calotype.language.pose.terms import UPRIGHT

Pointer = tuple[str | int, ...]
SHAPE = "`props` is a list of names, or of names with options"
LISTED = "[chair, {wall: {side: left}}]"
LIES = ("towel", "pillow", "roller")
"""Props that lie under something."""
FIXTURES = ("door", "doorway", "wall", "post", "hook", "table", "bed", "chair", "bar")
FIXED = "write `anchor`: what it is fixed to is not drawn"


def findings(value: Any, at: Pointer, pose: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with the props of a pose."""
    if not isinstance(value, list | Mapping):
        yield Finding(at, "error", "pose", SHAPE, LISTED)
        return
    touched = _touched(pose)
    if isinstance(value, list):
        empty = [number for number, item in enumerate(value) if item == {}]
        yield from (Finding((*at, number), "error", "pose", SHAPE, LISTED) for number in empty)
    before: list[tuple[str, Any]] = []
    for name, options, place in _written(value, at):
        kind = KINDS.get(name) if isinstance(name, str) else None
        if kind is None:
            yield Finding(
                place, "error", "pose", f"`{name}` is no known prop",
                meant(str(name), PROPS) or f"one of {', '.join(PROPS)}",
            )
            continue
        faults = list(_options(kind, options, place))
        yield from faults
        written_options = options if isinstance(options, Mapping) else {}
        if not faults:
            yield from _alone(kind, written_options, place, touched)
            yield from _together(kind, written_options, place, touched, pose)
            yield from _again(kind, written_options, place, before, touched)
        before.append((name, written_options))


def _touched(pose: Mapping[str, Any]) -> dict[str, str]:
    """The parts that the contacts of a pose name, and the surfaces; the chair of someone seated too."""
    written = pose.get("contacts")
    contacts = {str(part): surface for part, surface in written.items() if isinstance(surface, str)} if isinstance(
        written, Mapping) else {}
    return {"seat": "chair", **contacts} if pose.get("base") == "seated" else contacts


def _written(value: Any, at: Pointer) -> Iterator[tuple[Any, Any, Pointer]]:
    """Each prop, its options, and where it stands."""
    if isinstance(value, Mapping):
        yield from ((name, options, (*at, name)) for name, options in value.items())
        return
    for index, item in enumerate(value):
        if isinstance(item, Mapping):
            yield from ((name, options, (*at, index, name)) for name, options in item.items())
        else:
            yield item, None, (*at, index)


def _options(kind: Kind, options: Any, at: Pointer) -> Iterator[Finding]:
    names = ", ".join(option.name for option in kind.options)
    if options is not None and not isinstance(options, Mapping):
        yield Finding(
            at, "error", "pose", f"`{kind.name}` has options, not a value of its own",
            f"its options are {names}" if names else f"write `{kind.name}` alone",
        )
        return
    for name, value in (options or {}).items():
        option = kind.option(name)
        if option is None:
            option_names = [each.name for each in kind.options]
            yield Finding(
                (*at, name), "error", "pose", f"a {kind.name} has no `{name}`",
                (did_you_mean(str(name), option_names) or f"it has {names}") if option_names else "it has no options",
            )
        else:
            yield from _value(option, value, (*at, name))
    for option in kind.options:
        if option.required and option.name not in (options or {}):
            yield Finding(at, "error", "pose", f"a {kind.name} needs `{option.name}`: {option.meaning}",
                          f"{option.name}: {option.words[0]}")


def _value(option: Option, value: Any, at: Pointer) -> Iterator[Finding]:
    if option.words and value not in option.words:
        yield Finding(
            at, "error", "pose", f"`{value}` is no value of `{option.name}`",
            FIXED if option.name in ("from", "to") and value in FIXTURES else
            meant(str(value), option.words) or f"one of {', '.join(option.words)}",
        )
    if option.span is not None:
        low, high = option.span
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            yield Finding(
                at, "error", "pose", f"`{option.name}` is a number of centimetres, {low:g} to {high:g}",
                _in_centimetres(value, low, high),
            )


def _in_centimetres(value: Any, low: float, high: float) -> str | None:
    """What a size in metres, in millimetres or with a unit is in centimetres."""
    if isinstance(value, str):
        digits = value.strip().removesuffix("cm").strip()
        return f"write {digits}, with no unit" if digits.replace(".", "", 1).isdigit() else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return next((f"did you mean {value * by:g}?" for by in (100, 0.1) if low <= value * by <= high), None)
    return None


def _alone(kind: Kind, options: Mapping[str, Any], at: Pointer, touched: Mapping[str, str]) -> Iterator[Finding]:
    """What stands for nothing: held by no hand, under no part."""
    if kind.beside or {"under", "between", "at"} & options.keys() or kind.name in touched.values():
        return
    if kind.name in LIES:
        yield Finding(at, "error", "pose", f"the `{kind.name}` is under nothing",
                      f"say what lies on it: {{{kind.name}: {{under: right_knee}}}}")
    else:
        yield Finding(at, "error", "pose", f"nothing touches the `{kind.name}`",
                      f"say which part does: contacts: {{hands: {kind.name}}}")


def _together(
    kind: Kind, options: Mapping[str, Any], at: Pointer, touched: Mapping[str, str], pose: Mapping[str, Any]
) -> Iterator[Finding]:
    """Options that exclude each other, or that could do nothing beside the contacts of the pose."""
    if {"under", "between"} <= options.keys():
        yield Finding((*at, "between"), "error", "pose-conflict",
                      f"a {kind.name} lies `under` a part, or `between` two", "leave one of them out")
    if "from" in options:
        yield from _ends(kind, options, at)
    parts = [part for part, surface in touched.items() if surface == kind.name]
    if kind.name in ("chair", "stool") and "side" in options and parts:
        yield Finding((*at, "side"), "error", "pose-conflict", f"a {kind.name} that one is on is under the body",
                      "leave `side` out")
    behind = [part for part in parts if part in BEHIND]
    if kind.name == "wall" and options.get("side", "behind") != "behind" and behind and (
        pose.get("base", "standing") in UPRIGHT
    ):
        yield Finding((*at, "side"), "error", "pose-conflict",
                      f"the {behind[0]} cannot be on a wall {_where(options['side'])}", "side: behind")
    if "between" in options and parts:
        yield Finding((*at, "between"), "error", "pose-conflict",
                      f"a {kind.name} that lies `between` parts touches no other: `{parts[0]}` cannot")


def _where(side: str) -> str:
    return {"front": "in front", "behind": "behind"}.get(side, f"on the {side}")


def _ends(kind: Kind, options: Mapping[str, Any], at: Pointer) -> Iterator[Finding]:
    first, last = options["from"], options["to"]
    if set(parts_of(first)) & set(parts_of(last)):
        yield Finding((*at, "to"), "error", "pose-conflict", f"a {kind.name} cannot run from `{first}` to itself",
                      "name two parts, or an anchor: {from: anchor, to: right_hand}")
    elif ANCHOR not in (first, last):
        for name in ("side", "height"):
            if name in options:
                yield Finding((*at, name), "error", "pose-conflict",
                              f"`{name}` is where the anchor of a {kind.name} is: this one has none",
                              f"{{from: anchor, to: {last}}}, or leave `{name}` out")


def _shared(options: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    """Whether two props lie under one part."""
    under = (set(parts_of(each["under"])) if "under" in each else set() for each in (options, others))
    return bool(set.intersection(*under))


def _again(
    kind: Kind, options: Mapping[str, Any], at: Pointer, before: list[tuple[str, Any]], touched: Mapping[str, str]
) -> Iterator[Finding]:
    """One prop said twice, where it makes no sense."""
    same = [earlier for name, earlier in before if name == kind.name]
    if not same:
        return
    if not kind.several or options in same:
        yield Finding(at, "error", "pose-conflict", f"`{kind.name}` is said twice", "leave one of them out")
    elif set(kind.surfaces) & set(touched.values()):
        yield Finding(at, "error", "pose-conflict",
                      f"there are two of `{kind.name}`, and the contacts do not say which of them they are on",
                      "leave one of them out")
    elif any(_shared(options, earlier) for earlier in same):
        yield Finding((*at, "under"), "error", "pose-conflict",
                      f"`{options['under']}` lies on a {kind.name} already", "leave one of them out")
