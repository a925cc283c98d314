"""What words say of head and trunk, and of the side that someone lies on. Must not know limbs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from calotype.language.pose.laterality.evidence import TRUNK_TURNS, Evidence
from calotype.language.pose.laterality.side_words import Mention

BodyTest = Callable[[Evidence], int]


class Turning(NamedTuple):
    """`about` is head or trunk, `motion` turned or bent."""

    about: str
    motion: str
    test: BodyTest


_TURN = re.compile(r"\b(?:turn\w*|rotat\w*|twist\w*|look\w*|gaze|face|faces|facing|nose|chin|eyes)\b")
_BEND = re.compile(
    r"\b(?:tilt\w*|side[- ]?(?:bend\w*|bent|flex\w*)|lateral(?:ly)?[ -](?:\w+ )?flex\w*|lean\w*|bend\w*|bent|"
    r"drop\w*|ear|inclin\w*|sideways)\b"
)
_HEAD = re.compile(r"\b(?:head|neck|cervical|chin|gaze|nose|ear|eyes|look\w*|face)\b")
_TRUNK = re.compile(
    r"\b(?:trunk|torso|upper body|spine|spinal|thorax|thoracic|lumbar|chest|rib ?cage|waist|body|back|"
    r"shoulders)\b"
)
_LOWER = re.compile(r"\b(?:knees|legs|pelvis|hips|step\w*|lunge\w*|shift\w*|weight|roll\w*|foot|leg|reach\w*)\b")
_LIMB = re.compile(
    r"\b(?:knees?|hips?|ankles?|feet|foot|heels?|legs?|arms?|elbows?|wrists?|hands?|lunge|squat|bridge)\b"
)
_TOWARD = re.compile(
    r"(?:^|\b(?:to|towards?|on|onto|,)\s*)(?:the\s+|your\s+)?$|\b(?:to|towards?|over)\s+(?:the|your|his|her)?\s*$"
)
_MOTION_AFTER = re.compile(
    r"^[\s-]*(?:(?:neck|cervical|trunk|thoracic|lumbar|spinal|head|torso)\s+)?"
    r"(?:rotation|turn|twist|side[- ]?(?:bend(?:ing)?|flexion)|lateral (?:neck |trunk |cervical )?flexion|tilt)\b"
)
ROTATION = {"head": ("neck_rotation",), "trunk": (*TRUNK_TURNS,)}
BENDING = {
    "head": ("neck_lateral_flexion",),
    "trunk": ("spine_lateral_flexion", "thoracic_lateral_flexion", "lumbar_lateral_flexion"),
}
_MOVING = re.compile(r"\b(?:head|neck|trunk|torso|look|turn|rotate|rotation|twist|side[- ]?bend(?:ing)?|flexion|tilt)$")
_SLIDES, _DOWN_THE_LEG = re.compile(r"\b(?:slid\w+|run)\b"), re.compile(r"^down\b.*\b(?:thigh|leg|side)\b")
_PLACES = ("", "side", "shoulder", "ear", "armpit", "pocket", "cheek", "hip")
"""What head and trunk turn or bend towards."""


def turning(mention: Mention, before: str, after: str, sentence: str) -> Turning | None:
    """What a clause says of head or trunk turning or bending to the named side."""
    if mention.part == "hand" and _SLIDES.search(before) and _DOWN_THE_LEG.match(after):
        return Turning("trunk", "bent", lambda pose: pose.toward(mention.side, *BENDING["trunk"]))
    near = f"{before} {after}"
    noun = not mention.part and bool(_MOTION_AFTER.match(after))
    ear = mention.part == "ear"
    if mention.part not in _PLACES or not (noun or ear or _aims(mention, before)):
        return None
    motion = _motion(near if noun or ear or _TURN.search(near) or _BEND.search(near) else sentence, ear)
    if not motion:
        return None
    words = near if _HEAD.search(near) or _TRUNK.search(near) else sentence
    looks = about_face(words)
    about = "" if looks else "head" if _HEAD.search(words) or ear else "trunk" if _TRUNK.search(words) else ""
    if _LOWER.search(near) or (
        not about and ((mention.part and not looks) or _LIMB.search(near if before else sentence))
    ):
        return None
    axes = ROTATION if motion == "turned" else BENDING
    names = axes[about] if about else (*axes["head"], *axes["trunk"])
    return Turning(about or "body", motion, lambda pose: pose.toward(mention.side, *names))


def about_face(words: str) -> bool:
    """Whether one looks somewhere, which neck or trunk may do."""
    return bool(re.search(r"\blook\w*|\bgaze\b", words)) and not re.search(r"\b(?:head|neck|trunk|down)\b", words)


def _aims(mention: Mention, before: str) -> bool:
    """Whether the side is a direction: `to the left`, `over the left shoulder`, `neck left`, `, left`."""
    return bool(_TOWARD.search(before)) or (not mention.part and bool(_MOVING.search(before)))


def _motion(words: str, ear: bool) -> str:
    if ear or (_BEND.search(words) and not re.search(r"\b(?:turn\w*|rotat\w*|twist\w*)\b", words)):
        return "bent"
    return "turned" if _TURN.search(words) else ""


_KNEES = re.compile(r"\b(?:both|the|your|bent|two)?\s*(?:knees|legs|thighs|pelvis|hips)\b")


def knees_aside(mention: Mention, before: str, near: str) -> BodyTest | None:
    """The test of `both knees lowered to the left`, where a clause says so."""
    if mention.part not in ("", "side") or not _TOWARD.search(before) or not _KNEES.search(near):
        return None
    return lambda pose: pose.toward(mention.side, "lower_trunk_rotation")


_LIE = re.compile(
    r"\b(?:recovery|lie|lies|lying|lay|laying|side[- ]?lying|roll\w*|turn\w*|clam\w*|side[- ]?plank|side[- ]?bridge|"
    r"decubitus|plank)\b"
)
_ON = re.compile(r"\b(?:on|onto|on to)\s+(?:the|your|his|her|its)?\s*$")
_ENDS = r"\b(?=\s*(?:$|position|posture|with\b|on\b|from\b|the pillow|pillow|knees\b))"
"""`left side-lying` by itself names the side below; `left side-lying hip abduction` may name the limb."""
_NAMED_LYING = re.compile(
    rf"^[\s-]*(?:side[- ]?lying|side[- ]?plank|lateral decubitus|lateral recumbent|side[- ]?bridge){_ENDS}"
)
_SIDE_LYING = re.compile(rf"^[\s-]*(?:lying|plank|bridge|down){_ENDS}")
_NAMED_BEFORE = re.compile(r"\b(?:side[- ]?lying|side[- ]?plank|side[- ]?bridge)[\s(,:-]*$")
_PROPPED = ("forearm", "elbow", "hand", "side", "")


def lying_side(mention: Mention, before: str, after: str, lead: str) -> BodyTest | None:
    """The test of `lying on the left side`, where a clause says so, or the words that `lead` up to it."""
    named = _NAMED_LYING.match(after) or (mention.part == "side" and _SIDE_LYING.match(after))
    supported = mention.part in _PROPPED and _ON.search(before) and _LIE.search(lead.rpartition(".")[2])
    propped = mention.part in ("forearm", "elbow", "hand") and _ON.search(before) and re.search(r"\bprop", before)
    if not (named or supported or propped or _NAMED_BEFORE.search(lead)):
        return None
    return lambda pose: 0 if not pose.lies_on else 1 if pose.lies_on == mention.side else -1
