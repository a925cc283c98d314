"""Plain styles, which run without Jinja: the sandbox is the reference, and what is not sure is left to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calotype.language.prompt import compose as compose_module
from calotype.language.prompt.compose import CONTEXT
from calotype.language.prompt.plain_style import MAX_VALUE, PlainStyle, read_plain
from calotype.language.prompt.sandbox import compiled, environment, rendered

STYLES = sorted((Path(compose_module.__code__.co_filename).parent / "styles").glob("*.j2"))
LISTS = {name for name, value in CONTEXT.items() if value == ()}
TEXTS = {*CONTEXT} - LISTS

words = st.text(st.sampled_from("ab, \n{}%#\"'é~1"), max_size=12) | st.sampled_from(["", "neck", "left knee, bent"])
contexts = st.fixed_dictionaries({
    **dict.fromkeys(TEXTS, words), **{name: st.lists(words, max_size=3).map(tuple) for name in LISTS},
})
lines = st.sampled_from([
    "plain words,", "", "  indented, ", "{{ view }}, {{ position }},", "{{ prompt or \"nothing\" }}",
    "showing {{ muscles | join(\", \") }},", "{{ characters | join(\"/\") or \"nobody\" }} here", "{% if muscles %}",
    "  {% if background %}", "{% else %}", "{% endif %}", "{% set negative %}", "{% endset %}", "{# a remark #}",
    "{# it's {odd} #}", "{{ muscles }}", "{{ prompt | join(\", \") }}", "{{ nothing }}", "{% if nothing %}",
    "{{ prompt | upper }}", "{%- if joints %}", "{% endif %} ", "text {% if joints %}", "{{prompt}}", "a } b", "{{",
    "{% set prompt %}", "{% elif joints %}", "{{ prompt or 'x' }}", "\r", "tail\r", "{{ negative }}", "\u2028",
    "{% raw %}", "{% endraw %}", "{{ loop }}", "{% if true %}", "\t{% endif %}",
])


def by_the_sandbox(source: str, names: dict[str, Any]) -> tuple[str, ...]:
    return rendered(compiled(environment(), source, "style.j2"), names, "negative")


def plain(source: str) -> PlainStyle | None:
    return read_plain(source, TEXTS, LISTS)


def same(texts: tuple[str, ...] | None, reference: tuple[str, ...]) -> bool:
    """Whether they are alike but for line ends at the end of either, which no prompt keeps."""
    return texts is not None and [text.rstrip("\n") for text in texts] == [text.rstrip("\n") for text in reference]


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.stem)
def test_every_packaged_style_is_plain(style: Path) -> None:
    assert plain(style.read_text("utf-8")) is not None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STYLES), contexts)
def test_a_packaged_style_writes_what_the_sandbox_writes(style: Path, names: dict[str, Any]) -> None:
    source = style.read_text("utf-8")
    found = plain(source)
    assert found is not None and same(found.write(names), by_the_sandbox(source, names))


@settings(max_examples=1500, deadline=None)
@given(st.lists(lines, max_size=9), st.booleans(), contexts)
def test_any_style_that_is_taken_for_plain_writes_what_the_sandbox_writes(
    parts: list[str], ended: bool, names: dict[str, Any]
) -> None:
    source = "\n".join(parts) + "\n" * ended
    found = plain(source)
    if found is not None:
        assert same(found.write(names), by_the_sandbox(source, names))


def test_a_choice_with_another_inside_is_plain() -> None:
    source = "{% if muscles %}\na\n{% if joints %}\nb\n{% else %}\nc\n{% endif %}\n{% else %}\nd\n{% endif %}\ne"
    found = plain(source)
    assert found is not None
    for muscles, joints in ((("x",), ()), (("x",), ("y",)), ((), ("y",))):
        names = {**CONTEXT, "muscles": muscles, "joints": joints}
        assert same(found.write(names), by_the_sandbox(source, names))


@pytest.mark.parametrize("source", [
    "{% if kind %}", "{% endif %}", "{% else %}", "{% endset %}", "{% if kind %}\na\n{% else %}\nb\n{% else %}\nc\n{% endif %}",
    "{% set negative %}\n{% set negative %}\na\n{% endset %}\n{% endset %}", "{{ descripton }}", "{{ muscles }}",
    "{% set negative %}\na\n{% endset %}\n{% set negative %}\nb\n{% endset %}", "{{ kind | upper }}", "a {# b #}",
    "{% if kind %}\n{% set negative %}\na\n{% endset %}\n{% endif %}", "{% if kind %}\n" * 11 + "{% endif %}\n" * 11,
    "{% if kind %}\n" * 2_000,
])
def test_anything_else_is_left_to_the_sandbox(source: str) -> None:
    assert plain(source) is None


@pytest.mark.parametrize(("source", "names"), [
    ("{{ kind }}", {"kind": 7}), ("{{ muscles | join(\", \") }}", {"muscles": (1, 2)}), ("{{ kind }}", {"kind": ["a"]}),
    ("{{ kind }}", {"kind": "x" * (MAX_VALUE + 1)}), ("{{ muscles | join(\", \") }}", {"muscles": ("x" * 5_000,) * 4}),
    ("{{ kind }}\n" * 11, {"kind": "x" * 10_000}),
])
def test_odd_values_and_long_ones_are_left_to_the_sandbox(source: str, names: dict[str, Any]) -> None:
    style = plain(source)
    assert style is not None and style.write({**CONTEXT, **names}) is None


def test_a_packaged_style_takes_no_jinja_to_be_imported() -> None:
    code = ("import sys; from calotype.language.prompt import Styles\n"
            "print(Styles(None).compose('medical', {'description': 'a', 'muscles': ('b',)}).prompt)\n"
            "print('jinja2' in sys.modules)")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    prompt, imported = ran.stdout.splitlines()
    assert "showing b" in prompt and imported == "False"
