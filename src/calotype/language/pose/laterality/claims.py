"""What a text says of the side that it names: where it bends, lifts, stands, kneels, lies, turns. Must not know files.

A claim is a mention with the tests that its words ask for. Words are looked for in the clause of the mention and,
where the clause says nothing, in its whole sentence, unless that speaks of the other side too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.laterality.evidence import Evidence
from calotype.language.pose.laterality.limb_words import FAR, LASTING, LIMB_RULES, MOVING_WORDS, STILL_WORDS, Rule
from calotype.language.pose.laterality.side_words import ARM, LEG, Mention, plain
from calotype.language.pose.laterality.trunk_words import knees_aside, lying_side, turning

Test = Callable[[Evidence], int]


@dataclass(frozen=True, slots=True)
class Claim:
    """`about` is the part that is spoken of; `kinds` names what is said of it."""

    mention: Mention
    about: str
    kinds: frozenset[str]
    tests: tuple[Test, ...]
    lasting: tuple[Test, ...] = ()
    """Tests of what a limb that moves may do for a while: they find it false only where it is so all the time."""

    @property
    def words(self) -> str:
        return self.mention.words

    def false(self, phases: Sequence[Evidence]) -> bool:
        """Whether some test finds the sides exchanged in some phase, and none in any phase finds them right."""
        answers = [[test(phase) for phase in phases] for test in self.tests]
        lasting = [[test(phase) for phase in phases] for test in self.lasting]
        if any(1 in each for each in (*answers, *lasting)):
            return False
        return any(-1 in each for each in answers) or any(set(each) == {-1} for each in lasting)


class Clause(NamedTuple):
    """The words round a mention: its clause and its sentence, in lower case, the mention itself cut out of `near`."""

    near: str
    before: str
    after: str
    sentence: str


_BREAKS = re.compile(
    r"[.;:!?()\n]|,|\s[-\u2013\u2014]\s|"
    r"\b(?:and then|and|while|whilst|then|with|as|until|till|but|so that|without|keeping)\b"
)
_SENTENCES = re.compile(r"[.;!?\n]")
_OTHER = re.compile(r"\b(?:other|opposite|contralateral|alternate|both|each|either|swap|switch|repeat|sides)\b")
_FELT = re.compile(
    r"\b(?:feel|felt|feeling|sensation|tension|stretch(?:es|ing)? (?:in|on|at|along|of|deep|down)|"
    r"should feel|stretch(?:es|ed)$|tightness)\b"
)
_WITH = re.compile(r"\bwith\s+(?:the|your|a)?\s*$")
_DENIED = re.compile(r"\b(?:not|never|don't|cannot|avoid\w*|without|no|rather than|instead of)\b[^.,;:]*$")
_BESIDE = re.compile(
    r"\b(?:under(?:neath)?|past|beyond|beside|near|next to|above|below|between)\s+(?:the|your|his|her)?\s*$"
)
"""A limb after these is a place, and another one moves to it."""
_DEGREES = re.compile(r"\b(\d+(?:\.\d+)?)\s*(?:degrees?\b|\u00b0)")
_AGAIN = re.compile(r"\b(?:repeat|swap|switch|change|alternat\w+|then do|same)\b")


def claims(text: str, named: Sequence[Mention]) -> Iterator[Claim]:
    """The claims of a text whose mentions all name one side."""
    words = plain(text)
    for mention in named:
        clause = _clause(words, mention)
        if _AGAIN.search(clause.sentence) or _DENIED.search(words, 0, mention.start):
            continue
        claim = _of_the_body(mention, clause, words) or _of_a_limb(mention, clause, words)
        if claim is not None:
            yield claim


def _clause(words: str, mention: Mention) -> Clause:
    ends = [0, *(match.end() for match in _BREAKS.finditer(words, 0, mention.start))]
    if _WITH.search(words, 0, mention.start):
        del ends[-1]
    start = ends[-1]
    broken = _BREAKS.search(words, mention.end)
    end = broken.start() if broken else len(words)
    first = max((match.end() for match in _SENTENCES.finditer(words, 0, mention.start)), default=0)
    stop = _SENTENCES.search(words, mention.end)
    sentence = words[first : stop.start() if stop else len(words)]
    before, after = words[start : mention.start].strip(), words[mention.end : end].strip()
    return Clause(f"{before} | {after}", before, after, sentence)


def _of_the_body(mention: Mention, clause: Clause, words: str) -> Claim | None:
    """Of head or trunk, or of the side that someone lies on."""
    lying = lying_side(mention, clause.before, clause.after, words[: mention.start])
    if lying:
        return Claim(mention, "side", frozenset(("lying",)), (lying,))
    if _FELT.search(clause.near):
        return None
    turned = turning(mention, clause.before, clause.after, clause.sentence)
    if turned:
        return Claim(mention, turned.about, frozenset((turned.motion,)), (turned.test,))
    aside = knees_aside(mention, clause.before, clause.near)
    if aside:
        return Claim(mention, "knees", frozenset(("lowered",)), (aside,))
    return None


def _of_a_limb(mention: Mention, clause: Clause, words: str) -> Claim | None:
    if _FELT.search(clause.near) or re.match(r"stretch\w*\b", clause.after):
        return None
    if _BESIDE.search(clause.before):
        return None
    part = mention.part if mention.part in (*LEG, *ARM) else _implied(mention, clause, words)
    if not part:
        return None
    rules = _rules(part, clause.near) or ([] if _OTHER.search(clause.sentence) else _farther(part, clause.sentence))
    tests = [_bound(rule.test, mention.side, part) for rule in rules if rule.kind not in LASTING]
    lasting = tuple(_bound(rule.test, mention.side, part) for rule in rules if rule.kind in LASTING)
    acts = all(rule.acts for rule in rules) if rules else bool(MOVING_WORDS.search(clause.near))
    if acts and not STILL_WORDS.search(clause.near):
        tests.append(_bound(Evidence.moved, mention.side, part))
    kinds = frozenset(rule.kind for rule in rules)
    degrees = _DEGREES.search(clause.after)
    if degrees and tests:
        tests.append(partial(_measures, side=mention.side, part=part, degrees=float(degrees[1])))
    return Claim(mention, part, kinds, tuple(tests), lasting) if tests or lasting else None


def _measures(pose: Evidence, side: str, part: str, degrees: float) -> int:
    return pose.measures(side, part, degrees)


def _rules(part: str, words: str) -> list[Rule]:
    return [rule for rule in LIMB_RULES if part in rule.parts and rule.says(words)]


def _farther(part: str, words: str) -> list[Rule]:
    """The rules whose words tell of a limb from another clause too: an exercise named before the side."""
    return [rule for rule in _rules(part, words) if rule.kind in FAR]


def _bound(test: Callable[[Evidence, str, str], int], side: str, part: str) -> Test:
    return lambda pose: test(pose, side, part)


_SINGLE = re.compile(r"(?:single|one)[- ]leg")
_ALONE = re.compile(r"^(?:side|leg|one)?\s*$")
_LIMB_NOUNS = re.compile(
    r"\b(" + "|".join((*LEG, *ARM)) + r"|lunge|slr|quad|hamstring|curl|bridge|march\w*|squat|step)s?\b"
)
_IMPLIED = {
    "lunge": "leg",
    "slr": "leg",
    "quad": "knee",
    "hamstring": "knee",
    "curl": "arm",
    "bridge": "leg",
    "march": "leg",
    "squat": "leg",
    "step": "leg",
}


def _implied(mention: Mention, clause: Clause, words: str) -> str:
    """The limb of `prone knee bend, right` or `a lunge to the right`: what the text names first, where the side stands
    alone."""
    if mention.part in ("bicep", "biceps") and clause.after.startswith("curl"):
        return "arm"
    if mention.part not in ("", "side") or not (_ALONE.match(clause.after) or _SINGLE.match(clause.after)):
        return ""
    noun = _LIMB_NOUNS.search(words)
    if noun is None:
        return ""
    limb = noun[1].rstrip("s") if noun[1] != "toes" else "toes"
    return _IMPLIED.get(limb, "leg" if limb.startswith("march") else limb)
