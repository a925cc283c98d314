"""Pictures that specs name, in the form that they are used in: in sRGB, over the matte. Must not know what for."""

from __future__ import annotations

import io
from pathlib import Path

from calotype.ground.diagnostics import Problem
from calotype.ground.light_dataclass import replace

FORM = "srgb-1"
"""How pictures are brought into that form. A change of it is another name."""


def digest_as_used(path: str, matte: str, place: Path) -> str:
    """The pixel digest of the picture at `place`, which diagnostics call `path`. Raises Problem."""
    from calotype.ground.images import as_input, digest_of, open_image

    picture = open_image(place, path)
    try:
        return digest_of(as_input(picture, matte))
    except Problem as problem:
        raise Problem([replace(each, file=each.file or path) for each in problem.diagnostics]) from None


def converted(place: Path, path: str, pixels: str, matte: str) -> bytes | None:
    """A PNG of the picture as it is used; None where its file holds just the picture that `pixels` names."""
    from calotype.ground.images import as_input, digest_of, open_image

    picture = open_image(place, path)
    if digest_of(picture) == pixels:
        return None
    data = io.BytesIO()
    as_input(picture, matte).save(data, "PNG", compress_level=1)
    return data.getvalue()
