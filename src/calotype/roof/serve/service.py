"""Commands of other processes, run in this one on the thread that builds, one at a time. Must not know when there is
time.

What a command prints, the code it ends with and what it leaves are those of a process of its own; wherever that cannot
be promised, the process is told to do it by itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from calotype.api import KeptProject
from calotype.ground.diagnostics import EXIT_AWAITING, EXIT_BUG, EXIT_DONE, EXIT_INTERRUPTED
from calotype.ground.folders import MARKER
from calotype.ground.version import VERSION
from calotype.project.last_build import compared, settled_targets
from calotype.roof.cli.entry import report_refusal, run_command_line
from calotype.roof.cli.fastpath import plain_build, print_current
from calotype.roof.cli.interrupt import Interrupt
from calotype.roof.cli.stdout import echo_err
from calotype.roof.serve.address import READING, command_of
from calotype.roof.serve.connection import Connection, Request
from calotype.roof.serve.listener import Listener
from calotype.roof.serve.loaded_code import LoadedCode
from calotype.roof.serve.stand_in import current_mask, in_the_place_of
from calotype.roof.serve.streams import Streams
from calotype.roof.serve.wire import DEAF, EXIT, GO_WITHIN, HEARS, YES, group, identity, is_of_terminal

if TYPE_CHECKING:
    from calotype.project.last_build import Comparison

OF_SERVERS = ("CALOTYPE_TOKEN", "CALOTYPE_JWT_KEY", "CALOTYPE_JWT_PUBLIC_KEY")
"""Variables that no command reads but those that are never served."""
Look = Callable[[], "Comparison | None"]
"""How the files are now, held against what the last build left; None where there is no saying."""


class HandedBack(BaseException):
    """What is left of a command is its own process's to do: this one is told to end."""


