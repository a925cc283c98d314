"""Printing to a reader who may have gone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO


def echo(text: str) -> None:
    _write(text, sys.stdout)


def echo_err(text: str) -> None:
    _write(text, sys.stderr)


def use_backslashreplace() -> None:
    """A title in any script must not stop a command on a terminal that cannot show it."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def reserved() -> Iterator[None]:
    """Inside it, what others print goes to stderr: stdout holds what a command answers, and nothing else."""
    with redirect_stdout(sys.stderr):
        yield


def _write(text: str, stream: TextIO) -> None:
    """A pipe closed by its reader (`calotype list | head`) is no error, and must not change the exit code."""
    try:
        stream.write(text + "\n")
        stream.flush()
    except BrokenPipeError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
