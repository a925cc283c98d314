"""What was bought of a hosted renderer, or may have been: a line for each event, durable before the next step is taken.

    intent ──▶ sent ──▶ done
       │         ├────▶ failed       the service says that it made nothing
       │         └────▶ lost         the service has the result no more
       ├──▶ refused                  the service says that it took nothing
       └──▶ unknown                  nobody can say whether it was taken

Must not know what is bought. An intent without an answer is never sent again by itself; a request whose id is known is
fetched, never bought twice. People say what becomes of the others: `retried`, `found` or `forgotten`.

Beside it lies how long it was when it was last written, so that one which was cut off or emptied is not believed.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from calotype.ground.atomic import sync_directories, write_all
from calotype.ground.diagnostics import Problem, error
from calotype.ground.files import open_file
from calotype.ground.gitignore import keep_out_of_git
from calotype.ground.light_dataclass import dataclass, replace
from calotype.ground.lock import lock
from calotype.store.noted_length import length_noted, note_length

FORMAT = 1
FREE = frozenset(("refused", "failed", "forgotten"))
"""The states of what cost nothing."""
OPEN = frozenset(("intent", "unknown", "lost"))
"""The states in which a person must say what becomes of it."""
OVER = FREE | {"retried"}
"""The states after which the same thing may be bought anew."""
_DAY = 86400
_RESTORE = "restore it, or remove it and the `.length` beside it to begin new books"
RESERVE = 16 * 1024
"""Bytes that are free behind an intent, so that what became of it finds room on a full disk."""
_STATES = {"intent", "sent", "done", "failed", "lost", "refused", "unknown", "retried", "forgotten"}


@dataclass(frozen=True, slots=True)
class Purchase:
    """One attempt to buy a result. `key` is the action's, `at` seconds since the epoch, `price` in US dollars, `about`
    what a person knows it by, `state` the last event; `request` the service's id of it, empty while it is not known;
    `why` what went wrong."""

    id: str
    key: str
    endpoint: str
    price: float
    at: float
    about: str = ""
    state: str = "intent"
    request: str = ""
    why: str = ""


class CeilingReached(Exception):
    """Raised before anything is bought that would pass a ceiling."""

    def __init__(self, name: str, ceiling: float, spent: float) -> None:
        super().__init__(name, ceiling, spent)
        self.name, self.ceiling, self.spent = name, ceiling, spent


class AlreadyBought(Exception):
    """Raised before something is bought that another has bought since it was looked for."""


class Journal:
    """The journal at `path`, which several processes may write to. What is there is read once, then only what is new.
    Raises Problem where it cannot be read: what is not known is never bought."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._purchases: dict[str, Purchase] = {}
        self._latest: dict[str, str] = {}
        self._read_to, self._identity, self._lines = 0, (0, 0), 0
        self._turn = RLock()

    def purchases(self) -> list[Purchase]:
        """All that was ever bought or tried, the oldest first."""
        self._catch_up()
        return list(self._purchases.values())

    def of(self, key: str) -> Purchase | None:
        """The latest purchase for the action `key`."""
        self._catch_up()
        return self._purchases.get(self._latest.get(key, ""))

    def undecided(self, key: str, since: float) -> Purchase | None:
        """The latest purchase for `key` if a person must say what becomes of it. An intent after `since` is of a build
        that is at work, and may still be answered."""
        purchase = self.of(key)
        if purchase is None or purchase.state not in OPEN or (purchase.state == "intent" and purchase.at >= since):
            return None
        return purchase

    def spent(self, since: float) -> float:
        """US dollars that were spent since, or may have been."""
        self._catch_up()
        return round(sum(each.price for each in self._purchases.values()
                         if each.at >= since and each.state not in FREE), 6)

    def begin(
        self, key: str, endpoint: str, price: float, ceilings: dict[str, tuple[float, float]], about: str = ""
    ) -> Purchase:
        """Writes down what is about to be bought. `ceilings` gives by name the most that may be spent, and since when.
        Raises CeilingReached where one would be passed, AlreadyBought where another was here first."""
        with self._held():
            before = self.of(key)
            if before is not None and before.state not in OVER:
                raise AlreadyBought
            for name, (ceiling, since) in ceilings.items():
                spent = self.spent(since)
                if round(spent + price - ceiling, 6) > 0:
                    raise CeilingReached(name, ceiling, spent)
            # A clock that was set back puts no purchase before the build that makes it.
            at = max(time.time(), *(since for _, since in ceilings.values()))
            purchase = Purchase(self._new_id(), key, endpoint, price, at, about)
            self._append({"event": "intent", "id": purchase.id, "key": key, "endpoint": endpoint, "price": price,
                          "about": about, "at": at, "format": FORMAT}, RESERVE)
            return purchase

    def note(self, id: str, event: str, **fields: str) -> None:
        """Writes down what became of a purchase: `request`, its id at the service; `why`."""
        with self._held():
            self._append({"event": event, "id": id, **fields, "at": time.time()})

    @contextmanager
    def _held(self) -> Iterator[None]:
        keep_out_of_git(self.path.parent)
        with self._turn, lock(self.path.with_suffix(".lock"), signed=False):
            self._catch_up()
            yield

    def _new_id(self) -> str:
        while (id := os.urandom(4).hex()) in self._purchases:
            continue
        return id

    def _append(self, event: dict[str, Any], reserve: int = 0) -> None:
        """Adds a line, durable when this returns, in the place of what a kill left of one; and has room kept behind it
        for `reserve` bytes more."""
        line = json.dumps(event, sort_keys=True, ensure_ascii=True).encode() + b"\n"
        fresh = not self.path.exists()
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(self.path, flags, 0o666)
        try:
            if reserve and hasattr(os, "posix_fallocate"):
                os.posix_fallocate(handle, self._read_to, len(line) + reserve)
            os.lseek(handle, self._read_to, os.SEEK_SET)
            write_all(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)
        if fresh:
            sync_directories([self.path.parent])
        self._catch_up()
        note_length(self.path, self._read_to)

    def _catch_up(self) -> None:
        with self._turn:
            self._read_on()

    def _read_on(self) -> None:
        """Takes in the lines that have come since. What lies behind the last end of a line was never durable."""
        least = length_noted(self.path) if not self._read_to else 0
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            self._begin_again((0, 0))
            if least or os.path.lexists(self.path):
                raise self._problem("it is gone, and was here", None, _RESTORE) from None
            return
        except OSError as refusal:
            raise self._problem(f"it cannot be read: {refusal.strerror}", None, _RESTORE) from refusal
        identity = (status.st_dev, status.st_ino)
        if identity != self._identity or status.st_size < self._read_to:
            self._begin_again(identity)
            least = length_noted(self.path)
        try:
            with open_file(self.path) as file:
                file.seek(self._read_to)
                data = file.read()
        except OSError as refusal:
            raise self._problem(f"it cannot be read: {refusal.strerror}", None, _RESTORE) from refusal
        whole = data[:data.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self._lines += 1
            self._take(line)
        self._read_to += len(whole)
        if self._read_to < least:
            size, lines = self._read_to, self._lines
            self._begin_again((0, 0))
            raise self._problem(f"it is cut off: {size} of {least} bytes can be read", lines + 1, _RESTORE)

    def _begin_again(self, identity: tuple[int, int]) -> None:
        self._purchases, self._latest = {}, {}
        self._read_to, self._identity, self._lines = 0, identity, 0

    def _take(self, line: bytes) -> None:
        try:
            event = json.loads(line)
            self._fold(event)
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            number = self._lines
            self._begin_again((0, 0))
            raise self._problem("this line cannot be read", number, "restore it, or take the line out if you know what"
                                " it said") from fault

    def _problem(self, message: str, line: int | None, hint: str) -> Problem:
        folder = self.path.parent.name
        return Problem(error("hosted-journal", message, file=f"{folder}/{self.path.name}", line=line,
                             hint=f"it tells what was bought: {hint}"))

    def _fold(self, event: dict[str, Any]) -> None:
        kind, id = event["event"], event["id"]
        if kind == "intent":
            if event["format"] > FORMAT:
                raise ValueError("of a newer version")
            self._purchases[id] = Purchase(
                id, str(event["key"]), str(event["endpoint"]), float(event["price"]), float(event["at"]),
                str(event.get("about", "")))
            self._latest[self._purchases[id].key] = id
            return
        if kind not in _STATES:
            raise ValueError(kind)
        purchase = self._purchases[id]
        self._purchases[id] = replace(
            purchase, state=kind, request=str(event.get("request", purchase.request)), why=str(event.get("why", "")))


def midnight(now: float) -> float:
    """The beginning of the day, UTC, that `now` lies in: seconds since the epoch."""
    return now - now % _DAY
