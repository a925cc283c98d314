"""A training set as it is to be written: everything that decides the bytes of its files, and the key that they have.

Where a picture lies, and what its file is like, decides nothing: its pixels do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from calotype.ground.digest import canonical_json, sha256
from calotype.ground.target_names import TargetName

EPOCH = 1
"""To be raised with every change of what is written for the same set."""
STEPS, RANK, LEARNING_RATE = 1200, 16, 0.0001
BASE = "stabilityai/stable-diffusion-xl-base-1.0"


class ExportedImage:
    """A member of the set. `name` is what its files are called, without their endings; `posture` is empty where no pose
    is written, and nobody knows it."""

    __slots__ = ("caption", "name", "path", "pixels", "posture", "side", "size", "target", "view")

    def __init__(
        self, target: str, path: str, pixels: str, caption: str, view: str, side: str, posture: Mapping[str, Any],
        size: Sequence[int], name: str = "",
    ) -> None:
        self.target, self.path, self.pixels, self.caption = target, path, pixels, caption
        self.view, self.side, self.posture, self.size = view, side, posture, tuple(size)
        self.name = name or file_stem(target)

    def components(self) -> dict[str, Any]:
        return {
            "file": f"{self.name}.png", "pixels": self.pixels, "caption": self.caption, "view": self.view,
            "side": self.side, "size": list(self.size), "posture": sha256(canonical_json(self.posture)),
        }


class ExportedSet:
    """The set of the character `character` (its id). `training` are the numbers that a training is begun with."""

    def __init__(
        self, character: str, title: str, trigger_word: str, images: Sequence[ExportedImage], *, base: str = BASE,
        training: Mapping[str, Any] | None = None,
    ) -> None:
        self.character, self.title, self.trigger_word, self.base = character, title, trigger_word, base
        self.images = tuple(_named_apart(images))
        written = training or {}
        self.steps = int(written.get("steps", STEPS))
        self.rank = int(written.get("rank", RANK))
        self.learning_rate = float(written.get("learning_rate", LEARNING_RATE))

    @property
    def resolution(self) -> int:
        """The side of a square of as many pixels as most of its images have, in steps of 64."""
        areas = sorted(width * height for width, height in (image.size for image in self.images))
        side = int(areas[len(areas) // 2] ** 0.5) if areas else 1024
        return max(64, round(side / 64) * 64)

    @cached_property
    def components(self) -> dict[str, Any]:
        return {
            "action": "export", "epoch": EPOCH, "character": self.character, "title": self.title,
            "trigger_word": self.trigger_word, "base": self.base,
            "training": {"steps": self.steps, "rank": self.rank, "learning_rate": self.learning_rate},
            "members": {image.target: image.components() for image in self.images},
        }

    @cached_property
    def digest(self) -> str:
        """Of all that a model learns from it: pixels and captions, in the order of the files' names. Approvals bind it,
        and a LoRA that was trained elsewhere tells it."""
        ordered = sorted(self.images, key=lambda image: f"{image.name}.png")
        return sha256(canonical_json([[image.pixels, image.caption] for image in ordered]))

    @property
    def key(self) -> str:
        return sha256(canonical_json(self.components))


def file_stem(target: str) -> str:
    """`anchor_front` of an anchor, `pullup_top_01` of a variation."""
    name = TargetName(target)
    return f"anchor_{name.last}" if name.part.startswith("anchors/") else name.last


def _named_apart(images: Sequence[ExportedImage]) -> list[ExportedImage]:
    """The images, anchors first, each with a name of its own: a variation may be called as an anchor's file is."""
    ordered = sorted(images, key=lambda image: ("/anchors/" not in image.target, image.target))
    taken: set[str] = set()
    for image in ordered:
        while image.name in taken:
            image.name = f"variation_{image.name}"
        taken.add(image.name)
    return ordered
