"""What is drawn over the figure: joint marks, movement arrows, angle arcs. Must not know how the figure is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import cos, pi, sin
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.contact.unknowns import rotation, turned_by
from calotype.language.pose.linear import Vector, add, scale, subtract, turn
from calotype.language.pose.planted import planted, wall_of
from calotype.language.pose.posture import OTHER_WAY, blend
from calotype.language.pose.skeleton import STATURE, Skeleton
from calotype.language.pose.stance import rest, settled
from calotype.language.pose.terms import SIDES
from calotype.workers.render.mannequin import see_through
from calotype.workers.render.mannequin.scene import Scene

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

Array = NDArray[Any]

BLUE = (22, 104, 178)
GREY = (128, 134, 146)
DASH, GAP, DASHED = 0.016, 0.009, 0.0024
"""Of the picture's shorter side: how long the dashes of an outline are, how far apart, and how wide."""
WIDTH = 0.0055
"""Of the picture's shorter side: the shaft of an arrow."""

LANDMARK: dict[str, tuple[str, Vector]] = {
    "head": ("head", (0.0, 0.125, 0.0)),
    "chin": ("head", (0.058, -0.010, 0.0)),
    "chest": ("thoracic_3", (0.10, 0.0, 0.0)),
    "pelvis": ("pelvis", (0.09, 0.0, 0.0)),
    "lumbar": ("lumbar_2", (-0.075, 0.0, 0.0)),
    "thorax": ("thoracic_2", (-0.085, 0.0, 0.0)),
    "hand": ("fingertips", (0.0, -0.05, 0.0)),
    "elbow": ("forearm", (-0.05, 0.0, 0.0)),
    "knee": ("shank", (0.06, 0.0, 0.0)),
    "foot": ("toes", (0.06, 0.01, 0.0)),
    "heel": ("foot", (-0.065, -0.01, 0.0)),
}
"""Where an arrow starts: a bone, and a point beside the skin in its frame, in fractions of stature."""

