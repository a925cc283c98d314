"""One key, one picture: whatever was made before a request and beside it, it gives what a fresh session gives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from calotype.workers.protocol import Failure, Rendered
from calotype.workers.render.diffusers import session
from calotype.workers.render.diffusers.lora import adapters
from sdxl import Request, answers, control, digest, lora, made, request, start

PICTURES = {"weights": digest("adapter"), "encoder": digest("encoder"), "scale": 0.7, "pictures": [digest("photo")]}
FACE = {"scale": 0.7, "embeddings": [digest("face1")]}
REFINED = {"refiner_start": 0.5, "models": {"refiner": digest("refiner")}}


def scheduled(name: str, **arguments: Any) -> dict[str, Any]:
    return {"scheduler": {"name": f"{name}Scheduler", "args": arguments}}


NONE: dict[str, Any] = {}
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "way": [
        NONE, start(), start("other", 0.9), {"controls": [control("openpose")]}, {"controls": [control("canny", "photo", end=0.5)]},
        {"controls": [control("openpose", strength=0.4), control("canny", "photo")]}, {**start(), "controls": [control("canny")], "method": "both"},
        {"controls": [control("union", mode="openpose")]}, {"controls": [control("union", mode="depth"), control("union", "photo", mode="canny")]},
        {**start(), "controls": [control("union", mode="canny")], "method": "both"},
    ],
    "refiner": [NONE, NONE, REFINED, {**REFINED, "refiner_start": 0.75}],
    "faces": [
        NONE, NONE, {"faces": PICTURES}, {"faces": {**PICTURES, "scale": 0.2, "pictures": [digest("photo"), digest("other")]}},
        {"faces": {**FACE, "weights": digest("faceid")}}, {"faces": {**FACE, "weights": digest("faceid with a lora")}},
        {"faces": {**FACE, "weights": digest("another faceid")}}, {"faces": {**FACE, "weights": digest("faceid with a lora"), "scale": 0.0}},
    ],
    "loras": [NONE, lora("a"), lora("b"), lora("a", "b", weight=0.4), lora("c", weight=-0.5), lora("a", "b", "c"), lora("adapter")],
    "scheduler": [
        scheduled("DPMSolverMultistep"), scheduled("DPMSolverMultistep", use_karras_sigmas=True), scheduled("EulerDiscrete"),
        scheduled("EulerDiscrete", timestep_spacing="trailing", use_karras_sigmas=True), scheduled("EulerAncestralDiscrete"),
        scheduled("DPMSolverMultistep", algorithm_type="sde-dpmsolver++", euler_at_final=True), scheduled("UniPCMultistep"),
        scheduled("DDIM", timestep_spacing="trailing"), scheduled("HeunDiscrete"), scheduled("DDIM"),
    ],
    "guidance": [NONE, {"guidance_scale": 1.0}, {"guidance_scale": 8.0}, {"guidance_rescale": 0.7}],
    "clip_skip": [NONE, NONE, {"clip_skip": 1}, {"clip_skip": 2}],
    "texts": [NONE, {"negative": "text"}, {"prompt": "a (red)1.4 boy"}, {"prompt": "a boy, " * 40, "negative": "text"}, {"prompt": ""}],
    "vae": [NONE, NONE, {"models": {"vae": digest("vae")}}],
    "models": [NONE, NONE, NONE, {"models": {"long_prompts": False}}, {"models": {"watermark": True}}, {"models": {"dtype": "bfloat16"}}],
}
"""Of every option, the values that are mixed. Some of what comes out cannot be made, and is refused in the same words."""


def mixed(seed: int, count: int) -> list[Request]:
    """So many requests over all options: each value of each option stands in about as many of them, in random company."""
    chance = random.Random(seed)
    columns = []
    for values in OPTIONS.values():
        column = (values * count)[:max(count, len(values))]
        chance.shuffle(column)
        columns.append(column)
    return [_joined(chance.randrange(2**32), choice) for choice in zip(*columns, strict=False)][:count]


def _joined(seed: int, choice: tuple[dict[str, Any], ...]) -> Request:
    changes: dict[str, Any] = {"steps": 4, "seed": seed}
    for values in choice:
        models = {**changes.get("models", {}), **values.get("models", {})}
        changes = {**changes, **values, "models": models}
    if changes.get("prompt"):
        changes.pop("clip_skip", None)  # which goes with plain prompts alone
    return request(**changes)


def said(answer: Rendered | Failure) -> Any:
    """Bytes of the picture, or words of the refusal."""
    return answer.pixels.tobytes() if isinstance(answer, Rendered) else (answer.message, answer.hint)


def hold(seed: int, count: int, orders: int) -> None:
    requests = mixed(seed, count)
    alone = [said(answers(made(), [wanted])[0]) for wanted in requests]
    assert sum(isinstance(answer, bytes) for answer in alone) > count / 2
    chance, renderer = random.Random(seed), made()
    for _ in range(orders):
        order = chance.sample(range(count), count)
        together = answers(renderer, [requests[place] for place in order])
        for place, answer in zip(order, together, strict=True):
            assert said(answer) == alone[place], requests[place]


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Little stays loaded, so that what goes comes back."""
    monkeypatch.setattr(adapters, "KEPT", 1)
    monkeypatch.setattr(session, "NETS_KEPT", 1)
    yield


def test_mixed_requests_give_what_each_gives_alone(crowded: None) -> None:
    hold(seed=3, count=8, orders=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6))
def test_many_mixed_requests_give_what_each_gives_alone(seed: int) -> None:
    hold(seed=100 + seed, count=30, orders=4)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2))
def test_many_mixed_requests_give_what_each_gives_alone_where_little_stays_loaded(crowded: None, seed: int) -> None:
    hold(seed=200 + seed, count=30, orders=4)


def after(*requests: Request) -> tuple[np.ndarray, np.ndarray]:
    """The last of the requests as it comes after the others, and as it comes alone."""
    *_, last = answers(made(), requests)
    [alone] = answers(made(), requests[-1:])
    assert isinstance(last, Rendered) and isinstance(alone, Rendered)
    return np.asarray(last.pixels), np.asarray(alone.pixels)


FACE_WITH_LORA = {"faces": {**FACE, "weights": digest("faceid with a lora")}}
ANOTHER_FACE = {"faces": {**FACE, "weights": digest("another faceid")}}


@pytest.mark.parametrize("requests", [
    (request(**REFINED, steps=4), request(**REFINED, steps=4, scheduler={"name": "DPMSolverMultistepScheduler", "args": {}})),
    (request(**FACE_WITH_LORA), request()),
    (request(**lora("b")), request(**FACE_WITH_LORA), request(**lora("b"))),
    (request(**lora("b")), request(**lora("b"), **FACE_WITH_LORA)),
    (request(**FACE_WITH_LORA), request(**ANOTHER_FACE)),
    (request(**REFINED, steps=4, **lora("b")), request(**REFINED, steps=4)),
], ids=["the refiner's scheduler", "a face, none", "a face amid LoRAs", "a face and LoRAs", "another face", "a LoRA before the refiner"])
def test_nothing_stays_of_the_image_before(requests: tuple[Request, ...]) -> None:
    last, alone = after(*requests)
    assert np.array_equal(last, alone)
