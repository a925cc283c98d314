"""Texts to embeddings by one CLIP encoder, whose last layer is read."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from calotype.language.prompt.weighted import Fragment
from calotype.workers.render.diffusers.unet.prompts import TOKENS, Encoded, Prompts


class OneEncoder(Prompts):
    def encode(
        self, prompts: Sequence[str], negatives: Sequence[str], *, long: bool = True, clip_skip: int | None = None,
        key: Hashable = (),
    ) -> dict[str, Any]:
        both = super().encode(prompts, negatives, long=long, clip_skip=clip_skip, key=key)
        return {name: both[name] for name in ("prompt_embeds", "negative_prompt_embeds")}

    def _is_long(self, text: str) -> bool:
        return len(self._pipe.tokenizer(text, truncation=False)["input_ids"]) > TOKENS + 2

    def _read(self, text: str, clip_skip: int | None, negative: bool) -> Encoded:
        embeds, _ = self._pipe.encode_prompt(
            text, self._device, 1, False, clip_skip=None if negative else clip_skip)
        return Encoded(embeds, embeds[:, 0])

    def _weighted(self, runs: Sequence[Fragment]) -> Encoded:
        if self._compel is None:
            from compel import Compel, ReturnedEmbeddingsType

            self._compel = Compel(
                tokenizer=self._pipe.tokenizer, text_encoder=self._pipe.text_encoder, truncate_long_prompts=False,
                returned_embeddings_type=ReturnedEmbeddingsType.LAST_HIDDEN_STATES_NORMALIZED, device=self._device,
            ).conditioning_provider
        embeds = self._embedded(self._compel, runs)
        return Encoded(embeds, embeds[:, 0])
