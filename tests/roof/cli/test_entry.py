"""The door: every way in which a command line can go wrong ends in words and in its exit code."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from kit import ANSWER_KEYS, nod_spec

from calotype.roof.cli import entry
from conftest import CALOTYPE, Space

COMMANDS = (
    "init", "validate", "schema", "list", "pose", "plan", "build", "check", "explain", "graph", "show", "pick", "approve",
    "reject", "include", "exclude", "judge", "identity", "models", "inspect", "doctor", "clean", "gc", "cache",
)
SUBCOMMANDS = ("models list", "models pull", "models verify", "cache verify", "scene new")


def test_the_version_is_one_line(space: Space) -> None:
    done = space.run("--version")
    assert (done.code, done.out) == (0, "calotype 0.1.0\n")


def test_the_version_costs_no_import_of_click(space: Space) -> None:
    look = "main(['--version']); sys.exit('click' in sys.modules)"
    script = f"import sys; from calotype.__main__ import main; {look}"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0


@pytest.mark.parametrize("command", ["build", "check"])
def test_a_project_that_is_misspelt_is_not_the_one_that_lies_around_it(space: Space, command: str) -> None:
    (space.root / "specs").mkdir()
    assert space.run("build").code == 0
    done = space.run("--project", "nowhere", command)
    assert (done.code, done.out) == (2, "") and "there is no folder `nowhere`" in done.err


def test_help_names_every_command_on_one_line_each(space: Space) -> None:
    done = space.call("--help")
    assert done.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in done.out
    assert "..." not in done.out.partition("Write:")[2]


@pytest.mark.parametrize("command", [*COMMANDS, *SUBCOMMANDS, ""])
def test_every_command_has_help_that_fits_a_terminal(space: Space, command: str) -> None:
    done = space.call(*command.split(), "--help")
    assert done.code == 0
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert "--json" in done.out and "--project" in done.out
    assert "Examples:" in done.out


def test_a_misspelt_command_is_bad_usage_with_a_suggestion(space: Space) -> None:
    done = space.call("biuld")
    assert done.code == 2
    assert "error[usage]" in done.err and "build" in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    "words", [["build", "--jsn"], ["build", "-j", "0"], ["schema", "dragon"], ["explain"], []]
)
def test_bad_usage_is_exit_2_and_silent_on_stdout(space: Space, words: list[str]) -> None:
    done = space.call(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err


def test_with_json_an_error_is_an_object_of_the_same_shape(space: Space) -> None:
    done = space.call("build", "--json", "--nonsense")
    assert done.code == 2
    assert list(done.json) == ANSWER_KEYS
    assert done.json["diagnostics"][0]["code"] == "usage"


def test_outside_of_any_project_the_error_says_what_to_do(space: Space, tmp_path: Path) -> None:
    lost = Space(tmp_path)
    done = lost.call("plan")
    assert done.code == 2
    assert "calotype init" in done.err


def raise_in_door(monkeypatch: pytest.MonkeyPatch, wrong: BaseException) -> None:
    def fail(*_: object) -> int:
        raise wrong

    monkeypatch.setattr(entry, "_run", fail)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_what_the_system_refuses_is_one_clear_line(
    space: Space, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    raise_in_door(monkeypatch, OSError(number, "refused", "content/image.png"))
    done = space.call("build", "--json")
    assert done.code == 1
    assert "content/image.png" in done.err and "hint:" in done.err
    assert done.json["diagnostics"][0]["severity"] == "error"


def test_a_bug_is_exit_70_with_one_line_and_the_path_of_its_log(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_in_door(monkeypatch, RuntimeError("a cog\nslipped"))
    done = space.call("build", "--json")
    assert done.code == 70
    assert "Traceback" not in done.err and "a cog" in done.err
    (log,) = (space.root / "build/logs").glob("bug-*.log")
    assert log.as_posix() in done.json["diagnostics"][0]["hint"].replace("\\", "/")
    assert "RuntimeError: a cog" in log.read_text()


def test_the_log_of_a_bug_holds_no_environment(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "open sesame")
    raise_in_door(monkeypatch, RuntimeError("a cog slipped"))
    space.call("build")
    (log,) = (space.root / "build/logs").glob("bug-*.log")
    assert "open sesame" not in log.read_text()


def test_an_interrupt_is_exit_130(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    raise_in_door(monkeypatch, KeyboardInterrupt())
    assert space.call("build").code == 130


def test_a_reader_that_goes_away_is_not_an_error(space: Space) -> None:
    with subprocess.Popen(
        [str(CALOTYPE), "schema", "exercise"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=space.root
    ) as running:
        assert running.stdout and running.stderr
        running.stdout.close()
        err = running.stderr.read()
    assert (running.returncode, err) == (0, b"")


def test_a_terminal_that_cannot_show_a_letter_stops_nothing(space: Space) -> None:
    done = space.run("schema", "exercise", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.code == 0


def test_shell_completion_completes_commands(space: Space) -> None:
    done = space.run(
        env={"_CALOTYPE_COMPLETE": "bash_complete", "COMP_WORDS": "calotype bu", "COMP_CWORD": "1"}
    )
    assert "build" in done.out


def test_shell_completion_leaves_files_to_the_shell_where_one_may_be_put_in(space: Space) -> None:
    for command, answer in (("pick", "file,re"), ("approve", "")):
        words = {"_CALOTYPE_COMPLETE": "bash_complete", "COMP_WORDS": f"calotype {command} exercises/nod/01 re",
                 "COMP_CWORD": "3"}
        assert space.run(env=words).out.strip() == answer


@pytest.mark.parametrize("command", ["pick", "approve", "reject", "include", "exclude", "explain", "build"])
def test_shell_completion_completes_targets_that_a_build_has_seen(space: Space, command: str) -> None:
    words = {"_CALOTYPE_COMPLETE": "bash_complete", "COMP_WORDS": f"calotype {command} exercises/no", "COMP_CWORD": "2"}
    assert space.run(env=words).out.strip() == ""
    for name in ("nod", "turn"):
        space.write(f"specs/exercises/neck/{name}.yaml", nod_spec(name, "seed: 1", "seed: 2"))
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    assert space.call("build").code == 0
    assert space.run(env=words).out.splitlines() == ["plain,exercises/nod/01", "plain,exercises/nod/02"]


def test_the_shared_options_stand_before_or_after_the_command(space: Space, tmp_path: Path) -> None:
    (space.root / "specs").mkdir()
    elsewhere = Space(tmp_path)
    before = elsewhere.call("--project", str(space.root), "--json", "list")
    after = elsewhere.call("list", "--json", "--project", str(space.root))
    assert before.code == after.code == 0
    assert before.json == after.json
