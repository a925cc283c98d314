"""Whether the pictures and embeddings that a character is known by can be read. Must not compare any."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem
from calotype.ground.paths import inside
from calotype.language.references import reference_lists
from calotype.language.spec import Spec
from calotype.models.embedding_file import SUFFIX, embeddings_of
from calotype.models.weights_proof import is_pointer
from calotype.project.inputs.digests import Inputs

_ANEW = "make it anew: `calotype identity CHARACTER --save FILE.npy`"
_POINTER = "is a Git LFS pointer where embeddings should be"
Fault = tuple[str, str, str | None]
"""Code, message and hint."""


def reference_faults(spec: Spec, root: Path, inputs: Inputs) -> Iterator[tuple[tuple[str | int, ...], Fault]]:
    """What cannot be read of the references of a character, each with its place in the spec. Those that are no files of
    the project are left out: `check_spec` tells of them."""
    for pointer, paths in reference_lists(spec.data):
        for index, fault in _faults(paths, root, inputs):
            yield (*pointer, index), fault


def _faults(paths: Iterable[str], root: Path, inputs: Inputs) -> Iterator[tuple[int, Fault]]:
    width, widest = 0, ""
    for index, path in enumerate(paths):
        place = _file(root, path)
        if place is None:
            continue
        if not path.lower().endswith(SUFFIX):
            yield from ((index, fault) for fault in _picture(path, inputs))
            continue
        try:
            if is_pointer(place):
                yield index, ("lfs", f"`{path}` {_POINTER}", "run `git lfs pull`")
                continue
            rows: Any = embeddings_of(place)
        except ValueError as reason:
            yield index, ("embedding", f"`{path}` {reason}", _ANEW)
        except OSError as cause:
            yield index, ("unreadable", f"`{path}` cannot be read: {cause.strerror}", None)
        else:
            if width not in (0, rows.shape[1]):
                message = f"`{path}` holds embeddings of {rows.shape[1]} numbers, and `{widest}` of {width}"
                yield index, ("embedding", message, f"make both with the same model; {_ANEW}")
            width, widest = (width, widest) if width else (rows.shape[1], path)


def _picture(path: str, inputs: Inputs) -> Iterator[Fault]:
    try:
        inputs.pixels(path)
    except Problem as problem:
        for fault in problem.diagnostics:
            message = fault.message if f"`{path}`" in fault.message else f"`{path}` {fault.message}"
            yield fault.code, message, fault.hint


def _file(root: Path, path: str) -> Path | None:
    try:
        place = inside(root, path)
    except (ValueError, OSError):
        return None
    return place if place.is_file() else None
