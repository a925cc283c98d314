"""YAML text to nodes with places, within bounds. Must not know what a document means, nor what a value of
it may be.

libyaml's composer calls itself for each level of nesting, and overflows the C stack on a document of some ten
thousand levels. It also asks its resolver before it goes down into each node, so the bounds are held there:
the composer is stopped at the first event that is too deep or one too many.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from yaml import MarkedYAMLError, YAMLError
from yaml._yaml import CParser
from yaml.error import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError
from yaml.resolver import Resolver

MAX_DEPTH = 100
MAX_VALUES = 100_000

STR, SEQ, MAP, MERGE = (f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map", "merge"))
_IMPLICIT = Resolver.yaml_implicit_resolvers

__all__ = [
    "MAP",
    "MAX_DEPTH",
    "MAX_VALUES",
    "MERGE",
    "SEQ",
    "STR",
    "Limit",
    "MappingNode",
    "Mark",
    "MarkedYAMLError",
    "Node",
    "ReaderError",
    "ScalarNode",
    "SequenceNode",
    "YAMLError",
    "compose",
    "unhurried",
]
_START = Mark("", 0, 0, 0, None, 0)


class Limit(Exception):
    """The document is too deep or holds too much. `mark` is where."""

    def __init__(self, message: str, mark: Mark) -> None:
        super().__init__(message)
        self.mark = mark


class _Composer(CParser):
    """libyaml's composer with PyYAML's implicit tags, and bounds."""

    def __init__(self, text: bytes) -> None:
        CParser.__init__(self, text)
        self.depth = 0
        self.left = MAX_VALUES

    def resolve(self, kind: type[Node], value: str | None, implicit: Any) -> str:
        if kind is ScalarNode:
            if implicit[0]:
                for tag, pattern in _IMPLICIT.get(value[:1], ()):  # type: ignore[index]
                    if pattern.match(value):
                        return str(tag)
            return STR
        return SEQ if kind is SequenceNode else MAP

    def descend_resolver(self, parent: Node | None, index: Any) -> None:
        self.depth += 1
        self.left -= 1
        if self.depth > MAX_DEPTH:
            raise Limit(f"nested more than {MAX_DEPTH} levels deep", self._here(parent))
        if self.left < 0:
            raise Limit(f"more than {MAX_VALUES:,} values", self._here(parent))

    def ascend_resolver(self) -> None:
        self.depth -= 1

    def _here(self, parent: Node | None) -> Mark:
        return parent.start_mark if parent is not None else _START


@contextmanager
def unhurried() -> Iterator[None]:
    """Pauses the collector of cycles: nodes have none, and it walks all of them again and again as they are made."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def compose(text: bytes) -> Node | None:
    """The root node of the only document in `text` (UTF-8, no BOM), or None where there is none.

    Raises `Limit`, or YAMLError: MarkedYAMLError with a place, ReaderError without one.
    """
    with unhurried():
        node: Node | None = _Composer(text).get_single_node()
    return node
