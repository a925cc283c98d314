"""Why a target is not up to date, in one line and in full. Must not decide whether it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from calotype.engine.rebuild import Asset, Need
from calotype.ground.diagnostics import Problem
from calotype.ground.fingerprint import fingerprint_at
from calotype.ground.light_dataclass import dataclass
from calotype.language.action import changes, request_of
from calotype.language.in_force import InForce
from calotype.language.origin import Origin, origin
from calotype.language.resolve import Library, image_spec_of
from calotype.language.spec import Spec
from calotype.language.yaml.document import Document
from calotype.plan.line_currency import words_changed
from calotype.plan.of_program import of_program
from calotype.plan.planned import Planned
from calotype.project.answers import Change, Decided
from calotype.project.specs.sources import document
from calotype.results.publish.assets import in_the_way
from calotype.results.publish.line import Line, renders_of
from calotype.results.publish.proof import RENDERED
from calotype.store.undecided import told
from calotype.workers.plugins import OTHER_NAMES

UPSTREAM_FAILED = "what it starts from failed"
PICK, RENDERER, BASE = "pick", "renderer", "models.base"
_OF_FAMILY = (RENDERER, "family", "epoch")
"""Fields of a request that follow from the model."""
_TO_DO = {
    "no_pick": "calotype pick {} CANDIDATE", "conflict": "calotype pick {} CANDIDATE",
    "lost_import": "calotype pick {} FILE",
    "rejected": "all its candidates are rejected: ask for others",
    "kept_out": "calotype pick {} CANDIDATE, or ask for others",
}
"""What a human is to do about a target that lacks a pick."""
LOST_IMPORT = "the imported picture"
CHOSEN = {"human": "by a person", "score": "by score", "first": "as the first", "only": "as the only candidate"}
"""Who chose a picture, in words."""
_SHOWN = 2
_REJECTED = 3
_OF_LORA = re.compile(r"loras\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Places:
    """Finds the place that decided a field. `spec` is the one that asks for the target."""

    root: Path
    spec: Spec
    shared: Library

    def of(self, field: str, target: str) -> tuple[str, int | None]:
        """File and line."""
        return self.at(field, target)[:2]

    def at(self, field: str, target: str) -> tuple[str, int | None, int | None]:
        """File, line and column."""
        part = image_spec_of(self.spec, target)
        if part is None:
            return self.spec.file, None, None
        in_force = InForce(self.spec, part, self.shared.config.defaults, self.shared.characters)
        decided = origin(field, in_force, self.shared.config, self.shared.poses)
        return decided.file, *self._place(decided)

    def _place(self, found: Origin) -> tuple[int, int] | tuple[None, None]:
        try:
            fingerprint = fingerprint_at(self.root / found.file)
            return _document(self.root, found.file, fingerprint).place(found.pointer)
        except (Problem, OSError):
            return None, None


@lru_cache(maxsize=16)
def _document(root: Path, file: str, fingerprint: bytes) -> Document:
    """One field in calotype.yaml may have changed thousands of images: it is parsed once."""
    return document(root, file)


def changes_of(planned: Planned, places: Places) -> list[Change]:
    """What differs between what is published and what is asked for now: the request, else the words about it. Another
    renderer comes first: it reads other fields."""
    differences = sorted(_differences(planned), key=lambda difference: difference[0] != RENDERER)
    if _of_another_family(differences, planned):  # what follows from the model is no reason
        causes = [each for each in differences if each[0] not in _OF_FAMILY]
        differences = sorted(causes, key=lambda each: each[0] != BASE)
    return [_change(field, old, new, planned, places) for field, old, new in differences]


def _of_another_family(differences: Sequence[tuple[str, Any, Any]], planned: Planned) -> bool:
    """Whether one renderer is asked for a model of another family than before."""
    line = planned.line or planned.kept
    renderers = (line.renderer if line is not None else "", planned.image.renderer)
    names = {OTHER_NAMES.get(("renderer", name), name) for name in renderers}
    fields = {field for field, _, _ in differences}
    return len(names) == 1 and BASE in fields and not fields.isdisjoint((RENDERER, "family"))


def _change(field: str, old: Any, new: Any, planned: Planned, places: Places) -> Change:
    renderer = planned.image.renderer
    line = planned.line or planned.kept
    same = line is not None and line.renderer == renderer
    why = of_program(field, old, new, renderer) if same else ""
    name = _by_name(field, planned)
    place = (None, None) if why else _place(name, planned, places)
    return Change(name, old, new, *place, why)


def _place(field: str, planned: Planned, places: Places) -> tuple[str | None, int | None]:
    return (_decided(planned), None) if field == PICK else places.of(field, planned.image.target)


def _by_name(field: str, planned: Planned) -> str:
    """`loras[luca].weight` for `loras[0].weight`: a request knows LoRAs by their digests, people by their names."""
    index = _OF_LORA.match(field)
    asked = request_of(planned.actions[0].components).get("loras", []) if index is not None and planned.actions else []
    if index is None or int(index[1]) >= len(asked):
        return field
    name = planned.lora_names.get(asked[int(index[1])].get("weights"))
    return field if name is None else f"loras[{name}]{field[index.end():]}"


def reason(planned: Planned, places: Places, moved_from: str | None = None) -> str:
    """Why `planned` is not up to date, for one line of a report; with the reasons of what was rejected."""
    return with_rejections(_reason(planned, places, moved_from), planned)


def with_rejections(why: str, planned: Planned) -> str:
    """`why`, and beside it the pictures that people rejected, with their reasons."""
    rejected = list(planned.rejections())
    if not rejected or not why:
        return why
    more = f", and {len(rejected) - _REJECTED} more" if len(rejected) > _REJECTED else ""
    return f"{why}; rejected: {', '.join(map(str, rejected[:_REJECTED]))}{more}"


def _reason(planned: Planned, places: Places, moved_from: str | None) -> str:
    need, line = planned.verdict.need, planned.line
    if need is Need.REFUSE:
        return in_the_way(planned.image.target, planned.image.path).message
    if planned.untrained:
        return planned.untrained
    if planned.undecided:
        return _undecided(planned)
    if planned.human.conflict:
        return f"{len(planned.human.contradicting)} {_nouns(planned)} contradict each other"
    if planned.human.holds:
        return _stale_approved(planned, places)
    if planned.human.imported is not None and need is Need.AWAIT:
        return _lost_import(planned)
    if planned.upstream is not None:
        return _starts_from(planned)
    if need is Need.AWAIT and planned.shut_out and planned.decision != "rejected":
        return _kept_out(planned)
    if need is Need.AWAIT:
        count, rejected = len(planned.actions), planned.decision == "rejected"
        if count == 1:
            return "its only candidate is rejected" if rejected else "its only candidate is not picked"
        return f"{count} candidates, {'all rejected' if rejected else 'none picked'}"
    if moved_from is not None:
        return f"was {moved_from}"
    unscored = planned.only_unjudged
    if line is None:
        if planned.human.picks:
            return f"{planned.decision} ({_decided(planned)})"
        unknown = need is Need.WAIT or (need is Need.PERFORM and not unscored)
        return "new" if unknown else "new; the same request was rendered before"
    if unscored:
        return "its candidates are not scored"
    if planned.low_score is not None and planned.judgement.strict and need is not Need.PUBLISH:
        return str(planned.low_score)
    return _in_words(changes_of(planned, places)) or _without_change(planned)


def _starts_from(planned: Planned) -> str:
    """What it starts from and, where a human is awaited for that, what is to be done about it."""
    if planned.owed is None:
        return f"starts from {planned.upstream}"
    target, lacks = planned.owed
    until = "which awaits a decision" if target == planned.upstream else f"which waits for {target}"
    return f"starts from {planned.upstream}, {until} ({_TO_DO[lacks].format(target)})"


def _in_words(changes: Sequence[Change]) -> str:
    shown = 1 if changes and changes[0].field == RENDERER else _SHOWN
    more = f", and {len(changes) - shown} more" if len(changes) > shown else ""
    return ", ".join(str(change) for change in changes[:shown]) + more


def _nouns(planned: Planned) -> str:
    kinds = {entry.decision.decision for entry in planned.human.contradicting}
    return "picks" if kinds == {"pick"} else "decisions"


def _kept_out(planned: Planned) -> str:
    """Of candidates none of which may stand: each with the reason, as far as nobody has rejected it."""
    reasons = planned.judgement.kept_out
    each = [f"{number} {reasons[pixels]}" for number, pixels in planned.pictures() if pixels in reasons]
    if len(planned.actions) == 1:
        return f"its only candidate must not stand: {each[0].partition(' ')[2]}"
    more = f", and {len(each) - _REJECTED} more" if len(each) > _REJECTED else ""
    return f"none of {len(planned.actions)} candidates may stand: {', '.join(each[:_REJECTED])}{more}"


def _lost_import(planned: Planned) -> str:
    """Of a picture that was put in by hand and is gone."""
    target, entry = planned.image.target, planned.human.picks[0]
    return (f"{LOST_IMPORT} {entry.decision.pixels[:8]} is lost: neither {planned.image.path} nor the cache holds it;"
            f" `calotype pick {target} FILE` puts it in again, `calotype pick {target} --undo` gives it up"
            f" ({entry.file})")


def _stale_approved(planned: Planned, places: Places) -> str:
    """Why an approved picture, or one put in by hand, is none of its target's candidates."""
    entry = planned.human.stale[0]
    word = "approved" if planned.human.approved else "imported"
    if planned.upstream is not None:
        return f"{word} ({entry.file}); {_starts_from(planned)}"
    if entry.decision.action in planned.keys:
        return f"the approved picture {entry.decision.pixels[:8]} is lost: its render gives other pixels ({entry.file})"
    changes = _in_words(changes_of(planned, places))
    return f"{word}, and stale: {changes}" if changes else f"{word}, and its request has changed ({entry.file})"


