"""Tiny models of the families beside SDXL: real classes from small configs, seeded random weights, built when first asked for.

`folder(family)` is the model of that family, as diffusers lays it out; `lora(family)` a LoRA for its denoiser. The
tokenizers read bytes, so every text is tokens.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import tiny

CHAT = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
TEXT: Mapping[str, Any] = {
    "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 3, "num_attention_heads": 2, "num_key_value_heads": 2,
    "head_dim": 8, "max_position_embeddings": 4096,
}
ROPE = {"mrope_section": [2, 1, 1], "rope_type": "default", "type": "default", "rope_theta": 10000.0}
FLOW: Mapping[str, Any] = {"shift": 3.0, "use_dynamic_shifting": False}


@cache
def _home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="calotype-families-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home


@cache
def folder(family: str) -> Path:
    """The tiny model of that family; see BUILT."""
    place = _home() / family
    _seeded(family, lambda: BUILT[family]().save_pretrained(place))
    return place


@cache
def lora(family: str) -> Path:
    """A LoRA for the attention of its denoiser, as peft's users save it."""
    place = _home() / "loras" / f"{family}.safetensors"
    _seeded(f"a LoRA of {family}", lambda: _lora(family, place))
    return place


@cache
def controlnet(family: str) -> Path:
    """A ControlNet for it."""
    from diffusers import ControlNetModel

    place = _home() / "controlnets" / family
    config = {name: value for name, value in tiny.CONTROLNET.items()
              if name not in ("addition_embed_type", "addition_time_embed_dim", "projection_class_embeddings_input_dim")}

    def build() -> None:
        import torch

        net = ControlNetModel(**{**config, "cross_attention_dim": 32})
        tiny._waken(net, torch.nn)
        net.save_pretrained(place)

    _seeded(f"a net of {family}", build)
    return place


def _seeded(name: str, build: Callable[[], None]) -> None:
    """Calls `build` with a state of the random numbers that follows from `name`, and leaves them as they were."""
    import torch
    from diffusers.utils import logging as diffusers
    from transformers.utils import logging as transformers

    diffusers.disable_progress_bar()
    transformers.disable_progress_bar()
    state = torch.random.get_rng_state()
    try:
        torch.manual_seed(sum(name.encode()))
        build()
    finally:
        torch.random.set_rng_state(state)


def _sd15() -> Any:
    import diffusers
    from transformers import CLIPTextModel

    unet = {name: value for name, value in tiny.UNET.items()
            if name not in ("addition_embed_type", "addition_time_embed_dim", "projection_class_embeddings_input_dim")}
    return diffusers.StableDiffusionPipeline(
        vae=diffusers.AutoencoderKL(**{**tiny.VAE, "scaling_factor": 0.18215, "force_upcast": False}),
        text_encoder=CLIPTextModel(tiny._text(tiny.TEXT)), tokenizer=tiny._tokenizer(),
        unet=diffusers.UNet2DConditionModel(**{**unet, "cross_attention_dim": 32}),
        scheduler=diffusers.PNDMScheduler(**{**tiny.SCHEDULER, "skip_prk_steps": True}), safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    )


def _z_image() -> Any:
    import diffusers
    from transformers import Qwen3Config, Qwen3Model

    words = tokenizer()
    return diffusers.ZImagePipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(**FLOW), vae=diffusers.AutoencoderKL(**{
            **tiny.VAE, "latent_channels": 16, "scaling_factor": 0.3611, "shift_factor": 0.1159, "force_upcast": False,
            "use_quant_conv": False, "use_post_quant_conv": False}),
        text_encoder=Qwen3Model(Qwen3Config(**TEXT, vocab_size=len(words))), tokenizer=words,
        transformer=diffusers.ZImageTransformer2DModel(
            in_channels=16, dim=32, n_layers=2, n_refiner_layers=1, n_heads=2, n_kv_heads=2, cap_feat_dim=16,
            axes_dims=[8, 4, 4], axes_lens=[1024, 64, 64]),
    )


