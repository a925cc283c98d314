"""What people are told of how the candidates of a target were judged: who orders, who is kept out, which look alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calotype.ground.light_dataclass import dataclass
from calotype.language.judging.ordering import Ordering
from calotype.plan.judging.alike import Groups, named
from calotype.plan.planned import Planned


@dataclass(frozen=True, slots=True)
class Findings:
    """`ordering` says who orders; `kept_out` by pixel digest why a picture must not stand; `alike` are the numbers of
    candidates that are nearly the same; `low` says of the one that stands that it scores below the threshold."""

    ordering: Ordering
    kept_out: Mapping[str, str]
    alike: Groups
    low: str


def findings_of(planned: Planned) -> Findings | None:
    """None where there is nothing to tell: nothing was judged, or one picture, and it may stand."""
    judgement, low = planned.judgement, planned.low_score
    pictures = list(planned.pictures())
    if not (judgement.scores or judgement.likenesses):
        return None
    if len(pictures) < 2 and low is None and not judgement.kept_out:
        return None
    return Findings(judgement.panel.ordering, judgement.kept_out, planned.alike, "" if low is None else str(low))


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
    for number, picture in planned.pictures():
        if picture in findings.kept_out:
            yield f"candidate {number} is kept out: {findings.kept_out[picture]}"
    yield from (f"{named(group)} are nearly the same" for group in findings.alike)
