"""From pictures to HTML, by Jinja2 templates that an author may override. Must not know where pages lie."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.target_names import FOLDERS
from calotype.ground.textdiff import difference
from calotype.results.sheet import labels
from calotype.results.sheet.catalog import Catalog, Group, page_of, stems
from calotype.results.sheet.fragments import Piece, Tally, one_line, total
from calotype.results.sheet.model import Picture, SpecSheet

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

    from calotype.results.sheet.thumbs import Thumbs

PACKAGED = Path(__file__).parent / "templates"
OVERRIDES = "templates/sheets"
STATIC = ("sheet.css", "sheet.js")
GROUP_MARK = "<!-- in "
"""Closes the page of a spec with its group's name: a spec that moves is taken off the page it leaves."""
CARD_PICTURES = 4
"""Pictures on the card of a spec; the rest are counted."""
MOST_TAGS = 60

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Pages:
    """The templates of one project. Jinja2 is imported when the first page is rendered."""

    def __init__(self, root: Path, thumbs: Thumbs) -> None:
        self._overrides, self._thumbs = root / OVERRIDES, thumbs

    def static(self, name: str) -> bytes:
        """The stylesheet or the script."""
        override = self._overrides / name
        return (override if override.is_file() else PACKAGED / name).read_bytes()

    def spec(self, sheet: SpecSheet) -> bytes:
        sections: dict[str, list[Picture]] = {}
        for picture in sheet.pictures:
            sections.setdefault(picture.section, []).append(picture)
        starts: dict[str, list[str]] = {}
        for picture in sheet.pictures:
            for source in picture.starts_from:
                starts.setdefault(source, []).append(picture.target)
        anchors = {picture.target: picture.anchor for picture in sheet.pictures}
        html = self._template("spec").render(
            sheet=sheet, page=f"{page_of(sheet.group)}.html", sections=sections, starts=starts, anchors=anchors,
            base="../")
        return f"{html}{GROUP_MARK}{sheet.group} -->\n".encode()

    def piece(self, sheet: SpecSheet) -> Piece:
        html = self._template("card").render(
            sheet=sheet, shown=sheet.pictures[:CARD_PICTURES], rest=len(sheet.pictures[CARD_PICTURES:]), base=""
        )
        states = Counter(one.state for one in sheet.pictures if not one.settled)
        return Piece(
            len(sheet.pictures), dict(sorted(states.items())), list(sheet.tags), one_line(html),
            _encode(self._row(sheet)))

    def group(self, name: str, group: Group, at: int, pieces: Mapping[str, Piece]) -> bytes:
        """The page `at` of a group, `pieces` being those of its specs."""
        names = stems(name, [chunk.ids for chunk in group.chunks])
        return self._template("group").render(
            name=name, at=at, pages=[f"{stem}.html" for stem in names], chunks=group.chunks,
            total=group.tally, cards=_joined([one.card for one in pieces.values()]),
            base="",
        ).encode()

    def index(self, catalog: Catalog, faces: Mapping[str, Sequence[str]]) -> bytes:
        """`faces` are the cards of each group that are to be shown."""
        kinds: dict[str, dict[str, tuple[Tally, Any, int]]] = {}
        for kind in FOLDERS:
            for name in sorted(one for one in catalog if one.split("/")[0] == kind):
                shown = faces[name]
                kinds.setdefault(kind, {})[name] = catalog[name].tally, _joined(shown), len(shown)
        every = total(tally for found in kinds.values() for tally, *_ in found.values())
        tags = sorted(every.tags.items(), key=lambda one: (-one[1], one[0]))
        return self._template("index").render(
            kinds={kind: (total(tally for tally, *_ in found.values()), found) for kind, found in kinds.items()},
            total=every, tags=sorted(tags[:MOST_TAGS]), more_tags=len(tags[MOST_TAGS:]), base="",
        ).encode()

    def change(self, sheet: SpecSheet, picture: Picture) -> str:
        """The part of one picture on the page of what the last build replaced."""
        return self._template("change").render(sheet=sheet, picture=picture, base="")

    def changed(self, parts: Sequence[str], more: int) -> bytes:
        return self._template("changed").render(parts=_joined(parts), many=len(parts), more=more, base="").encode()

    def rows(self, pieces: Mapping[str, Piece]) -> bytes:
        """What the search reads of one page's specs."""
        return ("calotype.add([\n" + ",\n".join(one.row for one in pieces.values()) + "\n]);\n").encode()

    def shards(self, catalog: Catalog) -> bytes:
        """The files that the search reads; their addresses change when they do."""
        names = [
            f"{stem}.js?v={chunk.rows}" for name, group in sorted(catalog.items())
            for stem, chunk in zip(stems(name, [one.ids for one in group.chunks]), group.chunks, strict=True)
        ]
        return f"calotype.read({_encode(names)});\n".encode()

    def _row(self, sheet: SpecSheet) -> list[Any]:
        """[key, title, region, tags, uses, pictures]; a picture is [anchor, title, caption, alt, state, address]."""
        pictures = [
            [one.anchor, one.title, one.caption, one.alt, "" if one.settled else one.state,
             self._thumbs.card(one)]
            for one in sheet.pictures
        ]
        return [sheet.key, sheet.title, sheet.region, sheet.tags, sheet.uses, pictures]

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
        environment.filters.update(
            url=_url, count=labels.count, words=labels.words, title_words=labels.title_words, query=_query)
        environment.globals.update(
            thumb=self._thumbs.card, look_into=self._thumbs.look_into, difference=difference,
            version={name: hashlib.sha256(self.static(name)).hexdigest()[:12] for name in STATIC})
        return environment


def fingerprint(root: Path) -> str:
    """SHA-256 of every template in use: when it moves, every page is rendered again."""
    whole = hashlib.sha256()
    for folder in (PACKAGED, root / OVERRIDES):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if path.is_file() and path.parent.name != "__pycache__":
                whole.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return whole.hexdigest()


def _joined(pieces: Sequence[str]) -> Any:
    """Pieces of HTML that was escaped when it was made."""
    from markupsafe import Markup

    return Markup("\n".join(pieces))


def _url(picture: Picture, base: str) -> str:
    """The asset's address from a page whose way to build/ is `base`; it changes when the bytes do."""
    return f"{base}../{picture.path}?v={picture.sha256[:12]}"


def _query(value: str, kind: str) -> str:
    """The address, on the index, of the search for all that has `value`: `#q=tag:neck`."""
    from urllib.parse import quote

    return f"index.html#q={kind}:{quote(value if value.replace('_', '').isalnum() else _encode(value))}"
