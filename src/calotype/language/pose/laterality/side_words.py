"""The words `left` and `right` in a text that are said of the body, and what they stand by. Must not know poses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calotype.ground.light_dataclass import dataclass

LEG = ("leg", "hip", "thigh", "knee", "shin", "foot", "ankle", "heel", "toes", "calf", "sole")
ARM = ("arm", "shoulder", "shoulder blade", "elbow", "forearm", "wrist", "hand", "palm", "thumb", "fingers")
_SPELT = {
    "legs": "leg",
    "lower limb": "leg",
    "limb": "leg",
    "lower leg": "shin",
    "shank": "shin",
    "kneecap": "knee",
    "instep": "foot",
    "forefoot": "foot",
    "ball of the foot": "foot",
    "toe": "toes",
    "big toe": "toes",
    "heels": "heel",
    "upper arm": "arm",
    "upper limb": "arm",
    "scapula": "shoulder blade",
    "fist": "hand",
    "finger": "fingers",
    **{f"{name} finger": "fingers" for name in ("index", "middle", "ring", "little")},
    "fingertips": "fingers",
    "lower extremity": "leg",
    "upper extremity": "arm",
}
"""Other words for the parts of a limb."""
MUSCLES = (
    "buttock",
    "glute",
    "gluteal",
    "quad",
    "quads",
    "quadriceps",
    "hamstring",
    "hamstrings",
    "bicep",
    "biceps",
    "triceps",
    "side",
    "flank",
    "ear",
    "armpit",
    "cheek",
    "pocket",
    "ribs",
)
"""What may be on a side without telling which limb moves."""
_NAMES = sorted((*LEG, *ARM, *_SPELT), key=len, reverse=True)
_PART = "|".join(map(re.escape, _NAMES))
_BESIDE = (
    r"(?:(?:upper|lower|straight|straightened|bent|front|back|rear|top|bottom|raised|lifted|whole|single|own)\s+)*"
)
SHORT = re.compile(rf"\(?\b([LR])t?\b\.?\)?(?=[\s-]+{_BESIDE}(?:{_PART})\b)")
"""`L knee`, `(R) arm`, `Rt. hip`."""

_SURFACES = (
    "chair|table|wall|mat|bed|plinth|step|door|doorway|frame|ball|bench|stool|towel|block|body of the|person"
)
_PICTURES = "pictures?|images?|panels?|photos?|figures?|drawings?|frames?|column|half|illustrations?|screen|page"
ADVERBS = (
    "under(?:neath)?|above|over(?! to)|below|beneath|behind|next|beside|in front|at|through|up|down|back|here|there|"
    "into|onto|against|where|when|away|now|after|before|from|along"
)
QUALITIES = (
    "way|position|posture|height|amount|technique|level|size|speed|form|moment|time|order|place|length|"
    "resistance|exercise|number|tension|path|pace"
)
_COMPLAINT = (
    "pain|painful|replacement|surgery|operation|injury|arthritis|osteoarthritis|fracture|sprain|problems?|"
    "prosthesis|handed|sided|impingement|tendinopathy|hemiplegia|weakness"
)
_IDIOMS = re.compile(
    r"\bright[\s-]+angle(?:s|d)?\b|\bright-angled\b"
    rf"|\bright\s+(?:{ADVERBS})\b(?!\s+(?:the\s+|your\s+)?left\b)|\bright\s+(?:{QUALITIES})\b"
    rf"|\b(?:all|just|is|are|be|it's|looks|feels?)\s+(?:right|left)\b(?![\s-]+{_BESIDE}(?:{_PART})\b)"
    r"|\bleft\s+(?:to|over|alone|out|free)\b(?!\s+(?:the\s+|your\s+)?right\b)|\bleft-?handed\b|\bright-?handed\b"
    r"|\b(?:viewer|camera|picture|image|screen|reader|observer)(?:'s|s')?\s+(?:left|right)\b"
    rf"|\b(?:left|right)(?:[\s-]+hand)?(?:[\s-]+side)?\s+(?:of|in)\s+(?:the|a)\s+(?:{_SURFACES}|{_PICTURES})\b"
    rf"|\b(?:left|right)(?:[\s-]+hand)?\s+(?:{_PICTURES})\b"
    r"|\bfrom\s+(?:the\s+|its\s+|their\s+|your\s+)?(?:left|right)(?:[\s-]+(?:hand[\s-]+)?side)?\b"
    r"|\b(?:left|right)[\s-](?:side[\s-])?(?:lateral\s+|oblique\s+|front\s+)?(?:view|profile|aspect|camera)\b"
    r"|\b(?:facing|faces)\s+(?:to\s+)?(?:the\s+)?(?:left|right)\b"
    rf"|\b(?:left|right)(?:[\s-]+{_BESIDE}(?:{_PART}))?[\s-]+(?:{_COMPLAINT})\b"
    rf"|\b(?:{_COMPLAINT})\s+(?:in|of|on|at)\s+(?:the\s+|your\s+)?(?:left|right)\b(?:\s+(?:{_PART}|side)\b)?",
    re.IGNORECASE,
)
"""Where `left` and `right` speak of an angle, a place, a picture, its viewer or a complaint."""
PARTS_BESIDE = rf"{_BESIDE}(?:{_PART})\b"
"""A part of the body after a side, with what may stand between them."""
_SIDE = re.compile(
    rf"\b(left|right)\b(?:[\s-]+{_BESIDE}({_PART}|{'|'.join(MUSCLES)})\b)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A side named in a text: `part` is one of LEG or ARM, a word of MUSCLES, or "" for the side alone. `words` stand
    at `start` of the text."""

    side: str
    part: str
    words: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.words)


def other(side: str) -> str:
    return "left" if side == "right" else "right"


def plain(text: str) -> str:
    """The text in lower case, of the same length, with `L knee` read as far as it can be and idioms blanked out."""
    return _IDIOMS.sub(lambda match: " " * len(match[0]), text).lower()


def mentions(text: str) -> list[Mention]:
    """Every side that a text names of the body, in order."""
    return sorted((*_spelt_out(text), *_shortened(text)), key=lambda mention: mention.start)


def _spelt_out(text: str) -> Iterator[Mention]:
    for match in _SIDE.finditer(plain(text)):
        yield Mention(match[1], _part(match[2] or ""), text[match.start() : match.end()], match.start())


def _shortened(text: str) -> Iterator[Mention]:
    for match in SHORT.finditer(text):
        part = re.compile(rf"[\s-]+{_BESIDE}({_PART})\b", re.IGNORECASE).match(text, match.end())
        if part:
            side = "left" if match[1] == "L" else "right"
            yield Mention(side, _part(part[1].lower()), text[match.start() : part.end()], match.start())


def _part(word: str) -> str:
    return _SPELT.get(word, word)
