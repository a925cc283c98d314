"""What the tests of survival share: a studio with the painter of tests/painter, and children that die."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

from calotype.ground import atomic
from conftest import Space
from sheets import shown

PAINTER = Path(__file__).parent / "painter"
KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Studio(Space):
    """A project whose images the painter paints, 16 x 16, and the painter's notes beside it."""

    notes: Path = field(default=Path())

    @property
    def painted(self) -> list[str]:
        """The request of every picture ever painted, in a word each: one painted twice stands there twice."""
        file = self.notes / "painted"
        return [line.split()[1] for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def repeated(self) -> int:
        """How many pictures were painted in vain."""
        return sum(count - 1 for count in Counter(self.painted).values())

    @property
    def orders(self) -> dict[str, Any]:
        file = self.notes / "orders.json"
        named = json.loads(file.read_text()) if file.exists() else {}
        return {"everything" if word == "*" else word: order for word, order in named.items()}

    def order(self, **orders: Any) -> None:
        """What the painter is to do with the pictures whose prompt holds a word; `everything` means all."""
        named = {"*" if word == "everything" else word: order for word, order in orders.items()}
        (self.notes / "orders.json").write_text(json.dumps(named))

    def exercise(self, name: str, *images: str, region: str = "neck", folder: str = "exercises") -> str:
        """Writes an exercise; each image is what its flow mapping holds beside view and position. Returns its file."""
        file = f"specs/{folder}/{name}.yaml"
        rows = "".join(f"  - {{view_angle: lateral, body_position: standing, {image}}}\n" for image in images)
        self.write(file, f"kind: exercise\nid: {name}\nregion: {region}\ntitle: {name}\nimages:\n{rows}")
        return file

    def content(self) -> dict[str, bytes]:
        """All that is published, the manifest with it."""
        return {name: (self.root / name).read_bytes() for name in self.files("content")}

    def sheets(self) -> dict[str, str]:
        """The contact sheets, by what they hold."""
        return shown(self.root)

    def leftovers(self, *folders: str) -> list[str]:
        """Files that nobody finished writing."""
        return [name for folder in folders or ("content",) for name in self.files(folder) if atomic.TEMP_PREFIX in name]

    def keys(self) -> set[str]:
        """The finished renders whose bytes the cache holds, as the painter calls them. Of a candidate that lost, a
        manifest tells the pixel digest alone."""
        from calotype.language.action import request_of
        from calotype.store.action_cache import ActionCache

        if not (self.root / "cache/actions.db").exists():
            return set()
        cache = ActionCache(self.root / "cache/actions.db")
        try:
            results = cache.get_many(cache.keys())
            traces = [cache.components(key) for key, result in results.items() if "blob" in result.outputs]
        finally:
            cache.close()
        requests = [request_of(trace) for trace in traces if trace and b'"render"' in trace]
        return {hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest() for one in requests}

    def sibling(self, name: str) -> Studio:
        """Another project from the same specs, never built, whose painter keeps other notes."""
        root, notes = self.root.parent / name, self.notes.parent / f"{name}-notes"
        for folder in (root, notes):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        for source in ("calotype.yaml", "specs", "templates", "refs"):
            if (self.root / source).is_dir():
                shutil.copytree(self.root / source, root / source, symlinks=True)
            elif (self.root / source).exists():
                shutil.copyfile(self.root / source, root / source)
        other = Studio(root, notes=notes)
        other.order(**{word: {"do": order["do"]} for word, order in self.orders.items() if "do" in order})
        return other

    def call(self, *words: str) -> Any:
        os.environ["CALOTYPE_PAINTER"] = str(self.notes)
        return super().call(*words)

    def clean(self, name: str = "clean") -> Studio:
        """The same specs built in another folder, without any past."""
        other = self.sibling(name)
        done = other.call("build", "--json")
        assert done.code == 0, done.out + done.err
        return other


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """An empty project of the painter's, in memory where the system has a place for that: thousands of builds sync."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory)) if os.access(memory, os.W_OK) else tmp_path
    with hired():
        yield new_studio(folder)
    if folder != tmp_path:
        shutil.rmtree(folder)


@contextmanager
def hired() -> Iterator[None]:
    """The painter is installed, here and in every process started from here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PAINTER))
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(PAINTER), os.environ.get("PYTHONPATH")])))
        patch.setenv("CALOTYPE_PAINTER", "/nonexistent")
        yield


def new_studio(folder: Path) -> Studio:
    studio = Studio(folder / "project", notes=folder / "notes")
    for path in (studio.root, studio.notes):
        path.mkdir(parents=True)
    studio.write("calotype.yaml", "version: 1\nrenderer: painter\ndefaults: {size: [16, 16]}\n")
    return studio


def child(space: Studio, *words: str, first: Callable[[], None] = lambda: None, after: float | None = None) -> int:
    """Runs a command line in a forked process; returns its exit code, or minus the signal that ended it.

    `first` is called in the child; `after` so many seconds it is killed. What it says goes to `said`. A fork, because
    a start of the interpreter would be most of what a random instant hits.
    """
    heard, speaks = os.pipe()
    pid = os.fork()
    if not pid:
        _be_a_child(space, words, first, speaks)
    os.close(speaks)
    if after is not None:
        time.sleep(after)
        os.kill(pid, signal.SIGKILL)
    with open(heard, "rb") as pipe:
        (space.notes / "said").write_bytes(pipe.read())
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _be_a_child(space: Studio, words: tuple[str, ...], first: Callable[[], None], speaks: int) -> NoReturn:
    code = 99
    try:
        for stream in (1, 2):
            os.dup2(speaks, stream)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        os.chdir(space.root)
        os.environ["CALOTYPE_PAINTER"] = str(space.notes)
        sys.dont_write_bytecode = True  # A limit on the length of files would leave half of a module's for those who follow.
        from calotype.__main__ import main

        first()
        code = main(list(words))
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def at_point(name: str, time_: int = 1) -> Callable[[], None]:
    """For `child`: the process is killed the n-th time it passes the point."""
    def set_up() -> None:
        atomic._KILL_AT = f"{name}:{time_}"
        atomic._passed.clear()

    return set_up


def at_change(root: Path, number: int) -> Callable[[], None]:
    """For `child`: it is killed just before the n-th time it changes a name or opens a file to write under `root`."""
    count = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if _changes(event, arguments, str(root)):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    return lambda: sys.addaudithook(hook)


def _changes(event: str, arguments: tuple[Any, ...], root: str) -> bool:
    if event == "open":
        path, _mode, flags = arguments
        return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) and root in str(path)
    return event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sqlite3.connect") and any(
        root in os.fsdecode(one) for one in arguments if isinstance(one, str | bytes | os.PathLike))


@contextmanager
def no_longer_than(seconds: int) -> Iterator[None]:
    """Ends also what waits for a pipe that nobody writes to."""
    def stop(number: int, frame: object) -> None:
        raise TimeoutError("it waits for ever")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
