"""A base model as one file, named as Stability AI's own code names its tensors: what A1111 and Civitai exchange."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Tensors = dict[str, Any]

RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3",
          "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection"}
OUTER = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2", "conv_in": "input_blocks.0.0",
         "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2", "conv_norm_out": "out.0",
         "conv_out": "out.2"}
LAYERS = 1
"""Of each block of the tiny models; the last place of an up block has one more."""
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def write(folder: Path, path: Path) -> None:
    """The model in `folder`, as diffusers lays it out, as one file at `path`."""
    from safetensors.torch import load_file, save_file

    def of(part: str) -> Tensors:
        return load_file(next((folder / part).glob("*.safetensors")))

    found = {f"model.diffusion_model.{name}": value for name, value in _unet(of("unet"))}
    found |= {f"first_stage_model.{name}": value for name, value in _vae(of("vae"))}
    found |= {f"conditioner.embedders.0.transformer.text_model.{_bare(name)}": value for name, value in of("text_encoder").items()}
    found |= {f"conditioner.embedders.1.model.{name}": value for name, value in _open_clip(of("text_encoder_2"))}
    save_file({name: value.contiguous() for name, value in found.items()}, path)


def write_refiner(folder: Path, path: Path) -> None:
    """The refiner in `folder` as one file at `path`: its one text encoder is OpenCLIP's."""
    from safetensors.torch import save_file

    tensors = {f"model.diffusion_model.{name}": value for name, value in _unet(_state(folder / "unet"))}
    tensors |= {f"first_stage_model.{name}": value for name, value in _vae(_state(folder / "vae"))}
    tensors |= {f"conditioner.embedders.0.model.{name}": value for name, value in _open_clip(_state(folder / "text_encoder_2"))}
    save_file({name: value.contiguous() for name, value in tensors.items()}, path)


def write_first(folder: Path, path: Path) -> None:
    """The model of Stable Diffusion 1.5 in `folder` as one file at `path`."""
    from safetensors.torch import save_file

    tensors = {f"model.diffusion_model.{name}": value for name, value in _unet(_state(folder / "unet"))}
    tensors |= {f"first_stage_model.{name}": value for name, value in _vae(_state(folder / "vae"))}
    tensors |= {f"cond_stage_model.transformer.text_model.{_bare(name)}": value for name, value in _state(folder / "text_encoder").items()}
    save_file({name: value.contiguous() for name, value in tensors.items()}, path)


def write_transformer(family: str, folder: Path, path: Path) -> None:
    """The transformer of the model in `folder` as one file at `path`, by the names that its authors gave."""
    from safetensors.torch import save_file

    named = {"z-image": _z_image, "qwen-image": lambda state: state, "flux2-klein": _flux2}[family](_state(folder / "transformer"))
    save_file({name: value.contiguous() for name, value in named.items()}, path)


def _z_image(state: Tensors) -> Tensors:
    import torch

    named: Tensors = {}
    for name, value in state.items():
        if ".attention.to_q.weight" in name:
            joined = [state[name.replace("to_q", part)] for part in ("to_q", "to_k", "to_v")]
            named[name.replace("to_q", "qkv")] = torch.cat(joined)
        elif not re.search(r"\.to_[kv]\.weight$", name):
            for ours, theirs in (("all_final_layer.2-1.", "final_layer."), ("all_x_embedder.2-1.", "x_embedder."),
                                 (".attention.to_out.0.", ".attention.out."), ("norm_k", "k_norm"), ("norm_q", "q_norm")):
                name = name.replace(ours, theirs)
            named[name] = value
    return {f"model.diffusion_model.{name}": value for name, value in named.items()}


