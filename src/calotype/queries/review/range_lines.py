"""The manifest and the decisions of two times, held against each other. Must not know what they mean for a check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, warning
from calotype.ground.folders import CONTENT, IMAGES, MANIFEST_FOLDER
from calotype.ground.images import LFS_POINTER
from calotype.ground.light_dataclass import dataclass, field, replace
from calotype.language.decisions import Decision, read_picks
from calotype.project.answers import Change
from calotype.project.reviewed import Happened, RangeDecision
from calotype.project.revision import Differing, Revision
from calotype.project.specs import sources
from calotype.results.publish import locks, shard
from calotype.results.publish.line import Line, from_bytes
from calotype.results.publish.manifest import Manifest, line_in, rows_of
from calotype.results.publish.proof import fault

WORDS = ("title", "alt", "caption", "tags", "prompt")
_NOT_COMPARED = "what is published today is compared with no such line"
_LOCKS = f"{CONTENT}/manifest.json"


@dataclass(slots=True)
class RangeLines:
    """The lines that differ, by target: those `before` and those `now`. `weights` says whether locked weights differ;
    `diagnostics` what could not be read of before."""

    before: dict[str, Line] = field(default_factory=dict)
    now: dict[str, Line] = field(default_factory=dict)
    weights: bool = False
    diagnostics: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a target's picture; `source` is the target that it had been published under."""

    target: str
    happened: Happened
    before: Line | None
    now: Line | None
    source: str = ""


def lines_that_differ(revision: Revision, differing: Sequence[Differing], manifest: Manifest) -> RangeLines:
    """Reads the shards that differ, and of them only the lines that do. Raises Problem for a manifest of before that
    a newer Calotype wrote, or that lay in Git LFS."""
    found = RangeLines()
    shards = [each for each in differing if each.path.startswith(f"{MANIFEST_FOLDER}/")
              and each.path.endswith(".jsonl")]
    heads = [each for each in differing if each.path == _LOCKS]
    every = [*heads, *shards]
    texts = iter(revision.read(each.blob for each in every if each.blob is not None))
    old = {each.path: next(texts) if each.blob is not None else b"" for each in every}
    for path, data in old.items():
        if data.startswith(LFS_POINTER):
            raise Problem(Diagnostic("error", "lfs", "was a Git LFS pointer", _at(revision, path),
                                     hint="compare with a commit whose manifest is in git itself"))
    for each in heads:
        before = locks.read(old[each.path] or None, _at(revision, each.path))
        found.weights = dict(before.weights) != dict(manifest.weights)
    for each in shards:
        _add_shard(found, revision, each.path, old[each.path], manifest)
    return found


def _add_shard(found: RangeLines, revision: Revision, path: str, data: bytes, manifest: Manifest) -> None:
    name = path.removeprefix(f"{MANIFEST_FOLDER}/").removesuffix(".jsonl")
    before, now = shard.read(data, _at(revision, path), f"{IMAGES}/"), rows_of(manifest, name)
    found.diagnostics += (replace(each, hint=_NOT_COMPARED) for each in before.diagnostics)
    unknown = {*before.disputed, *before.damaged}
    for target in sorted(before.rows.keys() | now.keys()):
        if target in unknown or before.rows.get(target) == now.get(target):
            continue
        if target in before.rows:
            try:
                found.before[target] = _believed(before.rows[target])
            except ValueError as problem:
                found.diagnostics.append(warning(
                    "manifest-damaged", f"the line of `{target}` is ignored: {problem}", file=_at(revision, path),
                    hint=_NOT_COMPARED))
                continue
        line = line_in(manifest, name, target) if target in now else None
        if line is not None:
            found.now[target] = line


def _believed(data: bytes) -> Line:
    line = from_bytes(data)
    reason = fault(line)
    if reason is not None:
        raise ValueError(reason)
    return line


def _at(revision: Revision, path: str) -> str:
    """The name of a file as it was, as git writes it."""
    return f"{revision.short}:{path}"


