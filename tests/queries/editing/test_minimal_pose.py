"""Poses in as few words as can be: the same posture, however it was written before."""

from __future__ import annotations

import random
from typing import Any

import pytest

from calotype.language.pose import check, resolve
from calotype.language.pose.terms import BASES, JOINTS, SIDES
from calotype.queries.editing.minimal_pose import minimal

LIBRARY: dict[str, dict[str, Any]] = {
    "reach": {"base": "seated", "left": {"shoulder_flexion": 80}, "neck_flexion": 10},
    "turned": {"base": "side_lying", "right": {"knee_flexion": 70, "neck_rotation": 20}}}


@pytest.mark.parametrize(("pose", "position", "shortest"), [
    ({"base": "seated", "hip_flexion": 90}, "seated", {}), ({"base": "seated"}, None, {"base": "seated"}),
    ({"left": {"knee_flexion": 20}, "right": {"knee_flexion": 20}}, "standing", {"knee_flexion": 20}),
    ({"base": "reach", "neck_flexion": 10}, "seated", {"base": "reach"}),
    ({"base": "reach", "neck_flexion": 0}, "seated", {"base": "reach", "neck_flexion": 0}),
    ({"neck_extension": 12.0, "left": {"neck_rotation": 30}}, "standing", {"neck_extension": 12, "left": {"neck_rotation": 30}}),
    ({"neck_flexion": -12}, "standing", {"neck_flexion": -12}),
    ({"base": "standing", "mirror": True, "left": {"elbow_flexion": 4}}, "standing", {"mirror": True})])
def test_what_is_as_in_its_base_is_left_out(pose: dict[str, Any], position: str | None, shortest: dict[str, Any]) -> None:
    assert minimal(pose, position, LIBRARY) == shortest


@pytest.mark.parametrize("seed", range(150))
def test_the_posture_stays_the_same(seed: int) -> None:
    chance = random.Random(seed)
    pose: dict[str, Any] = {"base": chance.choice([*BASES, *LIBRARY])} if chance.random() < 0.8 else {}
    position = chance.choice([*BASES, None])
    bases = BASES.get(str(pose.get("base")), {})
    for name in chance.sample(sorted(JOINTS), 5):
        joint, value = JOINTS[name], chance.choice([0, bases.get(name, 0), 10, 12.5])
        holder = pose if joint.laterality == "axial" or (joint.laterality == "paired" and chance.random() < 0.4) else (
            pose.setdefault(chance.choice(SIDES), {}))
        if not any(JOINTS[other].axis == joint.axis for other in holder if other in JOINTS):
            holder[name] = value
    if chance.random() < 0.3:
        pose["mirror"] = True
    if chance.random() < 0.2:
        pose |= {"contacts": {"left_hand": "thigh"}}
    if any(finding.severity == "error" for finding in check(pose, LIBRARY)):
        pose = {key: value for key, value in pose.items() if key not in JOINTS and key not in SIDES}
    shortest = minimal(pose, position, LIBRARY)
    assert resolve(shortest, position, LIBRARY) == resolve(pose, position, LIBRARY)
    assert not [finding for finding in check(shortest, LIBRARY) if finding.severity == "error"]
    assert minimal(shortest, position, LIBRARY) == shortest
    assert len(repr(shortest)) <= len(repr(pose)) + len("'left': {}, 'right': {}")
