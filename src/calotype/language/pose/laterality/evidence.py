"""What a pose says of each side of the body: angles, heights, contacts. Must not know any words.

Every test answers 1 where the named side does what is asked and the other does not, -1 where the other does and the
named one does not, and 0 where both do, neither does, or it cannot be told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import acos, degrees
from typing import Any

from calotype.language.pose.laterality.side_words import ARM, other
from calotype.language.pose.linear import Vector, about_z, back, turn
from calotype.language.pose.posture import base_of, resolve
from calotype.language.pose.skeleton import Skeleton, forward
from calotype.language.pose.stance import base_contacts, side_down
from calotype.language.pose.terms import ONE_SIDED, SIDES

_FINGERS = ("finger_", "index_", "middle_", "ring_", "little_")
AXES_OF: dict[str, tuple[str, ...]] = {
    "sole": ("ankle_",),
    "arm": ("shoulder_", "elbow_", "forearm_"),
    "shoulder": ("shoulder_", "scapular_"),
    "shoulder blade": ("scapular_", "shoulder_"),
    "elbow": ("elbow_", "shoulder_"),
    "forearm": ("elbow_", "forearm_", "shoulder_"),
    "hand": ("shoulder_", "elbow_", "forearm_", "wrist_", *_FINGERS, "thumb_"),
    "palm": ("shoulder_", "elbow_", "forearm_", "wrist_"),
    "thumb": ("shoulder_", "elbow_", "forearm_", "wrist_", "thumb_"),
    "fingers": ("shoulder_", "elbow_", "wrist_", *_FINGERS),
    "wrist": ("wrist_", "elbow_", "shoulder_"),
    "leg": ("hip_", "knee_"),
    "hip": ("hip_",),
    "thigh": ("hip_", "knee_"),
    "knee": ("knee_", "hip_"),
    "shin": ("knee_", "hip_"),
    "calf": ("knee_", "hip_", "ankle_"),
    "foot": ("ankle_", "knee_", "hip_", "toe_"),
    "ankle": ("ankle_", "knee_", "hip_"),
    "heel": ("ankle_", "knee_", "hip_", "toe_"),
    "toes": ("ankle_", "knee_", "hip_", "toe_"),
}
"""The axes that move what an author names."""
OWN_AXES: dict[str, tuple[str, ...]] = {
    "leg": ("hip_",), "hip": ("hip_",), "thigh": ("hip_",), "knee": ("knee_",), "shin": ("ankle_", "knee_"),
    "foot": ("ankle_", "toe_"), "sole": ("ankle_",), "toes": ("toe_",), "ankle": ("ankle_",), "heel": ("ankle_",),
    "arm": ("shoulder_",), "shoulder": ("scapular_", "shoulder_"), "shoulder blade": ("scapular_",),
    "elbow": ("elbow_",), "forearm": ("forearm_",), "palm": ("forearm_",), "wrist": ("wrist_",),
    "hand": ("wrist_", *_FINGERS), "fingers": _FINGERS, "thumb": ("thumb_",),
}
"""The axes whose degrees a text gives when it names a part."""
BONE = {
    "leg": "foot",
    "foot": "foot",
    "sole": "foot",
    "ankle": "foot",
    "heel": "foot",
    "toes": "toes",
    "calf": "foot",
    "shin": "foot",
    "knee": "shank",
    "thigh": "shank",
    "hip": "shank",
    "arm": "hand",
    "hand": "hand",
    "palm": "hand",
    "thumb": "hand",
    "fingers": "hand",
    "wrist": "hand",
    "forearm": "hand",
    "elbow": "forearm",
    "shoulder": "upper_arm",
    "shoulder blade": "upper_arm",
}
"""The joint whose place tells where a part is."""
TOUCHING = {
    "leg": ("foot", "heel", "toes", "shin"),
    "foot": ("foot", "heel", "toes"),
    "heel": ("foot", "heel"),
    "toes": ("foot", "toes"),
    "knee": ("knee",),
    "shin": ("shin",),
    "hand": ("hand",),
    "palm": ("hand",),
    "arm": ("hand", "forearm", "elbow"),
    "forearm": ("forearm", "elbow"),
    "elbow": ("elbow", "forearm"),
    "fingers": ("hand",),
    "wrist": ("hand",),
}
"""The parts under `contacts` by which a named part touches something."""
TRUNK_TURNS = ("spine_rotation", "thoracic_rotation", "lumbar_rotation", "lower_trunk_rotation")
TRUNK_BENDS = tuple(axis.replace("rotation", "lateral_flexion") for axis in TRUNK_TURNS[:3])
LEAST, APART = 10.0, 12.0
"""Degrees: a joint is away from its base; two sides differ."""
UPWARD: dict[str, Vector] = {
    "supine": (1.0, 0.0, 0.0),
    "crook_lying": (1.0, 0.0, 0.0),
    "prone": (-1.0, 0.0, 0.0),
    "quadruped": (-1.0, 0.0, 0.0),
    "plank": (-1.0, 0.0, 0.0),
}
"""Which way is up, as the pelvis sees it: along the trunk unless named."""


class Angles:
    """The joints of one posture, side against side."""

    def __init__(self, posture: Mapping[str, Any]) -> None:
        self.posture = posture
        self.base = posture["base"]
        rests = base_contacts(posture) if self.base == "half_kneeling" else {}
        self.touching: Mapping[str, str] = {**rests, **posture.get("contacts", {})}

    @cached_property
    def _basis(self) -> Mapping[str, Any]:
        return base_of(self.posture)

    @cached_property
    def lies_on(self) -> str:
        """The side that someone lies on, or ""."""
        return side_down(self.posture)

    def angle(self, side: str, axis: str) -> float:
        return float(self.posture.get(side, {}).get(axis, 0.0))

    def turned(self, *motions: str) -> float:
        """How far midline joints turn or bend to the right, in all."""
        return sum(float(self.posture.get(axis, 0.0)) for axis in motions)

    def more(self, side: str, axes: Sequence[tuple[str, int]], least: float, apart: float, share: float) -> int:
        """Whether the joint that goes furthest, of (axis, sign), goes further than the other side's. It does so at
        all from `least` on, and where it left the base posture so: by 3 degrees, or a `share` of where the other is."""
        here, opposite = self._furthest(side, axes), self._furthest(other(side), axes)
        if here - opposite >= apart:
            return 1
        left = max(sign * (self.angle(side, axis) - self._basis.get(side, {}).get(axis, 0.0)) for axis, sign in axes)
        return -1 if opposite - here >= apart and here < least and left < max(3.0, share * opposite) else 0

    def _furthest(self, side: str, axes: Sequence[tuple[str, int]]) -> float:
        return max(sign * self.angle(side, axis) for axis, sign in axes)

    def straight(self, side: str, axis: str) -> int:
        """Whether a knee or elbow is the straighter one."""
        here, opposite = self.angle(side, axis), self.angle(other(side), axis)
        if opposite - here >= 20.0:
            return 1
        if self.straightens(side, axis):
            return 0
        return -1 if here >= 40.0 and opposite <= max(20.0, 0.5 * here) else 0

    def straightens(self, side: str, axis: str) -> bool:
        """Whether a joint is straighter than the base posture bends it."""
        return float(self._basis.get(side, {}).get(axis, 0.0)) - self.angle(side, axis) >= 5.0

    def away(self, side: str, part: str) -> float:
        """The furthest that a part's joints are from the base posture, in degrees."""
        base, angles = self._basis.get(side, {}), self.posture.get(side, {})
        return max(
            (
                abs(angles.get(axis, 0.0) - base.get(axis, 0.0))
                for axis in {*angles, *base}
                if axis.startswith(AXES_OF[part])
            ),
            default=0.0,
        )

    def holds(self, side: str, part: str) -> bool:
        """Whether the pose itself says that a part touches something."""
        return any(self.touching.get(f"{side}_{name}", "none") != "none" for name in TOUCHING.get(part, (part,)))

    def moved(self, side: str, part: str) -> int:
        """Whether it is this side's limb that the pose moves."""
        if self.base == "side_lying" and part in ARM:
            return 0  # the arm below is drawn out to the front, whoever it is that moves
        acts = {each: self.away(each, part) >= LEAST or self.holds(each, part) for each in SIDES}
        if acts["left"] == acts["right"]:
            return 0
        return 1 if acts[side] else -1 if self.away(side, part) < 0.5 else 0

    def still(self, side: str, part: str) -> int:
        """Whether this side's limb stays as the base has it, while the other moves well away."""
        here, opposite = self.away(side, part), self.away(other(side), part)
        if here < LEAST and opposite >= 25.0:
            return 1
        return -1 if opposite < LEAST and here >= 25.0 and not self.holds(side, part) else 0

    def measures(self, side: str, part: str, degrees: float) -> int:
        """1 where a joint of this side's part, and none of the other's, is at so many degrees; else 0."""
        at = {each: any(
            abs(abs(angle) - degrees) < 1.0 for axis, angle in self.posture.get(each, {}).items()
            if axis.startswith(OWN_AXES.get(part, ()))
        ) for each in SIDES}
        return int(at[side] and not at[other(side)])

    def toward(self, side: str, *axes: str) -> int:
        """Whether head or trunk turn or bend to this side."""
        sign = 1 if side == "right" else -1
        if any(sign * self.turned(axis) >= 0.5 for axis in axes):
            return 1
        return -1 if sign * self.turned(*axes) <= -4.0 else 0


