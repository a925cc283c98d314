"""Finding a plug-in by its name: built in, else an installed entry point. Must not know what plug-ins do."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, did_you_mean, error

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Members = Mapping[str, type | None]
"""What a plug-in must have: the type of an attribute, None for a method."""


def find(name: str, word: str, builtin: Mapping[str, str], members: Members) -> Any:
    """The object called `name`: of a built-in class, or what an entry point of its group names.

    `word` is what people call it (`renderer`); the group is `calotype.<word>s`. `builtin` maps names to
    `module:Class`, and saves the 45 ms that reading the installed entry points costs. Raises Problem when
    there is no such name, or when what it names cannot be imported, made or used; the hint says what to do.
    """
    if name in builtin:
        module, _, attribute = builtin[name].partition(":")
        return getattr(import_module(module), attribute)()
    points = _entry_points(word)
    offered = [point for point in points if point.name == name]
    if not offered:
        raise Problem(_unknown(name, word, sorted({*builtin, *(point.name for point in points)})))
    if len(offered) > 1:
        raise _broken(offered[0], word, f"is offered by {_source(offered[1])} too")
    found = _load(offered[0], word)
    _check(found, offered[0], word, members)
    return found


def source_file(plugin: object) -> Path | None:
    """The file of the module that defines `plugin`, or None. Other bytes there: maybe another epoch."""
    module = plugin.__name__ if isinstance(plugin, type(sys)) else type(plugin).__module__
    file = getattr(sys.modules.get(module), "__file__", None)
    return Path(file) if file else None


def _entry_points(word: str) -> list[EntryPoint]:
    from importlib.metadata import entry_points

    return list(entry_points(group=f"calotype.{word}s"))


def _unknown(name: str, word: str, known: list[str]) -> Any:
    hint = " ".join(filter(None, [did_you_mean(name, known), f"(installed: {', '.join(known)})"]))
    return error(f"unknown-{word}", f"there is no {word} `{name}`", hint=hint)


def _load(point: EntryPoint, word: str) -> Any:
    try:
        found = point.load()
        return found() if isinstance(found, type) else found
    except (Exception, SystemExit) as failure:
        said = f"{type(failure).__name__}: {failure}".splitlines()[0]
        raise _broken(point, word, f"cannot be loaded: {said}") from failure


def _check(found: Any, point: EntryPoint, word: str, members: Members) -> None:
    wrong = [name for name, kind in members.items() if not _fits(getattr(found, name, None), kind)]
    if wrong:
        said = ", ".join(f"`{name}`" for name in wrong)
        raise _broken(point, word, f"lacks {said} of the {word}'s protocol, version 1")
    if found.name != point.name:
        raise _broken(point, word, f"calls itself `{found.name}`")


def _fits(member: object, kind: type | None) -> bool:
    return callable(member) if kind is None else type(member) is kind


def _broken(point: EntryPoint, word: str, why: str) -> Problem:
    message = f"the {word} `{point.name}` of {_source(point)} {why}"
    hint = f"reinstall, update or remove {_source(point)}, or use another {word}"
    return Problem(error(f"broken-{word}", message, hint=hint))


def _source(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value
