"""A written pose to the canonical posture: bases expanded, synonyms gone, zeros left out. Must not judge ranges.

The canonical posture is JSON: `base` (one of BASES); angles as floats along each axis' positive name, midline ones at
the top (directed ones positive to the right), the others under `left` and `right`; and, only when they say something,
`figure` (`height` in centimetres, `build`, `hair`), `down` (the side that half kneeling kneels on, where it is the
right), `contacts`, `props`, `arrows`, `arcs`, and `from`, `to`, `show` of a movement that is shown, with `planted`
where it shifts the body over what it stands on; `leans` where who sits leans forward or back. Where contacts have to be
solved it says `solver`, and `written`: the axes that the pose itself says, as `left.knee_flexion`, beside those that
come from its base; `solve` is false where its author forbids it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.pose.chains import MAX_DEPTH, Library
from calotype.language.pose.contact.need import LEG_AXES, to_solve
from calotype.language.pose.contact.placing import leans
from calotype.language.pose.contact.surfaces import side_down
from calotype.language.pose.props import written_props
from calotype.language.pose.terms import (
    BASES,
    DEFAULT_HAIR,
    DOWN,
    HEIGHT,
    JOINTS,
    KEYS,
    ONE_SIDED,
    PLURALS,
    SIDES,
)
from calotype.language.pose.throughout import throughout

Posture = Mapping[str, Any]

_DEEPEST = 2 * MAX_DEPTH
"""No pose that `check` accepts is read at such a depth: phases stand on their movement's base, one level deeper."""
_CACHE_SIZE = 4096
IN_FRONT = 45.0
"""Degrees of hip flexion from which on the leg of who half kneels is the one in front."""
SOLVER = 2
"""Moves when a pose that has to be solved would come to stand otherwise; one that holds as it is does not say it."""
PLANTED, PLANTED_LYING = 1, 2
"""Move when a movement that shifts the body over its feet, or beside where it lies, would be drawn otherwise; another
does not say it."""
LYING = ("supine", "crook_lying", "prone")
LEANS = 1
"""Moves when someone seated who leans forward or back would be drawn otherwise; who sits upright does not say it."""
_cache: dict[tuple[str, str | None], tuple[Posture, tuple[tuple[str, str], ...]]] = {}
OTHER_WAY = {"circle": "anticlockwise", "anticlockwise": "circle"}
"""The paths of arrows that go the other way round in a mirror image."""


class PoseError(ValueError):
    """A pose that `check` would have refused: an unknown joint or pose, or a cycle."""


def resolve(value: Mapping[str, Any] | str | None, position: str | None, library: Library) -> Posture:
    """The canonical posture of a pose, of a pose's id, or of the body position alone. Not to be changed by the caller.

    The same posture, written in another way, is the same value. Raises PoseError where `check` finds an error in names.
    """
    key = (repr(value), position)
    cached = _cache.get(key)
    if cached is not None and all(repr(library.get(name)) == text for name, text in cached[1]):
        return cached[0]
    reader = _Reader(position, library)
    posture = _decided(_canonical(reader.read(value, 0)))
    if len(_cache) >= _CACHE_SIZE:
        _cache.clear()
    _cache[key] = (posture, tuple(reader.used.items()))
    return posture


def base_of(posture: Posture) -> Posture:
    """The base posture that a canonical posture starts from, on the same side of the body when it lies on one."""
    base = resolve(posture["base"], None, {})
    return mirror(base) if side_down(posture) == "right" or posture.get("down") == "right" else base


def mirror(posture: Posture) -> Posture:
    """The canonical posture with left and right swapped, everywhere. Twice is the identity."""
    return _canonical(_mirror(_expand(posture)))


def blend(start: Posture, end: Posture, fraction: float) -> Posture:
    """Angles `fraction` of the way between two canonical postures; base, contacts and props are those of `end`."""
    return _canonical(_blend(_expand(start), _expand(end), fraction))


