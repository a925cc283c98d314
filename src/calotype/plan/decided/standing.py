"""Which decisions count for a target. It must not know how a candidate is chosen where no human did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, warning
from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.decisions import CURATION, Decision
from calotype.project.decisions.index import Decisions, Entry
from calotype.results.publish.line import Line, renders_of
from calotype.store.results import Made

_CHOOSING = frozenset(("pick", "approve", "import"))
"""These say which picture stands for the target."""
_LASTING = frozenset(("approve", "import"))
"""Of these, those that outlast the request: what is published stays until a human decides anew."""


def _nowhere(key: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Others:
    """What is known of other targets: by name, whether one `asks` for a render key now, and its published `line`; of a
    render key, whether it has `moved` to another image of the spec, and whether the line of another target `holds` it.
    """

    asks: Callable[[str, str], bool]
    line: Callable[[str], Line | None]
    moved: Callable[[str], bool] = _nowhere
    holds: Callable[[str], bool] = _nowhere


@dataclass(frozen=True, slots=True)
class Standing:
    """The human word on one target: the `picks`, approvals and imports among them, that count for what it asks for, and
    the `index` of the candidate that they mean (a picture that was put in by hand comes after all candidates); the
    approvals and imports that are `stale`, for the target asks for another picture by now; the `rejections` of its
    pictures, also of those that it asks for no more; the `curation`: what was said of any of its pictures, whether it
    belongs in a training set.

    `index` is None where nobody picked, and where decisions contradict each other (`conflict`).
    """

    picks: tuple[Entry, ...] = ()
    index: int | None = None
    stale: tuple[Entry, ...] = ()
    rejections: tuple[Entry, ...] = ()
    curation: tuple[Entry, ...] = ()

    @property
    def imported(self) -> Decision | None:
        """Of a picture put in by hand, that this stands for the target; None where another does, or nobody knows."""
        chosen = self.picks if self.index is not None else ()
        return next((entry.decision for entry in chosen if entry.decision.decision == "import"), None)

    @property
    def rejected(self) -> frozenset[str]:
        """The pixel digests that are not to be chosen."""
        return frozenset(entry.decision.pixels for entry in self.rejections)

    @property
    def lasting(self) -> frozenset[str]:
        """The pixel digests of the pictures that were approved or put in by hand."""
        entries = (*self.stale, *self.picks)
        return frozenset(entry.decision.pixels for entry in entries if entry.decision.decision in _LASTING)

    @property
    def contradicting(self) -> tuple[Entry, ...]:
        """The decisions that cannot stand together: picks or approvals of different pictures, or a picture that is
        rejected as well."""
        chosen = (*self.stale, *self.picks)
        pixels = {entry.decision.pixels for entry in chosen}
        against = tuple(entry for entry in self.rejections if entry.decision.pixels in pixels)
        return (*chosen, *against) if len(pixels) > 1 or against else ()

    @property
    def conflict(self) -> bool:
        return bool(self.contradicting)

    @property
    def holds(self) -> bool:
        """Whether an approved picture, or one put in by hand, stands that is none of the candidates: what is published
        stays, and a human is awaited."""
        return bool(self.stale) and self.index is None and not self.conflict

    @property
    def approved(self) -> bool:
        return any(entry.decision.decision == "approve" for entry in (*self.stale, *self.picks)) and not self.conflict


UNDECIDED = Standing()


def standing(
    target: str, keys: Sequence[str], made: Mapping[str, Made], line: Line | None, decisions: Decisions, others: Others
) -> Standing:
    """The decisions that count for `target`, whose candidates have `keys`; `line` is what is published of it.

    A decision counts by its render key, for the target that it names if that one asks for the key, else for all that
    do. A candidate rendered under another key with the decided pixels keeps the decision of its own target, under
    whatever name this is published. An approval or a rejection of a render that is asked for no more stays with its
    target; a pick of one rests.
    """
    published = _published(line)
    names = [*keys, target, *published]
    if not _holds(line, keys):  # it may be published under a former name
        names += [result.pixels for result in map(made.get, keys) if result is not None]
    entries = decisions.naming(names)
    imported = {entry.decision.pixels for entry in entries if _is_import(entry, target, keys, others)}
    picks: dict[Entry, int] = {}
    stale: list[Entry] = []
    rejections: list[Entry] = []
    curation: list[Entry] = []
    for entry in entries:
        kind = entry.decision.decision
        if entry.decision.action in keys:
            decisions.asked.setdefault(entry.decision.action, set()).add(target)
        if entry.decision.pixels in imported and kind in _CHOOSING:
            index = len(keys) if _is_asked(entry, target, keys, others) else None
        else:
            index = None if kind == "import" else _candidate(entry, target, keys, made, published, others)
        if kind in CURATION:
            curation += [entry] if index is not None or _is_left(entry, target, keys, line, others) else []
        elif kind == "reject":
            rejections += [entry] if index is not None or _is_left(entry, target, keys, line, others) else []
        elif index is not None:
            picks[entry] = index
        elif kind in _LASTING and _is_left(entry, target, keys, line, others):
            stale.append(entry)
    for entry in (*picks, *stale, *rejections, *curation):
        decisions.asked.setdefault(entry.decision.action, set()).add(target)
    if not (picks or stale or rejections or curation):
        return UNDECIDED
    human = Standing(tuple(picks), None, tuple(stale), tuple(rejections), tuple(curation))
    return human if human.conflict or not picks else replace(human, index=min(picks.values()))


def contradiction(target: str, human: Standing, root: Path) -> Iterator[Diagnostic]:
    """A warning where decisions about a target contradict each other, as a merge may leave them: a human is awaited."""
    first, *rest = human.contradicting or (None,)
    if first is None:
        return
    places = ", ".join(f"{entry.file}:{entry.line(root)}" for entry in rest)
    if all(entry.decision.decision == "pick" for entry in (first, *rest)):
        yield warning(
            "contradicting-picks", f"`{target}` is picked differently here and in {places}",
            file=first.file, line=first.line(root),
            hint=f"remove all but one, or decide anew: calotype pick {target} CANDIDATE")
        return
    kinds = {"pick": "picked", "approve": "approved", "reject": "rejected", "import": "put in by hand"}
    said = ", ".join(f"{kinds[entry.decision.decision]} in {entry.file}:{entry.line(root)}" for entry in rest)
    yield warning(
        "contradicting-decisions", f"`{target}` is {kinds[first.decision.decision]} here, and otherwise {said}",
        file=first.file, line=first.line(root),
        hint=f"remove all but one, or take one back: calotype {_verb(rest[-1])} {target} --undo")


def _verb(entry: Entry) -> str:
    """The command that takes a decision back."""
    kind = entry.decision.decision
    return "pick" if kind == "import" else kind


def _is_import(entry: Entry, target: str, keys: Sequence[str], others: Others) -> bool:
    """Whether a decision puts a picture in by hand for what the target asks for now."""
    return entry.decision.decision == "import" and _is_asked(entry, target, keys, others)


def _is_asked(entry: Entry, target: str, keys: Sequence[str], others: Others) -> bool:
    """Whether the target asks for the render that a decision binds, and it counts for it."""
    decision = entry.decision
    named = decision.target == target
    return decision.action in keys and (named or not others.asks(decision.target, decision.action))


def _candidate(
    entry: Entry, target: str, keys: Sequence[str], made: Mapping[str, Made], published: Sequence[str], others: Others
) -> int | None:
    """The candidate of `target` that a decision means, if it counts for it."""
    decision = entry.decision
    named = decision.target == target
    if decision.action in keys and _pixels(decision.action, made) in (None, decision.pixels):
        return keys.index(decision.action) if named or not others.asks(decision.target, decision.action) else None
    index = next((at for at, key in enumerate(keys) if _pixels(key, made) == decision.pixels), None)
    if index is None or named:
        return index
    belongs = decision.action in published or decision.pixels in published or _moved(decision, keys, others)
    taken = any(others.asks(decision.target, key) for key in (decision.action, keys[index])) if belongs else True
    return None if taken else index


def _is_left(entry: Entry, target: str, keys: Sequence[str], line: Line | None, others: Others) -> bool:
    """Whether a decision about none of its candidates is still the target's own: its render gives other pixels by now,
    or the target asks for it no more, and no other image of its spec has come to do so.

    It belongs to the target whose line holds the render (of several, to the one that it names), else to the one that it
    names.
    """
    decision = entry.decision
    named = decision.target == target
    if decision.action in keys:
        return _is_asked(entry, target, keys, others)
    if _holds(line, (decision.action,)):
        theirs = not named and _holds(others.line(decision.target), (decision.action,))
        return not theirs and not others.moved(decision.action)
    if not named or others.moved(decision.action):
        return False
    return decision.decision == "reject" or not others.holds(decision.action)


def _moved(decision: Decision, keys: Sequence[str], others: Others) -> bool:
    """Whether one of the candidates is published, as a human picked it, under the name that a decision gives."""
    former = others.line(decision.target)
    return _holds(former, keys) and decision.pixels in _published(former)


def _holds(line: Line | None, keys: Sequence[str]) -> bool:
    return line is not None and any(action in keys for action in renders_of(line))


def _published(line: Line | None) -> tuple[str, ...]:
    """The render keys that a line holds, and the pixels of a picture that a human picked: by these a pick is known
    for the target's own, whatever its name was."""
    return () if line is None else tuple(_names(line))


def _names(line: Line) -> Iterator[str]:
    yield from renders_of(line)
    yield line.action
    if line.pick.by == "human":
        yield line.pixels


def _pixels(key: str, made: Mapping[str, Made]) -> str | None:
    result = made.get(key)
    return None if result is None else result.pixels
