"""What a range of commits did to pictures: changed, made stale, decided on. Must not know how it is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.light_dataclass import replace
from calotype.ground.target_names import spec_key_of
from calotype.language.action import changes
from calotype.plan.analysis import Found
from calotype.plan.explain import PICK
from calotype.project.answers import Change
from calotype.project.outcome import Outcome, TargetOutcome
from calotype.project.overrides import Profile
from calotype.project.patterns import TargetPatterns
from calotype.project.reviewed import PictureAt, RangeDecision, Review, ReviewedPicture
from calotype.project.revision import Revision
from calotype.project.specs.lookup import file_of
from calotype.project.workspace import Workspace
from calotype.queries.review.in_range import InRange, Known
from calotype.queries.review.range_lines import (
    Fate,
    RangeLines,
    decisions_that_differ,
    fates,
    lines_that_differ,
    words_that_differ,
)
from calotype.queries.review.review_page import write_page
from calotype.queries.status import check
from calotype.results.publish.line import Line
from calotype.results.publish.manifest import Manifest
from calotype.results.publish.proof import IMPORTED

_NOTHING = Known()


def changes_since(root: Path, since: str, patterns: tuple[str, ...] = (), *, full: bool = False) -> Review:
    """What a reviewer of the commits after `since`, and of the files as they are now, has to look at; writes the page
    of it.

    Raises Problem as `check` does; also where git does not know the commit.
    """
    ranged = Range(root, Revision(root, since))
    outcome = check(root, patterns, Profile(), full=full, name_current=False, about=ranged)
    asked = TargetPatterns(patterns)
    unsettled = ranged.concerned(outcome.targets, {product.target for product in outcome.products})
    pictures = [picture for picture in ranged.pictures(unsettled)
                if asked.meet(picture.target, *(end.path for end in (picture.now, picture.before) if end is not None))]
    already = len(outcome.targets) - len(unsettled)
    review = Review(ranged.revision.name, ranged.revision.commit, tuple(pictures), already,
                    _listed(outcome, unsettled, pictures, ranged.diagnostics))
    return replace(review, page=write_page(root, review, ranged.revision))


def _listed(
    outcome: Outcome, unsettled: Mapping[str, TargetOutcome], pictures: Sequence[ReviewedPicture],
    more: Sequence[Diagnostic],
) -> Outcome:
    """What the check says of the pictures that the range concerns."""
    awaiting = sum(target.status == "awaiting" for target in unsettled.values())
    current = (picture.target for picture in pictures if picture.listed and not picture.status and picture.now)
    return replace(
        outcome, targets=tuple(unsettled.values()), awaiting=awaiting, unsettled=len(unsettled) - awaiting,
        current=tuple(dict.fromkeys(current)), diagnostics=(*outcome.diagnostics, *more))


class Range:
    """The commits after a revision, and the files as they are now, as a check looks into them."""

    def __init__(self, root: Path, revision: Revision) -> None:
        self.revision = revision
        self.diagnostics: list[Diagnostic] = []
        self._root = root
        self._lines, self._fates = RangeLines(), list[Fate]()
        self._decisions: list[RangeDecision] = []
        self._before: dict[str, Line] = {}
        self._paths: frozenset[str] = frozenset()
        self._known: dict[str, Known] = {}
        self._in_range: InRange | None = None
        self._manifest: Manifest | None = None
        self._decided: dict[str, Line] = {}

    def files(self, workspace: Workspace) -> Collection[str]:
        """Compares the two times. The specs of what differs are to be read."""
        differing = self.revision.differing()
        self._known.clear()
        self._paths = frozenset(each.path for each in differing)
        self._lines = lines_that_differ(self.revision, differing, workspace.manifest)
        self._fates = list(fates(self._lines))
        self._before = {fate.target: fate.before for fate in self._fates if fate.before is not None and fate.now}
        self._decisions, unreadable = decisions_that_differ(self.revision, differing, self._root)
        self.diagnostics = [*self._lines.diagnostics, *unreadable]
        self._in_range = InRange(workspace, self._paths, self._lines, self._decisions)
        self._manifest = workspace.manifest
        targets = {each.decision.target for each in self._decisions}
        decided = {target: _published(target, workspace) for target in targets}
        self._decided = {target: line for target, line in decided.items() if line is not None}
        lines = (*self._lines.now.values(), *self._decided.values())
        return {line.spec for line in lines if (self._root / line.spec).is_file()}

    def of(self, target: Found) -> tuple[Any, ...] | None:
        assert self._in_range is not None, "the two times are compared first"
        facts = self._in_range.look(target, self._before.get(target.planned.image.target))
        return facts.packed() if facts is not None else None

    def take(self, target: str, facts: Any) -> None:
        self._known[target] = Known.of(facts)

    def concerned(self, targets: Sequence[TargetOutcome], products: Collection[str]) -> dict[str, TargetOutcome]:
        """Those of `targets`, which are not up to date, that the range concerns, by name; `products` are no images."""
        images = [target for target in targets if target.target not in products]
        assets = self.revision.differing_among({target.path for target in images})
        concerned = {target.target for target in images if target.path in assets or self._concerns(target)}
        changed = {fate.target for fate in self._fates if fate.happened in ("changed", "added", "removed")}
        while more := {target.target for target in targets if target.target not in concerned
                       and not (concerned | changed).isdisjoint(self._known_of(target.target).starts_from)}:
            concerned |= more
        decided = {each.decision.target for each in self._decisions}
        specs = set(map(spec_key_of, concerned | changed | decided))
        concerned |= {target.target for target in targets if target.target in products
                      and (target.file in self._paths or spec_key_of(target.target) in specs)}
        return {target.target: target for target in targets if target.target in concerned}

    def _concerns(self, target: TargetOutcome) -> bool:
        facts = self._known.get(target.target)
        if facts is not None:
            return facts.concerns
        assert self._manifest is not None, "the two times are compared first"
        line = self._manifest.line(target.target, target.path)  # no spec asks for it any more
        return line is None or line.spec in self._paths or target.target in self._lines.now

    def _known_of(self, target: str) -> Known:
        return self._known.get(target, _NOTHING)

    def pictures(self, unsettled: Mapping[str, TargetOutcome]) -> Iterator[ReviewedPicture]:
        """All that the range concerns, by target; `unsettled` are those that are not up to date."""
        decided = self._by_target()
        shown: dict[str, list[ReviewedPicture]] = {}
        for fate in self._fates:
            shown.setdefault(fate.target, []).append(self._picture(fate))
        for target in (unsettled.keys() | decided.keys()) - shown.keys():
            facts = self._known_of(target)
            line = facts.line or self._decided.get(target)
            shown[target] = [ReviewedPicture(target, now=_at(line), changes=facts.changes)]
        for target in sorted(shown):
            for picture in shown[target]:
                alive = picture is shown[target][0]
                picture = _with_status(picture, unsettled.get(target)) if alive else picture
                yield replace(picture, decisions=tuple(decided.get(target, ()) if alive else ()))

    def _picture(self, fate: Fate) -> ReviewedPicture:
        facts, before, now = self._known_of(fate.target), fate.before, fate.now
        fields, words = facts.changes, facts.words
        if before is not None and now is not None and fate.target not in self._known:
            fields = tuple(Change(each.field, each.old, each.new) for each in changes(before.request, now.request))
            words = tuple(words_that_differ(before, now))
        if before is not None and now is not None and before.origin != now.origin:
            fields = (Change("origin", before.origin, now.origin), *fields)
        former = fate.source if fate.source != fate.target else ""
        fields = tuple(change for change in fields if change.field != PICK)  # the choice is told by itself
        asks = now.spec if now is not None and fate.happened in ("changed", "added") else None
        place = next(((change.file, change.line) for change in fields if change.file), (asks, None))
        return ReviewedPicture(
            fate.target, fate.happened, _at(before), _at(now), former, changes=fields, words=words,
            file=place[0], line=place[1])

    def _by_target(self) -> dict[str, list[RangeDecision]]:
        """The decisions by the target that they concern now, numbered as its candidates are."""
        now = {fate.source: fate.target for fate in self._fates if fate.source}
        decided: dict[str, list[RangeDecision]] = {}
        for each in self._decisions:
            target = now.get(each.decision.target, each.decision.target)
            keys = self._known_of(target).keys
            number = keys.index(each.decision.action) + 1 if each.decision.action in keys else None
            line = self._decided.get(target) or self._known_of(target).line
            published = line is not None and line.pixels == each.decision.pixels
            if each.decision.decision == "import" or (published and line is not None and line.origin == IMPORTED):
                number = None  # it stands in the place of a candidate, and is none
            decided.setdefault(target, []).append(replace(each, candidate=number, published=published))
        return decided


def _with_status(picture: ReviewedPicture, target: TargetOutcome | None) -> ReviewedPicture:
    if target is None:
        return picture
    return replace(picture, status=target.status, reason=target.reason, file=target.file, line=target.line)


def _published(target: str, workspace: Workspace) -> Line | None:
    """The line of a target, found by its path where a build has left word of it."""
    file = file_of(workspace.state, spec_key_of(target))
    path = dict(workspace.state.targets_of(file)).get(target) if file is not None else None
    return workspace.manifest.line(target, path)


def _at(line: Line | None) -> PictureAt | None:
    if line is None:
        return None
    number = line.pick.candidate
    chosen = line.candidates[number - 1] if 0 < number <= len(line.candidates) else None
    scores = tuple(sorted(chosen.scores.items())) if chosen is not None else ()
    return PictureAt(line.path, line.pixels, line.size, line.alt, len(line.candidates), number, line.pick.by,
                     line.origin, scores)
