"""Licences of weights by the command line: told by `models` and `show`, refused by `policy: commercial`, named by the manifest."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kit import manifest_lines, tally, use_sketch, walk_spec
from PIL import Image

from calotype.plan import parts
from conftest import REPOSITORY, Run, Space
from faces import EMBEDDING, embedding

SPEC_FILE = "specs/exercises/neck/nod.yaml"
SPEC = """\
kind: exercise
id: nod
region: neck
images:
  - {view_angle: lateral, body_position: seated, description: up, alt: Up., loras: [{name: luca}]}
  - {view_angle: lateral, body_position: seated, description: down, alt: Down.}
"""
SDXL = """\
version: 1
renderer: sdxl
policy: commercial
"""
SKETCH = """\
version: 1
renderer: sketch
defaults: {size: [64, 64]}
models: {base: base.safetensors}
loras: {luca: {path: loras/luca.safetensors}, idle: {path: loras/idle.safetensors}}
"""
UP, DOWN = "exercises/nod/01", "exercises/nod/02"
BOTH = "licences: {luca: {licence: CC-BY-4.0, commercial: yes}, base.safetensors: {licence: Ours, commercial: yes}}\n"


@pytest.fixture
def sketched(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A built project of two images by a renderer that reads weights: a checkpoint, and a LoRA for one of them."""
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", SKETCH)
    space.write(SPEC_FILE, SPEC)
    space.write("base.safetensors", b"base")
    space.write("loras/luca.safetensors", b"luca")
    space.settle()
    assert tally(space.call("build", "--json")) == (0, 2, 0, 0)
    return space


def write(space: Space, config: str, spec: str = SPEC) -> None:
    space.write("calotype.yaml", config)
    space.write(SPEC_FILE, spec)


def refused(done: Run) -> list[tuple[str, int, int, str]]:
    """(file, line, column, message) of what the policy refuses."""
    return [(each["file"], each["line"], each["column"], each["message"])
            for each in done.json["diagnostics"] if each["code"] == "licence"]


def validate(space: Space) -> list[tuple[str, int, int, str]]:
    done = space.call("validate", "--json")
    assert done.code == (2 if refused(done) else 0), done.err
    return refused(done)


def row(space: Space, name: str) -> dict[str, Any]:
    return next(row for row in space.call("models", "--json").json["models"] if row["name"] == name)


def under_policy(space: Space, *more: str) -> None:
    space.write("calotype.yaml", space.read("calotype.yaml") + "policy: commercial\n" + "".join(more))


def test_models_tell_licence_and_commercial_of_all_weights_in_use(space: Space) -> None:
    models = "models: {ip_adapter: {model: h94/IP-Adapter-FaceID, file: f.safetensors, encoder: null}}\n"
    write(space, f"version: 1\nrenderer: sdxl\n{models}loras: {{luca: {{path: loras/luca.safetensors}}}}\n",
          SPEC + "  - {view_angle: lateral, body_position: seated, description: at, controls: [{type: openpose, from: pose}], characters: [ann]}\n")
    space.write("refs/ann.npy", embedding(EMBEDDING))
    space.write("specs/characters/ann.yaml", "kind: character\nid: ann\nprompt: ann\nreferences: [refs/ann.npy]\n"
                "anchors: {poses: [{id: front, prompt: ann, renderer: mannequin}]}\n")
    rows = {row["name"]: (row["licence"], row["commercial"]) for row in space.call("models", "list", "--json").json["models"]}
    assert rows == {
        "stabilityai/stable-diffusion-xl-base-1.0:fp16": ("CreativeML Open RAIL++-M", "yes"), "madebyollin/sdxl-vae-fp16-fix": ("MIT", "yes"),
        "thibaud/controlnet-openpose-sdxl-1.0/OpenPoseXL2.safetensors": ("other", "unknown"),
        "h94/IP-Adapter-FaceID/f.safetensors": ("non-commercial research", "no"), "loras/luca.safetensors": ("", "unknown")}
    told = space.call("models").out
    assert "luca (loras/luca.safetensors)  commercial unknown\n" in told
    assert "madebyollin/sdxl-vae-fp16-fix  not pinned  MIT, commercial yes\n" in told
    assert "non-commercial research, commercial no\n" in told
    space.edit("calotype.yaml", "version: 1\n", "version: 1\nlicences: {luca: {licence: CC0-1.0, commercial: true, note: ours}}\n")
    luca = row(space, "loras/luca.safetensors")
    assert (luca["licence"], luca["commercial"], luca["note"]) == ("CC0-1.0", "yes", "ours")


