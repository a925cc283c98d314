"""The record of something made of a character's images: by which key, from what, and the digest of each file.

It lies beside the files it tells of, and is written after them: what it does not tell is not the product's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.files import read_file
from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.paths import inside

VERSION = 1
LARGEST = 1 << 26
"""Bytes of a record that is read."""


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """`components` is what the key is made of; `files` are digests by name, relative to the product's folder. `pending`
    are those of files that a making was about to put in place: it was stopped if there are any. `facts` are told of the
    making, and decide nothing."""

    key: str
    components: Mapping[str, Any]
    files: Mapping[str, str]
    pending: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def dump(self) -> bytes:
        value = {"version": VERSION, "key": self.key, "components": self.components, "files": self.files,
                 "pending": self.pending, "facts": self.facts}
        return f"{json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)}\n".encode()

    def owned(self, name: str) -> tuple[str, ...]:
        """The digests that are the product's own at the path of a file."""
        digests = (files.get(name) for files in (self.files, self.pending))
        return tuple(digest for digest in digests if digest is not None)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({*self.files, *self.pending}))


def read_record(root: Path, path: str) -> ProductRecord | None:
    """The record at `path` of the project; None where there is none. Raises Problem (exit 2) for one that is no record,
    that a newer Calotype wrote, or that leads out of the project."""
    try:
        place = inside(root, path)
    except ValueError as cause:
        raise Problem(error("path-outside", str(cause), file=path, hint="remove the link")) from None
    try:
        data, _ = read_file(place, LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as refusal:
        raise Problem(error("unreadable", f"cannot be read: {refusal.strerror}", file=path)) from None
    return _parsed(data, path)


def _parsed(data: bytes, path: str) -> ProductRecord:
    hint = "remove it and the files beside it that it told of, and make them again"
    try:
        value = json.loads(data)
        version = value["version"]
        if isinstance(version, int) and version > VERSION:
            raise Problem(error("newer", "was written by a newer Calotype", file=path, hint="upgrade Calotype"))
        record = ProductRecord(
            str(value["key"]), dict(value["components"]), _texts(value["files"]), _texts(value["pending"]),
            dict(value["facts"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        damaged = error("damaged-record", "is no record of an export or a training", file=path, hint=hint)
        raise Problem(damaged) from None
    return record


def _texts(value: Any) -> dict[str, str]:
    """Digests by name; no name may lead out of the folder. Raises ValueError, TypeError, AttributeError."""
    texts = {str(name): str(digest) for name, digest in value.items()}
    if any(_leads_out(name) for name in texts):
        raise ValueError("a name leads out of the folder")
    return texts


def _leads_out(name: str) -> bool:
    return not name or "\\" in name or ":" in name or "\0" in name or any(
        part in ("", ".", "..") for part in name.split("/"))


def differences(record: ProductRecord, folder: str, digest: Callable[[str], str | None]) -> Iterator[tuple[str, str]]:
    """(name, what is wrong) of each file that is not as the record tells it, and of those that a stopped making left.
    `digest` gives that of the file at a path of the project, None where there is none."""
    for name, recorded in sorted(record.files.items()):
        on_disk = digest(f"{folder}/{name}")
        if on_disk != recorded:
            yield name, "is missing" if on_disk is None else "was edited"
    for name in sorted(record.pending.keys() - record.files.keys()):
        if digest(f"{folder}/{name}") is not None:
            yield name, "was left when it was stopped"