def fates(lines: RangeLines) -> Iterator[Fate]:
    """What became of each picture whose line differs; one that stands under another name now has moved, wherever it
    lies."""
    origins = _Origins(lines)
    accounted: set[str] = set()
    new = []
    for target, now in sorted(lines.now.items()):
        before = lines.before.get(target)
        if before is not None and before.pixels == now.pixels:
            accounted.add(target)
            yield Fate(target, "moved" if before.path != now.path else "", before, now)
        elif (source := origins.take(now)) is not None:
            accounted.add(source)
            yield Fate(target, "moved", lines.before[source], now, source)
        else:
            new.append((target, now))
    for target, now in new:
        before = lines.before.get(target) if target not in accounted else None
        accounted.add(target)
        yield Fate(target, "changed" if before is not None else "added", before, now)
    for target, before in sorted(lines.before.items()):
        if target not in accounted:
            yield Fate(target, "removed", before, None)


class _Origins:
    """The pictures that their targets do not have any more, by their pixels."""

    def __init__(self, lines: RangeLines) -> None:
        self._before = lines.before
        self._targets: dict[str, list[str]] = {}
        for target, line in sorted(lines.before.items()):
            now = lines.now.get(target)
            if now is None or now.pixels != line.pixels:
                self._targets.setdefault(line.pixels, []).append(target)

    def take(self, now: Line) -> str | None:
        """The target that had the picture of `now`, the one of the same render first; each is given once."""
        targets = self._targets.get(now.pixels, [])
        if not targets:
            return None
        same = (target for target in targets if self._before[target].action == now.action)
        target = next(same, targets[0])
        targets.remove(target)
        return target


def words_that_differ(before: Line, now: Line) -> tuple[Change, ...]:
    """What is said of a picture to people, and differs."""
    pairs = ((name, getattr(before, name), getattr(now, name)) for name in WORDS)
    return tuple(Change(name, _plain(old), _plain(new)) for name, old, new in pairs if old != new)


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def decisions_that_differ(
    revision: Revision, differing: Sequence[Differing], root: Path
) -> tuple[list[RangeDecision], list[Diagnostic]]:
    """The decisions that came, and those that were taken back; one that only stands in another file is neither. What
    was no readable picks file before is told, and nothing in it counts as new."""
    files = [each for each in differing if sources.is_picks_file(each.path)]
    texts = iter(revision.read(each.blob for each in files if each.blob is not None))
    before: dict[Decision, str] = {}
    now: dict[Decision, tuple[str, int]] = {}
    diagnostics: list[Diagnostic] = []
    for each in files:
        try:
            old = read_picks(next(texts), _at(revision, each.path)) if each.blob is not None else ()
        except Problem as problem:
            diagnostics += (replace(one, severity="warning", hint="its decisions are not compared")
                            for one in problem.diagnostics)
            continue
        before.update(dict.fromkeys(old, each.path))
        now.update({decision: (each.path, number) for number, decision in enumerate(_today(root, each.path))})
    return list(_differing(before, now, root)), diagnostics


def _differing(
    before: Mapping[Decision, str], now: Mapping[Decision, tuple[str, int]], root: Path
) -> Iterator[RangeDecision]:
    gone = {decision: file for decision, file in before.items() if decision not in now}
    for decision, (file, number) in now.items():
        if decision in before:
            continue
        former = next((old for old in gone if _same(old, decision)), None)
        if former is None or former.reason != decision.reason:
            yield RangeDecision(decision, file, _line(root, file, number))
        if former is not None:
            del gone[former]
    places_taken = {(decision.target, decision.decision) for decision in now if decision not in before}
    for decision, file in gone.items():
        replaced = (decision.target, decision.decision) in places_taken
        yield RangeDecision(decision, file, undone=True, replaced=replaced)


def _same(old: Decision, new: Decision) -> bool:
    """Whether both say the same of a picture, under whatever name and for whatever reason."""
    return (old.action, old.pixels, old.decision) == (new.action, new.pixels, new.decision)


def _today(root: Path, file: str) -> tuple[Decision, ...]:
    """What the check that follows will read; what is wrong with it is told there."""
    try:
        return read_picks(sources.read(root, file).text, file)
    except Problem:
        return ()


def _line(root: Path, file: str, number: int) -> int | None:
    try:
        return sources.document(root, file).place(("decisions", number))[0]
    except Problem:
        return None
