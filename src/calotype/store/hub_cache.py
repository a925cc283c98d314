"""The Hugging Face Hub's cache on this machine: its snapshots, and the files that these link to. Must not know models.

Nothing is ever fetched here. A blob is named by what the Hub knows it by: large files by their SHA-256, others by the
SHA-1 that git gives them.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calotype.ground.digest import sha256_file

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GIT = re.compile(r"[0-9a-f]{40}")


def hub_cache() -> Path:
    """The folder in which huggingface_hub keeps what it has fetched."""
    environment = os.environ
    if environment.get("HF_HUB_CACHE"):
        return Path(environment["HF_HUB_CACHE"]).expanduser()
    if environment.get("HF_HOME"):
        return Path(environment["HF_HOME"]).expanduser() / "hub"
    home = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "huggingface" / "hub"


def commit_of(name: str, revision: str | None = None) -> str | None:
    """The commit that a revision of a Hub model stands for on this machine."""
    revision = revision or "main"
    if _COMMIT.fullmatch(revision):
        return revision
    try:
        return (repository_of(name) / "refs" / revision).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def note_commit(name: str, revision: str | None, commit: str) -> None:
    """Notes on this machine what commit a branch or tag stands for; of a commit there is nothing to note."""
    if revision != commit:
        reference = repository_of(name) / "refs" / (revision or "main")
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(commit, encoding="ascii")


def repository_of(name: str) -> Path:
    return hub_cache() / f"models--{name.replace('/', '--')}"


def snapshot(name: str, revision: str | None) -> Path | None:
    """The folder of a Hub model at a revision, with whatever of it is there; None while it is being fetched, or where
    that was cut short."""
    commit = commit_of(name, revision) if name.count("/") == 1 else None
    if commit is None or _mark(name, commit).exists():
        return None
    place = repository_of(name) / "snapshots" / commit
    return place if place.is_dir() else None


@contextmanager
def fetching(name: str, commit: str) -> Iterator[None]:
    """Leaves a mark beside the snapshot while it is being fetched, and longer where that does not end well: what is
    there then may load, and yet not be what the Hub has."""
    mark = _mark(name, commit)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    yield
    mark.unlink(missing_ok=True)


def _mark(name: str, commit: str) -> Path:
    return repository_of(name) / ".incomplete" / commit


def blob_digest(path: Path) -> str | None:
    """The SHA-256 that the Hub's cache names a file by; None for a file that lies elsewhere, or is named otherwise."""
    if not path.is_symlink():
        return None
    name = os.path.basename(os.readlink(path))
    return name if _SHA256.fullmatch(name) else None


def is_damaged(path: Path) -> bool:
    """Whether the bytes of a file in the cache are not those it is named by. Reads all of them."""
    if not path.is_symlink():
        return False
    name = os.path.basename(os.readlink(path))
    if _SHA256.fullmatch(name):
        return sha256_file(path) != name
    return _GIT.fullmatch(name) is not None and _git_digest(path) != name


def drop(path: Path) -> None:
    """Removes a file from the cache, its blob with it, so that it is fetched again."""
    path.resolve().unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _git_digest(path: Path) -> str:
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
