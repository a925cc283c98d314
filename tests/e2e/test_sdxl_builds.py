"""Builds with SDXL as people run them: little is loaded or switched, nothing is noisy, a stop leaves no harm."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from PIL import Image

import single_file
import tiny
from calotype.workers import warm
from conftest import CALOTYPE, REPOSITORY, Space

CONFIG = """\
version: 1
renderer: sdxl
defaults: {size: [64, 64], preset: quick}
presets: {quick: {steps: 2, guidance_scale: 5.0}}
models: {base: models/base, dtype: float32, device: cpu}
loras: {a: {path: loras/a.safetensors, weight: 0.8}, c: {path: loras/c.safetensors, weight: 0.5}}
controlnets: {openpose: {model: models/openpose}, canny: {model: models/canny}}
"""


@pytest.fixture
def mixed(space: Space) -> Space:
    """Twelve images in six specs: three LoRA sets with text, two ControlNets and a picture to start from, all mixed."""
    models = tiny.models()
    for source, name in (("base", "base"), ("controlnets/openpose", "openpose"), ("controlnets/canny", "canny")):
        shutil.copytree(models / source, space.root / "models" / name)
    shutil.copytree(models / "loras", space.root / "loras")
    (space.root / "refs").mkdir()
    Image.radial_gradient("L").resize((64, 64)).convert("RGB").save(space.root / "refs/photo.png")
    space.write("calotype.yaml", CONFIG)
    ways = [{}, {"controls": [{"type": "openpose", "from": "pose"}]}, {"controls": [{"type": "canny", "map": "refs/photo.png"}]},
            {"reference": {"image": "refs/photo.png", "strength": 0.6}}]
    images = [{"view_angle": "lateral", "body_position": "standing", "description": f"a boy {number}", **way,
               **({"loras": [{"name": lora}]} if lora else {})}
              for number, (way, lora) in enumerate(product(ways, ("a", None, "c")))]
    order = sorted(range(12), key=lambda number: (number * 5) % 12)
    for spec in range(6):
        chosen = [images[number] for number in order[2 * spec:2 * spec + 2]]
        space.write(f"specs/exercises/arm/e{spec}.yaml", json.dumps(
            {"kind": "exercise", "id": f"e{spec}", "region": "arm", "images": chosen}))
    return space


def test_each_model_is_loaded_once_and_loras_are_switched_as_seldom_as_can_be(mixed: Space) -> None:
    warm.PROCESS.close()
    done = mixed.call("build", "--json", "-j", "1")
    assert (done.code, done.json["renders"]) == (0, 12)
    host = warm.PROCESS.get("renderer", "diffusers")._host  # type: ignore[attr-defined]
    counts = host.counts
    # The base, two ControlNets, two LoRAs. Of each kind of pipeline the three LoRA sets come one after another, and
    # the last one goes on where the ControlNet changes: to wear another is a switch, and to wear none is one.
    assert counts["loads"] == 5 and counts["lora loads"] == 2
    assert counts["lora switches"] <= 3 * 3 + 2


def test_a_build_says_nothing_but_its_own_words(mixed: Space) -> None:
    done = mixed.run("build", env={"OMP_NUM_THREADS": "1"})
    assert done.code == 0
    spoken = [line for line in done.err.splitlines() if "image" not in line and "each" not in line and "model" not in line]
    assert not [line for line in spoken if "arn" in line or "diffusers" in line or "huggingface" in line], done.err
    facts = _facts(mixed)
    assert all(one["device"] == "cpu" and one["batch"] == 1 for one in facts)
    assert sum(one["loads"] for one in facts) == 5


def test_the_log_tells_steps_and_loads(mixed: Space) -> None:
    mixed.run("build", "exercises/e0", "-j", "1", env={"OMP_NUM_THREADS": "1"})
    logs = sorted((mixed.root / "build/logs").glob("*.jsonl"))
    events = [json.loads(line) for line in logs[-1].read_text().splitlines()]
    steps = [one for one in events if one["event"] == "render.step"]
    assert steps and all(1 <= one["step"] <= one["steps"] for one in steps)
    assert any(one["event"] == "model.loaded" and one["name"] == "base" for one in events)


def test_a_stop_comes_between_two_steps_and_what_was_finished_is_kept(mixed: Space) -> None:
    mixed.edit("calotype.yaml", "steps: 2", "steps: 60")
    command = [str(CALOTYPE), "build", "-j", "1"]
    process = subprocess.Popen(command, cwd=mixed.root, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    wait_for(lambda: told(mixed, "action.finished", "render") >= 2 and process.poll() is None)
    at = told(mixed, "render.step")
    wait_for(lambda: told(mixed, "render.step") > at)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)  # the second does not wait for the picture in work
    assert process.wait(timeout=30) == 130
    finished = told(mixed, "action.finished", "render")
    assert 2 <= finished < 12
    assert mixed.call("plan", "--json").json["renders"] <= 12 - finished
    assert mixed.call("cache", "verify").code == 0


def told(space: Space, kind: str, action: str = "") -> int:
    """How many events of a kind the builds' logs hold; with `action`, those of that kind of action."""
    lines = [line for log in (space.root / "build/logs").glob("*.jsonl") for line in log.read_text().splitlines()]
    return sum(f'"event": "{kind}"' in line and f'"action": "{action}"' in line if action else f'"event": "{kind}"' in line
               for line in lines)


