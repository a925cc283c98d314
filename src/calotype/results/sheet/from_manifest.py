"""From manifest lines to what a sheet shows. Must not read or write a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from calotype.ground.light_dataclass import dataclass, field, replace
from calotype.ground.target_names import TargetName
from calotype.language.instructions import NO_INSTRUCTIONS, Instructions
from calotype.language.judging.ordering import Ordering
from calotype.language.judging.scorer_weights import weighted_total
from calotype.language.judging.weakest import Weakest
from calotype.language.lora_digests import lora_digests
from calotype.results.publish.line import Line
from calotype.results.publish.proof import IMPORTED
from calotype.results.sheet.labels import count
from calotype.results.sheet.model import (
    SETTLED,
    STALE,
    Picture,
    Preview,
    Replaced,
    ShownCandidate,
    ShownChange,
    ShownRejection,
    ShownReview,
    SpecSheet,
)
from calotype.results.sheet.shown_pose import ShownPose
from calotype.results.sheet.shown_trace import ShownTrace

SECTIONS = ("anchors", "variations")
CHOSEN = {"human": "by a person", "score": "by score", "first": "the first"}


@dataclass(frozen=True, slots=True)
class Target:
    """How one target stands: its line in the manifest, or None while nothing is published; what became of it in this
    build, where it was not up to date (`state`, `reason`); the candidates of one that awaits a human; what it starts
    from; what people decided of it, and why they rejected pictures, by their pixels; of a stale one that a person
    vouches for, what has changed since; its place in a training set, and why; who orders its candidates, which pictures
    judges keep out, by their pixels, whether the one that stands scores low, which of its scores costs it the most, and
    which are nearly the same; how good its enhanced prompt is, and the trace that was kept of it; the poses
    found in its pictures, by their pixels; what is shown until it is rendered; title, alt text and caption of one that
    awaits a human, and of which nothing is published."""

    line: Line | None
    state: str = "up_to_date"
    reason: str = ""
    candidates: tuple[ShownCandidate, ...] = ()
    starts_from: tuple[str, ...] = ()
    decision: str = ""
    rejected: Mapping[str, str] = field(default_factory=dict)
    waiting: tuple[ShownChange, ...] = ()
    place: tuple[str, str] = ("", "")
    ordering: Ordering | None = None
    kept_out: Mapping[str, str] = field(default_factory=dict)
    low: str = ""
    alike: tuple[str, ...] = ()
    look_alikes: tuple[str, str] = ("", "")
    weakest: Weakest | None = None
    review: ShownReview | None = None
    trace: ShownTrace | None = None
    poses: Mapping[str, ShownPose] = field(default_factory=dict)
    preview: Preview | None = None
    words: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True)
class About:
    """What a spec says of itself, and `replaced`: the picture that each of its targets had before; `training` is its
    training set in a line, `lora` the LoRA that was trained on it, with the path of its `curve`; `loras` what the LoRAs
    in use are called, by digest."""

    title: str
    file: str
    region: str = ""
    tags: Sequence[str] = ()
    uses: Sequence[str] = ()
    replaced: Mapping[str, tuple[str, Replaced]] = field(default_factory=dict)
    instructions: Instructions = NO_INSTRUCTIONS
    training: str = ""
    lora: str = ""
    curve: str = ""
    loras: Mapping[str, str] = field(default_factory=dict)


def sheet_of(key: str, targets: Mapping[str, Target], about: About) -> SpecSheet:
    """The sheet of the spec `key` (`exercises/chin_tuck`), its targets in their order."""
    kind, _, name = key.partition("/")
    pictures = tuple(_picture(name, target, about) for name, target in targets.items())
    tags = dict.fromkeys(" ".join(tag.split()) for tag in about.tags)
    return SpecSheet(
        kind, name, about.title, about.file, pictures, about.region, tuple(tags), tuple(about.uses),
        about.instructions, about.training, about.lora, about.curve, tuple(_distinct(targets.values())))


def _distinct(targets: Iterable[Target]) -> Iterator[Ordering]:
    """Who orders the candidates, each once."""
    seen: list[Ordering] = []
    for target in targets:
        if target.ordering is not None and target.ordering not in seen:
            seen.append(target.ordering)
            yield target.ordering


def _picture(name: str, target: Target, about: About) -> Picture:
    """What was rendered and what was there already look alike: a page is a function of what is published."""
    line, preview = target.line, target.preview
    if preview is not None:
        return Picture(
            name, state=target.state, reason=target.reason, section=_section(name), size=preview.size,
            title="" if preview.title == about.title else preview.title, alt=preview.alt, caption=preview.caption,
            starts_from=target.starts_from, preview=preview)
    if line is None:
        state = "missing" if target.state == "up_to_date" else target.state
        title, alt, caption = target.words
        return Picture(
            name, title="" if title == about.title else title, alt=alt, caption=caption, state=state,
            reason=_reason(target), section=_section(name), candidates=_marked(target),
            starts_from=target.starts_from, decision=target.decision, rejected=_former(target), waiting=target.waiting,
            place=target.place, **_judged(target))
    number = line.pick.candidate
    settled = target.state in SETTLED
    chosen = line.candidates[number - 1] if 0 < number <= len(line.candidates) else None
    pixels, replaced = about.replaced.get(name, ("", None))
    imported = line.origin == IMPORTED
    return Picture(
        target=line.target,
        path=line.path,
        sha256=line.sha256,
        pixels=line.pixels,
        size=line.size,
        title="" if line.title == about.title else line.title,
        alt=line.alt,
        caption=line.caption,
        prompt="" if imported else line.prompt,
        negative="" if imported else str(line.request.get("negative", "")),
        seed=chosen.seed if chosen and not imported else None,
        scores=_heaviest_first(chosen.scores, target) if chosen else {},
        renderer="" if imported else line.renderer,
        picked=_picked(line),
        state="up_to_date" if settled else target.state,
        reason="" if settled else _reason(target),
        section=_section(line.target),
        candidates=_marked(target),
        replaced=replaced if pixels == line.pixels else None,
        starts_from=target.starts_from,
        decision=target.decision,
        rejected=_former(target),
        waiting=target.waiting,
        origin=line.origin if imported else "",
        made_with=tuple(_made_with(line)),
        place=target.place,
        total=_total(chosen.scores, target) if chosen else None,
        **_judged(target),
        loras=() if imported else tuple(_loras(line, about)),
        pose=target.poses.get(line.pixels),
    )


def _judged(target: Target) -> dict[str, Any]:
    """What a picture is told to be worth, and what was kept of how that came about."""
    return {"low": target.low, "alike": target.alike, "look_alikes": target.look_alikes, "weakest": target.weakest,
            "review": target.review, "trace": target.trace}


def _reason(target: Target) -> str:
    """Of one that awaits a human the same in every build."""
    waiting = target.state == "awaiting" and target.candidates and target.decision not in (*STALE, "rejected")
    if not waiting:
        return target.reason
    shut = all(each.pixels in target.kept_out or each.pixels in target.rejected for each in target.candidates)
    if target.kept_out and shut:  # each with its reason
        return f"none of {count(len(target.candidates), 'candidate')} may stand"
    return f"{len(target.candidates)} candidates, none picked"


def _marked(target: Target) -> tuple[ShownCandidate, ...]:
    """The candidates, with what their scores come to and the poses found in them; those that are rejected or kept out
    marked so."""
    listed = target.candidates or (_candidates(target.line) if target.line is not None else ())
    candidates = [
        replace(each, total=_total(each.scores, target), kept_out=target.kept_out.get(each.pixels, ""),
                scores=_heaviest_first(each.scores, target), pose=target.poses.get(each.pixels))
        for each in listed]
    return tuple(
        replace(each, rejected=True, reason=target.rejected[each.pixels]) if each.pixels in target.rejected else each
        for each in candidates)


def _former(target: Target) -> tuple[ShownRejection, ...]:
    """The rejected pictures that are none of the candidates."""
    shown = {candidate.pixels for candidate in _marked(target)}
    return tuple(ShownRejection(*each) for each in target.rejected.items() if each[0] not in shown)


def _candidates(line: Line) -> tuple[ShownCandidate, ...]:
    if len(line.candidates) < 2:
        return ()
    return tuple(
        ShownCandidate(
            number, candidate.action, candidate.pixels, candidate.seed, candidate.scores,
            picked=number == line.pick.candidate)
        for number, candidate in enumerate(line.candidates, start=1))


def _total(scores: Mapping[str, float], target: Target) -> float | None:
    """By the weights in force, which the manifest does not tell."""
    return weighted_total(scores, target.ordering.weights) if target.ordering is not None else None


def _heaviest_first(scores: Mapping[str, float], target: Target) -> dict[str, float]:
    """The scores in the order of what they weigh; those that weigh nothing after, by name."""
    weights = target.ordering.weights if target.ordering is not None else {}
    return dict(sorted(scores.items(), key=lambda score: (-weights.get(score[0], 0.0), score[0])))


def _loras(line: Line, about: About) -> Iterator[str]:
    """The LoRAs of a request, by their names; those of which calotype.yaml says nothing any more, by their files'."""
    files = {each.digest: each.name for each in line.made_with}
    for digest in lora_digests(line.request):
        yield about.loras.get(digest) or files.get(digest, digest[:12])


def _made_with(line: Line) -> Iterator[str]:
    """The weights that it was rendered with, each once; LoRAs are told by themselves."""
    loras = () if line.origin == IMPORTED else lora_digests(line.request)
    yield from dict.fromkeys(each.name for each in line.made_with if each.kind != "score" and each.digest not in loras)


def _picked(line: Line) -> str:
    if len(line.candidates) < 2:
        return ""
    return f"{line.pick.candidate} of {len(line.candidates)}, {CHOSEN.get(line.pick.by, line.pick.by)}"


def _section(target: str) -> str:
    part = TargetName(target).part.partition("/")[0]
    return part if part in SECTIONS else ""
