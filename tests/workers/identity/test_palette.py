"""Faceless figures by their colours: the same in another pose and from another side, another in other clothes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from calotype.workers.identity.palette import Palette
from identities import Library
from judge_corpus import OTHER_SHIRT, OTHER_TROUSERS, coloured, drawn, picture

STANDING, SEATED, ARMS = {"base": "standing"}, {"base": "seated"}, {"base": "standing", "shoulder_abduction": 90}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


@pytest.fixture
def palette() -> Palette:
    return Palette()


def similarity(library: Library, shown: Image.Image, *references: Image.Image, combine: str = "best") -> float | None:
    paths = tuple(library.put(f"r{index}", reference) for index, reference in enumerate(references))
    return library.ask(Palette(), shown, references=paths, combine=combine).parts.get("similarity")


@pytest.mark.parametrize("view", ["anterior", "oblique", "posterior"])
@pytest.mark.parametrize("pose", [STANDING, ARMS, {"base": "hanging"}, {"base": "quadruped"}], ids=lambda pose: pose["base"])
def test_a_figure_is_itself_in_any_pose_and_from_any_side(library: Library, pose: dict[str, object], view: str) -> None:
    shown = drawn(pose, drawing="mesh", view=view)
    assert similarity(library, shown, drawn(STANDING, drawing="mesh")) > 0.7


def test_a_figure_in_other_colours_is_another(library: Library) -> None:
    mesh = drawn(STANDING, drawing="mesh")
    blue = Image.merge("RGB", mesh.split()[::-1])
    assert similarity(library, blue, mesh) < 0.2
    assert similarity(library, picture("other_palette"), picture("dressed")) < 0.3
    assert similarity(library, picture("other_character"), picture("dressed")) < 0.3
    assert similarity(library, picture("dressed_again"), picture("dressed")) > 0.95


def test_references_tell_what_is_alike_among_themselves(library: Library, palette: Palette) -> None:
    """Other trousers alone would pass a threshold that is given; one calibrated on the references tells them."""
    alike = [coloured(drawn(pose)) for pose in (STANDING, SEATED, ARMS)]
    paths = tuple(library.put(f"r{index}", reference) for index, reference in enumerate(alike))
    scored = library.ask(palette, coloured(drawn(STANDING), trousers=OTHER_TROUSERS), references=paths)
    assert scored.parts["similarity"] < scored.parts["own"]
    itself = library.ask(palette, coloured(drawn(STANDING, seed=3)), references=paths)
    assert itself.parts["similarity"] >= itself.parts["own"]


def test_what_is_small_is_the_figure_that_it_is_large(library: Library) -> None:
    mesh = drawn(STANDING, drawing="mesh")
    small = Image.new("RGB", mesh.size, mesh.getpixel((0, 0)))
    small.paste(mesh.resize((256, 256), Image.Resampling.LANCZOS), (128, 128))
    assert similarity(library, small, mesh) > 0.8


def test_the_background_does_not_count(library: Library) -> None:
    """Nor that it is lighter on one side, as a studio's wall is."""
    mesh = drawn(STANDING, drawing="mesh")
    samples = np.asarray(mesh).astype(float)
    paper = (np.abs(samples - samples[0, 0]).max(axis=2) < 12)[..., None]
    across = np.linspace(120, 220, mesh.width)[None, :, None]
    wall = Image.fromarray(np.where(paper, across, samples).astype(np.uint8))
    assert similarity(library, wall, mesh) > 0.75


def street() -> Image.Image:
    busy = Image.new("RGB", (256, 256), "white")
    draw, draws = ImageDraw.Draw(busy), np.random.default_rng(1)
    for x, y, red, green, blue in draws.integers(0, 256, (200, 5)).tolist():
        draw.rectangle((x, y, x + 40, y + 40), fill=(red, green, blue))
    return busy


@pytest.mark.parametrize("name", ["black", "white", "noise", "street"])
def test_a_picture_that_shows_no_figure_before_a_plain_background_tells_nothing(library: Library, name: str) -> None:
    shown = street() if name == "street" else picture(name)
    assert library.ask(Palette(), shown, references=(library.put("r", picture("dressed")),)).total is None


def test_a_score_is_the_same_every_time_and_in_any_company(library: Library) -> None:
    references = (library.put("r", picture("dressed")),)
    pictures = [picture(name) for name in ("dressed_again", "other_palette", "white", "mesh")]
    requests = [library.request(Palette(), each, references=references) for each in pictures]
    together = library.perform(Palette(), requests)
    alone = [library.perform(Palette(), [request])[0] for request in reversed(requests)][::-1]
    assert [(each.total, each.parts) for each in together] == [(each.total, each.parts) for each in alone]


def test_the_mean_of_references_is_their_colours_together(library: Library) -> None:
    one, other = picture("dressed"), coloured(drawn(), OTHER_SHIRT, OTHER_TROUSERS)
    best = similarity(library, one, one, other)
    mean = similarity(library, one, one, other, combine="mean")
    assert best == 1.0 and 0.5 < mean < 0.8


def test_it_needs_no_package_and_no_model(library: Library, palette: Palette) -> None:
    assert palette.unavailable_reason() is None
    assert "pack" not in library.request(palette, picture("dressed")) and palette.lane == "cpu"
