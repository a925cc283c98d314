"""The body as a mesh: sections lofted into skins, and the skins bent with the skeleton. Must not know the camera.

A ring between two bones takes a rotation part of the way between theirs, about the joint: limbs bend without pinching.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.figure import girth
from calotype.language.pose.skeleton import BONES, STATURE, Skeleton, forward
from calotype.language.pose.terms import SIDES
from calotype.workers.render.mannequin import anatomy, fingers
from calotype.workers.render.mannequin.anatomy import Loft, Spindle

Array = NDArray[Any]
Stout = tuple[float, str]
"""Build, in standard deviations of girth, and sex."""

BONE_INDEX = {name: index for index, name in enumerate((*(bone.name for bone in BONES), *fingers.all_names()))}
LIMB = ("leg", "foot", "arm", "hand", "index", "middle", "ring", "little", "thumb")
PARTS: tuple[str, ...] = ("trunk", "head", *(f"{side}_{part}" for side in ("left", "right") for part in LIMB))

COARSE_STEP = 0.025
"""Of stature: rings further apart than this no longer follow every section."""
BRIDGE_V = {"chest": -10.0, "back": -12.0, "trapezius": -14.0, "thumb": -16.0, "nose": -18.0, "ear": -20.0,
            "hair": -22.0}
"""Where v starts on each bridge: far from any place on a skin."""


@dataclass(frozen=True, slots=True)
class Template:
    """The body in the neutral position. V vertices, R rings, T triangles; lengths in metres.

    `local` (V, 3) is each vertex from its ring's joint; `normal` (V, 3) outwards; `ring` (V,) its ring;
    `bones` (R, 2) and `blend` (R,) between which bones a ring lies; `uv` (V, 2): u round the part from the front
    (0..1), v along it in fractions of stature; `triangles` (T, 3); `part` (T,) indexes PARTS. `girdle` gives, for
    each clavicle bone, the trunk vertices that follow it and how far.
    `spindles` come after the rings' vertices: K of them, each a grid of `grid` (rings, sides + 1).
    """

    local: Array
    normal: Array
    ring: Array
    bones: Array
    blend: Array
    uv: Array
    triangles: Array
    part: Array
    spindles: tuple[Spindle, ...]
    anchors: Array
    radii: Array
    grid: tuple[int, int]
    girdle: tuple[tuple[int, Array, Array], ...]


@dataclass(frozen=True, slots=True)
class Mesh:
    """A posed surface: `vertices` and `normals` (V, 3), `uv` (V, 2), `triangles` (T, 3), `part` (T,)."""

    vertices: Array
    normals: Array
    uv: Array
    triangles: Array
    part: Array


def pose(skeleton: Skeleton, template: Template) -> Mesh:
    """The body of a skeleton, in the world, in metres."""
    rotations = np.array([skeleton.rotation[bone.name] for bone in BONES])
    positions = np.array([skeleton.position[bone.name] for bone in BONES])
    if skeleton.hands:
        own = [bone for side in SIDES for bone in fingers.posed(skeleton, side)]
        rotations = np.concatenate([rotations, np.array([bone.rotation for bone in own])])
        positions = np.concatenate([positions, np.array([bone.position for bone in own])])
    size = skeleton.stature / STATURE
    first, second = template.bones[:, 0], template.bones[:, 1]
    turned = _between(rotations[first], rotations[second], template.blend)
    each = turned[template.ring]
    vertices = positions[second][template.ring] + np.einsum("vij,vj->vi", each, size * template.local)
    normals = np.einsum("vij,vj->vi", each, template.normal)
    for clavicle, which, weight in template.girdle:
        vertices[which] += weight[:, None] * _lifted(rotations, positions, clavicle, vertices[which])
    bridges, outwards = _bridges(template, rotations, positions, size)
    return Mesh(
        np.concatenate([vertices, bridges]),
        np.concatenate([normals, outwards]),
        template.uv,
        template.triangles,
        template.part,
    )


LOFTS = (anatomy.LEG, anatomy.FOOT, anatomy.ARM, anatomy.HAND)


@lru_cache(maxsize=4)
def template(
    coarse: float, face: bool, build: float = 0.0, long_hair: bool = False, hands: bool = False,
    sex: str = "neutral",
) -> Template:
    """The neutral body at STATURE, its girths `build` standard deviations from the mean of its sex.

    `coarse` multiplies the distance between rings (1 is fine); `face` adds nose and ears, `long_hair` hair at the nape;
    `hands` have fingers and thumbs that move by themselves.
    """
    lofts = [("", 1.0, anatomy.TRUNK), ("", 1.0, anatomy.HEAD)]
    for side, sign in (("left_", -1.0), ("right_", 1.0)):
        lofts += [(side, sign, loft) for loft in (*LOFTS, *(fingers.lofts() if hands else anatomy.FINGERS))]
    built = [_loft(loft, side, sign, coarse, (build, sex)) for side, sign, loft in lofts]
    vertices = rings = 0
    columns: list[list[Array]] = [[] for _ in range(8)]
    for (side, _, loft), (local, normal, ring, bones, blend, uv, triangles) in zip(lofts, built, strict=True):
        part = np.full(len(triangles), PARTS.index(side + loft.part), np.int16)
        pieces = (local, normal, ring + rings, bones, blend, uv, triangles + vertices, part)
        for column, piece in zip(columns, pieces, strict=True):
            column.append(piece)
        vertices, rings = vertices + len(local), rings + len(bones)
    local, normal, ring, bones, blend, uv, triangles, part = (np.concatenate(column) for column in columns)
    names, spindles = _spindles(face, long_hair, hands)
    grid = (max(5, round(15 / coarse)), max(6, round(16 / coarse**0.5)) + 1)
    uvs, more = _grid_topology(spindles, grid, vertices)
    parts = np.repeat(np.array([PARTS.index(name) for name in names], np.int16), len(more) // len(spindles))
    anchors = np.array([[_neutral(*spindle.start), _neutral(*spindle.end)] for spindle in spindles])
    girdle = _girdle(len(built[0][0]), local, ring, bones)
    return Template(
        local, normal, ring, bones, blend, np.concatenate([uv, uvs]), np.concatenate([triangles, more]),
        np.concatenate([part, parts]), spindles, anchors, _profiles(spindles, grid[0], (build, sex)), grid, girdle,
    )


_REST = forward({"base": "standing"})


@lru_cache(maxsize=1)
def _joints() -> Array:
    """Where each bone of BONE_INDEX begins in the neutral position, in metres."""
    x, y, z = _REST.position["right_hand"]
    wrist = (x / STATURE, y / STATURE, z / STATURE)
    single = [place for side in SIDES for place in fingers.neutral(wrist, side)]
    return np.concatenate([np.array([_REST.position[bone.name] for bone in BONES]), np.array(single) * STATURE])


def _neutral(bone: str, x: float, y: float, z: float) -> Array:
    """A neutral-position point (fractions of stature) from its bone's joint, in metres."""
    at = _REST.position[bone]
    return np.array([x * STATURE - at[0], y * STATURE - at[1], z * STATURE - at[2]])


