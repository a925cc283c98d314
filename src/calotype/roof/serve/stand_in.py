"""A process that stands in another's place for a block: its streams, folder, terminal and mask. All is put back."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress

from calotype.roof.serve.connection import Connection, Request
from calotype.roof.serve.streams import Streams, is_never_waited_for
from calotype.roof.serve.wire import ERR, OUT, is_of_terminal


@contextmanager
def in_the_place_of(connection: Connection, request: Request, streams: Streams) -> Iterator[None]:
    """Inside it, everything is as in the client's own process. Raises OSError, and changes nothing, where the client
    has gone or its folder is another than it was."""
    handles = connection.take_handles()
    with ExitStack() as back:
        for handle in handles:
            back.callback(os.close, handle)
        if connection.gone or len(handles) != (3 if connection.passes_files else 0):
            raise ConnectionError("the client has gone")
        back.enter_context(_folder(request))
        back.enter_context(_mask(request.mask))
        back.enter_context(_terminal(request.environment))
        back.enter_context(_arguments(request.words))
        back.enter_context(warnings.catch_warnings())
        back.enter_context(_standard_streams(connection, handles, streams) if connection.passes_files
                           else _messages(connection, request, streams))
        yield


@contextmanager
def _folder(request: Request) -> Iterator[None]:
    by_handle = os.chdir in os.supports_fd
    before = os.open(".", os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)) if by_handle else os.getcwd()
    try:
        os.chdir(request.working_folder)
        place = os.stat(".")
        if f"{place.st_dev}:{place.st_ino}" != request.working_folder_identity:
            raise FileNotFoundError(request.working_folder)
        yield
    finally:
        with suppress(OSError):
            os.chdir(before)
        if isinstance(before, int):
            os.close(before)


def current_mask() -> int:
    """Which rights this process leaves out of files that it makes. To be told it, it is set for an instant."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextmanager
def _mask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _terminal(environment: Mapping[str, str]) -> Iterator[None]:
    """The variables that tell of a terminal are the client's; all others are the same."""
    before = {name: value for name, value in os.environ.items() if is_of_terminal(name)}
    _put({name: value for name, value in environment.items() if is_of_terminal(name)})
    try:
        yield
    finally:
        _put(before)


def _put(variables: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if is_of_terminal(name) and name not in variables]:
        del os.environ[name]
    os.environ.update(variables)


@contextmanager
def _arguments(words: Sequence[str]) -> Iterator[None]:
    before = sys.argv
    sys.argv = [*before[:1], *words]
    try:
        yield
    finally:
        sys.argv = before


@contextmanager
def _standard_streams(connection: Connection, handles: Sequence[int], streams: Streams) -> Iterator[None]:
    """What prints by itself, as native code and other processes do, prints to the client's stderr where stdout is
    passed on: it would come in the midst of an answer."""
    before, own = [os.dup(number) for number in range(3)], (sys.stdout, sys.stderr, sys.__stdout__)
    direct = is_never_waited_for(handles[1])
    try:
        for number, handle in enumerate((handles[0], handles[1] if direct else handles[2], handles[2])):
            os.dup2(handle, number)
        for number, kind, outlet, text in zip((1, 2), (OUT, ERR), streams.outlets, streams.texts, strict=True):
            if is_never_waited_for(handles[number]):
                outlet.lead(number, None)
            else:
                outlet.lead(handles[number], _sender(connection, kind))
            text.reconfigure(line_buffering=number == 2 or outlet.isatty())
        sys.stdout, sys.stderr = streams.texts
        if direct:
            sys.__stdout__ = streams.texts[0]  # type: ignore[misc]
        yield
    finally:
        sys.stdout, sys.stderr, sys.__stdout__ = own  # type: ignore[misc]
        streams.flush()
        for outlet in streams.outlets:
            outlet.lead_home()
        for number, handle in enumerate(before):
            os.dup2(handle, number)
            os.close(handle)


@contextmanager
def _messages(connection: Connection, request: Request, streams: Streams) -> Iterator[None]:
    """Where no files come: what Python prints goes to the client. What prints by itself prints where the watch does."""
    before = sys.stdout, sys.stderr
    try:
        for kind, outlet, text, is_terminal in zip(
                (OUT, ERR), streams.outlets, streams.texts, request.terminals, strict=True):
            outlet.lead(-1, _sender(connection, kind), is_terminal=is_terminal)
            text.reconfigure(line_buffering=kind == ERR or is_terminal)
        sys.stdout, sys.stderr = streams.texts
        yield
    finally:
        sys.stdout, sys.stderr = before
        streams.flush()
        for outlet in streams.outlets:
            outlet.lead_home()


def _sender(connection: Connection, kind: bytes):  # type: ignore[no-untyped-def]
    def send(content: bytes) -> None:
        connection.send(kind, content)

    return send
