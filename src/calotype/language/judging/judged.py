"""What a judge said of one picture, as the output of its action: a number, or nothing; and why it must not stand."""

from __future__ import annotations

import re
from functools import lru_cache
from math import isfinite

from calotype.ground.light_dataclass import dataclass

NOTHING = "-"
"""In the place of a number: the judge has nothing to say of the picture."""
LONGEST = 300
"""Letters of a reason: it stands in the manifest, and is told by every command that speaks of its picture."""
_LOOK = re.compile(r"[0-9a-f]{16,256}")


@dataclass(frozen=True, slots=True)
class Judged:
    """`value` is a score, 0-100, or a similarity, -1 to 1; None where the judge has nothing to say. `reason` says why
    the picture must not stand. `own` is the lowest similarity of one reference to the others, where that is told;
    `look` a hash of what the picture looks like, in hexadecimal, where the judge tells one."""

    value: float | None
    reason: str = ""
    own: float | None = None
    look: str = ""

    def text(self) -> str:
        """`78.2`, `12.0 shows nothing`, `-`, `0.71/0.66`, `78.2;0f3c...`: what the manifest holds."""
        number = NOTHING if self.value is None else repr(self.value)
        own = "" if self.own is None else f"/{self.own!r}"
        look = f";{self.look}" if self.look else ""
        return f"{number}{own}{look} {self.reason}".rstrip()


def reason_of(text: str) -> str:
    """What a judge gave as its reason, as one line of at most LONGEST letters that can be printed anywhere."""
    if not text.strip():
        return ""
    words = "".join(letter if letter.isprintable() else " " for letter in text).split()
    line = " ".join(words) or "of a reason that cannot be printed"
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 4].rstrip()} ..."


@lru_cache(maxsize=8192)
def read(output: str) -> Judged:
    """What `text` wrote. Raises ValueError for anything else. What a line tells is read for its proof, for what it is
    worth and for its pictures' looks: one line after the other."""
    if output.replace(".", "", 1).isdigit():
        return Judged(_number(output))
    numbers, _, reason = output.partition(" ")
    numbers, _, look = numbers.partition(";")
    if look and not is_look(look):
        raise ValueError(f"{look} is no hash of a look")
    number, _, own = numbers.partition("/")
    value = None if number == NOTHING else _number(number)
    return Judged(value, reason, _number(own) if own else None, look)


def is_look(text: object) -> bool:
    """Whether it may stand as a `look`."""
    return isinstance(text, str) and _LOOK.fullmatch(text) is not None


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text} is no finite number")
    return value
