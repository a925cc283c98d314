"""What is loaded, kept warm and switched as seldom as can be.

One base model at a time, its parts shared by every pipeline; ControlNets, the refiner and LoRAs stay beside it until
memory is short. `counts` says how often anything was loaded or switched.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import sha256_file
from calotype.ground.light_dataclass import dataclass
from calotype.models.weight_files import variant_read
from calotype.workers.accelerator import HOLDERS, choose, free_bytes, free_memory
from calotype.workers.render.diffusers import loader
from calotype.workers.render.diffusers.errors import Refused
from calotype.workers.render.diffusers.families import of_request
from calotype.workers.render.diffusers.families.family import Family
from calotype.workers.render.diffusers.lora import lora_file
from calotype.workers.render.diffusers.lora.adapters import Adapters
from calotype.workers.render.diffusers.lora.lora_file import LoraFile, layers_of
from calotype.workers.render.diffusers.lora.lora_layers import LoraLayers
from calotype.workers.render.diffusers.renderer_settings import Settings
from calotype.workers.render.diffusers.unet.faces import Faces
from calotype.workers.render.diffusers.unet.prompts import Prompts

MOST, MOST_ON_CPU = 8, 4
"""Images in one call, at most: larger batches gain little and cost memory."""
NETS_KEPT = 4
"""ControlNets of one base that stay loaded: 2.5 GB each at full size and 16 bit."""

WORK = 3_000_000_000
"""Bytes that an image of full size takes beside the weights."""


@dataclass
class Base:
    """A base model: its text-to-image pipeline, which holds the parts that all others share."""

    key: tuple[Any, ...]
    family: Family
    dtype: str
    pipe: Any
    prompts: Any
    adapters: Adapters
    faces: Faces


@dataclass
class Refiner:
    """A refiner: its pipeline over the base's VAE, its texts, and its own scheduler, which each call replaces in the
    pipeline."""

    key: tuple[str, str | None]
    pipe: Any
    prompts: Prompts
    scheduler: Any


class Session:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.device = _device(settings.device)
        self.counts: Counter[str] = Counter()
        self.loading = 0.0
        self.low_memory = settings.memory == "low"
        self.limit = 1 if settings.deterministic else _limit(self.device)
        self.base: Base | None = None
        self.refiner: Refiner | None = None
        self._checker: tuple[str, tuple[Any, Any]] | None = None
        self._nets: OrderedDict[str, Any] = OrderedDict()
        self._pipes: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._inputs: Mapping[str, Path] = {}

    def dtype(self, name: str) -> Any:
        """The number type in use: half precision is no use on a CPU, which has no arithmetic for it."""
        import torch

        return torch.float32 if self.device.type == "cpu" and name == "float16" else getattr(torch, name)

    def prepare(self, request: Mapping[str, Any], inputs: Mapping[str, Path]) -> Base:
        """Sees to it that all that `request` needs is loaded and active. Raises Refused where it cannot be."""
        self._inputs = inputs
        base = self._base_for(of_request(request), request["models"])
        base.family.tile(base.pipe.vae, bool(request["models"].get("tiles")))
        self._activate(base, request)
        return base

    def pipe(self, kind: str, nets: tuple[str, ...] = ()) -> Any:
        """The pipeline of one kind, as the family calls it (`text2img`, `img2img`, ...), over the shared parts."""
        assert self.base is not None
        if (kind, nets) not in self._pipes:
            modules = [self._net(digest) for digest in dict.fromkeys(nets)]
            pipe = self._pipes[kind, nets] = _over(kind, self.base, modules, nets)
            if self.low_memory:
                self._place(pipe)
        return self._pipes[kind, nets]

    def is_union(self, digest: str) -> bool:
        return type(self._net(digest)).__name__ == "ControlNetUnionModel"

    def refine_with(self, models: Mapping[str, Any]) -> Refiner:
        """The refiner, loaded."""
        assert self.base is not None
        family, vae = self.base.family, self.base.pipe.vae
        key = (models["refiner"], models.get("refiner_config"))
        if self.refiner is None or self.refiner.key != key:
            self.refiner = None
            config = self._inputs[models["refiner_config"]] if "refiner_config" in models else None
            pipe = self._load(models["refiner"], lambda place, variant: loader.refiner(
                place, self.dtype(models["dtype"]), variant, family, vae, config))
            self._place(pipe)
            self.refiner = Refiner(key, pipe, Prompts(pipe, self.device), pipe.scheduler)
        return self.refiner

    def forget(self) -> None:
        """Lets go of everything; `counts` stay."""
        self.base = self.refiner = self._checker = None
        self._nets.clear()
        self._pipes.clear()
        free_memory(self.device)

    def lighten(self) -> bool:
        """Lets go of what is not in use; from now on only the part at work is on the device. False: that is so
        already."""
        if self.low_memory:
            return False
        self.low_memory = True
        self.counts["stepped down"] += 1
        self.refiner = self._checker = None
        self._nets.clear()
        self._pipes.clear()
        if self.base is not None:
            self._place(self.base.pipe)
        free_memory(self.device)
        return True

    def _base_for(self, family: Family, models: Mapping[str, Any]) -> Base:
        parts = (models.get("config"), models.get("vae"), models["dtype"], models.get("watermark"))
        key = (family.name, models["base"], *parts)
        if self.base is None or self.base.key != key:
            self.forget()
            self._make_room(models["base"])
            dtype = self.dtype(models["dtype"])
            config = self._inputs[models["config"]] if "config" in models else None
            pipe = self._load(models["base"], lambda place, variant: family.load(place, dtype, variant, models, config))
            if models.get("vae"):
                pipe.register_modules(vae=self._load(
                    models["vae"], lambda place, variant: loader.vae(place, dtype, variant, pipe)))
            self._place(pipe)
            adapters = Adapters(pipe, family.title, lambda name: self._lora(name, pipe, family))
            faces = Faces(
                pipe, self.device, lambda digest: self._load(digest, lambda place, _: loader.tensors(place)),
                lambda digest: self._load(digest, lambda place, variant: loader.image_encoder(place, dtype, variant)))
            self.base = Base(key, family, models["dtype"], pipe, family.texts(pipe, self.device), adapters, faces)
        return self.base

    def _make_room(self, base: str) -> None:
        """Before a base model is loaded: what others hold and do not use makes room for it, if there is too little."""
        if base in self._inputs and free_bytes(self.device) < _size(self._inputs[base]) + WORK:
            HOLDERS.make_room()

    def _net(self, digest: str) -> Any:
        if digest not in self._nets:
            assert self.base is not None
            dtype, unet, title = self.dtype(self.base.dtype), self.base.pipe.unet, self.base.family.title
            net = self._load(digest, lambda place, variant: loader.controlnet(
                place, dtype, variant, unet, title))
            self._nets[digest] = net if self.low_memory else net.to(self.device)
            for old in list(self._nets)[:-NETS_KEPT]:
                del self._nets[old]
                self._pipes = {name: pipe for name, pipe in self._pipes.items() if old not in name[1]}
        self._nets.move_to_end(digest)
        return self._nets[digest]

    def _activate(self, base: Base, request: Mapping[str, Any]) -> None:
        """The IP-Adapter changes how the U-Net attends, so it is unloaded for requests that do not read it. The LoRA
        that it brings along is active beside the project's own."""
        if base.faces.activate(request.get("faces")):
            self._pipes.clear()
            self.counts["face switches"] += 1
        brought = [(base.faces.lora_key, 1.0)] if base.faces.lora_key else []
        base.adapters.activate([*((lora["weights"], lora["weight"]) for lora in request.get("loras", ())), *brought])

    def _lora(self, key: str, pipe: Any, family: Family) -> LoraLayers:
        """The layers of a LoRA: of a file by its digest, or of the one that the active IP-Adapter brings along."""
        if self.base is not None and key == self.base.faces.lora_key:
            return layers_of(LoraFile("in the IP-Adapter", self.base.faces.lora, {}, self.base.family.title), pipe)
        file: LoraFile = self._load(key, lambda place, _: lora_file.read(place, loader.tensors(place), family.title))
        return layers_of(file, pipe)

    def safety_checker(self, digest: str) -> tuple[Any, Any]:
        """The model that finds unsafe pictures, and what prepares them for it: on the CPU, and kept."""
        if self._checker is None or self._checker[0] != digest:
            self._checker = digest, self._load(
                digest, lambda place, variant: loader.safety_checker(place, self.dtype("float32"), variant))
        return self._checker[1]

    def _load(self, digest: str, how: Callable[[Path, str | None], Any]) -> Any:
        """What `how(place, variant)` makes of the weights of that digest."""
        place = self._inputs.get(digest)
        if place is None:
            raise Refused(f"weights {digest[:10]} are not on this machine", "calotype models list")
        self.settings.tell("model.loading", name=place.name, bytes=_size(place))
        started = time.perf_counter()
        try:
            loaded = how(place, variant_read(place, digest, sha256_file))
        except Problem as problem:
            first = problem.diagnostics[0]
            raise Refused(first.message, first.hint) from problem
        seconds = time.perf_counter() - started
        self.loading += seconds
        self.counts["loads"] += 1
        self.settings.tell("model.loaded", name=place.name, seconds=round(seconds, 3))
        return loaded

    def _place(self, pipe: Any) -> None:
        """The pipeline's parts on the device: all of them, or with low memory each while it works."""
        import torch

        pipe.set_progress_bar_config(disable=True)
        if self.low_memory and self.device.type != "cpu":
            pipe.enable_model_cpu_offload(device=self.device)
            return
        if self.device.type == "cuda" and hasattr(pipe, "unet"):  # the layout that its convolutions are written for
            for module in (pipe.unet, pipe.vae):
                module.to(memory_format=torch.channels_last)
        pipe.to(self.device)


