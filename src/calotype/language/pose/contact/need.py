"""Whether a posture holds as it stands: which contacts are off, sunk in or left. Must not know how they are met."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.contact.placing import place, tipped
from calotype.language.pose.contact.surfaces import (
    BASE_CONTACTS,
    MASSES,
    STEP,
    contacts,
    on_toes,
    overbent,
    spheres,
)
from calotype.language.pose.contact.touch import FAR, FLESH_GIVES, NEAR, Touch, along, crossed, gaps, sunk, touches
from calotype.language.pose.linear import scale
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.support import to_props
from calotype.language.pose.support.lain_on import FLOOR, Ground, ground_of
from calotype.language.pose.terms import FOOT, PELVIC, SIDES

LIMBS = {
    "foot": ("hip_", "knee_"), "knee": ("hip_", "knee_"), "shin": ("hip_", "knee_"), "heel": ("hip_", "knee_"),
    "calf": ("hip_", "knee_"), "toes": ("hip_", "knee_"), "hand": ("shoulder_", "elbow_"),
    "forearm": ("shoulder_", "elbow_"), "elbow": ("shoulder_",),
}
"""The axes that lift a part."""
LEFT: dict[str, dict[str, tuple[str, ...]]] = {
    "quadruped": {
        "hand": ("wrist_flexion", "finger_flexion", "forearm_supination"), "knee": ("ankle_dorsiflexion",),
    },
    **{base: {"knee": ("ankle_dorsiflexion",)} for base in ("kneeling", "half_kneeling", "heel_sitting")},
    "crook_lying": {"foot": ("ankle_dorsiflexion",)},
    "plank": {
        "hand": ("wrist_flexion", "finger_flexion", "forearm_supination"),
        "toes": ("toe_extension",),
    },
    "hanging": {"hand": ("finger_flexion", "forearm_supination")},
}
"""Axes of a base that serve a contact alone: neutral, once the part has left it."""
LEG_AXES = ("hip_", "knee_", "ankle_", "toe_")
SWAY = ("hip_flexion", "knee_flexion", "ankle_dorsiflexion")
"""What takes the weight of who stands before or behind the feet."""
BENT = ("spine_", "lumbar_", "thoracic_", *PELVIC)
ON_HANDS, ON_EDGE = ("quadruped", "plank"), 0.04
"""Bases whose palms carry the trunk; metres from which on the knuckles of such a hand are off the ground."""
HELD_BY = {"bar", "cable", "pulldown"}
"""What carries or draws who holds it: the weight need not be over the feet."""
SYMMETRIC = ("standing", "seated", "kneeling", "hanging")
"""Bases that hold by themselves while both legs are alike and nothing else touches."""


@dataclass(frozen=True, slots=True)
class State:
    """A posture as it is placed: its contacts, how far each is off, and those of its base that were lifted off;
    `tilted` are soles that are said to touch and do not lie flat, though the ankle is open; `idle` arms
    that only happen to touch; `falls` who rises from a seat, or stands with ankles that are open, without the weight
    over the feet."""

    skeleton: Skeleton
    touching: tuple[Touch, ...]
    gaps: tuple[float, ...]
    lifted: tuple[str, ...]
    tilted: tuple[str, ...] = ()
    falls: bool = False
    ground: Ground = FLOOR
    idle: bool = False

    @property
    def sunk(self) -> float:
        """Metres by which the body passes through floor, wall or itself at most."""
        return max(sunk(self.touching, self.skeleton, self.ground), crossed(self.skeleton, self.touching))

    @property
    def holds(self) -> bool:
        """Whether every contact is met, soles lie flat, nobody falls or passes through floor, wall or trunk."""
        hurt = self.tilted or self.falls or self.idle
        return not hurt and all(map(met, self.touching, self.gaps)) and self.sunk <= FAR


def to_solve(posture: Mapping[str, Any]) -> bool:
    """Whether something of a canonical posture, `written` and all, is to be solved: else it is drawn as it stands."""
    if _plain(posture):
        return False
    state = look(posture)
    return not state.holds or bool(stale(posture, state.lifted)) or tipped(posture) or bool(
        on_toes(posture)) or any(_steps_off(posture, side) for side in SIDES)


def look(posture: Mapping[str, Any], skeleton: Skeleton | None = None) -> State:
    """The contacts of a posture, as it is placed or as `skeleton` has it."""
    skeleton = skeleton or place(posture)
    touching = touches(posture, skeleton)
    off = gaps(touching, skeleton)
    lifted = _lifted(posture, touching, off, skeleton)
    if lifted:
        touching = [touch for touch in touching if touch.part not in lifted]
        off = gaps(touching, skeleton)
    tilted = tuple(touch.part for touch in touching if _tilted(posture, touch, skeleton))
    falls = _falls(posture, touching, skeleton)
    return State(skeleton, tuple(touching), tuple(off), lifted, tilted, falls, ground_of(posture, skeleton),
                 to_props.idle(posture, touching))


def _tilted(posture: Mapping[str, Any], touch: Touch, skeleton: Skeleton) -> bool:
    """Whether a sole that is said to be on something is on its edge, where its ankle could lay it flat; or a hand that
    carries the trunk is on its heel, where its wrist could."""
    side, _, name = touch.part.partition("_")
    if "root" in posture or touch.normal is None:
        return False
    if name == "hand" and posture["base"] in ON_HANDS:
        ends = (at[1] for at, _ in spheres(skeleton, [touch.part]))
        return f"{side}.wrist_flexion" not in posture.get("written", ()) and abs(next(ends) - next(ends)) > ON_EDGE
    if name != "foot" or not touch.said or _ankle_written(posture, touch.part):
        return False
    heel, toes = (along(skeleton, f"{side}_{end}", touch.normal) for end in ("heel", "toes"))
    return abs(heel - toes) > FAR


def _falls(posture: Mapping[str, Any], touching: Sequence[Touch], skeleton: Skeleton) -> bool:
    """Whether someone who stands up, or whose ankles could carry the weight over the feet, and who holds on to nothing,
    has the weight before or behind the feet."""
    leans = any(touch.ball is not None for touch in touching)
    if "root" in posture or leans or HELD_BY & set(contacts(posture).values()):
        return False
    feet = [touch.part for touch in touching if touch.normal is not None]
    if not feet or any(not part.endswith(FOOT) for part in feet):
        return False
    if not rises(posture) and not (posture["base"] == "standing" and any(
        part.endswith("foot") and opens(posture, part) for part in feet
    )):
        return False
    ends = [at[0] for at, _ in spheres(skeleton, feet)]
    weighed = sum(share * skeleton.point(bone, scale(at, skeleton.stature))[0] for bone, at, share in MASSES)
    return not min(ends) - FAR <= weighed / sum(share for *_, share in MASSES) <= max(ends) + FAR


def opens(posture: Mapping[str, Any], foot: str) -> str:
    """The axis that lets the leg over a standing foot lean as it has to: the ankle, or the toes under a heel that is
    written as raised; "" where both are written."""
    side = foot.partition("_")[0]
    if not _ankle_written(posture, foot):
        return "ankle_dorsiflexion"
    raised = posture.get(side, {}).get("ankle_dorsiflexion", 0.0) < 0
    return "toe_extension" if raised and f"{side}.toe_extension" not in posture["written"] else ""


def _ankle_written(posture: Mapping[str, Any], foot: str) -> bool:
    return f"{foot.partition('_')[0]}.ankle_dorsiflexion" in posture.get("written", ())


def rises(posture: Mapping[str, Any]) -> bool:
    """Whether someone seated has left the seat."""
    return posture["base"] == "seated" and not {"seat", "back"} & set(contacts(posture))


def met(touch: Touch, gap: float) -> bool:
    """Whether a part touches what it is said to touch: into the body it may sink, into a plane no deeper than FAR."""
    return -(FLESH_GIVES if touch.target else FAR) <= gap <= NEAR


def stale(posture: Mapping[str, Any], lifted: Collection[str]) -> list[tuple[str, str]]:
    """The (side, axis) of the base's angles that stay in a part which has left its contact."""
    if "root" in posture:
        return []  # it is solved: what is there is meant
    touching, written = contacts(posture), posture.get("written", ())
    return [
        (side, axis)
        for name, axes in LEFT.get(posture["base"], {}).items() for side in SIDES for axis in axes
        if (f"{side}_{name}" in lifted or f"{side}_{name}" not in touching)
        and f"{side}.{axis}" not in written and posture.get(side, {}).get(axis)
    ]


