"""Events of a project's folders, turned into hints; where there are none, the reason for looking by the clock."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.folders import CONTENT, MARKER, OWN_FOLDERS, TREES
from calotype.roof.watch.hints import Hints
from calotype.roof.watch.marks import Marks

if TYPE_CHECKING:
    import logging

    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

SILENT = ("nfs", "cifs", "smb", "9p", "fuse", "vboxsf", "prl_fs", "drvfs", "virtiofs", "afs", "ceph", "glusterfs")
"""Beginnings of the names of file systems that tell nothing of what other machines change."""
MOST_EXTRA = 50
"""Folders outside the trees that are watched for the sake of single files; the others wait for the next full look."""

Identity = tuple[int, int] | None
_HARDLY = ("attrib", "closed")
"""Events of what may have changed without another: rights, a link by another name, what was written through a map."""


class Observer:
    """Watches the trees of the project at `root`, and the folders of files that are inputs from elsewhere. `silent`
    says why there are no events, once `start` has found that there are none."""

    def __init__(self, root: Path, hints: Hints) -> None:
        self._root, self._hints = root, hints
        self._observer: BaseObserver | None = None
        self._watches: dict[str, tuple[Identity, ObservedWatch]] = {}
        self._singles: frozenset[str] = frozenset()
        self._log: logging.Handler | None = None
        self._marks = Marks()
        self.silent: str | None = None

    def start(self) -> None:
        kind = file_system(self._root)
        if kind.startswith(SILENT):
            self.silent = f"the project lies on {kind}, which tells of no changes"
            return
        from watchdog.observers import Observer as Watchdog

        self._observer = Watchdog(timeout=5.0)
        self._log = _listen_to_log(self._hints)
        try:
            self._observer.start()
            self.renew(())
        except OSError as refusal:
            self._give_up(refusal.strerror or str(refusal))

    def renew(self, singles: Collection[str]) -> None:
        """Watches what is there now: trees that came or were replaced, and the folders of the files `singles`."""
        if self._observer is None:
            return
        outside = (*(f"{folder}/" for folder in (*TREES, *OWN_FOLDERS)), *OWN_FOLDERS)
        self._singles = frozenset(path for path in singles if path not in TREES and not path.startswith(outside))
        extra = sorted({os.path.dirname(path) for path in self._singles} - {""})[:MOST_EXTRA]
        wanted = {"": False, **dict.fromkeys(TREES, True), **dict.fromkeys(extra, False)}
        try:
            for folder in [folder for folder in self._watches if folder not in wanted]:
                self._forget(folder)
            for folder, recursive in wanted.items():
                self._watch(folder, recursive)
        except OSError as refusal:
            self._give_up(refusal.strerror or str(refusal))

    def stop(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None and observer.is_alive():
            observer.stop()
            observer.join(2.0)
        if self._log is not None:
            _log().removeHandler(self._log)
            self._log = None

    def _watch(self, folder: str, recursive: bool) -> None:
        place = os.path.join(self._root, folder) if folder else str(self._root)
        now = _identity(place)
        before = self._watches.get(folder)
        if before is not None and before[0] == now:
            return
        self._forget(folder)
        if now is not None and self._observer is not None:
            self._watches[folder] = now, self._observer.schedule(
                _Ear(self, folder), place, recursive=recursive, event_filter=_kinds())  # type: ignore[arg-type]
            if recursive and _left_out(self._observer, self._watches[folder][1], place):
                raise OSError(28, "no watches are left for all folders")
            self._hints.everywhere(by_people=False)  # what came before the watch told nothing

    def _forget(self, folder: str) -> None:
        before = self._watches.pop(folder, None)
        if before is not None and self._observer is not None:
            with suppress(KeyError):
                self._observer.unschedule(before[1])

    def _give_up(self, reason: str) -> None:
        self.stop()
        self._watches.clear()
        self.silent = f"the system gives no events ({reason})"

    def has_told_all(self, seconds: float) -> bool:
        """Whether every change until now has been told of: the folders' own events come in order, so one is caused in
        each tree and waited for, at most so long."""
        if self._observer is None or self._root_has_moved():
            return False
        trees = [folder for folder in TREES if folder in self._watches]
        return self._marks.have_come(self._root, trees, seconds)

    def _root_has_moved(self) -> bool:
        """Whether a watch is that of another folder than stands there now."""
        return any(_identity(os.path.join(self._root, folder)) != self._watches.get(folder, (None,))[0]
                   for folder in TREES)

    def hear(self, folder: str, event: FileSystemEvent) -> None:
        """What a watch of `folder` tells, on watchdog's own thread."""
        if event.event_type in _HARDLY:
            path = os.path.relpath(os.fsdecode(event.src_path), self._root).replace(os.sep, "/")
            if not event.is_directory:
                if path.startswith(tuple(f"{tree}/" for tree in TREES)):  # others are looked at each time
                    self._hints.aside(path)
            elif folder in TREES and (path != folder or not self._marks.has_come(folder)):
                self._hints.aside("")
            return
        for path in filter(None, (os.fsdecode(event.src_path), os.fsdecode(event.dest_path))):
            self._hear(path, event.is_directory)

    def _hear(self, path: str, is_folder: bool) -> None:
        relative = os.path.relpath(path, self._root).replace(os.sep, "/")
        if is_folder:
            if relative.startswith((*TREES, "..")) or relative == ".":
                self._hints.everywhere(by_people=relative != CONTENT and not relative.startswith(f"{CONTENT}/"))
        elif relative == MARKER or relative.startswith(tuple(f"{tree}/" for tree in TREES)):
            self._hints.file(relative)
        elif relative in self._singles or path in self._singles:
            self._hints.file(f"{MARKER}")


