"""The contact sheets of one build: what they show while it is at work, and when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from calotype.ground.diagnostics import Problem
from calotype.ground.events import Events
from calotype.ground.target_names import spec_key_of
from calotype.plan.analysis import Row
from calotype.project.changes import ChangeSet
from calotype.project.specs.spec_cache import SpecCache
from calotype.project.workspace import Workspace
from calotype.results.publish.line import Line
from calotype.results.sheet import Preview, Written
from calotype.run.node_table import TargetRun
from calotype.run.sheets import Sheets

PAUSE = 0.5
"""Seconds between two rounds of writing while a build is at work."""


class BuildPages:
    """`rows` say what each examined spec asks for, `entries` what has become so far of the targets that were not up to
    date. `current`: all pages show what the last build left."""

    def __init__(
        self, workspace: Workspace, spec_cache: SpecCache, change_set: ChangeSet, rows: Mapping[str, Row],
        entries: Callable[[], Iterator[TargetRun]], events: Events, *, current: bool,
    ) -> None:
        self._workspace, self._spec_cache, self._change_set = workspace, spec_cache, change_set
        self._rows, self._entries, self._events, self._current = rows, entries, events, current
        self._previews: Mapping[str, Preview] = {}
        self._passing: set[str] = set()
        self._open: dict[str, TargetRun] = {}
        self._next = 0.0

    def show(self, previews: Mapping[str, Preview], pending: Iterable[str]) -> None:
        """Shows of the targets `pending` that they are to be rendered, with their previews. A disk or a template that
        refuses is told of when the build is over."""
        self._previews = previews
        keys = {spec_key_of(target) for target in pending}
        self._open = {entry.target: entry for entry in self._entries()
                      if not self._current or spec_key_of(entry.target) in keys}
        self._passing = set(map(spec_key_of, self._open))
        self._write(keys)

    def refresh(self) -> None:
        """Shows what has been published since the last time, if that is a while ago."""
        if not self._open or time.monotonic() < self._next:
            return
        settled = [entry.target for entry in self._open.values() if entry.status]
        if settled:
            for target in settled:
                del self._open[target]
            self._write({spec_key_of(target) for target in settled})

    def close(self, removed: Iterable[Line]) -> Written:
        """Writes the pages as the build leaves them; `removed` are the lines that are no more."""
        state, sheets = self._workspace.state, self._sheets()
        if not self._current:
            return sheets.write_all(self._note)
        keys = (state.key_of(file) for file in (*self._change_set.gone, *self._rows))
        return sheets.write_changed(removed, [key for key in keys if key is not None], self._passing)

    def give_up(self) -> None:
        """Takes off the pages what only this build would have replaced, as far as there is room for them: the disk has
        just refused."""
        if not self._previews and not self._passing:
            return
        with suppress(OSError, Problem):
            self._workspace.state.pages.put(self.close(()).update)

    def _write(self, keys: set[str]) -> None:
        """Writes the pages of the specs `keys`; all of them, where those that are there may be of another time. What
        they show is remembered at once: the next round goes on from it."""
        sheets, pages = self._sheets(), self._workspace.state.pages
        try:
            if self._current:
                self._current = False
                written = sheets.write_meanwhile(keys)
            else:
                written = sheets.write_all(self._note, meanwhile=True)
            pages.put(written.update)
            self._current = True
        except (OSError, Problem):
            self._open = {}
        finally:
            self._next = time.monotonic() + PAUSE

    def _sheets(self) -> Sheets:
        state = self._workspace.state
        edited = [file for file, row in self._rows.items() if state.sha256_of(file) != row.sha256]
        return Sheets(self._workspace, self._rows, self._entries(), edited, self._spec_cache, self._previews)

    def _note(self, message: str) -> None:
        self._events.emit("note", message=message)
