"""Standard streams that lead to a client as long as it is served, and to the watch's own terminal at all other times.

A pipe or a terminal may not be read for hours (`| less`, ^S, ^Z), so the watch never writes to one: what is printed
goes to the client as messages, and it is the client that waits. A file is written to directly: whether a full disk
refuses must show at once.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO, cast

Send = Callable[[bytes], None]


class Outlet(io.RawIOBase):
    """Bytes to wherever it leads now. `fileno` is a file that tells what the client's is: a terminal, and how wide."""

    def __init__(self, number: int) -> None:
        self._own = os.dup(number)
        self._handle, self._send = self._own, cast("Send | None", None)
        self._is_terminal: bool | None = None

    def lead(self, handle: int, send: Send | None, *, is_terminal: bool | None = None) -> None:
        """Leads to `send` or, without, to the file `handle`. `is_terminal` is what the file would tell, where there is
        none (-1)."""
        self._handle, self._send, self._is_terminal = handle, send, is_terminal

    def lead_home(self) -> None:
        self.lead(self._own, None)

    def drop(self) -> None:
        """What is printed from now on is lost."""
        self._send = lambda content: None

    def print_home(self, text: str) -> None:
        """Prints where the watch itself does; where nobody can read that, nothing."""
        with suppress(OSError):
            os.write(self._own, f"{text}\n".encode())

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        if self._handle < 0:
            raise io.UnsupportedOperation("it is no file")
        return self._handle

    def isatty(self) -> bool:
        return self._is_terminal if self._is_terminal is not None else os.isatty(self._handle)

    def write(self, data: object) -> int:
        content = bytes(cast("bytes", data))
        if self._send is not None:
            self._send(content)
            return len(content)
        return os.write(self._handle, content)


class Streams:
    """stdout and stderr as served commands print to them. Whoever keeps one of them beyond a command, as a handler of
    logs does, prints to the watch's own terminal between two, and to that of the next while it is served."""

    def __init__(self) -> None:
        self.outlets = Outlet(1), Outlet(2)
        self.texts = tuple(_text(outlet, model) for outlet, model in
                           zip(self.outlets, (sys.__stdout__, sys.__stderr__), strict=True))

    def flush(self) -> None:
        """Sends what has been printed; what a disk has refused is dropped."""
        for outlet, text in zip(self.outlets, self.texts, strict=True):
            try:
                text.flush()
            except OSError:
                outlet.drop()
                with suppress(OSError):
                    text.flush()

    def print_home(self, text: str) -> None:
        """Prints to the watch's own stderr."""
        self.outlets[1].print_home(text)

    def close(self) -> None:
        self.flush()
        for outlet in self.outlets:
            outlet.lead_home()
            os.close(outlet.fileno())
            outlet.lead(-1, lambda _: None, is_terminal=False)


def is_never_waited_for(handle: int) -> bool:
    """Whether a file takes what is written to it, or refuses, at once."""
    mode = os.fstat(handle).st_mode
    return not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(handle))


def _text(outlet: Outlet, model: TextIO | None) -> io.TextIOWrapper:
    encoding = model.encoding if model is not None else "utf-8"
    errors = (model.errors if model is not None else None) or "strict"
    return io.TextIOWrapper(io.BufferedWriter(outlet), encoding=encoding, errors=errors, line_buffering=True)
