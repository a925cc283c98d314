"""What a spec names of the project."""

from __future__ import annotations

from calotype.language.load import load_spec
from calotype.language.uses import uses_of
from calotype.language.yaml.document import parse

SPEC = b"""\
kind: exercise
id: bow
region: neck
title: Bow
characters: [ann]
loras: [{name: ink, weight: 0.5}]
images:
  - {view_angle: lateral, body_position: standing, description: a, pose: low, reference: {image: refs/a.png}}
  - {view_angle: lateral, body_position: standing, description: b, pose: {base: deep, neck_flexion: 3}, loras: [{name: ink}]}
  - {view_angle: lateral, body_position: standing, description: c, pose: {base: standing},
     controls: [{type: depth, image: refs/b.png}, {type: openpose, from: pose}]}
"""


def test_each_is_named_once_and_base_postures_are_no_part_of_a_project() -> None:
    spec = load_spec(parse(SPEC, "specs/exercises/bow.yaml"))
    assert uses_of(spec) == ("characters/ann", "loras/ink", "poses/low", "refs/a.png", "poses/deep", "refs/b.png")
