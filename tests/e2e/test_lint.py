"""`calotype validate` on projects with what lint is there for: the place, the words, the level, the exit code."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import sketch

from calotype.language.prompt.styles import PACKAGED
from conftest import REPOSITORY, Space

CONFIG = "version: 1\nrenderer: {renderer}\ndefaults: {{size: [64, 64]}}\n"
GUIDE = """\
kind: exercise
id: piriformis_stretch
region: hip
images:
  - view_angle: oblique
    body_position: supine
    description: figure-four stretch with ankle crossed over opposite knee
    muscles_shown: [piriformis muscle, hip external rotators]
    joints_shown: [hip external rotation]
    alt: A person lies on the back with one ankle over the other knee.
"""
LOST = "no text, no labels, no watermarks, high contrast black lines, minimal shading, educational diagram"
SHORT = "{{ description }}, {{ prompt }}"


def image(words: str, **more: str) -> str:
    lines = "".join(f"    {key}: {value}\n" for key, value in more.items())
    return (f"  - view_angle: lateral\n    body_position: standing\n    description: {words}\n"
            f"{lines}" + ("" if "alt" in more else "    alt: A person stands upright with both arms down.\n"))


def spec(name: str, *images: str, more: str = "") -> str:
    return f"kind: exercise\nid: {name}\nregion: hip\n{more}images:\n{''.join(images)}"


@pytest.fixture
def drawn(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A project of a renderer that reads prompts, and of a style that adds no words."""
    monkeypatch.syspath_prepend(str(sketch.site()))
    space.env["PYTHONPATH"] = str(sketch.site())
    space.write("calotype.yaml", CONFIG.format(renderer="sketch") + "style: short\n")
    space.write("templates/styles/short.j2", SHORT)
    return space


def told(space: Space, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = space.call("validate", "--json", *words).json["diagnostics"]
    return found


def places(space: Space) -> list[tuple[str, int, int]]:
    return [(one["code"], one["line"], one["column"]) for one in told(space)]


def test_the_guides_example_loses_its_last_20_tokens_and_they_are_named(drawn: Space):
    drawn.edit("calotype.yaml", "style: short", "style: medical")
    drawn.write("specs/exercises/hip/piriformis_stretch.yaml", GUIDE)
    (found,) = told(drawn)
    assert (found["severity"], found["code"], found["line"]) == ("warning", "prompt-too-long", 7)
    assert "has 95 tokens" in found["message"]
    assert found["message"].endswith(f"loses: {LOST}")
    assert drawn.call("validate").code == 0


def test_counting_imports_no_model_library(drawn: Space):
    drawn.write("specs/exercises/hip/piriformis_stretch.yaml", GUIDE)
    ran = drawn.run("validate", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert ran.code == 0
    imported = {line.rpartition("|")[2].strip() for line in ran.err.splitlines()}
    assert "calotype.language.lint.tokens" in imported
    assert not imported & {"torch", "open_clip", "transformers", "tokenizers", "numpy"}


def test_the_models_own_tokenizer_counts_where_it_is_there(drawn: Space):
    drawn.write("models/tiny/tokenizer/merges.txt", "#version: 0.2\n")
    drawn.edit("calotype.yaml", "style: short", "style: short\nmodels: {base: models/tiny}")
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(f"{'x' * 70} abcdefg tail")))
    (found,) = told(drawn)
    assert "has 81 tokens" in found["message"]
    assert found["message"].endswith("loses: abcdefg tail")
    assert (found["line"], found["column"]) == (7, 18 + 71)


def test_a_renderer_that_reads_no_prompt_is_not_told_about_prompts(space: Space):
    space.write("calotype.yaml", CONFIG.format(renderer="mannequin"))
    space.write("specs/exercises/hip/a.yaml", GUIDE.replace("opposite knee", f"opposite knee, no shoes{', cat' * 90}"))
    assert [one["code"] for one in told(space)] == ["description-unread"]


