"""Whom the words for a character have the mannequin draw."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.board.drawn_figure import figure_of
from calotype.language.pose.check import FIGURE


@pytest.mark.parametrize(("character", "figure"), [
    ("woman of 32, chestnut brown hair in a loose low bun, green eyes", {"sex": "female", "hair": "long"}),
    ("grandfather, man of 68, short white hair and trimmed beard", {"sex": "male"}),
    ("girl of 9, dark brown hair in two plaits", {"height": 140, "sex": "female", "hair": "long"}),
    ("boy of 9, tousled sandy hair", {"height": 140, "sex": "male"}),
    ("bald man of 50", {"sex": "male", "hair": "none"}),
    ("woman of 40, her husband beside her", {"sex": "female"}),
    ("a tall robot of brushed steel", {}), ("", {}), ("manager, brown hair along the neck", {}),
])
def test_a_figure_is_that_of_the_character(character: str, figure: dict[str, Any]) -> None:
    assert figure_of(character) == figure
    assert set(figure) <= set(FIGURE)
