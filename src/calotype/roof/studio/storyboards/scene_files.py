"""The specs of generations, and what lies beside them: written, known again, and taken away."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from calotype.ground.diagnostics import Problem
from calotype.ground.light_dataclass import replace
from calotype.ground.lock import decision_lock
from calotype.project.new_scene import SceneOptions
from calotype.queries.decisions.begin_scene import begin_scene, size_of_shots
from calotype.roof.studio.storyboards.generation_records import GenerationRecord, GenerationRecords
from calotype.roof.studio.uploads import of_the_upload


class SceneFiles:
    """Those of the project at `root`; pictures lie with `records`."""

    def __init__(self, root: Path, records: GenerationRecords) -> None:
        self._root, self._records, self._looking = root, records, Lock()

    def spec(self, generation: str) -> Path:
        return self._root / f"specs/scenes/{generation}.yaml"

    def is_as_written(self, record: GenerationRecord) -> bool:
        """Whether its spec is there, and nobody has edited it."""
        try:
            return digest(self.spec(record.id).read_bytes()) == record.spec
        except OSError:
            return False

    def write(self, record: GenerationRecord, picture: Path | None, cancel: Callable[[], bool]) -> GenerationRecord:
        """The record of what is written now, unless it was just before the last stop. Raises as `begin_scene` does."""
        spec = self.spec(record.id)
        if spec.exists():
            text = spec.read_bytes()
        else:
            options = SceneOptions(**{**record.options, "size": None})
            text = begin_scene(self._root, record.id, record.prompt, options, picture, cancel).text.encode()
        return replace(record, state="written", spec=digest(text))

    def take_away(self, generation: str) -> None:
        """Removes the spec, and what was decided with it: the picture that came with the request."""
        with decision_lock(self._root):
            (self._root / f"specs/picks/scenes/{generation}.yaml").unlink(missing_ok=True)
        self.spec(generation).unlink(missing_ok=True)
        self._records.drop_picture(generation)

    def look_at(self, data: bytes, suffix: str) -> Path:
        """A picture as a file, of which shots can be. One is decoded at a time: it may take all of 256 MiB. Raises
        Problem for one that cannot be used."""
        path = self._records.stage_picture(data, suffix)
        try:
            with self._looking:
                size_of_shots(self._root, path)
        except BaseException as failure:
            path.unlink(missing_ok=True)
            if isinstance(failure, Problem):
                raise of_the_upload(failure, path) from None
            raise
        return path


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
