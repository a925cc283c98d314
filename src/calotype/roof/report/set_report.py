"""A training set as text: who is in it and why, who is left out, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from calotype.roof.report.style import Style, cells, harmless, pad
from calotype.roof.report.text import count_text

if TYPE_CHECKING:
    from calotype.project.answers import SetLeftOut, SetReport

COLOURS = {"excluded": "red", "contradicting": "magenta", "fallen-out": "magenta", "open": "yellow", "free": "plain"}
"""The states of what is left out, in the order in which they stand."""
WORDS = {"human": "included", "anchor": "anchor", "suggest": "suggested"}
_FREE = 5
"""So many targets that nobody chose are named without -v; what people have to look at is always named."""


def describe_set(report: SetReport, *, verbose: bool, stream: TextIO) -> str:
    style = Style(stream)
    size = count_text(len(report.members), "image")
    head = f"{style.paint(f'{report.character}/training_set', 'bold')}: {size} ({report.minimum} to {report.maximum})"
    lines = [f"{head}, trigger word {style.paint(harmless(report.trigger_word), 'bold')}"]
    members = [(WORDS[member.by], _last(member.target), member.why) for member in report.members]
    lines += [style.paint("  in the set", "green")] if members else []
    lines += _rows([(word, name, "" if why in (word, f"an {word}") else why) for word, name, why in members], style)
    left = sorted(report.left_out, key=lambda each: list(COLOURS).index(each.state))
    free = sum(each.state == "free" for each in left)
    shown = left if verbose or free <= _FREE else left[:len(left) - free + _FREE]
    lines += [style.paint("  left out", "yellow")] if left else []
    lines += _rows([(_word(each.state), _last(each.target), _reason(each)) for each in shown], style)
    if len(shown) < len(left):
        lines.append(style.paint(f"    ... and {len(left) - len(shown)} more (-v shows them)", "dim"))
    if report.lacking:
        lines.append(f"{style.paint('not usable yet:', 'red')} {harmless(report.lacking)}")
    return "\n".join(lines)


def _rows(rows: Sequence[tuple[str, str, str]], style: Style) -> Iterator[str]:
    widths = [max((cells(row[column]) for row in rows), default=0) for column in (0, 1)]
    for word, name, why in rows:
        yield f"    {pad(word, widths[0])}  {style.paint(pad(name, widths[1]), 'bold')}  {harmless(why)}".rstrip()


def _last(target: str) -> str:
    """`anchors/front`."""
    return "/".join(target.split("/")[2:])


def _reason(left: SetLeftOut) -> str:
    """Why, without the word that stands before it."""
    return left.reason.removeprefix(f"{_word(left.state)}: ")


def _word(state: str) -> str:
    return "not chosen" if state == "free" else state.replace("-", " ")
