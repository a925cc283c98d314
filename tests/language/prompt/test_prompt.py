"""Prompts: the guide's example word for word, the words of the field, and styles that cannot do harm."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.language.prompt import Styles, compose, style_of
from calotype.language.prompt.lexicon import POSITIONS, VIEWS
from calotype.language.schema.validate import json_schema

GUIDE = """
anatomical diagram, physiotherapy illustration, medical reference style,
clean simple lines, professional medical textbook illustration,
gender-neutral human figure, accurate anatomical proportions,
oblique view, supine position lying on back,
figure-four stretch with ankle crossed over opposite knee,
showing piriformis muscle, hip external rotators,
highlighting hip external rotation,
clean white background, no text, no labels, no watermarks,
high contrast black lines, minimal shading, educational diagram
"""
PIRIFORMIS: dict[str, Any] = {
    "kind": "exercise",
    "description": "figure-four stretch with ankle crossed over opposite knee",
    "view": "oblique",
    "position": "supine",
    "muscles": ("piriformis muscle", "hip external rotators"),
    "joints": ("hip external rotation",),
}


def fault(source: str, **context: Any) -> Diagnostic:
    with pytest.raises(Problem) as caught:
        compose(source, {**PIRIFORMIS, **context}, "templates/styles/mine.j2")
    assert caught.value.exit_code == 2
    (one,) = caught.value.diagnostics
    assert one.file == "templates/styles/mine.j2"
    return one


def test_the_guides_example_gives_the_guides_prompt_word_for_word():
    assert Styles(None).compose("medical", PIRIFORMIS).prompt == " ".join(GUIDE.split())


def test_a_prompt_is_one_line_without_empty_phrases():
    prompt = Styles(None).compose("medical", {"description": "a\n  b,, c , 1,000 d"}).prompt
    assert "\n" not in prompt and ", ," not in prompt and "a b, c, 1,000 d, clean white" in prompt


@pytest.mark.parametrize("kind", ["exercise", "scene"])
def test_every_view_and_position_of_the_schema_has_its_words(kind: str):
    properties = json_schema(kind)["$defs"]["image" if kind == "exercise" else "shot"]["properties"]
    assert sorted(properties["view_angle"]["enum"]) == sorted(VIEWS)
    assert sorted(properties["body_position"]["enum"]) == sorted(POSITIONS)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("style", ["medical", "character", "scene"])
def test_views_and_positions_are_said_in_every_style(style: str, view: str, position: str):
    prompt = Styles(None).compose(style, {"view": view, "position": position}).prompt
    assert f"{VIEWS[view]}, {POSITIONS[position]}" in prompt
    assert VIEWS[view].startswith(view) and POSITIONS[position].startswith(position.replace("_", " "))


def test_trigger_words_are_said_once():
    context = {"characters": ["luca, boy, green eyes"], "trigger_words": ["luca", "Boy", "brown hair", "luca"]}
    prompt = Styles(None).compose("character", context).prompt
    assert prompt.startswith("brown hair, luca, boy, green eyes")


def test_a_trigger_word_inside_another_word_is_not_said_yet():
    assert compose("{{ description }}", {"description": "lucas", "trigger_words": ["luca"]}).prompt == "luca, lucas"


def test_the_negative_prompt_is_the_styles_own_then_the_images():
    words = Styles(None).compose("medical", {"negative": "blurry, hats"})
    assert words.negative.endswith(", hats") and words.negative.count("blurry") == 1
    assert "watermark" in words.negative


def test_a_character_stands_in_for_the_nameless_figure():
    prompt = Styles(None).compose("medical", {"characters": ["orange mannequin"]}).prompt
    assert "orange mannequin, accurate anatomical proportions" in prompt and "gender-neutral" not in prompt


def test_exercises_have_the_projects_style_and_other_kinds_their_own():
    assert [style_of(kind, {}, "mine") for kind in ("exercise", "character", "scene")] == ["mine", "character", "scene"]
    assert style_of("scene", {"style": "noir"}, "mine") == "noir"


def test_a_style_of_the_project_goes_before_the_packaged_one(tmp_path: Path):
    folder = tmp_path / "templates" / "styles"
    folder.mkdir(parents=True)
    before = Styles(tmp_path).digest("medical")
    (folder / "medical.j2").write_text("{% set negative %}hats{% endset %}\nmine,\n{{ description }}", encoding="utf-8")
    styles = Styles(tmp_path)
    assert styles.compose("medical", {"description": "a"}).prompt == "mine, a"
    assert styles.compose("medical", {}).negative == "hats"
    assert styles.digest("medical") != before


def test_a_style_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(Problem) as caught:
        Styles(None).compose("medcal", {})
    assert caught.value.diagnostics[0].hint == "did you mean `medical`?"


def test_a_slip_in_a_style_is_told_with_its_file_and_line():
    assert (fault("a,\n{{ descripton }}").line, fault("a,\n{{ descripton }}").hint) == (
        2,
        "did you mean `description`?",
    )
    assert fault("a,\nb,\n{% if %}").line == 3
    assert fault("a,\n\n{{ 1 - description }}").line == 3


@pytest.mark.parametrize(
    "source",
    [
        "{{ ().__class__.__mro__ }}",
        "{{ description.__class__ }}",
        "{{ description['__class__'] | upper }}",
        "{{ muscles | map(attribute='__class__') | join }}{{ muscles.append }}",
        "{{ description.format(1) }}",
        "{{ range(9) }}",
        "{{ self }}",
        "{{ muscles }}",
        "{{ lipsum() }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'medical' %}",
        "{% macro f() %}{{ f() }}{% endmacro %}",
        "{% for a in muscles recursive %}{{ a }}{% endfor %}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ description * 999999999 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ description | center(999999999) }}",
        "{% set a = description %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
        "{% set a = description | list %}" + "{% set a = a + a %}" * 60,
        "{% set a = muscles %}" + "{% set a = [a, a] %}" * 60 + "{{ a | join }}",
        "{{ description | list | join(description * 1) }}",
        "{% for a in description %}" * 6 + "{% endfor %}" * 6,
        "{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}",
        "{{ " + "-" * 9_000 + "1 }}",
        "{% if kind %}" * 200 + "{% endif %}" * 200,
        "{{ description",
    ],
    ids=lambda source: source[:40],
)
def test_a_style_can_neither_reach_out_nor_run_away(source: str):
    before = time.process_time()
    assert fault(source, description="x" * 5_000).severity == "error"
    assert time.process_time() - before < 1


@pytest.mark.parametrize("source", [
    "a,\n{{ '\\ud800' }}", "a,\n{{ description ~ '\\U0000DFFF' }}",
    "a,\n{% set negative %}{{ '\\udead' }}{% endset %}", "a,\n{% if 1 %}{{ '\\uD83D' ~ '\\uDE00' }}{% endif %}"])
def test_half_a_surrogate_pair_is_no_character(source: str):
    assert (fault(source).code, fault(source).line) == ("style", 2)


def test_a_style_may_choose_and_loop():
    source = "{% for one in muscles %}{{ loop.index }} {{ one | upper }}, {% endfor %}{{ 'x' if joints else 'y' }}"
    assert compose(source, PIRIFORMIS).prompt == "1 PIRIFORMIS MUSCLE, 2 HIP EXTERNAL ROTATORS, x"


def test_a_style_that_is_too_large_is_refused(tmp_path: Path):
    folder = tmp_path / "templates" / "styles"
    folder.mkdir(parents=True)
    (folder / "mine.j2").write_text("x" * 20_000, encoding="utf-8")
    with pytest.raises(Problem, match="a style may hold"):
        Styles(tmp_path).compose("mine", {})
