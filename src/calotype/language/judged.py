"""What a judge said of one picture, as the output of its action: a number, or nothing; and why it must not stand."""

from __future__ import annotations

from math import isfinite

from calotype.ground.light_dataclass import dataclass

NOTHING = "-"
"""In the place of a number: the judge has nothing to say of the picture."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`value` is a score, 0-100, or a similarity, -1 to 1; None where the judge has nothing to say. `reason` says why
    the picture must not stand. `own` is the lowest similarity of one reference to the others, where that is told."""

    value: float | None
    reason: str = ""
    own: float | None = None

    def text(self) -> str:
        """`78.2`, `12.0 shows nothing`, `-`, `0.71/0.66`: what the manifest holds."""
        number = NOTHING if self.value is None else repr(self.value)
        own = "" if self.own is None else f"/{self.own!r}"
        return f"{number}{own} {self.reason}".rstrip()


def read(output: str) -> Judged:
    """What `text` wrote. Raises ValueError for anything else."""
    if output[-1:].isdigit() and "/" not in output and " " not in output:
        return Judged(_number(output))
    numbers, _, reason = output.partition(" ")
    number, _, own = numbers.partition("/")
    value = None if number == NOTHING else _number(number)
    return Judged(value, reason, _number(own) if own else None)


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text} is no finite number")
    return value
