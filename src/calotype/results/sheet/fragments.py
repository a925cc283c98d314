"""What specs give to the pages above their own, and what those pages come to: values, and the text they are kept as.

A page of a hundred specs is made of a hundred fragments; when one spec changes, one is made again and the others are
remembered.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple


class Fragment(NamedTuple):
    """`pictures` counts those of the spec, `states` those that need attention by their state. `card` is HTML on one
    line, `row` the JSON that the search reads."""

    pictures: int
    states: dict[str, int]
    tags: list[str]
    card: str
    row: str

    @property
    def tally(self) -> Tally:
        return Tally(1, self.pictures, self.states, dict.fromkeys(self.tags, 1))


class Tally(NamedTuple):
    """What some specs come to: how many they and their pictures are, how many pictures stand in each state that needs
    attention, how many specs bear each tag."""

    specs: int
    pictures: int
    states: dict[str, int]
    tags: dict[str, int]

    @property
    def unsettled(self) -> int:
        return sum(self.states.values())


class GroupPage(NamedTuple):
    """One page of a group: the ids of its specs in order, what they come to, and a checksum of what the search reads
    of them."""

    ids: tuple[str, ...]
    tally: Tally
    rows: str


class Group(NamedTuple):
    pages: tuple[GroupPage, ...] = ()

    @property
    def ids(self) -> list[str]:
        return [name for page in self.pages for name in page.ids]

    @property
    def tally(self) -> Tally:
        return total(page.tally for page in self.pages)


Catalog = dict[str, Group]
"""The groups by their names: `exercises/neck`, `characters`."""


def total(tallies: Iterable[Tally]) -> Tally:
    specs = pictures = 0
    states: Counter[str] = Counter()
    tags: Counter[str] = Counter()
    for tally in tallies:
        specs, pictures = specs + tally.specs, pictures + tally.pictures
        states.update(tally.states)
        tags.update(tally.tags)
    return Tally(specs, pictures, dict(sorted(states.items())), dict(sorted(tags.items())))


def one_line(html: str) -> str:
    """`html` without line breaks; every line is trimmed. It holds no `<pre>`, so nothing is lost."""
    return " ".join(line.strip() for line in html.splitlines() if line.strip())


def fragment_text(fragment: Fragment) -> str:
    return _json(fragment)


def fragment_from(text: str) -> Fragment:
    return Fragment(*json.loads(text))


def page_text(group: str, page: GroupPage) -> str:
    return _json([group, " ".join(page.ids), page.tally, page.rows])


def catalog_from(texts: Iterable[str]) -> Catalog:
    """The catalog of the pages that `page_text` wrote; those of one group come in their order."""
    pages: dict[str, list[GroupPage]] = {}
    for text in texts:
        group, ids, tally, rows = json.loads(text)
        pages.setdefault(group, []).append(GroupPage(tuple(ids.split(" ")), Tally(*tally), rows))
    return {group: Group(tuple(members)) for group, members in pages.items()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
