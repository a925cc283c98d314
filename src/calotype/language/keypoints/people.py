"""The people in keypoint JSON, whoever wrote it: points by name in pixels. Must not know files nor angles.

OpenPose (COCO-18, BODY_25), DWPose and ComfyUI's nodes, editors for the web, COCO annotations and AlphaPose (COCO-17)
and MediaPipe (33 landmarks) are read; other formats are refused by their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.keypoints.layouts import LAYOUTS, UNREAD

Point = tuple[float, float]
Size = tuple[float, float]

LEAST_CONFIDENCE = 0.2
"""A detector that is less certain of a point is guessing."""
NORMALISED = 1.5
"""Where no coordinate is larger, they are fractions of the picture: a body may reach a little beyond it."""
MOST_PIXELS = 1_000_000
"""Of a side of the picture: no format of pictures holds more."""
READ = "OpenPose (COCO-18, BODY_25), DWPose, COCO-17, AlphaPose and MediaPipe are read"
_MARKS: dict[str, str] = {
    "shapes": "labelme", "skeletons": "Kinect", "bodies": "Kinect", "joints": "a list of joints",
    "smpl": "SMPL", "body_pose": "SMPL", "pose_world_landmarks": "MediaPipe's world landmarks",
    "poseWorldLandmarks": "MediaPipe's world landmarks", "instances": "Detectron2",
    "instance_info": "MMPose", "instance_data": "MMPose", "predictions": "a list of predictions",
}
"""What a document of another format holds, and the format's name."""


class KeypointsError(ValueError):
    """Why no pose can be read from a document; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Person:
    """One body: what is seen of it, (x, y) in pixels by name. `number` counts the `people` of its picture from 1.

    `size` is the picture's in pixels, None where the file does not say it. `notes` are to be told.
    """

    points: Mapping[str, Point]
    size: Size | None
    number: int
    people: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """Bodies as a document lists them: points of (x, y, confidence) in the order of a layout."""

    bodies: Sequence[Sequence[tuple[float, float, float]]]
    size: Size | None


def person_in(document: Any, number: int | None = None, size: Size | None = None) -> Person:
    """The body that keypoint JSON shows: person `number`, else the one whose points are the most certain.

    `size` is the picture's, for documents that do not say it. Raises KeypointsError.
    """
    found = _found(document)
    if not found.bodies:
        raise KeypointsError("shows nobody")
    most = len(found.bodies)
    if number is not None and not 1 <= number <= most:
        raise KeypointsError(f"shows {most} {'person' if most == 1 else 'people'}: there is no person {number}")
    canvas, notes = found.size, []
    if canvas is None and _are_fractions(found.bodies):
        canvas = size or (1.0, 1.0)
        if size is None:
            notes.append("does not say how large its picture is, and a square one is taken: --size WxH says it")
    people = [_named(body, canvas) for body in found.bodies]
    chosen = number - 1 if number else max(range(most), key=lambda each: _certainty(people[each]))
    if number is None and most > 1:
        notes.append(f"shows {most} people: person {chosen + 1} is the most certain; --person N takes another")
    points = {name: (x, y) for name, (x, y, _) in people[chosen].items()}
    if not points:
        raise KeypointsError(f"shows no point of person {chosen + 1} with a confidence of {LEAST_CONFIDENCE} or more")
    return Person(points, found.size, chosen + 1, most, tuple(notes))


def _named(body: Sequence[tuple[float, float, float]], canvas: Size | None) -> dict[str, tuple[float, float, float]]:
    """The points that count, by name: certain, finite, in the picture, and not the 0 or -1 of what was not found."""
    width, height = canvas or (float("inf"), float("inf"))
    across, down = (width, height) if canvas and _are_fractions([body]) else (1.0, 1.0)
    named = {}
    for name, (x, y, certainty) in zip(LAYOUTS[len(body)], body, strict=True):
        x, y = x * across, y * down
        placed = isfinite(x) and isfinite(y) and 0 <= x <= width and 0 <= y <= height and (x, y) != (0, 0)
        if name and placed and certainty >= LEAST_CONFIDENCE:
            named[name] = (x, y, certainty)
    return named


def _are_fractions(bodies: Iterable[Sequence[tuple[float, float, float]]]) -> bool:
    return all(
        abs(x) <= NORMALISED and abs(y) <= NORMALISED for body in bodies for x, y, certainty in body if certainty
    )


def _certainty(points: Mapping[str, tuple[float, float, float]]) -> tuple[float, float]:
    """The sum of the confidences; of two that are as certain, the larger body."""
    if not points:
        return 0.0, 0.0
    xs, ys, certainties = zip(*points.values(), strict=True)
    return round(sum(certainties), 3), (max(xs) - min(xs)) * (max(ys) - min(ys))


def _found(document: Any) -> _Found:
    if isinstance(document, list):
        return _from_list(document)
    if not isinstance(document, Mapping):
        raise KeypointsError("holds no keypoints of a person", READ)
    if "people" in document:
        people = _list(document["people"], "people")
        size = _size(document, "canvas_width", "canvas_height")
        return _Found([_flat(_flat_key(each)) for each in people if each], size)
    if "annotations" in document:
        return _annotations(document)
    for key in ("pose_landmarks", "poseLandmarks", "landmarks"):
        if key in document:
            return _landmarks(_list(document[key], key), _size(document, "image_width", "image_height"))
    if "keypoints" in document:
        return _editor(document)
    raise _foreign(document)


def _from_list(document: list[Any]) -> _Found:
    if not document:
        return _Found([], None)
    if all(isinstance(each, Mapping) and "people" in each for each in document):
        if len(document) > 1:
            raise KeypointsError(f"holds the keypoints of {len(document)} pictures", "write each to a file of its own")
        return _found(document[0])
    if all(isinstance(each, Mapping) and isinstance(each.get("keypoints"), list) for each in document):
        return _Found([_flat(each["keypoints"]) for each in document], None)
    if _is_landmark(document[0]) or (isinstance(document[0], list) and document[0] and _is_landmark(document[0][0])):
        return _landmarks(document, None)
    raise _foreign(document[0] if isinstance(document[0], Mapping) else {})


def _annotations(document: Mapping[str, Any]) -> _Found:
    """The COCO dataset's: a point's third number says whether it is labelled (1) and seen (2)."""
    people = [each for each in _list(document["annotations"], "annotations") if isinstance(each, Mapping)]
    images = document.get("images") or [{}]
    if len({repr(each.get("image_id")) for each in people}) > 1:
        raise KeypointsError("holds annotations of several pictures", "write those of each to a file of its own")
    size = _size(images[0], "width", "height") if isinstance(images, list) and isinstance(images[0], Mapping) else None
    return _Found([_flat(each["keypoints"]) for each in people if each.get("keypoints")], size)


def _editor(document: Mapping[str, Any]) -> _Found:
    """An editor's: `keypoints` are pairs, of one person or of several; [0, 0] is no point."""
    listed = _list(document["keypoints"], "keypoints")
    several = bool(listed) and isinstance(listed[0], list) and bool(listed[0]) and isinstance(listed[0][0], list)
    if listed and isinstance(listed[0], Mapping):
        raise KeypointsError("is in the format of TensorFlow.js (points with names)", READ)
    bodies = [[(*pair, 1.0) if isinstance(pair, list) and len(pair) == 2 else pair for pair in _list(body, "keypoints")]
              for body in (listed if several else [listed])]
    return _Found([_flat(body) for body in bodies if body], _size(document, "width", "height"))


