"""Tensors as the bytes of a safetensors file, the same each time.

The library writes the notes of a header in another order in each process (they are a hash map there), so a file is put
together here; the format is a length, a JSON header and the tensors' bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_ALIGNED = 8  # the header is filled up with spaces, so that tensors begin where memory can be mapped
_NAMES = {"float32": "F32", "float64": "F64"}


def packed(tensors: Mapping[str, Any], notes: Mapping[str, str]) -> bytes:
    """The file with `tensors` by name, sorted, and `notes` in its header."""
    rows: dict[str, Any] = {"__metadata__": dict(sorted(notes.items()))}
    parts: list[bytes] = []
    end = 0
    for name in sorted(tensors):
        value = tensors[name].detach().contiguous().cpu()
        data = value.reshape(-1).numpy().tobytes()
        rows[name] = {"dtype": _NAMES[str(value.dtype).rpartition(".")[2]], "shape": list(value.shape),
                      "data_offsets": [end, end + len(data)]}
        parts.append(data)
        end += len(data)
    header = json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode()
    header += b" " * (-len(header) % _ALIGNED)
    return b"".join([len(header).to_bytes(8, "little"), header, *parts])
