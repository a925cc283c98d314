"""Plain styles: those that only print words, join lists and choose by whether a word is there. They run without Jinja.

What stands here is a part of Jinja, as `sandbox` runs it. A style that holds anything else, or whose work might come
near the sandbox's bounds, is left to the sandbox: `read_plain` or `write` then give None.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass

MAX_VALUE, MAX_TEXT, MAX_DEPTH = 20_000, 100_000, 10
"""The longest value and the longest text, in characters, that are written here, and how deep choices may be nested:
less than the sandbox allows."""

_TAG = re.compile(r"[ \t]*\{% (?:(else|endif|set negative|endset)|if (\w+)) %\}")
_COMMENT = re.compile(r"[ \t]*\{#[^{}#]*#\}")
_VALUE = re.compile(r'\{\{ (\w+)(?: \| join\("([^"\\{}]*)"\))?(?: or "([^"\\{}]*)")? \}\}')


@dataclass(frozen=True, slots=True)
class Value:
    """`{{ name }}`, or `{{ name | join("separator") }}`; `default` stands where that is empty."""

    name: str
    separator: str | None
    default: str


@dataclass(frozen=True, slots=True)
class Choice:
    """`{% if name %}`: which parts are written where the value is there, and which where it is empty."""

    name: str
    present: tuple[Part, ...]
    absent: tuple[Part, ...]


Part = str | Value | Choice


@dataclass(frozen=True, slots=True)
class PlainStyle:
    body: tuple[Part, ...]
    negative: tuple[Part, ...]

    def write(self, names: Mapping[str, Any]) -> tuple[str, str] | None:
        """The text and the negative text, as the sandbox would write them; None where that is for the sandbox to do."""
        try:
            texts = "".join(_written(self.body, names)), "".join(_written(self.negative, names))
        except (TypeError, _TooLong):
            return None
        return texts if sum(map(len, texts)) <= MAX_TEXT else None


class _TooLong(Exception):
    pass


class _NotPlain(Exception):
    pass


def read_plain(source: str, texts: Collection[str], lists: Collection[str]) -> PlainStyle | None:
    """`source` where it is plain. `texts` and `lists` are the names it may print, and join."""
    reader = _Reader(source, texts, lists)
    try:
        body, end = reader.block(depth=0)
    except _NotPlain:
        return None
    return None if end else PlainStyle(body, reader.negative or ())


class _Reader:
    """Reads line by line: a line holds one tag and nothing else, or text with values."""

    def __init__(self, source: str, texts: Collection[str], lists: Collection[str]) -> None:
        self._lines = iter(source.removesuffix("\n").split("\n"))
        self._texts, self._lists = texts, lists
        self.negative: tuple[Part, ...] | None = None

    def block(self, depth: int) -> tuple[tuple[Part, ...], str]:
        """The parts up to the next tag that closes a block, and that tag: `else`, `endif`, `endset`; empty at the end
        of the source."""
        parts: list[Part] = []
        for line in self._lines:
            tag = _TAG.fullmatch(line)
            if tag is None:
                parts += [] if _COMMENT.fullmatch(line) else [*self._text(line), "\n"]
            elif tag[2]:
                parts.append(self._choice(tag[2], depth + 1))
            elif tag[1] == "set negative":
                self._set_negative(depth)
            else:
                return tuple(parts), tag[1]
        return tuple(parts), ""

    def _choice(self, name: str, depth: int) -> Choice:
        if depth > MAX_DEPTH or not (name in self._texts or name in self._lists):
            raise _NotPlain
        absent: tuple[Part, ...] = ()
        present, end = self.block(depth)
        if end == "else":
            absent, end = self.block(depth)
        if end != "endif":
            raise _NotPlain
        return Choice(name, present, absent)

    def _set_negative(self, depth: int) -> None:
        if depth or self.negative is not None:
            raise _NotPlain
        self.negative, end = self.block(depth=1)
        if end != "endset":
            raise _NotPlain

    def _text(self, line: str) -> Iterator[Part]:
        start = 0
        for match in _VALUE.finditer(line):
            yield self._literal(line[start:match.start()])
            name, separator, default = match.groups()
            if name not in (self._texts if separator is None else self._lists):
                raise _NotPlain
            yield Value(name, separator, default or "")
            start = match.end()
        yield self._literal(line[start:])

    def _literal(self, text: str) -> str:
        if "{" in text or "}" in text or "\r" in text:
            raise _NotPlain
        return text


def _written(parts: tuple[Part, ...], names: Mapping[str, Any]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Choice):
            yield from _written(part.present if names[part.name] else part.absent, names)
        else:
            yield _value(part, names[part.name])


def _value(part: Value, value: Any) -> str:
    """Raises TypeError for anything but texts, which the sandbox words, or refuses, in its own way."""
    text = value if part.separator is None else part.separator.join(value)
    if not isinstance(text, str):
        raise TypeError
    if len(text) > MAX_VALUE - len(part.separator or ""):
        raise _TooLong
    return text or part.default
