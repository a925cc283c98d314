"""Diagnostics: what went wrong, where, and what to do about it. Must not know how they are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from calotype.ground.light_dataclass import asdict, dataclass

Severity = Literal["error", "warning", "note"]

EXIT_DONE, EXIT_FAILED, EXIT_INVALID, EXIT_AWAITING, EXIT_BUG, EXIT_INTERRUPTED = 0, 1, 2, 3, 70, 130


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `line` and `column` count from 1; `file` is relative to the project, with `/`."""

    severity: Severity
    code: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        headline = f"{self.severity}[{self.code}]: {self.message}"
        return f"{place}: {headline}" if place else headline


class Problem(Exception):
    """Stops a command. Carries every diagnostic found and the exit code they ask for."""

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic], exit_code: int = EXIT_INVALID) -> None:
        items = [diagnostics] if isinstance(diagnostics, Diagnostic) else list(diagnostics)
        super().__init__("\n".join(str(item) for item in items))
        self.diagnostics: list[Diagnostic] = items
        self.exit_code = exit_code


def raise_errors(found: Sequence[Diagnostic]) -> None:
    """Raises Problem with all of `found`, each once, if there is an error among them."""
    if any(diagnostic.severity == "error" for diagnostic in found):
        raise Problem(dict.fromkeys(found))


def error(code: str, message: str, *, file: str | None = None, line: int | None = None,
          column: int | None = None, hint: str | None = None) -> Diagnostic:
    return Diagnostic("error", code, message, file, line, column, hint)


def warning(code: str, message: str, *, file: str | None = None, line: int | None = None,
            column: int | None = None, hint: str | None = None) -> Diagnostic:
    return Diagnostic("warning", code, message, file, line, column, hint)


def did_you_mean(word: str, known: Sequence[str]) -> str | None:
    """The hint for a word that is misspelt, or only begun (`view` of `view_angle`); None where none is near."""
    near = nearest(word, known)
    return f"did you mean `{near[0]}`?" if near else None


def nearest(word: str, known: Sequence[str]) -> list[str]:
    """The word of `known` that `word` misspells, or those that it begins."""
    import difflib

    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return near or [longer for longer in known if word and longer.startswith(f"{word}_")]
