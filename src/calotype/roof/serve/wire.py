"""What a command and a watch say to each other. Both import it, the command on the path of every no-op.

A message is its kind (one byte), the length of what follows (four bytes, big-endian) and that. The command sends ASK.
The watch answers NO, and the command runs by itself; or YES, and begins at GO, with which come the files that are the
command's standard streams, and which is not sent by a command that has waited too long. Then come OUT and ERR, what is
to be printed; HEARS while a STOP is heard, and DEAF from then on; and EXIT with the code, or NO: the rest is the
command's own. Over the loopback no files come with GO, and KEY of both comes before all (`loopback`).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

KEY, ASK, GO, STOP = b"K", b"?", b"G", b"S"
YES, NO, OUT, ERR, HEARS, DEAF, EXIT = b"Y", b"N", b"o", b"e", b"H", b"D", b"X"
HEAD = 5
"""Bytes before what a message holds."""
MOST = 1 << 20
"""Bytes of a message that a command may send: Linux allows words and environment of 128 kB each."""
ANSWER_WITHIN = 1.0
"""Seconds in which an idle watch answers; after them the command runs by itself."""
GO_WITHIN = 0.25
"""Seconds in which a command that is answered says GO; after them the watch turns to others."""
_PROTOCOL = "calotype-serve-2"

_TERMINALS = frozenset((
    "COLUMNS", "LINES", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE",
    "TTY_INTERACTIVE", "PWD", "OLDPWD", "SHLVL", "_", "WINDOWID", "DISPLAY", "XAUTHORITY", "GPG_TTY", "TMUX",
    "TMUX_PANE", "STY", "WINDOW", "LS_COLORS", "PAGER", "LESS", "EDITOR", "VISUAL", "PS1", "HISTFILE", "PYENV_DIR",
    "VIRTUAL_ENV_PROMPT", "CONDA_PROMPT_MODIFIER", "MAKELEVEL", "MAKEFLAGS", "MFLAGS", "MAKE_TERMOUT", "MAKE_TERMERR",
))
_OF_TERMINALS = ("TERM_", "VTE_", "KONSOLE_", "WEZTERM_", "KITTY_", "ALACRITTY_", "ITERM_", "GHOSTTY_", "WT_", "SSH_",
                 "XDG_SESSION_", "XDG_VTNR", "VSCODE_", "GIO_LAUNCHED_", "DBUS_SESSION_")


def is_of_terminal(name: str) -> bool:
    """Whether an environment variable tells of a terminal, a session or who started the command: at most the looks of
    an answer depend on it."""
    return name in _TERMINALS or name.startswith(_OF_TERMINALS)


def message(kind: bytes, content: bytes = b"") -> bytes:
    return kind + len(content).to_bytes(4, "big") + content


def identity(version: str) -> list[str]:
    """What two processes must have in common for one to do the other's work: program, interpreter and their options."""
    return [
        _PROTOCOL, version, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
        sys.executable, sys.prefix, "\n".join(sys.path), repr(tuple(sys.flags)), repr(sys.warnoptions),
        repr(getattr(sys, "_xoptions", {})), sys.getfilesystemencoding(), _encodings(),
    ]


def group() -> int:
    """The group of the files that this process makes; 0 where there are none."""
    return os.getgid() if hasattr(os, "getgid") else 0


def _encodings() -> str:
    """How the standard streams write letters."""
    return " ".join(str(getattr(stream, "encoding", "")).lower() for stream in (sys.__stdout__, sys.__stderr__))


def packed(*groups: Sequence[str]) -> bytes:
    """Groups of texts that hold no NUL, as words, paths and variables are."""
    texts = [text for group in groups for text in (str(len(group)), *group)]
    return "\0".join(texts).encode("utf-8", "surrogateescape")


def unpacked(content: bytes) -> list[list[str]]:
    """The groups that were packed. Raises ValueError for anything else."""
    texts = content.decode("utf-8", "surrogateescape").split("\0")
    groups: list[list[str]] = []
    at = 0
    while at < len(texts):
        if not (texts[at].isascii() and texts[at].isdecimal()) or len(texts[at]) > 7:
            raise ValueError("no count of a group")
        end = at + 1 + int(texts[at])
        if end > len(texts):
            raise ValueError("a group is cut short")
        groups.append(texts[at + 1:end])
        at = end
    return groups
