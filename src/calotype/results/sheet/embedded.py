"""Pictures inside a page that stands alone, as `data:` addresses. Must not know where their bytes come from."""

from __future__ import annotations

import base64

from calotype.ground.diagnostics import Problem
from calotype.ground.images import LFS_POINTER
from calotype.ground.light_dataclass import dataclass, field
from calotype.results.sheet.model import Picture, Preview
from calotype.results.sheet.thumbs import LARGE, smaller

AS_IT_IS = 256 * 1024
"""Bytes up to which a picture is shown as its file has it; a larger one, or one of more than LARGE pixels a side, as a
smaller copy."""


@dataclass(slots=True)
class Embedded:
    """The pictures of one page by their pixel digests, each held once."""

    _addresses: dict[str, str] = field(default_factory=dict)

    def put(self, pixels: str, data: bytes) -> str:
        """Takes a picture's file. Returns why it cannot be shown, in words; empty where it can."""
        if pixels in self._addresses:
            return ""
        if data.startswith(LFS_POINTER):
            return "is in Git LFS, and not fetched: `git lfs fetch origin COMMIT`"
        try:
            self._addresses[pixels] = _address(data, pixels)
        except Problem as problem:
            return problem.diagnostics[0].message.removeprefix("the picture ")
        return ""

    def card(self, picture: Picture) -> str:
        return self._addresses.get(picture.pixels, "")

    def look_into(self, action: str, pixels: str) -> str | None:
        return self._addresses.get(pixels)

    def address(self, picture: Picture | Preview, base: str) -> str:
        return self._addresses.get(picture.pixels, "") if isinstance(picture, Picture) else ""


def _address(data: bytes, pixels: str) -> str:
    """Raises Problem for what is no picture, or not the one with these `pixels`."""
    from calotype.ground.diagnostics import error
    from calotype.ground.images import digest_of, eight_bit, open_image

    picture = eight_bit(open_image(data))
    if digest_of(picture) != pixels:
        raise Problem(error("image", "is not the one that was published"))
    small = len(data) <= AS_IT_IS and max(picture.size) <= LARGE and data.startswith(b"\x89PNG")
    kind, shown = ("png", data) if small else ("webp", smaller(picture, LARGE))
    return f"data:image/{kind};base64,{base64.b64encode(shown).decode()}"
