"""A transport that ends an answer which is longer than it may be, packed, or dripping: so none fills the memory, and
none goes on for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx

SLOWEST = 8 * 1024
"""Bytes a second that an answer brings at the least, once it had its time."""


class TooLong(httpx.ReadError):
    """An answer was longer than it may be."""


class TooSlow(httpx.ReadTimeout):
    """An answer took longer than it may."""


class Limited(httpx.BaseTransport):
    """`transport`, of whose answers at most `most` bytes are read, for `seconds` and a second more for each SLOWEST
    bytes that came."""

    def __init__(self, transport: httpx.BaseTransport, most: int, seconds: float) -> None:
        self._transport, self._most, self._seconds = transport, most, seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        packed = response.headers.get("content-encoding", "identity") != "identity"
        length = response.headers.get("content-length", "")
        if packed or (length.isdecimal() and int(length) > self._most):
            response.close()
            raise TooLong("it is packed" if packed else f"it is longer than {self._most} bytes", request=request)
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Bounded(response.stream, self._most, self._seconds, request)
        return response

    def close(self) -> None:
        self._transport.close()


class _Bounded(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, most: int, seconds: float, request: httpx.Request) -> None:
        self._stream, self._most, self._seconds, self._request = stream, most, seconds, request

    def __iter__(self) -> Iterator[bytes]:
        size, begun = 0, time.monotonic()
        for part in self._stream:
            size += len(part)
            if size > self._most:
                raise TooLong(f"it is longer than {self._most} bytes", request=self._request)
            if time.monotonic() - begun > self._seconds + size / SLOWEST:
                raise TooSlow(f"only {size} bytes came in {time.monotonic() - begun:.0f} s", request=self._request)
            yield part

    def close(self) -> None:
        self._stream.close()
