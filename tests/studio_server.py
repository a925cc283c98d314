"""`calotype studio` as a test runs it: the real program in a process of its own, asked over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kit import nod_spec

from conftest import CALOTYPE, Space
from patience import PATIENCE, wait_for

SMALL = "version: 1\npresets: {small: {size: [64, 64]}}\ndefaults: {preset: small}\n"
NOD = "specs/exercises/neck/nod.yaml"
AWAITING = "candidates: 3, select: human"
BROWSER = "#!/bin/sh\nprintf '%s' \"$*\" > $0.tmp\nmv $0.tmp $0.told\n"
"""A browser that only keeps what it is told to open."""


def write_project(space: Space, *images: str) -> None:
    """A project of small pictures: each of `images` is what stands in the mapping of one of a nod."""
    space.write("calotype.yaml", SMALL)
    space.write(NOD, nod_spec("nod", *images))


@dataclass(frozen=True)
class Answer:
    """What the server answered. `headers` are by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        return [diagnostic["code"] for diagnostic in self.json["diagnostics"]]


class Server:
    """A Studio at work. `address` ends with a slash."""

    def __init__(self, process: subprocess.Popen[str], line: str) -> None:
        self.process = process
        self.address, _, fragment = line.partition("#")
        self.token = fragment.removeprefix("token=")
        self.host = self.address.removeprefix("http://").rstrip("/")
        self.killed = False

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, just as it is given: nothing is added but the Host, unless `headers` has one."""
        name, _, port = self.host.rpartition(":")
        connection = http.client.HTTPConnection(name, int(port), timeout=PATIENCE)
        try:
            lines = {"Host": self.host, **(headers or {})}
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for key, value in lines.items():
                connection.putheader(key, value)
            if body is not None and "Content-Length" not in lines and "Transfer-Encoding" not in lines:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            found = {key.lower(): value for key, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def write(self, path: str, value: Any = None, *, method: str = "POST", **headers: str) -> Answer:
        """A request with the token, and `value` as JSON, or bytes as they are."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        kind = headers.pop("kind", "application/json")
        return self.ask(path, method, body, {"Authorization": f"Bearer {self.token}", "Content-Type": kind, **headers})

    @property
    def state(self) -> dict[str, Any]:
        found = self.ask("/api/state").json["state"]
        assert isinstance(found, dict)
        return found

    def wait(self, condition: Callable[[], Any], what: str = "") -> Any:
        """The first true answer of `condition`."""
        return wait_for(condition, lambda: f"{what}: {self.state}")

    def wait_for_build(self, number: int = 1) -> dict[str, Any]:
        """The state when so many builds are over."""
        return self.wait(lambda: (state := self.state).get("builds", 0) >= number and state, f"no build {number}")

    def kill(self) -> None:
        """Ends it as a failure of the machine would."""
        self.process.kill()
        assert self.process.wait(PATIENCE) == -signal.SIGKILL
        self.killed = True

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@contextmanager
def studio(root: Path, *words: str, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A Studio of the project at `root` on a free port, stopped at the end."""
    process = subprocess.Popen(
        [str(CALOTYPE), "studio", "--no-open", "--port", "0", *words], cwd=root, stdout=subprocess.PIPE, text=True,
        env={**os.environ, **(env or {})})
    assert process.stdout is not None
    try:
        line = process.stdout.readline().strip()
        assert line.startswith("http://"), (line, process.wait(PATIENCE))
        server = Server(process, line)
        yield server
        assert server.killed or server.stop() in (130, 1)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def opened(space: Space, **env: str) -> Iterator[tuple[Server, str]]:
    """A Studio that opens the browser, which is a script; the server, and what the browser was told."""
    browser = space.root.parent / "browser"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    told = browser.with_suffix(".told")
    told.unlink(missing_ok=True)
    process = subprocess.Popen([str(CALOTYPE), "studio", "--port", "0"], cwd=space.root, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "BROWSER": f"{browser} %s", **env})
    assert process.stdout is not None
    try:
        server = Server(process, process.stdout.readline().strip())
        wait_for(told.exists, lambda: "no browser was opened")
        yield server, told.read_text()
        assert server.stop() == 130
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def served(built: Space, tmp_path: Path) -> Iterator[tuple[Space, Server]]:
    """A copy of the project that the module's fixture `built` has built, and a Studio of it at work."""
    shutil.copytree(built.root, tmp_path / "project")
    space = Space(tmp_path / "project")
    with studio(space.root) as server:
        server.wait_for_build()
        yield space, server
