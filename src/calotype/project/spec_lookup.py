"""Which spec file asks for a target now, found without looking into all of them. It must not know any image."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from calotype.ground.diagnostics import Problem
from calotype.language.load import load_spec
from calotype.language.spec import Spec
from calotype.language.yaml.document import parse
from calotype.project import sources
from calotype.store.state import State

_ID = re.compile(rb"^id[ \t]*:[ \t]*[\"']?([a-z0-9][a-z0-9_-]*)", re.MULTILINE)


class SpecLookup:
    """The specs of a project by kind and id. `look_into` names the files that may differ from what `state` has of them.
    """

    def __init__(self, root: Path, state: State) -> None:
        self._root, self._state = root, state
        self._changed: frozenset[str] = frozenset()
        self._ids: dict[str, list[str]] | None = None
        self._asked: set[str] = set()

    def look_into(self, files: Collection[str]) -> None:
        self._changed, self._ids = frozenset(files), None

    def unchanged_file(self, kind: str, id: str) -> str | None:
        """The file of a spec that stands as the last build left it."""
        file = self._state.file_of(kind, id)
        return None if file in self._changed else file

    def changed_spec(self, kind: str, id: str) -> Spec | None:
        """The spec of that kind and id among the files that are looked into; None where there is none, or none that
        can be read."""
        likely = self._state.file_of(kind, id)
        near = [file for file in self._changed if file == likely or PurePosixPath(file).stem == id]
        return self._first(near, kind, id) or self._first(self._by_id().get(id, []), kind, id)

    @contextmanager
    def once(self, target: str) -> Iterator[bool]:
        """Whether `target` is not being planned by a caller further up: decisions could name each other's targets."""
        first = target not in self._asked
        self._asked.add(target)
        try:
            yield first
        finally:
            if first:
                self._asked.discard(target)

    def _first(self, files: Collection[str], kind: str, id: str) -> Spec | None:
        for file in sorted(files):
            try:
                spec = load_spec(parse(sources.read(self._root, file).text, file))
            except Problem:
                continue  # whoever looks into it tells what is wrong
            if (spec.kind, spec.id) == (kind, id):
                return spec
        return None

    def _by_id(self) -> dict[str, list[str]]:
        """The files that are looked into, by what their text gives as id; whatever is written otherwise is parsed."""
        if self._ids is None:
            self._ids = {}
            for file in self._changed:
                id = spec_id(self._root, file)
                if id is not None:
                    self._ids.setdefault(id, []).append(file)
        return self._ids


def spec_id(root: Path, file: str) -> str | None:
    """The id that a spec file gives, None where it cannot be read."""
    try:
        text = sources.read(root, file).text
        written = _ID.search(text)
        return written[1].decode() if written else str(parse(text, file).data.get("id"))
    except Problem:
        return None
