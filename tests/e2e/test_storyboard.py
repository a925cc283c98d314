"""From a brief to a finished board: variations of one prompt, ranked, each shot from the best of the one before."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from kit import build, manifest_lines, use_sketch
from PIL import Image

from conftest import Space

BRIEF = "Artisan coffee that starts your morning right"
SHOTS = [f"scenes/coffee/{name}" for name in ("establish", "touch", "use", "close")]


@pytest.fixture
def board(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\nscoring: {weights: {technical: 1}}\ndefaults: {size: [64, 64]}\n")
    (space.root / "specs").mkdir()
    return space


def begun(space: Space, *words: str) -> dict[str, Any]:
    assert space.call("scene", "new", "coffee", "--brief", BRIEF, *words).code == 0
    done = build(space)
    assert done.code == 0
    return done.json


def test_each_shot_has_four_variations_of_one_enhanced_prompt_with_other_seeds(board: Space) -> None:
    done = begun(board)
    assert (done["renders"], done["actions"]["score"], done["actions"]["enhance"]) == (16, 16, 4)
    for line in manifest_lines(board).values():
        assert [candidate["seed"] for candidate in line["candidates"]] == [42, 43, 44, 45]
        assert len({candidate["pixels"] for candidate in line["candidates"]}) == 4
        assert line["request"]["prompt"] == line["prompt"] and "degrees" in line["prompt"]


def test_the_best_is_picked_and_is_the_reference_of_the_next_shot(board: Space) -> None:
    begun(board)
    lines = manifest_lines(board)
    for line in lines.values():
        scores = [candidate["scores"]["technical"] for candidate in line["candidates"]]
        assert line["pick"] == {"by": "score", "candidate": scores.index(max(scores)) + 1}
    assert lines[SHOTS[0]]["request"]["reference"] is None
    for before, shot in pairwise(SHOTS):
        assert lines[shot]["request"]["reference"]["pixels"] == lines[before]["pixels"]


def test_another_pick_of_the_second_shot_renders_the_third_and_fourth_and_picking_back_nothing(board: Space) -> None:
    begun(board)
    picked = manifest_lines(board)[SHOTS[1]]["pick"]["candidate"]
    assert board.call("pick", SHOTS[1], str(picked % 4 + 1)).code == 0
    done = build(board)
    assert done.json["renders"] == 8 and "enhance" not in done.json["actions"]
    assert done.statuses == {SHOTS[1]: "cached", SHOTS[2]: "rendered", SHOTS[3]: "rendered"}
    assert board.call("pick", SHOTS[1], str(picked)).code == 0
    again = build(board)
    assert again.code == 0 and again.json["renders"] == 0


def test_ones_own_picture_is_the_first_shot_and_the_next_starts_from_it(board: Space, tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((96, 64)).save(tmp_path / "own.png")
    done = begun(board, "--image", str(tmp_path / "own.png"))
    assert done["renders"] == 12
    lines = manifest_lines(board)
    assert lines[SHOTS[0]]["origin"] == "imported"
    assert lines[SHOTS[1]]["request"]["reference"]["pixels"] == lines[SHOTS[0]]["pixels"]
    assert build(board).json["renders"] == 0


def test_a_simple_board_renders_each_shot_once_by_itself(board: Space) -> None:
    done = begun(board, "--simple")
    assert done["renders"] == 4 and "enhance" not in done["actions"]
    assert all(line["request"]["reference"] is None for line in manifest_lines(board).values())


def test_a_brief_is_as_good_as_its_spec_on_a_bare_clone(board: Space) -> None:
    begun(board)
    board.remove("cache")
    assert board.call("check", "--full").code == 0 and build(board).json["up_to_date"] == 4
