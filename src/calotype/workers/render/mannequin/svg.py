"""The line drawing as SVG: its areas and lines traced into smooth paths. Must not know files nor the mesh drawing.

Every layer is a mask of the z-buffer; its outline is walked along pixel edges, thinned (Douglas & Peucker 1973), and
drawn through the middles of what is left as quadratic curves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.language.pose.figure import hair, top_worn
from calotype.workers.render.mannequin import line_art, overlay
from calotype.workers.render.mannequin.draw import stage
from calotype.workers.render.mannequin.ghost import before_props
from calotype.workers.render.mannequin.overlay import Arrow
from calotype.workers.render.mannequin.scene import PROP, Scene, Surface, render
from calotype.workers.render.mannequin.surface.wardrobe import CLOTH, HAIR, SHOE, clothes
from calotype.workers.render.mannequin.tints.muscles import tint

Array = NDArray[Any]

FINER = 2
TOLERANCE = 1.1
"""Pixels of the fine grid by which a path may leave the outline."""
TONES = tuple("#{:02x}{:02x}{:02x}".format(*tone) for tone in line_art.TONES.astype(int).tolist())
CORNER = 3.0
"""Pixels of the fine grid within which a sharp corner is rounded."""
STRAIGHT = 70.0
"""A side longer than this many is straight, and ends in corners; a shorter one may be part of a curve."""
BLUE, GREY = ("#{:02x}{:02x}{:02x}".format(*colour) for colour in (overlay.BLUE, overlay.GREY))


def svg(request: Mapping[str, Any]) -> str:
    """The drawing of a request, in its `line` manner, as an SVG document: the same text every time."""
    scenes, arrows, ink = stage({**request, "drawing": "line"})
    width, height = scenes[0].frame.width, scenes[0].frame.height
    unit = min(width, height)
    dash, gap = overlay.DASH * unit, overlay.GAP * unit
    body = [_polyline(line, overlay.DASHED * unit, GREY, f'stroke-dasharray="{dash:.1f} {gap:.1f}" ')
            for line in overlay.outlines(scenes[0])]
    surface = render(scenes[0], FINER)
    before = np.zeros(surface.label.shape, bool)
    for scene in scenes[1:]:
        ghost = render(scene, FINER)
        before |= before_props(surface, ghost, line_art.reach(scene, FINER))
        body += _figure(scene, ghost, (), "#80868f", None)
    body += _figure(scenes[0], surface, request["muscles"], "#{:02x}{:02x}{:02x}".format(*ink), ~before)
    body += _overlay(scenes[0], arrows, request["joints"])
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return "\n".join([head, f'<rect width="{width}" height="{height}" fill="#fff"/>', *body, "</svg>"]) + "\n"


def _figure(
    scene: Scene, surface: Surface, muscles: Sequence[str], ink: str, shows: Array | None
) -> Iterator[str]:
    """The paths of one figure; `shows` (h, w) is where it is not behind its ghost."""
    cloth = clothes(surface, hair(scene.posture) != "none", top_worn(scene.posture))
    unit = min(scene.frame.width, scene.frame.height) * FINER
    seam, contour = line_art.strokes(surface, cloth, unit, (line_art.GARMENT, line_art.INNER, line_art.CONTOUR))
    shown = tint(scene, surface, FINER, muscles)
    fine, dark = line_art.marks(surface, unit)

    tones = line_art.darker(scene, surface)

    def mask(covered: Array) -> Array:
        plane = np.zeros(surface.label.shape, bool)
        plane[surface.ys, surface.xs] = covered
        return plane

    layers = [
        (surface.label > 0, "#fff", 1.0), (mask(surface.part >= PROP), "#efefef", 1.0),
        *((mask(tones == tone), f"#{239 - round(tone):02x}" + f"{239 - round(tone):02x}" * 2, 1.0)
          for tone in sorted({*tones.tolist()} - {0.0})),
        (mask(cloth == CLOTH), "#e2e6eb", 1.0), (mask(cloth == SHOE), "#f2f3f5", 1.0),
        (mask(cloth == HAIR), "#969ba3", 1.0),
        *((mask(shown[:, column] > 0.4), tone, 0.62) for column, tone in enumerate(TONES) if shown is not None),
        (mask(fine), "#777", 1.0), (mask(dark), ink, 1.0), (seam, "#666", 1.0), (contour, ink, 1.0),
    ]
    for plane, fill, opacity in layers:
        path = trace(plane if shows is None else plane & shows, surface.left, surface.top)
        if path:
            faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
            yield f'<path fill="{fill}"{faint} fill-rule="evenodd" d="{path}"/>'


def trace(mask: Array, left: int = 0, top: int = 0) -> str:
    """The outline of a mask (h, w) at `FINER` times the picture's resolution, as SVG path data in its pixels."""
    pieces = []
    for loop in _loops(mask):
        corners = _thinned(loop)
        if len(corners) < 3:
            continue
        points = (_cornered(corners) + np.array((left, top))) / FINER
        middles = (points + np.roll(points, -1, axis=0)) / 2
        curve = "".join(
            f"Q{x:.1f} {y:.1f} {a:.1f} {b:.1f}"
            for (x, y), (a, b) in zip(np.roll(points, -1, axis=0).tolist(), np.roll(middles, -1, axis=0).tolist(),
                                      strict=True)
        )
        pieces.append(f"M{middles[0, 0]:.1f} {middles[0, 1]:.1f}{curve}Z")
    return "".join(pieces)


