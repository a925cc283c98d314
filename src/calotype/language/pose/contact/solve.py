"""A posture whose contacts are solved: the joints that only its base decides move until each part touches.

Contacts of the base that the written angles make impossible are released, the worst first; a contact that is said and
cannot be met is left open, and nothing is strained for it. Angles are rounded before contacts are measured, so that
what is told is what is drawn. Must not know pictures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from math import inf
from typing import TYPE_CHECKING, Any

from calotype.ground.digest import canonical_json
from calotype.ground.light_dataclass import replace
from calotype.language.pose.contact.at_rest import Outcome, outcome
from calotype.language.pose.contact.beginning import begun
from calotype.language.pose.contact.descent import descend
from calotype.language.pose.contact.kinematics import INDEX, jacobian, places
from calotype.language.pose.contact.need import State, look, met, rises, stale
from calotype.language.pose.contact.on_planes import on_planes
from calotype.language.pose.contact.placing import place, tipped
from calotype.language.pose.contact.points import FREE_PAIRS, Layout, layout, overlaps
from calotype.language.pose.contact.residuals import ALLOWED, Ball, Pull, residuals
from calotype.language.pose.contact.surfaces import OTHER_SURFACE
from calotype.language.pose.contact.touch import (
    NEAR,
    NEARER,
    ON_HEAD,
    TRUNK,
    Touch,
    against,
    along,
    floats,
    propped,
    within,
)
from calotype.language.pose.contact.unknowns import (
    Free,
    Place,
    Unknowns,
    mirrored,
    opposite,
    rotation,
    turned_by,
    unknowns,
    with_angles,
)
from calotype.language.pose.props import on_props
from calotype.language.pose.props.prop_kinds import BEHIND
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.support.lain_on import Ground
from calotype.language.pose.terms import ARM, LEG, SIDES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

STAGES = ((12.0, 10), (1.0, 14))
"""How soft contacts and surfaces are in each stage of a search, and its steps at most."""
NEARING = 0.7
"""What a search must leave of the furthest gap for another to be worth it."""
TRIES = 8
"""Searches of one posture, each without a contact that the one before could not meet."""
RESTING = {
    "supine": ("head", "left_heel", "right_heel"), "prone": ("left_shin", "right_shin"),
    "side_lying": ("head",), "crook_lying": ("head",),
    **dict.fromkeys(("kneeling", "half_kneeling", "quadruped"), ("left_shin", "right_shin")),
}
"""What lies on the floor where it can, though no contact says so."""
LYING = {"supine": "back", "crook_lying": "back", "prone": "chest"}
"""Without this on the floor nobody lies, and nothing rests by itself."""
LYING_NEAR, KNEELING_NEAR = 0.12, 0.4
"""Metres above the floor up to which a part, and the shin of a knee that is down, come to lie on it."""
LIFTS = 3.0
"""Degrees of a hip that is written, from which on its leg is meant to be off the floor."""
BALANCED = ("standing", "kneeling", "half_kneeling", "heel_sitting")
FIRM = ("chair", "chair_back", "stool", "bench", "bed", "table", "wall", "doorway", "bar")
"""What a standing body may lean on, beside its feet."""


def solve(posture: Mapping[str, Any]) -> Outcome:
    """The posture with its contacts met as far as they can be. The same posture gives the same bytes."""
    return _solved(canonical_json({key: value for key, value in posture.items() if key not in UNREAD}).decode())


UNREAD = ("from", "to", "show", "arrows", "arcs")
"""What of a posture moves no joint."""


@lru_cache(maxsize=256)
def _solved(text: str) -> Outcome:
    posture = json.loads(text)
    state = look(posture)
    released = list(state.lifted)
    posture = _named(_relaxed(posture, released), state)
    if not state.holds or tipped(posture):
        posture = begun(posture, state)
    state = look(posture, place(posture, tip=False))
    return outcome(posture, state, released) if state.holds else _met(posture, state, released)


def _met(posture: dict[str, Any], state: State, released: list[str]) -> Outcome:
    """Searches until each contact that is left is met, giving up those that cannot be: of the base first."""
    touching, soft = list(state.touching), list[Touch]()
    loose: list[str] = []
    ended: Place | None = None
    before = inf
    for _ in range(TRIES):
        (solved, skeleton), ended = _search(posture, state, touching, soft, loose, ended)
        after = look(solved, skeleton)
        missed = _missed(after, touching)
        if not missed:
            break
        furthest = _furthest(after, missed)
        nearing, before = furthest < NEARING * before, furthest
        if nearing:
            continue
        missed = _in_the_way(touching, missed) or missed
        touching = [touch for touch in touching if touch not in missed]
        if missed[0].said:
            soft += missed
        else:
            before = inf
            loose += [touch.part for touch in missed]
            posture = _relaxed(posture, loose)
            touching += _instead(posture, state, touching)
    return outcome(solved, after, [*released, *loose])


def _instead(posture: Mapping[str, Any], state: State, touching: Sequence[Touch]) -> list[Touch]:
    """What comes to lie on the floor now that the trunk has left it."""
    seen = {touch.part for touch in (*state.touching, *touching)}
    return [touch for touch in look(posture, state.skeleton).touching if touch.part not in seen]


def _furthest(state: State, missed: Sequence[Touch]) -> float:
    parts = {touch.part for touch in missed}
    return max(abs(gap) for touch, gap in zip(state.touching, state.gaps, strict=True) if touch.part in parts)


def _in_the_way(touching: Sequence[Touch], missed: Sequence[Touch]) -> list[Touch]:
    """The contacts of the base on the limbs of contacts that are said and missed: they give way first."""
    limbs = {limb for touch in missed if touch.said and (limb := _limb(touch.part))}
    return [touch for touch in touching if not touch.said and _limb(touch.part) in limbs]


def _limb(part: str) -> str:
    side, _, name = part.partition("_")
    if side not in SIDES or name == "side":
        return ""
    return f"{side}_{'leg' if name in (*LEG, 'calf', 'thigh', 'shank', 'ankle', 'hip') else 'arm'}"


def _missed(state: State, touching: Sequence[Touch]) -> list[Touch]:
    """The contact that is furthest off, and its mirror image where that is as far; none where all are met. One that
    comes with the base gives way before one that is said."""
    parts = {touch.part: touch for touch in touching}
    open_gaps = {
        touch.part: abs(gap) for touch, gap in zip(state.touching, state.gaps, strict=True)
        if touch.part in parts and not met(touch, gap)
    }
    if not open_gaps:
        return []
    worst = max(open_gaps, key=lambda part: (not parts[part].said, open_gaps[part]))
    return [
        parts[part] for part in dict.fromkeys((worst, opposite(worst)))
        if part in open_gaps and parts[part].said == parts[worst].said and open_gaps[part] > open_gaps[worst] - NEAR
    ]


def _named(posture: dict[str, Any], state: State) -> dict[str, Any]:
    """The posture with the side named of each limb that is touched: the nearer one stays the same one."""
    nearer = {touch.part: touch.target for touch in state.touching if touch.surface in NEARER}
    return {**posture, "contacts": {**posture["contacts"], **nearer}}


def _relaxed(posture: Mapping[str, Any], released: Sequence[str]) -> dict[str, Any]:
    """The posture without the contacts of its base that it has left, nor the angles that were there for them."""
    left = {**posture.get("contacts", {}), **dict.fromkeys(released, "none")}
    relaxed = {**posture, **{side: dict(posture.get(side, {})) for side in SIDES}, "contacts": left}
    for side, axis in stale(posture, released):
        relaxed[side].pop(axis)
    return relaxed


def _search(
    posture: Mapping[str, Any], state: State, touching: Sequence[Touch], soft: Sequence[Touch],
    released: Sequence[str], before: Place | None,
) -> tuple[tuple[dict[str, Any], Skeleton], Place]:
    """One search from the posture as it is placed, or from where the search `before` ended: the posture with solved
    angles and the body in its world; where it ended."""
    symmetric = mirrored(posture, [*touching, *soft])
    planes = list(_free_props(posture, state, touching, soft, symmetric))
    free = unknowns(posture, state.skeleton, planes, _reaching(state, touching), symmetric)
    pull = _pull(posture, state, touching, soft, tuple(plane.name for plane in planes), free.start, released)

    here = free.start if before is None else free.moved(before)
    for ease, most in STAGES if before is None else STAGES[1:]:
        eased = replace(pull, ease=ease)
        here = descend(here, partial(_measure, eased, free), free.step, free.room, most)
    solved, skeleton = rounded(free, here)
    if pull.ball is not None:
        solved["stands"] = [
            round(float(here.offsets[column]), 5) + 0.0 if column >= 0 else round(fixed, 5)
            for column, fixed in zip(pull.ball.columns, pull.ball.centre, strict=True)
        ]
    return (solved, skeleton), here


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


def rounded(free: Unknowns, here: Place) -> tuple[dict[str, Any], Skeleton]:
    """The posture and body of a state, in hundredths of a degree and of a millimetre: so that the last bit of another
    machine's sine moves neither."""
    root, start = here.stance.root, free.start.stance.root
    turn = [round(float(angle), 2) + 0.0 for angle in turned_by(root.turned @ start.turned.T)]
    turned = rotation((turn[0], turn[1], turn[2])) @ start.turned
    angles = [round(float(angle), 2) + 0.0 for angle in here.angles]
    posture = with_angles(here.stance.posture, free.axes, angles)
    at = [round(float(number), 5) + 0.0 for number in root.at]
    posture["root"] = [*turned.tolist(), at]
    return posture, place(posture)