def _loft(loft: Loft, side: str, sign: float, coarse: float, stout: Stout) -> tuple[Array, ...]:
    table = np.array(loft.sections)
    if table[0, 0] > table[-1, 0]:
        table = table[::-1]
    along = _stations(table[:, 0], loft.step * coarse)
    cx, cz, *radii = (_smooth(table[:, 0], table[:, column], along) for column in range(1, 6))
    width, front, rear = (radius * _stoutness(loft.part, along, stout) for radius in radii)
    front = front + _fuller(loft.part, along, stout[1])
    sides = max(8, round(loft.sides / coarse**0.5))
    u = np.linspace(0.0, 1.0, sides + 1)
    cosine, sine = np.cos(2 * np.pi * u), np.sin(2 * np.pi * u)
    power = 2.0 / loft.square
    ahead = np.sign(cosine) * np.abs(cosine) ** power
    aside = np.sign(sine) * np.abs(sine) ** power
    depth = np.where(ahead[None] >= 0, front[:, None], rear[:, None])
    forwards = cx[:, None] + depth * ahead[None]
    sideways = (cz[:, None] + width[:, None] * aside[None]) * sign
    axis = np.broadcast_to(along[:, None], forwards.shape)
    grid = np.stack([forwards, axis, sideways] if loft.axis == "y" else [axis, forwards, sideways], axis=-1)
    flip = (sign < 0) != (loft.axis == "x")
    normals = _grid_normals(grid, flip)
    bones, blend = _ring_bones(loft, side, along)
    joints = _joints()
    local = grid * STATURE - joints[bones[:, 1]][:, None, :]
    ring = np.repeat(np.arange(len(along)), sides + 1)
    uv = np.stack([np.broadcast_to(u[None], forwards.shape), axis], axis=-1)
    triangles = np.concatenate([_grid_triangles(len(along), sides + 1, flip), _caps(grid, flip)])
    return local.reshape(-1, 3), normals.reshape(-1, 3), ring, bones, blend, uv.reshape(-1, 2), triangles


