"""What people are told of how the candidates of a target were judged: who orders, who is kept out, which look alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.judging.ordering import Ordering
from calotype.language.judging.weakest import Weakest
from calotype.plan.judging.alike import Groups, most, named
from calotype.plan.planned import Planned

_HELPS: Mapping[str, str] = {
    "pick": "say what is to be seen first in the prompt, and ask for more candidates",
    "clip": "name in the prompt what the picture shows, in few words, and ask for more candidates",
    "vqa": "say one thing in the prompt at a time: what it asks for may not be in the picture",
    "aesthetic": "more steps, another style or another base model",
    "technical": "ask for a whole figure, more steps, or the size that the model was trained for",
    "pose": "a ControlNet of the pose, or a greater strength of it",
    "text": "`text, labels, watermark, signature` in the negative prompt",
}
"""What usually helps where a scorer gives little."""


@dataclass(frozen=True, slots=True)
class Findings:
    """`ordering` says who orders; `kept_out` by pixel digest why a picture must not stand; `alike` are the numbers of
    candidates that are nearly the same; `low` says of the one that stands that it scores below the threshold, `weakest`
    which of its scores costs it the most, where none stands of the one with the highest score; `look_alikes` that there
    is little to choose from, and what helps."""

    ordering: Ordering
    kept_out: Mapping[str, str]
    alike: Groups
    low: str
    weakest: Weakest | None = None
    look_alikes: tuple[str, str] = ("", "")


def findings_of(planned: Planned) -> Findings | None:
    """None where there is nothing to tell: nothing was judged, or one picture, and it may stand."""
    judgement, low = planned.judgement, planned.low_score
    pictures = list(planned.pictures())
    if not (judgement.scores or judgement.likenesses):
        return None
    if len(pictures) < 2 and low is None and not judgement.kept_out:
        return None
    return Findings(
        judgement.panel.ordering, judgement.kept_out, planned.alike, "" if low is None else str(low),
        weakest_score(planned), look_alikes(planned))


def weakest_score(planned: Planned) -> Weakest | None:
    """The score that costs the picture that stands the most; while none stands, of the one with the highest score. The
    picture that a person chose is held against no threshold."""
    judgement, choice, pictures = planned.judgement, planned.verdict.choice, list(planned.pictures())
    if choice is None:
        eligible = [(judgement.totals[pixels], -number, pixels) for number, pixels in pictures
                    if pixels in judgement.totals and pixels not in judgement.kept_out]
        _, number, pixels = max(eligible, default=(0.0, 0, ""))
        number = -number
    else:
        number, pixels = choice.index + 1, planned.pixels or ""
    weakest = judgement.weakest(pixels)
    if weakest is None:
        return None
    if choice is not None and choice.by == "human":
        weakest = replace(weakest, threshold=None)
    return replace(weakest, candidate=number if len(pictures) > 1 else None,
                   helps=help_with(weakest.scorer) if weakest.is_low else "")


def help_with(scorer: str) -> str:
    """What usually raises what `scorer` gives."""
    return _HELPS.get(scorer, "ask for more candidates")


def look_alikes(planned: Planned) -> tuple[str, str]:
    """That more than half of several candidates are nearly the same, so that there is little to choose from, and what
    sets them apart. Nothing of a renderer that draws what it is asked to, nor where a person has chosen."""
    pictures = sum(1 for _ in planned.pictures())
    group = most(planned.alike, pictures) if pictures > 1 and not planned.judgement.panel.exact else ()
    if not group or planned.decision in ("picked", "approved"):
        return "", ""
    which = f"all {pictures} candidates" if len(group) == pictures else f"{named(group)} of {pictures}"
    if planned.image.reference is not None:
        return f"{which} are nearly the same", "a higher `strength` lets them leave the picture that they start from"
    return (f"{which} are nearly the same",
            "a lower `guidance_scale`, or fewer words that fix the pose, let seeds differ")


def in_words(planned: Planned) -> Iterator[str]:
    """The findings, a sentence each."""
    findings = findings_of(planned)
    if findings is None:
        return
    yield findings.ordering.sentence
    chosen = planned.verdict.choice
    pixels = planned.pixels
    total = planned.judgement.totals.get(pixels) if pixels is not None else None
    if chosen is not None and chosen.by == "score" and total is not None:
        yield f"candidate {chosen.index + 1} stands, with {total:.1f} of 100"
    if findings.low:
        yield findings.low
    if findings.weakest is not None:
        yield from weakness_in_words(findings.weakest)
    for number, picture in planned.pictures():
        if picture in findings.kept_out:
            yield f"candidate {number} is kept out: {findings.kept_out[picture]}"
    yield from (f"{named(group)} are nearly the same" for group in findings.alike)
    if findings.look_alikes[1]:
        yield f"to tell candidates apart: {findings.look_alikes[1]}"


def weakness_in_words(weakest: Weakest) -> Iterator[str]:
    """Which score costs a picture the most, and what helps."""
    yield weakest.sentence
    if weakest.helps:
        yield f"what helps: {weakest.helps}"
