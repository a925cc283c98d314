"""A picture that a person puts in: read within limits, upright, in sRGB, without its metadata."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.files import NO_FILE, open_file
from calotype.ground.images import FORMATS, MAX_BYTES, as_seen, open_image
from calotype.ground.light_dataclass import replace

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_STILL = ("JPEG", "MPO")
"""Formats of several pictures that are no animation: a phone keeps a depth map or a preview beside the photograph."""


def read_own_picture(root: Path, path: Path, size: tuple[int, int]) -> Picture:
    """As `own_picture`. Raises Problem also for one that is not of `size`, (width, height) in pixels."""
    picture = own_picture(root, path)
    if picture.size != size:
        width, height = size
        raise _refused(
            os.fspath(path), f"is {picture.width} x {picture.height} pixels, and {width} x {height} are asked for",
            f"scale or crop it to {width} x {height}, or give the image that `size` in its spec")
    return picture


def own_picture(root: Path, path: Path) -> Picture:
    """The picture in the file at `path`, as 8-bit L, LA, RGB or RGBA. Raises Problem, each with a hint, for what is no
    file of its own, or no still picture that is read here."""
    name = os.fspath(path)
    _require_file(root, path, name)
    try:
        opened = open_image(_bytes(path, name), name)
        picture = as_seen(opened)
    except Problem as problem:
        raise Problem([_hinted(each, name) for each in problem.diagnostics]) from None
    if opened.format not in _STILL and getattr(opened, "is_animated", False):
        raise _refused(name, "is animated", "export the frame that you mean as PNG")
    return picture


def _require_file(root: Path, path: Path, name: str) -> None:
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        hint = "name a file that is there (`pick` takes a candidate as well, by its number or digest)"
        raise _refused(name, f"cannot be read: {reason}", hint) from None
    if stat.S_ISLNK(mode):
        raise _refused(name, "is a link", "name the file that it leads to")
    if stat.S_ISDIR(mode):
        raise _refused(name, "is a folder", "name a file in it")
    inside = os.path.abspath(path).startswith(f"{root}{os.sep}")
    if inside and not os.path.realpath(path).startswith(f"{os.path.realpath(root)}{os.sep}"):
        raise _refused(name, "leads out of the project through a link", "name the file by the path that it really has")


def _bytes(path: Path, name: str) -> bytes:
    """No link is followed: what was no link a moment ago may be one by now."""
    try:
        with open_file(path, follow=False) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as problem:
        reason = "it is no file" if problem.errno in NO_FILE else problem.strerror or str(problem)
        raise _refused(name, f"cannot be read: {reason}", "name a file that you may read") from None
    if len(data) > MAX_BYTES:
        raise _refused(name, f"is over {MAX_BYTES // 1024**2} MiB", "export it smaller")
    return data


def _refused(name: str, message: str, hint: str) -> Problem:
    return Problem(error("image", f"`{name}` {message}", file=name, hint=hint))


def _hinted(diagnostic: Diagnostic, name: str) -> Diagnostic:
    return replace(diagnostic, file=diagnostic.file or name, hint=diagnostic.hint or f"{FORMATS} are read")
