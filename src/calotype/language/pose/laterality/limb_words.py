"""What words say of a limb, and the test of a pose for each. Must not know texts as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from calotype.language.pose.laterality.evidence import Evidence
from calotype.language.pose.laterality.side_words import ARM, LEG, other

LimbTest = Callable[[Evidence, str, str], int]


class Rule(NamedTuple):
    """`words` in a clause, of one of `parts`, ask for a test. `acts`: they also say that the limb moves. `unless` words
    stand beside them, which mean something else."""

    kind: str
    words: re.Pattern[str]
    parts: tuple[str, ...]
    test: LimbTest
    acts: bool = True
    unless: re.Pattern[str] | None = None

    def says(self, text: str) -> bool:
        return bool(self.words.search(text)) and not (self.unless and self.unless.search(text))


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b")


def _axis(axis: str, sign: int = 1, least: float = 15.0, apart: float = 12.0, share: float = 0.04) -> LimbTest:
    return _furthest((axis, sign), least=least, apart=apart, share=share)


def _furthest(*axes: tuple[str, int], least: float = 15.0, apart: float = 12.0, share: float = 0.04) -> LimbTest:
    """The test of the joint that goes furthest, of (axis, sign)."""
    return lambda pose, side, part: pose.more(side, axes, least, apart, share)


def _first(*tests: LimbTest) -> LimbTest:
    """The first test that can tell."""
    return lambda pose, side, part: next((answer for test in tests if (answer := test(pose, side, part))), 0)


def _ahead(pose: Evidence, side: str, part: str) -> int:
    return pose.ahead(side, part)


def _behind(pose: Evidence, side: str, part: str) -> int:
    return pose.ahead(side, part, -1)


def _bears(pose: Evidence, side: str, part: str) -> int:
    return pose.bears(side)


def _kneels(pose: Evidence, side: str, part: str) -> int:
    return pose.kneels(side)


def _extended(pose: Evidence, side: str, part: str) -> int:
    """Whether this hip is the straighter one; one that comes from the base's bend is straightened too."""
    answer = pose.more(side, (("hip_flexion", -1),), 5.0, 12.0, 0.04)
    return 0 if answer < 0 and pose.straightens(side, "hip_flexion") else answer


def _touches(pose: Evidence, side: str, part: str) -> int:
    """Whether the pose says that this side's part touches something, and not the other's."""
    here, there = pose.holds(side, part), pose.holds(other(side), part)
    return 0 if here == there else 1 if here else -1


def _hangs(pose: Evidence, side: str, part: str) -> int:
    return -_touches(pose, side, part)


def _on_top(pose: Evidence, side: str, part: str) -> int:
    return 0 if not pose.lies_on else -1 if pose.lies_on == side else 1


def _below(pose: Evidence, side: str, part: str) -> int:
    return -_on_top(pose, side, part)


_SLIGHT = _words(r"slight\w*|soft|unlock\w*|a little|(?:to|towards?) the (?:floor|ground|mat)")
_BEND = r"bend|bends|bent|bending|flex|flexes|flexed|flexing|flexion|curl|curls|curled|curling"
_STRAIGHT = (
    r"straight|straighten|straightens|straightened|straightening|extend|extends|extended|extending|extension|"
    r"locked|outstretched|lengthened|quad|quads"
)
_LIFT = (
    r"raise|raises|raised|raising|lift|lifts|lifted|lifting|elevat\w+|hover\w*|off the \w+|above the \w+|"
    r"up|upwards?|in the air|to (?:the|your) ceiling|march\w*|slr|kick"
)
_FLOOR = (
    r"(?:in|on)to the (?:floor|bed|mat|ground|mattress)|"
    r"(?:flat )?on (?:the|your) (?:floor|bed|mat|ground|plinth|couch)|stays? (?:flat|down|on|put)|flat|"
    r"remains? (?:flat|down|on)|stays?|stay down|planted"
)
_OUT = r"sideways?|(?:out )?to the side|abduct\w*|outwards?|away from the midline|lateral raise|lateral(?:ly)?"
_SURFACE = (
    r"on (?:the|a|your) (?:table|wall|chair|step|bench|bar|rail|thigh|hip|waist|ground|floor|mat)|"
    r"against|lean\w*|support\w*|prop\w*|hold on|holding|hold a|weight|stays? on|flat"
)
_THINGS = "step|chair|stool|box|ball|bench|wall|table|frame|rail"

_LOWER, _UPPER = LEG, tuple(part for part in ARM if not part.startswith("shoulder"))

