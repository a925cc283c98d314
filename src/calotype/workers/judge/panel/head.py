"""The linear layers of LAION's aesthetic score, version 2, from safetensors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from calotype.workers.judge.panel.loading import tensors_of, unfit

WIDTHS = (768, 1024, 128, 64, 16, 1)
PLACES = (0, 2, 4, 6, 7)
"""Of the linear layers in the published stack; dropout stands between them, and no activation."""
_HINT = "convert the published file as docs/judging.md says"


class AestheticHead:
    """The score, about 1 to 10, of an embedding of length 1 that CLIP ViT-L/14 gives. It computes on the CPU."""

    def __init__(self, file: Path) -> None:
        state = tensors_of(file)
        names = {f"layers.{place}.{kind}" for place in PLACES for kind in ("weight", "bias")}
        if names != state.keys():
            odd = sorted(names ^ state.keys())[0]
            raise unfit(file.name, f"is no head of the aesthetic score: `{odd}` is in one of the two alone", _HINT)
        self._name = file.name
        self._layers: list[tuple[Any, Any]] = []
        for place, width, last in zip(PLACES, WIDTHS[1:], WIDTHS, strict=False):
            weight, bias = state[f"layers.{place}.weight"].float(), state[f"layers.{place}.bias"].float()
            if tuple(bias.shape) != (width,) or weight.shape[0] != width or (place and weight.shape[1] != last):
                raise unfit(file.name, f"has a layer {place} of {tuple(weight.shape)}, not ({width}, {last})", _HINT)
            self._layers.append((weight, bias))

    def score(self, embedding: Sequence[float]) -> float:
        """Raises Problem for an embedding of another width."""
        import torch

        width = self._layers[0][0].shape[1]
        if width != len(embedding):
            raise unfit(self._name, f"reads embeddings of {width} numbers, and the model gives {len(embedding)}",
                        "name the CLIP that it was trained with: openai/clip-vit-large-patch14")
        values = torch.tensor(embedding, dtype=torch.float32)
        for weight, bias in self._layers:
            values = weight @ values + bias
        return float(values[0])
