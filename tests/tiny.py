"""A tiny SDXL on disk, as diffusers lays it out: real classes from small configs, seeded random weights, a second to build.

`models()` is the folder of this process: `base`, `refiner`, `vae`, `controlnets/{openpose,canny,union}`,
`loras/{a,b,c}.safetensors` (a and c on the U-Net, b on the text encoders too), `ip_adapter` (with an image encoder, a
FaceID file, and two of these that bring a LoRA along). The parts are built by functions of their own, so that a benchmark can build larger ones.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Config = Mapping[str, Any]

CROSS = 64  # the sum of the two text encoders' hidden sizes
UNET: Config = {
    "sample_size": 8, "in_channels": 4, "out_channels": 4, "layers_per_block": 1, "norm_num_groups": 8,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (16, 32), "transformer_layers_per_block": (1, 1), "attention_head_dim": (2, 4),
    "cross_attention_dim": CROSS, "addition_embed_type": "text_time", "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 32 + 6 * 8, "use_linear_projection": True,
}
REFINER: Config = {**UNET, "cross_attention_dim": 32, "projection_class_embeddings_input_dim": 32 + 5 * 8}
CONTROLNET: Config = {
    **{name: UNET[name] for name in UNET if name not in ("sample_size", "out_channels", "up_block_types")},
    "conditioning_embedding_out_channels": (8, 8, 16, 16),
}
VAE: Config = {
    "block_out_channels": (16, 16, 16, 16), "layers_per_block": 1, "norm_num_groups": 8, "latent_channels": 4,
    "down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4,
    "sample_size": 64, "scaling_factor": 0.13025, "force_upcast": True,
}
TEXT: Config = {
    "hidden_size": 32, "intermediate_size": 37, "num_attention_heads": 4, "num_hidden_layers": 5, "projection_dim": 32,
    "max_position_embeddings": 77, "hidden_act": "gelu",
}
VISION: Config = {
    "hidden_size": 32, "intermediate_size": 37, "num_attention_heads": 4, "num_hidden_layers": 3, "projection_dim": 32,
    "image_size": 32, "patch_size": 8,
}
SCHEDULER: Config = {
    "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
    "steps_offset": 1, "timestep_spacing": "leading", "prediction_type": "epsilon",
}
WORDS = ("a", "boy", "luca", "figure", "standing", "seated", "arm", "left", "right", "plain", "picture", "text", "no", "red")


@cache
def models() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="calotype-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    build(folder)
    return folder


def build(folder: Path) -> None:
    import torch
    from diffusers.utils import logging as diffusers
    from transformers.utils import logging as transformers

    diffusers.disable_progress_bar()
    transformers.disable_progress_bar()
    state = torch.random.get_rng_state()
    try:
        base(folder / "base", seed=1)
        refiner(folder / "refiner", seed=2)
        vae(folder / "vae", seed=3)
        for number, name in enumerate(("openpose", "canny")):
            controlnet(folder / "controlnets" / name, seed=10 + number)
        union(folder / "controlnets" / "union", seed=12)
        for number, (name, texts) in enumerate((("a", False), ("b", True), ("c", False))):
            lora(folder / "loras" / f"{name}.safetensors", seed=20 + number, texts=texts)
        ip_adapter(folder / "ip_adapter", seed=30)
    finally:
        torch.random.set_rng_state(state)


def base(folder: Path, seed: int, unet: Config = UNET, vae: Config = VAE, texts: tuple[Config, Config] = (TEXT, TEXT)) -> None:
    """A base model: two text encoders, U-Net, VAE, tokenizers, scheduler."""
    from diffusers import AutoencoderKL, StableDiffusionXLPipeline, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    _seed(seed)
    pipe = StableDiffusionXLPipeline(
        vae=AutoencoderKL(**vae), text_encoder=CLIPTextModel(_text(texts[0])),
        text_encoder_2=CLIPTextModelWithProjection(_text(texts[1])), unet=UNet2DConditionModel(**unet),
        tokenizer=_tokenizer(), tokenizer_2=_tokenizer("!"), scheduler=_scheduler(), add_watermarker=False,
    )
    _save(pipe, folder)


def refiner(folder: Path, seed: int, unet: Config = REFINER, vae: Config = VAE, text: Config = TEXT) -> None:
    from diffusers import AutoencoderKL, StableDiffusionXLImg2ImgPipeline, UNet2DConditionModel
    from transformers import CLIPTextModelWithProjection

    _seed(seed)
    pipe = StableDiffusionXLImg2ImgPipeline(
        vae=AutoencoderKL(**vae), text_encoder=None, text_encoder_2=CLIPTextModelWithProjection(_text(text)),
        unet=UNet2DConditionModel(**unet), tokenizer=None, tokenizer_2=_tokenizer("!"), scheduler=_scheduler(),
        requires_aesthetics_score=True, add_watermarker=False,
    )
    _save(pipe, folder)


def vae(folder: Path, seed: int, config: Config = VAE) -> None:
    from diffusers import AutoencoderKL

    _seed(seed)
    AutoencoderKL(**{**config, "force_upcast": False}).save_pretrained(folder)


def controlnet(folder: Path, seed: int, config: Config = CONTROLNET) -> None:
    import torch
    from diffusers import ControlNetModel

    _seed(seed)
    net = ControlNetModel(**config)
    _waken(net, torch.nn)
    net.save_pretrained(folder)


def union(folder: Path, seed: int, config: Config = CONTROLNET, types: int = 6) -> None:
    import torch
    from diffusers import ControlNetUnionModel

    _seed(seed)
    width = config["block_out_channels"][0]
    sizes = {"num_trans_channel": width, "num_proj_channel": width, "num_trans_head": 4}
    net = ControlNetUnionModel(**config, num_control_type=types, **sizes)
    _waken(net, torch.nn)
    net.save_pretrained(folder)


def lora(path: Path, seed: int, texts: bool = False, unet: Config = UNET, text: Config = TEXT, rank: int = 4) -> None:
    """A LoRA in the format that peft and kohya's converters write, with weights that change something."""
    import torch
    from diffusers import StableDiffusionXLPipeline, UNet2DConditionModel
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict
    from transformers import CLIPTextModel

    _seed(seed)
    targets = ["to_q", "to_k", "to_v", "to_out.0"]
    adapted = UNet2DConditionModel(**unet)
    adapted.add_adapter(LoraConfig(r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=targets))
    layers = {"unet_lora_layers": _stirred(get_peft_model_state_dict(adapted), torch)}
    if texts:
        encoder = CLIPTextModel(_text(text))
        encoder.add_adapter(LoraConfig(
            r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=["q_proj", "k_proj", "v_proj"]))
        layers["text_encoder_lora_layers"] = _stirred(get_peft_model_state_dict(encoder), torch)
    path.parent.mkdir(parents=True, exist_ok=True)
    StableDiffusionXLPipeline.save_lora_weights(path.parent, weight_name=path.name, **layers)


