"""Assets on disk: published, restored, rescued, removed. Must not know why a target wants the bytes it wants.

Whoever calls holds the project's build lock: temporary files of another build would be taken for leftovers.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from calotype.ground import atomic
from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error
from calotype.ground.digest import sha256_file
from calotype.ground.files import hidden_by
from calotype.ground.folders import EDITED
from calotype.ground.light_dataclass import dataclass
from calotype.ground.paths import inside
from calotype.results.publish.asset_rules import Step, decide
from calotype.results.publish.disk import (
    make_folder,
    refusals,
    refuse_pointer,
    remove_empty,
    sync_files,
    tidy,
)
from calotype.results.publish.line import Line, is_inside

T = TypeVar("T")
_NOTHING_TO_DO: tuple[Step, str | None] = (Step.KEEP, None)
SOMEBODY_ELSES = "a file that Calotype did not make stands there"

Status = Literal["published", "restored", "unchanged", "edited", "removed", "absent", "conflict", "lost", "refused"]
Digest = Callable[[Path], str]


class Blobs(Protocol):
    """Where bytes are kept by digest: the CAS."""

    def get(self, digest: str) -> bytes | None: ...

    def has(self, digest: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to be published: for `target` the blob of this digest at `path`, relative to the project, with `/`."""

    target: str
    path: str
    blob: str


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one target's asset.

    `edited`: a hand's edit was moved to `rescued` (a project path), then the asset put back or removed.
    `conflict`: something that is not ours stands there, and was left alone; `diagnostic` names it.
    `refused`: the disk refused, `diagnostic` says why; what was there is whole.
    `lost`: the CAS does not hold the blob, and nothing was done. `absent`: what was to be removed was gone.
    """

    target: str
    path: str
    status: Status
    rescued: str | None = None
    diagnostic: Diagnostic | None = None


def verify(line: Line, root: Path, digest: Digest = sha256_file) -> Literal["ok", "missing", "modified"]:
    """What lies at a line's path, held against the line. Raises Problem (exit 2) for a Git LFS pointer."""
    path = root / line.path
    with refusals("read", line.path):
        try:
            on_disk = digest(path)
        except (FileNotFoundError, NotADirectoryError):
            return "missing"
        except IsADirectoryError:
            return "modified"
    if on_disk == line.sha256:
        return "ok"
    refuse_pointer(path, line.path)
    return "modified"


