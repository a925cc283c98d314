"""Rounds of writing and judging: until a text is good enough, nothing is added any more, or none are left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.troubleshooting import ITERATIONS as TROUBLE
from calotype.ground.troubleshooting import see
from calotype.language.enhancing.enhancement import LONGEST
from calotype.language.enhancing.invariants import violations
from calotype.language.enhancing.review import Review
from calotype.workers.protocol import Cancel, Failure, Request, Written

ASKED_AGAIN = 2
"""Times that a writer is asked again whose answer may not be used."""
_TOLD = 3


class Agents(Protocol):
    """Who writes and who judges."""

    def write(self, request: Request, text: str, critique: Sequence[str], refused: Sequence[str]) -> str:
        """A better text. `critique` is what the last one lacked; `refused` what was wrong with the last answer."""
        ...

    def judge(self, request: Request, text: str) -> Review: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that may not be used, and why."""

    reasons: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round: the text, what was found of it, and which answers before it were refused."""

    text: str
    review: Review
    refused: tuple[Refusal, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"text": self.text, **self.review.as_json(), **_as_json(self.refused)}


@dataclass(frozen=True, slots=True)
class Enhanced:
    """The best text of all `rounds`, its score, and why rounds ended before their time, if they did; `refused` are the
    answers that were refused in a round that came to nothing."""

    text: str
    score: float
    rounds: tuple[Round, ...]
    ended: str = ""
    refused: tuple[Refusal, ...] = ()


class Refused(Exception):
    """No answer of a round could be used."""


class Unusable(Problem):
    """No text was made; `refusals` are the answers of the first round that were refused."""

    def __init__(self, why: Diagnostic, refusals: Sequence[Refusal]) -> None:
        super().__init__(why)
        self.refusals = tuple(refusals)


@dataclass(slots=True)
class _Course:
    """The rounds so far."""

    text: str
    critique: tuple[str, ...] = ()
    rounds: list[Round] = field(default_factory=list)

    @property
    def best(self) -> Round:
        """That of the highest score; of several, the first."""
        return max(self.rounds, key=lambda each: each.review.overall)


def enhanced(request: Request, agents: Agents, cancel: Cancel) -> Enhanced | None:
    """The text that `agents` make of a request; None where the run was stopped.

    A text that breaks what must survive is refused, and asked for again, twice. Raises Problem where the first round
    comes to nothing, by refusals or because an agent fails; where a later one does, the best so far stands.
    """
    course, ended, refusals = _Course(str(request["prompt"])), "", list[Refusal]()
    for _ in range(int(request["iterations"])):
        if cancel():
            return None
        refusals.clear()
        try:
            text = _accepted(request, agents, course, refusals)
            if course.rounds and text == course.text:
                break
            review = agents.judge(request, text)
        except (Refused, Problem) as failure:
            why = failure.diagnostics[0] if isinstance(failure, Problem) else _unusable(refusals)
            if not course.rounds:
                raise Unusable(why, refusals) from None
            ended = f"its next answers were refused: {_reasons(refusals)}" if isinstance(
                failure, Refused) else f"its next round came to nothing: {why.message}"
            break
        course.rounds.append(Round(text, review, tuple(refusals)))
        course.text, course.critique = text, review.critique
        refusals.clear()
        if review.overall >= float(request["threshold"]):
            break
    best = course.best
    return Enhanced(best.text, best.review.overall, tuple(course.rounds), ended, tuple(refusals))


def _accepted(request: Request, agents: Agents, course: _Course, refusals: list[Refusal]) -> str:
    """The first answer that may be used; those before it that may not are put to `refusals`. Raises Refused where none
    may."""
    for _ in range(1 + ASKED_AGAIN):
        why = refusals[-1].reasons if refusals else ()
        answer = " ".join(agents.write(request, course.text, course.critique, why).split())
        broken = violations(str(request["prompt"]), str(request["shot"]), request["keep"], answer)
        if not broken:
            return answer
        refusals.append(Refusal(tuple(broken), _printable(answer)))
    raise Refused


def _reasons(refusals: Sequence[Refusal]) -> str:
    """Those of the last answer."""
    return "; ".join(refusals[-1].reasons[:_TOLD])


def _unusable(refusals: Sequence[Refusal]) -> Diagnostic:
    return error(
        "enhancement-refused", f"no answer in {len(refusals)} could be used: {_reasons(refusals)}",
        hint=f"say it otherwise in the shot's `prompt`, or write the whole prompt as `enhanced`; {see(TROUBLE)}")


def performed(
    batch: Sequence[Request], agents_of: Callable[[Request], Agents], cancel: Cancel
) -> Iterator[Written | Failure]:
    """One outcome for each request, as far as the run is not stopped."""
    for index, request in enumerate(batch):
        try:
            result = enhanced(request, agents_of(request), cancel)
        except InterruptedError:
            return
        except Problem as problem:
            first = problem.diagnostics[0]
            refusals = problem.refusals if isinstance(problem, Unusable) else ()
            yield Failure(index, first.message, first.hint, facts=_as_json(refusals) if refusals else {})
            continue
        if result is None:
            return
        yield Written(index, result.text, result.score, outputs_of(result))


def outputs_of(result: Enhanced) -> dict[str, Any]:
    """What the trace of an enhancement holds beside its text."""
    return {"rounds": [each.as_json() for each in result.rounds], **({"ended": result.ended} if result.ended else {}),
            **(_as_json(result.refused) if result.refused else {})}


def _as_json(refusals: Sequence[Refusal]) -> dict[str, Any]:
    return {"refused": [list(each.reasons) for each in refusals], "refused_answers": [each.answer for each in refusals]}


def _printable(answer: str) -> str:
    """An answer as its trace keeps it: what can be printed, and not more than a prompt may have."""
    text = "".join(letter for letter in answer[:LONGEST] if letter.isprintable())
    return text if len(answer) <= LONGEST else f"{text} ... ({len(answer):,} characters)"


