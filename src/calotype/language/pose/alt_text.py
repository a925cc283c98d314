"""A posture told in plain language, for those who cannot see its picture. Must not know files nor pictures.

English is complete in `alt_phrases`; another language is another `Locale`, made from a mapping with the same keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.pose.alt_phrases import ENGLISH, Locale
from calotype.language.pose.contact.visible import GROUND, flat, lifted, on_the_ball, overhead, palms
from calotype.language.pose.joint_changes import Change, between, from_base
from calotype.language.pose.props import on_props, prop_words
from calotype.language.pose.shown import is_joint
from calotype.language.pose.stance import base_contacts, contacts, holding, rest, settled
from calotype.language.pose.terms import AXIS, FOOT, JOINTS, SIDES, UPRIGHT

__all__ = ["ENGLISH", "Locale", "Phrases", "alt_text", "long_description", "phrases_of"]

NOTICED = {"deg": 20.0, "cm": 1.0}
"""What gives up less of its base's angle looks bent as before: a knee at 85 of 90 degrees is no straightened one."""
PLURAL = {"foot": "feet", "toes": "toes", "calf": "calves"}
"""The plurals of parts that no `s` makes. A plural is only said of both sides."""
_SAME_LIMB = {"foot": ("toes", "heel", "knee", "shin"), "knee": ("shin",), "hand": ("forearm", "elbow")}
"""What else of a limb may carry it, where a part is lifted."""
OVERHEAD = 150.0
"""Degrees of elevation from which on an arm is overhead."""
KNEES_ASIDE = "knees_aside"
"""What the rotation of the lower trunk looks like of who lies on the back with the knees bent."""
KNEES_BENT = 45.0
"""Degrees from which on knees are what goes to the side."""
RAISED = 0.06
"""Metres that a pelvis is higher than it lies, where it is said to be raised."""
BENT = 30.0
"""Degrees of a knee from which on a leg of who sits on the floor is not called straight."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said of a posture, piece by piece: how it is seen, what it is at base, each joint away from that, the
    most telling first; what is touched and held; what is drawn besides."""

    view: str
    base: str
    joints: tuple[str, ...]
    touches: tuple[str, ...]
    besides: tuple[str, ...]


def phrases_of(
    posture: Mapping[str, Any], view: str, side: str = "right", locale: Locale = ENGLISH, muscles: Sequence[str] = (),
    joints: Sequence[str] = (),
) -> Phrases:
    """As `alt_text`, in pieces; nothing is said of the figure itself."""
    setting = _setting(posture, view, side, locale)
    return Phrases(
        setting["view"], setting["base"], (*_moves(posture, locale), *_joints(posture, locale)),
        (*_touches(posture, locale), *_props(posture, locale)), tuple(_besides(posture, muscles, joints, locale)))


def alt_text(
    posture: Mapping[str, Any], view: str, side: str = "right", locale: Locale = ENGLISH, muscles: Sequence[str] = (),
    joints: Sequence[str] = (),
) -> str:
    """A sentence: base posture, view, what moves, every joint away from the base, what is touched; and one of what is
    drawn besides: arrows, arcs, the `muscles` that are tinted, `joints`. Left and right are the subject's."""
    words = _setting(posture, view, side, locale)
    items = [*_moves(posture, locale), *_joints(posture, locale), *_touches(posture, locale), *_props(posture, locale)]
    sentence = locale.phrases["alt" if items else "plain"].format(joints=_list(items, locale), **words)
    besides = list(_besides(posture, muscles, joints, locale))
    return f"{sentence} {locale.phrases['besides'].format(items=_list(besides, locale))}" if besides else sentence


