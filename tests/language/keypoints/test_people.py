"""Keypoint JSON of many programs shows the same body: points by name, in pixels."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.keypoints.layouts import BODY_25, COCO_17, COCO_18, MEDIAPIPE_33
from calotype.language.keypoints.people import KeypointsError, person_in

BODY = {name: (100.0 + 7 * index, 50.0 + 11 * index) for index, name in enumerate(COCO_18)}
SIZE = {"canvas_width": 512, "canvas_height": 768}
WITHOUT_NECK = {name: point for name, point in BODY.items() if name != "neck"}


def points(layout: Any, certainty: float = 1.0, across: float = 1.0, down: float = 1.0) -> list[list[float]]:
    """The body in the order of a layout; what it has not is 0, 0, 0."""
    return [[BODY[name][0] * across, BODY[name][1] * down, certainty] if name else [0, 0, 0] for name in layout]


def flat(listed: list[list[float]]) -> list[float]:
    return [number for point in listed for number in point]


def people(*bodies: Any, **more: Any) -> dict[str, Any]:
    return {"people": [{"pose_keypoints_2d": body} for body in bodies], **more}


def landmarks(across: float, down: float) -> list[dict[str, float]]:
    return [{"x": x * across, "y": y * down, "z": 0.0, "visibility": v} for x, y, v in points(MEDIAPIPE_33)]


PIXELS: dict[str, tuple[Any, dict[str, tuple[float, float]]]] = {
    "COCO-18": (people(flat(points(COCO_18)), **SIZE), BODY),
    "COCO-18 in lists": (people(points(COCO_18), **SIZE), BODY),
    "COCO-18 without canvas": (people(flat(points(COCO_18))), BODY),
    "fractions of the canvas": (people(flat(points(COCO_18, across=1 / 512, down=1 / 768)), **SIZE), BODY),
    "ComfyUI's list of one": ([people(flat(points(COCO_18)), animals=[], **SIZE)], BODY),
    "BODY_25": (people(flat(points(BODY_25)), version=1.3), BODY),
    "OpenPose before 1.2": ({"version": 1.1, "people": [{"pose_keypoints": flat(points(COCO_18))}]}, BODY),
    "COCO-17": (people(flat(points(COCO_17)), **SIZE), WITHOUT_NECK),
    "COCO-WholeBody": (people(flat(points(COCO_17)) + [0] * 348, **SIZE), WITHOUT_NECK),
    "DWPose's 134": (people(flat(points(COCO_18)) + [0] * 348, **SIZE), BODY),
    "COCO annotations": ({"annotations": [{"keypoints": flat(points(COCO_17, 2)), "image_id": 1}],
                          "images": [{"width": 512, "height": 768}]}, WITHOUT_NECK),
    "AlphaPose": ([{"image_id": "a.jpg", "keypoints": flat(points(COCO_17)), "score": 3.1}], WITHOUT_NECK),
    "an editor's pairs": ({"width": 512, "height": 768, "keypoints": [point[:2] for point in points(COCO_18)]}, BODY),
    "an editor's people": ({"width": 512, "height": 768, "keypoints": [[point[:2] for point in points(COCO_18)]]}, BODY),
    "MediaPipe": ({"landmarks": [landmarks(1 / 512, 1 / 768)], "image_width": 512, "image_height": 768}, WITHOUT_NECK),
}


@pytest.mark.parametrize("name", PIXELS)
def test_every_format_shows_the_same_body(name: str) -> None:
    document, body = PIXELS[name]
    person = person_in(document)
    assert set(person.points) == set(body) and not person.notes
    for point, place in person.points.items():
        assert place == pytest.approx(body[point])


def test_a_mediapipe_file_does_not_say_its_size_and_is_asked_for_it() -> None:
    person = person_in(landmarks(1 / 512, 1 / 768))
    assert "--size" in person.notes[0]
    told = person_in(landmarks(1 / 512, 1 / 768), size=(512, 768))
    assert not told.notes and told.points["left_knee"] == pytest.approx(BODY["left_knee"])


def test_a_drawing_s_size_does_not_cut_off_points_in_pixels() -> None:
    assert len(person_in(people(flat(points(COCO_18))), size=(64, 64)).points) == 18


@pytest.mark.parametrize("point", [
    [5, 5, 0.19], [0, 0, 1], [-1, -1, 1], [9, -3, 1], [600, 9, 1], [9, 800, 1], [float("nan"), 9, 1],
    [float("inf"), 9, 1], [10**400, 9, 1], [None, None, 1], [None, None, None],
])
def test_points_that_were_not_found_do_not_count(point: list[Any]) -> None:
    body = points(COCO_18)
    body[4] = point
    person = person_in(people(flat(body), **SIZE))
    assert set(BODY) - set(person.points) == {"right_wrist"}


def test_the_most_certain_of_several_people_is_taken_and_told() -> None:
    document = people([0] * 54, flat(points(COCO_18, 0.5)), flat(points(COCO_18, 0.9)), **SIZE)
    person = person_in(document)
    assert (person.number, person.people) == (3, 3)
    assert "3 people" in person.notes[0] and "--person" in person.notes[0]
    assert person_in(document, 2).number == 2 and not person_in(document, 2).notes


def test_of_people_as_certain_the_larger_is_taken() -> None:
    small = flat([[x / 10, y / 10, sure] for x, y, sure in points(COCO_18)])
    assert person_in(people(small, flat(points(COCO_18)), **SIZE)).number == 2


@pytest.mark.parametrize(("document", "message"), [
    ({}, "no keypoints"), ([], "nobody"), (7, "no keypoints"), (people(**SIZE), "nobody"), ({"people": None}, "nobody"),
    ({"people": "x"}, "no list"), ({"people": ["x"]}, "no person"), (people(None), "without pose_keypoints_2d"),
    ({"people": [{"pose_keypoints_3d": [1.0] * 100}]}, "in space"), (people([1, 2, 3, 4]), "4 numbers"),
    (people([0] * 48), "MPII"), (people([0] * 63), "a hand"), (people([0] * 78), "Halpe-26"),
    (people(["1.0"] * 54), "'1.0'"), (people([True] * 54), "True"), (people([0] * 54), "confidence"),
    (people(flat(points(COCO_18)), canvas_width="512px", canvas_height=9), "canvas_width"),
    (people(flat(points(COCO_18)), canvas_width=0, canvas_height=9), "canvas_width"),
    (people(flat(points(COCO_18)), canvas_width=9), "canvas_height"),
    (people(flat(points(COCO_18)), canvas_width=10**400, canvas_height=9), "canvas_width"),
    ({"keypoints": [[[1, 2]], 5]}, "no list"), ([[{"x": 1, "y": 2}], 5], "no list"),
    ({"landmarks": [[{"x": 1, "y": 2}], 5]}, "no list"),
    ({"annotations": [{"image_id": [1]}, {"image_id": [2]}]}, "several pictures"),
    ([people(flat(points(COCO_18)))] * 2, "2 pictures"), ({"shapes": []}, "labelme"),
    ({"pose_world_landmarks": []}, "world landmarks"), ({"keypoints": [{"name": "nose"}]}, "TensorFlow.js"),
    ({"instance_info": []}, "MMPose"), ({"annotations": [{"image_id": 1}, {"image_id": 2}]}, "several pictures"),
])
def test_what_shows_no_body_is_refused_with_the_reason(document: Any, message: str) -> None:
    with pytest.raises(KeypointsError, match=message):
        person_in(document)


@pytest.mark.parametrize("number", [0, 2, 99])
def test_a_person_who_is_not_there_is_refused(number: int) -> None:
    with pytest.raises(KeypointsError, match=f"no person {number}"):
        person_in(people(flat(points(COCO_18))), number)
