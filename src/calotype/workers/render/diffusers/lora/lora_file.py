"""A LoRA's file: its tensors by the layers that they change, and how strongly each acts, as its header says.

Every tensor has its layer, or the file is refused: half a LoRA is no LoRA. The strength of a layer is alpha / rank, or
alpha / sqrt(rank) for a rank-stabilised LoRA (Kalajdzievski 2023, arXiv 2312.03732). Alpha stands beside the layer
(kohya), or in the header (peft), else it is the rank.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from calotype.ground.light_dataclass import dataclass
from calotype.workers.render.diffusers.errors import Refused
from calotype.workers.render.diffusers.lora.lora_layers import PARTS, Layers, LoraLayers, trained_for

Tensors = dict[str, Any]

HEADER = "lora_adapter_metadata"
"""Under which diffusers writes the settings of peft into a file's header."""
FOREIGN = {
    r"\.hada_": "a LoHa", r"\.lokr_": "a LoKr", r"\.oft_": "an OFT", r"\.lora_mid": "a LoCon with a Tucker core",
    r"\.dora_scale$": "a DoRA as kohya and LyCORIS write it", r"\.on_input$": "an IA3",
    r"\.(diff|diff_b|set_weight)$": "a file of whole differences of weights",
}
"""What trainers write besides plain LoRAs, by the names of their tensors."""
REBASED = ("pissa", "olora", "corda", "loftq", "lora_ga", "eva")
"""Ways to begin a training that change the model's own weights; what comes of them fits only the changed ones."""
_SUFFIX = re.compile(r"\.lora_(A\.weight|B\.weight|B\.bias|magnitude_vector)$")


@dataclass(frozen=True)
class LoraFile:
    """What a file holds; `name` is for messages, `header` what peft was trained with, by part (`unet.r`); `family` that
    of the model which is to wear it."""

    name: str
    tensors: Tensors
    header: Mapping[str, Any]
    family: str


def read(place: Path, tensors: Tensors, family: str) -> LoraFile:
    """The LoRA at `place`, whose tensors are read already, for a model of `family`."""
    from safetensors import safe_open

    with safe_open(place, framework="pt") as file:
        text = (file.metadata() or {}).get(HEADER)
    try:
        header = json.loads(text) if text else {}
    except ValueError as failure:
        raise Refused(f"the header of `{place.name}` cannot be read: {failure}", "fetch or copy it again") from failure
    if not isinstance(header, dict):
        raise Refused(f"the header of `{place.name}` holds no settings of a LoRA", "fetch or copy it again")
    return LoraFile(place.name, tensors, header, family)


def layers_of(lora: LoraFile, pipe: Any) -> LoraLayers:
    """What it changes of `pipe`. Raises Refused for a file that is no LoRA, or that does not fit whole."""
    for mark, kind in FOREIGN.items():
        if any(re.search(mark, name) for name in lora.tensors):
            raise Refused(f"`{lora.name}` is {kind}, which is not supported",
                          "use a plain LoRA, or merge it into a checkpoint with the program that made it")
    try:
        return _taken_apart(lora, pipe)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as failure:
        lines = str(failure).strip().splitlines() or [type(failure).__name__]
        raise Refused(f"the LoRA `{lora.name}` does not fit the base model: {lines[0]}",
                      trained_for(lora.family)) from failure


def _taken_apart(lora: LoraFile, pipe: Any) -> LoraLayers:
    tensors, alphas = _in_diffusers_words(lora, pipe)
    parts: dict[str, Tensors] = {}
    unmatched = []
    for name, value in tensors.items():
        part, _, rest = name.partition(".")
        if part in PARTS:
            parts.setdefault(part, {})[rest] = value
        else:
            unmatched.append(name)
    named = {part: _in_peft_words(part, getattr(pipe, part), values) for part, values in parts.items()}
    unmatched += [f"{part}.{name}" for part, values in named.items() for name in _misfits(getattr(pipe, part), values)]
    if unmatched or not named:
        _refuse(lora, unmatched)
    layers = {part: Layers(values, _settings(lora, part, values, alphas)) for part, values in named.items()}
    return LoraLayers(lora.name, layers, len(lora.tensors))


def _refuse(lora: LoraFile, unmatched: list[str]) -> NoReturn:
    if not unmatched:
        raise Refused(f"`{lora.name}` is no LoRA: it holds no tensors", "fetch or copy it again")
    raise Refused(
        f"the LoRA `{lora.name}` does not fit the base model: {len(unmatched)} of its {len(lora.tensors)} tensors have "
        f"no layer there, such as `{sorted(unmatched)[0]}`", trained_for(lora.family))


