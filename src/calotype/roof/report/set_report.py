"""A training set as text: who is in it and why, who is left out, and what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, TextIO

from calotype.roof.report.style import UNCUT, Style, cells, clip, harmless, pad
from calotype.roof.report.text import count_text

if TYPE_CHECKING:
    from calotype.project.answers import SetLeftOut, SetReport

COLOURS = {"excluded": "red", "contradicting": "magenta", "fallen-out": "magenta", "open": "yellow", "free": "plain"}
"""The states of what is left out, in the order in which they stand."""
WORDS = {"human": "included", "anchor": "anchor", "suggest": "suggested"}
Row = tuple[str, str, str]
"""State, name and reason."""
Fit = Callable[[str, int, int], list[str]]
_FEW = 5
"""So many images that are left out for one reason are named without -v; what people decided is always named."""
_INDENT, _GAP, _BELOW = "    ", "  ", " " * 6


def describe_set(report: SetReport, *, verbose: bool, stream: TextIO) -> str:
    """Lines fit a terminal: reasons of members are cut there, what is to be done goes on below. -v cuts nothing, and
    names each image."""
    style = Style(stream)
    width = UNCUT if verbose else style.width
    size = count_text(len(report.members), "image")
    head = f"{style.paint(f'{report.character}/training_set', 'bold')}: {size} ({report.minimum} to {report.maximum})"
    lines = [f"{head}, trigger word {style.paint(harmless(report.trigger_word), 'bold')}"]
    members = [(WORDS[member.by], _last(member.target), member.why) for member in report.members]
    lines += [style.paint("  in the set", "green")] if members else []
    lines += _rows([(word, name, "" if why in (word, f"an {word}") else why) for word, name, why in members],
                   style, lambda why, room, _: [clip(why, room)], width)
    left = sorted(report.left_out, key=lambda each: list(COLOURS).index(each.state))
    lines += [style.paint("  left out", "yellow")] if left else []
    lines += _rows(list(_left_out(left, verbose)), style, _wrapped, width)
    if report.lacking:
        lines.append(f"{style.paint('not usable yet:', 'red')} {harmless(report.lacking)}")
    return "\n".join(lines)


def _left_out(left: Sequence[SetLeftOut], verbose: bool) -> Iterator[Row]:
    """A row for each; without -v, one for many that are left out for one reason, on which nobody has decided."""
    groups: dict[tuple[str, str], list[SetLeftOut]] = {}
    for each in left:
        is_undecided = each.state in ("open", "free")
        cause = _reason(each).replace(each.target, "TARGET") if is_undecided else each.target
        groups.setdefault((each.state, cause), []).append(each)
    for (state, cause), group in groups.items():
        if verbose or len(group) <= _FEW:
            yield from ((_word(state), _last(each.target), _reason(each)) for each in group)
        else:
            yield _word(state), count_text(len(group), "image"), f"{cause} (-v names them)"


def _rows(rows: Sequence[Row], style: Style, fit: Fit, width: int) -> Iterator[str]:
    """State, name and reason in columns; `fit` makes the reason lines for the room beside them, and the room below."""
    widths = [max((cells(row[column]) for row in rows), default=0) for column in (0, 1)]
    indent = len(_INDENT) + sum(widths) + 2 * len(_GAP)
    for word, name, why in rows:
        head = f"{_INDENT}{pad(word, widths[0])}{_GAP}{style.paint(pad(name, widths[1]), 'bold')}"
        beside, *below = fit(harmless(why), width - indent, width - len(_BELOW)) or [""]
        yield f"{head}{_GAP}{beside}".rstrip()
        yield from (_BELOW + line for line in below)


def _wrapped(why: str, beside: int, below: int) -> list[str]:
    """The whole reason: on its row where that has the room, else below it."""
    return [why] if cells(why) <= beside else ["", *wrap(why, max(below, 20), break_long_words=False)]


def _last(target: str) -> str:
    """`anchors/front`."""
    return "/".join(target.split("/")[2:])


def _reason(left: SetLeftOut) -> str:
    """Why, without the word that stands before it."""
    return left.reason.removeprefix(f"{_word(left.state)}: ")


def _word(state: str) -> str:
    return "not chosen" if state == "free" else state.replace("-", " ")
