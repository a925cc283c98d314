"""How much of the shown muscles lies at each pixel of a figure. Must not know colours, nor what authors call them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.language.pose.linear import Vector, add, scale, turn
from calotype.language.pose.skeleton import Skeleton, forward
from calotype.language.pose.views.camera import DISTANCE
from calotype.language.pose.views.muscle_places import PLACES, Patch, Strap, split, worn_under
from calotype.workers.render.mannequin.body import PARTS
from calotype.workers.render.mannequin.scene import Scene, Surface
from calotype.workers.render.mannequin.surface.wardrobe import SKIN, clothes

Array = NDArray[Any]

_NEUTRAL = forward({"base": "standing"})
HALF_WAY = {"hip": ("pelvis", "thigh"), "shoulder": ("thoracic_3", "upper_arm")}
"""Joints whose skin turns half-way between two bones."""


def tint(scene: Scene, surface: Surface, finer: int, names: Sequence[str]) -> Array | None:
    """How much of the shown muscles lies at each covered pixel (P, 2), 0 to 1, or None when none is shown.

    Muscles take turns in the two columns, so that neighbours are told apart; the first named lies on top. A name may
    begin with `left` or `right`.
    """
    if not names:
        return None
    amount = np.zeros((len(surface.part), 2), np.float32)
    bare = clothes(surface) == SKIN
    world = _world(scene, surface, finer) if _crosses(names) else amount
    for index, name in enumerate(names):
        only, muscle = split(name)
        for place in PLACES[muscle]:
            worn = worn_under(place)
            for side in (only,) if only else ("left", "right"):
                here = _pixels(scene, surface, world, place, side, bool(only))
                here = here[bare[here] != worn]
                if isinstance(place, Strap):
                    here, inside = _along(scene.skeleton, world, place, side, here)
                else:
                    inside = _within(surface, place, here)
                amount[here, index % 2] = np.maximum(amount[here, index % 2], inside)
    amount[:, 1] *= 1 - amount[:, 0]
    return amount


def _crosses(names: Sequence[str]) -> bool:
    """Whether a muscle among them asks where in the world its pixels are."""
    places = [(only, place) for only, muscle in map(split, names) for place in PLACES[muscle]]
    return any(isinstance(place, Strap) or (only and place.low < -1) for only, place in places)


def _pixels(scene: Scene, surface: Surface, world: Array, place: Patch | Strap, side: str, one_sided: bool) -> Array:
    """Indices of the covered pixels on the parts that a muscle lies on, on one side of the body."""
    if isinstance(place, Strap):
        return np.flatnonzero((surface.part == _label("trunk", side)) | (surface.part == _label(place.limb, side)))
    here = np.flatnonzero(surface.part == _label(place.part, side))
    if not one_sided or place.part not in ("trunk", "head"):
        return here
    if place.low > -1:
        # round the trunk u goes from the front over the right, where it is a quarter
        return np.asarray(here[(surface.u[here] < 0.5) == (side == "right")])
    middle, aside = scene.skeleton.position["thoracic_3"], turn(scene.skeleton.rotation["thoracic_3"], (0.0, 0.0, 1.0))
    right = (world[here] - np.array(middle)) @ np.array(aside) > 0
    return np.asarray(here[right == (side == "right")])


def _label(part: str, side: str) -> int:
    return PARTS.index(part if part in PARTS else f"{side}_{part}") + 1


def _within(surface: Surface, patch: Patch, here: Array) -> Array:
    """How far inside an ellipse pixels are, 0 to 1 (N,)."""
    round_it = np.abs((surface.u[here] - patch.centre + 0.5) % 1.0 - 0.5) / patch.half
    along = np.abs(surface.v[here] - (patch.low + patch.high) / 2) / ((patch.high - patch.low) / 2)
    return np.asarray(np.clip((1 - round_it**2 - along**2) * 4.0, 0.0, 1.0))


def _along(skeleton: Skeleton, world: Array, strap: Strap, side: str, here: Array) -> tuple[Array, Array]:
    """Those of the pixels that are near a strap, and how far inside it they are, 0 to 1."""
    line = np.array([_strung(skeleton, point, side) for point in strap.points], np.float32)
    radius = np.float32(strap.radius * skeleton.stature)
    points = world[here]
    near = ((points > line.min(axis=0) - radius) & (points < line.max(axis=0) + radius)).all(axis=1)
    apart = _distance(points[near], line) / radius
    # in steps: the last bit of another machine's sine moves no pixel
    return here[near], np.round(np.clip((1 - apart**2) * 3.0, 0.0, 1.0) * 64) / 64


def _world(scene: Scene, surface: Surface, finer: int) -> Array:
    """Where the covered pixels lie in the world (P, 3): the camera's perspective, undone."""
    ys, xs = surface.ys, surface.xs
    near = -surface.depth[ys, xs]
    k = DISTANCE / (DISTANCE - near)
    across = ((xs + surface.left) / finer - scene.frame.x) / scene.frame.scale / k
    up = (scene.frame.y - (ys + surface.top) / finer) / scene.frame.scale / k
    seen = np.stack([across, up, near], axis=-1).astype(np.float32)
    turned = seen @ np.array(scene.camera.rotation, np.float32)
    return np.asarray(turned + np.array(scene.camera.target, np.float32))


def _strung(skeleton: Skeleton, point: tuple[str, float, float, float], side: str) -> Vector:
    """A point of a strap in the world: fixed to its bone, or half-way between two where a joint's skin is."""
    bone, x, y, z = point
    neutral = (x, y, z if side == "right" else -z)
    if bone not in HALF_WAY:
        name = bone if bone in skeleton.position else f"{side}_{bone}"
        local = _from(name, neutral)
        return skeleton.point(name, scale(local, skeleton.stature))
    above, below = HALF_WAY[bone][0], f"{side}_{HALF_WAY[bone][1]}"
    local = scale(_from(below, neutral), skeleton.stature)
    one, two = (turn(skeleton.rotation[name], local) for name in (above, below))
    middle = scale(add(one, two), 0.5)
    length, wanted = (sum(value * value for value in vector) ** 0.5 for vector in (middle, local))
    return add(skeleton.position[below], scale(middle, wanted / max(length, 0.1 * wanted, 1e-9)))


def _from(bone: str, neutral: Vector) -> Vector:
    """A point of the neutral position, seen from a bone's joint; fractions of stature."""
    at = scale(_NEUTRAL.position[bone], 1 / _NEUTRAL.stature)
    return (neutral[0] - at[0], neutral[1] - at[1], neutral[2] - at[2])


def _distance(points: Array, line: Array) -> Array:
    """From each point (N, 3) to the nearest of a line's pieces (K, 3), in metres."""
    nearest = np.full(len(points), np.inf, np.float32)
    for start, end in pairwise(line):
        way = end - start
        from_start = points - start
        t = np.clip(from_start @ way / max(float(way @ way), 1e-12), 0.0, 1.0)
        from_start -= t[:, None] * way
        nearest = np.minimum(nearest, np.einsum("ij,ij->i", from_start, from_start))
    return np.asarray(np.sqrt(nearest))
