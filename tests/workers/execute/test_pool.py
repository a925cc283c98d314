"""The pool itself: what its places do never keeps the others open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from calotype.workers.execute.pool import Pool
from calotype.workers.protocol import WorkerRef
from calotype.workers.work import Answer, Stopped, Work


class Door:
    """A place that answers each request with `Stopped`, and refuses to be closed where it is told to."""

    def __init__(self, refuses: bool) -> None:
        self._refuses = refuses
        self.closed = False

    def perform(self, work: Work, cancel: Callable[[], bool]) -> Iterator[Answer[Any]]:
        yield from (Stopped(node) for node in work.nodes)

    def stop(self) -> None: ...

    def close(self) -> None:
        self.closed = True
        if self._refuses:
            raise OSError("it does not close")


@pytest.mark.parametrize("refusing", [0, 1, 2])
def test_every_place_is_closed_and_every_thread_ends_where_one_place_raises(refusing: int) -> None:
    doors = [Door(number == refusing) for number in range(3)]
    works = iter([Work(WorkerRef("renderer", "none", 1), [number], [{}]) for number in range(3)])
    with pytest.raises(OSError, match="does not close"):
        list(Pool(lambda place: next(works, None), list(doors), lambda: False).run())
    assert all(door.closed for door in doors)
    assert not [thread for thread in threading.enumerate() if thread.name == "calotype-work"]


class Waiting(Door):
    """A place whose work ends when another place has had some, or a minute has passed."""

    def __init__(self, had_some: threading.Event) -> None:
        super().__init__(refuses=False)
        self._had_some = had_some
        self.in_time = False

    def perform(self, work: Work, cancel: Callable[[], bool]) -> Iterator[Answer[Any]]:
        self.in_time = self._had_some.wait(60)
        yield from super().perform(work, cancel)


class Telling(Door):
    def __init__(self, had_some: threading.Event) -> None:
        super().__init__(refuses=False)
        self._had_some = had_some

    def perform(self, work: Work, cancel: Callable[[], bool]) -> Iterator[Answer[Any]]:
        self._had_some.set()
        yield from super().perform(work, cancel)


def test_an_idle_place_is_offered_work_again_though_no_answer_comes() -> None:
    had_some = threading.Event()
    places = [Waiting(had_some), Telling(had_some)]
    works = {place: Work(WorkerRef("renderer", "none", 1), [place], [{}]) for place in (0, 1)}
    offers = [0, 0]

    def source(place: int) -> Work | None:
        offers[place] += 1
        return works.pop(place, None) if place == 0 or offers[1] == 3 else None

    assert len(list(Pool(source, list(places), lambda: False).run())) == 2
    assert places[0].in_time
