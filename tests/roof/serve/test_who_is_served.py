"""Whoever differs in what may change an answer, and whoever is no command at all, is not served and harms nobody."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from served import Beside, beside

from calotype.roof.serve.loaded_code import LoadedCode
from calotype.roof.serve.wire import ASK, GO, message, packed, unpacked
from survival import Studio, studio

__all__ = ["studio"]


@pytest.fixture
def bends(studio: Studio) -> Studio:
    studio.exercise("bend", "description: bend")
    return studio


def connected(terminal: Beside) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(10)
    link.connect(str(terminal.socket))
    return link


def test_another_environment_python_or_group_of_options_runs_by_itself(bends: Studio) -> None:
    with beside(bends) as terminal:
        for env in ({"CALOTYPE_MODELS": "/nowhere"}, {"HF_HOME": "/nowhere"}, {"PYTHONOPTIMIZE": "1"}, {"LANG": "tr_TR"},
                    {"PYTHONPATH": os.environ["PYTHONPATH"] + ":/nowhere"}, {"TZ": "Asia/Tokyo"}, {"PLUGINS_OWN": "1"}):
            answer = terminal.run("build", env=env)
            assert not answer.served and answer.code == 0, env
        for env in ({"COLUMNS": "50"}, {"TERM": "dumb"}, {"NO_COLOR": ""}, {"TERM_SESSION_ID": "7"}, {"PWD": "/x"}):
            assert terminal.run("build", env=env).served, env
        for words in (("check", "--full"), ("build", "--preset", "draft"), ("plan", "--renderer=mannequin"), ("doctor",),
                      ("build", "--executor", "processes"), ("build", "--help"), ("gc", "--dry-run")):
            assert not terminal.run(*words).served, words

        def is_told() -> bool:
            terminal.run("build", env={"HF_HOME": "/nowhere"})  # who asks while the watch is at work is told nothing
            return "ran by itself: other values of HF_HOME in its environment" in "".join(terminal.told)

        terminal.wait(is_told)


def test_another_project_is_not_served_by_this_one(bends: Studio) -> None:
    other = bends.clean("other")
    with beside(bends) as terminal:
        assert not terminal.run("plan", cwd=other.root).served
        shutil.copytree(bends.root, bends.root.parent / "copy")
        assert not terminal.run("plan", cwd=bends.root.parent / "copy").served
        link = bends.root.parent / "link"
        link.symlink_to(bends.root)
        assert terminal.run("plan", cwd=link).served, "it is the same project"


def test_a_plugin_or_a_library_with_other_code_than_was_loaded_ends_the_service(bends: Studio, tmp_path: Path) -> None:
    painter = tmp_path / "painter"
    shutil.copytree(Path(__file__).parents[2] / "painter", painter)
    env = {"PYTHONPATH": str(painter)}
    with beside(bends, env=env) as terminal:
        assert terminal.run("plan").served
        file = painter / "painter.py"
        file.write_text(file.read_text() + "\n# other code\n")
        assert not terminal.run("plan").served
        terminal.wait(lambda: "files have changed since the watch was started" in "".join(terminal.told))


def test_the_files_of_what_was_loaded_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_library.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    code = LoadedCode()
    __import__("a_library")
    code.note()
    assert not code.has_changed()
    (tmp_path / "a_library.py").write_text("x = 22\n")
    assert code.has_changed()
    del sys.modules["a_library"]


def test_data_that_comes_goes_or_changes_is_known_and_bytecode_is_none(tmp_path: Path) -> None:
    (tmp_path / "rooms/deep").mkdir(parents=True)
    (tmp_path / "rooms/sheet.css").write_text("a {}\n")
    (tmp_path / "rooms/module.py").write_text("x = 1\n")
    code = LoadedCode(str(tmp_path))
    assert not code.has_changed()
    (tmp_path / "rooms/__pycache__").mkdir()
    (tmp_path / "rooms/__pycache__/module.pyc").write_bytes(b"x")
    (tmp_path / "rooms/other.py").write_text("x = 1\n")
    assert not code.has_changed() and not code.has_changed()
    for path in ("rooms/deep/new.json", "rooms/other/new.json", "new.json"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("{}")
        assert code.has_changed() and code.has_changed(), path
        (tmp_path / path).unlink()
        assert not code.has_changed(), path
    (tmp_path / "rooms/sheet.css").write_text("a { color: red }\n")
    assert code.has_changed()
    (tmp_path / "rooms/sheet.css").unlink()
    assert code.has_changed()


def test_what_is_packed_comes_out_and_nothing_else_does() -> None:
    groups = [["a", "", "ä\udcff"], [], ["x=1\n2"]]
    assert unpacked(packed(*groups)) == groups
    for garbage in (b"", b"x", b"3\0a\0b", b"-1", b"99999999999", b"1\0a\0"):
        with pytest.raises(ValueError):
            unpacked(garbage)


GARBAGE = [b"", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 70000, message(ASK, b"\xff\xfe"), message(ASK, packed([], [], [], [])),
           message(ASK, packed(*[["a"] * 6] * 4)), message(GO), message(GO) * 1000, b"?\xff\xff\xff\xff", message(b"Z"), os.urandom(4096)]


def test_garbage_and_the_silent_cost_nobody_but_themselves(bends: Studio) -> None:
    with beside(bends) as terminal:
        handles = lambda: len(os.listdir(f"/proc/{terminal.watch.pid}/fd"))  # noqa: E731
        before = handles()
        for text in GARBAGE:
            with connected(terminal) as link:
                try:
                    link.sendall(text)
                    link.shutdown(socket.SHUT_WR)
                    assert link.recv(100) in (b"",) or text == b""
                except ConnectionError:
                    pass
        with connected(terminal) as link, open(os.devnull) as null:
            socket.send_fds(link, [GARBAGE[1]], [null.fileno()] * 40)
        with ExitStack() as all_of_them:
            silent = [all_of_them.enter_context(connected(terminal)) for _ in range(50)]
            assert terminal.run("build").code == 0
            terminal.wait(lambda: handles() == before, "they are sent away")
            assert all(link.recv(1) == b"" for link in silent)
        assert terminal.run("build").served
        bends.edit("specs/exercises/bend.yaml", "description: bend", "description: bend low")
        terminal.wait(lambda: len(bends.painted) == 2)


def test_a_question_whose_asker_does_not_say_go_is_dropped(bends: Studio) -> None:
    with beside(bends) as terminal:
        process = terminal.start("build")  # stopped as soon as it can be: maybe before it asks, maybe when it is answered
        time.sleep(0.012)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.6)
        assert terminal.run("build").served, "the others are served"
        process.send_signal(signal.SIGCONT)
        assert terminal.end_of(process).code == 0


def test_a_watch_that_is_stopped_is_not_waited_for(bends: Studio) -> None:
    with beside(bends) as terminal:
        terminal.watch.send_signal(signal.SIGSTOP)
        answer = terminal.run("build")
        assert answer.code == 0 and not answer.served
        terminal.watch.send_signal(signal.SIGCONT)
        terminal.wait(lambda: terminal.run("build").served)


def test_only_a_folder_and_a_socket_that_are_this_users_alone_are_used(bends: Studio) -> None:
    with beside(bends) as terminal:
        path = terminal.socket
        assert path is not None
        assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
        path.chmod(0o666)
        assert not terminal.run("build").served
        path.chmod(0o600)
        path.parent.chmod(0o755)
        assert not terminal.run("build").served
        path.parent.chmod(0o700)
        assert terminal.run("build").served
        moved = path.parent.rename(path.parent.with_name("moved"))
        path.parent.symlink_to(moved)
        assert not terminal.run("build").served, "no link is followed"
        path.parent.unlink()
        moved.rename(path.parent)
        assert terminal.run("build").served
        assert terminal.end() == 130
        assert not path.exists(), "it leaves no socket"


def test_where_it_may_not_or_cannot_listen_it_watches_all_the_same(bends: Studio) -> None:
    runtime = bends.root.parent / ("r" * 100)
    runtime.mkdir()
    open_to_all = bends.root.parent / "open"
    (open_to_all / f"calotype-{os.getuid()}").mkdir(parents=True)
    (open_to_all / f"calotype-{os.getuid()}").chmod(0o777)
    for folder in (runtime, open_to_all):
        terminal = Beside(bends, env={"XDG_RUNTIME_DIR": str(folder)})
        try:
            terminal.wait(lambda: any("up to date" in line or "rendered" in line for line in terminal.told))  # noqa: B023
            bends.write("specs/exercises/bend.yaml", bends.read("specs/exercises/bend.yaml").replace("description: bend", "description: bend down"))
            terminal.wait(lambda: len(terminal.told) > 2)  # noqa: B023
            answer = terminal.run("build", env={"XDG_RUNTIME_DIR": str(folder)})
            assert answer.code == 0 and not answer.served
        finally:
            assert terminal.end() == 130
        assert not list(folder.rglob("*.sock"))


def test_a_socket_that_a_killed_watch_left_is_replaced_and_of_two_the_first_listens(bends: Studio) -> None:
    with beside(bends) as terminal:
        terminal.watch.kill()
        terminal.ended()
        assert terminal.socket is not None
        assert terminal.run("build").code == 0, "nobody answers there"
    with beside(bends) as first:
        second = Beside(bends)
        second.wait(lambda: any("up to date" in line for line in second.told))
        time.sleep(0.5)
        assert first.run("build").served
        assert second.end() == 130
        assert first.run("build").served, (first.told, first.socket)


def test_a_read_only_watch_of_the_answers_needs_no_accepting_thread_at_rest(bends: Studio) -> None:
    with beside(bends) as terminal:
        time.sleep(1)
        before = _processor_ticks(terminal.watch.pid)
        time.sleep(2)
        assert _processor_ticks(terminal.watch.pid) - before <= 1


def _processor_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_where_nobody_watches_nothing_is_asked(bends: Studio) -> None:
    words = [sys.executable, "-X", "importtime", "-m", "calotype", "build"]
    env = {**os.environ, "CALOTYPE_PAINTER": str(bends.notes)}
    for _ in range(3):
        bends.settle()
        done = subprocess.run(words, cwd=bends.root, check=True, capture_output=True, env=env, encoding="utf-8")
    assert "roof.serve.address" in done.stderr
    assert "_socket" not in done.stderr and "roof.serve.client" not in done.stderr