def _fuller(part: str, along: Array, sex: str) -> Array | float:
    """How much further forward than its girth a part reaches, for a sex: fractions of stature."""
    contour = anatomy.FULLER.get((part, sex))
    if contour is None:
        return 0.0
    return np.asarray(np.interp(along, [at for at, _ in contour], [further for _, further in contour]))


def _stoutness(part: str, along: Array, stout: Stout) -> Array:
    """What build and sex make of the girths along a part: factors of the mean's."""
    measured = anatomy.GIRTHS.get(part, ((0.0, ""),))
    factors = [girth(stout[0], place, stout[1]) for _, place in measured]
    return np.asarray(np.interp(along, [at for at, _ in measured], factors))


def _girdle(
    count: int, local: Array, ring: Array, bones: Array
) -> tuple[tuple[int, Array, Array], ...]:
    """The top corners of the trunk, that ride on the clavicles when the arms rise."""
    joints = _joints()
    at = (local[:count] + joints[bones[ring[:count], 1]]) / STATURE
    corners = []
    for side, sign in (("left", -1.0), ("right", 1.0)):
        out = np.clip((at[:, 2] * sign - 0.025) / 0.07, 0, 1)
        up = np.clip((at[:, 1] - 0.195) / 0.075, 0, 1) * np.clip((0.315 - at[:, 1]) / 0.02, 0, 1)
        weight = out * out * (3 - 2 * out) * up * up * (3 - 2 * up)
        which = np.flatnonzero(weight > 0)
        corners.append((BONE_INDEX[f"{side}_clavicle"], which, weight[which]))
    return tuple(corners)


def _lifted(rotations: Array, positions: Array, clavicle: int, at: Array) -> Array:
    """How far points of the trunk would move if they were fixed to the clavicle."""
    chest = rotations[BONE_INDEX["thoracic_3"]]
    swing = rotations[clavicle] @ chest.T
    offset = at - positions[clavicle]
    return np.asarray(offset @ swing.T - offset)


def _stations(sections: Array, step: float) -> Array:
    """Places along a part: about `step` apart, with rounded ends kept; every section of its own when `step` is fine."""
    if step < COARSE_STEP:
        spans = [(low, high, max(1, round((high - low) / step)) + 1) for low, high in pairwise(sections)]
        pieces = [np.linspace(low, high, count)[1:] for low, high, count in spans]
        return np.concatenate([sections[:1], *pieces])
    low, high = sections[min(2, len(sections) - 2)], sections[max(len(sections) - 3, 1)]
    inner = np.linspace(low, high, max(2, round((high - low) / step)) + 1)
    along = np.sort(np.concatenate([sections[[0, -1]], inner]))
    return np.asarray(along[np.append(True, along[1:] != along[:-1])])  # np.unique would import numpy.ma


def _smooth(x: Array, y: Array, at: Array) -> Array:
    """Cubic Hermite through (x, y), slopes by Fritsch & Carlson (1980): no overshoot."""
    secant = np.diff(y) / np.diff(x)
    slope = np.empty_like(y)
    slope[0], slope[-1] = secant[0], secant[-1]
    left, right = secant[:-1], secant[1:]
    slope[1:-1] = np.where(left * right > 0, 2 * left * right / np.where(left + right == 0, 1, left + right), 0.0)
    index = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    width = x[index + 1] - x[index]
    t = (at - x[index]) / width
    return np.asarray(
        (1 + 2 * t) * (1 - t) ** 2 * y[index]
        + t * (1 - t) ** 2 * width * slope[index]
        + t * t * (3 - 2 * t) * y[index + 1]
        + t * t * (t - 1) * width * slope[index + 1]
    )


