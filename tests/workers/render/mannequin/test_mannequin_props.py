"""Every kind of prop as pieces: closed, where they were placed, turned as they face; bands run along their path."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from math import cos, pi, sin
from typing import Any

import numpy as np
import pytest

from calotype.ground.light_dataclass import replace
from calotype.language.pose import resolve
from calotype.language.pose.linear import Vector
from calotype.language.pose.posture import mirror
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.props.prop_kinds import KINDS
from calotype.workers.render.mannequin.draw import draw
from calotype.workers.render.mannequin.maps import ADE20K, maps
from calotype.workers.render.mannequin.mesh import MATERIALS
from calotype.workers.render.mannequin.props import PIECES, pieces
from calotype.workers.render.mannequin.scene import PROP, Figure, compose, figure, render
from calotype.workers.render.mannequin.svg import svg
from conftest import REPOSITORY

ACROSS = ((0.0, 1.0, -0.3), (0.0, 1.0, 0.3))
EVERY: dict[str, Placed] = {
    "chair": Placed("chair", (0.1, 0.0, 0.2), 30.0, (0.44, 0.45, 0.42)),
    "stool": Placed("stool", (0.1, 0.0, 0.2), 0.0, (0.36, 0.45, 0.36)),
    "bench": Placed("bench", (0.1, 0.0, 0.2), 90.0, (0.42, 0.45, 0.34)),
    "table": Placed("table", (0.1, 0.0, 0.2), 0.0, (0.6, 0.7, 0.9)),
    "bed": Placed("bed", (0.1, 0.0, 0.2), 0.0, (2.0, 0.5, 0.9)),
    "step": Placed("step", (0.1, 0.0, 0.2), 0.0, (0.3, 0.2, 0.6)),
    "mat": Placed("mat", (0.1, 0.0, 0.2), 0.0, (1.8, 0.012, 0.7)),
    "wall": Placed("wall", (0.1, 0.0, 0.2), 180.0, (0.06, 1.86, 1.0)),
    "doorway": Placed("doorway", (0.1, 0.0, 0.2), 0.0, (0.1, 2.0, 0.9)),
    "ball": Placed("ball", (0.1, 0.3, 0.2), radius=0.3),
    "roller": Placed("roller", (0.0, 1.0, 0.0), path=ACROSS, radius=0.075),
    "pillow": Placed("pillow", (0.1, 0.05, 0.2), 0.0, (0.4, 0.1, 0.6)),
    "towel": Placed("towel", (0.1, 0.05, 0.2), 0.0, (0.3, 0.06, 0.4)),
    "band": Placed("band", (0.0, 1.0, 0.0), path=ACROSS, radius=0.02),
    "strap": Placed("strap", (0.0, 1.0, 0.0), path=ACROSS, radius=0.015),
    "bar": Placed("bar", (0.0, 1.0, 0.0), path=ACROSS, radius=0.016),
    "barbell": Placed("barbell", (0.0, 1.0, 0.0), path=ACROSS, radius=0.013),
    "dumbbell": Placed("dumbbell", (0.0, 1.0, 0.0), path=ACROSS, radius=0.014),
    "weight": Placed("weight", (0.0, 1.0, 0.0), path=ACROSS, radius=0.04, options={"worn": True}),
    "pulldown": Placed("pulldown", (0.0, 1.0, 0.0), path=ACROSS, radius=0.014),
    "cable": Placed("cable", (0.0, 1.0, 0.0), path=ACROSS, radius=0.014),
    "stick": Placed("stick", (0.0, 1.0, 0.0), path=ACROSS, radius=0.014),
    "mug": Placed("mug", (0.1, 0.7, 0.2), 0.0, (0.084, 0.1, 0.084), radius=0.042),
}
BETWEEN = Placed("pillow", (0.0, 1.0, 0.0), path=ACROSS, radius=0.06)
ROLLED = Placed("towel", (0.0, 1.0, 0.0), path=ACROSS, radius=0.05)
HELD = Placed("weight", (0.0, 1.0, 0.0), path=ACROSS, radius=0.014)


def points(placed: Placed) -> Any:
    return np.concatenate([solid.vertices for solid in pieces(placed)])


def test_every_prop_that_a_pose_may_name_has_its_pieces() -> None:
    assert set(KINDS) <= set(PIECES) == set(EVERY)


@pytest.mark.parametrize("placed", [*EVERY.values(), ROLLED, BETWEEN, HELD], ids=lambda placed: placed.name)
def test_each_piece_is_closed_and_its_outside_is_outside(placed: Placed) -> None:
    for solid in pieces(placed):
        # corners that lie at one place are one
        corners, where = np.unique(np.round(solid.vertices, 7), axis=0, return_inverse=True)
        triangles = where.ravel()[solid.triangles]
        sides = (side for a, b, c in triangles.tolist() for side in ((a, b), (b, c), (c, a)))
        edges = Counter(side for side in sides if side[0] != side[1])
        assert all(edges[b, a] == count for (a, b), count in edges.items())
        a, b, c = (corners[triangles[:, corner]] for corner in range(3))
        assert np.einsum("ij,ij->i", a, np.cross(b, c)).sum() > 0
        assert solid.prop == placed.name and solid.material in MATERIALS and solid.face.max() < 8
        assert len(solid.face) == len(solid.triangles)


@pytest.mark.parametrize("name", sorted(EVERY))
def test_each_prop_is_seen_from_before_behind_and_between(name: str) -> None:
    solids = list(pieces(EVERY[name]))
    for view in ("posterior", "oblique", "anterior"):
        standing = figure(resolve("standing", None, {}), (256, 256))
        away = [replace(solid, vertices=solid.vertices + np.array((0.9, 0.0, -1.3))) for solid in solids]
        scene, = compose([replace(standing, solids=away)], view, "right", (), (256, 256))
        assert (render(scene, 1).part >= PROP).sum() > 20


def test_a_chair_looks_where_it_faces() -> None:
    for facing, (x, z) in ((0.0, (1, 0)), (90.0, (0, -1)), (180.0, (-1, 0)), (30.0, (cos(pi / 6), -sin(pi / 6)))):
        chair = points(replace(EVERY["chair"], facing=facing)) - np.array(EVERY["chair"].at)
        back = chair[chair[:, 1] > 0.6].mean(axis=0)
        assert back[0] * x + back[2] * z == pytest.approx(-0.205, abs=0.01)
        assert abs(back[0] * z - back[2] * x) < 0.01


def test_a_ball_is_round_and_has_no_line_but_its_outline() -> None:
    ball, = pieces(EVERY["ball"])
    assert np.allclose(np.linalg.norm(ball.vertices - np.array(EVERY["ball"].at), axis=1), 0.3)
    assert set(ball.face.tolist()) == {0}


def test_a_bed_is_as_high_as_it_was_placed_and_a_step_too() -> None:
    for name in ("bed", "step", "table", "stool", "bench"):
        assert points(EVERY[name])[:, 1].max() == pytest.approx(EVERY[name].size[1]), name
        assert points(EVERY[name])[:, 1].min() == pytest.approx(0.0, abs=0.005), name


def wound(path: tuple[Vector, ...], limbs: tuple[Any, ...]) -> Any:
    band, = pieces(Placed("band", path[0], path=path, radius=0.02, options={"round": limbs}))
    return band.vertices


UP, ALONG = (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)


def test_a_band_between_two_hands_is_straight() -> None:
    band = points(Placed("band", ACROSS[0], path=ACROSS, radius=0.02))
    assert np.abs(band[:, :2] - np.array((0.0, 1.0))).max() <= 0.0201
    assert (band[:, 2].min(), band[:, 2].max()) == (-0.3, 0.3)


def test_a_loop_round_two_knees_passes_outside_both() -> None:
    knees = ((0.0, 0.5, -0.15), (0.0, 0.5, 0.15))
    loop = wound(knees, ((UP, 0.06), (UP, 0.06)))
    flat = loop[:, [0, 2]]
    for knee in knees:
        assert np.linalg.norm(flat - np.array((knee[0], knee[2])), axis=1).min() > 0.05
    assert (loop[:, 2].min(), loop[:, 2].max()) == pytest.approx((-0.22, 0.22), abs=0.004)
    assert np.abs(loop[:, 0]).max() < 0.075


def test_a_strap_goes_round_the_far_side_of_a_foot_and_comes_back_to_the_hand() -> None:
    hand, foot = (0.0, 0.5, 0.0), (0.0, 1.0, 0.0)
    strap = wound((hand, foot), (None, (ALONG, 0.045)))
    assert strap[:, 1].max() == pytest.approx(1.0 + 0.045 + 0.010, abs=0.004)
    assert np.linalg.norm(strap[:, 1:] - np.array(foot[1:]), axis=1).min() > 0.04
    assert strap[:, 1].min() == pytest.approx(0.5, abs=0.03)


def test_a_band_from_hand_to_hand_passes_under_the_foot_between_them() -> None:
    hands, foot = ((0.0, 0.9, -0.2), (0.0, 0.9, 0.2)), (0.0, 0.05, 0.0)
    band = wound((hands[0], foot, hands[1]), (None, (ALONG, 0.04), None))
    assert band[:, 1].min() == pytest.approx(0.05 - 0.04 - 0.010, abs=0.004)
    assert np.linalg.norm(band[:, 1:] - np.array(foot[1:]), axis=1).min() > 0.035


def test_a_mirrored_band_is_the_mirror_image_of_the_band() -> None:
    path, limbs = ((0.1, 0.9, 0.2), (0.3, 0.1, 0.1)), (None, ((0.2, 1.0, 0.3), 0.04))
    other = tuple((x, y, -z) for x, y, z in path), (None, ((0.2, 1.0, -0.3), 0.04))
    one, two = (np.unique(np.round(points, 6) + 0.0, axis=0) for points in (wound(path, limbs), wound(*other) * (1, 1, -1)))
    assert one.shape == two.shape and np.allclose(one, two, atol=3e-6)


def standing_at(wall: Placed, view: str, side: str = "right") -> tuple[Figure, Any]:
    standing = replace(figure(resolve("standing", None, {}), (192, 192)), solids=list(pieces(wall)))
    return standing, compose([standing], view, side, (), (192, 192))[0]


@pytest.mark.parametrize(("at", "facing", "hides"), [
    ((0.0, 0.0, 0.4), 90.0, "lateral"), ((0.4, 0.0, 0.0), 180.0, "anterior"), ((-0.4, 0.0, 0.0), 0.0, "posterior"),
])
def test_a_wall_between_camera_and_figure_is_seen_through(at: Vector, facing: float, hides: str) -> None:
    wall = Placed("wall", at, facing, (0.06, 1.86, 1.0))
    for view in ("lateral", "anterior", "posterior"):
        standing, scene = standing_at(wall, view)
        assert bool(scene.seen_through) == (view == hides)
        bare, = compose([replace(standing, solids=[])], view, "right", (), (192, 192))
        body = [(surface.part < PROP).sum() * (frame.scale ** -2) for surface, frame in (
            (render(scene, 1), scene.frame), (render(bare, 1), bare.frame))]
        assert body[0] == pytest.approx(body[1], rel=0.05)


def test_the_edges_of_a_steep_wall_are_one_unbroken_fine_line() -> None:
    """An edge between two faces of one piece is a seam from end to end, though its depth falls from pixel to pixel."""
    from calotype.workers.render.mannequin.line_art import edges

    _, scene = standing_at(Placed("wall", (0.4, 0.0, 0.0), 180.0, (0.06, 1.86, 1.0)), "lateral")
    surface = render(scene, 2)
    faces = np.unique(surface.label[surface.label >= PROP])
    _, inner, seam = edges(surface, np.zeros(surface.label.shape, np.int16))
    for face, other in pairwise(faces):
        beside_each_other = (surface.label[:, :-1] == face) & (surface.label[:, 1:] == other)
        assert not (inner[:, :-1] & beside_each_other).any()
        assert seam[:, :-1][beside_each_other].all()


def used(name: str, drawing: str = "line", size: int = 160) -> dict[str, Any]:
    """The request of the picture of a prop in docs/pose.md."""
    return dict(make_props().request(name, drawing, size))


@lru_cache(maxsize=1)
def make_props() -> Any:
    spec = importlib.util.spec_from_file_location("make_props", REPOSITORY / "docs" / "make_props.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def labels(posture: Any, view: str, side: str = "right") -> tuple[Any, Any]:
    """Which pixels (h, w) of a picture are of props, and which of the body."""
    scene, = compose([figure(posture, (160, 160))], view, side, (), (160, 160))
    surface = render(scene, 1)
    prop, body = np.zeros((160, 160), bool), np.zeros((160, 160), bool)
    for mask, covered in ((prop, surface.part >= PROP), (body, surface.part < PROP)):
        mask[surface.ys[covered] + surface.top, surface.xs[covered] + surface.left] = True
    return prop, body


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_prop_is_seen_in_both_styles_in_svg_and_in_the_maps(name: str) -> None:
    line = used(name)
    posture = line["posture"]
    scene, = compose([figure(posture, (160, 160))], line["view"], "right", (), (160, 160))
    surface = render(scene, 1)
    pieces_of_it = [number for number, solid in enumerate(scene.solids) if solid.prop == name]
    covered = np.isin((surface.part - PROP) // 8, pieces_of_it) & (surface.part >= PROP)
    assert covered.sum() > 12
    ys, xs = surface.ys[covered] + surface.top, surface.xs[covered] + surface.left
    found = maps(posture, line["view"], "right", (160, 160), kinds=("depth", "segmentation", "lineart")).pictures
    depth, colours = np.asarray(found["depth"]), np.asarray(found["segmentation"])
    assert (depth[ys, xs] >= 64).all() and (colours[ys, xs] == ADE20K.get(name, (0, 0, 0))).all()
    assert (np.asarray(found["lineart"])[ys.min():ys.max() + 1, xs.min():xs.max() + 1] > 127).any()
    for drawing, paper in (("line", (255, 255, 255)), ("mesh", (250, 241, 222))):
        pixels = np.asarray(draw(used(name, drawing)))[ys, xs].astype(int)
        assert (np.abs(pixels - np.array(paper)).sum(axis=1) > 12).mean() > 0.9
    assert svg(line).count("<path") >= 4


MIRRORED = {"chair": 0.03, "strap": 0.03, "band": 0.03, "weight": 0.03, "ball": 0.03, "bed": 0.03, "towel": 0.03}


@pytest.mark.parametrize("name", sorted(MIRRORED))
def test_the_picture_of_the_mirrored_pose_is_the_mirror_image_of_the_picture(name: str) -> None:
    line = used(name)
    for one, other in zip(labels(line["posture"], line["view"]), labels(mirror(line["posture"]), line["view"], "left"),
                          strict=True):
        assert (one != other[:, ::-1]).sum() <= max(12, MIRRORED[name] * one.sum())


def test_another_process_draws_the_same_bytes() -> None:
    code = (
        "import hashlib, json, sys; from calotype.workers.render.mannequin.draw import draw;"
        "print(*(hashlib.sha256(draw(each).tobytes()).hexdigest() for each in json.loads(sys.argv[1])))"
    )
    requests = [used(name) for name in ("band", "strap", "ball", "pillow", "towel", "stool")]
    ran = subprocess.run([sys.executable, "-c", code, json.dumps(requests)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [hashlib.sha256(draw(each).tobytes()).hexdigest() for each in requests]
