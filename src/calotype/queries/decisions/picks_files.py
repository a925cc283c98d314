"""The files below specs/picks/ as decisions change them: each is written once. Must not know why a decision is made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from calotype.ground.atomic import point, write_bytes
from calotype.ground.diagnostics import Problem, error
from calotype.ground.folders import picks_file
from calotype.ground.light_dataclass import dataclass
from calotype.ground.target_names import spec_key_of
from calotype.language.decisions import Decision, dump_picks, read_picks
from calotype.language.yaml.document import MAX_BYTES
from calotype.project.decisions.index import Entry
from calotype.project.specs import sources
from calotype.results.publish.disk import tidy


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the decisions about one target: what is `added`, and what that takes the place of, each with
    what it says of other targets, which stays."""

    target: str
    added: Decision | None
    replaced: Mapping[Entry, Sequence[Decision]]

    @property
    def home(self) -> str:
        """The file in which the new decision stands: that of the one which counted before."""
        return next((entry.file for entry in self.replaced), picks_file(spec_key_of(self.target)))


def write_changes(root: Path, changes: Sequence[Change]) -> None:
    """Writes all changes, each file once: first those that take new decisions, so a kill loses none; what a kill left
    half written is removed. Hold the decision lock. Raises Problem, and writes nothing, where a file cannot be read or
    would be too large."""
    replaced = _replaced(changes)
    added: dict[str, list[Decision]] = {}
    for change in changes:
        added.setdefault(change.home, []).extend([change.added] if change.added is not None else [])
    files = dict.fromkeys([*added, *(entry.file for entry in replaced)])
    rewritten = [_rewritten(root, file, replaced, added.get(file, ())) for file in files]
    for file, before, after in rewritten:
        _replace(root / file, before, after)
    for folder in {(root / file).parent for file in files}:
        tidy(folder)


def _replaced(changes: Sequence[Change]) -> dict[Entry, Sequence[Decision]]:
    """What is replaced, each with what it says of targets that no change is about."""
    replaced: dict[Entry, Sequence[Decision]] = {}
    for change in changes:
        for entry, others in change.replaced.items():
            replaced[entry] = [other for other in others if other in replaced.get(entry, others)]
    return replaced


def _rewritten(
    root: Path, file: str, replaced: Mapping[Entry, Sequence[Decision]], added: Collection[Decision]
) -> tuple[str, bytes | None, bytes | None]:
    """A file, and what it holds before and after; None where it is not there."""
    before = sources.read(root, file).text if (root / file).is_file() else None
    numbers = {entry.number: others for entry, others in replaced.items() if entry.file == file}
    decisions = [decision for number, old in enumerate(read_picks(before, file) if before is not None else ())
                 for decision in numbers.get(number, [old])]
    decisions += added
    after = dump_picks(decisions) if decisions else None
    if after is not None and len(after) > MAX_BYTES:
        raise Problem(error("large-picks", f"it would be over {MAX_BYTES // 1024:,} KiB", file=file,
                            hint="move some of its decisions into another file below specs/picks/"))
    return file, before, after


def _replace(path: Path, before: bytes | None, after: bytes | None) -> None:
    if after is not None and after != before:
        write_bytes(path, after)
    elif after is None and before is not None:
        path.unlink()
        point("picks-removed")
