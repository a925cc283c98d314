"""What is remembered of each request for a storyboard: a file of its own, so that one request is never two scenes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from calotype.ground.atomic import sync_directories, write_bytes
from calotype.ground.diagnostics import Problem, error
from calotype.ground.files import read_file
from calotype.ground.folders import GENERATIONS
from calotype.ground.light_dataclass import asdict, dataclass
from calotype.project.new_scene import SceneOptions
from calotype.roof.studio.uploads import SUFFIXES

SCHEMA = 1
LARGEST = 1 << 20
"""Bytes of a record that is read."""
_STAGED = "upload_"


@dataclass(frozen=True, slots=True)
class GenerationRecord:
    """One request. `key` is the SHA-256 of its idempotency key, empty where it has none, and `body` that of what was
    asked for; `options` are those of the scene, by the names of SceneOptions. `state` is accepted, written (its scene
    is there, as the file of SHA-256 `spec`), failed (for `diagnostics`, as JSON) or cancelled."""

    id: str
    key: str
    body: str
    prompt: str
    options: Mapping[str, Any]
    state: str = "accepted"
    spec: str = ""
    diagnostics: tuple[Mapping[str, Any], ...] = ()


class GenerationRecords:
    """The records of the project at `root`, by their ids, each with the picture that came with it, if one did."""

    def __init__(self, root: Path) -> None:
        self._folder = root / GENERATIONS

    def get(self, generation: str) -> GenerationRecord | None:
        """Raises Problem for a record that cannot be read: it is not taken for absent."""
        path = self._folder / f"{generation}.json"
        try:
            data, _ = read_file(path, LARGEST)
        except FileNotFoundError:
            return None
        try:
            fields = json.loads(data)
            if fields.pop("schema") != SCHEMA:
                raise ValueError("of another version")
            SceneOptions(**fields["options"])
            return GenerationRecord(**{**fields, "diagnostics": tuple(fields["diagnostics"])})
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            raise Problem(error(
                "unreadable", f"is no record of a generation: {cause}", file=f"{GENERATIONS}/{path.name}",
                hint="remove it: the scene that was written stays")) from None

    def put(self, record: GenerationRecord) -> None:
        """Durable when it returns."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_bytes(self._folder / f"{record.id}.json", json.dumps({"schema": SCHEMA, **asdict(record)}).encode())

    def stage_picture(self, data: bytes, suffix: str) -> Path:
        """Writes a picture that is to be looked at before it is anybody's."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{_STAGED}{secrets.token_hex(8)}{suffix}"
        write_bytes(path, data)
        return path

    def take_picture(self, staged: Path, generation: str) -> None:
        """Has a staged picture be that of a generation. Durable when it returns."""
        staged.replace(self._folder / f"{generation}{staged.suffix}")
        sync_directories([self._folder])

    def picture(self, generation: str) -> Path | None:
        return next((path for path in self._folder.glob(f"{generation}.*") if path.suffix != ".json"), None)

    def drop(self, generation: str) -> None:
        """Forgets a request that came to nothing."""
        self.drop_picture(generation)
        (self._folder / f"{generation}.json").unlink(missing_ok=True)

    def drop_picture(self, generation: str) -> None:
        picture = self.picture(generation)
        if picture is not None:
            picture.unlink(missing_ok=True)

    def all(self) -> Iterator[GenerationRecord]:
        """The requests, in the order of their ids. What cannot be read is left alone."""
        for path in sorted(self._folder.glob("*.json")):
            try:
                record = self.get(path.stem)
            except (Problem, OSError):
                continue
            if record is not None:
                yield record

    def sweep(self) -> None:
        """Removes the pictures of nobody: of requests that a kill or a full disk ended before they were accepted."""
        for path in self._folder.glob("*"):
            if path.suffix in SUFFIXES and not path.with_suffix(".json").exists():
                path.unlink(missing_ok=True)