@pytest.mark.parametrize(("limit", "codes"), [(None, []), (5, ["prompt-too-long"]), (500, [])])
def test_a_renderer_says_how_much_of_a_prompt_it_reads(
    drawn: Space, monkeypatch: pytest.MonkeyPatch, limit: int | None, codes: list[str]
):
    from calotype.workers.plugins import Registry

    monkeypatch.setattr(type(Registry().renderer("sketch")), "prompt_limit", limit, raising=False)
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("cat dog " * 60)))
    assert [one["code"] for one in told(drawn)] == codes


def test_the_end_of_a_negative_prompt_that_is_cut_off_is_told_at_its_place(drawn: Space):
    words = ", ".join(f"thing {number}" for number in range(30))
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("a knee", negative_prompt=f"{words}, shoes and socks")))
    (found,) = told(drawn)
    assert (found["code"], found["line"]) == ("prompt-too-long", 8)
    assert "the negative prompt of exercises/a/01" in found["message"] and found["message"].endswith("shoes and socks")
    assert drawn.read("specs/exercises/hip/a.yaml").splitlines()[7][found["column"] - 1 :] == (
        found["message"].partition("it loses: ")[2])


FOREIGN = ["<lora:luca:0.8>", "BREAK", "__colour__", "{red|blue}", "--ar 16:9", "[day:night:0.5]", "embedding:bad",
           "((red))", "(red:2)", "red++", "--no text"]


@pytest.mark.parametrize("mark", FOREIGN)
def test_marks_of_other_programs_are_pointed_at_with_what_to_write_instead(drawn: Space, mark: str):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(f"'a knee, {mark}, bent'")))
    (found,) = [one for one in told(drawn) if one["code"] == "foreign-prompt-syntax"]
    assert (found["severity"], found["line"], found["column"]) == ("warning", 7, 27)
    assert f"`{mark}`" in found["message"] and found["hint"]
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("a knee bent", negative_prompt=f"'{mark}, shoes'")))
    assert "foreign-prompt-syntax" in {one["code"] for one in told(drawn)}


@pytest.mark.parametrize("mark", FOREIGN)
def test_marks_in_what_all_specs_share_are_pointed_at_too(drawn: Space, mark: str):
    """The negative prompt of `defaults`, trigger words of a LoRA, and the project's own style."""
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("a knee bent")))
    before = drawn.read("calotype.yaml")
    for added in (f"defaults: {{negative_prompt: '{mark}, shoes'}}\n",
                  f"loras: {{luca: {{path: luca.safetensors, trigger_words: ['{mark}']}}}}\n"):
        config = re.sub(r"(?m)^defaults:.*\n", "", before) + added
        drawn.write("calotype.yaml", config)
        drawn.write("luca.safetensors", b"luca")
        (found,) = [one for one in told(drawn) if one["code"] == "foreign-prompt-syntax"]
        line = config.splitlines().index(added.strip()) + 1
        assert (found["file"], found["line"], found["severity"]) == ("calotype.yaml", line, "warning")
        assert f"`{mark}`" in found["message"]
    drawn.write("calotype.yaml", before)
    drawn.write("templates/styles/medical.j2", "{# [a|b] #}{{ description | trim }},\n  " + mark + ", line drawing\n")
    (found,) = [one for one in told(drawn) if one["code"] == "foreign-prompt-syntax"]
    assert (found["file"], found["line"], found["column"]) == ("templates/styles/medical.j2", 2, 3)


def test_a_packaged_style_has_no_marks_of_other_programs(drawn: Space):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("a knee bent")))
    for style in PACKAGED.glob("*.j2"):
        drawn.write(f"templates/styles/{style.name}", style.read_bytes())
    assert [one for one in told(drawn) if one["code"] == "foreign-prompt-syntax"] == []


