"""Specs found by name among those that changed: what a question costs does not grow with how many changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calotype.project.specs.lookup import SpecLookup
from calotype.store.state import State
from counted import counted

TEXT = "kind: exercise\nid: {id}\nregion: neck\ntitle: Nod\nimages:\n  - {{view_angle: lateral, description: up}}\n"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "state.db")
    yield state
    state.close()


def renamed(root: Path, state: State, count: int) -> SpecLookup:
    """A lookup among so many specs that have other ids than their files are called."""
    files = [f"specs/exercises/neck/old_{number}.yaml" for number in range(count)]
    (root / files[0]).parent.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(files):
        (root / file).write_text(TEXT.format(id=f"new_{number}"))
    lookup = SpecLookup(root, state)
    lookup.look_into(files)
    return lookup


def test_a_renamed_spec_is_found_by_its_id_and_by_its_file_alone_no_more(tmp_path: Path, state: State) -> None:
    lookup = renamed(tmp_path, state, 3)
    spec = lookup.changed_spec("exercises/new_1")
    assert spec is not None and spec.file == "specs/exercises/neck/old_1.yaml"
    assert lookup.changed_spec("exercises/old_1") is None
    assert lookup.changed_spec("characters/new_1") is None
    lookup.look_into(["specs/exercises/neck/old_2.yaml"])
    assert lookup.changed_spec("exercises/new_1") is None and lookup.changed_spec("exercises/new_2") is not None


def test_what_renames_cost_grows_with_their_number_and_not_with_its_square(tmp_path: Path, state: State) -> None:
    work = []
    for count in (20, 80):
        lookup = renamed(tmp_path / str(count), state, count)
        with counted() as calls:
            assert all(lookup.changed_spec(f"exercises/old_{number}") is None for number in range(count))
            assert all(lookup.changed_spec(f"exercises/new_{number}") is not None for number in range(count))
        assert calls["project/specs/lookup.written_key"] == count
        work.append(calls.total())
    assert work[1] <= 4.2 * work[0]