def _ring_bones(loft: Loft, side: str, along: Array) -> tuple[Array, Array]:
    """For each ring its two bones and how far it is from the first to the second."""
    down = loft.part in ("leg", *LIMB[2:])
    names = [_bone(side, name) for name, _, _ in loft.bones]
    pairs = np.empty((len(along), 2), np.int64)
    pairs[:] = BONE_INDEX[names[0]]
    blend = np.zeros(len(along))
    for index, (_, joint, reach) in enumerate(loft.bones[1:], 1):
        t = (along - (joint - reach)) / (2 * reach)
        t = np.clip(1 - t if down else t, 0.0, 1.0)
        inside = t > 0
        pairs[inside] = (BONE_INDEX[names[index - 1]], BONE_INDEX[names[index]])
        blend[inside] = (t * t * (3 - 2 * t))[inside]
    return pairs, blend


def _bone(side: str, name: str) -> str:
    return name if name in BONE_INDEX else side + name


def _grid_normals(grid: Array, flip: bool) -> Array:
    """Outward unit normals of a (rings, sides + 1, 3) tube."""
    along = np.gradient(grid, axis=0)
    around = np.roll(grid[:, :-1], -1, axis=1) - np.roll(grid[:, :-1], 1, axis=1)
    around = np.concatenate([around, around[:, :1]], axis=1)
    normal = np.cross(along, around) * (-1.0 if flip else 1.0)
    return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-12))


def _grid_triangles(rings: int, columns: int, flip: bool) -> Array:
    corner = (np.arange(rings - 1)[:, None] * columns + np.arange(columns - 1)[None]).ravel()
    a, b, c, d = corner, corner + 1, corner + columns, corner + columns + 1
    faces = np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)])
    return faces[:, ::-1] if flip else faces


TIP = 0.02
"""An end no wider than this fraction of stature shows, as a crown or a fingertip, and is closed."""


def _caps(grid: Array, flip: bool) -> Array:
    """Triangles that close the narrow ends of a (rings, sides + 1, 3) tube."""
    rings, columns = grid.shape[:2]
    across = np.arange(1, columns - 2)
    fans = [np.empty((0, 3), across.dtype)]
    for ring, turned in ((0, False), (rings - 1, True)):
        if np.ptp(grid[ring], axis=0).max() <= TIP:
            at = ring * columns
            fan = np.stack([np.full_like(across, at), at + across, at + across + 1], axis=1)
            fans.append(fan[:, ::-1] if turned != flip else fan)
    return np.concatenate(fans)


def _between(a: Array, b: Array, blend: Array) -> Array:
    """Rotations (R, 3, 3) part of the way from `a` to `b`, about the axis between them (Rodrigues)."""
    relative = np.einsum("rji,rjk->rik", a, b)
    trace = np.trace(relative, axis1=1, axis2=2)
    angle = np.arccos(np.clip((trace - 1) / 2, -1, 1))
    axis = np.stack(
        [relative[:, 2, 1] - relative[:, 1, 2], relative[:, 0, 2] - relative[:, 2, 0],
         relative[:, 1, 0] - relative[:, 0, 1]], axis=1,
    )
    axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-12)
    part = angle * blend
    x, y, z = axis.T
    zero = np.zeros_like(x)
    skew = np.stack([np.stack([zero, -z, y], 1), np.stack([z, zero, -x], 1), np.stack([-y, x, zero], 1)], 1)
    sine, versine = np.sin(part)[:, None, None], (1 - np.cos(part))[:, None, None]
    return np.asarray(a @ (np.eye(3) + sine * skew + versine * (skew @ skew)))


