"""A command beside a watch gives the bytes, the exit code and the files that it gives alone."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest
from served import LOOPBACK, STUDIO, WATCH, Answer, Beside, beside, plain, twin

from survival import Studio, studio

__all__ = ["studio"]

BEND = "specs/exercises/bend.yaml"


@pytest.fixture
def bends(studio: Studio) -> Studio:
    """Three exercises, one of two images; the last build is that of `calotype build`."""
    studio.exercise("bend", "description: bend, candidates: 3", "description: lean")
    studio.exercise("turn", "description: turn, candidates: 2, select: human")
    studio.exercise("lift", "description: lift")
    studio.run("build", env={"CALOTYPE_PAINTER": str(studio.notes)})
    return studio


def alone(terminal: Beside, other: Studio, words: tuple[str, ...], **options: object) -> tuple[int, bytes, bytes]:
    """What the command gives in the twin, where no watch is."""
    env = {**terminal.env, "CALOTYPE_PAINTER": str(other.notes)}
    done = subprocess.run([terminal.watch.args[0], str(terminal.program), *words], cwd=other.root, env=env, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, **options)
    return done.returncode, plain(done.stdout), plain(done.stderr)


QUESTIONS = [
    ("build",), ("build", "-q"), ("build", "--json"), ("build", "-v", "exercises/bend"), ("build", "nothing/such"),
    ("build", "--dry-run"), ("build", "-j", "none"), ("build", "--jobs", "2"), ("build", BEND),
    ("plan",), ("plan", "--json"), ("plan", "-v"), ("plan", "--prompts", "exercises/lift"), ("plan", "exercises/*"),
    ("check",), ("check", "--json"), ("check", "--format", "junit"), ("check", "--format", "sarif"),
    ("check", "--format", "github"), ("check", "exercises/bend"), ("check", "--no-such-option"),
    ("explain", "exercises/bend/01"), ("explain", "exercises/bend/01", "--json"), ("explain", "exercises/none"),
    ("explain",), ("list",), ("list", "--json"), ("list", "exercises/turn"), ("show", "exercises/turn/01"),
    ("show", "exercises/turn/01", "--json"), ("graph",), ("graph", "--json"), ("validate",), ("validate", BEND),
    ("validate", "--json"), ("validate", "specs/none.yaml"), ("--json", "plan"), ("plan", "--project", "."),
    ("--project=.", "check"), ("pick", "exercises/turn/01", "9"), ("pick", "exercises/turn/01"),
    ("approve", "exercises/none/01"), ("reject", "exercises/turn/01", "1"),
]


@pytest.mark.parametrize(("server", "env"), [(WATCH, {}), (STUDIO, {}), (WATCH, LOOPBACK)],
                         ids=["watch", "studio", "loopback"])
def test_every_question_has_the_answer_that_it_has_alone(
    bends: Studio, server: tuple[str, ...], env: dict[str, str]
) -> None:
    other = twin(bends)
    with beside(bends, server=server, env=env) as terminal:
        for words in QUESTIONS:
            answer = terminal.wait(lambda: _served(terminal, words), str(words))  # noqa: B023
            assert (answer.code, plain(answer.out), plain(answer.err)) == alone(terminal, other, words), words
        assert terminal.end() == 130
    assert bends.content() == other.content()


def _served(terminal: Beside, words: tuple[str, ...]) -> Answer | None:
    """The answer of the watch; None while it is at work: a Studio takes up what a build of others has left."""
    answer = terminal.run(*words)
    return answer if answer.served else None


DEEDS = [
    ("write", "description: bend", "description: bend low"), ("build",), ("build", "--json"),
    ("pick", "exercises/turn/01", "2"), ("plan",), ("build",), ("explain", "exercises/turn/01"),
    ("approve", "exercises/lift/01"), ("reject", "exercises/bend/01", "1", "--reason", "too dark"), ("plan", "-v"),
    ("build", "-v"), ("check",), ("pick", "exercises/turn/01", "--undo"), ("build",), ("check", "--json"),
    ("write", "title: bend", "title: Bend [ down"), ("check",), ("build",), ("write", "title: Bend [ down", "title: Bend"),
    ("build", "--json"), ("write", "seed", "seed"), ("list",), ("build", "exercises/lift", "--json"),
]


@pytest.mark.parametrize("server", [WATCH, STUDIO], ids=["watch", "studio"])
def test_a_day_of_edits_and_decisions_leaves_the_same_files(bends: Studio, server: tuple[str, ...]) -> None:
    other = twin(bends)
    served = 0
    with beside(bends, server=server) as terminal:
        for words in DEEDS:
            if words[0] == "write":
                for project in (bends, other):
                    file = project.root / BEND
                    file.write_text(file.read_text().replace(words[1], words[2]))
                continue
            answer = terminal.run(*words)
            code, out, err = alone(terminal, other, words)
            served += answer.served
            assert answer.code == code, (words, answer, out, err, terminal.told)
            if words[0] in ("pick", "approve", "reject"):  # of the others the watch may have done a part before
                assert (plain(answer.out), plain(answer.err)) == (out, err), words
        assert terminal.end() == 130
    assert bends.content() == other.content() and served > len(DEEDS) / 2
    picks = [{name: (project.root / name).read_bytes() for name in project.files("specs/picks")}
             for project in (bends, other)]
    assert {name: _without_time(text) for name, text in picks[0].items()} == {
        name: _without_time(text) for name, text in picks[1].items()}
    assert bends.sheets() == other.sheets()


def _without_time(text: bytes) -> list[bytes]:
    return [line for line in text.splitlines() if b"at:" not in line]


@pytest.mark.parametrize("transport", [{}, LOOPBACK], ids=["socket", "loopback"])
@pytest.mark.parametrize("words", [("build",), ("plan",), ("list",), ("explain", "exercises/bend/01"), ("check",)])
def test_a_terminal_is_a_terminal_also_for_the_watch(
    bends: Studio, words: tuple[str, ...], transport: dict[str, str]
) -> None:
    with beside(bends, env=transport) as terminal:
        looks = {}
        for name, cwd in (("served", bends.root), ("alone", twin(bends).root)):
            outer, inner = pty.openpty()
            env = {"TERM": "xterm-256color", "COLUMNS": "61", "NO_COLOR": ""}
            process = terminal.start(*words, cwd=cwd, env=env, stdin=inner, stdout=inner, stderr=inner)
            os.close(inner)
            looks[name] = plain(_all_of(outer)), process.wait(60), terminal.was_served(process)
        assert looks["served"] == (*looks["alone"][:2], True)
        assert b"\x1b[" in looks["served"][0] or words == ("build",)


def _all_of(handle: int) -> bytes:
    text = b""
    try:
        while more := os.read(handle, 1 << 16):
            text += more
    except OSError:  # what a terminal says at its end
        pass
    os.close(handle)
    return text


@pytest.mark.parametrize("transport", [{}, LOOPBACK], ids=["socket", "loopback"])
def test_files_full_disks_and_closed_streams_answer_as_alone(
    bends: Studio, tmp_path: Path, transport: dict[str, str]
) -> None:
    other = twin(bends)
    with beside(bends, env=transport) as terminal:
        script = f'"{terminal.watch.args[0]}" "{terminal.program}"'
        for line in (f"{script} list > {tmp_path}/F", f"{script} plan --json > {tmp_path}/F 2>&1",
                     f"{script} list >> {tmp_path}/F", f"{script} list > /dev/full", f"{script} check 2> /dev/full",
                     f"{script} list >&-", f"{script} check 2>&-", f"{script} list 0<&-", f"{script} list | head -1",
                     f"{script} plan 2>&1 | cat", f"{script} build > /dev/full", f"{script} build --json > /dev/full"):
            got = []
            for project in (bends, other):
                file = tmp_path / "F"
                done = subprocess.run(["bash", "-c", f"{line}; echo ${{PIPESTATUS[0]}}"], cwd=project.root, check=False,
                                      env={**terminal.env, "CALOTYPE_PAINTER": str(bends.notes)}, capture_output=True)
                got.append((plain(done.stdout), plain(done.stderr), plain(file.read_bytes()) if file.exists() else b""))
                file.unlink(missing_ok=True)
            assert got[0] == got[1], line


def test_it_is_as_if_it_stood_where_the_command_was_given(bends: Studio) -> None:
    with beside(bends) as terminal:
        below = bends.root / "specs/exercises"
        assert terminal.run("build", "bend.yaml", "--json", cwd=below).served
        assert terminal.run("plan", "bend.yaml", cwd=below).code == 0
        assert terminal.run("plan", "bend.yaml").code == 2
        bends.edit(BEND, "description: lean", "description: lean far")
        made = subprocess.run(["bash", "-c", f"umask 027; '{terminal.watch.args[0]}' '{terminal.program}' build"],
                              cwd=below, env=terminal.env, check=False, capture_output=True)
        assert b"1 image rendered" in made.stdout, made
        assert (bends.root / "content/images/exercises/neck/bend_02.png").stat().st_mode & 0o777 == 0o640
        outside = terminal.run("plan", "--project", str(bends.root), cwd=bends.root.parent)
        assert outside.served and outside.code == 0
