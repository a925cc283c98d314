"""Texts to what the transformers of flow matching read, each once a build."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

KEPT = 64
"""Texts that are kept: some 3 MB each at full size and 16 bit."""


class FlowTexts:
    """The texts of one pipeline. LoRAs of these families change no text encoder."""

    def __init__(self, encode: Callable[[str, Sequence[Any]], Mapping[str, Any]]) -> None:
        """`encode` is what `FlowFamily.encoded` makes of a text and pictures."""
        self._encode = encode
        self._texts: OrderedDict[Hashable, Mapping[str, Any]] = OrderedDict()

    def encoded(self, text: str, names: tuple[str, ...] = (), pictures: Sequence[Any] = ()) -> Mapping[str, Any]:
        """What the text encoder makes of `text`, told along with `pictures`, which are called `names`."""
        key = text, names
        if key in self._texts:
            self._texts.move_to_end(key)
        else:
            import torch

            with torch.no_grad():
                self._texts[key] = self._encode(text, pictures)
            if len(self._texts) > KEPT:
                self._texts.popitem(last=False)
        return self._texts[key]
