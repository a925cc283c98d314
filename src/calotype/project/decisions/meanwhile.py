"""What people decide while a build is at work. Must not know how anything is published.

A build plans with the decisions as it finds them, and publishes minutes later. Whoever decides holds the decision lock,
and so does the build for as long as it looks at specs/picks/ and puts pictures into their places: a decision comes
before that, and is heeded, or after it, and is made of what is published then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.folders import PICKS
from calotype.ground.lock import decision_lock
from calotype.language.decisions import CURATION, Decision, read_picks
from calotype.project.decisions.index import Decisions
from calotype.project.specs import sources
from calotype.results.publish.line import Line, renders_of
from calotype.results.publish.manifest import Manifest
from calotype.store.tree.format import MISSING, UNTRUSTED
from calotype.store.tree.snapshot import fingerprints_below

DECIDED = "was decided on during the build; what was rendered is kept in the cache"


class Meanwhile:
    """The decisions taken or taken back since a build planned; what is said of a picture's place in a training set
    keeps none from being published. `picks` are the fingerprints of the files as it
    found them, by path; None for a build that decisions do not bind, which locks nothing."""

    def __init__(self, root: Path, decisions: Decisions, manifest: Manifest, picks: Mapping[str, bytes] | None) -> None:
        self._root, self._decisions, self._manifest, self._picks = root, decisions, manifest, picks
        self._now: dict[str, tuple[bytes, frozenset[Decision]]] = {}
        self._changed: dict[Decision, str] = {}
        self._unreadable = ""

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody decides for the length of the block; `about` and `about_line` answer as of its start."""
        if self._picks is None:
            yield
            return
        with decision_lock(self._root):
            self._look(self._picks)
            yield

    def about(self, target: str, names: Collection[str], lines: Iterable[Line]) -> Diagnostic | None:
        """Why a target cannot be published as it was planned; None where nobody decided anything about it. `names` are
        the render keys and pixel digests of its candidates, `lines` what is published of it."""
        if self._unreadable:
            return _decided(target, self._unreadable)
        if not self._changed:
            return None
        every = {*names, *chain.from_iterable(map(_names, lines))}
        return next((_decided(target, file) for decision, file in self._changed.items()
                     if self._is_about(decision, target, every)), None)

    def about_line(self, line: Line) -> Diagnostic | None:
        """Why what is published of a target that nothing asks for cannot be removed."""
        file = self._unreadable or next(
            (file for decision, file in self._changed.items()
             if decision.target == line.target or {decision.action, decision.pixels} & {*_names(line)}), None)
        return None if file is None else _decided(line.target, file)

    def _is_about(self, decision: Decision, target: str, names: Collection[str]) -> bool:
        """As `standing` finds decisions: by target, render and pixels. Of a render that the target which it names is
        published from, it is about that one alone."""
        if decision.target == target:
            return True
        if decision.action not in names and decision.pixels not in names:
            return False
        line = self._manifest.line(decision.target)
        return line is None or decision.action not in renders_of(line)

    def _look(self, picks: Mapping[str, bytes]) -> None:
        self._unreadable = ""
        try:
            there = fingerprints_below(self._root, PICKS)
        except OSError:
            self._unreadable = PICKS
            return
        differing = [file for file in sorted(there.keys() | picks.keys()) if sources.is_picks_file(file)
                     and (there.get(file) != picks.get(file) or there[file] == UNTRUSTED)]
        before = {entry.decision: file for file in differing
                  for entry in self._decisions.planned(file)}
        now = {decision: file for file in differing for decision in self._read(file, there.get(file, MISSING))}
        self._changed = {decision: file for decision, file in {**before, **now}.items()
                         if (decision in before) != (decision in now) and decision.decision not in CURATION}

    def _read(self, file: str, fingerprint: bytes) -> frozenset[Decision]:
        """What a file holds now. One that cannot be read may be about any target."""
        if fingerprint == MISSING:
            return frozenset()
        known = self._now.get(file)
        if known is not None and known[0] == fingerprint != UNTRUSTED:
            return known[1]
        try:
            source = sources.read(self._root, file)
            decisions = frozenset(read_picks(source.text, file))
        except Problem:
            self._unreadable = file
            return frozenset()
        self._now[file] = fingerprint, decisions
        return decisions


def _names(line: Line) -> Iterator[str]:
    yield from (*renders_of(line), line.action, line.pixels)


def _decided(target: str, file: str) -> Diagnostic:
    return error("edited", f"{target}: {DECIDED}", file=file, hint="build again")