def _in_diffusers_words(lora: LoraFile, pipe: Any) -> tuple[Tensors, dict[int, float]]:
    """The tensors as diffusers names them, and the alphas that stood among them, by the identity of the tensor (the
    first matrix of its layer) that each belongs to: conversions rename tensors and pass them on. Those for
    transformers take the alphas in themselves."""
    if hasattr(pipe, "transformer"):
        named = pipe.lora_state_dict(dict(lora.tensors))
        return {name if name.startswith("transformer.") else f"transformer.{name}": value
                for name, value in named.items()}, {}
    tensors, alphas = dict(lora.tensors), {}
    for name in [name for name in tensors if name.endswith(".alpha")]:
        layer = name.removesuffix(".alpha")
        first = next((first for suffix in ("lora_down", "lora.down", "lora_A", "lora_linear_layer.down", "down")
                      if (first := tensors.get(f"{layer}.{suffix}.weight")) is not None), None)
        if first is None:
            _refuse(lora, [name])
        alphas[id(first)] = float(tensors.pop(name))
    return pipe.lora_state_dict(tensors, unet_config=pipe.unet.config)[0], alphas


def _in_peft_words(part: str, model: Any, tensors: Tensors) -> Tensors:
    """Layers as `model` names them, matrices as peft does. Older text encoders have a `text_model` around theirs."""
    from diffusers.utils import state_dict_utils

    words: Any = state_dict_utils
    if part == "transformer":
        return tensors
    if part == "unet":
        return dict(words.convert_unet_state_dict_to_peft(tensors))
    for names in (words.DIFFUSERS_OLD_TO_PEFT, words.DIFFUSERS_TO_PEFT):
        tensors = words.convert_state_dict(tensors, names)
    if hasattr(model, "text_model"):
        return tensors
    return {name.removeprefix("text_model."): value for name, value in tensors.items()}


def _misfits(model: Any, tensors: Tensors) -> Iterator[str]:
    """The tensors that have no layer in `model`, or another shape than it, or not their counterpart."""
    layers = dict(model.named_modules())
    for name, value in tensors.items():
        match = _SUFFIX.search(name)
        weight = getattr(layers.get(name[:match.start()]), "weight", None) if match else None
        if match is None or weight is None or weight.ndim < 2:
            yield name
            continue
        layer, kind = name[:match.start()], match[1]
        whole = f"{layer}.lora_A.weight" in tensors and f"{layer}.lora_B.weight" in tensors
        if not whole or not _fits(kind, tuple(value.shape), tuple(weight.shape)):
            yield name


def _fits(kind: str, shape: tuple[int, ...], weight: tuple[int, ...]) -> bool:
    """Whether a matrix goes with a layer's `weight`, (out, in) or (out, in, height, width)."""
    if kind == "A.weight":
        return len(shape) == len(weight) and shape[1:] == weight[1:]
    if kind == "B.weight":
        return len(shape) == len(weight) and shape[0] == weight[0]
    return shape[0] == weight[0] if len(shape) == 1 else shape.count(1) == len(shape) - 1 and weight[0] in shape


def _settings(lora: LoraFile, part: str, tensors: Tensors, alphas: Mapping[int, float]) -> dict[str, Any]:
    """What peft is told of the layers: ranks by their matrices, alphas as they stood there, or as the header has it."""
    prefix = f"{part}."
    header = {name.removeprefix(prefix): value for name, value in lora.header.items() if name.startswith(prefix)}
    begun = str(header.get("init_lora_weights", "")).lower()
    if begun.startswith(REBASED):
        raise Refused(f"the LoRA `{lora.name}` was trained on weights that `{begun}` had changed",
                      "convert it to a plain LoRA: peft's save_pretrained has an option for it")
    ranks, strengths = {}, {}
    for name, value in tensors.items():
        if name.endswith(".lora_A.weight"):
            layer = name.removesuffix(".lora_A.weight")
            ranks[layer] = int(value.shape[0])
            strengths[layer] = alphas.get(id(value), _declared_alpha(header, layer, ranks[layer]))
    rank, rank_pattern = _pattern(ranks)
    alpha, alpha_pattern = _pattern(strengths)
    return {
        "r": rank, "lora_alpha": alpha, "rank_pattern": rank_pattern, "alpha_pattern": alpha_pattern,
        "target_modules": sorted(ranks), "use_rslora": bool(header.get("use_rslora")),
        "use_dora": any("lora_magnitude_vector" in name for name in tensors),
        "lora_bias": any(name.endswith(".lora_B.bias") for name in tensors),
    }


def _declared_alpha(header: Mapping[str, Any], layer: str, rank: int) -> float:
    """The header's own for the layer: of its patterns, which are ends of names, the first that fits counts."""
    for pattern, alpha in (header.get("alpha_pattern") or {}).items():
        end = pattern.removeprefix("^").replace("\\.", ".")
        if not re.fullmatch(r"[\w.]+", end):
            raise ValueError(f"its header has the pattern `{pattern}`, which is no name of a layer")
        if layer == end or (layer.endswith(f".{end}") and not pattern.startswith("^")):
            return float(alpha)
    declared = header.get("lora_alpha")
    return float(rank if declared is None else declared)


def _pattern(values: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The most frequent of the values of layers, and the others by one pattern each."""
    most = Counter(values.values()).most_common()[0][0]
    others: dict[Any, list[str]] = {}
    for layer, value in values.items():
        if value != most:
            others.setdefault(value, []).append(re.escape(layer))
    return most, {f"^(?:{'|'.join(layers)})": value for value, layers in others.items()}