def _landmarks(listed: list[Any], size: Size | None) -> _Found:
    bodies = listed if listed and isinstance(listed[0], list) else [listed] if listed else []
    points = [
        [(point["x"], point["y"], point.get("visibility", point.get("presence", 1.0)))
         for point in _list(body, "landmarks") if _is_landmark(point)] for body in bodies
    ]
    return _Found([_flat(body) for body in points], size)


def _is_landmark(value: Any) -> bool:
    return isinstance(value, Mapping) and "x" in value and "y" in value


def _flat_key(person: Any) -> Any:
    """A person's points: `pose_keypoints` is what OpenPose wrote before version 1.2."""
    if not isinstance(person, Mapping):
        raise KeypointsError("`people` holds what is no person", READ)
    listed = person.get("pose_keypoints_2d", person.get("pose_keypoints"))
    if listed is None:
        if person.get("pose_keypoints_3d"):
            raise KeypointsError("holds OpenPose's points in space alone", "it needs pose_keypoints_2d")
        raise KeypointsError("holds a person without pose_keypoints_2d", READ)
    return listed


def _flat(listed: Any) -> list[tuple[float, float, float]]:
    """Points of three numbers, listed one after the other or each in a list of its own."""
    if not isinstance(listed, list):
        raise KeypointsError("holds points that are no list", READ)
    if listed and all(isinstance(each, (list, tuple)) for each in listed):
        if any(len(each) != 3 for each in listed):
            raise KeypointsError("holds points that are not x, y and a confidence", READ)
        numbers = [number for each in listed for number in each]
    else:
        numbers = listed
    points = len(numbers) // 3
    if len(numbers) % 3 or points not in LAYOUTS:
        name = UNREAD.get(points) if len(numbers) % 3 == 0 else None
        raise KeypointsError(f"is in a format that is not read: {name}" if name else
                             f"holds {len(numbers)} numbers for a person, which no known format does", READ)
    values = [_number(number) for number in numbers]
    return [(values[at], values[at + 1], values[at + 2]) for at in range(0, len(values), 3)]


def _number(value: Any) -> float:
    """None is how some programs write what was not found."""
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise KeypointsError(f"holds {value!r:.40} where a number belongs", "coordinates are numbers without quotes")
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _size(document: Mapping[str, Any], width: str, height: str) -> Size | None:
    if document.get(width) is None and document.get(height) is None:
        return None
    for key in (width, height):
        value = document.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= MOST_PIXELS:
            raise KeypointsError(f"`{key}` is {value!r:.40}, and no number of pixels",
                                 f"leave out {width} and {height} where the picture's size is not known")
    return float(document[width]), float(document[height])


def _list(value: Any, key: str) -> list[Any]:
    """What stands under `key`; nothing at all is nobody."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise KeypointsError(f"`{key}` is no list", READ)
    return value


def _foreign(document: Mapping[str, Any]) -> KeypointsError:
    name = next((name for mark, name in _MARKS.items() if mark in document), None)
    if name:
        return KeypointsError(f"is in a format that is not read: {name}", READ)
    return KeypointsError("holds no keypoints of a person", READ)