def wait_for(condition: Callable[[], bool], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_preview_in_another_preset_leaves_content_alone(mixed: Space) -> None:
    mixed.call("build", "exercises/e0")
    before = mixed.snapshot("content")
    done = mixed.call("build", "exercises/e0", "--preset", "draft", "--renderer", "mannequin", "--json")
    assert done.code == 0
    assert mixed.snapshot("content") == before


def test_an_image_tells_what_it_was_made_with(mixed: Space) -> None:
    mixed.call("build")
    lines = [json.loads(line) for line in mixed.read("content/manifest/exercises/arm.jsonl").splitlines()]
    line = next(one for one in lines if "loras" in one["request"] and "controls" in one["request"])
    said = mixed.call("inspect", line["path"], "--json").json
    lora = line["request"]["loras"][0]["weights"][:10]
    assert said["parameters"]["Sampler"] == "DPM++ 2M Karras"
    assert said["parameters"]["Model hash"] == line["request"]["models"]["base"][:10]
    name, weight = ("a", 0.8) if said["parameters"]["Lora hashes"].startswith("a") else ("c", 0.5)
    assert said["parameters"]["Lora hashes"] == f"{name}: {lora}"
    assert said["parameters"]["prompt"].endswith(f" <lora:{name}:{weight}>")
    assert said["digital_source_type"].endswith("trainedAlgorithmicMedia")


def test_packages_that_options_need_are_told_at_their_lines_before_a_render(mixed: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in ("torchsde", "imwatermark") else find(name))
    mixed.edit("calotype.yaml", "device: cpu}", "device: cpu, watermark: true}")
    mixed.edit("calotype.yaml", "guidance_scale: 5.0}", "guidance_scale: 5.0, scheduler: DPMSolverSDEScheduler}")
    done = mixed.call("build", "--json")
    assert done.code == 2 and done.json["renders"] == 0
    told = {one["hint"].partition(",")[0]: (one["file"], one["line"]) for one in done.json["diagnostics"]}
    assert told == {"pip install torchsde": ("calotype.yaml", 4), "pip install invisible-watermark": ("calotype.yaml", 5)}
    assert len(done.json["diagnostics"]) == 2
    warned = mixed.call("validate", "--json")
    assert warned.code == 0 and [one["code"] for one in warned.json["diagnostics"]].count("package-missing") == 2
    said = mixed.call("doctor").out
    assert "pip install torchsde" in said and "pip install invisible-watermark" in said


def test_a_lora_that_does_not_fit_is_told_by_its_name(mixed: Space) -> None:
    from safetensors.torch import load_file, save_file

    path = mixed.root / "loras/c.safetensors"
    save_file({**load_file(path), "unet.nowhere.lora_A.weight": load_file(path).popitem()[1]}, path)
    mixed.edit("calotype.yaml", "c: {path: loras/c", "crayon: {path: loras/c")
    mixed.write("specs/exercises/arm/e0.yaml", json.dumps({"kind": "exercise", "id": "e0", "region": "arm", "images": [
        {"view_angle": "lateral", "body_position": "standing", "description": "a boy", "loras": [{"name": "crayon"}]}]}))
    for path in [mixed.root / file for file in mixed.files("specs") if not file.endswith("e0.yaml")]:
        path.unlink()
    done = mixed.call("build")
    assert done.code == 1 and "the LoRA `crayon` (loras/c.safetensors) does not fit the base model" in done.err


def test_a_lora_called_otherwise_renders_nothing_and_new_pictures_call_it_so(mixed: Space) -> None:
    def called(image: str) -> str:
        return str(mixed.call("inspect", f"content/images/exercises/arm/{image}.png", "--json").json["parameters"]["prompt"])

    spec = "specs/exercises/arm/e0.yaml"
    mixed.write(spec, json.dumps({"kind": "exercise", "id": "e0", "region": "arm", "images": [
        {"view_angle": "lateral", "body_position": "standing", "description": "a boy", "loras": [{"name": "c"}]}]}))
    assert mixed.call("build", "exercises/e0", "--json").json["renders"] == 1
    before = mixed.snapshot("content/images")
    mixed.edit("calotype.yaml", "c: {path: loras/c", "crayon: {path: loras/c")
    for path in mixed.files("specs"):
        mixed.write(path, mixed.read(path).replace('"name": "c"', '"name": "crayon"'))
    assert mixed.call("build", "exercises/e0", "--json").json["renders"] == 0
    assert mixed.snapshot("content/images") == before and called("e0_01").endswith("<lora:c:0.5>")
    mixed.edit(spec, "a boy", "a girl")
    assert mixed.call("build", "exercises/e0", "--json").json["renders"] == 1
    assert called("e0_01").endswith("<lora:crayon:0.5>")
    assert "crayon (loras/c.safetensors)" in mixed.call("models").out


def test_lint_counts_with_the_model_s_own_tokenizer_where_prompts_are_cut(mixed: Space) -> None:
    """The tiny tokenizer has a token for each of these words, and one for each letter of `zzzz`."""
    long = "boy " * 74 + "red zzzz"
    mixed.remove("specs")
    mixed.write("templates/styles/medical.j2", "{{ description }}")
    mixed.write("specs/exercises/arm/one.yaml", json.dumps({"kind": "exercise", "id": "one", "region": "arm", "images": [
        {"view_angle": "lateral", "body_position": "standing", "description": long, "alt": "A boy stands."}]}))
    assert mixed.call("validate", "--json").json["diagnostics"] == []  # read whole
    mixed.edit("calotype.yaml", "device: cpu", "device: cpu, long_prompts: false")
    [told] = mixed.call("validate", "--json").json["diagnostics"]
    assert told["code"] == "prompt-too-long" and "has 79 tokens" in told["message"] and told["message"].endswith("it loses: zzzz")


def test_a_checkpoint_in_one_file_takes_its_configs_from_elsewhere(space: Space, tmp_path: Path) -> None:
    second = {**tiny.TEXT, "hidden_size": 48}
    tiny.base(tmp_path / "base", 5, {**tiny.UNET, "cross_attention_dim": 80}, texts=(tiny.TEXT, second))
    (space.root / "models").mkdir()
    single_file.write(tmp_path / "base", space.root / "models/one.safetensors")
    for path in (tmp_path / "base").rglob("*"):
        if path.is_file() and not path.name.endswith(".safetensors"):
            space.write(f"models/config/{path.relative_to(tmp_path / 'base').as_posix()}", path.read_bytes())
    space.write("calotype.yaml", CONFIG.replace("base: models/base,", "base: models/one.safetensors, config: models/config,"))
    space.write("specs/exercises/arm/one.yaml", json.dumps({"kind": "exercise", "id": "one", "region": "arm", "images": [
        {"view_angle": "lateral", "body_position": "standing", "description": "a boy"}]}))
    assert space.call("build", "--json").json["renders"] == 1
    names = {row["name"]: row["place"] for row in space.call("models", "--json").json["models"]}
    assert names == {"models/one.safetensors": "project", "models/config (config)": "project"}
    space.move("models/one.safetensors", "models/two.safetensors")
    space.edit("calotype.yaml", "models/one.safetensors", "models/two.safetensors")
    assert space.call("build", "--json").json["renders"] == 0
    space.edit("models/config/scheduler/scheduler_config.json", "0.012", "0.013")
    assert space.call("build", "--json").json["renders"] == 1


def test_the_harness_of_the_gpu_benchmark_works() -> None:
    script = REPOSITORY / "benchmarks/sdxl_gpu.py"
    done = subprocess.run([sys.executable, str(script), "--small", "--rounds", "1"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [line for line in done.stdout.splitlines() if line.startswith(("| base", "| lora", "| controlnet", "| refiner"))]
    assert len(rows) == 8


def _facts(space: Space) -> list[dict[str, object]]:
    from calotype.store.action_cache import ActionCache

    cache = ActionCache(space.root / "cache/actions.db")
    found = [cache.get(key) for key in list(cache.keys())]
    return [dict(one.facts) for one in found if one is not None and "device" in one.facts]