class _Ear:
    """What watchdog calls at an event of one watch."""

    def __init__(self, observer: Observer, folder: str) -> None:
        self._observer, self._folder = observer, folder

    def dispatch(self, event: FileSystemEvent) -> None:
        self._observer.hear(self._folder, event)


def file_system(path: Path) -> str:
    """The kind of file system that `path` lies on; "" where the system does not tell."""
    place, best = os.path.realpath(path), ("", "")
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as mounts:
            for line in mounts:
                _, mount, kind, *_ = line.split(" ")
                mount = mount.replace("\\040", " ")
                inside = mount == "/" or place == mount or place.startswith(f"{mount}/")
                if inside and len(mount) >= len(best[0]):
                    best = mount, kind
    except (OSError, ValueError):
        return ""
    return best[1]


def _kinds() -> list[Any]:
    """The events that tell of a change, and those that hardly do. Others tell that something was read, or that a
    folder's own times moved."""
    from watchdog import events

    return [
        events.FileModifiedEvent, events.FileCreatedEvent, events.FileDeletedEvent, events.FileMovedEvent,
        events.DirCreatedEvent, events.DirDeletedEvent, events.DirMovedEvent, events.FileClosedEvent,
        *(getattr(events, name) for name in ("FileAttribEvent", "DirAttribEvent") if hasattr(events, name)),
    ]


def _left_out(observer: BaseObserver, watch: ObservedWatch, place: str) -> bool:
    """Whether folders below `place` have no watch of their own: watchdog passes over those that the system refuses."""
    emitter = observer._emitter_for_watch.get(watch)
    watches = getattr(getattr(emitter, "_inotify", None), "_active_callbacks_by_path", None)
    return watches is not None and len(watches) < sum(1 for _ in os.walk(place))


def _identity(path: str) -> Identity:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _log() -> logging.Logger:
    import logging

    return logging.getLogger("watchdog")


def _listen_to_log(hints: Hints) -> logging.Handler:
    """Of lost events only a line of watchdog's log tells. None of its lines is for people."""
    import logging

    class Lost(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            hints.everywhere()

    handler = Lost(logging.WARNING)
    _log().addHandler(handler)
    _log().propagate = False
    return handler
