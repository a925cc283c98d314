"""From pictures to HTML, by Jinja2 templates that an author may override. Must not know where pages lie."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from calotype.ground.target_names import FOLDERS
from calotype.ground.textdiff import difference
from calotype.results.sheet import labels
from calotype.results.sheet.catalog import page_of, pages_by_stem
from calotype.results.sheet.fragments import Catalog, Fragment, Group, Tally, one_line, total
from calotype.results.sheet.model import Picture, Preview, SpecSheet
from calotype.results.sheet.shown_changes import as_told, is_resized

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

PACKAGED = Path(__file__).parent / "templates"
OVERRIDES = "templates/sheets"
STATIC = ("sheet.css", "sheet.js")
CARD_PICTURES = 4
"""Pictures on the card of a spec; the rest are counted."""
MOST_TAGS = 60

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Shown(Protocol):
    """Where the pictures of a page are to be had."""

    def card(self, picture: Picture) -> str:
        """The address of what a card shows."""

    def look_into(self, action: str, pixels: str) -> str | None:
        """The address of a render that is published nowhere; None where there is nothing to show."""

    def address(self, picture: Picture | Preview, base: str) -> str:
        """The address of the published picture, or of a preview, from a page whose way to build/ is `base`."""


class Pages:
    """The templates of one project. Jinja2 is imported when the first page is rendered."""

    def __init__(self, root: Path, shown: Shown) -> None:
        self._overrides, self._shown = root / OVERRIDES, shown

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
        return self._template("spec").render(
            sheet=sheet, page=f"{page_of(sheet.group)}.html", sections=sections, starts=starts, anchors=anchors,
            base="../").encode()

    def fragment(self, sheet: SpecSheet) -> Fragment:
        html = self._template("card").render(
            sheet=sheet, shown=sheet.pictures[:CARD_PICTURES], rest=len(sheet.pictures[CARD_PICTURES:]), base=""
        )
        states = Counter(picture.state for picture in sheet.pictures if not picture.settled)
        return Fragment(
            len(sheet.pictures), dict(sorted(states.items())), list(sheet.tags), one_line(html),
            _encode(self._row(sheet)))

    def group(self, name: str, group: Group, at: int, fragments: Mapping[str, Fragment]) -> bytes:
        """The page `at` of a group, `fragments` being those of its specs."""
        return self._template("group").render(
            name=name, at=at, pages=[f"{stem}.html" for stem in pages_by_stem(name, group)], chunks=group.pages,
            total=group.tally, cards=_joined([fragment.card for fragment in fragments.values()]),
            base="",
        ).encode()

    def index(self, catalog: Catalog, cards: Mapping[str, Sequence[str]]) -> bytes:
        """`cards` are those of each group that are to be shown."""
        kinds: dict[str, dict[str, tuple[Tally, Any, int]]] = {}
        for kind in FOLDERS:
            for name in sorted(name for name in catalog if name.split("/")[0] == kind):
                kinds.setdefault(kind, {})[name] = catalog[name].tally, _joined(cards[name]), len(cards[name])
        sums = {kind: total(tally for tally, *_ in groups.values()) for kind, groups in kinds.items()}
        everything = total(sums.values())
        tags = sorted(everything.tags.items(), key=lambda tag: (-tag[1], tag[0]))
        return self._template("index").render(
            kinds={kind: (sums[kind], groups) for kind, groups in kinds.items()},
            total=everything, tags=sorted(tags[:MOST_TAGS]), more_tags=len(tags[MOST_TAGS:]), base="",
        ).encode()

    def change(self, sheet: SpecSheet, picture: Picture) -> str:
        """The part of one picture on the page of what the last build replaced."""
        return one_line(self._template("change").render(sheet=sheet, picture=picture, base=""))

    def changed(self, parts: Sequence[str], more: int) -> bytes:
        return self._template("changed").render(parts=_joined(parts), many=len(parts), more=more, base="").encode()

    def reviewed(self, picture: Picture, event: Any) -> str:
        """The part of one picture on the page of what a range of commits did."""
        return one_line(self._template("reviewed").render(picture=picture, event=event, base=""))

    def review(self, title: str, sections: Mapping[str, Sequence[str]], **facts: Any) -> bytes:
        """The page of what a range of commits did, which needs no other file; `sections` hold the parts of pictures."""
        from markupsafe import Markup

        style, script = (f"\n{self.static(name).decode('utf-8-sig')}" for name in STATIC)
        digests = {name: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
                   for name, text in (("style", style), ("script", script))}
        return self._template("review").render(
            title=title, sections={name: (len(parts), _joined(parts)) for name, parts in sections.items()},
            style=Markup(f"<style>{style}</style>"), script=Markup(f"<script>{script}</script>"), digests=digests,
            base="", **facts).encode()

    def rows(self, fragments: Mapping[str, Fragment]) -> bytes:
        """What the search reads of one page's specs."""
        return ("calotype.add([\n" + ",\n".join(fragment.row for fragment in fragments.values()) + "\n]);\n").encode()

    def shards(self, catalog: Catalog) -> bytes:
        """The files that the search reads; their addresses change when they do."""
        names = [
            f"{stem}.js?v={page.rows}" for name, group in sorted(catalog.items())
            for stem, page in pages_by_stem(name, group).items()
        ]
        return f"calotype.read({_encode(names)});\n".encode()

    def _row(self, sheet: SpecSheet) -> list[Any]:
        """[key, title, region, tags, uses, pictures]; a picture is [anchor, title, caption, alt, state, address]."""
        pictures = [
            [picture.anchor, picture.title, picture.caption, picture.alt,
             "" if picture.settled else picture.state, self._shown.card(picture)]
            for picture in sheet.pictures
        ]
        return [sheet.key, sheet.title, sheet.region, sheet.tags, sheet.uses, pictures]

    def _template(self, name: str) -> Template:
        begin = getattr(self._environment, "begin", None)
        if begin is not None:
            begin()
        return self._environment.get_template(f"{name}.html.j2")

    @cached_property
    def _environment(self) -> SandboxedEnvironment:
        from jinja2 import FileSystemLoader, StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment

        from calotype.ground.bytecode import PackagedBytecode

        kind: type[SandboxedEnvironment] = SandboxedEnvironment
        if any(self._overrides.glob("**/*")):
            from calotype.results.sheet.bounded import BoundedEnvironment as kind
        environment = kind(
            bytecode_cache=PackagedBytecode(PACKAGED),
            loader=FileSystemLoader([self._overrides, PACKAGED], encoding="utf-8-sig"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        environment.filters.update(
            url=self._shown.address, count=labels.count, words=labels.words, title_words=labels.title_words,
            query=_query, by_variation=by_variation, as_told=as_told, is_resized=is_resized)
        environment.globals.update(
            thumb=self._shown.card, look_into=self._shown.look_into, difference=difference,
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


def by_variation(pictures: Sequence[Picture]) -> list[tuple[str, list[Picture]]]:
    """The pictures of each variation that has several, under its id; what stands between these, under ""."""
    ids = [_variation(picture) for picture in pictures]
    sizes = Counter(ids)
    shown = zip((name if sizes[name] > 1 else "" for name in ids), pictures, strict=True)
    return [(name, [picture for _, picture in run]) for name, run in groupby(shown, key=itemgetter(0))]


def _variation(picture: Picture) -> str:
    """The id of the variation that asks for a picture: `pullup_top` for `pullup_top_02`."""
    return picture.name.rpartition("_")[0] if picture.section == "variations" else ""


def _joined(parts: Sequence[str]) -> Any:
    """Parts of HTML that were escaped when they were made."""
    from markupsafe import Markup

    return Markup("\n".join(parts))


def _query(value: str, kind: str) -> str:
    """The address, on the index, of the search for all that has `value`: `#q=tag:neck`."""
    from urllib.parse import quote

    return f"index.html#q={kind}:{quote(value if value.replace('_', '').isalnum() else _encode(value))}"