def _undecided(planned: Planned) -> str:
    words, to_do = told(planned.undecided[0])
    more = len(planned.undecided) - 1
    return f"{words}; {to_do}" + (f" (and {more} more: `calotype hosted list`)" if more else "")


def decided(planned: Planned, places: Places) -> Decided:
    """What people decided of a target."""
    changes = changes_of(planned, places) if planned.human.holds else ()
    return Decided(planned.decision, tuple(planned.rejections()), tuple(changes))


def decided_at(planned: Planned, places: Places) -> tuple[str, int | None]:
    """The file and line that first made `planned` differ from what is published; else where its spec asks for it."""
    first = next((change for change in changes_of(planned, places) if change.file is not None), None)
    return (str(first.file), first.line) if first is not None else places.of("", planned.image.target)


def _decided(planned: Planned) -> str | None:
    """The file of the decision, where a human made the choice."""
    return planned.human.picks[0].file if planned.human.picks else None


def _without_change(planned: Planned) -> str:
    line = planned.line
    assert line is not None
    if planned.asset is not Asset.OK:
        lost = ", and the cache does not hold it" if planned.renders else ""
        return f"the asset {'is missing' if planned.asset is Asset.MISSING else 'was edited'}{lost}"
    if planned.missing[:1] == ("enhance",):
        return "its prompt is not enhanced yet"
    if not planned.actions:
        return "its control maps are not drawn"
    if planned.renders:
        more = len(planned.actions) > len(line.candidates)
        return "more candidates are asked for" if more else "the cache does not hold the picture of a candidate"
    if tuple(candidate.action for candidate in line.candidates) != planned.keys:
        return "it stands among other candidates"
    choice = planned.verdict.choice
    if choice is None:
        return "changed"
    if (choice.by, choice.index + 1) == (line.pick.by, line.pick.candidate):
        return "its scores are not those that are recorded" if choice.by == "score" else "its record is out of date"
    return f"chosen {CHOSEN.get(choice.by, choice.by)}; before, {CHOSEN.get(line.pick.by, line.pick.by)}"


