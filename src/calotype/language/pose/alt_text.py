"""A posture told in plain language, for those who cannot see its picture. Must not know files nor pictures.

English is complete here; another language is another `Locale`, made from a mapping with the same keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.posture import base_of
from calotype.language.pose.stance import holding
from calotype.language.pose.terms import AXES, AXIS, BODY, SIDES, Axis

MENTIONED = 4
"""Joints told in an alt text; the long description tells all."""
SALIENCE = {"forearm": 0.2, "wrist": 0.25, "finger": 0.2, "shoulder_external": 0.4, "neck_protraction": 2.0,
            "neck": 1.2, "lumbar": 1.5, "thoracic": 1.3, "hip": 1.3, "knee": 1.1}
"""How much a motion says of a posture beside the others, by how its axis begins; 1 unless named."""
LEAST = {"deg": 8.0, "cm": 1.0}
"""What is less than this from the base posture goes without saying."""


@dataclass(frozen=True, slots=True)
class Locale:
    """The phrases of one language. Placeholders are those of `str.format`.

    `motions` has, for each axis, {"part", "parts", "plus", "minus"}: the part of the body, its plural, and what is said
    of it along the axis and against it.
    """

    bases: Mapping[str, str]
    views: Mapping[str, str]
    sides: Mapping[str, str]
    motions: Mapping[str, Mapping[str, str]]
    parts: Mapping[str, str]
    surfaces: Mapping[str, str]
    props: Mapping[str, str]
    phrases: Mapping[str, str]

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> Locale:
        """A language from a mapping. Raises KeyError for a group that is missing."""
        return cls(**{name: words[name] for name in cls.__match_args__})


def _motion(part: str, plus: str, minus: str, parts: str = "") -> dict[str, str]:
    return {"part": part, "parts": parts or part + "s", "plus": plus, "minus": minus}


ENGLISH = Locale(
    bases={
        "standing": "standing", "seated": "seated", "supine": "lying on the back", "prone": "lying face down",
        "quadruped": "on hands and knees", "side_lying": "lying on the side", "kneeling": "kneeling",
        "hanging": "hanging from a bar",
    },
    views={
        "lateral": "seen from the {side} side", "anterior": "seen from the front", "posterior": "seen from behind",
        "oblique": "seen at an angle from the {side} front", "close-up": "in close-up from the {side}",
    },
    sides={"left": "left", "right": "right", "both": "both"},
    motions={
        "neck_flexion": _motion("head", "bowed forward", "tipped back"),
        "neck_lateral_flexion": _motion("head", "tilted to the right", "tilted to the left"),
        "neck_rotation": _motion("head", "turned to the right", "turned to the left"),
        "neck_protraction": _motion("head", "poked forward", "drawn straight back"),
        "spine_flexion": _motion("spine", "rounded forward", "arched back"),
        "spine_lateral_flexion": _motion("spine", "bent to the right", "bent to the left"),
        "spine_rotation": _motion("spine", "turned to the right", "turned to the left"),
        "thoracic_flexion": _motion("upper back", "rounded", "arched"),
        "thoracic_lateral_flexion": _motion("upper back", "bent to the right", "bent to the left"),
        "thoracic_rotation": _motion("upper back", "turned to the right", "turned to the left"),
        "lumbar_flexion": _motion("lower back", "rounded", "arched"),
        "lumbar_lateral_flexion": _motion("lower back", "bent to the right", "bent to the left"),
        "lumbar_rotation": _motion("lower back", "turned to the right", "turned to the left"),
        "scapular_elevation": _motion("shoulder", "raised", "drawn down"),
        "scapular_protraction": _motion("shoulder", "rounded forward", "drawn back"),
        "shoulder_flexion": _motion("arm", "raised forward", "drawn back"),
        "shoulder_abduction": _motion("arm", "raised sideways", "brought across the body"),
        "shoulder_external_rotation": _motion("arm", "turned outward", "turned inward"),
        "shoulder_horizontal_abduction": _motion("arm", "drawn out to the side", "brought across in front"),
        "elbow_flexion": _motion("elbow", "bent", "straightened"),
        "forearm_supination": _motion("palm", "turned up", "turned down"),
        "wrist_flexion": _motion("wrist", "bent towards the palm", "bent back"),
        "wrist_ulnar_deviation": _motion("hand", "tilted to the little finger", "tilted to the thumb"),
        "finger_flexion": _motion("hand", "closed", "spread flat"),
        "hip_flexion": _motion("hip", "bent", "extended"),
        "hip_abduction": _motion("leg", "moved out to the side", "moved across the body"),
        "hip_external_rotation": _motion("hip", "turned outward", "turned inward"),
        "knee_flexion": _motion("knee", "bent", "straightened"),
        "ankle_dorsiflexion": _motion("foot", "drawn up towards the shin", "pointed down", "feet"),
        "ankle_inversion": _motion("sole", "turned inward", "turned outward"),
        "toe_extension": _motion("foot", "raised onto the ball", "curled at the toes", "feet"),
    },
    parts={
        "hand": "hand", "forearm": "forearm", "elbow": "elbow", "foot": "foot", "heel": "heel", "toes": "toes",
        "knee": "knee", "shin": "shin", "side": "side", "back": "back", "seat": "seat", "chest": "chest",
        "head": "head",
        "hands": "hands", "forearms": "forearms", "elbows": "elbows", "feet": "feet", "heels": "heels",
        "knees": "knees", "shins": "shins",
    },
    surfaces={
        "floor": "on the floor", "chair": "on a chair", "bench": "on a bench", "table": "on a table",
        "wall": "against a wall", "bar": "on a bar", "step": "on a step", "barbell": "holding a barbell",
        "dumbbell": "holding a dumbbell", "pulldown": "on a pulldown bar", "cable": "on a cable handle",
        "mug": "holding a mug", "thigh": "on the thigh", "shank": "on the shin",
        "head": "on the head", "chest": "on the chest", "abdomen": "on the belly",
        **{f"{side}_{part}": f"on the {side} {'shin' if part == 'shank' else part.replace('_', ' ')}"
           for side in SIDES for part in BODY},
    },
    props={"table": "a table", "chair": "a chair", "mug": "a mug", "mat": "a mat"},
    phrases={
        "alt": "A person {base}, {view}: {joints}.", "plain": "A person {base}, {view}.",
        "beside": "{base} with {props} at hand",
        "one": "the {side} {part} {motion}",
        "two": "both {parts} {motion}", "middle": "the {part} {motion}", "slightly": "{motion} slightly",
        "degrees": "{motion} {amount:g} degrees", "cm": "{motion} {amount:g} centimetres",
        "touch": "the {side} {part} {surface}", "touch_both": "both {parts} {surface}",
        "touch_middle": "the {part} {surface}",
        "contacts": "Contact: {contacts}.", "joints": "Joints: {joints}.", "and": " and ", "comma": ", ",
        "movement": "Movement to this position from: {joints}.",
    },
)
"""The plural of a part is only said of both sides."""

PLURAL = {"foot": "feet", "toes": "toes"}


def alt_text(posture: Mapping[str, Any], view: str, side: str = "right", locale: Locale = ENGLISH) -> str:
    """One sentence: base posture, view, and the joints furthest from that posture. Left and right are the subject's."""
    told = sorted(_motions(posture, locale), key=lambda one: -one[0])[:MENTIONED]
    joints = [text for _, text, _ in told] + list(_contacts(holding(posture), locale))[:2]
    words = _setting(posture, view, side, locale)
    if not joints:
        return locale.phrases["plain"].format(**words)
    return locale.phrases["alt"].format(joints=_list(joints, locale), **words)


