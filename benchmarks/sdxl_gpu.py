"""SDXL at full size on a GPU, with random weights: seconds, images a minute, peak memory; beside the plain pipeline.

    python benchmarks/sdxl_gpu.py                  # needs some 16 GB of GPU memory and 18 GB of disk; about ten minutes
    python benchmarks/sdxl_gpu.py --small          # the same on small models, anywhere: whether the harness works

Random weights cost what trained ones cost: time and memory do not depend on their values.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

UNET: dict[str, Any] = {
    "sample_size": 128, "in_channels": 4, "out_channels": 4, "layers_per_block": 2, "norm_num_groups": 32,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (320, 640, 1280), "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048, "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816, "use_linear_projection": True,
}
REFINER: dict[str, Any] = {
    **UNET,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (384, 768, 1536, 1536), "transformer_layers_per_block": 4,
    "attention_head_dim": (6, 12, 24, 24),
    "cross_attention_dim": 1280, "projection_class_embeddings_input_dim": 2560,
}
CONTROLNET: dict[str, Any] = {
    **{name: value for name, value in UNET.items() if name not in ("sample_size", "out_channels", "up_block_types")},
    "conditioning_embedding_out_channels": (16, 32, 96, 256),
}
VAE: dict[str, Any] = {
    "latent_channels": 4, "layers_per_block": 2, "sample_size": 1024, "block_out_channels": (128, 256, 512, 512),
    "scaling_factor": 0.13025, "force_upcast": True, "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
}
TEXT: dict[str, Any] = {
    "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12,
    "projection_dim": 768, "max_position_embeddings": 77, "hidden_act": "quick_gelu",
}
TEXT_2: dict[str, Any] = {
    **TEXT, "hidden_size": 1280, "intermediate_size": 5120, "num_attention_heads": 20, "num_hidden_layers": 32,
    "projection_dim": 1280, "hidden_act": "gelu",
}
"""The configs of stabilityai/stable-diffusion-xl-base-1.0, -refiner-1.0 and diffusers/controlnet-canny-sdxl-1.0."""
TARGETS = {"base": 15.0, "lora": 15.0, "controlnet": 20.0, "refiner": 25.0}
"""Seconds an image of 1024 x 1024, 30 steps, that the module asks for; its peak memory is 15.5 GB."""
NAMES = ("base", "refiner", "net", "lora", "map")


def digest(name: str) -> str:
    return f"{name.encode().hex():0<64}"[:64]


def models(folder: Path, small: bool, device: str) -> dict[str, Path]:
    """Base, refiner, ControlNet and LoRA on disk in half precision, and a map: digest -> place."""
    import torch

    import tiny

    if small:
        texts: tuple[Any, Any] = (tiny.TEXT, tiny.TEXT)
        unet, refiner, net, vae = tiny.UNET, tiny.REFINER, tiny.CONTROLNET, tiny.VAE
    else:
        texts, unet, refiner, net, vae = (TEXT, TEXT_2), UNET, REFINER, CONTROLNET, VAE
    kept = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32 if small else torch.float16)
    try:
        with torch.device(device):
            tiny.base(folder / "base", 1, unet, vae, texts)
            tiny.refiner(folder / "refiner", 2, refiner, vae, texts[1])
            tiny.controlnet(folder / "net", 3, net)
            tiny.lora(folder / "lora.safetensors", 4, unet=unet, rank=16)
    finally:
        torch.set_default_dtype(kept)
    map_picture().save(folder / "map.png")
    places = dict(zip(NAMES, ("base", "refiner", "net", "lora.safetensors", "map.png"), strict=True))
    return {map_digest() if name == "map" else digest(name): folder / place for name, place in places.items()}


def map_picture() -> Any:
    from PIL import Image

    return Image.radial_gradient("L").convert("RGB").resize((1024, 1024))


@cache
def map_digest() -> str:
    from calotype.ground.images import digest_of

    return digest_of(map_picture())


def request(case: str, size: int, steps: int, seed: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "renderer": "sdxl", "epoch": 1, "seed": seed, "size": [size, size],
        "prompt": "a boy standing", "negative": "text",
        "steps": steps, "guidance_scale": 7.5, "models": {"base": digest("base"), "dtype": "float16"},
        "scheduler": {"name": "DPMSolverMultistepScheduler", "args": {"use_karras_sigmas": True}},
    }
    if case == "lora":
        made["loras"] = [{"weights": digest("lora"), "weight": 0.8}]
    if case == "controlnet":
        net = {"weights": digest("net"), "pixels": map_digest(), "strength": 0.8, "start": 0.0, "end": 1.0}
        made["controls"] = [net]
    if case == "refiner":
        made |= {"refiner_start": 0.8, "models": {**made["models"], "refiner": digest("refiner")}}
    return made


def ours(
    inputs: dict[str, Path], batch: int, size: int, steps: int, rounds: int,
) -> Iterator[tuple[str, float, float, float]]:
    """(case, seconds an image, peak GB, seconds to load), one renderer for all cases."""
    from calotype.workers.protocol import Failure
    from calotype.workers.render.diffusers import Diffusers

    renderer = Diffusers()
    renderer.configure({"device": "auto", "deterministic": batch == 1}, lambda kind, **fields: None)
    for case in TARGETS:
        timings, loading, peak = [], 0.0, 0
        for number in range(rounds + 1):
            wanted = [request(case, size, steps, number * batch + one) for one in range(batch)]
            found = list(renderer.perform(wanted, inputs, lambda: False))
            failed = [one.message for one in found if isinstance(one, Failure)]
            if failed:
                raise SystemExit(f"{case}: {failed[0]}")
            facts = found[0].facts  # type: ignore[union-attr]
            loading += facts["load_seconds"]
            peak = max(peak, facts["peak_vram"] or 0)
            timings += [facts["render_seconds"]] if number else []
        yield case, statistics.median(timings), peak / 1e9, loading


def plain(folder: Path, size: int, steps: int, rounds: int, half: bool) -> float:
    """Seconds an image of the plain pipeline, as its documentation shows it."""
    import torch
    from diffusers import DPMSolverMultistepScheduler, StableDiffusionXLPipeline

    device = "cuda" if torch.cuda.is_available() else "cpu"
    pipe = StableDiffusionXLPipeline.from_pretrained(
        folder / "base", torch_dtype=torch.float16 if half else torch.float32, add_watermarker=False).to(device)
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config, use_karras_sigmas=True)
    pipe.set_progress_bar_config(disable=True)
    timings = []
    for number in range(rounds + 1):
        started = time.perf_counter()
        pipe("a boy standing", negative_prompt="text", width=size, height=size, num_inference_steps=steps,
             guidance_scale=7.5, generator=torch.Generator("cpu").manual_seed(number))
        timings += [time.perf_counter() - started] if number else []
    return statistics.median(timings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--rounds", type=int, default=4)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu" and not arguments.small:
        raise SystemExit("there is no GPU here; --small tries the harness")
    size, steps = (64, 4) if arguments.small else (1024, 30)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = models(folder, arguments.small, device)
        print(f"{torch.cuda.get_device_name() if device == 'cuda' else device}, {size}x{size}, {steps} steps, "
              f"torch {torch.__version__}")
        bare = plain(folder, size, steps, arguments.rounds, half=not arguments.small)
        print(f"plain pipeline, one at a time: {bare:.2f} s an image, {60 / bare:.1f} a minute")
        print("| what | batch | s an image | a minute | / plain | peak GB | load s | reach |")
        print("| --- " * 8 + "|")
        for batch in (1, 4):
            for case, seconds, peak, loading in ours(inputs, batch, size, steps, arguments.rounds):
                versus = f"{bare / seconds:.2f}x" if case == "base" else ""
                print(f"| {case} | {batch} | {seconds:.2f} | {60 / seconds:.1f} | {versus} | {peak:.1f} "
                      f"| {loading:.1f} | < {TARGETS[case]:.0f} s, < 15.5 GB |")


if __name__ == "__main__":
    main()
