"""Keeps the contact sheets in step with what is published. Must not know how a page looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from calotype.ground.light_dataclass import asdict, replace
from calotype.ground.target_names import spec_key_of
from calotype.language.action import Action
from calotype.plan.analysis import Row
from calotype.plan.judging.alike import named
from calotype.plan.judging_findings import Findings
from calotype.plan.prompt_reviews import enhancement_of_line, prompt_review
from calotype.project.answers import Decided
from calotype.project.specs.spec_cache import SpecCache
from calotype.project.workspace import Workspace
from calotype.results.publish.manifest import Line
from calotype.results.sheet.from_manifest import About, Target, sheet_of
from calotype.results.sheet.memory import UNSHOWN
from calotype.results.sheet.model import SETTLED, STALE, Preview, ShownCandidate, ShownReview, SpecSheet
from calotype.results.sheet.shown_trace import ShownTrace
from calotype.results.sheet.write import Written, write_all_sheets, write_sheets
from calotype.run import old_traces
from calotype.run.node_table import TargetRun
from calotype.run.published_sets import PublishedSets, lora_of, places, summary
from calotype.run.shown_poses import shown_poses
from calotype.run.traces import replaced_in, shown_change
from calotype.run.tracing.trace_folders import Trace, traces_of
from calotype.store.page_memory import Update

DECIDED = "decided"
"""The topic in the memory that holds, by spec, the decisions that its page shows, and the judging."""
UNDECIDED = Decided()
MANY = 500
"""Small copies of so many pictures take some seconds to make."""


class Sheets:
    """`rows` say what each examined spec asks for, `entries` what became of the targets that were not up to date; the
    specs in the files `edited` may have other titles or another order. `previews` are shown of targets of which nothing
    has become yet."""

    def __init__(
        self, workspace: Workspace, rows: Mapping[str, Row], entries: Iterable[TargetRun], edited: Iterable[str],
        spec_cache: SpecCache, previews: Mapping[str, Preview] = MappingProxyType({}),
    ) -> None:
        self._workspace, self._rows, self._edited = workspace, rows, frozenset(edited)
        self._sets = PublishedSets(workspace, spec_cache)
        self._memory, self._previews = workspace.state.pages, previews
        self._traced: dict[str, dict[str, Trace]] = {}
        self._entries: dict[str, list[TargetRun]] = {}
        self._runs: dict[str, TargetRun] = {}
        for entry in entries:
            self._entries.setdefault(entry.file, []).append(entry)
            self._runs[entry.target] = entry

    def write_all(self, note: Callable[[str], None], *, meanwhile: bool = False) -> Written:
        """Writes every page: `rows` are all there are. What takes a while is told to `note`. `meanwhile`: the build is
        still at work."""
        images = sum(len(row.targets) for row in self._rows.values())
        if images > MANY:
            note(f"writing the contact sheets of {images:,} images")
        root = self._workspace.root
        old_traces.take_over(root, self._memory)
        replaced = {} if meanwhile else self._memory.items(UNSHOWN)
        written = write_all_sheets(root, self._sheets(), self._memory, self._blob, replaced, meanwhile=meanwhile)
        old_traces.remove(root)
        return replace(written, update={**written.update, **self._decisions_shown(self._memory.items(DECIDED))})

    def write_changed(self, removed: Iterable[Line], gone: Iterable[str], passing: Iterable[str]) -> Written:
        """Writes the pages that changed; all others are current. `removed` are lines that are no more, `gone` the keys
        (`exercises/chin_tuck`) that specs had before; the pages of `passing` show what was shown while the build was at
        work."""
        rows = {row.key: row for row in self._rows.values()}
        replaced = self._memory.items(UNSHOWN)
        emptied = {spec_key_of(line.target) for line in removed}
        changed = emptied | {key for key in gone if key not in rows} | {row.key for row in self._changed()}
        changed |= {key for key in (*passing, *map(spec_key_of, replaced)) if key in rows}
        if not changed:
            return Written()
        changes = {key: self._sheet(rows[key]) if key in rows else None for key in sorted(changed)}
        written = write_sheets(self._workspace.root, changes, self._memory, self._blob, replaced)
        return replace(written, update={**written.update, **self._decisions_shown(changed)})

    def write_meanwhile(self, keys: Collection[str]) -> Written:
        """Writes the pages of the specs `keys` as they stand while the build is at work."""
        changes = {row.key: self._sheet(row) for row in self._rows.values() if row.key in keys}
        return write_sheets(self._workspace.root, changes, self._memory, self._blob, meanwhile=True)

    def _decisions_shown(self, before: Iterable[str]) -> Update:
        """What is to be remembered of the decisions that pages show; those of specs that are gone, `before`, go."""
        shown = {row.key: self._decisions_text(row) for row in self._rows.values()}
        return {(DECIDED, key): shown.get(key) for key in {*before, *(key for key, text in shown.items() if text)}}

    def _decisions_text(self, row: Row) -> str | None:
        """What the page of a spec shows that no line tells, as text: decisions, how candidates were judged, the traces
        that are kept, the names of LoRAs, the LoRA that was trained on its set; None where there is nothing of it."""
        decisions: dict[str, Any] = {target: asdict(decided) for target, decided in sorted(row.decisions.items())}
        for target, entries in sorted((row.curation or {}).items()):
            decisions[f"{target} in sets"] = [asdict(entry.decision) for entry in entries]
        lora = lora_of(self._workspace.root, row)
        decisions |= {"lora": lora} if lora[0] else {}
        decisions |= {"worn": dict(row.loras)} if row.loras else {}
        judged = {target: self._judged(target, row) for target, _ in row.targets}
        decisions |= {f"{target} judged": asdict(each) for target, each in judged.items() if each is not None}
        traces = {target: self._trace(target) for target, _ in row.targets}
        decisions |= {f"{target} trace": asdict(each) for target, each in traces.items() if each is not None}
        return json.dumps(decisions, ensure_ascii=False) if decisions else None

    def _sheets(self) -> Iterator[SpecSheet]:
        """All of them; of the manifest no more is kept in memory than the shard in hand."""
        group = attrgetter("kind", "region")
        for _, rows in groupby(sorted(self._rows.values(), key=group), key=group):
            yield from map(self._sheet, rows)
            self._workspace.manifest.forget()

    def _changed(self) -> Iterator[Row]:
        """The specs that were edited, decided on, or of which something was done: what goes on awaiting a human looks
        as it did."""
        shown = self._memory.items(DECIDED)
        for file, row in self._rows.items():
            runs = self._entries.get(file, ())
            done = (run.status != "awaiting" or run.rendered for run in runs)
            if file in self._edited or any(done) or self._decisions_text(row) != shown.get(row.key):
                yield row

    def _sheet(self, row: Row) -> SpecSheet:
        runs = {run.target: run for run in self._entries.get(row.file, ()) if run.status not in SETTLED}
        training = self._sets.of(row, runs)
        in_set = places(training)
        targets = {
            target: replace(self._target(target, path, row, runs.get(target)), place=in_set.get(target, ("", "")))
            for target, path in row.targets}
        about = About(
            row.title, row.file, row.region, row.tags, row.uses, replaced_in(self._memory, row.key), row.instructions,
            summary(training), *lora_of(self._workspace.root, row), row.loras)
        return sheet_of(row.key, targets, about)

    def _target(self, target: str, path: str, row: Row, entry: TargetRun | None) -> Target:
        line = self._workspace.manifest.line(target, path)
        scores = [each.action for each in line.upstream if each.kind == "score"] if line is not None else []
        scores += entry.scores if entry is not None else ()
        human = row.decisions.get(target, UNDECIDED)
        shown = Target(
            line, starts_from=row.starts.get(target, ()), decision=human.decision,
            rejected={rejection.pixels: rejection.reason for rejection in human.rejected},
            waiting=tuple(map(shown_change, human.changes)),
            poses=shown_poses(scores, self._workspace.cache) if scores else {}, trace=self._trace(target),
            review=self._review(line, entry, row.enhancements.get(target)))
        judged = self._judged(target, row)
        if judged is not None:
            shown = replace(
                shown, ordering=judged.ordering, kept_out=judged.kept_out, low=judged.low,
                alike=tuple(map(named, judged.alike)), look_alikes=judged.look_alikes, weakest=judged.weakest)
        if entry is not None and not entry.status:
            preview = self._previews.get(target)
            state = "pending" if preview is None else "preview"
            return replace(shown, state=state, reason=entry.reason, preview=preview)
        if entry is None:
            return replace(shown, decision=STALE[human.decision], waiting=()) if human.decision in STALE else shown
        candidates = tuple(
            ShownCandidate(number, *candidate) for number, candidate in enumerate(entry.candidates, start=1))
        return replace(shown, state=entry.status, reason=entry.reason, candidates=candidates, words=entry.words)

    def _trace(self, target: str) -> ShownTrace | None:
        """The trace that is kept of a shot: an input of its page, since it comes and goes without a render."""
        key = spec_key_of(target)
        if key not in self._traced:
            self._traced[key] = traces_of(self._workspace.root, key)
        trace = self._traced[key].get(target)
        return ShownTrace(trace.folder, trace.files) if trace is not None else None

    def _review(self, line: Line | None, entry: TargetRun | None, action: Action | None) -> ShownReview | None:
        """Of the prompt that the picture rests on, not of another that is asked for by now."""
        key = entry.enhancement if entry is not None and entry.enhancement else (
            enhancement_of_line(line) if line is not None else "")
        asked_for = action if action is not None and action.key == key else None
        review = prompt_review(key, self._workspace.cache, asked_for)
        if review is None:
            return None
        return ShownReview(review.score, review.outcome, review.remarks, review.is_low)

    def _judged(self, target: str, row: Row) -> Findings | None:
        """As the build left it: found when the target was settled, else when its spec was looked into."""
        run = self._runs.get(target)
        return run.judged if run is not None and run.judged is not None else row.judged.get(target)

    def _blob(self, action: str) -> Path | None:
        """The file that holds the picture of a render, where it is in the local cache."""
        made = self._workspace.results.local(action)
        return self._workspace.results.sound_place(made) if made is not None else None


