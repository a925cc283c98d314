"""What may move when contacts are solved: the root, the angles that are not written, planes that stand free.

How far each is expected to go decides which gives way first: a limb that has to reach before one that has not, limbs
before the spine. Must not know residuals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import asin, cos, degrees, inf, radians, sin, sqrt
from typing import TYPE_CHECKING, Any

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.pose.contact.kinematics import Root, Stance, stand
from calotype.language.pose.contact.surfaces import contacts
from calotype.language.pose.contact.touch import Touch
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.terms import AXES, AXIS, HAND, PELVIC, SIDES, UPRIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

FIXED = (
    "neck_protraction", "spine_flexion", "spine_lateral_flexion", "spine_rotation", "scapular_protraction",
    "shoulder_horizontal_abduction", "finger_flexion", "wrist_ulnar_deviation", *PELVIC, *HAND,
)
"""Axes that no contact moves."""
REACHES = (("scapular_elevation", 5.0), ("neck_flexion", 10.0), ("neck_", 6.0), ("_lateral_flexion", 5.0),
           ("_rotation", 5.0), ("lumbar_flexion", 9.0), ("thoracic_flexion", 9.0))
LIMB_AXES = {
    "shoulder_flexion": 30.0, "shoulder_abduction": 25.0, "shoulder_external_rotation": 25.0, "elbow_flexion": 30.0,
    "forearm_supination": 30.0, "wrist_flexion": 30.0, "hip_flexion": 30.0, "hip_abduction": 12.0,
    "hip_external_rotation": 10.0, "knee_flexion": 30.0, "ankle_dorsiflexion": 20.0, "ankle_inversion": 6.0,
    "toe_extension": 25.0,
}
"""Degrees that an axis is expected to move, of a limb that has to reach."""
IDLE = 0.4
"""How much of it a limb moves that has not."""
_MOVED_BY = {"lumbar_flexion": PELVIC[:1], "lumbar_rotation": PELVIC[1:], "thoracic_rotation": PELVIC[1:]}
"""What of the spine a written motion of the pelvis decides."""
ARM = ("shoulder_", "elbow_", "forearm_", "wrist_", "scapular_")
ROOT_TURN = {"upright": 10.0, "lying": 25.0}
ROLL = 10.0
"""Degrees that the root is expected to turn; a lying body less about its length."""
STRADDLE = 2.0
"""Degrees that a standing leg is expected to go aside for the hand that comes down to it."""
AWAY = 0.5
"""Metres that the root, and a free plane, are expected to go."""


@dataclass(frozen=True, slots=True)
class Free:
    """A number that tells where a prop stands: it begins at `start` and stays between `low` and `high`."""

    name: str
    start: float
    low: float = -inf
    high: float = inf


@dataclass(frozen=True, slots=True)
class Place:
    """One state of a search: the body, its angles in the order of the unknowns, and free planes."""

    stance: Stance
    angles: Array
    offsets: Array


@dataclass(frozen=True, slots=True)
class Unknowns:
    """`axes` are free; `start` is where they begin; `low`, `high` bound the angles, `lowest`, `highest` the planes;
    `unit` is what each of root, angles and planes is expected to go; `spread` (full, n) takes a step in units to them,
    None where each moves by itself.
    """

    axes: tuple[tuple[str, str], ...]
    start: Place
    turned: Array
    spread: Array | None
    unit: Array
    low: Array
    high: Array
    lowest: Array
    highest: Array

    def step(self, place: Place, move: Array) -> Place:
        import numpy as np

        full = self.unit * move if self.spread is None else self.spread @ move
        root = place.stance.root
        turned = rotation(full[:3].tolist()) @ root.turned
        angles = np.clip(place.angles + full[6 : 6 + len(self.axes)], self.low, self.high)
        posture = with_angles(place.stance.posture, self.axes, angles.tolist())
        return Place(
            stand(posture, Root(turned, root.at + full[3:6])), angles, place.offsets + full[6 + len(self.axes) :])

    def moved(self, place: Place) -> Place:
        """The place of another search, as these unknowns have it: angles that are no more free are as they begin."""
        angles = [
            float((place.stance.posture.get(side, {}) if side else place.stance.posture).get(axis, 0.0))
            for side, axis in self.axes
        ]
        posture = with_angles(self.start.stance.posture, self.axes, angles)
        return replace(self.start, stance=stand(posture, place.stance.root), angles=self.start.angles * 0 + angles)

    def room(self, place: Place) -> tuple[Array, Array]:
        """How many units each unknown may still go down and up."""
        import numpy as np

        wide = np.full(6, np.inf)
        low = np.concatenate([-wide, self.low - place.angles, self.lowest - place.offsets])
        high = np.concatenate([wide, self.high - place.angles, self.highest - place.offsets])
        if self.spread is None:
            return low / self.unit, high / self.unit
        each = np.where(self.spread > 0, self.spread, np.nan)
        return np.nanmax(low[:, None] / each, axis=0), np.nanmin(high[:, None] / each, axis=0)

    def in_units(self, slopes: Array) -> Array:
        """Derivatives (R, full) by the unknowns, each in its unit."""
        import numpy as np

        return np.asarray(slopes * self.unit if self.spread is None else slopes @ self.spread)

    def prior(self, place: Place) -> Array:
        """How far root, angles and planes are from where they began, in units."""
        import numpy as np

        start = self.start
        turn = turned_by(place.stance.root.turned @ start.stance.root.turned.T)
        away = place.stance.root.at - start.stance.root.at
        full = np.concatenate([turn, away, place.angles - start.angles, place.offsets - start.offsets])
        return np.asarray(full / self.unit)


def unknowns(
    posture: Mapping[str, Any], skeleton: Skeleton, planes: Sequence[Free], reaching: frozenset[str], symmetric: bool,
) -> Unknowns:
    """What of a posture may move. `planes` are free numbers of props with where they stand; `reaching` are limbs
    (`left_arm`) that have to reach; a `symmetric` problem is only sought among symmetric postures."""
    import numpy as np

    axes = free_axes(posture)
    values = [float((posture.get(side, {}) if side else posture).get(axis, 0.0)) for side, axis in axes]
    leant_on = _leant_on(posture)
    root = Root(np.array(skeleton.rotation["pelvis"]), np.array(skeleton.position["pelvis"]))
    start = Place(stand(posture, root), np.array(values), np.array([plane.start for plane in planes]))
    limits = [AXIS[axis].normal for _, axis in axes]
    low = np.array([min(limit[0], value) for limit, value in zip(limits, values, strict=True)])
    high = np.array([max(limit[1], value) for limit, value in zip(limits, values, strict=True)])
    unit = np.array([
        *_root_units(posture["base"]), *(AWAY,) * 3,
        *(STRADDLE if axis == "hip_abduction" and side in leant_on else reach(side, axis, reaching, posture["base"])
          for side, axis in axes), *(AWAY,) * len(planes),
    ])
    lowest, highest = (np.array([getattr(plane, end) for plane in planes]) for end in ("low", "high"))
    spread = _spread(axes, unit, len(planes), symmetric)
    return Unknowns(tuple(axes), start, root.turned, spread, unit, low, high, lowest, highest)


def _leant_on(posture: Mapping[str, Any]) -> frozenset[str]:
    """The sides of the legs that stand on the floor while hands are on them: the trunk comes down, no leg goes out."""
    touching = contacts(posture)
    legs = {
        surface.partition("_")[0] for part, surface in touching.items()
        if part.endswith("hand") and surface.endswith(("_thigh", "_knee", "_shank", "_ankle", "_foot"))
    }
    return frozenset(side for side in legs if posture["base"] == "standing" and touching.get(f"{side}_foot") == "floor")


def free_axes(posture: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The (side, axis) that neither the pose says nor no contact moves. A spine bent as a whole stays as it is."""
    written = frozenset(posture.get("written", ()))
    axes = []
    for axis in AXES:
        region, _, motion = axis.name.partition("_")
        decided = (f"spine_{motion}", *_MOVED_BY.get(axis.name, ()))
        whole = region in ("lumbar", "thoracic") and not written.isdisjoint(decided)
        if axis.name not in FIXED and not whole:
            axes += [
                (side, axis.name) for side in (SIDES if axis.laterality == "paired" else ("",))
                if (f"{side}.{axis.name}" if side else axis.name) not in written
            ]
    return axes


