"""Results by key: first writer wins, durable, and never a wrong hit."""

from __future__ import annotations

import gc
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import canonical_json, sha256
from calotype.store.action_cache import ActionCache, Result, Row


def row(number: int, score: float = 1.5) -> Row:
    components = canonical_json({"action": "score", "number": number})
    return sha256(components), "score", components, {"score": score}, {"seconds": 0.25}


def filled(path: Path, count: int = 5) -> list[Row]:
    rows = [row(number) for number in range(count)]
    cache = ActionCache(path)
    cache.put_many(rows)
    cache.close()
    return rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "actions.db"


def test_results_and_traces_come_back(path: Path) -> None:
    rows = filled(path, 1200)
    cache = ActionCache(path)
    assert cache.get(rows[7][0]) == Result({"score": 1.5}, '{"seconds": 0.25}')
    assert len(cache.get_many([key for key, *_ in rows] + ["0" * 64])) == 1200
    assert all(cache.components(key) == components for key, _, components, _, _ in rows[:20])
    assert cache.get("0" * 64) is None and cache.components("0" * 64) is None
    assert list(cache.keys()) == sorted(key for key, *_ in rows)


def test_the_first_result_stands(path: Path) -> None:
    cache = ActionCache(path)
    cache.put_many([row(1, 1.0), row(2, 1.0)])
    cache.put_many([row(2, 2.0), row(3, 2.0), row(3, 3.0)])
    found = cache.get_many(row(number)[0] for number in (1, 2, 3))
    assert [found[row(number)[0]].outputs["score"] for number in (1, 2, 3)] == [1.0, 1.0, 2.0]


def test_what_is_removed_is_a_miss_and_may_be_put_again(path: Path) -> None:
    cache = ActionCache(path)
    cache.put_many([row(1), row(2)])
    cache.remove([row(1)[0]])
    assert cache.get(row(1)[0]) is None and cache.components(row(1)[0]) is None
    cache.put_many([row(1, 3.0)])
    assert cache.get(row(1)[0]) == Result({"score": 3.0}, '{"seconds": 0.25}')


def test_nothing_but_the_file_and_an_empty_journal_is_left(path: Path) -> None:
    filled(path)
    assert sorted(os.listdir(path.parent)) in (["actions.db"], ["actions.db", "actions.db-journal"])


STRIDES = [97, pytest.param(1, marks=pytest.mark.soak)]


@pytest.mark.parametrize("stride", STRIDES)
def test_a_file_cut_off_at_any_byte_gives_no_wrong_hit_and_goes_on(path: Path, stride: int) -> None:
    rows = filled(path)
    whole = path.read_bytes()
    for length in [*range(200), *range(200, len(whole), stride), len(whole) - 1]:
        path.write_bytes(whole[:length])
        check_goes_on(path, rows)


@pytest.mark.parametrize("stride", STRIDES)
def test_a_byte_damaged_anywhere_gives_no_wrong_hit_and_goes_on(path: Path, stride: int) -> None:
    rows = filled(path)
    whole = path.read_bytes()
    for at in [*range(110), *range(110, len(whole), stride)]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1:])
        check_goes_on(path, rows)


def check_goes_on(path: Path, rows: list[Row]) -> None:
    (path.parent / "actions.db-journal").unlink(missing_ok=True)
    cache = ActionCache(path)
    for key, _, components, outputs, facts in rows:
        assert cache.get(key) in (None, Result(outputs, json.dumps(facts))), "a wrong hit"
        assert cache.components(key) in (None, components), "a wrong trace"
    cache.put_many([row(99, 9.0)])
    assert cache.get(row(99)[0]) == Result({"score": 9.0}, '{"seconds": 0.25}')
    cache.put_many(rows)
    assert cache.get_many(key for key, *_ in rows).keys() == {key for key, *_ in rows}
    cache.close()


def test_a_damaged_name_in_the_schema_is_damage_like_any_other(path: Path) -> None:
    rows = filled(path)
    whole = path.read_bytes()
    start = whole.index(b"CREATE TABLE")
    for at in range(start, start + 110):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x80]) + whole[at + 1:])
        check_goes_on(path, rows)


