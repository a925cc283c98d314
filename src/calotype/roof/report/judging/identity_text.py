"""Which pictures show a character, as text: a line each, and how many are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from calotype.roof.report.style import Style, harmless

if TYPE_CHECKING:
    from calotype.project.identity_report import IdentityMatch, IdentityReport

_WORDS = {True: ("kept", "green"), False: ("out", "red"), None: ("untold", "yellow")}


def describe_identity(report: IdentityReport, *, quiet: bool, stream: TextIO) -> str:
    """With `quiet`, only the paths of those that are kept."""
    if quiet:
        return "\n".join(report.kept)
    style = Style(stream)
    calibrated = ", that of the references among themselves" if report.calibrated else ""
    last = (f"kept {len(report.kept)} of {len(report.images)} "
            f"({report.character} by {report.method}, threshold {report.threshold:.3g}{calibrated})")
    return "\n".join([*(_line(match, style) for match in report.images), last])


def _line(match: IdentityMatch, style: Style) -> str:
    word, colour = _WORDS[match.is_match]
    similarity = "    -" if match.similarity is None else f"{match.similarity:5.3f}"
    return f"{style.paint(f'{word:<6}', colour)}  {similarity}  {harmless(match.image)}"
