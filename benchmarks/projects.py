"""The same project for Calotype and for its peers: exercise specs in twenty regions, three images of each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

REGIONS = 20
VIEWS = ("lateral", "anterior", "posterior")
BIN = Path(sys.executable).parent
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

CONFIG = "version: 1\nrenderer: {renderer}\ndefaults: {{size: [64, 64]}}\n"
SPEC = """kind: exercise
id: {id}
region: {region}
title: Exercise {number}
tags: [posture, strengthening]
seed: {seed}
{renderer}images:
{images}"""
IMAGE = """  - view_angle: {view}
    body_position: standing
    description: phase {phase} of the movement, spine neutral, shoulders level
    muscles_shown: [trapezius, deltoid]
    joints_shown: [shoulder]
    pose: {{base: standing, left: {{shoulder_flexion: {angle}}}}}
"""

PLAIN = '''"""A renderer that costs next to nothing: noise of the request."""
import hashlib
from calotype.workers.protocol import Estimate, Rendered

class Plain:
    name, epoch = "plain", 1
    def request(self, image):
        start, maps = image.reference, [control.pixels for control in image.controls]
        return {"renderer": "plain", "epoch": 1, "seed": image.seed, "view": image.view, "size": list(image.size),
                "start": start.pixels if start else None, "maps": maps}
    def affinity(self, request):
        return ("plain",)
    def estimate(self, request):
        return Estimate(0.0001)
    def perform(self, batch, inputs, cancel):
        from PIL import Image
        for index, request in enumerate(batch):
            name = repr(sorted(request.items())).encode()
            size = tuple(request["size"])
            yield Rendered(index, Image.frombytes("L", size, hashlib.shake_128(name).digest(size[0] * size[1])))
'''


def name_of(number: int) -> tuple[str, str]:
    """(region, id) of a spec."""
    return f"region_{number % REGIONS:02d}", f"exercise_{number:06d}"


def spec_text(number: int, seed: int, mannequin: bool) -> str:
    region, name = name_of(number)
    images = "".join(IMAGE.format(view=view, phase=phase, angle=(number * 7 + phase * 30) % 160)
                     for phase, view in enumerate(VIEWS))
    renderer = "renderer: mannequin\n" if mannequin else ""
    return SPEC.format(id=name, region=region, number=number, seed=seed, renderer=renderer, images=images)


def calotype_project(root: Path, specs: int, *, edited: int = 0, renderer: str = "plain") -> Path:
    """`specs` specs, unbuilt; the first `edited` of them are drawn by the mannequin, which the edits will call for."""
    _folders(root, "specs/exercises")
    for number in range(specs):
        write_spec(root, number, number, mannequin=number < edited)
    (root / "calotype.yaml").write_text(CONFIG.format(renderer=renderer))
    return root


def write_spec(root: Path, number: int, seed: int, *, mannequin: bool) -> None:
    region, name = name_of(number)
    (root / f"specs/exercises/{region}/{name}.yaml").write_text(spec_text(number, seed, mannequin))


def plain_renderer(folder: Path) -> dict[str, str]:
    """Makes the plain renderer an installed plug-in for processes started with the environment returned."""
    info = folder / "plain_renderer-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "plain_renderer.py").write_text(PLAIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plain-renderer\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[calotype.renderers]\nplain = plain_renderer:Plain\n")
    return {**ENVIRONMENT, "PYTHONPATH": str(folder)}


def peer_project(root: Path, specs: int) -> Path:
    """The tree that a peer looks at, images and all: written in spec order, so that every image is newer."""
    _folders(root, "specs/exercises")
    _folders(root, "content/images/exercises")
    for number in range(specs):
        write_spec(root, number, number, mannequin=False)
    for _, images in edges(specs):
        for image in images:
            (root / image).write_bytes(image.encode() * 40)
    return root


def edges(specs: int) -> Iterator[tuple[str, list[str]]]:
    for number in range(specs):
        region, name = name_of(number)
        yield (f"specs/exercises/{region}/{name}.yaml",
               [f"content/images/exercises/{region}/{name}_{image:02d}.png" for image in (1, 2, 3)])


def ninja_project(root: Path, specs: int) -> list[str]:
    peer_project(root, specs)
    lines = ["rule render", "  command = touch $out"]
    lines += [f"build {' '.join(images)}: render {spec}" for spec, images in edges(specs)]
    (root / "build.ninja").write_text("\n".join(lines) + "\n")
    return _built(root, [_tool("ninja"), "--quiet"])


def make_project(root: Path, specs: int) -> list[str]:
    peer_project(root, specs)
    rules = [(" ".join(images), spec) for spec, images in edges(specs)]
    everything = " ".join(images for images, _ in rules)
    text = f"all: {everything}\n" + "".join(f"{images} &: {spec}\n\t@touch {images}\n" for images, spec in rules)
    (root / "Makefile").write_text(f"MAKEFLAGS += --no-builtin-rules\n.SUFFIXES:\n{text}")
    return _built(root, [_tool("make"), "--silent"])


def doit_project(root: Path, specs: int) -> list[str]:
    peer_project(root, specs)
    (root / "dodo.py").write_text(f"""import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from projects import edges

def touch(targets):
    for target in targets:
        open(target, "ab").close()

def task_render():
    for spec, images in edges({specs}):
        yield {{"name": spec, "file_dep": [spec], "targets": images, "actions": [touch]}}
""")
    return _built(root, [str(BIN / "doit"), "--verbosity", "0", "--reporter", "zero"])


def _built(root: Path, command: list[str]) -> list[str]:
    subprocess.run(command, cwd=root, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
    return command


def _tool(name: str) -> str:
    found = shutil.which(name) or str(BIN / name)
    if not Path(found).exists():
        raise SystemExit(f"{name} is not installed")
    return found


def _folders(root: Path, above: str) -> None:
    for number in range(REGIONS):
        (root / above / name_of(number)[0]).mkdir(parents=True, exist_ok=True)
