"""Three named models of two families on a CPU: a build of 60 mixed requests beside a good loop in the specs' order.

    python benchmarks/named_models.py                  # 60 requests in 20 specs, 20 steps, two rounds; some minutes
    python benchmarks/named_models.py --requests 12 --rounds 1

Each spec of three images takes the next model. The loop is a plain diffusers program that holds one model at a time, as
a card of 12 GB does, and loads another when the next spec wants it; `all loaded` is the same loop with room for three.
Whole processes on one core, contenders taking turns, medians of paired ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from measure import Cost, interleaved, median_ms, ratio, run  # noqa: E402

SIZE, OF_A_SPEC = 128, 3
WIDE = {
    "hidden_size": 512, "intermediate_size": 2048, "num_attention_heads": 8, "num_hidden_layers": 16,
    "projection_dim": 512,
}
MODELS = {"portrait": "sdxl-1", "town": "z-image", "sketch": "sdxl-2"}
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
PROGRAM = str(Path(sys.executable).parent / "calotype")


def lay_out(folder: Path, count: int, steps: int) -> None:
    """The models, and the requests as a project and as a list."""
    import tiny
    import tiny_families

    unet = {**tiny.UNET, "block_out_channels": (32, 64), "attention_head_dim": (4, 8), "cross_attention_dim": 1024,
            "projection_class_embeddings_input_dim": 512 + 48, "transformer_layers_per_block": (1, 2)}
    text = {**tiny.TEXT, **WIDE}
    for seed in (1, 2):
        tiny.base(folder / f"models/sdxl-{seed}", seed, unet, texts=(text, text))
    shutil.copytree(tiny_families.folder("z-image"), folder / "models/z-image")
    names = list(MODELS)
    wanted = [{"model": names[number // OF_A_SPEC % 3], "seed": number, "prompt": f"a boy standing {number}"}
              for number in range(count)]
    models = {name: {"base": f"models/{place}"} for name, place in MODELS.items()}
    (folder / "requests.json").write_text(json.dumps({"steps": steps, "requests": wanted}))
    (folder / "calotype.yaml").write_text(json.dumps({
        "version": 1, "renderer": "diffusers", "style": "plain",
        "defaults": {"size": [SIZE, SIZE], "preset": "job", "model": "portrait"},
        "presets": {"job": {"steps": steps, "guidance_scale": 5.0, "scheduler": "own"}},
        "models": {"device": "cpu", "dtype": "float32", **models}}))
    (folder / "templates/styles").mkdir(parents=True)
    (folder / "templates/styles/plain.j2").write_text("{{ description }}")
    for number in range(0, count, OF_A_SPEC):
        images = [{"description": each["prompt"], "seed": each["seed"], "model": each["model"]}
                  for each in wanted[number:number + OF_A_SPEC]]
        path = folder / f"specs/exercises/e{number:03d}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"kind": "exercise", "id": f"e{number:03d}", "region": "arm", "images": images}))


def loop(folder: Path, keep: bool) -> None:
    """The plain program."""
    import diffusers
    import torch

    job = json.loads((folder / "requests.json").read_text())
    pipes: dict[str, Any] = {}
    (folder / "out").mkdir(exist_ok=True)
    for each in job["requests"]:
        name = each["model"]
        if name not in pipes:
            if not keep:
                pipes.clear()
            pipes[name] = diffusers.DiffusionPipeline.from_pretrained(folder / "models" / MODELS[name])
            pipes[name].set_progress_bar_config(disable=True)
        picture = pipes[name](
            each["prompt"], negative_prompt="", width=SIZE, height=SIZE, num_inference_steps=job["steps"],
            guidance_scale=5.0, generator=torch.Generator("cpu").manual_seed(each["seed"])).images[0]
        picture.save(folder / "out" / f"{each['seed']}.png")


def build(folder: Path) -> Cost:
    for name in ("cache", "build", "content"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return run([PROGRAM, "build", "-q"], folder, ENVIRONMENT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--loop", choices=("one", "all"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.loop:
        loop(chosen.folder, chosen.loop == "all")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(folder, chosen.requests, chosen.steps)
        plain = [sys.executable, str(HERE / "named_models.py"), "--folder", name, "--loop"]
        costs = interleaved({
            "calotype": lambda _: build(folder), "loop": lambda _: run([*plain, "one"], folder, ENVIRONMENT),
            "all loaded": lambda _: run([*plain, "all"], folder, ENVIRONMENT)}, chosen.rounds)
        seconds = ", ".join(f"{who} {median_ms(cost) / 1000:.1f}" for who, cost in costs.items())
        print(f"{chosen.requests} requests, {chosen.steps} steps, {chosen.rounds} rounds; seconds: {seconds}")
        print(f"calotype / loop: {ratio(costs['calotype'], costs['loop']):.2f}x (reach 0.7x)")
        print(f"calotype / loop with all three loaded: {ratio(costs['calotype'], costs['all loaded']):.2f}x")


if __name__ == "__main__":
    main()
