"""A plan, a build or a check as text: a line a target, then a summary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from calotype.project.outcome import ImagePrompt, Outcome, TargetOutcome
from calotype.project.overrides import Profile
from calotype.roof.report.fold import Row, folded, row_of
from calotype.roof.report.phase_table import phase_lines, writing_lines
from calotype.roof.report.style import UNCUT, Style, cells, clip, elide, harmless
from calotype.roof.report.text import count_text, price_text, seconds_text

CAP = 20
"""Targets shown one by one without -v, and rows of them in any case."""
WORTH_A_WORD = 10.0
"""Seconds that a build is expected to take, from which on a plan tells of them."""
INDENT, ARROW = " " * 10, " -> "
APPROVED, ALL_REJECTED, LOST_IMPORT = "approved", "candidates, all rejected", "the imported picture"
"""What the reasons say of targets whose approved picture is stale, of those of which no candidate is left, and of those
whose picture, put in by hand, is gone."""
BOUGHT = ("it may have been bought ", "it was bought ")
"""What the reasons say of targets of which nobody knows whether they were bought, or that are lost."""
LOW = re.compile(r"scores -?[\d.]+, below ")
"""What the reasons say of targets that fail under `strict`, in a build as well."""
LEFT = re.compile(r"left to (?:`--phase \w+`|another phase)$")
"""What the reasons say of targets whose work is that of another phase."""
COLOURS = {
    "render": "green",
    "rendered": "green",
    "cached": "green",
    "restored": "green",
    "exported": "green",
    "export": "green",
    "current": "green",
    "removed": "yellow",
    "failed": "red",
    "skipped": "yellow",
    "awaiting": "magenta",
    "stale": "red",
    "missing": "red",
    "modified": "red",
}
STANDS = {"up_to_date": "current", "not_built": "not built"}
"""What is said of what is no image, where it is not said of images."""
URGENT = ("failed", "modified", "missing", "stale", "awaiting", "skipped")
"""What a person must see is listed first, so that the cap never hides it behind what went well."""
ORDER = (*URGENT, "removed", "restored", "cached", "rendered", "render", "exported", "export")


def summary(outcome: Outcome, verb: str, *, verbose: bool, stream: TextIO) -> str:
    """`verb` is plan, build or check. Lines fit a terminal; where there is none, and with -v, they are whole."""
    style = Style(stream)
    listed = [target for target in outcome.targets if verbose or not _is_left(target)]
    targets = sorted(listed, key=lambda target: _rank(target.status))
    rows = list(map(row_of, targets)) if verbose else folded(targets, CAP)
    shown = rows if verbose else rows[:CAP]
    width = UNCUT if verbose else style.width
    lines = [line for row in shown for line in _lines(row, style, width)]
    if len(shown) < len(rows):
        lines.append(style.paint(f"... and {len(rows) - len(shown)} more (-v shows them)", "dim"))
    elif len(rows) < len(targets):
        lines.append(style.paint("-v shows every target", "dim"))
    lines += [line for row in _products(outcome) for line in _lines(row, style, width)]
    lines += phase_lines(outcome.phases, outcome.estimate.currency)
    lines += writing_lines(outcome.writing)
    lines += [f"{style.paint('hint:', 'green')} {hint}" for hint in _hints(outcome, verb)]
    return "\n".join([*lines, _tally(outcome, verb, style)])


def prompts(texts: Sequence[ImagePrompt], stream: TextIO) -> str:
    """Target, prompt and negative prompt of each image, whole, for reading and for copying."""
    style = Style(stream)
    lines = []
    for text in texts:
        lines += [style.paint(harmless(text.target), "bold"), f"  prompt:   {harmless(text.prompt)}"]
        lines += [f"  negative: {harmless(text.negative)}"] if text.negative else []
        if text.to_enhance is not None:
            lines.append(f"  not enhanced yet: `calotype build --phase enhance` asks {harmless(text.to_enhance)}")
    return "\n".join(lines) if lines else "no images"


def where_previews_are(profile: Profile) -> str:
    """Where an overridden build has put its pictures, and what makes a plain build publish such."""
    settings = ", ".join(f"{name}: {value}" for name, value in profile.overrides.items())
    return f"in {profile.content}/; to publish these: defaults: {{{settings}}}"


def _products(outcome: Outcome) -> list[Row]:
    """What is no image stands below, however it is; what is to be done about it is told among the targets."""
    listed = {target.target for target in outcome.targets}
    return [(STANDS.get(product.status, product.status), product.target, product.reason)
            for product in outcome.products if product.target not in listed]


def _hints(outcome: Outcome, verb: str) -> list[str]:
    """What brings to an end what this command cannot."""
    hints = []
    products = [target.target for target in outcome.targets if target.target in outcome.product_names]
    low = [target.target for target in outcome.targets if LOW.match(target.reason)]
    if verb == "check" and outcome.unsettled > len(products) + len(low):
        hints.append("`calotype build` renews them; `calotype explain TARGET` says why")
    if low and verb != "plan":
        name = low[0] if len(low) == 1 else "TARGET"
        hints.append(f"`calotype pick {name} NUMBER` lets a picture stand that scores low; else change the image, or "
                     "`scoring: {threshold: ...}`")
    if verb == "check":
        hints += [f"`calotype build {product}` renews it" for product in products]
    awaited = [target for target in outcome.targets if _may_be_picked(target) and target.target not in products]
    if any(target.status == "awaiting" and target.reason.startswith(BOUGHT) for target in outcome.targets):
        hints.append("`calotype hosted list` shows what may have been bought, and what to say of it")
    if awaited:
        approved = all(target.reason.startswith(APPROVED) for target in awaited)
        name = awaited[0].target if len(awaited) == 1 else "TARGET"
        which = "FILE" if awaited and all(target.reason.startswith(LOST_IMPORT) for target in awaited) else "NUMBER"
        command = f"calotype {'approve' if approved else 'pick'} {name} {which}"
        shown = verb == "build" and which == "NUMBER"
        where = "; the contact sheets show the candidates side by side" if shown else ""
        hints.append(f"`{command}` decides what is awaited{where}")
        if any(ALL_REJECTED in target.reason for target in awaited):
            hints.append("where all are rejected, ask for others: another seed, more `candidates`, or a changed image")
    return hints


def _may_be_picked(target: TargetOutcome) -> bool:
    """Whether `target` awaits a pick of its own, and neither that of another which it starts from, nor a training, nor
    a word about what may have been bought."""
    return target.status == "awaiting" and not target.reason.startswith(
        ("starts from ", "the LoRA ", *BOUGHT))


def _lines(row: Row, style: Style, width: int) -> list[str]:
    """`rendered  exercises/chin_tuck/01 — seed: 42 -> 43`; the reason below the target where it needs the room."""
    status, name, reason = row
    head = f"{style.paint(f'{status:<9}', COLOURS.get(status, 'bold'))} {elide(name, width - len(INDENT))}"
    if not reason:
        return [head]
    if len(INDENT) + cells(name) + 3 + cells(reason) <= width:
        return [f"{head} {style.paint(f'— {harmless(reason)}', 'dim')}"]
    return [head, INDENT + style.paint(_cut(reason, width - len(INDENT)), "dim")]


def _cut(reason: str, width: int) -> str:
    """`reason` on one line. If it has one place, that stays, if need be without its middle."""
    words, opened, place = reason.rpartition(" (")
    if not opened or "), " in words or not place.endswith(")"):
        return clip(reason, width)
    place = elide(harmless(place), width // 2)
    return f"{_both(words, width - cells(place) - 2)} ({place}"


def _both(words: str, width: int) -> str:
    """`words` on one line; of `prompt: old -> new` something of both."""
    old, arrow, new = words.partition(ARROW)
    if not arrow or cells(words) <= width:
        return clip(words, width)
    room = width - len(ARROW)
    end = clip(new, max(room // 2, room - cells(old)))
    return f"{clip(old, room - cells(end))}{ARROW}{end}"


def _tally(outcome: Outcome, verb: str, style: Style) -> str:
    parts = {"plan": _planned, "build": _built, "check": _checked}[verb](outcome)
    looks = ("bold", "red") if outcome.exit_code == 1 else ("bold",)
    return style.paint(", ".join(parts), *looks) + style.paint(f" ({seconds_text(outcome.seconds)})", "dim")


def _planned(outcome: Outcome) -> list[str]:
    parts = _work(outcome, "to render", "to enhance")
    if outcome.unwritten:
        parts = [f"{parts[0]} at most ({outcome.unwritten} if their prompts come out new)"]
    estimate = outcome.estimate
    if estimate.seconds >= WORTH_A_WORD:
        parts.append(f"about {seconds_text(estimate.seconds)}")
    price = price_text(estimate.price, estimate.currency)
    return [*parts, *([price] if price else []), *_rest(outcome)]


def _built(outcome: Outcome) -> list[str]:
    return _work(outcome, "rendered", "enhanced") + _rest(outcome)


def _work(outcome: Outcome, rendered: str, enhanced: str) -> list[str]:
    """What a renderer did or would do, and where that is nothing, what was done to prompts."""
    prompts = outcome.actions.get("enhance", 0)
    if prompts and not outcome.renders:
        return [f"{count_text(prompts, 'prompt')} {enhanced}"]
    return [f"{count_text(outcome.renders, 'image')} {rendered}" if outcome.renders else f"nothing {rendered}"]


def _checked(outcome: Outcome) -> list[str]:
    counts = Counter(target.status for target in outcome.targets)
    parts = [f"{counts[status]} {status}" for status in ORDER if counts[status]]
    return [*parts, f"{outcome.up_to_date} up to date"]


def _rest(outcome: Outcome) -> list[str]:
    counts = Counter(target.status for target in outcome.targets)
    left = sum(map(_is_left, outcome.targets))
    named = {
        "failed": outcome.failed,
        "skipped": counts["skipped"] - left,
        "left to another phase": left,
        "awaiting a decision": outcome.awaiting,
        "from the cache": outcome.cache_hits,
        "restored": counts["restored"],
        "removed": outcome.removed,
        "up to date": outcome.up_to_date,
    }
    return [f"{count} {name}" for name, count in named.items() if count]


def _is_left(target: TargetOutcome) -> bool:
    """Whether its work is that of another phase than the one which a build is held to."""
    return target.status == "skipped" and LEFT.search(target.reason) is not None


def _rank(status: str) -> int:
    return ORDER.index(status) if status in ORDER else len(ORDER)