def ip_adapter(folder: Path, seed: int, unet: Config = UNET, vision: Config = VISION, face: int = 16) -> None:
    """`adapter.safetensors` reads pictures by `encoder`; `faceid.safetensors` reads embeddings of `face` numbers."""
    import torch
    from safetensors.torch import save_file
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

    _seed(seed)
    CLIPVisionModelWithProjection(CLIPVisionConfig(**vision)).save_pretrained(folder / "encoder")
    size = vision["image_size"]
    CLIPImageProcessor(size={"shortest_edge": size}, crop_size={"height": size, "width": size}).save_pretrained(
        folder / "encoder")
    keys = _ip_keys(unet, torch)
    width, tokens = unet["cross_attention_dim"], 4
    plain = {
        "image_proj.proj.weight": torch.randn(width * tokens, vision["projection_dim"]) * 0.5,
        "image_proj.proj.bias": torch.randn(width * tokens) * 0.5,
        "image_proj.norm.weight": torch.ones(width), "image_proj.norm.bias": torch.zeros(width),
    }
    save_file({**plain, **keys}, folder / "adapter.safetensors")
    faceid = {
        "image_proj.proj.0.weight": torch.randn(face * 2, face) * 0.5, "image_proj.proj.0.bias": torch.zeros(face * 2),
        "image_proj.proj.2.weight": torch.randn(width * tokens, face * 2) * 0.5,
        "image_proj.proj.2.bias": torch.zeros(width * tokens),
        "image_proj.norm.weight": torch.ones(width), "image_proj.norm.bias": torch.zeros(width),
    }
    save_file({**faceid, **keys}, folder / "faceid.safetensors")
    for number, name in enumerate(("faceid_lora", "faceid_other")):  # as published ones are, which bring a LoRA along
        _seed(seed + 1 + number)
        save_file({**faceid, **keys, **_ip_loras(unet, torch)}, folder / f"{name}.safetensors")


