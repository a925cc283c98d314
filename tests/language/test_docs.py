"""docs/specs.md names every key there is, and its examples are what they claim to be."""

from __future__ import annotations

import re
from typing import Any

import pytest

from calotype.ground.target_names import DOCUMENT_KINDS
from calotype.language.config import DEFAULT_PRESETS, Config, load_config
from calotype.language.pose.terms import AXES, BASES
from calotype.language.prompt.compose import CONTEXT
from calotype.language.schema.validate import check, json_schema
from calotype.language.yaml.document import parse
from conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "specs.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n# (\w+)\n(.*?)```", PAGE, re.DOTALL)


def keys(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(keys, schema))
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", {})) if schema.get("title") != "contacts" else set()
    return own.union(*map(keys, schema.values()))


@pytest.mark.parametrize("kind", DOCUMENT_KINDS)
def test_every_key_of_every_kind_is_on_the_page(kind: str):
    assert {key for key in keys(json_schema(kind)) if not re.search(rf"\b{re.escape(key)}\b", PAGE)} == set()


def test_there_is_an_example_of_every_kind():
    assert {kind for kind, _ in EXAMPLES} == set(DOCUMENT_KINDS)


@pytest.mark.parametrize(("kind", "text"), EXAMPLES, ids=[kind for kind, _ in EXAMPLES])
def test_an_example_is_valid(kind: str, text: str):
    assert check(parse(text.encode(), "docs/specs.md"), kind) == []


def test_what_the_page_calls_packaged_is_packaged():
    text = next(text for kind, text in EXAMPLES if kind == "config")
    shown, packaged = load_config(parse(text.encode(), "docs/specs.md")), Config()
    for name in ("renderer", "style", "drawing", "base_seed", "defaults", "controlnets", "output", "cache"):
        assert getattr(shown, name) == getattr(packaged, name), name
    assert {**shown.scoring, "written": ()} == packaged.scoring
    assert shown.hosted == packaged.hosted
    assert {name: shown.presets[name] for name in DEFAULT_PRESETS} == DEFAULT_PRESETS
    examples = {name: shown.models[name] for name in ("revision", "ip_adapter")}
    assert {**packaged.models, **examples, "written": shown.models["written"]} == shown.models


@pytest.mark.parametrize("name", DEFAULT_PRESETS)
def test_the_table_of_presets_is_right(name: str):
    preset = DEFAULT_PRESETS[name]
    width, height = preset["size"]
    refiner = "yes" if preset["refiner"] else "no"
    assert f"| `{name}` | {preset['steps']} | {preset['guidance_scale']} | {width}x{height} | {refiner} |" in PAGE


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: axis.name)
def test_the_table_of_joints_is_right(axis: Any):
    opposite = f"`{axis.opposite}`" if axis.opposite else ""
    where = {"axial": "midline", "paired": "each side", "directed": "towards a side"}[axis.laterality]
    (low, high), (least, most) = axis.normal, axis.possible
    assert f"| `{axis.name}` | {opposite} | {where} | {low:g} to {high:g} | {least:g} to {most:g} |" in PAGE


def test_base_postures_and_the_names_of_styles_are_on_the_page():
    assert all(f"`{name}`" in PAGE for name in (*BASES, *CONTEXT))
