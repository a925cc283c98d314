"""The corpus of faults shows what its names say, and is the same every time."""

from PIL import Image

from calotype.ground.images import digest_of
from judge_corpus import PICTURES, SIZE, corpus, cropped, figure_mask, picture


def test_every_picture_is_another_one_and_the_same_every_time(tmp_path):
    first, second = corpus(tmp_path / "first"), corpus(tmp_path / "second")
    assert set(first) == set(second) == set(PICTURES)
    assert all(first[name].read_bytes() == second[name].read_bytes() for name in PICTURES)
    pictures = [Image.open(path) for path in first.values()]
    assert {picture.size for picture in pictures} == {SIZE}
    assert len({digest_of(picture) for picture in pictures}) == len(PICTURES)


def test_the_plain_figure_lies_inside_and_a_cropped_one_reaches_the_edge():
    left, top, right, bottom = figure_mask(picture("plain")).getbbox()
    assert 0 < left < right < SIZE[0] and 0 < top < bottom < SIZE[1]
    assert figure_mask(picture("cropped_head")).getbbox()[1] == 0
    assert figure_mask(cropped(picture("plain"), right=0.1)).getbbox()[2] == SIZE[0]
