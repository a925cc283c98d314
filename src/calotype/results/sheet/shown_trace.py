"""The trace of a shot as its page links it: files by what they hold. Must not know how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calotype.ground.folders import BUILD
from calotype.ground.light_dataclass import dataclass

_AGENT = re.compile(r"\d+_agent([12])_iteration_(\d+)(?:_refused_(\d+))?\.txt")
_IMAGE = re.compile(r"image_(\d+)\.png")
_SINGLE = {
    "00_original_prompt.txt": ("Prompt", "as written"),
    "final_enhanced_prompt.txt": ("Prompt", "as rendered"),
    "quality_scores.json": ("Choice", "all scores"),
    "selected_best.txt": ("Choice", "which stands, and why"),
    "prompt_trace_summary.json": ("All of it", "as JSON"),
}
_ORDER = ("Prompt", "Round", "Pictures", "Choice", "All of it")


@dataclass(frozen=True, slots=True)
class ShownTrace:
    """`folder` is where the trace lies, relative to the project; `files` are the names of what it holds."""

    folder: str
    files: tuple[str, ...]

    def links(self, base: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """What it holds, each with its links, (text, address), from a page whose way to build/ is `base`."""
        from urllib.parse import quote

        rows: dict[str, list[tuple[int, str, str]]] = {}
        for name in self.files:
            for row, place, text in _row_of(name):
                rows.setdefault(row, []).append((place, text, f"{base}{quote(self._below_build)}/{quote(name)}"))
        ordered = sorted(rows.items(), key=lambda row: _place(row[0]))
        return [(row, [(text, address) for _, text, address in sorted(links)]) for row, links in ordered]

    @property
    def _below_build(self) -> str:
        return self.folder.removeprefix(f"{BUILD}/")


def _row_of(name: str) -> Iterator[tuple[str, int, str]]:
    """The row that a file stands in, its place there, and what its link says; nothing of a file of others."""
    if name in _SINGLE:
        row, text = _SINGLE[name]
        yield row, list(_SINGLE).index(name), text
    elif (image := _IMAGE.fullmatch(name)) is not None:
        yield "Pictures", int(image[1]), image[1]
    elif (agent := _AGENT.fullmatch(name)) is not None:
        kind, number, refused = agent[1], agent[2], agent[3]
        if refused is not None:
            yield f"Round {number}", 10 + int(refused), f"refused answer {refused}"
        else:
            yield f"Round {number}", int(kind), "text" if kind == "1" else "what the critic said"


def _place(row: str) -> tuple[int, int]:
    word, _, number = row.partition(" ")
    return (_ORDER.index("Round"), int(number)) if word == "Round" else (_ORDER.index(row), 0)
