"""The rule about what a character settles: a setting that no image takes. It takes all specs of a project to tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from calotype.ground.light_dataclass import dataclass, field
from calotype.language.image import Image
from calotype.language.in_force import LOCKS, InForce
from calotype.language.lint.subject import Remark
from calotype.language.spec import Spec

CODE = "setting-unreached"
_EVERYWHERE = (*LOCKS, "loras", "negative_prompt")
"""What holds in every image that a character is in; anything else in its own images alone."""
_SHOWN = ""
"""In the place of a setting: that some image shows the character."""


@dataclass(slots=True)
class Reach:
    """What characters settle, as (id, file, setting), and which of it `reached` an image, as (id, setting)."""

    settled: set[tuple[str, str, str]] = field(default_factory=set)
    reached: set[tuple[str, str]] = field(default_factory=set)

    def take_spec(self, spec: Spec) -> None:
        if spec.kind == "character":
            self.settled |= {(spec.id, spec.file, key) for key in spec.settings}

    def take_image(self, in_force: InForce, image: Image) -> None:
        """Notes what `image` takes from its characters."""
        for character, key in _taken(in_force):
            if key != "reference" or image.reference is not None:
                self.reached.add((character.id, key))

    def rows(self) -> list[list[list[str]]]:
        """All of it, as `marshal` can write it."""
        return [[list(row) for row in sorted(rows)] for rows in (self.settled, self.reached)]

    def join(self, rows: Iterable[Any]) -> None:
        """Takes what another pass gave as `rows`."""
        settled, reached = rows
        self.settled |= {(name, file, key) for name, file, key in settled}
        self.reached |= {(name, key) for name, key in reached}

    def remarks(self) -> Iterator[tuple[str, Remark]]:
        """(file, remark) of each setting that reaches no image."""
        for name, file, key in sorted(self.settled, key=lambda row: (row[1], row[2])):
            if (name, key) not in self.reached:
                message = f"`{key}` of the character `{name}` reaches no image"
                yield file, Remark(CODE, message, (key,), self._hint(name, key))

    def _hint(self, name: str, key: str) -> str:
        if key == "characters":
            return "a character's own images show itself; where another is in one, say so on that image"
        if key not in _EVERYWHERE:
            return ("it holds for the character's own anchors and variations alone, and none takes it: give it some, "
                    f"or say `{key}` where it is to hold")
        if (name, _SHOWN) not in self.reached:
            return f"no image shows it: name `{name}` in `characters` of an exercise or a scene, or give it anchors"
        no_picture = " it names no `image` to start from, or" if key == "reference" else ""
        return (f"remove it:{no_picture} every image says its own `{key}`, or takes that of its spec or of a character "
                "named before")


def _taken(in_force: InForce) -> Iterator[tuple[Spec, str]]:
    for character in in_force.people():
        yield character, _SHOWN
        yield character, "negative_prompt"
        if in_force.is_spec_of(character):
            overridden = {*in_force.part.settings, "characters"}
            yield from ((character, key) for key in character.settings if key not in overridden)
    written = {**in_force.spec.settings, **in_force.part.settings}
    yield from ((character, key) for key, character in in_force.locks().items() if key not in written)
    yield from ((character, "loras") for _, character in in_force.loras() if character is not None)
