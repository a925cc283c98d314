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
Place = tuple[str | None, int | None]
"""A file of the project and a line in it, where they are known."""
_FAULTS = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError)
"""What a template may raise that Jinja2 makes no error of its own of."""


def no_blob(action: str) -> Path | None:
    return None


@dataclass(frozen=True, slots=True)
class Written:
    """The `pages` written or removed, relative to the project, and the `update` of the memory that belongs to them:
    until the caller has made it durable (`PageMemory.put`), the pages are not current."""

    pages: tuple[str, ...] = ()
    update: Update = field(default_factory=dict)


def write_all_sheets(
    root: Path, sheets: Iterable[SpecSheet], memory: PageMemory, blob: Blob = no_blob,
    replaced: Collection[str] = (), *, meanwhile: bool = False,
) -> Written:
    """Writes every page anew from all the specs there are, and removes the pages of specs that are gone.

    Takes and raises as `write_sheets` does; the memory is brought up to date as it goes.
    """
    from calotype.results.sheet.pages import fingerprint

    templates = fingerprint(root)  # as they are before any is read
    with _site_writer(root, memory, blob, replaced, meanwhile) as (writer, remembered):
        writer.write_everything(sheets)
    remembered.complete(templates)
    return Written(tuple(writer.touched))


def write_sheets(
    root: Path, changes: Mapping[str, SpecSheet | None], memory: PageMemory, blob: Blob = no_blob,
    replaced: Collection[str] = (), *, meanwhile: bool = False,
) -> Written:
    """Writes the pages of the specs that changed, of their groups, and the index. All others are current.

    `changes` maps `exercises/chin_tuck` to what is shown of it now, or to None if the spec is gone; `replaced` are the
    targets whose pictures took the place of others since pages were last written. `meanwhile`: the build is still at
    work, and the page of what changed stays as it is. Raises Problem (exit 1) for a
    template of the author's that cannot be rendered, OSError where the disk refuses.
    """
    with _site_writer(root, memory, blob, replaced, meanwhile) as (writer, remembered):
        writer.write_changes(changes)
    return Written(tuple(writer.touched), remembered.update)


@contextmanager
def _site_writer(
    root: Path, memory: PageMemory, blob: Blob, replaced: Collection[str], meanwhile: bool
) -> Iterator[tuple[SiteWriter, SheetMemory]]:
    from calotype.results.sheet.changed_page import ChangedPage
    from calotype.results.sheet.pages import Pages
    from calotype.results.sheet.site_writer import SiteWriter
    from calotype.results.sheet.thumbs import Thumbs

    thumbs, remembered = Thumbs(root, blob), SheetMemory(memory)
    pages = Pages(root, thumbs)
    changed = ChangedPage(remembered, pages.change, replaced, frozen=meanwhile)
    with author_faults(root):
        yield SiteWriter(root, remembered, pages, thumbs, changed), remembered
    remembered.forget_unshown(replaced)


@contextmanager
def author_faults(root: Path) -> Iterator[None]:
    """Raises Problem (exit 1), with its place, for what a template of the author's raises in the block."""
    try:
        yield
    except Exception as problem:
        place = _place(problem, root)
        if not _is_of_a_template(problem, place, root):
            raise
        raise Problem(_template_error(problem, place), EXIT_FAILED) from problem


def _is_of_a_template(problem: Exception, place: Place, root: Path) -> bool:
    """Whether a template is at fault: Jinja2 says so, or it was raised in one of the author's, or by what Python made
    of its text."""
    from jinja2 import TemplateError

    from calotype.results.sheet.pages import OVERRIDES

    if isinstance(problem, SyntaxError | RecursionError):
        return (root / OVERRIDES).is_dir()
    return isinstance(problem, TemplateError) or (place[0] is not None and isinstance(problem, _FAULTS))


def _place(problem: Exception, root: Path) -> Place:
    """Where in an author's template it was raised. Jinja2 writes a template's lines into the traceback."""
    from jinja2 import TemplateSyntaxError

    from calotype.results.sheet.pages import OVERRIDES

    if isinstance(problem, TemplateSyntaxError):
        return f"{OVERRIDES}/{problem.name}" if problem.name else None, problem.lineno
    trace = problem.__traceback__
    place: Place = None, None
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(root / OVERRIDES):
            place = file.relative_to(root).as_posix(), trace.tb_lineno
        trace = trace.tb_next
    return place


def _template_error(problem: Exception, place: Place) -> Diagnostic:
    file, line = place
    return error(
        "sheet-template",
        f"a contact sheet could not be rendered: {getattr(problem, 'message', None) or problem}",
        file=file,
        line=line,
        hint="correct the template under templates/sheets/, or remove it to use the packaged one",
    )
