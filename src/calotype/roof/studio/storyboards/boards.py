"""How the storyboards stand, looked at anew only where a file that tells of it has changed."""

from __future__ import annotations

import re
from pathlib import Path

from calotype.ground.diagnostics import Problem, error
from calotype.queries.storyboard import Storyboard, storyboard

MOST = 64
"""Storyboards that are remembered."""
_SCENE = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")


class Boards:
    """The storyboards of the project at `root`, by the ids of their scenes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._boards: dict[str, tuple[object, Storyboard]] = {}

    def get(self, scene: str, builds: int) -> Storyboard:
        """The storyboard as it stands after so many `builds`. Raises Problem where there is none, or what is wrong."""
        if not _SCENE.fullmatch(scene):
            raise unknown_generation(scene)
        stamp = (builds, *(_stamp(self._root / path) for path in (
            f"specs/scenes/{scene}.yaml", f"specs/picks/scenes/{scene}.yaml", f"content/manifest/scenes/{scene}.jsonl",
            "calotype.yaml")))
        remembered = self._boards.get(scene)
        if remembered is not None and remembered[0] == stamp:
            return remembered[1]
        try:
            board = storyboard(self._root, scene)
        except Problem as problem:
            if problem.diagnostics[0].code == "unknown-target":
                raise unknown_generation(scene) from None
            raise
        if len(self._boards) >= MOST:
            self._boards.clear()
        self._boards[scene] = stamp, board
        return board


def unknown_generation(name: str) -> Problem:
    return Problem(error("unknown-generation", f"there is no generation `{name}`"))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
