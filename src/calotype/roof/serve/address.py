"""Which commands a watch may run for another process, and where its socket lies: in a folder that is the user's alone.
Where it is asked over the loopback, a file that tells the port lies there.

Every command asks here first, so nothing is imported but `os` and `stat`.
"""

from __future__ import annotations

import os
import stat

from calotype.ground.boundary import nearest_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

READING = frozenset(("plan", "check", "explain", "list", "show", "graph", "validate"))
"""Commands that write nothing, but for what they remember."""
DECIDING = frozenset(("pick", "approve", "reject", "include", "exclude"))
SERVED = READING | DECIDING | {"build"}
_NOT_SERVED = frozenset(("--full", "--since", "--preset", "--renderer", "--executor", "--help", "-h", "--version"))
"""Options of commands that a process of its own runs as fast, or that would take the place of what the watch keeps."""


TRANSPORT, LOOPBACK = "CALOTYPE_SERVE", "loopback"
"""The environment variable, and its value, that have a watch asked over the loopback, as on Windows it always is."""
PORT = ".port"
"""How the name of a file ends that tells a port."""


def is_by_loopback() -> bool:
    return os.name == "nt" or os.environ.get(TRANSPORT, "") == LOOPBACK


def command_of(words: Sequence[str]) -> str:
    """The command that a command line names: its first word that is no option."""
    options = iter(words)
    for word in options:
        if word == "--project":
            next(options, "")
        elif not word.startswith("-"):
            return word
    return ""


def socket_to_ask(words: Sequence[str]) -> tuple[str, str] | None:
    """The project that a command line speaks of, and the socket of its watch; None where it is not to be asked."""
    if command_of(words) not in SERVED or not _NOT_SERVED.isdisjoint(word.partition("=")[0] for word in words):
        return None
    if not os.path.isdir(_folder()):
        return None
    root = nearest_root(_start(words))
    if root is None:
        return None
    path = socket_of(root)
    kind = stat.S_IFREG if path.endswith(PORT) else stat.S_IFSOCK
    return (root, path) if is_private(_folder(), stat.S_IFDIR) and is_private(path, kind) else None


def socket_of(root: str) -> str:
    """The path of the socket of the project at `root`: a folder has one device and inode, whatever links lead there."""
    status = os.stat(root)
    return f"{_folder()}/{status.st_dev:x}-{status.st_ino:x}{PORT if is_by_loopback() else '.sock'}"


def is_private(path: str, kind: int) -> bool:
    """Whether what stands at `path` is of that kind (a link is not), and this user's, and nobody else's to use. Of
    Windows' users each has a folder for it that is closed to others."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    if os.name == "nt":
        return stat.S_IFMT(status.st_mode) == kind
    return stat.S_IFMT(status.st_mode) == kind and status.st_uid == os.getuid() and not status.st_mode & 0o077


def _folder() -> str:
    if os.name == "nt":
        return f"{os.environ.get('LOCALAPPDATA') or os.path.expanduser('~')}/calotype-serve"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if not (os.path.isabs(runtime) and os.path.isdir(runtime)):
        runtime = os.environ.get("TMPDIR", "")
    return f"{runtime if os.path.isabs(runtime) else '/tmp'}/calotype-{os.getuid()}"


def _start(words: Sequence[str]) -> str:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--project":
            return following or "."
        if word.startswith("--project="):
            return word[len("--project="):] or "."
    return "."
