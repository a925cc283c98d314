"""What a plan says where another renderer is asked for: that, and not the fields that follow from it."""

from __future__ import annotations

from conftest import Space

EXERCISE = """\
kind: exercise
id: nod
region: neck
title: Nod
images: [{view_angle: lateral, body_position: seated, description: up, alt: Up.}]
"""


def test_another_renderer_is_the_reason_and_stands_alone(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\nrenderer: mannequin\ndefaults: {size: [64, 64]}\n")
    space.write("specs/exercises/nod.yaml", EXERCISE)
    assert space.call("build", "--json").code == 0
    space.write("calotype.yaml", "version: 1\nrenderer: hosted\ndefaults: {size: [64, 64]}\n")
    reason = str(space.call("plan", "--json").json["targets"][0]["reason"])
    assert reason.startswith('renderer: "mannequin" -> "hosted" (calotype.yaml:2), and ')
    assert reason.endswith(" more")
