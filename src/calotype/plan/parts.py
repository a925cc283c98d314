"""A pass over all specs, dealt out between forked processes and joined again. Must not know what is done with it.

Each process reads, validates and plans a run of spec files; this one joins ids, paths and doubles, which take the whole
project to tell. What it gives is what one process gives: where the parts cannot show that, they are given up.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.folders import CHARACTERS
from calotype.ground.light_dataclass import astuple
from calotype.language.lint.duplicates import Described
from calotype.plan.analysis import Analysis, Found
from calotype.store.tree.fork_pool import processes_for, share

WORTH_A_PROCESS = 150
"""Specs whose reading takes longer than to fork a process and open its databases (some 30 ms)."""
_SLICES_A_PROCESS, _MOST_SLICES = 8, 250
_ACROSS_SPECS = frozenset(("unknown-character",))
"""Errors that another part may word better: a hint names the characters that were met."""

Summary = Callable[[Found], Any]
"""What is wanted of a target, as a value that `marshal` can write."""


def analyze_in_parts(analysis: Analysis, summary: Summary, processes: int | None = None) -> list[Any] | None:
    """The summaries of all targets, in order, and `analysis` as after its own pass, which `check_shared` has begun.

    None, and nothing done, where one process is enough or must do it. `processes`: as many as pay, if None.
    """
    characters = tuple(file for file in analysis.files if file.startswith(f"{CHARACTERS}/"))
    files = analysis.files[len(characters):]
    if processes is None:
        processes = processes_for(len(files), WORTH_A_PROCESS)
    if processes < 2 or not files:
        return None
    analysis.workspace.decisions.every()
    slices = _slices(files, min(processes * _SLICES_A_PROCESS, _MOST_SLICES))
    with _same_characters(analysis):
        first = _part(analysis.part(characters), summary)  # the others may speak of these
        parts = [first, *share(_worker(analysis, slices, summary), len(slices), processes)]
    return _joined(analysis, parts)


def _worker(analysis: Analysis, slices: Sequence[tuple[str, ...]], summary: Summary) -> Callable[[int], list[Any]]:
    owner = os.getpid()

    def work(number: int) -> list[Any]:
        nonlocal owner
        if os.getpid() != owner:
            owner = os.getpid()
            analysis.workspace.reopen_after_fork()
        with _same_characters(analysis):
            return _part(analysis.part(slices[number]), summary)

    return work


@contextmanager
def _same_characters(analysis: Analysis) -> Iterator[None]:
    """Forgets, at the end, the characters that were met: no part may speak of another's, whoever did them."""
    characters = analysis.workspace.snapshot.characters
    before = dict(characters)
    yield
    characters.clear()
    characters.update(before)


def _slices(files: Sequence[str], count: int) -> list[tuple[str, ...]]:
    size = -(-len(files) // count)
    return [tuple(files[start:start + size]) for start in range(0, len(files), size)]


def _part(part: Analysis, summary: Summary) -> list[Any]:
    """What one part found, as `marshal` can write it. The diagnostics of the project are left as they were."""
    diagnostics, manifest = part.diagnostics, part.workspace.manifest
    start, before = len(diagnostics), len(manifest.diagnostics)
    summaries = [summary(target) for target in part.targets_of_specs()]
    found = [astuple(diagnostic) for diagnostic in diagnostics[start:]]
    del diagnostics[start:]
    clean = len(manifest.diagnostics) == before
    images = [tuple(image) for image in part.linting.take_images()]
    asked = [(key, list(targets)) for key, targets in part.workspace.decisions.asked.items()]
    ids, paths = list(part.names.ids.items()), list(part.names.paths.items())
    sets = list(part.training_sets.items())
    return [summaries, found, ids, paths, images, clean, asked, sets, part.linting.take_reach(),
            part.kinds.judges.scoring]


def _joined(analysis: Analysis, parts: list[list[Any]]) -> list[Any] | None:
    names, (ids, paths) = analysis.names, _claims(parts)
    clean = all(part[5] for part in parts)
    across = any(fields[1] in _ACROSS_SPECS for part in parts for fields in part[1])
    if ids is None or paths is None or not clean or across:
        return None
    names.ids.update(ids)
    names.paths.update(paths)
    analysis.take_up(Diagnostic(*fields) for part in parts for fields in part[1])
    for key, targets in (asked for part in parts for asked in part[6]):
        analysis.workspace.decisions.asked.setdefault(key, set()).update(targets)
    analysis.training_sets.update(entry for part in parts for entry in part[7])
    for part in parts:
        analysis.linting.reach.join(part[8])
        analysis.kinds.judges.scoring = analysis.kinds.judges.scoring or part[9]
    analysis.finish(Described(*image) for part in parts for image in part[4])
    return [summary for part in parts for summary in part[0]]


def _claims(parts: list[list[Any]]) -> tuple[dict[Any, str] | None, dict[Any, str] | None]:
    """Ids with their files and paths with their targets; None where two parts claim the same: which of them comes
    first decides what is said."""
    joined: list[dict[Any, str] | None] = []
    for which in (2, 3):
        claims = [claim for part in parts for claim in part[which]]
        table = dict(claims)
        joined.append(table if len(table) == len(claims) else None)
    return joined[0], joined[1]
