"""What a target's keys wait for and can be made anywhere at once, made outside of a build: its control maps that come
from a pose, its prompt by the embedded enhancer. Must not know what they are for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from calotype.actions.conditions import drawn_from_pose, is_from_pose
from calotype.actions.enhances import is_embedded, made_here
from calotype.language.action import Action
from calotype.plan.planned import Planned
from calotype.project.overrides import Profile
from calotype.project.workspace import open_workspace
from calotype.run.buffer import ResultBuffer


def missing_pose_maps(planned: Planned) -> Sequence[Action]:
    """The maps that are missing for the keys of `planned`, if all of them come from a pose, or its prompt, if that is
    for the embedded lexicon to enhance; else none: what a detector or an endpoint makes is a build's work."""
    kinds = ("enhance", "condition")
    missing = [action for action in planned.perform if action.kind in kinds and not planned.keys]
    return missing if all(is_embedded(action) or is_from_pose(action) for action in missing) else ()


def draw_pose_maps(root: Path, actions: Sequence[Action]) -> None:
    """Makes the maps and prompts, and keeps them in the caches. Hold the build lock."""
    with open_workspace(root, Profile(), create=True) as workspace:
        buffer = ResultBuffer(workspace)
        for number, action in enumerate(actions):
            began = time.perf_counter()
            output = made_here(action) if is_embedded(action) else drawn_from_pose(action)
            buffer.hold(number, output, {}, time.perf_counter() - began)
        buffer.flush()
