"""Connections that say nothing: how many there may be, and how long one has to ask. Must not know what is asked for.

Each open connection is an open file of this process, and a build needs some as well.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN = 10.0
"""Seconds in which the head of a request has to be there, from the connection or from its first byte on."""
MOST_CONNECTIONS = 1024
FILES_OF_A_BUILD = 256
"""Open files that are left to the builds."""


class Patient(H11Protocol):
    """A connection that is closed when the head of a request takes longer than HEAD_WITHIN, and at once where there are
    as many as may be (`most`)."""

    most = MOST_CONNECTIONS
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()
            return
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget()

    @property
    def _is_awaited(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _watch(self) -> None:
        if not self._is_awaited:
            self._forget()
        elif self._timer is None:
            self._timer = self.loop.call_later(HEAD_WITHIN, self._give_up)

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if self._is_awaited:
            self.transport.close()


def make_room_for_connections() -> int:
    """Raises the limit on open files as far as it may be, to what the connections and a build need. Returns how many
    connections there may be."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource

    needed = MOST_CONNECTIONS + FILES_OF_A_BUILD
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = soft
    if soft != resource.RLIM_INFINITY and soft < needed:
        limit = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        except (OSError, ValueError):
            limit = soft
    if limit == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(min(MOST_CONNECTIONS, limit - FILES_OF_A_BUILD), limit // 4)
