"""A posture seen by a camera: body and props as one z-buffer of parts, depths and surfaces. Must not know inks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.pose.figure import hair
from calotype.language.pose.linear import Vector, turn
from calotype.language.pose.planted import planted, wall_of
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.stance import rest, settled
from calotype.language.pose.views.camera import DISTANCE, Camera, camera
from calotype.workers.render.mannequin import body, raster, see_through
from calotype.workers.render.mannequin.body import Mesh
from calotype.workers.render.mannequin.props import props
from calotype.workers.render.mannequin.props.solids import Solid

Array = NDArray[Any]

PROP = 100
"""Labels of props start here; the body's are the index in `body.PARTS`, plus one; 0 is the ground."""
MARGIN = 0.07
"""Of the picture's shorter side, left free on every side."""

FINENESS = ((300, 1.0), (120, 2.0), (70, 4.0), (0, 6.0))
"""Above so many pixels, rings of the body so many times their finest distance apart."""

SNAP = np.array([256.0, 256.0, 65536.0])
"""Steps in a pixel across and down, and in a metre of depth."""

FOCUS: dict[str, tuple[tuple[str, ...], float, float]] = {
    "ankle": (("shank", "foot", "foot", "toes"), 0.31, 108.0),
    "foot": (("foot", "toes"), 0.18, 60.0),
    "toe": (("foot", "toes"), 0.16, 60.0),
    "metatars": (("foot", "toes"), 0.16, 60.0),
    "knee": (("shank",), 0.28, 60.0),
    "hip": (("thigh",), 0.32, 60.0),
    "wrist": (("hand",), 0.16, 60.0),
    "hand": (("hand", "fingertips"), 0.15, 60.0),
    "elbow": (("forearm",), 0.24, 60.0),
    "shoulder": (("upper_arm",), 0.30, 50.0),
    "glenohumeral": (("upper_arm",), 0.30, 50.0),
    "scapul": (("upper_arm", "thoracic_2"), 0.34, 130.0),
    "cervical": (("neck_1", "head"), 0.24, 80.0),
    "neck": (("neck_1", "head"), 0.24, 80.0),
    "lumbar": (("lumbar_2",), 0.32, 120.0),
    "thoracic": (("thoracic_2",), 0.34, 120.0),
}
"""Where a close-up looks, by a word of the joint's name: at which bones, how far round them in metres, and from how
many degrees beside the front."""
ROOM = 1.15
"""How much further a close-up looks than its joint reaches, so that what is beside it shows what it is."""


