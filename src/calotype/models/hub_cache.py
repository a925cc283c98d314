"""The Hugging Face Hub's cache on this machine: its snapshots, and the files that these link to.

Nothing is ever fetched here. A blob is named by what the Hub knows it by: large files by their SHA-256, others by the
SHA-1 that git gives them.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from calotype.ground.atomic import write_bytes
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
    """The folder of a Hub model at a revision, with whatever of it is there."""
    commit = commit_of(name, revision) if name.count("/") == 1 else None
    place = snapshot_of(name, commit) if commit is not None else None
    return place if place is not None and place.is_dir() else None


def snapshot_of(name: str, commit: str) -> Path:
    return repository_of(name) / "snapshots" / commit


@contextmanager
def fetching(name: str, commit: str, files: Iterable[str]) -> Iterator[None]:
    """Notes beside the snapshot what is being fetched, and lets the note stand where that does not end well: what is
    there then may load, and yet not be what the Hub has."""
    mark, place = _mark(name, commit), snapshot_of(name, commit)
    mark.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(mark, "\n".join(sorted({*_marked(mark), *files})).encode(), durable=False)
    yield
    if all((place / file).exists() for file in _marked(mark)):
        mark.unlink(missing_ok=True)


def awaited(place: Path) -> list[str]:
    """Of a snapshot, the files that a fetch was to bring and that are not there."""
    return [file for file in _marked(place.parents[1] / ".incomplete" / place.name) if not (place / file).exists()]


def _mark(name: str, commit: str) -> Path:
    return repository_of(name) / ".incomplete" / commit


def _marked(mark: Path) -> list[str]:
    try:
        return mark.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return []


def blob_digest(path: Path) -> str | None:
    """The SHA-256 that the Hub's cache names a file by; None for a file that lies elsewhere, or is named otherwise."""
    name = _blob(path)
    return name if name is not None and _SHA256.fullmatch(name) else None


def _blob(path: Path) -> str | None:
    """The name of the blob in the Hub's cache that `path` leads to. A link to a file of anybody else's is none."""
    if not path.is_symlink():
        return None
    real, cache = os.path.realpath(path), os.path.realpath(hub_cache())
    folder, name = os.path.split(real)
    return name if os.path.basename(folder) == "blobs" and real.startswith(cache + os.sep) else None


def is_damaged(path: Path) -> bool:
    """Whether the bytes of a file in the cache are not those it is named by. Reads all of them."""
    name = _blob(path)
    if name is None or not path.exists():
        return False
    if _SHA256.fullmatch(name):
        return sha256_file(path) != name
    return _GIT.fullmatch(name) is not None and _git_digest(path) != name


def drop(path: Path) -> None:
    """Removes a file from the cache, its blob with it, so that it is fetched again. A file elsewhere stays."""
    if _blob(path) is not None:
        path.resolve().unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def _git_digest(path: Path) -> str:
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
