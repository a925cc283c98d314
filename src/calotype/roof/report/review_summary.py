"""What a range of commits did to pictures, as text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from calotype.ground.diagnostics import Diagnostic
from calotype.project.reviewed import PictureAt, Review, ReviewedPicture
from calotype.roof.report.markdown import cell, fitting, table
from calotype.roof.report.style import Style, cells, clip, elide, harmless
from calotype.roof.report.summary import CAP, COLOURS
from calotype.roof.report.text import count_text

HEAD = ("| picture | what happened | why | decided by |", "| --- | --- | --- | --- |")
_MORE_COLOURS = {"changed": "yellow", "added": "green", "removed": "yellow"}
_FIELDS = 3
"""Fields of a request told in one cell."""
_ROOM, _FOLDED_ROOM = 40_000, 10_000
"""Bytes of the table, and of each list below it: GitHub takes 65,536 letters in a comment. The page holds all."""


def review_text(review: Review, *, verbose: bool, stream: TextIO) -> str:
    """A line for each picture, what it came to, and where the page is."""
    style = Style(stream)
    listed = review.listed
    shown = listed if verbose else listed[:CAP]
    width = 10_000 if verbose else style.width
    lines = [line for picture in shown for line in _lines(picture, style, width)]
    if len(shown) < len(listed):
        lines.append(style.paint(f"... and {len(listed) - len(shown)} more (-v shows them)", "dim"))
    for picture in review.pictures if verbose else ():
        if not picture.listed:
            lines += _lines(picture, style, width)
    looks = ("bold", "red") if review.exit_code == 1 else ("bold",)
    told = f"{_counts(review)} since {harmless(review.since)} ({review.commit[:12]})"
    lines.append(style.paint(told, *looks) + _already(review))
    lines.append(f"before and after: {review.page}")
    return "\n".join(lines)


def _lines(picture: ReviewedPicture, style: Style, width: int) -> Iterator[str]:
    events = ", ".join(picture.events) or "other words"
    colour = COLOURS.get(picture.status) or _MORE_COLOURS.get(picture.happened, "bold")
    head = f"{style.paint(harmless(events), colour)} {elide(picture.target, max(width - cells(events) - 1, 20))}"
    yield head
    for why in _whys(picture):
        yield "  " + style.paint(clip(harmless(why), width - 2), "dim")


def _counts(review: Review) -> str:
    return ", ".join(f"{number} {word}" for word, number in review.counts.items()) or "nothing to look at"


def _already(review: Review) -> str:
    """Of what the range is no cause of."""
    were = "was" if review.already == 1 else "were"
    return f"; {count_text(review.already, 'image')} {were} not up to date before" if review.already else ""


def _whys(picture: ReviewedPicture) -> Iterator[str]:
    """Why, each in a line: the check's reason, fields of the request, decisions, the choice among candidates."""
    if picture.happened == "moved":
        before = picture.before.path if picture.before is not None else ""
        yield f"was {picture.former or before}"
    if picture.reason_beside_changes:
        yield picture.reason_beside_changes
    yield from map(str, picture.changes[:_FIELDS])
    if len(picture.changes) > _FIELDS:
        yield f"and {count_text(len(picture.changes) - _FIELDS, 'field')} more"
    yield from map(str, picture.decisions)
    choices = [text for text in dict.fromkeys(map(_choice, (picture.before, picture.now))) if text]
    if choices and picture.listed:
        yield f"candidate {' -> '.join(choices)}"
    if not picture.listed:
        yield from map(str, picture.words)


def _choice(picture: PictureAt | None) -> str:
    if picture is None or not picture.choice:
        return ""
    scores = ", ".join(f"{name} {score:.4g}" for name, score in picture.scores)
    return f"{picture.choice} ({scores})" if scores else picture.choice


def review_markdown(review: Review) -> str:
    """For a pull request, or a job's summary: a table of the pictures, then moves and other words."""
    tally = f"{_counts(review)}{_already(review)}."
    lines = [f"### Pictures since {cell(review.since)}", "", tally.capitalize(), ""]
    lines += table([_row(picture) for picture in review.listed], _ROOM, HEAD, "`calotype check --since` lists all")
    only_words = [picture for picture in review.reworded if not picture.listed]
    lines += _folded("moved, with the same pixels", [_moved(picture) for picture in review.moved])
    lines += _folded("other words, with the same pixels", [
        f"- {_code(picture.target)}: {cell(str(change))}" for picture in only_words for change in picture.words])
    return "\n".join(lines) + "\n"


def _row(picture: ReviewedPicture) -> str:
    why = "<br>".join(cell(_without_places(each, picture)) for each in _whys(picture))
    decided = "<br>".join(_code(place) for place in picture.decided_by[:_FIELDS])
    return f"| {_code(picture.target)} | {cell(', '.join(picture.events))} | {why} | {decided} |"


def _without_places(why: str, picture: ReviewedPicture) -> str:
    """A place stands in a column of its own."""
    for place in picture.decided_by:
        why = why.replace(f" ({place})", "")
    return why


def _moved(picture: ReviewedPicture) -> str:
    before = picture.before.path if picture.before is not None else ""
    return f"- {_code(picture.former or before)} → {_code(picture.target)}"


def _folded(title: str, rows: Sequence[str]) -> Iterator[str]:
    if rows:
        shown = list(fitting(rows, _FOLDED_ROOM))
        yield from ["", f"<details><summary>{len(rows)} {title}</summary>", "", *shown]
        if len(rows) > len(shown):
            yield f"- ... and {len(rows) - len(shown)} more"
        yield from ["", "</details>"]


def _code(name: str) -> str:
    """A name that can be no mark-up: of a target or a file."""
    flat = " ".join(harmless(name).split())
    return f"`{flat}`" if "`" not in flat and "|" not in flat else cell(flat)


def review_notes(review: Review) -> list[Diagnostic]:
    """The pictures that are up to date and were changed or decided on, for the formats of machines."""
    return [
        Diagnostic("note", "picture-reviewed", f"{picture.target}: {', '.join(picture.events)}{_because(picture)}",
                   *_note_place(picture))
        for picture in review.listed if not picture.status]


def _because(picture: ReviewedPicture) -> str:
    whys = "; ".join(_whys(picture))
    return f" ({whys})" if whys else ""


def _note_place(picture: ReviewedPicture) -> tuple[str | None, int | None]:
    if picture.decisions:
        return picture.decisions[0].file, picture.decisions[0].line
    return picture.file, picture.line
