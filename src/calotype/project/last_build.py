"""What the last build left, held against the files as they are now. Must not know what a spec is.

It imports nothing but the store's comparison: each import here is paid by every build that has nothing to do.
"""

from __future__ import annotations

import _thread
import os
import sys

from calotype.ground.boundary import require_own_places
from calotype.ground.folders import (
    CONTENT,
    MANIFEST_FOLDER,
    MODELS_VARIABLE,
    PACKS_VARIABLE,
    PICKS,
    RECORD,
    SPECS,
    STATE,
)
from calotype.ground.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from calotype.store.tree.compare import TreeDiff

    Comparison = TreeDiff  # its name for those who only hand it on

SETTLED = b"settled "
_CONTENT = 3
"""Counts what a build leaves beside the record: 1 since it keeps the warnings of every spec, 2 since it keeps which
have a training set, 3 since it keeps which characters each speaks of."""


def record_key(root: str) -> bytes:
    """The conditions under which a record may be believed: another Calotype or Python may decide otherwise, and
    another environment hold other plug-ins. One that came with a checkout was not written in this folder."""
    folders = (os.environ.get(name, "") for name in (MODELS_VARIABLE, PACKS_VARIABLE))  # others may hold other weights
    models = "\n".join(folders)
    folder = os.stat(f"{root}/{STATE}").st_ino if os.path.isdir(f"{root}/{STATE}") else 0
    key = f"{VERSION}.{_CONTENT} {sys.version_info[:2]} {sys.platform} {sys.prefix} {models} {folder}"
    return key.encode("utf-8", "surrogateescape")


def settled_summary(targets: int) -> bytes:
    """What the record of a build says that left nothing to do: how many targets are up to date."""
    return SETTLED + str(targets).encode()


def settled_targets(diff: Comparison) -> int | None:
    """How many targets are up to date, where nothing changed since a build that left nothing to do; else None."""
    if not diff.unchanged or not diff.summary.startswith(SETTLED):
        return None
    return int(diff.summary[len(SETTLED):])


class compared:
    """While entered, `comparison` is what a comparison of the whole project at `root` gives on this thread: it has just
    been made, and what is done here meanwhile writes nothing that is compared."""

    now: tuple[int, str, Comparison] | None = None

    def __init__(self, root: str, comparison: Comparison) -> None:
        self._root, self._comparison = root, comparison

    def __enter__(self) -> None:
        compared.now = _thread.get_ident(), self._root, self._comparison

    def __exit__(self, *_: object) -> None:
        compared.now = None

    @classmethod
    def of(cls, root: str) -> Comparison | None:
        now = cls.now
        return now[2] if now is not None and now[:2] == (_thread.get_ident(), root) else None


def compare_with_last_build(
    root: str, folders: Collection[str] | None = None, before: Comparison | None = None,
) -> Comparison:
    """The files of the project at `root` (an absolute path) held against those that the last build left. `folders`:
    only the files in these are looked at, and those that are watched singly; the rest is taken to be as it was.
    `before` is a comparison that was made earlier: what it has read of the last build is not read again, where no other
    has ended since."""
    from calotype.store.tree.compare import look

    require_own_places(root)
    just_made = compared.of(root)
    if folders is None and just_made is not None:
        return just_made
    return look(root, f"{root}/{RECORD}", record_key(root), folders=folders, before=before)


def compare_decisions(root: str) -> Comparison:
    """As `compare_with_last_build`, of what people decided, of the lines of what is published, and of the files that
    are watched singly: of 10,000 specs, none is looked at."""
    from calotype.store.tree.compare import look

    require_own_places(root)
    just_made = compared.of(root)
    if just_made is not None:
        return just_made
    return look(root, f"{root}/{RECORD}", record_key(root), folders=(SPECS, CONTENT), below=(PICKS, MANIFEST_FOLDER))
