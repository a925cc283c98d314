"""What an edit of a pose draws again: the pictures of that pose, and no byte of another."""

from __future__ import annotations

import pytest
from kit import build, reason, tally
from PIL import Image

from conftest import Space

REACH = "specs/exercises/shoulder/reach.yaml"
SPEC = """\
kind: exercise
id: reach
region: shoulder
title: Reach
images:
  - {view_angle: lateral, body_position: standing, description: arms down}
  - {view_angle: lateral, body_position: standing, description: arm out, pose: {shoulder_flexion: 89}}
  - {view_angle: oblique, body_position: seated, description: a long arm, pose: {base: tall, elbow_flexion: 60}}
"""
TARGETS = [f"exercises/reach/{name}" for name in ("01", "02", "03")]
ASSETS = [f"content/images/exercises/shoulder/reach_{name}.png" for name in ("01", "02", "03")]


@pytest.fixture
def reach(space: Space) -> Space:
    """Three images of the mannequin, the last from a named pose; built."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [128, 128]}\n")
    space.write("specs/poses/tall.yaml", "base: seated\nprops: [table]\n")
    space.write(REACH, SPEC)
    space.settle()
    assert tally(build(space)) == (0, 3, 0, 0)
    return space


def drawn_again(space: Space, before: dict[str, tuple[str, int]]) -> list[str]:
    """The assets whose bytes or times are not what they were."""
    after = space.snapshot("content")
    assert set(after) == set(before)
    return [path for path in after if path.endswith(".png") and after[path] != before[path]]


def drawing(space: Space, path: str) -> bytes:
    with Image.open(space.root / path) as picture:
        return picture.tobytes()


def test_a_pose_edited_by_one_degree_draws_that_image_and_no_other(reach: Space) -> None:
    before = reach.snapshot("content")
    reach.edit(REACH, "shoulder_flexion: 89", "shoulder_flexion: 90")
    done = build(reach)
    assert tally(done) == (0, 1, 2, 0)
    assert done.statuses == {TARGETS[1]: "rendered"}
    assert drawn_again(reach, before) == [ASSETS[1]]


def test_a_description_edited_draws_nothing_and_leaves_every_drawing_as_it_was(reach: Space) -> None:
    before, pixels = reach.snapshot("content"), [drawing(reach, path) for path in ASSETS]
    reach.edit(REACH, "description: arm out", "description: the arm points ahead")
    assert build(reach).json["renders"] == 0
    assert [drawing(reach, path) for path in ASSETS] == pixels
    assert set(drawn_again(reach, before)) <= {ASSETS[1]}


def test_a_figure_in_a_named_pose_draws_what_extends_it(reach: Space) -> None:
    before = reach.snapshot("content")
    reach.write("specs/poses/tall.yaml", "base: seated\nprops: [table]\nfigure: {height: 195, build: slim}\n")
    done = build(reach)
    assert done.statuses == {TARGETS[2]: "rendered"}
    assert "figure" in reason(done, TARGETS[2])
    assert drawn_again(reach, before) == [ASSETS[2]]


def test_a_figure_that_is_the_default_draws_nothing(reach: Space) -> None:
    reach.write("specs/poses/tall.yaml", "base: seated\nprops: [table]\nfigure: {height: 172, build: average}\n")
    assert tally(build(reach)) == (0, 0, 3, 0)


def test_a_figure_that_cannot_be_is_refused_where_it_stands(reach: Space) -> None:
    reach.write("specs/poses/tall.yaml", "base: seated\nfigure: {height: 1.95, build: slim}\n")
    done = reach.call("validate")
    assert done.code == 2
    assert "specs/poses/tall.yaml:2:" in done.out + done.err and "did you mean 195?" in done.out + done.err
