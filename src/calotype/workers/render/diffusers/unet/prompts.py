"""Texts to embeddings, each once a build.

A plain text of at most 75 tokens is encoded as the pipeline itself would. What is longer, or weighted
(`language/prompt/weighted`), goes through compel, in chunks of at most 75 tokens that end with a sentence or a phrase.
Weights are read here and not by compel, whose own grammar takes hyphens, `++` and parentheses of prose for marks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.prompt.weighted import Fragment, fragments, plain
from calotype.workers.render.diffusers.errors import Refused

TOKENS = 75
KEPT = 128
"""Texts whose embeddings are kept: 0.4 MB each at full size and 16 bit."""


@dataclass(frozen=True)
class Encoded:
    """One text: `embeds` (1, tokens, width) and `pooled` (1, width)."""

    embeds: Any
    pooled: Any


class Prompts:
    """The texts of one pipeline (a base model, or a refiner, which has the second encoder alone)."""

    def __init__(self, pipe: Any, device: Any) -> None:
        self._pipe, self._device = pipe, device
        self._texts: OrderedDict[Hashable, Encoded] = OrderedDict()
        self._compel: Any = None

    def encode(
        self, prompts: Sequence[str], negatives: Sequence[str], *, long: bool = True, clip_skip: int | None = None,
        key: Hashable = (),
    ) -> dict[str, Any]:
        """The pipeline's four arguments for a batch. `long`: read beyond 75 tokens, and weights; `key` tells apart
        states of the encoders (their active LoRAs). Raises Refused for a long or weighted text with `clip_skip`."""
        positive = [self._encoded(text, long, clip_skip, key, negative=False) for text in prompts]
        negative = [self._encoded(text, long, clip_skip, key, negative=True) for text in negatives]
        length = max(text.embeds.shape[1] for text in (*positive, *negative))
        return {
            "prompt_embeds": self._stack(positive, length, key),
            "negative_prompt_embeds": self._stack(negative, length, key),
            "pooled_prompt_embeds": _joined([text.pooled for text in positive]),
            "negative_pooled_prompt_embeds": _joined([text.pooled for text in negative]),
        }

    def tokens(self, prompt: str, negative: str, *, long: bool, clip_skip: int | None, key: Hashable) -> int:
        """How many tokens an image's embeddings have. In a batch shorter ones would be filled up."""
        pair = self._encoded(prompt, long, clip_skip, key, False), self._encoded(negative, long, clip_skip, key, True)
        return max(int(text.embeds.shape[1]) for text in pair)

    def _encoded(self, text: str, long: bool, clip_skip: int | None, key: Hashable, negative: bool) -> Encoded:
        name = (text, long, clip_skip, key, negative)
        if name in self._texts:
            self._texts.move_to_end(name)
        else:
            import torch

            with torch.no_grad():
                self._texts[name] = self._encode(text, long, clip_skip, negative)
            if len(self._texts) > KEPT:
                self._texts.popitem(last=False)
        return self._texts[name]

    def _encode(self, text: str, long: bool, clip_skip: int | None, negative: bool) -> Encoded:
        if not long:
            return self._plain(text, clip_skip, negative)
        runs = fragments(text)
        words = plain(runs)
        if all(run.weight == 1.0 for run in runs) and not self._is_long(words):
            return self._plain(words, clip_skip, negative)
        if clip_skip:
            raise Refused("`clip_skip` works only with plain prompts of at most 75 tokens",
                          "shorten the prompt, take the weights out of it, or leave `clip_skip` out")
        return self._weighted(runs)

    def _encoders(self) -> list[Any]:
        encoders = (getattr(self._pipe, name, None) for name in ("text_encoder", "text_encoder_2"))
        return [encoder for encoder in encoders if encoder is not None]

    def _is_long(self, text: str) -> bool:
        return len(self._pipe.tokenizer_2(text, truncation=False)["input_ids"]) > TOKENS + 2

    def _plain(self, text: str, clip_skip: int | None, negative: bool) -> Encoded:
        """As the pipeline does it: a negative prompt skips no layers; an empty one is zeros for a model trained so."""
        most = min(encoder.config.num_hidden_layers for encoder in self._encoders()) - 1
        if clip_skip and clip_skip > most:
            raise Refused(f"`clip_skip: {clip_skip}` leaves no layer of the text encoder: {most} at most", "lower it")
        return self._read(text, clip_skip, negative)

    def _read(self, text: str, clip_skip: int | None, negative: bool) -> Encoded:
        embeds, _, pooled, _ = self._pipe.encode_prompt(
            text, device=self._device, do_classifier_free_guidance=False, clip_skip=None if negative else clip_skip)
        if negative and not text and self._pipe.config.force_zeros_for_empty_prompt:
            import torch

            return Encoded(torch.zeros_like(embeds), torch.zeros_like(pooled))
        return Encoded(embeds, pooled)

    def _weighted(self, runs: Sequence[Fragment]) -> Encoded:
        if self._compel is None:
            self._compel = _compel(self._pipe, self._device)
        first, second = self._compel
        right, pooled = self._embedded(second, runs), second.get_pooled_embeddings([plain(runs)], device=self._device)
        if first is None:
            return Encoded(right, pooled)
        import torch

        left = self._embedded(first, runs)
        length, nothing = max(left.shape[1], right.shape[1]), [Fragment("", 1.0)]
        left, right = (_padded(embeds, length, self._embedded(encoder, nothing)) for embeds, encoder in (
            (left, first), (right, second)))
        return Encoded(torch.cat([left, right], dim=-1), pooled)

    def _embedded(self, encoder: Any, runs: Sequence[Fragment]) -> Any:
        return encoder.get_embeddings_for_weighted_prompt_fragments(
            text_batch=[[run.text for run in runs]], fragment_weights_batch=[[run.weight for run in runs]],
            device=self._device)

    def _stack(self, texts: Sequence[Encoded], length: int, key: Hashable) -> Any:
        """Shorter ones are filled up with what the encoders say of no text."""
        empty = self._encoded("", False, None, key, negative=False).embeds if any(
            text.embeds.shape[1] < length for text in texts) else None
        return _joined([_padded(text.embeds, length, empty) for text in texts])


def _padded(embeds: Any, length: int, empty: Any) -> Any:
    import torch

    missing = length - embeds.shape[1]
    if missing <= 0:
        return embeds
    chunks = -(-missing // empty.shape[1])
    return torch.cat([embeds, *[empty] * chunks], dim=1)[:, :length]


def _joined(tensors: Sequence[Any]) -> Any:
    import torch

    return torch.cat(list(tensors), dim=0)


def _compel(pipe: Any, device: Any) -> tuple[Any, Any]:
    """What embeds for the first encoder (None where there is none) and for the second, which gives the pooled one."""
    from compel import Compel, ReturnedEmbeddingsType

    kind = ReturnedEmbeddingsType.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED
    common = {"returned_embeddings_type": kind, "truncate_long_prompts": False, "device": device}
    first = getattr(pipe, "text_encoder", None)
    second = Compel(tokenizer=pipe.tokenizer_2, text_encoder=pipe.text_encoder_2, **common).conditioning_provider
    if first is None:
        return None, second
    return Compel(tokenizer=pipe.tokenizer, text_encoder=first, **common).conditioning_provider, second
