"""Other weights, as a change to calotype.yaml that a person may make. Nothing else in its text moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import unified_diff
from typing import Any

from calotype.ground.diagnostics import Problem
from calotype.ground.folders import MARKER
from calotype.language.yaml.document import parse
from calotype.language.yaml.nodes import MappingNode, Node, SequenceNode, YAMLError, compose


def weights_change(text: str, weights: Mapping[str, float]) -> str:
    """A unified diff that `patch -p0` takes, from `text` to the same with `scoring: weights:` as given. Numbers are
    replaced in their places, so that comments stay; a scorer that is not in `weights` gets 0."""
    changed = _edited(text, {name: weight for name, weight in weights.items() if weight})
    return "\n".join(unified_diff(text.splitlines(), changed.splitlines(), MARKER, MARKER, lineterm="", n=2))


def _edited(text: str, weights: Mapping[str, float]) -> str:
    """`text` with the weights in it. Where they cannot be edited in (an anchor, a merge) they stand below, and the
    author sees both."""
    try:
        edited = _with_weights(text, weights)
        written: Any = parse(edited.encode(), MARKER).data["scoring"]["weights"]
        if {name: value for name, value in written.items() if value} == dict(weights):
            return edited
    except (YAMLError, Problem, KeyError, TypeError, AttributeError):
        pass
    return _below(text, weights)


def _with_weights(text: str, weights: Mapping[str, float]) -> str:
    scoring = _value(compose(text.encode()), "scoring")
    if not isinstance(scoring, MappingNode):
        return _below(text, weights)
    present = _value(scoring, "weights")
    if not isinstance(present, MappingNode):
        return _appended(text, scoring, [f"weights: {_flow(weights)}"])
    names = {str(name.value) for name, _ in present.value}
    text = _appended(text, present, [f"{name}: {weight:g}" for name, weight in weights.items() if name not in names])
    for name, value in reversed(present.value):
        start, end = value.start_mark.index, value.end_mark.index
        text = f"{text[:start]}{weights.get(str(name.value), 0):g}{text[end:]}"
    return text


def _appended(text: str, mapping: MappingNode, entries: Sequence[str]) -> str:
    """`text` with `entries` as the last of a mapping, in the style of that mapping."""
    if not entries:
        return text
    if not mapping.value:
        at = mapping.end_mark.index - 1
        return f"{text[:at]}{', '.join(entries)}{text[at:]}"
    last = mapping.value[-1][1]
    if mapping.flow_style:
        at = last.end_mark.index
        return f"{text[:at]}, {', '.join(entries)}{text[at:]}"
    at = text.find("\n", _end(last))
    at = len(text) if at < 0 else at
    return text[:at] + "".join(f"\n{' ' * mapping.start_mark.column}{entry}" for entry in entries) + text[at:]


def _end(node: Node) -> int:
    """Where the last character of a value is: a block's own mark stands below what follows it."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _value(node: Node | None, key: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _below(text: str, weights: Mapping[str, float]) -> str:
    section = f"scoring:\n  weights: {_flow(weights)}\n"
    return f"{text.rstrip()}\n{section}" if text.strip() else section


def _flow(weights: Mapping[str, float]) -> str:
    return "{" + ", ".join(f"{name}: {weight:g}" for name, weight in weights.items()) + "}"