STAYS = 0.15
"""Metres that a heel may move whose toes are followed: it is the ankle that moves."""
TOLD = 0.1
"""Metres that something must move to be followed rather than a hand that comes to hold on."""
FOLLOWED = (
    "chin", "left_hand", "right_hand", "left_knee", "right_knee", "left_heel", "right_heel", "head", "thorax", "pelvis",
    "right_foot", "left_foot",
)
DIRECTION: dict[str, Vector] = {
    "up": (0.0, 1.0, 0.0), "down": (0.0, -1.0, 0.0), "forward": (1.0, 0.0, 0.0), "back": (-1.0, 0.0, 0.0),
    "left": (0.0, 0.0, -1.0), "right": (0.0, 0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Arrow:
    """A path in the world (N, 3), in metres, with a head at its end, or at both ends."""

    path: Array
    double: bool


def arrows(posture: Mapping[str, Any], skeleton: Skeleton) -> list[Arrow]:
    """The arrows that a posture asks for, and the one of its movement."""
    drawn = [_asked(arrow, skeleton) for arrow in posture.get("arrows", ())]
    if "arrows" in posture.get("show", ()):
        drawn += _movement(posture["from"], posture["to"], skeleton if "planted" in posture else None)
    return drawn


def point(skeleton: Skeleton, landmark: str) -> Vector:
    side, _, name = landmark.partition("_")
    bone, local = LANDMARK[name] if side in SIDES else LANDMARK[landmark]
    bone = f"{side}_{bone}" if side in SIDES else bone
    return skeleton.point(bone, scale(local, skeleton.stature))


def _asked(arrow: Mapping[str, Any], skeleton: Skeleton) -> Arrow:
    start = point(skeleton, arrow["of"])
    size = arrow.get("size", 18) / 100
    if arrow["path"] in OTHER_WAY:
        centre, sense = add(start, (0.0, -0.05, 0.0)), 1 if arrow["path"] == "circle" else -1
        turns = [2 * pi * (0.12 + 0.86 * i / 40) for i in range(41)]
        ring = [add(centre, (size / 2 * cos(t), 0.0, sense * size / 2 * sin(t))) for t in turns]
        return Arrow(np.array(ring), False)
    if arrow["path"] == "swing":
        swing = [(-size * cos(pi * i / 20) * 0.5, -size * sin(pi * i / 20) * 0.12, 0.0) for i in range(21)]
        return Arrow(np.array([add(start, offset) for offset in swing]), True)
    step = DIRECTION[arrow["path"]]
    return Arrow(np.array([add(start, scale(step, size * t)) for t in (0.0, 0.5, 1.0)]), False)


def _movement(start: Mapping[str, Any], end: Mapping[str, Any], shown: Skeleton | None) -> list[Arrow]:
    """The path of whichever followed landmark moves furthest, from phase to phase."""
    poses = _phases(start, end, 25 if shown else 13, shown)
    holds = _taking_hold(start, end)
    paths = {name: np.array([point(pose, name) for pose in poses]) for name in FOLLOWED}
    far = {name: float(np.linalg.norm(path[-1] - path[0])) for name, path in paths.items()}
    far |= {f"{side}_foot": 0.0 for side in SIDES if far[f"{side}_heel"] > STAYS}
    name = max(far, key=lambda name: (name not in holds and far[name] > TOLD, far[name]))
    path = paths[name]
    if np.linalg.norm(path[-1] - path[0]) < 0.004 * STATURE:
        return []
    if name == "chin" or np.linalg.norm(path[-1] - path[0]) < 0.12:
        path = _stretched(path)
    return [Arrow(path, False)]


def _taking_hold(start: Mapping[str, Any], end: Mapping[str, Any]) -> set[str]:
    """The hands that only come to hold on to something, while the pose says nothing of their arms: it is not their
    movement that the arrow is to show."""
    return {
        f"{side}_hand" for side in SIDES
        if end.get("contacts", {}).get(f"{side}_hand") not in (None, start.get("contacts", {}).get(f"{side}_hand"))
        and not any(name.startswith((f"{side}.shoulder", f"{side}.elbow")) for name in end.get("written", ()))
    }


def _phases(start: Mapping[str, Any], end: Mapping[str, Any], count: int, shown: Skeleton | None) -> list[Skeleton]:
    """The body on its way, over what stays planted. Between phases that had to be solved it goes straight, in root and
    angles alike."""
    shares = [number / (count - 1) for number in range(count)]
    wall = wall_of(start, end, shown) if shown else None
    if "solver" not in start and "solver" not in end:
        return [planted(rest(blend(start, end, share)), shown, end["base"], wall) for share in shares]
    first, last = settled(start), settled(end)
    ends = planted(rest(first), shown, first["base"], wall), planted(rest(last), shown, last["base"], wall)
    turned, other = (np.array(body.rotation["pelvis"]) for body in ends)
    at, to = (np.array(body.position["pelvis"]) for body in ends)
    turn = turned_by(other @ turned.T)
    bodies = []
    for share in shares:
        root = [*(rotation((share * turn).tolist()) @ turned).tolist(), ((1 - share) * at + share * to).tolist()]
        bodies.append(rest({**blend(first, last, share), "root": root}))
    return bodies


def _stretched(path: Array) -> Array:
    """A short path, made long enough to be seen, ending where it ends."""
    along = path[-1] - path[0]
    length = float(np.linalg.norm(along))
    start = path[-1] - along / length * max(0.13, length)
    return np.asarray(np.linspace(start, path[-1], 5) - along / length * 0.02)


def draw(image: Pixels, scene: Scene, finer: int, arrows: Sequence[Arrow], joints: Sequence[str]) -> None:
    """Draws on a picture at `finer` times the scene's resolution."""
    from PIL import ImageDraw

    pen = ImageDraw.Draw(image, "RGBA")
    unit = min(scene.frame.width, scene.frame.height) * finer
    for spot in marks(scene, joints):
        _mark(pen, spot[0] * finer, spot[1] * finer, unit)
    for name in scene.posture.get("arcs", ()):
        for line, width in arc_lines(scene, name):
            points = [(x, y) for x, y in (line * finer).tolist()]
            pen.line(points, fill=(*BLUE, 255), width=max(1, round(WIDTH * unit * width)), joint="curve")
    for arrow in arrows:
        _arrow(pen, scene.pixels(arrow.path)[:, :2] * finer, arrow.double, unit)


def outlines(scene: Scene) -> list[Array]:
    """Where what is seen through begins and ends: a closed line of pixels (n, 2) for each of its pieces."""
    return [see_through.outline(scene.pixels(solid.vertices)[:, :2]) for solid in scene.seen_through]


def dashes(line: Array, dash: float, gap: float) -> list[Array]:
    """A line's pieces (2, 2), `dash` pixels long, with gaps between: every side of it begins and ends with a dash."""
    pieces = []
    for start, end in pairwise(line):
        way, length = end - start, float(np.hypot(*(end - start)))
        count = max(1, round((length + gap) / (dash + gap)))
        begin = np.arange(count) * (1 - min(dash / max(length, 1e-9), 1.0)) / max(count - 1, 1)
        share = min(dash / max(length, 1e-9), 1.0)
        pieces += [np.array([start + way * at, start + way * (at + share)]) for at in begin]
    return pieces


def draw_outlines(image: Pixels, scene: Scene, finer: int) -> None:
    """Draws what is seen through, on a picture at `finer` times the scene's resolution."""
    from PIL import ImageDraw

    if not scene.seen_through:
        return
    pen, unit = ImageDraw.Draw(image), min(scene.frame.width, scene.frame.height) * finer
    for line in outlines(scene):
        for piece in dashes(line * finer, DASH * unit, GAP * unit):
            pen.line([(x, y) for x, y in piece.tolist()], fill=GREY, width=max(1, round(DASHED * unit)))


def marks(scene: Scene, joints: Sequence[str]) -> list[tuple[float, float]]:
    """Pixels of the named joints. Of a pair, the nearer one, or both when they are as near."""
    spots = []
    for joint in joints:
        word = next((word for word in MARKED if word in joint.lower()), None)
        if word is None:
            continue
        for bone in MARKED[word]:
            if bone in scene.skeleton.position:
                spots.append(scene.pixel(scene.skeleton.position[bone]))
                continue
            pair = {side: scene.pixels(np.array(scene.skeleton.position[f"{side}_{bone}"])) for side in SIDES}
            named = [side for side in SIDES if joint.lower().startswith(side)]
            nearest = min(float(pixel[2]) for pixel in pair.values())
            sides = named or [side for side in SIDES if pair[side][2] < nearest + 0.09]
            spots += [(float(pair[side][0]), float(pair[side][1])) for side in sides]
    return list(dict.fromkeys(spots))


MARKED: dict[str, tuple[str, ...]] = {
    "metatars": ("toes",), "ankle": ("foot",), "knee": ("shank",), "hip": ("thigh",), "wrist": ("hand",),
    "elbow": ("forearm",), "shoulder": ("upper_arm",), "glenohumeral": ("upper_arm",),
    "scapul": ("clavicle",), "cervical": ("neck_1", "neck_2", "head"), "neck": ("neck_1", "neck_2", "head"),
    "thoracic": ("thoracic_1", "thoracic_2", "thoracic_3"), "lumbar": ("lumbar_1", "lumbar_2", "lumbar_3"),
    "spine": ("lumbar_1", "lumbar_3", "thoracic_2", "neck_1"), "sacroiliac": ("pelvis",),
}


def _mark(pen: Any, x: float, y: float, unit: float) -> None:
    for radius, fill in ((0.0125, (255, 255, 255, 235)), (0.0098, (*BLUE, 255)), (0.0055, (255, 255, 255, 255))):
        r = radius * unit
        pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)


def _arrow(pen: Any, path: Array, double: bool, unit: float) -> None:
    """A curve with a filled head, in a thin white halo."""
    width, length = WIDTH * unit, 0.024 * unit
    shaft = trimmed(path, length * 0.8, double)
    for halo, colour in ((width * 1.1, (255, 255, 255, 255)), (0.0, (*BLUE, 255))):
        thick = max(1, round(width + halo))
        pen.line([tuple(p) for p in shaft.tolist()], fill=colour, width=thick, joint="curve")
        for x, y in (shaft[0], shaft[-1]):
            pen.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=colour)
        for way in (path, path[::-1]) if double else (path,):
            pen.polygon([tuple(corner) for corner in head(way, length + halo).tolist()], fill=colour)


