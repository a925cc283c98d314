"""The IP-Adapter of a base model: on and off again, with what it reads (pictures, or embeddings of faces).

A FaceID adapter may bring a LoRA along. That is an adapter like the project's own, and is activated beside them:
diffusers would make it the only one that is active, and leave it there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from calotype.workers.render.diffusers.errors import Refused

Tensors = dict[str, Any]


class Faces:
    """The IP-Adapter of `pipe`: none, or the last one that was activated. `tensors(digest)` gives those of a file,
    `encoder(digest)` an image encoder and what prepares pictures for it."""

    def __init__(
        self, pipe: Any, device: Any, tensors: Callable[[str], Tensors], encoder: Callable[[str], tuple[Any, Any]]
    ) -> None:
        self._pipe, self._device, self._tensors, self._encoder = pipe, device, tensors, encoder
        self._active: tuple[str, ...] = ()
        self._width = 0
        self.lora: Tensors = {}

    @property
    def lora_key(self) -> str | None:
        """The name of the LoRA that the active adapter brings along."""
        return f"faces_{self._active[0]}" if self.lora else None

    def activate(self, faces: Mapping[str, Any] | None) -> bool:
        """Activates what `faces` of a request names, or nothing. Whether that changed the pipeline's parts. Raises
        Refused for one that does not fit; then none is active."""
        adapter = (faces["weights"], faces.get("encoder", "")) if faces else ()
        changed = adapter != self._active
        if changed:
            self._deactivate()
            if faces:
                self._inject(faces)
                self._active = adapter
        if faces:
            self._pipe.set_ip_adapter_scale(faces["scale"])
        return changed

    def check_width(self, width: int) -> None:
        """Raises Refused where the active adapter does not read embeddings of that many numbers."""
        if width != self._width:
            raise Refused(f"the IP-Adapter reads embeddings of {self._width} numbers, and the references have {width}",
                          "make the embeddings with the model that the adapter was trained with")

    def _deactivate(self) -> None:
        if self._active:
            self._pipe.unload_ip_adapter()
        self._active, self._width, self.lora = (), 0, {}

    def _inject(self, faces: Mapping[str, Any]) -> None:
        state = _by_part(self._tensors(faces["weights"]))
        lora = {name: state["ip_adapter"].pop(name) for name in list(state["ip_adapter"]) if "_lora." in name}
        width = _width(state["image_proj"])
        if faces.get("encoder"):
            encoder, prepared = self._encoder(faces["encoder"])
            _check_encoder(state["image_proj"], width, encoder.config)
            self._pipe.register_modules(image_encoder=encoder.to(self._device), feature_extractor=prepared)
        elif "proj.0.weight" not in state["image_proj"] or "proj.3.weight" in state["image_proj"]:
            raise Refused("the IP-Adapter reads pictures, and there is no encoder for them", "name its `encoder`")
        try:
            self._pipe.load_ip_adapter(state, subfolder="", weight_name="", image_encoder_folder=None)
            _check_whole(self._pipe.unet, state)
            self.lora = self._as_lora(lora)
        except (ValueError, RuntimeError, KeyError) as failure:
            self._pipe.unload_ip_adapter()
            raise Refused(f"the IP-Adapter does not fit the base model: {_words(failure)}",
                          "use one that was trained for SDXL, whole") from failure
        self._width = width
        self._pipe.unet.to(self._device)

    def _as_lora(self, layers: Tensors) -> Tensors:
        """The LoRA of the adapter, whose layers bear numbers, by the names of the U-Net's layers."""
        loras = self._pipe.unet._load_ip_adapter_loras([{"ip_adapter": layers}]) if layers else {}
        return dict(loras.get(0, {}))


def _check_whole(unet: Any, state: Mapping[str, Tensors]) -> None:
    """Raises ValueError unless every number of the file is in the U-Net now: diffusers passes over tensors that it has
    no place for."""
    projections = unet.encoder_hid_proj.parameters()
    own: Any = [processor for processor in unet.attn_processors.values() if hasattr(processor, "named_parameters")]
    attentions = (value for processor in own for name, value in processor.named_parameters()
                  if name.startswith(("to_k", "to_v")))
    for part, loaded in (("image_proj", projections), ("ip_adapter", attentions)):
        more = sum(value.numel() for value in state[part].values()) - sum(value.numel() for value in loaded)
        if more:
            raise ValueError(f"{more} numbers of its `{part}` have no place there")


def _words(failure: Exception) -> str:
    """What diffusers says of it, and for a tensor that the file lacks, that it does."""
    if isinstance(failure, KeyError | NotImplementedError):  # the latter: what was not in the file has no numbers
        return "it lacks tensors"
    return str(failure).strip().splitlines()[0]


def _by_part(tensors: Mapping[str, Any]) -> dict[str, Tensors]:
    """An IP-Adapter's tensors as diffusers wants them: `image_proj` and `ip_adapter` apart."""
    parts: dict[str, Tensors] = {"image_proj": {}, "ip_adapter": {}}
    for name, value in tensors.items():
        head, _, rest = name.partition(".")
        if head not in parts:
            raise Refused(f"the file is no IP-Adapter: it holds `{name}`", "use one that was trained for SDXL")
        parts[head][rest] = value
    return parts


def _width(projection: Tensors) -> int:
    """How many numbers the adapter reads of each picture, token or face."""
    if any(name.startswith("perceiver_resampler.") for name in projection):
        raise Refused("the IP-Adapter is a FaceID Plus, which reads pictures and embeddings at once",
                      "use `ip-adapter-faceid_sdxl`, which reads embeddings alone")
    for name in ("proj.weight", "proj_in.weight", "proj.0.weight"):
        if name in projection:
            return int(projection[name].shape[1])
    raise Refused("the file is no IP-Adapter: it has no projection of pictures or faces",
                  "use one that was trained for SDXL")


def _check_encoder(projection: Tensors, width: int, config: Any) -> None:
    """The plain adapter reads the embedding that CLIP gives of a picture, the others its last layer but one."""
    if "proj.0.weight" in projection and "proj.3.weight" not in projection:
        raise Refused("the IP-Adapter is a FaceID, which reads embeddings and no pictures", "leave its `encoder` out")
    size = config.projection_dim if "proj.weight" in projection else config.hidden_size
    if size != width:
        raise Refused(f"the image encoder gives {size} numbers, and the IP-Adapter reads {width}",
                      "name the `encoder` that the adapter was trained with")
