"""What a shell, a disk and a system do to a command: closed and full streams, folders that go, signals, umasks."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from kit import ANSWER_KEYS

from calotype.roof.cli import fastpath
from conftest import CALOTYPE, Space

pytestmark = pytest.mark.skipif(os.name == "nt", reason="by the means of POSIX")
SPEC = """\
kind: exercise
id: {0}
region: neck
title: Nod {0}
images:
- {{view_angle: lateral, body_position: standing, description: nod, pose: {{neck_flexion: {1}}}}}
"""
MACHINES = ("json", "sarif", "junit", "github")


@pytest.fixture
def nods(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    for number in (1, 2):
        space.write(f"specs/exercises/neck/nod{number}.yaml", SPEC.format(f"nod{number}", number))
    return space


def shell(space: Space, line: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a line of the shell, in which `calotype` is the program."""
    line = re.sub(r"\bcalotype\b", shlex.quote(str(CALOTYPE)), line, count=1)
    done = subprocess.run(["sh", "-c", line], cwd=cwd or space.root, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr, done.stderr
    assert "a bug" not in done.stderr, done.stderr
    return done


# machine formats


def readable(form: str, text: str) -> bool:
    """Whether a CI system could read `text`, and finds an error in it."""
    if form == "json":
        return bool(list(json.loads(text)) == ANSWER_KEYS and json.loads(text)["diagnostics"])
    if form == "sarif":
        return bool(json.loads(text)["runs"][0]["results"])
    if form == "junit":
        return int(ElementTree.fromstring(text).attrib["errors"]) > 0
    return text.startswith("::error ")


@pytest.mark.parametrize("form", MACHINES)
@pytest.mark.parametrize("command", ["check", "validate"])
def test_a_machine_is_told_of_an_invalid_spec_in_its_format(nods: Space, command: str, form: str) -> None:
    nods.write("specs/broken.yaml", "kind: [")
    done = nods.call(command, "--format", form)
    assert done.code == 2
    assert done.out if command == "validate" and form == "json" else readable(form, done.out)


@pytest.mark.parametrize("form", MACHINES)
def test_a_machine_is_told_in_its_format_where_there_is_no_project(tmp_path: Path, form: str) -> None:
    done = Space(tmp_path).call("check", f"--format={form}")
    assert done.code == 2 and readable(form, done.out)


@pytest.mark.parametrize("form", MACHINES)
def test_a_machine_is_told_of_bad_usage_in_its_format(nods: Space, form: str) -> None:
    done = nods.call("check", "--format", form, "--nonsense")
    assert done.code == 2 and readable(form, done.out)


# streams


@pytest.mark.parametrize("command", ["build", "build --json", "plan", "--json plan", "check", "list", "--version", "--help"])
def test_a_closed_stdout_changes_nothing_of_what_is_done(nods: Space, command: str) -> None:
    expected = 1 if command == "check" else 0  # nothing is built yet
    assert shell(nods, f"calotype {command} >&-").returncode == expected
    if command.startswith("build"):
        assert shell(nods, "calotype build >&-").returncode == 0
        assert nods.call("check").code == 0


def test_a_database_never_takes_the_place_of_a_closed_stream(nods: Space) -> None:
    assert shell(nods, "calotype build -v <&- >&- 2>&-").returncode == 0
    assert nods.call("cache", "verify").code == 0
    assert not any((nods.root / "cache").rglob("damaged"))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
@pytest.mark.parametrize(("command", "code"), [
    ("build", 0), ("check", 0), ("plan", 1), ("--json plan", 1), ("build --json", 1), ("list", 1), ("doctor", 1),
    ("--version", 1), ("--help", 1), ("schema exercise", 1),
])
def test_a_full_disk_under_stdout_fails_only_what_was_to_be_written_there(nods: Space, command: str, code: int) -> None:
    assert nods.call("build").code == 0
    done = shell(nods, f"calotype {command} >/dev/full")
    assert done.returncode == code
    assert ("standard output" in done.stderr or "--help" in command) if code else done.stderr == ""


@pytest.mark.parametrize("stderr", ["2>/dev/null", "2>&-", "2>/dev/full"])
def test_an_invalid_spec_is_exit_2_whether_it_can_be_told_or_not(nods: Space, stderr: str) -> None:
    nods.write("specs/broken.yaml", "kind: [")
    assert shell(nods, f"calotype build {stderr}").returncode == 2


def test_a_build_goes_on_though_nobody_hears_of_it(nods: Space) -> None:
    assert shell(nods, "calotype build -v 2>/dev/full >/dev/full").returncode == 0
    assert nods.call("check").code == 0


def test_help_into_a_pipe_that_is_closed_is_no_error(nods: Space) -> None:
    assert shell(nods, "calotype --help | true").stderr == ""


@pytest.mark.parametrize("command", ["build", "plan", "init", "validate", "--json list"])
def test_a_working_folder_that_is_gone_is_told(space: Space, tmp_path: Path, command: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = shell(space, f'rmdir "$PWD" && calotype {command}', cwd=gone)
    assert done.returncode == 2 and "has been removed" in done.stderr


# signals


def signalled(space: Space, number: int, *words: str, ignored: tuple[int, ...] = (), after: str = "render ") -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command that is sent a signal when a line of stderr begins with `after`."""
    def ignore() -> None:
        for each in ignored:
            signal.signal(each, signal.SIG_IGN)

    with subprocess.Popen([str(CALOTYPE), *words], cwd=space.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, preexec_fn=ignore) as running:
        assert running.stderr and running.stdout
        err = ""
        for line in running.stderr:
            err += line
            if line.startswith(after):
                running.send_signal(number)
                break
        err += running.stderr.read()
        out = running.stdout.read()
    assert "Traceback" not in err, err
    return running.returncode, out, err


@pytest.fixture
def slow(nods: Space) -> Space:
    """Enough work that a signal comes amid it."""
    nods.write("calotype.yaml", "version: 1\ndefaults: {size: [768, 768]}\n")
    for number in range(3, 10):
        nods.write(f"specs/exercises/neck/nod{number}.yaml", SPEC.format(f"nod{number}", number))
    return nods


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_a_build_which_counts_each_image_once(slow: Space, number: int) -> None:
    code, out, _ = signalled(slow, number, "build", "-v", "-j", "1", "--json")
    outcome = json.loads(out)
    statuses = [target["status"] for target in outcome["targets"]]
    assert code == 130
    assert statuses.count("rendered") == outcome["renders"] >= 1
    assert len(statuses) == 9 and statuses.count("skipped") == 9 - outcome["renders"] >= 1
    assert slow.call("build", "--json").json["renders"] == 9 - outcome["renders"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_the_parent_ignores_is_ignored(slow: Space, number: int) -> None:
    code, _, _ = signalled(slow, number, "build", "-v", ignored=(number,))
    assert code == 0
    assert slow.call("check").code == 0


def test_a_stop_before_any_command_has_begun_is_an_interrupt_too(nods: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(words: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fastpath, "exit_code_if_current", stop)
    assert nods.call("build").code == 130


# folders


def test_a_group_shares_all_that_a_build_writes(nods: Space) -> None:
    assert shell(nods, "umask 002; calotype build").returncode == 0
    closed = [path for folder in ("build", "cache", "content") for path in (nods.root / folder).rglob("*")
              if not path.stat().st_mode & stat.S_IWGRP]
    assert closed == []


@pytest.mark.parametrize("folder", ["cache", ".renders", "deep/er"])
def test_caches_are_kept_out_of_git_from_their_first_write(nods: Space, folder: str) -> None:
    nods.write("calotype.yaml", f"version: 1\ndefaults: {{size: [64, 64]}}\ncache: {{dir: {folder}}}\n")
    nods.write("specs/broken.yaml", "kind: [")
    subprocess.run(["git", "init", "-q"], cwd=nods.root, check=True)

    def unversioned() -> set[str]:
        listed = subprocess.run(["git", "status", "--short", "-uall"], cwd=nods.root, check=True, capture_output=True, text=True)
        return {line[3:] for line in listed.stdout.splitlines()} - {"calotype.yaml"}

    assert nods.call("build").code == 2
    assert unversioned() <= {"cache/.gitignore", "specs/broken.yaml", *nods.files("specs")}
    nods.remove("specs/broken.yaml")
    assert nods.call("build").code == 0
    assert {path for path in unversioned() if not path.startswith(("content/", "specs/"))} == {
        "build/.gitignore", "cache/.gitignore"}


def test_a_project_whose_path_is_no_utf_8_builds(tmp_path: Path) -> None:
    try:
        root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
        root.mkdir()
    except OSError:
        pytest.skip("names are UTF-8 on this file system")
    cafe = Space(root)
    cafe.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    cafe.write("specs/exercises/neck/nod.yaml", SPEC.format("nod", 1))
    assert cafe.run("build").code == 0
    assert cafe.run("build", "--json").json["up_to_date"] == 1
    cafe.remove("cache")
    assert cafe.run("check").code == 0
    assert cafe.run("build", "--json").json["renders"] == 0
    assert cafe.run("plan", os.fsdecode(b"caf\xe9")).code == 2


def test_an_asset_from_the_year_2400_is_an_asset(nods: Space) -> None:
    assert nods.call("build").code == 0
    for file in (*nods.files("content"), "specs/exercises/neck/nod1.yaml", "calotype.yaml"):
        os.utime(nods.root / file, ns=(13_569_465_600_000_000_000, 13_569_465_600_000_000_000))
    for command in ("check", "build", "build", "validate", "gc"):
        assert nods.call(command).code == 0


# where one stands


@pytest.mark.parametrize(("folder", "target", "count"), [
    ("specs/exercises/neck", "nod1.yaml", 1), ("specs/exercises", "neck/nod1.yaml", 1), ("specs/exercises", "neck", 2),
    ("specs/exercises", "specs/exercises/neck/nod1.yaml", 1), ("specs", "exercises/nod1/01", 1), (".", ".", 2),
    ("refs", "../specs/exercises/neck/nod2.yaml", 1), (".", "specs/exercises/neck", 2),
])
def test_a_path_is_read_from_where_one_stands(nods: Space, folder: str, target: str, count: int) -> None:
    (nods.root / "refs").mkdir()
    for command in ("plan", "build"):
        done = nods.run(command, target, "--json", cwd=nods.root / folder)
        assert done.code == 0 and len(done.json["targets"]) == count, done.err
    for command in ("check", "list", "graph", "explain"):
        assert nods.run(command, target, cwd=nods.root / folder).code == 0
    assert nods.run("plan", "nowhere.yaml", cwd=nods.root / folder).code == 2


def test_the_standard_streams_are_opened_before_anything_else() -> None:
    script = "import os, sys; os.close(1); sys.stdout = None; from calotype.__main__ import main; main(['--version']); os.fstat(1)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
