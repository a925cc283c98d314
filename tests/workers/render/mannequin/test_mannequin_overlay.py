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


@pytest.mark.parametrize("path", PATHS)
def test_an_arrow_of_the_mirror_image_goes_the_other_way(path: str) -> None:
    pose = resolve({"arrows": [{"of": "right_hand", "path": path, "size": 24}]}, "standing", {})
    image = mirror(pose)
    (arrow,), (turned,) = arrows(pose, rest(pose)), arrows(image, rest(image))
    np.testing.assert_allclose(turned.path, arrow.path * (1, 1, -1), atol=1e-9)
    assert mirror(image) == pose


def test_a_circle_and_one_the_other_way_round_read_unlike() -> None:
    told = {alt_text(resolve({"arrows": [{"of": "left_hand", "path": path}]}, "standing", {}), "anterior") for path in PATHS}
    assert len(told) == len(PATHS)
