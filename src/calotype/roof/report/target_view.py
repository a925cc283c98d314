"""One target as text: its picture, its candidates with their scores, what people said of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from calotype.roof.report.style import Style, harmless, pad
from calotype.roof.report.tables import licence_text

if TYPE_CHECKING:
    from calotype.project.answers import CandidateRow, TargetView

COLOURS = {"up_to_date": "green", "modified": "red", "awaiting": "magenta"}


def describe_target(view: TargetView, stream: TextIO) -> str:
    style = Style(stream)
    state = style.paint(view.state.replace("_", " "), COLOURS.get(view.state, "yellow"))
    decision = f", {view.decision.replace('-', ' ')}" if view.decision else ""
    reason = f" — {harmless(view.reason)}" if view.reason else ""
    width, height = view.size
    picture = f"{view.path} ({width} x {height}{', imported' if view.origin == 'imported' else ''})"
    lines = [f"{style.paint(view.target, 'bold')}: {state}{decision}{reason}",
             f"  {picture if view.pixels else 'nothing is published yet'}"]
    if view.candidates:
        lines += ["  " + style.paint("candidates", "cyan"), *_candidates(view, style)]
    if view.decisions:
        lines += ["  " + style.paint("decisions", "cyan"), *_decisions(view)]
    if view.made_with:
        lines += ["  " + style.paint("made with", "cyan"), *_made_with(view, style)]
    return "\n".join(lines)


def _made_with(view: TargetView, style: Style) -> Iterator[str]:
    """`luca (loras/luca.safetensors)  MIT, commercial yes`; and what else than the target's own render read it."""
    for row in view.made_with:
        name = f"{row.lora} ({row.name})" if row.lora else row.name
        reader = row.kind if row.target == view.target else f"{row.kind} of {row.target}"
        terms = licence_text(row.licence, row.commercial, style)
        yield f"    {harmless(name)}  {terms}{'' if reader == 'render' else f'  ({reader})'}"


def _candidates(view: TargetView, style: Style) -> Iterator[str]:
    names = ["imported" if row.number is None else str(row.number) for row in view.candidates]
    widest = max(map(len, names))
    for name, row in zip(names, view.candidates, strict=True):
        parts = [style.paint(pad(name, widest), "bold"), row.pixels[:12], *_facts(row)]
        yield f"    {'  '.join(parts)}".rstrip()


def _facts(row: CandidateRow) -> Iterator[str]:
    if row.seed is not None:
        yield f"seed {row.seed}"
    yield from (f"{name} {score:.4g}" for name, score in row.scores.items())
    words = [word for word, holds in (("picked", row.picked), ("approved", row.approved)) if holds]
    words += [f"rejected: {harmless(row.reason)}" if row.reason else "rejected"] if row.rejected else []
    if words:
        yield ", ".join(words)


def _decisions(view: TargetView) -> Iterator[str]:
    for row in view.decisions:
        place = f"{row.file}:{row.line}" if row.line is not None else row.file
        reason = f"  {harmless(row.reason)}" if row.reason else ""
        yield f"    {pad(row.decision, 7)}  {row.pixels[:12]}  {place}{reason}"
