"""Printing to a reader who may have gone, to a disk that may be full, or to nobody at all.

It imports nothing that takes time: every no-op prints through it.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def echo(text: str, *, verbatim: bool = False) -> None:
    """Prints what was asked for; `verbatim` what must stay as it is: commands for GitHub, pictures. A pipe closed by
    its reader (`calotype list | head`) is no error. Raises OSError where the disk that it is written to refuses."""
    try:
        stream = reserved.answers or sys.stdout
        _write(text if verbatim else _harmless(text, stream), stream)
    except BrokenPipeError:
        return
    except OSError as refusal:
        raise OSError(refusal.errno, refusal.strerror, STDOUT) from refusal


def echo_status(text: str) -> None:
    """Prints what the exit code says as well: that it cannot be written is no failure of what was done."""
    try:
        echo(text)
    except OSError:
        return


def echo_err(text: str) -> None:
    """Tells people what happens. Where nobody can be told, the exit code still says it."""
    try:
        _write(_harmless(text, sys.stderr), sys.stderr)
    except OSError:
        return


def open_missing_streams() -> None:
    """Opens the null device in the place of standard streams that the caller has closed (`>&-`). Else the next file
    that is opened, a database perhaps, would take the number of one, and be written to by whoever prints to it."""
    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def use_backslashreplace() -> None:
    """A title in any script must not stop a command on a terminal that cannot show it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def is_readerless(refusal: OSError) -> bool:
    """Whether `refusal` is that of a standard stream whose reader has gone, as click's own printing raises it."""
    return isinstance(refusal, BrokenPipeError) and not _flushed()


def leave_nothing_unwritten() -> None:
    """Empties what could not be written into the null device: the interpreter flushes the streams as it ends, and would
    end with an exit code of its own."""
    _flushed()


def _flushed() -> bool:
    flushed = [_is_flushed(stream) for stream in (sys.stdout, sys.stderr)]
    return all(flushed)


def _is_flushed(stream: TextIO) -> bool:
    try:
        stream.flush()
    except OSError:
        _redirect(stream)
        return False
    return True


class reserved:
    """Inside it, stdout holds what `echo` answers, and nothing else: what others print goes to stderr, also by native
    code and by processes that they start. Within another one it changes nothing."""

    answers: TextIO | None = None
    """Where `echo` writes meanwhile."""

    def __enter__(self) -> None:
        self._outer = None if reserved.answers is not None else sys.stdout
        if self._outer is None:
            return
        self._outer.flush()
        self._saved = os.dup(1) if self._outer is sys.__stdout__ else None
        if self._saved is None:
            reserved.answers = self._outer
        else:
            reserved.answers = open(self._saved, "w", encoding=self._outer.encoding, errors=self._outer.errors)
            os.dup2(2, 1)
        sys.stdout = sys.stderr

    def __exit__(self, *_: object) -> None:
        if self._outer is None:
            return
        answers, reserved.answers = reserved.answers, None
        sys.stdout = self._outer
        if self._saved is not None and answers is not None:
            os.dup2(self._saved, 1)
            answers.close()


def _harmless(text: str, stream: TextIO) -> str:
    """`text` as no name in it can harm whoever reads it: a terminal, or a job's log."""
    if text.isprintable() and "::" not in text and "##[" not in text:
        return text
    from calotype.roof.report.style import harmless_lines

    return harmless_lines(text, stream)


def _write(text: str, stream: TextIO) -> None:
    """Raises OSError once: what is printed later goes to the null device."""
    try:
        stream.write(text + "\n")
        stream.flush()
    except OSError:
        _redirect(stream)
        raise


def _redirect(stream: TextIO) -> None:
    """Lets the null device take the place of what `stream` writes to, its rest with it."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
    stream.flush()


STDOUT = "standard output"
"""What is told in the place of a path."""
