"""The LoRAs of one base model: loaded, then activated and deactivated.

An adapter is loaded once and then only switched (5 ms). It adds to what a layer gives and never touches the layer's own
weights, so a base model with none active is, bit for bit, the one that was loaded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.workers.render.diffusers.errors import Refused
from calotype.workers.render.diffusers.lora.lora_layers import DENOISERS, PARTS, Layers, LoraLayers, trained_for

Active = tuple[tuple[str, float], ...]
"""LoRAs by digest with their weights, in the order of their digests."""
KEPT = 16
"""So many stay loaded; the one that was not used for longest goes first."""


@dataclass(frozen=True)
class Adapter:
    """One that is loaded: whether it changes text encoders, and how many tensors of its file act."""

    in_texts: bool
    matched: int


class Adapters:
    """The LoRAs of `pipe`, a model of `family`. `read(digest)` gives the layers of one."""

    def __init__(self, pipe: Any, family: str, read: Callable[[str], LoraLayers]) -> None:
        self._pipe, self._family, self._read = pipe, family, read
        self._loaded: OrderedDict[str, Adapter] = OrderedDict()
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
        return tuple((digest, weight) for digest, weight in self._active if self._loaded[digest].in_texts)

    @property
    def matched(self) -> dict[str, int]:
        """Of those active, how many tensors of each file act; one with a tensor that does not was refused."""
        return {digest: self._loaded[digest].matched for digest, _ in self._active}

    def _deactivate(self) -> None:
        if self._active:
            self._pipe.disable_lora()
            self.switches += 1
        self._active = ()

    def _load(self, digest: str) -> None:
        if digest in self._loaded:
            self._loaded.move_to_end(digest)
            return
        name, lora = _name(digest), self._read(digest)
        try:
            self._inject(name, lora.parts)
        except (ValueError, RuntimeError, KeyError, IndexError, TypeError) as failure:
            with suppress(Exception):
                self._pipe.delete_adapters(name)
            raise Refused(f"the LoRA `{lora.name}` does not fit the base model: {str(failure).splitlines()[0]}",
                          trained_for(self._family)) from failure
        self.loads += 1
        self._loaded[digest] = Adapter(any(part not in DENOISERS for part in lora.parts), lora.count)
        self._pipe.disable_lora()

    def _inject(self, name: str, layers: Mapping[str, Layers]) -> None:
        for part in PARTS:
            if part not in layers:
                continue
            tensors, settings = (
                {f"{part}.{key}": value for key, value in values.items()}
                for values in (layers[part].tensors, layers[part].settings))
            common = {"adapter_name": name, "metadata": settings, "_pipeline": self._pipe, "low_cpu_mem_usage": True}
            if part == "unet":
                self._pipe.load_lora_into_unet(tensors, None, self._pipe.unet, **common)
            elif part == "transformer":
                self._pipe.load_lora_into_transformer(tensors, self._pipe.transformer, **common)
            else:
                self._pipe.load_lora_into_text_encoder(tensors, None, getattr(self._pipe, part), prefix=part, **common)

    def _forget_the_oldest(self) -> None:
        active = {digest for digest, _ in self._active}
        for digest in [digest for digest in self._loaded if digest not in active][:max(0, len(self._loaded) - KEPT)]:
            self._pipe.delete_adapters(_name(digest))
            del self._loaded[digest]


def _name(digest: str) -> str:
    """An adapter's name to peft, which wants one that could name a module."""
    return f"lora_{digest[:24]}"
