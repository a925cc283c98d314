"""A handout as one HTML file that needs no other: pictures, words, style. Must not know where any of it comes from."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any
from unicodedata import bidirectional

from calotype.ground.light_dataclass import dataclass
from calotype.language.instructions import Instructions, dosage_in_words
from calotype.results.handout.handout_strings import Strings

PACKAGED = Path(__file__).parent / "templates"
MARK = b'<meta name="generator" content="calotype handout">'
"""What a file has near its beginning if it is a handout."""
_BEGINNING = 512


@dataclass(frozen=True, slots=True)
class HandoutPicture:
    """`png` are a file's bytes, `size` is (width, height) in pixels."""

    png: bytes
    size: tuple[int, int]
    alt: str
    title: str = ""
    caption: str = ""

    @property
    def address(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"


@dataclass(frozen=True, slots=True)
class HandoutExercise:
    title: str
    instructions: Instructions
    pictures: tuple[HandoutPicture, ...]


@dataclass(frozen=True, slots=True)
class Handout:
    """Exercises in their order. `clinic`, `patient` and `date` are empty where a line is left to write on."""

    exercises: tuple[HandoutExercise, ...]
    strings: Strings
    clinic: str = ""
    patient: str = ""
    date: str = ""


def page(handout: Handout) -> bytes:
    """The whole file; the same handout gives the same bytes."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment
    from markupsafe import Markup

    from calotype.ground.bytecode import PackagedBytecode

    environment = SandboxedEnvironment(
        bytecode_cache=PackagedBytecode(PACKAGED), loader=FileSystemLoader(PACKAGED), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    environment.filters["isolated"] = lambda text: _isolated(text, handout.strings.direction)
    style = f"\n{(PACKAGED / 'handout.css').read_text(encoding='utf-8')}"
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    lines = [(handout.strings.words[name], getattr(handout, name)) for name in ("clinic", "patient", "date")]
    return environment.get_template("handout.html.j2").render(
        mark=Markup(MARK.decode()), style=Markup(style), digest=digest, strings=handout.strings,
        words=handout.strings.words, lines=lines, exercises=handout.exercises,
        dosage=lambda exercise: _dosage(exercise, handout.strings),
    ).encode()


def _isolated(text: str, direction: str) -> str:
    """A text whose letters all run against the page's `direction`, in its own: its full stop stands at its end."""
    from markupsafe import Markup

    letters = {"ltr" if bidirectional(letter) == "L" else "rtl"
               for letter in text if bidirectional(letter) in ("L", "R", "AL")}
    if not letters or direction in letters:
        return text
    return Markup('<bdi dir="{}">{}</bdi>').format(*letters, text)


def _dosage(exercise: HandoutExercise, strings: Strings) -> list[tuple[str, Any]]:
    return dosage_in_words(exercise.instructions.dosage, strings.words, strings.words)


def is_handout(file: Path) -> bool:
    """Whether the file was written as a handout."""
    with file.open("rb") as stream:
        return MARK in stream.read(_BEGINNING)
