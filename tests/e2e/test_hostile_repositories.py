"""Repositories made to harm whoever builds them: nothing outside is read, written or removed, and nothing takes long.

Each is a sound project with some of its parts replaced, at random, by links, pipes, folders, hostile names, manifests,
templates and poses; then `validate`, `check`, `build` and `clean` run on it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path

import pytest

from conftest import Run, Space
from survival import no_longer_than

SECRET = "the secret of another"
CHIN = ("kind: exercise\nid: chin\nregion: neck\ntitle: Chin\nimages:\n"
        "  - {view_angle: lateral, body_position: standing, description: chin, pose: bow}\n")
PLACES = [
    "build", "build/exercises", "build/thumbs", "build/data", "build/logs", "build/edited", "build/preview",
    "build/index.html", "build/sheet.css", "build/exercises/chin.html", "cache", "cache/cas", "cache/state",
    "cache/actions.db", "cache/state/state.db", "cache/state/record", "cache/state/build.lock", "cache/damaged",
    "cache/state/decisions.lock",
    "content", "content/images", "content/images/exercises/neck", "content/images/exercises/neck/chin_01.png",
    "content/manifest", "content/manifest.json", "content/manifest/exercises/neck.jsonl", "specs", "specs/exercises",
    "specs/exercises/chin.yaml", "specs/poses", "specs/poses/bow.yaml", "specs/picks",
    "specs/picks/exercises/chin.yaml", "templates", "templates/styles", "templates/styles/medical.j2", "templates/sheets", "templates/sheets/card.html.j2",
    "templates/sheets/sheet.css", "templates/sheets/sheet.js", "calotype.yaml", "refs", ".gitignore"]
MOST_MEGABYTES = 500
NAMES = ["\x1b]0;x\x07.yaml", "a\n::error::x.yaml", "\u202ex.yaml", "-rf.yaml", "a" * 200 + ".yaml", "con.yaml"]
TEMPLATES = [
    "{% for a in range(99999) %}{% for b in range(99999) %}{% set c = b %}{% endfor %}{% endfor %}",
    "{{ 'a' * 2000000000 }}", "{% include 'card.html.j2' %}", "{% include '../../../victim/secret.txt' %}", "{{ x",
    "{{ ''.__class__.__mro__ }}", "{% for a in [1] %}" * 40 + "{% endfor %}" * 40, "{{ prompt ~ prompt }}"]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built project, and another's folder beside it."""
    home = tmp_path_factory.mktemp("hostile")
    space = Space(home / "sound/project")
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write("specs/exercises/chin.yaml", CHIN)
    space.write("specs/poses/bow.yaml", "base: standing\nneck_flexion: 20\n")
    assert space.call("build").code == 0
    for name in ("secret.txt", "index.html", "inner/chin_01.png", "inner/.calotype-1-1-1.tmp"):
        (home / "sound/victim" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "sound/victim" / name).write_text(SECRET)
    return home / "sound"


def harm(root: Path, chance: random.Random) -> str:
    """Puts one hostile thing into the project at `root`, and says what."""
    place = root / chance.choice(PLACES)
    try:
        return chance.choice(HARMS)(root, place, chance)
    except OSError as refused:  # it would lie in something that was put there before
        return f"nothing ({refused.strerror})"


def _link(root: Path, place: Path, chance: random.Random) -> str:
    victim = root.parent / "victim"
    target = chance.choice([victim, victim / "secret.txt", Path("nowhere"), Path(place.name),
                            root / "content", root / "specs", Path("/proc/self/environ"), Path("/dev/zero"), Path("/")])
    _clear(place)
    place.symlink_to(target)
    return f"{place.relative_to(root)} -> {target}"


def _pipe(root: Path, place: Path, chance: random.Random) -> str:
    _clear(place)
    os.mkfifo(place)
    return f"{place.relative_to(root)} is a pipe"


def _folder(root: Path, place: Path, chance: random.Random) -> str:
    _clear(place)
    place.mkdir()
    return f"{place.relative_to(root)} is an empty folder"


def _bytes(root: Path, place: Path, chance: random.Random) -> str:
    _clear(place)
    place.write_bytes(chance.choice([b"", b"\0" * 5000, b"[" * 9000, b"<<<<<<< a\n", bytes(chance.randbytes(300)),
                                     b"kind: exercise\n" * 50, b"cache: {dir: .git}\nversion: 1\n", b"CALOREC\n" * 9]))
    return f"{place.relative_to(root)} holds other bytes"


def _name(root: Path, place: Path, chance: random.Random) -> str:
    name = chance.choice(NAMES)
    (root / "specs/exercises" / name).write_text(chance.choice([CHIN, "kind: [", f"{json.dumps(name)}: 1\n"]))
    return f"a spec is called {name!r}"


