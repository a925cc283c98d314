"""Base postures: each rests by itself, has two sides, is told in words, and is a body position too."""

from __future__ import annotations

from math import atan2, degrees
from typing import Any

import pytest

from calotype.language.pose import check, resolve
from calotype.language.pose.alt_text import alt_text
from calotype.language.pose.contact.need import FAR, NEAR
from calotype.language.pose.contact.points import MASSES
from calotype.language.pose.laterality import contradictions
from calotype.language.pose.linear import scale, turn
from calotype.language.pose.posture import base_of, mirror
from calotype.language.pose.stance import contacts, lowest, rest, result, spheres
from calotype.language.pose.terms import BASES, SIDES
from calotype.language.prompt.lexicon import POSITIONS
from conftest import Space

ON_KNEES_OR_FEET = {
    "standing": ("left_foot", "right_foot"), "kneeling": ("left_shin", "right_shin", "left_knee", "right_knee"),
    "half_kneeling": ("left_knee", "left_shin", "right_foot"), "heel_sitting": ("left_shin", "left_knee"),
}


def posture(pose: Any) -> Any:
    return resolve(pose, None, {})


def gaps(pose: Any) -> dict[str, float]:
    return {contact.part: 100 * contact.gap for contact in result(posture(pose)).contacts}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("base", BASES)
def test_a_base_rests_as_it_stands_on_either_side(base: str, turned: bool) -> None:
    made = posture({"base": base, "mirror": turned})
    assert "solver" not in made
    outcome = result(made)
    assert all(-FAR <= contact.gap <= NEAR for contact in outcome.contacts) and not outcome.released
    assert outcome.sunk <= FAR


@pytest.mark.parametrize("base", ON_KNEES_OR_FEET)
def test_who_is_upright_balances_over_what_carries(base: str) -> None:
    skeleton = rest(posture(base))
    weights = sum(share for _, _, share in MASSES)
    middle = sum(
        share * skeleton.point(bone, scale(local, skeleton.stature))[0] for bone, local, share in MASSES) / weights
    reach = [(at[0] - radius, at[0] + radius) for at, radius in spheres(skeleton, ON_KNEES_OR_FEET[base])]
    assert min(low for low, _ in reach) <= middle <= max(high for _, high in reach)


@pytest.mark.parametrize("base", BASES)
def test_a_base_mirrored_twice_is_itself(base: str) -> None:
    made = posture(base)
    assert mirror(mirror(made)) == made
    assert mirror(posture({"base": base, "mirror": True})) == made
    assert base_of(mirror(made)) == mirror(made)


@pytest.mark.parametrize(("pose", "knee", "foot"), [
    ("half_kneeling", "left", "right"), ({"base": "half_kneeling", "mirror": True}, "right", "left"),
    ({"base": "half_kneeling", "contacts": {"right_knee": "floor"}}, "right", "left"),
    ({"base": "half_kneeling", "contacts": {"right_knee": "floor", "left_knee": "none"}}, "right", "left"),
    ({"base": "half_kneeling", "left": {"hip_flexion": 90, "knee_flexion": 90}}, "right", "left"),
    ({"base": "half_kneeling", "left": {"hip_flexion": 90, "knee_flexion": 90}, "right": {"hip_flexion": 0, "knee_flexion": 90}},
     "right", "left"),
    ({"base": "half_kneeling", "left": {"hip_extension": 10}}, "left", "right"),
    ({"base": "half_kneeling", "contacts": {"hands": "right_thigh"}}, "left", "right"),
])
def test_half_kneeling_is_on_the_knee_that_the_pose_says(pose: Any, knee: str, foot: str) -> None:
    made = posture(pose)
    down = contacts(made)
    assert (down[f"{knee}_knee"], down[f"{foot}_foot"]) == ("floor", "floor") and f"{foot}_knee" not in down
    assert all(abs(gap) <= 1 for gap in gaps(pose).values())
    assert alt_text(made, "lateral").startswith(f"A person half kneeling on the {knee} knee, seen from the right side")
    skeleton = rest(made)
    assert skeleton.position[f"{foot}_shank"][1] > skeleton.position[f"{knee}_shank"][1] + 0.3


