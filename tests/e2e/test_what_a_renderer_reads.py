"""The rows of "what rebuilds what" about prompts, weights and pictures: they take a renderer that reads them."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import sketch
from kit import build, explained, reason, tally
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from calotype.workers.judge import technical
from conftest import Space

LUCA = "specs/exercises/arm/luca.yaml"
LUCAS = [f"exercises/luca/{name}" for name in ("plain", "lora", "draft", "muscles", "reference", "control")]
LUCA_SPEC = """\
kind: exercise
id: luca
region: arm
title: Luca
images:
  - {id: plain, view_angle: lateral, body_position: standing, description: a plain picture}
  - {id: lora, view_angle: lateral, body_position: standing, description: a boy, loras: [{name: luca}]}
  - {id: draft, view_angle: lateral, body_position: standing, description: a draft, preset: rough}
  - {id: muscles, view_angle: lateral, body_position: standing, description: biceps, muscles_shown: [biceps]}
  - id: reference
    view_angle: lateral
    body_position: standing
    description: as on the photo
    reference: {image: refs/first.png, strength: 0.5}
  - id: control
    view_angle: lateral
    body_position: standing
    description: held
    controls: [{type: canny, map: refs/edge.png}]
"""
OTHER = "specs/exercises/neck/nod.yaml"
OTHER_SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
renderer: mannequin
images: [{view_angle: lateral, body_position: seated, description: head up}]
"""
LUCA_CONFIG = """\
version: 1
renderer: sketch
defaults: {size: [64, 64]}
presets:
  rough: {steps: 20, guidance_scale: 7.0}
models: {base: models/base.safetensors}
loras: {luca: {path: loras/luca.safetensors, weight: 0.8, trigger_words: [luca]}}
"""
CAST = """\
kind: character
id: ann
title: Ann
prompt: a woman in a blue coat
anchors:
  candidates: 3
  poses:
    - {id: front, prompt: from the front, pose: {base: standing}}
    - {id: chair, prompt: on a chair, pose: {base: seated}, candidates: 1}
variations:
  - {id: wave, anchor: front, prompt: waving, strength: 0.5, pose: {right: {shoulder_flexion: 90}}}
  - {id: rest, anchor: auto, prompt: resting, strength: 0.5, pose: {base: seated, neck_flexion: 5}}
"""
SCENE = """\
kind: scene
id: tea
title: Tea
characters: [ann]
chain: true
shots:
  - {id: pour, prompt: pouring tea, candidates: 2}
  - {id: sip, prompt: a sip}
  - {id: smile, prompt: a smile}
"""
FRONT, WAVE, REST = (
    "characters/ann/anchors/front",
    "characters/ann/variations/wave_01",
    "characters/ann/variations/rest_01",
)
SHOTS = [f"scenes/tea/{name}" for name in ("pour", "sip", "smile")]


