"""Which specs must be read: those that changed since the last build, and those that a command asks about."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from calotype.ground.diagnostics import Problem
from calotype.ground.folders import BUILD, CHARACTERS, IMAGES, MANIFEST_FOLDER, PICKS, SPECS, TRACES
from calotype.ground.light_dataclass import dataclass, replace
from calotype.ground.target_names import KIND_OF_FOLDER, spec_key_of
from calotype.language.yaml.document import parse
from calotype.project.decisions.concerned_specs import DecidedSpecs
from calotype.project.last_build import SETTLED
from calotype.project.patterns import TargetPatterns
from calotype.project.specs import sources
from calotype.project.specs.lookup import file_of
from calotype.store.state import State

if TYPE_CHECKING:
    from calotype.store.tree.compare import TreeDiff

OPEN = b"open "
EVERYTHING = "*"
"""In the place of a spec that was left open: the next build has to look into all of them."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The spec files to read, in order, and those `gone` since the last build.

    `whole`: these are all there are; otherwise every other spec is as the last build left it, and its assets too.
    `named`: of the exercises that only a decision concerns, those alone that a command names are among them.
    """

    files: tuple[str, ...]
    gone: tuple[str, ...]
    whole: bool
    named: bool = False


def changed_specs(
    root: Path, look: TreeDiff | None, state: State, decided: DecidedSpecs | None = None,
    named: frozenset[str] | None = None, trains: bool = False,
) -> ChangeSet:
    """The specs that changed since the last build, and those that decisions concern.

    `look` is None, or found no record, when nothing is known of the last build; `decided` finds the specs that
    decisions concern (None: a changed picks file may concern all); with `named`, other exercises than these are left
    out if only a decision concerns them: what they ask for rests on no decision, as it does where a picture starts
    from another. With `trains`, LoRAs are trained on characters: an image may then rest on one that its spec does not
    name, and a changed character concerns all specs.
    Raises Problem for a spec that is a link out of the project, and where specs/ cannot be looked into.
    What stands at a spec's path and cannot be read is among the files: whoever reads it is told, and nothing that it
    asked for is removed.
    """
    sources.require_specs(root)
    if look is None or not look.record_found or not state.complete() or not all(map(sources.is_text, look.changed)):
        return _whole(root, state)
    dirty = set(_unsettled(look.summary))
    picks = [path for path in look.changed if sources.is_picks_file(path)]
    if EVERYTHING in dirty or not _trusts_memory(decided, picks):
        return _whole(root, state)
    for path in look.changed:
        owner = _owner(path, root, state, trains)
        if owner is None:
            return _whole(root, state)
        dirty |= owner
    if decided is not None:
        concerned = decided.concerned(dirty)
        dirty |= concerned if named is None else {
            file for file in concerned if file in named or not (state.key_of(file) or "").startswith("exercises/")}
    there = [file for file in dirty if os.path.lexists(root / file)]
    for file in there:
        if (root / file).is_symlink():
            sources.check_link(root, file)
    gone = [file for file in dirty if file not in there]
    return ChangeSet(_ordered(there), tuple(sorted(gone)), whole=False, named=named is not None)


def spec_alone(
    root: Path, look: TreeDiff, state: State, decided: DecidedSpecs, name: str, gone: tuple[str, ...]
) -> ChangeSet | None:
    """The one spec that asks for the target called `name`, or whose asset is, and those that are `gone`; None where it
    has to be known which other specs changed since the last build. `look` need hold decisions, and what is watched
    singly, against the last build; lines that changed are mostly those of a build at work."""
    sources.require_specs(root)
    if not look.record_found or not state.complete() or not all(map(sources.is_text, look.changed)):
        return None
    changed = [path for path in look.changed if not path.startswith(f"{MANIFEST_FOLDER}/")]
    if EVERYTHING in _unsettled(look.summary) or any(_owner(path, root, state, False) is None for path in changed):
        return None
    file = file_of(state, spec_key_of(name)) or state.owner(name)
    if file is None or not name.isascii() or (root / file).is_symlink():
        return None
    if not _trusts_memory(decided, [path for path in changed if sources.is_picks_file(path)]):
        return None
    return None if file in gone else ChangeSet((file,), gone, whole=False, named=True)


def may_be_changed(look: TreeDiff, file: str) -> bool:
    """Whether a spec file may ask for anything else than the last build recorded, or was left open by it."""
    return file in _unsettled(look.summary) or look.differs(file)


def named_files(state: State, patterns: TargetPatterns) -> frozenset[str] | None:
    """The spec files that may ask for what `patterns` name; None where every spec may."""
    if patterns.names is None:
        return None
    files: set[str | None] = set()
    for name in patterns.names:
        files |= {file_of(state, spec_key_of(name)), state.owner(name), name if state.key_of(name) else None}
    return frozenset(file for file in files if file is not None)


def asked_for(found: ChangeSet, root: Path, state: State, patterns: TargetPatterns) -> ChangeSet:
    """`found`, and of the specs that it leaves out those that ask for what `patterns` mean."""
    if found.whole:
        return found
    there = {*found.files, *found.gone}
    more = named_files(state, patterns)
    if more is None:
        more = frozenset(file for file, targets in state.targets().items() if file not in there
                         and any(patterns.meet(target, path, file) for target, path in targets))
    if not state.complete():  # it has just shown that it was damaged
        return _whole(root, state)
    return replace(found, files=_ordered([*found.files, *(more - there)]))


def with_files(found: ChangeSet, files: Collection[str]) -> ChangeSet:
    """`found`, and of the specs that it leaves out these."""
    more = {*files} - {*found.files, *found.gone}
    return found if found.whole or not more else replace(found, files=_ordered([*found.files, *more]))


def left_out(found: ChangeSet, state: State, patterns: TargetPatterns) -> int:
    """How many targets that `patterns` mean are of specs that `found` leaves out: they are as the last build left
    them."""
    if found.whole:
        return 0
    examined = {*found.files, *found.gone}
    if patterns.everything:
        return state.count() - sum(len(state.targets_of(file)) for file in examined)
    named = named_files(state, patterns)
    specs = state.targets() if named is None else {file: state.targets_of(file) for file in named}
    return sum([patterns.meet(target, path, file)
                for file, targets in specs.items() if file not in examined for target, path in targets])


def names_left_out(found: ChangeSet, state: State) -> Iterator[str]:
    """The targets of the specs that `found` leaves out."""
    if not found.whole:
        examined = {*found.files, *found.gone}
        for file, targets in state.targets().items():
            if file not in examined:
                yield from (target for target, _ in targets)


def open_summary(targets: int, files: list[str], *, stopped: bool = False) -> bytes:
    """What the record of a build says that left something undone: the specs to look into again, and whether it was
    stopped before it came to them."""
    return OPEN + json.dumps({"targets": targets, "files": sorted(files), "stopped": stopped}).encode()


def was_stopped(look: TreeDiff) -> bool:
    """Whether the last build was stopped before all was done that it could have done."""
    return look.summary.startswith(OPEN) and bool(json.loads(look.summary[len(OPEN):]).get("stopped"))


def _unsettled(summary: bytes) -> list[str]:
    if summary.startswith(SETTLED):
        return []
    return list(json.loads(summary[len(OPEN):])["files"])


def _whole(root: Path, state: State) -> ChangeSet:
    files = sources.spec_files(root)
    gone = set(state.spec_files()) - set(files)
    return ChangeSet(tuple(files), tuple(sorted(gone)), whole=True)


def _owner(path: str, root: Path, state: State, trains: bool) -> set[str] | None:
    """The specs that a changed file concerns: none, some, or (None) maybe all."""
    parts = path.split("/")
    if parts[0] == SPECS:
        return _spec_owner(path, parts, root, state, trains)
    if path.startswith(f"{IMAGES}/"):
        owner = state.owner(path)
        return set() if owner is None else {owner}
    if path.startswith(f"{TRACES}/"):  # the page of the scene tells of it
        file = file_of(state, f"scenes/{parts[2]}")
        return set() if file is None else {file}
    if path == BUILD or path.startswith(f"{BUILD}/"):  # pages, whether a build at work or another command writes them
        return set()
    return None


def _spec_owner(path: str, parts: list[str], root: Path, state: State, trains: bool) -> set[str] | None:
    if sources.has_twin(root, path):
        return None
    if path.endswith("/"):  # a folder that came or went: its files are in the change set themselves
        return set() if _is_listed(root / path) else None
    if path.startswith(f"{PICKS}/"):  # what decisions concern is found when all other changes are known
        unread = os.path.islink(root / path) or sources.is_unread_name(parts[-1], decisions=True)
        return None if unread and not sources.is_picks_file(path) else set()
    if _is_an_editors(parts[-1]) and not os.path.islink(root / path):
        return set()
    if not path.endswith((".yaml", ".yml")):
        return None
    if len(parts) < 3 or parts[1] not in KIND_OF_FOLDER:
        return None
    characters = _characters_of(path, root, state)
    if characters and trains:
        return None
    return {path, *(file for character in characters for file in state.speaking_of(character))}


def _trusts_memory(decided: DecidedSpecs | None, picks: list[str]) -> bool:
    """Whether it is known what the changed `picks` files said before."""
    return not picks if decided is None else decided.trust_memory(picks) or not picks


def _is_an_editors(name: str) -> bool:
    """Whether a file is one that editors put beside a spec for a while: .a.yaml.swp, a.yaml~, 4913. It is no input."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix in ("", ".swp", ".swo", ".swx", ".tmp", ".bak") or name.endswith(("~", "#")) or (
        name.startswith(".") and suffix in (".yaml", ".yml"))


def _is_listed(folder: Path) -> bool:
    """Whether the comparison has seen all that a folder holds or held: not so where a link or a file has taken its
    place, nor where it cannot be read."""
    if not os.path.lexists(folder):
        return True
    return folder.is_dir() and not folder.is_symlink() and os.access(folder, os.R_OK | os.X_OK)


def _characters_of(path: str, root: Path, state: State) -> set[str]:
    """The ids of the characters that a file holds, and held; none where it is another spec."""
    kind, _, before = (state.key_of(path) or "").partition("/")
    now = _character_in(path, root)
    return ({before} if kind == "characters" else set()) | ({now} if now is not None else set())


def _character_in(path: str, root: Path) -> str | None:
    """The id of the character in a file; None where it is another spec, or cannot be read: whoever looks into it tells
    what is wrong."""
    try:
        text = sources.read(root, path).text
        if not path.startswith(f"{CHARACTERS}/") and b"character" not in text:
            return None
        data = parse(text, path).data
        return str(data["id"]) if data["kind"] == "character" else None
    except (Problem, KeyError, TypeError):
        return None


def _ordered(files: list[str]) -> tuple[str, ...]:
    return tuple(sorted(files, key=sources.order))
