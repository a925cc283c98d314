"""The poses that a scorer found in the pictures of a target, from the facts of its scores. Must not know the scorer.

Facts are kept on the machine that scored alone: elsewhere there are none, and a page shows none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from calotype.results.sheet.shown_pose import ShownPose, shown_pose
from calotype.store.action_cache import ActionCache


def shown_poses(scores: Iterable[str], cache: ActionCache) -> dict[str, ShownPose]:
    """By the pixels of the pictures that the actions with these keys are about."""
    poses = {}
    for key, result in cache.get_many(scores).items():
        pose = shown_pose(result.facts) if "keypoints" in result.facts else None
        components = cache.components(key) if pose is not None else None
        if pose is not None and components is not None:
            poses[str(json.loads(components)["pixels"])] = pose
    return poses
