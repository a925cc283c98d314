"""`calotype scene new`: a brief becomes a spec that builds at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from PIL import Image

import calotype
from calotype.ground.images import digest_of
from calotype.language.board.board import board_of
from calotype.project.new_scene import SceneOptions, scene_text
from conftest import Space

BRIEF = "Artisan coffee that starts your morning right"
BRIEFS = ["Tea for two", "Fresh bread", "Luxury perfume", "A face serum", "Luxury watch", "Tech startup", "Running shoes", "A vase",
          "A small hotel by the sea", "A bank for farmers", "An electric car"]
SPEC = "specs/scenes/coffee.yaml"


@pytest.fixture
def project(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    (space.root / "specs").mkdir(exist_ok=True)
    return space


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "mine.png"
    Image.linear_gradient("L").resize((96, 64)).save(file)
    return file


def test_a_brief_becomes_four_shots_that_build(project: Space) -> None:
    done = project.run("scene", "new", "coffee", "--brief", BRIEF, "--json")
    assert done.code == 0 and done.json["file"] == SPEC
    assert done.json["targets"] == [f"scenes/coffee/{name}" for name in ("establish", "touch", "use", "close")]
    text = project.read(SPEC)
    assert "candidates: 4\n" in text and "chain: true\n" in text and "enhance: {iterations: 4, threshold: 85}\n" in text
    built = project.run("build", "--json")
    assert built.code == 0 and built.json["renders"] == 16


@pytest.mark.parametrize("brief", BRIEFS)
def test_every_kind_of_board_is_valid_and_can_be_drawn(project: Space, brief: str) -> None:
    assert project.call("scene", "new", "board", "--brief", brief, "--duration", "32", "--simple").code == 0
    done = project.run("validate", "--json")
    assert done.code == 0 and done.json["diagnostics"] == []
    assert project.run("plan", "--json").json["renders"] > 0


def test_a_simple_scene_enhances_nothing_and_chains_nothing(project: Space) -> None:
    assert project.call("scene", "new", "coffee", "--brief", BRIEF, "--simple").code == 0
    text = project.read(SPEC)
    assert not any(key in text for key in ("enhance", "candidates", "chain", "reference"))
    assert project.run("build", "--json").json["renders"] == 4


def test_markers_stand_once_and_are_said_in_every_shot(project: Space) -> None:
    project.call("scene", "new", "coffee", "--brief", BRIEF)
    assert project.read(SPEC).count("chestnut brown hair") == 1
    outcome = calotype.Project.open(project.root).plan(prompts=True)
    assert all("chestnut brown hair" in target.prompt and "oak table" in target.prompt for target in outcome.prompts or ())
    assert len(outcome.prompts or ()) == 4


def test_the_same_brief_gives_the_same_bytes(project: Space) -> None:
    project.call("scene", "new", "coffee", "--brief", BRIEF)
    first = project.read(SPEC)
    project.remove(SPEC)
    project.call("scene", "new", "coffee", "--brief", f"  {BRIEF}\n")
    assert project.read(SPEC) == first


def test_a_picture_of_ones_own_is_the_first_shot(project: Space, picture: Path) -> None:
    assert project.call("scene", "new", "coffee", "--brief", BRIEF, "--image", str(picture)).code == 0
    with Image.open(project.root / "content/images/scenes/coffee/establish.png") as published, Image.open(picture) as own:
        assert digest_of(published) == digest_of(own)
    built = project.run("build", "--json")
    assert built.code == 0 and built.json["renders"] == 12
    assert "scenes/coffee/establish" not in [target["target"] for target in built.json["targets"]]


@pytest.mark.parametrize(("size", "became"), [
    ((97, 64), "cropped to 96 x 64"), ((4096, 2048), "scaled to 2048 x 1024"), ((3001, 1999), "scaled and cropped to 2048 x 1360"),
    ((5, 5), "scaled to 16 x 16"),
])
def test_a_picture_of_any_size_is_brought_to_one_that_shots_can_have(
    project: Space, tmp_path: Path, size: tuple[int, int], became: str
) -> None:
    file = tmp_path / "odd.png"
    Image.linear_gradient("L").resize(size).save(file)
    done = project.run("scene", "new", "coffee", "--brief", BRIEF, "--image", str(file), "--json")
    [note] = done.json["diagnostics"]
    assert done.code == 0 and note["code"] == "picture-fitted" and f"it is {became}" in note["message"]
    width, height = map(int, became.rpartition(" to ")[2].split(" x "))
    assert f"size:\n- {width}\n- {height}\n" in project.read(SPEC) or f"size: [{width}, {height}]" in project.read(SPEC)
    with Image.open(project.root / "content/images/scenes/coffee/establish.png") as published:
        assert published.size == (width, height)


def test_a_picture_that_fits_is_not_spoken_of(project: Space, picture: Path) -> None:
    done = project.run("scene", "new", "coffee", "--brief", BRIEF, "--image", str(picture), "--json")
    assert done.json["diagnostics"] == []


def test_a_brief_that_is_not_english_stands_as_it_is_and_is_noted(project: Space) -> None:
    done = project.run("scene", "new", "kaffee", "--brief", "Ein Kaffee, der deinen Morgen weckt", "--json")
    assert done.code == 0 and [note["code"] for note in done.json["diagnostics"]] == ["brief-language"]
    assert "reaches with one hand for Ein Kaffee, der deinen Morgen weckt" in project.read("specs/scenes/kaffee.yaml")
    assert project.run("validate", "--json").json["diagnostics"] == []


def test_what_is_no_picture_leaves_no_spec(project: Space, tmp_path: Path) -> None:
    file = tmp_path / "text.png"
    file.write_text("no picture")
    assert project.run("scene", "new", "coffee", "--brief", BRIEF, "--image", str(file)).code == 2
    assert not (project.root / SPEC).exists()


def test_nothing_is_overwritten(project: Space) -> None:
    project.write(SPEC, "mine")
    done = project.run("scene", "new", "coffee", "--brief", BRIEF)
    assert done.code == 2 and "error[scene-exists]" in done.err and project.read(SPEC) == "mine"


def test_an_id_that_another_file_has_is_refused(project: Space) -> None:
    project.write("specs/scenes/old/other.yaml", "kind: scene\nid: coffee\nshots: [{id: a, prompt: standing}]\n")
    done = project.run("scene", "new", "coffee", "--brief", BRIEF)
    assert done.code == 2 and "specs/scenes/old/other.yaml" in done.err and not (project.root / SPEC).exists()


@pytest.mark.parametrize(("words", "code"), [
    (("Bad Id", "--brief", BRIEF), "bad-id"),
    (("../up", "--brief", BRIEF), "bad-id"),
    (("coffee", "--brief", " \n"), "empty-brief"),
    (("coffee", "--brief", "tea\x07"), "odd-brief"),
    (("coffee", "--brief", "tea " * 600), "long-brief"),
    (("coffee", "--brief", BRIEF, "--duration", "0"), "usage"),
    (("coffee",), "usage"),
])
def test_what_cannot_be_used_is_told_and_writes_nothing(project: Space, words: tuple[str, ...], code: str) -> None:
    before = project.snapshot(".")
    done = project.run("scene", "new", *words)
    assert done.code == 2 and f"error[{code}]" in done.err
    assert project.snapshot(".") == before


@pytest.mark.parametrize("brief", ['Tea: the "best" {one} #1', "Ünïcode – 茶 für dich", "- yes: [no]", "'quoted'"])
def test_any_words_survive_in_the_spec(project: Space, brief: str) -> None:
    assert project.call("scene", "new", "coffee", "--brief", brief).code == 0
    assert project.run("validate").code == 0
    assert calotype.Project.open(project.root).list()[0].target == "scenes/coffee/establish"


@pytest.mark.parametrize("brief", ["A girl drinks tea", "A boy eats fresh bread", "A girl tries running shoes", "A grandmother with a luxury watch"])
def test_whom_the_brief_names_is_drawn_and_reaches_what_she_touches(project: Space, brief: str) -> None:
    assert project.call("scene", "new", "board", "--brief", brief, "--duration", "32", "--simple").code == 0
    text = project.read("specs/scenes/board.yaml")
    assert ("height: 140" in text) is ("girl" in brief or "boy" in brief) and "sex: " in text
    assert project.run("validate", "--json").json["diagnostics"] == []


def test_each_shot_is_told_in_a_sentence_and_none_lists_angles(project: Space) -> None:
    project.call("scene", "new", "coffee", "--brief", BRIEF, "--simple")
    shown = project.read(SPEC)
    assert "alt: The woman reaches with one hand for a white ceramic coffee mug on the table, fingers just short of it.\n" in shown
    assert shown.count("alt: ") == 4


@pytest.mark.parametrize(("config", "size"), [
    ("", "size: [1280, 720]\n"), ("defaults: {candidates: 2}\n", "size: [1280, 720]\n"), ("defaults: {size: [64, 64]}\n", ""),
    ("defaults: {preset: draft}\n", ""), ("presets: {standard: {size: [768, 768]}}\n", ""),
])
def test_shots_are_those_of_a_film_where_the_project_says_no_size(project: Space, config: str, size: str) -> None:
    project.write("calotype.yaml", f"version: 1\n{config}")
    assert project.call("scene", "new", "coffee", "--brief", BRIEF).code == 0
    text = project.read(SPEC)
    assert size in text if size else "size:" not in text


@pytest.mark.parametrize(("brief", "title"), [
    (BRIEF, BRIEF),
    ("Hiking boots that last: a woman with short black hair climbs a mountain ridge at sunset", "Hiking boots that last"),
    ("Sunscreen for swimmers. Sea, salt, nothing sticky, and a young man without any logo on him", "Sunscreen for swimmers"),
    ("A grandfather in a green cardigan makes tea for his granddaughter in a small cottage", "A grandfather in a green cardigan makes tea for his…"),
    ("... " * 20 + "tea", "... ... ... ... ... ... ... ... ... ... ... ... ... ... ...…"),
])
def test_a_title_is_the_first_clause_of_a_long_brief(brief: str, title: str) -> None:
    text = scene_text("a", brief, board_of(brief, 1), SceneOptions())
    assert yaml.safe_load(text)["title"] == title
