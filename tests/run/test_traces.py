"""What changed when a picture was replaced: remembered before it is published, told of the published picture alone."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from calotype.project.answers import Change
from calotype.run import traces
from calotype.run.traces import Traces, last_changes, replaced_in
from calotype.store.database import MEMORY
from calotype.store.page_memory import PageMemory
from calotype.store.state import State

TARGET = "exercises/bow/deep"
CHANGE = Change("posture.neck_flexion", 20.0, 30.0, "specs/bow.yaml", 8)


@pytest.fixture(autouse=True)
def changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "changes_of", lambda planned, places: [CHANGE])


@pytest.fixture
def memory() -> PageMemory:
    return State(MEMORY).pages


def planned(before: str | None, now: str, pixels: str = "new pixels") -> Any:
    """A target published under the key `before` that is about to be published under the key `now`."""
    line = None if before is None else SimpleNamespace(action=before, pixels="old pixels")
    return SimpleNamespace(line=line, verdict=SimpleNamespace(choice=SimpleNamespace(index=0)), keys=(now,),
                           chosen=SimpleNamespace(key=now), pixels=pixels, image=SimpleNamespace(target=TARGET))


def noted(memory: PageMemory, *plans: Any) -> PageMemory:
    build = Traces(memory)
    for plan in plans:
        build.note(plan, places=None)  # type: ignore[arg-type]
    build.write()
    return memory


def test_a_picture_that_takes_anothers_place_leaves_a_trace_that_no_page_has_shown_yet(memory: PageMemory) -> None:
    noted(memory, planned("old", "new"))
    assert last_changes(memory, TARGET, "new pixels") == [CHANGE]
    pixels, replaced = replaced_in(memory, "exercises/bow")[TARGET]
    assert (pixels, replaced.action, replaced.pixels) == ("new pixels", "old", "old pixels")
    assert [(change.field, change.place) for change in replaced.changes] == [("posture.neck_flexion", "specs/bow.yaml:8")]
    assert list(memory.items("unshown")) == [TARGET]


@pytest.mark.parametrize("plan", [planned(None, "new"), planned("same", "same")], ids=["a new picture", "the same"])
def test_what_replaces_nothing_leaves_no_trace(memory: PageMemory, plan: Any) -> None:
    noted(memory, plan)
    assert replaced_in(memory, "exercises/bow") == {} and memory.items("unshown") == {}


def test_a_trace_tells_nothing_of_another_picture_than_the_one_that_came(memory: PageMemory) -> None:
    noted(memory, planned("old", "new"))
    assert last_changes(memory, TARGET, "other pixels") == []
    assert last_changes(memory, "exercises/bow/other", "new pixels") == []


def test_of_several_replacements_the_last_is_remembered(memory: PageMemory) -> None:
    noted(memory, planned("first", "second", "second pixels"))
    noted(memory, planned("second", "third", "third pixels"))
    assert replaced_in(memory, "exercises/bow")[TARGET][1].action == "second"


def test_a_disk_that_refuses_costs_the_trace_alone(memory: PageMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(PageMemory, "put", full)
        noted(memory, planned("old", "new"))
    assert memory.items("unshown") == {}


def test_a_trace_is_one_row_of_plain_json(memory: PageMemory) -> None:
    noted(memory, planned("old", "new"))
    text = memory.get("trace exercises/bow", TARGET)
    assert text and json.loads(text)["before"] == {"action": "old", "pixels": "old pixels"}