def long_description(posture: Mapping[str, Any], view: str, side: str = "right", locale: Locale = ENGLISH) -> str:
    """Every joint that differs from the base posture, in degrees; every contact; where a movement comes from."""
    words = _setting(posture, view, side, locale)
    sentences = [locale.phrases["plain"].format(**words)]
    joints = [text for _, _, text in _motions(posture, locale)]
    if joints:
        sentences.append(locale.phrases["joints"].format(joints=_list(joints, locale)))
    touching = list(_contacts(holding(posture), locale))
    if touching:
        sentences.append(locale.phrases["contacts"].format(contacts=_list(touching, locale)))
    start = [text for _, _, text in _motions(posture["from"], locale)] if "from" in posture else []
    if start:
        sentences.append(locale.phrases["movement"].format(joints=_list(start, locale)))
    return " ".join(sentences)


def _setting(posture: Mapping[str, Any], view: str, side: str, locale: Locale) -> dict[str, str]:
    """The base posture, with what stands by, and the view."""
    base = locale.bases[posture["base"]]
    props = _list([locale.props[prop] for prop in posture.get("props", ())], locale)
    if props:
        base = locale.phrases["beside"].format(base=base, props=props)
    return {"base": base, "view": locale.views[view].format(side=locale.sides[side])}


