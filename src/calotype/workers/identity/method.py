"""What the built-in identity methods share: requests, references, and one picture after the other.

A request holds `references`, sorted: `{"pixels": digest}` of a picture, `{"embedding": digest}` of a file `.npy`. What
a picture gives is remembered by its digest and that of the weights, so that references are looked at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from calotype.ground.diagnostics import Problem, error
from calotype.models.embedding_file import LARGEST, SUFFIX, embeddings_in
from calotype.workers.identity.space import Space, combined, scored
from calotype.workers.protocol import Cancel, Estimate, InputGone, Inputs, Lane, Request, Scored, open_input

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

    from calotype.language.identity import Identity
    from calotype.language.image import Image
    from calotype.workers.identity.space import Rows

_REMEMBERED = 4096


class Method:
    """An identity method. `weights` names the field of a request that holds the digest of its model, if it has one;
    `unseen` says what is not found in a picture without rows."""

    name: str
    epoch = 1
    lane: Lane = "device"
    space: ClassVar[Space]
    weights: ClassVar[str | None] = None
    packages: ClassVar[Mapping[str, str]] = {}
    """The modules that it imports, and what people call their packages."""
    extra: ClassVar[str] = "identity"
    unseen: ClassVar[str]
    seconds = 0.3

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Rows] = {}

    def request(self, identity: Identity, image: Image, pixels: str) -> Request:
        references = [_reference(path, image) for path in identity.references]
        references += [{"pixels": digest} for digest in identity.anchors if not references]
        model = {self.weights: self.weighed(identity, image)} if self.weights else {}
        return {
            "identity": self.name, "epoch": self.epoch, "pixels": pixels, "combine": identity.combine, **model,
            "references": sorted(references, key=lambda reference: sorted(reference.items())),
        }

    def affinity(self, request: Request) -> tuple[str, ...]:
        return (self.name, request[self.weights]) if self.weights else (self.name,)

    def estimate(self, request: Request) -> Estimate:
        return Estimate(seconds=self.seconds)

    def unavailable_reason(self) -> tuple[str, str] | None:
        from importlib.util import find_spec

        lacking = [package for module, package in self.packages.items() if find_spec(module) is None]
        return (f"{', '.join(lacking)} not installed", f"pip install 'calotype[{self.extra}]'") if lacking else None

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Scored]:
        """One picture at a time: none depends on the company that it is in."""
        for index, request in enumerate(batch):
            if cancel():
                return
            references = self.references(request, inputs)
            rows = self._of_picture(request, request["pixels"], inputs)
            yield scored(index, self.space, rows, references, request["combine"])

    def embedding(self, request: Request, inputs: Inputs) -> Rows:
        """The one row that stands for all references of a request, (width,), as it is compared."""
        row: Rows = combined(self.space, self.references(request, inputs))[0]
        return row

    def references(self, request: Request, inputs: Inputs) -> Rows:
        """The normal rows of all references. Raises Problem for one in which nothing is found, naming it."""
        import numpy as np

        rows = [self._of_reference(request, reference, inputs) for reference in request["references"]]
        return np.concatenate(rows) if rows else np.empty((0, 0))

    def weighed(self, identity: Identity, image: Image) -> str:
        """The digest of the model that looks."""
        raise NotImplementedError

    def width(self, model: Path | None, digest: str) -> int:
        """How many numbers a row has."""
        raise NotImplementedError

    def look(self, picture: Pixels, model: Path | None, digest: str) -> Any:
        """The rows of a picture, 8-bit RGB: (count, width), no row where it does not tell."""
        raise NotImplementedError

    def chosen(self, rows: Rows) -> Rows:
        """The row that stands for a reference, of several."""
        return rows[:1]

    def close(self) -> None:
        self._rows.clear()

    def _of_picture(self, request: Request, pixels: str, inputs: Inputs) -> Rows:
        model, digest = self._model(request, inputs)
        key = pixels, digest
        rows = self._rows.get(key)
        if rows is None:
            rows = self.look(_plain(open_input(inputs, pixels)), model, digest)
            rows = self.space.normal(rows) if len(rows) else rows
            if len(self._rows) >= _REMEMBERED:
                self._rows.clear()
            self._rows[key] = rows
        return rows

    def _of_reference(self, request: Request, reference: Mapping[str, str], inputs: Inputs) -> Rows:
        if "embedding" in reference:
            return self._of_file(request, reference["embedding"], inputs)
        pixels = reference["pixels"]
        rows = self._of_picture(request, pixels, inputs)
        if not len(rows):
            raise Problem(error("reference-untold", f"in the reference `{pixels[:10]}` {self.unseen}",
                                hint="take it out of `references`, or name a picture that shows it plainly"))
        return self.chosen(rows)

    def _of_file(self, request: Request, digest: str, inputs: Inputs) -> Rows:
        if digest not in inputs:
            raise InputGone(digest, f"the embedding {digest[:10]} is not at hand")
        path = inputs[digest]
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
        try:
            rows = embeddings_in(data)
        except ValueError as reason:
            raise Problem(error("embedding", f"`{path.name}` {reason}", hint=_MADE.format(method=self.name))) from None
        width = self.width(*self._model(request, inputs))
        if rows.shape[1] != width:
            raise Problem(error(
                "embedding", f"`{path.name}` holds embeddings of {rows.shape[1]} numbers, and those of `{self.name}` "
                f"have {width} here", hint=_MADE.format(method=self.name)))
        return self.space.normal(rows)

    def _model(self, request: Request, inputs: Inputs) -> tuple[Path | None, str]:
        if self.weights is None:
            return None, ""
        digest = request[self.weights]
        if digest not in inputs:
            raise Problem(error("weights-missing", f"the weights of `{self.name}` are not on this machine",
                                hint="`calotype models list` tells which are missing"))
        return inputs[digest], digest


_MADE = "make it anew with the same model: `calotype identity CHARACTER --save FILE.npy` (method {method})"


def _reference(path: str, image: Image) -> dict[str, str]:
    if path.lower().endswith(SUFFIX):
        return {"embedding": image.digest(path)}
    return {"pixels": image.pixels(path)}


def _plain(picture: Pixels) -> Pixels:
    from calotype.ground.images import as_input

    return as_input(picture)