@pytest.fixture
def drawing(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A project drawn by the plug-in, with nothing in it yet."""
    monkeypatch.syspath_prepend(str(sketch.site()))
    space.env["PYTHONPATH"] = str(sketch.site())
    space.write("calotype.yaml", LUCA_CONFIG)
    space.write("models/base.safetensors", b"base")
    space.write("loras/luca.safetensors", b"luca, first training")
    return space


def photo(space: Space, path: str, colour: str, **metadata: str) -> None:
    info = PngInfo()
    for name, value in metadata.items():
        info.add_text(name, value)
    (space.root / path).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 64), colour).save(space.root / path, "PNG", pnginfo=info)


@pytest.fixture
def lucas(drawing: Space) -> Space:
    """Six images that each read something else; built."""
    photo(drawing, "refs/first.png", "red")
    photo(drawing, "refs/edge.png", "white")
    drawing.write(LUCA, LUCA_SPEC)
    drawing.settle()
    assert tally(build(drawing)) == (0, 6, 0, 0)
    return drawing


@pytest.fixture
def cast(drawing: Space) -> Space:
    """A character with variations and a chained scene; built."""
    drawing.write("specs/characters/ann.yaml", CAST)
    drawing.write("specs/scenes/tea.yaml", SCENE)
    drawing.settle()
    assert tally(build(drawing)) == (0, 10, 0, 0)
    return drawing


def test_the_tally_is_what_the_renderer_really_drew(lucas: Space) -> None:
    before = sketch.drawn(sketch.site())
    build(lucas)
    assert sketch.drawn(sketch.site()) == before
    lucas.edit(LUCA, "a plain picture", "another picture")
    assert build(lucas).json["renders"] == 1
    assert sketch.drawn(sketch.site()) == before + 1


def test_a_description_renders_that_image_with_a_renderer_that_reads_prompts(lucas: Space) -> None:
    lucas.edit(LUCA, "a plain picture", "a plain photograph")
    done = build(lucas)
    assert tally(done) == (0, 1, 5, 0)
    assert done.statuses == {LUCAS[0]: "rendered"}
    said = reason(done, LUCAS[0])
    assert said.startswith("prompt: …picture, ") and " -> …photograph, " in said and said.endswith(f"({LUCA}:6)")


def test_a_value_in_a_preset_renders_exactly_the_images_whose_request_changed(lucas: Space) -> None:
    lucas.edit("calotype.yaml", "steps: 20", "steps: 24")
    done = build(lucas)
    assert done.statuses == {LUCAS[2]: "rendered"}
    assert reason(done, LUCAS[2]) == "steps: 20 -> 24 (calotype.yaml:5)"


def test_a_value_in_a_preset_that_the_renderer_does_not_read_renders_nothing(lucas: Space) -> None:
    lucas.edit("calotype.yaml", "guidance_scale: 7.0", "guidance_scale: 9.0")
    assert tally(build(lucas)) == (0, 0, 6, 0)


def test_a_preset_renamed_renders_and_publishes_nothing(lucas: Space) -> None:
    before = lucas.snapshot("content/images", "content/manifest")
    lucas.edit("calotype.yaml", "rough:", "sketchy:")
    lucas.edit(LUCA, "preset: rough", "preset: sketchy")
    assert tally(build(lucas)) == (0, 0, 6, 0)
    assert lucas.snapshot("content/images", "content/manifest") == before


def test_a_template_renders_the_images_whose_text_it_changed(lucas: Space) -> None:
    template = "{{ description }}{% if muscles %}, muscles {{ muscles | join(', ') }}{% endif %}"
    lucas.write("templates/styles/medical.j2", template)
    assert build(lucas).json["renders"] == 6
    lucas.write("templates/styles/medical.j2", template.replace("muscles {{", "showing {{"))
    done = build(lucas)
    assert done.statuses == {LUCAS[3]: "rendered"}
    assert reason(done, LUCAS[3]).startswith('prompt: "biceps, muscles biceps" -> "biceps, showing biceps"')
    lucas.write("templates/styles/medical.j2", "{# a remark #}" + lucas.read("templates/styles/medical.j2"))
    assert tally(build(lucas)) == (0, 0, 6, 0)


def test_a_lora_with_other_bytes_renders_the_images_that_use_it(lucas: Space) -> None:
    lucas.write("loras/luca.safetensors", b"luca, second training")
    done = build(lucas)
    assert done.statuses == {LUCAS[1]: "rendered"}
    assert reason(done, LUCAS[1]).startswith("loras[luca].weights: ")


def test_a_lora_with_the_same_bytes_under_another_name_renders_nothing(lucas: Space) -> None:
    lucas.move("loras/luca.safetensors", "loras/luca_v1.safetensors")
    lucas.edit("calotype.yaml", "loras/luca.safetensors", "loras/luca_v1.safetensors")
    lucas.edit("calotype.yaml", "{luca: {path", "{boy: {path")
    lucas.edit(LUCA, "loras: [{name: luca}]", "loras: [{name: boy}]")
    assert tally(build(lucas))[:2] == (0, 0)


def test_a_lora_touched_renders_and_writes_nothing(lucas: Space) -> None:
    before = lucas.snapshot()
    os.utime(lucas.root / "loras/luca.safetensors")
    assert tally(build(lucas)) == (0, 0, 6, 0)
    assert lucas.snapshot() == before


def test_a_lora_s_weight_in_the_config_renders_the_images_that_use_it(lucas: Space) -> None:
    lucas.edit("calotype.yaml", "weight: 0.8", "weight: 0.9")
    done = build(lucas)
    assert done.statuses == {LUCAS[1]: "rendered"}
    assert reason(done, LUCAS[1]) == "loras[luca].weight: 0.8 -> 0.9 (calotype.yaml:7)"


def test_a_checkpoint_with_other_bytes_renders_every_image_that_uses_it(lucas: Space) -> None:
    lucas.write("models/base.safetensors", b"other")
    assert tally(build(lucas)) == (0, 6, 0, 0)


def test_weights_changed_after_a_build_of_another_spec_are_still_noticed(lucas: Space) -> None:
    lucas.write(OTHER, OTHER_SPEC)
    assert build(lucas).json["renders"] == 1
    lucas.edit(OTHER, "title: Nod", "title: Nodding")
    assert build(lucas).json["renders"] == 0
    lucas.write("loras/luca.safetensors", b"luca, second training")
    assert build(lucas).statuses == {LUCAS[1]: "rendered"}


@pytest.mark.parametrize(("path", "target"), [("refs/first.png", LUCAS[4]), ("refs/edge.png", LUCAS[5])])
def test_a_reference_counts_by_its_pixels(lucas: Space, path: str, target: str) -> None:
    before = lucas.snapshot()
    photo(lucas, path, "red" if "first" in path else "white", Comment="saved by another program")
    assert tally(build(lucas)) == (0, 0, 6, 0)
    assert lucas.snapshot() == before
    photo(lucas, path, "blue")
    done = build(lucas)
    assert done.statuses == {target: "rendered"}
    assert "pixels: " in reason(done, target) and f"({LUCA}:" in reason(done, target)


def test_a_picture_that_a_build_makes_is_no_reference(lucas: Space) -> None:
    made = "content/images/exercises/arm/luca_plain.png"
    before = lucas.snapshot("content")
    lucas.edit(LUCA, "refs/first.png", made)
    done = build(lucas)
    assert (done.code, [one["code"] for one in done.json["diagnostics"]]) == (2, ["made-picture"])
    assert done.json["diagnostics"][0]["line"] == 14
    assert lucas.snapshot("content") == before


def test_scoring_weights_that_change_no_score_render_and_publish_nothing(cast: Space) -> None:
    before = cast.snapshot("content/images", "content/manifest")
    cast.write("calotype.yaml", cast.read("calotype.yaml") + "scoring: {weights: {technical: 0.7}}\n")
    assert tally(build(cast)) == (0, 0, 7, 0)
    assert cast.snapshot("content/images", "content/manifest") == before


def test_a_scorer_that_judges_otherwise_renders_nothing_but_what_starts_from_another_pick(
    cast: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    score = technical.score
    monkeypatch.setattr(technical.Technical, "epoch", technical.Technical.epoch + 1)
    monkeypatch.setattr(
        technical, "score", lambda *arguments: replace(score(*arguments), total=100 - score(*arguments).total)
    )
    monkeypatch.setattr("calotype.project.last_build.VERSION", "99.0")
    done = build(cast)
    assert done.statuses == {
        FRONT: "cached",
        WAVE: "rendered",
        SHOTS[0]: "cached",
        SHOTS[1]: "rendered",
        SHOTS[2]: "rendered",
    }
    assert done.json["renders"] == 3
    assert reason(done, FRONT).startswith("pick: ")


# what starts from another picture


def other_candidate(space: Space, target: str, count: int) -> int:
    """The number of a candidate that does not stand for `target`."""
    shards = [path for path in space.files("content/manifest") if path.endswith(".jsonl")]
    lines = [json.loads(line) for shard in shards for line in space.read(shard).splitlines()]
    picked = next(int(line["pick"]["candidate"]) for line in lines if line["target"] == target)
    return picked % count + 1


def test_another_pick_renders_the_variations_that_start_from_it(cast: Space) -> None:
    number = other_candidate(cast, FRONT, 3)
    assert cast.call("pick", FRONT, str(number)).code == 0
    done = build(cast)
    assert done.statuses == {FRONT: "cached", WAVE: "rendered"}
    assert done.json["renders"] == 1
    assert reason(done, FRONT) == f"pick: {(number - 2) % 3 + 1} -> {number} (specs/picks/characters/ann.yaml)"
    assert reason(done, WAVE).startswith("reference.pixels: ")


def test_another_pick_renders_the_next_shots_one_after_another(cast: Space) -> None:
    assert cast.call("pick", SHOTS[0], str(other_candidate(cast, SHOTS[0], 2))).code == 0
    done = build(cast)
    assert done.statuses == {SHOTS[0]: "cached", SHOTS[1]: "rendered", SHOTS[2]: "rendered"}
    assert done.json["renders"] == 2


def test_the_pick_put_back_renders_nothing(cast: Space) -> None:
    pictures = cast.snapshot("content/images")
    for target, count in ((FRONT, 3), (SHOTS[0], 2)):
        cast.call("pick", target, str(other_candidate(cast, target, count)))
    assert build(cast).json["renders"] == 3
    shutil.rmtree(cast.root / "specs/picks")
    done = build(cast)
    assert (done.code, done.json["renders"]) == (0, 0)
    assert set(done.statuses.values()) == {"cached"}
    assert {path: digest for path, (digest, _) in cast.snapshot("content/images").items()} == {
        path: digest for path, (digest, _) in pictures.items()
    }


def test_what_starts_from_a_changed_picture_is_rendered_after_it(cast: Space) -> None:
    cast.edit("specs/characters/ann.yaml", "on a chair", "on a stool")
    done = build(cast)
    assert done.statuses == {"characters/ann/anchors/chair": "rendered", REST: "rendered"}
    assert reason(done, REST) == "starts from characters/ann/anchors/chair"


def test_a_picture_rendered_anew_with_the_same_pixels_stops_there(cast: Space) -> None:
    cast.write("calotype.yaml", cast.read("calotype.yaml").replace("steps: 20", "steps: 30, scheduler: DDIMScheduler"))
    cast.edit("specs/characters/ann.yaml", "candidates: 1}", "candidates: 1, preset: rough}")
    done = build(cast)
    assert done.json["renders"] == 1
    assert done.statuses["characters/ann/anchors/chair"] == "rendered"
    assert done.statuses.get(REST) != "rendered"
    assert tally(build(cast)) == (0, 0, 7, 0)


# the renderer itself


@pytest.fixture
def own_plugin(lucas: Space, tmp_path: Path) -> tuple[Space, Path]:
    """The plug-in installed for this test alone, so that it can be edited; used by processes of their own."""
    module = sketch.install(tmp_path / "site")
    lucas.env.update(PYTHONPATH=str(module.parent), PYTHONDONTWRITEBYTECODE="1")  # bytecode goes by whole seconds
    lucas.remove("cache/state/record")
    assert tally(lucas.run("build", "--json")) == (0, 0, 6, 0)
    return lucas, module


def test_a_renderer_s_epoch_renders_what_it_drew(own_plugin: tuple[Space, Path]) -> None:
    space, module = own_plugin
    module.write_text(module.read_text() + "\n# another release\n")
    assert tally(space.run("build", "--json")) == (0, 0, 6, 0)
    module.write_text(module.read_text().replace(sketch.EPOCH, "EPOCH = 2"))
    done = space.run("build", "--json")
    assert tally(done) == (0, 6, 0, 0)
    assert reason(done, LUCAS[0]) == "epoch: 1 -> 2 (sketch draws in another way)"
    shown = space.run("explain", LUCAS[0])
    assert "sketch draws in another way" in shown.out and "specs/" not in shown.out


def test_what_a_renderer_reads_no_longer_is_said_in_words(own_plugin: tuple[Space, Path]) -> None:
    """No line of a spec decided it, and `tint: 2 -> -` tells nobody anything."""
    space, module = own_plugin
    text = module.read_text()
    module.write_text(text.replace('"renderer":', '"tint": 2, "renderer":').replace(sketch.EPOCH, "EPOCH = 2"))
    done = space.run("build", "--json")
    assert reason(done, LUCAS[0]).endswith("tint: - -> 2 (sketch reads it now)")
    module.write_text(text)
    done = space.run("plan", "--json")
    assert reason(done, LUCAS[0]).endswith("tint: 2 -> - (sketch reads it no longer)")


def test_a_renderer_s_epoch_is_noticed_after_a_build_of_another_spec(own_plugin: tuple[Space, Path]) -> None:
    space, module = own_plugin
    space.write(OTHER, OTHER_SPEC)
    assert space.run("build", "--json").json["renders"] == 1
    module.write_text(module.read_text().replace(sketch.EPOCH, "EPOCH = 2"))
    assert space.run("build", "--json").json["renders"] == 6


MEDDLING = """
        from contextlib import suppress
        for path in sorted(Path("meddle").glob("*/*")):
            with suppress(FileNotFoundError):  # another batch, rendered at the same time, was first
                path.replace(path.relative_to("meddle"))
        for index, request in enumerate(batch):"""


@pytest.mark.parametrize(("path", "target"), [("loras/luca.safetensors", LUCAS[1]), ("refs/first.png", LUCAS[4])])
def test_an_input_edited_during_its_own_render_is_neither_published_nor_remembered(
    own_plugin: tuple[Space, Path], path: str, target: str
) -> None:
    space, module = own_plugin
    before = (space.root / path).read_bytes()
    module.write_text(module.read_text().replace("\n        for index, request in enumerate(batch):", MEDDLING))
    photo(space, f"meddle/{path}", "green")
    space.write(LUCA, LUCA_SPEC.replace("title: Luca", "title: Luca\nseed: 5"))
    done = space.run("build", "--json")
    assert (done.code, done.json["failed"], done.statuses.get(target)) == (1, 1, "failed"), done
    assert sorted(done.statuses.values()) == ["failed"] + ["rendered"] * 5
    again = space.run("build", "--json")
    assert (again.code, again.json["renders"], again.statuses) == (0, 1, {target: "rendered"})
    space.write(path, before)
    assert space.run("build", "--json").json["renders"] == 1


# explain: the same reasons, in full


def test_explain_tells_a_preset_s_value_where_it_is_decided(lucas: Space) -> None:
    lucas.edit("calotype.yaml", "steps: 20", "steps: 24")
    assert explained(lucas, LUCAS[2]) == [("steps", 20, 24, "calotype.yaml", 5)]
    build(lucas)
    lucas.edit(LUCA, "preset: rough", "preset: high")
    assert explained(lucas, LUCAS[2]) == [("steps", 24, 40, LUCA, 8)]


def test_explain_tells_a_setting_where_it_is_decided(lucas: Space) -> None:
    for number, (edited, old, new, place) in enumerate(
        [
            (LUCA, "title: Luca\n", "title: Luca\nseed: 5\n", (LUCA, 5)),
            ("calotype.yaml", "{size: [64, 64]}", "{size: [72, 64]}", ("calotype.yaml", 3)),
        ]
    ):
        lucas.edit(edited, old, new)
        assert explained(lucas, LUCAS[0])[0][3:] == place, number
        build(lucas)


def test_explain_tells_a_pick_by_its_file(cast: Space) -> None:
    number = other_candidate(cast, FRONT, 3)
    cast.call("pick", FRONT, str(number))
    assert explained(cast, FRONT) == [("pick", (number - 2) % 3 + 1, number, "specs/picks/characters/ann.yaml", None)]
    build(cast)
    assert explained(cast, FRONT, "last_build")[0][0] == "pick"
    assert explained(cast, WAVE, "last_build")[0][0] == "reference.pixels"


def test_a_character_concerns_the_specs_that_speak_of_it_wherever_its_file_lies(drawing: Space) -> None:
    drawing.write("specs/exercises/eve.yaml", "kind: character\nid: eve\nprompt: a woman\n")
    drawing.write("specs/scenes/tea.yaml", SCENE.replace("[ann]", "[eve]").replace("chain: true", "chain: false"))
    drawing.settle()
    assert build(drawing).json["renders"] == 4
    drawing.edit("specs/exercises/eve.yaml", "a woman", "a man")
    assert build(drawing).json["renders"] == 4
