"""Writes the contact sheets of what changed. Must not know how they look.

Layout under build/: `index.html`, `changed.html`; pages of a group (`exercises-neck.html`, ...), one page per spec
(`exercises/chin_tuck.html`); `sheet.css`, `sheet.js`; in `data/` what the search reads, in `thumbs/` small pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error
from calotype.ground.light_dataclass import dataclass, field
from calotype.results.sheet.memory import SheetMemory
from calotype.results.sheet.model import SpecSheet
from calotype.store.page_memory import PageMemory, Update

if TYPE_CHECKING:
    from calotype.results.sheet.site_writer import SiteWriter

Blob = Callable[[str], Path | None]
"""The file that holds the picture of a render, by its key; None where its bytes are in no cache."""
_FAULTS = (SyntaxError, RecursionError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError)


def no_blob(action: str) -> Path | None:
    return None


@dataclass(frozen=True, slots=True)
class Written:
    """The `pages` written or removed, relative to the project, and the `update` of the memory that belongs to them:
    until the caller has made it durable (`PageMemory.put`), the pages are not current."""

    pages: tuple[str, ...] = ()
    update: Update = field(default_factory=dict)


def write_all_sheets(
    root: Path, sheets: Iterable[SpecSheet], memory: PageMemory, blob: Blob = no_blob, replaced: Collection[str] = ()
) -> Written:
    """Writes every page anew from all the specs there are, and removes the pages of specs that are gone.

    Takes and raises as `write_sheets` does; the memory is brought up to date as it goes.
    """
    from calotype.results.sheet.pages import fingerprint

    templates = fingerprint(root)  # as they are before any is read
    with _site_writer(root, memory, blob, replaced) as (writer, remembered):
        writer.write_everything(sheets)
    remembered.complete(templates)
    return Written(tuple(writer.touched))


def write_sheets(
    root: Path, changes: Mapping[str, SpecSheet | None], memory: PageMemory, blob: Blob = no_blob,
    replaced: Collection[str] = (),
) -> Written:
    """Writes the pages of the specs that changed, of their groups, and the index. All others are current.

    `changes` maps `exercises/chin_tuck` to what is shown of it now, or to None if the spec is gone; `replaced` are the
    targets whose pictures took the place of others since pages were last written. Raises Problem (exit 1) for a
    template of the author's that cannot be rendered, OSError where the disk refuses.
    """
    with _site_writer(root, memory, blob, replaced) as (writer, remembered):
        writer.write_changes(changes)
    return Written(tuple(writer.touched), remembered.update)


@contextmanager
def _site_writer(
    root: Path, memory: PageMemory, blob: Blob, replaced: Collection[str]
) -> Iterator[tuple[SiteWriter, SheetMemory]]:
    from calotype.results.sheet.changed_page import ChangedPage
    from calotype.results.sheet.pages import Pages
    from calotype.results.sheet.site_writer import SiteWriter
    from calotype.results.sheet.thumbs import Thumbs

    thumbs, remembered = Thumbs(root, blob), SheetMemory(memory)
    pages = Pages(root, thumbs)
    try:
        yield SiteWriter(root, remembered, pages, thumbs, ChangedPage(remembered, pages.change, replaced)), remembered
    except Exception as problem:
        from jinja2 import TemplateError

        if not isinstance(problem, (TemplateError, *_authors_faults(root))):
            raise
        raise Problem(_template_error(problem), EXIT_FAILED) from problem
    remembered.forget_unshown(replaced)


def _authors_faults(root: Path) -> tuple[type[Exception], ...]:
    """What an author's own template may raise besides; nothing of the kind where there is none."""
    from calotype.results.sheet.pages import OVERRIDES

    return _FAULTS if (root / OVERRIDES).is_dir() else ()


def _template_error(problem: Exception) -> Diagnostic:
    """Where in an author's template the trouble is, as far as Jinja2 tells."""
    name, line = getattr(problem, "name", None), getattr(problem, "lineno", None)
    return error(
        "sheet-template",
        f"a contact sheet could not be rendered: {getattr(problem, 'message', None) or problem}",
        file=f"templates/sheets/{name}" if name else None,
        line=line,
        hint="correct the template under templates/sheets/, or remove it to use the packaged one",
    )
