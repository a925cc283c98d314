"""What all specs share, read once: calotype.yaml, poses, characters, prompt styles. Must not know any image."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.paths import MARKER
from calotype.language.config import Config, load_config
from calotype.language.load import load_pose, load_spec
from calotype.language.spec import Spec
from calotype.language.yaml.document import Document, parse
from calotype.project import sources


@dataclass(slots=True)
class Snapshot:
    """The shared inputs as they were read. `reads` holds every file looked into, by path; `characters` by id."""

    root: Path
    config: Config
    poses: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    pose_documents: dict[str, Document] = field(default_factory=dict)
    characters: dict[str, Spec] = field(default_factory=dict)
    reads: dict[str, sources.Read] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def take(root: Path) -> Snapshot:
    """Reads what specs share. Errors are gathered in `diagnostics`; only an unusable calotype.yaml raises Problem."""
    found = sources.read(root, MARKER)
    snapshot = Snapshot(root, load_config(parse(found.text, MARKER)))
    snapshot.reads[MARKER] = found
    for file in sources.yaml_files(root, sources.POSES):
        _gather(snapshot, file, _add_pose)
    return snapshot


def specs(snapshot: Snapshot, files: Iterator[str] | list[str]) -> Iterator[tuple[Spec, Document, sources.Read]]:
    """Each spec that can be read, in turn; what cannot is told in `diagnostics`. Characters are kept as they pass."""
    for file in files:
        try:
            found = sources.read(snapshot.root, file)
            document = parse(found.text, file)
            spec = load_spec(document)
        except Problem as problem:
            snapshot.diagnostics += problem.diagnostics
            continue
        if spec.kind == "character":
            snapshot.characters.setdefault(spec.id, spec)
        yield spec, document, found


def _gather(snapshot: Snapshot, file: str, add: Callable[[Snapshot, Document], None]) -> None:
    try:
        found = snapshot.reads[file] = sources.read(snapshot.root, file)
        add(snapshot, parse(found.text, file))
    except Problem as problem:
        snapshot.diagnostics += problem.diagnostics


def _add_pose(snapshot: Snapshot, document: Document) -> None:
    name = Path(document.file).stem
    if name in snapshot.pose_documents:
        other = snapshot.pose_documents[name].file
        raise Problem(document.error("duplicate-id", f"the pose `{name}` is also in {other}", (),
                                     hint="a pose's id is its file's name: rename one"))
    snapshot.poses[name] = load_pose(document)
    snapshot.pose_documents[name] = document