@dataclass(frozen=True, slots=True)
class Frame:
    """From the camera's metres to pixels of a picture of `width` x `height`: `scale` pixels a metre."""

    width: int
    height: int
    scale: float
    x: float
    y: float

    def place(self, seen: Array) -> Array:
        """Camera coordinates (..., 3) to pixels: x right, y down, depth in metres."""
        return np.stack(
            [self.x + self.scale * seen[..., 0], self.y - self.scale * seen[..., 1], seen[..., 2]], axis=-1
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A body in its place, with what it touches."""

    posture: Mapping[str, Any]
    skeleton: Skeleton
    mesh: Mesh
    solids: list[Solid]

    def points(self) -> Array:
        return np.concatenate([self.mesh.vertices, *(solid.vertices for solid in self.solids)])


@dataclass(frozen=True, slots=True)
class Scene:
    """A figure before a camera. Of its props `solids` are drawn, and `seen_through` is what would hide it."""

    posture: Mapping[str, Any]
    skeleton: Skeleton
    camera: Camera
    frame: Frame
    mesh: Mesh
    solids: list[Solid]
    seen_through: list[Solid]

    def pixels(self, points: Array) -> Array:
        """Workspace points (..., 3) to pixels and depth."""
        return self.frame.place(see(self.camera, points))

    def pixel(self, point: Vector) -> tuple[float, float]:
        x, y, _ = self.pixels(np.array(point))
        return float(x), float(y)


@dataclass(frozen=True, slots=True)
class Surface:
    """What is seen, in the window (top, left) of the picture. Arrays (h, w), or (P,) for its P covered pixels.

    `label` (h, w) 0 on the ground, else a part of the body, else PROP + piece * 8 + face; `depth` (h, w) in metres;
    `ys`, `xs` (P,) covered pixels; `u`, `v`, `part` there, `which` of the triangles is seen; `normals` (T, 3) of the
    triangles, +z towards the viewer; `spread` (T, 2) how much u and v change in each from pixel to pixel.
    """

    top: int
    left: int
    label: Array
    depth: Array
    ys: Array
    xs: Array
    part: Array
    which: Array
    u: Array
    v: Array
    normals: Array
    spread: Array

    def facing(self, direction: Array) -> Array:
        """How much each covered pixel (P,) faces a direction (3,), from -1 to 1."""
        return np.asarray((self.normals @ direction)[self.which])

    def runs(self) -> Iterator[slice]:
        """The covered pixels in pieces, so that working on them takes little memory."""
        for start in range(0, len(self.ys), raster.RUN):
            yield slice(start, start + raster.RUN)

    def cut(self, run: slice) -> Surface:
        """The surface with only one run of its covered pixels."""
        return replace(
            self, ys=self.ys[run], xs=self.xs[run], part=self.part[run], which=self.which[run], u=self.u[run],
            v=self.v[run],
        )


def see(viewer: Camera, points: Array) -> Array:
    """Workspace points (..., 3) to (x, y, depth), as Camera.see does."""
    turned = (points - np.array(viewer.target)) @ np.array(viewer.rotation).T
    k = DISTANCE / (DISTANCE - turned[..., 2:])
    return np.concatenate([turned[..., :2] * k, -turned[..., 2:]], axis=-1)


def figure(
    posture: Mapping[str, Any], size: tuple[int, int], face: bool = True, beside: Figure | None = None
) -> Figure:
    """The body of a posture, as fine as a picture of `size` needs; `face` adds nose, ears and long hair.

    `beside` is another phase of its movement: what rests on floor or wall in both is in one place."""
    posture = settled(posture)
    skeleton = rest(posture)
    if beside:
        wall = wall_of(posture, beside.posture, beside.skeleton)
        skeleton = planted(skeleton, beside.skeleton, posture["base"], wall)
    coarse = next(step for limit, step in FINENESS if min(size) > limit)
    template = body.template(coarse, face, skeleton.build, face and hair(posture) == "long",
                             bool(skeleton.hands))
    return Figure(posture, skeleton, body.pose(skeleton, template), props(posture, skeleton))


def compose(
    figures: Sequence[Figure], view: str, side: str, joints: Sequence[str], size: tuple[int, int],
    yaw: float = 0.0, pitch: float = 0.0, also: Sequence[Array] = (),
) -> list[Scene]:
    """The figures before one camera: all of them, and the points `also`, in frame, or the named joints close up, with
    the paths of `also` that go on near them.

    `size` is in pixels; `yaw` and `pitch` turn the camera by degrees. The first figure decides where it looks.
    """
    main = figures[0]
    front = turn(main.skeleton.rotation["pelvis"], (1.0, 0.0, 0.0))
    framed = (FOCUS[word] for joint in joints for word in FOCUS if word in joint.lower())
    bones, radius, close = next(framed, FOCUS["neck"])
    viewer = camera(view, side, main.posture["base"], front, main.skeleton.position["lumbar_2"], yaw, pitch, close)
    if view == "close-up":
        centre = _middle(main.skeleton, bones, side)
        corners = see(viewer, centre)[:2] + ROOM * radius * np.array([[-1.0, -1.0], [1.0, 1.0]])
        frame = _frame(np.concatenate([corners, *_near(corners, [see(viewer, path)[:, :2] for path in also])]), size)
    else:
        everything = np.concatenate([*(figure.points() for figure in figures), *also])
        frame = _frame(see(viewer, everything)[:, :2], size)
    bodies = np.concatenate([figure.mesh.vertices for figure in figures])
    split = [see_through.split(figure.solids, bodies, viewer) for figure in figures]
    return [
        Scene(figure.posture, figure.skeleton, viewer, frame, figure.mesh, drawn, seen_through)
        for figure, (drawn, seen_through) in zip(figures, split, strict=True)
    ]


def _near(corners: Array, paths: Sequence[Array]) -> list[Array]:
    """The paths that lie within a close-up half as large again."""
    room = (corners[1] - corners[0]) / 4
    low, high = corners[0] - room, corners[1] + room
    return [path for path in paths if bool(np.all((low <= path) & (path <= high)))]


def _frame(points: Array, size: tuple[int, int]) -> Frame:
    width, height = size
    low, high = points.min(axis=0), points.max(axis=0)
    room = (1 - 2 * MARGIN) * min(width, height)
    spare = (width - min(width, height), height - min(width, height))
    scale = min((room + spare[axis]) / max(high[axis] - low[axis], 1e-6) for axis in (0, 1))
    middle = (low + high) / 2
    return Frame(width, height, scale, width / 2 - scale * middle[0], height / 2 + scale * middle[1])


def _middle(skeleton: Skeleton, bones: Sequence[str], side: str) -> Array:
    """The middle of the joints of some bones, on the side that is looked at."""
    points = [skeleton.position[name if name in skeleton.position else f"{side}_{name}"] for name in bones]
    return np.asarray(np.mean(np.array(points), axis=0))


def render(scene: Scene, finer: int) -> Surface:
    """The z-buffer at `finer` times the picture's resolution."""
    vertices, normals, uv, triangles, label = _gather(scene)
    points = scene.pixels(vertices)
    points[:, :2] *= finer
    width, height = scene.frame.width * finer, scene.frame.height * finer
    left, top = (max(0, int(np.floor(points[:, axis].min())) - 4 * finer) for axis in (0, 1))
    right, low = (
        min(limit, int(np.ceil(points[:, axis].max())) + 4 * finer) for axis, limit in ((0, width), (1, height))
    )
    points -= (left, top, 0)
    # snapped to a grid, as graphics hardware does: the last bit of another machine's sine moves no pixel
    points = np.round(points * SNAP) / SNAP
    front = raster.facing(points, triangles)
    triangles, label = triangles[front], label[front]
    seen, depth = raster.rasterize(points, triangles, max(right - left, 1), max(low - top, 1))
    ys, xs = (index.astype(np.int32) for index in np.nonzero(seen >= 0))
    which = seen[ys, xs]
    weight = raster.barycentric(points, triangles, which, xs.astype(np.float32), ys.astype(np.float32))
    table = np.round(uv, 6).astype(np.float32)
    u, v = (_mixed(table[:, column], triangles, which, weight) for column in (0, 1))
    labels = np.zeros(seen.shape, np.int16)
    labels[ys, xs] = label[which]
    flat = normals[triangles].sum(axis=1) @ np.array(scene.camera.rotation).T
    flat = np.round(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9), 5).astype(np.float32)
    spread = _spread(points, uv, triangles)
    return Surface(top, left, labels, depth, ys, xs, label[which], which, u, v, flat, spread)


