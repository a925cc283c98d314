"""A command that has a watch do its work: it asks, prints what comes back, and hands on ^C.

It is the whole of a no-op beside a watch, so nothing is imported that takes time.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` takes longer to import than all the rest here
import _socket
import os
import stat
import sys

from calotype.ground.version import VERSION
from calotype.roof.serve.address import DECIDING, PORT, command_of
from calotype.roof.serve.wire import (
    ANSWER_WITHIN,
    ASK,
    DEAF,
    ERR,
    EXIT,
    GO,
    HEAD,
    HEARS,
    NO,
    OUT,
    STOP,
    YES,
    group,
    identity,
    message,
    packed,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_STOPS = tuple(getattr(_signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(_signal, name))


def exit_code_of_watch(words: Sequence[str], root: str, path: str) -> int | None:
    """The exit code of a command line that the watch of the project at `root` has run; None where this process is to
    run it."""
    if sys.stdout is not sys.__stdout__ or sys.stderr is not sys.__stderr__:
        return None  # somebody else reads them: what is passed on are the files behind them
    by_loopback = path.endswith(PORT)
    if by_loopback and not _can_be_told():
        return None
    try:
        content = packed(identity(VERSION), _circumstances(root, by_loopback), _environment(by_loopback), words)
        link, proof = _connected_over_loopback(path) if by_loopback else (_connected(path), b"")
    except OSError:
        return None
    try:
        return _Conversation(link, words, passes_files=not by_loopback).hold(proof + content)
    finally:
        link.close()


def _connected(path: str) -> _socket.socket:
    link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        link.settimeout(ANSWER_WITHIN)
        link.connect(path)
    except OSError:
        link.close()
        raise
    return link


def _connected_over_loopback(path: str) -> tuple[_socket.socket, bytes]:
    from calotype.roof.serve.loopback import connected

    return connected(path)


def _can_be_told() -> bool:
    """Whether what comes as messages can be printed as by a process of its own: a file, or a device, would have to tell
    at once that its disk is full; and not every terminal of Windows obeys escape sequences."""
    mode = os.fstat(1).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(1)):
        return False
    if sys.platform == "win32" and (os.isatty(1) or os.isatty(2)):
        from calotype.roof.serve.windows import obeys_escapes

        return obeys_escapes()
    return True


def _circumstances(root: str, by_loopback: bool) -> list[str]:
    """Where the command was given. Raises OSError where the folder has been removed."""
    mask = os.umask(0o077)
    os.umask(mask)
    project, here = os.stat(root), os.getcwd()
    place = os.stat(here)
    terminals = "".join("01"[by_loopback and os.isatty(number)] for number in (1, 2))
    return [root, f"{project.st_dev}:{project.st_ino}", here, f"{place.st_dev}:{place.st_ino}", str(mask), str(group()),
            terminals]


def _environment(by_loopback: bool) -> list[str]:
    """The variables; over the loopback also how large the terminal is, which a file would tell."""
    variables = dict(os.environ)
    terminal = next((number for number in (1, 2) if by_loopback and os.isatty(number)), None)
    if terminal is not None:
        size = os.get_terminal_size(terminal)
        counts = {"COLUMNS": size.columns, "LINES": size.lines}
        variables = {**{name: str(count) for name, count in counts.items() if count}, **variables}
    return [f"{name}={value}" for name, value in variables.items()]


class _Conversation:
    """One command line, from the question to its exit code."""

    def __init__(self, link: _socket.socket, words: Sequence[str], *, passes_files: bool = True) -> None:
        self._link, self._words, self._passes_files = link, words, passes_files
        self._buffer = b""
        self._silenced: set[int] = set()
        self._stopped = False
        self._before: dict[int, Any] = {}
        self._printed = False
        self._end_of_file = _written(1)

    def hold(self, content: bytes) -> int | None:
        if not self._is_accepted(content):
            return None
        try:
            return self._follow()
        except KeyboardInterrupt:
            from calotype.roof.cli.entry import report_interruption

            return report_interruption(self._words)
        finally:
            self._hear_no_more()

    def _is_accepted(self, content: bytes) -> bool:
        """The streams go last: a watch that is stopped would keep a pipe from its end."""
        try:
            self._link.settimeout(ANSWER_WITHIN)
            self._link.sendall(message(ASK, content))
            if self._next()[0] != YES:
                return False
            if self._passes_files:
                handles = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
                self._link.sendmsg([message(GO)], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, handles)])
            else:
                self._link.sendall(message(GO))
            self._link.settimeout(None)
        except OSError:
            return False
        return True

    def _follow(self) -> int | None:
        while True:
            kind, content = self._next()
            if kind in (OUT, ERR):
                self._print(1 if kind == OUT else 2, content)
            elif kind == EXIT:
                return int(content)
            elif kind == NO:
                return None
            elif kind == HEARS:
                self._hear()
            elif kind == DEAF:
                self._hear_no_more()
            else:
                return self._deserted()

    def _next(self) -> tuple[bytes, bytes]:
        """The next message; b"" where the watch is no more."""
        while len(self._buffer) < HEAD or len(self._buffer) < HEAD + int.from_bytes(self._buffer[1:HEAD], "big"):
            try:
                more = self._link.recv(1 << 16)
            except ConnectionError:
                more = b""
            if not more:
                return b"", b""
            self._buffer += more
        end = HEAD + int.from_bytes(self._buffer[1:HEAD], "big")
        whole, self._buffer = self._buffer[:end], self._buffer[end:]
        return whole[:1], whole[HEAD:]

    def _print(self, number: int, content: bytes) -> None:
        """What nobody reads any more is dropped, and fails nothing."""
        self._printed |= number == 1
        while content and number not in self._silenced:
            try:
                content = content[_write(number, content):]
            except BlockingIOError:
                import select

                select.select([], [number], [])
            except OSError:
                self._silenced.add(number)

    def _hear(self) -> None:
        """From now on the first ^C asks the watch to stop cleanly, as a build does by itself."""
        for number in _STOPS:
            if _signal.getsignal(number) != _signal.SIG_IGN:
                self._before[number] = _signal.signal(number, self._on_signal)

    def _hear_no_more(self) -> None:
        for number, handler in self._before.items():
            _signal.signal(number, handler)
        self._before.clear()

    def _on_signal(self, number: int, frame: object) -> None:
        if not self._stopped:
            self._stopped = True
            try:
                self._link.send(message(STOP))
            except OSError:
                return
        elif number != getattr(_signal, "SIGHUP", None):
            raise KeyboardInterrupt

    def _deserted(self) -> int | None:
        """The watch was killed at work. What had not yet answered is done again, but for a decision: it may have been
        written down."""
        answered = self._printed or _written(1) != self._end_of_file
        if not answered and command_of(self._words) not in DECIDING:
            return None
        from calotype.roof.cli.entry import report_desertion

        return report_desertion(self._words)


def _write(number: int, content: bytes) -> int:
    if sys.platform == "win32":  # whose terminals want what is no ASCII by another way than a file's
        from calotype.roof.serve.windows import write

        return write(number, content)
    return os.write(number, content)


def _written(number: int) -> int:
    """How much a file of this number holds that is no pipe and no terminal."""
    try:
        status = os.fstat(number)
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0