def test_half_kneeling_turned_over_by_its_knee_is_the_mirror_image() -> None:
    assert rest(posture({"base": "half_kneeling", "contacts": {"right_knee": "floor"}})).position == (
        rest(posture({"base": "half_kneeling", "mirror": True})).position)


def test_an_angle_keeps_its_side_where_half_kneeling_is_turned_over() -> None:
    made = posture({"base": "half_kneeling", "contacts": {"right_knee": "floor"}, "right": {"shoulder_flexion": 120}})
    assert made["right"]["shoulder_flexion"] == 120 and "shoulder_flexion" not in made["left"]


@pytest.mark.parametrize("said", [{"right_side": "floor"}, {"right_side": "floor", "left_side": "none"}])
def test_side_lying_is_on_the_side_that_the_pose_says(said: dict[str, str]) -> None:
    made, other = posture({"base": "side_lying", "contacts": said}), posture({"base": "side_lying", "mirror": True})
    assert rest(made).position == rest(other).position
    assert "the right side on the floor" in alt_text(made, "anterior") and "left" not in alt_text(made, "anterior")


def test_who_lifts_the_side_off_the_floor_still_lies_on_it() -> None:
    plank = {"base": "side_lying", "left": {"shoulder_abduction": 90, "elbow_flexion": 90},
             "contacts": {"left_side": "none", "left_forearm": "floor", "left_foot": "floor"}}
    body, image = rest(posture(plank)), rest(posture({**plank, "mirror": True}))
    for bone, other in (("pelvis", "pelvis"), ("left_hand", "right_hand"), ("head", "head")):
        (x, y, z), (a, b, c) = body.position[bone], image.position[other]
        assert (a, b, c) == pytest.approx((x, y, -z), abs=0.002)
    assert contradictions("side plank on the left forearm", posture({**plank, "mirror": True}))


def test_a_side_that_touches_something_turns_no_other_base_over() -> None:
    made = posture({"base": "half_kneeling", "contacts": {"right_side": "wall"}})
    assert base_of(made) == posture("half_kneeling")


def test_the_text_names_the_knee_and_words_of_the_other_are_contradicted() -> None:
    made = posture("half_kneeling")
    assert contradictions("kneeling on the left knee, right foot flat on the floor in front", made) == {}
    assert contradictions("kneeling on the right knee", made) and contradictions("left foot in front", made)
    assert contradictions("kneeling on the right knee", mirror(made)) == {}


@pytest.mark.parametrize(("base", "told"), [
    ("half_kneeling", "half kneeling on the left knee"), ("long_sitting", "sitting with the legs out in front"),
    ("crook_lying", "lying on the back with the knees bent"), ("heel_sitting", "sitting on the heels"),
    ("plank", "face down in a plank"), ("side_lying", "lying on the side"),
])
def test_each_base_has_its_words(base: str, told: str) -> None:
    text = alt_text(posture(base), "lateral")
    assert text.startswith(f"A person {told}, seen from the right side") and "raised" not in text


def test_who_sits_on_the_heels_stays_there_while_the_hands_reach() -> None:
    pose = {"base": "heel_sitting", "hip_flexion": 130, "spine_flexion": 30, "shoulder_flexion": 160, "contacts": {"hands": "floor"}}
    assert all(abs(gap) <= 1 for gap in gaps(pose).values())
    for made in (posture("heel_sitting"), posture(pose)):
        skeleton = rest(made)
        heels = max(at[1] + radius for at, radius in spheres(skeleton, ["left_heel", "right_heel"]))
        assert lowest(skeleton, ["seat"]) - heels <= 0.04


def test_a_plank_comes_down_to_the_forearms() -> None:
    pose = {"base": "plank", "contacts": {"hands": "none", "forearms": "floor"}}
    assert gaps(pose).keys() == {"left_toes", "right_toes", "left_forearm", "right_forearm"}
    assert all(abs(gap) <= 1 for gap in gaps(pose).values())
    skeleton = rest(posture(pose))
    assert skeleton.position["left_hand"][0] > skeleton.position["left_forearm"][0] + 0.15


