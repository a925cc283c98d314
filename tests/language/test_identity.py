"""How a character is told: as its spec says, else as calotype.yaml does, and not at all where nobody asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.identity import Identity, identity_of

PACKAGED = {"threshold": 0.65, "combine": "best", "dino": {"model": "facebook/dinov2-base"}}


def told(data: dict[str, Any], **settings: Any) -> Identity | None:
    return identity_of("ann", data, {**PACKAGED, **settings}, "scenes/tea/cup", "content")


def test_a_spec_comes_before_calotype_yaml_and_that_before_what_is_packaged() -> None:
    own = told({"identity": {"method": "dino", "threshold": 0.8}, "references": ["refs/a.png"]}, combine="mean", pack="p")
    assert own is not None and own.written
    assert (own.method, own.threshold, own.combine, own.references) == ("dino", 0.8, "mean", ("refs/a.png",))
    plain = told({"identity": {}, "references": ["refs/a.png"]})
    assert plain is not None and (plain.method, plain.threshold, plain.combine) == ("arcface", 0.65, "best")


def test_its_own_references_come_before_those_of_the_character() -> None:
    own = told({"identity": {"method": "palette", "references": ["refs/b.png"]}, "references": ["refs/a.png"]})
    assert own is not None and own.references == ("refs/b.png",)


def test_auto_has_no_threshold_of_its_own() -> None:
    own = told({"identity": {"threshold": "auto"}})
    assert own is not None and own.threshold is None


@pytest.mark.parametrize(("settings", "method"), [({}, None), ({"pack": "models/p"}, "arcface"), ({"method": "dino"}, "dino")])
def test_references_alone_are_compared_where_calotype_yaml_says_by_what(settings: dict[str, str], method: str | None) -> None:
    own = told({"references": ["refs/a.png"]}, **settings)
    assert (own.method if own is not None else None) == method
    assert own is None or not own.written
    assert told({}, **settings) is None
