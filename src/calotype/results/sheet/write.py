"""Writes the contact sheets of what changed. Must not know how they look.

Layout under build/: `index.html`, `changed.html`; pages of a group (`exercises-neck.html`, ...), one page per spec
(`exercises/chin_tuck.html`); `sheet.css`, `sheet.js`; in `data/` what the search reads, in `thumbs/` small pictures; in
`.sheets/` the shelves, the catalog and the seal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error
from calotype.results.sheet.catalog import read_catalog
from calotype.results.sheet.currency import (
    CATALOG,
    SHELVES,
    break_seal,
    forget_broken_seals,
    put_seal,
    sheets_are_current,
)
from calotype.results.sheet.model import SpecSheet

if TYPE_CHECKING:
    from jinja2 import TemplateError

    from calotype.results.sheet.site_writer import SiteWriter

Blob = Callable[[str], Path | None]
"""The file that holds the picture of a render, by its key; None where its bytes are in no cache."""


def no_blob(action: str) -> Path | None:
    return None


def write_all_sheets(
    root: Path, sheets: Iterable[SpecSheet], blob: Blob = no_blob, replaced: Sequence[str] = ()
) -> list[str]:
    """Writes every page anew from all the specs there are, and removes the pages of specs that are gone.

    Takes, returns and raises as `write_sheets` does.
    """
    from calotype.results.sheet.pages import fingerprint

    return _write(root, lambda writer: writer.write_everything(sheets), blob, replaced, fingerprint(root))


def write_sheets(
    root: Path, changes: Mapping[str, SpecSheet | None], blob: Blob = no_blob, replaced: Sequence[str] = ()
) -> list[str]:
    """Writes the pages of the specs that changed, of their groups, and the index.

    `changes` maps `exercises/chin_tuck` to what is shown of it now, or to None if the spec is gone; `replaced` are the
    targets whose pictures took the place of others. Returns the pages written or removed, relative to the project.
    Raises Problem (exit 1) for a template of the author's that cannot be rendered.
    """
    from calotype.results.sheet.pages import fingerprint

    catalog, templates = read_catalog(root / CATALOG), fingerprint(root)
    seals = sheets_are_current(root, catalog, templates)
    work = lambda writer: writer.write_changed(changes, catalog or {})  # noqa: E731
    return _write(root, work, blob, replaced, templates if seals else None)


def _write(
    root: Path, work: Callable[[SiteWriter], None], blob: Blob, replaced: Sequence[str], templates: str | None
) -> list[str]:
    """`templates` is their fingerprint before any is read; None: other pages are not current."""
    from calotype.results.sheet.changes import Changes
    from calotype.results.sheet.pages import Pages
    from calotype.results.sheet.site_writer import SiteWriter
    from calotype.results.sheet.thumbs import Thumbs

    thumbs = Thumbs(root, blob)
    pages = Pages(root, thumbs)
    writer = SiteWriter(root, pages, thumbs, Changes(root / SHELVES, pages, replaced))
    try:
        work(writer)
    except Exception as wrong:
        from jinja2 import TemplateError

        if not isinstance(wrong, TemplateError):
            raise
        raise Problem(_template_error(wrong), EXIT_FAILED) from wrong
    if writer.lost:
        break_seal(root)
    elif templates:
        put_seal(root, templates)
    forget_broken_seals(root)
    return writer.touched


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
