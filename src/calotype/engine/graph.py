"""Targets and the targets they start from. Must not know what a target is, nor whether it is stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Graph = Mapping[str, Iterable[str]]
"""Target -> the targets whose picks it reads. A target that stands only on the right reads nothing."""


def closure(graph: Graph, starts: Iterable[str]) -> set[str]:
    """All targets that `starts` lead to along `graph`, near or far, with the starts themselves."""
    reached = set(starts)
    pending = list(reached)
    while pending:
        for step in graph.get(pending.pop(), ()):
            if step not in reached:
                reached.add(step)
                pending.append(step)
    return reached
