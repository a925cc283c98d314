"""Runs the server and the process that builds beside it, until ^C."""

from __future__ import annotations

import gc
import os
import socket
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import NoReturn

import uvicorn
from anyio import to_thread

from calotype.ground.diagnostics import EXIT_FAILED, EXIT_INTERRUPTED, Problem, error
from calotype.ground.light_dataclass import dataclass
from calotype.roof.cli.interrupt import Interrupt
from calotype.roof.cli.stdout import echo, echo_err
from calotype.roof.studio.app import application
from calotype.roof.studio.bugs import Bugs
from calotype.roof.studio.builder import Builder
from calotype.roof.studio.building.freed import share_heaps
from calotype.roof.studio.credentials import credentials
from calotype.roof.studio.decider import Decider
from calotype.roof.studio.feed import Feed
from calotype.roof.studio.first_request import ask_first
from calotype.roof.studio.open_connections import Patient, make_room_for_connections
from calotype.roof.studio.storyboards.generations import Generations
from calotype.roof.studio.tickets import Ticket
from calotype.roof.studio.works import Works
from calotype.roof.watch.watcher import WatchOptions

ANSWERING = 6
"""Requests that are answered at a time, at the most; streams are none."""
TURN = 0.0005
"""Seconds that one answer may go on while another waits for its turn of the interpreter: an answer reads many files,
and waits anew after each."""
GRACE = 2
"""Seconds that an answer in work has when the server is to stop."""


@dataclass(frozen=True, slots=True)
class StudioOptions:
    """Where it listens, whether it builds at every change and opens the browser, and what it builds."""

    host: str = "127.0.0.1"
    port: int = 3456
    watch: bool = True
    open_browser: bool = True
    quiet: bool = False
    verbose: bool = False
    build: WatchOptions = WatchOptions()


def serve(root: Path, options: StudioOptions) -> int:
    """Serves the project at `root`. Raises Problem where it cannot listen there, or a key is none."""
    proofs = credentials(os.environ)
    listener = _listening(options)
    port = listener.getsockname()[1]
    share_heaps()
    gc.freeze()  # what is loaded by now stays, and is not looked through again and again
    sys.setswitchinterval(TURN)
    feed = Feed(time.time_ns() // 1000)
    builder = Builder(root, feed, options.build, _quiet if options.quiet else echo_err, watch=options.watch,
                      say_more=echo_err if options.verbose else _quiet)
    hosts = [f"{name}:{port}" for name in _names(options.host)]
    ticket = Ticket()
    bugs = Bugs(root, echo_err)
    bugs.install()
    works = Works(root, feed, builder, Decider(root), Generations(root, builder, bugs.take), bugs)
    Patient.most = make_room_for_connections()
    studio = application(works, hosts, proofs, ticket)
    server = _Server(uvicorn.Config(
        studio, log_config=None, access_log=False, lifespan="off",
        http=Patient, ws="none", timeout_graceful_shutdown=GRACE, server_header=False, proxy_headers=False),
        feed, builder)
    address = f"http://{_spelled(options.host)}:{port}/"
    echo(f"{address}#token={proofs.token}" if proofs.made_here else address)
    try:
        with Interrupt("\nstopping; once more to stop at once", server.stop):
            works.start()
            ask_first(studio, hosts[0], proofs)
            try:
                if options.open_browser:
                    Thread(target=webbrowser.open, args=(f"{address}open/{ticket.word}",), daemon=True).start()
                server.run(sockets=[listener])
            except KeyboardInterrupt:
                _stop_at_once()
            finally:
                works.end()
                listener.close()
    except KeyboardInterrupt:
        _stop_at_once()
    if builder.ended is not None:
        raise Problem(builder.ended.diagnostics, builder.ended.exit_code)
    return EXIT_INTERRUPTED


class _Server(uvicorn.Server):
    """A server that ends its streams, and asks the builder to stop, when it is told to."""

    def __init__(self, config: uvicorn.Config, feed: Feed, builder: Builder) -> None:
        super().__init__(config)
        self._feed, self._builder = feed, builder

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Uvicorn's own would raise each signal again when all is over; `serve` has them until the builder ends."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Each thread that answers has memory of its own, and they share one processor's time."""
        to_thread.current_default_thread_limiter().total_tokens = ANSWERING
        await super().startup(sockets)

    def stop(self) -> None:
        """Answers what it has begun to answer, and ends. Safe in a signal handler."""
        self.should_exit = True
        self._builder.stop()
        self._feed.close()


def _stop_at_once() -> NoReturn:
    """The process that builds ends with this one; what is half done is as after a kill: nothing."""
    echo_err("error[interrupted]: interrupted; what was finished is kept")
    os._exit(EXIT_INTERRUPTED)


def _listening(options: StudioOptions) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((options.host, options.port))
        listener.listen(128)
    except OSError as refusal:
        listener.close()
        hint = "another one is open there perhaps; `--port 0` takes any that is free"
        raise Problem(error("port", f"cannot listen on {options.host}, port {options.port}: {refusal.strerror}",
                            hint=hint), EXIT_FAILED) from None
    return listener


def _names(host: str) -> tuple[str, ...]:
    """What a server that listens on `host` may be called."""
    loopback = ("127.0.0.1", "localhost", "[::1]")
    return loopback if host in ("127.0.0.1", "localhost", "::1") else (*loopback, _spelled(host))


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _quiet(_: str) -> None:
    return