def long_description(posture: Mapping[str, Any], view: str, side: str = "right", locale: Locale = ENGLISH) -> str:
    """Every joint that differs from the base posture, in degrees; every contact; where a movement comes from."""
    sentences = [locale.phrases["plain"].format(**_setting(posture, view, side, locale))]
    for phrase, items in (
        ("joints", [_said(change, posture, locale) for change in from_base(posture)]),
        ("contacts", [*_touches(posture, locale), *_props(posture, locale)]),
        ("movement", list(_moves(posture, locale))),
    ):
        if items:
            sentences.append(locale.phrases[phrase].format(**{_HOLDER.get(phrase, phrase): _list(items, locale)}))
    return " ".join(sentences)


_HOLDER = {"movement": "joints"}
"""What a sentence calls its list, where it is not its own name."""


def _setting(posture: Mapping[str, Any], view: str, side: str, locale: Locale) -> dict[str, str]:
    """Who is seen, in what base posture, with what stands by, and the view."""
    knee = _one_knee(posture)
    phrase = "half_kneeling" if posture["base"] == "half_kneeling" else "one_knee"
    base = locale.phrases[phrase].format(side=locale.sides[knee]) if knee else locale.bases[posture["base"]]
    if posture["base"] == "prone" and "chest" not in (touching := _touching(posture)):
        base = locale.phrases["trunk_up" if any(part.endswith("shin") for part in touching) else "held_up"]
    if posture["base"] == "side_lying" and not {"left_side", "right_side"} & set(_touching(posture)):
        base = locale.phrases["side_plank"]
    if posture["base"] == "long_sitting" and all(_bent(posture, side) for side in SIDES):
        base = locale.phrases["floor_sitting"]
    props = _list([locale.props[name] for name in prop_words.beside(posture)], locale)
    if props:
        base = locale.phrases["beside"].format(base=base, props=props)
    figure = posture.get("figure", {})
    who = locale.phrases["tall"].format(height=figure["height"]) if "height" in figure else ""
    who += locale.phrases[figure["build"]] if "build" in figure else ""
    who += locale.phrases[figure["hair"]] if "hair" in figure else ""
    person = locale.phrases[figure.get("sex", "person")]
    return {"person": person, "figure": who, "base": base, "view": locale.views[view].format(side=locale.sides[side])}


def _bent(posture: Mapping[str, Any], side: str) -> bool:
    """Whether a leg is no longer straight out in front."""
    return bool(posture.get(side, {}).get("knee_flexion", 0.0) >= BENT)


def _one_knee(posture: Mapping[str, Any]) -> str:
    """The side of the knee that an upright body kneels on, where it is one; else ""."""
    if posture["base"] not in ("standing", "kneeling", "half_kneeling"):
        return ""
    touching = _touching(posture)
    down = [side for side in SIDES if touching.get(f"{side}_knee", touching.get(f"{side}_shin")) == "floor"]
    return down[0] if len(down) == 1 else ""


def _moves(posture: Mapping[str, Any], locale: Locale) -> Iterator[str]:
    """Where a movement comes from, and each joint that moves in it."""
    if "from" not in posture or "to" not in posture:
        return
    if posture["from"]["base"] != posture["to"]["base"]:
        start, end = (locale.bases[posture[phase]["base"]] for phase in ("from", "to"))
        yield locale.phrases["from_base"].format(base=start, end=end)
    for change in between(posture["from"], posture["to"]):
        if _told_by_toes(change, posture["to"]):
            continue
        change = _as_seen(change, posture["to"])
        upright = posture["to"]["base"] in UPRIGHT
        start, end = (_state(change, value, upright, locale) for value in (change.start, change.end))
        yield _of(change, locale.phrases["moves"].format(start=start, end=end), locale)


def _state(change: Change, value: float, upright: bool, locale: Locale) -> str:
    """How a joint is at one end of a movement; no head is upright of who is not."""
    words = _words(change, locale)
    if not value:
        return words["rest"] if upright else words.get("lying", words["rest"])
    return _exact(change, words["plus" if value > 0 else "minus"], value, locale)


