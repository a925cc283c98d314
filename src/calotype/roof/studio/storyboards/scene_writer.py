"""The thread that writes scenes which cannot be written at once, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem
from calotype.ground.light_dataclass import replace
from calotype.ground.refusals import refused
from calotype.project.waiting import Stopped
from calotype.roof.studio.storyboards.generation_records import GenerationRecords
from calotype.roof.studio.storyboards.scene_files import SceneFiles
from calotype.roof.studio.storyboards.turn import Turn
from calotype.roof.studio.uploads import of_the_upload

_AGAIN = 1.0
"""Seconds after which a record is written again that the disk refused."""


class SceneWriter:
    """It changes `records` by the `turn` of requests, tells `over` of each generation whether its scene is written, and
    `on_bug` what nobody foresaw. Nothing ends it but the end of the server: what one generation comes to, no other
    waits for."""

    def __init__(
        self, records: GenerationRecords, files: SceneFiles, turn: Turn, over: Callable[[str, bool], None],
        on_bug: Callable[[Exception], Diagnostic],
    ) -> None:
        self._records, self._files, self._turn, self._over, self._on_bug = records, files, turn, over, on_bug
        self._cancelled: set[str] = set()
        self._unrecorded: dict[str, tuple[Mapping[str, Any], ...]] = {}
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="calotype-generations", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Leaves what is not written yet for the next start. Safe in a signal handler."""
        self._stopping.set()
        self._queue.put(None)

    def join(self) -> None:
        self._thread.join()

    def put(self, generation: str) -> None:
        """Has the scene of a generation that was accepted be written."""
        self._queue.put(generation)

    def cancel(self, generation: str) -> None:
        """Has it not be written, if it is not yet."""
        self._cancelled.add(generation)

    def failure(self, generation: str) -> tuple[Mapping[str, Any], ...] | None:
        """Why a generation failed whose record cannot be written yet; None where none did."""
        return self._unrecorded.get(generation)

    def _run(self) -> None:
        while (generation := self._next()) is not None and not self._stopping.is_set():
            try:
                self._write(generation)
            except Stopped:
                if self._stopping.is_set():
                    return
            except Exception as failure:
                self._fail(generation, self._problem(failure))

    def _next(self) -> str | None:
        """The next to write, once there is one. Meanwhile what failed is recorded, as soon as the disk lets it."""
        while True:
            try:
                return self._queue.get(timeout=_AGAIN if self._unrecorded else None)
            except Empty:
                with self._turn():
                    self._record_failures()

    def _write(self, generation: str) -> None:
        record, picture = self._records.get(generation), self._records.picture(generation)
        if record is None or record.state != "accepted":
            return
        written = self._files.write(
            record, picture, lambda: self._stopping.is_set() or generation in self._cancelled)
        with self._turn():
            if self._records.get(generation) != record:  # cancelled meanwhile
                self._files.take_away(generation)
                return
            self._records.put(written)
            self._records.drop_picture(generation)
        self._over(generation, True)

    def _problem(self, failure: Exception) -> Problem:
        if isinstance(failure, Problem):
            return failure
        return Problem(refused(failure) if isinstance(failure, OSError) else self._on_bug(failure), EXIT_FAILED)

    def _fail(self, generation: str, problem: Problem) -> None:
        """Has its record say why: now, or as soon as it can be written."""
        with self._turn():
            picture = self._records.picture(generation)
            shown = problem if picture is None else of_the_upload(problem, picture)
            self._unrecorded[generation] = tuple(diagnostic.as_json() for diagnostic in shown.diagnostics)
            self._record_failures()
        self._over(generation, False)

    def _record_failures(self) -> None:
        """By the turn of requests. What was written of them is taken away."""
        for generation, reasons in list(self._unrecorded.items()):
            with suppress(OSError, Problem):
                record = self._records.get(generation)
                if record is not None and record.state == "accepted":
                    self._records.put(replace(record, state="failed", diagnostics=reasons))
                    self._files.take_away(generation)
                del self._unrecorded[generation]