def _differences(planned: Planned) -> Iterator[tuple[str, Any, Any]]:
    line = planned.line or planned.kept
    if line is None or not planned.actions:
        return
    chosen = planned.chosen
    stands = chosen is not None and chosen.key == line.action
    if not stands and planned.keys and set(planned.keys).isdisjoint((line.action, *renders_of(line))):
        same = planned.actions[min(line.pick.candidate, len(planned.actions)) - 1]
        for change in changes(line.request, request_of(same.components)):
            yield change.field, change.old, change.new
        return
    yield from _seeds_moved(planned, line)
    if chosen is not None and not stands:
        yield PICK, _named(line.action, line.pixels, planned), _named(chosen.key, planned.pixels, planned)
    yield from words_changed(planned.image, line)


def _named(action: str, pixels: str | None, planned: Planned) -> int | str:
    """A candidate by its number, a picture that was put in by hand by its pixels."""
    return planned.keys.index(action) + 1 if action in planned.keys else f"imported {str(pixels)[:8]}"


def _seeds_moved(planned: Planned, line: Line) -> Iterator[tuple[str, int, int]]:
    """Other candidates are asked for, though the published picture is still one of them."""
    if line.origin == RENDERED and line.candidates and line.candidates[0].action not in planned.keys:
        old, new = line.candidates[0].seed, request_of(planned.actions[0].components).get("seed")
        if new is not None and new != old:
            yield "seed", old, new
