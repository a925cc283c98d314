"""Every row of the table "what rebuilds what", by the command line."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sketch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from conftest import Run, Space

NOD, BRIDGE = "specs/exercises/neck/nod.yaml", "specs/exercises/hip/bridge.yaml"
NECK = "content/images/exercises/neck"
NODS = [f"exercises/nod/{name}" for name in ("01", "02", "03")]
NOD_SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
tags: [neck]
images:
  - view_angle: lateral
    body_position: seated
    description: head up
    seed: 42
  - view_angle: anterior
    body_position: seated
    description: head level
    caption: Level.
    alt: a head
  - view_angle: lateral
    body_position: seated
    description: head down
    pose: {base: seated, neck_flexion: 30}
"""
BRIDGE_SPEC = """\
kind: exercise
id: bridge
region: hip
title: Bridge
images:
  - {view_angle: lateral, body_position: supine, description: hips up, muscles_shown: [gluteus maximus]}
"""
CONFIG = "version: 1\ndefaults: {size: [64, 64]}\n"


def settle() -> None:
    """Lets the clock tick: files that changed in this very tick are looked at again by the next build in any case."""
    time.sleep(0.06)


def build(space: Space, *words: str) -> Run:
    return space.call("build", "--json", *words)


def reason(done: Run, target: str) -> str:
    return next(str(one["reason"]) for one in done.json["targets"] if one["target"] == target)


def tally(done: Run) -> tuple[int, int, int, int]:
    """(exit code, renders, up to date, removed)"""
    return done.code, done.json["renders"], done.json["up_to_date"], done.json["removed"]


@pytest.fixture
def nods(space: Space) -> Space:
    """Four images of the mannequin, in two specs; built."""
    space.write("calotype.yaml", CONFIG)
    space.write(NOD, NOD_SPEC)
    space.write(BRIDGE, BRIDGE_SPEC)
    settle()
    assert tally(build(space)) == (0, 4, 0, 0)
    return space


# nothing, and what amounts to nothing


def test_a_build_of_what_is_built_renders_nothing_and_writes_nothing(nods: Space) -> None:
    before = nods.snapshot()
    done = build(nods)
    assert tally(done) == (0, 0, 4, 0)
    assert done.json["targets"] == []
    assert nods.snapshot() == before
    assert nods.run("build", "--json").json["up_to_date"] == 4


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text.replace("id: nod\n", "# why\nid: nod   # here\n"), id="comment"),
        pytest.param(lambda text: text.replace("[neck]", "[ neck ]").replace("\ntitle", "\n\n\ntitle"), id="whitespace"),
        pytest.param(lambda text: text.replace("kind: exercise\nid: nod\n", "id: nod\nkind: exercise\n"), id="key order"),
        pytest.param(lambda text: text.replace("head up", "'head up'").replace("Nod\n", '"Nod"\n'), id="quoting"),
        pytest.param(lambda text: text.replace("{base: seated, neck_flexion: 30}", "{neck_flexion: 30.0}"), id="same pose"),
        pytest.param(lambda text: text, id="touch"),
    ],
)
def test_what_does_not_change_the_meaning_of_a_spec_renders_and_writes_nothing(
    nods: Space, edit: Callable[[str], str]
) -> None:
    nods.write(NOD, edit(nods.read(NOD)))
    before = nods.snapshot()
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert nods.snapshot() == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Nod", "title: Nodding", 'title: "Nod" -> "Nodding" (specs/exercises/neck/nod.yaml:4)'),
        ("[neck]", "[neck, desk]", 'tags: ["neck"] -> ["neck", "desk"] (specs/exercises/neck/nod.yaml:5)'),
        ("caption: Level.", "caption: Flat.", 'caption: "Level." -> "Flat." (specs/exercises/neck/nod.yaml:14)'),
        ("alt: a head", "alt: the head", 'alt: "a head" -> "the head" (specs/exercises/neck/nod.yaml:15)'),
    ],
)
def test_words_about_an_image_reach_the_manifest_and_its_sheet_alone(nods: Space, old: str, new: str, said: str) -> None:
    before = nods.snapshot()
    nods.edit(NOD, old, new)
    done = build(nods)
    assert (done.code, done.json["renders"], done.json["removed"]) == (0, 0, 0)
    assert reason(done, NODS[1]) == said
    after = nods.snapshot()
    written = {path for path in before if before[path] != after[path]}
    assert {NOD, "content/manifest/exercises/neck.jsonl", "build/exercises/nod.html"} <= written
    assert not any(path.endswith((".png", "bridge.html", "hip.jsonl", "manifest.json")) for path in written)


