"""The header of a whole safetensors file: its tensors' names, and the notes of its writer. No weights are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from calotype.ground.diagnostics import Problem, error
from calotype.ground.light_dataclass import dataclass
from calotype.ground.troubleshooting import DOWNLOAD, see
from calotype.models.weights_proof import fault, is_pointer

_NOTES = "__metadata__"


@dataclass(frozen=True, slots=True)
class TensorHeader:
    """`names` of the tensors, in the file's order, and `notes` that its writer left."""

    names: tuple[str, ...]
    notes: Mapping[str, str]


def read_header(path: Path) -> TensorHeader:
    """The header of the file at `path`. Raises Problem for what is no safetensors file, or not a whole one."""
    try:
        if is_pointer(path):
            message = f"`{path.name}` is a Git LFS pointer, not the weights"
            raise Problem(error("lfs", message, hint="run `git lfs pull`"))
        if why := fault(path):
            hint = f"fetch or copy it again; {see(DOWNLOAD)}"
            raise Problem(error("weights-damaged", f"`{path.name}` {why}", hint=hint))
        with path.open("rb") as file:
            rows = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    except OSError as failure:
        raise Problem(error("weights-unreadable", f"`{path.name}` cannot be read: {failure.strerror}")) from failure
    notes = rows.pop(_NOTES, None)
    return TensorHeader(tuple(rows), {str(name): str(text) for name, text in dict(notes or {}).items()})
