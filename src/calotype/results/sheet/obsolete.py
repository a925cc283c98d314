"""Pages of specs and groups that are no more. Must not remove a file that has none of the sheets' names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calotype.ground.target_names import FOLDERS
from calotype.results.publish.disk import tidy
from calotype.results.sheet.catalog import DATA, pages_by_stem
from calotype.results.sheet.fragments import Catalog


def obsolete_pages(build: Path, catalog: Catalog) -> Iterator[str]:
    """The paths in the folder `build` of pages, and of what the search reads, that the `catalog` does not hold."""
    expected = {stem for name, group in catalog.items() for stem in pages_by_stem(name, group)}
    specs = {f"{name.partition('/')[0]}/{id}.html" for name, group in catalog.items() for id in group.ids}
    for kind in FOLDERS:
        for path in (build / kind).glob("*.html"):
            if f"{kind}/{path.name}" not in specs:
                yield f"{kind}/{path.name}"
        for pattern in (f"{kind}.*html", f"{kind}-*.html"):
            for path in build.glob(pattern):
                if path.name.removesuffix(".html") not in expected:
                    yield path.name
    for path in (build / DATA).glob("*.js"):
        if path.stem not in {*expected, "shards"}:
            yield f"{DATA}/{path.name}"


def tidy_folders(build: Path) -> None:
    """Removes what a killed build left half written."""
    for folder in (build, build / DATA, *(build / kind for kind in FOLDERS)):
        tidy(folder)
