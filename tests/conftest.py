"""What every test stands on: a home that cannot be touched, and `Space`, a project in a temporary folder."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from calotype.ground.fingerprint import FINE_NS, fingerprint_at, is_settled

os.environ["OMP_NUM_THREADS"] = "1"
for _signal in (signal.SIGINT, signal.SIGHUP) if os.name == "posix" else ():
    if signal.getsignal(_signal) is signal.SIG_IGN:  # as nohup, or `&` of a shell, leaves them to all that is started
        signal.signal(_signal, signal.default_int_handler)
REPOSITORY = Path(__file__).parent.parent
CALOTYPE = Path(sys.executable).parent / ("calotype.exe" if os.name == "nt" else "calotype")


@dataclass(frozen=True)
class Run:
    """What one command line gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""
        return json.loads(self.out)

    @property
    def statuses(self) -> dict[str, str]:
        """Target -> status, for those that were not up to date."""
        return {one["target"]: one["status"] for one in self.json["targets"]}


def settle(root: Path, watched: Iterable[str] = ()) -> None:
    """Waits until every file under `root`, and at `watched` from there, is older than the tick of the clock: any change
    to come will show in its fingerprint, and the next build trusts what it sees of it."""
    for path in (*root.rglob("*"), *(root / other for other in watched)):
        while path.exists() and not is_settled(fingerprint_at(path), time.time_ns() - FINE_NS):
            time.sleep(0.01)


@dataclass(frozen=True)
class Space:
    """A project in a temporary folder: write specs, run the real program, look at what it left."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)

    def write(self, path: str, content: str | bytes) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces the one place where `old` stands."""
        text = self.read(path)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        self.write(path, text.replace(old, new))

    def move(self, old: str, new: str) -> None:
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        (self.root / old).rename(self.root / new)

    def remove(self, path: str) -> None:
        target = self.root / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()

    def files(self, folder: str = "content") -> list[str]:
        """The files under `folder`, relative to the project, sorted."""
        found = (self.root / folder).rglob("*")
        return sorted(one.relative_to(self.root).as_posix() for one in found if one.is_file())

    def snapshot(self, *folders: str) -> dict[str, tuple[str, int]]:
        """Path -> (SHA-256, mtime_ns) of every file: equal snapshots mean that nothing was written."""
        paths = [
            self.root / name
            for folder in folders or ("specs", "content", "build")
            for name in self.files(folder)
        ]
        return {
            path.relative_to(self.root).as_posix(): (
                hashlib.sha256(path.read_bytes()).hexdigest(),
                path.stat().st_mtime_ns,
            )
            for path in paths
        }

    def settle(self) -> None:
        """As `settle`, of what is here and of what else the last build watched."""
        from calotype.project.last_build import compare_with_last_build

        settle(self.root, compare_with_last_build(str(self.root)).watched)

    def run(
        self, *words: str, cwd: Path | None = None, timeout: float = 120, env: dict[str, str] | None = None
    ) -> Run:
        """Runs the installed program in a process of its own, from the project's root."""
        done = subprocess.run(
            [str(CALOTYPE), *words],
            cwd=cwd or self.root,
            env={**os.environ, **self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            encoding="utf-8",
            errors="strict",
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Run(done.returncode, done.stdout, done.stderr)

    def call(self, *words: str) -> Run:
        """As `run`, through the same entry function inside this process: many times faster."""
        from calotype.__main__ import main

        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(self.root):
            code = main(list(words))
        return Run(code, out.getvalue(), err.getvalue())


@pytest.fixture
def space(tmp_path: Path) -> Space:
    """An empty project: only `calotype.yaml`."""
    root = tmp_path / "project"
    root.mkdir()
    empty = Space(root)
    empty.write("calotype.yaml", "version: 1\n")
    return empty


@pytest.fixture(scope="session", autouse=True)
def untouchable_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """HOME lies below a file: to read or write anything there raises."""
    wall = tmp_path_factory.mktemp("home") / "is-a-file"
    wall.write_text("nothing may be kept here")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE"):
            patch.setenv(name, str(wall / "home"))
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "FORCE_COLOR", "CALOTYPE_KILL_AT"):
            patch.delenv(name, raising=False)
        patch.setenv("NO_COLOR", "1")
        yield