def trimmed(path: Array, length: float, double: bool) -> Array:
    """The path without its last `length` pixels, which the head covers."""
    def cut(points: Array) -> Array:
        far = np.linalg.norm(points - points[-1], axis=1) > length
        shaft = points[: int(np.flatnonzero(far)[-1]) + 1] if far.any() else points[:1]
        towards = points[-1] - shaft[-1]
        norm = max(float(np.linalg.norm(towards)), 1e-6)
        return np.concatenate([shaft, [points[-1] - towards / norm * min(length, norm)]])

    path = cut(path)
    return np.asarray(cut(path[::-1])[::-1]) if double else path


def head(path: Array, size: float) -> Array:
    """The three corners (3, 2) of the head at the end of a path (N, 2), `size` long."""
    tip = path[-1]
    back = path[max(0, len(path) - 1 - max(1, len(path) // 8))]
    along = (tip - back) / max(float(np.linalg.norm(tip - back)), 1e-6)
    across = np.array([-along[1], along[0]])
    base = tip - along * size
    return np.array([tip + along * size * 0.12, base + across * size * 0.52, base - across * size * 0.52])


ARC_BONES: dict[str, tuple[str, str, str]] = {
    "knee": ("shank", "thigh", "foot"), "ankle": ("foot", "shank>x", "foot>x"), "hip": ("thigh", "pelvis>-y", "shank"),
    "elbow": ("forearm", "upper_arm", "hand"), "shoulder": ("upper_arm", "thoracic_3>-y", "forearm"),
    "wrist": ("hand", "forearm", "fingers"), "toe": ("toes", "foot>x", "toes>x"),
    "neck": ("neck_1", "thoracic_3>y", "head"), "lumbar": ("lumbar_1", "pelvis>y", "thoracic_1"),
    "thoracic": ("thoracic_1", "lumbar_3>y", "neck_1"),
    "spine": ("lumbar_3", "pelvis>y", "neck_1"),
    **dict.fromkeys(("anterior", "posterior"), ("pelvis", "thoracic_1>y", "pelvis>y")),
    **dict.fromkeys(("finger", "index", "middle", "ring", "little"), ("fingers", "hand", "fingertips")),
    "thumb": ("hand", "forearm", "fingers"), "lower": ("pelvis", "thoracic_3>x", "pelvis>x"),
}
"""For each angle: the joint; its zero, where the bone before it goes on, or an axis of it; the bone after it."""
AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "-y": (0.0, -1.0, 0.0)}


def angle(skeleton: Skeleton, name: str) -> tuple[Vector, Vector, Vector] | None:
    """Where an angle is, the direction of its zero (neutral-zero, as it is measured), and that of the bone now."""
    side, _, term = name.partition("_")
    if side not in SIDES:
        side, term = "", name
    bones = ARC_BONES.get(term.split("_")[0])
    if bones is None:
        return None
    at = _joint(skeleton, side, bones[0])
    return at, _direction(skeleton, side, at, bones[1], -1.0), _direction(skeleton, side, at, bones[2], 1.0)


def arc_lines(scene: Scene, name: str) -> list[tuple[Array, float]]:
    """The two rays and the arc of an angle: pixels (n, 2), and what part of an arrow's width each has."""
    drawn = angle(scene.skeleton, name)
    if drawn is None:
        return []
    at, zero, now = drawn
    radius = 0.085
    sweep = [_unit(add(scale(zero, 1 - t / 16), scale(now, t / 16))) for t in range(17)]
    rays = [np.array([at, add(at, scale(end, radius * 1.5))]) for end in (zero, now)]
    curve = np.array([add(at, scale(ray, radius)) for ray in sweep])
    return [(scene.pixels(line)[:, :2], width) for line, width in ((rays[0], 0.5), (rays[1], 0.5), (curve, 0.8))]


def _direction(skeleton: Skeleton, side: str, at: Vector, bone: str, sense: float) -> Vector:
    """From a joint towards a bone's, or away from it (`sense` -1); of `bone>axis`, that axis of the bone."""
    name, _, axis = bone.partition(">")
    if axis:
        full = name if name in skeleton.rotation else f"{side}_{name}"
        return turn(skeleton.rotation[full], AXES[axis])
    return _unit(scale(subtract(_joint(skeleton, side, name), at), sense))


def _joint(skeleton: Skeleton, side: str, bone: str) -> Vector:
    return skeleton.position[bone if bone in skeleton.position else f"{side}_{bone}"]


def _unit(vector: Vector) -> Vector:
    length = (vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2) ** 0.5
    return scale(vector, 1 / max(length, 1e-9))