def _flux2_klein() -> Any:
    import diffusers
    from transformers import Qwen3Config, Qwen3ForCausalLM

    words = tokenizer()
    return diffusers.Flux2KleinPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
        vae=diffusers.AutoencoderKLFlux2(
            block_out_channels=(16, 16, 16, 16), layers_per_block=1, norm_num_groups=8, latent_channels=4, sample_size=64),
        text_encoder=Qwen3ForCausalLM(Qwen3Config(**{**TEXT, "num_hidden_layers": 27}, vocab_size=len(words))), tokenizer=words,
        transformer=diffusers.Flux2Transformer2DModel(
            in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
            joint_attention_dim=48, timestep_guidance_channels=16, axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False),
    )


def _qwen_image() -> Any:
    import diffusers

    return diffusers.QwenImagePipeline(**_qwen_parts())


def _qwen_image_edit() -> Any:
    import diffusers

    return diffusers.QwenImageEditPlusPipeline(**_qwen_parts(), processor=_processor())


def _qwen_image_edit_one() -> Any:
    import diffusers

    return diffusers.QwenImageEditPipeline(**_qwen_parts(), processor=_processor())


def _qwen_parts() -> dict[str, Any]:
    import diffusers
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    words = tokenizer()
    ids = {name: words.convert_tokens_to_ids(mark) for name, mark in (
        ("image_token_id", "<|image_pad|>"), ("video_token_id", "<|video_pad|>"), ("vision_start_token_id", "<|vision_start|>"),
        ("vision_end_token_id", "<|vision_end|>"))}
    text = {name: value for name, value in TEXT.items() if name != "head_dim"}
    config = Qwen2_5_VLConfig(
        text_config={**text, "vocab_size": len(words), "rope_scaling": ROPE},
        vision_config={"depth": 1, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "out_hidden_size": 16, "patch_size": 14,
                       "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 112, "fullatt_block_indexes": [0]},
        **ids)
    return {
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(shift=1.0, use_dynamic_shifting=True),
        "vae": diffusers.AutoencoderKLQwenImage(
            base_dim=8, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1, latents_mean=[0.1, -0.2, 0.0, 0.3], latents_std=[1.5, 2.0, 1.2, 1.1]),
        "text_encoder": Qwen2_5_VLForConditionalGeneration(config), "tokenizer": words,
        "transformer": diffusers.QwenImageTransformer2DModel(
            in_channels=16, out_channels=4, num_layers=1, attention_head_dim=16, num_attention_heads=2, joint_attention_dim=16,
            axes_dims_rope=(4, 6, 6)),
    }


def _processor() -> Any:
    from transformers import Qwen2VLImageProcessor, Qwen2VLProcessor, Qwen2VLVideoProcessor

    return Qwen2VLProcessor(
        image_processor=Qwen2VLImageProcessor(min_pixels=28 * 28, max_pixels=56 * 56), tokenizer=tokenizer(),
        video_processor=Qwen2VLVideoProcessor(), chat_template=CHAT)


def _lora(family: str, place: Path) -> None:
    import torch
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    pipe = BUILT[family]()
    name = "unet" if family == "sd15" else "transformer"
    denoiser = getattr(pipe, name)
    denoiser.add_adapter(LoraConfig(r=2, lora_alpha=2, target_modules=["to_q", "to_k", "to_v"]))
    layers = {key: torch.randn_like(value) * 0.4 for key, value in get_peft_model_state_dict(denoiser).items()}
    place.parent.mkdir(parents=True, exist_ok=True)
    type(pipe).save_lora_weights(place.parent, weight_name=place.name, **{f"{name}_lora_layers": layers})


def tokenizer() -> Any:
    """One that reads bytes, with the marks of Qwen's chats."""
    from transformers import Qwen2TokenizerFast
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    with tempfile.TemporaryDirectory() as kept:
        vocabulary, merges = Path(kept) / "vocab.json", Path(kept) / "merges.txt"
        vocabulary.write_text(json.dumps({letter: number for number, letter in enumerate(bytes_to_unicode().values())}))
        merges.write_text("#version: 0.2\n")
        words = Qwen2TokenizerFast(
            str(vocabulary), str(merges), unk_token="<|endoftext|>", eos_token="<|im_end|>", pad_token="<|endoftext|>",
            extra_special_tokens=list(MARKS[1:]), chat_template=CHAT)
    return words


BUILT: Mapping[str, Callable[[], Any]] = {
    "sd15": _sd15, "z-image": _z_image, "qwen-image": _qwen_image, "qwen-image-edit": _qwen_image_edit,
    "qwen-image-edit-one": _qwen_image_edit_one, "flux2-klein": _flux2_klein,
}
