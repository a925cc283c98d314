"""Muscles on the figure: where they are tinted, on which side, up to the clothes, in one piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from calotype.language.pose import resolve
from calotype.language.pose.views.muscle_places import PLACES
from calotype.workers.render.mannequin.body import PARTS
from calotype.workers.render.mannequin.draw import stage
from calotype.workers.render.mannequin.scene import Surface, render
from calotype.workers.render.mannequin.surface.wardrobe import CLOTH, SKIN, clothes
from calotype.workers.render.mannequin.tints.muscles import tint

STANDING = {"base": "standing", "shoulder_abduction": 25, "hip_abduction": 8}


def tinted(names: Sequence[str], pose: Any = STANDING, view: str = "posterior") -> tuple[Surface, NDArray[Any]]:
    """The surface of a figure, and which of its pixels carry a tint."""
    scenes, _, _ = stage({"seed": None, "size": [300, 300], "drawing": "line", "view": view, "side": "right",
                          "posture": resolve(pose, None, {}), "muscles": [], "joints": []})
    surface = render(scenes[0], 1)
    amount = tint(scenes[0], surface, 1, names)
    assert amount is not None
    return surface, amount.max(axis=1) > 0.4


def parts(surface: Surface, where: NDArray[Any]) -> set[str]:
    return {PARTS[label - 1] for label in np.unique(surface.part[where])}


@pytest.mark.parametrize("name", PLACES)
def test_every_muscle_is_seen_from_some_side(name: str) -> None:
    views = ("posterior", "anterior", "lateral", "oblique")
    poses: tuple[Any, ...] = (STANDING, {"base": "prone", "ankle_plantarflexion": 20})
    assert any(tinted([name], pose, view)[1].any() for pose in poses for view in views)


@pytest.mark.parametrize(("name", "limb"), [
    ("biceps femoris", "leg"), ("triceps surae", "leg"), ("pronator teres", "arm"), ("vastus medialis", "leg"),
    ("wrist flexors", "arm"),
])
def test_a_muscle_of_a_limb_lies_on_that_limb_alone(name: str, limb: str) -> None:
    for view in ("posterior", "anterior"):
        assert parts(*tinted([name], view=view)) <= {f"left_{limb}", f"right_{limb}"}


@pytest.mark.parametrize("name", ["gluteus maximus", "upper trapezius", "erector spinae", "rotator cuff", "hamstrings"])
def test_a_side_is_tinted_on_that_side(name: str) -> None:
    surface, where = tinted([f"left {name}"])
    middle = surface.xs.mean()
    assert where.any() and (surface.xs[where] < middle + 2).all(), "seen from behind, the left is on the left"


@pytest.mark.parametrize(("name", "view", "cloth"), [
    ("quadriceps", "anterior", SKIN), ("erector spinae", "posterior", SKIN), ("transversus abdominis", "anterior", SKIN),
    ("triceps surae", "posterior", SKIN), ("gluteus maximus", "posterior", CLOTH), ("adductors", "anterior", CLOTH),
])
def test_a_tint_ends_at_the_clothes(name: str, view: str, cloth: int) -> None:
    surface, where = tinted([name], view=view)
    assert where.any() and set(np.unique(clothes(surface)[where])) == {cloth}


@pytest.mark.parametrize(("name", "pose", "view"), [
    ("right gluteus maximus", {"hip_flexion": 110, "knee_flexion": 110, "ankle_dorsiflexion": 28,
                               "shoulder_flexion": 90}, "lateral"),
    ("right gluteus maximus", {"base": "supine", "right": {"hip_flexion": 89, "hip_abduction": 23, "hip_external_rotation": 58,
                                                           "knee_flexion": 119}}, "oblique"),
    ("right infraspinatus", {"shoulder_abduction": 150}, "posterior"),
    ("right pectoralis major", {"shoulder_abduction": 60}, "anterior"),
])
def test_a_muscle_that_crosses_a_joint_is_one_piece(name: str, pose: Any, view: str) -> None:
    surface, where = tinted([name], pose, view)
    mask = np.zeros(surface.label.shape, bool)
    mask[surface.ys[where], surface.xs[where]] = True
    sizes = pieces(mask)
    assert sizes[0] > 60 and sum(sizes[1:]) <= 0.03 * sizes[0], sizes


def pieces(mask: NDArray[Any]) -> list[int]:
    """The sizes of the connected pieces of a mask, the largest first."""
    left, sizes = {(int(y), int(x)) for y, x in zip(*np.nonzero(mask), strict=True)}, []
    while left:
        edge, size = [left.pop()], 0
        while edge:
            y, x = edge.pop()
            size += 1
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            edge += near
        sizes.append(size)
    return sorted(sizes, reverse=True)