LIMB_RULES: tuple[Rule, ...] = (
    # standing, kneeling, lying: limbs that carry
    Rule("stance", re.compile(r"\b(?:stand\w*|balanc\w+|weight\w*|support\w*|rise|push up|hop\w*|land\w*|stay)\b[^|]*"
         r"\b(?:on|onto|over|through|to|into)\s+(?:the |your )?(?:ball of the )?\|"
         r"|\b(?:single|one)[- ]leg(?:ged)?\b|\bstance\b|\bsupporting\b|\bweight[- ]bearing\b"), LEG, _bears,
         acts=False),
    Rule("kneeling", re.compile(r"\b(?:rest(?:s|ing)?|supported|weight) (?:on|by) .*\|"), ("knee", "shin"), _kneels,
         acts=False),
    Rule("kneeling", _words(r"kneel|kneels|kneeling|half[- ]kneeling|knelt"), ("knee", "leg", "shin"), _kneels,
         acts=False, unless=_words(r"four[- ]point kneeling|from kneeling|foot|in front|forwards?")),
    Rule("kneeling", _words(r"(?:resting |down )?on (?:the|a) (?:floor|mat|ground|cushion|pad|pillow)|down|cushion"),
         ("knee",), _kneels, acts=False, unless=_words(_LIFT.replace("|up|", "|"))),
    Rule("below", _words(r"underneath|bottom|lowermost|below"), ("leg", "arm", "knee", "thigh"), _below, acts=False,
         unless=_words(r"to the bottom|towards? the bottom")),
    Rule("on top", _words(r"on top|uppermost|top"), ("leg", "arm", "knee", "thigh", "foot"), _on_top, acts=False),
    Rule("low", _words(r"lower\w*|towards? the (?:floor|ground|mat)|drops?"), ("knee",), Evidence.low, acts=False),
    Rule("level", _words(r"parallel to the (?:floor|ground)|horizontal|level with"), ("thigh",), _axis("hip_flexion",
         least=60, apart=20), acts=False),
    Rule("flat", _words(r"flat"), ("foot", "heel", "sole"), Evidence.flat, acts=False),
    Rule("low", _words(_FLOOR), tuple(part for part in _LOWER if part != "heel"), Evidence.low, acts=False,
         unless=_words(r"stays? straight|straight out")),
    Rule("low", _words(_FLOOR.replace("|flat|", "|") + r"|weight (?:\w+ )?(?:on|over|through|in)to?|support\w*|"
                       r"floor away"), (*_UPPER,), Evidence.low, acts=False,
         unless=_words(r"straight|chest")),
    Rule("on", re.compile(rf"\bon (?:to )?(?:the|a) (?:{_THINGS})\b"), (*_UPPER, "foot", "heel"), _touches,
         acts=False),
    Rule("touch", _words(_SURFACE), ("arm", "hand", "palm", "forearm", "elbow", "fingers"), _touches, acts=False),
    Rule("hanging", _words(r"hang|hangs|hanging|dangl\w+|relaxed|swing\w*|loose\w*"), ("arm", "hand"), _hangs,
         acts=False),
    Rule("still",
         _words(r"under (?:the|your) (?:hip|shoulder)s?|still|at (?:the|your) side|by (?:the|your) side|"
                r"(?:beside|alongside) (?:you|the body|your body)"),
         ("knee", "leg", "arm", "hand"), Evidence.still, acts=False, unless=_words(r"elbow")),
    # bent and straight
    Rule("bent", _words(_BEND), ("leg", "knee", "shin", "heel"), _axis("knee_flexion", least=25, apart=20),
         acts=False, unless=_SLIGHT),
    Rule("bent", _words(_BEND), ("arm", "elbow"), _axis("elbow_flexion", least=25, apart=20), acts=False,
         unless=_SLIGHT),
    Rule("bent", _words(_BEND), ("hip", "thigh"), _axis("hip_flexion", least=25, apart=15), acts=False,
         unless=_SLIGHT),
    Rule("bent", _words(_BEND), ("shoulder",), _axis("shoulder_flexion", least=25, apart=15), acts=False),
    Rule("bent", _words(r"heel slides?|quad\w* stretch"), ("knee", "leg", "heel"), _axis("knee_flexion", least=25,
         apart=20), acts=False),
    Rule("bent", _words(r"to(?:wards)? (?:the|your) (?:buttocks?|bottom|glutes?|seat)"), (*LEG,),
         _axis("knee_flexion", least=45, apart=20)),
    Rule("straight", _words(_STRAIGHT), ("leg", "knee", "shin", "foot"), lambda pose, side, part: pose.straight(side,
         "knee_flexion"), acts=False, unless=_words("hip extension|quad\\w* stretch")),
    Rule("straight", _words(_STRAIGHT), ("arm", "elbow"), lambda pose, side, part: pose.straight(side,
         "elbow_flexion"), acts=False),
    Rule("extended", _words(r"extend\w*|extension|straight\w*"), ("hip", "thigh"), _extended,
         acts=False),
    Rule("extended", _words(r"extend\w*|extension|(?:pulled|bent|bends?|bending)(?: [^|]*\|)? back"), ("wrist", "hand"),
         _axis("wrist_flexion", -1)),
    Rule("extended", _words(r"extension|backwards?|behind you|(?<=\| )back(?= against|$)"), ("shoulder", "arm"),
         _axis("shoulder_flexion", -1, least=5), acts=False, unless=_words(r"elbow extension|wrist|knee|hip")),
    Rule("hugged", _words(r"to(?:wards)? (?:the|your) chest|hug\w*|draw\w*|knee[- ]to[- ]chest|up with both hands"),
         ("leg", "knee", "thigh"), _axis("hip_flexion", least=60, apart=20, share=1), acts=False),
    # up, forward, back, out, in, across
    Rule("raised", _words(_LIFT), (*_LOWER,), Evidence.raised,
         unless=_words(r"(?:heel|calf) raises?|heel of|toes (?:pulled )?up|pull\w*|on ?to|into the|until the knee|"
                       r"the ball|ball of|up towards? (?:the|your) shin")),
    Rule("raised", _words(_LIFT), (*_UPPER,), _first(Evidence.elevated, Evidence.raised),
         unless=_words(r"palm up|thumb up|ceiling|behind|between|(?<!over)shoulder (?:raised|lifted|up)")),
    Rule("raised", _words(r"ceiling"), (*_UPPER,), Evidence.raised, acts=False),
    Rule("overhead", _words(r"overhead|beside (?:the|your) ears?"), (*_UPPER,), Evidence.overhead, acts=False),
    Rule("heel", _words(_LIFT + "|heel raise"), ("heel",), _first(_axis("ankle_dorsiflexion", -1), Evidence.raised),
         unless=_words(r"ceiling")),
    Rule("heel", _words("(?:heel|calf) raises?|rise|on ?to the ball|on ?to the toes"), ("foot", "leg"),
         _furthest(("ankle_dorsiflexion", -1), ("toe_extension", 1)), acts=False),
    Rule("palm up", _words(r"palms? (?:faces? )?up(?:wards)?|supinat\w*"), ("palm", "hand", "forearm", "elbow"),
         _axis("forearm_supination")),
    Rule("palm down", _words(r"palms? (?:faces? )?down(?:wards)?|pronat\w*"), ("palm", "hand", "forearm", "elbow"),
         _axis("forearm_supination", -1)),
    Rule("palm up", _words("up"), ("palm",), _axis("forearm_supination")),
    Rule("behind the head", _words(r"behind (?:the|your) (?:head|neck|ear)"), ("hand", "arm"), _axis("elbow_flexion",
         least=60), acts=False),
    Rule("behind the back", _words(r"behind (?:the|your) (?:lower )?back|between (?:the|your) shoulder blades"),
         ("hand", "arm"), _axis("shoulder_flexion", -1, least=5), acts=False),
    Rule("shrugged", _words(r"shrug\w*|hitch\w*|raise\w*|lift\w*|elevat\w*|ear|up"), ("shoulder", "shoulder blade"),
         _axis("scapular_elevation", least=8, apart=8)),
    Rule("ahead", _words(r"forwards?|in front|front|ahead|lunge|leads?|leading|first"), (*_LOWER,), _ahead,
         acts=False,
         unless=_words(r"behind|back leg|at the front|lean\w*|tilt\w*|pointing forwards?|toes pointing|straight out")),
    Rule("ahead", _words(r"reach\w*|forwards?|in front"), (*_UPPER,), _first(Evidence.elevated, _ahead),
         unless=_words(_FLOOR + "|across")),
    Rule("behind", _words(r"behind|backwards?|rear|(?<=\| )back(?! (?:straight|flat|of|to|down))|back leg|"
                          r"straight back|step\w* .*back|moves? back|take .* back"),
         (*_LOWER,), _behind,
         unless=_words(r"hold\w*|ankle|(?:put|bring|set|place)s? (?:it|them) back|(?:the|a|low|high) step")),
    Rule("out", _words(_OUT), ("leg", "hip", "thigh", "knee", "foot"), _furthest(
         ("hip_abduction", 1), ("hip_external_rotation", 1))),
    Rule("out", _words(_OUT), ("arm", "shoulder", "elbow", "hand"), _furthest(
         ("shoulder_abduction", 1), ("shoulder_horizontal_abduction", 1), ("shoulder_external_rotation", 1))),
    Rule("turned out",
         _words(r"outwards?|turn\w* out|external\w*|lateral\w* rotat\w*|lateral rotation|open\w*|falls? open|"
                r"fall[- ]?outs?|drops? out\w*|falls? out\w*"),
         ("leg", "hip", "knee", "thigh", "foot"), _furthest(
         ("hip_external_rotation", 1), ("hip_abduction", 1))),
    Rule("turned out", _words(r"outwards?|turn\w* out|external\w*|lateral\w* rotat\w*"), ("arm", "shoulder",
         "forearm", "hand", "elbow"), _axis("shoulder_external_rotation")),
    Rule("turned in", _words(r"inwards?|turn\w* in|internal\w*|medial\w* rotat\w*"), ("leg", "hip", "knee", "thigh",
         "foot"), _axis("hip_external_rotation", -1)),
    Rule("turned in", _words(r"inwards?|turn\w* in|internal\w*|medial\w* rotat\w*"), ("arm", "shoulder", "forearm",
         "hand"), _axis("shoulder_external_rotation", -1)),
    Rule("turned out", _words(r"outwards?|turn\w* out"), ("forearm",), _axis("forearm_supination", least=3, apart=3)),
    Rule("turned in", _words(r"inwards?|turn\w* in"), ("forearm",), _axis("forearm_supination", -1, least=3, apart=3)),
    Rule("crossed", _words(r"cross\w*|over (?:the|your) (?:other|opposite)|on (?:the|your) (?:opposite )?thigh|"
                               r"figure[- ](?:four|4)"),
         LEG, _axis("hip_external_rotation", apart=15), unless=_words(r"over the (?:ankle|foot|toes)")),
    Rule("across", _words(r"across|cross-body"), ("arm", "elbow", "shoulder", "hand"),
         _furthest(("shoulder_horizontal_abduction", -1), ("shoulder_abduction", -1), least=30)),
    Rule("sole in", _words(r"inwards?|in|invert\w*"), ("sole",), _axis("ankle_inversion", least=8, apart=8)),
    Rule("sole out", _words(r"outwards?|out|evert\w*"), ("sole",), _axis("ankle_inversion", -1, least=8, apart=8)),
    Rule("toes up", _words(r"dorsiflex\w*|up|towards? the shin|towards? you"), ("foot", "toes", "ankle"),
         _axis("ankle_dorsiflexion", least=8, apart=10),
         unless=_words(r"on ?to|rise|raised|lift\w*|push\w*")),
    Rule("toes up", _words(r"(?:lift|raise|pull)\w* (?:the |your )?(?:front|toes) of"), ("foot",),
         _axis("ankle_dorsiflexion", least=8, apart=10), acts=False),
    Rule("toes down", _words(r"plantar[- ]?flex\w*|point|pointed|points (?:down|away)"), ("foot", "toes", "ankle"),
         _axis("ankle_dorsiflexion", -1, least=8, apart=10), unless=_words(r"ceiling|forwards?")),
)
"""A part may fall under several: it is false only where one of them finds the sides exchanged, and none
finds them right."""

