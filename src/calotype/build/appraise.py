"""How things stand and what a build would do: the outcomes of plan and check. Must not change anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from calotype.build.aims import Aims
from calotype.build.examine import Examination, Found
from calotype.build.leftovers import leftovers
from calotype.build.outcome import Outcome, TargetOutcome
from calotype.build.profile import Profile
from calotype.build.select import by_spec
from calotype.build.survey import survey
from calotype.build.workshop import open_workshop
from calotype.engine.rebuild import Asset, Need
from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.results.publish.manifest import Line

PLANNED = {
    Need.RENDER: "render", Need.WAIT: "render", Need.PUBLISH: "cached", Need.REFRESH: "cached", Need.RESTORE: "restored",
    Need.AWAIT: "awaiting",
}


class Appraisal:
    """The targets of a project as they stand, those a command asks for."""

    def __init__(self, root: Path, patterns: tuple[str, ...] = (), profile: Profile | None = None) -> None:
        self.shop = open_workshop(root, profile or Profile())
        self._survey = survey(root, None, self.shop.state)
        self._examination = Examination(self.shop, self._survey)
        self._aims = Aims(patterns)

    def targets(self) -> Iterator[Found]:
        """Each target, and those it starts from. Raises Problem at the end, with everything that is wrong."""
        for wanted, _ in by_spec(self._examination.targets(), self._aims):
            yield from wanted
        problems = [*self._examination.diagnostics, *self._aims.missed(self._examination.names.paths.values())]
        if any(one.severity == "error" for one in problems):
            raise Problem(problems)

    def leftovers(self) -> list[Line]:
        """The published targets that nothing asks for; to be asked after `targets` has ended."""
        return leftovers(self.shop, self._survey, self._examination.names.paths, self._aims)[0]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return (*self._examination.diagnostics, *self.shop.world.manifest.diagnostics)


def plan(root: Path, patterns: tuple[str, ...], profile: Profile) -> Outcome:
    """What `build` would do now."""
    started = time.perf_counter()
    appraisal = Appraisal(root, patterns, profile)
    renders: set[str] = set()
    waiting = up_to_date = 0
    targets, arrived = [], []
    for found in appraisal.targets():
        need, planned = found.planned.verdict.need, found.planned
        if need is Need.UP_TO_DATE:
            up_to_date += 1
            continue
        status = PLANNED[need]
        if need is Need.RENDER and renders.issuperset(planned.verdict.renders):
            status = "cached"
        waiting += planned.image.candidates if need is Need.WAIT else 0
        renders.update(planned.verdict.renders)
        arrived += [key for key in planned.keys if need is Need.PUBLISH]
        targets.append(TargetOutcome(planned.image.target, status, planned.image.path, found.reason))
    removed = _gone(appraisal.leftovers(), arrived)
    targets += [TargetOutcome(line.target, "removed", line.path, "no spec asks for it") for line in removed]
    return Outcome(
        renders=len(renders) + waiting, cache_hits=_count(targets, "cached"), up_to_date=up_to_date, removed=len(removed),
        awaiting=_count(targets, "awaiting"), seconds=time.perf_counter() - started, targets=tuple(targets),
        diagnostics=appraisal.diagnostics,
    )


def check(root: Path, patterns: tuple[str, ...], profile: Profile) -> Outcome:
    """Whether what is published is what the specs ask for."""
    started = time.perf_counter()
    appraisal = Appraisal(root, patterns, profile)
    up_to_date, targets, arrived = 0, [], []
    for found in appraisal.targets():
        planned = found.planned
        if found.up_to_date:
            up_to_date += 1
            continue
        arrived += [key for key in planned.keys if planned.verdict.need is Need.PUBLISH]
        targets.append(TargetOutcome(planned.image.target, standing(found), planned.image.path, found.reason))
    gone = _gone(appraisal.leftovers(), arrived)
    targets += [TargetOutcome(line.target, "stale", line.path, "no spec asks for it") for line in gone]
    awaiting = _count(targets, "awaiting")
    return Outcome(
        up_to_date=up_to_date, awaiting=awaiting, unsettled=len(targets) - awaiting,
        seconds=time.perf_counter() - started, targets=tuple(targets), diagnostics=appraisal.diagnostics,
    )


def standing(found: Found) -> str:
    """up_to_date, stale, missing, modified or awaiting."""
    planned = found.planned
    need, line = planned.verdict.need, planned.line
    if need is Need.UP_TO_DATE:
        return "up_to_date"
    if need is Need.AWAIT:
        return "awaiting"
    if line is None or planned.asset is Asset.MISSING:
        return "missing"
    return "modified" if planned.asset is Asset.MODIFIED and line.action in planned.keys else "stale"


def _gone(stale: list[Line], arrived: list[str]) -> list[Line]:
    """The lines that go, without those whose picture is published anew at another place: they move."""
    gone = []
    for line in stale:
        if line.action in arrived:
            arrived.remove(line.action)
        else:
            gone.append(line)
    return gone


def _count(targets: list[TargetOutcome], status: str) -> int:
    return sum(one.status == status for one in targets)
