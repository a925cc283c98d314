"""The header of a whole safetensors file: its tensors' names, and the notes of its writer. No weights are read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from calotype.ground.diagnostics import Problem, error
from calotype.ground.light_dataclass import dataclass
from calotype.ground.troubleshooting import DOWNLOAD, see
from calotype.models.weights_proof import NOTES, is_pointer, rows_of


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
        rows = rows_of(path)
    except ValueError as reason:
        hint = f"fetch or copy it again; {see(DOWNLOAD)}"
        raise Problem(error("weights-damaged", f"`{path.name}` {reason}", hint=hint)) from None
    except OSError as failure:
        raise Problem(error("weights-unreadable", f"`{path.name}` cannot be read: {failure.strerror}")) from failure
    notes = rows.pop(NOTES, {})
    return TensorHeader(tuple(rows), notes)