def test_without_a_policy_nothing_is_refused(space: Space) -> None:
    write(space, "version: 1\nrenderer: sdxl\nmodels: {base: black-forest-labs/FLUX.1-dev}\nloras: {luca: {path: loras/luca.safetensors}}\n")
    assert validate(space) == []
    space.edit("calotype.yaml", "version: 1\n", "version: 1\npolicy: any\n")
    assert validate(space) == []


def test_what_may_be_used_passes(space: Space) -> None:
    write(space, SDXL, SPEC.replace(", loras: [{name: luca}]", ", controls: [{type: depth, from: pose}]"))
    assert validate(space) == []


def test_weights_are_refused_at_the_line_that_names_them(space: Space) -> None:
    write(space, SDXL + "models:\n  base: black-forest-labs/FLUX.1-dev\nloras:\n  luca: {path: loras/luca.safetensors}\n")
    assert validate(space) == [
        ("calotype.yaml", 5, 9, "`black-forest-labs/FLUX.1-dev` may not be used commercially: FLUX.1 [dev] Non-Commercial "
                                "(of the weights; what a service offers that runs them is its own matter)"),
        ("calotype.yaml", 7, 16, "nobody says whether the LoRA `luca` (`loras/luca.safetensors`) may be used commercially"),
    ]
    shown = space.call("validate").err
    assert "calotype.yaml:7:16: error[licence]: nobody says" in shown
    assert "write `licences: {luca: {licence: NAME, commercial: yes}}`" in shown


def test_packaged_weights_are_refused_at_the_policy_with_others_to_take(space: Space) -> None:
    spec = SPEC.replace("loras: [{name: luca}]", "controls: [{type: openpose, from: pose}]")
    write(space, SDXL, spec)
    ((file, line, column, message),) = validate(space)
    assert (file, line, column) == ("calotype.yaml", 3, 9) and "thibaud/controlnet-openpose-sdxl-1.0" in message
    assert "take others that may, such as xinsir/controlnet-openpose-sdxl-1.0; or" in space.call("validate").err
    write(space, SDXL + "controlnets: {openpose: {model: xinsir/controlnet-openpose-sdxl-1.0}}\n", spec)
    assert validate(space) == []
    write(space, SDXL + "licences: {openpose: {licence: by letter, commercial: yes}}\n", spec)
    assert validate(space) == []


def test_a_detector_and_an_adapter_of_faces_are_refused_too(space: Space) -> None:
    picture = Image.new("RGB", (64, 64), "white")
    (space.root / "refs").mkdir()
    picture.save(space.root / "refs/x.png")
    spec = SPEC.replace("loras: [{name: luca}]", "controls: [{type: openpose, image: refs/x.png}]")
    write(space, SDXL + "controlnets: {openpose: {model: xinsir/controlnet-openpose-sdxl-1.0}}\n", spec)
    assert [each[3].partition(":")[0] for each in validate(space)] == ["`lllyasviel/Annotators` may not be used commercially"]
    space.write("refs/ann.npy", embedding(EMBEDDING))
    space.write("specs/characters/ann.yaml", "kind: character\nid: ann\nprompt: ann\nreferences: [refs/ann.npy]\n"
                "anchors: {poses: [{id: front, prompt: ann, alt: Ann.}]}\n")
    write(space, SDXL + "models:\n  ip_adapter: {model: h94/IP-Adapter-FaceID, file: f.safetensors, encoder: null}\n", SPEC.replace(", loras: [{name: luca}]", ""))
    ((file, line, column, message),) = validate(space)
    assert (file, line, column) == ("calotype.yaml", 5, 23) and message.startswith("`h94/IP-Adapter-FaceID/f.safetensors` may not be used")


