"""Raw scores of what models give. Must not know where that comes from, nor what a raw score is worth."""

from __future__ import annotations

from collections.abc import Sequence

CLIPSCORE_WEIGHT = 2.5
YES = "yes"


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    """Of two embeddings of length 1."""
    from math import fsum

    return fsum(one * other for one, other in zip(first, second, strict=True))


def pick_score(text: Sequence[float], picture: Sequence[float], scale: float) -> float:
    """scale cos(text, picture), where `scale` is exp(logit_scale) of the model: Kirstain et al. 2023."""
    return scale * cosine(text, picture)


def clip_score(text: Sequence[float], picture: Sequence[float]) -> float:
    """2.5 max(cos(text, picture), 0): Hessel et al. 2021, equation 1."""
    return CLIPSCORE_WEIGHT * max(cosine(text, picture), 0.0)


def yes_tokens(vocabulary: Sequence[str]) -> list[int]:
    """The tokens that begin an answer "yes", in any spelling of case, whatever marks the start of a word."""
    return [number for number, token in enumerate(vocabulary) if token.lstrip("Ġ▁ ").lower() == YES]
