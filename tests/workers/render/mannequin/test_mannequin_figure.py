"""Figures of another height, build and sex: drawn so, and otherwise the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calotype.language.pose import resolve
from calotype.language.pose.figure import DIFFERENCE, SPREAD
from calotype.language.pose.stance import spheres
from calotype.language.pose.terms import BUILDS, HEIGHT, SEXES
from calotype.workers.render.mannequin.anatomy import BRIDGED, GIRTHS
from calotype.workers.render.mannequin.body import PARTS
from calotype.workers.render.mannequin.draw import draw
from calotype.workers.render.mannequin.keypoints import keypoints, points
from calotype.workers.render.mannequin.scene import Figure, compose, figure

SIZE = (256, 256)


def body(base: str = "standing", **who: Any) -> Figure:
    return figure(resolve({"base": base, "figure": who}, None, {}), SIZE)


def picture(drawing: str, **who: Any) -> bytes:
    posture = resolve({"base": "seated", "props": ["table"], "figure": who}, None, {})
    return draw({"seed": 42, "size": list(SIZE), "drawing": drawing, "view": "oblique", "side": "right",
                 "position": "seated", "posture": posture, "muscles": [], "joints": []}).tobytes()


@pytest.mark.parametrize("drawing", ["line", "mesh"])
def test_height_and_build_change_the_drawing_and_the_defaults_do_not(drawing: str) -> None:
    plain = picture(drawing)
    others = [picture(drawing, **who) for who in (
        {"height": 190}, {"build": "slim"}, {"build": "broad"}, {"sex": "female"}, {"sex": "male"})]
    assert len({plain, *others}) == 6
    assert picture(drawing, height=HEIGHT, build="average", sex="neutral") == plain


@pytest.mark.parametrize("height", [140, 172, 210])
def test_a_standing_figure_is_as_tall_as_it_is_said_to_be(height: float) -> None:
    drawn = body(height=height).mesh.vertices[:, 1]
    assert drawn.max() - drawn.min() == pytest.approx(height / 100, rel=0.02)


def test_keypoints_and_surface_grow_with_the_height() -> None:
    small, tall = body(height=160), body(height=200)
    assert points(tall.skeleton) == pytest.approx(points(small.skeleton) * 1.25)
    assert tall.mesh.vertices == pytest.approx(small.mesh.vertices * 1.25, abs=1e-6)


def test_a_tall_figure_sits_on_a_chair_of_the_same_breadth() -> None:
    def breadth(one: Figure) -> float:
        return max(float(np.ptp(piece.vertices[:, 2])) for piece in one.solids if piece.prop == "chair")

    small, tall = body("seated", height=150), body("seated", height=200)
    assert breadth(small) == pytest.approx(breadth(tall))
    share = [float(np.ptp(one.mesh.vertices[:, 1])) / breadth(one) for one in (small, tall)]
    assert share[1] == pytest.approx(share[0] * 200 / 150, rel=1e-3)


@pytest.mark.parametrize("pose", [
    {"base": "standing"}, {"base": "standing", "hip_flexion": 95, "knee_flexion": 100, "ankle_dorsiflexion": 20},
    {"base": "seated", "hip_flexion": 105, "knee_flexion": 80, "contacts": {"seat": "none", "feet": "floor"}},
    {"base": "standing", "right": {"hip_flexion": -20}}, {"base": "supine"}, {"base": "quadruped"}, {"base": "kneeling"},
])
def test_a_chair_that_nothing_touches_stands_by_with_nobody_in_it(pose: dict[str, Any]) -> None:
    """As before and after someone sits: its seat is the height of one that is sat on, or below who hovers lower."""
    one = figure(resolve({**pose, "props": ["chair"]}, None, {}), (512, 512))
    seat = one.solids[0].vertices
    (rear, _, left), (front, top, right) = seat.min(axis=0), seat.max(axis=0)
    taken = figure(resolve("seated", None, {}), (512, 512)).solids[0].vertices
    assert (front - rear, right - left) == pytest.approx(np.ptp(taken, axis=0)[[0, 2]])
    assert 0.75 <= top / taken[:, 1].max() <= 1.0001
    for (x, y, z), radius in spheres(one.skeleton):
        assert not (rear < x < front and left < z < right and y - radius < top - 1e-9), (x, y, z)


def test_a_broad_figure_has_a_wider_waist_on_the_same_bones() -> None:
    waists = {}
    for build in BUILDS:
        one = body(build=build)
        assert one.skeleton.position == body().skeleton.position
        trunk = one.mesh.vertices[np.unique(one.mesh.triangles[one.mesh.part == PARTS.index("trunk")])]
        waist = trunk[np.abs(trunk[:, 1] - one.skeleton.position["lumbar_2"][1]) < 0.02]
        waists[build] = float(np.ptp(waist[:, 2]))
    assert waists["broad"] / waists["average"] == pytest.approx(1 + 1.28 * SPREAD["waist"], abs=0.01)
    assert waists["slim"] / waists["average"] == pytest.approx(1 - 1.28 * SPREAD["waist"], abs=0.01)


def across(one: Figure, bone: str) -> float:
    """The breadth of the trunk at a bone, in metres."""
    trunk = one.mesh.vertices[np.unique(one.mesh.triangles[one.mesh.part == PARTS.index("trunk")])]
    return float(np.ptp(trunk[np.abs(trunk[:, 1] - one.skeleton.position[bone][1]) < 0.02][:, 2]))


@pytest.mark.parametrize(("sex", "sense"), [("female", 1), ("male", -1)])
def test_a_woman_is_broader_at_the_hips_for_her_waist_than_a_man(sex: str, sense: int) -> None:
    for bone, place in (("pelvis", "hips"), ("lumbar_2", "waist")):
        assert across(body(sex=sex), bone) / across(body(), bone) == pytest.approx(
            1 + sense * DIFFERENCE[place], abs=0.01)


def test_a_figure_of_either_sex_is_as_tall_as_the_neutral_one() -> None:
    heights = {round(float(np.ptp(body(sex=sex).mesh.vertices[:, 1])), 6) for sex in SEXES}
    assert len(heights) == 1


def test_a_woman_wears_a_top_and_others_do_not() -> None:
    def chest(sex: str, drawing: str) -> tuple[int, ...]:
        posture = resolve({"base": "standing", "figure": {"sex": sex}}, None, {})
        scene, = compose([figure(posture, (512, 512))], "anterior", "right", (), (512, 512))
        x, y, _ = scene.pixels(np.array([scene.skeleton.point("thoracic_2", (0.12, -0.01, 0.0))]))[0]
        done = draw({"seed": 42, "size": [512, 512], "drawing": drawing, "view": "anterior", "side": "right",
                     "position": "standing", "posture": posture, "muscles": [], "joints": []})
        return tuple(np.asarray(done)[int(y) - 4 : int(y) + 5, int(x) - 4 : int(x) + 5].reshape(-1, 3).mean(axis=0))

    for drawing in ("line", "mesh"):
        woman, man, neutral = (np.array(chest(sex, drawing)) for sex in ("female", "male", "neutral"))
        assert np.abs(woman - neutral).max() > 15 > np.abs(man - neutral).max()


def test_the_head_is_the_same_on_every_build() -> None:
    heads = [one.mesh.vertices[np.unique(one.mesh.triangles[one.mesh.part == PARTS.index("head")])]
             for one in (body(), body(build="broad"), body(build="slim"))]
    assert np.array_equal(heads[0], heads[1]) and np.array_equal(heads[0], heads[2])


def test_every_girth_of_the_body_is_a_published_one() -> None:
    assert {place for places in GIRTHS.values() for _, place in places} | set(BRIDGED.values()) <= set(SPREAD)


@pytest.mark.parametrize("view", ["lateral", "anterior", "oblique"])
def test_another_figure_is_whole_in_frame_with_the_same_keypoints_seen(view: str) -> None:
    for who in ({"height": 205, "build": "slim"}, {"height": 145, "build": "broad"}):
        one = body(**who)
        scene, = compose([one], view, "right", (), SIZE)
        seen = scene.pixels(one.mesh.vertices)[:, :2]
        assert (seen > 0).all() and (seen < SIZE[0]).all()
        flat = keypoints(scene)["people"][0]["pose_keypoints_2d"]
        assert flat[2::3] == [1.0] * 18