def _spindles(face: bool, long_hair: bool, hands: bool) -> tuple[list[str], tuple[Spindle, ...]]:
    """Every spindle on both sides, with the part it belongs to."""
    owner = {"chest": "trunk", "back": "trunk", "trapezius": "trunk", "nose": "head", "ear": "head"}
    names: list[str] = []
    spindles: list[Spindle] = []
    pairs = [*anatomy.SPINDLES, anatomy.EAR] if face else list(anatomy.SPINDLES)
    if hands:
        pairs = [spindle for spindle in pairs if spindle.part != "thumb"]
    for side, sign in (("left_", -1.0), ("right_", 1.0)):
        for template in pairs:
            ends = [(_bone(side, bone), x, y, z * sign) for bone, x, y, z in (template.start, template.end)]
            spindles.append(Spindle(template.part, ends[0], ends[1], template.radii, template.flat))
            names.append(side + "thumb" if template.part == "thumb" else owner[template.part])
    for spindle in (*((anatomy.NOSE,) if face else ()), *((anatomy.HAIR,) if long_hair else ())):
        spindles.append(spindle)
        names.append("head")
    return names, tuple(spindles)


def _profiles(spindles: Sequence[Spindle], rings: int, stout: Stout) -> Array:
    """Radii (K, rings, 2) in metres, wide and flat, closed at both ends."""
    t = _eased(rings)
    cap = np.sqrt(np.clip(1 - (np.clip(np.abs(t - 0.5) - 0.25, 0, None) / 0.25) ** 2, 0, 1))
    rows = []
    for spindle in spindles:
        radius = np.interp(t, np.linspace(0, 1, len(spindle.radii)), spindle.radii) * cap * STATURE
        radius *= girth(stout[0], anatomy.BRIDGED.get(spindle.part, ""), stout[1])
        rows.append(np.stack([radius, radius * spindle.flat], axis=-1))
    return np.array(rows)


def _eased(count: int) -> Array:
    """0 to 1, closer together towards both ends, where a bridge is round."""
    return np.asarray((1 - np.cos(np.linspace(0.0, np.pi, count))) / 2)


def _grid_topology(spindles: Sequence[Spindle], grid: tuple[int, int], start: int) -> tuple[Array, Array]:
    rings, columns = grid
    faces = _grid_triangles(rings, columns, False)
    offsets = start + np.arange(len(spindles))[:, None, None] * (rings * columns)
    u, length = np.meshgrid(np.linspace(0, 1, columns), 0.12 * _eased(rings))
    uv = [np.stack([u, BRIDGE_V[spindle.part] + length], axis=-1).reshape(-1, 2) for spindle in spindles]
    return np.concatenate(uv), (faces[None] + offsets).reshape(-1, 3)


def _bridges(template: Template, rotations: Array, positions: Array, size: float) -> tuple[Array, Array]:
    """Vertices and normals of all spindles, each spanned between its two anchors."""
    index = np.array([[BONE_INDEX[spindle.start[0]], BONE_INDEX[spindle.end[0]]] for spindle in template.spindles])
    ends = positions[index] + np.einsum("keij,kej->kei", rotations[index], size * template.anchors)
    start, line = ends[:, 0], ends[:, 1] - ends[:, 0]
    direction = line / np.maximum(np.linalg.norm(line, axis=1, keepdims=True), 1e-9)
    ahead = rotations[index[:, 0], :, 0]
    thin = ahead - np.sum(ahead * direction, axis=1, keepdims=True) * direction
    thin /= np.maximum(np.linalg.norm(thin, axis=1, keepdims=True), 1e-9)
    wide = np.cross(direction, thin)
    rings, columns = template.grid
    angle = np.linspace(0, 2 * np.pi, columns)
    t = -0.12 + 1.24 * _eased(rings)
    centre = start[:, None] + line[:, None] * t[None, :, None]
    out = (
        np.cos(angle)[None, None, :, None] * size * template.radii[:, :, None, :1] * wide[:, None, None]
        + np.sin(angle)[None, None, :, None] * size * template.radii[:, :, None, 1:] * thin[:, None, None]
    )
    vertices = centre[:, :, None] + out
    normals = out / np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-9)
    return vertices.reshape(-1, 3), normals.reshape(-1, 3)
