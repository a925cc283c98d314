"""A LoRA that a service trains: uploaded, bought once, waited for, proved, published; and worn by endpoints that take one."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest

from fal_server import lora
from hosted import Hosted, hosted, service
from survival import KILLED, Studio, at_point, child

__all__ = ["hosted", "service"]

CONFIG = """\
version: 1
defaults: {{size: [64, 64]}}
loras: {{fit: {{from: characters/fit, weight: 0.8}}}}
hosted: {{endpoints: {{text: fal-ai/flux-lora, image: fal-ai/flux-lora/image-to-image}}, delay: 0, timeout: 20, {more}}}
"""
FIT = """\
kind: character
id: fit
prompt: a figure
anchors: {{poses: [{{id: front, view_angle: anterior}}, {{id: side, view_angle: lateral}}, {{id: back, view_angle: posterior}}]}}
training_set: {{trigger_word: fitfigure, min: 3, max: 5, train: {{by: hosted, {train}}}}}
"""
LORA, SET, FILE = "characters/fit/lora", "characters/fit/training_set", "content/training/fit/fit.safetensors"


def write(project: Hosted, train: str = "steps: 1000, rank: 16", more: str = "wait: 30") -> None:
    project.write("calotype.yaml", CONFIG.format(more=more))
    project.write("specs/characters/fit.yaml", FIT.format(train=train))


@pytest.fixture
def approved(hosted: Hosted) -> Hosted:
    write(hosted)
    assert hosted.call("export", "training", "fit").code == 0
    assert hosted.call("approve", SET).code == 0
    return hosted


def test_the_set_is_uploaded_and_the_lora_published(approved):
    planned = approved.call("plan", LORA)
    assert "costs 2.00 USD" in planned.out and approved.fal.posts == []
    assert "  training" in planned.out and planned.out.count("2.00 USD") == 3, planned.out
    estimate = approved.call("plan", LORA, "--json").json["estimate"]
    assert estimate == {"seconds": 1800, "price": 2.0, "currency": "USD", "phases": [
        {"character": "fit", "phase": "training", "images": 0, "seconds": 1800, "price": 2.0}]}
    done = approved.build(LORA)
    assert done.code == 0 and done.statuses[LORA] == "trained", done.err
    (post,) = approved.fal.posts
    archive = hashlib.sha256((approved.root / "content/training/fit/fit.zip").read_bytes()).hexdigest()
    assert post["path"] == "fal-ai/flux-lora-fast-training"
    assert post["arguments"] == {
        "images_data_url": f"https://{approved.fal.host}/uploads/{archive}", "trigger_word": "fitfigure", "steps": 1000,
        "create_masks": False, "is_style": False, "is_input_format_already_preprocessed": False}
    assert (approved.root / FILE).read_bytes() == lora(16)
    record = json.loads(approved.read("content/training/fit/lora.json"))
    assert (record["facts"]["price"], record["facts"]["request"]) == (2.0, post["id"])
    assert "2.00 of 20.00 USD" in approved.call("hosted", "list").out
    assert approved.build(LORA).json["targets"] == [] and len(approved.fal.posts) == 1
    assert approved.call("check").code == 0
    assert approved.build().code == 0


def test_a_plan_of_a_whole_character_shows_its_training_as_a_phase_and_a_build_that_does_not_begin_it_costs_less(hosted):
    write(hosted, train="steps: 500, rank: 16")
    hosted.edit("specs/characters/fit.yaml", "kind: character", "kind: character\nrenderer: hosted")
    estimate = hosted.call("plan", "--json").json["estimate"]
    assert [(phase["phase"], phase["price"]) for phase in estimate["phases"]] == [
        ("anchors", 0.105), ("set", 0.0), ("training", 1.0)]
    assert estimate["price"] == 0.105
    named = hosted.call("plan", LORA, "--json").json
    assert named["estimate"]["price"] == 1.105 and named["estimate"]["phases"] == estimate["phases"]
    hosted.edit("calotype.yaml", "wait: 30", "ceiling: {build: 1.05}")
    (warned,) = [each for each in hosted.call("plan", LORA, "--json").json["diagnostics"] if each["code"] == "over-ceiling"]
    assert "and the ceiling of a build is 1.05 USD" in warned["message"]


def test_an_image_wears_it_at_an_endpoint_that_takes_loras(approved):
    assert approved.build(LORA).code == 0
    approved.write("specs/scenes/walk.yaml", "kind: scene\nid: walk\nchain: true\nshots:\n"
                   "  - {id: a, prompt: a figure, renderer: hosted, loras: [{name: fit}]}\n"
                   "  - {id: b, prompt: stands, renderer: hosted, loras: [{name: fit, weight: 0.5}]}\n")
    assert approved.call("plan", "--json").json["estimate"]["price"] == 0.07
    assert approved.build().code == 0
    _, first, second = approved.fal.posts
    address = f"https://{approved.fal.host}/uploads/{hashlib.sha256(lora(16)).hexdigest()}"
    assert first["arguments"]["loras"] == [{"path": address, "scale": 0.8}]
    assert second["arguments"]["loras"] == [{"path": address, "scale": 0.5}]
    assert second["path"] == "fal-ai/flux-lora/image-to-image" and "fitfigure" in first["arguments"]["prompt"]
    assert [upload["url"] for upload in approved.fal.uploads].count(address) == 1
    assert all("s3cret" not in upload["key"] for upload in approved.fal.uploads)


@pytest.mark.parametrize("point", ["hosted-intent", "hosted-posted", "hosted-sent", "hosted-fetched", "product-begun"])
def test_killed_at_a_named_point_it_is_bought_once(approved, point, tmp_path):
    (tmp_path / "notes").mkdir()
    assert child(Studio(approved.root, notes=tmp_path / "notes"), "build", LORA, first=at_point(point)) == KILLED
    undecided = approved.call("hosted", "list", "--json").json["undecided"]
    assert bool(undecided) == (point in ("hosted-intent", "hosted-posted"))
    if undecided:
        done = approved.build(LORA)
        assert done.code == 3 and done.statuses[LORA] == "awaiting" and "hosted retry" in approved.reason(done, LORA)
        posts = approved.fal.posts
        words = ("retry", undecided[0]["id"], "--request-id", posts[0]["id"]) if posts else ("forget", undecided[0]["id"])
        assert approved.call("hosted", *words).code == 0
    assert approved.build(LORA).code == 0
    assert len(approved.fal.posts) == 1 and (approved.root / FILE).read_bytes() == lora(16)


def kill_trainings(project: Hosted, notes: Path, deaths: int, seed: int) -> None:
    """Trainings that are killed at random instants. Each is bought once, after its set was put where the service reads
    it; what is bought is not put there again."""
    die, died, steps = random.Random(seed), 0, 1000
    studio = Studio(project.root, notes=notes)
    while died < deaths:
        steps += 1
        write(project, train=f"steps: {steps}, rank: 16", more="ceiling: {build: 1000, day: 1000}")
        uploads_when_bought = None
        for _ in range(die.choice((1, 2, 3))):
            project.fal.fail("submit", "slow")
            project.fal.fail("status", "queued", "queued", "slow")
            died += child(studio, "build", LORA, after=die.uniform(0.05, 0.9)) == KILLED
            if uploads_when_bought is None and steps in bought_steps(project):
                uploads_when_bought = len(project.fal.uploads)
            settle(project)
        project.fal.fail("submit")
        project.fal.fail("status")
        assert project.build(LORA).code == 0
        assert bought_steps(project) == list(range(1001, steps + 1)), "one was not bought once"
        assert uploads_when_bought in (None, len(project.fal.uploads)), "it was put there again though it was bought"
        assert project.build(LORA).json["targets"] == []


def bought_steps(project: Hosted) -> list[int]:
    return [post["arguments"]["steps"] for post in project.fal.posts]


def settle(project: Hosted) -> None:
    """What a person does who looks at the service's dashboard."""
    for purchase in project.call("hosted", "list", "--json").json["undecided"]:
        mine = [post["id"] for post in project.fal.posts if purchase["about"] == f"fitfigure, {post['arguments']['steps']} steps"]
        words = ("retry", purchase["id"], "--request-id", mine[0]) if mine else ("forget", purchase["id"])
        assert project.call("hosted", *words).code == 0


