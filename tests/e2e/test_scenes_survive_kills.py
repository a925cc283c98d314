"""A scene that is killed while it begins has its picture as its first shot, or has not begun."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from calotype.ground.images import digest_of
from survival import KILLED, Studio, at_change, at_point, child, studio

__all__ = ["studio"]

POINTS = ("scene-picture-kept", "scene-written", "scene-picture-put-in")
SPEC, SHOT, PICTURE = "specs/scenes/pots.yaml", "scenes/pots/establish", "content/images/scenes/pots/establish.png"
NEW = ("scene", "new", "pots", "--brief", "A potter at work", "--image")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.png"
    Image.linear_gradient("L").convert("RGB").resize((24, 16)).save(file)
    return file


@pytest.fixture
def painted(studio: Studio) -> Studio:
    studio.write("calotype.yaml", "version: 1\nrenderer: painter\n")
    (studio.root / "specs").mkdir(exist_ok=True)
    return studio


def stands(space: Studio, own: Path) -> None:
    """The scene is begun, by the command that was killed or by the same one again, and its picture is the first shot."""
    before = len(space.painted)
    done = space.call("build", "--json")
    assert done.code == 0, done.out + done.err
    if not (space.root / SPEC).exists():
        assert space.call(*NEW, str(own)).code == 0
        done = space.call("build", "--json")
    with Image.open(space.root / PICTURE) as published, Image.open(own) as picture:
        assert digest_of(published) == digest_of(picture)
    assert done.json["renders"] == len(space.painted) - before == 12  # of the other three shots
    assert space.call("check").code == 0 and not (space.root / "cache/state/begun").exists()


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point_the_next_build_renders_no_first_shot(painted: Studio, own: Path, point: str) -> None:
    assert child(painted, *NEW, str(own), first=at_point(point)) == KILLED, (painted.notes / "said").read_text()
    assert (painted.root / SPEC).exists() == (point != "scene-picture-kept")
    stands(painted, own)


@pytest.mark.parametrize("number", range(1, 40, 3))
def test_killed_before_a_change_to_the_disk_the_next_build_renders_no_first_shot(
    painted: Studio, own: Path, number: int
) -> None:
    assert child(painted, *NEW, str(own), first=at_change(painted.root, number)) in (KILLED, 0)
    stands(painted, own)


def test_a_picture_that_fits_no_more_is_told_once_and_hinders_no_other_build(painted: Studio, own: Path) -> None:
    assert child(painted, *NEW, str(own), first=at_point("scene-written")) == KILLED
    text = painted.read(SPEC)
    painted.write(SPEC, text.replace("- 24\n", "- 32\n").replace("[24, 16]", "[32, 16]"))
    done = painted.call("build")
    assert done.code == 2 and "was begun with cannot be put in" in done.err and f"calotype pick {SHOT} FILE" in done.err
    assert painted.call("build").code == 0
