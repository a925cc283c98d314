"""VQAScore: whether a model that answers questions about pictures sees in one what its words say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calotype.workers.judge.model_scorer import ModelScorer

if TYPE_CHECKING:
    from calotype.language.image import Image

QUESTION = 'Does this figure show "{}"? Please answer yes or no.'


class Vqa(ModelScorer):
    """P("yes"), the probability that the first token of the answer to QUESTION is a "yes", in any spelling of case.

    Lin et al., "Evaluating Text-to-Visual Generation with Image-to-Text Generation", ECCV 2024, with a model that
    transformers loads: BLIP for visual question answering (`Salesforce/blip-vqa-base`), BLIP-2 and InstructBLIP over T5
    or OPT, or a vision-language model such as SmolVLM or Qwen2.5-VL. Calibration `vqa-1` is 100 times P.
    """

    name = "vqa"
    calibration = "vqa-1"
    seconds = 0.1

    def reads(self, image: Image) -> dict[str, Any]:
        return {"text": QUESTION.format(image.words().prompt)}
