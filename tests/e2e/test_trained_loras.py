"""A LoRA that is trained on a character of the project: images use it by its character, await it, and follow its bytes."""

from __future__ import annotations

import shutil

import pytest

import tiny
from conftest import Run, Space

CONFIG = """\
version: 1
renderer: sdxl
defaults: {size: [64, 64], preset: quick}
presets: {quick: {steps: 2, guidance_scale: 5.0}}
models: {base: models/base, dtype: float32, device: cpu}
loras: {fit: {from: characters/luca, weight: 0.8}}
"""
LUCA = """\
kind: character
id: luca
prompt: a boy
anchors:
  poses:
    - {id: front, prompt: standing, renderer: mannequin}
    - {id: side, prompt: standing, renderer: mannequin, view_angle: lateral}
training_set: {trigger_word: lucaboy, min: 2, max: 5, train: {}}
"""
WALK = """\
kind: scene
id: walk
chain: true
shots:
  - {id: one, prompt: a boy, alt: A boy., loras: [{name: fit}]}
  - {id: two, prompt: a boy standing, alt: A boy stands.}
  - {id: plain, prompt: a boy, alt: A boy., renderer: mannequin, loras: [{name: fit}]}
"""
FILE = "content/training/luca/luca.safetensors"
LACKING = "the LoRA `fit` is not trained: calotype build characters/luca/lora"


@pytest.fixture
def luca(space: Space) -> Space:
    shutil.copytree(tiny.models() / "base", space.root / "models/base")
    space.write("calotype.yaml", CONFIG)
    space.write("specs/characters/luca.yaml", LUCA)
    space.write("specs/scenes/walk.yaml", WALK)
    return space


def train(space: Space, lora: str = "a") -> None:
    """What a training leaves, as far as images are concerned."""
    space.write(FILE, (tiny.models() / f"loras/{lora}.safetensors").read_bytes())


def test_images_await_a_lora_that_is_not_trained(luca: Space) -> None:
    for command in ("plan", "build", "check"):
        ran = luca.call(command, "--json")
        assert ran.code == (0 if command == "plan" else 3), ran.err
        by_target = {row["target"]: (row["status"], row["reason"]) for row in ran.json["targets"]}
        assert by_target["scenes/walk/one"] == ("awaiting", LACKING)
        assert by_target["scenes/walk/two"] == ("awaiting", "starts from scenes/walk/one")
    assert luca.files("content/images/scenes") == ["content/images/scenes/walk/plain.png"]
    assert luca.call("check", "characters/luca").code == 0
    text = luca.call("check")
    assert LACKING in text.out and "calotype pick" not in text.err + text.out


def test_what_awaits_a_training_can_be_asked_about_all_the_same(luca: Space) -> None:
    assert LACKING in luca.call("explain", "scenes/walk/one").out
    assert ["scenes/walk/one", "scenes/walk/two"] in luca.call("graph", "--json").json["edges"]
    refused = luca.call("pick", "scenes/walk/one", "1")
    assert refused.code == 2 and "has no candidates: the LoRA `fit` is not trained" in refused.err
    assert "calotype build characters/luca/lora" in luca.call("models", "list").out
    assert "lucaboy" in luca.call("plan", "--prompts", "scenes/walk/one").out
    warned = luca.call("validate")
    assert warned.code == 0 and "the LoRA `fit` is not trained here" in warned.out + warned.err


def test_a_trained_lora_is_drawn_with_and_its_bytes_decide(luca: Space) -> None:
    assert luca.call("build").code == 3
    train(luca)
    built = luca.call("build", "--json")
    assert (built.code, built.json["renders"]) == (0, 2), built.err
    assert luca.call("check").code == 0 and luca.call("build", "--json").json["renders"] == 0
    assert "lucaboy" in luca.read("content/manifest/scenes/walk.jsonl")
    train(luca, "c")
    stale = luca.call("check", "--json")
    assert stale.code == 1 and stale.statuses["scenes/walk/one"] == "stale"
    again = luca.call("build", "--json")
    assert again.json["renders"] == 2 and set(again.statuses) == {"scenes/walk/one", "scenes/walk/two"}
    told = luca.call("explain", "scenes/walk/one")
    assert "loras[fit].weights" in told.out and "calotype.yaml:6" in told.out
    train(luca)
    assert luca.call("build", "--json").json["renders"] == 0  # all of it is in the cache


