"""What the sheets remember, as values: fragments, the catalog, the parts of the page of changes. Must not know SQL.

Reading gives what the last writing left; what is kept is gathered in `update` until somebody makes it durable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from calotype.results.sheet.fragments import (
    Catalog,
    Fragment,
    GroupPage,
    catalog_from,
    fragment_from,
    fragment_text,
    page_text,
)
from calotype.store.page_memory import PageMemory

FRAGMENT, PAGE, CHANGED, UNSHOWN = "fragment", "page", "changed", "unshown"
"""The topics: fragments, one topic for each group; pages of groups; the parts of the page of changes by target; the
targets whose pictures were replaced since pages were last written."""
MORE = ""
"""Under this name the page of changes has the number of pictures that it only counts."""
_PENDING = 1000
"""So many rows, some 3 kB each, are held before they are written down."""


class SheetMemory:
    def __init__(self, store: PageMemory) -> None:
        self._store = store
        self.update: dict[tuple[str, str], str | None] = {}

    def catalog(self) -> Catalog:
        return catalog_from(self._store.items(PAGE).values())

    def fragments(self, group: str, ids: Sequence[str]) -> dict[str, Fragment]:
        """Those of the specs from the first to the last of `ids`, which are in order."""
        texts = self._store.items(f"{FRAGMENT} {group}", ids[0], ids[-1])
        return {name: fragment_from(text) for name, text in texts.items()}

    def first_cards(self, group: str, count: int) -> list[str]:
        texts = self._store.items(f"{FRAGMENT} {group}", limit=count)
        return [fragment_from(text).card for text in texts.values()]

    def changed(self) -> tuple[dict[str, str], int] | None:
        """The parts of the page of changes by target, and how many more there are than it shows; None if it was never
        written."""
        parts = self._store.items(CHANGED)
        more = parts.pop(MORE, None)
        return None if more is None else (parts, int(more))

    def keep_fragment(self, group: str, name: str, fragment: Fragment | None) -> None:
        """None: the spec left the group."""
        self.update[f"{FRAGMENT} {group}", name] = None if fragment is None else fragment_text(fragment)

    def keep_page(self, stem: str, group: str, page: GroupPage | None) -> None:
        """None: the group has no such page any more."""
        self.update[PAGE, stem] = None if page is None else page_text(group, page)

    def keep_changed(self, parts: dict[str, str], more: int) -> None:
        for target in (self.changed() or ({}, 0))[0].keys() - parts.keys():
            self.update[CHANGED, target] = None
        self.update |= {(CHANGED, target): part for target, part in parts.items()} | {(CHANGED, MORE): str(more)}

    def forget_unshown(self, targets: Iterable[str]) -> None:
        """The pages now show what was before the pictures of `targets`."""
        self.update |= {(UNSHOWN, target): None for target in targets}

    def begin(self) -> None:
        """Everything is about to be written anew."""
        self._store.begin((f"{FRAGMENT} ", PAGE))

    def save(self, *, pending: int = 0) -> None:
        """Makes what was kept durable, once more than `pending` rows are held."""
        if len(self.update) > pending:
            self._store.put(self.update)
            self.update = {}

    def save_some(self) -> None:
        self.save(pending=_PENDING)

    def complete(self, stamp: str) -> None:
        self.save()
        self._store.complete(stamp)
