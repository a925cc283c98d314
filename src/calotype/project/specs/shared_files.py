"""What all specs share: calotype.yaml, poses, characters. Must not know any image."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.fingerprint import fingerprint_at, is_settled
from calotype.ground.folders import CHARACTERS, MARKER, POSES
from calotype.ground.light_dataclass import dataclass, field
from calotype.language.config import Config, load_config
from calotype.language.load import load_pose, load_spec
from calotype.language.spec import Spec
from calotype.language.yaml.document import Document, parse
from calotype.project.specs import sources

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Understood:
    """A file's content as a value, and whether the same fingerprint will mean the same content."""

    read: sources.Read
    value: Any
    settled: bool


class SharedFiles:
    """Shared files as they were read, each understood anew only when its bytes changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._understood: dict[str, _Understood] = {}

    def get(self, file: str, understand: Callable[[Document], T]) -> tuple[sources.Read, T]:
        """The file and what `understand` makes of it. Raises Problem for a file that cannot be read or understood."""
        understood = self._understood.pop(file, None)
        if understood is None or not understood.settled or understood.read.fingerprint != self._fingerprint(file):
            understood = self._read(file, understood, understand)
        self._understood[file] = understood
        return understood.read, understood.value

    def distrust(self, paths: Collection[str]) -> None:
        """Files at `paths` are read again, whatever their fingerprints say."""
        for path in paths:
            self._understood.pop(path, None)

    def _read(self, file: str, before: _Understood | None, understand: Callable[[Document], Any]) -> _Understood:
        now = time.time_ns()
        read = sources.read(self.root, file)
        same = before is not None and before.read.sha256 == read.sha256
        value = before.value if before is not None and same else understand(parse(read.text, file))
        return _Understood(read, value, is_settled(read.fingerprint, now, same_clock=False))

    def _fingerprint(self, file: str) -> bytes | None:
        try:
            return fingerprint_at(self.root / file)
        except OSError:
            return None


@dataclass(slots=True)
class Snapshot:
    """The shared inputs as they were read. `reads` holds every file looked into by path, `characters` those met."""

    root: Path
    config: Config
    files: SharedFiles
    poses: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    pose_documents: dict[str, Document] = field(default_factory=dict)
    characters: dict[str, Spec] = field(default_factory=dict)
    reads: dict[str, sources.Read] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def take_snapshot(root: Path, files: SharedFiles | None = None) -> Snapshot:
    """Reads what specs share. Errors are gathered in `diagnostics`; only an unusable calotype.yaml raises Problem.
    `files` spares reading what was read before and is unchanged."""
    files = files or SharedFiles(root)
    read, config = files.get(MARKER, load_config)
    snapshot = Snapshot(root, config, files)
    snapshot.reads[MARKER] = read
    for file in sources.yaml_files(root, POSES):
        try:
            snapshot.reads[file], (document, pose) = files.get(file, _pose)
            _add_pose(snapshot, document, pose)
        except Problem as problem:
            snapshot.diagnostics += problem.diagnostics
    return snapshot


def read_specs(snapshot: Snapshot, files: Iterable[str]) -> Iterator[tuple[Spec, Document, sources.Read]]:
    """Each spec that can be read, in turn; what cannot is told in `diagnostics`. Characters are kept as they pass."""
    for file in files:
        try:
            read = sources.read(snapshot.root, file)
            document = parse(read.text, file)
            spec = load_spec(document)
        except Problem as problem:
            snapshot.diagnostics += problem.diagnostics
            continue
        if spec.kind == "character":
            snapshot.characters.setdefault(spec.id, spec)
        yield spec, document, read


def read_characters(snapshot: Snapshot, files: Iterable[str]) -> None:
    """Keeps the characters in `files`, without a word about what is wrong there."""
    for file in files:
        if file.startswith(f"{CHARACTERS}/"):
            try:
                _, spec = snapshot.files.get(file, load_spec)
            except Problem:
                continue
            if spec.kind == "character":
                snapshot.characters.setdefault(spec.id, spec)


def _pose(document: Document) -> tuple[Document, Mapping[str, Any]]:
    return document, load_pose(document)


def _add_pose(snapshot: Snapshot, document: Document, pose: Mapping[str, Any]) -> None:
    name = Path(document.file).stem
    if name in snapshot.pose_documents:
        other = snapshot.pose_documents[name].file
        raise Problem(document.error("duplicate-id", f"the pose `{name}` is also in {other}", (),
                                     hint="a pose's id is its file's name: rename one"))
    snapshot.poses[name] = pose
    snapshot.pose_documents[name] = document
