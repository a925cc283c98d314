"""What the panel has loaded, and where it lies: on the device, or on the CPU where that is short of memory.

A model that does not fit takes the place of those that the batch does not need, then of what other workers hold and do
not use; where that is not enough it computes on the CPU.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.light_dataclass import dataclass, field
from calotype.workers.accelerator import HOLDERS, choose, free_bytes, free_memory, is_out_of_memory
from calotype.workers.judge.panel.encoders import Embedding, encoder
from calotype.workers.judge.panel.head import AestheticHead
from calotype.workers.judge.panel.loading import quiet
from calotype.workers.judge.panel.questions import answering

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

    from calotype.workers.judge.panel.panel_settings import Settings

WORK = 2_000_000_000
"""Bytes that a call takes beside the weights, generously: a ViT-H/14 takes 0.2 GB a picture, a small VLM some 1 GB."""
KEPT = 512
"""Embeddings of each kind that a model keeps: some 4 kB each."""

RAN_SHORT = "memory of the device ran short: a scorer computes on the CPU"

Key = tuple[str, ...]
"""What a model is loaded for (`clip`, `vqa`), and the digests of its weights and settings."""


@dataclass(slots=True)
class Room:
    """The memory of a device. `free` says how many bytes more it has; `ask` has other workers let go of theirs, and
    says whether any did."""

    device: Any
    free: Callable[[], float]
    ask: Callable[[], bool]

    @classmethod
    def of(cls, name: str) -> Room:
        """That of the device called `name`. Raises Problem where this machine has none such."""
        device = choose(name)
        if device is None:
            hint = "say `device: auto`, or run where there is one"
            raise Problem(error("no-device", f"this machine has no device `{name}`", hint=hint))
        return cls(device, lambda: free_bytes(device), HOLDERS.make_room)


@dataclass(slots=True)
class Loaded:
    """A model: `part` is an Encoder or an Answering of `size` bytes, which lies on `device`. `pictures` and `texts` are
    the embeddings that were made last: what they are of decides them."""

    part: Any
    size: int
    device: Any
    pictures: OrderedDict[str, Embedding] = field(default_factory=OrderedDict)
    texts: OrderedDict[str, Embedding] = field(default_factory=OrderedDict)


class PanelModels:
    """`counts` says how often anything was loaded, moved, decoded, embedded or asked."""

    def __init__(self, settings: Settings, room: Room) -> None:
        import torch

        self.settings, self.room = settings, room
        self.counts: Counter[str] = Counter()
        self._cpu = torch.device("cpu")
        self._loaded: dict[Key, Loaded] = {}
        self._heads: dict[str, AestheticHead] = {}
        self._refused: dict[Key, Problem] = {}
        self._short: set[Key] = set()
        self._noted: set[str] = set()
        self._needed: set[Key] = set()
        self._latest: tuple[str, Pixels] | None = None

    def begin(self, needed: Collection[Key]) -> None:
        """A batch begins that needs these models: whether the device has room for them is seen anew."""
        self._short.clear()
        self._needed = set(needed)

    def done(self, key: Key) -> None:
        """The batch needs this model no more."""
        self._needed.discard(key)

    def decoded(self, pixels: str, decode: Callable[[], Pixels]) -> Pixels:
        """The picture of that digest. The last one of a batch may be the first of the next."""
        if self._latest is None or self._latest[0] != pixels:
            self.counts["decodes"] += 1
            self._latest = pixels, decode()
        return self._latest[1]

    def model(self, kind: str, model: Mapping[str, str], inputs: Mapping[str, Path]) -> Loaded:
        """The model that a request names, where it computes best. Raises Problem where it cannot be loaded; that is
        remembered, since other bytes have another digest."""
        key = key_of(kind, model)
        if key in self._refused:
            raise Problem(self._refused[key].diagnostics)
        if key not in self._loaded:
            try:
                self._loaded[key] = self._load(kind, model, inputs)
            except Problem as problem:
                self._refused[key] = problem
                raise
        self._place(key, self._loaded[key])
        return self._loaded[key]

    def head(self, digest: str, inputs: Mapping[str, Path]) -> AestheticHead:
        if digest not in self._heads:
            with quiet():
                self._heads[digest] = AestheticHead(_place_of(digest, inputs))
        return self._heads[digest]

    def note(self, message: str) -> None:
        """Tells people something, once."""
        if message not in self._noted:
            self._noted.add(message)
            self.settings.tell("note", message=message)

    def to_cpu(self, loaded: Loaded) -> bool:
        """The model computes on the CPU until the next batch. False: it does so already."""
        if loaded.device == self._cpu:
            return False
        self._short |= {key for key, each in self._loaded.items() if each is loaded}
        self._move(loaded, self._cpu)
        self.note(RAN_SHORT)
        return True

    def leave_device(self) -> bool:
        """Every model to the CPU. Whether that freed memory of the device."""
        there = [loaded for loaded in self._loaded.values() if loaded.device != self._cpu]
        for loaded in there:
            self._move(loaded, self._cpu)
        return bool(there)

    def forget(self) -> None:
        """Lets go of everything; `counts` stay."""
        self._loaded.clear()
        self._heads.clear()
        self._refused.clear()
        self._latest = None
        free_memory(self.room.device)

    def _load(self, kind: str, model: Mapping[str, str], inputs: Mapping[str, Path]) -> Loaded:
        place = _place_of(model["weights"], inputs)
        settings = _place_of(model["settings"], inputs) if "settings" in model else None
        self.settings.tell("model.loading", name=place.name, bytes=_bytes_of(place))
        started = time.perf_counter()
        with quiet():
            part: Any = (answering if kind == "vqa" else encoder)(place, settings, model["weights"])
        self.counts["loads"] += 1
        self.settings.tell("model.loaded", name=place.name, seconds=round(time.perf_counter() - started, 3))
        weights = [*part.module.parameters(), *part.module.buffers()]
        return Loaded(part, sum(value.numel() * value.element_size() for value in weights), self._cpu)

    def _place(self, key: Key, loaded: Loaded) -> None:
        """Moves the model to the device, if that has room for it."""
        if loaded.device == self.room.device or key in self._short:
            return
        if not self._makes_room(loaded.size + WORK):
            self._short.add(key)
            self.settings.tell("note", message="the device has no room for a scorer: it computes on the CPU")
        elif not self._fits(loaded):
            self._short.add(key)
            self._move(loaded, self._cpu)  # some of its tensors may be on the device
            self.note(RAN_SHORT)

    def _fits(self, loaded: Loaded) -> bool:
        """Moves the model to the device. Not every device counts its memory, and others take of it meanwhile: False
        where that ran out."""
        try:
            self._move(loaded, self.room.device)
        except (RuntimeError, MemoryError) as failure:
            if not is_out_of_memory(failure):
                raise
            return False
        return True

    def _makes_room(self, size: int) -> bool:
        if self.room.free() >= size:
            return True
        for key, loaded in self._loaded.items():
            if key not in self._needed and loaded.device != self._cpu:
                self._move(loaded, self._cpu)
        if self.room.free() >= size:
            return True
        return self.room.ask() and self.room.free() >= size

    def _move(self, loaded: Loaded, device: Any) -> None:
        loaded.part.module.to(device)
        loaded.device = device
        self.counts["moves"] += 1
        if device == self._cpu:
            free_memory(self.room.device)


def key_of(kind: str, model: Mapping[str, str]) -> Key:
    return kind, model["weights"], model.get("settings", "")


def remember(known: OrderedDict[str, Embedding], name: str, embedding: Embedding) -> None:
    known[name] = embedding
    while len(known) > KEPT:
        known.popitem(last=False)


def _place_of(digest: str, inputs: Mapping[str, Path]) -> Path:
    if digest not in inputs:
        message = f"the weights {digest[:10]} of a scorer are not on this machine"
        raise Problem(error("weights-missing", message, hint="`calotype models list` tells which are missing"))
    return inputs[digest]


def _bytes_of(place: Path) -> int:
    if place.is_file():
        return place.stat().st_size
    return sum(file.stat().st_size for file in place.rglob("*.safetensors"))
