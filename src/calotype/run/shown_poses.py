"""The poses that a scorer found in the pictures of a target, from the facts of its scores. Must not know the scorer.

Facts are kept on the machine that scored alone: elsewhere there are none, and a page shows none.
"""

from __future__ import annotations

import json

from calotype.results.publish.line import Line
from calotype.results.sheet.shown_pose import ShownPose, shown_pose
from calotype.store.action_cache import ActionCache


def shown_poses(line: Line, cache: ActionCache) -> dict[str, ShownPose]:
    """By the pixels of the candidates of a published target."""
    poses = {}
    scores = cache.get_many(upstream.action for upstream in line.upstream if upstream.kind == "score")
    for key, result in scores.items():
        pose = shown_pose(result.facts) if "keypoints" in result.facts else None
        components = cache.components(key) if pose is not None else None
        if pose is not None and components is not None:
            poses[str(json.loads(components)["pixels"])] = pose
    return poses
