"""A posture whose contacts are solved: the joints that only its base decides move until each part touches.

Contacts of the base that the written angles make impossible are released, the worst first; a contact that is said and
cannot be met is left open, and nothing is strained for it. Angles are rounded before contacts are measured, so that
what is told is what is drawn. Must not know pictures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from calotype.ground.digest import canonical_json
from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.pose.contact.descent import descend
from calotype.language.pose.contact.need import State, look, met, stale
from calotype.language.pose.contact.placing import place, tipped
from calotype.language.pose.contact.rows import ALLOWED, FREE_PAIRS, Pull, layout, overlaps, residuals
from calotype.language.pose.contact.surfaces import contacts
from calotype.language.pose.contact.touch import NEAR, Touch, propped, sunk
from calotype.language.pose.contact.unknowns import Place, Unknowns, mirrored, rotation, turned_by, unknowns
from calotype.language.pose.contact.kinematics import jacobian, places
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.terms import SIDES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

STAGES = ((12.0, 10), (1.0, 14))
"""How soft contacts and surfaces are in each stage of a search, and its steps at most."""
TRIES = 6
"""Searches of one posture, each without a contact that the one before could not meet."""
RESTING = {
    "supine": ("head", "left_heel", "right_heel"), "prone": ("left_shin", "right_shin"),
    "side_lying": ("head",), "kneeling": ("left_shin", "right_shin"), "quadruped": ("left_shin", "right_shin"),
}
"""What lies on the floor where it can, though no contact says so."""
LYING_NEAR = 0.12
PALM_DOWN = {"forearm_supination": -80.0, "wrist_flexion": -75.0}
REACH: dict[str, dict[str, float]] = {
    "wall": {"shoulder_flexion": 80.0, "elbow_flexion": 15.0, **PALM_DOWN},
    "wall at the side": {"shoulder_abduction": 75.0, "elbow_flexion": 20.0, **PALM_DOWN},
    "floor": {"shoulder_flexion": 75.0, "elbow_flexion": 10.0, **PALM_DOWN},
    "head": {"shoulder_abduction": 115.0, "shoulder_external_rotation": 65.0, "elbow_flexion": 130.0},
    "hip": {"shoulder_abduction": 35.0, "shoulder_flexion": -14.0, "shoulder_external_rotation": -53.0,
            "elbow_flexion": 97.0, "forearm_supination": -40.0, "wrist_flexion": -20.0},
    "hand": {"shoulder_flexion": 45.0, "elbow_flexion": 60.0, "shoulder_external_rotation": -30.0},
    "body": {"shoulder_flexion": 35.0, "elbow_flexion": 60.0, "shoulder_external_rotation": -30.0},
    "thigh": {"shoulder_flexion": 30.0, "elbow_flexion": 40.0}, "knee": {"shoulder_flexion": 40.0, "elbow_flexion": 30.0},
    "shank": {"shoulder_flexion": 50.0, "elbow_flexion": 30.0},
    "lap": {"shoulder_flexion": 30.0, "elbow_flexion": 45.0, "shoulder_external_rotation": -15.0,
            "forearm_supination": -70.0},
}
"""Where an arm begins that reaches for something, in the angles that its pose leaves open."""
BALANCED = ("standing", "kneeling")
LEGS = ("foot", "toes", "heel", "knee", "shin")
FIRM = ("chair", "bench", "table", "wall", "bar")
"""What a standing body may lean on, beside its feet."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A part and what it touches; `gap` in metres, negative where it sinks in; `said` by the pose, not by its base."""

    part: str
    surface: str
    gap: float
    said: bool

    @property
    def holds(self) -> bool:
        return self.gap <= NEAR


@dataclass(frozen=True, slots=True)
class Solved:
    """A posture in its world. `posture` has the solved angles and its `root`; `released` are parts that left a contact
    of the base; `sunk` is how many metres the body passes through floor or wall."""

    posture: Mapping[str, Any]
    skeleton: Skeleton
    contacts: tuple[Contact, ...]
    released: tuple[str, ...]
    sunk: float


def solve(posture: Mapping[str, Any]) -> Solved:
    """The posture with its contacts met as far as they can be. The same posture gives the same bytes."""
    return _solved(canonical_json({key: value for key, value in posture.items() if key not in UNREAD}).decode())


UNREAD = ("from", "to", "show", "props", "arrows", "arcs")
"""What of a posture moves no joint."""


