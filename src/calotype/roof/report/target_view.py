"""One target as text: its picture, its candidates with their scores, what people said of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from calotype.roof.report.style import Style, harmless, pad
from calotype.roof.report.tables import licence_text

if TYPE_CHECKING:
    from calotype.project.answers import CandidateRow, ResultRecord, TargetView

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
    if view.result is not None and (made := _made(view.result)):
        lines.append(f"  {made}")
    if view.low_score:
        lines.append("  " + style.paint(view.low_score.replace("`", ""), "yellow"))
    if view.candidates:
        lines += ["  " + style.paint("candidates", "cyan") + _order(view), *_candidates(view, style)]
    lines += [f"    {group} are nearly the same" for group in map(_named, view.alike)]
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


def _made(result: ResultRecord) -> str:
    """`rendered in 4.1 s with luca, pixar_3d; likeness 0.71`, as far as it is known."""
    loras = f"with {', '.join(result.loras_used)}" if result.loras_used else ""
    seconds = f"in {result.generation_time:.1f} s" if result.generation_time is not None else ""
    rendered = " ".join(filter(None, ("rendered" if seconds or loras else "", seconds, loras)))
    score = result.consistency_score
    return "; ".join(filter(None, (harmless(rendered), f"likeness {score:.2f}" if score is not None else "")))


def _order(view: TargetView) -> str:
    return f" {harmless(view.ordering.sentence)}" if view.ordering is not None else ""


def _named(group: tuple[int, ...]) -> str:
    *others, last = map(str, group)
    return f"{', '.join(others)} and {last}"


def _facts(row: CandidateRow) -> Iterator[str]:
    if row.seed is not None:
        yield f"seed {row.seed}"
    if row.total is not None:
        yield f"score {row.total:.1f}"
    yield from (f"{'likeness' if name == 'identity' else name} {score:.4g}" for name, score in row.scores.items())
    if row.kept_out:
        yield f"kept out: {harmless(row.kept_out)}"
    words = [word for word, holds in (("picked", row.picked), ("approved", row.approved)) if holds]
    words += [f"rejected: {harmless(row.reason)}" if row.reason else "rejected"] if row.rejected else []
    if words:
        yield ", ".join(words)


def _decisions(view: TargetView) -> Iterator[str]:
    for row in view.decisions:
        place = f"{row.file}:{row.line}" if row.line is not None else row.file
        reason = f"  {harmless(row.reason)}" if row.reason else ""
        yield f"    {pad(row.decision, 7)}  {row.pixels[:12]}  {place}{reason}"
