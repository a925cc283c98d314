"""Front and back of the figure are told apart at a glance, whoever's hair it has and however it is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calotype.language.pose import check, resolve
from calotype.workers.render.mannequin import line_art
from calotype.workers.render.mannequin.draw import draw
from calotype.workers.render.mannequin.maps import maps
from calotype.workers.render.mannequin.scene import compose, figure, render
from calotype.workers.render.mannequin.surface.wardrobe import HAIR, clothes
from calotype.workers.render.mannequin.svg import svg

SIZE = (512, 512)
UPRIGHT = ("standing", "seated", "kneeling", "hanging", "quadruped")


def request(pose: Any, view: str, drawing: str = "line", size: tuple[int, int] = SIZE) -> dict[str, Any]:
    return {"seed": None, "size": list(size), "drawing": drawing, "view": view, "side": "right",
            "posture": resolve(pose, None, {}), "muscles": [], "joints": []}


def surface(pose: Any, view: str) -> Any:
    scene, = compose([figure(resolve(pose, None, {}), SIZE)], view, "right", (), SIZE)
    return render(scene, 2)


def hair(pose: Any, view: str) -> int:
    return int((clothes(surface(pose, view), True) == HAIR).sum())


def dark(pose: Any, view: str) -> int:
    """Pixels of eyes and navel."""
    return int(line_art.marks(surface(pose, view), 1024)[1].sum())


@pytest.mark.parametrize("base", ["standing", "seated", "kneeling", "hanging"])
def test_the_face_is_in_front_and_the_hair_behind(base: str) -> None:
    assert dark(base, "anterior") > 20 and dark(base, "posterior") == 0
    assert hair(base, "posterior") > 1.8 * hair(base, "anterior") > 0


@pytest.mark.parametrize("drawing", ["line", "mesh"])
@pytest.mark.parametrize("base", UPRIGHT)
def test_front_and_back_are_drawn_apart(base: str, drawing: str) -> None:
    """Without hair and props too: a figure and its mirror image from behind would differ in little but shade."""
    pose = {"base": base, "figure": {"hair": "none"}}
    front, back = (np.asarray(draw(request(pose, view, drawing)).convert("L"), int) for view in ("anterior", "posterior"))
    assert (np.abs(front - back[:, ::-1]) > 60).sum() > 250


def test_hair_is_none_short_or_long_and_each_is_another_picture() -> None:
    drawn = {style: draw(request({"base": "standing", "figure": {"hair": style}}, "posterior")).tobytes()
             for style in ("none", "short", "long")}
    assert len(set(drawn.values())) == 3
    assert drawn["short"] == draw(request("standing", "posterior")).tobytes()
    assert resolve({"base": "standing", "figure": {"hair": "short"}}, None, {}) == resolve("standing", None, {})


def test_long_hair_falls_down_the_back_and_leaves_the_face_free() -> None:
    long = {"base": "standing", "figure": {"hair": "long"}}
    assert dark(long, "anterior") == dark("standing", "anterior")
    assert hair(long, "posterior") > 1.3 * hair("standing", "posterior")


@pytest.mark.parametrize("value", ["curly", 3, None])
def test_other_hair_is_refused_with_what_there_is(value: Any) -> None:
    (finding,) = check({"base": "standing", "figure": {"hair": value}}, {})
    assert finding.severity == "error" and finding.pointer == ("figure", "hair")


def test_hair_does_not_ask_who_is_nearest() -> None:
    from calotype.language.pose.distance import distance

    long = resolve({"base": "standing", "figure": {"hair": "long"}}, None, {})
    assert distance(long, resolve("standing", None, {}), "lateral", "lateral") == 0


def test_the_svg_has_the_same_marks() -> None:
    assert "#969ba3" in svg(request("standing", "posterior")) and "#777" in svg(request("standing", "posterior"))
    bald = svg(request({"base": "standing", "figure": {"hair": "none"}}, "posterior"))
    assert "#969ba3" not in bald


def test_control_maps_show_no_hair() -> None:
    """It is the ControlNet's to draw a person: a hairline would lead it."""
    pictures = [
        maps(resolve({"base": "standing", "figure": {"hair": style}}, None, {}), "posterior", "right", (256, 256)).pictures
        for style in ("none", "short")
    ]
    assert {kind: picture.tobytes() for kind, picture in pictures[0].items()} == {
        kind: picture.tobytes() for kind, picture in pictures[1].items()}


def test_a_small_figure_is_not_covered_with_lines() -> None:
    small, = compose([figure(resolve("standing", None, {}), (64, 64))], "anterior", "right", (), (64, 64))
    assert not line_art.marks(render(small, 2), 128)[0].any()


@pytest.mark.parametrize(("base", "view", "shows"), [
    ("prone", "anterior", "back"), ("prone", "posterior", "back"), ("supine", "anterior", "face"),
    ("supine", "posterior", "face"),
])
def test_someone_lying_is_seen_from_above_whatever_the_view(base: str, view: str, shows: str) -> None:
    assert (dark(base, view) > 0) == (shows == "face")
