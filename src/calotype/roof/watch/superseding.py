"""A build that gives way to a newer edit: what is queued is dropped, what is in work and still wanted is finished."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from calotype.api import KeptProject
from calotype.ground.diagnostics import Problem
from calotype.ground.events import Event
from calotype.roof.watch.hints import Hints


class Superseding:
    """Beside one build, in a `with`: a thread that takes the hints and, at an edit that can be planned, ends the build.

    An edit that leaves a spec invalid ends nothing: nothing better is known than what is being built. `say` is told
    what else kept an edit from being planned; the build goes on then.
    """

    def __init__(self, project: KeptProject, hints: Hints, settle: Callable[[], None], jobs: int,
                 stop: Callable[[], bool], say: Callable[[str], None]) -> None:
        self._project, self._hints, self._settle, self._jobs = project, hints, settle, jobs
        self._stop, self._say = stop, say
        self._in_work: dict[str, None] = {}
        self._to_finish: frozenset[str] = frozenset()
        self._over = self._given_way = False
        self.obeyed = False
        """Whether the build has been told to stop on account of an edit."""
        self._thread = Thread(target=self._wait, name="calotype-watch", daemon=True)

    def hear(self, event: Event) -> None:
        """Listens to the build: which actions are in work, by key, the oldest first."""
        key = event.fields.get("key", "")
        if event.kind == "action.started":
            self._in_work[key] = None
        elif event.kind in ("action.finished", "action.failed", "action.postponed"):
            self._in_work.pop(key, None)

    def cancelled(self) -> bool:
        """Whether the build is to stop now: what it asks between steps."""
        if self._stop():
            return True
        self.obeyed |= self._given_way and not any(key in self._in_work for key in self._to_finish)
        return self.obeyed

    def __enter__(self) -> Superseding:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        if self._thread.is_alive():  # a wake that nobody waits for would cut the next quiet period short
            self._hints.wake()
        self._thread.join()

    def _wait(self) -> None:
        while not self._over:
            if self._hints.wait(3600.0) and self._hints.by_people:
                self._settle()
                if self._over:
                    return
                self._hints.by_people = False  # what this build publishes is no reason to plan the same edit again
                if self._give_way():
                    return

    def _give_way(self) -> bool:
        try:
            wanted = self._project.renders_wanted()
        except (Problem, OSError):
            return False
        except Exception as bug:
            self._say(f"an edit could not be planned beside the build, which goes on: {type(bug).__name__}: {bug}")
            return False
        oldest = list(self._in_work)[:self._jobs]  # of a batch only the first is in work; the others are queued
        self._to_finish = frozenset(key for key in oldest if key in wanted)
        self._given_way = True
        return True
