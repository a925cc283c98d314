"""Decisions are found by render, pixels or name in whatever file they stand, each file read once, none missed in silence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from calotype.ground.diagnostics import Problem
from calotype.language.decisions import Decision, dump_picks
from calotype.project.decisions import index
from calotype.project.decisions.index import Decisions, Entry
from calotype.store.state import State
from conftest import Space

NOD, TURN = "exercises/nod/01", "exercises/turn/01"
KEY, OTHER_KEY, RED, BLUE = "1" * 64, "2" * 64, "a" * 64, "b" * 64
PICK = Decision(NOD, KEY, RED, "pick")
REJECT = Decision(TURN, OTHER_KEY, BLUE, "reject", "blurred")
FIRST, SECOND = "specs/picks/a.yaml", "specs/picks/by/anna/b.yml"


@pytest.fixture
def picks(space: Space) -> Space:
    """Two picks files of one decision each."""
    space.write(FIRST, dump_picks([PICK]))
    space.write(SECOND, dump_picks([REJECT]))
    return space


@contextmanager
def decisions(space: Space) -> Iterator[Decisions]:
    """As a build opens them, over what the builds before have left in the state."""
    state = State(space.root / "cache/state/state.db")
    try:
        yield Decisions(space.root, state)
    finally:
        state.close()


def remember(space: Space, consulted: dict[str, set[str]] | None = None, unread: tuple[Entry, ...] = ()) -> None:
    """Leaves all decisions in the state, as a build does that looks into everything."""
    state = State(space.root / "cache/state/state.db")
    found = Decisions(space.root, state)
    found.every()
    found.consulted = dict(consulted or {})
    state.put_specs([], whole=True, pages=found.update(list(found.consulted), unread))
    state.close()


def names(entries: list[Entry]) -> list[tuple[str, int]]:
    return [(entry.file, entry.number) for entry in entries]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The picks files whose text was read, one name each time."""
    files: list[str] = []

    def read_picks(text: bytes, file: str) -> tuple[Decision, ...]:
        files.append(file)
        return original(text, file)

    original = index.read_picks
    monkeypatch.setattr(index, "read_picks", read_picks)
    return files


# with nothing remembered


def test_all_decisions_are_given_by_file_and_number(picks: Space) -> None:
    picks.write(FIRST, dump_picks([PICK, REJECT]))
    with decisions(picks) as found:
        assert names(found.every()) == [(FIRST, 0), (FIRST, 1), (SECOND, 0)]
        assert [entry.line(picks.root) for entry in found.every()] == [3, 7, 3]


@pytest.mark.parametrize(("name", "files"), [
    (KEY, [FIRST]), (RED, [FIRST]), (NOD, [FIRST]), (OTHER_KEY, [SECOND]), (BLUE, [SECOND]), (TURN, [SECOND]),
    ("exercises/nod", []), ("3" * 64, [])])
def test_a_decision_is_found_by_its_render_its_pixels_or_its_target(picks: Space, name: str, files: list[str]) -> None:
    with decisions(picks) as found:
        assert [entry.file for entry in found.naming([name])] == files


def test_a_decision_found_by_several_names_is_given_once(picks: Space) -> None:
    with decisions(picks) as found:
        assert names(found.naming([TURN, BLUE, KEY, NOD, RED])) == [(FIRST, 0), (SECOND, 0)]


def test_each_file_is_read_once(picks: Space, reads: list[str]) -> None:
    with decisions(picks) as found:
        found.naming([KEY])
        found.naming([NOD])
        found.every()
    assert reads == [FIRST, SECOND]


def test_no_folder_of_picks_is_no_decision(space: Space) -> None:
    with decisions(space) as found:
        assert (found.every(), found.naming([KEY]), found.diagnostics) == ([], [], [])


def test_an_unreadable_file_is_an_error_and_the_others_are_read(picks: Space) -> None:
    picks.write("specs/picks/aa.yaml", "version: 1\ndecisions: [")
    picks.write("specs/picks/ab.yaml", "version: 1\ndecisions:\n- target: 7\n")
    with decisions(picks) as found:
        assert names(found.every()) == [(FIRST, 0), (SECOND, 0)]
        assert {diagnostic.file for diagnostic in found.diagnostics} == {"specs/picks/aa.yaml", "specs/picks/ab.yaml"}
        assert {diagnostic.severity for diagnostic in found.diagnostics} == {"error"}


def test_a_link_out_of_the_project_is_an_error(picks: Space) -> None:
    picks.move(FIRST, "../away.yaml")
    (picks.root / FIRST).symlink_to(picks.root.parent / "away.yaml")
    with decisions(picks) as found:
        found.every()
        assert [diagnostic.file for diagnostic in found.diagnostics] == [FIRST]


def test_the_line_of_a_decision_in_a_file_that_is_gone_is_unknown(picks: Space) -> None:
    with decisions(picks) as found:
        [entry] = found.naming([KEY])
        picks.remove(FIRST)
        assert entry.line(picks.root) is None


# with what the last build remembers