def _free_props(
    posture: Mapping[str, Any], state: State, touching: Sequence[Touch], soft: Sequence[Touch], symmetric: bool,
) -> Iterator[Free]:
    """Where props stand that may stand elsewhere: planes where the body meets them, and the centre of a ball."""
    planes: dict[str, float] = {}
    spans: dict[str, tuple[float, float]] = {}
    for touch in (*touching, *soft):
        if touch.normal is not None and touch.plane != "floor":
            off = along(state.skeleton, touch.part, touch.normal)
            planes[touch.plane] = min(off, planes.get(touch.plane, off))
            spans[touch.plane] = touch.span or (-inf, inf)
    yield from (Free(name, within(at, spans[name]), *spans[name]) for name, at in sorted(planes.items()))
    balls = [touch for touch in (*touching, *soft) if touch.ball is not None]
    if balls and balls[0].ball is not None:
        floating = floats(posture, [touch.part for touch in balls])
        for axis, at in zip("xyz", balls[0].ball[0], strict=True):
            if (axis != "y" or floating) and (axis != "z" or not symmetric):
                yield Free(f"ball {axis}", at)


def _ball(posture: Mapping[str, Any], touching: Sequence[Touch], planes: Sequence[str]) -> Ball | None:
    """The ball that some contacts touch; `planes` are the names of what is free."""
    on = [touch for touch in touching if touch.ball is not None]
    if not on or on[0].ball is None:
        return None
    centre, radius = on[0].ball
    x, y, z = (planes.index(f"ball {axis}") if f"ball {axis}" in planes else -1 for axis in "xyz")
    parts = tuple(touch.part for touch in on)
    return Ball(radius, centre, (x, y, z), parts, _ties(posture, parts))