def _ip_keys(unet: Config, torch: Any) -> dict[str, Any]:
    """The key and value projections of an IP-Adapter, numbered as its authors number the attention processors."""
    from diffusers import UNet2DConditionModel

    model = UNet2DConditionModel(**unet)
    found: dict[str, Any] = {}
    for number, name in enumerate(model.attn_processors):
        if not name.endswith("attn2.processor"):
            continue
        attention = model.get_submodule(name.removesuffix(".processor"))
        for projection in ("to_k_ip", "to_v_ip"):
            shape = (attention.inner_dim, unet["cross_attention_dim"])
            found[f"ip_adapter.{number}.{projection}.weight"] = torch.randn(*shape) * 0.3
    return found


def _ip_loras(unet: Config, torch: Any, rank: int = 4) -> dict[str, Any]:
    """The LoRA inside a FaceID adapter: of every attention, numbered as the processors are."""
    from diffusers import UNet2DConditionModel

    model = UNet2DConditionModel(**unet)
    layers: dict[str, Any] = {}
    for number, name in enumerate(model.attn_processors):
        attention = model.get_submodule(name.removesuffix(".processor"))
        for projection in ("to_q", "to_k", "to_v", "to_out"):
            linear = attention.to_out[0] if projection == "to_out" else getattr(attention, projection)
            layers[f"ip_adapter.{number}.{projection}_lora.down.weight"] = torch.randn(rank, linear.in_features) * 0.3
            layers[f"ip_adapter.{number}.{projection}_lora.up.weight"] = torch.randn(linear.out_features, rank) * 0.3
    return layers


def _seed(seed: int) -> None:
    import torch

    torch.manual_seed(seed)


def _waken(net: Any, nn: Any) -> None:
    """A new ControlNet ends in zeros, and conditions nothing."""
    for name, parameter in net.named_parameters():
        if name.startswith(("controlnet_down_blocks", "controlnet_mid_block", "controlnet_cond_embedding.conv_out")):
            nn.init.normal_(parameter, std=0.2)


def _stirred(layers: Mapping[str, Any], torch: Any) -> dict[str, Any]:
    """The second matrix of a new LoRA is zero, and changes nothing."""
    return {name: torch.randn_like(value) * 0.3 for name, value in layers.items()}


def _text(config: Config) -> Any:
    from transformers import CLIPTextConfig

    count = len(_vocabulary())
    return CLIPTextConfig(**{"vocab_size": count, "bos_token_id": count - 2, "eos_token_id": count - 1, **config})


def _scheduler() -> Any:
    from diffusers import EulerDiscreteScheduler

    return EulerDiscreteScheduler(**SCHEDULER)


def _save(pipe: Any, folder: Path) -> None:
    """The tokenizers get the two files as well that published models have."""
    pipe.save_pretrained(folder)
    for tokenizer in folder.glob("tokenizer*"):
        _write_vocabulary(tokenizer)


def _write_vocabulary(folder: Path) -> tuple[str, str]:
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({word: number for number, word in enumerate(_vocabulary())}), encoding="utf-8")
    merges.write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in _merges()), encoding="utf-8")
    return str(vocabulary), str(merges)


@cache
def _vocabulary() -> tuple[str, ...]:
    """CLIP's alphabet, its letters at the end of a word, some whole words, and the two marks."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = list(bytes_to_unicode().values())
    return (*letters, *(f"{one}</w>" for one in letters), *_whole(), "<|startoftext|>", "<|endoftext|>")


def _whole() -> tuple[str, ...]:
    """Every step on the way from letters to a word of WORDS, each once."""
    return tuple(dict.fromkeys(left + right for left, right in _merges()))


@cache
def _merges() -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}
    for word in WORDS:
        parts = [*word[:-1], f"{word[-1]}</w>"]
        while len(parts) > 1:
            found[(parts[0], parts[1])] = None
            parts[:2] = [parts[0] + parts[1]]
    return tuple(found)


def _tokenizer(pad: str = "<|endoftext|>") -> Any:
    from transformers import CLIPTokenizer

    with tempfile.TemporaryDirectory() as folder:
        return CLIPTokenizer(*_write_vocabulary(Path(folder)), pad_token=pad, model_max_length=77)
