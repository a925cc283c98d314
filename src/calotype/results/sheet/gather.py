"""From manifest lines to what a sheet shows. Must not read or write a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calotype.results.publish.line import Line, shard_of
from calotype.results.sheet.entry import Picture, SpecSheet

SECTIONS = ("anchors", "variations")
CHOSEN = {"human": "by a person", "score": "by score", "first": "the first"}


def sheet_of(
    key: str,
    lines: Sequence[Line],
    *,
    title: str,
    file: str,
    tags: Sequence[str] = (),
    region: str = "",
    unpublished: Mapping[str, str] | None = None,
    states: Mapping[str, tuple[str, str]] | None = None,
) -> SpecSheet:
    """The sheet of the spec `key` (`exercises/chin_tuck`) from its published `lines`, in the order given.

    `states` maps a target to (status, reason) where it is not up to date; `unpublished` maps a target with
    no line to its title.
    """
    states = states or {}
    kind, _, name = key.partition("/")
    pictures = [_picture(line, title, *states.get(line.target, ("up_to_date", ""))) for line in lines]
    for target, words in (unpublished or {}).items():
        state, reason = states.get(target, ("missing", ""))
        pictures.append(Picture(target, title=words, state=state, reason=reason, section=_section(target)))
    if not region and kind == "exercises" and lines:
        region = shard_of(lines[0].target, lines[0].path).partition("/")[2]
    return SpecSheet(kind, name, title, file, tuple(pictures), region, tuple(tags))


def _picture(line: Line, spec_title: str, state: str, reason: str) -> Picture:
    number = line.pick.candidate
    seed = line.candidates[number - 1].seed if 0 < number <= len(line.candidates) else None
    return Picture(
        line.target,
        line.path,
        line.sha256,
        line.size,
        "" if line.title == spec_title else line.title,
        line.alt,
        line.caption,
        line.prompt,
        seed,
        line.renderer,
        _picked(line),
        state,
        reason,
        _section(line.target),
    )


def _picked(line: Line) -> str:
    if len(line.candidates) < 2:
        return ""
    return f"{line.pick.candidate} of {len(line.candidates)}, {CHOSEN.get(line.pick.by, line.pick.by)}"


def _section(target: str) -> str:
    part = target.split("/")[2]
    return part if part in SECTIONS else ""
