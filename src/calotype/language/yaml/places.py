"""Where a value stands in YAML text. Must not know what a value means. Used only when something is
reported."""

from __future__ import annotations

from collections.abc import Iterator

from calotype.language.yaml.nodes import MERGE, MappingNode, Mark, Node, ScalarNode, SequenceNode

Pointer = tuple[str | int, ...]


def mark_of(root: Node, pointer: Pointer, key: bool) -> Mark:
    """The mark of the value at `pointer`, or of its key; of its nearest parent where it is not there."""
    name, node, whole = _reach(root, pointer)
    return (name if key and whole else node).start_mark


def text_of(root: Node, pointer: Pointer) -> str:
    """The text of the scalar at `pointer`, or nothing."""
    _, node, whole = _reach(root, pointer)
    return str(node.value) if whole and isinstance(node, ScalarNode) else ""


def _reach(root: Node, pointer: Pointer) -> tuple[Node, Node, bool]:
    """The key's node and the value's as far along `pointer` as the document goes, and whether that is all
    the way."""
    name, node = root, root
    for part in pointer:
        pair = _child(node, part)
        if pair is None:
            return name, node, False
        name, node = pair
    return name, node, True


def _child(node: Node, part: str | int) -> tuple[Node, Node] | None:
    """The key's node and the value's; in a sequence the value's twice."""
    if isinstance(node, MappingNode):
        pair = next(((name, value) for name, value in node.value if name.value == part and name.tag != MERGE), None)
        return pair or next((inner for mapping in _merged(node) if (inner := _child(mapping, part))), None)
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _merged(node: MappingNode) -> Iterator[Node]:
    """The mappings that `<<` draws in, the one that wins first."""
    for name, value in reversed(node.value):
        if name.tag == MERGE:
            yield from value.value if isinstance(value, SequenceNode) else (value,)
