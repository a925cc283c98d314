"""Names that may stand only once in a project: ids of a kind, paths of assets. Must not know what they name."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from calotype.ground.diagnostics import Diagnostic
from calotype.language.image import Image
from calotype.language.source import Document
from calotype.language.spec import ImageSpec, Spec
from calotype.store.state import State


class Names:
    """Claims as they are made. Where only some specs are looked into, `state` speaks for the rest of them."""

    def __init__(self, state: State, looked_into: Collection[str], whole: bool) -> None:
        self._state = None if whole else state
        self._looked_into = looked_into
        self._ids: dict[tuple[str, str], str] = {}
        self.paths: dict[str, str] = {}

    def claim_id(self, spec: Spec, document: Document) -> Iterator[Diagnostic]:
        other = self._ids.setdefault((spec.kind, spec.id), spec.file)
        if other == spec.file:
            other = self._elsewhere(self._state.file_of(spec.kind, spec.id) if self._state else None) or spec.file
        if other != spec.file:
            yield document.error("duplicate-id", f"the {spec.kind} `{spec.id}` is also in {other}", ("id",),
                                 hint="ids are unique within their kind")

    def claim_path(self, image: Image, part: ImageSpec | None, document: Document) -> Iterator[Diagnostic]:
        other = self.paths.setdefault(image.path, image.target)
        where = None
        if other == image.target and self._state:
            where = self._elsewhere(self._state.owner(image.path))
        if other != image.target or where:
            yield document.error(
                "path-collision", f"`{image.target}` and `{where or other}` would both be {image.path}",
                part.pointer if part else (), hint="change one of their ids",
            )

    def _elsewhere(self, file: str | None) -> str | None:
        return file if file is not None and file not in self._looked_into else None
