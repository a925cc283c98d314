"""A disk that is soon full: a file system in memory, where this user may mount one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of this size (as `1m`) at `folder`, which is made; else a mere folder (`os.path.ismount`)."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True)
    try:
        yield folder
    finally:
        if mounted.returncode == 0:  # lazily: a library may still have a file open
            subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(ballast: Path, left: int) -> None:
    """Fills the disk with the file `ballast`, but for so many bytes."""
    room = os.statvfs(ballast.parent)
    ballast.write_bytes(bytes(max(0, room.f_bavail * room.f_frsize - left)))
