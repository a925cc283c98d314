"""Every way that SDXL makes a picture, on real (tiny) models: each part of a request changes pixels, and only it does."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calotype.ground.digest import sha256_file
from calotype.workers.protocol import InputGone
from sdxl import control, digest, draw, facts, lora, made, refusal, request, same, shared, start

FACES = {"weights": digest("adapter"), "encoder": digest("encoder"), "scale": 0.7, "pictures": [digest("photo")]}
FACE_IDS = {"weights": digest("faceid"), "scale": 0.7, "embeddings": [digest("face1")]}
CONTROLLED = {"controls": [control("openpose")]}
WAYS: dict[str, dict[str, Any]] = {
    "text": {}, "img2img": start(), "controlnet": CONTROLLED, "two controlnets": {"controls": [control("openpose"), control("canny", "photo")]},
    "both": {**start(), **CONTROLLED, "method": "both"}, "union": {"controls": [control("union", mode="openpose")]},
    "union of two maps": {"controls": [control("union", mode="openpose"), control("union", "photo", mode="canny")]},
    "union and img2img": {**start(), "controls": [control("union", mode="depth")], "method": "both"},
    "refiner": {"refiner_start": 0.5, "models": {"refiner": digest("refiner")}, "steps": 4},
    "refined img2img": {**start(), "refiner_start": 0.5, "models": {"refiner": digest("refiner")}, "steps": 6},
    "refined controlnet": {**CONTROLLED, "refiner_start": 0.5, "models": {"refiner": digest("refiner")}, "steps": 4},
    "refined both": {**start(), **CONTROLLED, "method": "both", "refiner_start": 0.5, "models": {"refiner": digest("refiner")}, "steps": 6},
    "lora": lora("a"), "two loras": lora("a", "b"), "faces": {"faces": FACES}, "face ids": {"faces": FACE_IDS},
    "faces and controls": {"faces": FACES, **CONTROLLED, **lora("b")}, "another vae": {"models": {"vae": digest("vae")}},
    "guidance rescaled": {"guidance_rescale": 0.7}, "no guidance": {"guidance_scale": 1.0}, "clip skip": {"clip_skip": 1},
    "euler": {"scheduler": {"name": "EulerDiscreteScheduler", "args": {}}},
    "another prompt": {"prompt": "a red figure"}, "a negative prompt": {"negative": "text"}, "another seed": {"seed": 2},
}


UNTOUCHED: list[np.ndarray] = []
"""What a renderer gives of the plain request that has met no trouble."""


@pytest.fixture(autouse=True, scope="module")
def untouched() -> None:
    UNTOUCHED[:] = draw(request(), renderer=made())


def test_every_way_gives_a_picture_of_its_own() -> None:
    drawn = {way: draw(request(**changes))[0] for way, changes in WAYS.items()}
    assert all(picture.shape == (64, 64, 3) and picture.std() > 1 for picture in drawn.values())
    names = list(drawn)
    alike = [(one, other) for at, one in enumerate(names) for other in names[:at] if same(drawn[one], drawn[other])]
    assert not alike


@pytest.mark.parametrize("changes", [
    {"controls": [control("openpose", strength=0.3)]}, {"controls": [control("openpose", end=0.5)]},
    {"controls": [control("openpose", "photo")]}, {"controls": [control("canny")]},
], ids=["strength", "end", "map", "net"])
def test_what_is_said_of_a_control_changes_the_picture(changes: dict[str, Any]) -> None:
    first, second = draw(request(**CONTROLLED))[0], draw(request(**changes))[0]
    assert not same(first, second)


def test_a_start_holds_the_picture_the_more_the_lower_its_strength() -> None:
    from PIL import Image

    from sdxl import inputs

    photo = np.asarray(Image.open(inputs()[digest("photo")]).convert("RGB")).astype(int)
    changed = [np.abs(draw(request(**start(strength=strength), steps=10))[0] - photo).mean() for strength in (0.2, 1.0)]
    assert changed[0] < changed[1]


def test_several_references_of_a_character_are_read_together() -> None:
    one = draw(request(faces=FACES))[0]
    two = draw(request(faces={**FACES, "pictures": [digest("photo"), digest("other")]}))[0]
    ids = draw(request(faces={**FACE_IDS, "embeddings": [digest("face1"), digest("face2")]}))[0]
    assert not same(one, two) and not same(ids, draw(request(faces=FACE_IDS))[0])


def test_a_file_may_hold_several_embeddings_of_a_face(tmp_path: Path) -> None:
    from sdxl import face, inputs

    faces = [np.load(io.BytesIO(face(name))) for name in ("face1", "face2")]
    path = tmp_path / "faces.npy"
    np.save(path, np.stack(faces))
    key = sha256_file(path)
    [together] = made().perform([request(faces={**FACE_IDS, "embeddings": [key]})], {**inputs(), key: path}, lambda: False)
    apart = draw(request(faces={**FACE_IDS, "embeddings": [digest("face1"), digest("face2")]}))[0]
    assert same(np.asarray(together.pixels).astype(int), apart)  # type: ignore[union-attr]


def test_an_embedding_that_was_replaced_is_not_drawn_with(tmp_path: Path) -> None:
    from sdxl import face, inputs

    path = tmp_path / "face.npy"
    for data in (face("face2"), face("face1")[:-1], b""):
        path.write_bytes(data)
        with pytest.raises(InputGone, match=r"face\.npy"):
            list(shared().perform([request(faces=FACE_IDS)], {**inputs(), digest("face1"): path}, lambda: False))
    path.unlink()
    with pytest.raises(InputGone):
        list(shared().perform([request(faces=FACE_IDS)], {**inputs(), digest("face1"): path}, lambda: False))


def test_a_size_that_is_no_square_is_given_as_asked() -> None:
    assert draw(request(size=[96, 64], **start()))[0].shape == (64, 96, 3)


def test_parts_are_shared_by_all_pipelines_and_loaded_once() -> None:
    renderer = made()
    for changes in ({}, start(), CONTROLLED, {**start(), **CONTROLLED}, {"controls": [control("canny")]}, {}, start()):
        draw(request(**changes), renderer=renderer)
    host = renderer._host
    assert host is not None and host._session is not None
    assert host.counts["loads"] == 3  # the base, and each ControlNet
    pipes = list(host._session._pipes.values())
    assert len(pipes) == 5
    for part in ("unet", "vae", "text_encoder", "text_encoder_2"):
        assert len({id(getattr(pipe, part)) for pipe in pipes}) == 1


def test_the_refiner_reads_its_texts_by_an_encoder_of_its_own() -> None:
    """Also one that has the base's bytes, which the base's LoRAs change."""
    renderer = made()
    draw(request(**WAYS["refiner"], **lora("b")), renderer=renderer)
    session = renderer._host._session  # type: ignore[union-attr]
    assert session is not None and session.base is not None and session.refiner is not None
    assert session.refiner.pipe.text_encoder_2 is not session.base.pipe.text_encoder_2
    assert session.refiner.pipe.vae is session.base.pipe.vae


def test_another_base_model_takes_the_place_of_the_last() -> None:
    from sdxl import inputs

    renderer = made()
    first = draw(request(), renderer=renderer)[0]
    twin = {**inputs(), "f" * 64: inputs()[digest("base")]}
    found = list(renderer.perform([request(models={"base": "f" * 64})], twin, lambda: False))
    assert same(np.asarray(found[0].pixels).astype(int), first)  # type: ignore[union-attr]
    assert renderer._host is not None and renderer._host.counts["loads"] == 2


@pytest.mark.parametrize(("changes", "says", "hint"), [
    ({"scheduler": {"name": "DPMSolverMultistepSchedulr", "args": {}}}, "no scheduler", "DPMSolverMultistepScheduler"),
    ({"scheduler": {"name": "AutoencoderKL", "args": {}}}, "no scheduler `AutoencoderKL`", None),
    ({"scheduler": {"name": "EulerDiscreteScheduler", "args": {"use_karras_sigma": True}}}, "no argument", "use_karras_sigmas"),
    (lora("adapter"), "LoRA", None),
    ({"controls": [control("union", mode="openpose"), control("canny")]}, "cannot be mixed", None),
    ({"controls": [control("canny"), control("union", mode="openpose")]}, "cannot be mixed", None),
    ({"controls": [control("union", mode="fur")]}, "no map `fur`", None),
    (start(strength=0.1), "leaves none of 2 steps", "raise the strength"),
    (start(strength=0.0), "leaves none of 2 steps", "raise the strength"),
    ({"faces": {**FACES, "weights": digest("a")}}, "IP-Adapter", None),
    ({"faces": {**FACE_IDS, "embeddings": [digest("face1"), digest("long face")]}}, "differ in length", None),
    ({"models": {"base": digest("vae")}}, "model_index.json", None),
    ({"models": {"base": "0" * 64}}, "not on this machine", None),
    ({"clip_skip": 1, "prompt": "a (boy)1.4 standing"}, "clip_skip", None),
])
def test_what_cannot_be_made_is_refused_in_words(changes: dict[str, Any], says: str, hint: str | None) -> None:
    told = refusal(request(**changes))
    assert says in told.message
    assert hint is None or hint in (told.hint or "")
    assert same(draw(request())[0], UNTOUCHED[0])  # and the renderer goes on as it was


def test_what_fails_for_one_of_a_batch_is_told_of_it_alone() -> None:
    from sdxl import answers

    bad = request(**lora("adapter"))
    found = answers(shared(), [request(seed=3), bad, request(seed=4)])
    assert [type(one).__name__ for one in found] == ["Rendered", "Failure", "Rendered"]


def test_the_facts_say_how_it_was_made() -> None:
    told = facts(request(models={"dtype": "float16"}))
    assert (told["device"], told["dtype"], told["batch"], told["peak_vram"]) == ("cpu", "float32", 1, None)
    assert told["render_seconds"] > 0 and set(told["versions"]) >= {"torch", "diffusers", "transformers", "peft"}
