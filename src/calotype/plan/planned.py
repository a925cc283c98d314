"""A planned target: what it needs, what is known of it, and what comes after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from calotype.engine.rebuild import Asset, Need, Verdict
from calotype.ground.light_dataclass import dataclass, field
from calotype.language.action import Action, request_of
from calotype.language.image import Image
from calotype.language.lora_digests import lora_digests
from calotype.plan.decided.curation import Curation, curation_of
from calotype.plan.decided.standing import UNDECIDED, Standing
from calotype.plan.judging.alike import Groups, groups
from calotype.plan.judging.judgement import UNJUDGED, Judgement, LowScore
from calotype.project.answers import Rejection
from calotype.results.publish.manifest import Line
from calotype.store.hosted_journal import Purchase
from calotype.store.results import Made


@dataclass(frozen=True, slots=True)
class Planned:
    """A target and what it needs. `actions` are its candidates in seed order; empty while their keys are not known:
    `upstream` is then the target whose pick it waits for, if it waits for one; `owed` is the (target, what it lacks)
    for which a human is awaited before that: the same target, or one further up.

    `starts_from` are the targets whose picks its requests hold, `conditions` the control maps. `perform` are the
    actions to be performed now, `ahead` those that are known to follow, and `foreseen` says of each kind at most how
    many more will, whose keys are not known; `drafts` are actions of which some digest is not known yet. `used` are the
    maps and scores that the choice rests on, with what they gave; `human` is what people decided of it.

    `kept` is what is published of a target whose approved picture is none of its candidates: what starts from it
    `goes_on` with that. `put_back` holds its bytes where they are not in its place. `imported` stands for the picture
    that was put in by hand, where that counts: it comes after the candidates, and is known only if it is in `made`.
    `untrained` says which LoRA it waits for that is to be trained by a command of its own; `undecided` is what may have
    been bought for it, and nobody knows: a person must say what becomes of it. `judgement` is what the candidates were
    found worth. `unwritten`: what is foreseen of it depends on a prompt that is not written yet.
    """

    image: Image
    actions: tuple[Action, ...]
    verdict: Verdict
    made: Mapping[str, Made]
    line: Line | None
    asset: Asset
    upstream: str | None = None
    owed: tuple[str, str] | None = None
    starts_from: tuple[str, ...] = ()
    conditions: tuple[Action, ...] = ()
    perform: tuple[Action, ...] = ()
    ahead: tuple[Action, ...] = ()
    drafts: tuple[Action, ...] = ()
    foreseen: Mapping[str, int] = field(default_factory=dict)
    used: tuple[tuple[Action, Made], ...] = ()
    human: Standing = UNDECIDED
    kept: Line | None = None
    put_back: Made | None = None
    imported: Action | None = None
    untrained: str = ""
    undecided: tuple[Purchase, ...] = ()
    unwritten: bool = False
    judgement: Judgement = UNJUDGED

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(action.key for action in self.actions)

    @property
    def chosen(self) -> Action | None:
        """The candidate, or the import, that stands for it, where that is known."""
        choice = self.verdict.choice
        if choice is None:
            return None
        return self.actions[choice.index] if choice.index < len(self.actions) else self.imported

    @property
    def place(self) -> Action | None:
        """The candidate in whose place a picture was put in by hand."""
        decision = self.human.imported
        return None if decision is None else next(each for each in self.actions if each.key == decision.action)

    @property
    def pixels(self) -> str | None:
        """The pixel digest of the picture that stands for it, where that is known."""
        chosen = self.chosen
        if chosen is None:
            return self.kept.pixels if self.kept is not None and self.goes_on else None
        return self.made[chosen.key].output

    @property
    def curation(self) -> Curation:
        """What people said of the place that its published picture has in a training set."""
        line = self.kept or self.line
        return curation_of(self.human.curation, None if line is None else line.pixels)

    @property
    def awaits(self) -> bool:
        """Whether a human is awaited whatever is performed first, as far as that is known."""
        human = self.human
        undecided = self.image.select == "human" and not human.picks
        return human.conflict or human.holds or undecided or self._all_rejected

    @property
    def lacks(self) -> str:
        """Of one for which a human is awaited: why they are, `no_pick`, `rejected` (others are to be asked for),
        `kept_out` (none may stand), `lost_import` or `conflict`; else empty, as for one that goes on with what is
        approved, or awaits a training."""
        if self.untrained or self.undecided or self.goes_on or not (self.verdict.need is Need.AWAIT or self.awaits):
            return ""
        if self.human.imported is not None and not self.human.conflict:
            return "lost_import"
        if self.human.conflict:
            return "conflict"
        return "rejected" if self.decision == "rejected" else "kept_out" if self.shut_out else "no_pick"

    @property
    def shut_out(self) -> bool:
        """Whether judges keep out every candidate that nobody has rejected."""
        kept_out, rejected = self.judgement.kept_out, self.human.rejected
        return bool(kept_out) and all(pixels in kept_out or pixels in rejected for _, pixels in self.pictures())

    @property
    def alike(self) -> Groups:
        """The numbers of the candidates that are nearly the same, as far as hashes of them are recorded."""
        looks = self.judgement.looks
        return groups([(number, looks[pixels]) for number, pixels in self.pictures() if pixels in looks])

    @property
    def lora_names(self) -> dict[str, str]:
        """What the LoRAs that it is rendered with are called, by digest. Those that its renderer does not read are not
        looked for: they may not be there."""
        image = self.image
        asked = lora_digests(request_of(self.actions[0].components)) if image.loras and self.actions else ()
        named = ((image.digest(lora.path), lora.name) for lora in image.loras if asked)
        return {digest: name for digest, name in named if digest in asked}

    @property
    def goes_on(self) -> bool:
        """Whether what starts from it goes on with the picture that it keeps: not where decisions contradict."""
        return self.kept is not None and not self.human.conflict

    @property
    def moves_away(self) -> bool:
        """Whether the picture that it keeps is to be put to another path."""
        return self.kept is not None and self.loses and self.kept.path != self.image.path

    @property
    def loses(self) -> bool:
        """Whether the picture that it keeps is not in its place, and can be put back there."""
        return self.kept is not None and (self.put_back is not None or self.kept.action in self.verdict.actions)

    @property
    def decision(self) -> str:
        """What people decided, in a word: picked, imported, approved, stale-imported, stale-approved, rejected (all
        candidates); else empty."""
        if self.human.holds:
            return "stale-approved" if self.human.approved else "stale-imported"
        if self.human.index is not None:
            return "approved" if self.human.approved else "picked" if self.human.imported is None else "imported"
        return "rejected" if self._all_rejected else ""

    def rejections(self) -> Iterator[Rejection]:
        """The rejected pictures, those of its candidates first, by number."""
        numbered = []
        for entry in self.human.rejections:
            pixels = entry.decision.pixels
            number = next((at for at, key in enumerate(self.keys, start=1)
                           if key in self.made and self.made[key].output == pixels), None)
            numbered.append((number is None, number or 0, Rejection(number, pixels, entry.decision.reason)))
        yield from dict.fromkeys(rejection for *_, rejection in sorted(numbered, key=lambda each: each[:2]))

    @property
    def _all_rejected(self) -> bool:
        """Whether every candidate is rejected; by its key, as long as it is not made."""
        rejections = self.human.rejections
        if not rejections or not self.actions:
            return False
        pixels, keys = self.human.rejected, {entry.decision.action for entry in rejections}
        return all(self.made[key].output in pixels if key in self.made else key in keys for key in self.keys)


    @property
    def only_unjudged(self) -> bool:
        """Whether its pictures are there, and are to be judged."""
        return self.missing[:1] in (("score",), ("identity",))

    @property
    def low_score(self) -> LowScore | None:
        """That of the picture that stands for it, where that is below the threshold."""
        return self.judgement.low(self.verdict.choice, self.keys, self.made)

    def pictures(self) -> Iterator[tuple[int, str]]:
        """The number of each candidate that is made, from 1 in seed order, and its pixel digest."""
        return ((number, self.made[key].output) for number, key in enumerate(self.keys, start=1) if key in self.made)

    @property
    def missing(self) -> tuple[str, ...]:
        """The kinds of what is to be performed, the first one first, as far as that is known."""
        return tuple(dict.fromkeys([*(action.kind for action in (*self.perform, *self.ahead)), *self.foreseen]))

    @property
    def renders(self) -> tuple[str, ...]:
        """The keys of the candidates that are to be rendered, as far as they are known."""
        return tuple(action.key for action in (*self.perform, *self.ahead) if action.kind == "render")

    def results(self) -> Iterator[Made]:
        """Everything it rests on, and the pictures that are made."""
        yield from (made for _, made in self.used)
        yield from self.renders_made()

    def renders_made(self) -> Iterable[Made]:
        """The candidates that are made; where a picture was put in by hand, that alone."""
        return self.made.values() if self.imported is None else [self.made[self.imported.key]]
