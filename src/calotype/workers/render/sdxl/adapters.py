"""The LoRAs of one base model: loaded, then activated and deactivated.

An adapter is loaded once and then only switched (5 ms). It adds to what a layer gives and never touches the layer's own
weights, so a base model with none active is, bit for bit, the one that was loaded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from calotype.workers.render.sdxl.errors import Refused

Active = tuple[tuple[str, float], ...]
"""LoRAs by digest with their weights, in the order of their digests."""
KEPT = 16
"""So many stay loaded; the one that was not used for longest goes first."""


class Adapters:
    """The LoRAs of `pipe`. `read(digest)` gives the tensors of one."""

    def __init__(self, pipe: Any, read: Callable[[str], dict[str, Any]]) -> None:
        self._pipe, self._read = pipe, read
        self._loaded: OrderedDict[str, bool] = OrderedDict()  # digest -> whether it changes text encoders
        self._active: Active = ()
        self.loads = self.switches = 0

    def activate(self, loras: Sequence[tuple[str, float]]) -> None:
        """Activates just these. Raises Refused for one that does not fit the model; then none is active."""
        if tuple(loras) == self._active:
            return
        self._deactivate()
        for digest, _ in loras:
            self._load(digest)
        if loras:
            self._pipe.enable_lora()
            self._pipe.set_adapters([_name(digest) for digest, _ in loras], [weight for _, weight in loras])
            self.switches += 1
        self._active = tuple(loras)
        self._forget_the_oldest()

    @property
    def in_texts(self) -> Active:
        """Those active that change what text encoders say."""
        return tuple((digest, weight) for digest, weight in self._active if self._loaded[digest])

    def _deactivate(self) -> None:
        if self._active:
            self._pipe.disable_lora()
            self.switches += 1
        self._active = ()

    def _load(self, digest: str) -> None:
        if digest in self._loaded:
            self._loaded.move_to_end(digest)
            return
        name = _name(digest)
        try:
            self._pipe.load_lora_weights(self._read(digest), adapter_name=name)
        except (ValueError, RuntimeError, KeyError, IndexError) as failure:
            with suppress(Exception):
                self._pipe.delete_adapters(name)
            raise Refused(f"a LoRA ({digest[:10]}) does not fit the base model: {str(failure).splitlines()[0]}",
                          "use a LoRA that was trained for SDXL") from failure
        parts = [part for part, names in self._pipe.get_list_adapters().items() if name in names]
        if not parts:
            raise Refused(f"a LoRA ({digest[:10]}) changes nothing: none of its keys is a layer of the base model",
                          "use a LoRA that was trained for SDXL")
        self.loads += 1
        self._loaded[digest] = any(part.startswith("text_encoder") for part in parts)
        self._pipe.disable_lora()

    def _forget_the_oldest(self) -> None:
        active = {digest for digest, _ in self._active}
        for digest in [digest for digest in self._loaded if digest not in active][:max(0, len(self._loaded) - KEPT)]:
            self._pipe.delete_adapters(_name(digest))
            del self._loaded[digest]


def _name(digest: str) -> str:
    """An adapter's name to peft, which wants one that could name a module."""
    return f"lora_{digest[:24]}"