def _exact(change: Change, motion: str, value: float, locale: Locale) -> str:
    """A motion with how far it goes."""
    unit = "cm" if change.axis.unit == "cm" else "degree" if abs(value) == 1 else "degrees"
    exact = locale.phrases[unit].format(motion=motion, amount=abs(value))
    past = value < 0 and change.axis.name in ("elbow_flexion", "knee_flexion")
    return locale.phrases["past_straight"].format(motion=exact) if past else exact


def _joints(posture: Mapping[str, Any], locale: Locale) -> Iterator[str]:
    """Each joint away from the base posture; but for those that a movement has told of."""
    moved = set()
    if "from" in posture and "to" in posture:
        moved = {(change.axis.name, side, change.end) for change in between(posture["from"], posture["to"])
                for side in _each(change.side)}
    if _pelvis_up(posture):
        yield locale.phrases["pelvis_up"]
    for change in from_base(posture):
        if _told_by_toes(change, posture):
            continue
        if not all((change.axis.name, side, change.end) in moved for side in _each(change.side)):
            yield _said(change, posture, locale)


def _told_by_toes(change: Change, posture: Mapping[str, Any]) -> bool:
    """Whether a foot is pointed that stands on its ball: that it is raised is said of its toes."""
    return change.axis.name == "ankle_dorsiflexion" and change.end < 0 and all(
        on_the_ball(posture, _touching(posture), side) and not _flat(posture, side) for side in _each(change.side))


def _each(side: str) -> Sequence[str]:
    return SIDES if side == "both" else (side,)


def _said(change: Change, posture: Mapping[str, Any], locale: Locale) -> str:
    """What is said of a joint: by its change from the base posture, and how far it is."""
    change = _as_seen(change, posture)
    words, value = _words(change, locale), change.end
    if change.axis.name == "ankle_dorsiflexion" and all(_flat(posture, side) for side in _each(change.side)):
        return _of_the_shin(change, locale)
    if not value:
        return _of(change, words["zero"], locale)
    if change.axis.name in _SEEN and (seen := _SEEN[change.axis.name](change, posture, locale)):
        return seen
    nearer = value * change.start > 0 and abs(change.start) - abs(value) >= NOTICED[change.axis.unit]
    motion = words["less" if nearer else "plus" if value > 0 else "minus"]
    exact = _exact(change, motion, value, locale)
    if nearer:
        unit = "to_cm" if change.axis.unit == "cm" else "to_degrees"
        exact = locale.phrases[unit].format(motion=motion, amount=abs(value))
    if change.axis.name in ("shoulder_flexion", "shoulder_abduction") and value >= OVERHEAD and not nearer and all(
        overhead(rest(posture), side) for side in _each(change.side)
    ):
        exact = locale.phrases["overhead"].format(motion=exact)
    return _of(change, exact, locale)


def _of_the_shin(change: Change, locale: Locale) -> str:
    """The angle of an ankle whose sole is on the floor: it is the shin that tilts."""
    motion = locale.phrases["shin_plus" if change.end > 0 else "shin_minus"]
    exact = _exact(change, motion, change.end, locale)
    return _form(change.side, locale.parts["shin"], locale.parts["shins"],
                 exact if change.end else locale.phrases["shin_rest"], locale)


def _of_the_palm(change: Change, posture: Mapping[str, Any], locale: Locale) -> str:
    """The turn of a forearm by its palm, where that faces up or down; else ""."""
    faces = palms(rest(posture))
    way = {faces[side] for side in _each(change.side)}
    if way not in ({"up"}, {"down"}) or (change.end > 0) != (way == {"up"}):
        return ""
    exact = _exact(change, locale.phrases[f"palm_{way.pop()}"], change.end, locale)
    return _form(change.side, locale.parts["palm"], locale.parts["palms"], exact, locale)


