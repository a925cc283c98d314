"""The journal of what is bought: ahead of every step, read back whole, and believed only where it can be read."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from calotype.ground.diagnostics import Problem
from calotype.store.hosted_journal import AlreadyBought, CeilingReached, Journal, midnight

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
    for file in path.parent.iterdir():  # as who deletes the cache does
        file.unlink()
    assert journal.of(KEY) is None and journal.spent(0) == 0


def test_one_that_is_cut_off_emptied_or_gone_is_not_believed(path):
    journal = Journal(path)
    journal.note(journal.begin(KEY, "e/x", 0.04, NO_CEILING).id, "sent", request="r")
    data = path.read_bytes()
    ends = [number + 1 for number, byte in enumerate(data) if byte == ord("\n")]
    for size in (0, 10, *ends[:-1], ends[-1] - 1):
        path.write_bytes(data[:size])
        for looking in (Journal(path), journal):
            with pytest.raises(Problem) as caught:
                looking.of(KEY)
            assert "cut off" in caught.value.diagnostics[0].message
    for garbage in (b"\0" * 500, os.urandom(500).replace(b"\n", b""), b"\xff" + data):
        path.write_bytes(garbage)
        with pytest.raises(Problem):
            Journal(path).begin(KEY, "e/x", 0.04, NO_CEILING)
    path.unlink()
    with pytest.raises(Problem) as caught:
        Journal(path).of(KEY)
    assert "it is gone" in caught.value.diagnostics[0].message
    path.write_bytes(data)
    assert journal.of(KEY).state == Journal(path).of(KEY).state == "sent"


@pytest.mark.parametrize("note", [b"", b"3", None])
def test_a_note_of_its_length_that_a_kill_left_short_or_did_not_make_harms_nothing(path, note):
    journal = Journal(path)
    journal.begin(KEY, "e/x", 0.04, NO_CEILING)
    place = path.with_suffix(".length")
    place.unlink() if note is None else place.write_bytes(note)
    assert Journal(path).of(KEY) is not None
    place.write_bytes(b"no number")
    with pytest.raises(Problem):
        Journal(path).of(KEY)


def test_what_another_bought_meanwhile_is_not_bought(path):
    bought, refused = [], []

    def buy() -> None:
        try:
            bought.append(Journal(path).begin(KEY, "e/x", 0.04, NO_CEILING))
        except AlreadyBought:
            refused.append(1)

    threads = [threading.Thread(target=buy) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(bought), len(refused)) == (1, 5)
    Journal(path).note(bought[0].id, "refused")
    assert Journal(path).begin(KEY, "e/x", 0.04, NO_CEILING).state == "intent"


def test_a_clock_that_is_set_back_takes_no_purchase_out_of_its_build(path, monkeypatch):
    journal, begun = Journal(path), time.time()
    monkeypatch.setattr(time, "time", lambda: begun - 7200)
    journal.begin("a", "e/x", 0.04, {"build": (0.05, begun)})
    with pytest.raises(CeilingReached):
        journal.begin("b", "e/x", 0.04, {"build": (0.05, begun)})


def test_a_build_past_midnight_keeps_within_its_ceiling_and_the_new_day_begins_at_nothing(path, monkeypatch):
    from calotype.workers.render.hosted.buying import Buying

    evening = 86400.0 * 20000 - 30
    clock = [evening]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    journal, buying = Journal(path), Buying(path, evening, build=0.10, day=0.08)
    for key in "ab":
        journal.begin(key, "e/x", 0.04, buying.ceilings())
    with pytest.raises(CeilingReached) as caught:
        journal.begin("c", "e/x", 0.01, buying.ceilings())
    assert caught.value.name == "day"
    clock[0] += 60
    journal.begin("c", "e/x", 0.02, buying.ceilings())
    assert journal.spent(midnight(clock[0])) == 0.02
    with pytest.raises(CeilingReached) as caught:
        journal.begin("d", "e/x", 0.04, buying.ceilings())
    assert caught.value.name == "build"
