"""A zip file that is byte-identical anywhere: stored, not compressed, since two zlibs deflate differently; all of one
time, in the order given."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

TIME = (1980, 1, 1, 0, 0, 0)
_UNIX, _FILE_MODE = 3, 0o100644


def stored_zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The zip of (name, content)."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, TIME)
            entry.create_system, entry.external_attr = _UNIX, _FILE_MODE << 16
            archive.writestr(entry, content)
    return data.getvalue()
