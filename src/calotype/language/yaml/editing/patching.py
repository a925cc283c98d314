"""One value of YAML text replaced, added or taken out at its place. Must not know what it means."""

from __future__ import annotations

import re
from typing import Any

from calotype.language.yaml.document import Pointer
from calotype.language.yaml.editing.emitting import Unplaced, after_key, flow
from calotype.language.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode, compose

_COLLECTIONS = MappingNode, SequenceNode
_ALIAS = re.compile(r"[^*]*?(?<![^\s:,\[{-])(\*[^\s,\]}]+)")
_ANCHOR = re.compile(r"&[^\s,\[\]{}]+[ \t]*")
_INDENT = 2


def put(text: str, pointer: Pointer, value: Any) -> str:
    """`text` with `value` at `pointer`, in the place of what is there. Raises Unplaced."""
    parent = _reach(text, pointer[:-1])
    last = pointer[-1]
    if isinstance(parent, SequenceNode) and isinstance(last, int):
        before = parent.value[last - 1] if last else None
        after = _end(text, before, parent.start_mark.index) if before is not None else parent.start_mark.index
        start, end = _span(text, parent.value[last], after)
        return text[:start] + _kept_anchor(text, start) + flow(value) + text[end:]
    if not isinstance(parent, MappingNode):
        raise Unplaced
    pair = next((pair for pair in parent.value if pair[0].value == last), None)
    if pair is None:
        return _added(text, parent, str(last), value)
    return _replaced(text, parent, pair[0], pair[1], value)


def removed(text: str, pointer: Pointer) -> str:
    """`text` without the key at `pointer`, and the value of it. Raises Unplaced."""
    parent = _reach(text, pointer[:-1])
    if not isinstance(parent, MappingNode):
        raise Unplaced
    index = next((index for index, (key, _) in enumerate(parent.value) if key.value == pointer[-1]), None)
    if index is None or len(parent.value) == 1:
        raise Unplaced
    key, value = parent.value[index]
    start, (_, end) = key.start_mark.index, _span(text, value, key.end_mark.index)
    if parent.flow_style:
        if index + 1 < len(parent.value):
            return text[:start] + text[parent.value[index + 1][0].start_mark.index:]
        former = parent.value[index - 1]
        return text[:_end(text, former[1], former[0].end_mark.index)] + text[end:]
    return _without_lines(text, start, max(end, _after_colon(text, key)))


def _without_lines(text: str, start: int, end: int) -> str:
    """`text` without what stands from `start` to `end`, and without the lines that held nothing else."""
    line, following = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    following = len(text) if following < 0 else following + 1
    if not text[line:start].strip():
        if following == len(text) and not text.endswith("\n"):
            line = max(line - 1 - text[:line].endswith("\r\n"), 0)
        return text[:line] + text[following:]
    if text[end:following].strip():  # a comment: it stays, behind the dash
        return text[:start] + text[end:].lstrip(" \t")
    return text[:start] + text[following:].lstrip(" \t\r\n")


def _replaced(text: str, parent: MappingNode, key: Node, node: Node, value: Any) -> str:
    start, end = _span(text, node, key.end_mark.index)
    is_block = isinstance(node, _COLLECTIONS) and not node.flow_style and start == node.start_mark.index
    if not is_block and not (isinstance(value, dict | list) and not parent.flow_style):
        gap = " " if text[start - 1] == ":" else ""
        return text[:start] + gap + _kept_anchor(text, start) + flow(value) + text[end:]
    colon = _after_colon(text, key)
    anchor = _kept_anchor(text, start).rstrip()
    shown = after_key(value, _column(text, colon), key.start_mark.column + _INDENT, _line_end(text))
    between = text[colon:start] if is_block else ""
    comment = f"  #{between.partition('#')[2].splitlines()[0]}" if "#" in between else ""
    head, line_end, rest = shown.partition(_line_end(text))
    return text[:colon] + (f" {anchor}" if anchor else "") + head + comment + line_end + rest + text[end:]


def _added(text: str, parent: MappingNode, name: str, value: Any) -> str:
    if not parent.value:
        brace = text.index("{", parent.start_mark.index)
        return f"{text[:brace + 1]}{flow(name)}: {flow(value)}{text[brace + 1:].lstrip()}"
    key, last = parent.value[-1]
    end = max(_end(text, last, key.end_mark.index), _after_colon(text, key))
    if parent.flow_style:
        return f"{text[:end]}, {flow(name)}: {flow(value)}{text[end:]}"
    line_end = _line_end(text)
    place = text.find("\n", end)
    place = len(text) if place < 0 else place - text[:place].endswith("\r")
    column = parent.value[0][0].start_mark.column
    written = f"{' ' * column}{flow(name)}:"
    written += after_key(value, len(written), column + _INDENT, line_end)
    return f"{text[:place]}{line_end}{written}{text[place:]}"


def _reach(text: str, pointer: Pointer) -> Node:
    """The node at `pointer`, which stands there itself: neither an alias nor a merge leads to it."""
    node = compose(text.encode())
    for part in pointer:
        if isinstance(node, MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == part), None)
            if pair is None or pair[1].start_mark.index < pair[0].end_mark.index:
                raise Unplaced
            node = pair[1]
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            start = node.start_mark.index
            node = node.value[part]
            if node.start_mark.index < start:
                raise Unplaced
        else:
            raise Unplaced
    if node is None:
        raise Unplaced
    return node


def _span(text: str, node: Node, after: int) -> tuple[int, int]:
    """Where `node`, or the alias that names it, begins and ends. `after` is where what stands before it ends."""
    if node.start_mark.index < after:
        alias = _ALIAS.match(text, after)
        if alias is None:
            raise Unplaced
        return alias.span(1)
    return node.start_mark.index, _end(text, node, after)


def _end(text: str, node: Node, after: int) -> int:
    """Where the last character of `node` has been: a collection in lines ends, to the parser, where the next thing
    begins."""
    if node.start_mark.index < after:
        return _span(text, node, after)[1]
    end = int(node.end_mark.index)
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return len(text[:end].rstrip("\r\n"))
    if not isinstance(node, _COLLECTIONS) or node.flow_style:
        return end
    if isinstance(node, MappingNode):
        key, value = node.value[-1]
        return max(_end(text, value, key.end_mark.index), _after_colon(text, key))
    end = int(node.start_mark.index)
    for item in node.value:
        end = _end(text, item, end)
    return end


def _after_colon(text: str, key: Node) -> int:
    return text.index(":", key.end_mark.index) + 1


def _kept_anchor(text: str, start: int) -> str:
    anchor = _ANCHOR.match(text, start)
    return f"{anchor[0].rstrip()} " if anchor else ""


def _column(text: str, index: int) -> int:
    return index - text.rfind("\n", 0, index) - 1


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
