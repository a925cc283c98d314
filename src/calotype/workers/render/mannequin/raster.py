"""Triangles to a z-buffer, by scanlines, in numpy. Must not know what the triangles mean.

Every row of every triangle is one span, every span a run of pixels: two `repeat`s and one `minimum.at` draw them all.
Pixels are sampled at their centres; edges shared by two triangles are walked in the same direction, so nothing cracks.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

RUN = 200_000
"""Pixels tried at a time."""


def facing(points: Array, triangles: Array) -> Array:
    """The triangles (T,) that face the viewer: counter-clockwise with y upwards, `points` (V, 2+) having y down."""
    a, b, c = (points[triangles[:, corner], :2] for corner in range(3))
    doubled = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return np.flatnonzero(doubled < 0)


def rasterize(points: Array, triangles: Array, width: int, height: int) -> tuple[Array, Array]:
    """Which triangle is seen at each pixel (height, width; -1 for none), and its depth (inf for none).

    `points` is (V, 3): x to the right and y down in pixels, depth away from the viewer.
    """
    rows, left, right, near, slope, owner = _spans(points, triangles, height)
    start = np.maximum(np.ceil(left - 0.5), 0).astype(np.int32)
    stop = np.minimum(np.ceil(right - 0.5), width).astype(np.int32)
    crossing = np.flatnonzero(stop > start)
    buffer = np.full(width * height, np.inf, np.float32)
    seen = np.full(width * height, -1, np.int32)
    count = (stop - start)[crossing]
    # runs of spans of a bounded number of pixels, so that a large picture needs no more memory than a small one
    runs = np.searchsorted(np.cumsum(count), np.arange(0, int(count.sum()) + RUN, RUN))
    for low, high in pairwise((*runs.tolist(), len(crossing))):
        span = crossing[low:high]
        long = count[low:high]
        total = int(long.sum())
        first = np.cumsum(long, dtype=np.int32) - long
        step = np.arange(total, dtype=np.int32) - np.repeat(first, long)
        base = (near[span] + slope[span] * (start[span] + 0.5 - left[span])).astype(np.float32)
        depth = np.repeat(base, long) + np.repeat(slope[span].astype(np.float32), long) * step.astype(np.float32)
        place = np.repeat((rows[span] * width + start[span]).astype(np.int32), long) + step
        before = buffer[place]
        np.minimum.at(buffer, place, depth)
        won = (buffer[place] == depth) & (depth < before)
        seen[place[won]] = np.repeat(owner[span].astype(np.int32), long)[won]
    return seen.reshape(height, width), buffer.reshape(height, width)


def _spans(points: Array, triangles: Array, height: int) -> tuple[Array, ...]:
    """One span for each row that each triangle crosses: row, left and right x, depth at the left, slope, triangle."""
    corners = points[triangles]
    order = np.argsort(corners[:, :, 1], axis=1, kind="stable")
    corners = corners[np.arange(len(corners))[:, None], order]
    top, middle, low = corners[:, 0], corners[:, 1], corners[:, 2]
    begin = np.maximum(np.ceil(top[:, 1] - 0.5), 0).astype(np.int64)
    end = np.minimum(np.ceil(low[:, 1] - 0.5), height).astype(np.int64)
    count = np.maximum(end - begin, 0)
    owner = np.repeat(np.arange(len(triangles)), count)
    rows = np.arange(int(count.sum())) + np.repeat(begin - (np.cumsum(count) - count), count)
    y = rows + 0.5
    long_x, long_z = _walk(top, low, owner, y)
    upper = y < middle[owner, 1]
    high_x, high_z = _walk(top, middle, owner, y)
    low_x, low_z = _walk(middle, low, owner, y)
    short_x, short_z = np.where(upper, high_x, low_x), np.where(upper, high_z, low_z)
    swapped = short_x < long_x
    left, right = np.where(swapped, short_x, long_x), np.where(swapped, long_x, short_x)
    near, far = np.where(swapped, short_z, long_z), np.where(swapped, long_z, short_z)
    slope = (far - near) / np.maximum(right - left, 1e-6)
    return rows, left, right, near, slope, owner


def _walk(a: Array, b: Array, owner: Array, y: Array) -> tuple[Array, Array]:
    """x and depth at height y on the edge from a to b."""
    rise = b[:, 1] - a[:, 1]
    safe = np.where(rise == 0, 1.0, rise)
    dx, dz = (b[:, 0] - a[:, 0]) / safe, (b[:, 2] - a[:, 2]) / safe
    t = y - a[owner, 1]
    return a[owner, 0] + dx[owner] * t, a[owner, 2] + dz[owner] * t


def barycentric(points: Array, triangles: Array, seen: Array, x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Weights (P,) of the three corners of triangle `seen` (P,) at pixel centres (x, y) (P,), kept inside it."""
    a, b, c = (points[triangles[:, corner], :2] for corner in range(3))
    edge_1, edge_2 = b - a, c - a
    area = edge_1[:, 0] * edge_2[:, 1] - edge_1[:, 1] * edge_2[:, 0]
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)[:, None]
    # each weight is a plane over the picture: three numbers for a triangle
    per = np.concatenate([edge_2[:, 1:], -edge_2[:, :1], -edge_1[:, 1:], edge_1[:, :1]], axis=1) / area
    at_a = np.einsum("tkj,tj->tk", per.reshape(-1, 2, 2), a - 0.5).astype(np.float32)
    per = per.astype(np.float32)
    second, third = (
        np.clip(per[seen, 2 * k] * x + per[seen, 2 * k + 1] * y - at_a[seen, k], 0, 1) for k in range(2)
    )
    return np.clip(1 - second - third, 0, 1), second, third
