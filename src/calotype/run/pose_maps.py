"""The control maps of a target that come from its pose, drawn outside of a build. Must not know what they are for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from calotype.actions.conditions import drawn_from_pose, is_from_pose
from calotype.language.action import Action
from calotype.plan.planned import Planned
from calotype.project.overrides import Profile
from calotype.project.workspace import open_workspace
from calotype.run.buffer import ResultBuffer


def missing_pose_maps(planned: Planned) -> Sequence[Action]:
    """The maps that are missing for the keys of `planned`, if all of them come from a pose; else none: one that a
    detector makes of a picture is a build's work."""
    missing = [action for action in planned.perform if action.kind == "condition" and not planned.keys]
    return missing if all(map(is_from_pose, missing)) else ()


def draw_pose_maps(root: Path, actions: Sequence[Action]) -> None:
    """Draws the maps into the caches. Hold the build lock."""
    with open_workspace(root, Profile(), create=True) as workspace:
        buffer = ResultBuffer(workspace)
        for number, action in enumerate(actions):
            began = time.perf_counter()
            output = drawn_from_pose(action)
            buffer.hold(number, output, {}, time.perf_counter() - began)
        buffer.flush()