class Service:
    """Serves the project that is kept open, from `open` to `close`. `wake` ends the wait of the thread that builds;
    `say` is told why a command was not served. Without `alone` other threads write files meanwhile, as Studio's do."""

    def __init__(self, project: KeptProject, wake: Callable[[], None], say: Callable[[str], None], *,
                 alone: bool = True) -> None:
        self._project, self._say = project, say
        self._mask = None if alone else current_mask()
        self._listener = Listener(str(project.root), wake)
        self._identity = identity(VERSION)
        self._environment = _compared(dict(os.environ))
        self._code = LoadedCode()
        self._streams: Streams | None = None
        self._stops: _Stops | None = None
        self._refusal = ""

    def open(self) -> None:
        """Listens from now on, if nobody else does; may be called again."""
        if self._listener.open() and self._streams is None:
            self._streams = Streams()

    def close(self) -> None:
        self._listener.close()
        if self._streams is not None:
            self._streams.close()
            self._streams = None

    def attend(self, attended: bool) -> None:
        """Whether there is time for questions: they are refused else, also those that have come already."""
        self._code.note()
        self._listener.attended = attended
        if not attended:
            while (connection := self._listener.next()) is not None:
                connection.refuse("the watch is at work")

    def hand_back(self) -> None:
        """Ends the command at work as soon as it can be ended; its own process does the rest."""
        if self._stops is not None:
            self._stops.handed_back = True

    @property
    def is_asked(self) -> bool:
        """Whether a question has come."""
        return self._listener.has_question

    def tell(self, message: str) -> None:
        """Says something on the watch's own terminal, also while it prints for another."""
        if self._stops is None or self._streams is None:
            echo_err(message)
        else:
            self._streams.print_home(message)

    def answer(self, look: Look) -> Comparison | None:
        """Serves the question that has waited for longest. Gives the comparison that its command went by, where it may
        have left something to do; else None."""
        connection = self._listener.next()
        if connection is None or connection.request is None:
            return None
        self._listener.attended = False
        try:
            return self._answer(connection, connection.request, look)
        finally:
            self._code.note()
            self._listener.attended = True

    def _answer(self, connection: Connection, request: Request, look: Look) -> Comparison | None:
        started = time.perf_counter()
        if reason := self._reason_against(request):
            self._refuse(connection, reason)
            return None
        connection.send(YES)
        comparison = look()  # while the client gets ready
        if not connection.go.wait(GO_WITHIN) or connection.gone:
            connection.refuse("it has waited too long")
            return comparison if comparison is not None and comparison.changes else None
        if comparison is None:
            self._refuse(connection, "the files cannot be compared now")
            return None
        if reason := _reason_to_leave(request.words, comparison):
            self._refuse(connection, reason)
            return comparison
        code = self._code_of(connection, request, comparison, started)
        is_built = code in (EXIT_DONE, EXIT_AWAITING) and command_of(request.words) == "build"
        return None if is_built or not comparison.changes else comparison

    def _code_of(self, connection: Connection, request: Request, comparison: Comparison, started: float) -> int | None:
        """Runs the command, and tells its exit code; None where it is handed back."""
        assert self._streams is not None
        self._stops = Interrupt.elsewhere = _Stops(connection)
        code: int | None = EXIT_BUG
        try:
            with in_the_place_of(connection, request, self._streams):
                code = self._run(request.words, comparison, started)
        except (HandedBack, OSError):  # OSError: before anything was done
            code = None
        except KeyboardInterrupt:
            code = EXIT_INTERRUPTED
            raise
        finally:
            self._stops = Interrupt.elsewhere = None
            connection.on_stop = None
            if code is None:
                connection.refuse("the watch is to end")
            else:
                connection.send(EXIT, str(code).encode(), last=True)
        return code

    def _run(self, words: list[str], comparison: Comparison, started: float) -> int:
        plain, targets = plain_build(words), settled_targets(comparison)
        try:
            if plain is not None and targets is not None:
                print_current(targets, time.perf_counter() - started, plain)
                return EXIT_DONE
            with ExitStack() as block:
                if command_of(words) in READING:
                    block.enter_context(compared(str(self._project.root), comparison))
                return run_command_line(words, kept=self._project)
        except OSError as refusal:
            return report_refusal(words, refusal)
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else EXIT_DONE

    def _reason_against(self, request: Request) -> str:
        """Why another process is not served, whatever it asks; "" where it is."""
        if request.identity != self._identity:
            return "it is another Calotype, or another Python"
        if self._code.has_changed():
            return "the program's files have changed since the watch was started"
        root = os.stat(self._project.root)
        if (request.root, request.project_folder) != (str(self._project.root), f"{root.st_dev}:{root.st_ino}"):
            return "it is another project"
        if request.group != group():
            return "it makes files for another group"
        if self._mask is not None and request.mask != self._mask:
            return "it makes files with other rights"
        environment = _compared(request.environment)
        names = sorted(name for name in environment.keys() | self._environment.keys()
                       if environment.get(name) != self._environment.get(name))
        return f"other values of {', '.join(names[:3])} in its environment" if names else ""

    def _refuse(self, connection: Connection, reason: str) -> None:
        connection.refuse(reason)
        if reason != self._refusal:
            self._refusal = reason
            self._say(f"a command in another terminal ran by itself: {reason}")


class _Stops:
    """The ^C of a client, for the build that is at work for it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.handed_back = self._has_ended = False

    def enter(self, interrupt: Interrupt) -> None:
        self._connection.on_stop = interrupt.ask
        self._connection.send(HEARS)
        if self._connection.gone:
            interrupt.ask()

    def must_end(self) -> bool:
        self._has_ended |= self.handed_back
        return self.handed_back

    def leave(self) -> None:
        self._connection.on_stop = None
        self._connection.send(DEAF)
        if self._has_ended:
            raise HandedBack


def _compared(environment: dict[str, str]) -> dict[str, str]:
    """The variables that may change what a command does."""
    return {name: value for name, value in environment.items() if not is_of_terminal(name) and name not in OF_SERVERS}


def _reason_to_leave(words: list[str], comparison: Comparison) -> str:
    """Why a command is left to its own process: one without threads can fork, and look into all specs sooner."""
    reads_all = not comparison.record_found or any(change[1] == MARKER for change in comparison.changes)
    return "it has to look into every spec" if reads_all and command_of(words) in READING else ""
