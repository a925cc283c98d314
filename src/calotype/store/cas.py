"""Bytes by their digest. Must not know what the bytes are.

A blob appears under its name by a rename and is durable after the next `sync`: whatever names it must be
written later. A blob cut short by a power failure before that is found by its digest, like any other damage.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from calotype.ground.atomic import TEMP_PREFIX, point, replace, stage_bytes, sync_files
from calotype.ground.digest import sha256
from calotype.ground.files import NO_FILE, holds, open_file

DAMAGED = "damaged"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_OLD_SECONDS = 3600


class Cas:
    """The blobs under `root`/cas. Damaged ones are moved to `root`/damaged and told to `on_damage` by digest.

    Raises OSError where the disk refuses, with nothing half-written left under a blob's name.
    """

    def __init__(self, root: Path, on_damage: Callable[[str], None] | None = None) -> None:
        self._blobs, self._aside = os.path.join(root, "cas"), os.path.join(root, DAMAGED)
        self._on_damage = on_damage
        self._unsynced: list[str] = []

    def path(self, digest: str) -> Path:
        """Where the blob lies, if it is there. Raises ValueError for what is no SHA-256 in lower-case hex."""
        return Path(self._place(digest))

    def has(self, digest: str) -> bool:
        """Whether there is a file of that name; only `get` and `verify` say whether it is sound."""
        try:
            return stat.S_ISREG(os.lstat(self._place(digest)).st_mode)
        except OSError:
            return False

    def size(self, digest: str) -> int:
        """Bytes; 0 where there is none."""
        try:
            return os.stat(self._place(digest)).st_size
        except FileNotFoundError:
            return 0

    def put(self, data: bytes) -> str:
        """Keeps `data` and returns its digest. Equal bytes are kept once; a damaged blob is mended."""
        digest = sha256(data)
        place = self._place(digest)
        if not self._holds(place, data):
            temporary = stage_bytes(Path(self._blobs) / "tmp", data, durable=False)
            point("cas.staged")
            try:
                _rename(temporary, place)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
            point("cas.renamed")
        self._unsynced.append(place)
        return digest

    def sync(self) -> None:
        """Makes all that was put since the last time durable."""
        places, self._unsynced = self._unsynced, []
        sync_files([place for place in dict.fromkeys(places) if os.path.exists(place)])
        point("cas.synced")

    def get(self, digest: str) -> bytes | None:
        """The blob, proved by its digest; None where there is none or it was damaged."""
        place = self._place(digest)
        try:
            with open_file(place, follow=False) as file:
                data = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as refusal:
            if refusal.errno not in NO_FILE:
                raise
            self._put_aside(digest)
            return None
        if sha256(data) == digest:
            return data
        self._put_aside(digest)
        return None

    def verify(self) -> Iterator[str]:
        """Reads every blob; yields the digests of damaged ones, once they are put aside."""
        for digest in self.digests():
            if os.path.lexists(self._place(digest)) and self.get(digest) is None:
                yield digest

    def digests(self) -> Iterator[str]:
        """Every blob there is, in order."""
        for folder in _names(self._blobs):
            if len(folder) == 2:
                for name in _names(os.path.join(self._blobs, folder)):
                    if _DIGEST.fullmatch(folder + name):
                        yield folder + name

    def remove(self, digest: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self._place(digest))

    def sweep(self) -> None:
        """Removes what killed processes left half-written, an hour after."""
        folder = os.path.join(self._blobs, "tmp")
        for name in _names(folder):
            path = os.path.join(folder, name)
            with suppress(FileNotFoundError):
                if name.startswith(TEMP_PREFIX) and os.stat(path).st_mtime < time.time() - _OLD_SECONDS:
                    os.unlink(path)

    def _place(self, digest: str) -> str:
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"`{digest}` is no digest")
        return f"{self._blobs}/{digest[:2]}/{digest[2:]}"

    def _holds(self, place: str, data: bytes) -> bool:
        try:
            return holds(place, data)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as refusal:
            if refusal.errno not in NO_FILE:
                raise
            self._put_aside(os.path.basename(os.path.dirname(place)) + os.path.basename(place))
            return False

    def _put_aside(self, digest: str) -> None:
        os.makedirs(self._aside, exist_ok=True)
        with suppress(FileNotFoundError):  # another process may have found it too
            replace(self._place(digest), os.path.join(self._aside, digest))
        if self._on_damage is not None:
            self._on_damage(digest)


def _rename(temporary: Path, place: str) -> None:
    try:
        replace(temporary, place)
    except (FileNotFoundError, NotADirectoryError):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        replace(temporary, place)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