# names and places


def test_a_spec_file_moved_renders_nothing_and_moves_no_asset(nods: Space) -> None:
    before = nods.snapshot("content/images")
    nods.move(NOD, "specs/exercises/head/noddings.yaml")
    done = build(nods)
    assert (done.code, done.json["renders"], done.json["removed"]) == (0, 0, 0)
    assert reason(done, NODS[0]) == (
        'spec: "specs/exercises/neck/nod.yaml" -> "specs/exercises/head/noddings.yaml" (specs/exercises/head/noddings.yaml:7)')
    assert nods.snapshot("content/images") == before
    assert tally(build(nods)) == (0, 0, 4, 0)


@pytest.mark.parametrize(
    ("old", "new", "folder", "target", "before"),
    [
        ("id: nod", "id: bow", "neck/bow_", "exercises/bow/", "exercises/nod/01"),
        ("region: neck", "region: head", "head/nod_", "exercises/nod/", f"{NECK}/nod_01.png"),
    ],
)
def test_assets_move_with_a_renamed_id_or_region_and_no_move_is_a_removal(
    nods: Space, old: str, new: str, folder: str, target: str, before: str
) -> None:
    pictures = [(nods.root / f"{NECK}/nod_{name}.png").read_bytes() for name in ("01", "02", "03")]
    nods.edit(NOD, old, new)
    done = build(nods)
    assert tally(done) == (0, 0, 1, 0)
    assert done.statuses == {f"{target}{name}": "cached" for name in ("01", "02", "03")}
    assert reason(done, f"{target}01") == f"was {before}"
    moved = [f"content/images/exercises/{folder}{name}.png" for name in ("01", "02", "03")]
    assert [path for path in nods.files("content/images") if "bridge" not in path] == moved
    assert [(nods.root / path).read_bytes() for path in moved] == pictures
    assert tally(build(nods)) == (0, 0, 4, 0)


def test_an_image_inserted_before_others_is_the_only_one_rendered(nods: Space) -> None:
    first = (nods.root / f"{NECK}/nod_01.png").read_bytes()
    nods.edit(NOD, "images:\n", "images:\n  - {view_angle: posterior, body_position: standing, description: from behind}\n")
    done = build(nods)
    assert tally(done) == (0, 1, 1, 0)
    assert (nods.root / f"{NECK}/nod_02.png").read_bytes() == first
    assert done.statuses == {NODS[0]: "rendered", NODS[1]: "cached", NODS[2]: "cached", "exercises/nod/04": "cached"}


def test_an_identical_request_in_another_spec_is_rendered_once_and_published_twice(nods: Space) -> None:
    for name in ("tilt", "lean"):
        nods.write(f"specs/exercises/neck/{name}.yaml", NOD_SPEC.replace("id: nod", f"id: {name}").replace("seed: 42", "seed: 7"))
    done = build(nods)
    assert tally(done) == (0, 1, 4, 0)
    assert sorted(done.statuses.values()) == ["cached"] * 5 + ["rendered"]
    assert (nods.root / f"{NECK}/tilt_01.png").read_bytes() == (nods.root / f"{NECK}/lean_01.png").read_bytes()


# what the mannequin reads


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seed: 42", "seed: 43", "seed: 42 -> 43 (specs/exercises/neck/nod.yaml:10)"),
        ("seed: 42", "pose: {neck_flexion: 5}\n    seed: 42", "posture.neck_flexion: - -> 5.0 (specs/exercises/neck/nod.yaml:10)"),
        ("description: head up", "description: head up\n    side: left", 'side: "right" -> "left" (specs/exercises/neck/nod.yaml:10)'),
        ("description: head up", "description: up\n    size: [72, 64]", "size: [64, 64] -> [72, 64] (specs/exercises/neck/nod.yaml:10)"),
    ],
)
def test_what_the_renderer_reads_of_one_image_renders_that_image(nods: Space, old: str, new: str, said: str) -> None:
    nods.edit(NOD, old, new)
    done = build(nods)
    assert tally(done) == (0, 1, 3, 0)
    assert done.statuses == {NODS[0]: "rendered"}
    assert reason(done, NODS[0]) == said


