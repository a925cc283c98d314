"""Keeps the contact sheets in step with what is published. Must not know how a page looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from calotype.build.examine import Row
from calotype.build.run import Todo
from calotype.results.publish.manifest import Line, Manifest
from calotype.results.sheet.entry import SETTLED, SpecSheet
from calotype.results.sheet.gather import sheet_of


class Sheets:
    """`rows` say what each examined spec asks for, `todos` what became of the targets that were not up to date; the
    specs in the files `edited` may have other titles or another order."""

    def __init__(
        self, root: Path, manifest: Manifest, rows: Mapping[str, Row], todos: Iterable[Todo], edited: Iterable[str]
    ) -> None:
        self._root, self._manifest, self._rows, self._edited = root, manifest, rows, frozenset(edited)
        self._todos: dict[str, list[Todo]] = {}
        for todo in todos:
            self._todos.setdefault(todo.file, []).append(todo)

    def write(self, whole: bool, removed: Iterable[Line], gone: Iterable[str]) -> list[str]:
        """Writes the pages that changed, all of them if `whole` is known and they are not current; returns their paths.

        `removed` are lines that are no more, `gone` the keys (`exercises/chin_tuck`) that specs had before.
        """
        from calotype.results.sheet.write import sheets_are_current, write_all_sheets, write_sheets

        if whole and not sheets_are_current(self._root):
            return write_all_sheets(self._root, self._sheets())
        rows = {row.key: row for row in self._rows.values()}
        lost = {"/".join(line.target.split("/")[:2]) for line in removed}
        changed = lost | {key for key in gone if key not in rows} | {row.key for row in self._changed()}
        changes = {key: self._sheet(rows[key]) if key in rows else None for key in changed}
        return write_sheets(self._root, changes) if changes else []

    def _sheets(self) -> Iterator[SpecSheet]:
        """All of them; of the manifest no more is kept in memory than the shard in hand."""
        group = attrgetter("kind", "region")
        for _, rows in groupby(sorted(self._rows.values(), key=group), key=group):
            yield from map(self._sheet, rows)
            self._manifest.forget()

    def _changed(self) -> Iterator[Row]:
        """The specs that were edited, or of which something was done: what goes on awaiting a human looks as it did."""
        for file, row in self._rows.items():
            done = (todo.status != "awaiting" or todo.rendered for todo in self._todos.get(file, ()))
            if file in self._edited or any(done):
                yield row

    def _sheet(self, row: Row) -> SpecSheet:
        open_todos = (todo for todo in self._todos.get(row.file, ()) if todo.status not in SETTLED)
        states = {todo.target: (todo.status, todo.reason) for todo in open_todos}
        return sheet_of(
            row.key, {target: self._manifest.line(target, path) for target, path in row.targets}, title=row.title,
            file=row.file, tags=row.tags, region=row.region, states=states,
        )
