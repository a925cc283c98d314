"""The pages' programs that turn published pickles into safetensors: run as they stand there, on small models."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import tiny
from conftest import REPOSITORY

Tensors = dict[str, Any]


def program(page: str) -> str:
    """The one program of a page that reads pickles."""
    blocks = re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs" / page).read_text(encoding="utf-8"), re.S)
    [block] = [block for block in blocks if "torch.load" in block]
    return str(block)


def run(page: str, folder: Path) -> None:
    subprocess.run([sys.executable, "-c", program(page)], cwd=folder, check=True, timeout=60)


def test_openpose_s_networks_are_converted_whole(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    networks = {name: {"conv1_1.weight": torch.rand(3, 2).T, "conv1_1.bias": torch.rand(2)}
                for name in ("body_pose_model", "hand_pose_model", "facenet")}
    for name, state in networks.items():
        torch.save(state, tmp_path / f"{name}.pth")
    run("controls.md", tmp_path)
    for name, state in networks.items():
        same(load_file(tmp_path / f"models/openpose/{name}.safetensors"), state)


def test_a_faceid_adapter_is_converted_to_what_the_renderer_loads(tmp_path: Path) -> None:
    """The small adapter of the renderer's own tests, laid out as it would be published."""
    import torch
    from safetensors.torch import load_file

    loaded = load_file(tiny.models() / "ip_adapter/faceid_lora.safetensors")
    published: dict[str, Tensors] = {}
    for name, value in loaded.items():
        part, _, inner = name.partition(".")
        published.setdefault(part, {})[inner] = value
    assert published.keys() == {"image_proj", "ip_adapter"}
    torch.save(published, tmp_path / "ip-adapter-faceid_sdxl.bin")
    run("sdxl.md", tmp_path)
    same(load_file(tmp_path / "models/faceid/ip-adapter-faceid_sdxl.safetensors"), loaded)


def same(first: Tensors, second: Tensors) -> None:
    assert first.keys() == second.keys()
    assert all(first[name].equal(second[name]) for name in first)
