"""`calotype show`: one target, its candidates and what was decided of them; and copies, to be retouched outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from calotype import Project
from calotype.ground.images import pixels_of
from conftest import Run, Space

TARGET = "characters/leo/anchors/front"
ASSET = "content/images/characters/leo/anchors/front.png"
LEO = """\
kind: character
id: leo
prompt: a boy
anchors: {candidates: 3, poses: [{id: front, prompt: front view, pose: {base: standing}}]}
"""


@pytest.fixture
def leo(space: Space) -> Space:
    """A character with one anchor of three candidates, built."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [32, 32]}\n")
    space.write("specs/characters/leo.yaml", LEO)
    assert space.call("build", "-q").code == 0
    return space


def written(space: Space, folder: str = "out", *words: str) -> Run:
    return space.call("show", TARGET, "--candidates", "-o", str(space.root / folder), "--json", *words)


def scores(space: Space, folder: str = "out") -> list[dict[str, Any]]:
    value = json.loads(space.read(f"{folder}/scores.json"))
    assert (value["schema"], value["target"]) == (1, TARGET)
    return list(value["candidates"])


def view(space: Space) -> dict[str, Any]:
    done = space.call("show", TARGET, "--json")
    assert done.code == 0
    return dict(done.json)


def code(done: Run) -> tuple[int, str]:
    return done.code, done.json["diagnostics"][0]["code"]


def test_it_tells_picture_candidates_and_decisions(leo: Space) -> None:
    assert leo.call("reject", TARGET, "2", "--reason", "too thin").code == 0
    assert leo.call("approve", TARGET, "1").code == 0
    assert leo.call("build", "-q").code == 0
    told = view(leo)
    assert (told["target"], told["state"], told["decision"], told["path"], told["origin"]) == (
        TARGET, "up_to_date", "approved", ASSET, "rendered")
    assert told["pixels"] == pixels_of(leo.root / ASSET)
    rows = told["candidates"]
    assert [row["number"] for row in rows] == [1, 2, 3]
    assert [row["picked"] for row in rows] == [row["approved"] for row in rows] == [True, False, False]
    assert [row["reason"] for row in rows] == ["", "too thin", ""]
    assert all(row["scores"]["technical"] >= 0 for row in rows)
    assert [(row["decision"], row["line"]) for row in told["decisions"]] == [("approve", 8), ("reject", 3)]
    text = leo.call("show", TARGET).out
    for words in ("up to date, approved", ASSET, "seed 42", "picked, approved", "rejected: too thin",
                  "specs/picks/characters/leo.yaml:3"):
        assert words in text


def test_it_reads_and_writes_nothing(leo: Space) -> None:
    before = leo.snapshot("specs", "content", "build", "cache")
    assert leo.call("show", TARGET).code == 0
    assert leo.snapshot("specs", "content", "build", "cache") == before


def test_before_a_build_it_says_that_nothing_is_there(space: Space) -> None:
    space.write("specs/characters/leo.yaml", LEO)
    space.write("calotype.yaml", "version: 1\n")
    assert "nothing is published yet" in space.call("show", TARGET).out
    assert code(written(space)) == (2, "not-rendered")
    assert code(space.call("show", TARGET, "-o", str(space.root / "out"), "--json")) == (2, "not-published")
    assert not (space.root / "out").exists()


def test_an_unknown_target_and_no_folder_are_refused(leo: Space) -> None:
    assert code(leo.call("show", "characters/leo/anchors/back", "--json"))[0] == 2
    assert code(leo.call("show", TARGET, "--candidates", "--json")) == (2, "usage")


def test_every_candidate_is_written_with_its_scores(leo: Space) -> None:
    leo.call("reject", TARGET, "3", "--reason", "blurred")
    done = written(leo)
    assert done.code == 0
    rows = scores(leo)
    assert [row["file"] for row in rows] == ["front_01.png", "front_02.png", "front_03.png"]
    assert [row["pixels"] for row in rows] == [pixels_of(leo.root / "out" / row["file"]) for row in rows]
    assert [row["seed"] for row in rows] == [42, 43, 44]
    assert [(row["rejected"], row["reason"]) for row in rows][2] == (True, "blurred")
    assert sum(row["picked"] for row in rows) == 1 and {row["origin"] for row in rows} == {"rendered"}
    assert all("technical" in row["scores"] for row in rows)
    assert [row["file"] for row in done.json["candidates"]] == [row["file"] for row in rows]
    assert leo.files("out") == ["out/front_01.png", "out/front_02.png", "out/front_03.png", "out/scores.json"]
    assert leo.call("show", TARGET, "--candidates", "-o", str(leo.root / "out")).out.count("front_0") == 3