def _mixed(values: Array, triangles: Array, which: Array, weight: Sequence[Array]) -> Array:
    """A value of the vertices, at each covered pixel (P,)."""
    mixed = weight[0] * values[triangles[:, 0]][which]
    for corner in (1, 2):
        mixed += weight[corner] * values[triangles[:, corner]][which]
    return np.asarray(mixed)


def _gather(scene: Scene) -> tuple[Array, ...]:
    """Body and props as one list of triangles."""
    mesh = scene.mesh
    vertices, normals, uv = [mesh.vertices], [mesh.normals], [mesh.uv]
    triangles, labels = [mesh.triangles], [mesh.part + 1]
    count = len(mesh.vertices)
    for piece, solid in enumerate(scene.solids):
        spread = solid.vertices[solid.triangles].reshape(-1, 3)
        a, b, c = (solid.vertices[solid.triangles[:, i]] for i in range(3))
        flat = np.cross(b - a, c - a)
        flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
        vertices.append(spread)
        normals.append(np.repeat(flat, 3, axis=0))
        uv.append(np.full((len(spread), 2), -9.0))
        triangles.append(count + np.arange(len(spread)).reshape(-1, 3))
        labels.append((PROP + piece * 8 + solid.face).astype(np.int16))
        count += len(spread)
    return tuple(np.concatenate(column) for column in (vertices, normals, uv, triangles, labels))


def _spread(points: Array, uv: Array, triangles: Array) -> Array:
    """How fast u and v change across the picture in each triangle, per pixel (T, 2)."""
    a, b, c = (triangles[:, i] for i in range(3))
    e, f = points[b, :2] - points[a, :2], points[c, :2] - points[a, :2]
    area = e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0]
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)[:, None]
    d, g = uv[b] - uv[a], uv[c] - uv[a]
    dx = (d * f[:, 1:] - g * e[:, 1:]) / area
    dy = (g * e[:, :1] - d * f[:, :1]) / area
    return np.asarray(np.hypot(dx, dy), np.float32)


