"""Conditioning maps and the acceptance test: one skeleton gives them all, and left stays the subject's left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calotype.language.pose import resolve
from calotype.language.pose.posture import mirror
from calotype.workers.render.mannequin.acceptance import judge
from calotype.workers.render.mannequin.keypoints import NAMES, flat_points, keypoints
from calotype.workers.render.mannequin.maps import ADE20K, KINDS, maps, openpose, stick_width
from calotype.workers.render.mannequin.scene import compose, figure

SIZE = (192, 256)


def points(pose: Any, view: str = "anterior", side: str = "right") -> dict[str, tuple[float, float, float]]:
    found = maps(resolve(pose, "standing", {}), view, side, SIZE, kinds=()).keypoints
    return dict(zip(NAMES, flat_points(found), strict=True))


def test_every_map_has_the_size_asked_and_the_mode_its_model_expects() -> None:
    found = maps(resolve("seated", None, {}), "oblique", "right", SIZE)
    assert tuple(found.pictures) == KINDS
    modes = {kind: picture.mode for kind, picture in found.pictures.items()}
    assert modes == {"openpose": "RGB", "depth": "L", "canny": "L", "lineart": "L", "scribble": "L", "segmentation": "RGB"}
    assert {picture.size for picture in found.pictures.values()} == {SIZE}
    assert (found.keypoints["canvas_width"], found.keypoints["canvas_height"]) == SIZE


def test_maps_are_the_same_bytes_every_time() -> None:
    one, other = (maps(resolve("quadruped", None, {}), "lateral", "right", SIZE) for _ in range(2))
    assert all(one.pictures[kind].tobytes() == other.pictures[kind].tobytes() for kind in KINDS)


def test_keypoints_are_coco_18_with_the_subjects_sides() -> None:
    found = points({})
    assert len(found) == 18 and all(seen == 1 for _, _, seen in found.values())
    assert found["right_wrist"][0] < found["neck"][0] < found["left_wrist"][0]
    assert found["nose"][1] < found["neck"][1] < found["left_hip"][1] < found["left_knee"][1] < found["left_ankle"][1]


def test_hidden_joints_are_left_out() -> None:
    behind = points({}, view="posterior")
    assert behind["nose"] == behind["left_eye"] == (0, 0, 0)
    beside = points({}, view="lateral")
    assert beside["left_hip"] == (0, 0, 0) and beside["right_hip"][2] == 1
    assert points({}, view="lateral", side="left")["right_hip"] == (0, 0, 0)


def test_nearer_is_lighter_in_the_depth_map() -> None:
    found = maps(resolve({"right": {"shoulder_flexion": 90}}, "standing", {}), "anterior", "right", SIZE)
    x, y, seen = dict(zip(NAMES, flat_points(found.keypoints), strict=True))["right_wrist"]
    depth = np.asarray(found.pictures["depth"])
    assert seen and depth[int(y), int(x)] > depth[depth > 0].mean() and depth[0, 0] == 0


def test_canny_and_line_art_are_white_lines_on_black() -> None:
    found = maps(resolve("standing", None, {}), "anterior", "right", SIZE)
    canny = np.asarray(found.pictures["canny"])
    assert set(np.unique(canny)) == {0, 255} and 0.002 < (canny > 0).mean() < 0.1
    assert 0.002 < (np.asarray(found.pictures["lineart"]) > 127).mean() < 0.15


@pytest.mark.parametrize("size", [SIZE, (512, 512)])
def test_a_scribble_is_of_thick_lines_with_no_tone_that_cover_all_edges(size: tuple[int, int]) -> None:
    pictures = maps(resolve("standing", None, {}), "anterior", "right", size).pictures
    scribble, canny = (np.asarray(pictures[kind]) for kind in ("scribble", "canny"))
    assert set(np.unique(scribble)) == {0, 255} and scribble[canny > 0].min() == 255
    assert (scribble > 0).sum() > 1.5 * (canny > 0).sum() and (scribble > 0).mean() < 0.2


def test_segmentation_tells_the_person_from_the_chair() -> None:
    picture = np.asarray(maps(resolve("seated", None, {}), "lateral", "right", SIZE).pictures["segmentation"])
    colours = {tuple(int(channel) for channel in colour) for colour in picture.reshape(-1, 3)}
    assert {ADE20K["person"], ADE20K["chair"], ADE20K["ground"]} == colours


def test_limbs_are_as_wide_as_the_models_profile_has_them() -> None:
    assert stick_width("openpose", (1024, 1024)) == 4 and stick_width("xinsir", (1024, 1024)) == 12
    posture = resolve("standing", None, {})
    document = maps(posture, "anterior", "right", (512, 512), kinds=()).keypoints
    thin, thick = (np.asarray(openpose(document, name)) for name in ("openpose", "xinsir"))
    assert (thick > 0).sum() > 1.5 * (thin > 0).sum()
    assert openpose(maps(posture, "anterior", "right", SIZE, kinds=()).keypoints).size == SIZE


def asked(pose: Any, view: str = "anterior") -> dict[str, Any]:
    posture = resolve(pose, "standing", {})
    scene, = compose([figure(posture, SIZE)], view, "right", (), SIZE)
    return keypoints(scene)


POSE = {"right": {"shoulder_abduction": 90, "elbow_flexion": 60}, "left": {"hip_abduction": 30}}


def test_the_pose_itself_is_accepted_and_small_errors_too() -> None:
    wanted = asked(POSE)
    assert judge(wanted, wanted).oks == pytest.approx(1.0)
    near = judge(wanted, asked({**POSE, "right": {"shoulder_abduction": 84, "elbow_flexion": 66}}))
    assert near.accepted and near.oks < 1


def test_another_pose_is_refused() -> None:
    verdict = judge(asked(POSE), asked("supine", "lateral"))
    assert not verdict.accepted


def test_a_picture_with_left_and_right_exchanged_is_refused_and_says_so() -> None:
    wanted = asked(POSE)
    people = flat_points(wanted)
    other = [name.replace("left", "?").replace("right", "left").replace("?", "right") for name in NAMES]
    exchanged = [people[NAMES.index(name)] for name in other]
    verdict = judge(wanted, {**wanted, "people": [{"pose_keypoints_2d": [v for point in exchanged for v in point]}]})
    assert verdict.sides_swapped and not verdict.accepted and verdict.swapped == pytest.approx(1.0)


def test_a_mirrored_arm_is_not_the_arm_that_was_asked_for() -> None:
    posture = resolve({"right": {"shoulder_abduction": 150}, "left": {"shoulder_abduction": 5}}, "standing", {})
    wanted, other = (asked(each) for each in (posture, mirror(posture)))
    assert judge(wanted, other).oks < judge(wanted, wanted).oks - 0.05


def test_what_is_not_detected_counts_against_the_picture() -> None:
    wanted = asked(POSE)
    flat = list(wanted["people"][0]["pose_keypoints_2d"])
    index = 3 * NAMES.index("right_wrist")
    flat[index : index + 3] = [0.0, 0.0, 0.0]
    verdict = judge(wanted, {**wanted, "people": [{"pose_keypoints_2d": flat}]})
    assert verdict.missing == ("right_wrist",) and verdict.oks == pytest.approx(17 / 18)


def test_keypoints_of_another_model_are_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match="18 points"):
        judge(asked(POSE), {"people": [{"pose_keypoints_2d": [0.0] * 75}], "canvas_width": 1, "canvas_height": 1})