def _motions(posture: Mapping[str, Any], locale: Locale) -> Iterator[tuple[float, str, str]]:
    """For each joint away from the base posture: how far, as part of its range; said plainly; said in degrees."""
    base = base_of(posture)
    for axis in AXES:
        if axis.laterality != "paired":
            yield from _said(axis, "middle", "", _apart(axis, posture, base), locale)
            continue
        left, right = (_apart(axis, posture.get(side, {}), base.get(side, {})) for side in SIDES)
        if abs(left - right) < LEAST[axis.unit] / 2:
            yield from _said(axis, "two", "", right, locale)
        else:
            yield from _said(axis, "one", "left", left, locale)
            yield from _said(axis, "one", "right", right, locale)


def _apart(axis: Axis, angles: Mapping[str, Any], base: Mapping[str, Any]) -> float:
    """The angle, where it differs enough from the base posture's to be told; else 0."""
    value = float(angles.get(axis.name, 0.0))
    return value if abs(value - base.get(axis.name, 0.0)) >= LEAST[axis.unit] else 0.0


def _said(axis: Axis, form: str, side: str, amount: float, locale: Locale) -> Iterator[tuple[float, str, str]]:
    if not amount:
        return
    words = locale.motions[axis.name]
    motion = words["plus"] if amount > 0 else words["minus"]
    share = abs(amount) / max(abs(limit) for limit in AXIS[axis.name].normal)
    plain = locale.phrases["slightly"].format(motion=motion) if share < 0.15 else motion
    exact = locale.phrases["cm" if axis.unit == "cm" else "degrees"].format(motion=motion, amount=round(abs(amount)))
    share *= next((worth for start, worth in SALIENCE.items() if axis.name.startswith(start)), 1.0)
    name = {"side": locale.sides.get(side, ""), "part": words["part"], "parts": words["parts"]}
    yield share, locale.phrases[form].format(motion=plain, **name), locale.phrases[form].format(motion=exact, **name)


def _contacts(touching: Mapping[str, str], locale: Locale) -> Iterator[str]:
    done: set[str] = set()
    for part, surface in touching.items():
        if surface == "none" or part in done:
            continue
        side, _, name = part.partition("_")
        other = f"{'left' if side == 'right' else 'right'}_{name}"
        if not name:
            yield locale.phrases["touch_middle"].format(part=locale.parts[part], surface=locale.surfaces[surface])
        elif touching.get(other) == surface:
            done.add(other)
            parts = locale.parts[PLURAL.get(name, name + "s")]
            yield locale.phrases["touch_both"].format(parts=parts, surface=locale.surfaces[surface])
        else:
            yield locale.phrases["touch"].format(
                side=locale.sides[side], part=locale.parts[name], surface=locale.surfaces[surface]
            )


def _list(items: list[str], locale: Locale) -> str:
    if len(items) < 2:
        return "".join(items)
    return locale.phrases["comma"].join(items[:-1]) + locale.phrases["and"] + items[-1]
