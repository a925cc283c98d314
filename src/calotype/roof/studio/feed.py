"""What pages are told while they are open: the newest state, and the notes since they last heard. Must not know HTTP.

A client is told the newest state and what it has missed, not every step: one that is slow, or was away, costs no memory
and holds nobody up.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from threading import Lock
from typing import Any

EVERY = 0.1
"""Seconds between two messages to one client, at the least."""
ALIVE = 15.0
"""Seconds after which a client that has been told nothing is told that the server is there."""
NOTES = 256
"""Notes that are kept for those who were away."""
MOST_CLIENTS = 512


class Feed:
    """The state, set from any thread, and the clients that are told of it, on the loop of the server. Ids are numbers
    from `first` on, which is higher at each start: what a client was told by another start is not what is so now."""

    def __init__(self, first: int = 0) -> None:
        self._first = first
        self._lock = Lock()
        self._state: dict[str, Any] = {}
        self._notes: deque[tuple[int, Mapping[str, Any]]] = deque(maxlen=NOTES)
        self._version = first
        self._said_at, self._said = -1, dict[int, str]()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clients: set[_Client] = set()

    def set(self, *, at_once: bool = False, **fields: Any) -> None:
        """Puts new values, which are JSON, into the state. What is told `at_once` waits for no pause between messages:
        the end of a build."""
        with self._lock:
            if all(self._state.get(name, self) == value for name, value in fields.items()):
                return
            self._state.update(fields)
            self._version += 1
        self._wake(at_once)

    def note(self, kind: str, **fields: Any) -> None:
        """Tells of something that happened once."""
        with self._lock:
            self._version += 1
            self._notes.append((self._version, {"kind": kind, **fields}))
        self._wake(at_once=False)

    def close(self) -> None:
        """Ends every stream. Safe in a signal handler."""
        self._closed = True
        self._wake()

    @property
    def state(self) -> dict[str, Any]:
        with self._lock:
            return dict(self._state)

    @property
    def clients(self) -> int:
        return len(self._clients)

    async def messages(self, after: int | None = None) -> AsyncIterator[str]:
        """Server-sent events for one client, until the feed is closed. `after` is the id that it was told last; what it
        missed since comes first, as far as it is kept. Each is the newest state, and the notes since the one before."""
        self._loop = asyncio.get_running_loop()
        client = _Client()
        self._clients.add(client)
        try:
            version = max(after, self._first - 1) if after is not None and after <= self._version else None
            yield "retry: 1000\n\n"
            while not self._closed:
                client.clear()
                if version != self._version:
                    version, text = self._message(version)
                    yield text
                    await _within(client.urgent, EVERY)
                elif not await _within(client.woken, ALIVE):
                    yield ": alive\n\n"
        finally:
            self._clients.discard(client)

    def _message(self, after: int | None) -> tuple[int, str]:
        with self._lock:
            since = self._version if after is None else after
            if self._said_at != self._version:
                self._said_at, self._said = self._version, {}
            if since not in self._said:  # most clients heard the same last, and are told the same
                notes = [fields for version, fields in self._notes if version > since]
                data = json.dumps({"state": self._state, "notes": notes}, ensure_ascii=True)
                self._said[since] = f"id: {self._version}\nevent: news\ndata: {data}\n\n"
            return self._version, self._said[since]

    def _wake(self, at_once: bool = True) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake_clients, at_once)

    def _wake_clients(self, at_once: bool) -> None:
        for client in tuple(self._clients):
            client.wake(at_once)


class _Client:
    """One stream: `woken` when there is news, `urgent` when it is not to wait."""

    def __init__(self) -> None:
        self.woken, self.urgent = asyncio.Event(), asyncio.Event()

    def wake(self, at_once: bool) -> None:
        self.woken.set()
        if at_once:
            self.urgent.set()

    def clear(self) -> None:
        self.woken.clear()
        self.urgent.clear()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Waits for `event`, at most so long; whether it came."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
