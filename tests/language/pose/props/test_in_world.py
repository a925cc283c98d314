"""Where props stand: contacts are met, nobody stands in a chair, mirror images stand as mirror images."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from math import dist
from pathlib import Path
from typing import Any

import pytest
import yaml

from calotype.language.pose import resolve
from calotype.language.pose.alt_text import alt_text
from calotype.language.pose.contact.surfaces import lowest, spheres
from calotype.language.pose.contact.touch import capsule
from calotype.language.pose.posture import mirror
from calotype.language.pose.props.carried import fist
from calotype.language.pose.props.in_world import placed
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.props.through import faults
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.stance import rest, result, settled
from calotype.language.pose.unmet import unmet

EXERCISES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "props.yaml").read_text(encoding="utf-8"))
NEAR, FAR = 0.01, 0.02
COLD = """
import json, sys
from calotype.language.pose import resolve
from calotype.language.pose.props.in_world import placed
from calotype.language.pose.stance import rest, settled
for pose in json.load(sys.stdin):
    posture = resolve(pose, "standing", {})
    print(placed(settled(posture), rest(posture)))
"""


def at_rest(pose: Any) -> tuple[Mapping[str, Any], Skeleton, tuple[Placed, ...]]:
    posture = resolve(pose, "standing", {})
    stood = settled(posture)
    skeleton = rest(posture)
    return posture, skeleton, placed(stood, skeleton)


def named(props: tuple[Placed, ...], name: str) -> Placed:
    return next(prop for prop in props if prop.name == name)


@pytest.mark.parametrize("name", EXERCISES)
def test_what_is_said_to_touch_touches_and_nothing_passes_through(name: str) -> None:
    posture = resolve(EXERCISES[name], "standing", {})
    outcome = result(posture)
    assert all(-FAR <= contact.gap <= NEAR for contact in outcome.contacts), outcome.contacts
    passed, inside = faults(settled(posture), rest(posture))
    assert outcome.sunk <= FAR and all(depth <= FAR for _, depth in passed) and not inside
    assert not unmet(posture, EXERCISES[name])


@pytest.mark.parametrize("name", EXERCISES)
def test_at_rest_it_rests_and_twice_mirrored_it_is_itself(name: str) -> None:
    posture = resolve(EXERCISES[name], "standing", {})
    assert mirror(mirror(posture)) == posture
    stood = settled(posture)
    again = result(stood)
    assert again.skeleton.position == rest(posture).position
    assert all(contact.gap <= NEAR for contact in again.contacts)


@pytest.mark.parametrize("name", ["chair_balance", "wall_at_the_side", "step_up", "external_rotation", "thomas",
                                  "ball_before_a_wall", "arm_over_the_edge"])
def test_the_mirror_image_has_its_props_on_the_other_side(name: str) -> None:
    posture, _, props = at_rest(EXERCISES[name])
    image = mirror(posture)
    mirrored = placed(settled(image), rest(image))
    for one, other in zip(props, mirrored, strict=True):
        assert one.name == other.name and one.size == pytest.approx(other.size, abs=0.02)
        assert dist(one.at, (other.at[0], other.at[1], -other.at[2])) < 0.05


def test_the_same_props_stand_at_the_same_bytes_in_any_process() -> None:
    poses = [EXERCISES[name] for name in ("step_up", "calves_on_a_ball", "on_a_bed", "external_rotation")]
    here = [str(placed(settled(posture), rest(posture))) for pose in poses for posture in [resolve(pose, "standing", {})]]
    cold = subprocess.run(
        [sys.executable, "-c", COLD], input=json.dumps(poses), capture_output=True, text=True, check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parents[4] / "src"), "OMP_NUM_THREADS": "1"})
    assert cold.stdout.splitlines() == here


def test_a_chair_that_one_holds_on_to_turns_its_back_and_stands_beside() -> None:
    _, skeleton, props = at_rest(EXERCISES["chair_hold"])
    chair = named(props, "chair")
    hand = skeleton.position["left_hand"]
    rear = chair.at[0] - chair.size[0] / 2
    assert chair.facing == 0 and rear == pytest.approx(hand[0], abs=0.12) and rear > max(
        at[0] - radius for at, radius in spheres(skeleton, ["left_knee", "right_knee"]))
    _, _, props = at_rest(EXERCISES["chair_at_the_left"])
    assert named(props, "chair").at[2] < -0.4 and named(props, "chair").facing == 90


@pytest.mark.parametrize("base", ["standing", "kneeling", "supine", "quadruped", "hanging", "side_lying"])
def test_a_chair_stands_by_whatever_the_base_is(base: str) -> None:
    """Unless someone sat, it was looked for under nothing."""
    _, _, props = at_rest({"base": base, "props": ["chair"]})
    assert named(props, "chair").size[1] > 0.2


def test_a_wall_is_behind_the_back_and_beside_the_hand_and_never_through_the_body() -> None:
    _, skeleton, props = at_rest(EXERCISES["wall_behind"])
    assert named(props, "wall").at[0] < skeleton.position["pelvis"][0] - 0.1
    for side, sense in (("left", -1), ("right", 1)):
        _, skeleton, props = at_rest({side: {"shoulder_abduction": 80}, "contacts": {f"{side}_hand": "wall"}})
        assert sense * named(props, "wall").at[2] > 0.5


def test_the_body_is_between_the_jambs() -> None:
    _, skeleton, props = at_rest(EXERCISES["doorway"])
    door = named(props, "doorway")
    assert door.size[2] / 2 > abs(skeleton.position["left_upper_arm"][2])
    assert door.size[2] / 2 < abs(skeleton.position["left_hand"][2]) and skeleton.position["left_hand"][1] > 1.4


def test_who_lies_on_a_bench_lies_on_a_bench_and_on_no_stool() -> None:
    _, skeleton, props = at_rest(EXERCISES["on_a_bench"])
    bench = named(props, "bench")
    assert bench.size[0] > 1 and lowest(skeleton, ["back", "seat"]) == pytest.approx(bench.size[1], abs=0.015)
    assert bench.size[1] == pytest.approx(0.45)


def test_a_leg_hangs_over_the_end_of_a_bed_and_an_arm_over_its_side() -> None:
    _, skeleton, props = at_rest(EXERCISES["thomas"])
    bed = named(props, "bed")
    assert bed.at[0] + bed.size[0] / 2 < skeleton.position["left_foot"][0]
    assert skeleton.position["left_foot"][1] < bed.size[1] < skeleton.position["pelvis"][1]
    _, skeleton, props = at_rest(EXERCISES["arm_over_the_edge"])
    bed = named(props, "bed")
    assert bed.at[2] - bed.size[2] / 2 > skeleton.position["left_hand"][2]
    assert skeleton.position["left_hand"][1] < bed.size[1]


@pytest.mark.parametrize("height", [10, 15, 25, 35])
def test_a_foot_is_on_a_step_of_its_height(height: float) -> None:
    _, skeleton, props = at_rest({"contacts": {"left_foot": "step"}, "props": [{"step": {"height": height}}]})
    assert named(props, "step").size[1] == height / 100
    assert lowest(skeleton, ["left_foot"]) == pytest.approx(height / 100, abs=NEAR)


@pytest.mark.parametrize("diameter", [45, 55, 65])
def test_who_sits_on_a_ball_sits_on_top_of_it(diameter: float) -> None:
    _, skeleton, props = at_rest({"base": "seated", "contacts": {"seat": "ball"}, "props": [{"ball": {"diameter": diameter}}]})
    ball = named(props, "ball")
    assert ball.radius == diameter / 200 and ball.at[1] == pytest.approx(ball.radius, abs=1e-4)
    assert lowest(skeleton, ["seat"]) == pytest.approx(2 * ball.radius, abs=0.015)
    assert abs(skeleton.position["pelvis"][0] - ball.at[0]) < 0.06


def test_a_towel_raises_the_knee_that_lies_on_it() -> None:
    _, flat, _ = at_rest("supine")
    _, raised, props = at_rest({"base": "supine", "props": [{"pillow": {"under": "knees", "height": 18}}]})
    assert lowest(flat, ["left_knee"]) < 0.06
    assert lowest(raised, ["left_knee"]) == pytest.approx(0.18, abs=NEAR)
    assert named(props, "pillow").size[1] == pytest.approx(0.18)


def test_a_band_runs_taut_from_part_to_part_and_to_its_anchor() -> None:
    _, skeleton, props = at_rest(EXERCISES["pull_apart"])
    assert named(props, "band").path == (fist(skeleton, "left"), fist(skeleton, "right"))
    _, skeleton, props = at_rest(EXERCISES["external_rotation"])
    anchor, hand = named(props, "band").path[0], named(props, "band").path[-1]
    assert anchor[2] < hand[2] - 0.5 and hand == fist(skeleton, "right")
    _, skeleton, props = at_rest(EXERCISES["row"])
    first, anchor, last = named(props, "band").path
    assert anchor[0] > max(first[0], last[0]) + 0.5
    high = at_rest({"props": [{"band": {"from": "anchor", "to": "left_hand", "side": "behind", "height": 210}}]})[2]
    assert named(high, "band").path[0][1] == pytest.approx(2.1) and named(high, "band").path[0][0] < -0.5


def test_a_band_goes_round_a_trunk_that_it_would_pass_through() -> None:
    band = {"props": [{"band": {"from": "left_hand", "to": "right_hand"}}]}
    _, skeleton, props = at_rest({"shoulder_abduction": 80, **band})  # the chest is between the hands
    first, turned, last = named(props, "band").options["round"]
    _, _, thickness, _ = capsule(skeleton, "chest")
    assert first is None and last is None and turned[1] > thickness
    _, _, props = at_rest({"shoulder_flexion": 90, **band})
    assert named(props, "band").options["round"] == (None, None)


def test_what_a_posture_has_beside_it_is_told_in_words() -> None:
    texts = {name: alt_text(resolve(pose, "standing", {}), "lateral") for name, pose in EXERCISES.items()}
    assert "the left hand on the back of a chair" in texts["chair_balance"]
    assert "a step 15 centimetres high" in texts["step_up"]
    assert "a pillow under the head" in texts["pillow_under_head"]
    assert "an elastic band from an anchor on the left to the right hand" in texts["external_rotation"]
    assert "a strap from the hands to the right foot" in texts["hamstring_strap"]
    assert "both calves on a chair" in texts["calves_on_a_chair"]
    assert len(set(texts.values())) == len(texts)


def test_a_hand_out_of_reach_and_props_in_one_another_are_told() -> None:
    low = {"base": "kneeling", "shoulder_flexion": 0, "shoulder_abduction": 0, "elbow_flexion": 0,
           "contacts": {"left_hand": "table", "knees": "floor"}, "props": [{"table": {"height": 130}}]}
    finding = unmet(resolve(low, None, {}), low)[0]
    assert finding.pointer == ("contacts", "left_hand") and "cm off `table`" in finding.message and finding.hint
    both = {"base": "seated", "contacts": {"seat": "bed"}, "props": [{"chair": {"side": "left"}}]}
    findings = unmet(resolve(both, None, {}), both)
    assert [finding.message for finding in findings] == ["the bed stands in the chair"]
    assert findings[0].pointer == ("props",) and findings[0].hint
    two = {"props": ["table", "bed"]}
    assert [finding.message for finding in unmet(resolve(two, "standing", {}), two)] == ["the bed stands in the table"]


def test_a_wall_stands_behind_what_stands_before_it_and_two_walls_are_a_corner() -> None:
    pose = {"props": [{"wall": {"side": "front"}}, {"wall": {"side": "left"}}, {"chair": {"side": "front"}}]}
    posture, _, props = at_rest(pose)
    chair, wall = props[0], props[1]
    assert chair.name == "chair" and wall.at[0] - wall.size[0] / 2 > chair.at[0] + chair.size[0] / 2
    assert not unmet(posture, pose)


def test_thirty_contacts_are_told_off_in_no_time() -> None:
    parts = [f"{side}_{part}" for side in ("left", "right") for part in (
        "hand", "forearm", "elbow", "foot", "heel", "toes", "knee", "shin", "calf")]
    surfaces = ("floor", "wall", "chair", "table", "step", "bed", "ball", "roller", "doorway")
    pose = {"contacts": {part: surfaces[number % 9] for number, part in enumerate([*parts, "seat", "head", "chest"])}}
    posture = resolve(pose, "standing", {})
    start = time.process_time()
    outcome = result(posture)
    placed(settled(posture), rest(posture))
    assert time.process_time() - start < 3 and any(not contact.holds for contact in outcome.contacts)
    assert unmet(posture, pose)


def test_a_movement_has_its_step_as_high_at_the_beginning() -> None:
    posture = resolve({"props": [{"step": {"height": 20}}], "from": {"contacts": {"left_foot": "step"}},
                       "to": {"contacts": {"feet": "step"}}, "show": ["ghost"]}, "standing", {})
    assert posture["from"]["props"] == posture["to"]["props"] == [{"name": "step", "height": 20.0}]
    assert lowest(rest(posture["from"]), ["left_foot"]) == pytest.approx(0.20, abs=NEAR)
    assert lowest(rest(posture["from"]), ["right_foot"]) == pytest.approx(0.0, abs=NEAR)


def test_forearms_on_a_wall_ahead_are_on_it_and_the_body_is_before_it() -> None:
    posture = resolve({"contacts": {"forearms": "wall"}, "props": [{"wall": {"side": "front"}}]}, "standing", {})
    outcome = result(posture)
    assert outcome.sunk <= FAR and all(contact.holds for contact in outcome.contacts)
    assert outcome.skeleton.position["left_forearm"][1] > 1.1


def test_a_straight_leg_goes_forward_on_to_a_stool_and_the_toes_behind_on_to_a_chair() -> None:
    ahead = at_rest({"left": {"knee_flexion": 0}, "contacts": {"left_heel": "stool", "left_foot": "none"}})[1]
    assert ahead.position["left_foot"][0] > ahead.position["pelvis"][0] + 0.4
    behind = at_rest({"left": {"hip_flexion": 70, "knee_flexion": 80},
                      "contacts": {"right_toes": "chair", "right_foot": "none"}})[1]
    assert behind.position["right_foot"][0] < behind.position["pelvis"][0] - 0.3


@pytest.mark.parametrize("part", ["hands", "forearms"])
def test_arms_of_who_sits_at_a_table_lie_on_it_and_not_in_the_lap(part: str) -> None:
    posture, skeleton, props = at_rest({"base": "seated", "contacts": {part: "table"}})
    assert named(props, "table").size[1] > skeleton.position["left_shank"][1] + 0.05
    assert not unmet(posture, {})


@pytest.mark.parametrize("base", ["seated", "standing", "long_sitting", "supine"])
def test_a_small_ball_is_held_on_the_palm_of_one_hand_and_nobody_bends_down_to_it(base: str) -> None:
    pose = {"base": base, "right": {"elbow_flexion": 90}, "contacts": {"right_hand": "ball"},
            "props": [{"ball": {"diameter": 7}}]}
    posture, skeleton, props = at_rest(pose)
    ball = named(props, "ball")
    assert dist(ball.at, fist(skeleton, "right")) < 0.05 and ball.at[1] > skeleton.position["right_hand"][1]
    assert dist(skeleton.position["head"], rest(resolve({"base": base}, "standing", {})).position["head"]) < 0.02
    assert not unmet(posture, {}) and "right hand holding a ball" in alt_text(posture, "anterior", "right")
    low = {**pose, "right": {"elbow_flexion": 90, "forearm_supination": 0}}
    assert named(at_rest(low)[2], "ball").at[1] < ball.at[1], "a forearm that is said stays as it is said"


def test_a_large_ball_is_leant_on_and_a_small_one_is_pressed_to_a_wall() -> None:
    large = {"base": "seated", "contacts": {"right_hand": "ball"}}
    assert named(at_rest(large)[2], "ball").at[1] == pytest.approx(0.275, abs=NEAR)
    walled = {"contacts": {"right_hand": "ball"}, "props": [{"ball": {"diameter": 9}}, {"wall": {"side": "front"}}]}
    _, skeleton, props = at_rest(walled)
    assert named(props, "ball").at[0] > skeleton.position["right_hand"][0]


def test_a_bridge_over_a_ball_is_straight_with_the_heels_on_top() -> None:
    """It lay flat beside the ball, the soles against it, and nobody was told."""
    posture, skeleton, props = at_rest({"base": "supine", "contacts": {"heels": "ball", "seat": "none"}})
    ball, at = named(props, "ball"), skeleton.position
    assert at["left_foot"][1] > ball.radius * 1.8 and at["pelvis"][1] > 0.17 and not unmet(posture, {})
    thigh, trunk = (at["left_shank"][1] - at["pelvis"][1]), (at["pelvis"][1] - at["thoracic_2"][1])
    assert thigh > 0.1 and trunk > 0.1


def test_who_kneels_bends_forward_to_lay_the_forearms_on_a_ball() -> None:
    posture, skeleton, _ = at_rest({"base": "kneeling", "contacts": {"forearms": "ball"}})
    assert not unmet(posture, {}) and skeleton.position["head"][0] > skeleton.position["pelvis"][0] + 0.2


def test_a_foot_that_hangs_beside_a_step_has_none_under_it() -> None:
    pose = {"left": {"hip_flexion": 10, "knee_flexion": 10}, "contacts": {"left_foot": "step", "right_foot": "none"},
            "props": [{"step": {"height": 15}}]}
    _, skeleton, props = at_rest(pose)
    step = named(props, "step")
    assert step.at[2] + step.size[2] / 2 < skeleton.position["right_foot"][2] - 0.03
    assert step.at[2] + step.size[2] / 2 > skeleton.position["left_foot"][2] + 0.03
    lifted = {**pose, "left": {"hip_flexion": 0, "knee_flexion": 0}, "right": {"hip_flexion": 60, "knee_flexion": 70}}
    assert named(at_rest(lifted)[2], "step").at[2] == 0, "a knee that is lifted is over the step"


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_table_over_the_lap_stands_round_the_chair_though_one_arm_is_on_it(side: str) -> None:
    _, _, props = at_rest({"base": "seated", "contacts": {f"{side}_forearm": "table"}})
    table, chair = named(props, "table"), named(props, "chair")
    for sense in (-1, 1):
        assert sense * table.at[2] + table.size[2] / 2 > chair.size[2] / 2 + 0.05


def test_hands_that_lean_on_a_mattress_press_into_it_and_nobody_is_warned() -> None:
    assert not unmet(at_rest({"base": "seated", "contacts": {"seat": "bed", "hands": "bed"}})[0], {})
