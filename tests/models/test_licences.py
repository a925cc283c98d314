"""What is known of the licences of weights: the reviewed file, what a project says, and LoRAs that are trained on a base."""

from __future__ import annotations

import importlib.util
import re
from datetime import date
from typing import Any

import pytest

from calotype.language.condition import PREPROCESSORS
from calotype.language.config import DEFAULT_CONTROLNETS, DEFAULT_MODELS, FIXED_VAE, load_config
from calotype.language.weights import Model
from calotype.language.yaml.document import parse
from calotype.models.licences import UNKNOWN, Licences, reviewed, rows
from conftest import REPOSITORY

CONFIG = """\
version: 1
models: {base: models/base}
loras:
  luca: {path: loras/luca.safetensors}
  fit: {from: characters/ann}
controlnets: {stick: {model: nets/stick}}
"""
TRAINED = "content/training/ann/ann.safetensors"


def licences(written: str = "", config: str = CONFIG) -> Licences:
    return Licences(load_config(parse(f"{config}{written}".encode(), "calotype.yaml")), {})


def test_every_row_of_the_reviewed_file_says_what_a_reader_needs() -> None:
    names = [name for row in rows() for name in row["names"]]
    assert len(names) == len(set(names))
    for row in rows():
        assert row.keys() - {"note", "instead"} == {"names", "licence", "commercial", "source", "reviewed"}
        assert row["commercial"] in ("yes", "no", "unknown") and row["licence"] and row["names"]
        assert re.fullmatch(r"https://\S+", row["source"]) and date.fromisoformat(row["reviewed"])


def test_what_is_recommended_instead_may_be_used() -> None:
    instead = [row["instead"] for row in rows() if "instead" in row]
    assert instead and all(reviewed(name).commercial == "yes" for name in instead)


def test_the_page_prints_the_reviewed_file() -> None:
    script = REPOSITORY / "docs/make_licences.py"
    spec = importlib.util.spec_from_file_location("make_licences", script)
    assert spec is not None and spec.loader is not None
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    assert make.PAGE.read_text(encoding="utf-8") == make.page(), "run `python docs/make_licences.py`"


def test_all_packaged_weights_were_reviewed() -> None:
    detectors = [detector["model"] for detector in PREPROCESSORS.values() if "model" in detector]
    nets = [net["model"] for net in DEFAULT_CONTROLNETS.values()]
    for name in (DEFAULT_MODELS["base"], DEFAULT_MODELS["refiner"], FIXED_VAE, *nets, *detectors):
        assert reviewed(name).name, name


@pytest.mark.parametrize(("name", "commercial"), [
    ("stabilityai/stable-diffusion-xl-base-1.0", "yes"), ("thibaud/controlnet-openpose-sdxl-1.0", "unknown"),
    ("xinsir/controlnet-union-sdxl-1.0", "yes"), ("h94/IP-Adapter", "yes"), ("h94/IP-Adapter-FaceID", "no"),
    ("lllyasviel/Annotators", "no"), ("Intel/dpt-large", "yes"), ("yuvalkirstain/PickScore_v1", "unknown"),
    ("openai/clip-vit-large-patch14", "yes"), ("laion/CLIP-ViT-H-14-laion2B-s32B-b79K", "yes"), ("facebook/dinov2-small", "yes"),
    ("usyd-community/vitpose-base-simple", "yes"), ("fal/AuraFace-v1", "yes"), ("buffalo_l", "no"), ("models/antelopev2", "no"),
    ("black-forest-labs/FLUX.1-dev", "no"), ("rapidocr", "yes"), ("package:rapidocr/models/PP-OCRv6_det_small.onnx", "yes"), ("package:other/a.onnx", "unknown"), ("acme/model", "unknown"), ("loras/luca.safetensors", "unknown"),
])
def test_well_known_weights(name: str, commercial: str) -> None:
    assert reviewed(name).commercial == commercial


def test_a_part_a_revision_a_variant_and_capitals_make_no_difference() -> None:
    base = reviewed("stabilityai/stable-diffusion-xl-base-1.0")
    for model in (Model("stabilityai/stable-diffusion-xl-base-1.0", "abc/def", "fp16"),
                  Model("stabilityai/stable-diffusion-xl-base-1.0", settings=True),
                  Model("StabilityAI/Stable-Diffusion-XL-base-1.0", part="unet/model.safetensors")):
        assert reviewed(str(model)) == base
    assert reviewed(str(Model("h94/IP-Adapter-FaceID", part="a.safetensors"))).commercial == "no"
    assert reviewed("h94/IP-Adapter-FaceIDs") == UNKNOWN and reviewed("mybuffalo_l") == UNKNOWN


