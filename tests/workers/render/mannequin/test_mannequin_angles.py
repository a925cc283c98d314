"""An angle that is marked shows what was asked for, as a goniometer measures it: from the neutral zero."""

from __future__ import annotations

from math import acos, degrees

import pytest

from calotype.language.pose import resolve
from calotype.language.pose.stance import rest
from calotype.workers.render.mannequin.overlay import ARC_BONES, angle


@pytest.mark.parametrize(("term", "size"), [
    ("shoulder_flexion", 60), ("shoulder_abduction", 90), ("elbow_flexion", 50), ("wrist_extension", 40),
    ("hip_flexion", 45), ("hip_abduction", 30), ("knee_flexion", 100), ("ankle_plantarflexion", 32),
    ("ankle_dorsiflexion", 15), ("toe_extension", 45),
])
@pytest.mark.parametrize("side", ["left", "right"])
def test_an_arc_spans_the_angle_that_was_asked(side: str, term: str, size: int) -> None:
    neutral = {"base": "standing", "shoulder_abduction": 0, "elbow_flexion": 0}
    found = angle(rest(resolve({**neutral, side: {term: size}}, None, {})), f"{side}_{term}")
    assert found is not None
    _, zero, now = found
    cosine = sum(a * b for a, b in zip(zero, now, strict=True))
    assert degrees(acos(min(1.0, cosine))) == pytest.approx(size, abs=1)


@pytest.mark.parametrize("term", ["neck_flexion", "lumbar_flexion", "thoracic_flexion"])
def test_an_arc_of_the_spine_opens_as_it_bends(term: str) -> None:
    spans = []
    for size in (15, 30, 45):
        found = angle(rest(resolve({"base": "seated", term: size}, None, {})), term)
        assert found is not None
        spans.append(sum(a * b for a, b in zip(found[1], found[2], strict=True)))
    assert spans[0] > spans[1] > spans[2]


def test_what_is_no_hinge_has_no_arc() -> None:
    assert "forearm" not in ARC_BONES
    assert angle(rest(resolve("standing", None, {})), "left_forearm_supination") is None
