"""Why a scorer gave a picture so little, from the record of its score on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from calotype.language.action import make
from calotype.language.judging.weakest import Weakest
from calotype.plan.judging.score_parts import lowest_part
from calotype.store.action_cache import ActionCache

PIXELS, OTHER = "a" * 64, "b" * 64


def told(folder: Path, scorer: str, outputs: Mapping[str, Any], facts: Mapping[str, Any], about: str = PIXELS) -> str:
    cache = ActionCache(folder / "actions.db")
    actions = [make("score", {"scorer": scorer, "epoch": 1, "pixels": pixels}) for pixels in (OTHER, PIXELS)]
    cache.put_many([(actions[0].key, "score", actions[0].components, {"parts": {"sharpness": 1.0}}, {"lines": [{"text": "NO"}]}),
                    (actions[1].key, "score", actions[1].components, outputs, facts)])
    weakest = Weakest(scorer, 10.0, 1.0, 10.0, pixels=about)
    said = lowest_part(weakest, [action.key for action in actions], cache)
    cache.close()
    return said


@pytest.mark.parametrize(("parts", "said"), [
    ({"sharpness": 20.4, "exposure": 90.0}, "it is soft (sharpness 20)"),
    ({"sharpness": 70.0, "exposure": 40.0}, "it is too dark or too bright (exposure 40)"),  # it costs more, by its weight
    ({"sharpness": 95.0, "exposure": 95.0, "background": 95.0, "whole": 0.0}, "the edges cut the figure (whole 0)"),
    ({"sharpness": 76.0, "exposure": 95.0}, "least for sharpness (76)"),
    ({"sharpness": 95.0, "exposure": 99.0}, ""),
    ({}, ""),
])
def test_of_technical_the_part_is_told_that_costs_the_most(tmp_path: Path, parts: dict[str, float], said: str) -> None:
    assert told(tmp_path, "technical", {"parts": parts}, {}) == said


def test_of_lettering_it_is_told_what_it_reads(tmp_path: Path) -> None:
    lines = [{"text": word} for word in ("SALE", "50 % off", "today", "only")]
    assert told(tmp_path, "text", {}, {"lines": lines}) == "it reads “SALE”, “50 % off”, “today”, ..."


def test_where_no_record_tells_nothing_is_said(tmp_path: Path) -> None:
    assert told(tmp_path, "technical", {"parts": {"sharpness": 1.0}}, {}, about="c" * 64) == ""
    assert lowest_part(None, [], ActionCache(tmp_path / "other.db")) == ""
