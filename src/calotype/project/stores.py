"""The databases and blobs of a project, open. Must not know what is kept in them."""

from __future__ import annotations

import os
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path

from calotype.ground.gitignore import keep_out_of_git
from calotype.project.layout import Layout
from calotype.store.action_cache import ActionCache
from calotype.store.cas import Cas
from calotype.store.database import MEMORY
from calotype.store.state import State
from calotype.store.unrecorded import Unrecorded


class Stores:
    """What builds remember (`state`), results by key (`cache`) and their bytes (`cas`), to be closed after use.
    `damaged_blobs` are the digests of blobs that were found damaged, and are set aside."""

    def __init__(self, layout: Layout, *, create: bool) -> None:
        """Without `create`, what is not there is empty and not made, and nothing is left behind but the digests of
        large files. Raises Problem for a file of a newer Calotype, OSError where the disk refuses."""
        self.damaged_blobs: list[str] = []
        self._layout = layout
        if create:
            keep_out_of_git(layout.cache)
        with ExitStack() as opened:
            self.state = State(_path(layout.state_db, create), remember_small=create)
            opened.callback(self.state.close)
            self.cache = ActionCache(_path(layout.actions_db, create))
            opened.callback(self.cache.close)
            self.unrecorded = Unrecorded(layout.unrecorded)
            self._record_kept(create)
            self._opened = opened.pop_all()
        self.cas = Cas(layout.cache, self.damaged_blobs.append)
        self._identities = _identities(layout)

    def _record_kept(self, create: bool) -> None:
        """Records what an earlier build could only keep. Without `create` as far as the disk lets it, and it stays
        kept: another process may be adding to it."""
        rows = self.unrecorded.rows()
        if rows:
            with nullcontext() if create else suppress(OSError):
                self.cache.put_many(rows)
        if rows and create:
            self.unrecorded.clear()

    def are_at(self, layout: Layout) -> bool:
        """Whether these are still what lies at the paths of `layout`, and not files that were removed or replaced."""
        return layout.cache == self._layout.cache and self._identities == _identities(layout)

    def forget_damage(self) -> None:
        """What was found damaged has been reported, and made up for."""
        self.damaged_blobs.clear()
        self.state.forget_damage()
        self.cache.forget_damage()

    def reopen_after_fork(self) -> None:
        """In a forked process: no database is open in two processes at once."""
        self.state.reopen_after_fork()
        self.cache.reopen_after_fork()

    def close(self) -> None:
        self._opened.close()


def _path(path: Path, create: bool) -> Path:
    return path if create or path.exists() else MEMORY


def _identities(layout: Layout) -> list[tuple[int, int] | None]:
    return [_identity(path) for path in (layout.state_db, layout.actions_db)]


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
