"""The characters of a project by their ids, wherever their specs stand. Must not know who speaks of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calotype.ground.folders import CHARACTERS
from calotype.ground.target_names import spec_key
from calotype.language.spec import Spec
from calotype.project.specs import sources
from calotype.project.specs.lookup import SpecLookup
from calotype.project.specs.shared_files import Snapshot, read_characters


class Characters(Mapping[str, Spec]):
    """Those that were met as specs were read, and any other as soon as it is asked for by its id. What is wrong in
    its spec is told by who looks into that."""

    def __init__(self, snapshot: Snapshot, specs: SpecLookup) -> None:
        self._snapshot, self._specs = snapshot, specs
        self._sought: dict[str, Spec | None] = {}

    def __getitem__(self, name: str) -> Spec:
        spec = self._snapshot.characters.get(name) or self._seek(name)
        if spec is None:
            raise KeyError(name)
        return spec

    def __iter__(self) -> Iterator[str]:
        """Of those that were not asked for, the ones in the folder of characters."""
        read_characters(self._snapshot, sources.yaml_files(self._snapshot.root, CHARACTERS))
        return iter(self._snapshot.characters)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _seek(self, name: str) -> Spec | None:
        if name not in self._sought:
            self._sought[name] = self._specs.spec(spec_key("character", name))
        return self._sought[name]
