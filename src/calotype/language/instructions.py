"""What an exercise says to whoever does it: what it is for, how much of it, what it takes, what to mind.

None of it is part of a picture. Must not know pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass, field

TERMS: Mapping[str, str] = {
    "sets": "Sets", "repetitions": "Repetitions", "hold": "Hold", "rest": "Rest", "per_day": "Times a day",
    "load": "Load",
}
"""The parts of a dosage in their order, in English."""
UNITS = {"hold": "seconds", "rest": "seconds", "load": "kilograms"}
"""What a bare number of a dosage counts, where it does not count times."""
UNIT_WORDS: Mapping[str, str] = {"seconds": "s", "kilograms": "kg"}


@dataclass(frozen=True, slots=True)
class Instructions:
    """`dosage` holds what is said of `TERMS`, as it is written: a number, or words."""

    description: str = ""
    dosage: Mapping[str, int | float | str] = field(default_factory=dict)
    precautions: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.description or self.dosage or self.precautions or self.equipment)

    @property
    def paragraphs(self) -> list[str]:
        """The description, cut where its author left a line empty."""
        return [" ".join(part.split()) for part in self.description.split("\n\n") if part.strip()]


NO_INSTRUCTIONS = Instructions()


def instructions_of(data: Mapping[str, Any]) -> Instructions:
    """Those of a spec's document, which is valid."""
    description, dosage = data.get("description", ""), data.get("dosage", {})
    precautions, equipment = _texts(data.get("precautions")), _texts(data.get("equipment"))
    if not (description or dosage or precautions or equipment):
        return NO_INSTRUCTIONS
    return Instructions(description, {term: dosage[term] for term in TERMS if term in dosage}, precautions, equipment)


def _texts(value: str | list[str] | None) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value or []
    return tuple(" ".join(text.split()) for text in texts)


def dosage_in_words(
    dosage: Mapping[str, int | float | str], terms: Mapping[str, str] = TERMS, units: Mapping[str, str] = UNIT_WORDS
) -> list[tuple[str, str]]:
    """(term, amount) of each part: ("Hold", "5 s")."""
    return [(terms[name], _amount(name, value, units)) for name, value in dosage.items()]


def _amount(name: str, value: int | float | str, units: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return value
    number = f"{value:.10g}"
    return f"{number} {units[UNITS[name]]}" if name in UNITS else number
