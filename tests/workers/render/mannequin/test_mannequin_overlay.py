"""Arrows over the figure: a mirror image shows the mirrored movement."""

from __future__ import annotations

import numpy as np
import pytest

from calotype.language.pose import resolve
from calotype.language.pose.alt_text import alt_text
from calotype.language.pose.posture import mirror
from calotype.language.pose.stance import rest
from calotype.language.pose.terms import PATHS
from calotype.workers.render.mannequin.overlay import arrows
from calotype.workers.render.mannequin.scene import compose, figure


@pytest.mark.parametrize("path", PATHS)
def test_an_arrow_of_the_mirror_image_goes_the_other_way(path: str) -> None:
    pose = resolve({"arrows": [{"of": "right_hand", "path": path, "size": 24}]}, "standing", {})
    image = mirror(pose)
    (arrow,), (turned,) = arrows(pose, rest(pose)), arrows(image, rest(image))
    np.testing.assert_allclose(turned.path, arrow.path * (1, 1, -1), atol=1e-9)
    assert mirror(image) == pose


def test_a_close_up_holds_the_arrow_of_what_moves_in_it() -> None:
    turned = {"base": "seated", "right": {"elbow_flexion": 90, "wrist_ulnar_deviation": 28}}
    movement = resolve({"from": {**turned, "right": {"elbow_flexion": 90}}, "to": turned}, "seated", {})
    body = figure(movement, (200, 200))
    (arrow,) = arrows(movement, body.skeleton)
    scene, = compose([body], "close-up", "right", ["wrist joint"], (200, 200), also=[arrow.path])
    seen = scene.pixels(arrow.path)[:, :2]
    assert seen.min() >= 0 and seen.max() <= 200
    far, = arrows(far_off := resolve({"arrows": [{"of": "left_foot", "path": "up"}]}, "seated", {}), rest(far_off))
    assert compose([body], "close-up", "right", ["wrist joint"], (200, 200), also=[far.path])[0].frame == compose(
        [body], "close-up", "right", ["wrist joint"], (200, 200))[0].frame


def test_a_circle_and_one_the_other_way_round_read_unlike() -> None:
    told = {alt_text(resolve({"arrows": [{"of": "left_hand", "path": path}]}, "standing", {}), "anterior") for path in PATHS}
    assert len(told) == len(PATHS)
