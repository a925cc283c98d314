"""Pictures that people take for the same have nearly the same hash; other poses and other figures have not."""

import io
import itertools
import random

import pytest
from PIL import Image, ImageChops, ImageFilter

from calotype.workers.judge.perceptual_hash import BITS, alike, perceptual_hash
from judge_corpus import SIZE, drawn, lettered, picture

POSES = ["plain", "sides_exchanged", "other_pose", "mesh", "tiny", "cropped_head", "cropped_side"]


def grain(base, seed):
    noise = Image.frombytes("L", base.size, random.Random(seed).randbytes(base.width * base.height))
    return ImageChops.subtract(base, Image.merge("RGB", [noise.point(lambda level: level // 12)] * 3))


def as_jpeg(base):
    file = io.BytesIO()
    base.save(file, "JPEG", quality=60)
    return Image.open(file).convert("RGB")


SAME = {
    "jpeg": as_jpeg, "darker": lambda base: base.point(lambda level: round(level * 0.93)),
    "blur": lambda base: base.filter(ImageFilter.GaussianBlur(1)), "half": lambda base: base.reduce(2),
    "grain": lambda base: grain(base, 1), "signed": lambda base: lettered(base, "A. Painter", 12, at=(430, 490)),
}


@pytest.mark.parametrize("how", SAME)
@pytest.mark.parametrize("name", ["plain", "mesh", "dressed", "other_pose"])
def test_the_same_picture_in_other_bytes_is_alike(name, how):
    assert alike(perceptual_hash(picture(name)), perceptual_hash(SAME[how](picture(name))))


def test_other_grain_on_flat_paper_counts_for_nothing():
    assert alike(perceptual_hash(grain(picture("plain"), 1)), perceptual_hash(grain(picture("plain"), 2)))


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(POSES, 2)))
def test_other_poses_sides_places_and_sizes_are_not_alike(first, second):
    assert not alike(perceptual_hash(picture(first)), perceptual_hash(picture(second)))


def test_phases_of_a_movement_are_told_apart():
    phases = [perceptual_hash(drawn({"base": "standing", "right": {"shoulder_abduction": angle}})) for angle in (20, 60, 100, 140)]
    assert not any(alike(first, second) for first, second in itertools.combinations(phases, 2))


def test_noise_is_like_no_other_noise():
    noise = [Image.frombytes("L", SIZE, random.Random(seed).randbytes(SIZE[0] * SIZE[1])).resize((16, 16)) for seed in (1, 2)]
    assert not alike(*(perceptual_hash(each.resize(SIZE)) for each in noise))


def test_pictures_of_one_colour_are_alike():
    assert alike(perceptual_hash(picture("black")), perceptual_hash(picture("white")))


def test_a_hash_has_a_fixed_length_and_is_the_same_on_every_machine():
    first = perceptual_hash(Image.linear_gradient("L").rotate(180))
    assert len(perceptual_hash(picture("black"))) == len(first) == BITS // 4 == 128
    assert perceptual_hash(Image.linear_gradient("L")) == "0" * 64 + "f" * 64 and first == "0" * 128
