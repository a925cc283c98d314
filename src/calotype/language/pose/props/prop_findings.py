"""Findings in the props that a pose writes: names, options, repetition. Must not know where a prop would stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.diagnostics import did_you_mean
from calotype.language.pose.pose_finding import Finding
from calotype.language.pose.props.prop_kinds import KINDS, PROPS, Kind, Option
from calotype.language.pose.synonyms import meant

Pointer = tuple[str | int, ...]
SHAPE = "`props` is a list of names, [chair, mat], or of names with options, [{wall: {side: left}}]"


def findings(value: Any, at: Pointer, touched: frozenset[str]) -> Iterator[Finding]:
    """What is wrong with the props of a pose whose contacts name the surfaces `touched`."""
    if not isinstance(value, list | Mapping):
        yield Finding(at, "error", "pose", SHAPE)
        return
    before: set[str] = set()
    for name, options, place in _written(value, at):
        kind = KINDS.get(name) if isinstance(name, str) else None
        if kind is None:
            yield Finding(
                place, "error", "pose", f"`{name}` is no known prop",
                meant(str(name), PROPS) or f"one of {', '.join(PROPS)}",
            )
            continue
        yield from _options(kind, options, place)
        if not kind.beside and name not in touched:
            yield Finding(
                place, "error", "pose", f"nothing touches the `{name}`",
                f"say which part does: contacts: {{hands: {name}}}",
            )
        if name in before and not kind.several:
            yield Finding(place, "error", "pose", f"`{name}` is said twice")
        before.add(name)


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
    if options is not None and not isinstance(options, Mapping):
        names = ", ".join(option.name for option in kind.options)
        yield Finding(
            at, "error", "pose", f"`{kind.name}` has options, not a value of its own",
            f"its options are {names}" if names else f"write `{kind.name}` alone",
        )
        return
    for name, value in (options or {}).items():
        option = kind.option(name)
        if option is None:
            known = [option.name for option in kind.options]
            yield Finding(
                (*at, name), "error", "pose", f"a {kind.name} has no `{name}`",
                (did_you_mean(str(name), known) or f"it has {', '.join(known)}") if known else "it has no options",
            )
        else:
            yield from _value(option, value, (*at, name))
    for option in kind.options:
        if option.required and option.name not in (options or {}):
            yield Finding(at, "error", "pose", f"a {kind.name} needs `{option.name}`: {option.meaning}")


def _value(option: Option, value: Any, at: Pointer) -> Iterator[Finding]:
    if option.words and value not in option.words:
        yield Finding(
            at, "error", "pose", f"`{value}` is no `{option.name}` of it",
            meant(str(value), option.words) or f"one of {', '.join(option.words[:12])}",
        )
    if option.span is not None:
        low, high = option.span
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            yield Finding(at, "error", "pose", f"`{option.name}` is a number of centimetres, {low:g} to {high:g}")
