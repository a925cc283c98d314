"""libyaml's complaints in an author's words. Must not know what a document means."""

from __future__ import annotations

import re

from calotype.ground.diagnostics import Diagnostic, error
from calotype.language.yaml.nodes import Limit, Mark, MarkedYAMLError, ReaderError, YAMLError

_AT_CONTEXT = (
    "found unexpected end of stream",
    "did not find expected ',' or ']'",
    "did not find expected ',' or '}'",
)
"""Problems that libyaml sees where something else begins: the place to mend is where the open thing began."""

_WORDS = (
    (
        "mapping values are not allowed",
        "a `: ` stands where no mapping can begin",
        "text that holds `: ` wants quotes; or the line above is not finished",
    ),
    (
        "could not find expected ':'",
        "a key without its `:`",
        "a key wants `:` and a space after it; text of several lines wants quotes or `|`",
    ),
    ("found unexpected end of stream", "a quote opens here and does not close", "close the quote"),
    (
        "did not find expected ',' or ']'",
        "a `[` opens here and does not close",
        "close the `[`, or put a comma between two values",
    ),
    (
        "did not find expected ',' or '}'",
        "a `{` opens here and does not close",
        "close the `{`, or put a comma between two values",
    ),
    (
        "did not find expected key",
        "this does not fit the mapping around it",
        "keys of one mapping begin in one column; a quote inside quotes wants a backslash",
    ),
    (
        "did not find expected '-' indicator",
        "this does not fit the list around it",
        "items of one list begin with `-` in one column",
    ),
    ("block sequence entries are not allowed", "a list cannot begin here", "put the first `-` on a line of its own"),
    (
        "found undefined alias",
        "there is no anchor of this name",
        "text that begins with `*` wants quotes; an alias wants its `&anchor` above it",
    ),
    ("second occurrence", "the anchor is taken by one above", "give each anchor a name of its own"),
    (
        "but found another document",
        "a second document begins here",
        "take out the second `---`: one document in a file",
    ),
    (
        "found unknown escape character",
        "an unknown escape",
        "in double quotes a backslash wants another: `\\\\`; or use single quotes",
    ),
)
"""How a complaint of libyaml begins; the same in an author's words; what to do."""

_STARTS = {
    "\t": "indent with spaces, not with tabs",
    "@": "text that begins with `@` wants quotes",
    "`": "text that begins with a backtick wants quotes",
    "%": "text that begins with `%` wants quotes",
}


def explain(cause: YAMLError | Limit, text: bytes, file: str) -> Diagnostic:
    """The diagnostic for what stopped the parser."""
    if marker := re.search(rb"(?m)^<{7} ", text):
        line = text.count(b"\n", 0, marker.start()) + 1
        hint = "keep one of the two sides, and take the lines with <<<<<<<, ======= and >>>>>>> out"
        return error("merge-markers", "a merge was left unfinished here", file=file, line=line, column=1, hint=hint)
    if isinstance(cause, Limit):
        return _at(cause.mark, "yaml-limit", str(cause), "write it flatter, or split the file", file)
    if isinstance(cause, ReaderError):
        return _unreadable(cause, text, file)
    if isinstance(cause, MarkedYAMLError):
        problem = str(cause.problem or cause.context or "not YAML")
        mark = cause.problem_mark or cause.context_mark
        if (stray := _stray(problem, cause, text)) is not None:
            return _alone(stray, text, file)
        if cause.context_mark and problem.startswith(_AT_CONTEXT):
            mark = cause.context_mark
        return _at(mark, "yaml-syntax", *_in_words(problem, mark, text), file=file)
    return error("yaml-syntax", str(cause), file=file, line=1, column=1)


def _in_words(problem: str, mark: Mark | None, text: bytes) -> tuple[str, str | None]:
    """Message and hint."""
    if mark is not None and "cannot start any token" in problem:
        char = text.decode()[mark.index : mark.index + 1]
        shown = "a tab" if char == "\t" else f"`{char}`"
        return f"{shown} cannot begin a value", _STARTS.get(char, "text that begins with this character wants quotes")
    message, hint = next(((words, hint) for start, words, hint in _WORDS if problem.startswith(start)), (problem, None))
    lines = text.splitlines()
    if (
        mark is not None
        and mark.line < len(lines)
        and lines[mark.line][: mark.column + 1].lstrip(b" ").startswith(b"\t")
    ):
        hint = _STARTS["\t"]
    return message, hint


def _stray(problem: str, cause: MarkedYAMLError, text: bytes) -> int | None:
    """The line, from 0, whose words are no `key: value` among such lines. libyaml complains of the line below it, and
    has more line ends than the bytes of a text."""
    if problem.startswith("could not find expected ':'") and cause.context_mark:
        line = int(cause.context_mark.line)
        return line if line < len(text.splitlines()) else None
    if not problem.startswith("mapping values are not allowed") or cause.problem_mark is None:
        return None
    lines = text.splitlines()[: cause.problem_mark.line + 1]
    full = [at for at, line in enumerate(lines[:-1]) if line.strip() and not line.lstrip().startswith(b"#")]
    if not full:
        return None
    above = lines[full[-1]]
    is_key_or_item = b":" in above or above.lstrip().startswith(b"-")
    return None if is_key_or_item or _indent(above) != _indent(lines[-1]) else full[-1]


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" "))


def _alone(line: int, text: bytes, file: str) -> Diagnostic:
    written = text.splitlines()[line]
    words = written.decode().strip()
    shown = words if len(words) <= 40 else f"{words[:39]}…"
    return error(
        "yaml-syntax", f"`{shown}` stands alone among keys, without `:` and a value", file=file, line=line + 1,
        column=_indent(written) + 1,
        hint="write `key: value`, or take it out; text of several lines wants quotes or `|`")


def _unreadable(cause: ReaderError, text: bytes, file: str) -> Diagnostic:
    """A character that YAML does not allow. libyaml counts bytes or characters here, so the place is found
    anew."""
    decoded = text.decode()
    at = next((index for index, char in enumerate(decoded) if _forbidden(ord(char))), 0)
    line, column = decoded.count("\n", 0, at) + 1, at - decoded.rfind("\n", 0, at)
    code = ord(decoded[at]) if decoded else 0
    return error(
        "yaml-syntax",
        f"the character U+{code:04X} is not allowed in YAML",
        file=file,
        line=line,
        column=column,
        hint="take it out; is this a text file?",
    )


def _forbidden(code: int) -> bool:
    """Characters outside YAML 1.1's printable set (chapter 5.1)."""
    return not (
        code in (0x9, 0xA, 0xD, 0x85)
        or 0x20 <= code <= 0x7E
        or 0xA0 <= code <= 0xD7FF
        or (0xE000 <= code <= 0xFFFD and code != 0xFEFF)
        or 0x10000 <= code <= 0x10FFFF
    )


def _at(mark: Mark | None, code: str, message: str, hint: str | None, file: str) -> Diagnostic:
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return error(code, message, file=file, line=line, column=column, hint=hint)