@lru_cache(maxsize=256)
def _solved(text: str) -> Solved:
    posture = json.loads(text)
    state = look(posture)
    released = list(state.lifted)
    posture = _relaxed(posture, released)
    if not state.holds or tipped(posture):
        posture = _begun(posture, state)
    state = look(posture, place(posture, tip=False))
    touching, soft = list(state.touching), []
    solved = _done(posture, state, released)
    if state.holds:
        return solved
    dropped: list[str] = []
    ended: Place | None = None
    for _ in range(TRIES):
        (posture_now, skeleton), ended = _search(posture, state, touching, soft, dropped, ended)
        after = look(posture_now, skeleton)
        solved = _done(posture_now, after, released)
        open_contacts = sorted(
            ((gap, touch) for touch, gap in zip(after.touching, after.gaps, strict=True)
             if not met(touch, gap) and touch.part in {kept.part for kept in touching}),
            key=lambda item: (item[1].said, -abs(item[0])),
        )
        if not open_contacts:
            break
        worst = open_contacts[0][1]
        touching = [touch for touch in touching if touch.part != worst.part]
        if worst.said:
            soft.append(worst)
        else:
            released.append(worst.part)
            dropped.append(worst.part)
            posture = _relaxed(posture, released)
    return solved


def _begun(posture: Mapping[str, Any], state: State) -> dict[str, Any]:
    """The posture with the arms that have to reach already before what they reach for: a search begins there, and what
    the author left open comes to lie near it."""
    begun = {**posture, **{side: dict(posture.get(side, {})) for side in SIDES}}
    written = frozenset(posture.get("written", ()))
    if "root" in posture:
        return begun
    for touch, gap in zip(state.touching, state.gaps, strict=True):
        side, _, part = touch.part.partition("_")
        if part not in ("hand", "forearm") or touch.target and met(touch, gap):
            continue
        for axis, angle in _reach(posture["base"], touch).items():
            if f"{side}.{axis}" not in written:
                begun[side][axis] = angle
    if posture["base"] == "seated" and contacts(posture).get("seat") == "floor":
        for side in SIDES:
            if not any(name.startswith((f"{side}.shoulder", f"{side}.elbow")) for name in written) and not any(
                touch.part.startswith(side) and touch.part.endswith(("hand", "forearm", "elbow")) for touch in state.touching
            ):
                begun[side] |= REACH["lap"]  # straight arms would reach through the floor
    return begun


def _reach(base: str, touch: Touch) -> Mapping[str, float]:
    if touch.target:
        return REACH.get(touch.target.rpartition("_")[2], REACH["body"])
    if touch.surface == "wall" and touch.normal is not None:
        return REACH["wall at the side" if touch.normal[2] else "wall"]
    if touch.surface == "floor" and base in ("prone", "kneeling", "standing"):
        return REACH["floor"]
    return {}


def _relaxed(posture: Mapping[str, Any], released: Sequence[str]) -> dict[str, Any]:
    """The posture without the contacts of its base that it has left, and without the angles that were there for them."""
    left = {**posture.get("contacts", {}), **dict.fromkeys(released, "none")}
    relaxed = {**posture, **{side: dict(posture.get(side, {})) for side in SIDES}, "contacts": left}
    for side, axis in stale(posture, released):
        relaxed[side].pop(axis)
    return relaxed


def _done(posture: Mapping[str, Any], state: State, released: Sequence[str]) -> Solved:
    skeleton = state.skeleton
    root = {"root": [*skeleton.rotation["pelvis"], skeleton.position["pelvis"]]}
    return Solved(
        {**posture, **root}, skeleton,
        tuple(Contact(touch.part, touch.surface, gap, touch.said)
              for touch, gap in zip(state.touching, state.gaps, strict=True) if touch.part not in released),
        tuple(released), sunk(state.touching, skeleton),
    )


def _search(
    posture: Mapping[str, Any], state: State, touching: Sequence[Touch], soft: Sequence[Touch],
    released: Sequence[str], before: Place | None,
) -> tuple[tuple[dict[str, Any], Skeleton], Place]:
    """One search from the posture as it is placed, or from where the search `before` ended: the posture with solved
    angles and the body in its world; where it ended."""
    planes = list(_planes(state, touching, soft))
    symmetric = mirrored(posture, [*touching, *soft])
    free = unknowns(posture, state.skeleton, planes, _reaching(state, touching), symmetric)
    pull = _pull(posture, state, touching, soft, tuple(name for name, _ in planes), free.start, released)

    place = free.start if before is None else free.moved(before)
    for ease, most in STAGES if before is None else STAGES[1:]:
        eased = replace(pull, ease=ease)
        place = descend(place, partial(_measure, eased, free), free.step, free.room, most)
    return rounded(free, place), place