def test_killed_at_random_instants_each_training_is_bought_once(approved, tmp_path):
    (tmp_path / "notes").mkdir()
    kill_trainings(approved, tmp_path / "notes", deaths=6, seed=3)


@pytest.mark.soak
def test_killed_a_hundred_times_each_training_is_bought_once(approved, tmp_path):
    (tmp_path / "notes").mkdir()
    kill_trainings(approved, tmp_path / "notes", deaths=100, seed=4)


def test_an_answer_that_is_lost_awaits(approved):
    approved.fal.fail("submit", "lost")
    done = approved.build(LORA)
    assert done.code == 3 and done.statuses[LORA] == "awaiting"
    assert approved.call("plan", LORA, "--json").json["targets"][0]["status"] == "awaiting"
    assert approved.build(LORA).code == 3 and len(approved.fal.posts) == 1


@pytest.mark.parametrize(("stage", "fault", "said"), [
    ("picture", "rank", "of rank 4, and 16 was asked for"), ("result", "none", "names no `diffusers_lora_file`"),
    ("picture", "text", "is no safetensors file"), ("picture", "half", "is not whole"), ("picture", "redirect", "the LoRA is said to have moved"),
    ("picture", "500", "answers 500 when asked for the LoRA"), ("status", "500", "answers 500"),
])
def test_what_is_no_such_lora_is_not_published_and_not_bought_again(approved, stage, fault, said):
    approved.fal.fail(stage, *[fault] * 6)
    done = approved.build(LORA)
    assert done.code == 1 and said in approved.reason(done, LORA), approved.reason(done, LORA)
    assert not (approved.root / FILE).exists()
    approved.fal.fail(stage, "ok")
    assert approved.build(LORA).code == 0 and len(approved.fal.posts) == 1


