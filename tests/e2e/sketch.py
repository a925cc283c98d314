"""A real plug-in renderer for tests: an installed distribution that reads prompts, LoRAs, references and presets."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

EPOCH = "EPOCH = 1"
MODULE = '''
"""Draws a block of colour for each part of a request. The scheduler is read, and changes no pixel."""

import hashlib
import json
from pathlib import Path

from calotype.workers.protocol import Estimate, Rendered

EPOCH = 1
DRAWN = Path(__file__).with_name("drawn.log")


def _weights(image, name):
    """A checkpoint in the project counts by its bytes, one on the Hub by its name."""
    return image.digest(name) if name.endswith(".safetensors") else name


class Sketch:
    name = "sketch"
    epoch = EPOCH
    exact = True

    def request(self, image):
        words, start = image.words(), image.reference
        return {
            "renderer": "sketch", "epoch": EPOCH, "seed": image.seed, "size": list(image.size),
            "prompt": words.prompt, "negative": words.negative,
            "steps": image.preset["steps"], "scheduler": image.preset["scheduler"],
            "posture": image.posture, "base": _weights(image, image.models["base"]),
            "loras": [{"weights": image.digest(one.path), "weight": one.weight} for one in image.loras],
            "controls": [
                {
                    "type": one.type, "strength": one.strength,
                    "pixels": one.pixels,
                }
                for one in image.controls
            ],
            "reference": None if start is None else {
                "pixels": start.pixels, "strength": start.strength, "method": start.method,
            },
        }

    def affinity(self, request):
        return ("sketch", *(one["weights"] for one in request["loras"]))

    def estimate(self, request):
        return Estimate(0.001)

    def perform(self, batch, inputs, cancel):
        from PIL import Image

        for index, request in enumerate(batch):
            if cancel():
                return
            picture = Image.new("RGB", tuple(request["size"]))
            seen = {name: value for name, value in request.items() if name != "scheduler"}
            width = request["size"][0] // len(seen)
            for place, value in enumerate(seen.values()):
                colour = tuple(hashlib.sha256(json.dumps(value).encode()).digest()[:3])
                picture.paste(colour, (place * width, 0, (place + 1) * width, request["size"][1]))
            if request["reference"]:
                picture.paste(Image.open(inputs[request["reference"]["pixels"]]).convert("RGB").resize((8, 8)), (0, 0))
            for place, control in enumerate(request["controls"]):
                held = Image.open(inputs[control["pixels"]]).convert("RGB").resize((8, 8))
                picture.paste(held, (8 * place, request["size"][1] - 8))
            with DRAWN.open("a") as log:
                log.write(f"{request['seed']}\\n")
            yield Rendered(index, picture, {"device": "cpu"})
'''


@cache
def site() -> Path:
    """A folder where the plug-in is installed for all tests of this process: a module is imported only once."""
    folder = Path(tempfile.mkdtemp(prefix="calotype-sketch-"))
    atexit.register(shutil.rmtree, folder)
    install(folder)
    return folder


def install(folder: Path) -> Path:
    """Lays the distribution out in `folder`, which is then to be put on the path. Returns the module's file."""
    info = folder / "calotype_sketch-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: calotype-sketch\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[calotype.renderers]\nsketch = calotype_sketch:Sketch\n")
    module = folder / "calotype_sketch.py"
    module.write_text(MODULE)
    return module


def drawn(folder: Path) -> int:
    """How many pictures the renderer has really drawn."""
    log = folder / "drawn.log"
    return len(log.read_text().splitlines()) if log.exists() else 0
