"""What decides the score of a scorer that has a model, and which model calotype.yaml names for it."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tiny_judges as judges
from calotype.ground.diagnostics import Problem
from calotype.language.config import DEFAULT_SCORER_MODELS, Config, load_config
from calotype.language.image import Words
from calotype.language.weights import Model
from calotype.language.yaml.document import parse
from calotype.workers.judge.calibration import CALIBRATIONS
from calotype.workers.plugins import BUILTIN, Registry

SCORERS = ("pick", "clip", "vqa", "aesthetic")


def config(text: str) -> Config:
    return load_config(parse(f"version: 1\n{text}".encode(), "calotype.yaml"))


def image(scoring: Any, weights: Any = str, prompt: str = "a boy standing") -> Any:
    """What a scorer reads of a resolved image."""
    return SimpleNamespace(scoring=scoring, weights=weights, words=lambda: Words(prompt, "blurred"))


@pytest.mark.parametrize("name", SCORERS)
def test_a_request_names_the_scorer_what_it_reads_and_how_it_is_calibrated(name):
    request = Registry().scorer(name).request(image(config("").scoring), "c0ffee")
    assert {"scorer": name, "epoch": 1, "pixels": "c0ffee"}.items() <= request.items()
    assert request["calibration"] in CALIBRATIONS
    assert request.get("text") == {
        "pick": "a boy standing", "clip": "A photo depicts a boy standing", "aesthetic": None,
        "vqa": 'Does this figure show "a boy standing"? Please answer yes or no.'}[name]


def test_requests_name_the_packaged_models():
    asked = {name: Registry().scorer(name).request(image(config("").scoring), "")["model"] for name in SCORERS}
    clip = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    assert asked == {
        "pick": {"weights": "yuvalkirstain/PickScore_v1", "settings": "laion/CLIP-ViT-H-14-laion2B-s32B-b79K (config)"},
        "clip": {"weights": f"{clip}/open_clip_model.safetensors", "settings": f"{clip} (config)"},
        "vqa": {"weights": "Salesforce/blip-vqa-base"},
        "aesthetic": {"weights": "openai/clip-vit-large-patch14", "head": "models/aesthetic_v2_l14.safetensors"}}


def test_another_model_takes_nothing_of_the_packaged_one_but_the_head():
    models = config("scoring: {models: {pick: {model: models/mine}, clip: {model: models/b32}, aesthetic: {model: models/l14}, "
                    "vqa: {revision: abc}}}").scoring["models"]
    assert models["pick"] == {"model": "models/mine"}
    assert models["clip"] == {"model": "models/b32"}
    assert models["aesthetic"] == {"model": "models/l14", "head": DEFAULT_SCORER_MODELS["aesthetic"]["head"]}
    assert models["vqa"] == {"model": "Salesforce/blip-vqa-base", "revision": "abc"}


@pytest.mark.parametrize("name", SCORERS)
def test_what_a_scorer_does_not_read_of_its_model_is_refused(name):
    key = "processor" if name == "aesthetic" else "head"
    scoring = config(f"scoring: {{models: {{{name}: {{model: models/x, {key}: models/y}}}}}}").scoring
    if name == "aesthetic":
        assert Registry().scorer(name).request(image(scoring), "")["model"]["settings"] == "models/y (config)"
        return
    with pytest.raises(Problem, match="reads no `head`"):
        Registry().scorer(name).request(image(scoring), "")


def test_weights_edited_between_two_scorings_change_the_request(tmp_path: Path):
    folder = tmp_path / "pick"
    shutil.copytree(judges.models() / "pick", folder)
    scoring = {"models": {"pick": {"model": "pick"}}}
    asked = image(scoring, lambda model: judges.digest(tmp_path / model.path, model.settings))
    scorer = Registry().scorer("pick")
    before = scorer.request(asked, "c0ffee")
    assert scorer.request(asked, "c0ffee") == before
    shutil.copy(judges.models() / "other" / "model.safetensors", folder / "model.safetensors")
    edited = scorer.request(asked, "c0ffee")
    assert {name for name in before if before[name] != edited[name]} == {"model"}
    (folder / "preprocessor_config.json").write_text((folder / "preprocessor_config.json").read_text() + "\n")
    assert scorer.request(asked, "c0ffee") != edited


def test_missing_weights_are_told_by_whoever_looks_for_them():
    def missing(model: Model) -> str:
        raise LookupError(str(model))

    with pytest.raises(LookupError, match="PickScore"):
        Registry().scorer("pick").request(image(config("").scoring, missing), "")


def test_all_four_are_performed_by_the_panel_on_the_device_in_one_place():
    scorers = [Registry().scorer(name) for name in SCORERS]
    assert {getattr(scorer, "performed_by", None) for scorer in scorers} == {"panel"}
    assert "panel" in BUILTIN["scorer"]
    assert {scorer.affinity({}) for scorer in scorers} == {("panel",)}
    assert {(scorer.lane, scorer.section) for scorer in scorers} == {("device", "models")}


def test_the_panel_scores_nothing_itself():
    with pytest.raises(Problem, match="panel"):
        Registry().scorer("panel").request(image(config("").scoring), "")


def test_a_scorer_performs_its_requests_alone_as_well(tmp_path: Path):
    files = {**judges.inputs(), **judges.stored(judges.drawings(1), tmp_path / "pictures")}
    pixels = next(reversed(files))
    scorer = Registry().scorer("pick")
    scorer.configure({"device": "cpu"}, lambda kind, **fields: None)
    outcome, = scorer.perform([judges.request("pick", pixels)], files, lambda: False)
    expected, = judges.scores(judges.panel(), [judges.request("pick", pixels)], files)
    assert outcome == expected
    scorer.close()


@pytest.mark.parametrize("name", SCORERS)
def test_a_package_that_is_missing_is_told_with_the_line_that_installs_it(name, monkeypatch):
    monkeypatch.setattr("calotype.workers.judge.model_scorer.find_spec", lambda module: None)
    reason, hint = Registry().scorer(name).unavailable_reason()
    assert "torch" in reason and ("open_clip_torch" in reason) == (name == "clip")
    assert hint == "pip install 'calotype[score]'"
