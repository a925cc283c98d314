"""Commands beside a watch, as users type them: real processes, and a note of who did the work."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patience import PATIENCE, wait_for
from survival import Studio

PROGRAM = '''"""The program, and a note of whether it did the work itself."""
import os, sys
from calotype.__main__ import main
try:
    code = main()
finally:
    alone = "calotype.project.last_build" in sys.modules
    with open(os.path.join(os.path.dirname(__file__), "notes", str(os.getpid())), "w") as note:
        note.write("alone" if alone else "served")
sys.exit(code)
'''


@dataclass(frozen=True)
class Answer:
    """What a command gave back, and whether the watch ran it."""

    code: int
    out: bytes
    err: bytes
    served: bool


WATCH, STUDIO = ("watch", "-v"), ("studio", "-v", "--no-open", "--port", "0")
"""The commands that serve others."""
LOOPBACK = {"CALOTYPE_SERVE": "loopback"}
"""The environment in which a watch is asked as on Windows."""


class Beside:
    """A watch of a project, or another of the commands that serve, and commands in other terminals."""

    def __init__(self, studio: Studio, *words: str, env: dict[str, str] | None = None,
                 server: tuple[str, ...] = WATCH) -> None:
        self.studio, self.root = studio, studio.root
        self.folder = studio.root.parent / "terminal"
        (self.folder / "notes").mkdir(parents=True, exist_ok=True)
        self.program = self.folder / "calotype"
        if not self.program.exists():
            self.program.write_text(PROGRAM)
        self.runtime = studio.root.parent / "run"
        self.runtime.mkdir(exist_ok=True)
        self.env = {**os.environ, "CALOTYPE_PAINTER": str(studio.notes), "XDG_RUNTIME_DIR": str(self.runtime),
                    **(env or {})}
        self.told: list[str] = []
        self.watch = subprocess.Popen([sys.executable, str(self.program), *server, *words], cwd=self.root,
                                      env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.watch.stdout or ():
            self.told.append(line)

    @property
    def socket(self) -> Path | None:
        return next((path for kind in ("sock", "port") for path in self.runtime.glob(f"calotype-*/*.{kind}")), None)

    def wait(self, condition: Callable[[], Any], what: str = "") -> Any:
        """The first true answer of `condition`."""
        return wait_for(condition, lambda: f"{what}: {''.join(self.told)}")

    def start(self, *words: str, cwd: Path | None = None, env: dict[str, str] | None = None,
              **streams: Any) -> subprocess.Popen[bytes]:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.Popen([sys.executable, str(self.program), *words], cwd=cwd or self.root,
                                env={**self.env, **(env or {})}, **streams)

    def end_of(self, process: subprocess.Popen[bytes]) -> Answer:
        out, err = process.communicate(timeout=PATIENCE)
        assert b"Traceback" not in err, err.decode()
        return Answer(process.returncode, out or b"", err or b"", self.was_served(process))

    def was_served(self, process: subprocess.Popen[bytes]) -> bool:
        note = self.folder / "notes" / str(process.pid)
        return note.exists() and note.read_text() == "served"

    def run(self, *words: str, **options: Any) -> Answer:
        return self.end_of(self.start(*words, **options))

    def end(self) -> int:
        if self.watch.poll() is None:
            self.watch.send_signal(signal.SIGCONT)
            self.watch.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        code = self.watch.wait(PATIENCE)
        self._reader.join()
        if self.watch.stdout is not None:
            self.watch.stdout.close()
        return code


@contextmanager
def beside(studio: Studio, *words: str, env: dict[str, str] | None = None,
           server: tuple[str, ...] = WATCH) -> Iterator[Beside]:
    """A watch that has built everything and is at rest."""
    terminal = Beside(studio, *words, env=env, server=server)
    try:
        terminal.wait(lambda: terminal.socket is not None and terminal.run("build", "-q").served, "no watch that serves")
        yield terminal
    finally:
        if terminal.watch.poll() is None:
            terminal.watch.kill()
        terminal.ended()
    assert "Traceback" not in "".join(terminal.told), "".join(terminal.told)


def twin(studio: Studio, name: str = "twin") -> Studio:
    """A copy of a project with all that a build has left in it, and of the painter's notes."""
    other = Studio(studio.root.parent / name / studio.root.name, notes=studio.root.parent / name / "notes")
    shutil.copytree(studio.root, other.root, symlinks=True)
    shutil.copytree(studio.notes, other.notes)
    return other


def plain(text: bytes) -> bytes:
    """An answer without what differs from one run to the next: seconds, and in whose folder it was."""
    text = re.sub(rb"\d+\.\d+ s\)", b"0.0 s)", text)
    text = re.sub(rb'"(seconds|at)": [0-9.e-]+', rb'"\1": 0', text)
    text = re.sub(rb"time=\"[0-9.]+\"", b"", text)
    return re.sub(rb"/[^ \n\"]*/project\b", b"/project", text)
