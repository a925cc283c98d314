"""Why a target renders, as a small diff: places, their fields, old and new."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TextIO

from calotype.ground.textdiff import words_of
from calotype.roof.report.flow import Word, flowed
from calotype.roof.report.style import Style, cells, elide, harmless, pad
from calotype.roof.report.worddiff import word_diff

if TYPE_CHECKING:
    from calotype.project.answers import Change, Explanation, Rejection

COLOURS = {"up_to_date": "green", "modified": "red", "awaiting": "magenta"}
LONG = 24
"""Columns of a value that still stands in a row of its field; longer ones stand below, by their words."""
WIDEST = 100
"""Columns of words in a pipe or a very wide terminal: longer lines are hard to read."""


def describe(explanation: Explanation, stream: TextIO) -> str:
    style = Style(stream)
    status = style.paint(explanation.status.replace("_", " "), COLOURS.get(explanation.status, "yellow"))
    reason = f" — {harmless(explanation.reason)}" if explanation.reason and not explanation.changes else ""
    decisions = (explanation.decision, explanation.curation)
    decision = "".join(f", {word.replace('-', ' ')}" for word in decisions if word)
    head = f"{style.paint(explanation.target, 'bold')}: {status}{decision}{reason}"
    lines = [head, *_diff(explanation.changes, style), *_rejected(explanation.rejected, style),
             *_curated(explanation, style), *_judged(explanation, style)]
    if explanation.last_build:
        head = style.paint("the last build that changed its picture:", "bold")
        lines += ["", head, *_diff(explanation.last_build, style)]
    return "\n".join([*lines, "", style.paint(f"action key {explanation.key}", "dim")] if explanation.key else lines)


def _rejected(rejections: Sequence[Rejection], style: Style) -> Iterator[str]:
    """What people rejected and why: candidates by their number, earlier pictures by the start of their digest."""
    if rejections:
        yield "  " + style.paint("rejected", "magenta")
    names = [rejection.pixels[:12] if rejection.candidate is None else str(rejection.candidate)
             for rejection in rejections]
    for name, rejection in zip(names, rejections, strict=True):
        yield f"    {style.paint(pad(name, max(map(len, names))), 'bold')}  {harmless(rejection.reason)}".rstrip()


def _judged(explanation: Explanation, style: Style) -> Iterator[str]:
    """How its candidates were judged, how good its prompt is, and where the trace of both lies."""
    if explanation.judging:
        yield "  " + style.paint("judging", "cyan")
    yield from (f"    {harmless(sentence).replace('`', '')}" for sentence in explanation.judging)
    if explanation.prompt:
        yield "  " + style.paint("prompt", "cyan")
    yield from (f"    {harmless(sentence).replace('`', '')}" for sentence in explanation.prompt)
    if explanation.trace:
        yield f"  {style.paint('trace', 'cyan')} {explanation.trace}/"


def _curated(explanation: Explanation, style: Style) -> Iterator[str]:
    """What people said of its place in a training set, where that takes a word more."""
    if explanation.curation_reason:
        word = style.paint(explanation.curation.replace("-", " "), "magenta")
        yield f"  {word}  {harmless(explanation.curation_reason)}"
    if explanation.curation in ("fallen-out", "contradicting"):
        yield f"    look at it, then calotype include {explanation.target}, or exclude it"


def _diff(changes: Sequence[Change], style: Style) -> Iterator[str]:
    for place, group in groupby(changes, key=lambda change: change.decided):
        yield "  " + style.paint(elide(place, style.width - 2) or "(no place)", "cyan")
        yield from _fields(list(group), style)


def _fields(changes: Sequence[Change], style: Style) -> Iterator[str]:
    """A row for each field, `seed  - 42  + 43`, in columns; what is too long for a row stands below its field."""
    rows = [(change, *_values(change)) for change in changes]
    short = [(cells(change.field), cells(old), cells(new)) for change, old, new in rows if _is_short(old, new)]
    name, before, after = (max(column) for column in zip(*short, strict=True)) if short else (0, 0, 0)
    in_rows = name + before + after + 12 <= style.width
    for change, old, new in rows:
        if in_rows and _is_short(old, new):
            minus, plus = style.paint(pad(f"- {old}", before + 2), "red"), style.paint(f"+ {new}", "green")
            yield f"    {style.paint(pad(change.field, name), 'bold')}  {minus}  {plus}"
        else:
            yield "    " + style.paint(change.field, "bold")
            yield from _below(change, old, new, style)


def _below(change: Change, old: str, new: str, style: Style) -> Iterator[str]:
    """The words that differ; where most do, the old text and the new."""
    width = min(style.width, WIDEST) - 6
    differing = None if _is_short(old, new) else word_diff(_words(change.old), _words(change.new))
    for words in [differing] if differing else [_whole("-", old, "red"), _whole("+", new, "green")]:
        yield from (f"      {line}" for line in flowed(words, style, width))


def _whole(sign: str, text: str, look: str) -> list[Word]:
    return [(word, look) for word in [sign, *text.split()]]


def _is_short(old: str, new: str) -> bool:
    return max(cells(old), cells(new)) <= LONG


def _values(change: Change) -> tuple[str, str]:
    """Old and new as people read them; with quotes where these alone tell the two apart."""
    old, new = _value(change.old), _value(change.new)
    return (old, new) if old != new else (_json(change.old), _json(change.new))


def _words(value: Any) -> list[str]:
    return [harmless(word) for word in words_of(value)]


def _value(value: Any) -> str:
    if value is None:
        return "(none)"
    return harmless(value) if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return harmless(json.dumps(value, ensure_ascii=False))
