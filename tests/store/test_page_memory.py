"""The memory of the contact sheets: remembered whole, read in parts, and given up as a whole where it is damaged."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from calotype.store.page_memory import PageMemory
from calotype.store.state import STEPS, State


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def memory(path: Path) -> PageMemory:
    return State(path).pages


def test_what_is_put_comes_back_in_the_order_of_names(memory: PageMemory, path: Path) -> None:
    memory.put({("fragment", name): f"text of {name}" for name in ("nod", "bow", "tilt")} | {("page", "bow"): "another"})
    again = State(path).pages
    assert list(again.items("fragment")) == ["bow", "nod", "tilt"]
    assert again.get("fragment", "nod") == "text of nod" and again.get("fragment", "none") is None
    assert list(again.items("fragment", "c", "o")) == ["nod"]
    assert list(again.items("fragment", limit=2)) == ["bow", "nod"]


def test_none_forgets_and_another_text_replaces(memory: PageMemory) -> None:
    memory.put({("page", "bow"): "old", ("page", "nod"): "old"})
    memory.put({("page", "bow"): None, ("page", "nod"): "new", ("page", "never"): None})
    assert memory.items("page") == {"nod": "new"}


def test_the_stamp_is_there_only_between_complete_and_begin(memory: PageMemory) -> None:
    memory.complete("too early")
    assert memory.stamp is None
    memory.put({("fragment a", "bow"): "x", ("trace a", "bow"): "x"})
    memory.begin(forget=("fragment ",))
    assert memory.stamp is None and memory.items("fragment a") == {} and memory.items("trace a")
    memory.complete("templates")
    assert memory.stamp == "templates"
    memory.begin(forget=())
    assert memory.stamp is None


def test_a_memory_that_was_lost_while_everything_was_written_gets_no_stamp(memory: PageMemory, path: Path) -> None:
    memory.begin(forget=())
    memory.put({("page", "bow"): "x"})
    damage(path)
    assert memory.items("page") == {}
    memory.complete("templates")
    assert memory.stamp is None


def test_one_damaged_row_takes_all_others_with_it_and_is_told(path: Path) -> None:
    state = State(path)
    state.pages.put({("page", "bow"): "x", ("page", "nod"): "y"})
    damage(path)
    assert state.pages.items("page") == {} and state.pages.items("page", "nod", "nod") == {}
    assert state.damaged is not None and state.damaged.is_file()


def test_what_is_put_with_specs_is_put_in_one_transaction(path: Path) -> None:
    state = State(path)
    state.put_specs([], whole=True, pages={("page", "bow"): "x"})
    assert State(path).pages.get("page", "bow") == "x" and state.complete()


def test_a_state_of_an_earlier_calotype_gets_room_for_the_memory(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        connection.execute(f"PRAGMA application_id = {0x0CA10000 + 1}")
    connection.close()
    state = State(path)
    assert state.damaged is None and state.pages.items("page") == {}


def damage(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE page_memory SET value = value || '!' WHERE name = 'bow'")
    connection.close()
