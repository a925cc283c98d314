"""A request to pixels. Must not know files, targets or caches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calotype.language.pose.linear import Vector, add
from calotype.language.pose.skeleton import STATURE, Skeleton
from calotype.workers.render.mannequin.camera import Camera, bounds, camera
from calotype.workers.render.mannequin.jitter import jitter
from calotype.workers.render.mannequin.stance import rest

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

LIMBS = (
    ("{}_clavicle", "{}_upper_arm", 0.03),
    ("{}_upper_arm", "{}_forearm", 0.026),
    ("{}_forearm", "{}_hand", 0.02),
    ("{}_hand", "{}_fingertips", 0.014),
    ("{}_thigh", "{}_shank", 0.042),
    ("{}_shank", "{}_foot", 0.03),
    ("{}_foot", "{}_toes", 0.018),
    ("pelvis", "{}_thigh", 0.045),
)
TRUNK = (("pelvis", "lumbar_3", 0.07), ("lumbar_3", "thoracic_3", 0.075), ("thoracic_3", "head", 0.03))


def draw(request: Mapping[str, Any]) -> Pixels:
    from PIL import Image, ImageDraw

    moved = jitter(request["posture"], request["seed"])
    skeleton = rest(moved.posture)
    width, height = request["size"]
    view = camera(
        request["view"],
        request["side"],
        request["posture"]["base"],
        skeleton.position["lumbar_2"],
        moved.yaw,
        moved.pitch,
    )
    capsules = _capsules(skeleton, view)
    left, low, right, high = bounds(
        (x + i * r, y + i * r) for a, b, r in capsules for x, y, _ in (a, b) for i in (-1, 1)
    )
    unit = min(width, height) * 2 * 0.86 / max(right - left, high - low)
    x0, y0 = width - unit * (left + right) / 2, height + unit * (low + high) / 2
    mesh = request["drawing"] == "mesh"
    ground = (250, 243, 224) if mesh else (255, 255, 255)
    fill = (236, 132, 46) if mesh else (244, 244, 244)
    image = Image.new("RGB", (width * 2, height * 2), ground)
    pen = ImageDraw.Draw(image)
    for grow, colour in ((0.006, moved.ink), (0.0, fill)):
        for a, b, r in sorted(capsules, key=lambda one: -one[0][2] - one[1][2]):
            _capsule(pen, a, b, (r + grow) * unit, (x0, y0), unit, colour)
    return image.resize((width, height), Image.Resampling.BOX)


def _capsules(skeleton: Skeleton, view: Camera) -> list[tuple[Vector, Vector, float]]:
    pairs = list(TRUNK)
    for side in ("left", "right"):
        pairs += [(a.format(side), b.format(side), r) for a, b, r in LIMBS]
    found = [
        (view.see(skeleton.position[a]), view.see(skeleton.position[b]), r * STATURE) for a, b, r in pairs
    ]
    centre = view.see(skeleton.point("head", (0.01 * STATURE, 0.05 * STATURE, 0.0)))
    return [*found, (centre, add(centre, (0.0, 0.01, 0.0)), 0.055 * STATURE)]


def _capsule(
    pen: Any, a: Vector, b: Vector, radius: float, origin: tuple[float, float], unit: float, colour: Any
) -> None:
    ends = [(origin[0] + unit * p[0], origin[1] - unit * p[1]) for p in (a, b)]
    pen.line(ends, fill=colour, width=max(1, round(radius * 2)))
    for x, y in ends:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
