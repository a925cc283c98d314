"""Whether a line of the manifest agrees with itself: one digit that a hand, a merge or a disk changed shows here.

Must not know any file.
"""

from __future__ import annotations

from collections.abc import Iterator

from calotype.language.action import IMPORT, import_action, render_action
from calotype.language.judging.judged import read
from calotype.results.publish.line import LIKENESS, Line

RENDERED, IMPORTED = "rendered", "imported"
"""What `origin` may say."""


def fault(line: Line) -> str | None:
    """Why `line` is not what was written; None where all its parts agree.

    The action is the SHA-256 of the request; the pick is one of the candidates; what was put in by hand, a person
    picked, and its action is the SHA-256 of its pixels; the maps upstream stand in the request by their pixels, and the
    scores upstream beside the candidates; the weights that it was rendered with stand in the request. Titles and texts
    are held against the specs.
    """
    if line.origin not in (RENDERED, IMPORTED):
        return f"its origin is neither {RENDERED} nor {IMPORTED}"
    if line.origin == IMPORTED and line.pick.by != "human":
        return "its picture was put in by hand, and nobody picked it"
    try:
        action = render_action(line.request)
    except (ValueError, TypeError, RecursionError):
        return "its request cannot be digested"
    if line.origin == RENDERED and action.key != line.action:
        return "its action is not that of its request"
    if line.origin == IMPORTED and action.key == line.action:
        return "its picture was rendered, and not put in by hand"
    if line.origin == IMPORTED and not _is_import(line, action.key):
        return "its action is not that of a picture put in by hand"
    if not _is_picked(line):
        return "its picture is not that of the candidate it names"
    maps = (upstream.output for upstream in line.upstream if upstream.kind == "condition")
    if not all(pixels.encode("utf-8", "surrogatepass") in action.components for pixels in maps):
        return "its request does not hold the maps that it names"
    texts = (upstream.output for upstream in line.upstream if upstream.kind == "enhance")
    if line.origin == RENDERED and not all(text == line.prompt for text in texts):
        return "its prompt is not the enhanced one that it names"
    weights = (each.digest for each in line.made_with if each.kind == "render")
    if not all(digest.encode() in action.components for digest in weights):
        return "its request does not hold the weights that it names"
    return None if _scores_agree(line) else "its candidates do not have the scores that it names"


def _is_import(line: Line, request_key: str) -> bool:
    """Whether the line names its own pixels, and first the render in whose place they stand."""
    places = [upstream for upstream in line.upstream if upstream.kind == IMPORT]
    if not places or places[0].action != request_key or any(place.output != line.pixels for place in places):
        return False
    return line.action == import_action(line.pixels).key


def _is_picked(line: Line) -> bool:
    if not 1 <= line.pick.candidate <= len(line.candidates):
        return False
    picked = line.candidates[line.pick.candidate - 1]
    return (picked.action, picked.pixels) == (line.action, line.pixels)


def _scores_agree(line: Line) -> bool:
    try:
        scores = set(_values(line, "score"))
        likenesses = set(_values(line, LIKENESS))
    except ValueError:
        return False
    named = [(name, float(score)) for candidate in line.candidates for name, score in candidate.scores.items()]
    likeness = {value for name, value in named if name == LIKENESS}
    return {value for name, value in named if name != LIKENESS} == scores and likeness <= likenesses


def _values(line: Line, kind: str) -> Iterator[float]:
    """The numbers that judges of a kind gave. Raises ValueError for what none of them gives."""
    for upstream in line.upstream:
        value = read(upstream.output).value if upstream.kind == kind else None
        if value is not None:
            yield value
