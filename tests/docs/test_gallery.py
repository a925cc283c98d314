"""docs/gallery.md shows what this repository's specs ask for, with the alt text that it has now."""

from __future__ import annotations

import importlib.util

from calotype import Project
from conftest import REPOSITORY

DOCS = REPOSITORY / "docs"


def test_the_gallery_shows_what_the_specs_ask_for() -> None:
    described = importlib.util.spec_from_file_location("make_gallery", DOCS / "make_gallery.py")
    assert described and described.loader
    gallery = importlib.util.module_from_spec(described)
    described.loader.exec_module(gallery)
    project = Project.open(DOCS.parent)
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    assert page == gallery.page(project), "run `python docs/make_gallery.py`"
    targets = [row.target for row in project.list() if row.target.count("/") == 2 + row.target.startswith("characters/")]
    variations = {target[:-len("_01")] for target in targets if "/variations/" in target}
    shown = [target for target in targets if "/variations/" not in target] + [f"{name}_01" for name in variations]
    assert len(variations) == 30
    names = set(map(gallery.file_name, shown))
    assert names == {file.name for file in (DOCS / "gallery").iterdir()}
    assert sum(file.stat().st_size for file in (DOCS / "gallery").iterdir()) < 3_000_000