FLUX2 = {
    "x_embedder": "img_in", "context_embedder": "txt_in", "time_guidance_embed.timestep_embedder.linear_1": "time_in.in_layer",
    "time_guidance_embed.timestep_embedder.linear_2": "time_in.out_layer", "double_stream_modulation_img.linear": "double_stream_modulation_img.lin",
    "double_stream_modulation_txt.linear": "double_stream_modulation_txt.lin", "single_stream_modulation.linear": "single_stream_modulation.lin",
    "norm_out.linear": "final_layer.adaLN_modulation.1", "proj_out": "final_layer.linear",
}
DOUBLE = {
    "attn.norm_q": "img_attn.norm.query_norm", "attn.norm_k": "img_attn.norm.key_norm", "attn.to_out.0": "img_attn.proj",
    "ff.linear_in": "img_mlp.0", "ff.linear_out": "img_mlp.2", "attn.norm_added_q": "txt_attn.norm.query_norm",
    "attn.norm_added_k": "txt_attn.norm.key_norm", "attn.to_add_out": "txt_attn.proj", "ff_context.linear_in": "txt_mlp.0",
    "ff_context.linear_out": "txt_mlp.2", "attn.to_q": "img_attn.qkv", "attn.add_q_proj": "txt_attn.qkv",
}
SINGLE = {"attn.to_qkv_mlp_proj": "linear1", "attn.to_out": "linear2", "attn.norm_q": "norm.query_norm", "attn.norm_k": "norm.key_norm"}
JOINED = {"attn.to_q": ("attn.to_q", "attn.to_k", "attn.to_v"), "attn.add_q_proj": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj")}


def _flux2(state: Tensors) -> Tensors:
    import torch

    named: Tensors = {}
    for name, value in state.items():
        blocks = re.fullmatch(r"(single_)?transformer_blocks\.(\d+)\.(.+)\.weight", name)
        if blocks is None:
            if name.startswith("norm_out"):
                value = torch.cat(value.chunk(2)[::-1])
            named[f"{FLUX2[name.removesuffix('.weight')]}.weight"] = value
            continue
        words, part = (SINGLE if blocks[1] else DOUBLE), blocks[3]
        if part not in words:
            continue
        if part in JOINED:
            value = torch.cat([state[name.replace(part, other)] for other in JOINED[part]])
        end = "scale" if "norm" in part else "weight"
        named[f"{'single' if blocks[1] else 'double'}_blocks.{blocks[2]}.{words[part]}.{end}"] = value
    return named


def write_vae(folder: Path, path: Path) -> None:
    """The VAE in `folder` as one file at `path`."""
    from safetensors.torch import save_file

    save_file({name: value.contiguous() for name, value in _vae(_state(folder))}, path)


def write_controlnet(folder: Path, path: Path, prefix: str = "") -> None:
    """The ControlNet in `folder` as one file at `path`, named as the first ControlNets were."""
    from safetensors.torch import save_file

    save_file({prefix + name: value.contiguous() for name, value in controlnet_names(_state(folder)).items()}, path)


def controlnet_names(state: Tensors, layers: int = 1) -> Tensors:
    """A ControlNet's tensors by the names of the first ControlNets; `layers` are those of each of its blocks."""
    return {_controlnet_name(name, layers): value for name, value in state.items()}


def _controlnet_name(name: str, layers: int) -> str:
    name = re.sub(r"^controlnet_down_blocks\.(\d+)", r"zero_convs.\1.0", name)
    name = name.replace("controlnet_mid_block", "middle_block_out.0")
    name = name.replace("controlnet_cond_embedding.conv_in", "input_hint_block.0").replace(
        "controlnet_cond_embedding.conv_out", "input_hint_block.14")
    name = re.sub(r"controlnet_cond_embedding\.blocks\.(\d+)", lambda found: f"input_hint_block.{2 * int(found[1]) + 2}", name)
    theirs = name.startswith(("zero_convs", "middle_block_out", "input_hint_block"))
    return name if theirs else _unet_name(name, set(), layers)


def _state(folder: Path) -> Tensors:
    from safetensors.torch import load_file

    return load_file(next(folder.glob("*.safetensors")))


def _bare(name: str) -> str:
    return name.removeprefix("text_model.")


def _unet(state: Tensors) -> Iterator[tuple[str, Any]]:
    attends = {match[1] for name in state if (match := re.match(r"(up_blocks\.\d+)\.attentions", name))}
    for name, value in state.items():
        yield _unet_name(name, attends), value


def _unet_name(name: str, attends: set[str], layers: int = LAYERS) -> str:
    for ours, theirs in OUTER.items():
        if name.startswith(f"{ours}."):
            return theirs + name[len(ours):]
    kind, block, part, number, rest = re.fullmatch(
        r"(down_blocks|up_blocks|mid_block)\.?(\d*)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)", name).groups()  # type: ignore[union-attr]
    place, at = int(block or 0), int(number)
    if part == "resnets":
        head, _, tail = rest.rpartition(".")
        rest = f"{RESNET[head]}.{tail}"
    if kind == "mid_block":
        return f"middle_block.{1 if part == 'attentions' else 2 * at}.{rest}"
    if kind == "down_blocks":
        if part == "downsamplers":
            return f"input_blocks.{(layers + 1) * (place + 1)}.0.op.{rest.removeprefix('conv.')}"
        return f"input_blocks.{(layers + 1) * place + at + 1}.{int(part == 'attentions')}.{rest}"
    if part == "upsamplers":
        return f"output_blocks.{(layers + 1) * place + layers}.{1 + (f'up_blocks.{place}' in attends)}.{rest}"
    return f"output_blocks.{(layers + 1) * place + at}.{int(part == 'attentions')}.{rest}"


def _vae(state: Tensors) -> Iterator[tuple[str, Any]]:
    last = max(int(match[1]) for name in state if (match := re.match(r"decoder\.up_blocks\.(\d+)", name)))
    for name, value in state.items():
        new = re.sub(r"down_blocks\.(\d+)\.resnets\.", r"down.\1.block.", name)
        new = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", new)
        new = re.sub(r"up_blocks\.(\d+)\.resnets\.", lambda found: f"up.{last - int(found[1])}.block.", new)
        new = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda found: f"up.{last - int(found[1])}.upsample", new)
        new = re.sub(r"mid_block\.resnets\.(\d)", lambda found: f"mid.block_{int(found[1]) + 1}", new)
        new = new.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
        if "mid_block.attentions.0" in new:
            for ours, theirs in ATTENTION.items():
                new = new.replace(f"mid_block.attentions.0.{ours}.", f"mid.attn_1.{theirs}.")
            value = value[:, :, None, None] if value.ndim == 2 else value
        yield new, value


def _open_clip(state: Tensors) -> Iterator[tuple[str, Any]]:
    import torch

    named = {_bare(name): value for name, value in state.items()}
    inner = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
             "self_attn.out_proj": "attn.out_proj"}
    layers = 1 + max(int(name.split(".")[2]) for name in named if name.startswith("encoder.layers."))
    for layer in range(layers):
        ours, theirs = f"encoder.layers.{layer}", f"transformer.resblocks.{layer}"
        for kind in ("weight", "bias"):
            joined = [named[f"{ours}.self_attn.{part}_proj.{kind}"] for part in "qkv"]
            yield f"{theirs}.attn.in_proj_{kind}", torch.cat(joined)
            for name, other in inner.items():
                yield f"{theirs}.{other}.{kind}", named[f"{ours}.{name}.{kind}"]
    yield "token_embedding.weight", named["embeddings.token_embedding.weight"]
    yield "positional_embedding", named["embeddings.position_embedding.weight"]
    yield "ln_final.weight", named["final_layer_norm.weight"]
    yield "ln_final.bias", named["final_layer_norm.bias"]
    yield "text_projection", named["text_projection.weight"].T