def _manifest(root: Path, place: Path, chance: random.Random) -> str:
    shard = root / "content/manifest/exercises/neck.jsonl"
    line = json.loads(shard.read_text().split("\n")[0])
    line |= chance.choice([
        {"path": "../victim/secret.txt"}, {"path": "content/images/../../../victim/secret.txt"}, {"target": "a\nb/c/d"},
        {"path": "/etc/passwd"}, {"sha256": "0" * 64}, {"request": {"a": 1}}, {"candidates": []}, {"size": [10**9, 1]}])
    shard.write_text(json.dumps(line) + "\n")
    return f"the manifest says {line}"


def _template(root: Path, place: Path, chance: random.Random) -> str:
    name = chance.choice(["sheets/card.html.j2", "sheets/frame.html.j2", "styles/medical.j2"])
    (root / "templates" / name).parent.mkdir(parents=True, exist_ok=True)
    (root / "templates" / name).write_text(text := chance.choice(TEMPLATES))
    return f"{name} is {text[:60]!r}"


def _poses(root: Path, place: Path, chance: random.Random) -> str:
    count = chance.choice([20, 100, 140])
    for number in range(count):
        before = f"p{number - 1}" if number else chance.choice(["standing", f"p{count - 1}", "bow"])
        (root / f"specs/poses/p{number}.yaml").write_text(f"from: {before}\nto: {before}\nneck_flexion: 5\n")
    (root / "specs/exercises/chin.yaml").write_text(CHIN.replace("pose: bow", f"pose: p{count - 1}"))
    return f"{count} poses rest on one another"


HARMS: list[Callable[[Path, Path, random.Random], str]] = [
    _link, _link, _link, _pipe, _folder, _bytes, _name, _manifest, _template, _poses]


def _clear(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def no_more_than(megabytes: int) -> Iterator[None]:
    """The memory that is taken inside it, at any time, beyond what this process holds already."""
    if sys.platform != "linux":
        yield
        return
    Path("/proc/self/clear_refs").write_text("5")  # begins the peak anew: `man proc`
    before = _kilobytes("VmRSS")
    yield
    assert _kilobytes("VmHWM") - before < megabytes * 1024


def _kilobytes(name: str) -> int:
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith(f"{name}:"))


def victim_of(home: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(home)): path.read_bytes() if path.is_file() else None
            for path in sorted((home / "victim").rglob("*"))}


def leaks(root: Path) -> list[Path]:
    """The project's own files that hold the secret."""
    own = (Path(folder) / name for folder, _, names in os.walk(root) for name in names)
    return [path for path in own if path.is_file() and not path.is_symlink() and SECRET.encode() in path.read_bytes()]


def endure(sound: Path, home: Path, seed: int) -> None:
    """One hostile repository, warm or as it would be cloned, through all commands."""
    chance = random.Random(seed)
    shutil.copytree(sound, home)
    root = home / "project"
    if chance.random() < 0.3:
        shutil.rmtree(root / "cache")
        shutil.rmtree(root / "build")
    done = [harm(root, chance) for _ in range(chance.choice((1, 1, 2, 3)))]
    before = victim_of(home)
    beside = sorted(path.name for path in home.iterdir())
    try:
        for command in ("validate", "check", "build", "plan", "list", "clean", "build"):
            began = time.process_time()
            with no_longer_than(30), no_more_than(MOST_MEGABYTES):
                run: Run = Space(root).call(command)
            assert time.process_time() - began < 10, command
            assert run.code in (0, 1, 2, 3), (command, run.code, run.err)
            assert SECRET not in run.out + run.err, (command, run.out, run.err)
            assert all(line.isprintable() and not line.lstrip().startswith("::")
                       for line in (run.out + run.err).split("\n")), (command, run.out, run.err)
            assert victim_of(home) == before, command
            assert sorted(path.name for path in home.iterdir()) == beside
            assert leaks(root) == [], command
    except BaseException as fault:
        fault.add_note(f"seed {seed}: {'; '.join(done)}")
        raise
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_memory_that_is_taken_for_a_moment_is_seen() -> None:
    with pytest.raises(AssertionError), no_more_than(50):
        _take(80_000_000)
    with no_more_than(50):
        _take(8_000_000)


def _take(size: int) -> None:
    """Takes so many bytes of the system, not of what earlier tests left free in this process, and gives them back."""
    with mmap(-1, size) as memory:
        for _ in range(size // 1_000_000):
            memory.write(b"x" * 1_000_000)


def test_hostile_repositories_harm_nobody(sound: Path, tmp_path: Path) -> None:
    for seed in (*range(25), 1031):
        endure(sound, tmp_path / f"{seed}", seed)


@pytest.mark.soak
def test_many_hostile_repositories_harm_nobody(sound: Path, tmp_path: Path) -> None:
    for seed in range(1000, 2500):
        endure(sound, tmp_path / f"{seed}", seed)
