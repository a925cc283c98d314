"""What a contact sheet shows: pictures, and the spec that asks for them. Must not know their source."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("exercises", "characters", "scenes")
SETTLED = ("up_to_date", "rendered", "cached", "restored")
"""States that need nobody's attention."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One target. `path` is its asset's, relative to the project, or None while nothing is published.

    `size` is (width, height) in pixels. `state` is a word of the outcome (`up_to_date`, `failed`, ...) and
    `reason` says more. `title` is empty where it is the spec's own. `picked` tells in words which candidate
    stands for it. `section` groups the pictures of a character: `anchors`, `variations`.
    """

    target: str
    path: str | None = None
    sha256: str = ""
    size: tuple[int, int] = (0, 0)
    title: str = ""
    alt: str = ""
    caption: str = ""
    prompt: str = ""
    seed: int | None = None
    renderer: str = ""
    picked: str = ""
    state: str = "up_to_date"
    reason: str = ""
    section: str = ""

    @property
    def name(self) -> str:
        return self.target.rpartition("/")[2]

    @property
    def anchor(self) -> str:
        return f"{self.section}-{self.name}" if self.section else self.name

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is told of a published picture in a word or two."""
        if self.path is None:
            return []
        told = [
            ("seed", "" if self.seed is None else str(self.seed)),
            ("size", f"{self.size[0]} × {self.size[1]}"),
            ("renderer", self.renderer),
            ("candidate", self.picked),
        ]
        return [(term, value) for term, value in told if value]

    @property
    def settled(self) -> bool:
        return self.state in SETTLED


@dataclass(frozen=True, slots=True)
class SpecSheet:
    """One spec and its pictures, in their order. `kind` is plural: exercises, characters or scenes."""

    kind: str
    id: str
    title: str
    file: str
    pictures: tuple[Picture, ...]
    region: str = ""
    tags: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.id}"

    @property
    def group(self) -> str:
        """What it stands under in the index: `exercises/neck`, `characters`, `scenes`."""
        return f"{self.kind}/{self.region}" if self.region else self.kind

    @property
    def unsettled(self) -> int:
        return sum(not one.settled for one in self.pictures)
