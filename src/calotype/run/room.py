"""Whether there is room to keep what is to be rendered: asked before each batch, so that nothing is made to be lost."""

from __future__ import annotations

import errno
import os

from calotype.project.workspace import Workspace

_TEXTS = 8 * 1024
"""Bytes of a picture's file beside its samples: what it tells of its making, and what the disk adds."""


class Room:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def pictures(self, size: tuple[int, int], open_results: int) -> int:
        """How many pictures of this size there is room for, packed as badly as may be, beside the results that are not
        durable yet. Raises OSError where there is none for a single one, and nothing to wait for."""
        self._workspace.unrecorded.reserve()
        fitting = _free(self._workspace) // _bytes(size) - open_results
        if fitting < 1 and not open_results:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._workspace.layout.cache))
        return max(0, fitting)


def _bytes(size: tuple[int, int]) -> int:
    """Four samples a pixel, a byte a row, and what deflate adds to what it cannot pack."""
    width, height = size
    samples = height * (4 * width + 1)
    return samples + samples // 1000 + _TEXTS


def _free(workspace: Workspace) -> int:
    """Bytes that this user may still write where the blobs lie."""
    if not hasattr(os, "statvfs"):
        return 1 << 62
    status = os.statvfs(workspace.layout.cache)
    return status.f_bavail * status.f_frsize