def _expand(posture: Posture) -> dict[str, Any]:
    """Canonical to working form: {"base", "angles": {(side, axis): value}, "written": {(side, axis)}, extras}."""
    work = {key: value for key, value in posture.items() if key not in JOINTS and key not in SIDES}
    work["written"] = {_axis(name) for name in posture.get("written", ())}
    if posture["base"] == "half_kneeling":
        work.setdefault("down", "left")
    angles: dict[tuple[str, str], float] = {
        ("", key): value for key, value in posture.items() if key in JOINTS
    }
    for side in SIDES:
        angles.update({(side, axis): value for axis, value in posture.get(side, {}).items()})
    return work | {"angles": angles}


def _axis(name: str) -> tuple[str, str]:
    """`left.knee_flexion` as side and axis; a midline axis has no side."""
    side, _, axis = name.rpartition(".")
    return side, axis


def _decided(posture: dict[str, Any]) -> dict[str, Any]:
    """The posture, and each phase of its movement, with what a solver needs where there is something to solve, and
    without it where there is not: a pose that holds is the same value however it is written."""
    if "from" in posture:
        posture["from"], posture["to"] = (_decided(dict(phase)) for phase in throughout(posture))
    if "from" in posture and _slides(posture["from"], posture["to"]):
        posture["planted"] = PLANTED_LYING if posture["to"]["base"] in LYING else PLANTED
    if leans(posture):
        posture["leans"] = LEANS
    if not to_solve(posture):
        posture.pop("solve", None)
    elif posture.get("solve", True):
        posture["solver"] = SOLVER
        return posture
    posture.pop("written", None)
    return posture


def _slides(start: Posture, end: Posture) -> bool:
    """Whether a movement may shift the pelvis over the feet: it bends legs, or comes to rest on something else."""
    if start["base"] != end["base"] or "hanging" in (start["base"], end["base"]) or "solver" in {*start, *end}:
        return True
    legs = [{axis: angle for axis, angle in phase.get(side, {}).items() if axis.startswith(LEG_AXES)}
            for phase in (start, end) for side in SIDES]
    return legs[:2] != legs[2:]


class _Reader:
    """Reads the poses that one pose rests on, each once: a movement rests on two, and those on two each. `used` are the
    poses of the library it has read, as they are written."""

    def __init__(self, position: str | None, library: Library) -> None:
        self._position, self._library = position, library
        self.used: dict[str, str] = {}
        self._read: dict[str, dict[str, Any]] = {}

    def read(self, value: Any, depth: int) -> dict[str, Any]:
        """The working form of a written pose, for the caller to change."""
        if depth > _DEEPEST:
            raise PoseError("a pose rests on too many others")
        if value is None:
            return _base(self._position or "standing")
        if isinstance(value, str):
            return self._named(value, depth)
        if "mirror_of" in value:
            work = _mirror(self._named(value["mirror_of"], depth))
        elif "from" in value or "to" in value:
            work = self._movement(value, depth)
        else:
            work = self._named(value.get("base") or self._position or "standing", depth)
        _lay(work, value)
        return _mirror(work) if value.get("mirror") else work

    def _named(self, name: str, depth: int) -> dict[str, Any]:
        if name in BASES:
            return _base(name)
        if name not in self._read:
            pose = self._library.get(name)
            self.used[name] = repr(pose)
            if pose is None:
                raise PoseError(f"there is no pose `{name}`")
            self._read[name] = self.read(pose, depth + 1)
        work = self._read[name]
        return {**work, "angles": dict(work["angles"]), "written": set(work["written"])}

    def _movement(self, value: Mapping[str, Any], depth: int) -> dict[str, Any]:
        start, end = self._phase(value, "from", depth), self._phase(value, "to", depth)
        work = _blend(start, end, float(value.get("fraction", 1.0)))
        show = sorted(set(value.get("show", ["arrows"])))
        if show:
            work |= {"show": show, "from": _still(_canonical(start)), "to": _still(_canonical(end))}
        return work

    def _phase(self, value: Mapping[str, Any], key: str, depth: int) -> dict[str, Any]:
        phase = _rooted(value, value.get(key))
        if isinstance(phase, str):
            return self._named(phase, depth)
        return self.read(phase, depth + isinstance(phase, Mapping))


def _still(phase: Posture) -> Posture:
    """A phase as the moment it is: how a pose came about that is itself a movement is not shown in another's."""
    return {key: part for key, part in phase.items() if key not in ("from", "to", "show")}


