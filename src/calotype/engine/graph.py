"""Targets and the targets whose picks they read. Must not know what a target is, nor whether it is stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Graph = Mapping[str, Iterable[str]]
"""Target -> the targets whose picks it reads. A target that stands only on the right reads nothing."""


def find_cycle(graph: Graph) -> list[str] | None:
    """A chain such as [a, b, a], where each reads the pick of the next; None when there is no cycle.

    The one found is the same for equal graphs, whatever the order in which they were written.
    """
    settled: set[str] = set()
    for start in sorted(graph):
        found = None if start in settled else _walk(graph, start, settled)
        if found:
            return found
    return None


def _walk(graph: Graph, start: str, settled: set[str]) -> list[str] | None:
    """Depth first, with a stack of its own: a chain may be longer than Python's recursion allows."""
    trail = {start: 0}
    stack = [(start, iter(sorted(graph.get(start, ()))))]
    while stack:
        target, inputs = stack[-1]
        step = next(inputs, None)
        if step is None:
            stack.pop()
            del trail[target]
            settled.add(target)
        elif step in trail:
            chain = list(trail)[trail[step]:]
            return _from_smallest(chain)
        elif step not in settled:
            trail[step] = len(trail)
            stack.append((step, iter(sorted(graph.get(step, ())))))
    return None


def _from_smallest(chain: list[str]) -> list[str]:
    at = chain.index(min(chain))
    return [*chain[at:], *chain[:at], chain[at]]


def levels(graph: Graph) -> list[list[str]]:
    """Every target in the first level whose predecessors hold all it reads; each level sorted.

    Raises ValueError for a graph with a cycle.
    """
    missing = {target: set(inputs) for target, inputs in graph.items()}
    for named in set().union(*missing.values()) if missing else ():
        missing.setdefault(named, set())
    readers = dependants(graph)
    level, result, placed = sorted(one for one, inputs in missing.items() if not inputs), [], 0
    while level:
        result.append(level)
        placed += len(level)
        following = []
        for target in level:
            for reader in readers.get(target, ()):
                missing[reader].discard(target)
                if not missing[reader]:
                    following.append(reader)
        level = sorted(following)
    if placed < len(missing):
        raise ValueError("the graph has a cycle")
    return result


def dependants(graph: Graph) -> dict[str, list[str]]:
    """The graph turned round: target -> the targets that read its pick, sorted; unread ones left out."""
    readers: dict[str, list[str]] = {}
    for target in sorted(graph):
        for read in sorted(set(graph[target])):
            readers.setdefault(read, []).append(target)
    return readers


def closure(graph: Graph, starts: Iterable[str]) -> set[str]:
    """All targets that `starts` lead to along `graph`, near or far, with the starts themselves.

    With `dependants(graph)` it is what may change when a pick does; with `graph`, what a target needs.
    """
    found = set(starts)
    pending = list(found)
    while pending:
        for step in graph.get(pending.pop(), ()):
            if step not in found:
                found.add(step)
                pending.append(step)
    return found
