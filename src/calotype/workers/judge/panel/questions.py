"""Models that answer a question about a picture: how likely their answer begins with "yes"."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from calotype.workers.judge.panel.formulas import yes_tokens
from calotype.workers.judge.panel.loading import config_of, model_of, told, unfit

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

HALF = ("float16", "bfloat16")


class Answering(Protocol):
    """`module` is what has weights."""

    module: Any

    def tokens(self, question: str) -> tuple[int, int | None]:
        """How many tokens the question has, and how many are read; None: all of them."""
        ...

    def yes(self, picture: Pixels, question: str, device: Any) -> float:
        """The probability, 0 to 1, that the answer begins with "yes", over the whole vocabulary."""
        ...


class BlipAnswering:
    """BLIP for visual question answering: the question is read in sight of the picture, and the answer in sight of the
    question (Li et al. 2022). Its answers have no capitals."""

    def __init__(self, folder: Path, settings: Path, digest: str) -> None:
        import torch
        import transformers

        self.module = model_of(transformers.BlipForQuestionAnswering, folder, digest, torch.float32)
        processor: Any = getattr(transformers, "BlipImageProcessorPil", transformers.BlipImageProcessor)
        with told(settings.name):
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(settings, local_files_only=True)
            self._prepared = processor.from_pretrained(settings, local_files_only=True)
        self._yes = _yes_of(self._tokenizer, settings)
        self._limit = self.module.config.text_config.max_position_embeddings

    def tokens(self, question: str) -> tuple[int, int | None]:
        return len(self._tokenizer(question).input_ids), self._limit

    def yes(self, picture: Pixels, question: str, device: Any) -> float:
        import torch

        pixels = self._prepared(images=[picture], return_tensors="pt")["pixel_values"].to(device)
        read = self._tokenizer(question, truncation=True, max_length=self._limit, return_tensors="pt").to(device)
        seen = self.module.vision_model(pixel_values=pixels).last_hidden_state
        asked = self.module.text_encoder(
            input_ids=read.input_ids, attention_mask=read.attention_mask, encoder_hidden_states=seen,
            encoder_attention_mask=torch.ones(seen.shape[:-1], dtype=torch.long, device=device)).last_hidden_state
        start = torch.full((1, 1), self.module.decoder_start_token_id, device=device)
        answer = self.module.text_decoder(
            input_ids=start, encoder_hidden_states=asked, encoder_attention_mask=read.attention_mask)
        return _share(answer.logits[0, -1], self._yes)


class LanguageAnswering:
    """A vision-language model of transformers, decoder only (SmolVLM, Qwen2.5-VL) or with an encoder (BLIP-2 over T5).
    With a chat template the question is a user's turn beside the picture. The numbers are those it is published in."""

    def __init__(self, folder: Path, settings: Path, digest: str) -> None:
        import transformers

        config = config_of(folder)
        with told(folder.name):
            self.module = model_of(
                transformers.AutoModelForImageTextToText, folder, digest, _number_type(config))
            kind: Any = transformers.AutoProcessor
            self._processor: Any = kind.from_pretrained(settings, local_files_only=True)
        self._yes = _yes_of(self._processor.tokenizer, settings)

    def tokens(self, question: str) -> tuple[int, int | None]:
        return len(self._processor.tokenizer(question).input_ids), None

    def yes(self, picture: Pixels, question: str, device: Any) -> float:
        read = self._processor(images=[picture], text=[self._asked(question)], return_tensors="pt")
        read = read.to(device, self.module.dtype)
        answer = self.module.generate(
            **read, max_new_tokens=1, do_sample=False, num_beams=1, output_logits=True, return_dict_in_generate=True)
        return _share(answer.logits[0][0], self._yes)

    def _asked(self, question: str) -> str:
        if not getattr(self._processor, "chat_template", None):
            return question
        turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}
        return str(self._processor.apply_chat_template([turn], add_generation_prompt=True))


def answering(place: Path, settings: Path | None, digest: str) -> Answering:
    """The model at `place`, by the kind that its config.json names. Raises Problem for one that is not read."""
    if not place.is_dir():
        raise unfit(place.name, "is a file, and a folder as transformers lays it out is read here", "name the folder")
    import transformers

    config = config_of(place)
    kind, classes = str(config.get("model_type")), config.get("architectures") or []
    if kind == "blip":
        if "BlipForQuestionAnswering" not in classes:
            raise unfit(place.name, f"is a BLIP for something else ({', '.join(map(str, classes))})",
                        "take Salesforce/blip-vqa-base")
        return BlipAnswering(place, settings or place, digest)
    known = transformers.models.auto.modeling_auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
    if kind not in known:
        raise unfit(place.name, f"is a model of the kind `{kind}`, which answers no questions about pictures",
                    "take Salesforce/blip-vqa-base, or a vision-language model that transformers loads")
    return LanguageAnswering(place, settings or place, digest)


def _number_type(config: Any) -> Any:
    """What it is published in, where a CPU too computes with it."""
    import torch

    named = config.get("dtype") or config.get("torch_dtype")
    return torch.bfloat16 if named in HALF else torch.float32


def _yes_of(tokenizer: Any, settings: Path) -> list[int]:
    vocabulary = tokenizer.get_vocab()
    words = [""] * (max(vocabulary.values(), default=-1) + 1)
    for word, number in vocabulary.items():
        words[number] = word
    tokens = yes_tokens(words)
    if not tokens:
        raise unfit(settings.name, "has a tokenizer without the word `yes`", "name the folder with the model's own")
    return tokens


def _share(logits: Any, tokens: list[int]) -> float:
    return float(logits.float().softmax(-1)[tokens].sum())