def test_only_what_some_image_reads_is_refused(space: Space) -> None:
    loras = "loras: {luca: {path: loras/luca.safetensors}, idle: {path: loras/idle.safetensors}}\n"
    write(space, SDXL + loras, SPEC.replace("alt: Up.", "alt: Up., renderer: mannequin"))
    assert validate(space) == []
    write(space, SDXL.replace("sdxl", "mannequin") + loras + "models: {base: black-forest-labs/FLUX.1-dev}\n")
    assert validate(space) == [] and space.call("build").code == 0


ANN = """\
kind: character
id: ann
prompt: ann
references: [refs/ann.png]
identity: {method: arcface}
anchors: {poses: [{id: front, prompt: ann, alt: Ann.}]}
"""


def test_the_models_of_scorers_count_where_they_judge(space: Space) -> None:
    spec = SPEC.replace(", loras: [{name: luca}]", "")
    write(space, SDXL + "scoring: {weights: {pick: 1, clip: 1}}\n", spec)
    assert validate(space) == []  # one candidate is ordered by nobody
    write(space, SDXL + "scoring: {weights: {pick: 1, clip: 1}}\n", spec.replace("alt: Up.", "alt: Up., candidates: 2"))
    assert validate(space) == [("calotype.yaml", 3, 9, "nobody says whether `yuvalkirstain/PickScore_v1` may be used commercially: "
                                                      "none stated (its page states none)")]
    write(space, SDXL + "scoring:\n  weights: {pick: 1}\n  models: {pick: {model: acme/pick}}\n", spec.replace("alt: Up.", "alt: Up., candidates: 2"))
    assert [each[:3] for each in validate(space)] == [("calotype.yaml", 6, 26)]
    write(space, SDXL + "scoring: {weights: {clip: 1, vqa: 1}}\n", spec.replace("alt: Up.", "alt: Up., candidates: 2"))
    assert validate(space) == []


def test_models_tell_of_what_judges_read(space: Space) -> None:
    (space.root / "refs").mkdir()
    Image.new("RGB", (64, 64), "white").save(space.root / "refs/ann.png")
    space.write("specs/characters/ann.yaml", ANN)
    write(space, "version: 1\nrenderer: sdxl\nidentity: {pack: models/buffalo_l}\nscoring: {weights: {pick: 1}}\n",
          SPEC.replace(", loras: [{name: luca}]", ", candidates: 2"))
    rows = {row["name"]: (row["images"], row["commercial"]) for row in space.call("models", "--json").json["models"]}
    assert rows["yuvalkirstain/PickScore_v1"] == (1, "unknown") and rows["models/buffalo_l"] == (1, "no")
    assert not any("blip" in name or "vitpose" in name for name in rows)  # nobody named them, and they are not here


def test_scorers_that_nobody_named_and_that_are_not_here_are_left_alone(space: Space) -> None:
    write(space, SDXL, SPEC.replace(", loras: [{name: luca}]", ", candidates: 3"))
    done = space.call("validate", "--json")
    assert done.code == 0
    assert not [each for each in done.json["diagnostics"] if "PickScore" in each["message"] or "vitpose" in each["message"]]