def _of_the_toes(change: Change, posture: Mapping[str, Any], locale: Locale) -> str:
    """Toes that are bent back and carry nothing; else ""."""
    touching = _touching(posture)
    if change.end < 0 or any(f"{side}_{part}" in touching for side in _each(change.side) for part in ("foot", "toes")):
        return ""
    exact = _exact(change, locale.phrases["toes_plus"], change.end, locale)
    return _form(change.side, locale.parts["toes"], locale.parts["toes"], exact, locale)


_SEEN = {"forearm_supination": _of_the_palm, "toe_extension": _of_the_toes}
"""Axes of which the body at rest tells more than the angle."""


def _flat(posture: Mapping[str, Any], side: str) -> bool:
    return flat(posture, settled(posture), side)


def _as_seen(change: Change, posture: Mapping[str, Any]) -> Change:
    """A change as it is seen: the knees of who lies go to the side with the pelvis."""
    if change.axis.name == "lower_trunk_rotation" and posture["base"] in ("supine", "crook_lying") and all(
        settled(posture).get(side, {}).get("knee_flexion", 0.0) >= KNEES_BENT for side in SIDES
    ):
        return replace(change, axis=replace(change.axis, name=KNEES_ASIDE), side="both")
    return _onto_the_ball(change, posture)


def _onto_the_ball(change: Change, posture: Mapping[str, Any]) -> Change:
    """A foot that is pointed while its toes give way under the weight is raised onto the ball, and told so."""
    if change.axis.name != "ankle_dorsiflexion" or change.end >= 0:
        return change
    rested = settled(posture)
    raised = all(
        contacts(rested).get(f"{side}_foot", contacts(rested).get(f"{side}_toes")) in GROUND
        and not posture.get(side, {}).get("toe_extension") and rested.get(side, {}).get("toe_extension", 0.0) >= 5.0
        for side in _each(change.side)
    )
    return replace(change, axis=AXIS["toe_extension"], start=-change.start, end=-change.end) if raised else change


def _words(change: Change, locale: Locale) -> Mapping[str, str]:
    """What a language says of a motion."""
    if change.axis.name != KNEES_ASIDE:
        return locale.motions[change.axis.name]
    ways = {way: locale.phrases[f"knees_{way}"] for way in ("plus", "minus", "rest")}
    return {"part": locale.parts["knee"], "parts": locale.parts["knees"], "zero": ways["rest"], **ways}


def _of(change: Change, motion: str, locale: Locale) -> str:
    words = _words(change, locale)
    return _form(change.side, words["part"], words["parts"], motion, locale)


def _form(side: str, part: str, parts: str, motion: str, locale: Locale) -> str:
    form = "two" if side == "both" else "one" if side else "middle"
    return locale.phrases[form].format(side=locale.sides.get(side, ""), part=part, parts=parts, motion=motion)


def _pelvis_up(posture: Mapping[str, Any]) -> bool:
    """Whether someone on the back holds the pelvis up on the feet."""
    touching = _touching(posture)
    feet = any(touching.get(f"{side}_{part}") == "floor" for side in SIDES for part in FOOT)
    if posture["base"] not in ("supine", "crook_lying") or not feet:
        return False
    lying = {"base": posture["base"], **({"figure": posture["figure"]} if "figure" in posture else {})}
    height = rest(posture).position["pelvis"][1] - on_props.ground(posture)
    return bool(height - rest(lying).position["pelvis"][1] >= RAISED)


def _touches(posture: Mapping[str, Any], locale: Locale) -> Iterator[str]:
    """What the pose itself touches, and what of the base posture's contacts it takes off."""
    written_contacts, knee = posture.get("contacts", {}), _one_knee(posture)
    touching = {part: surface for part, surface in holding(posture).items()
            if surface != "none" and part not in _kneeling(knee)}
    yield from _contacts(_held(posture, touching), locale)
    rests = base_contacts(posture)
    carried = _touching(posture)
    off = {part: locale.phrases["lifted"] for part, surface in written_contacts.items()
           if surface == "none" and part in rests and part != "chest" and not _carried(part, carried)
           and lifted(rest(posture), part)}
    yield from _parts(off, locale)


