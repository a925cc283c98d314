"""Plain block YAML, as most specs are written, to data without a parser.

It takes lines that hold a key, a dash or both, and one value: text that begins with a letter, a decimal number, true
or false, a quoted text without escapes, or a list or mapping in brackets on the same line. Anything else is left to
libyaml (`values.read`): anchors, tags, block texts, empty values, other spellings of numbers and booleans, keys that
stand twice. What is taken here has the value that libyaml finds; places are looked up with libyaml when something is
reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

MAX_BYTES, MAX_DEPTH = 1 << 16, 20
"""Larger or deeper documents are left to libyaml, which holds the bounds of all documents."""

_FOREIGN = re.compile("[^\n -~\xa1-\u024f\u2010-\u2015\u2018-\u201f\u2026]")
_KEY = r"[A-Za-z_][A-Za-z0-9_-]{0,63}"
_QUOTED = r""""[^"\\\n]*"|'[^'\n]*'"""
_NUMBER = r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?"
_LINE = re.compile(
    rf"( *)((?:- +)?)(?:({_KEY}):(?=[ \n]))? *"  # indent, dash, key
    rf"({_QUOTED}|\[.*\]|{{.*}}|[A-Za-z](?:[^:#\n]*[^:#\n ])?|{_NUMBER})?"  # value
    r"(?: +#.*| *)(.*)\n")  # a comment behind the value; what fits nowhere, or a comment without one
_TOKEN = re.compile(
    rf"( *(?:([][{{}},])|({_KEY}): +"  # a bracket or comma, a key
    rf"|({_QUOTED}|[A-Za-z](?:[\w /.()+'-]*[\w/.()+])?|{_NUMBER}(?=[] ,}}]))) *)", re.ASCII)  # a scalar
_WHOLE = itemgetter(0)
_WORDS = {"true": True, "false": False}
_OTHER_WORDS = frozenset(("yes", "no", "on", "off", "true", "false", "null"))
"""Words that may mean more than text in YAML 1.1, in any case."""
_LONGEST_WORD = max(map(len, _OTHER_WORDS))


Open = list[tuple[int, dict[str, Any] | list[Any]]]
"""The column and the value of each collection that is open, from the outermost in."""


class _NotPlain(Exception):
    pass


def read_plain(text: bytes) -> dict[str, Any] | None:
    """The mapping that `text` (UTF-8) holds, or None where it takes a parser to know."""
    if len(text) > MAX_BYTES:
        return None
    decoded = text.decode()
    if not decoded.replace("\n", "").isprintable() or (not decoded.isascii() and _FOREIGN.search(decoded)):
        return None
    try:
        return _block(decoded if decoded.endswith("\n") else decoded + "\n")
    except (_NotPlain, StopIteration):
        return None


def _block(text: str) -> dict[str, Any]:
    """The mapping that the lines of `text` make. Raises _NotPlain."""
    root: dict[str, Any] = {}
    open_at: Open = [(0, root)]
    waiting: tuple[dict[str, Any], str] | None = None  # the mapping and key whose value begins on the next line
    for indent, dash, key, value, rest in _LINE.findall(text):
        if rest and (value or dash or rest[0] != "#"):
            raise _NotPlain
        if not (key or dash or value):
            continue  # an empty line, or a comment
        column = len(indent)
        if waiting is not None:
            _open(open_at, waiting, column, bool(dash))
            waiting = None
        own_column, collection = open_at[-1]
        if own_column != column or isinstance(collection, list) is not bool(dash):
            collection = _collection_at(open_at, column, bool(dash))
        if isinstance(collection, list):
            if not key:
                collection.append(_value(value))
                continue
            item: dict[str, Any] = {}
            collection.append(item)
            open_at.append((column + len(dash), item))
            collection = item
        if not key or key in collection or key.lower() in _OTHER_WORDS:
            raise _NotPlain
        if value:
            collection[key] = _value(value)
        else:
            waiting = collection, key
            collection[key] = None
    if waiting is not None or not root:
        raise _NotPlain
    return root


def _open(open_at: Open, waiting: tuple[dict[str, Any], str], column: int, is_list: bool) -> None:
    """Opens the collection that begins at `column` as the value that is waited for."""
    mapping, key = waiting
    own_column = open_at[-1][0]
    if column < own_column or (column == own_column and not is_list) or len(open_at) > MAX_DEPTH:
        raise _NotPlain
    collection: dict[str, Any] | list[Any] = [] if is_list else {}
    mapping[key] = collection
    open_at.append((column, collection))


def _collection_at(open_at: Open, column: int, is_list: bool) -> dict[str, Any] | list[Any]:
    """The innermost open list, or mapping, at `column`; those inside it are closed."""
    while open_at[-1][0] > column or (open_at[-1][0] == column and isinstance(open_at[-1][1], list) and not is_list):
        open_at.pop()
        if not open_at:
            raise _NotPlain
    own_column, collection = open_at[-1]
    if own_column != column or isinstance(collection, list) is not is_list:
        raise _NotPlain
    return collection


def _value(text: str) -> Any:
    """The value of one line."""
    first = text[:1]
    if first in ("[", "{"):
        tokens = _TOKEN.findall(text)
        if sum(map(len, map(_WHOLE, tokens))) != len(text):
            raise _NotPlain
        rest = iter(tokens)
        value = _element(next(rest), rest, depth=0)
        if next(rest, None) is not None:
            raise _NotPlain
        return value
    return _scalar(text, first)


def _scalar(text: str, first: str) -> Any:
    if first in ('"', "'"):
        return text[1:-1]
    if first.isalpha():
        if len(text) > _LONGEST_WORD or text.lower() not in _OTHER_WORDS:
            return text
        if text not in _WORDS:
            raise _NotPlain
        return _WORDS[text]
    if not text:
        raise _NotPlain
    return float(text) if "." in text else int(text)


Token = tuple[str, str, str, str]
"""Its text with the space around it; and of a bracket or comma, a key, a scalar the one that it is."""


def _element(token: Token, rest: Iterator[Token], depth: int) -> Any:
    """The value that begins with `token`, in brackets."""
    _, sign, _, scalar = token
    if depth > MAX_DEPTH:
        raise _NotPlain
    if sign == "[":
        return _items(rest, depth + 1)
    if sign == "{":
        return _pairs(rest, depth + 1)
    if not scalar:
        raise _NotPlain
    return _scalar(scalar, scalar[0])


def _items(rest: Iterator[Token], depth: int) -> list[Any]:
    items = []
    while True:
        items.append(_element(next(rest), rest, depth))
        if _ends(next(rest), "]"):
            return items


def _pairs(rest: Iterator[Token], depth: int) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    while True:
        key = next(rest)[2]
        if not key or key in pairs or key.lower() in _OTHER_WORDS:
            raise _NotPlain
        pairs[key] = _element(next(rest), rest, depth)
        if _ends(next(rest), "}"):
            return pairs


def _ends(token: Token, bracket: str) -> bool:
    if token[1] not in (bracket, ","):
        raise _NotPlain
    return token[1] == bracket
