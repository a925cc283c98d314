"""YAML nodes to plain data, or a refusal with its reason. Must not know any kind of spec."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from yaml.constructor import SafeConstructor

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.language.yaml.nodes import (
    MAP,
    MAX_DEPTH,
    MAX_VALUES,
    MERGE,
    SEQ,
    STR,
    Limit,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YAMLError,
    compose,
    unhurried,
)
from calotype.language.yaml.syntax import explain

_PREFIX = "tag:yaml.org,2002:"
_LONGEST_NUMBER = 100
MAX_REFUSALS = 200
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_OPEN = (0, 0)
_safe = SafeConstructor()
_SCALARS: dict[str, Callable[[ScalarNode], Any]] = {
    _PREFIX + "int": _safe.construct_yaml_int,
    _PREFIX + "float": _safe.construct_yaml_float,
    _PREFIX + "bool": _safe.construct_yaml_bool,
    _PREFIX + "null": lambda node: None,
}
_NAMES = {
    "int": "a number",
    "float": "a number",
    "bool": "a boolean",
    "null": "null",
    "timestamp": "a date",
    "seq": "a list",
    "map": "a mapping",
    "value": "YAML's value sign",
    "binary": "binary data",
    "set": "a set",
    "omap": "an ordered map",
    "pairs": "a list of pairs",
}
_NUMBERS = (_PREFIX + "int", _PREFIX + "float")
_MISREAD = re.compile(r"[-+]?0[0-9_]+\Z|[-+]?0[xb]|.*:", re.IGNORECASE)
"""Spellings of numbers that YAML 1.1 reads otherwise than by tens."""
_COLLECTIONS = {_PREFIX + name for name in ("set", "omap", "pairs", "binary")}


def read(text: bytes, file: str) -> dict[str, Any]:
    """The mapping that `text` holds. Raises Problem with every refusal."""
    try:
        root = compose(text)
    except (YAMLError, Limit) as cause:
        raise Problem(explain(cause, text, file)) from None
    reader = _Reader(file, escapes=b"\\" in text)
    if not isinstance(root, MappingNode):
        raise Problem(reader.refusal(root, "yaml-type", _not_a_mapping(root), "begin with `key: value` lines"))
    if b"*" in text and (excess := _excess(root)):
        raise Problem(reader.refusal(root, "yaml-limit", excess, "write the values out, with fewer aliases"))
    with unhurried():
        data = reader.value(root)
    if reader.found:
        raise Problem(sorted(reader.found.values(), key=lambda one: (one.line or 0, one.column or 0)))
    return data  # type: ignore[no-any-return]


def _not_a_mapping(root: Node | None) -> str:
    if root is None:
        return "the file is empty"
    return f"the document is {_kind(root)}, not a mapping"


def _kind(node: Node) -> str:
    if node.tag == STR:
        return "text"
    return _NAMES.get(node.tag.removeprefix(_PREFIX), f"of type `{node.tag.removeprefix(_PREFIX)}`")


def _shown(node: Node) -> str:
    if not isinstance(node, ScalarNode):
        return _kind(node)
    return f"`{node.value if len(node.value) <= 40 else node.value[:37] + '...'}`"


class _Reader:
    """Nodes to values. `found` holds the refusals, one for each place."""

    def __init__(self, file: str, escapes: bool) -> None:
        self.file = file
        self.escapes = escapes
        self.found: dict[tuple[int, int], Diagnostic] = {}

    def value(self, node: Node) -> Any:
        tag = node.tag
        if tag == STR and isinstance(node, ScalarNode):
            return self._text(node) if self.escapes else node.value
        if tag == MAP and isinstance(node, MappingNode):
            return self._mapping(node)
        if tag == SEQ and isinstance(node, SequenceNode):
            return [self.value(item) for item in node.value]
        return self._scalar(node)

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        data: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        keys: dict[str, Node] = {}
        for name, value in node.value:
            if name.tag != STR and not self._is_key(name):
                continue
            key = (self._text(name) if self.escapes else name.value) if isinstance(name, ScalarNode) else ""
            if key in keys:
                self._refuse(
                    name,
                    "duplicate-key",
                    f"`{key}` stands twice in one mapping; first on "
                    f"line {keys[key].start_mark.line + 1}, column {keys[key].start_mark.column + 1}",
                    "keep one of the two",
                )
            keys[key] = name
            if name.tag == MERGE:
                merged = self._merge(value)
            else:
                data[key] = self.value(value)
        return {**merged, **data} if merged else data

    def _is_key(self, name: Node) -> bool:
        """Whether a key that is not plain text may stand all the same (`<<`, `=`); refused if not."""
        if name.tag in (MERGE, _PREFIX + "value"):
            return True
        hint = f'quote it: "{name.value}"' if isinstance(name, ScalarNode) and name.value else "keys are text"
        self._refuse(name, "yaml-type", f"the key {_shown(name)} is {_kind(name)}, not text", hint)
        return False

    def _merge(self, node: Node) -> dict[str, Any]:
        """What `<<: node` draws in: of a list, the first wins."""
        merged: dict[str, Any] = {}
        for source in reversed(node.value) if isinstance(node, SequenceNode) else (node,):
            if isinstance(source, MappingNode):
                merged.update(self._mapping(source))
            else:
                self._refuse(
                    source,
                    "yaml-type",
                    f"`<<` wants a mapping, or a list of mappings, not {_kind(source)}",
                    "merge an alias: `<<: *name`",
                )
        return merged

    def _text(self, node: ScalarNode) -> str:
        text: str = node.value
        if bad := _CONTROL.search(text):
            self._refuse(
                node,
                "yaml-type",
                f"the control character U+{ord(bad[0]):04X} cannot stand in text",
                "take it out",
            )
        return text

    def _scalar(self, node: Node) -> Any:
        construct = _SCALARS.get(node.tag)
        if construct is None or not isinstance(node, ScalarNode):
            return self._refuse(node, "yaml-type", *_unwanted(node))
        if len(node.value) > _LONGEST_NUMBER:
            return self._refuse(
                node, "yaml-type", f"{_shown(node)} is too long for {_kind(node)}", "quote it if it is text"
            )
        try:
            value = construct(node)
        except (ValueError, KeyError, IndexError, OverflowError):
            return self._refuse(node, "yaml-type", f"{_shown(node)} is not {_kind(node)}", "quote it if it is text")
        if node.tag in _NUMBERS and _MISREAD.match(node.value):
            return self._refuse(node, "yaml-type", *_misread(node.value, value))
        if isinstance(value, float) and not math.isfinite(value):
            return self._refuse(node, "yaml-type", f"{_shown(node)} is not a finite number", "quote it if it is text")
        if type(value) is int and not -(1 << 63) <= value < 1 << 64:
            return self._refuse(node, "yaml-type", f"{_shown(node)} does not fit 64 bits", "quote it if it is text")
        return value

    def _refuse(self, node: Node, code: str, message: str, hint: str) -> None:
        if len(self.found) >= MAX_REFUSALS:
            return
        refusal = self.refusal(node, code, message, hint)
        self.found.setdefault((refusal.line or 0, refusal.column or 0), refusal)

    def refusal(self, node: Node | None, code: str, message: str, hint: str) -> Diagnostic:
        line, column = (node.start_mark.line + 1, node.start_mark.column + 1) if node is not None else (1, 1)
        return error(code, message, file=self.file, line=line, column=column, hint=hint)


def _misread(written: str, value: Any) -> tuple[str, str]:
    """Message and hint for a number that means to YAML 1.1 what its author hardly meant."""
    base = "in sixties" if ":" in written else {"x": "in hexadecimal", "b": "in binary"}.get(
        written.lstrip("+-")[1].lower(), "in octal")
    tens = written.lstrip("+-0_").replace("_", "") or "0"
    number = f"write {'-' if written[0] == '-' else ''}{tens}" if base == "in octal" else f"write {value}"
    return f"YAML 1.1 reads `{written}` {base}: as {value}", f'{number}; if it is text, quote it: "{written}"'


def _unwanted(node: Node) -> tuple[str, str]:
    """Message and hint for a value that JSON has no word for."""
    if node.tag.startswith("!") or not node.tag.startswith(_PREFIX):
        return f"the tag `{node.tag[:60]}` is not known here", "take the tag out"
    if node.tag in _COLLECTIONS or not isinstance(node, ScalarNode):
        return f"{_kind(node)} cannot stand here", "use plain lists, mappings, text and numbers"
    return f"{_shown(node)} is {_kind(node)}", f'quote it if it is text: "{node.value[:40]}"'


def _excess(root: Node) -> str | None:
    """What is wrong with the document once its aliases are written out, or None."""
    sizes: dict[int, tuple[int, int]] = {}
    try:
        count, depth = _expanded(root, sizes)
    except RecursionError:
        return "an alias holds itself"
    if depth > MAX_DEPTH:
        return f"its aliases make it more than {MAX_DEPTH} levels deep"
    return f"its aliases make more than {MAX_VALUES:,} values of it" if count > MAX_VALUES else None


def _expanded(node: Node, sizes: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Values in `node`, and levels from it down, aliases written out.

    An alias names what is complete or an ancestor, so the recursion is as deep as the text is. Raises
    RecursionError for an ancestor.
    """
    if isinstance(node, ScalarNode):
        return 1, 1
    size = sizes.get(id(node))
    if size is not None:
        if size == _OPEN:
            raise RecursionError
        return size
    sizes[id(node)] = _OPEN
    children = [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else node.value
    below = [_expanded(child, sizes) for child in children]
    sizes[id(node)] = 1 + sum(count for count, _ in below), 1 + max((depth for _, depth in below), default=0)
    return sizes[id(node)]
