"""The answers of an enhancer that were refused, as files of a trace: which round asked, what was answered, why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.light_dataclass import asdict, dataclass


@dataclass(frozen=True, slots=True)
class RefusedAnswer:
    """The answer `number`, from 1, of those that were refused in a round (`iteration`, from 1). `answer` is empty where
    the record, of an earlier Calotype, holds the reasons alone."""

    iteration: int
    number: int
    reasons: tuple[str, ...]
    answer: str

    @property
    def file(self) -> str:
        """Its name in a trace: beside the text of its round."""
        return f"{2 * self.iteration - 1:02d}_agent1_iteration_{self.iteration}_refused_{self.number}.txt"

    @property
    def text(self) -> str:
        reasons = [f"refused: {reason}" for reason in self.reasons]
        return "\n".join([*reasons, "", self.answer] if self.answer else reasons)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def refusals_in(outputs: Mapping[str, Any]) -> Iterator[RefusedAnswer]:
    """Those of an enhancement that made a text, round by round; last those of a round that came to nothing."""
    rounds = outputs.get("rounds", [])
    for iteration, each in enumerate(rounds, 1):
        yield from refusals_of(each, iteration)
    yield from refusals_of(outputs, len(rounds) + 1)


def refusals_of(record: Mapping[str, Any], iteration: int) -> Iterator[RefusedAnswer]:
    """Those in the `record` of one round."""
    refused = record.get("refused", [])
    answers = record.get("refused_answers", [""] * len(refused))
    for number, (reasons, answer) in enumerate(zip(refused, answers, strict=False), 1):
        yield RefusedAnswer(iteration, number, tuple(map(str, reasons)), str(answer))
