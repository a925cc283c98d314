"""The socket of a watch, and the thread that alone reads from it and writes to it.

A client that is silent, slow, or says anything at all costs nobody but itself: there is a bound on how many there are,
on how much each may say, and on how long it may take over it.
"""

from __future__ import annotations

import math
import os
import selectors
import socket
import stat
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import cast

from calotype.ground.lock import try_lock
from calotype.roof.serve.address import is_by_loopback, is_private, socket_of
from calotype.roof.serve.connection import Connection, is_of_this_user
from calotype.roof.serve.loopback import listening

MOST_CLIENTS = 32
ASK_WITHIN = 1.0
"""Seconds in which a client must have said what it wants."""
LAST_WORDS_WITHIN = 1.0
"""Seconds in which clients must have read what they are still to be told, when the watch ends."""
CAN_PASS_FILES = sys.platform != "win32" and hasattr(socket, "AF_UNIX") and hasattr(socket, "recv_fds")
"""Whether the system passes files from one process to another: Windows does not."""


class Listener:
    """Listens for the project at `root` from `open` to `close`. `wake` is called when a question has come."""

    def __init__(self, root: str, wake: Callable[[], None]) -> None:
        self._root, self._wake_caller = root, wake
        self._path = ""
        self._socket: socket.socket | None = None
        self._lock = -1
        self._token: bytes | None = None
        self._wake_read = self._wake_write = cast("socket.socket", None)
        self._connections: set[Connection] = set()
        self._questions: deque[Connection] = deque()
        self._thread: Thread | None = None
        self._over = False
        self.attended = False
        """Whether somebody takes questions now; they are refused else."""

    def open(self) -> bool:
        """Begins to listen, unless another watch of the project does. False where it cannot."""
        if self._socket is not None:
            if os.path.exists(self._path):
                return True
            self.close()  # somebody has tidied up
        if not (CAN_PASS_FILES or is_by_loopback()) or not self._bind():
            return False
        self._wake_read, self._wake_write = socket.socketpair()
        for link in (self._wake_read, self._wake_write):
            link.setblocking(False)
        self._over = False
        self._thread = Thread(target=self._run, name="calotype-serve", daemon=True)
        self._thread.start()
        return True

    def close(self) -> None:
        if self._socket is None:
            return
        self._over = True
        self._notify()
        if self._thread is not None:
            self._thread.join(2.0)
        with suppress(OSError):
            os.unlink(self._path)
        self._socket.close()
        self._socket = None
        for link in (self._wake_read, self._wake_write):
            link.close()
        self._let_go()

    @property
    def has_question(self) -> bool:
        return bool(self._questions)

    def next(self) -> Connection | None:
        """The question that has waited for longest, of a client that is still there."""
        while self._questions:
            connection = self._questions.popleft()
            if not connection.gone:
                return connection
        return None

    def _bind(self) -> bool:
        """Whoever has the lock owns the path: what lies there is left from a watch that was killed."""
        try:
            self._path = socket_of(self._root)
            folder = os.path.dirname(self._path)
            with suppress(FileExistsError):
                os.mkdir(folder, 0o700)
            if not is_private(folder, stat.S_IFDIR):
                raise PermissionError(folder)
            self._lock = _locked(f"{self._path}.lock")
            with suppress(FileNotFoundError):
                os.unlink(self._path)
            if is_by_loopback():
                self._socket, self._token = listening(self._path)
            else:
                self._socket, self._token = _listening_socket(self._path), None
        except OSError:  # another watch has the lock; or the path is too long for a socket
            self._let_go()
            return False
        self._socket.setblocking(False)
        return True

    def _let_go(self) -> None:
        handle, self._lock = self._lock, -1
        if handle >= 0:
            with suppress(OSError):
                os.unlink(f"{self._path}.lock")
            os.close(handle)

    def _notify(self) -> None:
        with suppress(OSError):  # full: it will wake all the same
            self._wake_write.send(b"!")

    def _run(self) -> None:
        assert self._socket is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._wake_read, selectors.EVENT_READ)
            end = math.inf
            while not self._over or (time.monotonic() < end and any(each.has_more for each in self._connections)):
                for key, events in selector.select(self._pause()):
                    self._handle(selector, key.fileobj, events)
                self._look_after(selector)
                end = min(end, time.monotonic() + LAST_WORDS_WITHIN) if self._over else end
            for connection in self._connections:
                connection.close()

    def _handle(self, selector: selectors.BaseSelector, ready: object, events: int) -> None:
        if ready is self._socket:
            self._accept(selector)
        elif ready is self._wake_read:
            with suppress(OSError):
                self._wake_read.recv(1 << 12)
        else:
            connection = next(each for each in self._connections if each.link is ready)
            if events & selectors.EVENT_WRITE:
                connection.write()
            if events & selectors.EVENT_READ:
                self._read(connection)

    def _accept(self, selector: selectors.BaseSelector) -> None:
        assert self._socket is not None
        try:
            link, _ = self._socket.accept()
        except OSError:
            return
        if len(self._connections) >= MOST_CLIENTS or (self._token is None and not is_of_this_user(link)):
            link.close()
            return
        connection = Connection(link, self._notify, self._token)
        self._connections.add(connection)
        selector.register(link, selectors.EVENT_READ)

    def _read(self, connection: Connection) -> None:
        before = connection.request
        connection.read()
        if connection.request is None or before is not None or connection.gone:
            return
        if not self.attended or self._questions:
            connection.refuse("the watch is at work")
            return
        self._questions.append(connection)
        self._wake_caller()

    def _look_after(self, selector: selectors.BaseSelector) -> None:
        """Says good-bye to whom there is no more to say, and waits for those who have more to read."""
        now = time.monotonic()
        for connection in list(self._connections):
            late = connection.request is None and now - connection.since > ASK_WITHIN
            if connection.is_over or late:
                selector.unregister(connection.link)
                self._connections.discard(connection)
                connection.close()
            else:
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.has_more else 0)
                if selector.get_key(connection.link).events != wanted:
                    selector.modify(connection.link, wanted)

    def _pause(self) -> float | None:
        """Seconds until somebody is late; None where nobody can be."""
        if self._over:
            return 0.05
        times = [connection.since for connection in self._connections if connection.request is None]
        return max(0.0, min(times) + ASK_WITHIN + 0.01 - time.monotonic()) if times else None


def _listening_socket(path: str) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        link.bind(path)
        os.chmod(path, 0o600)
        link.listen(64)
    except BaseException:
        link.close()
        raise
    return link


def _locked(path: str) -> int:
    """The lock file at `path`, open and locked. Raises OSError where another holds it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            if not try_lock(handle):
                raise BlockingIOError(path)
            if os.path.exists(path) and os.path.samestat(os.stat(path), os.fstat(handle)):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its holder removed it as it let go