def test_a_retouched_one_comes_back_and_is_never_overwritten(leo: Space) -> None:
    assert written(leo).code == 0
    file = leo.root / "out/front_02.png"
    done = leo.call("pick", TARGET, str(file), "--json")
    assert code(done) == (2, "known-picture") and f"calotype pick {TARGET} 2" in done.json["diagnostics"][0]["hint"]
    Image.new("RGB", (32, 32), "orange").save(file)
    before = leo.snapshot("out")
    assert code(written(leo)) == (2, "in-the-way")
    assert leo.snapshot("out") == before
    assert leo.call("pick", TARGET, str(file)).code == 0
    assert pixels_of(leo.root / ASSET) == pixels_of(file)
    assert written(leo, "again").code == 0
    (imported,) = [row for row in scores(leo, "again") if row["origin"] == "imported"]
    assert (imported["number"], imported["seed"], imported["picked"], imported["file"]) == (
        None, None, True, "front_imported.png")
    assert view(leo)["candidates"][-1]["pixels"] == pixels_of(file)


def test_copies_of_before_are_replaced_when_nobody_touched_them(leo: Space) -> None:
    assert written(leo).code == 0
    before = leo.snapshot("out")
    assert written(leo).code == 0
    leo.edit("specs/characters/leo.yaml", "standing", "seated")
    leo.call("build", "-q")
    assert written(leo).code == 0
    after = leo.snapshot("out")
    assert all(after[name][0] != before[name][0] for name in before)
    assert [row["pixels"] for row in scores(leo)] == [
        pixels_of(leo.root / f"out/front_0{number}.png") for number in (1, 2, 3)]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"candidates": [{"file": 3}]}', "[" * 100_000])
def test_a_list_that_is_none_vouches_for_nothing(leo: Space, text: str) -> None:
    leo.write("out/scores.json", text)
    leo.write("out/front_01.png", b"mine")
    assert code(written(leo)) == (2, "in-the-way")
    assert leo.read("out/front_01.png") == "mine"


def test_candidates_whose_bytes_are_gone_are_named(leo: Space) -> None:
    picked = next(row["number"] for row in view(leo)["candidates"] if row["picked"])
    leo.remove("cache")
    done = written(leo)
    assert done.code == 1
    assert {diagnostic["code"] for diagnostic in done.json["diagnostics"]} == {"gone"}
    assert [row["file"] is not None for row in scores(leo)] == [number == picked for number in (1, 2, 3)]
    assert len(leo.files("out")) == 2


@pytest.mark.parametrize("folder", ["specs", "specs/out", "content/out", "cache/x", "templates", "link/x"])
def test_no_copy_lies_where_a_build_reads(leo: Space, folder: str) -> None:
    (leo.root / "link").symlink_to("specs")
    before = leo.snapshot("specs", "content")
    assert code(written(leo, folder)) == (2, "in-the-way")
    assert code(leo.call("show", TARGET, "-o", str(leo.root / folder), "--json")) == (2, "in-the-way")
    assert leo.snapshot("specs", "content") == before


def test_a_file_in_the_place_of_the_folder_is_left(leo: Space) -> None:
    leo.write("out", b"mine")
    assert code(written(leo)) == (2, "in-the-way") and code(written(leo, "out/below")) == (2, "in-the-way")
    assert leo.read("out") == "mine"


def test_the_published_picture_is_copied_as_it_is(leo: Space, tmp_path: Path) -> None:
    done = leo.call("show", TARGET, "-o", str(tmp_path / "there"), "--json")
    assert done.code == 0
    assert Path(done.json["path"]).read_bytes() == (leo.root / ASSET).read_bytes()
    assert Path(done.json["path"]).name == "front.png"


def test_a_hundred_candidates_have_three_digits(leo: Space) -> None:
    leo.edit("specs/characters/leo.yaml", "candidates: 3", "candidates: 100, size: [16, 16], select: first")
    assert leo.call("build", "-q").code == 0
    assert written(leo).code == 0
    assert leo.files("out")[0] == "out/front_001.png" and len(leo.files("out")) == 101


def test_in_python(leo: Space) -> None:
    project = Project.open(leo.root)
    assert project.show(TARGET).candidates[0].number == 1
    files = project.write_candidates(TARGET, leo.root / "out")
    assert not files.gone and len(files.candidates) == 3
    Image.new("RGB", (32, 32), "orange").save(leo.root / "out/front_01.png")
    assert project.pick(TARGET, leo.root / "out/front_01.png").decision == "import"
    assert project.write_picture(TARGET, leo.root / "pictures").endswith("pictures/front.png")


def test_where_no_folder_can_be_made_is_told(leo: Space) -> None:
    for words in ([], ["--candidates"]):
        done = leo.call("show", TARGET, *words, "-o", "/proc/nowhere", "--json")
        assert code(done) == (2, "in-the-way")


def test_a_training_set_is_no_image_and_the_hint_says_who_tells_of_it(leo: Space) -> None:
    leo.write("specs/characters/leo.yaml", f"{LEO}training_set: {{trigger_word: leo}}\n")
    name = "characters/leo/training_set"
    for words in (["show", name], ["pick", name, "1"], ["include", name], ["exclude", name, "--reason", "why"]):
        done = leo.call(*words, "--json")
        assert code(done) == (2, "unknown-target")
        assert done.json["diagnostics"][0]["hint"] == f"`calotype explain {name}` tells of it"
    assert leo.call("explain", name).code == 0
