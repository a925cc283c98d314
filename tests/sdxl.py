"""Requests of the SDXL renderer over the tiny models, and one renderer that a whole test process shares."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import tiny
from calotype.ground.digest import sha256
from calotype.ground.images import digest_of
from calotype.workers.protocol import Failure, Rendered
from calotype.workers.render.diffusers import Diffusers

Request = dict[str, Any]

PLACES = {
    "base": "base", "refiner": "refiner", "vae": "vae", "openpose": "controlnets/openpose", "canny": "controlnets/canny",
    "union": "controlnets/union", "a": "loras/a.safetensors", "b": "loras/b.safetensors", "c": "loras/c.safetensors",
    "adapter": "ip_adapter/adapter.safetensors", "faceid": "ip_adapter/faceid.safetensors",
    "faceid with a lora": "ip_adapter/faceid_lora.safetensors", "another faceid": "ip_adapter/faceid_other.safetensors",
    "encoder": "ip_adapter/encoder",
}
SETTINGS = {"device": "cpu", "dtype": "float32"}


FACES = {"face1": 16, "face2": 16, "long face": 32}
PICTURES = {"photo": "navy", "other": "tomato", "edges": "black"}


def digest(name: str) -> str:
    """A stand-in for the SHA-256 of what is called `name`: requests hold digests, never names. Of a picture it is its
    pixel digest, of an embedding that of its file: what is read is held against these."""
    if name in FACES:
        return sha256(face(name))
    return digest_of(picture(name)) if name in PICTURES else f"{name.encode().hex():0<64}"[:64]


@cache
def picture(name: str) -> Image.Image:
    drawn = Image.new("RGB", (64, 64), PICTURES[name])
    drawn.paste("white", (20, 8, 28, 56))
    return drawn


@cache
def face(name: str) -> bytes:
    """An embedding as numpy writes it to a file."""
    number, file = list(FACES).index(name), io.BytesIO()
    np.save(file, np.random.default_rng(number).normal(size=FACES[name]).astype(np.float32))
    return file.getvalue()


def request(**changes: Any) -> Request:
    made = {
        "renderer": "sdxl", "epoch": 2, "seed": 1, "size": [64, 64], "prompt": "a boy standing", "negative": "",
        "steps": 2, "guidance_scale": 5.0, "models": {"base": digest("base"), "dtype": "float32"},
        "scheduler": {"name": "DPMSolverMultistepScheduler", "args": {"use_karras_sigmas": True}},
    }
    models = {**made["models"], **changes.pop("models", {})}
    return {**made, **changes, "models": models}


def lora(*names: str, weight: float = 0.8) -> dict[str, Any]:
    found = [{"weights": digest(name), "weight": weight} for name in names]
    return {"loras": sorted(found, key=lambda one: one["weights"])}


def control(name: str, shows: str = "edges", **changes: Any) -> dict[str, Any]:
    return {"weights": digest(name), "pixels": digest(shows), "strength": 0.8, "start": 0.0, "end": 1.0, **changes}


def start(shows: str = "photo", strength: float = 0.6) -> dict[str, Any]:
    return {"method": "img2img", "start": {"pixels": digest(shows), "strength": strength}}


@cache
def inputs() -> Mapping[str, Path]:
    models = tiny.models()
    folder = Path(tempfile.mkdtemp(dir=models))
    found = {digest(name): models / path for name, path in PLACES.items()}
    for name in PICTURES:
        picture(name).save(folder / f"{name}.png")
        found[digest(name)] = folder / f"{name}.png"
    for name in FACES:
        (folder / f"{name}.npy").write_bytes(face(name))
        found[digest(name)] = folder / f"{name}.npy"
    return found


@cache
def shared() -> Diffusers:
    """The renderer of this process: what it has loaded stays loaded from test to test, as from build to build."""
    return made()


def made(**settings: Any) -> Diffusers:
    renderer = Diffusers()
    renderer.configure({**SETTINGS, **settings}, lambda kind, **fields: None)
    return renderer


def answers(renderer: Diffusers, requests: Sequence[Request]) -> list[Rendered | Failure]:
    """One answer for each request, in their order."""
    found = sorted(renderer.perform(requests, inputs(), lambda: False), key=lambda one: one.index)
    assert [one.index for one in found] == list(range(len(requests)))
    return found


def draw(*requests: Request, renderer: Diffusers | None = None) -> list[np.ndarray]:
    """The samples of each request, all in one batch: (height, width, 3), 0 to 255."""
    found = answers(renderer or shared(), requests)
    assert all(isinstance(one, Rendered) for one in found), found
    return [np.asarray(one.pixels).astype(int) for one in found if isinstance(one, Rendered)]


def facts(one: Request, renderer: Diffusers | None = None) -> Mapping[str, Any]:
    [answer] = answers(renderer or shared(), [one])
    assert isinstance(answer, Rendered), answer
    return answer.facts


def refusal(one: Request, renderer: Diffusers | None = None) -> Failure:
    [answer] = answers(renderer or shared(), [one])
    assert isinstance(answer, Failure), answer
    return answer


def same(left: np.ndarray, right: np.ndarray) -> bool:
    return bool(np.array_equal(left, right))
