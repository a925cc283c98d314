"""Which spec file asks for a target now, found without looking into all of them. It must not know any image."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from calotype.ground.diagnostics import Problem
from calotype.ground.target_names import KIND_OF_FOLDER, spec_key
from calotype.language.load import load_spec
from calotype.language.spec import Spec
from calotype.language.yaml.document import parse
from calotype.project.specs import sources
from calotype.store.state import State

_ID = re.compile(rb"^id[ \t]*:[ \t]*[\"']?([a-z0-9][a-z0-9_-]*)", re.MULTILINE)
_KIND = re.compile(rb"^kind[ \t]*:[ \t]*[\"']?(exercise|character|scene)\b", re.MULTILINE)


class OtherSpecsMatter(Exception):
    """What is asked rests on other specs than the one that is looked into alone."""


class SpecLookup:
    """The specs of a project by kind and id. `look_into` names the files that may differ from what `state` has of them.
    """

    def __init__(self, root: Path, state: State) -> None:
        self._root, self._state = root, state
        self._changed: frozenset[str] = frozenset()
        self._stems: dict[str, list[str]] | None = None
        self._keys: dict[str, list[str]] | None = None
        self._gone: list[str] | None = None
        self._asked: set[str] = set()
        self._alone: str | None = None
        self._is_changed: Callable[[str], bool] = _nobody_knows

    def look_into(self, files: Collection[str]) -> None:
        self._changed, self._stems, self._keys, self._gone, self._alone = frozenset(files), None, None, None, None

    def look_into_alone(self, file: str, gone: Collection[str], is_changed: Callable[[str], bool]) -> None:
        """Of all specs that are there only the one in `file` is looked into. Of another exercise `is_changed` tells by
        its file whether it may differ from what `state` has of it; what cannot be told so raises OtherSpecsMatter."""
        self.look_into((file, *gone))
        self._alone, self._is_changed = file, is_changed

    def require_all(self) -> None:
        """Raises OtherSpecsMatter where one spec alone is looked into."""
        if self._alone is not None:
            raise OtherSpecsMatter

    def gone(self) -> list[str]:
        """The files that are there no more."""
        if self._gone is None:
            self._gone = [file for file in sorted(self._changed) if not (self._root / file).exists()]
        return self._gone

    def unchanged_file(self, wanted: str) -> str | None:
        """The file of a spec (`exercises/chin_tuck`) that stands as the last build left it."""
        file = file_of(self._state, wanted)
        if self._alone is not None and file != self._alone:
            return self._unchanged_beside(file)
        return None if file in self._changed else file

    def changed_spec(self, wanted: str) -> Spec | None:
        """The spec of that name among the files that are looked into; None where there is none, or none that
        can be read."""
        remembered, spec_id = file_of(self._state, wanted), wanted.rpartition("/")[2]
        if self._alone is not None:
            return self._beside(wanted)
        near = {*self._by_stem().get(spec_id, ()), *([remembered] if remembered in self._changed else ())}
        return self._first(near, wanted) or self._first(self._by_key().get(wanted, []), wanted)

    def spec(self, wanted: str) -> Spec | None:
        """The spec of that name as it stands now; None where there is none, or none that can be read."""
        if self._alone is not None:
            return self._beside(wanted)
        file = self.unchanged_file(wanted)
        return self.changed_spec(wanted) if file is None else self._first([file], wanted)

    def _unchanged_beside(self, file: str | None) -> str | None:
        if file is None or not (self._state.key_of(file) or "").startswith("exercises/"):  # what others ask for may
            raise OtherSpecsMatter                                                         # rest on decisions
        return None if self._is_changed(file) else file

    def _beside(self, wanted: str) -> Spec:
        """A spec where one alone is looked into, as long as it stands where it stood."""
        file = file_of(self._state, wanted)
        spec = None if file is None else self._first([file], wanted)
        if spec is None:
            raise OtherSpecsMatter
        return spec

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

    def _first(self, files: Collection[str], wanted: str) -> Spec | None:
        for file in sorted(files):
            try:
                spec = load_spec(parse(sources.read(self._root, file).text, file))
            except Problem:
                continue  # whoever looks into it tells what is wrong
            if spec_key(spec.kind, spec.id) == wanted:
                return spec
        return None

    def _by_stem(self) -> dict[str, list[str]]:
        """The files that are looked into, by what they are called without ending and folder."""
        if self._stems is None:
            self._stems = {}
            for file in self._changed:
                self._stems.setdefault(PurePosixPath(file).stem, []).append(file)
        return self._stems

    def _by_key(self) -> dict[str, list[str]]:
        """The files that are looked into, by the name that their text gives; where it is unusual, it is parsed."""
        if self._keys is None:
            self._keys = {}
            for file in self._changed:
                key = written_key(self._root, file)
                if key is not None:
                    self._keys.setdefault(key, []).append(file)
        return self._keys


def _nobody_knows(file: str) -> bool:
    raise OtherSpecsMatter


def file_of(state: State, spec_key: str) -> str | None:
    """The file that `state` remembers of a spec, `exercises/chin_tuck`."""
    folder, _, spec_id = spec_key.partition("/")
    return state.file_of(KIND_OF_FOLDER.get(folder, ""), spec_id)


def written_key(root: Path, file: str) -> str | None:
    """The name that a spec file gives its spec, `exercises/chin_tuck`; None where it cannot be read."""
    try:
        text = sources.read(root, file).text
        kind, spec_id = _KIND.search(text), _ID.search(text)
        if kind and spec_id:
            return spec_key(kind[1].decode(), spec_id[1].decode())
        data = parse(text, file).data
        return spec_key(str(data.get("kind")), str(data.get("id")))
    except Problem:
        return None