def test_a_bare_clone_without_the_lora_checks(luca: Space) -> None:
    train(luca)
    assert luca.call("build").code == 0
    for name in ("cache", "build", "content/training", "models"):
        luca.remove(name)
    assert luca.call("check").code == 0
    assert luca.call("build", "--json").json["renders"] == 0
    luca.edit("specs/scenes/walk.yaml", "prompt: a boy, alt: A boy., loras", "prompt: a red boy, alt: A boy., loras")
    shutil.copytree(tiny.models() / "base", luca.root / "models/base")
    lacking = luca.call("build")
    assert lacking.code == 2 and "the LoRA `fit` is not trained here" in lacking.err, lacking.err
    assert "calotype build characters/luca/lora" in lacking.err


def test_its_own_trigger_words_take_the_place_of_the_set_s(luca: Space) -> None:
    luca.edit("calotype.yaml", "from: characters/luca,", "from: characters/luca, trigger_words: [otherboy],")
    prompt = luca.call("plan", "--prompts", "scenes/walk/one").out
    assert "otherboy" in prompt and "lucaboy" not in prompt


def test_another_trigger_word_of_the_set_renders_what_uses_its_lora(luca: Space) -> None:
    train(luca)
    assert luca.call("build").code == 0
    luca.edit("specs/characters/luca.yaml", "lucaboy", "smallboy")
    again = luca.call("build", "--json")
    assert again.json["renders"] == 2 and again.statuses["scenes/walk/one"] == "rendered"


def refused(space: Space, *says: str) -> Run:
    for command in ("validate", "build"):
        ran = space.call(command)
        text = ran.out + ran.err
        assert ran.code == 2, text
        assert all(part in text for part in says), text
    assert not space.files("content")
    return ran


@pytest.mark.parametrize(("lora", "says"), [
    ("{from: characters/luka}", ("calotype.yaml:6:21", "there is no character `luka`", "did you mean `luca`?")),
    ("{from: luca}", ("calotype.yaml:6:21",)),
    ("{from: characters/ann}", ("`characters/ann` has no training set", "specs/characters/ann.yaml")),
    ("{from: characters/luca, path: loras/a.safetensors}", ("calotype.yaml:6", "wants just one of `path` and `from`")),
    ("{weight: 1}", ("calotype.yaml:6", "wants one of `path` and `from`")),
])
def test_what_names_no_lora_is_refused(luca: Space, lora: str, says: tuple[str, ...]) -> None:
    luca.write("specs/characters/ann.yaml", "kind: character\nid: ann\n")
    luca.edit("calotype.yaml", "{from: characters/luca, weight: 0.8}", lora)
    refused(luca, *says)


CIRCLE = "its images would wait for themselves"


def test_a_character_s_own_images_cannot_use_it(luca: Space) -> None:
    luca.edit("specs/characters/luca.yaml", "id: side,", "id: side, loras: [{name: fit}],")
    refused(luca, "specs/characters/luca.yaml:7", "`fit` is trained on characters/luca: " + CIRCLE, "leave it out here")


def test_nor_by_the_spec_or_the_defaults(luca: Space) -> None:
    luca.edit("specs/characters/luca.yaml", "prompt: a boy\n", "prompt: a boy\nloras: [{name: fit}]\n")
    refused(luca, "specs/characters/luca.yaml:4", CIRCLE)
    luca.edit("specs/characters/luca.yaml", "loras: [{name: fit}]\n", "")
    luca.edit("calotype.yaml", "preset: quick}", "preset: quick, loras: [{name: fit}]}")
    refused(luca, "calotype.yaml:3", CIRCLE)


def test_nor_by_way_of_another_character(luca: Space) -> None:
    ann = LUCA.replace("luca", "ann").replace("lucaboy", "annword").replace("id: side,", "id: side, loras: [{name: fit}],")
    luca.write("specs/characters/ann.yaml", ann)
    luca.edit("calotype.yaml", "weight: 0.8}}", "weight: 0.8}, other: {from: characters/ann}}")
    assert luca.call("validate").code == 0
    luca.edit("specs/characters/luca.yaml", "id: side,", "id: side, loras: [{name: other}],")
    refused(luca, "`other` is trained on characters/ann, whose images use `fit`: " + CIRCLE)


def test_one_of_weight_zero_is_none(luca: Space) -> None:
    luca.edit("specs/characters/luca.yaml", "id: side,", "id: side, loras: [{name: fit, weight: 0}],")
    luca.edit("specs/scenes/walk.yaml", "alt: A boy., loras: [{name: fit}]}\n  - {id: two", "alt: A boy., loras: [{name: fit, weight: 0}]}\n  - {id: two")
    assert luca.call("build").code == 0
