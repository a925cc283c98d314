"""A revision of the project in its git repository: what differs from it, and what it held.

Only git's plumbing is asked: it reads objects and the index, writes nothing and checks nothing out. Must not know what
any file means.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from calotype.ground.diagnostics import Problem, error
from calotype.ground.files import open_file
from calotype.ground.folders import BUILD, CACHE, IMAGES
from calotype.ground.light_dataclass import dataclass
from calotype.project.specs.sources import is_text

_FILE_MODES = ("100644", "100755")
_EVERYTHING_ELSE = (".", *(f":(exclude){folder}" for folder in (IMAGES, BUILD, CACHE)))
_ENVIRONMENT = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
_DEEPER = "`git fetch --unshallow`; for actions/checkout `fetch-depth: 0`"
LARGEST = 512 * 1024 * 1024
"""Bytes of a blob that is read."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A file that is not now what it was. `blob` is the object that it was; None for one that was not there, or was no
    file."""

    path: str
    blob: str | None


class Revision:
    """A commit of the repository in which the project at `root` lies. Paths are relative to the project, with `/`."""

    def __init__(self, root: Path, name: str) -> None:
        """`name` is a revision, or `A...`: the commit at which A and HEAD parted. Raises Problem (exit 2) where there
        is no repository, or no such commit in it."""
        self._root, self.name = root, name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        _require_repository(root)
        _require_name(name)
        start, parted, _ = name.partition("...")
        self.commit = self._commit(start or "HEAD")
        if parted:
            self.commit = self._parting(start or "HEAD")

    @property
    def short(self) -> str:
        """The commit as people write it."""
        return self.commit[:12]

    def differing(self) -> list[Differing]:
        """The files that differ now, pictures aside: tracked or not, but not those that git ignores, nor those of names
        that are no UTF-8, which nothing may have that is read."""
        return self._differing(_EVERYTHING_ELSE)

    def differing_among(self, paths: Collection[str]) -> set[str]:
        """Those of `paths` that differ now."""
        literal = [f":(literal){path}" for path in sorted(paths)]
        return {each.path for each in self._differing(literal)} if literal else set()

    def blobs_at(self, paths: Collection[str]) -> dict[str, str]:
        """The objects of those files, of `paths`, that the commit holds."""
        if not paths:
            return {}
        rows = self._git("ls-tree", "-z", self.commit, "--", *sorted(paths)).split("\0")
        entries = (row.partition("\t") for row in rows if row)
        return {path: head.split()[2] for head, _, path in entries if head.split()[0] in _FILE_MODES}

    def read(self, blobs: Iterable[str]) -> Iterator[bytes]:
        """What the objects hold, in order. Raises Problem for one that is not there, as in a clone cut short."""
        with subprocess.Popen(
            [*_command(self._root), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=_environment(),
        ) as process:
            asks, answers = process.stdin, process.stdout
            assert asks is not None and answers is not None
            for blob in blobs:
                asks.write(f"{blob}\n".encode())
                asks.flush()
                head = answers.readline().split()
                if len(head) != 3:
                    _refuse("git-object", f"git has not the object {blob[:12]} of {self.short}", _DEEPER)
                if int(head[2]) > LARGEST:
                    _refuse("git-object", f"the object {blob[:12]} of {self.short} is over {LARGEST >> 20} MiB",
                            "compare with a later commit")
                data = answers.read(int(head[2]) + 1)
                yield data[:-1]
            asks.close()

    def lfs_object(self, pointer: bytes) -> Path | None:
        """The file that a Git LFS pointer stands for, where it has been fetched."""
        oid = next((line[11:] for line in pointer.decode("ascii", "replace").split("\n")
                    if line.startswith("oid sha256:")), "")
        if len(oid) != 64 or not oid.isalnum():
            return None
        common = self._git("rev-parse", "--git-common-dir").rstrip("\n")
        path = self._root / common / "lfs/objects" / oid[:2] / oid[2:4] / oid
        return path if path.is_file() else None

    def _differing(self, pathspecs: Iterable[str]) -> list[Differing]:
        specs = list(pathspecs)
        raw = self._git("diff-index", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--relative",
                        "--ignore-submodules=all", self.commit, "--", *specs).split("\0")
        tracked = {path: head.split(" ") for head, path in zip(raw[0::2], raw[1::2], strict=False) if head}
        new = self._git("ls-files", "-z", "--others", "--exclude-standard", "--", *specs).split("\0")
        files = [_differing(path, head) for path, head in tracked.items() if is_text(path)]
        untracked = [Differing(path, None) for path in new if path and path not in tracked and is_text(path)]
        return [each for each in (*files, *untracked) if each.blob is None or not self._holds(each.path, each.blob)]

    def _holds(self, path: str, blob: str) -> bool:
        """Whether the file is what it was after all: git's index knows only what its times were."""
        try:
            with open_file(self._root / path) as file:
                data = file.read()
        except OSError:
            return False
        algorithm = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
        return algorithm(b"blob %d\0" % len(data) + data).hexdigest() == blob

    def _commit(self, name: str) -> str:
        answer = _ask(self._root, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
        words = answer.stderr.decode("utf-8", "replace")
        if answer.returncode == 0 and "is ambiguous" not in words:
            return answer.stdout.decode().strip()
        if "ambiguous" in words and "unknown revision" not in words:
            _refuse("ambiguous-revision", f"`{name}` may mean several commits",
                    "write more of it: refs/heads/NAME, refs/tags/NAME, or more digits")
        if "expected commit type" in words or "not a commit" in words:
            _refuse("unknown-revision", f"`{name}` is no commit", "name a branch, a tag or a commit")
        self._refuse_unknown(f"there is no commit `{name}` here")

    def _parting(self, start: str) -> str:
        answer = _ask(self._root, "merge-base", self.commit, "HEAD")
        if answer.returncode != 0:
            self._refuse_unknown(f"`{start}` and HEAD have no commit in common here")
        return answer.stdout.decode().split("\n")[0]

    def _refuse_unknown(self, message: str) -> NoReturn:
        shallow = _ask(self._root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        if shallow:
            _refuse("unknown-revision", f"{message}: the clone is cut short", _DEEPER)
        _refuse("unknown-revision", message, "`git fetch origin` brings what others pushed; `git log` lists commits")

    def _git(self, *words: str) -> str:
        answer = _ask(self._root, *words)
        if answer.returncode != 0:
            message = answer.stderr.decode("utf-8", "replace").strip().split("\n")[0]
            _refuse("git", f"git cannot read {self.short}: {message}", _DEEPER)
        return answer.stdout.decode("utf-8", "surrogateescape")


def _differing(path: str, head: list[str]) -> Differing:
    """`head` is what git's raw format says before the path: `:100644 100644 <old> <new> M`."""
    return Differing(path, head[2] if head[0].removeprefix(":") in _FILE_MODES else None)


def _command(root: Path) -> list[str]:
    return ["git", "-C", os.fspath(root), "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]


def _environment() -> dict[str, str]:
    """A hook of git's may be told GIT_DIR alone, by a path from where it was started, which counts for no other folder:
    git finds the repository from the project, unless both its places are given."""
    places = {name: os.environ[name] for name in ("GIT_DIR", "GIT_WORK_TREE") if os.environ.get(name)}
    absolute = {name: os.path.abspath(place) for name, place in places.items()} if len(places) == 2 else {}
    rest = {name: value for name, value in os.environ.items() if name not in places}
    return {**rest, **absolute, **_ENVIRONMENT}


def _ask(root: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run([*_command(root), *words], stdin=subprocess.DEVNULL, capture_output=True,
                              env=_environment(), check=False)
    except FileNotFoundError:
        _refuse("no-git", "git is not installed, and it knows the commits", "install git, or check without --since")


def _require_repository(root: Path) -> None:
    answer = _ask(root, "rev-parse", "--is-inside-work-tree")
    if answer.returncode == 0 and answer.stdout.strip() == b"true":
        return
    words = answer.stderr.decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ")
    if words and "not a git repository" not in words:
        _refuse("git", f"git refuses the repository: {words}",
                f"where it is your own: git config --global --add safe.directory {root}")
    _refuse("no-repository", "the project lies in no git repository", "check without --since, or `git init` one")


def _require_name(name: str) -> None:
    hint = "main, main..., v1.2, HEAD~3, or (the start of) a commit's digits"
    if not name.strip() or name.startswith("-") or any(ord(letter) < 32 for letter in name):
        _refuse("revision", f"`{name}` is no revision", hint)
    start, parted, end = name.partition("...")
    if ".." in start or (parted and end not in ("", "HEAD")):
        _refuse("revision", f"`{name}` is a range, and the files as they are now are its end",
                f"name where it begins: {hint}")


def _refuse(code: str, message: str, hint: str) -> NoReturn:
    raise Problem(error(code, message, hint=hint))