def _ties(posture: Mapping[str, Any], parts: Sequence[str]) -> tuple[tuple[int, float], ...]:
    """Which coordinates of a ball are those of the parts on it, and how nearly: who sits on one sits on top of it."""
    if floats(posture, parts):
        towards = against(posture, parts)
        if "between" in on_props.options_of(posture, "ball"):
            return (0, 0.02), (1, 0.02), (2, 0.02)
        return () if towards is None else ((1, 0.03), (2 if towards[0] else 0, 0.03))
    if "seat" in parts:
        return (0, 0.01), (2, 0.01)
    if any(part in ("back", "chest") for part in parts):
        return (0, 0.03), (2, 0.03)
    arms = any(part.endswith(ARM) for part in parts)
    return ((0, 0.10), (2, 0.10)) if arms else ((0, 0.06), (2, 0.06))


def _reaching(state: State, touching: Sequence[Touch]) -> frozenset[str]:
    """The limbs whose contact is off, or tilted, or that are reached for, and the legs of who has to find balance."""
    perched = any(touch.part == "seat" and _given(touch) for touch in touching)
    limbs = {f"{side}_leg" for side in SIDES if state.falls or perched}
    for touch, gap in zip(state.touching, state.gaps, strict=True):
        for name in (touch.part, touch.target):
            if not met(touch, gap) or touch.target or name in state.tilted:
                limbs.add(_limb(name))
    return frozenset(limbs - {""})


def _given(touch: Touch) -> bool:
    """Whether a seat has a height of its own: thighs slope down from a high one."""
    return touch.ball is not None or (touch.span is not None and touch.span[0] == touch.span[1] > 0)


