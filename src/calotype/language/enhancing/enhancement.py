"""What decides the enhanced prompt of an image, as its spec and calotype.yaml say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass

ITERATIONS, THRESHOLD = 4, 85.0
EMBEDDED, ENDPOINT = "embedded", "endpoint"
"""Who writes: the lexicon that comes with Calotype, or a language model behind an endpoint."""
LONGEST = 4000
"""Characters of an enhanced prompt."""


@dataclass(frozen=True, slots=True)
class Enhancement:
    """`enhancer` is who writes, `model` that of an endpoint. At most `iterations` rounds; a text whose score reaches
    `threshold`, 0-100, ends them. `shot` are the image's own words, `scene` those that tell where it is;
    `keep` are phrases that stand in every text as they are: markers, characters, trigger words."""

    enhancer: str
    model: str
    iterations: int
    threshold: float
    shot: str
    scene: str
    keep: tuple[str, ...]

    def request(self, prompt: str, epoch: int) -> dict[str, Any]:
        """All that decides the text that is made of `prompt`, which is what the image's style wrote."""
        request = {
            "enhancer": self.enhancer, "epoch": epoch, "prompt": prompt, "shot": self.shot, "scene": self.scene,
            "keep": list(self.keep), "iterations": self.iterations, "threshold": self.threshold,
        }
        return {**request, "model": self.model} if self.model else request


def enhancement_of(
    settings: Mapping[str, Any], written: Mapping[str, Any], shot: str, scene: str, keep: tuple[str, ...]
) -> Enhancement:
    """`settings` is the section of calotype.yaml, `written` what the spec says under `enhance`."""
    endpoint = "endpoint" in settings
    return Enhancement(
        ENDPOINT if endpoint else EMBEDDED, str(settings.get("model", "")) if endpoint else "",
        int(written.get("iterations", ITERATIONS)), float(written.get("threshold", THRESHOLD)), shot, scene,
        tuple(phrase for phrase in dict.fromkeys(keep) if phrase))
