"""The journal of what is bought: ahead of every step, read back whole, and believed only where it can be read."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from calotype.ground.diagnostics import Problem
from calotype.store.hosted_journal import CeilingReached, Journal, midnight

KEY = "a" * 64
NO_CEILING = {"build": (100.0, 0.0)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "hosted.jsonl"


def test_what_one_writes_another_reads(path):
    one, other = Journal(path), Journal(path)
    assert other.of(KEY) is None and other.purchases() == []
    bought = one.begin(KEY, "fal-ai/flux/dev", 0.03, NO_CEILING)
    assert other.of(KEY) == bought and bought.state == "intent"
    one.note(bought.id, "sent", request="r-1")
    assert other.of(KEY).request == "r-1" and other.of(KEY).state == "sent"
    other.note(bought.id, "done")
    assert one.of(KEY).state == "done" and one.of(KEY).request == "r-1"


def test_a_line_that_a_kill_cut_off_never_was(path):
    journal = Journal(path)
    bought = journal.begin(KEY, "fal-ai/flux/dev", 0.03, NO_CEILING)
    data = path.read_bytes().rstrip(b"\0")
    path.write_bytes(data + b'{"event": "sent", "id": "' + bought.id.encode() + b'", "request": "r-1"}')
    assert Journal(path).of(KEY).state == "intent"
    Journal(path).note(bought.id, "unknown", why="lost")
    assert Journal(path).of(KEY).state == "unknown" and Journal(path).of(KEY).why == "lost"


@pytest.mark.parametrize("line", [b"no json\n", b'{"event": "sent", "id": "nobody"}\n', b'{"event": "eaten", "id": "x"}\n', b"[]\n",
                                  b'{"event": "intent", "id": "x", "key": "k", "endpoint": "e", "price": 1, "at": 1, "format": 2}\n'])
def test_a_line_that_cannot_be_read_is_told_and_not_passed_over(path, line):
    journal = Journal(path)
    journal.begin(KEY, "fal-ai/flux/dev", 0.03, NO_CEILING)
    path.write_bytes(path.read_bytes().rstrip(b"\0") + line)
    for _ in range(2):
        with pytest.raises(Problem) as caught:
            Journal(path).spent(0)
        told = caught.value.diagnostics[0]
        assert (told.code, told.file, told.line, caught.value.exit_code) == ("hosted-journal", "cache/hosted.jsonl", 2, 2)


def test_a_ceiling_is_never_passed_and_what_was_not_taken_costs_nothing(path):
    journal = Journal(path)
    ceilings = {"build": (0.1, 0.0)}
    first = journal.begin("a", "e/x", 0.04, ceilings)
    journal.begin("b", "e/x", 0.04, ceilings)
    with pytest.raises(CeilingReached) as caught:
        journal.begin("c", "e/x", 0.04, ceilings)
    assert (caught.value.name, caught.value.spent) == ("build", 0.08)
    assert len(journal.purchases()) == 2
    journal.note(first.id, "refused", why="429")
    journal.begin("c", "e/x", 0.04, ceilings)
    journal.begin("d", "e/x", 0.02, ceilings)  # reached, not passed
    assert journal.spent(0) == 0.1


@pytest.mark.parametrize(("event", "counts"), [
    ("sent", True), ("done", True), ("unknown", True), ("lost", True), ("retried", True), ("refused", False), ("failed", False),
    ("forgotten", False)])
def test_what_may_have_been_paid_counts(path, event, counts):
    journal = Journal(path)
    journal.note(journal.begin(KEY, "e/x", 0.04, NO_CEILING).id, event)
    assert journal.spent(0) == (0.04 if counts else 0)


def test_the_day_begins_at_midnight(path):
    assert midnight(86400 * 3 + 5.5) == 86400 * 3
    journal = Journal(path)
    at = journal.begin(KEY, "e/x", 0.04, NO_CEILING).at
    assert journal.spent(midnight(at)) == 0.04 and journal.spent(at + 1) == 0


def test_an_intent_of_the_build_at_work_may_still_be_answered(path):
    journal = Journal(path)
    at = journal.begin(KEY, "e/x", 0.04, NO_CEILING).at
    assert journal.undecided(KEY, at) is None
    assert journal.undecided(KEY, at + 0.001) == journal.of(KEY)
    journal.note(journal.of(KEY).id, "unknown")
    assert journal.undecided(KEY, at) == journal.of(KEY)


def test_several_at_once_keep_within_one_ceiling(path):
    refused = []

    def buy(number: int) -> None:
        journal = Journal(path)
        for turn in range(5):
            try:
                journal.note(journal.begin(f"{number}/{turn}", "e/x", 0.1, {"day": (1.0, 0.0)}).id, "sent", request="r")
            except CeilingReached:
                refused.append(number)

    threads = [threading.Thread(target=buy, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Journal(path).spent(0) == 1.0 and len(Journal(path).purchases()) == 10 and len(refused) == 10


def test_what_became_of_a_purchase_has_its_room_before_it_is_made(path):
    journal = Journal(path)
    bought = journal.begin(KEY, "e/x", 0.04, NO_CEILING)
    size = path.stat().st_size
    journal.note(bought.id, "sent", request="r" * 100)
    journal.note(bought.id, "done", why="w" * 300)
    assert path.stat().st_size == size


def test_another_file_in_its_place_is_read_anew(path):
    journal = Journal(path)
    journal.begin(KEY, "e/x", 0.04, NO_CEILING)
    assert journal.of(KEY) is not None
    path.unlink()
    assert journal.of(KEY) is None and journal.spent(0) == 0
