"""What happens, told as it happens to whoever listens. Must not know what the events mean, nor who listens.

| kind | fields |
| --- | --- |
| build.started | targets (the patterns asked for) |
| plan.ready | renders, actions (by kind), expected (seconds by kind), seconds, price, currency |
| action.started | action, key, target |
| action.finished | action, key, target, seconds |
| action.failed | action, key, target, message, traceback |
| action.postponed | action, key, target, message (an input was damaged, and is made again first) |
| render.step | step, steps |
| train.step | step, steps, loss |
| model.loading | name, bytes |
| model.loaded | name, seconds |
| target.published | target, status, path, reason |
| previews.shown | name, targets, left_out (why, by target) |
| note | message |
| build.finished | the tally |

`Events` are told one at a time, those of a renderer on the thread it runs on. Nothing ever leaves this machine.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Literal

from calotype.ground.light_dataclass import dataclass, field

Kind = Literal[
    "build.started", "plan.ready", "action.started", "action.finished", "action.failed", "action.postponed",
    "target.published", "previews.shown", "note", "build.finished", "render.step", "train.step",
    "model.loading", "model.loaded",
]

LOGS_KEPT = 20
_HELD = frozenset({"build.started", "plan.ready", "build.finished"})


@dataclass(frozen=True, slots=True)
class Event:
    """`at` is in seconds since the epoch, UTC; `fields` are JSON values."""

    kind: Kind
    at: float
    fields: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[Event], None]


class Events:
    """Tells every listener of every event, in order, until it cannot write any more."""

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = list(listeners)
        self._turn = RLock()

    def emit(self, kind: Kind, /, **fields: Any) -> None:
        if not self._listeners:
            return
        with self._turn:
            event = Event(kind, time.time(), fields)
            for listener in tuple(self._listeners):
                try:
                    listener(event)
                except (OSError, ValueError):
                    # A full disk or a closed terminal (ValueError: write to closed file) must not end a build.
                    self._listeners.remove(listener)


class Log:
    """Writes events as JSON lines to `<directory>/<UTC time>-<process id>.jsonl`, each at once.

    The file is made by the first event that says that something was done: a build with nothing to do writes
    nothing. It keeps the LOGS_KEPT latest logs and removes the older.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._held: list[Event] = []
        self._handle: int | None = None
        self.path: Path | None = None

    def __call__(self, event: Event) -> None:
        if self._handle is None:
            self._held.append(event)
            if event.kind in _HELD:
                return
            self._open(event.at)
            events, self._held = self._held, []
        else:
            events = [event]
        assert self._handle is not None
        _write(self._handle, b"".join(_line(one) for one in events))

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _open(self, at: float) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(at))
        self.path = self._directory / f"{stamp}{int(at % 1 * 1000):03d}Z-{os.getpid()}.jsonl"
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o666)
        for old in sorted(self._directory.glob("*.jsonl"))[:-LOGS_KEPT]:
            old.unlink(missing_ok=True)


@contextmanager
def logged(directory: Path, *listeners: Listener) -> Iterator[Events]:
    """Events that are told to `listeners` and written to a log in `directory`, which is closed at the end."""
    log = Log(directory)
    try:
        yield Events(log, *listeners)
    finally:
        log.close()


def _line(event: Event) -> bytes:
    import json

    return json.dumps({"at": round(event.at, 3), "event": event.kind, **event.fields}).encode() + b"\n"


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data):]
