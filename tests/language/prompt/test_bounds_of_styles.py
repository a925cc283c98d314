"""What a hostile style may cost: all that it does is paid for, so none runs for long."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from jinja2 import TemplateSyntaxError
from jinja2.exceptions import SecurityError

from calotype.language.prompt.sandbox import compiled, environment, rendered

LONG = "{% set long = 'a' %}" + "{% set long = long ~ long %}" * 14
LIST = LONG + "{% set items = [" + ", ".join(["long"] * 8) + "] %}"
LOOPS = "".join(f"{{% for i{depth} in [{', '.join('1' * 30)}] %}}" for depth in range(4))
ENDS = "{% endfor %}" * 4
NUMBER = "{% set number = 1 %}" + "{% set number = number + number %}" * 400

STYLES = {
    "looks for a text in a long one": LONG + LOOPS + "{% if 'b' in long or 'c' in long %}x{% endif %}" * 20 + ENDS,
    "tests for it": LONG + LOOPS + "{% if 'b' is in(long) %}x{% endif %}" * 20 + ENDS,
    "compares long texts": LONG + "{% set other = long ~ '' %}" + LOOPS + "{% if other == long %}{% endif %}" * 40 + ENDS,
    "selects by a test": LIST + LOOPS + "{% if items | select('in', long) | list %}{% endif %}" * 5 + ENDS,
    "maps again and again": LIST + LOOPS + "{{ items | map('upper') | map('lower') | map('title') | first }}" * 5 + ENDS,
    "sorts": LIST + LOOPS + "{{ items | sort | first }}" + ENDS,
    "cuts": LONG + LOOPS + "{% set rest = long[1:] %}" * 30 + ENDS,
    "adds large numbers": NUMBER + LOOPS + "{% set sum = number + number %}" * 30 + ENDS,
    "chooses": LOOPS + "{% if 1 and 2 and 3 and 4 and 5 and 6 and 7 %}{% endif %}" * 100 + ENDS,
}


@pytest.mark.parametrize("source", STYLES.values(), ids=STYLES)
def test_a_style_that_works_without_end_is_stopped_within_seconds(source: str) -> None:
    assert len(source) < 16 * 1024
    began = time.process_time()
    with pytest.raises(SecurityError, match="too much work"):
        rendered(compiled(environment(), source, "x"), {})
    assert time.process_time() - began < 2


FEW = f"{{% set few = [{', '.join('1' * 30)}] %}}" + "{% for a in few %}{% for b in few %}{% for c in few %}"
DONE = "{% endfor %}" * 3
PAID = {
    "looks": LONG + FEW + "{% if 'b' in long %}{% endif %}" + DONE,
    "tests": LONG + FEW + "{% if long is upper %}{% endif %}" + DONE,
    "chooses": FEW + "{% if 1 and 2 and 3 and 4 %}{% endif %}" * 20 + DONE,
    "cuts": LONG + FEW + "{% set rest = long[9:] %}" + DONE,
    "compares": LONG + "{% set other = long ~ '' %}" + FEW + "{% if other == long %}{% endif %}" + DONE,
    "changes": LONG + FEW + "{% if long | upper %}{% endif %}" + DONE,
}


@pytest.mark.parametrize("source", PAID.values(), ids=PAID)
def test_each_thing_that_a_style_does_is_paid_for_by_itself(source: str) -> None:
    """27,000 turns alone are no work that is refused."""
    assert rendered(compiled(environment(), FEW + DONE, "x"), {}) == ("",)
    with pytest.raises(SecurityError, match="too much work"):
        rendered(compiled(environment(), source, "x"), {})


@pytest.mark.parametrize("expression", ["not " * 150 + "1", "(" * 90 + "1" + ")" * 90, "1" + " + 1" * 150, "- " * 150 + "1"])
def test_a_style_of_deep_expressions_is_compiled_at_once(expression: str) -> None:
    began = time.process_time()
    with suppress(TemplateSyntaxError, SyntaxError, RecursionError):
        compiled(environment(), f"{{{{ {expression} }}}}" * 20, "x")
    assert time.process_time() - began < 2


def test_what_is_paid_for_gives_what_it_gave() -> None:
    source = ("{% set items = ['b', 'a', 'b'] %}{{ items | unique | sort | map('upper') | join(', ') }}"
              "{% if 'a' in items and 'c' is not in(items) %}, {{ 'abc'[1:] }}{% endif %} {{ items | length + 1 }}")
    assert rendered(compiled(environment(), source, "x"), {}) == ("A, B, bc 4",)
