"""CLIPScore: how well a picture goes with its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calotype.workers.judge.model_scorer import CLIP_TOKENS, ModelScorer

if TYPE_CHECKING:
    from calotype.language.image import Image

PREFIX = "A photo depicts "


class Clip(ModelScorer):
    """2.5 max(cos(text, image), 0) by CLIP ViT-B/32, the text after "A photo depicts ".

    Hessel et al., "CLIPScore: A Reference-free Evaluation Metric for Image Captioning", EMNLP 2021: the weight 2.5
    stretches what is seen in practice to 0-1, so calibration `clip-1` is 100 times that. The weights are those of
    `open_clip` (one `file`, with its open_clip_config.json) or a CLIP as transformers lays it out. Of the text 77
    tokens are read, the prefix among them.
    """

    name = "clip"
    calibration = "clip-1"
    seconds = 0.02
    text_limit = CLIP_TOKENS
    packages = {**ModelScorer.packages, "open_clip": "open_clip_torch"}

    def reads(self, image: Image) -> dict[str, Any]:
        return {"text": PREFIX + image.words().prompt}
