"""One client of a watch, as the watch sees it: what it asks, what it is sent, and whether it is still there."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, RLock

from calotype.ground.light_dataclass import dataclass
from calotype.roof.serve.loopback import Handshake
from calotype.roof.serve.wire import ASK, GO, HEAD, KEY, MOST, NO, STOP, message, unpacked

STREAMS = 3
"""Files that come with GO: the client's standard input, output and errors."""
UNREAD_AT_MOST = 256 << 20
"""Bytes that are kept for a client that reads nothing, as one behind a pager; after them it is given up."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for, and where it stands."""

    identity: list[str]
    root: str
    project_folder: str
    working_folder: str
    working_folder_identity: str
    mask: int
    group: int
    terminals: tuple[bool, bool]
    """Whether stdout and stderr are terminals; over the loopback, where no files come that would tell it."""
    environment: dict[str, str]
    words: list[str]


class Connection:
    """Read and written by the listener's thread; `send` and the rest are for any. `token` is what a client over the
    loopback has to know."""

    def __init__(self, link: socket.socket, more_to_write: Callable[[], None], token: bytes | None = None) -> None:
        link.setblocking(False)
        self._handshake = Handshake(token) if token is not None else None
        self.passes_files = token is None
        """Whether the client's standard streams come with GO."""
        self.link, self.since = link, time.monotonic()
        self.request: Request | None = None
        self.go = Event()
        self.gone = False
        """Whether nobody is there any more."""
        self.finished = False
        """Whether the last message has been handed over for sending."""
        self.on_stop: Callable[[], None] | None = None
        self._more_to_write = more_to_write
        self._received, self._unsent = bytearray(), bytearray()
        self._handles: list[int] = []
        self._lock = RLock()

    def send(self, kind: bytes, content: bytes = b"", *, last: bool = False) -> None:
        """Sends a message, at once as far as it can be sent, and never waits: who does not read keeps nobody."""
        with self._lock:
            if self.gone or self.finished:
                return
            self.finished = last
            self._unsent += message(kind, content)
            self._send_some()
            more = bool(self._unsent)
        if more or last:
            self._more_to_write()

    def refuse(self, reason: str) -> None:
        self.send(NO, reason.encode(errors="backslashreplace"), last=True)

    def write(self) -> None:
        """Sends what is left, as far as it can be sent."""
        with self._lock:
            self._send_some()

    @property
    def has_more(self) -> bool:
        return bool(self._unsent) and not self.gone

    @property
    def is_over(self) -> bool:
        return self.gone or (self.finished and not self._unsent)

    def _send_some(self) -> None:
        try:
            while self._unsent:
                del self._unsent[:self.link.send(self._unsent)]
        except BlockingIOError:
            if len(self._unsent) > UNREAD_AT_MOST:
                self._give_up()
        except OSError:
            self._give_up()

    def read(self) -> None:
        """Takes in what has come. A client that says what no client says is sent away."""
        try:
            data, handles = self._received_some()
        except BlockingIOError:
            return
        except OSError:
            data, handles = b"", []
        for handle in handles:
            os.set_inheritable(handle, False)
        with self._lock:
            self._handles += handles
        self._received += data
        if not data or len(self._handles) > STREAMS:
            self._leave()
            return
        try:
            self._take_messages()
        except (ValueError, IndexError):
            self._leave()

    def _received_some(self) -> tuple[bytes, list[int]]:
        if not self.passes_files:
            return self.link.recv(1 << 16), []
        data, handles, _flags, _address = socket.recv_fds(
            self.link, 1 << 16, STREAMS, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
        return data, handles

    def _take_messages(self) -> None:
        while len(self._received) >= HEAD:
            kind, length = bytes(self._received[:1]), int.from_bytes(self._received[1:HEAD], "big")
            if length > MOST or kind not in (KEY, ASK, GO, STOP):
                raise ValueError("no message")
            if len(self._received) < HEAD + length:
                return
            content = bytes(self._received[HEAD:HEAD + length])
            del self._received[:HEAD + length]
            if kind == KEY:
                self.send(KEY, self._answer_key(content))
            elif kind == ASK and self.request is None:
                self.request = _request(content if self._handshake is None else self._handshake.proved(content))
            elif kind == GO and self.request is not None and len(self._handles) == self._files_due:
                self.go.set()
            elif kind == STOP and self.on_stop is not None:
                self.on_stop()

    def _answer_key(self, nonce: bytes) -> bytes:
        if self._handshake is None:
            raise ValueError("nobody has to prove anything here")
        return self._handshake.answer(nonce)

    @property
    def _files_due(self) -> int:
        return STREAMS if self.passes_files else 0

    def _leave(self) -> None:
        """The client has gone: whoever works for it is told, as by a ^C. On the listener's thread alone: whoever sends
        may be in the middle of printing."""
        self._give_up()
        stop, self.on_stop = self.on_stop, None
        if stop is not None:
            stop()

    def _give_up(self) -> None:
        self.gone = True
        self._unsent.clear()
        self.go.set()

    def take_handles(self) -> list[int]:
        """The client's standard streams, which are the caller's to close from now on; none where they were taken."""
        with self._lock:
            handles, self._handles = self._handles, []
            return handles

    def close(self) -> None:
        self._leave()
        self.link.close()
        for handle in self.take_handles():
            with suppress(OSError):
                os.close(handle)


def _request(content: bytes) -> Request:
    """Raises ValueError or IndexError for what no client asks."""
    identity, circumstances, variables, words = unpacked(content)
    root, project_folder, here, place, mask, group, terminals = circumstances
    environment = {name: value for name, _, value in (variable.partition("=") for variable in variables)}
    is_terminal = terminals[0] == "1", terminals[1] == "1"
    return Request(identity, root, project_folder, here, place, int(mask), int(group), is_terminal, environment, words)


def is_of_this_user(link: socket.socket) -> bool:
    """Whether the process at the other end is this user's, where the system tells. The folder is closed to others."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("iII"))
    return int(struct.unpack("iII", credentials)[1]) == os.getuid()
