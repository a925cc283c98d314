"""Props in plain English, and what is said of each: what it lies under, runs from and to, and how large it is.

Must not know the rest of a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from calotype.language.pose.props import written_props
from calotype.language.pose.props.prop_kinds import ANCHOR, OF_SURFACE
from calotype.language.pose.terms import SIDES

PROPS = {
    "chair": "a chair", "stool": "a stool", "bench": "a bench", "bed": "a bed", "table": "a table", "step": "a step",
    "wall": "a wall", "doorway": "a doorway", "bar": "a bar", "stick": "a stick", "barbell": "a barbell",
    "dumbbell": "a dumbbell", "weight": "a weight", "pulldown": "a pulldown bar", "cable": "a cable handle",
    "band": "an elastic band", "strap": "a strap", "ball": "a ball", "roller": "a foam roller", "towel": "a towel",
    "pillow": "a pillow", "mug": "a mug", "mat": "a mat",
}
HELD_BALL = "held_ball"
"""What a ball is told as that one hand holds: beside the surfaces that a pose may name."""
SURFACES = {
    "chair": "on a chair", "chair_back": "on the back of a chair", "stool": "on a stool", "bench": "on a bench",
    "bed": "on a bed", "table": "on a table", "step": "on a step", "wall": "against a wall",
    "doorway": "against the frame of a doorway", "bar": "on a bar", "stick": "holding a stick",
    "barbell": "holding a barbell", "dumbbell": "holding a dumbbell", "weight": "holding a weight",
    "pulldown": "on a pulldown bar", "cable": "on a cable handle", "mug": "holding a mug", "ball": "on a ball",
    HELD_BALL: "holding a ball",
    "roller": "on a foam roller", "towel": "on a towel", "pillow": "on a pillow",
}
PHRASES = {
    "prop_under": "{prop} under {part}", "prop_between": "{prop} between {part}", "prop_at": "{prop} at {part}",
    "prop_ends": "{prop} from {start} to {end}", "prop_anchored": "{prop} from an anchor to {end}",
    "prop_anchor_side": "{prop} from an anchor {where} to {end}", "prop_where": "{prop} {where}",
    "prop_height": "{prop} {size:g} centimetres high", "prop_diameter": "{prop} {size:g} centimetres thick",
    "prop_anchor_height": "{prop}, the anchor {size:g} centimetres high",
    "the_part": "the {part}", "the_sided_part": "the {side} {part}",
    "prop_front": "in front", "prop_behind": "behind", "prop_left": "on the left", "prop_right": "on the right",
}
PARTS = {
    "calf": "calf", "calves": "calves", "thigh": "thigh", "thighs": "thighs", "ankle": "ankle", "ankles": "ankles",
    "upper_arm": "upper arm", "shoulder": "shoulder", "hip": "hip", "shank": "shin", "neck": "neck", "abdomen": "belly",
    "wrist": "wrist",
}
"""Parts that a prop may be at, beside those of contacts."""


def beside(posture: Mapping[str, Any]) -> list[str]:
    """The props that stand by and of which nothing is said: what is touched is told with the part that touches it."""
    touched = {OF_SURFACE.get(surface, "") for surface in posture.get("contacts", {}).values()}
    return [name for name, options in written_props.of(posture) if name not in touched and not options]


def told(
    posture: Mapping[str, Any], props: Mapping[str, str], phrases: Mapping[str, str], parts: Mapping[str, str],
    sides: Mapping[str, str],
) -> Iterator[str]:
    """What is said of each prop of which something is said."""
    for name, options in written_props.of(posture):
        if options:
            yield _prop(props[name], options, phrases, lambda word: _part(word, phrases, parts, sides))


def _prop(prop: str, options: Mapping[str, Any], phrases: Mapping[str, str], part: Callable[[str], str]) -> str:
    words = prop
    for option in ("height", "diameter"):
        if option in options and "from" not in options:
            words = phrases[f"prop_{option}"].format(prop=words, size=options[option])
    for option in ("under", "between", "at"):
        if option in options:
            words = phrases[f"prop_{option}"].format(prop=words, part=part(options[option]))
    if "from" in options:
        return _ends(words, options, phrases, part)
    if "side" in options:
        words = phrases["prop_where"].format(prop=words, where=phrases[f"prop_{options['side']}"])
    return words


def _ends(words: str, options: Mapping[str, Any], phrases: Mapping[str, str], part: Callable[[str], str]) -> str:
    start, end = options["from"], options["to"]
    if ANCHOR not in (start, end):
        return phrases["prop_ends"].format(prop=words, start=part(start), end=part(end))
    end = part(end if start == ANCHOR else start)
    if "side" in options:
        where = phrases[f"prop_{options['side']}"]
        words = phrases["prop_anchor_side"].format(prop=words, where=where, end=end)
    else:
        words = phrases["prop_anchored"].format(prop=words, end=end)
    if "height" in options:
        words = phrases["prop_anchor_height"].format(prop=words, size=options["height"])
    return words


def _part(word: str, phrases: Mapping[str, str], parts: Mapping[str, str], sides: Mapping[str, str]) -> str:
    side, _, name = word.partition("_")
    if side in SIDES:
        return phrases["the_sided_part"].format(side=sides[side], part=parts[name])
    return phrases["the_part"].format(part=parts[word])
