"""Which tints a view shows, as language tells it, against the pixels of the drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calotype.language.pose import resolve
from calotype.language.pose.terms import BASES
from calotype.language.pose.views.in_view import in_view
from calotype.language.pose.views.muscle_places import PLACES
from calotype.workers.render.mannequin.scene import compose, figure, render
from calotype.workers.render.mannequin.tints.muscles import tint
from conftest import Space

VIEWS = ("lateral", "anterior", "posterior", "oblique")


def seen(name: str, pose: Any, view: str, side: str = "right") -> bool:
    return list(in_view([name], resolve(pose, None, {}), view, side)) == [name]


@pytest.mark.parametrize(("name", "pose", "shows", "hides"), [
    ("erector spinae", "standing", "posterior", "anterior"), ("rectus abdominis", "standing", "anterior", "posterior"),
    ("quadriceps", "standing", "oblique", "posterior"), ("gastrocnemius", "standing", "posterior", "anterior"),
    ("right deltoid", "standing", "lateral", ""), ("left deltoid", "standing", "anterior", "lateral"),
    ("left gastrocnemius", "standing", "posterior", "lateral"), ("gluteus maximus", "prone", "posterior", ""),
    ("erector spinae", "prone", "posterior", ""), ("pectoralis major", "supine", "anterior", ""),
    ("deep neck flexors", "seated", "lateral", "posterior"),
])
def test_a_muscle_is_seen_from_its_side_of_the_body(name: str, pose: str, shows: str, hides: str) -> None:
    assert seen(name, pose, shows)
    assert not hides or not seen(name, pose, hides)


def test_a_close_up_may_show_any_muscle() -> None:
    assert seen("erector spinae", "standing", "close-up")


@pytest.mark.parametrize("base", sorted(BASES))
def test_hardly_a_tint_is_denied_that_the_drawing_shows(base: str) -> None:
    """Of all muscles in all views: no tint of more than a sliver is denied, and most of the hidden ones are known."""
    posture = resolve(base, None, {})
    body = figure(posture, (192, 192))
    denied, hidden, known = [], 0, 0
    for view in VIEWS:
        scene, = compose([body], view, "right", (), (192, 192))
        surface = render(scene, 1)
        for name in PLACES:
            amount = tint(scene, surface, 1, [name])
            assert amount is not None
            pixels, told = int((amount[:, 0] > 0.3).sum()), list(in_view([name], posture, view, "right"))
            hidden += pixels < 3
            known += pixels < 3 and not told
            if pixels > 60 and not told:
                denied.append((name, view, pixels))
    assert not denied
    assert known >= 0.15 * hidden


def test_the_alt_text_from_a_pose_tells_of_the_tints_that_show(tmp_path: Path) -> None:
    space = Space(tmp_path)
    assert space.run("init").code == 0
    space.write("specs/exercises/hip/tints.yaml", (
        "kind: exercise\nid: tints\nregion: hip\ntitle: Tints\nimages:\n"
        "  - {view_angle: anterior, pose: standing, muscles_shown: [gastrocnemius, quadriceps], size: [64, 64]}\n"))
    assert space.run("build", "exercises/tints").code == 0
    assert "Shown besides: quadriceps highlighted." in space.read("content/manifest/exercises/hip.jsonl")
    told = space.run("pose", "exercises/tints", "--json")
    assert "quadriceps highlighted" in told.out and "gastrocnemius" not in told.out
