"""Puts the files of a product into their places: all or none, its record last.

Whatever else lies in the folder is somebody else's, and stays. Whoever calls holds the build lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from calotype.ground import atomic
from calotype.ground.boundary import require_place
from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error
from calotype.ground.digest import sha256
from calotype.ground.folders import TRAINING
from calotype.ground.gitignore import keep_out_of_git
from calotype.ground.light_dataclass import replace
from calotype.results.export.product_record import ProductRecord, read_record
from calotype.results.publish.assets import Done, Publication, Publisher
from calotype.results.publish.disk import refusals

Content = Callable[[], bytes]


class ProductFolder:
    """The folder of the product `target`: `folder` and the `record` in it are paths of the project at `root`."""

    def __init__(self, root: Path, folder: str, record: str, target: str) -> None:
        self._root, self._folder, self._target = root, folder, target
        self._record = f"{folder}/{record}"

    def read(self) -> ProductRecord | None:
        """See `read_record`."""
        return read_record(self._root, self._record)

    def put(self, record: ProductRecord, contents: Mapping[str, Content]) -> list[Diagnostic]:
        """Writes the files of `record`, and removes those that an older one told of and that it does not. An edited
        file is moved to build/edited/, and told of. Raises Problem (exit 1), and changes nothing, where something that
        is not the product's stands in the way, or the disk refuses."""
        before = self.read() or ProductRecord("", {}, {})
        require_place(self._root, self._record)
        owned = {f"{self._folder}/{name}": before.owned(name) for name in before.names}
        blobs = _Contents({record.files[name]: content for name, content in contents.items()})
        publisher = Publisher(self._root, blobs, owned)
        batch = [Publication(self._target, f"{self._folder}/{name}", digest) for name, digest in record.files.items()]
        staged: list[Path] = []
        try:
            notes = _notes(publisher.publish(batch, partial(self._begin, before, record, staged)))
            obsolete = [(self._target, f"{self._folder}/{name}") for name in before.names if name not in record.files]
            notes += _notes(publisher.remove(obsolete))
            self._end(staged)
        finally:
            for temporary in staged:
                temporary.unlink(missing_ok=True)
        return notes

    def _begin(self, before: ProductRecord, record: ProductRecord, staged: list[Path]) -> None:
        """Owns up to the files that are about to be put in place, so that a stopped making leaves none that is
        nobody's. The record that follows is `staged` first: once a file is put, no more room is needed."""
        pending = replace(before, pending={**before.pending, **record.files})
        with refusals("write", self._record):
            keep_out_of_git(self._root / TRAINING)
            staged.append(atomic.stage_bytes(self._root / self._folder, record.dump()))
            atomic.write_bytes(self._root / self._record, pending.dump())
        atomic.point("product-begun")

    def _end(self, staged: list[Path]) -> None:
        with refusals("write", self._record):
            atomic.replace(staged[0], self._root / self._record)
            atomic.sync_directories([self._root / self._folder])
        staged.clear()
        atomic.point("product-recorded")


class _Contents:
    """Contents by digest, as a publisher asks for them."""

    def __init__(self, contents: Mapping[str, Content]) -> None:
        self._contents = contents

    def has(self, digest: str) -> bool:
        return digest in self._contents

    def get(self, digest: str) -> bytes | None:
        """Raises Problem (exit 1) where the content is another by now."""
        if digest not in self._contents:
            return None
        data = self._contents[digest]()
        if sha256(data) != digest:
            raise Problem(error("edited", "a picture was edited meanwhile", hint="do it again"), EXIT_FAILED)
        return data


def _notes(done: Sequence[Done]) -> list[Diagnostic]:
    """What there is to tell. Raises Problem where a file could not be put in its place."""
    refused = [each.diagnostic for each in done if each.status in ("conflict", "refused") and each.diagnostic]
    if refused:
        raise Problem(refused, EXIT_FAILED)
    return [each.diagnostic for each in done if each.diagnostic is not None]
