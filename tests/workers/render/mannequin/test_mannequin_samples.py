"""The sample pictures as a physiotherapist would judge them, from the bodies that are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from math import acos, degrees, dist
from typing import Any

import pytest
import yaml

from calotype import Project
from calotype.language.pose import resolve
from calotype.language.pose.linear import subtract, turn
from calotype.language.pose.muscle_names import tinted
from calotype.language.pose.props.carried import fist
from calotype.language.pose.skeleton import STATURE, Skeleton
from calotype.language.pose.stance import lowest, rest
from calotype.workers.render.mannequin import Mannequin
from calotype.workers.render.mannequin.props import props
from calotype.workers.render.mannequin.scene import figure
from conftest import REPOSITORY

SPECS = REPOSITORY / "specs"
LIBRARY = {file.stem: yaml.safe_load(file.read_text()) for file in sorted((SPECS / "poses").glob("*.yaml"))}


def images() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(SPECS.rglob("*.yaml")):
        spec = yaml.safe_load(file.read_text())
        if "kind" not in spec:
            continue
        character = [*spec.get("anchors", {}).get("poses", ()), *spec.get("variations", ())]
        for index, image in enumerate([*spec.get("images", ()), *spec.get("shots", ()), *character], 1):
            yield f"{spec['id']}/{image.get('id', index)}", image


IMAGES = dict(images())


def body(name: str) -> Skeleton:
    image = IMAGES[name]
    return rest(resolve(image["pose"], image.get("body_position"), LIBRARY))


def angle(one: Any, other: Any) -> float:
    """Degrees between two vectors."""
    return degrees(acos(sum(a * b for a, b in zip(one, other, strict=True)) / dist(one, (0, 0, 0)) / dist(other, (0, 0, 0))))


def lean(skeleton: Skeleton, start: str, end: str) -> float:
    """Degrees between straight up and the line from one joint to another."""
    line = subtract(skeleton.position[end], skeleton.position[start])
    return degrees(acos(line[1] / dist(line, (0, 0, 0))))


def test_there_are_fifteen_images_eight_anchors_thirty_variations_and_four_shots() -> None:
    counts = {kind: sum(name.startswith(kind) for name in IMAGES) for kind in ("mannequin", "coffee")}
    assert len(IMAGES) == 15 + 8 + 30 + 4 and counts == {"mannequin": 38, "coffee": 4}


def test_the_chin_tuck_draws_the_head_straight_back() -> None:
    tall, tucked = body("chin_tuck/1"), body("chin_tuck/2")
    back = [one.position["head"][0] - one.position["thoracic_3"][0] for one in (tall, tucked)]
    assert 0.03 < back[0] - back[1] < 0.08
    gaze = turn(tucked.rotation["head"], (1.0, 0.0, 0.0))
    assert abs(gaze[1]) < 0.2


def test_the_pendulum_arm_hangs_from_a_trunk_near_horizontal_with_the_other_hand_on_the_table() -> None:
    pendulum = body("pendulum/1")
    assert lean(pendulum, "right_hand", "right_upper_arm") < 5
    assert 70 < lean(pendulum, "pelvis", "thoracic_3") < 100
    image = IMAGES["pendulum/1"]
    top = max(float(piece.vertices[:, 1].max())
              for piece in props(resolve(image["pose"], "standing", LIBRARY), pendulum) if piece.prop == "table")
    assert lowest(pendulum, ["left_hand"]) == pytest.approx(top, abs=0.01 * STATURE)


def test_cat_is_flexed_and_cow_is_extended_between_upright_arms_and_thighs() -> None:
    def curve(skeleton: Skeleton) -> float:
        """How far the back stands above (+) or below (-) the line from pelvis to neck."""
        ends = [skeleton.position[name] for name in ("pelvis", "neck_1")]
        middle = skeleton.position["thoracic_1"]
        share = (middle[0] - ends[0][0]) / (ends[1][0] - ends[0][0])
        return middle[1] - (ends[0][1] + share * (ends[1][1] - ends[0][1]))

    flat, cat, cow = (curve(body(f"cat_cow/{number}")) for number in (1, 2, 3))
    assert cow < flat - 0.02 and cat > flat + 0.05
    for number in (1, 2, 3):
        skeleton = body(f"cat_cow/{number}")
        assert lean(skeleton, "right_shank", "right_thigh") < 12
        assert lean(skeleton, "right_hand", "right_upper_arm") < 12


@pytest.mark.parametrize("name", ["piriformis_stretch/2", "piriformis_stretch/3"])
def test_in_the_figure_four_the_ankle_lies_over_the_opposite_thigh_near_the_knee(name: str) -> None:
    skeleton = body(name)
    ankle, hip, knee = (skeleton.position[bone] for bone in ("right_foot", "left_thigh", "left_shank"))
    thigh = subtract(knee, hip)
    along = sum(a * b for a, b in zip(subtract(ankle, hip), thigh, strict=True)) / dist(hip, knee) ** 2
    assert 0.6 < along < 1.1
    above = subtract(ankle, hip)
    front = turn(skeleton.rotation["left_thigh"], (1.0, 0.0, 0.0))
    height = sum(a * b for a, b in zip(above, front, strict=True))
    assert 0.05 < height < 0.16


def test_the_stretch_draws_the_thigh_to_the_chest_with_both_hands_behind_it() -> None:
    crossed, pulled = body("piriformis_stretch/2"), body("piriformis_stretch/3")
    assert dist(pulled.position["left_shank"], pulled.position["thoracic_2"]) < dist(
        crossed.position["left_shank"], crossed.position["thoracic_2"]) - 0.1
    for side in ("left", "right"):
        hand = pulled.point(f"{side}_hand", (0.0, -0.045 * STATURE, 0.0))
        ends = (pulled.position["left_thigh"], pulled.position["left_shank"])
        middle = [(a + b) / 2 for a, b in zip(*ends, strict=True)]
        assert dist(hand, middle) < 0.18


def test_heel_raises_lift_the_heels_with_the_toes_on_the_floor() -> None:
    for name in ("calf_raises/2", "calf_raises/3"):
        raised = body(name)
        for side in ("left", "right"):
            assert lowest(raised, [f"{side}_heel"]) > 0.06
            assert abs(lowest(raised, [f"{side}_toes"])) <= 0.01 * STATURE
    assert abs(lowest(body("calf_raises/1"), ["right_heel"])) <= 0.01 * STATURE


def test_pull_up_and_chin_up_have_the_chin_above_the_bar_and_hanging_has_it_far_below() -> None:
    for name, above in (("pullup_top", True), ("chinup_top", True), ("hanging", False)):
        skeleton = body(f"mannequin/{name}")
        chin = skeleton.point("head", (0.045 * STATURE, -0.025 * STATURE, 0.0))
        assert (chin[1] > fist(skeleton, "right")[1] - 0.01) == above, name


def test_halfway_up_the_elbows_are_at_right_angles_with_the_chin_below_the_bar_and_above_the_elbows() -> None:
    for name in ("pullup_mid", "chinup_mid"):
        skeleton = body(f"mannequin/{name}")
        hand, elbow, shoulder = (skeleton.position[f"right_{bone}"] for bone in ("hand", "forearm", "upper_arm"))
        assert angle(subtract(hand, elbow), subtract(shoulder, elbow)) == pytest.approx(90, abs=6), name
        chin = skeleton.point("head", (0.045 * STATURE, -0.025 * STATURE, 0.0))
        assert elbow[1] < chin[1] < fist(skeleton, "right")[1] - 0.05, name


def test_the_start_of_a_pull_or_a_row_has_straight_arms_and_the_same_legs_as_its_end() -> None:
    for start, end in (("lat_pulldown_start", "lat_pulldown"), ("cable_row_start", "cable_row")):
        began, ended = body(f"mannequin/{start}"), body(f"mannequin/{end}")
        hand, elbow, shoulder = (began.position[f"left_{bone}"] for bone in ("hand", "forearm", "upper_arm"))
        assert angle(subtract(hand, elbow), subtract(shoulder, elbow)) > 170, start
        for bone in ("left_foot", "right_shank"):
            assert dist(began.position[bone], ended.position[bone]) < 0.01, (start, bone)


def test_a_bar_that_hangs_from_the_arms_of_who_bends_over_is_clear_of_the_legs_and_not_far_before_them() -> None:
    for name in ("barbell_row_start", "romanian_deadlift"):
        skeleton = body(f"mannequin/{name}")
        x, y, _ = fist(skeleton, "left")
        assert 0.3 < y < skeleton.position["pelvis"][1], name
        assert skeleton.position["left_shank"][0] + 0.05 < x < skeleton.position["left_toes"][0] + 0.15, name


def test_both_sides_of_what_is_carried_are_level() -> None:
    for name in ("barbell_press", "shoulder_press_mid", "lateral_raise", "bent_over_fly", "lat_pulldown_start"):
        skeleton = body(f"mannequin/{name}")
        assert fist(skeleton, "left")[1] == pytest.approx(fist(skeleton, "right")[1], abs=0.005), name
    for name in ("lateral_raise", "bent_over_fly"):
        skeleton = body(f"mannequin/{name}")
        assert fist(skeleton, "left")[1] == pytest.approx(skeleton.position["left_upper_arm"][1], abs=0.16), name


def test_the_right_hand_waves_and_the_right_dumbbell_is_up_while_the_left_ones_are_down() -> None:
    for name in ("front_wave", "hammer_curl"):
        skeleton = body(f"mannequin/{name}")
        assert fist(skeleton, "right")[1] > fist(skeleton, "left")[1] + 0.3, name
    wave = body("mannequin/front_wave")
    assert turn(wave.rotation["right_hand"], (0.0, 0.0, -1.0))[0] > 0.8  # the palm of the right hand looks forward


def test_the_lunge_has_the_right_foot_in_front_and_the_split_squat_the_left() -> None:
    for name, front, back in (("lunge", "right", "left"), ("split_squat", "left", "right")):
        skeleton = body(f"mannequin/{name}")
        assert skeleton.position[f"{front}_foot"][0] > skeleton.position[f"{back}_foot"][0] + 0.4, name
        assert abs(lowest(skeleton, [f"{front}_heel"])) <= 0.01 * STATURE
        assert abs(lowest(skeleton, [f"{back}_toes"])) <= 0.01 * STATURE


def test_the_deadlift_bar_is_at_the_height_of_its_plates_over_the_feet() -> None:
    skeleton = body("mannequin/deadlift_start")
    x, y, _ = fist(skeleton, "right")
    assert y == pytest.approx(0.20, abs=0.03)
    assert skeleton.position["right_foot"][0] < x < skeleton.position["right_toes"][0] + 0.05


def test_squat_and_lunge_have_a_thigh_parallel_to_the_floor_and_flat_front_feet() -> None:
    for name in ("squat", "lunge"):
        skeleton = body(f"mannequin/{name}")
        assert lean(skeleton, "right_thigh", "right_shank") == pytest.approx(90, abs=10)
        assert abs(lowest(skeleton, ["right_heel"])) <= 0.01 * STATURE


def test_the_push_up_is_one_line_from_heels_to_shoulders_and_low_it_is_near_the_floor() -> None:
    for name in ("push_up", "push_up_low"):
        skeleton = body(f"mannequin/{name}")
        leans = [lean(skeleton, *pair) for pair in (("right_foot", "right_thigh"), ("right_thigh", "thoracic_3"))]
        assert abs(leans[0] - leans[1]) < 8, name
    low = body("mannequin/push_up_low")
    assert lean(low, "right_hand", "right_forearm") < 15
    assert 0.02 < lowest(low, ["chest"]) < 0.12


def test_the_postures_of_the_character_touch_what_they_say_and_go_through_nothing() -> None:
    project = Project.open(REPOSITORY)
    first = [row.target for row in project.list() if "/anchors/" in row.target or row.target.endswith("_01")]
    postures = {target: project.pose(target) for target in first if target.startswith("characters/")}
    assert len(postures) == 8 + 30
    for target, posed in postures.items():
        assert all(abs(contact["gap"]) <= 1.0 and "released" not in contact for contact in posed.contacts), target
        assert posed.penetration <= 2.0, target


def test_the_reaching_hand_is_at_the_mug_and_the_sip_brings_it_to_the_mouth() -> None:
    image = IMAGES["coffee/reach"]
    skeleton = body("coffee/reach")
    mug = next(piece for piece in props(resolve(image["pose"], "standing", LIBRARY), skeleton) if piece.prop == "mug")
    assert dist(fist(skeleton, "right"), mug.vertices.mean(axis=0)) < 0.10
    sip = body("coffee/sip")
    mouth = sip.point("head", (0.06 * STATURE, -0.01 * STATURE, 0.0))
    assert dist(fist(sip, "right"), mouth) < 0.14


@pytest.mark.parametrize("name", sorted(IMAGES))
def test_no_sample_body_sinks_into_the_floor(name: str) -> None:
    posture = resolve(IMAGES[name]["pose"], IMAGES[name].get("body_position"), LIBRARY)
    drawn = figure(posture, (512, 512))
    assert drawn.mesh.vertices[:, 1].min() > -0.01 * STATURE


def test_every_sample_is_drawn_and_no_two_are_alike() -> None:
    requests = [
        {"renderer": "mannequin", "epoch": 1, "seed": 42, "size": [64, 64], "drawing": "line", "side": "right",
         "position": "", "view": image.get("view_angle", "oblique"), "muscles": list(tinted(image.get("muscles_shown", []), posture)),
         "joints": image.get("joints_shown", []), "posture": posture}
        for image in IMAGES.values()
        for posture in [resolve(image["pose"], image.get("body_position"), LIBRARY)]
    ]
    pictures = [one.pixels for one in Mannequin().perform(requests, {}, lambda: False)]
    assert len({picture.tobytes() for picture in pictures}) == len(IMAGES)