def test_an_upload_that_fails_costs_nothing(approved):
    approved.fal.fail("upload", *["500"] * 9)
    done = approved.build(LORA)
    assert done.code == 1 and "`fit.zip` cannot be put where fal reads it" in approved.reason(done, LORA)
    assert approved.fal.posts == []
    approved.fal.fail("upload", "500")
    assert approved.build(LORA).code == 0 and len(approved.fal.posts) == 1


def test_the_ceilings_hold_for_trainings(hosted):
    write(hosted, more="ceiling: {build: 1.5}")
    assert hosted.call("export", "training", "fit").code == 0 and hosted.call("approve", SET).code == 0
    done = hosted.build(LORA)
    assert done.code == 1 and "the ceiling of 1.50 USD would be passed" in hosted.reason(done, LORA) and hosted.fal.posts == []
    write(hosted, train="steps: 700, rank: 16", more="ceiling: {build: 1.5}")
    assert hosted.build(LORA).code in (0, 3)


@pytest.mark.parametrize(("train", "said"), [
    ("alpha: 8", "`alpha` is not read by `by: hosted`"), ("seed: 8", "`seed` is not read by `by: hosted`"),
    ("rank: 32", "trains at rank 16 alone, not 32"), ("endpoint: someone/else", "`someone/else` is no trainer that is known"),
])
def test_what_the_service_is_not_told_is_refused(hosted, train, said):
    write(hosted, train=train)
    done = hosted.build(LORA)
    assert done.code == 2 and any(said in each["message"] for each in done.json["diagnostics"]), done.err


def test_an_endpoint_without_hosted_has_no_effect(hosted):
    write(hosted)
    hosted.edit("specs/characters/fit.yaml", "by: hosted, steps: 1000, rank: 16", "endpoint: fal-ai/flux-lora-fast-training")
    assert hosted.call("validate", "--json").code == 2


def test_without_the_key_nothing_is_begun(approved, monkeypatch):
    monkeypatch.delenv("FAL_KEY")
    done = approved.build(LORA)
    assert done.code == 2 and "`FAL_KEY` is not set" in done.json["diagnostics"][0]["message"]
    assert approved.call("plan", LORA).code == 0
