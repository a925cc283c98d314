"""One round of writing pages: only those whose bytes change. Must not know how they look, nor when they are due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from calotype.ground.atomic import write_bytes
from calotype.ground.boundary import require_own_pages, require_place
from calotype.ground.files import holds
from calotype.ground.folders import BUILD
from calotype.results.sheet.catalog import (
    DATA,
    INDEX_CARDS,
    cut,
    group_of,
    group_page,
    index_cards,
    pages_by_stem,
    stems,
)
from calotype.results.sheet.changed_page import ChangedPage
from calotype.results.sheet.fragments import Catalog, Fragment, Group, GroupPage
from calotype.results.sheet.memory import SheetMemory
from calotype.results.sheet.model import SpecSheet
from calotype.results.sheet.obsolete import obsolete_pages, tidy_folders
from calotype.results.sheet.pages import STATIC, Pages
from calotype.results.sheet.thumbs import Thumbs, names_of

MOST_CARDS = max(cards for _, cards in INDEX_CARDS)
MOST_WAITING = 64
"""Pages of specs that are held until the small pictures are made that they show: enough for every core to make some."""


class SiteWriter:
    """Writes the pages of one project. `touched` are those written or removed so far, relative to the project."""

    def __init__(self, root: Path, memory: SheetMemory, pages: Pages, thumbs: Thumbs, changed: ChangedPage) -> None:
        self.touched: list[str] = []
        self._root, self._memory, self._pages, self._thumbs, self._changed = root, memory, pages, thumbs, changed
        self._first_cards: dict[str, list[str]] = {}
        self._waiting: list[tuple[str, bytes]] = []

    def write_everything(self, sheets: Iterable[SpecSheet]) -> None:
        """`sheets` come group by group: the fragments of one are let go before those of the next are made."""
        require_own_pages(self._root)
        catalog: Catalog = {}
        pictures: set[str] = set()
        self._memory.begin()
        for name, members in groupby(sheets, key=lambda sheet: sheet.group):
            if name in catalog:
                raise ValueError(f"the group {name} came twice")
            made = {}
            for sheet in members:
                made[sheet.id] = self._write_spec(sheet)
                pictures |= names_of([sheet])
            self._write_waiting()
            catalog[name] = self._write_group(name, Group(), cut(sorted(made)), made)
            self._memory.save_some()
        self._write_index(catalog)
        for name in STATIC:
            self._write(name, self._pages.static(name))
        tidy_folders(self._root / BUILD)
        for name in sorted(obsolete_pages(self._root / BUILD, catalog)):
            self._remove(name)
        self._write_changed({key for key in self._changed.keys if not (self._root / BUILD / f"{key}.html").exists()})
        self._write_shards(catalog)
        self._thumbs.keep_only(pictures)

    def write_changes(self, changes: Mapping[str, SpecSheet | None]) -> None:
        """`changes` hold by its key what each spec that changed shows now; None: it is no more."""
        catalog = self._memory.catalog()
        edits = self._write_specs(changes, catalog)
        self._write_waiting()
        before = {name: catalog.pop(name, Group()) for name in edits}
        for name, fragments in edits.items():
            group = self._edit_group(name, before[name], fragments)
            if group.pages:
                catalog[name] = group
        if self._index_is_due(before, catalog):
            self._write_index(catalog)
        gone = {key for key, sheet in changes.items() if sheet is None}
        if self._changed.is_due(gone):
            self._write_changed(gone)
        self._write_shards(catalog)

    def _write_specs(
        self, changes: Mapping[str, SpecSheet | None], catalog: Catalog
    ) -> dict[str, dict[str, Fragment | None]]:
        """Writes the specs' own pages. Returns by group the fragments made; None for a spec that left the group."""
        edits: dict[str, dict[str, Fragment | None]] = {}
        for key, sheet in changes.items():
            kind, _, name = key.partition("/")
            group_before = group_of(catalog, kind, name)
            if group_before and (sheet is None or group_before != sheet.group):
                edits.setdefault(group_before, {})[name] = None
            if sheet is None:
                self._remove(f"{key}.html")
            else:
                edits.setdefault(sheet.group, {})[name] = self._write_spec(sheet)
        return edits

    def _write_spec(self, sheet: SpecSheet) -> Fragment:
        """The page is written once the small pictures are there that it shows: whoever reads it meanwhile sees them."""
        self._waiting.append((f"{sheet.key}.html", self._pages.spec(sheet)))
        self._changed.add(sheet)
        fragment = self._pages.fragment(sheet)
        if len(self._waiting) == MOST_WAITING:
            self._write_waiting()
        return fragment

    def _write_waiting(self) -> None:
        """Makes the small pictures that were asked for, then writes the pages of specs that wait for them."""
        self._thumbs.make()
        for name, page in self._waiting:
            self._write(name, page)
        self._waiting.clear()

    def _edit_group(self, name: str, before: Group, edits: Mapping[str, Fragment | None]) -> Group:
        gone = {id for id, fragment in edits.items() if fragment is None}
        made = {id: fragment for id, fragment in edits.items() if fragment is not None}
        ids = set(before.ids)
        as_before = not gone and ids.issuperset(made)
        pages = [page.ids for page in before.pages] if as_before else cut(sorted({*ids, *made} - gone))
        for id in gone:
            self._memory.keep_fragment(name, id, None)
        return self._write_group(name, before, pages, made)

    def _write_group(
        self, name: str, before: Group, pages: Sequence[tuple[str, ...]], made: Mapping[str, Fragment]
    ) -> Group:
        """Writes those pages of a group that hold a fragment `made` in this round or are cut otherwise than `before`,
        and what the search reads of them; removes those it has no more."""
        old, fragments = pages_by_stem(name, before), _Fragments(self._memory, name, made)
        after = []
        for stem, ids in zip(stems(name, pages), pages, strict=True):
            stays = stem in old and old[stem].ids == ids and made.keys().isdisjoint(ids)
            after.append(old[stem] if stays else group_page(ids, fragments.of(ids)))
        group = Group(tuple(after))
        new = pages_by_stem(name, group)
        links_before, links = _links(old), _links(new)
        for at, (stem, page) in enumerate(new.items()):
            if page is not old.get(stem):
                self._write(f"{DATA}/{stem}.js", self._pages.rows(fragments.of(page.ids)))
                self._memory.keep_page(stem, name, page)
            elif links[stem] == links_before[stem]:
                continue
            self._write(f"{stem}.html", self._pages.group(name, group, at, fragments.of(page.ids)))
        for stem in old.keys() - new.keys():
            self._remove(f"{stem}.html")
            self._remove(f"{DATA}/{stem}.js")
            self._memory.keep_page(stem, name, None)
        for id, fragment in made.items():
            self._memory.keep_fragment(name, id, fragment)
        if after and not (before.pages and after[0] is before.pages[0]):
            first = fragments.of(after[0].ids[:MOST_CARDS])
            self._first_cards[name] = [fragment.card for fragment in first.values()]
        return group

    def _index_is_due(self, before: Mapping[str, Group], catalog: Catalog) -> bool:
        """Whether the index shows other counts or cards of the groups that were edited."""
        cards = index_cards(len(catalog))
        return any(
            group.tally != catalog.get(name, Group()).tally
            or (name in self._first_cards and self._first_cards[name][:cards] != self._memory.first_cards(name, cards))
            for name, group in before.items())

    def _write_index(self, catalog: Catalog) -> None:
        cards = index_cards(len(catalog))
        shown = {name: self._first_cards[name][:cards] if name in self._first_cards
                 else self._memory.first_cards(name, cards) for name in sorted(catalog)}
        self._write("index.html", self._pages.index(catalog, shown))

    def _write_changed(self, gone: Collection[str]) -> None:
        self._write("changed.html", self._pages.changed(*self._changed.parts(gone)))

    def _write_shards(self, catalog: Catalog) -> None:
        self._write(f"{DATA}/shards.js", self._pages.shards(catalog))

    def _write(self, name: str, content: bytes) -> None:
        """Writes a file of build/ unless it is there already, byte for byte."""
        require_place(self._root, f"{BUILD}/{name}")
        path = self._root / BUILD / name
        try:
            if holds(path, content):
                return
        except OSError:
            pass  # it is not there, or write_bytes says what is wrong
        write_bytes(path, content, durable=False)
        self.touched.append(f"{BUILD}/{name}")

    def _remove(self, name: str) -> None:
        try:
            (self._root / BUILD / name).unlink()
        except FileNotFoundError:
            return
        self.touched.append(f"{BUILD}/{name}")


class _Fragments:
    """The fragments of one group: those `made` in this round, the others remembered, read when they are asked for."""

    def __init__(self, memory: SheetMemory, group: str, made: Mapping[str, Fragment]) -> None:
        self._memory, self._group, self._made = memory, group, made
        self._remembered: dict[str, Fragment] = {}

    def of(self, ids: Sequence[str]) -> dict[str, Fragment]:
        """In the order of `ids`; without those that a damaged memory has lost."""
        if not all(id in self._made or id in self._remembered for id in ids):
            self._remembered |= self._memory.fragments(self._group, ids)
        both = {**self._remembered, **self._made}
        return {id: both[id] for id in ids if id in both}


def _links(pages: Mapping[str, GroupPage]) -> dict[str, Any]:
    """What each page of a group tells of the others: the first of all, the rest of their neighbours."""
    names = list(pages)
    links: dict[str, Any] = {stem: (names[at - 1], *names[at + 1:at + 2]) for at, stem in enumerate(names) if at}
    if names:
        links[names[0]] = [(page.ids[0], page.ids[-1], page.tally) for page in pages.values()]
    return links
