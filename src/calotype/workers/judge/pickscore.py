"""PickScore: which of two pictures of one prompt people would pick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calotype.workers.judge.model_scorer import CLIP_TOKENS, ModelScorer

if TYPE_CHECKING:
    from calotype.language.image import Image


class Pick(ModelScorer):
    """exp(logit_scale) cos(text, image), by a CLIP ViT-H/14 that was tuned on half a million human choices.

    Kirstain et al., "Pick-a-Pic: An Open Dataset of User Preferences for Text-to-Image Generation", NeurIPS 2023;
    `yuvalkirstain/PickScore_v1` with the processor of `laion/CLIP-ViT-H-14-laion2B-s32B-b79K`, as its card says. Its
    exp(logit_scale) is 100. Calibration `pick-1`, our choice since no scale is published: 15 is 0 and 25 is 100, the
    cosines 0.15 and 0.25. Of the text 77 tokens are read.
    """

    name = "pick"
    calibration = "pick-1"
    seconds = 0.05
    text_limit = CLIP_TOKENS

    def reads(self, image: Image) -> dict[str, Any]:
        return {"text": image.words().prompt}
