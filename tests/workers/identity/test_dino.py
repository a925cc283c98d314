"""Whole figures: a DINOv2 model, loaded by transformers, looks at whole pictures."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

from calotype.ground.diagnostics import Problem
from calotype.workers import accelerator
from calotype.workers.identity.dino import Dino
from calotype.workers.protocol import silent
from identities import Library

WIDTH = 32
SETTINGS = {"dino": {"model": "models/dino"}}


@cache
def tiny() -> Path:
    """A seeded DINOv2 of two layers."""
    import tempfile

    import torch
    from transformers import Dinov2Config, Dinov2Model

    torch.manual_seed(0)
    folder = Path(tempfile.mkdtemp(prefix="calotype-dino-"))
    config = Dinov2Config(hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=4, image_size=56, patch_size=14,
                          initializer_range=0.4)
    Dinov2Model(config).save_pretrained(folder)
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    shutil.copytree(tiny(), tmp_path / "models/dino")
    return Library(tmp_path)


@pytest.fixture
def dino() -> Dino:
    return Dino()


def figure(head: str = "orange", legs: str = "orange", size: tuple[int, int] = (80, 240)) -> Image.Image:
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    width, height = size
    draw.ellipse((width * 0.3, 0, width * 0.7, height * 0.2), fill=head)
    draw.rectangle((width * 0.3, height * 0.7, width * 0.7, height), fill=legs)
    return picture


def test_the_same_picture_is_most_alike_in_any_size(library: Library, dino: Dino) -> None:
    reference = library.put("doll", figure())
    same = library.ask(dino, figure(), references=(reference,), settings=SETTINGS)
    larger = library.ask(dino, figure(size=(160, 480)), references=(reference,), settings=SETTINGS)
    other = library.ask(dino, figure("navy", "green"), references=(reference,), settings=SETTINGS)
    assert same.parts["similarity"] == 1.0 and same.total == 100.0
    assert larger.parts["similarity"] > 0.99 > other.parts["similarity"]


@pytest.mark.parametrize("part", ["head", "legs"])
def test_nothing_of_a_tall_picture_is_cut_off(library: Library, dino: Dino, part: str) -> None:
    reference = library.put("doll", figure())
    changed = library.ask(dino, figure(**{part: "blue"}), references=(reference,), settings=SETTINGS)
    assert changed.parts["similarity"] < 0.999


def test_what_a_picture_scores_does_not_depend_on_its_company(library: Library, dino: Dino) -> None:
    reference = library.put("doll", figure())
    pictures = [figure(), figure("navy"), figure("red", "blue"), figure(size=(64, 64))]
    requests = [library.request(dino, picture, references=(reference,), settings=SETTINGS) for picture in pictures]
    together = library.perform(Dino(), requests)
    alone = [library.perform(Dino(), [request])[0] for request in reversed(requests)][::-1]
    assert [each.parts for each in together] == [each.parts for each in alone]


def test_embeddings_of_another_model_are_refused(library: Library, dino: Dino) -> None:
    import numpy as np

    np.save(library.folder / "doll.npy", np.ones(WIDTH + 1, np.float32))
    with pytest.raises(Problem, match=f"{WIDTH + 1} numbers, and those of `dino` have {WIDTH} here"):
        library.ask(dino, figure(), references=("doll.npy",), settings=SETTINGS)


@pytest.mark.parametrize(("what", "words"), [("another kind", "lacks"), ("cut off", "no DINOv2 model")])
def test_what_is_no_dinov2_is_refused(library: Library, dino: Dino, what: str, words: str) -> None:
    folder = library.folder / "models/dino"
    if what == "another kind":
        from transformers import ViTConfig, ViTModel

        shutil.rmtree(folder)
        ViTModel(ViTConfig(hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=4, image_size=28, patch_size=14,
                           intermediate_size=64)).save_pretrained(folder)
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, "model_type": "dinov2"}))
    else:
        data = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(data[:-50])
    with pytest.raises(Problem, match=words):
        library.ask(dino, figure(), references=(library.put("doll", figure()),), settings=SETTINGS)


def test_other_weights_are_another_request(library: Library, dino: Dino) -> None:
    import torch
    from transformers import Dinov2Model

    before = library.request(dino, figure(), settings=SETTINGS)
    torch.manual_seed(1)
    Dinov2Model(Dinov2Model.from_pretrained(tiny()).config).save_pretrained(library.folder / "models/dino")
    after = library.request(dino, figure(), settings=SETTINGS)
    assert {**before, "model": ""} == {**after, "model": ""} and before["model"] != after["model"]


def test_it_works_where_models_device_says_and_on_the_cpu_where_that_is_short(
    library: Library, dino: Dino, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = library.request(dino, figure(), references=(library.put("doll", figure()),), settings=SETTINGS)
    dino.configure({"device": "no such"}, silent)
    monkeypatch.setattr(accelerator, "choose", lambda name: None if name == "no such" else torch.device("meta"))
    with pytest.raises(Problem, match="this machine has no device `no such`"):
        library.perform(dino, [request])
    asked: list[bool] = []
    monkeypatch.setattr(accelerator, "free_bytes", lambda device: 0.0)
    monkeypatch.setattr(accelerator.HOLDERS, "make_room", lambda: asked.append(True))
    dino.configure({}, silent)
    assert library.perform(dino, [request])[0].parts["similarity"] == 1.0
    assert asked == [True] and not dino.let_go()