def test_weights_and_prose_are_no_marks_of_other_programs(drawn: Space):
    words = "'a (red)1.3 knee (left: 1.2), C++, (L4)-L5, ratio (2:1), pre- and post-operative, snake_case, 10--20'"
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(words)))
    assert told(drawn) == []


def test_a_byte_order_mark_of_a_style_stands_in_no_prompt(drawn: Space):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("a bent knee")))
    drawn.call("build")
    drawn.write("templates/styles/short.j2", "\ufeff" + SHORT)
    assert drawn.call("plan", "--json").json["renders"] == 0


def test_a_negative_is_pointed_at_in_the_words_even_where_they_are_folded(drawn: Space):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(">-\n      a knee bent,\n      no\n      visible text")))
    (found,) = told(drawn)
    assert (found["code"], found["line"], found["column"]) == ("negative-in-prompt", 9, 7)
    assert "negative_prompt: visible text" in found["hint"]


def test_the_packaged_styles_are_not_told_of_their_own_negatives(drawn: Space):
    drawn.edit("calotype.yaml", "style: short", "style: medical")
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("a bent knee")))
    assert "negative-in-prompt" not in {one["code"] for one in told(drawn)}


def test_left_and_right_agree_in_the_words_the_pose_and_the_side(drawn: Space):
    pose = "{right: {knee_flexion: 60}}"
    drawn.write("specs/exercises/hip/a.yaml", spec(
        "a", image("the left knee bent", pose=pose),
        image("the right knee bent", caption="Bend the left knee.", pose="{base: standing}"),
        image("a knee bent, seen from the left"),
        image("a hip bent, seen from the left", side="left"),
    ))
    assert [(one["code"], one["severity"], one["line"], one["column"]) for one in told(drawn)] == [
        ("laterality", "error", 7, 22), ("side-mismatch", "warning", 13, 23), ("side-mismatch", "warning", 18, 31)]


def test_the_side_that_the_floor_hides_is_told_of_a_drawing(drawn: Space):
    drawn.write("specs/exercises/hip/a.yaml", spec(
        "a", image("a person prone", pose="{base: prone}"), image("a person supine", pose="{base: supine}")))
    text = drawn.read("specs/exercises/hip/a.yaml")
    assert text.count("view_angle: lateral") == 2
    drawn.write("specs/exercises/hip/a.yaml", text.replace("lateral", "anterior", 1).replace("lateral", "posterior", 1))
    assert [one["code"] for one in told(drawn)] == []
    drawn.edit("calotype.yaml", "renderer: sketch", "renderer: mannequin")
    assert [(one["code"], "view_angle" in one["hint"]) for one in told(drawn)] == [("view-hidden", True)] * 2


def test_a_misspelt_muscle_or_joint_is_told_with_what_is_meant(drawn: Space):
    shown = "muscles_shown: [left subocipital muscles, deltoid, masseter], joints_shown: [hpi joint, cervical spine]"
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("a person", alt="A person stands", pose="{base: standing}", shown=shown)))
    drawn.edit("specs/exercises/hip/a.yaml", f"shown: {shown}", shown.replace(", joints", "\n    joints"))
    found = [one for one in told(drawn) if one["code"] == "unknown-anatomy"]
    assert [one["hint"] for one in found] == ["did you mean `suboccipital muscles`?", "did you mean `hip`?"]  # a model may know masseter
    drawn.edit("specs/exercises/hip/a.yaml", "joints_shown:", "renderer: mannequin\n    joints_shown:")
    found = [one for one in told(drawn) if one["code"] == "unknown-anatomy"]
    assert [one["hint"] for one in found][1] == "docs/muscles.md lists the names" and len(found) == 3
    assert {one["severity"] for one in found} == {"warning"}


