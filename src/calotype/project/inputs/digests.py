"""Digests of what requests name: weights, reference pictures. Must not know what a renderer does with them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.digest import sha256
from calotype.ground.paths import inside, on_disk
from calotype.ground.troubleshooting import DOWNLOAD, see
from calotype.language.weights import PACKAGE, Model
from calotype.models import weight_files
from calotype.models.embedding_file import SUFFIX
from calotype.models.onnx_file import ONNX
from calotype.models.weights_proof import fault, is_pointer
from calotype.project.inputs.missing_weights import Untrained, missing, not_here
from calotype.project.inputs.model_classes import ModelClasses
from calotype.project.inputs.pictures import FORM, converted, digest_as_used
from calotype.store.state import State

PROVED = (weight_files.SAFE, SUFFIX, ONNX)
AGAIN = f"fetch or copy it again: `calotype models verify` tells what else is damaged; {see(DOWNLOAD)}"


class Inputs:
    """Digests by name, each asked of the disk once. `weights` holds those in use, `asked` what each name stands for,
    of those without a digest too (`probed`: to see whether it is here), `read` every path looked at; `watch` is told
    each of them just before.

    Weights that are not on disk take the digest that the manifest locked for them; those that are there are compared.
    Where `assumes` is set, such that nobody has locked take one that no weights have: so a project can be looked into
    whose weights are elsewhere.
    """

    def __init__(
        self, root: Path, state: State, locked: Mapping[str, str], loras: Mapping[str, Mapping[str, Any]], matte: str,
        keep: Callable[[bytes], Path], folders: Sequence[Path] = (),
    ) -> None:
        """`loras` are those that calotype.yaml names; `folders` may hold weights outside the project. Transparent
        pictures are composed over the colour `matte`; `keep` stores the bytes of a picture that is not used as it lies
        in its file, and says where."""
        self._called = {lora["path"]: name for name, lora in sorted(loras.items(), reverse=True)}
        self._sources = {lora["path"]: lora["from"] for lora in loras.values() if "from" in lora}
        self._root, self._state, self._locked = root, state, locked
        self._matte, self._keep, self._folders = matte, keep, folders
        self.weights: dict[str, str] = {}
        self.read: dict[str, None] = {}
        self.watch: Callable[[str], None] = lambda path: None
        self.asked: dict[str, Model | str] = {}
        self.probed: set[str] = set()
        self._absent: dict[str, Model | str] = {}
        self.classes = ModelClasses(root, locked, folders)
        self._pictures: dict[str, str] = {}
        self._places: dict[str, Path] = {}
        self._as_used: dict[str, Path] = {}
        self._parts: dict[str, dict[str, Path]] = {}
        self._proved: set[str] = set()
        self.assumes = False
        self._assumed: list[Model | str] = []

    def depend(self, path: str) -> None:
        """What is planned depends on the file at `path`, which is about to be read."""
        for spelled in (path, on_disk(self._root, path)):
            if spelled not in self.read:
                self.read[spelled] = None
                self.watch(spelled)

    def digest(self, path: str) -> str:
        """SHA-256 of a file of weights. Raises Problem where neither the file nor a lock is there."""
        return self._weighed(path, path)

    def model(self, model: Model) -> str:
        """The digest of a model. Raises Problem where neither its weights nor a lock are there."""
        return self._weighed(str(model), model)

    def absent(self, requests: Iterable[Mapping[str, Any]]) -> list[Model | str]:
        """The models, and the paths of other weights, that `requests` name and that are not on this machine."""
        if not self._absent:
            return []
        named = {text for request in requests for text in _texts(request)}
        return [model for name, model in self._absent.items() if self.weights[name] in named]

    def _weighed(self, name: str, what: Model | str) -> str:
        if name in self.weights:
            return self.weights[name]
        self.asked[name] = what
        weighed = self._weigh(what)
        if weighed is not None:
            self.weights[name], self._places[weighed[0]] = weighed
        elif name in self._locked:
            self.weights[name] = self._locked[name]
            self._absent[name] = what
        elif not self.assumes:
            raise not_here(self.missing(what), what, self._called.get(str(what)), self._sources.get(str(what)))
        else:
            self.weights[name] = sha256(f"missing {name}".encode())
            self._assumed.append(what)
        return self.weights[name]

    def take_assumed(self) -> list[Model | str]:
        """The weights whose digests were assumed since the last time."""
        assumed, self._assumed = self._assumed, []
        return assumed

    def lora_names(self) -> dict[str, str]:
        """What the LoRAs in use are called, by digest: of several names of the same bytes, the first one."""
        named = sorted(((name, path) for path, name in self._called.items()), reverse=True)
        return {self.weights[path]: name for name, path in named if path in self.weights}

    def by_names(self, message: str) -> str:
        """What a worker says of the file of a LoRA, or of a picture (by its digest), with what the project calls it."""
        files = Counter(path.rpartition("/")[2] for path in self._called)
        for path, name in self._called.items():
            if files[file := path.rpartition("/")[2]] == 1 and path in self.weights:
                message = message.replace(f"`{file}`", f"`{name}` ({path})")
        for path, pixels in self._pictures.items():
            message = message.replace(f"`{pixels[:10]}`", f"`{path}`")
        return message

    def missing(self, what: Model | str) -> Diagnostic:
        return missing(what, self._called.get(str(what)), self._sources.get(str(what)))

    def _weigh(self, what: Model | str) -> tuple[str, Path] | None:
        return self._weigh_model(what) if isinstance(what, Model) else self._weigh_file(what)

    def _weigh_file(self, path: str) -> tuple[str, Path] | None:
        for watched in weight_files.watched(self._root, path, folders=self._folders):
            self.depend(watched)
        place = weight_files.file_of(self._root, path, self._folders)
        with _readable(path):
            digest = self._state.digest(place)
        if digest is None:
            return None
        self._take_parts(digest, {path: place})
        return digest, place

    def _weigh_model(self, model: Model) -> tuple[str, Path] | None:
        for path in weight_files.watched(self._root, model.name, model.revision, self._folders):
            self.depend(path)
        place = weight_files.locate(self._root, model, self._folders)
        if place is None:
            return None
        with _readable(model.path, place):
            parts = weight_files.parts(place, model.variant, model.settings)
            for part in parts:
                self.depend(str(place / part) if part else str(place))
                if place.is_relative_to(self._root) and not model.name.startswith(PACKAGE):
                    _inside(self._root, (place / part).relative_to(self._root).as_posix())
            digest = weight_files.digest(place, model.variant, self._state.digest, model.settings)
            self._take_parts(
                digest, {f"{model.path}/{part}" if part else model.path: place / part for part in parts})
            return digest, place

    def _take_parts(self, digest: str, parts: Mapping[str, Path]) -> None:
        """Remembers the files of weights, by the names that people know them by. Raises Problem for one that Git LFS
        has not fetched."""
        self._parts[digest] = {name: path for name, path in parts.items() if path.name.endswith(PROVED)}
        pointers = [name for name, path in self._parts[digest].items() if is_pointer(path)]
        if pointers:
            raise Problem([error("lfs", "is a Git LFS pointer where weights should be", file=name,
                                 hint="run `git lfs pull`") for name in pointers])

    def prove(self, request: Mapping[str, Any]) -> None:
        """Raises Problem where weights that `request` names are on this machine and are not whole, or no safetensors:
        once for each, before anything is rendered with them."""
        damaged = []
        for digest in {text for text in _texts(request) if text in self._parts} - self._proved:
            for name, path in self._parts[digest].items():
                with _readable(name):
                    reason = fault(path)
                if reason is not None and name in self._sources:
                    raise Untrained(self.missing(name), name, self._called[name], self._sources[name], reason)
                if reason is not None:
                    damaged.append(error("weights-damaged", reason, file=name, hint=AGAIN))
            if not damaged:
                self._proved.add(digest)
        if damaged:
            raise Problem(damaged)

    def pixels(self, path: str) -> str:
        """Pixel digest of a picture as it is used: in sRGB, over the matte. Raises Problem where it is missing, damaged
        or larger than allowed."""
        if path not in self._pictures:
            self.depend(path)
            pixels = self._pixels_of(path)
            if pixels is None:
                raise Problem(error("picture-missing", "there is no such picture", file=path))
            self._pictures[path] = pixels
            self._places[pixels] = _inside(self._root, path)
        return self._pictures[path]

    def files(self, requests: Sequence[Mapping[str, Any]]) -> dict[str, Path]:
        """Where the bytes are that `requests` name by digest: pictures by their pixels, weights by their content.
        Raises Problem where a picture cannot be read, or kept in the form that it is used in."""
        named = {text for request in requests for text in _texts(request)}
        for path, pixels in self._pictures.items():
            if pixels in named and pixels not in self._as_used:
                place = _inside(self._root, path)
                with _readable(path):
                    data = converted(place, path, pixels, self._matte)
                    self._as_used[pixels] = place if data is None else self._keep(data)
        return {digest: self._as_used.get(digest, place) for digest, place in self._places.items() if digest in named}

    def unchanged(self, request: Mapping[str, Any]) -> bool:
        """Whether the weights and pictures that `request` names are still those it was planned with."""
        if not (self.weights or self._pictures):
            return True
        named = set(_texts(request))
        weighed = (name for name, digest in self.weights.items() if digest in named)
        pictures = (path for path, pixels in self._pictures.items() if pixels in named)
        try:
            return all(self._same(name) for name in weighed) and all(
                self._pixels_of(path) == self._pictures[path] for path in pictures)
        except Problem:
            return False

    def _same(self, name: str) -> bool:
        weighed = self._weigh(self.asked[name])
        return weighed is None or weighed[0] == self.weights[name]

    def _pixels_of(self, path: str) -> str | None:
        with _readable(path):
            decode = partial(digest_as_used, path, self._matte)
            return self._state.pixels(_inside(self._root, path), f"{FORM} {self._matte}", decode)


def _inside(root: Path, path: str) -> Path:
    try:
        return inside(root, path)
    except ValueError as cause:
        raise Problem(error("path-outside", str(cause), file=path)) from None


@contextmanager
def _readable(name: str, folder: Path | None = None) -> Iterator[None]:
    """Tells the system's refusal to read what people call `name`; of a `folder` that is called so, which file of it."""
    try:
        yield
    except OSError as cause:
        file = Path(os.fsdecode(cause.filename)) if folder is not None and cause.filename else None
        if file is not None and folder is not None and file != folder and file.is_relative_to(folder):
            name = f"{name}/{file.relative_to(folder).as_posix()}"
        raise Problem(error("unreadable", f"cannot be read: {cause.strerror}", file=name)) from None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
