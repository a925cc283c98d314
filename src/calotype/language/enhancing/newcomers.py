"""People whom an answer has and its prompt has not: nobody may come in.

One person may be called by several words (`a grandfather`, `the old man`); a word that is not of the prompt names
somebody of it only where it says so: `the man`, not `a man`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calotype.ground.light_dataclass import dataclass
from calotype.language.enhancing.stems import hyphened_clauses, is_of_body

_NEUTRAL, _FEMALE, _MALE, _ANY, _ADULT, _CHILD = "", "female", "male", "", "adult", "child"
_WORDS = {
    (_FEMALE, _ADULT): """
        woman/women lady/ladies mother/mothers grandmother/grandmothers grandma/grandmas wife/wives mum/mums mom/moms
        waitress/waitresses bride/brides actress/actresses aunt/aunts girlfriend/girlfriends maid/maids""",
    (_MALE, _ADULT): """
        man/men gentleman/gentlemen guy/guys father/fathers grandfather/grandfathers grandpa/grandpas husband/husbands
        waiter/waiters dad/dads policeman/policemen uncle/uncles businessman/businessmen boyfriend/boyfriends
        butler/butlers""",
    (_FEMALE, _CHILD): "girl/girls daughter/daughters granddaughter/granddaughters",
    (_MALE, _CHILD): "boy/boys son/sons grandson/grandsons",
    (_FEMALE, _ANY): "sister/sisters", (_MALE, _ANY): "brother/brothers",
    (_NEUTRAL, _CHILD): "child/children kid/kids baby/babies toddler/toddlers teenager/teenagers",
    (_NEUTRAL, _ADULT): "adult/adults barista/baristas nurse/nurses doctor/doctors soldier/soldiers customer/customers",
    (_NEUTRAL, _ANY): """
        person/persons figure/figures human/humans friend/friends stranger/strangers passerby/passersby twin/twins
        passer-by/passers-by onlooker/onlookers bystander/bystanders pedestrian/pedestrians guest/guests
        companion/companions colleague/colleagues neighbour/neighbours neighbor/neighbors spectator/spectators
        visitor/visitors shopper/shoppers commuter/commuters apprentice/apprentices assistant/assistants
        partner/partners client/clients worker/workers student/students teacher/teachers tourist/tourists
        dancer/dancers actor/actors musician/musicians player/players servant/servants intruder/intruders
        pianist/pianists violinist/violinists guitarist/guitarists drummer/drummers singer/singers chef/chefs
        baker/bakers bartender/bartenders driver/drivers courier/couriers cyclist/cyclists runner/runners jogger/joggers
        patient/patients family/families couple/couples audience/audiences crowd/crowds someone/somebody""",
}
"""By sex and age, words for one person and for several."""
_MANY = frozenset(("crowd", "couple", "family", "audience"))

_CROWDS = frozenset((
    "people", "crowd", "audience", "pedestrian", "passerby", "passer-by", "guest", "customer", "visitor", "shopper",
    "tourist", "commuter", "spectator"))
"""Of these there are so many that anybody may be among them."""


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    plural: bool
    sex: str
    age: str


def _kinds() -> Iterator[tuple[str, _Kind]]:
    for (sex, age), words in _WORDS.items():
        for pair in words.split():
            one_person, several = pair.split("/")
            yield one_person, _Kind(one_person, one_person in _MANY, sex, age)
            yield several, _Kind(one_person, True, sex, age)
    yield "people", _Kind("people", True, _NEUTRAL, _ANY)


_KINDS = dict(_kinds())
PEOPLE = frozenset(_KINDS)
ONE_PERSON = frozenset((*(word for word, kind in _KINDS.items() if not kind.plural), "people", "women", "men"))
_GENERIC = frozenset(("person", "figure", "human", "adult"))
_PRONOUNS = {**dict.fromkeys(("he", "him", "his", "himself"), _MALE),
             **dict.fromkeys(("she", "her", "hers", "herself"), _FEMALE)}
_NO_PERSON = {
    "baby": {"blue", "pink", "grand"}, "couple": {"of"}, "guest": {"room", "house"}, "twin": {"lamps", "beds",
    "windows", "lights"},
    "family": {"kitchen", "table", "home", "house", "room", "farm", "business", "recipe", "photo", "photograph",
    "feel"},
    "human": {"touch", "scale", "presence", "warmth", "skin", "moment", "eye", "hand", "figure", "form", "gesture"},
    "figure": {"of"}, "figures": {"of"}, "man": {"made"}, "customer": {"service"}, "crowd": {"of"},
}
"""Words that make something else of the one before."""
_THE = frozenset(("the", "this", "that"))
_A = frozenset(("a", "an", "another", "one"))
_OTHER = frozenset(("other", "different", "new", "unknown", "another", "unfamiliar"))
_NO = frozenset(("no", "without", "nor"))
_PARTS = frozenset(("hand", "hands", "arm", "arms", "leg", "legs", "foot", "feet", "finger", "fingers", "head", "heads",
                    "face", "faces", "eye", "eyes"))
_COMES = frozenset((
    "enters", "enter", "comes", "come", "emerges", "emerging", "appears", "appearing", "grows", "growing", "sprouts",
    "sprouting", "floats", "floating", "entering", "coming", "outside", "off-screen", "nowhere", "disembodied",
    "severed",
    "detached", "ghostly"))


@dataclass(frozen=True, slots=True)
class _Mention:
    """A word for people: its `kind`, `article` before it, whether it is said to be somebody else (`other`), and the
    words that stand after it."""

    word: str
    kind: _Kind
    article: str
    other: bool
    after: tuple[str, ...]


def has_people(prompt: str) -> bool:
    """Whether a prompt speaks of people, as far as its words tell."""
    words = [word for clause in hyphened_clauses(prompt) for word in clause]
    return any(word in _PRONOUNS or is_of_body(word) for word in words) or any(
        True for clause in hyphened_clauses(prompt) for _ in _mentions(clause))


def newcomers(prompt: str, keep: Sequence[str], answer: str) -> Iterator[str]:
    """Whom the `answer` brings in."""
    cast = _Cast(prompt, keep)
    seen: set[str] = set()
    for words in hyphened_clauses(answer):
        for mention in _mentions(words):
            name = f"{mention.article} {mention.word}".strip()
            if not cast.has(mention) and name not in seen:
                seen.add(name)
                yield f"`{name}` is nobody of the prompt"
        limb = _limb(words)
        if limb and limb not in prompt.casefold():
            yield f"`{limb}` is of nobody in the prompt"
    yield from cast.strange_pronouns(answer)


def _mentions(words: Sequence[str]) -> Iterator[_Mention]:
    """The people that a clause names. A possessive names somebody where a part of a body is theirs: `a man's hand`."""
    for place, token in enumerate(words):
        after = tuple(words[place + 1: place + 8])
        word = token.removesuffix("'s")
        if word not in _KINDS or (after and after[0] in _NO_PERSON.get(word, ())):
            continue
        if word != token and not any(each in _PARTS for each in after[:3]):
            continue
        before = words[max(0, place - 3): place]
        if _NO.intersection(before):
            continue
        article = next((each for each in reversed(before) if each in _THE | _A or each in _PRONOUNS or each in (
            "their", "its")), "")
        yield _Mention(word, _KINDS[word], article, bool(_OTHER.intersection(before)), after)


class _Cast:
    """The people of a prompt, and how often each was introduced (`a woman`) so far."""

    def __init__(self, prompt: str, keep: Sequence[str]) -> None:
        self._clauses = list(hyphened_clauses(prompt))
        self._people = [mention for words in self._clauses for mention in _mentions(words)]
        self._names = {mention.kind.name for mention in self._people}
        self._plural = {mention.kind.name for mention in self._people if mention.kind.plural}
        self._crowded = any(mention.kind.plural and mention.kind.name in _CROWDS for mention in self._people)
        self._sexes = {_PRONOUNS[word] for words in self._clauses for word in words if word in _PRONOUNS}
        self._may_begin = {name: sum(each.article in _A for each in self._people if each.kind.name == name)
                           for name in self._names}
        self._keep = [words for phrase in keep for words in [next(hyphened_clauses(phrase), [])] if words]
        self._mentioned: set[str] = set()
        self._others = {mention.word for mention in self._people if mention.other}

    def has(self, mention: _Mention) -> bool:
        kind = mention.kind
        if self._crowded and not kind.sex:
            return True
        if mention.other and mention.word not in self._others:
            return False
        if kind.name in self._names:
            return (not kind.plural or kind.name in self._plural) and self._introduced(mention)
        is_shown = mention.article in _THE
        if kind.plural:
            return is_shown and any(other.kind.plural and self._may_be(kind, other.kind) for other in self._people)
        if kind.name in _GENERIC and (is_shown or not mention.article):
            return True
        if not self._names:
            return kind.sex in self._sexes and self._begin(kind.name)
        return is_shown and any(self._may_be(kind, other.kind) for other in self._people)

    def _introduced(self, mention: _Mention) -> bool:
        """Whether it is somebody who is known already, or whom the prompt introduces as well. A phrase that must stand
        introduces nobody."""
        if any(words[:2] == [mention.word, *mention.after[:1]] for words in self._keep):
            return True
        begins = mention.article in _A
        is_new = mention.kind.name not in self._mentioned
        self._mentioned.add(mention.kind.name)
        return not begins or self._begin(mention.kind.name) or is_new

    def _begin(self, name: str) -> bool:
        self._may_begin[name] = self._may_begin.get(name, 1) - 1
        return self._may_begin[name] >= 0

    def _may_be(self, kind: _Kind, other: _Kind) -> bool:
        sexes = {other.sex} if other.sex else self._sexes or {kind.sex}
        return (not kind.sex or kind.sex in sexes) and (not kind.age or not other.age or kind.age == other.age)

    def strange_pronouns(self, answer: str) -> Iterator[str]:
        """`he` where the prompt has women alone, and the other way about."""
        sexes = self._sexes | {mention.kind.sex for mention in self._people if mention.kind.sex}
        if any(not mention.kind.sex for mention in self._people) and (not self._sexes or len(self._names) > 1):
            return
        pronouns = {word: _PRONOUNS[word] for words in hyphened_clauses(answer) for word in words if word in _PRONOUNS}
        strange = sorted(word for word, sex in pronouns.items() if sexes and sex not in sexes)
        if strange or (not sexes and len(set(pronouns.values())) > 1):
            yield f"`{(strange or sorted(pronouns))[0]}` is nobody of the prompt"


def _limb(words: Sequence[str]) -> str:
    """A part of a body that comes in: `a hand enters from the left`, `a disembodied arm`."""
    for place, word in enumerate(words):
        if word in _PARTS and word not in ("head", "face", "eye") and is_of_body(word):
            before = words[max(0, place - 3): place]
            begins = next((each for each in range(len(before)) if before[each] in _A), None)
            near = [*before, *words[place + 1: place + 7]]
            if (begins is not None or word.endswith("s")) and _COMES.intersection(near):
                return " ".join([*(before[begins:] if begins is not None else ()), word])
    return ""