def test_a_view_renders_that_image_alone(nods: Space) -> None:
    nods.edit(NOD, "anterior", "posterior")
    done = build(nods)
    assert done.statuses == {NODS[1]: "rendered"}
    assert reason(done, NODS[1]) == 'view: "anterior" -> "posterior" (specs/exercises/neck/nod.yaml:11)'


def test_a_description_renders_nothing_with_a_renderer_that_does_not_read_it(nods: Space) -> None:
    nods.edit(NOD, "head down", "chin on the chest")
    done = build(nods)
    assert (done.code, done.json["renders"]) == (0, 0)
    assert done.statuses == {NODS[2]: "cached"}


def test_the_base_seed_renders_the_images_that_have_no_seed_of_their_own(nods: Space) -> None:
    nods.write("calotype.yaml", CONFIG + "base_seed: 7\n")
    done = build(nods)
    assert tally(done) == (0, 3, 1, 0)
    assert reason(done, NODS[1]) == "seed: 42 -> 7 (calotype.yaml:3)"


def test_a_named_pose_renders_the_images_that_take_it(nods: Space) -> None:
    nods.write("specs/poses/down.yaml", "base: seated\nneck_flexion: 30\n")
    nods.edit(NOD, "pose: {base: seated, neck_flexion: 30}", "pose: down")
    assert tally(build(nods)) == (0, 0, 4, 0)
    nods.edit("specs/poses/down.yaml", "30", "35")
    done = build(nods)
    assert done.statuses == {NODS[2]: "rendered"}
    assert reason(done, NODS[2]) == "posture.neck_flexion: 30.0 -> 35.0 (specs/poses/down.yaml:2)"


def test_what_was_changed_and_put_back_comes_from_the_cache(nods: Space) -> None:
    before = (nods.root / f"{NECK}/nod_01.png").read_bytes()
    nods.edit(NOD, "seed: 42", "seed: 43")
    build(nods)
    nods.edit(NOD, "seed: 43", "seed: 42")
    done = build(nods)
    assert tally(done) == (0, 0, 3, 0)
    assert (done.statuses, done.json["cache_hits"]) == ({NODS[0]: "cached"}, 1)
    assert (nods.root / f"{NECK}/nod_01.png").read_bytes() == before


# assets, caches, removals


def test_an_asset_deleted_by_hand_is_restored(nods: Space) -> None:
    path = f"{NECK}/nod_02.png"
    before = (nods.root / path).read_bytes()
    nods.remove(path)
    assert nods.call("check", "--json").statuses == {NODS[1]: "missing"}
    done = build(nods)
    assert tally(done) == (0, 0, 3, 0)
    assert done.statuses == {NODS[1]: "restored"}
    assert reason(done, NODS[1]) == "the asset is missing"
    assert (nods.root / path).read_bytes() == before


def test_an_asset_edited_by_hand_is_reported_and_the_edit_is_kept(nods: Space) -> None:
    path = f"{NECK}/nod_02.png"
    before = (nods.root / path).read_bytes()
    nods.write(path, b"scribble")
    checked = nods.call("check", "--json")
    assert (checked.code, checked.statuses) == (1, {NODS[1]: "modified"})
    assert nods.read(path) == "scribble"
    done = build(nods)
    assert tally(done) == (0, 0, 3, 0)
    assert done.statuses == {NODS[1]: "restored"}
    assert (nods.root / path).read_bytes() == before
    assert nods.read(f"build/edited/{path}") == "scribble"
    assert f"build/edited/{path}" in done.err
    assert [one["code"] for one in done.json["diagnostics"]] == ["edited"]


def test_a_deleted_build_folder_is_written_again_and_nothing_else(nods: Space) -> None:
    before = nods.snapshot("content")
    pages = {path: nods.read(path) for path in nods.files("build") if path.endswith(".html")}
    nods.remove("build")
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert nods.snapshot("content") == before
    assert {path: nods.read(path) for path in nods.files("build") if path.endswith(".html")} == pages