@pytest.mark.parametrize(("pack", "message"), [
    ("models/buffalo_l", "`models/buffalo_l` may not be used commercially: insightface: non-commercial research (of the packs; the code is MIT)"),
    ("models/mine", "nobody says whether `models/mine` may be used commercially"),
])
def test_a_pack_of_faces_is_refused_where_it_is_named(space: Space, pack: str, message: str) -> None:
    (space.root / "refs").mkdir()
    Image.new("RGB", (64, 64), "white").save(space.root / "refs/ann.png")
    space.write("specs/characters/ann.yaml", ANN)
    write(space, f"{SDXL}identity:\n  pack: {pack}\n", SPEC.replace(", loras: [{name: luca}]", ""))
    assert validate(space) == [("calotype.yaml", 5, 9, message)]
    assert ("such as fal/AuraFace-v1; or" in space.call("validate").err) is (pack == "models/buffalo_l")
    space.edit("calotype.yaml", f"pack: {pack}", f"pack: {pack}\nlicences: {{{pack}: {{licence: bought, commercial: yes}}}}")
    assert validate(space) == []
    space.edit("specs/characters/ann.yaml", "arcface", "dino")
    space.edit("calotype.yaml", "bought, commercial: yes", "bought, commercial: no")
    assert validate(space) == []  # DINOv2 is Apache-2.0, and the pack is not read


@pytest.mark.parametrize(("base", "refusals"), [("stabilityai/stable-diffusion-xl-base-1.0", []), ("black-forest-labs/FLUX.1-dev", [("calotype.yaml", 4, 22)])])
def test_a_lora_that_is_trained_here_is_refused_as_its_base_is(space: Space, base: str, refusals: list[tuple[str, int, int]]) -> None:
    space.write("specs/characters/ann.yaml", "kind: character\nid: ann\nprompt: ann\ntraining_set: {trigger_word: annx, min: 1, train: {}}\n"
                "anchors: {poses: [{id: front, prompt: ann, alt: Ann., renderer: mannequin}]}\n")
    write(space, f"{SDXL}loras: {{luca: {{from: characters/ann}}}}\nmodels: {{base: {base}}}\n")
    assert [each[:3] for each in validate(space) if "LoRA" in each[3]] == refusals
    told = row(space, "content/training/ann/ann.safetensors")
    assert told["note"] == f"trained here on {base}" and told["commercial"] == ("no" if refusals else "yes")


def test_a_lora_may_what_the_model_may_that_its_character_names(space: Space) -> None:
    space.write("specs/characters/ann.yaml", "kind: character\nid: ann\nprompt: ann\nmodel: dev\ntraining_set: {trigger_word: annx, min: 1, train: {}}\n"
                "anchors: {poses: [{id: front, prompt: ann, alt: Ann., renderer: mannequin}]}\n")
    bases = "base: stabilityai/stable-diffusion-xl-base-1.0, dev: {base: black-forest-labs/FLUX.1-dev}"
    write(space, f"{SDXL}loras: {{luca: {{from: characters/ann}}}}\nmodels: {{{bases}}}\n")
    assert [each[:3] for each in validate(space) if "LoRA" in each[3]] == [("calotype.yaml", 4, 22)]
    told = row(space, "content/training/ann/ann.safetensors")
    assert (told["note"], told["commercial"]) == ("trained here on black-forest-labs/FLUX.1-dev", "no")
    space.edit("specs/characters/ann.yaml", "model: dev\n", "")
    assert [each for each in validate(space) if "LoRA" in each[3]] == []


def test_under_the_policy_no_command_renders_or_writes(sketched: Space) -> None:
    before = sketched.snapshot("specs", "content", "build")
    under_policy(sketched)
    sketched.edit(SPEC_FILE, "description: up", "description: high")
    for words in (["plan"], ["check"], ["check", "--full"], ["build"], ["build", DOWN], ["build", "--dry-run"], ["validate"]):
        done = sketched.call(*words, "--json")
        assert done.code == 2, words
        assert [each[:3] for each in refused(done)] == [("calotype.yaml", 4, 16), ("calotype.yaml", 5, 22)], words
    sketched.edit(SPEC_FILE, "description: high", "description: up")
    after = sketched.snapshot("specs", "content", "build")
    assert {path: digest for path, (digest, _) in after.items()} == {path: digest for path, (digest, _) in before.items()}


