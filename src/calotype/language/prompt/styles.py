"""Finds prompt styles: the project's own, else the packaged ones. Must not know what a style says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem, did_you_mean, error
from calotype.ground.digest import sha256
from calotype.ground.files import hidden_by
from calotype.ground.folders import STYLES
from calotype.ground.paths import inside
from calotype.language.image import Words
from calotype.language.prompt.compose import compose

PACKAGED = Path(__file__).with_name("styles")
MAX_BYTES = 16 * 1024
OF_KIND: Mapping[str, str] = {"character": "character", "scene": "scene"}
"""The styles of kinds that do not take the project's own."""


def style_of(kind: str, settings: Mapping[str, Any], project_style: str) -> str:
    """The style of an image: that of its settings, else that of its kind; exercises have the project's."""
    return str(settings.get("style") or OF_KIND.get(kind, project_style))


class Styles:
    """The styles of one project, each read once. `root` is the project's folder; with None only packaged
    ones are seen."""

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._sources: dict[str, tuple[str, str]] = {}

    def names(self) -> list[str]:
        """Every style there is, sorted."""
        packaged = [path.name for path in PACKAGED.iterdir()]
        project = [path.name for path in (self._root / STYLES).glob("*.j2")] if self._root else []
        return sorted({name.removesuffix(".j2") for name in (*packaged, *project) if name.endswith(".j2")})

    def compose(self, style: str, context: Mapping[str, Any]) -> Words:
        """The texts of an image in this style; see `prompt.compose`. Raises Problem."""
        file, source = self._source(style)
        return compose(source, context, file)

    def digest(self, style: str) -> str:
        """SHA-256 of the style's text in force. Raises Problem where there is no such style."""
        return sha256(self._source(style)[1].encode())

    def _source(self, style: str) -> tuple[str, str]:
        if style not in self._sources:
            self._sources[style] = self._own(style) or self._packaged(style)
        return self._sources[style]

    def _own(self, style: str) -> tuple[str, str] | None:
        file = f"{STYLES}/{style}.j2"
        if self._root is None:
            return None
        if not (self._root / file).is_file():
            self._refuse_unreadable(file)
            return None
        try:
            path = inside(self._root, file)
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise ValueError(f"{size:,} bytes; a style may hold {MAX_BYTES:,}")
            return file, path.read_text("utf-8-sig")
        except (OSError, ValueError) as cause:
            message = f"cannot read the style: {cause}"
            raise Problem(error("style", message, file=file, line=1, column=1)) from None

    def _refuse_unreadable(self, file: str) -> None:
        """Raises Problem where something is in a style's place, or of a folder above it: the packaged style of that
        name may say something else."""
        assert self._root is not None
        place = file if os.path.lexists(self._root / file) else hidden_by(self._root, file)
        if place is not None:
            raise Problem(error("style", "cannot be read: it is neither a file nor a folder of them", file=place,
                                hint="put it right, or remove it: the packaged style then counts"))

    def _packaged(self, style: str) -> tuple[str, str]:
        names = self.names()
        if style in names:
            return f"{style}.j2", (PACKAGED / f"{style}.j2").read_text("utf-8")
        hint = did_you_mean(style, names) or f"write {STYLES}/{style}.j2, or take one of {', '.join(names)}"
        raise Problem(error("unknown-style", f"there is no style `{style}`", hint=hint))
