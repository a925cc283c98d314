"""An HTTP client that gives each exchange one time for the whole of it, and reads no answer without bound.

httpx2's own limits are of a single read: a server that sends a byte a second stays within them for hours. Importing
this module imports httpx2.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

import httpx2

from calotype.workers.protocol import Cancel

_LOOKS = 0.1
"""Seconds between two looks at whether the run was stopped."""


class TooLong(httpx2.ReadError):
    """An answer was longer than it may be, or packed."""


class BoundedClient(httpx2.Client):
    """Ends an exchange after `seconds`, from the connection to the last byte, or when `cancel` says so, with
    httpx2.ReadTimeout. An answer of more than `most` bytes, or one that is packed, raises TooLong before any of it is
    parsed. Follows no redirect, and uses each connection once."""

    def __init__(self, seconds: float, most: int, cancel: Cancel = lambda: False) -> None:
        super().__init__(
            timeout=seconds, follow_redirects=False, headers={"Accept-Encoding": "identity"},
            limits=httpx2.Limits(max_keepalive_connections=0))
        self._seconds, self._most, self._cancel = seconds, most, cancel

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        """The whole answer, read already. `stream` is what the signature asks for, and has no effect."""
        limit = _TimeLimit(self._seconds, self._cancel)
        request.extensions = {**request.extensions, "trace": limit.watch}
        with limit:
            try:
                response = super().send(request, stream=True, **options)
                try:
                    body = self._read(response, request)
                finally:
                    response.close()
            except httpx2.TransportError:
                if not limit.is_over:
                    raise
        if limit.is_over:
            raise httpx2.ReadTimeout(f"it took longer than {self._seconds:g} seconds", request=request)
        return httpx2.Response(response.status_code, headers=response.headers, content=body, request=request)

    def _read(self, response: httpx2.Response, request: httpx2.Request) -> bytes:
        """The body as it comes over the wire."""
        if response.headers.get("content-encoding", "identity").casefold() != "identity":
            raise TooLong("packed, which it was asked not to be", request=request)
        length, parts = 0, []
        for part in response.iter_raw():
            length += len(part)
            if length > self._most:
                raise TooLong(f"longer than {self._most} bytes", request=request)
            parts.append(part)
        return b"".join(parts)


class Unanswered(Exception):
    """Why there is no answer, in words that follow an address."""


def get(url: str, headers: Mapping[str, str], seconds: float, most: int) -> tuple[int, bytes]:
    """The status and the body that a server answers at `url`, within these bounds. Raises Unanswered."""
    try:
        with BoundedClient(seconds, most) as client:
            response = client.get(url, headers=dict(headers))
    except TooLong as failure:
        raise Unanswered(f"gave an answer that is not read: it is {failure}") from None
    except httpx2.TimeoutException:
        raise Unanswered("gave no answer in time") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
        raise Unanswered("cannot be reached") from None
    return response.status_code, response.content


class _TimeLimit:
    """Shuts the connection of an exchange down when its time `is_over`, which ends whatever read or write waits."""

    def __init__(self, seconds: float, cancel: Cancel) -> None:
        self.is_over = False
        self._seconds, self._cancel = seconds, cancel
        self._socket: socket.socket | None = None
        self._lock, self._done = Lock(), Event()

    def __enter__(self) -> None:
        Thread(target=self._wait, name="calotype-time-limit", daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        with self._lock:
            self._socket = None

    def watch(self, event: str, details: Mapping[str, Any]) -> None:
        """Is told by httpcore what happens: takes up each connection that is made, plain, then encrypted."""
        stream = details.get("return_value")
        if not event.endswith((".connect_tcp.complete", ".start_tls.complete")) or stream is None:
            return
        with self._lock:
            self._socket = stream.get_extra_info("socket")
            if self.is_over:
                self._shut_down()

    def _wait(self) -> None:
        end = time.monotonic() + self._seconds
        while not self._cancel() and (left := end - time.monotonic()) > 0:
            if self._done.wait(min(left, _LOOKS)):
                return
        with self._lock:
            self.is_over = True
            self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # it is closed already
                self._socket.shutdown(socket.SHUT_RDWR)
