"""From anchors to a LoRA to images: exported, approved, trained, drawn with, and stale again, from the command line."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

import tiny
from conftest import CALOTYPE, Space

CONFIG = """\
version: 1
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
  candidates: 2
  poses:
    - {id: front, prompt: standing}
    - {id: side, prompt: standing, view_angle: lateral}
    - {id: back, prompt: standing, view_angle: posterior}
training_set:
  trigger_word: lucaboy
  min: 3
  max: 5
  train: {steps: 6, rank: 2, learning_rate: 0.001, checkpoint_every: 2}
"""
WALK = """\
kind: scene
id: walk
shots:
  - {id: one, prompt: a boy, alt: A boy., renderer: sdxl, loras: [{name: fit}]}
"""
LORA, SET = "characters/luca/lora", "characters/luca/training_set"
FILE = "content/training/luca/luca.safetensors"
ONE = {"OMP_NUM_THREADS": "1"}


@pytest.fixture
def luca(space: Space) -> Space:
    shutil.copytree(tiny.models() / "base", space.root / "models/base")
    space.write("calotype.yaml", CONFIG)
    space.write("specs/characters/luca.yaml", LUCA)
    space.write("specs/scenes/walk.yaml", WALK)
    return space


@pytest.fixture
def approved(luca: Space) -> Space:
    assert luca.call("export", "training", "luca").code == 0
    assert luca.call("approve", SET).code == 0
    return luca


def product(space: Space, target: str = LORA) -> tuple[str, str]:
    """How a product stands, and why, as a check tells it."""
    rows = space.call("check", "--json").json["products"]
    return next((row["status"], row["reason"]) for row in rows if row["target"] == target)


def status(space: Space, target: str) -> str:
    rows = space.call("list", "--json").json["targets"]
    return next(row["state"] if "state" in row else row["status"] for row in rows if row["target"] == target)


def test_from_anchors_to_images_that_use_the_lora(luca: Space) -> None:
    assert luca.call("build").code == 3 and not luca.files("content/training")
    assert product(luca) == ("not_built", f"`calotype build {LORA}` makes it")
    first = luca.call("build", LORA, "--json")
    assert first.code == 3
    assert first.statuses == {SET: "exported", LORA: "awaiting"}
    assert f"calotype approve {SET}" in first.out
    assert FILE not in luca.files("content/training")

    assert luca.call("approve", SET).code == 0
    planned = luca.call("plan", LORA)
    assert planned.code == 0 and f"train     {LORA} — new; takes about 1 min" in planned.out
    trained = luca.call("build", LORA, "--json")
    assert (trained.code, trained.statuses) == (0, {LORA: "trained"}), trained.err
    record = json.loads(luca.read("content/training/luca/lora.json"))
    assert len(record["facts"]["losses"]) == 6 and record["facts"]["versions"]["peft"]
    with Image.open(luca.root / "content/training/luca/lora_loss.png") as curve:
        assert curve.size == (720, 360)
    assert not luca.files("cache/training")

    built = luca.call("build", "--json")
    assert (built.code, built.statuses) == (0, {"scenes/walk/one": "rendered"}), built.err
    page = luca.read("build/characters/luca.html")
    assert "6 steps on 3 images in less than a minute (cpu)" in page and "../../content/training/luca/lora_loss.png" in page
    assert luca.call("check").code == 0 and status(luca, LORA) == "up_to_date"
    before = luca.snapshot("content")
    again = luca.call("build", LORA, "--json")
    assert again.code == 0 and again.statuses == {} and luca.snapshot("content") == before
    assert "up to date" in luca.call("explain", LORA).out


def test_a_repicked_anchor_makes_just_what_follows_stale(approved: Space) -> None:
    assert approved.call("build", LORA).code == 0 and approved.call("build").code == 0
    before = (approved.root / FILE).read_bytes()
    pick = json.loads(approved.read("content/manifest/characters/luca.jsonl").splitlines()[1])["pick"]["candidate"]
    assert approved.call("pick", "characters/luca/anchors/front", str(3 - pick)).code == 0
    assert approved.call("build").code == 0
    stale = approved.call("check", "--json")
    assert stale.code == 1 and set(stale.statuses) == {SET, LORA}
    again = approved.call("build", LORA, "--json")
    assert again.code == 3 and again.statuses == {SET: "exported", LORA: "awaiting"}
    assert "the set was approved as it was, and has changed" in again.out
    assert (approved.root / FILE).read_bytes() == before
    assert approved.call("approve", SET).code == 0
    assert approved.call("build", LORA, "--json").statuses == {LORA: "trained"}
    assert (approved.root / FILE).read_bytes() != before
    assert approved.call("check", "--json").statuses == {"scenes/walk/one": "stale"}


@pytest.mark.parametrize(("old", "new", "field"), [
    ("rank: 2", "rank: 3", "settings.rank"), ("learning_rate: 0.001", "learning_rate: 0.002", "settings.learning_rate"),
    ("steps: 6", "steps: 7", "settings.steps"), ("trigger_word: lucaboy", "trigger_word: boyluca", "set"),
])
def test_what_decides_it_makes_it_stale_and_is_told(approved: Space, old: str, new: str, field: str) -> None:
    assert approved.call("build", LORA).code == 0
    approved.edit("specs/characters/luca.yaml", old, new)
    assert product(approved)[0] == "stale" and f"{field} changed" in product(approved)[1]
    assert field in approved.call("explain", LORA).out


def test_what_decides_nothing_leaves_it(approved: Space) -> None:
    assert approved.call("build", LORA).code == 0
    approved.edit("specs/characters/luca.yaml", "checkpoint_every: 2", "checkpoint_every: 3")
    approved.edit("calotype.yaml", "device: cpu", "device: auto")
    assert product(approved)[0] == "up_to_date"


def test_an_approval_is_taken_back(approved: Space) -> None:
    assert approved.call("approve", SET, "--undo").code == 0
    assert not approved.files("specs/picks")
    assert approved.call("build", LORA, "--json").statuses == {LORA: "awaiting"}
    refused = approved.call("approve", SET, "--undo")
    assert refused.code == 2 and "no approval to take back" in refused.err


def test_with_auto_nobody_is_asked(luca: Space) -> None:
    luca.edit("specs/characters/luca.yaml", "checkpoint_every: 2", "auto: true")
    assert luca.call("build", LORA, "--json").statuses.items() >= {(SET, "exported"), (LORA, "trained")}


def test_an_approval_is_no_decision_that_nobody_reads(approved: Space) -> None:
    for command in (("build",), ("check",), ("check", "--full")):
        assert "unread-decision" not in approved.call(*command).err
    approved.remove("specs/characters/luca.yaml")
    approved.edit("calotype.yaml", "loras: {fit: {from: characters/luca, weight: 0.8}}\n", "")
    approved.remove("specs/scenes/walk.yaml")
    assert "unread-decision" in approved.call("validate").out + approved.call("validate").err


@pytest.mark.parametrize(("words", "says"), [
    (("approve", SET, "1"), "a training set has no candidates"),
    (("approve", "characters/ann/training_set"), "characters/ann"),
    (("build", "characters/luka/lora"), "nothing is called `characters/luka`"),
    (("build", LORA, "--preset", "draft"), "made of published images, not of previews"),
    (("approve", LORA), LORA),
])
def test_what_cannot_be_asked_for_is_told(luca: Space, words: tuple[str, ...], says: str) -> None:
    assert luca.call("build").code == 3
    refused = luca.call(*words)
    assert refused.code == 2 and says in refused.err, refused.err


def test_a_set_that_is_not_exported_as_it_is_cannot_be_approved(approved: Space) -> None:
    approved.edit("specs/characters/luca.yaml", "min: 3", "min: 4")
    refused = approved.call("approve", SET)
    assert refused.code == 2 and "`min` is 4" in refused.err
    approved.edit("specs/characters/luca.yaml", "min: 4", "min: 1")
    assert approved.call("exclude", "characters/luca/anchors/back", "--reason", "a hand too many").code == 0
    refused = approved.call("approve", SET)
    assert refused.code == 2 and "is not as it was exported" in refused.err and "calotype export training luca" in refused.err


def test_a_set_under_min_is_not_trained_on(luca: Space) -> None:
    luca.edit("specs/characters/luca.yaml", "min: 3", "min: 4")
    ran = luca.call("build", LORA, "--json")
    assert ran.code == 3 and ran.statuses[SET] == "awaiting" and not luca.files("content/training")


def test_a_spec_that_says_nothing_of_a_training_has_no_lora(luca: Space) -> None:
    luca.edit("specs/characters/luca.yaml", "  train: {steps: 6, rank: 2, learning_rate: 0.001, checkpoint_every: 2}\n", "")
    refused = luca.call("validate")
    assert refused.code == 2 and "calotype.yaml:5" in refused.out + refused.err and "write `train: {}`" in refused.out + refused.err
    luca.edit("calotype.yaml", "loras: {fit: {from: characters/luca, weight: 0.8}}\n", "")
    luca.remove("specs/scenes/walk.yaml")
    refused = luca.call("build", LORA)
    assert refused.code == 2 and "write `train: {}`" in refused.err


@pytest.mark.parametrize(("train", "says"), [
    ("steps: 0", "steps"), ("rank: 1000", "rank"), ("learning_rate: 1e-4", "write 0.0001"), ("resolution: 100", "resolution"),
    ("learning_rate: .nan", "learning_rate"), ("epochs: 3", "epochs"),
])
def test_wrong_numbers_are_told_with_their_place(luca: Space, train: str, says: str) -> None:
    luca.edit("specs/characters/luca.yaml", "steps: 6, rank: 2, learning_rate: 0.001, checkpoint_every: 2", train)
    refused = luca.call("validate")
    text = refused.out + refused.err
    assert refused.code == 2 and "specs/characters/luca.yaml:14" in text and says in text, text


def test_missing_weights_are_told_before_anything_starts(luca: Space) -> None:
    luca.remove("models")
    luca.remove("specs/scenes/walk.yaml")
    refused = luca.call("build", LORA)
    assert refused.code == 2 and "specs/characters/luca.yaml:14:3" in refused.err and "models/base" in refused.err
    assert not luca.files("content")


def test_a_plan_tells_what_a_training_lacks(approved: Space) -> None:
    assert approved.call("plan", LORA, "--json").json["diagnostics"] == []
    shutil.rmtree(approved.root / "models")
    for words in (("plan", LORA), ("build", LORA, "--dry-run")):
        done = approved.call(*words, "--json")
        [told] = [each for each in done.json["diagnostics"] if each["file"] == "specs/characters/luca.yaml"]
        assert done.code == 0 and told["severity"] == "warning" and "models/base" in told["message"], done.out
    assert approved.call("plan", SET, "--json").code == 0


def test_the_doctor_tells_whether_a_training_can_begin(luca: Space) -> None:
    luca.remove("specs/scenes/walk.yaml")

    def told() -> tuple[str, str]:
        found = {each["name"]: each for each in luca.call("doctor", "--json").json["findings"]}
        return found["training characters/luca"]["status"], found["training characters/luca"]["detail"]

    status, detail = told()
    assert status == "ok" and detail.startswith("6 steps at 1024, rank 2: at least about 8.2 GB on a GPU")
    luca.remove("models")
    status, detail = told()
    assert status == "warning" and "models/base" in detail


def test_a_lora_of_weights_that_are_gone_is_still_current(approved: Space) -> None:
    assert approved.call("build", LORA).code == 0
    approved.remove("models")
    assert status(approved, LORA) == "up_to_date"


def test_a_training_that_leaves_the_numbers_fails_and_publishes_nothing(approved: Space) -> None:
    unet = approved.root / "models/base/unet/diffusion_pytorch_model.safetensors"
    tensors = load_file(unet)
    save_file({**tensors, "conv_out.bias": tensors["conv_out.bias"] * torch.nan}, unet)
    failed = approved.call("build", LORA, "--json")
    assert failed.code == 1 and failed.statuses == {LORA: "failed"}
    assert "the training left the numbers at step 1" in failed.err and "lower `learning_rate`" in failed.err
    assert FILE not in approved.files("content/training") and not approved.files("cache/training")


def test_an_exported_picture_that_was_edited_is_exported_anew(approved: Space) -> None:
    Image.new("RGB", (64, 64), "red").save(approved.root / "content/training/luca/images/anchor_front.png")
    ran = approved.call("build", LORA, "--json")
    assert ran.statuses == {SET: "exported", LORA: "trained"} and ran.code == 0
    assert approved.files("build/edited")


def test_a_lora_that_was_edited_is_told_and_made_again(approved: Space) -> None:
    assert approved.call("build", LORA).code == 0
    made = (approved.root / FILE).read_bytes()
    approved.write(FILE, b"something else")
    assert product(approved) == ("modified", "luca.safetensors was edited")
    assert "is no safetensors file: calotype build characters/luca/lora" in approved.call("check", "scenes").out
    assert approved.call("build", LORA, "--json").statuses == {LORA: "trained"}
    assert (approved.root / FILE).read_bytes() == made and approved.files("build/edited")


@pytest.fixture
def whole(approved: Space, tmp_path: Path) -> bytes:
    """The LoRA of a training that nothing disturbed, in a twin of the project."""
    twin = Space(tmp_path / "twin")
    shutil.copytree(approved.root, twin.root)
    assert twin.call("build", LORA).code == 0
    return (twin.root / FILE).read_bytes()


def test_killed_at_any_write_it_ends_in_the_same_bytes(approved: Space, whole: bytes) -> None:
    """Writes of a training: its steps at 0, 2, 4 and 6, then what is published."""
    killed = 0
    for number in (2, 4, 5, 6):
        ran = subprocess.run([str(CALOTYPE), "build", LORA], cwd=approved.root, capture_output=True, text=True,
                             env={**os.environ, **ONE, "CALOTYPE_KILL_AT": f"atomic.renamed:{number}"})
        killed += ran.returncode == -signal.SIGKILL
        assert ran.returncode in (0, -signal.SIGKILL), ran.stderr
        if ran.returncode == 0:
            break
        if (approved.root / FILE).exists():
            assert (approved.root / FILE).read_bytes() == whole
    assert killed >= 2
    assert approved.call("build", LORA).code == 0
    assert (approved.root / FILE).read_bytes() == whole and not approved.files("cache/training")


def test_a_stop_keeps_what_was_done(approved: Space, whole: bytes) -> None:
    approved.edit("specs/characters/luca.yaml", "steps: 6", "steps: 4000")
    running = subprocess.Popen([str(CALOTYPE), "build", LORA], cwd=approved.root, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, **ONE})
    checkpoint = approved.root / "cache/training/luca.safetensors"
    while not checkpoint.exists():
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert checkpoint.exists() and FILE not in approved.files("content/training") and "Traceback" not in err
    approved.edit("specs/characters/luca.yaml", "steps: 4000", "steps: 6")
    assert approved.call("build", LORA).code == 0
    assert (approved.root / FILE).read_bytes() == whole


def test_a_full_disk_is_told(approved: Space) -> None:
    approved.edit("specs/characters/luca.yaml", "rank: 2", "rank: 64")
    limit = 400_000
    ran = subprocess.run([str(CALOTYPE), "build", LORA], cwd=approved.root, capture_output=True, text=True,
                         env={**os.environ, **ONE}, preexec_fn=lambda: resource.setrlimit(
                             resource.RLIMIT_FSIZE, (limit, limit)))
    assert ran.returncode == 1 and "cannot be kept" in ran.stderr and "make room" in ran.stderr, ran.stderr
    assert FILE not in approved.files("content/training")


@pytest.mark.parametrize("target", [LORA, SET, f"./{LORA}"])
def test_a_watch_trains_and_exports_nothing(approved: Space, target: str) -> None:
    refused = approved.call("watch", target)
    assert refused.code == 2 and "never by a watch" in refused.err and "calotype watch characters/luca" in refused.err


def test_a_build_of_all_trains_nothing(approved: Space) -> None:
    for words in (("build",), ("build", "characters/luca"), ("build", "characters/*")):
        assert approved.call(*words).code in (0, 3)
        assert FILE not in approved.files("content/training")


def test_a_lora_trained_elsewhere_is_warned_of_when_its_set_has_changed(luca: Space) -> None:
    exported = luca.call("export", "training", "luca", "--json")
    digest = exported.json["report"]["digest"]
    assert f"- Digest: {digest}" in luca.call("export", "training", "luca").out
    luca.write("loras/fit.safetensors", (tiny.models() / "loras/a.safetensors").read_bytes())
    luca.edit("calotype.yaml", "{from: characters/luca, weight: 0.8}", f"{{path: loras/fit.safetensors, trained_from: '{digest}'}}")
    assert luca.call("build").code == 0
    for command in (("check",), ("check",), ("validate",), ("validate",)):
        assert "set-changed" not in luca.call(*command).err
    assert luca.call("exclude", "characters/luca/anchors/back", "--reason", "a hand too many").code == 0
    for command in (("check",), ("validate",), ("validate",)):
        told = luca.call(*command)
        assert told.code == (0 if command == ("validate",) else 1), told.err
        assert "calotype.yaml:5:" in told.err and "warning[set-changed]: the set that the LoRA `fit` was trained on has changed" in told.err
        assert "characters/luca is " in told.err
    assert luca.call("exclude", "characters/luca/anchors/back", "--undo").code == 0
    assert "set-changed" not in luca.call("check").err


@pytest.mark.parametrize(("lora", "says"), [
    ("{from: characters/luca, trained_from: " + "ab" * 32 + "}", "`trained_from` is of a LoRA that was trained elsewhere"),
    ("{path: loras/a.safetensors, trained_from: abc}", "trained_from"),
])
def test_a_digest_that_says_nothing_is_refused(luca: Space, lora: str, says: str) -> None:
    luca.edit("calotype.yaml", "{from: characters/luca, weight: 0.8}", lora)
    refused = luca.call("validate")
    assert refused.code == 2 and "calotype.yaml:5:" in refused.err and says in refused.err, refused.err


def test_it_is_one_graph(luca: Space) -> None:
    assert luca.call("build").code == 3
    edges = luca.call("graph", "--json").json["edges"]
    assert ["characters/luca/anchors/front", SET] in edges and [SET, LORA] in edges
    assert [LORA, "scenes/walk/one"] in edges
    assert luca.call("export", "training", "luca").code == 0 and luca.call("approve", SET).code == 0
    assert luca.call("build", LORA).code == 0
    assert luca.call("graph", "--json").json["edges"] == edges
