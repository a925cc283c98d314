"""docs/library.md shows the exercises of the physio template as they are now."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

from conftest import REPOSITORY

DOCS = REPOSITORY / "docs"


def test_the_library_shows_what_its_exercises_ask_for(tmp_path: Path) -> None:
    described = importlib.util.spec_from_file_location("make_library", DOCS / "make_library.py")
    assert described and described.loader
    library = importlib.util.module_from_spec(described)
    described.loader.exec_module(library)
    library.begin(tmp_path / "clinic")
    exercises = library.read(tmp_path / "clinic")
    fresh = "run `python docs/make_library.py`"
    assert (DOCS / "library.md").read_text(encoding="utf-8") == library.page(exercises), fresh
    assert json.loads(library.KEYS.read_text(encoding="utf-8")) == library.keys_of(exercises), fresh
    sheets = {f"library-{region}.webp" for region in library.by_region(exercises)}
    assert {path.name for path in library.PICTURES.glob("library-*.webp")} == sheets, fresh
    assert sum((library.PICTURES / name).stat().st_size for name in sheets) < 2_000_000
