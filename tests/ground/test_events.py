"""Events: told in order to all who listen, logged when something is done, and never the end of a build."""

import json
import os
import subprocess
import sys
import time

import pytest

from calotype.ground.events import LOGS_KEPT, Events, Log, logged


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_listener_hears_every_event_in_order():
    heard = [], []
    events = Events(heard[0].append, heard[1].append)
    events.emit("build.started", version="1")
    events.emit("note", message="hello")
    assert heard[0] == heard[1]
    assert [(one.kind, dict(one.fields)) for one in heard[0]] == [
        ("build.started", {"version": "1"}), ("note", {"message": "hello"}),
    ]


def test_a_log_is_one_json_object_a_line(tmp_path):
    with logged(tmp_path / "logs") as events:
        events.emit("build.started", version="1")
        events.emit("action.finished", kind="render", target="exercises/chin_tuck/01", seconds=0.25)
        events.emit("note", message="zwei\nZeilen, ü")
    (file,) = (tmp_path / "logs").iterdir()
    found = lines(file)
    assert [one["event"] for one in found] == ["build.started", "action.finished", "note"]
    assert found[1]["target"] == "exercises/chin_tuck/01" and found[1]["seconds"] == 0.25
    assert found[2]["message"] == "zwei\nZeilen, ü"
    assert found[0]["at"] <= found[1]["at"] <= found[2]["at"]


def test_a_log_is_named_after_the_time_and_the_process(tmp_path):
    with logged(tmp_path) as events:
        events.emit("note", message="x")
    (file,) = tmp_path.iterdir()
    stamp, _, rest = file.name.partition("-")
    assert rest == f"{os.getpid()}.jsonl" and len(stamp) == len("20240101T120000123Z")


def test_a_link_in_the_place_of_a_log_is_not_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 0.5)
    (tmp_path / f"19700101T000000500Z-{os.getpid()}.jsonl").symlink_to("elsewhere")
    with logged(tmp_path) as events:
        events.emit("note", message="x")
    assert not (tmp_path / "elsewhere").exists()


def test_a_build_with_nothing_to_do_writes_nothing(tmp_path):
    with logged(tmp_path / "logs") as events:
        events.emit("build.started", version="1")
        events.emit("plan.ready", renders=0)
        events.emit("build.finished", renders=0)
    assert not (tmp_path / "logs").exists()


def test_only_the_latest_logs_are_kept(tmp_path):
    for at in range(LOGS_KEPT + 5):
        (tmp_path / f"20200101T0000{at:02d}000Z-1.jsonl").write_text("{}\n")
    (tmp_path / "notes.txt").write_text("mine")
    with logged(tmp_path) as events:
        events.emit("note", message="x")
    kept = sorted(tmp_path.glob("*.jsonl"))
    assert len(kept) == LOGS_KEPT and lines(kept[-1])[0]["message"] == "x"
    assert kept[0].name == "20200101T000006000Z-1.jsonl"
    assert (tmp_path / "notes.txt").exists()


def test_a_killed_build_leaves_every_event_it_told(tmp_path):
    code = f"""
import os
from pathlib import Path
from calotype.ground.events import Events, Log
events = Events(Log(Path({str(tmp_path)!r})))
for number in range(10):
    events.emit("note", message=str(number))
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 9
    (file,) = tmp_path.iterdir()
    assert [one["message"] for one in lines(file)] == [str(number) for number in range(10)]


def test_a_log_that_cannot_be_written_ends_nothing(tmp_path):
    (tmp_path / "logs").write_text("a file where the folder should be")
    heard = []
    with logged(tmp_path / "logs", heard.append) as events:
        events.emit("note", message="one")
        events.emit("note", message="two")
    assert [one.fields["message"] for one in heard] == ["one", "two"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_ends_nothing(tmp_path):
    log = Log(tmp_path)
    heard = []
    events = Events(log, heard.append)
    events.emit("note", message="one")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, log._handle)
    os.close(full)
    events.emit("note", message="two")
    events.emit("note", message="three")
    log.close()
    assert len(heard) == 3


def test_a_listener_whose_stream_is_closed_is_told_nothing_more():
    told = []

    def closed(event):
        told.append(event.kind)
        raise ValueError("I/O operation on closed file")

    events = Events(closed)
    events.emit("note", message="one")
    events.emit("note", message="two")
    assert told == ["note"]


def test_nothing_is_imported_for_events_that_nobody_wrote():
    code = """
import sys
from pathlib import Path
from calotype.ground.events import Events, Log
Events(Log(Path("nowhere"))).emit("build.started", version="1")
sys.exit("json" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
