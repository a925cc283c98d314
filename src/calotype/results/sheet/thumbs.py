"""Small WebP copies of pictures, under build/thumbs/ by pixel digest: made once. Must not know where they are shown.

An address holds the digest, so that no page ever shows the picture of another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.atomic import write_bytes
from calotype.ground.boundary import leads_out, require_place
from calotype.ground.diagnostics import Problem, error
from calotype.ground.folders import BUILD
from calotype.results.publish.disk import tidy
from calotype.results.sheet.model import Picture, Preview, SpecSheet

if TYPE_CHECKING:
    from PIL.Image import Image

FOLDER = "thumbs"
SMALL, LARGE = 320, 1024
"""Longest side in pixels: of what stands on a card, and of what can be looked into (candidates, pictures replaced)."""
_QUALITY, _EFFORT = 82, 1
"""Of WebP. The effort (`method`, 0 to 6) that costs least; the usual 4 costs twice as much for a tenth of the bytes."""
_GAP = 1.01
"""Pixels are averaged in whole blocks first, and only the rest is resampled, in a third of the time."""


class Thumbs:
    """The copies of one project. `blob(action)` gives the file that holds the picture of a render, or None where its
    bytes are in no cache. Copies that pages ask for are pending until `make` makes them, on all cores."""

    def __init__(self, root: Path, blob: Callable[[str], Path | None]) -> None:
        self._root, self._folder, self._blob = root, root / BUILD / FOLDER, blob
        self._pending: dict[str, tuple[Path, int]] = {}

    def card(self, picture: Picture) -> str:
        """The address, from build/, of what a card shows: a small picture or a preview stands for itself, for one that
        awaits a human its first candidate. Empty where there is nothing to show."""
        if picture.preview is not None:
            return self.address(picture.preview, "")
        if picture.path is None:
            first = picture.candidates[0] if picture.candidates else None
            return (first and self.look_into(first.action, first.pixels)) or ""
        if max(picture.size) <= SMALL:
            return self.address(picture, "")
        return self._request(_name(picture.pixels, SMALL), self._root / picture.path, SMALL)

    def look_into(self, action: str, pixels: str) -> str | None:
        """The address, from build/, of a render that is published nowhere; None where there is nothing to show."""
        name = _name(pixels, LARGE)
        if name in self._pending or self._is_there(name):
            return f"{FOLDER}/{name}"
        source = self._blob(action)
        return None if source is None else self._request(name, source, LARGE)

    def address(self, picture: Picture | Preview, base: str) -> str:
        """The asset's address from a page whose way to build/ is `base`; it changes when the bytes do."""
        return f"{base}../{picture.path}?v={picture.sha256[:12]}"

    def make(self) -> None:
        """Makes the pending copies. A picture that cannot be read, or is not the one that is published, has none.
        Raises OSError where the disk refuses, as for any page: the memory is stamped only when every copy is there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self._pending:
            return
        if len(self._pending) == 1:
            self._make(*self._pending.popitem())
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(lambda copy: self._make(*copy), self._pending.items()):
                pass
        self._pending.clear()

    def keep_only(self, names: Collection[str]) -> None:
        """Removes every copy but those named."""
        tidy(self._folder)
        for name in self._names().difference(names):
            (self._folder / name).unlink(missing_ok=True)

    def _request(self, name: str, source: Path, longest: int) -> str:
        if not self._is_there(name):
            self._pending[name] = source, longest
        return f"{FOLDER}/{name}"

    def _is_there(self, name: str) -> bool:
        require_place(self._root, f"{BUILD}/{FOLDER}/{name}")
        return (self._folder / name).exists()

    def _names(self) -> set[str]:
        try:
            return {name for name in os.listdir(self._folder) if name.endswith(".webp")}
        except OSError:
            return set()

    def _make(self, name: str, source: tuple[Path, int]) -> None:
        try:
            data = webp(*source, self._root, pixels=name.partition("-")[0])
        except Problem:
            return
        write_bytes(self._folder / name, data, durable=False)


def names_of(sheets: Iterable[SpecSheet]) -> set[str]:
    """The copies that `sheets` may show."""
    names = set()
    for sheet in sheets:
        for picture in sheet.pictures:
            names.add(_name(picture.pixels, SMALL))
            names |= {_name(candidate.pixels, LARGE) for candidate in picture.candidates}
            if picture.replaced:
                names.add(_name(picture.replaced.pixels, LARGE))
    return names


def webp(source: Path, longest: int, root: Path | None = None, pixels: str = "") -> bytes:
    """The picture in the file `source` as WebP, its longest side at most `longest` pixels. Raises Problem, also for a
    link that leads out of the project at `root`, and where its pixel digest does not begin with `pixels`."""
    from calotype.ground.images import digest_of, eight_bit, open_image

    if root is not None and leads_out(root, source):
        raise Problem(error("path-outside", "leads out of the project", file=str(source)))
    picture = eight_bit(open_image(source))
    if pixels and not digest_of(picture).startswith(pixels):
        raise Problem(error("image", "is not the picture that is published", file=str(source)))
    return smaller(picture, longest)


def smaller(picture: Image, longest: int) -> bytes:
    """An 8-bit picture as WebP, its longest side at most `longest` pixels; the picture itself may shrink."""
    import io

    from PIL import Image, WebPImagePlugin

    if picture.mode in ("L", "LA"):
        picture = picture.convert("RGB" if picture.mode == "L" else "RGBA")
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=_GAP)
    data = io.BytesIO()
    form = WebPImagePlugin.WebPImageFile.format  # of one that is not imported yet Pillow imports all there are
    picture.save(data, form, quality=_QUALITY, method=_EFFORT)
    return data.getvalue()


def _name(pixels: str, longest: int) -> str:
    return f"{pixels[:24]}-{longest}.webp"
