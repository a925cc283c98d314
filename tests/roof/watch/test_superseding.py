"""Beside a build: which hints have the newer edit planned, how often, and what a failure to plan does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from calotype.ground.diagnostics import EXIT_INVALID, Problem, error
from calotype.roof.watch.hints import Hints
from calotype.roof.watch.superseding import Superseding
from patience import wait_for

SPEC, ASSET = "specs/exercises/nod.yaml", "content/images/exercises/neck/nod_01.png"
INVALID = Problem(error("invalid", "half a spec"), EXIT_INVALID)


class Planned:
    """A project of which only the planning is asked; each answer may be an exception. `times`: how often it was."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.times = 0

    def renders_wanted(self) -> Any:
        self.times += 1
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def beside(project: Any, hints: Hints, say: Callable[[str], None] = print) -> Superseding:
    return Superseding(project, hints, lambda: hints.settle(0.01, 0.1), 1, lambda: False, say)


def test_an_invalid_edit_is_planned_once_whatever_the_build_publishes_and_the_next_edit_ends_the_build() -> None:
    hints, project = Hints(), Planned(INVALID, frozenset())
    with beside(project, hints) as superseding:
        hints.file(SPEC)
        wait_for(lambda: project.times == 1)
        for _ in range(3):
            hints.file(ASSET)
            time.sleep(0.05)
        assert project.times == 1 and not superseding.cancelled()
        hints.file(SPEC)
        wait_for(superseding.cancelled)
    assert project.times == 2
    assert hints.take() == {"specs/exercises", "content/images/exercises/neck"}, "the next look goes to all of them"


def test_a_bug_in_the_planning_is_told_and_the_next_edit_is_planned(capfd: pytest.CaptureFixture[str]) -> None:
    hints, project, messages = Hints(), Planned(TypeError("no such thing"), frozenset()), []
    with beside(project, hints, messages.append) as superseding:
        hints.file(SPEC)
        wait_for(lambda: messages)
        assert not superseding.cancelled()
        hints.file(SPEC)
        wait_for(superseding.cancelled)
    (message,) = messages
    assert "TypeError: no such thing" in message
    assert "Traceback" not in "".join(capfd.readouterr())


def test_after_a_build_that_gave_way_the_next_wait_is_a_whole_one() -> None:
    hints = Hints()
    with beside(Planned(frozenset()), hints) as superseding:
        hints.file(SPEC)
        wait_for(superseding.cancelled)
        wait_for(lambda: not superseding._thread.is_alive())
    started = time.monotonic()
    assert not hints.wait(0.1)
    assert time.monotonic() - started >= 0.1
