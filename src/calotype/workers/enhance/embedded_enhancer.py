"""The enhancer that comes with Calotype: both agents by lexicon and rules. The same text anywhere, in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from calotype.workers.protocol import Cancel, Estimate, Failure, Inputs, Lane, Request, Written

if TYPE_CHECKING:
    from calotype.language.enhancing.enhancement import Enhancement
    from calotype.language.enhancing.review import Review


class _Agents:
    def write(self, request: Request, text: str, critique: Sequence[str], refused: Sequence[str]) -> str:
        from calotype.workers.enhance import cinematographer

        return cinematographer.write(request, text, critique)

    def judge(self, request: Request, text: str) -> Review:
        from calotype.workers.enhance import prompt_engineer

        return prompt_engineer.judge(request, text)


class Embedded:
    """Epoch 3: the light is that of the scene, or of the time and weather that a shot says outright; no other word of a
    shot decides it."""

    name = "embedded"
    epoch = 3
    lane: Lane = "cpu"

    def request(self, enhancement: Enhancement, prompt: str) -> Request:
        return enhancement.request(prompt, self.epoch)

    def affinity(self, request: Request) -> tuple[str, ...]:
        return ()

    def estimate(self, request: Request) -> Estimate:
        return Estimate(0.003)

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Written | Failure]:
        from calotype.workers.enhance.rounds import performed

        yield from performed(batch, lambda request: _Agents(), cancel)
