"""One round of writing pages: only those whose bytes change. Must not know how they look, nor when they are due."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from calotype.ground.atomic import write_bytes
from calotype.ground.target_names import FOLDERS
from calotype.results.publish.disk import tidy
from calotype.results.sheet.catalog import (
    FACES,
    Catalog,
    Group,
    cards_shown,
    catalog_bytes,
    chunk_of,
    cut,
    face_of,
    page_of,
    stems,
)
from calotype.results.sheet.changes import Changes
from calotype.results.sheet.currency import BUILD, CARDS, CATALOG, DATA, SHELVES, break_seal
from calotype.results.sheet.fragments import Piece, faces_bytes, read_faces, read_shelf, shelf_bytes
from calotype.results.sheet.model import SpecSheet
from calotype.results.sheet.pages import GROUP_MARK, STATIC, Pages
from calotype.results.sheet.thumbs import Thumbs, names_of

MOST_CARDS = max(cards for _, cards in FACES)


class SiteWriter:
    """The shelves as they were and as they become, and the pages `touched` so far, relative to the project. `lost`: a
    shelf was damaged, so that a page lacks cards until all are written anew."""

    def __init__(self, root: Path, pages: Pages, thumbs: Thumbs, changes: Changes) -> None:
        self.touched: list[str] = []
        self.lost = False
        self._root, self._pages, self._thumbs, self._changes = root, pages, thumbs, changes
        self._faces: dict[str, list[str]] = {}

    def write_everything(self, sheets: Iterable[SpecSheet]) -> None:
        """`sheets` come group by group: the pieces of one are let go before those of the next are made."""
        catalog: Catalog = {}
        pictures: set[str] = set()
        for name, found in groupby(sheets, key=lambda sheet: sheet.group):
            if name in catalog:
                raise ValueError(f"the group {name} came twice")
            pieces = {}
            for sheet in found:
                pieces[sheet.id] = self._write_spec(sheet)
                pictures |= names_of([sheet])
            self._thumbs.make()
            catalog[name] = self._write_group(name, Group(), cut(sorted(pieces)), pieces)
        self._write_index(catalog)
        for name in STATIC:
            self._write(f"{BUILD}/{name}", self._pages.static(name))
        self._remove_strangers(catalog)
        self._write_changes({key for key in self._changes.keys if not (self._root / BUILD / f"{key}.html").exists()})
        self._finish(catalog)
        self._thumbs.keep_only(pictures)

    def write_changed(self, changes: Mapping[str, SpecSheet | None], catalog: Catalog) -> None:
        """`catalog` says on which pages the specs stand, and is brought up to date."""
        groups: dict[str, dict[str, Piece | None]] = {}
        for key, sheet in changes.items():
            kind, _, name = key.partition("/")
            group_before = self._group_before(key)
            if group_before and (sheet is None or group_before != sheet.group):
                groups.setdefault(group_before, {})[name] = None
            if sheet is None:
                self._remove(f"{BUILD}/{kind}/{name}.html")
            else:
                groups.setdefault(sheet.group, {})[name] = self._write_spec(sheet)
        self._thumbs.make()
        before = {name: catalog.pop(name, Group()) for name in groups}
        for name, edits in groups.items():
            group = self._edit_group(name, before[name], edits)
            if group.chunks:
                catalog[name] = group
        cards = cards_shown(len(catalog))
        if any(group.shown(cards) != catalog.get(name, Group()).shown(cards) for name, group in before.items()):
            self._write_index(catalog)
        gone = {key for key, sheet in changes.items() if sheet is None}
        if self._changes.concern(gone):
            self._write_changes(gone)
        self._finish(catalog)

    def _edit_group(self, name: str, before: Group, edits: Mapping[str, Piece | None]) -> Group:
        """`edits` are the specs that changed; None: is gone."""
        gone = {one for one, piece in edits.items() if piece is None}
        made = {one: piece for one, piece in edits.items() if piece is not None}
        known = set(before.ids)
        as_before = not gone and known.issuperset(made)
        pages = [chunk.ids for chunk in before.chunks] if as_before else cut(sorted({*known, *made} - gone))
        return self._write_group(name, before, pages, made)

    def _write_group(
        self, name: str, before: Group, pages: Sequence[tuple[str, ...]], made: Mapping[str, Piece]
    ) -> Group:
        """Writes those pages of a group that hold a piece `made` in this round or are cut otherwise than `before`, with
        their shelves and what the search reads; removes those it has no more."""
        old, new = stems(name, [chunk.ids for chunk in before.chunks]), stems(name, pages)
        was = dict(zip(old, before.chunks, strict=True))
        pieces = _Pieces(made, [(chunk.ids[0], self._shelf(stem)) for stem, chunk in was.items()])
        chunks = []
        for stem, page in zip(new, pages, strict=True):
            stays = stem in was and was[stem].ids == page and made.keys().isdisjoint(page)
            chunks.append(was[stem] if stays else chunk_of(page, pieces.of(page)))
            self.lost |= chunks[-1].tally.specs < len(page)
        face = before.face
        if pages and chunks[0] is not was.get(new[0]):
            self._faces[name] = _cards(pieces.of(pages[0][:MOST_CARDS]))
            face = face_of(self._faces[name])
        group = Group(tuple(chunks), face)
        links, linked = _links(new, group), _links(old, before)
        for at, (stem, chunk) in enumerate(zip(new, chunks, strict=True)):
            if chunk is not was.get(stem):
                found = pieces.of(chunk.ids)
                self._write(f"{BUILD}/{DATA}/{stem}.js", self._pages.rows(found))
                self._keep(self._shelf(stem), shelf_bytes(found))
            elif links[stem] == linked[stem]:
                continue
            self._write(f"{BUILD}/{stem}.html", self._pages.group(name, group, at, pieces.of(chunk.ids)))
        for stem in was.keys() - set(new):
            self._remove_page(stem)
        return group

    def _write_index(self, catalog: Catalog) -> None:
        """The index and the cards on it, so that the next needs no shelf."""
        known, cards = read_faces(self._root / CARDS) | self._faces, cards_shown(len(catalog))
        faces = {}
        for name, group in sorted(catalog.items()):
            found = known.get(name, [])[:cards]
            if face_of(found) != group.face[:cards]:
                found = _cards(read_shelf(self._shelf(page_of(name))))[:cards]
            faces[name] = found
        self._write(f"{BUILD}/index.html", self._pages.index(catalog, faces))
        self._keep(self._root / CARDS, faces_bytes(faces))

    def _write_changes(self, gone: Collection[str]) -> None:
        page, shelf = self._changes.page(gone)
        self._write(f"{BUILD}/changed.html", page)
        self._keep(self._root / SHELVES / Changes.SHELF, shelf)

    def _finish(self, catalog: Catalog) -> None:
        """What stands beside the groups."""
        self._write(f"{BUILD}/{DATA}/shards.js", self._pages.shards(catalog))
        self._keep(self._root / CATALOG, catalog_bytes(catalog))

    def _group_before(self, key: str) -> str | None:
        """The group that the page written last time says it stands under."""
        try:
            page = (self._root / BUILD / f"{key}.html").read_bytes()
        except OSError:
            return None
        return page[-200:].decode(errors="replace").rpartition(GROUP_MARK)[2].partition(" ")[0] or None

    def _write_spec(self, sheet: SpecSheet) -> Piece:
        self._write(f"{BUILD}/{sheet.key}.html", self._pages.spec(sheet))
        self._changes.meet(sheet)
        return self._pages.piece(sheet)

    def _remove_strangers(self, catalog: Catalog) -> None:
        """Pages of specs and groups that are no more, and what a killed build left half written. Only names that this
        room gives are looked at."""
        expected = {"shards"}
        specs = set()
        for name, group in catalog.items():
            expected |= set(stems(name, [chunk.ids for chunk in group.chunks]))
            specs |= {f"{name.split('/')[0]}/{one}.html" for one in group.ids}
        build = self._root / BUILD
        for folder in (build, self._root / SHELVES, build / DATA, *(build / kind for kind in FOLDERS)):
            tidy(folder)
        for kind in FOLDERS:
            for path in sorted((build / kind).glob("*.html")):
                if f"{kind}/{path.name}" not in specs:
                    self._remove(f"{BUILD}/{kind}/{path.name}")
            for pattern in (f"{kind}.*html", f"{kind}-*.html"):
                for path in sorted(build.glob(pattern)):
                    if path.name.removesuffix(".html") not in expected:
                        self._remove_page(path.name.removesuffix(".html"))
        for path in (build / DATA).glob("*.js"):
            if path.name.removesuffix(".js") not in expected:
                self._remove(f"{BUILD}/{DATA}/{path.name}")

    def _remove_page(self, stem: str) -> None:
        self._remove(f"{BUILD}/{stem}.html")
        self._remove(f"{BUILD}/{DATA}/{stem}.js")
        self._shelf(stem).unlink(missing_ok=True)

    def _write(self, name: str, content: bytes) -> None:
        if self._keep(self._root / name, content):
            self.touched.append(name)

    def _remove(self, name: str) -> None:
        break_seal(self._root)
        try:
            (self._root / name).unlink()
        except FileNotFoundError:
            return
        self.touched.append(name)

    def _keep(self, path: Path, content: bytes) -> bool:
        """Writes a file unless it is there already, byte for byte; returns whether it was written."""
        try:
            if path.read_bytes() == content:
                return False
        except OSError:
            pass
        break_seal(self._root)
        write_bytes(path, content, durable=False)
        return True

    def _shelf(self, stem: str) -> Path:
        return self._root / SHELVES / f"{stem}.tsv"


class _Pieces:
    """The pieces of one group: those made in this round, the others from their shelves when they are asked for.
    `shelves` are in order, each with the first id on it."""

    def __init__(self, made: Mapping[str, Piece], shelves: Sequence[tuple[str, Path]]) -> None:
        self._known = dict(made)
        self._firsts, self._shelves = [first for first, _ in shelves], [path for _, path in shelves]
        self._read: set[int] = set()

    def of(self, ids: Iterable[str]) -> dict[str, Piece]:
        """In the order of `ids`; without those that a damaged shelf has lost."""
        wanted = list(ids)
        for one in wanted:
            at = bisect_right(self._firsts, one) - 1
            if one not in self._known and at >= 0 and at not in self._read:
                self._read.add(at)
                self._known = read_shelf(self._shelves[at]) | self._known
        return {one: self._known[one] for one in wanted if one in self._known}


def _cards(pieces: Mapping[str, Piece]) -> list[str]:
    """The first cards of a group."""
    return [piece.card for piece in islice(pieces.values(), MOST_CARDS)]


def _links(names: Sequence[str], group: Group) -> dict[str, Any]:
    """What each page of a group tells of the others: the first of all, the rest of their neighbours."""
    found: dict[str, Any] = {
        stem: (names[at - 1], *names[at + 1:at + 2]) for at, stem in enumerate(names) if at}
    if names:
        found[names[0]] = [(chunk.ids[0], chunk.ids[-1], chunk.tally) for chunk in group.chunks]
    return found
