"""A project in a real git repository, for tests of what a range of commits did."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from conftest import Run, Space

GIT = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
       "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
       "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
SMALL = "version: 1\npresets: {small: {size: [64, 64]}}\ndefaults: {preset: small}\n"


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, env={**os.environ, **GIT}, capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout.strip()


def begin(space: Space, *specs: tuple[str, str]) -> None:
    """Commits a project of small pictures, with these specs (path, text), built."""
    space.write("calotype.yaml", SMALL)
    for path, text in specs:
        space.write(path, text)
    assert space.call("build", "-q").code == 0
    if not any((folder / ".git").exists() for folder in space.root.parents):
        git(space.root, "init", "-q", "-b", "main")
    space.write(".gitignore", "build/\ncache/\n")
    commit(space)
    git(space.root, "tag", "start")


def commit(space: Space, message: str = "next") -> None:
    git(space.root, "add", "-A")
    git(space.root, "commit", "-q", "--allow-empty", "-m", message)


def since(space: Space, rev: str = "start", *words: str) -> Run:
    return space.call("check", "--since", rev, "--json", *words)


def happened(run: Run) -> dict[str, list[str]]:
    """What happened to each picture of a review, by target."""
    return {picture["target"]: picture["happened"] for picture in run.json["pictures"]}
