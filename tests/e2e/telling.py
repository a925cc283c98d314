"""What the tests of rebuilding ask of a project: a build, and what it said."""

from __future__ import annotations

import time

from conftest import Run, Space


def settle() -> None:
    """Lets the clock tick: files that changed in this very tick are looked at again by the next build in any case."""
    time.sleep(0.06)


def build(space: Space, *words: str) -> Run:
    return space.call("build", "--json", *words)


def reason(done: Run, target: str) -> str:
    return next(str(one["reason"]) for one in done.json["targets"] if one["target"] == target)


def tally(done: Run) -> tuple[int, int, int, int]:
    """(exit code, renders, up to date, removed)"""
    return done.code, done.json["renders"], done.json["up_to_date"], done.json["removed"]


def explained(space: Space, target: str, when: str = "changes") -> list[tuple[object, ...]]:
    done = space.call("explain", target, "--json")
    assert done.code == 0
    return [tuple(one[name] for name in ("field", "old", "new", "file", "line")) for one in done.json[when]]