class Evidence(Angles):
    """One posture, measured on either side when it is asked."""

    @cached_property
    def _up(self) -> Vector:
        if self.base == "side_lying":
            return (0.0, 0.0, 1.0 if self.lies_on == "left" else -1.0)
        if self.base != "standing":
            return UPWARD.get(self.base, (0.0, 1.0, 0.0))
        pitches = [self._pitch(side) for side in SIDES if self.touching.get(f"{side}_foot") != "none"]
        return turn(about_z(sum(pitches) / len(pitches) if pitches else 0.0), (0.0, 1.0, 0.0))

    def _pitch(self, side: str) -> float:
        return (
            self.angle(side, "hip_flexion")
            - self.angle(side, "knee_flexion")
            + self.angle(side, "ankle_dorsiflexion")
            + self.angle(side, "toe_extension")
        )

    @cached_property
    def _places(self) -> tuple[Skeleton, Skeleton]:
        bare = resolve(self.base, None, {})
        return forward(self.posture), forward(self._basis if self.base in ONE_SIDED else bare)

    def rise(self, side: str, part: str) -> float:
        """How much higher a part is than in the base posture, in fractions of stature."""
        posed, rested = self._places
        return (
            _along(posed.position[f"{side}_{BONE[part]}"], self._up)
            - _along(rested.position[f"{side}_{BONE[part]}"], self._rested_up)
        ) / posed.stature

    @cached_property
    def _rested_up(self) -> Vector:
        return (0.0, 1.0, 0.0) if self.base == "standing" else self._up

    def elevated(self, side: str, part: str) -> int:
        """Whether an arm is the further from the side, in any plane."""
        if self.base == "side_lying":
            return 0
        posed, rested = self._places
        here, opposite = _elevation(posed, side), _elevation(posed, other(side))
        if here - opposite >= APART:
            return 1
        if self._still_raised(side):
            return 0
        return -1 if opposite - here >= APART and here - _elevation(rested, side) < 5.0 else 0

    def _still_raised(self, side: str) -> bool:
        """Whether an arm that the base posture raises already is moved, and still is."""
        here, rested = (_elevation(skeleton, side) for skeleton in self._places)
        return rested >= LEAST + 5.0 and here >= LEAST and self.away(side, "arm") >= 1.0

    def overhead(self, side: str, part: str) -> int:
        """Whether this arm, and not the other, is up beside the head."""
        if self.base == "hanging":
            return 0
        high = {each: _elevation(self._places[0], each) for each in SIDES}
        return 0 if (high["left"] >= 120) == (high["right"] >= 120) else 1 if high[side] >= 120 else -1

    @cached_property
    def _twisted(self) -> bool:
        """Whether the trunk carries one shoulder higher, or further forward, than the other."""
        return max(abs(self.turned(*TRUNK_TURNS)), abs(self.turned(*TRUNK_BENDS))) >= LEAST

    def raised(self, side: str, part: str) -> int:
        """Whether a part is lifted higher than the other side's."""
        if part in ARM and (self.base == "side_lying" or self._twisted):
            return 0
        here, opposite = self.rise(side, part), self.rise(other(side), part)
        if here - opposite >= 0.04:
            return 1
        if part in ARM and self._still_raised(side):
            return 0
        return -1 if opposite >= 0.05 and here <= min(0.5 * opposite, opposite - 0.05) else 0

    def low(self, side: str, part: str) -> int:
        """Whether a part is on what is below, while the other side's is lifted."""
        if part in TOUCHING and self.holds(side, part) and "floor" in _surfaces(self.touching, side):
            return 1
        if "foot" in part and self.flat(side, part):
            return self.flat(side, part)
        here, opposite = self.rise(side, part), self.rise(other(side), part)
        if opposite - here >= 0.04:
            return 1
        return -1 if here - opposite >= 0.06 and not self.holds(side, part) else 0

    def flat(self, side: str, part: str) -> int:
        """Whether this foot, and not the other, has its sole on the floor, as far as the pose names what it touches."""
        ground = "floor" if self.base in ("standing", "seated") else ""
        soles = {each: self.touching.get(f"{each}_foot", ground) for each in SIDES}
        if (soles["left"] == "floor") == (soles["right"] == "floor"):
            return 0
        return 1 if soles[side] == "floor" else -1

    def ahead(self, side: str, part: str, sign: int = 1) -> int:
        """Whether a part is further forward (`sign` 1) or back (-1) than the other side's."""
        if part in ARM and (self.base == "side_lying" or self._twisted):
            return 0
        skeleton = self._places[0]
        here, opposite = (
            sign * skeleton.position[f"{each}_{BONE[part]}"][0] / skeleton.stature for each in (side, other(side))
        )
        return 1 if here - opposite >= 0.05 else -1 if opposite - here >= 0.08 else 0

    def bears(self, side: str) -> int:
        """Whether this leg carries a standing body."""
        if self.base != "standing":
            return 0
        lifted = {each: self._lifted(each) for each in SIDES}
        if lifted["left"] == lifted["right"]:
            return 0
        return -1 if lifted[side] else 1

    def _lifted(self, side: str) -> bool:
        """Whether a foot is off the floor: said so, or much the shorter leg, or one that swings beside a still one."""
        if any(self.touching.get(f"{side}_{part}", "none") != "none" for part in ("foot", "heel", "toes")):
            return False
        if self.touching.get(f"{side}_foot") == "none":
            return True
        if self.rise(side, "foot") - self.rise(other(side), "foot") >= 0.15:
            return True
        swings = max(abs(self.angle(side, axis)) for axis in ("hip_flexion", "hip_abduction")) >= LEAST + 2
        return swings and self.angle(side, "knee_flexion") < LEAST and self.away(other(side), "leg") < LEAST

    def kneels(self, side: str) -> int:
        """Whether this knee is on the floor and the other is not."""
        if self.base not in ("standing", "kneeling", "half_kneeling", "quadruped"):
            return 0
        down = {each: self._knee_down(each) for each in SIDES}
        return 0 if down["left"] == down["right"] else 1 if down[side] else -1

    def _knee_down(self, side: str) -> bool:
        if self.base in ("kneeling", "quadruped"):
            return self.touching.get(f"{side}_knee") != "none"
        names = [f"{each}_{part}" for each in SIDES for part in ("knee", "shin")]
        if any(self.touching.get(name, "none") != "none" for name in names):
            return any(self.touching.get(f"{side}_{part}", "none") != "none" for part in ("knee", "shin"))
        hips = {each: self.angle(each, "hip_flexion") for each in SIDES}
        return self.angle(side, "knee_flexion") >= 60.0 and hips[other(side)] - hips[side] >= 40.0


def _surfaces(touching: Mapping[str, str], side: str) -> set[str]:
    """What the parts of one side touch, as the pose says."""
    return {surface for part, surface in touching.items() if part.startswith(side)}


def _along(place: Vector, direction: Vector) -> float:
    return sum(a * b for a, b in zip(place, direction, strict=True))


def _elevation(skeleton: Skeleton, side: str) -> float:
    """Degrees between an upper arm and the trunk."""
    down = turn(skeleton.rotation[f"{side}_upper_arm"], (0.0, -1.0, 0.0))
    arm = turn(back(skeleton.rotation["thoracic_3"]), down)
    return degrees(acos(max(-1.0, min(1.0, -arm[1]))))
