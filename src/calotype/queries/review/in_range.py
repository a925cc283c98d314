"""Whether what differs since a revision concerns a target. Must not know what is told of it.

A verdict is a function of files. So a target that is not up to date was so when the range began if nothing that
concerns it differs: its spec and what this names, what all specs share, its line, its asset, its decisions, and the
same of what it starts from. That takes no build of the beginning, and hides nothing that the range did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Any

from calotype.ground.folders import HANDOUT_STRINGS, MARKER, SHEET_TEMPLATES, TEMPLATES
from calotype.ground.light_dataclass import astuple, dataclass, replace
from calotype.language.spec import Spec
from calotype.language.uses import uses_of
from calotype.plan.analysis import Found
from calotype.plan.explain import changes_of
from calotype.project.answers import Change
from calotype.project.reviewed import RangeDecision
from calotype.project.workspace import Workspace
from calotype.queries.review.range_lines import RangeLines, words_that_differ
from calotype.results.publish.line import Line, from_bytes, to_bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What a look at a target found: what differs of its request and its words since the range began, the keys of its
    candidates, whether what differs `concerns` it, what it starts from, and its line where it is not up to date."""

    changes: tuple[Change, ...] = ()
    words: tuple[Change, ...] = ()
    keys: tuple[str, ...] = ()
    concerns: bool = True
    starts_from: tuple[str, ...] = ()
    line: Line | None = None

    def packed(self) -> tuple[Any, ...]:
        """As a value that `marshal` can write."""
        return ([astuple(change) for change in self.changes], [astuple(change) for change in self.words], self.keys,
                self.concerns, self.starts_from, None if self.line is None else to_bytes(self.line))

    @classmethod
    def of(cls, packed: Any) -> Known:
        changes, words, keys, concerns, starts_from, line = packed
        return cls(tuple(Change(*each) for each in changes), tuple(Change(*each) for each in words), tuple(keys),
                   concerns, tuple(starts_from), None if line is None else from_bytes(line))


class InRange:
    """The paths, lines and decisions that differ since a revision, as they concern the targets of a workspace."""

    def __init__(
        self, workspace: Workspace, paths: Collection[str], lines: RangeLines, decisions: Sequence[RangeDecision]
    ) -> None:
        self._workspace, self._paths, self._lines = workspace, frozenset(paths), lines
        self._decided = {each.decision.target for each in decisions}
        self._decided |= {each.decision.action for each in decisions}
        self._shared = lines.weights or any(map(_is_shared, self._paths))

    def look(self, target: Found, before: Line | None) -> Known | None:
        """What is to be known of a target, `before` being its line when the range began, if that was another; None
        where it is up to date, and nothing of it differs."""
        planned, name = target.planned, target.planned.image.target
        line = self._lines.now.get(name)
        if target.up_to_date and line is None and not self._is_decided(target):
            return None
        then = planned if before is None else replace(planned, line=before)
        changes = changes_of(then, target.places) if before is not None or not target.up_to_date else ()
        words = () if before is None or line is None else words_that_differ(before, line)
        return Known(
            tuple(change for change in changes if change.field not in {word.field for word in words}),
            tuple(self._placed(word, target) for word in words), planned.keys,
            self._concerns(target), planned.starts_from, None if target.up_to_date else planned.line)

    def _placed(self, word: Change, target: Found) -> Change:
        file, line = target.places.of(word.field, target.planned.image.target)
        return replace(word, file=file, line=line)

    def _concerns(self, target: Found) -> bool:
        name = target.planned.image.target
        return (
            self._shared or target.spec.file in self._paths or name in self._lines.now or name in self._lines.before
            or self._is_decided(target) or self._uses_what_differs(target.spec))

    def _is_decided(self, target: Found) -> bool:
        return not self._decided.isdisjoint((target.planned.image.target, *target.planned.keys))

    def _uses_what_differs(self, spec: Spec) -> bool:
        return any(map(self._differs, uses_of(spec)))

    def _differs(self, name: str) -> bool:
        """Whether what a spec names differs: `poses/bow`, `characters/ann`, `refs/ann.png`."""
        kind, _, rest = name.partition("/")
        if kind == "poses":
            return rest in self._poses
        if kind == "characters" and rest in self._workspace.characters:
            character = self._workspace.characters[rest]
            return character.file in self._paths or any(
                self._differs(use) for use in uses_of(character) if not use.startswith("characters/"))
        return name in self._paths

    @cached_property
    def _poses(self) -> frozenset[str]:
        """The poses that differ, and those that rest on them."""
        documents = self._workspace.snapshot.pose_documents
        differing = {name for name, document in documents.items() if document.file in self._paths}
        while more := {name for name, document in documents.items()
                       if name not in differing and not differing.isdisjoint(_bases(document.data))}:
            differing |= more
        return frozenset(differing)


def _bases(pose: Any) -> Iterator[str]:
    """The poses that a pose names, at whatever depth."""
    if isinstance(pose, dict):
        for name, value in pose.items():
            if isinstance(value, str) and name in ("base", "from", "pose"):
                yield value
            yield from _bases(value)
    elif isinstance(pose, list):
        for part in pose:
            yield from _bases(part)


def _is_shared(path: str) -> bool:
    """Whether a file decides what all specs mean."""
    if path.startswith((f"{SHEET_TEMPLATES}/", f"{HANDOUT_STRINGS}/")):
        return False
    return path == MARKER or path.startswith(f"{TEMPLATES}/")