def _soles(posture: Mapping[str, Any], touching: Sequence[Touch]) -> frozenset[str]:
    """The feet on the floor whose ankle is free to lay them flat; who stands on legs that are alike leans for none."""
    written = posture.get("written", ())
    if posture["base"] in BALANCED and all(
        posture.get("left", {}).get(axis, 0.0) == posture.get("right", {}).get(axis, 0.0)
        for axis in ("hip_flexion", "knee_flexion")
    ):
        return frozenset()
    return frozenset(
        touch.part for touch in touching if touch.surface == "floor" and touch.part.endswith("foot")
        and f"{touch.part.partition('_')[0]}.ankle_dorsiflexion" not in written
    )


def _near(part: str) -> float:
    return KNEELING_NEAR if part.endswith("shin") else LYING_NEAR


def _held_up(posture: Mapping[str, Any], part: str) -> bool:
    """Whether the pose itself lifts the leg of who lies: it is not to sink because the trunk turns."""
    side = part.partition("_")[0]
    return posture["base"] in LYING and f"{side}.hip_flexion" in posture.get("written", ()) and abs(
        posture.get(side, {}).get("hip_flexion", 0.0)) > LIFTS


def _pull(
    posture: Mapping[str, Any], state: State, touching: Sequence[Touch], soft: Sequence[Touch],
    planes: tuple[str, ...], start: Place, released: Sequence[str],
) -> Pull:
    import numpy as np

    skeleton = state.skeleton
    other = {touch.part for touch in (*touching, *soft) if touch.part.removeprefix("left_").removeprefix("right_") in
             OTHER_SURFACE}
    body = layout(skeleton.stature, skeleton.build, tuple(sorted(other)))
    at = places(start.stance, body.points)
    surfaces = {touch.part: touch.surface for touch in touching}
    held_up = frozenset(part for part in surfaces if propped(surfaces, part))
    on_purpose = {
        frozenset((touch.part, "head" if touch.target in ON_HEAD else touch.target))
        for touch in touching if touch.target
    }
    pairs = tuple(pair for pair in FREE_PAIRS if frozenset(pair) not in on_purpose)
    off, *_ = overlaps(body, at, pairs)
    lies = LYING.get(posture["base"], "") in {"", *surfaces, *released}
    legs_lie = tuple(
        f"{side}_hip" for side in SIDES for touch in touching if touch.part == f"{side}_shin" and not touch.said)
    resting = legs_lie + tuple(part for part in released if part in body.parts) + tuple(
        part for part in (RESTING.get(posture["base"], ()) if lies else ())
        if part not in state.ground.beyond and not _held_up(posture, part)
        and min(at[number, 1] - body.radius[number] for number in body.parts[part]) < state.ground.height + _near(part)
        and (not part.endswith("shin") or posture["base"] == "prone" or part.replace("shin", "knee") in surfaces)
    )
    leans = any(touch.part in BEHIND and (touch.surface == "wall" or touch.ball) for touch in touching)
    support = () if leans else tuple(
        touch.part for touch in touching
        if (posture["base"] in BALANCED or rises(posture)) and (
            (touch.part.endswith((*LEG, "calf")) and touch.normal is not None and touch.surface != "wall")
            or (touch.surface in FIRM and touch.part.endswith(ARM)))
    )
    return Pull(
        body, tuple(touching), tuple(soft),
        on_planes(touching, held_up, planes, body.parts, body.radius, _soles(posture, touching)),
        on_planes(soft, held_up, planes, body.parts, body.radius), planes, resting, support, pairs,
        np.where([other in TRUNK for _, other in pairs], ALLOWED, np.maximum(ALLOWED, -off)),
        state.ground.height, _below(state.ground, body), _ball(posture, (*touching, *soft), planes),
    )


BEYOND = {"leg": ("shank", "foot", "toes"), "arm": ("forearm", "wrist", "hand", "fingers", "fingertips")}
"""The bones of a limb that hang over the edge of a bed."""


def _below(ground: Ground, body: Layout) -> Array | float:
    """How high what carries each point of the surface is: the bed, or the floor beside it."""
    import numpy as np

    if not ground.height:
        return 0.0
    beyond = [
        INDEX[f"{limb.partition('_')[0]}_{bone}"] for limb in ground.hanging for bone in BEYOND[limb.partition("_")[2]]]
    return np.where(np.isin(body.points.bone[body.surface], beyond), 0.0, ground.height)
