"""What tests of whole commands share: a build and what it reported, the manifest as rows, explanations, a plug-in in use."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sketch

from conftest import Run, Space

ANSWER_KEYS = [
    "schema", "renders", "cache_hits", "up_to_date", "failed", "removed", "awaiting", "seconds", "targets", "diagnostics",
    "actions", "estimate",
]
"""The keys, in their order, of the JSON object that plan, build and check answer with, and every command that fails."""


def use_sketch(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the renderer `sketch` one that is installed, for `space.call` and for `space.run`."""
    monkeypatch.syspath_prepend(str(sketch.site()))
    space.env["PYTHONPATH"] = str(sketch.site())


def nod_spec(name: str, *images: str) -> str:
    """An exercise of the neck; each of `images` is what stands in its mapping beside view, position and description."""
    rows = "".join(f"  - {{view_angle: lateral, body_position: standing, description: up, {image}}}\n"
                   for image in images)
    return f"kind: exercise\nid: {name}\nregion: neck\ntitle: Nod\nimages:\n{rows}"


def walk_spec(*prompts: str) -> str:
    """A scene whose shots `a`, `b`, ... start from each other; each has one of `prompts`."""
    shots = "".join(f"  - {{id: {letter}, prompt: {prompt}}}\n" for letter, prompt in zip("abcdef", prompts, strict=False))
    return f"kind: scene\nid: walk\ntitle: Walk\nchain: true\nshots:\n{shots}"


def build(space: Space, *words: str) -> Run:
    return space.call("build", "--json", *words)


def reason(done: Run, target: str) -> str:
    return next(str(row["reason"]) for row in done.json["targets"] if row["target"] == target)


def codes(done: Run) -> list[str]:
    """The codes of the diagnostics, in the order in which they were reported."""
    return [diagnostic["code"] for diagnostic in done.json["diagnostics"]]


def tally(done: Run) -> tuple[int, int, int, int]:
    """(exit code, renders, up to date, removed)"""
    return done.code, done.json["renders"], done.json["up_to_date"], done.json["removed"]


def explained(space: Space, target: str, when: str = "changes") -> list[tuple[object, ...]]:
    done = space.call("explain", target, "--json")
    assert done.code == 0
    return [tuple(change[name] for name in ("field", "old", "new", "file", "line")) for change in done.json[when]]


def manifest_lines(space: Space) -> dict[str, dict[str, Any]]:
    """Target -> its line in the manifest."""
    shards = [path for path in space.files("content/manifest") if path.endswith(".jsonl")]
    lines = [json.loads(line) for shard in shards for line in space.read(shard).splitlines()]
    return {line["target"]: line for line in lines}
