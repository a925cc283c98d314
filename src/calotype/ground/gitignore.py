"""Folders that git is to leave alone: each says so itself, from the first file that is written there."""

from __future__ import annotations

import os
from pathlib import Path

from calotype.ground.atomic import write_bytes
from calotype.ground.folders import OWN_FOLDERS, TRAINING

IGNORE_ALL = "*\n!.gitignore\n"
"""What git is told of build/ and cache/, which are in git as this file alone."""
IGNORE_ITSELF = "*\n"
"""What it is told of a folder that is to be no part of a repository at all, as a cache that has another name."""
IGNORE_TRAINING = f"{TRAINING}/\n"
"""What git is told of a project: training sets can be exported again, and LoRAs are large."""


def keep_out_of_git(folder: Path) -> None:
    """Makes `folder` where it is missing, with its .gitignore. Raises OSError."""
    ignore = folder / ".gitignore"
    if not os.path.lexists(ignore):
        rule = IGNORE_ALL if folder.name in OWN_FOLDERS else IGNORE_ITSELF
        write_bytes(ignore, rule.encode(), durable=False)
