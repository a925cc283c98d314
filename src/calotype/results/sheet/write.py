"""Writes the contact sheets of what changed, and only those whose bytes change. Must not know how they look.

Layout under build/: `index.html`, one page per group (`exercises-neck.html`, `characters.html`), one per spec
(`exercises/chin_tuck.html`), `sheet.css`; in `.sheets/` the shelves and the seal. The seal is there only
while all pages agree with what was last published: a build killed in between leaves none, and the next writes
all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error
from calotype.results.publish.disk import tidy
from calotype.results.sheet.entry import KINDS, SpecSheet
from calotype.results.sheet.shelf import Piece, read_shelf, shelf_bytes

if TYPE_CHECKING:
    from jinja2 import TemplateError

    from calotype.results.sheet.pages import Pages

BUILD = "build"
SHELVES = f"{BUILD}/.sheets"
SEAL = f"{SHELVES}/seal"
INDEX_SHELF = f"{SHELVES}/index.tsv"
_PROCESS = os.urandom(8).hex()


def sheets_are_current(root: Path) -> bool:
    """Whether all pages are there and show, by today's templates, all that was published before this process.

    Takes a few milliseconds for 10,000 specs.
    """
    from calotype.results.sheet.pages import Pages

    seal = root / SEAL if (root / SEAL).exists() else _broken_seal(root)
    try:
        current = seal.read_text() == Pages(root).fingerprint()
        return current and _all_there(root / BUILD, read_shelf(root / INDEX_SHELF))
    except OSError:
        return False


def _all_there(build: Path, blocks: Mapping[str, Piece]) -> bool:
    """Whether no page was taken away by hand: those of specs are only counted."""
    from calotype.results.sheet.pages import group_page

    for kind in {name.partition("/")[0] for name in blocks}:
        specs = sum(one.specs for name, one in blocks.items() if name.partition("/")[0] == kind)
        if sum(name.endswith(".html") for name in os.listdir(build / kind)) != specs:
            return False
    return all((build / page).is_file() for page in ("index.html", "sheet.css", *map(group_page, blocks)))


def break_seal(root: Path) -> None:
    """To be called before anything is published: a build that ends before it wrote its pages leaves no seal.

    The broken seal stays with this process, which so still knows that the other pages are current.
    """
    forget_broken_seals(root)
    with suppress(FileNotFoundError):
        os.replace(root / SEAL, _broken_seal(root))


def write_all_sheets(root: Path, sheets: Iterable[SpecSheet]) -> list[str]:
    """Writes every page anew from all the specs there are, and removes the pages of specs that are gone.

    Returns and raises as `write_sheets` does.
    """
    return _write(root, lambda desk: desk.write_everything(sheets), seals=True)


def write_sheets(root: Path, changes: Mapping[str, SpecSheet | None]) -> list[str]:
    """Writes the pages of the specs that changed, of their groups, and the index.

    `changes` maps `exercises/chin_tuck` to what is shown of it now, or to None if the spec is gone. Returns
    the pages written or removed, relative to the project. Raises Problem (exit 1) for a template of the
    author's that cannot be rendered.
    """
    return _write(root, lambda desk: desk.write_changed(changes), seals=sheets_are_current(root))


def _write(root: Path, work: Callable[[_Desk], None], seals: bool) -> list[str]:
    from calotype.results.sheet.pages import Pages

    pages = Pages(root)
    desk = _Desk(root, pages)
    try:
        work(desk)
    except Exception as wrong:
        from jinja2 import TemplateError

        if not isinstance(wrong, TemplateError):
            raise
        raise Problem(_template_error(wrong), EXIT_FAILED) from wrong
    if seals and not (root / SEAL).exists():
        write_bytes(root / SEAL, pages.fingerprint().encode(), durable=False)
    forget_broken_seals(root)
    return desk.touched


def _broken_seal(root: Path) -> Path:
    return root / SHELVES / f"broken-{_PROCESS}"


def forget_broken_seals(root: Path) -> None:
    """To be called when a build begins: a seal that an earlier one broke and did not mend is worth nothing."""
    for path in (root / SHELVES).glob("broken-*"):
        path.unlink(missing_ok=True)


class _Desk:
    """One round of writing: the shelves as they were and as they become, and the pages touched so far."""

    def __init__(self, root: Path, pages: Pages) -> None:
        self.touched: list[str] = []
        self._root = root
        self._pages = pages
        self._before: dict[str, dict[str, Piece]] = {}
        self._after: dict[str, dict[str, Piece]] = {}

    def write_everything(self, sheets: Iterable[SpecSheet]) -> None:
        """`sheets` come group by group: the cards of one are let go before those of the next are made."""
        groups: dict[str, list[str]] = {}
        blocks: dict[str, Piece] = {}
        for name, found in groupby(sheets, key=lambda sheet: sheet.group):
            if name in groups:
                raise ValueError(f"the group {name} came twice")
            cards = self._write_group(name, {sheet.id: self._write_spec(sheet) for sheet in found})
            groups[name], blocks[name] = list(cards), self._pages.block(name, cards)
        self._write_index(blocks)
        self._remove_strangers(groups)

    def write_changed(self, changes: Mapping[str, SpecSheet | None]) -> None:
        for key, sheet in changes.items():
            kind, _, name = key.partition("/")
            before = self._group_before(key)
            if before and (sheet is None or before != sheet.group):
                self._shelf(before).pop(name, None)
            if sheet is None:
                self._remove(f"{BUILD}/{kind}/{name}.html")
            else:
                self._shelf(sheet.group)[name] = self._write_spec(sheet)
        self._write_groups([name for name, cards in self._after.items() if cards != self._before[name]])

    def _shelf(self, group: str) -> dict[str, Piece]:
        if group not in self._after:
            self._before[group] = read_shelf(self._shelf_path(group))
            self._after[group] = dict(self._before[group])
        return self._after[group]

    def _write_groups(self, names: Collection[str]) -> None:
        """Writes the pages of the groups `names`, and the index if it shows any of what changed in them."""
        if not names:
            return
        shelf = read_shelf(self._root / INDEX_SHELF)
        blocks = dict(shelf)
        for name in names:
            if not self._after[name]:
                blocks.pop(name, None)
                self._remove_group(name)
                continue
            cards = self._write_group(name, self._after[name])
            if name not in blocks or self._pages.face(cards) != self._pages.face(self._before[name]):
                blocks[name] = self._pages.block(name, cards)
        if blocks != shelf:
            self._write_index(blocks)

    def _group_before(self, key: str) -> str | None:
        """The group that the page written last time says it stands under."""
        from calotype.results.sheet.pages import GROUP_MARK

        try:
            page = (self._root / BUILD / f"{key}.html").read_bytes()
        except OSError:
            return None
        return page[-200:].decode(errors="replace").rpartition(GROUP_MARK)[2].partition(" ")[0] or None

    def _write_spec(self, sheet: SpecSheet) -> Piece:
        self._write(f"{BUILD}/{sheet.key}.html", self._pages.spec(sheet))
        return self._pages.card(sheet)

    def _write_group(self, name: str, cards: Mapping[str, Piece]) -> dict[str, Piece]:
        """Writes a group's page and its shelf; returns the cards in their order."""
        from calotype.results.sheet.pages import group_page

        ordered = dict(sorted(cards.items()))
        self._write(f"{BUILD}/{group_page(name)}", self._pages.group(name, ordered))
        self._keep(self._shelf_path(name), ordered)
        return ordered

    def _write_index(self, blocks: dict[str, Piece]) -> None:
        ordered = dict(sorted(blocks.items()))
        self._write(f"{BUILD}/index.html", self._pages.index(ordered))
        self._write(f"{BUILD}/sheet.css", self._pages.stylesheet())
        self._keep(self._root / INDEX_SHELF, ordered)

    def _remove_strangers(self, groups: Mapping[str, Collection[str]]) -> None:
        """Pages of specs and groups that are no more, and what a killed build left half written. Only names that this
        room gives are looked at."""
        from calotype.results.sheet.pages import group_page

        expected = {group_page(group) for group in groups}
        expected |= {
            f"{group.split('/')[0]}/{name}.html" for group, names in groups.items() for name in names
        }
        build = self._root / BUILD
        for folder in (build, self._root / SHELVES, *(build / kind for kind in KINDS)):
            tidy(folder)
        patterns = [
            pattern for kind in KINDS for pattern in (f"{kind}/*.html", f"{kind}.html", f"{kind}-*.html")
        ]
        for path in sorted(path for pattern in patterns for path in build.glob(pattern)):
            if path.relative_to(build).as_posix() not in expected:
                self._remove(path.relative_to(self._root).as_posix())
                (self._root / SHELVES / path.name).with_suffix(".tsv").unlink(missing_ok=True)

    def _remove_group(self, name: str) -> None:
        from calotype.results.sheet.pages import group_page

        self._remove(f"{BUILD}/{group_page(name)}")
        self._shelf_path(name).unlink(missing_ok=True)

    def _write(self, name: str, content: bytes) -> None:
        """Writes a page unless it is there already, byte for byte."""
        path = self._root / name
        try:
            if path.read_bytes() == content:
                return
        except OSError:
            pass
        self._break_seal()
        write_bytes(path, content, durable=False)
        self.touched.append(name)

    def _remove(self, name: str) -> None:
        self._break_seal()
        try:
            (self._root / name).unlink()
        except FileNotFoundError:
            return
        self.touched.append(name)

    def _break_seal(self) -> None:
        """Before the first page is changed: the seal stays where nothing is."""
        if (self._root / SEAL).exists():
            break_seal(self._root)

    def _keep(self, path: Path, pieces: dict[str, Piece]) -> None:
        self._break_seal()
        write_bytes(path, shelf_bytes(pieces), durable=False)

    def _shelf_path(self, group: str) -> Path:
        return self._root / SHELVES / f"{group.replace('/', '-')}.tsv"


def _template_error(wrong: TemplateError) -> Diagnostic:
    """Where in an author's template the trouble is, as far as Jinja2 tells."""
    name, line = getattr(wrong, "name", None), getattr(wrong, "lineno", None)
    return error(
        "sheet-template",
        f"a contact sheet could not be rendered: {wrong.message}",
        file=f"templates/sheets/{name}" if name else None,
        line=line,
        hint="correct the template under templates/sheets/, or remove it to use the packaged one",
    )