def test_without_a_memory_none_is_trusted(picks: Space) -> None:
    with decisions(picks) as found:
        assert not found.trust_memory([])
        assert names(found.changed()) == [(FIRST, 0), (SECOND, 0)]
        assert found.unread_before() == []


def test_what_did_not_change_is_taken_from_memory(picks: Space, reads: list[str]) -> None:
    remember(picks)
    reads.clear()
    with decisions(picks) as found:
        assert found.trust_memory([])
        assert found.naming([NOD])[0].decision == PICK
        assert found.naming([OTHER_KEY])[0].decision.pixels == BLUE
    assert reads == []


def test_only_the_changed_files_are_read(picks: Space, reads: list[str]) -> None:
    remember(picks)
    reads.clear()
    changed = Decision(TURN, OTHER_KEY, RED, "pick")
    picks.write(SECOND, dump_picks([changed]))
    with decisions(picks) as found:
        assert found.trust_memory([SECOND])
        assert [entry.decision for entry in found.changed()] == [changed]
        assert [decision.pixels for decision in found.before()] == [BLUE]
        assert names(found.naming([RED])) == [(FIRST, 0), (SECOND, 0)]
        assert found.naming([BLUE]) == []
    assert reads == [SECOND]


def test_a_file_that_is_gone_says_nothing_and_is_known_for_what_it_said(picks: Space) -> None:
    remember(picks)
    picks.remove(FIRST)
    with decisions(picks) as found:
        assert found.trust_memory([FIRST])
        assert (found.naming([KEY, NOD, RED]), found.changed(), found.diagnostics) == ([], [], [])
        assert found.before() == [PICK]


def test_a_changed_file_that_cannot_be_read_is_an_error_as_well(picks: Space) -> None:
    remember(picks)
    picks.write(FIRST, "decisions: {")
    with decisions(picks) as found:
        found.trust_memory([FIRST])
        assert [diagnostic.file for diagnostic in found.diagnostics] == [FIRST]
        assert found.naming([NOD]) == []


def test_a_project_without_decisions_is_remembered_as_such(space: Space, reads: list[str]) -> None:
    remember(space)
    space.write(FIRST, dump_picks([PICK]))
    with decisions(space) as found:
        assert found.trust_memory([FIRST])
        assert names(found.naming([KEY])) == [(FIRST, 0)]
        assert found.before() == []


def test_a_partial_update_replaces_the_changed_files_alone(picks: Space) -> None:
    remember(picks)
    picks.write(SECOND, dump_picks([Decision(TURN, KEY, RED, "pick")]))
    picks.remove(FIRST)
    state = State(picks.root / "cache/state/state.db")
    found = Decisions(picks.root, state)
    assert found.trust_memory([FIRST, SECOND])
    state.put_specs([], pages=found.update([], ()))
    state.close()
    with decisions(picks) as found:
        assert found.trust_memory([])
        assert names(found.naming([KEY])) == names(found.naming([RED])) == [(SECOND, 0)]
        assert (found.naming([NOD]), found.naming([OTHER_KEY]), found.naming([BLUE])) == ([], [], [])


def test_unread_decisions_of_unchanged_files_are_remembered(picks: Space) -> None:
    with decisions(picks) as found:
        unread = tuple(found.every())
    remember(picks, unread=unread)
    with decisions(picks) as found:
        found.trust_memory([FIRST])
        assert names(found.unread_before()) == [(SECOND, 0)]


def test_specs_that_consult_another_are_found_by_its_name(picks: Space) -> None:
    remember(picks, {"specs/turn.yaml": {"exercises/nod"}, "specs/bow.yaml": {"exercises/nod", "exercises/nods"}})
    with decisions(picks) as found:
        assert found.dependants("exercises/nod") == ["specs/bow.yaml", "specs/turn.yaml"]
        assert found.dependants("exercises/nods") == ["specs/bow.yaml"]
        assert found.dependants("exercises/no") == []


def test_a_spec_that_consults_no_other_any_more_is_forgotten(picks: Space) -> None:
    remember(picks, {"specs/turn.yaml": {"exercises/nod"}, "specs/bow.yaml": {"exercises/nod"}})
    state = State(picks.root / "cache/state/state.db")
    found = Decisions(picks.root, state)
    assert found.trust_memory([])
    state.put_specs([], pages=found.update(["specs/turn.yaml"], ()))
    state.close()
    with decisions(picks) as found:
        assert found.dependants("exercises/nod") == ["specs/bow.yaml"]


def test_a_damaged_memory_is_not_trusted(picks: Space) -> None:
    remember(picks)
    (picks.root / "cache/state/state.db").write_bytes(b"no database" * 1000)
    with decisions(picks) as found:
        assert not found.trust_memory([])
        assert names(found.naming([KEY])) == [(FIRST, 0)]


def test_a_folder_that_is_a_link_hides_nothing_in_silence(picks: Space) -> None:
    picks.move("specs/picks/by", "away")
    (picks.root / "specs/picks/by").symlink_to("../../away")
    with decisions(picks) as found:
        found.every()
        assert [diagnostic.file for diagnostic in found.diagnostics] == ["specs/picks/by"]
    with pytest.raises(Problem):
        list(index.sources.picks_files(picks.root))