FAR = frozenset((
    "bent", "straight", "raised", "out", "turned out", "turned in", "ahead", "behind", "extended", "heel",
    "stance", "hugged", "crossed", "overhead", "palm up", "palm down",
))
"""What an exercise's name says of a limb from another clause."""

LASTING = frozenset(("still", "low", "flat", "hanging", "straight"))
"""What a limb that moves may do before or after."""

MOVING_WORDS = _words(
    r"mov\w+|take|takes|taking|bring\w*|swing\w*|slid\w+|step|steps|kick\w*|circl\w+|draw\w*|pull\w*|"
    r"cross\w*|turn\w*|rotat\w+|walk\w*|point\w*|pulses?|push\w* out|reach\w*|lower\w*|drop\w*|works?|"
    r"working|exercise|clasp\w*|make|form|wave|wiggle|hold|holds|held"
)
"""Where no rule knows the words, these say that the limb moves."""
STILL_WORDS = _words(
    r"keep|keeps|keeping|stay|stays|remain\w*|rest|rests|resting|relax\w*|still|flat|hold on|holding|support\w*|"
    r"place|placed|straight|should|down|lean\w*|let|on|use|uses|using|help\w*|assist\w*|"
    r"behind|under|band|strap|loop|cuff|towel|around|round|support\w*"
)
"""Beside these a limb need not move."""