def test_what_the_project_says_is_enough_and_renders_nothing(sketched: Space) -> None:
    under_policy(sketched, BOTH)
    before = sketched.snapshot("content")
    assert sketched.call("check").code == 0 and tally(sketched.call("build", "--json")) == (0, 0, 2, 0)
    assert sketched.snapshot("content") == before
    sketched.edit("calotype.yaml", "licence: Ours, commercial: yes", "licence: Ours, commercial: no")
    assert [each[3] for each in validate(sketched)] == ["`base.safetensors` may not be used commercially: Ours"]


def test_another_lora_in_one_spec_is_refused_when_it_comes(sketched: Space) -> None:
    under_policy(sketched, BOTH)
    assert sketched.call("build").code == 0
    sketched.write("loras/idle.safetensors", b"idle")
    sketched.edit(SPEC_FILE, "alt: Down.", "alt: Down., loras: [{name: idle}]")
    done = sketched.call("build", "--json")
    assert done.code == 2 and [each[1:3] for each in refused(done)] == [(5, 60)]


def test_a_licence_of_weights_that_are_not_named_is_a_warning(space: Space) -> None:
    write(space, "version: 1\nloras: {luca: {path: loras/luca.safetensors}}\nlicences:\n  loras: {licence: X, commercial: yes}\n"
          "  lucca: {licence: X, commercial: yes}\n  Intel/dpt-large: {licence: X, commercial: yes}\n")
    done = space.call("validate", "--json")
    unread = [each for each in done.json["diagnostics"] if each["code"] == "licence-unread"]
    assert done.code == 0 and [(each["severity"], each["line"], each["hint"]) for each in unread] == [("warning", 5, "did you mean `luca`?")]