def test_a_description_with_no_pose_is_told_where_the_drawing_does_not_read_it(drawn: Space):
    drawn.edit("calotype.yaml", "renderer: sketch", "renderer: mannequin")
    drawn.write("specs/exercises/hip/a.yaml", spec(
        "a", image("deep squat"), image("standing position"), image("deep squat", pose="{hip_flexion: 90}"),
        image("deep squat", renderer="sketch"),
    ))
    found = [one for one in told(drawn) if one["code"] == "description-unread"]
    assert [(one["line"], one["severity"]) for one in found] == [(7, "warning")]
    assert "it shows a person standing" in found[0]["message"]


def test_an_alt_text_that_says_nothing_is_told_and_one_from_a_pose_is_enough(drawn: Space):
    drawn.write("specs/exercises/hip/a.yaml", spec(
        "a", image("hanging from a tree", alt='""'), image("on one leg", alt="Image of a"),
        image("sitting on a wall", alt='""', pose="{hip_flexion: 40}"), image("jumping over a fence"),
    ))
    found = told(drawn)
    assert [(one["code"], one["line"]) for one in found] == [("alt-missing", 5), ("alt-missing", 12)]
    assert "it would be `A person standing" in found[0]["message"]


def test_strengths_outside_what_has_proved_itself_are_told_where_they_stand(drawn: Space):
    drawn.write("loras/luca.safetensors", b"luca")
    drawn.write("refs/a.png", sketch_png())
    drawn.edit("calotype.yaml", "style: short", "style: short\nloras: {luca: {path: loras/luca.safetensors, weight: 1.5}}"
               "\npresets: {mine: {guidance_scale: 15}}\ncontrolnets: {canny: {strength: 0.7}}")
    drawn.write("specs/exercises/hip/a.yaml", spec(
        "a", image("a bent knee", loras="[{name: luca, weight: 0.9}]", reference="{image: refs/a.png, strength: 0.9}"),
        image("a bent hip", controls="[{type: canny, image: refs/a.png, strength: 1.9}]",
              reference="{image: refs/a.png, strength: 0.9, method: controlnet}"),
    ))
    assert [(one["file"][:8], one["line"]) for one in told(drawn) if one["code"] == "strength-band"] == [
        ("calotype", 5), ("calotype", 6), ("specs/ex", 9), ("specs/ex", 14)]
    assert {one["code"] for one in told(drawn)} == {"strength-band", "weights-missing"}  # of the reference's detector


def sketch_png() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "PNG")
    return out.getvalue()


LONG = "standing tall beside a sturdy wooden table the patient draws both elbows back and squeezes the shoulder blades"


def test_doubles_across_specs_are_told_with_the_place_of_the_other(drawn: Space):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(LONG)))
    drawn.write("specs/exercises/hip/b.yaml", spec("b", image(LONG.title().replace("The", "A") + ".")))
    drawn.write("specs/exercises/hip/c.yaml", spec("c", image(f"{LONG} gently")))
    found = told(drawn)
    assert [(one["code"], one["file"], one["line"]) for one in found] == [
        ("near-duplicate", f"specs/exercises/hip/{name}.yaml", 7) for name in "bc"]
    assert all("exercises/a/01 (specs/exercises/hip/a.yaml:5)" in one["message"] for one in found)


@pytest.mark.parametrize(("first", "second"), [
    ({}, {"pose": "{knee_flexion: 40}"}), ({}, {"side": "left"}), ({"muscles_shown": "[biceps]"}, {}),
])
def test_the_same_words_for_another_picture_are_no_double(drawn: Space, first: dict[str, str], second: dict[str, str]):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(LONG, **first)))
    drawn.write("specs/exercises/hip/b.yaml", spec("b", image(LONG, **second)))
    assert told(drawn) == []


@pytest.mark.parametrize("more", ["with the left arm", "phase 2", "upper position"])
def test_a_word_that_tells_one_phase_or_side_from_another_makes_no_double(drawn: Space, more: str):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(LONG)))
    drawn.write("specs/exercises/hip/b.yaml", spec("b", image(f"{LONG} {more}")))
    assert told(drawn) == []