def test_a_damaged_file_is_put_aside_and_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    cache = ActionCache(path)
    assert cache.damaged == path.parent / "damaged" / "actions.db"
    assert cache.damaged.read_bytes().startswith(b"no database at all")


def test_a_database_of_somebody_elses_is_put_aside(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE action (something)")
    connection.close()
    assert ActionCache(path).damaged is not None


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    filled(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=9")
    connection.execute(f"PRAGMA application_id={0x0CA10000 + 9}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(Problem) as caught:
        ActionCache(path)
    assert caught.value.exit_code == 2
    assert path.read_bytes() == before


@pytest.mark.parametrize("instant", ["action_cache.inserted", "action_cache.put"])
def test_a_kill_keeps_all_of_a_batch_or_nothing(path: Path, instant: str) -> None:
    filled(path, 2)
    script = ("import sys, pathlib; sys.path.insert(0, sys.argv[2])\n"
              "from test_action_cache import row, ActionCache\n"
              "ActionCache(pathlib.Path(sys.argv[1])).put_many([row(n) for n in range(10)])")
    run = subprocess.run([sys.executable, "-c", script, path, Path(__file__).parent],
                         env={**os.environ, "CALOTYPE_KILL_AT": instant})
    assert run.returncode == -signal.SIGKILL
    cache = ActionCache(path)
    assert len(list(cache.keys())) == (2 if instant == "action_cache.inserted" else 10)
    assert cache.damaged is None
    cache.put_many([row(n) for n in range(10)])
    assert len(list(cache.keys())) == 10


def test_two_processes_agree_on_the_first_result(path: Path) -> None:
    script = ("import sys, pathlib; sys.path.insert(0, sys.argv[2])\n"
              "from test_action_cache import row, ActionCache\n"
              "cache = ActionCache(pathlib.Path(sys.argv[1])); mine = float(sys.argv[3])\n"
              "for n in range(100): cache.put_many([row(n, mine)])\n"
              "print([cache.get(row(n)[0]).outputs['score'] for n in range(100)])")
    processes = [subprocess.Popen([sys.executable, "-c", script, path, Path(__file__).parent, str(number)],
                                  stdout=subprocess.PIPE) for number in (1, 2)]
    first, second = [process.communicate(timeout=60)[0] for process in processes]
    assert first == second != b""


def test_two_that_find_the_same_damage_begin_one_new_file(path: Path) -> None:
    filled(path, 500)
    first, second = ActionCache(path), ActionCache(path)
    with open(path, "r+b") as file:
        file.seek(4096)
        file.write(b"\x55" * 200_000)
    key = row(3)[0]
    assert first.get(key) is None
    first.put_many([row(3, 7.0)])
    second.get(key)
    second.put_many([row(4)])
    for cache in (first, second, ActionCache(path)):
        assert cache.get(key) == Result({"score": 7.0}, '{"seconds": 0.25}')


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file")
    with pytest.raises(OSError):
        ActionCache(tmp_path / "cache" / "actions.db")
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(OSError):
        ActionCache(tmp_path / "folder.db")


def test_a_full_disk_is_an_os_error_and_keeps_what_was_there(path: Path) -> None:
    rows = filled(path)
    cache = ActionCache(path)
    cache._database._open().execute("PRAGMA max_page_count=12")
    with pytest.raises(OSError, match="full"):
        cache.put_many([row(number) for number in range(100, 1000)])
    assert len(cache.get_many(key for key, *_ in rows)) == 5


def test_a_cache_that_another_thread_collects_says_nothing(path: Path) -> None:
    """Whoever forgets to close leaves it to the collector, which runs in whatever thread allocates."""
    caches = [ActionCache(path)]
    caches[0].put_many([row(1)])
    thread = threading.Thread(target=caches.clear)
    thread.start()
    thread.join()
    gc.collect()
    assert ActionCache(path).get(row(1)[0]) is not None
