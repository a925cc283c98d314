"""What a character settles holds in every image it is in: image, spec, first character, defaults, in this order."""

from __future__ import annotations

import shutil

import pytest
from kit import build, codes, explained, manifest_lines, nod_spec, reason, tally, use_sketch
from PIL import Image

from calotype.plan import parts
from conftest import Space

ANN, BOB, CONFIG = "specs/characters/ann.yaml", "specs/characters/bob.yaml", "calotype.yaml"
NOD, TEA, WALL = "specs/exercises/neck/nod.yaml", "specs/scenes/tea.yaml", "specs/exercises/neck/wall.yaml"
ANN_SPEC = """\
kind: character
id: ann
prompt: a girl in red
preset: fast
size: [64, 32]
loras: [{name: luca, weight: 0.5}]
controls: [{type: canny, map: refs/edge.png, strength: 0.75}]
reference: {image: refs/first.png, strength: 0.4, method: both}
anchors: {poses: [{id: front}]}
variations: [{id: wave}, {id: bow, strength: 0.5}]
"""
BOB_SPEC = "kind: character\nid: bob\nprompt: a boy\npreset: high\nloras: [{name: ink}]\n"
TEA_SPEC = """\
kind: scene
id: tea
characters: [ann]
chain: true
shots: [{id: pour, prompt: pours}, {id: sip, prompt: sips}]
"""
CONFIG_TEXT = """\
version: 1
renderer: sketch
defaults: {size: [32, 32]%s}
models: {base: org/base}
loras: {luca: {path: loras/luca.safetensors}, ink: {path: loras/ink.safetensors, weight: 0.3}}
"""
FRONT, WAVE = "characters/ann/anchors/front", "characters/ann/variations/wave_01"


