"""The aesthetic score of LAION: how much people like the look of a picture, whatever it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calotype.language.weights import Model
from calotype.workers.judge.model_scorer import ModelScorer, misnamed

if TYPE_CHECKING:
    from calotype.language.image import Image


class Aesthetic(ModelScorer):
    """1 to 10, by linear layers (768-1024-128-64-16-1) on the embedding of length 1 that CLIP ViT-L/14 gives.

    Schuhmann, "improved-aesthetic-predictor" (2022), version 2, trained on SAC, Logos and AVA; it is published as a
    pickle, which docs/judging.md says how to convert. Calibration `aesthetic-1`: 1 is 0 and 10 is 100.
    """

    name = "aesthetic"
    calibration = "aesthetic-1"
    seconds = 0.03
    keys = ModelScorer.keys | {"head"}

    def weights(self, image: Image, model: Mapping[str, Any]) -> dict[str, str]:
        digests = super().weights(image, model)
        if "head" not in model:
            raise misnamed(self.name, "has no `head`", "name its linear layers: docs/judging.md says where they are")
        return {**digests, "head": image.weights(Model(model["head"]))}
