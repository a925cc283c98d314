r"""Weights in a prompt: `(words)1.3`, `(words:1.3)`, `(words)++`, `(words)--`. All else is prose.

So `mid- and forefoot`, `C++`, `(L4)-L5` and `(three)2 sets` stay what they are: a weight is written with its decimals,
or with two signs or more, and nothing that could go on as a word follows it. A parenthesis that is meant where a weight
would be read is written `\(`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

RAISED, LOWERED = 1.1, 0.9
"""What each `+` and each `-` multiplies by, as compel has it."""
_BEHIND = re.compile(r"(?:(\d+\.\d+)|(\+{2,}|-{2,}))(?![\w+-]|\.\d)")
_WITHIN = re.compile(r"(?<!\d):\s*(\d+\.\d+)\s*\Z")


class Fragment(NamedTuple):
    """A run of text under one weight; 1.0 is what all text has."""

    text: str
    weight: float


class _Weight(NamedTuple):
    """A weight from the parenthesis at `start`: its words end at `words_end`, its mark at `end`."""

    start: int
    words_end: int
    end: int
    value: float


def fragments(text: str) -> list[Fragment]:
    """`text` in runs of one weight, marks taken out; weights inside one another multiply. None is blank."""
    opened = {weight.start: weight for weight in _weights(text)}
    inside: list[tuple[_Weight, float]] = []
    runs: list[Fragment] = []
    place, run = 0, 0
    factor = 1.0
    pieces: list[str] = []

    def close() -> None:
        words = "".join([*pieces, text[run:place]])
        pieces.clear()
        if words.strip():
            runs.append(Fragment(words, factor))

    while place < len(text):
        if text.startswith(("\\(", "\\)"), place):
            pieces.append(text[run:place])
            run, place = place + 1, place + 2
        elif place in opened:
            close()
            inside.append((opened[place], factor))
            factor *= opened[place].value
            run = place = place + 1
        elif inside and place == inside[-1][0].words_end:
            close()
            weight, factor = inside.pop()
            run = place = weight.end
        else:
            place += 1
    close()
    return list(_joined(runs))


def _weights(text: str) -> Iterator[_Weight]:
    """The weights of `text`, by the ends of their parentheses."""
    starts: list[int] = []
    for match in re.finditer(r"\\[()]|[()]", text):
        if match[0] == "(":
            starts.append(match.start())
        elif match[0] == ")" and starts:
            start, end = starts.pop(), match.start()
            weight = _weight(text, start, end) if text[start + 1 : end].strip() else None
            if weight is not None:
                yield weight


def _weight(text: str, start: int, end: int) -> _Weight | None:
    """What the parenthesis from `start` to `end` says of its words, or None where it is prose."""
    behind = _BEHIND.match(text, end + 1)
    if behind is not None:
        return _Weight(start, end, behind.end(), _value(behind[1], behind[2]))
    within = _WITHIN.search(text, start + 1, end)
    if within is None or not text[start + 1 : within.start()].strip():
        return None
    return _Weight(start, within.start(), end + 1, float(within[1]))


def _value(number: str | None, signs: str) -> float:
    if number is not None:
        return float(number)
    return float((RAISED if signs[0] == "+" else LOWERED) ** len(signs))


def _joined(runs: list[Fragment]) -> Iterator[Fragment]:
    """`runs`, neighbours of one weight made one: where one ends and the next begins, no word goes on."""
    texts: list[str] = []
    for index, run in enumerate(runs):
        texts.append(run.text)
        if index + 1 == len(runs) or runs[index + 1].weight != run.weight:
            yield Fragment(" ".join(texts), run.weight)
            texts = []


def plain(runs: Sequence[Fragment]) -> str:
    """The words of `runs` without their weights."""
    return " ".join(run.text for run in runs)