def _plain(posture: Mapping[str, Any]) -> bool:
    """Whether a posture holds without being looked at: the usual case of a large library."""
    if "contacts" in posture or posture["base"] not in SYMMETRIC or any(map(_matters, posture.get("props", ()))):
        return False
    left, right = (
        {axis: value for axis, value in posture.get(side, {}).items() if axis.startswith(LEG_AXES)}
        for side in SIDES
    )
    if posture["base"] == "standing" and any(axis.endswith(SWAY) for axis in left):
        return False
    return left == right and "bar" not in BASE_CONTACTS[posture["base"]].values() and all(
        _clear(posture.get(side, {})) for side in SIDES) and not any(axis.startswith(BENT) for axis in posture)


def _matters(prop: Any) -> bool:
    """Whether a prop may move the body: one that something is said of."""
    return not isinstance(prop, str)


def _clear(arm: Mapping[str, Any]) -> bool:
    """Whether an arm is far from head and trunk by its angles alone."""
    abduction, elbow, *turns = (
        float(arm.get(axis, 0.0)) for axis in (
            "shoulder_abduction", "elbow_flexion", "shoulder_external_rotation", "shoulder_horizontal_abduction")
    )
    return abduction >= -5 and elbow <= 110 and all(turn >= -15 for turn in turns)


