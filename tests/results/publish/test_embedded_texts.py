"""What other programs write into their pictures, as `inspect` reads it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from calotype.results.publish.embedded_texts import parse_parameters
from calotype.results.publish.inspect import inspect
from calotype.results.publish.parameters import parameters

LAST = "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 1234567890, Size: 832x1216"
A1111 = f"人体模型 a figure\nNegative prompt: blurry\n{LAST}"


def saved(folder: Path, **texts: str) -> dict[str, Any]:
    info = PngInfo()
    for name, text in texts.items():
        info.add_itxt(name.replace("_md", "-metadata"), text)
    Image.new("RGB", (16, 16)).save(folder / "a.png", pnginfo=info)
    return inspect(folder / "a.png")


@pytest.mark.parametrize(("text", "prompt", "negative"), [
    (f"a\nNegative prompt: b\n{LAST}", "a", "b"),
    (f"a,\nside view\nBREAK\nred\nNegative prompt: b,\ntext\n{LAST}", "a,\nside view\nBREAK\nred", "b,\ntext"),
    (f"a\r\nNegative prompt: b\r\n{LAST}", "a", "b"),
    (f"Negative prompt: b\n{LAST}", "", "b"),
    (f"a figure, lighting: soft\n{LAST}", "a figure, lighting: soft", None),
    (LAST, "", None),
])
def test_the_prompts_stand_before_the_fields(text: str, prompt: str, negative: str | None):
    found = parse_parameters(text) or {}
    assert (found["prompt"], found.get("negative_prompt"), found["Seed"]) == (prompt, negative, "1234567890")


@pytest.mark.parametrize("text", [
    "a figure, lighting: soft", "a figure\nmood: calm, light: soft, style: old, colour: red", "Size: large, mood: calm",
    '{"prompt": "a', "ratio: 1, Steps: 2",
])
def test_a_last_line_of_other_names_is_prompt(text: str):
    assert parse_parameters(text) == {"prompt": text}


def test_values_that_are_json_or_go_over_lines_are_read_to_their_end():
    resources = '[{"type":"checkpoint","name":"SD XL"},{"type":"lora","name":"Luca, boy"}]'
    found = parse_parameters(f'a\n{LAST}, Civitai resources: {resources}, Wildcard prompt: "red\nblue", Version: v1.10.1')
    assert found is not None
    assert json.loads(found["Civitai resources"])[1]["name"] == "Luca, boy"
    assert (found["Wildcard prompt"], found["Version"], found["prompt"]) == ("red\nblue", "v1.10.1", "a")


@pytest.mark.parametrize("field", ["Steps: [[[[1,", 'Steps: ["a" x,', 'Steps: {"a": ', "Steps: 1,"])
def test_a_text_of_very_many_fields_is_read_in_a_moment(field: str):
    """A PNG may hold a million characters of it."""
    began = time.process_time()
    parse_parameters(field * (1_000_000 // len(field)))
    assert time.process_time() - began < 5


def test_calotypes_own_text_with_two_fields_is_read():
    own = parameters({"renderer": "mannequin", "seed": 7, "size": [64, 64], "view": "lateral"})
    assert parse_parameters(own) == {"prompt": "mannequin, view lateral", "Seed": "7", "Size": "64x64"}


SWARM = {"sui_image_params": {"prompt": "a cat, mood: calm", "seed": 42}, "sui_extra_data": {"date": "2025-01-01"}}
FOOOCUS = {"base_model": "juggernautXL", "prompt": "a, b: c", "seed": "777"}
GRAPH = {"3": {"class_type": "KSampler", "inputs": {"seed": 42}}}


@pytest.mark.parametrize(("texts", "program", "written"), [
    ({"parameters": json.dumps(SWARM, indent=2)}, "SwarmUI", SWARM),
    ({"parameters": json.dumps(FOOOCUS)}, "Fooocus", FOOOCUS),
    ({"parameters": "{\"own\": 1}"}, "another program", {"own": 1}),
    ({"prompt": json.dumps(GRAPH), "workflow": "{}"}, "ComfyUI", {"prompt": GRAPH, "workflow": {}}),
    ({"prompt": '{"3": NaN}'}, "ComfyUI", {"prompt": {"3": "NaN"}}),
    ({"invokeai_metadata": '{"seed": 42}'}, "InvokeAI", {"invokeai_metadata": {"seed": 42}}),
    ({"sd_md": '{"image": {}}'}, "InvokeAI", {"sd-metadata": {"image": {}}}),
])
def test_another_programs_text_is_named_and_shown_as_it_is(
    tmp_path: Path, texts: dict[str, str], program: str, written: object,
):
    found = saved(tmp_path, **texts)
    assert (found["program"], found["written"], found["parameters"]) == (program, written, None)


@pytest.mark.parametrize("texts", [{"prompt": "just words"}, {"Title": "{}"}, {"parameters": A1111}])
def test_other_texts_are_no_other_programs(tmp_path: Path, texts: dict[str, str]):
    found = saved(tmp_path, **texts)
    assert found["program"] is None and found["written"] is None


@pytest.mark.parametrize("order", ["utf-16-be", "utf-16-le", "utf-16"])
@pytest.mark.parametrize("suffix", ["jpg", "webp", "avif"])
def test_utf_16_is_read_in_either_order(tmp_path: Path, order: str, suffix: str):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + A1111.encode(order) + b"\0\0"
    Image.new("RGB", (16, 16)).save(tmp_path / f"a.{suffix}", exif=exif.tobytes())
    found = inspect(tmp_path / f"a.{suffix}")
    assert found["seed"] == 1234567890
    assert found["parameters"]["prompt"] == "人体模型 a figure"
    assert found["parameters"]["Size"] == "832x1216"


def test_the_graph_that_comfyui_keeps_in_a_webps_exif_is_read(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0110] = "prompt:" + json.dumps(GRAPH)
    Image.new("RGB", (16, 16)).save(tmp_path / "a.webp", exif=exif.tobytes())
    found = inspect(tmp_path / "a.webp")
    assert (found["program"], found["written"]) == ("ComfyUI", {"prompt": GRAPH})


def test_json_too_deep_to_read_is_text(tmp_path: Path):
    assert saved(tmp_path, prompt="[" * 100_000)["program"] is None