def _limit(device: Any) -> int:
    """How many images a call makes at first: by the memory that is free, beside 8 GB of weights 3 GB for each image of
    full size. A call that runs out of memory lowers it."""
    if device.type != "cuda":
        return MOST_ON_CPU
    import torch

    free, _ = torch.cuda.mem_get_info(device)
    return max(1, min(MOST, int((free - 8e9) / 3e9)))


def _device(name: str) -> Any:
    device = choose(name)
    if device is None:
        raise Refused(f"this machine has no device `{name}`", "say `device: auto`, or run where there is one")
    return device


def _over(kind: str, base: Base, modules: list[Any], nets: tuple[str, ...]) -> Any:
    """A pipeline over the parts of `base`, in no time and no memory."""
    import diffusers

    union = any(type(module).__name__ == "ControlNetUnionModel" for module in modules)
    components = dict(base.pipe.components)
    if modules:
        by_digest = dict(zip(dict.fromkeys(nets), modules, strict=True))
        ordered = [by_digest[digest] for digest in nets]
        components["controlnet"] = modules[0] if union or len(ordered) == 1 else ordered
    name = base.family.pipeline(kind.replace("control", "union") if union else kind, base.pipe)
    pipe = getattr(diffusers, name)(**components, **base.family.arguments(base.pipe))
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _size(place: Path) -> int:
    if place.is_file():
        return place.stat().st_size
    return sum(path.stat().st_size for path in place.rglob("*.safetensors"))
