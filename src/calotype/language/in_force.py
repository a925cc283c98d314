"""Which settings hold for an image: its own, its spec's, those of its characters, the project's. Must not know what
any of them means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.spec import ImageSpec, Spec

LOCKS = ("preset", "size", "controls", "reference")
"""What a character settles for every image it is in, unless the image or its spec says otherwise: of several
characters, the first that says it. Its LoRAs hold beside those of the image (`InForce.loras`)."""

LoraUse = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds for the image `part` of `spec`, where calotype.yaml says `defaults`, and `characters` are by id."""

    spec: Spec
    part: ImageSpec
    defaults: Mapping[str, Any]
    characters: Mapping[str, Spec]

    def settings(self) -> dict[str, Any]:
        """Every setting, `characters` among them."""
        characters = self.character_ids
        locked = {key: character.settings[key] for key, character in self.locks().items()} if characters else {}
        return {**self.defaults, **locked, **self.spec.settings, **self.part.settings, "characters": characters}

    def model(self, preset: Mapping[str, Any]) -> str | None:
        """The name of the model, where one is said: by the image, its spec, else its preset, else the project."""
        name: str | None = self.part.settings.get("model", self.spec.settings.get("model"))
        return name or preset.get("model") or self.defaults.get("model")

    @property
    def character_ids(self) -> tuple[str, ...]:
        """The characters in the image; in a character's own, itself."""
        return characters_in(self.spec, self.part, self.defaults)

    def locks(self) -> dict[str, Spec]:
        """Of the settings in LOCKS that a character says, the first character that does. What the character says
        whose own image it is, the image's spec says."""
        first: dict[str, Spec] = {}
        for character in self.people():
            if not self.is_spec_of(character):
                for key in LOCKS:
                    if key in character.settings:
                        first.setdefault(key, character)
        return first

    def loras(self) -> Iterator[tuple[LoraUse, Spec | None]]:
        """The LoRAs, each name once, and the character that says how strongly (None: the image, its spec or the project
        does). Those of the characters come after the others, and count before the project's."""
        written = self.part.settings.get("loras", self.spec.settings.get("loras"))
        others = [(use, None) for use in (self.defaults.get("loras", ()) if written is None else written)]
        of_characters = [(use, character) for character in self.people()
                         for use in character.settings.get("loras", ())]
        decisive: dict[str, tuple[LoraUse, Spec | None]] = {}
        for use, character in [*of_characters, *others] if written is None else [*others, *of_characters]:
            decisive.setdefault(use["name"], (use, character))
        yield from (decisive[name] for name in dict.fromkeys(use["name"] for use, _ in (*others, *of_characters)))

    def is_spec_of(self, character: Spec) -> bool:
        """Whether it is the character whose own image this is."""
        return (self.spec.kind, self.spec.id) == ("character", character.id)

    def people(self) -> Iterator[Spec]:
        """The characters in the image, in their order."""
        for name in self.character_ids:
            if name in self.characters:
                yield self.characters[name]


def characters_in(spec: Spec, part: ImageSpec, defaults: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the characters in an image; in a character's own, itself."""
    if "characters" in part.settings:
        return tuple(part.settings["characters"])
    if spec.kind == "character":
        return (spec.id,)
    return tuple(spec.settings.get("characters", defaults.get("characters", ())))


def characters_named(spec: Spec, defaults: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of all characters that a spec speaks of, itself left out; each once."""
    names = dict.fromkeys(spec.settings.get("characters", ()))
    for part in (*spec.images, *spec.anchors, *spec.variations, *spec.shots):
        for name in characters_in(spec, part, defaults):
            names.setdefault(name)
    return tuple(name for name in names if (spec.kind, spec.id) != ("character", name))
