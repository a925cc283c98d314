"""The rules of lint, each on the words it is there for and on those it must leave alone."""

from __future__ import annotations

import json

import pytest

from calotype.ground.diagnostics import Problem
from calotype.language.config import load_config
from calotype.language.lint.prompt import NEGATIVE
from calotype.language.lint.rules import RULES, level, strict
from calotype.language.lint.sides import SEEN
from calotype.language.pose import muscle_names, shown
from calotype.language.pose.views import muscle_places
from calotype.language.schema.validate import json_schema
from calotype.language.yaml.document import parse
from calotype.workers.render.mannequin import overlay
from conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "lint.md").read_text(encoding="utf-8")


def lint(text: str) -> dict[str, str]:
    return dict(load_config(parse(f"version: 1\nlint: {text}\n".encode(), "calotype.yaml")).lint)


def test_the_schema_knows_every_rule_and_no_other():
    assert set(json.loads(json.dumps(json_schema("config")))["properties"]["lint"]["properties"]) == set(RULES)


@pytest.mark.parametrize("code", RULES)
def test_every_rule_is_on_the_page_with_its_level(code: str):
    assert f"## `{code}`" in PAGE
    assert f"| `{code}` | {RULES[code].level} |" in PAGE


def test_a_level_is_error_warning_or_off_and_off_may_be_the_boolean_that_yaml_makes_of_it():
    assert lint("{prompt-too-long: error, near-duplicate: off, alt-missing: 'off', strength-band: warning}") == {
        "prompt-too-long": "error", "near-duplicate": "off", "alt-missing": "off", "strength-band": "warning"}


@pytest.mark.parametrize(("text", "hint"), [
    ("{prompt-to-long: off}", "prompt-too-long"), ("{alt-missing: erorr}", ""), ("{alt-missing: on}", ""),
])
def test_what_is_no_rule_or_no_level_is_an_error(text: str, hint: str):
    with pytest.raises(Problem) as caught:
        lint(text)
    (found,) = caught.value.diagnostics
    assert (found.line, found.severity) == (2, "error")
    assert hint in (found.hint or "")


def test_every_command_looks_for_what_is_an_error_and_takes_one_spec_to_tell():
    assert {code for code, one in strict({}).items() if one == "error"} == {"laterality"}
    own = lint("{prompt-too-long: error, near-duplicate: error, laterality: warning}")
    assert {code for code, one in strict(own).items() if one == "error"} == {"prompt-too-long"}
    assert level("laterality", own) == "warning"


@pytest.mark.parametrize(("text", "unwanted"), [
    ("a knee, no text, no labels", ["text", "labels"]),
    ("standing without any shoes.", ["shoes"]),
    ("a hand not touching the wall", ["touching the wall"]),
    ("do not show the face", ["show the face"]),
    ("Never a smile", ["a smile"]),
    ("not only the knee; no more than ten degrees; no longer bent", []),
    ("non-weight-bearing, no-slip mat, exercise no. 4, a knot, notable, annotated", []),
])
def test_negatives_are_told_from_words_that_look_like_them(text: str, unwanted: list[str]):
    assert [one[1] for one in NEGATIVE.finditer(text)] == unwanted


@pytest.mark.parametrize(("text", "seen"), [
    ("seen from the left", True), ("left side view", True), ("right lateral view", True), ("a Left profile", True),
    ("natural window light from the left", False), ("left knee bent", False), ("a view of the left arm", False),
    ("turned right", False),
])
def test_only_words_about_the_view_say_which_side_is_seen(text: str, seen: bool):
    assert bool(SEEN.search(text)) is seen


def test_the_page_lists_every_joint_that_a_drawing_knows():
    words = " ".join(PAGE.split())
    for name in shown.JOINTS:
        assert f" {name}," in words or f" {name}." in words or f" {name} (" in words, name


def test_a_drawing_shows_what_lint_knows_and_nothing_else():
    assert set(muscle_places.PLACES) == set(muscle_names.MUSCLES)
    assert set(overlay.MARKED) == set(shown.JOINTS)
