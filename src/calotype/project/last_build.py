"""What the last build left, held against the files as they are now. Must not know what a spec is.

It imports nothing but the store's comparison: each import here is paid by every build that has nothing to do.
"""

from __future__ import annotations

import sys

from calotype.ground.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from calotype.store.tree.compare import TreeDiff

RECORD = "cache/state/record"
SETTLED = b"settled "
_CONTENT = 1
"""Counts what a build leaves beside the record: 1 since it keeps the warnings of every spec."""
MARKER = "calotype.yaml"

_taken: dict[str, TreeDiff] = {}


def record_key() -> bytes:
    """The conditions under which a record may be believed: another Calotype or Python may decide otherwise, and
    another environment hold other plug-ins."""
    return f"{VERSION}.{_CONTENT} {sys.version_info[:2]} {sys.platform} {sys.prefix}".encode("utf-8", "surrogateescape")


def settled_summary(targets: int) -> bytes:
    """What the record of a build says that left nothing to do: how many targets are up to date."""
    return SETTLED + str(targets).encode()


def look(root: str) -> TreeDiff:
    """The look at the project at `root` (an absolute path). The one that `answer` has just taken is not taken again."""
    if root in _taken:
        return _taken.pop(root)
    from calotype.store.tree.compare import look as compare

    return compare(root, f"{root}/{RECORD}", record_key())


def keep(root: str, found: TreeDiff) -> None:
    """The next `look` at `root` is to give `found`: it has just been taken."""
    _taken[root] = found


def forget(root: str) -> None:
    """The look that `answer` has taken at `root` is not to be used: others have been at work since."""
    _taken.pop(root, None)
