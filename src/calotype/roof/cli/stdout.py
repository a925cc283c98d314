"""Printing to a reader who may have gone, to a disk that may be full, or to nobody at all.

It imports nothing that takes time: every no-op prints through it.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import TextIO


def echo(text: str, *, commands: bool = False) -> None:
    """Prints what was asked for; `commands` are for GitHub, and must stay as they are. A pipe closed by its reader
    (`calotype list | head`) is no error. Raises OSError where the disk that it is written to refuses."""
    try:
        _write(text if commands else _harmless(text, sys.stdout), sys.stdout)
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


def reserved() -> AbstractContextManager[TextIO]:
    """Inside it, what others print goes to stderr: stdout holds what a command answers, and nothing else."""
    from contextlib import redirect_stdout

    return redirect_stdout(sys.stderr)


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
