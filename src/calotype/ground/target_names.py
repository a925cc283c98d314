"""Names of targets and the kinds of specs they come from.

A target is called `FOLDER/ID/PART`: `exercises/chin_tuck/01`, `characters/mannequin/anchors/front`. Must not know where
specs, pictures or pages lie.
"""

from __future__ import annotations

import re

KIND_OF_FOLDER = {"exercises": "exercise", "characters": "character", "scenes": "scene"}
"""Targets, assets, picks and pages of a kind stand below the folder of its plural."""
FOLDERS = tuple(KIND_OF_FOLDER)
SPEC_KINDS = tuple(KIND_OF_FOLDER.values())
DOCUMENT_KINDS = (*SPEC_KINDS, "pose", "config", "picks")
"""Every kind of document that has a JSON Schema."""

SEEDS = 2**32
RESERVED = re.compile(r"con|prn|aux|nul|com[1-9]|lpt[1-9]")
"""Names of files that Windows keeps for itself: no id is one."""


class TargetName:
    """A target's name, taken apart: `exercises`, `chin_tuck`, `01`. `part` may hold slashes."""

    __slots__ = ("folder", "part", "spec_id")

    def __init__(self, name: str) -> None:
        """Raises ValueError for anything but `FOLDER/ID/PART` with a known folder."""
        self.folder, _, rest = name.partition("/")
        self.spec_id, _, self.part = rest.partition("/")
        if self.folder not in KIND_OF_FOLDER or not self.spec_id or not self.part:
            raise ValueError(f"`{name}` is not the name of a target")

    @property
    def kind(self) -> str:
        """`exercise`, `character` or `scene`."""
        return KIND_OF_FOLDER[self.folder]

    @property
    def spec_key(self) -> str:
        """What the spec is called among all specs: `exercises/chin_tuck`."""
        return f"{self.folder}/{self.spec_id}"

    @property
    def last(self) -> str:
        """The last part: the image's own id, with the number of a variation."""
        return self.part.rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.folder}/{self.spec_id}/{self.part}"


def spec_key(kind: str, spec_id: str) -> str:
    """`exercises/chin_tuck`, for an `exercise` called `chin_tuck`."""
    return f"{kind}s/{spec_id}"


def spec_key_of(target: str) -> str:
    """`exercises/chin_tuck`, for one of its targets (or itself): the two first parts, whatever they are."""
    folder, _, rest = target.partition("/")
    return f"{folder}/{rest.partition('/')[0]}"


def candidate_seed(seed: int, index: int) -> int:
    """The seed of candidate `index` (from 0) of a target whose first candidate has `seed`: 0 to 2**32 - 1."""
    return (seed + index) % SEEDS