def test_a_deleted_cache_is_filled_again_from_what_is_published(nods: Space) -> None:
    before = nods.snapshot("content")
    nods.remove("cache")
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert nods.snapshot("content") == before
    nods.remove(f"{NECK}/nod_01.png")
    assert build(nods).statuses == {NODS[0]: "restored"}


def test_a_removed_spec_takes_its_assets_along_and_only_its(nods: Space) -> None:
    nods.write(f"{NECK}/mine.png", b"mine")
    nods.remove(NOD)
    done = build(nods)
    assert tally(done) == (0, 0, 1, 3)
    assert done.statuses == dict.fromkeys(NODS, "removed")
    assert set(map(str, {one["reason"] for one in done.json["targets"]})) == {"no spec asks for it"}
    assert nods.files("content/images") == ["content/images/exercises/hip/bridge_01.png", f"{NECK}/mine.png"]
    assert "content/manifest/exercises/neck.jsonl" not in nods.files("content")


def test_an_image_removed_takes_its_asset_along(nods: Space) -> None:
    nods.write(BRIDGE, BRIDGE_SPEC + "  - {view_angle: oblique, body_position: supine, description: hips down}\n")
    assert tally(build(nods)) == (0, 1, 4, 0)
    nods.write(BRIDGE, BRIDGE_SPEC)
    done = build(nods)
    assert tally(done) == (0, 0, 4, 1)
    assert done.statuses == {"exercises/bridge/02": "removed"}
    assert nods.files("content/images/exercises/hip") == ["content/images/exercises/hip/bridge_01.png"]


def test_an_invalid_spec_removes_nothing(nods: Space) -> None:
    before = nods.snapshot("content")
    nods.remove(BRIDGE)
    nods.edit(NOD, "region: neck", "regoin: neck")
    assert build(nods).code == 2
    assert nods.snapshot("content") == before


def test_another_version_of_calotype_renders_nothing(nods: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    before = nods.snapshot()
    monkeypatch.setattr("calotype.build.noop.VERSION", "99.0")
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert nods.snapshot() == before


# what a renderer of prompts, weights and references reads: a plug-in

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
  - {id: control, view_angle: lateral, body_position: standing, description: held, controls: [{type: canny, image: refs/edge.png}]}
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
FRONT, WAVE, REST = "characters/ann/anchors/front", "characters/ann/variations/wave_01", "characters/ann/variations/rest_01"
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
    settle()
    assert tally(build(drawing)) == (0, 6, 0, 0)
    return drawing


@pytest.fixture
def cast(drawing: Space) -> Space:
    """A character with variations and a chained scene; built."""
    drawing.write("specs/characters/ann.yaml", CAST)
    drawing.write("specs/scenes/tea.yaml", SCENE)
    settle()
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
    assert reason(done, LUCAS[0]).startswith('prompt: "') and reason(done, LUCAS[0]).endswith(f"({LUCA}:6)")


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
    assert reason(done, LUCAS[1]).startswith("loras[0].weights: ")


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
    assert reason(done, LUCAS[1]) == "loras[0].weight: 0.8 -> 0.9 (calotype.yaml:7)"


def test_a_checkpoint_with_other_bytes_renders_every_image_that_uses_it(lucas: Space) -> None:
    lucas.write("models/base.safetensors", b"other")
    assert tally(build(lucas)) == (0, 6, 0, 0)


def test_weights_changed_after_a_build_of_another_spec_are_still_noticed(lucas: Space) -> None:
    lucas.write(NOD, NOD_SPEC.replace("title", "renderer: mannequin\ntitle"))
    assert build(lucas).json["renders"] == 3
    lucas.edit(NOD, "title: Nod", "title: Nodding")
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


def test_scorer_weights_render_nothing(cast: Space) -> None:
    before = cast.snapshot("content/images", "content/manifest")
    cast.write("calotype.yaml", cast.read("calotype.yaml") + "scoring: {weights: {clip: 0.7}}\n")
    assert tally(build(cast)) == (0, 0, 7, 0)
    assert cast.snapshot("content/images", "content/manifest") == before


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
        path: digest for path, (digest, _) in pictures.items()}


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
    assert reason(done, LUCAS[0]).startswith("epoch: 1 -> 2")