def reach(side: str, axis: str, reaching: frozenset[str], base: str) -> float:
    """Degrees that an axis is expected to move."""
    if side:
        limb = f"{side}_{'arm' if axis.startswith(ARM) else 'leg'}"
        if base == "seated" and axis.startswith("hip_") and limb not in reaching:
            return 5.0  # the thigh lies on the seat
        if base == "heel_sitting" and axis == "knee_flexion":
            return 2.0  # the seat lies on the heels
        far = LIMB_AXES.get(axis, REACHES[0][1])
        return far if limb in reaching else far * IDLE
    return next(far for part, far in REACHES if axis.startswith(part) or axis.endswith(part))


def _root_units(base: str) -> tuple[float, float, float]:
    if base in UPRIGHT:
        return (ROOT_TURN["upright"] / 2, ROOT_TURN["upright"], ROOT_TURN["upright"])
    return (ROLL, ROLL, ROOT_TURN["lying"])


def _spread(axes: Sequence[tuple[str, str]], unit: Array, planes: int, symmetric: bool) -> Array | None:
    import numpy as np

    count = 6 + len(axes) + planes
    if not symmetric:
        return None
    columns = []
    for number in (2, 3, 4):
        columns.append(np.eye(count)[number] * unit[number])
    for number, (side, axis) in enumerate(axes, 6):
        if side == "left" and ("right", axis) in axes:
            other = 6 + list(axes).index(("right", axis))
            columns.append(np.eye(count)[number] * unit[number] + np.eye(count)[other] * unit[other])
        elif not side and AXIS[axis].laterality == "axial":
            columns.append(np.eye(count)[number] * unit[number])
    for number in range(6 + len(axes), count):
        columns.append(np.eye(count)[number] * unit[number])
    return np.array(columns).T