def test_parts_tell_each_refusal_once(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    write(space, SDXL + "loras: {luca: {path: loras/luca.safetensors}}\n")
    for number in range(12):
        space.write(f"specs/exercises/neck/nod_{number}.yaml", SPEC.replace("id: nod", f"id: nod_{number}"))
    alone = space.call("validate", "--full", "--json")
    monkeypatch.setattr(parts, "processes_for", lambda items, worth: 2)
    assert len(refused(alone)) == 1 and refused(space.call("validate", "--full", "--json")) == refused(alone)


def test_each_line_names_what_touched_the_image(sketched: Space) -> None:
    lines = manifest_lines(sketched)
    assert [(each["kind"], each["name"]) for each in lines[UP]["made_with"]] == [
        ("render", "base.safetensors"), ("render", "loras/luca.safetensors")]
    assert [each["name"] for each in lines[DOWN]["made_with"]] == ["base.safetensors"]
    assert {each["digest"] for each in lines[UP]["made_with"]} <= set(json.dumps(lines[UP]["request"]).split('"'))
    told = sketched.call("show", UP)
    assert told.out.rstrip().endswith("made with\n    base.safetensors  commercial unknown\n    luca (loras/luca.safetensors)  commercial unknown")
    page = sketched.read("build/exercises/nod.html")
    assert re.search(r"made with</dt>\s*<dd>base.safetensors</dd>", page) and re.search(r"LoRA</dt>\s*<dd>luca</dd>", page)
    sketched.write("calotype.yaml", sketched.read("calotype.yaml") + BOTH)
    assert "luca (loras/luca.safetensors)  CC-BY-4.0, commercial yes" in sketched.call("show", UP).out
    used = sketched.call("show", UP, "--json").json["made_with"]
    assert [(each["lora"], each["licence"], each["commercial"], each["target"]) for each in used] == [
        ("", "Ours", "yes", UP), ("luca", "CC-BY-4.0", "yes", UP)]


def test_a_drawn_figure_is_made_with_no_weights(space: Space) -> None:
    write(space, "version: 1\ndefaults: {size: [64, 64]}\n", SPEC.replace(", loras: [{name: luca}]", ""))
    assert space.call("build").code == 0
    assert all("made_with" not in line for line in manifest_lines(space).values())
    assert "made with" not in space.call("show", UP).out and "made with" not in space.read("build/exercises/nod.html")


def without_the_field(space: Space) -> None:
    """The manifest as a version wrote it that did not tell what images were made with."""
    path = "content/manifest/exercises/neck.jsonl"
    lines = [json.loads(line) for line in space.read(path).splitlines()]
    plain = [{name: value for name, value in line.items() if name != "made_with"} for line in lines]
    assert plain != lines
    space.write(path, "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in plain))


def test_a_line_that_does_not_tell_it_is_current_and_is_not_written_again(sketched: Space) -> None:
    without_the_field(sketched)
    before = sketched.snapshot("content")
    assert sketched.call("check", "--full").code == 0 and tally(sketched.call("build", "--json")) == (0, 0, 2, 0)
    assert sketched.snapshot("content") == before
    assert "luca (loras/luca.safetensors)" in sketched.call("show", UP).out
    sketched.remove("cache")
    assert tally(sketched.call("build", "--json")) == (0, 0, 2, 0) and sketched.snapshot("content") == before


def test_other_words_write_the_line_with_what_it_was_made_with(sketched: Space) -> None:
    told = manifest_lines(sketched)[UP]["made_with"]
    without_the_field(sketched)
    sketched.edit(SPEC_FILE, "alt: Up.", "alt: High up.")
    assert sketched.call("build", "--json").json["renders"] == 0
    assert manifest_lines(sketched)[UP]["made_with"] == told and "made_with" not in manifest_lines(sketched)[DOWN]


def test_the_same_bytes_under_another_name_render_and_rewrite_nothing(sketched: Space) -> None:
    shard = sketched.read("content/manifest/exercises/neck.jsonl")
    sketched.move("loras/luca.safetensors", "loras/luca_v2.safetensors")
    sketched.edit("calotype.yaml", "loras/luca.s", "loras/luca_v2.s")
    assert tally(sketched.call("build", "--json")) == (0, 0, 2, 0)
    assert sketched.read("content/manifest/exercises/neck.jsonl") == shard
    assert "luca (loras/luca_v2.safetensors)" in sketched.call("show", UP).out


def test_an_approved_picture_keeps_the_names_of_weights_that_are_gone(sketched: Space) -> None:
    assert sketched.call("approve", UP).code == 0 and sketched.call("build").code == 0
    sketched.write("loras/luca.safetensors", b"trained again")
    sketched.edit("calotype.yaml", "luca: {path", "luca: {weight: 0.5, path")
    sketched.move("loras/luca.safetensors", "loras/new.safetensors")
    sketched.edit("calotype.yaml", "loras/luca.safetensors", "loras/new.safetensors")
    assert sketched.call("build").code == 3
    used = sketched.call("show", UP, "--json").json["made_with"]
    assert [each["name"] for each in used] == ["base.safetensors", "loras/luca.safetensors"]


def test_of_a_picture_put_in_by_hand_nothing_is_told(sketched: Space) -> None:
    Image.new("RGB", (64, 64), "white").save(sketched.root / "mine.png")
    assert sketched.call("pick", UP, "mine.png").code == 0 and sketched.call("build").code == 0
    assert "made_with" not in manifest_lines(sketched)[UP] and "made with" not in sketched.call("show", UP).out


def test_what_a_picture_starts_from_is_told_with_it(sketched: Space) -> None:
    sketched.write("specs/scenes/walk.yaml", walk_spec("one, loras: [{name: luca}]", "two"))
    assert sketched.call("build").code == 0
    told = sketched.call("show", "scenes/walk/b").out
    assert "luca (loras/luca.safetensors)  commercial unknown  (render of scenes/walk/a)" in told
    assert "\n    base.safetensors  commercial unknown\n" in told


def test_a_line_whose_weights_do_not_stand_in_its_request_is_not_believed(sketched: Space) -> None:
    path = "content/manifest/exercises/neck.jsonl"
    digest = manifest_lines(sketched)[DOWN]["made_with"][0]["digest"]
    text = sketched.read(path)
    place = text.rindex(digest)
    sketched.write(path, text[:place] + "0" * 64 + text[place + 64:])
    done = sketched.call("check", "--full", "--json")
    assert any("does not hold the weights that it names" in each["message"] for each in done.json["diagnostics"])
    assert sketched.call("build", "--json").json["renders"] == 0 and sketched.read(path) == text


@pytest.mark.parametrize("value", ["[]", "null", "7", '[{"kind":"render","name":"x"}]', '[{"kind":"render","name":"x","digest":"y"}]'])
def test_a_line_that_tells_it_badly_is_damaged_or_says_nothing(sketched: Space, value: str) -> None:
    path = "content/manifest/exercises/neck.jsonl"
    whole = sketched.read(path)
    lines = [json.loads(line) for line in whole.splitlines()]
    lines[1]["made_with"] = json.loads(value)
    sketched.write(path, "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines))
    assert sketched.call("check", "--full").code in (0, 1)
    assert sketched.call("build", "--json").json["renders"] == 0 and sketched.call("check", "--full").code == 0


@pytest.fixture(scope="module")
def dpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A depth model of the kind of Intel/dpt-large, small and random."""
    import torch
    from transformers import DPTConfig, DPTForDepthEstimation, DPTImageProcessor

    folder = tmp_path_factory.mktemp("dpt")
    torch.manual_seed(3)
    config = DPTConfig(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=37, image_size=32, patch_size=16,
        backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[16, 16, 32, 32], fusion_hidden_size=16, is_hybrid=False)
    DPTForDepthEstimation(config).save_pretrained(folder)
    DPTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def test_the_detector_of_a_map_is_told_too(sketched: Space, dpt: Path) -> None:
    import shutil

    shutil.copytree(dpt, sketched.root / "models/dpt")
    Image.new("RGB", (64, 64), "white").save(sketched.root / "photo.png")
    sketched.edit("calotype.yaml", "loras:", "controlnets: {depth: {preprocessor: {name: midas, model: models/dpt}}}\nloras:")
    sketched.edit(SPEC_FILE, "alt: Down.", "alt: Down., controls: [{type: depth, image: photo.png}]")
    assert sketched.call("build").code == 0, sketched.call("build").err
    assert ("condition", "models/dpt") in [(each["kind"], each["name"]) for each in manifest_lines(sketched)[DOWN]["made_with"]]
    assert "    models/dpt  commercial unknown  (condition)" in sketched.call("show", DOWN).out
    under_policy(sketched, BOTH)
    assert [each[3] for each in validate(sketched)] == ["nobody says whether `models/dpt` may be used commercially"]


def test_a_check_without_a_policy_reads_no_licences(space: Space) -> None:
    write(space, "version: 1\n", SPEC.replace(", loras: [{name: luca}]", ""))
    assert space.call("build").code == 0
    for words in (["check"], ["check", "--full"], ["validate", "--full"], ["plan"]):
        script = ("import sys; from calotype.__main__ import main; main(sys.argv[1:]); "
                  "print('calotype.models.licences' in sys.modules, file=sys.stderr)")
        done = subprocess.run([sys.executable, "-c", script, *words], cwd=space.root, capture_output=True, text=True, check=True)
        assert done.stderr.splitlines()[-1] == "False", words


def test_the_wheel_carries_the_reviewed_file() -> None:
    assert '"**/*.json"' in (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert (REPOSITORY / "src/calotype/models/licences.json").is_file()
