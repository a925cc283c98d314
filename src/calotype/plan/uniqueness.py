"""Names that may stand only once in a project: ids of a kind, paths of assets. Must not know what they name."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.target_names import TargetName
from calotype.language.image import Image
from calotype.language.spec import ImageSpec, Spec
from calotype.language.yaml.document import Document
from calotype.project.specs import sources
from calotype.store.state import State


class UniquenessCheck:
    """Claims as they are made. Where only some specs are looked into, `state` speaks for the rest of them."""

    def __init__(self, root: Path, state: State, looked_into: Collection[str], whole: bool) -> None:
        self._root = root
        self._state = None if whole else state
        self._looked_into = looked_into
        self.ids: dict[tuple[str, str], str] = {}
        self.paths: dict[str, str] = {}

    def claim_id(self, spec: Spec, document: Document) -> Iterator[Diagnostic]:
        other = self.ids.setdefault((spec.kind, spec.id), spec.file)
        if other == spec.file:
            other = self._elsewhere(self._state.file_of(spec.kind, spec.id) if self._state else None) or spec.file
        if other != spec.file:
            message = f"the {spec.kind} `{spec.id}` is also in {self._place_of_id(other)}"
            yield document.error("duplicate-id", message, ("id",), hint="ids are unique within their kind")

    def claim_path(self, image: Image, part: ImageSpec | None, document: Document) -> Iterator[Diagnostic]:
        target = self.paths.setdefault(image.path, image.target)
        where = self._elsewhere(self._state.owner(image.path)) if self._state and target == image.target else None
        if target != image.target or where:
            other = f"an image of {where}" if where else f"`{target}` of {self._file_of(target)}"
            message = f"`{image.target}` and {other} would both be {image.path}"
            yield document.error("path-collision", message, part.pointer if part else (),
                                 hint="change one of their ids")

    def _place_of_id(self, file: str) -> str:
        try:
            line, column = sources.document(self._root, file).place(("id",))
        except Problem:
            return file
        return f"{file}:{line}:{column}"

    def _file_of(self, target: str) -> str:
        name = TargetName(target)
        return self.ids.get((name.kind, name.spec_id), "another spec")

    def _elsewhere(self, file: str | None) -> str | None:
        return file if file is not None and file not in self._looked_into else None
