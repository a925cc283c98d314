"""The graph of targets as text, DOT, Mermaid and JSON. Must not know what an edge means to a build."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calotype.build.project import TargetGraph


def as_json(graph: TargetGraph) -> dict[str, Any]:
    """`edges` are [from, to]: the second starts from the first."""
    return {"nodes": list(graph.nodes), "edges": [list(edge) for edge in graph.edges]}


def as_text(graph: TargetGraph) -> str:
    """One target a line; under each, what it starts from."""
    sources: dict[str, list[str]] = {}
    for source, target in graph.edges:
        sources.setdefault(target, []).append(source)
    return "\n".join(line for node in graph.nodes for line in (node, *(f"  <- {one}" for one in sources.get(node, []))))


def as_dot(graph: TargetGraph) -> str:
    lines = ["digraph calotype {", "  rankdir=LR;", '  node [shape=box, style=rounded, fontname="sans-serif"];']
    lines += [f"  {json.dumps(node, ensure_ascii=False)};" for node in graph.nodes]
    lines += [f"  {json.dumps(a, ensure_ascii=False)} -> {json.dumps(b, ensure_ascii=False)};" for a, b in graph.edges]
    return "\n".join([*lines, "}"])


def as_mermaid(graph: TargetGraph) -> str:
    numbers = {node: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = [f'  {numbers[node]}["{node}"]' for node in graph.nodes]
    lines += [f"  {numbers[a]} --> {numbers[b]}" for a, b in graph.edges if a in numbers and b in numbers]
    return "\n".join(["flowchart LR", *lines])


FORMS: dict[str, Callable[[TargetGraph], str]] = {"text": as_text, "dot": as_dot, "mermaid": as_mermaid}
