"""From manifest lines to what a sheet shows. Must not read or write a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calotype.results.publish.line import Line
from calotype.results.sheet.entry import SETTLED, Picture, SpecSheet

SECTIONS = ("anchors", "variations")
UNTOUCHED = ("up_to_date", "")
CHOSEN = {"human": "by a person", "score": "by score", "first": "the first"}


def sheet_of(
    key: str,
    lines: Mapping[str, Line | None],
    *,
    title: str,
    file: str,
    tags: Sequence[str],
    region: str,
    states: Mapping[str, tuple[str, str]],
) -> SpecSheet:
    """The sheet of the spec `key` (`exercises/chin_tuck`).

    `lines` maps each of its targets, in order, to its line in the manifest, or to None while nothing is
    published. `states` maps a target to (status, reason) where it was not up to date.
    """
    kind, _, name = key.partition("/")
    pictures = [
        _picture(target, line, title, *states.get(target, UNTOUCHED)) for target, line in lines.items()
    ]
    return SpecSheet(kind, name, title, file, tuple(pictures), region, tuple(tags))


def _picture(target: str, line: Line | None, spec_title: str, state: str, reason: str) -> Picture:
    """What was rendered and what was there already look alike: a page is a function of what is published."""
    if line is None:
        return Picture(
            target,
            state="missing" if state == "up_to_date" else state,
            reason=reason,
            section=_section(target),
        )
    number = line.pick.candidate
    settled = state in SETTLED
    return Picture(
        target=line.target,
        path=line.path,
        sha256=line.sha256,
        size=line.size,
        title="" if line.title == spec_title else line.title,
        alt=line.alt,
        caption=line.caption,
        prompt=line.prompt,
        seed=line.candidates[number - 1].seed if 0 < number <= len(line.candidates) else None,
        renderer=line.renderer,
        picked=_picked(line),
        state="up_to_date" if settled else state,
        reason="" if settled else reason,
        section=_section(line.target),
    )


def _picked(line: Line) -> str:
    if len(line.candidates) < 2:
        return ""
    return f"{line.pick.candidate} of {len(line.candidates)}, {CHOSEN.get(line.pick.by, line.pick.by)}"


def _section(target: str) -> str:
    part = target.split("/")[2]
    return part if part in SECTIONS else ""