def _lifted(
    posture: Mapping[str, Any], touching: Sequence[Touch], off: Sequence[float], skeleton: Skeleton,
) -> tuple[str, ...]:
    """The parts that the written angles take off what the base posture rests on.

    Where the angles of one limb are written and it comes apart from the other, it is that one: who stands and extends
    a hip stands on the other leg. Where both are, a step is a step, and more than that is off the floor.
    """
    lowest = min((gap for touch, gap in zip(touching, off, strict=True) if _level(touch)), default=0.0)
    raised = {
        touch.part: gap - (lowest if _level(touch) else 0.0)
        for touch, gap in zip(touching, off, strict=True) if not touch.said
    }
    lifted = []
    behind = on_toes(posture)
    for part, gap in raised.items():
        side, _, name = part.partition("_")
        if side == behind:
            continue
        opposite = f"{SIDES[1 - SIDES.index(side)]}_{name}" if name in LIMBS else ""
        if name == "foot" and _steps_off(posture, side):
            lifted.append(part)
        elif opposite and _written(posture, part):
            alone = not _written(posture, opposite)
            if name == "foot" and not alone and gap > STEP:
                gap = min(gap, _higher(skeleton, side))
            if gap > (NEAR if alone else STEP) or (alone and raised.get(opposite, 0.0) > NEAR):
                lifted.append(part)
    return tuple(lifted)


def _steps_off(posture: Mapping[str, Any], side: str) -> bool:
    """Whether someone stands on the other leg alone, since the sole of this one cannot lie flat."""
    if posture["base"] != "standing" or "root" in posture:
        return False
    other, touching = SIDES[1 - SIDES.index(side)], contacts(posture)
    down = f"{side}_foot" in touching and f"{other}_foot" in touching
    return down and overbent(posture, side) and not overbent(posture, other)


def _higher(skeleton: Skeleton, side: str) -> float:
    """Metres by which one ankle is above the other: a sole that tilts with the body is no higher for it."""
    other = SIDES[1 - SIDES.index(side)]
    return skeleton.position[f"{side}_foot"][1] - skeleton.position[f"{other}_foot"][1]


def _level(touch: Touch) -> bool:
    return touch.plane == "floor" and not touch.said


def _written(posture: Mapping[str, Any], part: str) -> bool:
    """Whether the pose itself says an angle of the limb that carries a part."""
    side, _, name = part.partition("_")
    return any(
        axis.startswith(f"{side}.") and axis.partition(".")[2].startswith(LIMBS[name])
        for axis in posture.get("written", ())
    )