def _props(posture: Mapping[str, Any], locale: Locale) -> Iterator[str]:
    """What is said of the props of which something is said."""
    yield from prop_words.told(posture, locale.props, locale.phrases, locale.parts, locale.sides)


def _touching(posture: Mapping[str, Any]) -> Mapping[str, str]:
    """All that a posture touches as it comes to rest: the base posture's contacts too."""
    return contacts(settled(posture))


def _kneeling(knee: str) -> tuple[str, ...]:
    return (f"{knee}_knee", f"{knee}_shin") if knee else ()


def _carried(part: str, touching: Mapping[str, str]) -> bool:
    """Whether another part of the same limb carries what a part no longer does."""
    side, _, name = part.partition("_")
    return any(f"{side}_{near}" in touching for near in _SAME_LIMB.get(name, ()))


def _contacts(touching: Mapping[str, str], locale: Locale) -> Iterator[str]:
    yield from _parts({part: locale.surfaces[surface] for part, surface in touching.items()}, locale)


def _held(posture: Mapping[str, Any], touching: Mapping[str, str]) -> dict[str, str]:
    """Contacts as they are told: a small ball is held, a large one is what a hand is on."""
    hand = on_props.holding_a_ball(posture, touching)
    return {part: prop_words.HELD_BALL if part == hand else surface for part, surface in touching.items()}


def _parts(said: Mapping[str, str], locale: Locale) -> Iterator[str]:
    """What is said of each part; of both sides at once where it is the same."""
    done: set[str] = set()
    for part, words in said.items():
        side, _, name = part.partition("_")
        other = f"{'left' if side == 'right' else 'right'}_{name}"
        if part in done:
            continue
        if not name:
            yield locale.phrases["touch_middle"].format(part=locale.parts[part], surface=words)
        elif said.get(other) == words:
            done.add(other)
            parts = locale.parts[PLURAL.get(name, name + "s")]
            yield locale.phrases["touch_both"].format(parts=parts, surface=words)
        else:
            yield locale.phrases["touch"].format(side=locale.sides[side], part=locale.parts[name], surface=words)


def _besides(
    posture: Mapping[str, Any], muscles: Sequence[str], joints: Iterable[str], locale: Locale
) -> Iterator[str]:
    """What is drawn over the figure or beside it."""
    shows = posture.get("show", ())
    if "ghost" in shows:
        yield locale.phrases["ghost"]
    if "arrows" in shows:
        yield locale.phrases["follows"]
    for arrow in posture.get("arrows", ()):
        text = locale.phrases[arrow["path"]].format(where=_where(arrow["of"], locale))
        yield locale.phrases["sized"].format(arrow=text, size=arrow["size"]) if "size" in arrow else text
    for arc in posture.get("arcs", ()):
        yield locale.phrases["arc"].format(joint=_marked(arc, locale))
    if muscles:
        yield locale.phrases["tinted"].format(muscles=_list(list(muscles), locale))
    shown = [text for text in joints if is_joint(text)]
    if shown:
        yield locale.phrases["marked"].format(joints=_list(shown, locale))


def _where(landmark: str, locale: Locale) -> str:
    side, _, name = landmark.partition("_")
    return f"{locale.sides[side]} {locale.parts[name]}" if name else locale.parts[landmark]


def _marked(arc: str, locale: Locale) -> str:
    """The joint that an arc marks, and which way."""
    side, _, name = arc.partition("_")
    joint = JOINTS[name if side in SIDES else arc]
    words = locale.motions[joint.axis]
    return _form(side if side in SIDES else "", words["part"], words["parts"],
                 words["plus" if joint.sign > 0 else "minus"], locale)


def _list(items: list[str], locale: Locale) -> str:
    if len(items) < 2:
        return "".join(items)
    return locale.phrases["comma"].join(items[:-1]) + locale.phrases["and"] + items[-1]
