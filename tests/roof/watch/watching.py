"""`calotype watch` as a test runs it: the real program in a process of its own, its builds as they come."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from conftest import CALOTYPE
from patience import PATIENCE, wait_for
from survival import Studio


class Watching:
    """A watcher at work. `builds` are the objects it has printed so far, `told` its lines on stderr."""

    def __init__(self, studio: Studio, *words: str) -> None:
        self.process = subprocess.Popen(
            [str(CALOTYPE), "watch", "--json", *words], cwd=studio.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "CALOTYPE_PAINTER": str(studio.notes)}, encoding="utf-8")
        self.builds: list[dict[str, Any]] = []
        self.told: list[str] = []
        self._readers = [threading.Thread(target=self._read_builds), threading.Thread(target=self._read_told)]
        for reader in self._readers:
            reader.start()

    def _read_builds(self) -> None:
        for line in self.process.stdout or ():
            self.builds.append(json.loads(line))

    def _read_told(self) -> None:
        for line in self.process.stderr or ():
            self.told.append(line)

    def wait(self, condition: Callable[[], Any], what: str = "") -> Any:
        """The first true answer of `condition`."""
        return wait_for(condition, lambda: f"{what}: {self.builds} {''.join(self.told)}")

    def build(self, number: int) -> dict[str, Any]:
        """The build with this number, from 0, when it is over."""
        self.wait(lambda: len(self.builds) > number, f"no build {number}")
        return self.builds[number]

    def next(self) -> dict[str, Any]:
        return self.build(len(self.builds))

    def is_quiet(self, seconds: float = 1.0) -> bool:
        """Whether no build comes for so long."""
        before = len(self.builds)
        time.sleep(seconds)
        return len(self.builds) == before

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(PATIENCE)
        for reader, stream in zip(self._readers, (self.process.stdout, self.process.stderr), strict=True):
            reader.join()
            if stream is not None:
                stream.close()
        return code


@contextmanager
def watching(studio: Studio, *words: str) -> Iterator[Watching]:
    """A watcher that has done its first build."""
    watcher = Watching(studio, *words)
    try:
        watcher.build(0)
        yield watcher
    finally:
        if watcher.process.poll() is None:
            watcher.process.kill()
        watcher.ended()
    assert "Traceback" not in "".join(watcher.told), "".join(watcher.told)
