"""One target, or one picture, as text: candidates with their scores, what it was made by, what people said of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from calotype.roof.report.style import Style, harmless, pad
from calotype.roof.report.tables import licence_text

if TYPE_CHECKING:
    from calotype.project.answers import CandidateRow, DecisionRow, PromptReview, ResultRecord, TargetView, UsedWeights
    from calotype.project.picture_origin import PictureOrigin, PictureUse

LONGEST = 2000
"""Characters of a text that a picture holds, as far as they are shown."""
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
    lines += [f"    {line}" for line in _weakness(view, style)]
    if view.prompt_review is not None:
        lines += ["  " + style.paint("prompt", "cyan"), *_review(view.prompt_review, style)]
    if view.trace:
        lines.append(f"  {style.paint('trace', 'cyan')} {view.trace}/")
    if view.decisions:
        lines += ["  " + style.paint("decisions", "cyan"), *_decisions(view.decisions)]
    if view.made_with:
        lines += ["  " + style.paint("made with", "cyan"), *_made_with(view.made_with, view.target, style)]
    return "\n".join(lines)


def _weakness(view: TargetView, style: Style) -> Iterator[str]:
    """Which score costs the picture the most, what helps, and what sets candidates apart."""
    if view.weakest is not None:
        yield _plain(view.weakest.sentence) + (f"; {_plain(view.weakest_part)}" if view.weakest_part else "")
        if view.weakest.helps:
            yield style.paint(f"what helps: {_plain(view.weakest.helps)}", "yellow")
    if view.look_alikes[0]:
        yield style.paint(f"little to choose from: {_plain(view.look_alikes[1])}", "yellow")


def _review(review: PromptReview, style: Style) -> Iterator[str]:
    score, *remarks = map(_plain, review.sentences)
    yield "    " + (style.paint(score, "yellow") if review.is_low else score)
    yield from (f"    {remark}" for remark in remarks)


def _plain(text: str) -> str:
    return harmless(text).replace("`", "")


def describe_picture(origin: PictureOrigin, stream: TextIO, *, in_project: bool) -> str:
    """`in_project`: whether there is a project in which the picture was looked for."""
    style, embedded = Style(stream), origin.embedded
    width, height = embedded["size"]
    lines = [f"{style.paint(harmless(embedded['file']), 'bold')}: {embedded['format']}, {width} x {height}, "
             f"{embedded['mode']}",
             f"  sha256  {embedded['sha256']}", f"  pixels  {embedded['pixels']}"]
    own = list(_embedded(embedded))
    lines += ["  " + style.paint("says of itself", "cyan") + ("" if own else " nothing"), *own]
    for use in origin.uses:
        lines += [f"  {style.paint(harmless(use.target), 'bold')}: {_role(use)}", *_use(use, style)]
    if in_project and not origin.uses:
        known = "; what is amiss may hide it" if origin.diagnostics else ""
        lines.append(f"  unknown here: no image of the project is this picture, and nobody has decided on it{known}")
    return "\n".join(lines)


def _embedded(embedded: Mapping[str, Any]) -> Iterator[str]:
    """A line each: texts, as a program wrote them, may be of any length and hold anything."""
    parameters = dict(embedded["parameters"] or {})
    rows = [(key.replace("_", " "), parameters.pop(key, None)) for key in ("prompt", "negative_prompt")]
    rows += [("", ", ".join(f"{name}: {value}" for name, value in parameters.items()))]
    rows += [(name.replace("_", " "), embedded[name])
             for name in ("seed", "renderer", "action", "origin", "creator_tool", "digital_source_type")]
    rows += [("made by", embedded["program"]), ("which wrote", embedded["written"])]
    for name, value in rows:
        if value not in (None, ""):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            cut = f" ... ({len(text):,} characters; --json holds all)" if len(text) > LONGEST else ""
            yield f"    {name + ': ' if name else ''}{harmless(text[:LONGEST])}{cut}"


def _role(use: PictureUse) -> str:
    """`published, candidate 2 of 4`."""
    words = {"reference": "its render read this picture", "decided": "decided on, and no candidate now",
             "claimed": "the picture says that it was rendered for it, and its pixels are others: it was edited since"}
    number = f"candidate {use.candidate} of {use.candidates}" if use.candidate is not None else ""
    imported = "put in by hand" if use.origin == "imported" else ""
    picked = "picked" if use.picked and use.role == "candidate" else ""
    role = words.get(use.role, "published" if use.role == "published" else "")
    return ", ".join(filter(None, (role, number, picked, imported)))


def _use(use: PictureUse, style: Style) -> Iterator[str]:
    facts = [f"seed {use.seed}" if use.seed is not None else "", f"by {use.renderer}" if use.renderer else "",
             f"with {', '.join(use.loras)}" if use.loras else "",
             *(f"{'likeness' if name == 'identity' else name} {score:.4g}" for name, score in use.scores.items())]
    rows = [use.path, f"asked for by {use.spec}" if use.spec else "", "  ".join(filter(None, facts)),
            f"prompt: {use.prompt}" if use.prompt else "",
            f"prompt scored {'; '.join(map(_plain, use.prompt_review.sentences))}" if use.prompt_review else "",
            f"trace: {use.trace}/" if use.trace else "", f"negative prompt: {use.negative}" if use.negative else "",
            f"kept out: {use.kept_out}" if use.kept_out else ""]
    yield from (f"    {harmless(row)}" for row in rows if row)
    if use.decisions:
        yield from ["    " + style.paint("decisions", "cyan"), *(f"  {line}" for line in _decisions(use.decisions))]
    if use.made_with:
        rows_made = _made_with(use.made_with, use.target, style)
        yield from ["    " + style.paint("made with", "cyan"), *(f"  {line}" for line in rows_made)]


def _made_with(weights: Sequence[UsedWeights], target: str, style: Style) -> Iterator[str]:
    """`luca (loras/luca.safetensors)  MIT, commercial yes`; and what else than the target's own render read it."""
    for row in weights:
        name = f"{row.lora} ({row.name})" if row.lora else row.name
        reader = row.kind if row.target == target else f"{row.kind} of {row.target}"
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


def _decisions(decisions: Sequence[DecisionRow]) -> Iterator[str]:
    for row in decisions:
        place = f"{row.file}:{row.line}" if row.line is not None else row.file
        reason = f"  {harmless(row.reason)}" if row.reason else ""
        yield f"    {pad(row.decision, 7)}  {row.pixels[:12]}  {place}{reason}"