def _measure(pull: Pull, free: Unknowns, here: Place, slopes: bool) -> tuple[Array, Array | None]:
    import numpy as np

    points = pull.layout.points
    at = places(here.stance, points)
    moves = jacobian(here.stance, points, at, free.axes) if slopes else None
    values, rows = residuals(pull, at, here.offsets, moves)
    values = np.concatenate([values, free.prior(here)])
    if rows is None:
        return values, None
    rows = np.concatenate([rows, np.diag(1 / free.unit)])
    return values, free.in_units(rows)


def rounded(free: Unknowns, place: Place) -> tuple[dict[str, Any], Skeleton]:
    """The posture and body of a state, in hundredths of a degree and of a millimetre: so that the last bit of another
    machine's sine moves neither."""
    from calotype.language.pose.contact.unknowns import with_angles
    from calotype.language.pose.skeleton import forward

    root, start = place.stance.root, free.start.stance.root
    turn = [round(float(angle), 2) + 0.0 for angle in turned_by(root.turned @ start.turned.T)]
    turned = rotation((turn[0], turn[1], turn[2])) @ start.turned
    angles = [round(float(angle), 2) + 0.0 for angle in place.angles]
    posture = with_angles(place.stance.posture, free.axes, angles)
    rows = [tuple(float(number) for number in row) for row in turned]
    x, y, z = (round(float(number), 5) + 0.0 for number in root.at)
    skeleton = forward(posture).moved((rows[0], rows[1], rows[2]), (0.0, 0.0, 0.0), (x, y, z))
    return posture, skeleton


def _planes(state: State, touching: Sequence[Touch], soft: Sequence[Touch]) -> Iterator[tuple[str, float]]:
    """Planes that stand where the body meets them, and where that is now."""
    from calotype.language.pose.contact.touch import along

    names: dict[str, float] = {}
    for touch in (*touching, *soft):
        if touch.normal is not None and touch.plane != "floor":
            off = along(state.skeleton, touch.part, touch.normal)
            names[touch.plane] = min(off, names.get(touch.plane, off))
    yield from sorted(names.items())


def _reaching(state: State, touching: Sequence[Touch]) -> frozenset[str]:
    """The limbs whose contact is off, or that are reached for."""
    limbs = set()
    for touch, gap in zip(state.touching, state.gaps, strict=True):
        for name in (touch.part, touch.target):
            side, _, part = name.partition("_")
            if side in SIDES and (not met(touch, gap) or touch.target):
                limbs.add(f"{side}_{'leg' if part in (*LEGS, 'thigh', 'shank', 'ankle', 'hip') else 'arm'}")
    return frozenset(limbs)


def _pull(
    posture: Mapping[str, Any], state: State, touching: Sequence[Touch], soft: Sequence[Touch],
    planes: tuple[str, ...], start: Place, released: Sequence[str],
) -> Pull:
    import numpy as np

    skeleton = state.skeleton
    body = layout(skeleton.stature, skeleton.build)
    at = places(start.stance, body.points)
    surfaces = {touch.part: touch.surface for touch in touching}
    on_purpose = {frozenset((touch.part, touch.target)) for touch in touching if touch.target}
    pairs = tuple(pair for pair in FREE_PAIRS if frozenset(pair) not in on_purpose)
    off, *_ = overlaps(body, at, pairs)
    resting = tuple(part for part in released if part in body.parts) + tuple(
        part for part in RESTING.get(posture["base"], ())
        if min(at[number, 1] - body.radius[number] for number in body.parts[part]) < LYING_NEAR
        and (not part.endswith("shin") or posture["base"] == "prone" or part.replace("shin", "knee") in surfaces)
    )
    support = tuple(
        touch.part for touch in touching
        if posture["base"] in BALANCED and (
            touch.part.endswith(LEGS) and touch.normal is not None and touch.surface != "wall"
            or touch.surface in FIRM and touch.part.endswith(("hand", "forearm", "elbow")))
    )
    return Pull(
        body, tuple(touching), tuple(soft), planes,
        frozenset(part for part in surfaces if propped(surfaces, part)), resting, support, pairs,
        np.maximum(ALLOWED, -off),
    )