def test_in_one_spec_only_the_very_same_words_make_a_double(drawn: Space):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(LONG), image(f"{LONG} gently"), image(LONG, seed="7")))
    assert told(drawn) == []
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(LONG), image(LONG)))
    assert [one["code"] for one in told(drawn)] == ["near-duplicate"]


def test_a_rule_set_to_error_stops_validate_and_every_build_and_one_that_is_off_is_silent(drawn: Space):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("a bent knee, no shoes")))
    assert [drawn.call(*words).code for words in (["validate"], ["plan"])] == [0, 0]
    drawn.edit("calotype.yaml", "style: short", "style: short\nlint: {negative-in-prompt: error}")
    assert [drawn.call(*words).code for words in (["validate"], ["plan"], ["check"], ["build"])] == [2, 2, 2, 2]
    assert not drawn.files("content")
    drawn.edit("calotype.yaml", "error", "off")
    assert told(drawn) == []
    assert drawn.call("build").code == 0


def test_a_double_set_to_error_stops_validate_alone(drawn: Space):
    drawn.edit("calotype.yaml", "style: short", "style: short\nlint: {near-duplicate: error}")
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(LONG), image(LONG)))
    assert [drawn.call(*words).code for words in (["validate"], ["plan"])] == [2, 0]


def test_the_level_of_laterality_holds_for_builds_too(drawn: Space):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("left knee bent", pose="{right: {knee_flexion: 60}}")))
    assert drawn.call("plan").code == 2
    drawn.edit("calotype.yaml", "style: short", "style: short\nlint: {laterality: warning}")
    assert [drawn.call(*words).code for words in (["validate"], ["plan"])] == [0, 0]


def test_another_level_is_no_change_to_what_is_published(drawn: Space):
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image("a bent knee")))
    assert drawn.call("build").code == 0
    before = drawn.snapshot("content")
    drawn.edit("calotype.yaml", "style: short", "style: short\nlint: {alt-missing: off}")
    assert json.loads(drawn.call("build", "--json").out)["renders"] == 0
    assert drawn.snapshot("content") == before


def test_the_sample_project_has_nothing_to_mend(space: Space):

    found = space.call("validate", "--json", "--project", str(REPOSITORY)).json["diagnostics"]
    assert found == []


def test_words_that_no_scorer_reads_are_told_without_its_weights(drawn: Space, monkeypatch: pytest.MonkeyPatch):
    from calotype.workers.plugins import Registry

    monkeypatch.setattr(type(Registry().renderer("sketch")), "prompt_limit", None, raising=False)
    drawn.write("calotype.yaml", drawn.read("calotype.yaml") + "scoring: {weights: {technical: 1, clip: 1, pick: 1}}\n")
    words = f"{'cat ' * 73}dog"  # 74 tokens; with `A photo depicts` before them 77
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(words, candidates=2)))
    (found,) = [one for one in told(drawn) if one["code"].endswith("too-long")]
    assert (found["severity"], found["code"], found["line"]) == ("warning", "scored-prompt-too-long", 7)
    assert "the scorer `clip` reads 75 of the 77 tokens of the prompt of exercises/a/01" in found["message"]
    assert found["message"].endswith("no score tells of: cat dog") and found["hint"]
    assert drawn.call("validate").code == 0
    for candidates, text in ((1, words), (2, words[8:])):
        drawn.write("specs/exercises/hip/a.yaml", spec("a", image(text, candidates=candidates)))
        assert not [one for one in told(drawn) if one["code"].endswith("too-long")]
    monkeypatch.setattr(type(Registry().renderer("sketch")), "prompt_limit", 5, raising=False)
    drawn.write("specs/exercises/hip/a.yaml", spec("a", image(words, candidates=2)))
    assert [one["code"] for one in told(drawn) if one["code"].endswith("too-long")] == ["prompt-too-long"]