def test_a_renderer_s_epoch_is_noticed_after_a_build_of_another_spec(own_plugin: tuple[Space, Path]) -> None:
    space, module = own_plugin
    space.write(NOD, NOD_SPEC.replace("title", "renderer: mannequin\ntitle"))
    assert space.run("build", "--json").json["renders"] == 3
    module.write_text(module.read_text().replace(sketch.EPOCH, "EPOCH = 2"))
    assert space.run("build", "--json").json["renders"] == 6


MEDDLING = """
        for path in sorted(Path("meddle").glob("*/*")):
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
    assert (done.code, done.json["failed"], done.statuses[target]) == (1, 1, "failed")
    assert sorted(done.statuses.values()) == ["failed"] + ["rendered"] * 5
    again = space.run("build", "--json")
    assert (again.code, again.json["renders"], again.statuses) == (0, 1, {target: "rendered"})
    space.write(path, before)
    assert space.run("build", "--json").json["renders"] == 1


# explain: the same reasons, in full, before the build and after it


def explained(space: Space, target: str, when: str = "changes") -> list[tuple[object, ...]]:
    done = space.call("explain", target, "--json")
    assert done.code == 0
    return [tuple(one[name] for name in ("field", "old", "new", "file", "line")) for one in done.json[when]]


def test_explain_tells_each_field_with_its_values_and_its_line(nods: Space) -> None:
    assert explained(nods, NODS[2]) == []
    nods.edit(NOD, "neck_flexion: 30", "neck_flexion: 40, left: {shoulder_flexion: 20}")
    nods.write("calotype.yaml", CONFIG + "base_seed: 7\n")
    assert explained(nods, NODS[2]) == [
        ("posture.left.shoulder_flexion", None, 20.0, NOD, 19),
        ("posture.neck_flexion", 30.0, 40.0, NOD, 19),
        ("seed", 42, 7, "calotype.yaml", 3),
    ]
    assert nods.call("explain", NODS[2], "--json").json["status"] == "stale"


def test_explain_remembers_why_the_picture_was_last_replaced(nods: Space) -> None:
    assert explained(nods, NODS[0], "last_build") == []
    nods.edit(NOD, "seed: 42", "seed: 43")
    build(nods)
    why = [("seed", 42, 43, NOD, 10)]
    assert (explained(nods, NODS[0]), explained(nods, NODS[0], "last_build")) == ([], why)
    nods.edit(NOD, "title: Nod", "title: Nodding")
    nods.edit(NOD, "anterior", "posterior")
    build(nods)
    assert explained(nods, NODS[0], "last_build") == why
    assert explained(nods, NODS[1], "last_build") == [("view", "anterior", "posterior", NOD, 11)]
    nods.edit(NOD, "seed: 43", "seed: 42")
    build(nods)
    assert explained(nods, NODS[0], "last_build") == [("seed", 43, 42, NOD, 10)]


def test_explain_shows_both_on_a_terminal(nods: Space) -> None:
    nods.edit(NOD, "seed: 42", "seed: 43")
    build(nods)
    nods.edit(NOD, "seed: 43", "seed: 44")
    shown = nods.call("explain", NODS[0]).out
    before, _, after = shown.partition("the last build that rendered it")
    assert all(text in before for text in ("stale", "- 43", "+ 44", f"{NOD}:10"))
    assert all(text in after for text in ("- 42", "+ 43", f"{NOD}:10"))


def test_explain_tells_a_preset_s_value_where_it_is_decided(lucas: Space) -> None:
    lucas.edit("calotype.yaml", "steps: 20", "steps: 24")
    assert explained(lucas, LUCAS[2]) == [("steps", 20, 24, "calotype.yaml", 5)]
    build(lucas)
    lucas.edit(LUCA, "preset: rough", "preset: high")
    assert explained(lucas, LUCAS[2]) == [("steps", 24, 40, LUCA, 8)]


def test_explain_tells_a_setting_where_it_is_decided(lucas: Space) -> None:
    for number, (edited, old, new, place) in enumerate([
        (LUCA, "title: Luca\n", "title: Luca\nseed: 5\n", (LUCA, 5)),
        ("calotype.yaml", "{size: [64, 64]}", "{size: [72, 64]}", ("calotype.yaml", 3)),
    ]):
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
