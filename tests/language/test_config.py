"""calotype.yaml: what is left out is packaged, what is written lies over it."""

from __future__ import annotations

import pytest

from calotype.ground.diagnostics import Problem
from calotype.language.config import Config, load_config
from calotype.language.yaml.document import parse


def config(more: str = "") -> Config:
    return load_config(parse(f"version: 1\n{more}".encode(), "calotype.yaml"))


def test_every_key_but_the_version_may_be_left_out():
    assert config() == Config()
    assert (config().renderer, config().style, config().drawing, config().base_seed) == (
        "mannequin",
        "medical",
        "line",
        42,
    )
    assert config().defaults == {"preset": "standard", "candidates": 1, "select": "best"}


@pytest.mark.parametrize(
    ("name", "steps", "guidance", "size", "refiner"),
    [
        ("draft", 20, 7.0, [1024, 1024], False),
        ("standard", 30, 7.5, [1024, 1024], False),
        ("high", 40, 8.0, [1024, 1024], False),
        ("fast", 20, 7.5, [1024, 1024], False),
        ("quality", 40, 7.5, [1024, 1024], True),
        ("low_vram", 25, 7.5, [768, 768], False),
    ],
)
def test_the_presets_of_the_guides_are_packaged(name: str, steps: int, guidance: float, size: list[int], refiner: bool):
    preset = config().presets[name]
    assert (preset["steps"], preset["guidance_scale"], preset["size"], preset["refiner"]) == (
        steps,
        guidance,
        size,
        refiner,
    )


def test_a_projects_values_lie_over_those_of_a_packaged_preset_one_by_one():
    presets = config("presets: {draft: {steps: 12}}").presets
    assert (presets["draft"]["steps"], presets["draft"]["guidance_scale"]) == (12, 7.0)
    assert presets["standard"] == Config().presets["standard"]


def test_a_new_preset_has_the_values_of_standard_where_it_says_nothing():
    presets = config("presets: {mine: {guidance_scale: 9}, standard: {steps: 31}}").presets
    assert (presets["mine"]["steps"], presets["mine"]["guidance_scale"]) == (31, 9.0)
    assert isinstance(presets["mine"]["guidance_scale"], float)


def test_what_tells_characters_lies_over_what_is_packaged():
    assert config().identity == {"threshold": 0.65, "combine": "best", "dino": {"model": "facebook/dinov2-base"}}
    own = config("identity: {pack: models/auraface, threshold: auto, dino: {revision: abc}}").identity
    assert (own["pack"], own["threshold"], own["combine"]) == ("models/auraface", "auto", "best")
    assert own["dino"] == {"model": "facebook/dinov2-base", "revision": "abc"}
    assert isinstance(config("identity: {threshold: 1}").identity["threshold"], float)


@pytest.mark.parametrize("section", ["{threshold: 65}", "{threshold: automatic}", "{combine: worst}", "{packs: a}",
                                     "{pack: ../a}", "{dino: facebook/dinov2-base}"])
def test_what_cannot_tell_characters_is_refused_at_its_place(section: str):
    with pytest.raises(Problem) as refused:
        config(f"identity: {section}")
    [found] = refused.value.diagnostics
    assert (found.file, found.line) == ("calotype.yaml", 2)


def test_the_controlnets_of_the_guides_are_packaged():
    nets = config("controlnets: {depth: {strength: 1}, lineart: {model: a/b}}").controlnets
    assert nets["openpose"]["model"] == "thibaud/controlnet-openpose-sdxl-1.0"
    assert nets["depth"] == {"model": "diffusers/controlnet-depth-sdxl-1.0", "strength": 1.0}
    assert nets["lineart"] == {"model": "a/b"}


def test_defaults_keep_what_they_do_not_say():
    assert config("defaults: {candidates: 4}").defaults == {"preset": "standard", "candidates": 4, "select": "best"}


def test_a_newer_version_is_refused():
    with pytest.raises(Problem, match="newer than this Calotype") as caught:
        load_config(parse(b"version: 2", "calotype.yaml"))
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("share", [0, 1, 1.5])
def test_a_refiner_takes_over_amid_the_steps(share: float):
    with pytest.raises(Problem) as caught:
        config(f"presets: {{fine: {{refiner: true, refiner_start: {share}}}}}")
    [told] = caught.value.diagnostics
    assert told.code == "out-of-range" and told.message == f"`refiner_start` is `{share}`; it must be between 0 and 1"


def test_every_error_is_told():
    with pytest.raises(Problem) as caught:
        config("rendrer: x\nloras: {luca: {weight: 9}}")
    assert [one.code for one in caught.value.diagnostics] == ["unknown-key", "missing-key", "out-of-range"]


def test_what_is_written_of_images_is_kept_apart_from_the_defaults():
    assert config().written == {}
    assert config("base_seed: 7\npresets: {draft: {steps: 5}}").written == {
        "base_seed": 7, "presets": {"draft": {"steps": 5}},
    }


@pytest.mark.parametrize("line", [
    "models: {device: cpu}", "loras: {x: {path: loras/x.safetensors}}", "cache: {dir: .c}", "lint: {alt-missing: off}",
])
def test_what_decides_no_image_by_its_value_is_no_part_of_it(line: str):
    assert config(line).written == {}


def test_packaged_models_are_read_as_published_in_half_precision() -> None:
    models = Config().models
    assert (models["variant"], models["vae"], models["refiner_variant"]) == ("fp16", "madebyollin/sdxl-vae-fp16-fix", "fp16")
    assert config("models: {vae: models/vae, variant: ema}").models["vae"] == "models/vae"
    own = config("models: {base: models/base}").models
    assert "variant" not in own and "vae" not in own and own["refiner_variant"] == "fp16"
    whole = config("models: {dtype: float32}").models
    assert not {"variant", "vae", "refiner_variant"} & set(whole)


def test_the_file_of_a_packaged_controlnet_goes_with_its_model() -> None:
    assert Config().controlnets["openpose"]["file"] == "OpenPoseXL2.safetensors"
    same = config("controlnets: {openpose: {model: thibaud/controlnet-openpose-sdxl-1.0, strength: 0.5}}")
    assert same.controlnets["openpose"]["file"] == "OpenPoseXL2.safetensors"
    assert "file" not in config("controlnets: {openpose: {model: xinsir/union}}").controlnets["openpose"]
    assert config("controlnets: {openpose: {model: a/b, file: c.safetensors}}").controlnets["openpose"]["file"] == "c.safetensors"
