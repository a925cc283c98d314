"""Whether a picture shows the pose that was asked for, by the keypoints that a ViTPose finds in it.

The score is 100 OKS (`judge.pose_likeness`). A picture whose sides are exchanged, or with a limb too many, must not
stand for its target.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from calotype.ground.digest import canonical_json
from calotype.language.condition import EPOCH
from calotype.language.weights import Model
from calotype.workers.condition.picture import EXTRA, VitPose
from calotype.workers.protocol import Cancel, Estimate, Inputs, Lane, Request, Scored, open_input

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

    from calotype.language.image import Image
    from calotype.workers.judge.pose_likeness import Likeness, Point, Points

DRAWN = 512
"""Pixels of the longer side of the canvas on which the pose that is asked for is seen: OKS needs no more."""


class Pose:
    """It reads of an image its posture, view and side where they are asked for, and whether it shows several people."""

    name = "pose"
    epoch = 1
    gates = True
    lane: Lane = "device"

    def request(self, image: Image, pixels: str) -> Request | None:
        """None of a close-up, in which a detector of whole figures finds what is not there; and of several people that
        are in no pose."""
        asks, alone = _asks(image), len(image.characters) < 2
        if image.view == "close-up" or not (asks or alone):
            return None
        model = image.scoring["models"][self.name]
        weights = Model(model["model"], model.get("revision"), model.get("variant"), model.get("file"))
        asked = {"posture": image.posture, "view": image.view, "side": image.side, "figure": EPOCH} if asks else {}
        return {
            "scorer": self.name, "epoch": self.epoch, "pixels": pixels, "weights": image.weights(weights),
            "alone": alone, **asked,
        }

    def affinity(self, request: Request) -> tuple[str, ...]:
        return (self.name, request["weights"])

    def estimate(self, request: Request) -> Estimate:
        return Estimate(seconds=0.4)

    def unavailable_reason(self) -> tuple[str, str] | None:
        reason = VitPose().unavailable_reason()
        return (reason[0], EXTRA) if reason else None

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Scored]:
        for index, request in enumerate(batch):
            if cancel():
                return
            yield _score(request, inputs, index)


def _asks(image: Image) -> bool:
    """Whether a pose or position was asked for: a picture of a character stands unless it is said what it does."""
    from calotype.language.pose import resolve

    return image.kind == "image" or image.posture != resolve(None, "standing", {})


def _score(request: Request, inputs: Inputs, index: int) -> Scored:
    from calotype.ground.images import as_input
    from calotype.workers.condition.vitpose import LEAST_CONFIDENCE, look
    from calotype.workers.judge.limbs import limbs_too_many
    from calotype.workers.judge.pose_likeness import FEWEST, NOWHERE

    picture = as_input(open_input(inputs, request["pixels"]))
    seen = look(picture, inputs[request["weights"]], request["weights"])
    found = tuple(point if point[2] >= LEAST_CONFIDENCE else NOWHERE for point in seen.points)
    facts = {"keypoints": _rounded(found), "size": list(picture.size)}
    if sum(1 for point in found if point[2]) < FEWEST:
        return Scored(index, None, {}, facts)
    match = _match(request, found, picture) if "posture" in request else None
    sided = match is not None and _sided(request)
    reasons = [_exchanged(match)] if match is not None and sided and match.sides_exchanged else []
    if request["alone"]:
        reasons += [f"a limb too many: a third {joint} is seen at {x:.0f}, {y:.0f}"
                    for joint, (x, y, _) in limbs_too_many(found, seen.peaks)]
    if match is None:
        return Scored(index, 0.0 if reasons else None, {}, facts, "; ".join(reasons))
    parts = {"oks": match.oks, "in_place": match.in_place, **({"exchanged": match.exchanged} if sided else {})}
    return Scored(
        index, round(100 * match.oks, 3), {name: round(value, 3) for name, value in parts.items()},
        {**facts, "asked": _rounded(match.moved)}, "; ".join(reasons))


def _exchanged(match: Likeness) -> str:
    figures = f"OKS {match.exchanged:.2f}, not {match.oks:.2f}"
    return f"left and right are exchanged: the pose of the other side fits better ({figures})"


def _sided(request: Request) -> bool:
    """Whether left and right differ by what is asked for, so that they can be exchanged. The sides of a base posture
    alone were chosen by nobody."""
    from calotype.language.pose import resolve
    from calotype.language.pose.posture import mirror

    posture = request["posture"]
    return bool(mirror(posture) != posture != resolve(posture["base"], None, {}))


def _match(request: Request, found: Points, picture: Pixels) -> Likeness | None:
    from calotype.language.pose.posture import mirror
    from calotype.workers.judge.pose_likeness import likeness

    posture, view, side = request["posture"], request["view"], request["side"]
    asked, other = (_projected(canonical_json(each).decode(), view, side, picture.size)
                    for each in (posture, mirror(posture)))
    return likeness(asked, found, [other])


@lru_cache(maxsize=64)
def _projected(posture: str, view: str, side: str, size: tuple[int, int]) -> Points:
    """Where the visible keypoints of a posture (canonical JSON) lie in a picture of `size`: candidates share them."""
    from calotype.workers.render.mannequin.keypoints import flat_points
    from calotype.workers.render.mannequin.maps import maps

    larger = max(1.0, max(size) / DRAWN)
    canvas = round(size[0] / larger), round(size[1] / larger)
    document = maps(json.loads(posture), view, side, canvas, kinds=()).keypoints
    across, down = size[0] / canvas[0], size[1] / canvas[1]
    return tuple((x * across, y * down, seen) for x, y, seen in flat_points(document))


def _rounded(points: Sequence[Point]) -> list[list[float]]:
    return [[round(x, 2), round(y, 2), round(confidence, 3)] for x, y, confidence in points]
