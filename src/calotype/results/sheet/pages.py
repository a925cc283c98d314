"""From pictures to HTML, by Jinja2 templates that an author may override. Must not know where pages lie."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.results.sheet.entry import KINDS, Picture, SpecSheet
from calotype.results.sheet.shelf import Piece, one_line

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment
    from markupsafe import Markup

PACKAGED = Path(__file__).parent / "templates"
OVERRIDES = "templates/sheets"
GROUP_MARK = "<!-- in "
"""Closes the page of a spec with its group's name: a spec that moves is taken off the page it leaves."""
CARD_PICTURES = 4
"""Pictures on the card of a spec; the rest are counted."""
INDEX_CARDS = 8
"""Cards of one group on the first page; the rest are on the group's own page."""


class Pages:
    """The templates of one project. Jinja2 is imported when the first page is rendered."""

    def __init__(self, root: Path) -> None:
        self._overrides = root / OVERRIDES

    def stylesheet(self) -> bytes:
        override = self._overrides / "sheet.css"
        return (override if override.is_file() else PACKAGED / "sheet.css").read_bytes()

    def fingerprint(self) -> str:
        """SHA-256 of every template in use: when it moves, every page is rendered again."""
        whole = hashlib.sha256()
        for folder in (PACKAGED, self._overrides):
            for path in sorted(folder.glob("*")) if folder.is_dir() else []:
                if path.is_file():
                    whole.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
        return whole.hexdigest()

    def spec(self, sheet: SpecSheet) -> bytes:
        sections: dict[str, list[Picture]] = {}
        for picture in sheet.pictures:
            sections.setdefault(picture.section, []).append(picture)
        page = group_page(sheet.group)
        html = self._template("spec").render(sheet=sheet, page=page, sections=sections, base="../")
        return f"{html}{GROUP_MARK}{sheet.group} -->\n".encode()

    def card(self, sheet: SpecSheet) -> Piece:
        html = self._template("card").render(
            sheet=sheet, shown=sheet.pictures[:CARD_PICTURES], rest=len(sheet.pictures[CARD_PICTURES:])
        )
        return Piece(1, len(sheet.pictures), sheet.unsettled, one_line(html))

    def group(self, name: str, cards: Mapping[str, Piece]) -> bytes:
        body = _joined(cards, len(cards))
        return self._template("group").render(name=name, total=_total(cards), cards=body, base="").encode()

    def face(self, cards: Mapping[str, Piece]) -> tuple[Piece, list[Piece]]:
        """What the first page shows of a group: while it is the same, that page need not be made again."""
        return _total(cards), list(cards.values())[:INDEX_CARDS]

    def block(self, name: str, cards: Mapping[str, Piece]) -> Piece:
        """The first cards of a group, for the first page."""
        total = _total(cards)
        html = self._template("block").render(
            name=name,
            page=group_page(name),
            total=total,
            cards=_joined(cards, INDEX_CARDS),
            rest=len(cards) - INDEX_CARDS,
        )
        return Piece(total.specs, total.pictures, total.unsettled, one_line(html))

    def index(self, blocks: Mapping[str, Piece]) -> bytes:
        kinds = {
            kind: (_total(found), _joined(found, len(found)))
            for kind in KINDS
            if (found := {name: one for name, one in blocks.items() if name.split("/")[0] == kind})
        }
        return self._template("index").render(kinds=kinds, total=_total(blocks), base="").encode()

    def _template(self, name: str) -> Template:
        return self._environment.get_template(f"{name}.html.j2")

    @cached_property
    def _environment(self) -> SandboxedEnvironment:
        from jinja2 import FileSystemLoader, StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment

        from calotype.ground.bytecode import PackagedBytecode

        environment = SandboxedEnvironment(
            bytecode_cache=PackagedBytecode(PACKAGED),
            loader=FileSystemLoader([self._overrides, PACKAGED]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        environment.filters.update(url=_url, count=_count, words=_words, title_words=_title_words)
        environment.globals["style"] = hashlib.sha256(self.stylesheet()).hexdigest()[:12]
        return environment


def group_page(name: str) -> str:
    """Where the page of a group lies under build/: `exercises-neck.html`."""
    return name.replace("/", "-") + ".html"


def _joined(pieces: Mapping[str, Piece], most: int) -> Markup:
    """The first pieces, as HTML that was escaped when it was made."""
    from markupsafe import Markup

    return Markup("\n".join(one.html for one in list(pieces.values())[:most]))


def _total(pieces: Mapping[str, Piece]) -> Piece:
    found = pieces.values()
    return Piece(
        sum(o.specs for o in found), sum(o.pictures for o in found), sum(o.unsettled for o in found), ""
    )


def _url(picture: Picture, base: str) -> str:
    """The asset's address from a page whose way to build/ is `base`; it changes when the bytes do."""
    return f"{base}../{picture.path}?v={picture.sha256[:12]}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def _title_words(name: str) -> str:
    return _words(name).capitalize()
