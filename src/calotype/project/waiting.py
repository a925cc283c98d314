"""What is done while another holds the project: it is said once, for whom, and a stop ends the wait."""

from __future__ import annotations

from collections.abc import Callable

from calotype.ground.events import Events


class Stopped(Exception):
    """The command was stopped while it waited."""


class Waiting:
    """To be called again and again while the build lock is another's, with the process id of the holder, where it is
    known. `who` is at work then, in words; `begun` is called once. Raises Stopped when `cancel` says so."""

    def __init__(
        self, who: str, events: Events, cancel: Callable[[], bool], begun: Callable[[], None] = lambda: None
    ) -> None:
        self._who, self._events, self._cancel, self._begun = who, events, cancel, begun
        self._told = False

    def __call__(self, holder: int | None) -> None:
        if self._cancel():
            raise Stopped
        if not self._told:
            self._told = True
            self._begun()
            process = f" (process {holder})" if holder else ""
            self._events.emit("note", message=f"{self._who} is at work here{process}: waiting for it to end")
