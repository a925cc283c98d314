"""The rule about images that ask for the same picture in nearly the same words. Must not keep what it has read.

A similarity join with prefix filtering (Chaudhuri et al. 2006): two sets of words that share nine in ten share one of
their first few in any fixed order, so that each image is held against few others. What is the same in all but the
words is compared only among its like.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.troubleshooting import LOOK_ALIKES, see
from calotype.language.lint.subject import Remark, Subject
from calotype.language.spec import Pointer

SIMILAR = 0.9
"""Words in common, as a share of all the words of both (Jaccard)."""
FEWEST = 3
"""Words under which a text says too little to be anyone's double."""
FEWEST_NEAR = 9
"""Words under which none can differ: one word more is already a tenth."""
HELD_AGAINST = 32
"""Of many images that share a word, these are compared: it keeps a library of one phrase from growing by the square."""
_WORD = re.compile(r"[^\W_]+")
TOLD = 100
"""Doubles told in one run: a library made from one phrase has as many as images, and nobody reads them all."""
_STOP = frozenset(_WORD.findall("a an the of and or in on at to with for from by as is are be its it"))
_TELLING = frozenset(_WORD.findall(
    "left right front back side up down upper lower top bottom start end begin finish first second third last one two "
    "three four before after open closed wrong correct inhale exhale forward backward forwards backwards internal "
    "external internally externally medial lateral anterior posterior flexion extension flexed extended raised "
    "lowered raise lower adduction abduction supination pronation high low over under in out"
))
"""Words by which one phase or side of a movement differs from another, and numbers do the same."""
_CHANCE = ("seed", "candidates", "select", "preset", "size", "negative_prompt")


class Described(NamedTuple):
    """What is compared of an image: the words that describe it, `scene` for all else that makes its picture what it
    is, and its place. `text` is the key in the spec that holds the words."""

    file: str
    pointer: Pointer
    target: str
    text: str
    words: frozenset[str]
    scene: int
    seed: int


@dataclass(slots=True)
class Duplicates:
    """The images of a project in the order they are met."""

    same: dict[tuple[int, frozenset[str]], Described] = field(default_factory=dict)
    by_word: dict[tuple[int, str], list[Described]] = field(default_factory=dict)
    told: int = 0

    def earlier(self, own: Described) -> Described | None:
        """The image met before that this one doubles, TOLD times at most. Keeps this one, to be held against those to
        come."""
        if self.told == TOLD:
            return None
        double = self._earlier(own)
        self.told += double is not None
        return double

    def _earlier(self, own: Described) -> Described | None:
        words, scene = own.words, own.scene
        exact = self.same.setdefault((scene, words), own)
        if exact is not own:
            return exact if _doubles(own, exact) else None
        near = [(scene, word) for word in _rarest(words)] if len(words) >= FEWEST_NEAR else []
        double = next((image for key in near for image in self.by_word.get(key, ()) if _doubles(own, image)), None)
        for key in near:
            listed = self.by_word.setdefault(key, [])
            if len(listed) < HELD_AGAINST:
                listed.append(own)
        return double


def described(subject: Subject) -> Described | None:
    """What is compared of an image; None where its words say too little."""
    part, image = subject.part, subject.image
    words = _words(f"{part.description} {part.prompt}")
    if len(words) < FEWEST:
        return None
    text = "description" if part.description else "prompt"
    return Described(subject.document.file, part.pointer, image.target, text, words, _scene(subject), image.seed)


def remark(own: Described, other: Described, line: int, *, last: bool) -> Remark:
    """What is said of an image that doubles `other`, which stands at `line` of its file."""
    more = f"; this is the last of {TOLD} that are told" if last else ""
    return Remark(
        "near-duplicate", f"asks for nearly the same picture as {other.target} ({other.file}:{line}){more}",
        (*own.pointer, own.text), f"say what differs, or keep one of them; {see(LOOK_ALIKES)}",
    )


def _doubles(own: Described, other: Described) -> bool:
    """In one spec only words that are the same and no seed of its own make a double: what differs there is meant."""
    if own.file == other.file:
        return own.words == other.words and own.seed == other.seed and own.pointer != other.pointer
    apart = own.words ^ other.words
    similar = len(own.words & other.words) >= SIMILAR * len(own.words | other.words)
    return similar and not any(word in _TELLING or word[0].isdigit() for word in apart)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - _STOP


def _rarest(words: frozenset[str]) -> list[str]:
    """The first words in the common order, the long ones first: so many that one is shared where SIMILAR is."""
    count = len(words) - math.ceil(SIMILAR * len(words)) + 1
    return sorted(words, key=lambda word: (-len(word), word))[:count]


def _scene(subject: Subject) -> int:
    """All but the words that makes a picture what it is, as it is written: 64 bits of it, of this process."""
    part, spec = subject.part, subject.spec
    settings = {**spec.settings, **part.settings}
    return hash((
        spec.kind, part.view_angle, part.body_position, part.muscles_shown, part.joints_shown,
        part.background or spec.background, spec.prompt, part.anchor, subject.image.characters, subject.image.side,
        repr([(key, settings[key]) for key in sorted(settings) if key not in _CHANCE]),
    ))
