"""Beside `calotype studio` commands are run as beside a watch, and its pages are told of what they leave."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from typing import Any

import pytest
from served import STUDIO, Beside, beside

from survival import Studio, studio

__all__ = ["studio"]

BEND = "specs/exercises/bend.yaml"


@pytest.fixture
def bends(studio: Studio) -> Studio:
    studio.exercise("bend", "description: bend", "description: lean, candidates: 2, select: human")
    return studio


def state(terminal: Beside) -> Any:
    """What the pages are told."""
    address = next(line for line in terminal.told if line.startswith("http://")).partition("#")[0]
    with urllib.request.urlopen(f"{address}api/state", timeout=10) as answer:
        return json.load(answer)["state"]


def test_pages_are_told_of_a_build_in_another_terminal(bends: Studio) -> None:
    with beside(bends, server=STUDIO) as terminal:
        terminal.wait(lambda: state(terminal).get("awaiting") == 1)
        before = state(terminal)["builds"]
        bends.edit(BEND, "description: bend", "description: bend low")
        assert terminal.run("build").code == 3
        terminal.wait(lambda: state(terminal)["builds"] > before)
        terminal.wait(lambda: terminal.run("plan").served)
        assert terminal.run("pick", "exercises/bend/02", "1").code == 0
        assert terminal.run("build").code == 0
        terminal.wait(lambda: state(terminal)["awaiting"] == 0, "the inbox is empty")
        terminal.wait(lambda: terminal.run("build").served)
        assert bends.repeated == 0 and len(bends.painted) == 4
        terminal.wait(lambda: _is_at_rest(terminal), "nothing is left that is news")


def _is_at_rest(terminal: Beside) -> bool:
    """Whether no-ops and questions are served, and are no news."""
    before = state(terminal)["builds"]
    served = all(terminal.run(*words).served for words in (("build", "-q"), ("plan",), ("build",)))
    return served and state(terminal)["builds"] == before


def test_pages_are_told_of_a_build_of_a_process_of_its_own(bends: Studio) -> None:
    with beside(bends, server=STUDIO) as terminal:
        before = state(terminal)["builds"]
        bends.edit(BEND, "description: bend", "description: bend low")
        answer = terminal.run("build", env={"HF_HOME": "/nowhere"})
        assert answer.code == 3 and not answer.served
        terminal.wait(lambda: state(terminal)["builds"] > before)
        assert bends.repeated == 0


def test_its_token_keeps_nobody_from_being_served(bends: Studio) -> None:
    with beside(bends, server=STUDIO, env={"CALOTYPE_TOKEN": "t" * 32}) as terminal:
        del terminal.env["CALOTYPE_TOKEN"]
        terminal.wait(lambda: terminal.run("plan").served)


def test_other_rights_of_files_are_not_served(bends: Studio) -> None:
    with beside(bends, server=STUDIO) as terminal:
        def is_told() -> bool:  # who asks while a build is at work is told nothing
            assert not terminal.end_of(terminal.start("plan", umask=0o027)).served
            return "makes files with other rights" in "".join(terminal.told)

        terminal.wait(is_told)
        terminal.wait(lambda: terminal.run("plan").served)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_one_that_ends_leaves_its_build_to_the_command(bends: Studio, number: int) -> None:
    with beside(bends, server=STUDIO) as terminal:
        bends.order(slowly={"seconds": 0.4})
        bends.exercise("slow", *(f"description: slowly {each}" for each in range(6)))
        process = terminal.start("build", "-q", "-j", "1")
        terminal.wait(lambda: len(bends.painted) > 3)
        terminal.watch.send_signal(number)
        answer = terminal.end_of(process)
        assert terminal.ended() == (130 if number == signal.SIGINT else -9)
        assert answer.code in (0, 3) and not answer.served, answer
        assert bends.repeated <= 3
        assert bends.call("check", "--json").code in (0, 3)


def test_of_a_studio_and_a_watch_the_first_answers(bends: Studio) -> None:
    with beside(bends, server=STUDIO) as first:
        second = Beside(bends)
        second.wait(lambda: any("image" in line or "up to date" in line for line in second.told))
        time.sleep(0.5)
        first.wait(lambda: first.run("build").served)
        assert first.end() == 130
        second.wait(lambda: second.run("build").served, "the second takes its place")
        assert second.end() == 130
