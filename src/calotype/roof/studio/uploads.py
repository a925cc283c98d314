"""Pictures that are sent: which are taken, and what is said of those that cannot be used."""

from __future__ import annotations

import re
from pathlib import Path

from calotype.ground.diagnostics import Problem, error
from calotype.ground.light_dataclass import replace

UNNAMED = "the upload"
"""What a picture is called that came without a name."""
LARGEST_UPLOAD = 20 << 20
"""Bytes of a picture that is put in."""
_SIGNS = ((".png", rb"\x89PNG\r\n\x1a\n"), (".jpg", rb"\xff\xd8\xff"), (".webp", rb"RIFF....WEBP"))
SUFFIXES = tuple(suffix for suffix, _ in _SIGNS)


def suffix_of(data: bytes, label: str = UNNAMED) -> str:
    """The suffix of an uploaded picture by its first bytes. Raises Problem (upload) for what is none that is taken.
    `label` is what it is called.

    It is decoded where any picture that is put in is: within limits, turned as its EXIF says, and kept as its pixels
    alone.
    """
    if len(data) > LARGEST_UPLOAD:
        raise Problem(error("upload", f"{label} has {len(data):,} bytes; {LARGEST_UPLOAD:,} are taken"))
    suffix = next((suffix for suffix, sign in _SIGNS if re.match(sign, data, re.DOTALL)), None)
    if suffix is None:
        raise Problem(error("upload", f"{label} is no PNG, JPEG or WebP picture"))
    return suffix


def of_the_upload(problem: Problem, file: Path, label: str = UNNAMED) -> Problem:
    """The problem, as of what was uploaded: where it lay here is nobody's business."""
    def named(text: str | None) -> str | None:
        return text and text.replace(f"`{file}`", label).replace(str(file), label)

    return Problem([replace(each, message=named(each.message) or "", hint=named(each.hint),
                            file=None if each.file == str(file) else each.file)
                    for each in problem.diagnostics], problem.exit_code)