def _base(name: str) -> dict[str, Any]:
    if name not in BASES:
        raise PoseError(f"there is no pose `{name}`")
    angles: dict[tuple[str, str], float] = {}
    for term, angle in BASES[name].items():
        _set(angles, "", term, angle)
    work: dict[str, Any] = {"base": name, "angles": angles, "written": set()}
    if name == "side_lying":
        work["contacts"] = {"left_side": "floor"}
    if name == "half_kneeling":
        work["down"] = "left"
    for side, terms in ONE_SIDED.get(name, {}).items():
        for term, angle in terms.items():
            _set(angles, side, term, angle)
    return work


def _turned_over(
    work: dict[str, Any], said: Mapping[str, str], angles: Mapping[tuple[str, str], float]
) -> dict[str, Any]:
    """What changes in a pose on a base that has one side down where the contacts or angles that it says put the other
    side down: nothing where they do not. Angles that were written before stay on their sides."""
    part, touching = DOWN[work["base"]], work.get("contacts", {})
    down, up = SIDES[::-1] if "right" in (work.get("down"), side_down(work)) else SIDES
    downs = [said.get(f"{side}_{part}", "none") != "none" for side in (down, up)]
    bent = [angles.get((side, "hip_flexion"), 0.0) >= IN_FRONT for side in (down, up)]
    if downs != [False, True] and not (work["base"] == "half_kneeling" and not any(downs) and bent == [True, False]):
        return {}
    base = _base(work["base"]) if up == "left" else _mirror(_base(work["base"]))
    remaining = {name: surface for name, surface in touching.items() if name != f"{down}_{part}"}
    before = {axis: work["angles"].get(axis, 0.0) for axis in work["written"]}
    return {
        **base, "angles": base["angles"] | before, "written": work["written"],
        "contacts": {**base.get("contacts", {}), **remaining},
    }


def _rooted(value: Mapping[str, Any], phase: Any) -> Any:
    """A phase of a movement stands on the movement's own base, unless it names one."""
    if isinstance(phase, Mapping) and "base" not in phase and "mirror_of" not in phase and "base" in value:
        return {"base": value["base"], **phase}
    return value.get("base") if phase is None else phase


def _lay(work: dict[str, Any], value: Mapping[str, Any]) -> None:
    """Lays what a pose says of itself over what it rests on."""
    written_angles: dict[tuple[str, str], float] = {}
    for key, item in value.items():
        if key not in KEYS:
            _set(written_angles, "", key, item)
    for side in SIDES:
        for key, item in (value.get(side) or {}).items():
            _set(written_angles, side, key, item)
    written_contacts = _parts(value.get("contacts", {}))
    if work["base"] in DOWN and (turned := _turned_over(work, written_contacts, written_angles)):
        work |= turned
        written_contacts = {part: surface for part, surface in written_contacts.items()
                if surface != "none" or not part.endswith(f"_{DOWN[work['base']]}")}
    if written_contacts:
        work["contacts"] = {**work.get("contacts", {}), **written_contacts}
    work["angles"].update(written_angles)
    work["written"].update(written_angles)
    if "solve" in value:
        work["solve"] = value["solve"]
        work |= {phase: {**work[phase], "solve": value["solve"]} for phase in ("from", "to") if phase in work}
    if "figure" in value:
        work["figure"] = {**work.get("figure", {}), **value["figure"]}
    if "props" in value:
        work["props"] = written_props.entries(value["props"])
    if "arcs" in value:
        work["arcs"] = sorted(value["arcs"])
    if "arrows" in value:
        work["arrows"] = [dict(arrow) for arrow in value["arrows"]]


def _set(angles: dict[tuple[str, str], float], side: str, term: str, value: float) -> None:
    joint = JOINTS.get(term)
    if joint is None:
        raise PoseError(f"there is no joint `{term}`")
    amount = joint.sign * float(value)
    if joint.laterality == "directed":
        angles["", joint.axis] = -amount if side == "left" else amount
    elif joint.laterality == "axial":
        angles["", joint.axis] = amount
    else:
        for each in (side,) if side else SIDES:
            angles[each, joint.axis] = amount


