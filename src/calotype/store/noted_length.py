"""How long a journal is at the least, noted beside it: so that one which was cut off or emptied is not believed."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from calotype.ground.atomic import write_all
from calotype.ground.diagnostics import Problem, error
from calotype.ground.files import open_file

_DIGITS = 20


def length_noted(journal: Path) -> int:
    """Bytes that a journal has at the least, by the note beside it; 0 where none was made. Raises Problem for a note
    that cannot be read."""
    place = journal.with_suffix(".length")
    try:
        with open_file(place, follow=False) as file:
            text = file.read(_DIGITS + 1)
        return int(text) if text else 0
    except FileNotFoundError:
        return 0
    except (OSError, ValueError):
        raise Problem(error("hosted-journal", "it cannot be read", file=f"{place.parent.name}/{place.name}",
                            hint=f"it tells how long `{journal.name}` is: remove it if that is whole")) from None


def note_length(journal: Path, size: int) -> None:
    """Notes how long a journal is now. It takes no room but the first time; where there is none, less is noted."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    with suppress(OSError):
        handle = os.open(journal.with_suffix(".length"), flags, 0o666)
        try:
            write_all(handle, f"{size:0{_DIGITS}}".encode())
        finally:
            os.close(handle)
