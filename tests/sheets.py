"""Contact sheets in tests: written with a memory as a build keeps one, and read back."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from calotype.results.sheet import SpecSheet, pages_are_current, write_all_sheets, write_sheets
from calotype.results.sheet.write import Blob, no_blob
from calotype.store.state import State

PAST = re.compile(r"<!-- change -->.*?<!-- /change -->\n", re.DOTALL)
"""What a picture looked like before, on the page of its spec."""
_HISTORY = "changed.html"


def shown(root: Path) -> dict[str, str]:
    """By path under build/: pages, styles, scripts and what the search reads, less what they tell of the past: of that
    a clean build knows nothing."""
    folder = root / "build"
    found = [path for path in folder.rglob("*") if path.suffix in (".html", ".css", ".js") and path.name != _HISTORY]
    return {path.relative_to(folder).as_posix(): PAST.sub("", path.read_text(encoding="utf-8")) for path in found}


class Site:
    """The sheets of the project at `root`, and what they remember."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.memory = State(self.database).pages

    @property
    def database(self) -> Path:
        return self.root / "cache/state/state.db"

    def write_all(
        self, sheets: Iterable[SpecSheet], blob: Blob = no_blob, replaced: Collection[str] = ()
    ) -> list[str]:
        """Returns the pages written or removed."""
        return list(write_all_sheets(self.root, sheets, self.memory, blob, replaced).pages)

    def write(self, changes: Mapping[str, SpecSheet | None], replaced: Collection[str] = ()) -> list[str]:
        written = write_sheets(self.root, changes, self.memory, replaced=replaced)
        self.memory.put(written.update)
        return list(written.pages)

    def is_current(self, changed: Collection[str] = ()) -> bool:
        return pages_are_current(self.root, self.memory, changed)

    def page(self, name: str) -> str:
        return (self.root / "build" / name).read_text(encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """All that lies in build/, by path."""
        paths = [path for path in (self.root / "build").rglob("*") if path.is_file()]
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in paths}

    def everything(self) -> tuple[dict[str, bytes], list[tuple[str, str, str]]]:
        """The files, and what is remembered."""
        with sqlite3.connect(self.database) as connection:
            rows = connection.execute("SELECT topic, name, value FROM page_memory ORDER BY topic, name").fetchall()
        connection.close()
        return self.files(), rows