@pytest.mark.parametrize(("pose", "left", "told"), [
    ({"base": "crook_lying", "right": {"hip_flexion": 60, "knee_flexion": 0}}, "right_foot", "the right knee straightened"),
    ({"base": "long_sitting", "right": {"hip_flexion": 105}}, "right_heel", "the right hip bent 105 degrees"),
    ({"base": "plank", "right": {"hip_extension": 20}}, "right_toes", "the right hip extended 20 degrees"),
])
def test_a_lifted_leg_leaves_its_contact(pose: Any, left: str, told: str) -> None:
    outcome = result(posture(pose))
    assert outcome.released == (left,) and all(contact.holds for contact in outcome.contacts)
    assert told in alt_text(posture(pose), "lateral")


def test_the_foot_that_leaves_the_floor_is_not_pointed_by_crook_lying() -> None:
    made = result(posture({"base": "crook_lying", "right": {"hip_flexion": 60, "knee_flexion": 0}})).posture
    assert not made["right"].get("ankle_dorsiflexion") and made["left"]["ankle_dorsiflexion"] == -34


def test_a_bridge_from_crook_lying_raises_the_pelvis() -> None:
    assert "the pelvis raised off the floor" in alt_text(posture({"base": "crook_lying", "hip_flexion": 0}), "lateral")


def test_every_base_is_a_body_position_with_its_words() -> None:
    assert list(POSITIONS) == list(BASES)
    for base in BASES:
        assert resolve({"knee_flexion": 20}, base, {})["base"] == base
        assert check({"base": base}, {}) == []


def test_a_body_position_is_the_base_of_its_picture(space: Space) -> None:
    images = "\n".join(f"  - {{id: {base}, view_angle: lateral, body_position: {base}, alt: Someone rests.}}" for base in BASES)
    space.write("specs/exercises/hip/rests.yaml", f"kind: exercise\nid: rests\nregion: hip\ntitle: Rests\nimages:\n{images}\n")
    validated = space.run("validate", "specs/exercises/hip/rests.yaml")
    assert validated.code == 0 and "warning" not in validated.out + validated.err
    for base in BASES:
        assert space.call("pose", f"exercises/rests/{base}", "--json").json["posture"]["base"] == base


@pytest.mark.parametrize(("position", "words", "told"), [
    ("half_kneeling", "kneeling on one knee", 0), ("plank", "plank on straight arms", 0), ("crook_lying", "both knees bent", 0),
    ("half_kneeling", "kneeling, lean forward", 1), ("standing", "kneeling on one knee", 1),
])
def test_a_description_of_the_body_position_asks_for_no_pose(space: Space, position: str, words: str, told: int) -> None:
    image = f"{{view_angle: lateral, body_position: {position}, description: '{words}', alt: Someone rests.}}"
    space.write("specs/exercises/hip/rests.yaml", f"kind: exercise\nid: rests\nregion: hip\ntitle: Rests\nimages: [{image}]\n")
    validated = space.call("validate")
    assert (validated.out + validated.err).count("description-unread") == told


def test_both_sides_of_every_base_but_those_that_have_one_down_are_alike() -> None:
    uneven = {base for base in BASES if posture(base).get("left", {}) != posture(base).get("right", {})}
    assert uneven == {"side_lying", "half_kneeling"} and SIDES == ("left", "right")


@pytest.mark.parametrize(("pose", "forward"), [
    ({"hip_flexion": 115, "knee_flexion": 90}, 22), ({"hip_flexion": 70}, -17), ({"hip_flexion": 90}, 0),
    ({"right": {"hip_flexion": 115}}, 0), ({"hip_flexion": 115, "contacts": {"feet": "none"}}, 0),
    ({"left": {"hip_flexion": 110}, "right": {"hip_flexion": 120, "hip_external_rotation": 55},
      "contacts": {"right_foot": "none"}}, 17),
])
def test_who_sits_with_the_feet_down_leans_as_far_as_the_hips_are_bent(pose: Any, forward: float) -> None:
    made = posture({"base": "seated", **pose})
    x, y, _ = turn(rest(made).rotation["pelvis"], (0.0, 1.0, 0.0))
    assert degrees(atan2(x, y)) == pytest.approx(forward, abs=1)
    assert ("leans" in made) is bool(forward) and mirror(mirror(made)) == made
