"""Which decisions count for a target. It must not know how a candidate is chosen where no human did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, warning
from calotype.ground.light_dataclass import dataclass
from calotype.language.decisions import Decision
from calotype.project.decisions.index import Decisions, Entry
from calotype.results.publish.line import Line
from calotype.store.results import Made


@dataclass(frozen=True, slots=True)
class Others:
    """What is known of other targets, by name: whether one `asks` for a render key now, and its published `line`."""

    asks: Callable[[str, str], bool]
    line: Callable[[str], Line | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """The human word on one target: the `picks` that count for it, and the `index` of the candidate that they mean.

    `index` is None where nobody picked, and where the picks contradict each other (`conflict`).
    """

    picks: tuple[Entry, ...] = ()
    index: int | None = None

    @property
    def conflict(self) -> bool:
        return self.index is None and bool(self.picks)


UNDECIDED = Standing()


def standing(
    target: str, keys: Sequence[str], made: Mapping[str, Made], line: Line | None, decisions: Decisions, others: Others
) -> Standing:
    """The picks that count for `target`, whose candidates have `keys`; `line` is what is published of it.

    A pick counts by its render key, for the target that it names if that one asks for the key, else for all that do.
    A candidate rendered under another key with the decided pixels keeps the pick of its own target, under whatever name
    this is published.
    """
    published = _published(line)
    names = [*keys, target, *published]
    if not _holds(line, keys):  # it may be published under a former name
        names += [result.pixels for result in map(made.get, keys) if result is not None]
    standing_picks: dict[Entry, int] = {}
    for entry in decisions.naming(names):
        if entry.decision.action in keys:
            decisions.asked.setdefault(entry.decision.action, set()).add(target)
        if entry.decision.decision == "pick":
            index = _candidate(entry, target, keys, made, published, others)
            if index is not None:
                standing_picks[entry] = index
    if not standing_picks:
        return UNDECIDED
    agreed = len({entry.decision.pixels for entry in standing_picks}) == 1
    return Standing(tuple(standing_picks), min(standing_picks.values()) if agreed else None)


def contradiction(target: str, human: Standing, root: Path) -> Iterator[Diagnostic]:
    """A warning where the picks of a target contradict each other, as a merge may leave them: a human is awaited."""
    if human.conflict:
        others = [f"{entry.file}:{entry.line(root)}" for entry in human.picks[1:]]
        yield warning(
            "contradicting-picks", f"`{target}` is picked differently here and in {', '.join(others)}",
            file=human.picks[0].file, line=human.picks[0].line(root),
            hint=f"remove all but one, or decide anew: calotype pick {target} CANDIDATE")


def _candidate(
    entry: Entry, target: str, keys: Sequence[str], made: Mapping[str, Made], published: Sequence[str], others: Others
) -> int | None:
    """The candidate of `target` that a pick means, if it counts for it."""
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


def _moved(decision: Decision, keys: Sequence[str], others: Others) -> bool:
    """Whether one of the candidates is published, as a human picked it, under the name that a decision gives."""
    former = others.line(decision.target)
    return _holds(former, keys) and decision.pixels in _published(former)


def _holds(line: Line | None, keys: Sequence[str]) -> bool:
    return line is not None and any(candidate.action in keys for candidate in line.candidates)


def _published(line: Line | None) -> tuple[str, ...]:
    """The render keys that a line holds, and the pixels of a picture that a human picked: by these a pick is known
    for the target's own, whatever its name was."""
    return () if line is None else tuple(_names(line))


def _names(line: Line) -> Iterator[str]:
    yield from (candidate.action for candidate in line.candidates)
    yield line.action
    if line.pick.by == "human":
        yield line.pixels


def _pixels(key: str, made: Mapping[str, Made]) -> str | None:
    result = made.get(key)
    return None if result is None else result.pixels