class Publisher:
    """Writes and removes the assets of the project at `root`, in batches, as they are ready.

    `owned` maps an asset's path to the file digests that the manifest knows there (`Manifest.owned`);
    `digest` gives the SHA-256 of a file, memoised or not. Raises Problem: exit 2 for a Git LFS pointer where
    an asset should be, before the batch writes anything; exit 1 for a disk that refuses what concerns all of a batch.
    """

    def __init__(
        self, root: Path, blobs: Blobs, owned: Mapping[str, tuple[str, ...]], digest: Digest = sha256_file
    ) -> None:
        self._root = root
        self._blobs = blobs
        self._owned = owned
        self._digest = digest
        self._base = os.path.realpath(root)
        self._folders: dict[str, bool] = {}

    def publish(self, batch: Iterable[Publication], begin: Callable[[], None] | None = None) -> list[Done]:
        """Puts each blob at its path, durable on return. One result for each, in order.

        With `begin` all are put or none: it is called when all are ready, before the first is put. Where one cannot be,
        Problem (exit 1) tells of each that cannot.
        """
        publications = list(batch)
        refused: dict[int, Diagnostic] = {}
        steps = [self._unless_refused(index, refused, partial(self._step, publication)) or _NOTHING_TO_DO
                 for index, publication in enumerate(publications)]
        staged: dict[int, Path] = {}
        try:
            for index, (step, _) in enumerate(steps):
                if index not in refused and step in (Step.CREATE, Step.REPLACE, Step.RESCUE):
                    self._unless_refused(index, refused, partial(self._stage, index, publications[index], staged))
            sync_files(staged.values())
            atomic.point("assets-staged")
            if begin is not None:
                _require_none_in_the_way(publications, steps, refused)
                begin()
            done = [self._settled(index, publication, steps[index], staged, refused)
                    for index, publication in enumerate(publications)]
        except BaseException:
            for temporary in staged.values():
                temporary.unlink(missing_ok=True)
            raise
        self._sync_folders(publications[index].path for index in staged)
        atomic.point("assets-published")
        return done

    def _settled(
        self, index: int, publication: Publication, step: tuple[Step, str | None], staged: dict[int, Path],
        refused: dict[int, Diagnostic],
    ) -> Done:
        """What became of one of a batch. Where the disk refuses it, the others go on."""
        done = None
        if index not in refused:
            done = self._unless_refused(
                index, refused, partial(self._settle, publication, *step, staged.get(index)))
        if done is not None:
            return done
        temporary = staged.pop(index, None)
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        return Done(publication.target, publication.path, "refused", diagnostic=refused[index])

    def _unless_refused(self, index: int, refused: dict[int, Diagnostic], act: Callable[[], T]) -> T | None:
        """What `act` gives; where the disk refuses it, None, and the reason among the `refused`."""
        try:
            return act()
        except Problem as problem:
            if problem.exit_code != EXIT_FAILED:
                raise
            refused[index] = problem.diagnostics[0]
            return None

    def remove(self, targets: Iterable[tuple[str, str]]) -> list[Done]:
        """Removes owned assets (target, path), edits rescued first, and the folders they leave empty."""
        refused: dict[int, Diagnostic] = {}
        done = [self._unless_refused(index, refused, partial(self._remove, target, path))
                or Done(target, path, "refused", diagnostic=refused[index])
                for index, (target, path) in enumerate(targets)]
        gone = [removal.path for removal in done if removal.status in ("removed", "edited")]
        self._sync_folders(gone)
        for folder in sorted({path.rpartition("/")[0] for path in gone}, reverse=True):
            for emptied in remove_empty(self._root, folder):
                self._folders.pop(emptied, None)
        return done

    def _step(self, publication: Publication) -> tuple[Step, str | None]:
        """The step to take and, when it is refused, the reason."""
        on_disk, obstacle = self._look(publication.path)
        if obstacle is not None:
            return Step.REFUSE, obstacle
        recorded = self._owned.get(publication.path, ())
        in_cas = on_disk is not None and not recorded and self._blobs.get(on_disk) is not None
        step = decide(publication.blob, on_disk, recorded, in_cas)
        if step in (Step.RESCUE, Step.REFUSE):
            refuse_pointer(self._root / publication.path, publication.path)
        return step, SOMEBODY_ELSES if step is Step.REFUSE else None

    def _look(self, path: str) -> tuple[str | None, str | None]:
        """The digest of the file at `path` (None: no file), or the obstacle there."""
        folder = path.rpartition("/")[0]
        if not is_inside(path) or not self._is_ours(folder):
            return None, "its folder leads out of the project"
        full = self._root / path
        with refusals("read", path):
            try:
                mode = os.lstat(full).st_mode
            except FileNotFoundError:
                hidden = hidden_by(self._root, path) is not None
                return None, "a link to nowhere stands where its folder should be" if hidden else None
            except NotADirectoryError:
                return None, "a file stands where its folder should be"
            if stat.S_ISLNK(mode) and not (_is_within(full, self._base) and full.is_file()):
                return None, "a link stands there"
            if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
                return self._digest(full), None
        return None, "a folder stands there" if stat.S_ISDIR(mode) else "what stands there is no file"

    def _is_ours(self, folder: str) -> bool:
        """Whether a folder is inside the project, links followed; once each, leftovers are tidied."""
        is_ours = self._folders.get(folder)
        if is_ours is None:
            is_ours = self._folders[folder] = _is_within(self._root / folder, self._base)
            if is_ours:
                tidy(self._root / folder)
        return is_ours

    def _stage(self, index: int, publication: Publication, staged: dict[int, Path]) -> None:
        """Writes the blob beside its path.

        A copy, not a hard link: an editor that saves in place would write through a link into the CAS. Nor a
        clone of the blob's extents: the bytes are in hand already, because the CAS verified them.
        """
        data = self._blobs.get(publication.blob)
        if data is None:
            return
        folder = self._root / publication.path.rpartition("/")[0]
        with refusals("write", publication.path):
            make_folder(folder)
            staged[index] = atomic.stage_bytes(folder, data, durable=False)

    def _settle(self, publication: Publication, step: Step, reason: str | None, temporary: Path | None) -> Done:
        target, path = publication.target, publication.path
        if step is Step.KEEP:
            return Done(target, path, "unchanged")
        if step is Step.REFUSE:
            return Done(target, path, "conflict", diagnostic=in_the_way(target, path, reason or ""))
        if temporary is None:
            return Done(target, path, "lost")
        rescued = self._rescue(path) if step is Step.RESCUE else None
        with refusals("write", path):
            atomic.replace(temporary, self._root / path)
        atomic.point("asset-replaced")
        if rescued is not None:
            return Done(target, path, "edited", rescued, _edited(path, rescued, "put back"))
        restored = step is Step.CREATE and publication.blob in self._owned.get(path, ())
        return Done(target, path, "restored" if restored else "published")

    def _remove(self, target: str, path: str) -> Done:
        on_disk, obstacle = self._look(path)
        if obstacle is not None:
            return Done(target, path, "conflict", diagnostic=in_the_way(target, path, obstacle))
        if on_disk is None:
            return Done(target, path, "absent")
        if on_disk not in self._owned.get(path, ()):
            refuse_pointer(self._root / path, path)
            rescued = self._rescue(path)
            return Done(target, path, "edited", rescued, _edited(path, rescued, "removed"))
        with refusals("remove", path):
            os.unlink(self._root / path)
        atomic.point("asset-removed")
        return Done(target, path, "removed")

    def _rescue(self, path: str) -> str:
        """Moves an edited asset under build/edited/, beside earlier rescues of it; returns where to."""
        from shutil import move

        with refusals("move", path):
            try:
                first = inside(self._root, f"{EDITED}/{path}")
            except ValueError:
                raise OSError(errno.EXDEV, f"{EDITED} leads out of the project") from None
            place, number = first, 1
            while os.path.lexists(place):
                number += 1
                place = first.with_name(f"{first.stem}.{number}{first.suffix}")
            make_folder(place.parent)
            move(self._root / path, place)
            atomic.sync_directories([place.parent])
        atomic.point("asset-rescued")
        return place.relative_to(self._root).as_posix()

    def _sync_folders(self, paths: Iterable[str]) -> None:
        folders = {self._root / path.rpartition("/")[0] for path in paths}
        with refusals("write", "content"):
            atomic.sync_directories(folders)


def _is_within(path: Path, base: str) -> bool:
    real = os.path.realpath(path)
    return real == base or real.startswith(base + os.sep)


def _require_none_in_the_way(
    publications: Sequence[Publication], steps: Sequence[tuple[Step, str | None]], refused: Mapping[int, Diagnostic]
) -> None:
    """Raises Problem (exit 1) with what keeps publications from their places, where anything does."""
    obstacles = [refused.get(index) or in_the_way(publication.target, publication.path, steps[index][1] or "")
                 for index, publication in enumerate(publications)
                 if index in refused or steps[index][0] is Step.REFUSE]
    if obstacles:
        raise Problem(obstacles, EXIT_FAILED)


def in_the_way(target: str, path: str, reason: str = SOMEBODY_ELSES) -> Diagnostic:
    """What lies at `path` is not ours."""
    hint = "move it away, then build again"
    return error("in-the-way", f"`{target}` cannot be published: {reason}", file=path, hint=hint)


def _edited(path: str, rescued: str, fate: str) -> Diagnostic:
    message = f"it differed from what was published; that copy is now `{rescued}`, and the asset was {fate}"
    return Diagnostic("note", "edited", message, path)