@pytest.mark.parametrize(("entry", "reference"), [
    ("luca", "loras/luca.safetensors"), ("loras/luca.safetensors", "loras/luca.safetensors"), ("loras", "loras/luca.safetensors"),
    ("stick", "nets/stick"), ("stick", "nets/stick/net.safetensors"), ("nets/stick", "nets/stick:fp16"), ("openpose", str(Model(
        "thibaud/controlnet-openpose-sdxl-1.0", part="OpenPoseXL2.safetensors"))), ("h94/IP-Adapter", "h94/IP-Adapter/x.safetensors"),
])
def test_a_project_says_it_by_a_name_a_path_a_folder_or_what_it_calls_them(entry: str, reference: str) -> None:
    told = licences(f"licences: {{{entry}: {{licence: Ours, commercial: no, note: by contract}}}}\n").of(reference)
    assert (told.name, told.commercial, told.note, told.source) == ("Ours", "no", "by contract", "calotype.yaml")


def test_the_nearest_name_counts() -> None:
    told = licences("licences: {loras: {licence: All, commercial: no}, luca: {licence: One, commercial: yes}}\n")
    assert (told.of("loras/luca.safetensors").name, told.of("loras/other.safetensors").name) == ("One", "All")


@pytest.mark.parametrize(("written", "commercial"), [
    ("yes", "yes"), ("no", "no"), ("true", "yes"), ("false", "no"), ('"yes"', "yes"), ("'no'", "no"), ("unknown", "unknown"), ("On", "yes"),
])
def test_yes_and_no_mean_what_they_say_quoted_or_not(written: str, commercial: str) -> None:
    assert licences(f"licences: {{luca: {{licence: X, commercial: {written}}}}}\n").of("loras/luca.safetensors").commercial == commercial


@pytest.mark.parametrize(("base", "commercial"), [
    ("stabilityai/stable-diffusion-xl-base-1.0", "yes"), ("black-forest-labs/FLUX.1-dev", "no"), ("models/base", "unknown"),
])
def test_a_lora_that_is_trained_here_may_what_its_base_may(base: str, commercial: str) -> None:
    told = licences(config=CONFIG.replace("models/base", base)).of(TRAINED)
    assert (told.commercial, told.note) == (commercial, f"trained here on {base}")
    own = licences("licences: {fit: {licence: Ours, commercial: yes}}\n", CONFIG.replace("models/base", base))
    assert own.of(TRAINED).name == "Ours"


def test_what_a_project_says_of_a_base_holds_for_what_is_trained_on_it() -> None:
    assert licences("licences: {models/base: {licence: Ours, commercial: yes}}\n").of(TRAINED).commercial == "yes"


def test_a_base_that_is_itself_called_a_trained_lora_ends() -> None:
    assert licences(config=CONFIG.replace("models/base", TRAINED)).of(TRAINED) == UNKNOWN


@pytest.mark.parametrize(("written", "code", "message"), [
    ("licences: {luca: MIT}", "wrong-type", "`luca` wants a mapping; this is text `MIT`"),
    ("licences: {luca: {licence: MIT}}", "missing-key", "a licence lacks `commercial`"),
    ("licences: {luca: {commercial: yes}}", "missing-key", "a licence lacks `licence`"),
    ("licences: {luca: {licence: MIT, commercial: perhaps}}", "unknown-value", "`commercial` is `perhaps`; it may be yes, no or unknown"),
    ("licences: {luca: {licence: MIT, commercial: 1}}", "wrong-type", "`commercial` is a number; it may be yes, no or unknown"),
    ("licences: {luca: {licence: no, commercial: no}}", "wrong-type", "`licence` wants text; this is a boolean `no`"),
    ("licences: {luca: {licence: MIT, commercial: yes, url: x}}", "unknown-key", "unknown key `url` in a licence"),
    ("licences: [luca]", "wrong-type", "`licences` wants a mapping; this is a list"),
    ("policy: comercial", "unknown-value", "`policy` is `comercial`; it may be any or commercial"),
    ("policy: yes", "wrong-type", "`policy` is a boolean; it may be any or commercial"),
])
def test_what_is_badly_written_is_told_at_its_place(written: str, code: str, message: str) -> None:
    from calotype.ground.diagnostics import Problem

    with pytest.raises(Problem) as caught:
        licences(f"{written}\n")
    told: Any = caught.value.diagnostics[0]
    assert (told.code, told.message, told.line) == (code, message, 7)
