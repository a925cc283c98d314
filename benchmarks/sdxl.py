"""SDXL on a CPU: a build of 60 mixed requests beside the programs that people write for them, in one run.

    python benchmarks/sdxl.py                      # 60 requests, 20 steps, three rounds; about ten minutes
    python benchmarks/sdxl.py --requests 24 --rounds 1

The models are small and random, with about the ratio of SDXL's load to its step on a GPU (loading the base takes as
long as some 75 steps). Whole processes, contenders taking turns, medians of paired ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from measure import Cost, interleaved, median_ms, ratio  # noqa: E402
from sdxl_jobs import IMAGES_OF_AN_EXERCISE, NEGATIVE, requests  # noqa: E402

SIZE = 128
WIDE = {
    "hidden_size": 512, "intermediate_size": 2048, "num_attention_heads": 8, "num_hidden_layers": 16,
    "projection_dim": 512,
}
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
PROGRAM = str(Path(sys.executable).parent / "calotype")
JOBS = [sys.executable, str(HERE / "sdxl_jobs.py")]


def lay_out(folder: Path, count: int, steps: int) -> None:
    """The models, the requests for the peers, and the same as a Calotype project."""
    from PIL import Image

    import tiny

    unet = {**tiny.UNET, "block_out_channels": (32, 64), "attention_head_dim": (4, 8), "cross_attention_dim": 1024,
            "projection_class_embeddings_input_dim": 512 + 48, "transformer_layers_per_block": (1, 2)}
    text = {**tiny.TEXT, **WIDE}
    net = {**tiny.CONTROLNET, **{name: unet[name] for name in tiny.CONTROLNET if name in unet}}
    tiny.base(folder / "models/base", 1, unet, texts=(text, text))
    for seed, name in enumerate(("openpose", "canny")):
        tiny.controlnet(folder / "models" / name, 10 + seed, net)
    for seed, name in enumerate(("a", "c")):
        tiny.lora(folder / "loras" / f"{name}.safetensors", 20 + seed, unet=unet)
    (folder / "refs").mkdir()
    Image.radial_gradient("L").convert("RGB").resize((SIZE, SIZE)).save(folder / "refs/photo.png")
    (folder / "size.json").write_text(str(SIZE))
    wanted = requests(count, steps)
    (folder / "requests.json").write_text(json.dumps(wanted))
    _project(folder, wanted, steps)


def _project(folder: Path, wanted: list[dict[str, Any]], steps: int) -> None:
    folder.joinpath("calotype.yaml").write_text(json.dumps({
        "version": 1, "renderer": "sdxl", "style": "plain",
        "defaults": {"size": [SIZE, SIZE], "preset": "job", "negative_prompt": NEGATIVE},
        "presets": {"job": {"steps": steps, "guidance_scale": 5.0}},
        "models": {"base": "models/base", "dtype": "float32", "device": "cpu"},
        "loras": {name: {"path": f"loras/{name}.safetensors", "weight": 0.8} for name in ("a", "c")},
        "controlnets": {name: {"model": f"models/{name}", "strength": 1.0} for name in ("openpose", "canny")},
    }))
    styles = folder / "templates/styles"
    styles.mkdir(parents=True)
    (styles / "plain.j2").write_text("{{ description }}")
    for number in range(0, len(wanted), IMAGES_OF_AN_EXERCISE):
        images = [_image(one) for one in wanted[number:number + IMAGES_OF_AN_EXERCISE]]
        spec = {"kind": "exercise", "id": f"e{number:03d}", "region": "arm", "images": images}
        path = folder / "specs/exercises" / f"e{number:03d}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(spec))


def _image(one: dict[str, Any]) -> dict[str, Any]:
    image: dict[str, Any] = {"view_angle": "lateral", "body_position": "standing", "description": one["prompt"],
                             "seed": one["seed"]}
    if one["lora"]:
        image["loras"] = [{"name": one["lora"]}]
    if one["kind"] == "img2img":
        image["reference"] = {"image": "refs/photo.png", "strength": 0.6}
    elif one["kind"] != "text2img":
        image["controls"] = [{"type": one["kind"], "map": "refs/photo.png"}]
    return image


def timed(*commands: list[str], cwd: Path) -> Cost:
    started = time.perf_counter()
    for command in commands:
        subprocess.run(
            command, cwd=cwd, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Cost(time.perf_counter() - started, 0.0)


def build(folder: Path, batched: bool = False) -> Cost:
    """A whole build; `batched` takes several images in one call."""
    config = json.loads((folder / "calotype.yaml").read_text())
    config["models"]["deterministic"] = not batched
    (folder / "calotype.yaml").write_text(json.dumps(config))
    for name in ("cache", "build", "content"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return timed([PROGRAM, "build", "-q"], cwd=folder)


def counts(folder: Path) -> dict[str, int]:
    """How often that build loads and switches, counted in this process."""
    import calotype
    from calotype.workers import warm

    for name in ("cache", "build", "content"):
        shutil.rmtree(folder / name, ignore_errors=True)
    calotype.Project.open(folder).build(jobs=1)
    host = getattr(warm.PROCESS.get("renderer", "sdxl"), "_host")  # noqa: B009
    return dict(host.counts)


def overhead(folder: Path, steps: int, images: int) -> tuple[float, float]:
    """Seconds an image of our renderer, and of the bare pipeline call with the same embeddings and noise."""
    import torch

    from calotype.workers.render.diffusers import Diffusers

    base = "b" * 64
    request = {
        "renderer": "sdxl", "epoch": 1, "seed": 1, "size": [SIZE, SIZE],
        "prompt": "a boy standing", "negative": NEGATIVE,
        "steps": steps, "guidance_scale": 5.0, "models": {"base": base, "dtype": "float32"},
        "scheduler": {"name": "DPMSolverMultistepScheduler", "args": {"use_karras_sigmas": True}},
    }
    renderer = Diffusers()
    renderer.configure({"device": "cpu"}, lambda kind, **fields: None)
    inputs = {base: folder / "models/base"}
    list(renderer.perform([request], inputs, lambda: False))
    session = renderer._host._session  # type: ignore[union-attr]
    pipe = session.base.pipe  # type: ignore[union-attr]
    texts = session.base.prompts.encode([request["prompt"]], [NEGATIVE])  # type: ignore[union-attr]
    ours, bare = [], []
    for seed in range(images):
        started = time.perf_counter()
        list(renderer.perform([{**request, "seed": seed}], inputs, lambda: False))
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        pipe(**texts, width=SIZE, height=SIZE, num_inference_steps=steps, guidance_scale=5.0,
             generator=torch.Generator("cpu").manual_seed(seed))
        bare.append(time.perf_counter() - started)
    return statistics.median(ours), statistics.median(a / b for a, b in zip(ours, bare, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--exercises", type=int, default=4, help="guides' processes run a round; the rest is scaled")
    arguments = parser.parse_args()
    os.environ.update(OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder, arguments.requests, arguments.steps)
        exercises = -(-arguments.requests // IMAGES_OF_AN_EXERCISE)
        some = min(arguments.exercises, exercises)

        def guides(_: int) -> Cost:
            first = (str(number * exercises // some) for number in range(some))
            cost = timed(*([*JOBS, "exercise", name, number] for number in first), cwd=folder)
            return Cost(cost.seconds * exercises / some, 0.0)

        costs = interleaved({
            "calotype": lambda _: build(folder),
            "calotype, in batches": lambda _: build(folder, batched=True),
            "loop": lambda _: timed([*JOBS, "loop", name], cwd=folder),
            "shared loop": lambda _: timed([*JOBS, "shared", name], cwd=folder),
            "guides": guides,
        }, arguments.rounds)
        seconds = ", ".join(f"{who} {median_ms(cost) / 1000:.1f}" for who, cost in costs.items())
        print(f"{arguments.requests} requests, {arguments.steps} steps, {arguments.rounds} rounds; seconds: {seconds}")
        for peer, reach in (("loop", 0.8), ("shared loop", None), ("guides", 0.1)):
            told = f" (reach {reach}x)" if reach else ""
            found = [ratio(costs[who], costs[peer]) for who in ("calotype", "calotype, in batches")]
            print(f"calotype / {peer}: {found[0]:.2f}x, in batches {found[1]:.2f}x{told}")
        print(f"loads and switches: {counts(folder)}")
        seconds, ours = overhead(folder, 30, 15)
        print(f"one image, 30 steps: {seconds:.3f} s, {(ours - 1) * 100:+.1f} % over the bare call (reach +2 %)")


if __name__ == "__main__":
    main()
