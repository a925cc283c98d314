"""A transport that ends an answer which is longer than it may be, or packed: so no answer fills the memory."""

from __future__ import annotations

from collections.abc import Iterator

import httpx


class TooLong(httpx.ReadError):
    """An answer was longer than it may be."""


class Limited(httpx.BaseTransport):
    """`transport`, of whose answers at most `most` bytes are read."""

    def __init__(self, transport: httpx.BaseTransport, most: int) -> None:
        self._transport, self._most = transport, most

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        packed = response.headers.get("content-encoding", "identity") != "identity"
        length = response.headers.get("content-length", "")
        if packed or (length.isdecimal() and int(length) > self._most):
            response.close()
            raise TooLong("it is packed" if packed else f"it is longer than {self._most} bytes", request=request)
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Bounded(response.stream, self._most, request)
        return response

    def close(self) -> None:
        self._transport.close()


class _Bounded(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, most: int, request: httpx.Request) -> None:
        self._stream, self._most, self._request = stream, most, request

    def __iter__(self) -> Iterator[bytes]:
        left = self._most
        for part in self._stream:
            left -= len(part)
            if left < 0:
                raise TooLong(f"it is longer than {self._most} bytes", request=self._request)
            yield part

    def close(self) -> None:
        self._stream.close()