def _cornered(loop: Array) -> Array:
    """The walk with two more points on every long side, so that a corner is rounded only where it is."""
    following = np.roll(loop, -1, axis=0)
    side = following - loop
    length = np.hypot(side[:, 0], side[:, 1])
    near = (CORNER / np.maximum(length, 1e-9))[:, None] * side
    three = np.stack([loop, loop + near, following - near], axis=1)
    needed = np.stack([np.ones(len(loop), bool), length > STRAIGHT, length > STRAIGHT], axis=1)
    return np.asarray(three[needed])


def _loops(mask: Array) -> Iterator[Array]:
    """Closed walks along the pixel edges between inside and outside, the inside on the right."""
    padded = np.pad(mask, 1)
    following: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for (dy, dx), start, end in (((-1, 0), (0, 0), (1, 0)), ((0, 1), (1, 0), (1, 1)), ((1, 0), (1, 1), (0, 1)),
                                 ((0, -1), (0, 1), (0, 0))):
        edge = padded & ~np.roll(padded, (-dy, -dx), axis=(0, 1))
        for y, x in np.argwhere(edge).tolist():
            following.setdefault((x - 1 + start[0], y - 1 + start[1]), []).append((x - 1 + end[0], y - 1 + end[1]))
    while following:
        first = next(iter(following))
        walk, at = [], first
        while at in following:
            walk.append(at)
            ways = following[at]
            step = ways.pop()
            if not ways:
                del following[at]
            at = step
        yield np.array(walk, float)


def _thinned(loop: Array) -> Array:
    """The points of a closed walk that it cannot do without."""
    if len(loop) < 8:
        return loop[:0]
    half = int(np.argmax(((loop - loop[0]) ** 2).sum(axis=1)))
    keep = np.zeros(len(loop) + 1, bool)
    closed = np.concatenate([loop, loop[:1]])
    keep[[0, half]] = True
    waiting = [(0, half), (half, len(loop))]
    while waiting:
        low, high = waiting.pop()
        if high - low < 2:
            continue
        chord = closed[high] - closed[low]
        offset = closed[low + 1 : high] - closed[low]
        away = np.abs(chord[0] * offset[:, 1] - chord[1] * offset[:, 0]) / max(float(np.hypot(*chord)), 1e-9)
        worst = int(np.argmax(away))
        if away[worst] > TOLERANCE:
            keep[low + 1 + worst] = True
            waiting += [(low, low + 1 + worst), (low + 1 + worst, high)]
    return np.asarray(closed[:-1][keep[:-1]])


def _overlay(scene: Scene, arrows: Sequence[Arrow], joints: Sequence[str]) -> Iterator[str]:
    unit = min(scene.frame.width, scene.frame.height)
    for x, y in overlay.marks(scene, joints):
        yield (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{0.0077 * unit:.1f}" fill="#fff" stroke="{BLUE}" '
               f'stroke-width="{0.0043 * unit:.1f}"/>')
    for name in scene.posture.get("arcs", ()):
        for drawn, width in overlay.arc_lines(scene, name):
            yield _polyline(drawn, overlay.WIDTH * unit * width)
    for arrow in arrows:
        path = scene.pixels(arrow.path)[:, :2]
        shaft = overlay.trimmed(path, 0.019 * unit, arrow.double)
        yield _polyline(shaft, overlay.WIDTH * unit)
        for way in (path, path[::-1]) if arrow.double else (path,):
            corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in overlay.head(way, 0.024 * unit).tolist())
            yield f'<polygon points="{corners}" fill="{BLUE}"/>'


def _polyline(points: Array, width: float, colour: str = BLUE, dashes: str = "") -> str:
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points.tolist())
    return (f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="{width:.1f}" '
            f'{dashes}stroke-linecap="round" stroke-linejoin="round"/>')
