"""Which specs stand on which page of their group, and what the pages are called. Must not know what a page shows.

A group is cut into pages of some hundred specs. Where it is cut follows from the ids alone (content-defined chunking,
as rsync and restic cut files): a new spec moves the cuts near it and no others, and pages written step by step are
those of a clean build.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

from calotype.results.sheet.fragments import Catalog, Fragment, Group, GroupPage, total

DATA, THUMBS = "data", "thumbs"
"""Folders in build/: of what the search reads, and of small pictures."""
FEWEST, MOST, ONE_IN = 60, 240, 64
"""A page has at least so many specs and at most so many; between them every 64th id, on average, begins another."""
INDEX_CARDS = ((12, 8), (60, 1))
"""Up to how many groups the index shows how many cards of each; beyond, it names them and shows none."""


def group_of(catalog: Catalog, kind: str, id: str) -> str | None:
    """The name of the group in which the spec of that kind and id stands."""
    for name, group in catalog.items():
        if name.partition("/")[0] == kind and any(
                page.ids[0] <= id <= page.ids[-1] and id in page.ids for page in group.pages):
            return name
    return None


def index_cards(groups: int) -> int:
    """How many cards of each group an index of so many groups shows; the rest are on the group's own pages."""
    return next((cards for most, cards in INDEX_CARDS if groups <= most), 0)


def cut(ids: Sequence[str]) -> list[tuple[str, ...]]:
    """`ids`, which are in order, page by page."""
    pages: list[tuple[str, ...]] = []
    start = 0
    for at, name in enumerate(ids):
        length = at - start
        if length >= MOST or (length >= FEWEST and zlib.crc32(name.encode()) % ONE_IN == 0):
            pages.append(tuple(ids[start:at]))
            start = at
    if start < len(ids):
        pages.append(tuple(ids[start:]))
    return pages


def page_of(group: str, first: str | None = None) -> str:
    """The stem of a page's name: `exercises-neck`; of a later page, which begins with the spec `first`,
    `exercises-neck.chin_tuck`. No id holds a dot."""
    stem = group.replace("/", "-")
    return stem if first is None else f"{stem}.{first}"


def stems(group: str, pages: Iterable[Sequence[str]]) -> list[str]:
    """The stems of all its pages, each given by the ids on it."""
    return [page_of(group, ids[0] if at else None) for at, ids in enumerate(pages)]


def pages_by_stem(name: str, group: Group) -> dict[str, GroupPage]:
    """The pages of the group `name`, in order."""
    return dict(zip(stems(name, [page.ids for page in group.pages]), group.pages, strict=True))


def group_page(ids: tuple[str, ...], fragments: Mapping[str, Fragment]) -> GroupPage:
    rows = 0
    for fragment in fragments.values():
        rows = zlib.crc32(fragment.row.encode(), rows)
    return GroupPage(ids, total(fragment.tally for fragment in fragments.values()), f"{rows:08x}")
