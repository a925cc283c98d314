"""Digests of what requests name: weights, reference pictures. Must not know what a renderer does with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.paths import inside
from calotype.store.state import State


class Inputs:
    """Digests by project path, each asked of the disk once. `weights` holds those in use, `read` every path looked at;
    `watch` is told each of them just before.

    A weight that is not on disk takes the digest that the manifest locked for it; one that is there is compared.
    """

    def __init__(self, root: Path, state: State, locked: Mapping[str, str]) -> None:
        self._root, self._state, self._locked = root, state, locked
        self.weights: dict[str, str] = {}
        self.read: dict[str, None] = {}
        self.watch: Callable[[str], None] = lambda path: None
        self._pictures: dict[str, str] = {}
        self._places: dict[str, Path] = {}

    def depend(self, path: str) -> None:
        """What is planned depends on the file at `path`, which is about to be read."""
        if path not in self.read:
            self.read[path] = None
            self.watch(path)

    def digest(self, path: str) -> str:
        """SHA-256 of a weight. Raises Problem where neither the file nor a lock is there."""
        if path not in self.weights:
            self.depend(path)
            found = self._digest_of(path) or self._locked.get(path)
            if found is None:
                raise Problem(error("weight-missing", f"`{path}` is not there, and the manifest has no digest of it",
                                    hint="put the file in its place, or fetch it"))
            self.weights[path] = found
        return self.weights[path]

    def pixels(self, path: str) -> str:
        """Pixel digest of a picture. Raises Problem where it is missing, damaged or larger than allowed."""
        if path not in self._pictures:
            self.depend(path)
            found = self._pixels_of(path)
            if found is None:
                raise Problem(error("picture-missing", "there is no such picture", file=path))
            self._pictures[path] = found
            self._places[found] = self._inside(path)
        return self._pictures[path]

    def hold(self, pixels: str, place: Path) -> None:
        """Says where the pixels of a pick can be read."""
        self._places[pixels] = place

    def files(self, requests: Sequence[Mapping[str, Any]]) -> dict[str, Path]:
        """Where each picture that `requests` name by pixel digest can be read."""
        named = {text for request in requests for text in _texts(request)}
        return {pixels: place for pixels, place in self._places.items() if pixels in named}

    def unchanged(self, request: Mapping[str, Any]) -> bool:
        """Whether the weights and pictures that `request` names are still those it was planned with."""
        if not (self.weights or self._pictures):
            return True
        named = set(_texts(request))
        weights = (path for path, digest in self.weights.items() if digest in named)
        pictures = (path for path, pixels in self._pictures.items() if pixels in named)
        try:
            return all(self._digest_of(path) in (None, self.weights[path]) for path in weights) and all(
                self._pixels_of(path) == self._pictures[path] for path in pictures)
        except Problem:
            return False

    def _digest_of(self, path: str) -> str | None:
        with _readable(path):
            return self._state.digest(self._inside(path))

    def _pixels_of(self, path: str) -> str | None:
        from calotype.ground.images import pixels_of

        with _readable(path):
            return self._state.pixels(self._inside(path), lambda place: pixels_of(place, path))

    def _inside(self, path: str) -> Path:
        try:
            return inside(self._root, path)
        except ValueError as cause:
            raise Problem(error("path-outside", str(cause), file=path)) from None


@contextmanager
def _readable(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise Problem(error("unreadable", f"cannot be read: {cause.strerror}", file=path)) from None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
