"""The graph of targets as text, DOT, Mermaid and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error

if TYPE_CHECKING:
    from calotype.project.answers import TargetGraph


def as_json(graph: TargetGraph) -> dict[str, Any]:
    """`edges` are [from, to]: the second starts from the first."""
    return {"nodes": list(graph.nodes), "edges": [list(edge) for edge in graph.edges]}


def as_text(graph: TargetGraph) -> str:
    """One target a line; under each, what it starts from."""
    sources: dict[str, list[str]] = {}
    for source, target in graph.edges:
        sources.setdefault(target, []).append(source)
    lines = [[node, *(f"  <- {source}" for source in sources.get(node, []))] for node in graph.nodes]
    return "\n".join(line for block in lines for line in block)


def as_dot(graph: TargetGraph) -> str:
    lines = [
        "digraph calotype {",
        "  rankdir=LR;",
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
    ]
    lines += [f"  {_quoted(node)};" for node in graph.nodes]
    lines += [f"  {_quoted(source)} -> {_quoted(target)};" for source, target in graph.edges]
    return "\n".join([*lines, "}"])


def as_mermaid(graph: TargetGraph) -> str:
    numbers = {node: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = [f'  {numbers[node]}["{node}"]' for node in graph.nodes]
    lines += [f"  {numbers[a]} --> {numbers[b]}" for a, b in graph.edges if a in numbers and b in numbers]
    return "\n".join(["flowchart LR", *lines])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def as_svg(graph: TargetGraph) -> str:
    """Drawn by Graphviz. Raises Problem where that is not installed."""
    import shutil
    import subprocess

    dot = shutil.which("dot")
    if dot is None:
        raise Problem(error("graphviz-missing", "Graphviz is not installed, which draws the graph",
                            hint="apt install graphviz, brew install graphviz; or take `--format mermaid`"))
    drawn = subprocess.run([dot, "-Tsvg"], input=as_dot(graph).encode(), capture_output=True, check=True)
    return drawn.stdout.decode()


FORMS: dict[str, Callable[[TargetGraph], str]] = {
    "text": as_text, "dot": as_dot, "svg": as_svg, "mermaid": as_mermaid,
}
