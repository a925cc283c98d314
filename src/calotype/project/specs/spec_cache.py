"""Specs in hand during a run: read once, kept while their images are worked on. Must not know what for."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.fingerprint import fingerprint_at
from calotype.language.image import Image
from calotype.language.load import load_spec
from calotype.language.resolve import Library, images_of
from calotype.language.spec import Spec
from calotype.language.yaml.document import parse
from calotype.project.specs import sources

_KEPT = 64
_DIGEST = 32


class SpecCache:
    """The images of specs, by file. A spec that is not what it was when the plan was made raises Problem."""

    def __init__(self, root: Path, library: Library) -> None:
        self._root, self._library = root, library
        self._planned: dict[str, bytes] = {}  # SHA-256 and fingerprint of every spec of the project
        self._open: OrderedDict[str, tuple[Spec, list[Image]]] = OrderedDict()

    def plan(self, found: sources.Read) -> None:
        """Remembers what the plan was made from."""
        self._planned[found.file] = bytes.fromhex(found.sha256) + found.fingerprint

    def images(self, file: str) -> list[Image]:
        return self._take(file)[1]

    def spec(self, file: str) -> Spec:
        return self._take(file)[0]

    def unchanged(self, file: str) -> bool:
        """Whether the file still says what it said when the plan was made."""
        planned = self._planned[file]
        try:
            if fingerprint_at(self._root / file) == planned[_DIGEST:]:
                return True
            return sources.read(self._root, file).sha256 == planned[:_DIGEST].hex()
        except (OSError, Problem):
            return False

    def _take(self, file: str) -> tuple[Spec, list[Image]]:
        opened = self._open.get(file)
        if opened is None:
            try:
                source = sources.read(self._root, file)
            except Problem:
                raise Problem(edited(file)) from None
            if source.sha256 != self._planned[file][:_DIGEST].hex():
                raise Problem(edited(file))
            spec = load_spec(parse(source.text, file))
            opened = self._open[file] = spec, list(images_of(spec, self._library))
            if len(self._open) > _KEPT:
                self._open.popitem(last=False)
        self._open.move_to_end(file)
        return opened


def edited(file: str) -> Diagnostic:
    return error("edited", "was edited or removed during the build", file=file, hint="build again")
