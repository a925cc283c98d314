"""The process in which a Studio builds: it ends with the server, however that ends, and the server says when it has."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from conftest import Space
from studio_server import AWAITING, PATIENCE, Server, studio, write_project


def builder_of(server: Server) -> int:
    """The process that builds."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


def wait_for_end(process: int) -> None:
    end = time.monotonic() + PATIENCE
    with suppress(ProcessLookupError):
        while Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < end, "it builds on"
            time.sleep(0.02)
            os.kill(process, 0)


def test_what_builds_ends_with_a_server_that_is_killed(space: Space) -> None:
    write_project(space, AWAITING)
    with studio(space.root) as server:
        server.wait_for_build()
        builder = builder_of(server)
        server.kill()
        with suppress(FileNotFoundError):
            wait_for_end(builder)


def test_what_builds_ends_when_the_server_is_told_to(space: Space) -> None:
    write_project(space, AWAITING)
    with studio(space.root) as server:
        server.wait_for_build()
        builder = builder_of(server)
        assert server.stop() == 130
        assert not Path(f"/proc/{builder}").exists()


def test_a_terminal_interrupts_the_server_alone(space: Space) -> None:
    write_project(space, AWAITING)
    with studio(space.root) as server:
        server.wait_for_build()
        assert os.getpgid(builder_of(server)) != os.getpgid(server.process.pid)


def test_pages_and_decisions_go_on_where_what_builds_is_killed(space: Space) -> None:
    write_project(space, AWAITING)
    with studio(space.root) as server:
        server.wait_for_build()
        os.kill(builder_of(server), signal.SIGKILL)
        ended = server.wait(lambda: server.state.get("ended"), "nobody was told")
        assert ended[0]["code"] == "builder" and "signal 9" in ended[0]["message"]
        assert server.ask("/build/index.html").status == 200
        decided = server.write(
            "/api/decisions", {"decision": "pick", "target": "exercises/nod/01", "candidate": "2"})
        assert decided.status == 201
        assert server.stop() == 1
    assert space.call("build", "--json").json["awaiting"] == 0
