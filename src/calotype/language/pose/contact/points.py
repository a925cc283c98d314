"""The points of a body that count when contacts are solved: its surface, its thickness, its weight, its palms.

Must not know what they are pulled by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.contact.kinematics import INDEX, Points
from calotype.language.pose.contact.surfaces import FLESH, MASSES, MIDLINE_SURFACE, PAIRED_SURFACE, TIP, part_spheres
from calotype.language.pose.contact.touch import CAPSULES
from calotype.language.pose.figure import girth
from calotype.language.pose.linear import Vector
from calotype.language.pose.terms import SIDES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

BEFORE = 0.02
"""Metres before a palm by which it is told which way it faces."""
REACHED = (
    "head", "chest", "abdomen", "pelvis", "left_thigh", "right_thigh", "left_shank", "right_shank",
)
FREE_PAIRS = tuple(
    (one, other)
    for side, opposite in (("left", "right"), ("right", "left"))
    for one, others in (
        (f"{side}_hand", REACHED), (f"{side}_forearm", REACHED),
        (f"{side}_thigh", ("chest", "head")), (f"{side}_shank", (f"{opposite}_thigh", "chest", "head")),
        (f"{side}_foot", (f"{opposite}_shank", f"{opposite}_thigh")), (f"{side}_upper_arm", ("head", "abdomen")),
    )
    for other in others
) + tuple((f"left_{part}", f"right_{part}") for part in ("thigh", "shank", "foot", "hand", "forearm")) + (
    ("left_hand", "right_forearm"), ("right_hand", "left_forearm"),
)
"""Parts of the body that may come to lie in one another, and must not."""
@dataclass(frozen=True, slots=True)
class Layout:
    """The points of a body that count: contact spheres, ends of capsules, centres of mass, palms.

    `parts` gives the points of each part, `ends` of each capsule, `palm` of each side's palm and BEFORE it; `radius`
    (P,) is the thickness round each, in metres.
    """

    points: Points
    radius: Array
    parts: Mapping[str, list[int]]
    surface: list[int]
    ends: Mapping[str, tuple[int, int]]
    mass: Array
    heavy: list[int]
    palm: Mapping[str, tuple[int, ...]]


@lru_cache(maxsize=32)
def layout(stature: float, build: float, sex: str, more: tuple[str, ...] = ()) -> Layout:
    """The points of a body of a height, a build and a sex; `more` are parts that only rest on things by name."""
    import numpy as np

    bones: list[int] = []
    local: list[Vector] = []
    radius: list[float] = []

    numbers: dict[tuple[str, Vector, float], int] = {}

    def add(bone: str, at: Vector, thick: float) -> int:
        if (bone, at, thick) in numbers:
            return numbers[bone, at, thick]
        numbers[bone, at, thick] = len(bones)
        stout = girth(build, FLESH.get(bone.removeprefix("left_").removeprefix("right_"), ""), sex)
        bones.append(INDEX[bone])
        local.append(at)
        radius.append(thick * stout)
        return len(bones) - 1

    parts = {part: [add(*sphere) for sphere in spheres] for part, spheres in MIDLINE_SURFACE.items()}
    for side in SIDES:
        for name, spheres in PAIRED_SURFACE.items():
            parts[f"{side}_{name}"] = [add(f"{side}_{bone}", at, thick) for bone, at, thick in spheres]
        parts[f"{side}_tips"] = [add(f"{side}_{TIP[0]}", *TIP[1:])]
    surface = list(range(len(bones)))
    for part in more:
        own = f"{part.partition('_')[0]}_" if part.partition("_")[0] in SIDES else ""
        parts[part] = [add(own + bone, at, thick) for bone, at, thick in part_spheres(part)]
    ends = {}
    for name, shape in CAPSULES.items():
        start = add(shape.bone, shape.start, shape.start_radius)
        ends[name] = (start, start if shape.end == shape.start else add(shape.bone, shape.end, shape.end_radius))
    heavy = [add(bone, at, 0.0) for bone, at, _ in MASSES]
    palm = {
        side: tuple(add(f"{side}_hand", (0.0, -0.04, s * before / stature), 0.0) for before in (0.0, BEFORE))
        for side, s in zip(SIDES, (1.0, -1.0), strict=True)
    }
    return Layout(
        Points(np.array(bones), np.array(local) * stature), np.array(radius) * stature, parts, surface, ends,
        np.array([mass for _, _, mass in MASSES]), heavy, palm,
    )


def overlaps(body: Layout, at: Array, pairs: Sequence[tuple[str, str]]) -> tuple[Array, Array, Array, Array]:
    """Of each pair of capsules: metres between their surfaces; from where on each (0 to 1); the unit vector between."""
    import numpy as np

    index = np.array([(*body.ends[one], *body.ends[other]) for one, other in pairs])
    a, b, c, d = (at[index[:, column]] for column in range(4))
    u, v, w = b - a, d - c, a - c
    uu, vv, uv = (np.maximum((x * y).sum(axis=1), 0.0) for x, y in ((u, u), (v, v), (u, u)))
    uv = (u * v).sum(axis=1)
    uw, vw = (u * w).sum(axis=1), (v * w).sum(axis=1)
    uu, vv = np.maximum(uu, 1e-9), np.maximum(vv, 1e-9)
    s = np.clip((uv * vw - vv * uw) / np.maximum(uu * vv - uv * uv, 1e-9), 0.0, 1.0)
    t = np.clip((uv * s + vw) / vv, 0.0, 1.0)
    s = np.clip((uv * t - uw) / uu, 0.0, 1.0)
    apart = w + s[:, None] * u - t[:, None] * v
    far = np.maximum(np.linalg.norm(apart, axis=1), 1e-9)
    r = body.radius
    thick = r[index[:, 0]] * (1 - s) + r[index[:, 1]] * s + r[index[:, 2]] * (1 - t) + r[index[:, 3]] * t
    return far - thick, s, t, apart / far[:, None]
