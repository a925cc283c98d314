"""What stays where it is while a body moves: feet on the floor, a back that lies, hands on a bar."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.pose import resolve
from calotype.language.pose.contact.touch import along
from calotype.language.pose.planted import planted
from calotype.language.pose.posture import mirror
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.stance import lowest, rest
from calotype.workers.render.mannequin.draw import stage
from calotype.workers.render.mannequin.overlay import arrows


def body(pose: Any) -> Skeleton:
    return rest(resolve(pose, None, {}))


def apart(one: Skeleton, other: Skeleton, bone: str) -> float:
    return max(abs(a - b) for a, b in zip(one.position[bone], other.position[bone], strict=True))


@pytest.mark.parametrize(("start", "end", "stays", "moves"), [
    ("standing", {"base": "standing", "hip_flexion": 80, "knee_flexion": 30}, ("left_foot", "right_foot"), "pelvis"),
    ("standing", {"base": "standing", "ankle_plantarflexion": 30, "toe_extension": 30}, ("left_toes", "right_toes"), "pelvis"),
    ("seated", {"base": "standing"}, ("left_foot", "right_foot"), "pelvis"),
    ("crook_lying", {"base": "crook_lying", "hip_flexion": 0, "knee_flexion": 90}, ("left_foot", "right_foot"), "pelvis"),
    ("supine", {"base": "supine", "right": {"hip_flexion": 50}}, ("pelvis", "left_foot"), "right_foot"),
    ("quadruped", {"base": "heel_sitting"}, ("left_shank", "right_shank"), "pelvis"),
    ("standing", {"base": "standing", "right": {"hip_flexion": 60, "knee_flexion": 60}}, ("left_foot",), "right_foot"),
])
def test_what_rests_on_the_floor_before_and_after_stays(
    start: Any, end: Any, stays: tuple[str, ...], moves: str
) -> None:
    last = body(end)
    first = planted(body(start), last, last_base(end))
    assert all(apart(first, last, bone) < 0.02 for bone in stays)
    assert apart(first, last, moves) > 0.05


def last_base(pose: Any) -> str:
    return pose if isinstance(pose, str) else str(pose["base"])


def test_who_hangs_keeps_the_hands_on_the_bar() -> None:
    last = body({"base": "hanging", "elbow_flexion": 130, "shoulder_flexion": 30})
    first = planted(body("hanging"), last, "hanging")
    assert apart(first, last, "left_hand") < 0.05
    assert last.position["pelvis"][1] > first.position["pelvis"][1] + 0.3


def test_a_body_that_does_not_slide_is_the_same_object() -> None:
    start = body("seated")
    assert planted(start, body({"base": "seated", "neck_flexion": 30}), "seated") is start


def test_the_arrow_of_a_bridge_follows_the_pelvis_up() -> None:
    lifted = {"base": "crook_lying", "hip_flexion": 0, "knee_flexion": 90, "contacts": {"hands": "floor"}}
    posture = resolve({"from": "crook_lying", "to": lifted}, None, {})
    (arrow,) = arrows(posture, rest(posture))
    assert arrow.path[-1][1] > arrow.path[0][1] + 0.08
    assert abs(arrow.path[-1] - rest(posture).position["pelvis"]).max() < 0.16


@pytest.mark.parametrize(("movement", "shifts"), [
    ({"base": "standing", "to": {"hip_flexion": 80}}, True),
    ({"base": "hanging", "to": {"elbow_flexion": 90}}, True),
    ({"base": "standing", "from": {"shoulder_flexion": 20}, "to": {"shoulder_flexion": 90}}, False),
    ({"base": "seated", "to": {"right": {"neck_rotation": 40}}}, False),
])
def test_only_a_movement_that_shifts_the_body_says_so(movement: Any, shifts: bool) -> None:
    posture = resolve(movement, None, {})
    assert ("planted" in posture) is shifts
    assert mirror(mirror(posture)) == posture and ("planted" in mirror(posture)) is shifts


def test_who_squats_stands_on_the_same_feet_in_grey() -> None:
    posture = resolve({"base": "standing", "to": {"hip_flexion": 90, "knee_flexion": 90}, "show": ["ghost"]}, None, {})
    (black, grey), _, _ = stage({"posture": posture, "seed": 5, "size": [64, 64], "drawing": "line", "view": "lateral",
                                 "side": "right", "muscles": [], "joints": []})
    assert apart(black.skeleton, grey.skeleton, "left_foot") < 0.02


SLIDE = {"base": "standing", "to": {"hip_flexion": 60, "knee_flexion": 80}, "show": ["ghost"], "contacts": {"back": "wall"}}
RISE = {"base": "standing", "to": {"ankle_plantarflexion": 30, "toe_extension": 30}, "show": ["ghost"]}


def test_a_contact_beside_the_phases_holds_from_the_beginning_where_it_can() -> None:
    posture = resolve(SLIDE, None, {})
    assert posture["from"]["contacts"] == posture["to"]["contacts"] == {"back": "wall"}
    hands = resolve({**RISE, "contacts": {"hands": "table"}}, None, {})
    assert hands["from"]["contacts"]["left_hand"] == hands["from"]["contacts"]["right_hand"] == "table"


@pytest.mark.parametrize(("pose", "part"), [
    ({"base": "standing", "to": {"hip_flexion": 80, "spine_flexion": 60}, "contacts": {"hands": "shank"}}, "left_hand"),
    ({"base": "standing", "to": {"ankle_plantarflexion": 30}, "contacts": {"feet": "none", "toes": "floor"}}, "left_foot"),
    ({"from": {"base": "standing"}, "to": {"base": "seated"}, "contacts": {"seat": "bench"}}, "seat"),
    ({"base": "standing", "from": {"right": {"hip_flexion": 60, "knee_flexion": 80}}, "to": {},
      "contacts": {"right_foot": "step"}}, "right_foot"),
    ({"base": "standing", "from": {"contacts": {"left_hand": "thigh"}}, "to": {}, "contacts": {"left_hand": "table"}},
     "left_hand"),
])
def test_a_contact_that_is_only_come_to_is_none_of_the_beginnings(pose: dict[str, Any], part: str) -> None:
    posture = resolve({**pose, "show": ["ghost"]}, None, {})
    assert posture["from"].get("contacts", {}).get(part) != posture["contacts"][part]


def test_a_movement_without_contacts_beside_its_phases_is_the_same_value_as_before() -> None:
    posture = resolve({"base": "standing", "from": {}, "to": {"hip_flexion": 30}}, None, {})
    assert "contacts" not in posture["from"] and "contacts" not in posture["to"]


def test_a_mirrored_movement_at_a_wall_is_the_mirror_image_of_it() -> None:
    pose = {**SLIDE, "contacts": {"back": "wall", "left_hand": "wall"}}
    assert resolve({**pose, "mirror": True}, None, {}) == mirror(resolve(pose, None, {}))


def test_the_ghost_leans_on_the_same_wall() -> None:
    posture = resolve(SLIDE, None, {})
    request = {"posture": posture, "seed": None, "size": [256, 256], "drawing": "line", "view": "lateral",
               "side": "right", "joints": []}
    (main, ghost), *_ = stage(request)
    backs = [lean(scene.skeleton) for scene in (main, ghost)]
    assert backs[0] == pytest.approx(backs[1], abs=0.01)
    assert [solid.prop for solid in main.solids] == ["wall"] and not ghost.solids


def lean(skeleton: Skeleton) -> float:
    return along(skeleton, "back", (1.0, 0.0, 0.0))


def test_the_chair_that_is_left_stands_where_the_ghost_sits() -> None:
    posture = resolve({"from": {"base": "seated"}, "to": {"base": "standing"}, "show": ["ghost"], "props": ["chair"]},
                      None, {})
    request = {"posture": posture, "seed": None, "size": [256, 256], "drawing": "line", "view": "lateral",
               "side": "right", "joints": []}
    (main, ghost), *_ = stage(request)
    assert {solid.prop for solid in main.solids} == {"chair"} and not ghost.solids
    seat = max(solid.vertices[:, 1].max() for solid in main.solids if len(solid.vertices) == 8 and solid.face.max() == 5
               and solid.vertices[:, 1].max() < 0.6)
    assert seat == pytest.approx(lowest(ghost.skeleton, ["seat"]), abs=0.01)


def test_the_arrow_follows_the_knee_that_is_drawn_up_and_not_the_hand_that_takes_hold() -> None:
    drawn_up = {"base": "crook_lying", "right": {"hip_flexion": 120, "knee_flexion": 125},
                "contacts": {"right_foot": "none", "hands": "right_shank"}}
    posture = resolve({"from": "crook_lying", "to": drawn_up}, None, {})
    (arrow,) = arrows(posture, rest(posture))
    leg = [rest(posture).position[f"right_{bone}"] for bone in ("shank", "foot")]
    assert min(abs(arrow.path[-1] - at).max() for at in leg) < 0.15


def test_the_arrow_of_an_ankle_follows_the_toes() -> None:
    ankles = {"base": "long_sitting", "from": {"ankle_dorsiflexion": 18}, "to": {"ankle_plantarflexion": 40}}
    posture = resolve(ankles, None, {})
    (arrow,) = arrows(posture, rest(posture))
    x, y, _ = arrow.path[-1] - arrow.path[0]
    assert abs(arrow.path[-1] - rest(posture).position["right_toes"]).max() < 0.15 and x > 0.15 > abs(y)


def scenes(pose: dict[str, Any], view: str) -> Any:
    posture = resolve({"base": "standing", "show": ["ghost"], **pose}, None, {})
    return stage({"posture": posture, "seed": None, "size": [256, 256], "drawing": "line", "view": view,
                  "side": "right", "joints": []})[0]


def test_a_band_is_held_at_one_anchor_before_and_after() -> None:
    main, ghost = scenes({
        "from": {"right": {"shoulder_flexion": 60}}, "to": {"right": {"shoulder_extension": 20, "elbow_flexion": 90}},
        "props": [{"band": {"from": "anchor", "to": "right_hand", "side": "front"}}],
    }, "lateral")
    knots = [[solid.vertices.mean(axis=0) for solid in scene.solids][-1] for scene in (main, ghost)]
    assert abs(knots[0] - knots[1]).max() < 1e-6
    assert abs(main.skeleton.position["right_hand"][0] - ghost.skeleton.position["right_hand"][0]) > 0.1


def test_a_ball_between_back_and_wall_is_there_once_and_the_feet_stay() -> None:
    main, ghost = scenes({
        "from": {}, "to": {"hip_flexion": 60, "knee_flexion": 70}, "contacts": {"back": "ball"},
        "props": [{"wall": {"side": "behind"}}],
    }, "lateral")
    assert {solid.prop for solid in main.solids} == {"ball", "wall"} and not ghost.solids
    assert apart(main.skeleton, ghost.skeleton, "left_foot") < 0.03
