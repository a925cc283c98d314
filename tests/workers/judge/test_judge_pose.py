"""The pose of a picture against the one asked for: a real ViTPose whose weights find dots, and pictures of dots whose
faults are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

import vitpose
from calotype.ground.images import digest_of, pixels_of
from calotype.language.condition import EPOCH
from calotype.language.config import Config
from calotype.language.image import Image as ResolvedImage
from calotype.language.image import Words
from calotype.language.keypoints.layouts import COCO_18
from calotype.language.pose import resolve
from calotype.language.pose.posture import mirror
from calotype.workers.judge.limbs import limbs_too_many
from calotype.workers.judge.pose_likeness import likeness, mirror_image, renamed
from calotype.workers.judge.pose_scorer import Pose
from calotype.workers.protocol import InputGone, Scored

WEIGHTS = "ab" * 32
WRITTEN = {"right": {"shoulder_abduction": 150, "elbow_flexion": 20}, "left": {"hip_abduction": 25}}
REACH = resolve(WRITTEN, "standing", {})
STAND = resolve(None, "standing", {})


@pytest.fixture(scope="module")
def dots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vitpose.dots_model(tmp_path_factory.mktemp("dots"))


def asks(posture: Mapping[str, Any] | None = REACH, view: str = "anterior", **changes: Any) -> dict[str, Any]:
    asked = {} if posture is None else {"posture": posture, "view": view, "side": "right"}
    return {"scorer": "pose", "epoch": 1, "weights": WEIGHTS, "alone": True, **asked, **changes}


def judged(tmp_path: Path, weights: Path, pairs: Iterable[tuple[Any, Mapping[str, Any]]]) -> list[Scored]:
    inputs, requests = {WEIGHTS: weights}, []
    for picture, request in pairs:
        pixels = digest_of(picture)
        inputs[pixels] = tmp_path / f"{pixels}.png"
        picture.save(inputs[pixels])
        requests.append({**request, "pixels": pixels})
    return list(Pose().perform(requests, inputs, lambda: False))  # type: ignore[arg-type]


def score(tmp_path: Path, weights: Path, picture: Any, request: Mapping[str, Any]) -> Scored:
    [scored] = judged(tmp_path, weights, [(picture, request)])
    return scored


def moved(points: Mapping[str, tuple[float, float]], scale: float, across: float, down: float) -> dict[str, tuple[float, float]]:
    return {name: (x * scale + across, y * scale + down) for name, (x, y) in points.items()}


@pytest.mark.parametrize("view", ["anterior", "posterior", "lateral", "oblique"])
def test_the_pose_that_was_asked_for_scores_near_100_and_stands(tmp_path: Path, dots: Path, view: str) -> None:
    scored = score(tmp_path, dots, vitpose.dotted(vitpose.asked(REACH, view)), asks(view=view))
    assert scored.total is not None and scored.total > 85 and scored.reason == ""
    assert scored.total == pytest.approx(100 * scored.parts["oks"], abs=0.1)
    assert scored.parts["oks"] > scored.parts["exchanged"] + 0.2


def test_the_facts_are_the_points_of_the_picture(tmp_path: Path, dots: Path) -> None:
    points = vitpose.asked(REACH, "anterior", hidden=True)
    scored = score(tmp_path, dots, vitpose.dotted(points), asks())
    for name, found, due in zip(COCO_18, scored.facts["keypoints"], scored.facts["asked"], strict=True):
        assert found[:2] == pytest.approx(points[name], abs=6) and 0 < found[2] < 1.2
        assert due[:2] == pytest.approx(points[name], abs=6) or due == [0, 0, 0]
    assert scored.facts["size"] == [vitpose.SIZE, vitpose.SIZE]


def test_where_the_figure_stands_and_how_large_it_is_are_no_part_of_the_pose(tmp_path: Path, dots: Path) -> None:
    """They are told beside it: a map that led the picture has its own place."""
    points = vitpose.asked(REACH, "anterior")
    there, aside = judged(tmp_path, dots, [
        (vitpose.dotted(moved(points, 512 / 896, 0, 0) | {}), asks()), (vitpose.dotted(moved(points, 1.1, -200, -90)), asks())])
    assert aside.total is not None and aside.total > 90 and aside.parts["in_place"] < 0.5
    assert there.reason == aside.reason == ""


def test_another_pose_scores_lower_and_is_not_kept_out(tmp_path: Path, dots: Path) -> None:
    """OKS orders. No bar of it was found that keeps out another pose and never the one asked for."""
    near = resolve({"right": {"shoulder_abduction": 120, "elbow_flexion": 20}, "left": {"hip_abduction": 25}}, "standing", {})
    far = resolve(None, "seated", {})
    one, two, three = judged(tmp_path, dots, [
        (vitpose.dotted(vitpose.asked(posture, "anterior")), asks()) for posture in (REACH, near, far)])
    assert one.total is not None and two.total is not None and three.total is not None
    assert one.total > two.total > three.total and {two.reason, three.reason} == {""}


@pytest.mark.parametrize("view", ["anterior", "posterior", "oblique"])
def test_a_picture_of_the_other_side_must_not_stand(tmp_path: Path, dots: Path, view: str) -> None:
    scored = score(tmp_path, dots, vitpose.dotted(vitpose.asked(mirror(REACH), view)), asks(view=view))
    assert scored.reason.startswith("left and right are exchanged") and scored.total is not None and scored.total < 80


def test_a_mirrored_picture_must_not_stand(tmp_path: Path, dots: Path) -> None:
    """What a mirror shows has the other arm up, and a detector says so: the dots change their colours with their sides."""
    points = vitpose.asked(REACH, "lateral", hidden=True)
    swapped = {name.replace("left", "?").replace("right", "left").replace("?", "right"): (vitpose.SIZE - x, y)
               for name, (x, y) in points.items()}
    scored = score(tmp_path, dots, vitpose.dotted(swapped), asks(view="lateral"))
    assert "exchanged" in scored.reason and scored.parts["exchanged"] > 0.6


def test_a_pose_that_is_the_same_on_both_sides_cannot_have_them_exchanged(tmp_path: Path, dots: Path) -> None:
    """So someone seen from behind instead of from the front is scored, and not kept out."""
    points = vitpose.asked(STAND, "posterior", hidden=True)
    scored = score(tmp_path, dots, vitpose.dotted(points), asks(STAND))
    assert scored.total is not None and scored.total < 80 and scored.reason == "" and "exchanged" not in scored.parts


def test_the_sides_of_a_base_posture_were_chosen_by_nobody(tmp_path: Path, dots: Path) -> None:
    kneeling = resolve(None, "half_kneeling", {})
    other = vitpose.dotted(vitpose.asked(mirror(kneeling), "anterior"))
    assert score(tmp_path, dots, other, asks(kneeling)).reason == ""


def test_a_limb_too_many_must_not_stand_and_is_named_with_its_place(tmp_path: Path, dots: Path) -> None:
    points = vitpose.asked(REACH, "anterior")
    for joint, place in (("wrist", (250, 560)), ("ankle", (350, 640)), ("elbow", (640, 330)), ("knee", (620, 540))):
        scored = score(tmp_path, dots, vitpose.dotted(points, {f"left_{joint}": place}), asks())
        assert scored.reason.startswith(f"a limb too many: a third {joint} is seen at "), joint
        x, y = (int(number) for number in scored.reason.rpartition(" at ")[2].split(", "))
        own = points[f"left_{joint}"]
        assert (x, y) == pytest.approx(place, abs=6) or (x, y) == pytest.approx(own, abs=6)


def test_where_no_pose_is_asked_for_limbs_are_counted_all_the_same(tmp_path: Path, dots: Path) -> None:
    points = vitpose.asked(REACH, "anterior")
    whole, third, of_two = judged(tmp_path, dots, [
        (vitpose.dotted(points), asks(None)), (vitpose.dotted(points, {"left_wrist": (250, 560)}), asks(None)),
        (vitpose.dotted(points, {"left_wrist": (250, 560)}), asks(None, alone=False))])
    assert (whole.total, whole.reason) == (None, "")
    assert third.total == 0 and "a third wrist" in third.reason
    assert (of_two.total, of_two.reason) == (None, ""), "of two people the third hand is the other's"


def test_of_a_picture_without_a_figure_nothing_is_said(tmp_path: Path, dots: Path) -> None:
    """Never 0, and never a pass."""
    few = {name: point for name, point in vitpose.asked(REACH, "anterior").items() if name in ("nose", "left_knee", "left_hip")}
    for picture in (Image.new("RGB", (64, 64), vitpose.GREY), vitpose.dotted(few)):  # type: ignore[arg-type]
        scored = score(tmp_path, dots, picture, asks())
        assert (scored.total, scored.reason, dict(scored.parts)) == (None, "", {})


def image(pose: Any = None, position: str = "standing", **changes: Any) -> ResolvedImage:
    values: dict[str, Any] = {
        "target": "t", "path": "", "spec": "", "kind": "image", "seed": 0, "candidates": 2, "select": "best",
        "renderer": "sdxl", "size": (64, 64), "style": "", "drawing": "line", "preset": {}, "view": "anterior", "side": "right",
        "position": position, "posture": resolve(pose, position, {}), "muscles": (), "joints": (), "characters": ("m",),
        "faces": (), "loras": (), "controls": (), "reference": None, "models": {}, "title": "", "alt": "", "caption": "",
        "tags": (), "words": lambda: Words("", ""), "digest": str, "weights": str, "pixels": str,
        "scoring": {"models": {"pose": {"model": "org/pose", "revision": "r"}}},
    }
    return ResolvedImage(**{**values, **changes})


def test_a_request_holds_what_is_asked_for_and_the_weights() -> None:
    request = Pose().request(image(WRITTEN), "ab")
    assert request == {"scorer": "pose", "epoch": 1, "pixels": "ab", "weights": "org/pose@r", "alone": True,
                       "posture": REACH, "view": "anterior", "side": "right", "figure": EPOCH}
    assert request == Pose().request(image(WRITTEN, title="other", seed=3, style="photo"), "ab")


def test_a_picture_of_a_character_that_nothing_is_said_of_need_not_stand() -> None:
    """Of an exercise, someone standing is asked for; of a character or a scene `standing` is what is left out."""
    for kind in ("anchor", "variation", "shot"):
        request = Pose().request(image(kind=kind), "ab")
        assert request is not None and "posture" not in request
        assert "posture" in (Pose().request(image(kind=kind, position="seated"), "ab") or {})
        assert Pose().request(image(kind=kind, characters=("m", "n")), "ab") is None
    assert "posture" in (Pose().request(image(), "ab") or {})


def test_nothing_is_said_of_a_close_up() -> None:
    assert Pose().request(image(WRITTEN, view="close-up"), "ab") is None


def test_a_project_names_the_model() -> None:
    assert Config().scoring["models"]["pose"] == {"model": "usyd-community/vitpose-base-simple"}
    assert Pose().unavailable_reason() is None


def test_the_order_and_the_numbers_do_not_depend_on_the_batch(tmp_path: Path, dots: Path) -> None:
    postures = [REACH, mirror(REACH), STAND, resolve(None, "seated", {}), resolve(None, "supine", {})]
    pairs = [(vitpose.dotted(vitpose.asked(posture, "anterior")), asks()) for posture in postures]
    together = judged(tmp_path, dots, pairs)
    alone = [score(tmp_path, dots, *pair) for pair in reversed(pairs)][::-1]
    assert [(each.total, each.parts, each.facts, each.reason) for each in together] == [
        (each.total, each.parts, each.facts, each.reason) for each in alone]
    assert [each.index for each in together] == list(range(5))


def test_a_picture_with_transparency_is_read_as_it_is_seen(tmp_path: Path, dots: Path) -> None:
    picture = vitpose.dotted(vitpose.asked(REACH, "anterior"))
    clear = picture.convert("RGBA")
    clear.putalpha(ImageOps.invert(Image.new("L", picture.size, 0)))
    assert score(tmp_path, dots, clear, asks()).parts == score(tmp_path, dots, picture, asks()).parts


def test_a_picture_that_is_another_by_now_is_gone(tmp_path: Path, dots: Path) -> None:
    path = tmp_path / "other.png"
    Image.new("RGB", (8, 8), "red").save(path)
    with pytest.raises(InputGone):
        list(Pose().perform([{**asks(), "pixels": "00" * 32}], {"00" * 32: path, WEIGHTS: dots}, lambda: False))
    assert pixels_of(path) != "00" * 32


def flat(points: Mapping[str, tuple[float, float]]) -> list[tuple[float, float, float]]:
    return [(*points[name], 1.0) if name in points else (0.0, 0.0, 0.0) for name in COCO_18]


def test_exchanged_twice_is_the_same() -> None:
    points = flat(vitpose.asked(REACH, "oblique"))
    assert list(renamed(renamed(points))) == points and list(mirror_image(mirror_image(points))) == points


def test_what_was_asked_for_and_not_found_counts_as_wrong_and_what_hides_counts_not() -> None:
    asked = flat(vitpose.asked(REACH, "lateral"))
    every = flat(vitpose.asked(REACH, "lateral", hidden=True))
    whole = likeness(asked, every)
    lacking = likeness(asked, [point if name != "right_wrist" else (0.0, 0.0, 0.0) for name, point in zip(COCO_18, every, strict=True)])
    assert whole is not None and whole.oks == pytest.approx(1) and lacking is not None
    shown = sum(1 for point in asked if point[2])
    assert shown < 18 and lacking.oks == pytest.approx(1 - 1 / shown, abs=0.02)


def test_a_second_place_at_the_other_side_or_too_weak_or_near_is_no_limb() -> None:
    points = flat(vitpose.asked(STAND, "anterior"))
    left, right = (points[COCO_18.index(f"{side}_wrist")] for side in ("left", "right"))
    far = (left[0] + 200, left[1], 0.9)
    assert [joint for joint, _ in limbs_too_many(points, {"left_wrist": [left, far], "right_wrist": [right]})] == ["wrist"]
    for second in ((*right[:2], 0.95), (*far[:2], 0.35), (left[0] + 20, left[1], 0.95), (*far[:2], 0.6)):
        assert not list(limbs_too_many(points, {"left_wrist": [left, second], "right_wrist": [right]}))
    assert not list(limbs_too_many([], {})) and not list(limbs_too_many(points, {"left_wrist": [left]}))
