"""What an earlier Calotype kept of its pages under build/ is taken over once, and its files are removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calotype.results.sheet.memory import SheetMemory
from calotype.run.old_traces import remove, take_over
from calotype.run.traces import last_changes, replaced_in
from calotype.store.page_memory import PageMemory
from calotype.store.state import State
from conftest import Space

ACTION, BEFORE, AFTER = "0" * 64, "1" * 64, "2" * 64
TARGET = "exercises/bow/deep"
CHANGE = {"field": "posture.neck_flexion", "old": 20.0, "new": 30.0, "file": "specs/bow.yaml", "line": 8}
TRACE = {"changes": [CHANGE], "before": {"action": ACTION, "pixels": BEFORE}, "after": AFTER}


@pytest.fixture
def memory(tmp_path: Path) -> PageMemory:
    return State(tmp_path / "cache/state/state.db").pages


def write(root: Path, path: str, value: object) -> None:
    file = root / "build" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(value if isinstance(value, str) else json.dumps(value))


def test_traces_are_taken_over_with_the_pictures_that_no_page_has_shown_yet(tmp_path: Path, memory: PageMemory) -> None:
    write(tmp_path, "traces/exercises/bow.json", {"schema": 2, "targets": {TARGET: TRACE}})
    write(tmp_path, "traces/replaced.json", {"schema": 2, "targets": {TARGET: None}})
    write(tmp_path, ".sheets/changed.json", {"parts": {"exercises/nod/low": "<p>"}, "more": 0})
    take_over(tmp_path, memory)
    remove(tmp_path)
    assert not (tmp_path / "build/traces").exists() and not (tmp_path / "build/.sheets").exists()
    assert [str(change) for change in last_changes(memory, TARGET, AFTER)] == [
        "posture.neck_flexion: 20.0 -> 30.0 (specs/bow.yaml:8)"]
    assert replaced_in(memory, "exercises/bow")[TARGET][1].pixels == BEFORE
    assert list(memory.items("unshown")) == [TARGET]
    assert SheetMemory(memory).changed() == ({"exercises/nod/low": ""}, 0)


def test_what_is_remembered_already_is_newer_than_the_files(tmp_path: Path, memory: PageMemory) -> None:
    write(tmp_path, "traces/exercises/bow.json", {"schema": 2, "targets": {TARGET: TRACE}})
    take_over(tmp_path, memory)
    write(tmp_path, "traces/exercises/bow.json", {"schema": 2, "targets": {TARGET: {**TRACE, "after": BEFORE}}})
    take_over(tmp_path, memory)
    assert last_changes(memory, TARGET, AFTER)


@pytest.mark.parametrize("content", [
    "", "{", "[]", {"schema": 1, "targets": {TARGET: TRACE}}, {"schema": 2, "targets": {TARGET: {}}},
    {"schema": 2, "targets": {TARGET: {**TRACE, "changes": [{"x": 1}]}}},
    {"schema": 2, "targets": {TARGET: {**TRACE, "before": None}}},
    {"schema": 2, "targets": {TARGET: {**TRACE, "after": 3}}},
    {"schema": 2, "targets": {TARGET: [1]}},
    {"schema": 2, "targets": {TARGET: {**TRACE, "before": {"action": ACTION, "pixels": "../../x"}}}},
    {"schema": 2, "targets": {TARGET: {**TRACE, "before": {"action": "a", "pixels": BEFORE}}}},
])
def test_what_cannot_be_understood_is_left_out(tmp_path: Path, memory: PageMemory, content: object) -> None:
    write(tmp_path, "traces/exercises/bow.json", content)
    take_over(tmp_path, memory)
    assert replaced_in(memory, "exercises/bow") == {}


def test_a_build_takes_over_the_traces_of_an_earlier_calotype(space: Space) -> None:
    space.write("specs/exercises/bow.yaml", "kind: exercise\nid: bow\nregion: neck\ntitle: Bow\nsize: [64, 64]\n"
                "images:\n  - {view_angle: lateral, body_position: standing, description: d, id: deep}\n")
    assert space.call("build", "-q").code == 0
    line = json.loads(space.read("content/manifest/exercises/neck.jsonl"))
    space.remove("cache/state")
    space.write("build/traces/exercises/bow.json",
                json.dumps({"schema": 2, "targets": {TARGET: {**TRACE, "after": line["pixels"]}}}))
    space.write("build/.sheets/changed.json", json.dumps({"parts": {TARGET: "<p>old</p>"}, "more": 0}))
    assert space.call("build", "--json").json["renders"] == 0
    for page in ("exercises/bow.html", "changed.html"):
        assert "<del>20</del> <ins>30</ins>" in space.read(f"build/{page}"), page
    assert not (space.root / "build/traces").exists() and not (space.root / "build/.sheets").exists()
    assert space.call("explain", TARGET, "--json").json["last_build"]