def with_angles(
    posture: Mapping[str, Any], axes: Sequence[tuple[str, str]], angles: Sequence[float]
) -> dict[str, Any]:
    """A posture with other angles along some axes."""
    changed: dict[str, Any] = {**posture, **{side: dict(posture.get(side, {})) for side in SIDES}}
    for (side, axis), angle in zip(axes, angles, strict=True):
        (changed[side] if side else changed)[axis] = angle
    return changed


def rotation(turn: Sequence[float]) -> Array:
    """The rotation by a vector of degrees (Rodrigues)."""
    import numpy as np

    x, y, z = (radians(angle) for angle in turn)
    angle = sqrt(x * x + y * y + z * z)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    if angle < 1e-9:
        return np.asarray(np.eye(3) + cross)
    return np.asarray(np.eye(3) + sin(angle) / angle * cross + (1 - cos(angle)) / angle**2 * (cross @ cross))


def turned_by(matrix: Array) -> Array:
    """The vector of degrees that a rotation turns by; of half a turn or less."""
    import numpy as np

    axis = np.array([matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1]]) / 2
    size = float(np.linalg.norm(axis))
    if size < 1e-9:
        return np.asarray(axis * degrees(1.0))
    angle = asin(min(1.0, size))
    if float(np.trace(matrix)) < 1.0:
        angle = 3.141592653589793 - angle
    return np.asarray(axis / size * degrees(angle))


def mirrored(posture: Mapping[str, Any], touching: Sequence[Touch]) -> bool:
    """Whether a posture and its contacts are their own mirror image."""
    if posture.get("left", {}) != posture.get("right", {}) or any(
        posture.get(axis.name) for axis in AXES if axis.laterality == "directed"
    ):
        return False
    written = set(posture.get("written", ()))
    made = {(touch.part, touch.surface, touch.target) for touch in touching}
    return {opposite(name) for name in written} == written and {
        tuple(opposite(word) for word in touch) for touch in made
    } == made and posture["base"] != "side_lying"


def opposite(word: str) -> str:
    """A part of the body on the other side; one on the midline is its own."""
    for side, opposite in (("left", "right"), ("right", "left")):
        if word.startswith(side):
            return opposite + word[len(side) :]
    return word
