"""The technical score: what people call sharp, well exposed and clean scores higher, and always the same."""

import random

import pytest
from PIL import Image, ImageDraw, ImageFilter

from calotype.workers.judge.technical import SHOWS_NOTHING, WEIGHTS, Technical, score, sharpness
from conftest import REPOSITORY
from judge_corpus import SIZE, cropped, drawn, picture


def figure(paper="white", ink=(200, 120, 60), size=(128, 128)):
    picture = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((40, 20, 88, 68), fill=ink, outline=(90, 50, 20), width=2)
    draw.rectangle((54, 60, 74, 110), fill=ink, outline=(90, 50, 20), width=2)
    return picture


def test_parts_and_total_are_between_0_and_100_and_weighted_as_declared():
    found = score(figure())
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert set(found.parts) == set(WEIGHTS)
    assert all(0 <= value <= 100 for value in (*found.parts.values(), found.total))
    assert found.total == pytest.approx(sum(WEIGHTS[name] * found.parts[name] for name in WEIGHTS), abs=0.002)


@pytest.mark.parametrize("radius", [1, 2, 4])
def test_a_blurred_picture_is_less_sharp(radius):
    blurred = figure().filter(ImageFilter.GaussianBlur(radius))
    assert score(blurred).parts["sharpness"] < score(figure()).parts["sharpness"]
    assert score(blurred).total < score(figure()).total


def test_more_blur_is_less_sharp():
    scores = [sharpness(figure().convert("L").filter(ImageFilter.GaussianBlur(at))) for at in (0, 1, 2, 4, 8)]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("ink", [(6, 6, 6), (0, 0, 0)])
def test_a_subject_lost_in_the_dark_is_badly_exposed(ink):
    assert score(figure(ink=ink)).parts["exposure"] < score(figure()).parts["exposure"] / 2


def test_a_burnt_out_subject_on_grey_is_badly_exposed():
    assert score(figure("grey", (255, 255, 255))).parts["exposure"] < 30


def test_white_paper_is_no_overexposure():
    small, large = figure(), Image.new("RGB", (256, 256), "white")
    large.paste(small, (64, 64))
    assert score(large).parts["exposure"] == pytest.approx(score(small).parts["exposure"], abs=0.01)


@pytest.mark.parametrize("paper", ["white", "black", (30, 90, 160)])
def test_an_even_background_is_clean_whatever_its_colour(paper):
    assert score(figure(paper)).parts["background"] == 100


def test_a_cluttered_background_is_not_clean():
    rng = random.Random(1)
    noisy = Image.new("RGB", (128, 128))
    noisy.putdata([(rng.randrange(256),) * 3 for _ in range(128 * 128)])
    assert score(noisy).parts["background"] < 20


def test_a_subject_cut_by_the_edge_costs_some_background():
    cut = figure()
    ImageDraw.Draw(cut).rectangle((0, 50, 60, 70), fill=(200, 120, 60))
    assert 50 < score(cut).parts["background"] < 100


@pytest.mark.parametrize("colour", ["black", "white", "grey"])
def test_a_flat_picture_scores_worst(colour):
    flat = score(Image.new("RGB", (64, 64), colour))
    assert flat.parts["sharpness"] == flat.parts["exposure"] == flat.parts["whole"] == 0
    assert flat.reason == SHOWS_NOTHING
    assert flat.total < score(figure()).total


def test_transparent_is_as_good_as_white_paper():
    clear = figure().convert("RGBA")
    clear.putalpha(figure().convert("L").point([255] * 255 + [0]))
    assert score(clear) == score(figure())


def test_grey_and_the_same_grey_in_colour_score_alike():
    grey = figure().convert("L")
    assert score(grey) == score(grey.convert("RGB")) == score(grey.convert("LA"))


@pytest.mark.parametrize("size", [(16, 16), (16, 8192), (1, 1), (2, 40)])
def test_every_size_has_a_score(size):
    assert 0 <= score(Image.new("RGB", size, "red")).total <= 100


def test_a_score_is_the_same_every_time_and_on_every_machine():
    assert score(figure()) == score(figure())
    assert score(figure()).parts == {"sharpness": 87.882, "exposure": 87.758, "background": 100.0, "whole": 100.0}


def test_what_a_failed_decoder_gives_must_not_stand_and_a_faint_drawing_may():
    assert Technical.gates and score(picture("black")).reason == SHOWS_NOTHING
    faint = Image.new("RGB", SIZE, (12, 12, 12))
    ImageDraw.Draw(faint).line((100, 100, 300, 300), fill=(24, 24, 24), width=4)
    assert score(faint).reason == ""
    barely = Image.eval(faint, lambda level: 12 + (level - 12) // 2)
    assert score(barely).reason == SHOWS_NOTHING


@pytest.mark.parametrize("name", ["plain", "mesh", "dressed", "sides_exchanged", "other_pose", "tiny", "blurred"])
def test_a_figure_inside_the_picture_is_whole(name):
    assert score(picture(name)).parts["whole"] == 100
    assert score(picture(name)).reason == ""


@pytest.mark.parametrize("side", ["left", "top", "right", "bottom"])
@pytest.mark.parametrize("name", ["plain", "mesh"])
def test_a_figure_cut_by_an_edge_is_not_whole_and_scores_less(name, side):
    cut = score(cropped(picture(name), **{side: 0.1}))
    assert cut.parts["whole"] < 90
    assert cut.total < score(picture(name)).total


def test_the_more_an_edge_cuts_the_worse():
    parts = [score(cropped(picture("plain"), bottom=share)).parts["whole"] for share in (0.01, 0.05, 0.4)]
    assert parts == sorted(parts, reverse=True) and parts[-1] == 0


def test_no_published_drawing_counts_as_cut_but_the_close_up():
    """Standing, seated, lying and hanging figures, with props at their side: 131 of them."""
    pictures = sorted((REPOSITORY / "content" / "images").rglob("*.png"))
    assert len(pictures) > 100
    cut = [path.stem for path in pictures if score(Image.open(path)).parts["whole"] < 100]
    assert cut == ["calf_raises_03"]


def test_a_close_up_is_meant_to_be_cut():
    cut = cropped(picture("plain"), bottom=0.4)
    assert "whole" not in score(cut, close_up=True).parts
    assert score(cut, close_up=True).total > score(cut).total


@pytest.mark.parametrize("floor", [(0, 400, 512, 512), (0, 380, 512, 383)])
def test_the_floor_a_figure_stands_on_does_not_cut_it(floor):
    room = figure("white", size=(512, 512))
    ground = Image.new("RGB", (512, 512), "white")
    ground.paste((150, 140, 120), floor)
    ground.paste(room, mask=room.convert("L").point([255] * 255 + [0]))
    assert score(ground).parts["whole"] == 100


def test_clutter_up_to_the_edges_does_not_tell_whether_a_figure_is_cut():
    assert "whole" not in score(picture("noise")).parts


def test_a_request_says_only_of_a_close_up_that_it_is_one():
    class Wish:
        view = "close-up"

    close = Technical().request(Wish(), "p")
    assert close == {"scorer": "technical", "epoch": 2, "pixels": "p", "close_up": True}
    Wish.view = "lateral"
    assert Technical().request(Wish(), "p") == {"scorer": "technical", "epoch": 2, "pixels": "p"}


def test_the_facts_tell_which_candidates_look_alike():
    hashes = [score(each).facts["perceptual_hash"] for each in (drawn(seed=1), drawn(seed=1), drawn(mirrored=True))]
    assert hashes[0] == hashes[1] != hashes[2]