@pytest.fixture
def cast(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """Ann has a picture, a preset and more of her own; an exercise and a scene name her, another exercise does not."""
    use_sketch(space, monkeypatch)
    space.write(CONFIG, CONFIG_TEXT % "")
    (space.root / "refs").mkdir()
    for name, colour in (("first", "red"), ("edge", "white"), ("second", "blue")):
        Image.new("RGB", (16, 16), colour).save(space.root / f"refs/{name}.png")
    space.write("loras/luca.safetensors", b"luca")
    space.write("loras/ink.safetensors", b"ink")
    space.write(ANN, ANN_SPEC)
    space.write(BOB, BOB_SPEC)
    space.write(NOD, nod_spec("nod", "characters: [ann]", "characters: [bob, ann]"))
    space.write(TEA, TEA_SPEC)
    space.write(WALL, nod_spec("wall", "seed: 3"))
    return space


def requests(space: Space) -> dict[str, dict[str, object]]:
    """What every published picture was made from, by target: its size, steps, LoRAs, controls, reference."""
    rows = {}
    for target, line in manifest_lines(space).items():
        request = line["request"]
        reference = request["reference"] or {}
        rows[target] = {
            "size": request["size"], "steps": request["steps"], "loras": [use["weight"] for use in request["loras"]],
            "controls": [control["strength"] for control in request["controls"]],
            "reference": (reference.get("strength"), reference.get("method")),
        }
    return rows


def test_every_image_of_a_character_is_made_with_what_it_settles(cast: Space) -> None:
    assert build(cast).code == 0
    made = requests(cast)
    of_ann = {"size": [64, 32], "steps": 20, "loras": [0.5], "controls": [0.75], "reference": (0.4, "both")}
    for target in (FRONT, WAVE, "exercises/nod/01", "scenes/tea/pour", "scenes/tea/sip"):
        assert made[target] == of_ann, target
    assert made["exercises/nod/02"] == {**of_ann, "steps": 40, "loras": [0.3, 0.5]}  # bob comes first, and says a preset
    assert made["exercises/wall/01"] == {
        "size": [32, 32], "steps": 30, "loras": [], "controls": [], "reference": (None, None)}
    assert made["characters/ann/variations/bow_01"]["reference"] == (0.5, "both")


def test_an_image_starts_from_its_characters_picture_and_a_chained_shot_from_the_one_before(cast: Space) -> None:
    build(cast)
    lines = manifest_lines(cast)
    starts = {target: (line["request"]["reference"] or {}).get("pixels") for target, line in lines.items()}
    assert starts["exercises/nod/01"] == starts[FRONT] == starts["scenes/tea/pour"]
    assert starts["scenes/tea/sip"] == lines["scenes/tea/pour"]["pixels"]
    assert starts[WAVE] == lines[FRONT]["pixels"]
    assert tally(build(cast)) == (0, 0, 8, 0)  # its own anchors do not start from one another


def test_an_image_and_its_spec_say_it_before_the_character(cast: Space) -> None:
    cast.write(NOD, nod_spec(
        "nod", "characters: [ann], preset: high, loras: [{name: luca, weight: 0.9}]", "characters: [ann], controls: []",
        "characters: [ann], reference: {image: refs/second.png, strength: 0.6}"))
    cast.edit(NOD, "title: Nod\n", "title: Nod\nsize: [16, 32]\n")
    build(cast)
    made = requests(cast)
    assert {tuple(made[f"exercises/nod/{number:02d}"]["size"]) for number in (1, 2, 3)} == {(16, 32)}  # type: ignore[arg-type]
    assert (made["exercises/nod/01"]["steps"], made["exercises/nod/01"]["loras"]) == (40, [0.9])
    assert made["exercises/nod/02"]["controls"] == []
    assert made["exercises/nod/03"]["reference"] == (0.6, "img2img")


def test_a_lora_of_the_project_stays_beside_that_of_a_character_which_says_how_strongly(cast: Space) -> None:
    cast.write(CONFIG, CONFIG_TEXT % ", loras: [{name: luca, weight: 0.1}, {name: ink}]")
    build(cast)
    made = requests(cast)
    assert made["exercises/nod/01"]["loras"] == [0.5, 0.3]
    assert made["exercises/wall/01"]["loras"] == [0.1, 0.3]


def test_the_characters_of_all_images_hold_in_all_that_name_none(cast: Space) -> None:
    cast.write(CONFIG, CONFIG_TEXT % ", characters: [ann]")
    build(cast)
    assert requests(cast)["exercises/wall/01"]["steps"] == 20
    cast.settle()
    cast.edit(ANN, "preset: fast", "preset: high")
    assert set(cast.call("plan", "--json").statuses) >= {"exercises/wall/01", "exercises/nod/01", FRONT}


@pytest.mark.parametrize(("before", "after", "change"), [
    ("preset: fast", "preset: high", ("steps", 20, 40, ANN, 4)),
    ("size: [64, 32]", "size: [64, 48]", ("size", [64, 32], [64, 48], ANN, 5)),
    ("weight: 0.5", "weight: 0.6", ("loras[luca].weight", 0.5, 0.6, ANN, 6)),
    ("strength: 0.75", "strength: 1", ("controls[0].strength", 0.75, 1.0, ANN, 7)),
    ("strength: 0.4", "strength: 0.45", ("reference.strength", 0.4, 0.45, ANN, 8)),
    ("method: both", "method: img2img", ("reference.method", "both", "img2img", ANN, 8)),
], ids=lambda value: value[0] if isinstance(value, tuple) else "")
def test_an_edit_of_a_character_names_its_line_wherever_it_shows(
    cast: Space, before: str, after: str, change: tuple[object, ...]
) -> None:
    build(cast)
    cast.settle()
    cast.edit(ANN, before, after)
    for target in ("exercises/nod/01", "scenes/tea/pour", FRONT):
        assert change in explained(cast, target), target
    assert f"({ANN}:{change[-1]})" in reason(cast.call("plan", "--json"), "exercises/nod/01")


def test_the_images_of_a_character_are_rendered_again_and_no_others(cast: Space) -> None:
    build(cast)
    cast.settle()
    cast.edit(ANN, "preset: fast", "preset: high")
    done = build(cast)
    assert done.statuses == dict.fromkeys((  # bob's preset came first in the second nod: nothing changes there
        FRONT, WAVE, "characters/ann/variations/bow_01", "exercises/nod/01", "scenes/tea/pour", "scenes/tea/sip",
    ), "rendered")
    cast.settle()
    cast.edit(ANN, "preset: high", "preset: fast")
    assert tally(build(cast))[:2] == (0, 0)


def test_a_clone_without_caches_agrees(cast: Space) -> None:
    build(cast)
    for folder in ("cache", "build"):
        shutil.rmtree(cast.root / folder)
    assert cast.call("check", "--json").json["targets"] == []
    cast.edit(ANN, "preset: fast", "preset: high")
    assert len(cast.call("check", "--json").json["targets"]) >= 4


@pytest.mark.parametrize("fault", [
    ("preset: fast", "preset: fst", "unknown-preset"), ("name: luca", "name: lucca", "unknown-lora"),
    ("type: canny", "type: cany", "unknown-controlnet"), ("refs/first.png", "refs/frst.png", "missing-file"),
    ("refs/first.png", f"content/images/{FRONT}.png", "made-picture"),
], ids=lambda fault: fault[2])
def test_what_is_wrong_with_a_character_is_told_once_and_there(cast: Space, fault: tuple[str, str, str]) -> None:
    before, after, code = fault
    build(cast)
    cast.settle()
    cast.edit(ANN, before, after)
    for words in (["build"], ["plan"], ["check"], ["check", "--full"], ["explain", "exercises/nod/01"]):
        done = cast.call(*words, "--json")
        assert (done.code, codes(done)) == (2, [code]), words
        assert done.json["diagnostics"][0]["file"] == ANN
    cast.edit(ANN, after, before)
    assert tally(build(cast)) == (0, 0, 8, 0)


def unreached(space: Space) -> list[tuple[str, int, str]]:
    found = space.call("validate", "--json").json["diagnostics"]
    assert all(diagnostic["hint"] for diagnostic in found)
    return [(diagnostic["file"], diagnostic["line"], diagnostic["message"].split("`")[1]) for diagnostic in found
            if diagnostic["code"] == "setting-unreached"]


def test_a_setting_of_a_character_that_reaches_no_image_is_a_warning_at_its_line(cast: Space) -> None:
    assert unreached(cast) == []  # ann has images of her own, and bob stands in the exercise
    cast.edit(BOB, "preset: high", "preset: high\nseed: 3\nsize: [16, 16]\npose: {base: seated}")
    assert unreached(cast) == [(BOB, 5, "seed"), (BOB, 7, "pose")]  # his size comes before ann's
    cast.write(NOD, nod_spec("nod", "characters: [bob, ann], preset: fast"))
    cast.edit(NOD, "title: Nod\n", "title: Nod\nsize: [16, 32]\n")
    assert unreached(cast) == [(BOB, 4, "preset"), (BOB, 5, "seed"), (BOB, 6, "size"), (BOB, 7, "pose")]
    cast.write(NOD, nod_spec("nod", "seed: 2"))
    assert {key for *_, key in unreached(cast)} == {"preset", "seed", "size", "pose", "loras"}
    assert build(cast).code == 0  # a warning of validate alone, which stops nothing


def test_a_reference_that_names_no_picture_reaches_what_starts_from_one(cast: Space) -> None:
    cast.edit(BOB, "preset: high", "preset: high\nreference: {strength: 0.5}")
    assert unreached(cast) == [(BOB, 5, "reference")]
    cast.edit(TEA, "characters: [ann]", "characters: [bob]")
    assert unreached(cast) == []


def test_what_reaches_nothing_is_told_alike_by_several_processes(cast: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.edit(BOB, "preset: high", "preset: high\nseed: 3")
    for number in range(6):
        cast.write(f"specs/exercises/more/m{number}.yaml", nod_spec(f"m{number}", f"seed: {number}"))
    cast.write("specs/characters/cid.yaml", BOB_SPEC.replace("bob", "cid"))
    alone = cast.call("validate", "--full", "--json").out
    monkeypatch.setattr(parts, "processes_for", lambda items, worth: 2)
    assert cast.call("validate", "--full", "--json").out == alone
    assert [place[0] for place in unreached(cast)].count("specs/characters/cid.yaml") == 2


def test_a_project_may_take_it_for_an_error_or_for_nothing(cast: Space) -> None:
    cast.edit(BOB, "preset: high", "preset: high\nseed: 3")
    cast.write(CONFIG, CONFIG_TEXT % "" + "lint: {setting-unreached: error}\n")
    assert cast.call("validate").code == 2
    cast.write(CONFIG, CONFIG_TEXT % "" + "lint: {setting-unreached: off}\n")
    assert unreached(cast) == []


FAULTS = ["preset: nope", "pose: nowhere", "loras: [{name: nobody}]", "controls: [{type: odd, from: pose}]"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_decision_that_names_a_spec_at_fault_is_no_bug(cast: Space, fault: str) -> None:
    for name in ("one", "two"):  # both ask for one render, and the decision names the first
        cast.write(f"specs/exercises/{name}.yaml", nod_spec(name, "candidates: 2, select: human"))
    build(cast)
    assert cast.call("pick", "exercises/one/01", "1").code == 0
    build(cast)
    cast.settle()
    cast.write("specs/exercises/one.yaml", cast.read("specs/exercises/one.yaml") + fault + "\n")
    cast.edit("specs/exercises/two.yaml", "title: Nod", "title: Other")
    for command in ("build", "check", "plan"):
        done = cast.call(command, "--json")
        assert (done.code, {diagnostic["file"] for diagnostic in done.json["diagnostics"]}) == (
            2, {"specs/exercises/one.yaml"}), done.out