def _parts(contacts: Mapping[str, str]) -> dict[str, str]:
    """Contacts by single part: `hands: floor` is both hands. A single part named beside its plural wins."""
    both = {
        f"{side}_{part}": contacts[plural]
        for plural, part in PLURALS.items()
        if plural in contacts
        for side in SIDES
    }
    if "toes" in contacts:
        both |= {f"{side}_toes": contacts["toes"] for side in SIDES}
    return both | {
        part: surface for part, surface in contacts.items() if part not in PLURALS and part != "toes"
    }


def _mirror(work: dict[str, Any]) -> dict[str, Any]:
    other = {"left": "right", "right": "left"}
    angles = {
        (other.get(side, side), axis): -value if JOINTS[axis].laterality == "directed" else value
        for (side, axis), value in work["angles"].items()
    }
    written = {(other.get(side, side), axis) for side, axis in work["written"]}
    mirrored = {**work, "angles": angles, "written": written}
    if "contacts" in work:
        mirrored["contacts"] = {_swap(part): _swap(surface) for part, surface in work["contacts"].items()}
    if "down" in work:
        mirrored["down"] = _swap(work["down"])
    if "props" in work:
        mirrored["props"] = written_props.exchanged(work["props"], _swap)
    if "arcs" in work:
        mirrored["arcs"] = sorted(_swap(arc) for arc in work["arcs"])
    if "arrows" in work:
        mirrored["arrows"] = [
            {key: _swap(OTHER_WAY.get(item, item)) if isinstance(item, str) else item for key, item in arrow.items()}
            for arrow in work["arrows"]
        ]
    for key in ("from", "to"):
        if key in work:
            mirrored[key] = mirror(work[key])
    return mirrored


def _swap(word: str) -> str:
    """left_hand -> right_hand; left -> right; words with no side stay."""
    for side, opposite in (("left", "right"), ("right", "left")):
        if word == side or word.startswith(side + "_"):
            return opposite + word[len(side) :]
    return word


def _blend(start: dict[str, Any], end: dict[str, Any], fraction: float) -> dict[str, Any]:
    a, b = start["angles"], end["angles"]
    angles = {key: a.get(key, 0.0) * (1 - fraction) + b.get(key, 0.0) * fraction for key in {*a, *b}}
    who = {**start.get("figure", {}), **end.get("figure", {})}
    written = start["written"] | end["written"]  # on the way, what either phase says is said
    if fraction in (0, 1):
        written = (end if fraction else start)["written"]
    return {**end, "angles": angles, "written": written, "figure": who}


def _canonical(work: dict[str, Any]) -> dict[str, Any]:
    """The working form as JSON, sorted, with nothing that says nothing but the axes that are written."""
    posture: dict[str, Any] = {"base": work["base"]}
    if work.get("down") == "right":
        posture["down"] = "right"
    who = _figure(work.get("figure", {}))
    if who:
        posture["figure"] = who
    for (side, axis), value in sorted(work["angles"].items()):
        amount = round(value, 6)
        if amount:
            (posture.setdefault(side, {}) if side else posture)[axis] = amount
    for key in ("contacts", "props", "arcs", "arrows", "show", "from", "to"):
        if work.get(key):
            posture[key] = dict(sorted(work[key].items())) if isinstance(work[key], Mapping) else work[key]
    for phase in ("from", "to"):
        if phase in posture:
            posture[phase] = _worn(posture[phase], who)
    if work["written"]:
        posture["written"] = sorted(f"{side}.{axis}" if side else axis for side, axis in work["written"])
    for key in ("leans", "planted", "solver"):
        if key in work:
            posture[key] = work[key]
    if work.get("solve") is False:
        posture["solve"] = False
    return posture


def _figure(said: Mapping[str, Any]) -> dict[str, Any]:
    """Height, build and hair, where they are not the default."""
    who: dict[str, Any] = {}
    if said.get("hair", DEFAULT_HAIR) != DEFAULT_HAIR:
        who["hair"] = said["hair"]
    if said.get("build", "average") != "average":
        who["build"] = said["build"]
    if (height := round(float(said.get("height", HEIGHT)), 6)) != HEIGHT:
        who["height"] = height
    return who


def _worn(phase: Posture, who: Mapping[str, Any]) -> Posture:
    """A phase of a movement, made by the figure that makes the movement."""
    bare = {key: part for key, part in phase.items() if key != "figure"}
    return {**bare, "figure": dict(who)} if who else bare
