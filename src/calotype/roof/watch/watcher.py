"""The watch itself: hints, quiet, a look, a build, again and again. What changed is decided by the look alone."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.api import KeptProject
from calotype.ground.diagnostics import EXIT_DONE, EXIT_FAILED, Problem, error
from calotype.ground.events import Event, Listener
from calotype.ground.fingerprint import fingerprint_at
from calotype.ground.folders import MARKER, RECORD, SPECS
from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.refusals import refused
from calotype.project.changes import was_stopped
from calotype.project.last_build import settled_targets
from calotype.project.outcome import Outcome
from calotype.roof.cli.stdout import reserved
from calotype.roof.watch.checkout import IndexLock
from calotype.roof.watch.hints import Hints
from calotype.roof.watch.observer import Observer
from calotype.roof.watch.superseding import Superseding

if TYPE_CHECKING:
    from calotype.project.last_build import Comparison
    from calotype.roof.serve.service import Service

QUIET, QUIET_AT_MOST = 0.075, 0.5
"""Seconds without an event before a look is taken, and how long it may be put off by more events."""
CHECKOUT_AT_MOST = 10.0
"""Seconds that git may take over a checkout before a build begins all the same."""
LOOK_EVERY = 30.0
"""Seconds between looks at everything, whatever events say, and from a refusal of the disk to the next attempt."""
EDITED = "edited"
"""The code of a failure because a file was edited during the build: the next build, which is due, tells the rest."""
TOLD_WITHIN = 0.02
"""Seconds in which the system must have told of all changes, or everything is looked at."""
POLL_EVERY, POLL_SHARE = 1.0, 0.05
"""Without events: seconds between looks, and the share of the time that looking may take."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What is built at each change: as the options of `calotype build`."""

    targets: tuple[str, ...] = ()
    jobs: int | None = None
    keep_going: bool = True
    executor: str = "local"
    preview: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One build. `changed` are the paths that led to it; `outcome` says what it did, or all that is wrong.
    `superseded`: something was edited meanwhile, and the next build tells of what this one left undone."""

    changed: tuple[str, ...]
    outcome: Outcome
    superseded: bool = False


@dataclass(slots=True)
class Watcher:
    """Builds the project at once, then at every change, until `stop()` is true. `listener` is told every build's
    events, `say` what people should know of the watch itself. Between two builds `service` answers other processes."""

    project: KeptProject
    options: WatchOptions
    stop: Callable[[], bool]
    listener: Listener
    say: Callable[[str], None]
    hints: Hints = field(default_factory=Hints)
    service: Service | None = None
    follows: bool = False
    """Whether builds of others are told of as well: as one of this watch that finds what they have left."""
    _tried: frozenset[object] = frozenset()
    _tried_gone: frozenset[object] = frozenset()
    _tried_mark: bytes = b""
    _left_mark: bytes = b""
    _unfinished: bool = False
    _absent: str = ""
    _retry_at: float = math.inf
    _lock: IndexLock = field(default_factory=IndexLock)

    def rounds(self) -> Iterator[Round]:
        """Each build, when it is over. Raises Problem where the project itself is gone."""
        observer = Observer(self.project.root, self.hints)
        observer.start()
        try:
            yield from self._rounds(observer)
        finally:
            if self.service is not None:
                self.service.close()
            observer.stop()

    def _rounds(self, observer: Observer) -> Iterator[Round]:
        identity = os.stat(self.project.root).st_ino
        told, first = False, True
        edited, folders, took = True, None, 0.0
        while not self.stop():
            if observer.silent and not told:
                told = True
                self.say(f"{observer.silent}: looking every second instead")
            _require(self.project.root, identity)
            if self._is_complete():
                started = time.monotonic()
                comparison = self.project.changes(self._reach(folders))
                took = time.monotonic() - started
                self._tried -= self._tried_gone - comparison.changes  # it came back, and may go again
                # previews of what is gone since the last watch are looked for by a build
                settled = settled_targets(comparison) if self.options.preview is None else None
                is_due = first or self._is_news_of_others(comparison)
                if is_due and settled is not None:
                    self._left_mark = comparison.mark
                    yield Round((), Outcome(up_to_date=settled, seconds=took))
                elif is_due or self._is_news(comparison, edited):
                    yield self._build(comparison)
                first = False
                observer.renew(comparison.watched)
            hinted = self._wait_and_serve(observer, took)
            edited = hinted and (self.hints.by_people or self._retry_at == math.inf)
            hints = self.hints.take()
            folders = hints if hinted else None

    def _wait_and_serve(self, observer: Observer, took: float) -> bool:
        """Waits for hints, or for the next look by the clock, and serves who asks meanwhile: also in the quiet after a
        hint, so that who has just saved a file and builds it need not wait."""
        due = time.monotonic() + self._pause(observer, took)
        if self.service is None:
            return self._wait(due)
        self.service.open()
        self.service.attend(True)
        hinted_at = math.inf
        while True:
            hinted = self._wait(due)
            if not self.service.is_asked or self.stop():
                return hinted
            if self.service.answer(lambda: self._seen(observer)) is not None:
                self._unfinished = True  # what was seen and not built is looked for by the next look, wherever
            if self.follows and self._mark() != self._left_mark:
                return True
            hinted_at = min(hinted_at, time.monotonic()) if self.hints.pending else math.inf
            if time.monotonic() > min(hinted_at + QUIET_AT_MOST, due):  # who asks without end keeps no edit waiting
                return self.hints.pending

    def _seen(self, observer: Observer) -> Comparison | None:
        """How the files are at this moment; None while git changes them, and where the project is not whole."""
        root = self.project.root
        if self._lock.held(root) is not None or not all((root / name).exists() for name in (MARKER, SPECS)):
            return None
        told_all = observer.has_told_all(TOLD_WITHIN)
        try:
            return self.project.changes(self._reach(self.hints.peek()) if told_all else None)
        except (Problem, OSError):
            return None

    def _pause(self, observer: Observer, took: float) -> float:
        """Seconds until everything is looked at, whatever events say."""
        pause = max(POLL_EVERY, took / POLL_SHARE) if observer.silent else LOOK_EVERY
        until_retry = self._retry_at - time.monotonic()
        return min(pause, until_retry) if until_retry > 0 else pause

    def _wait(self, due: float) -> bool:
        """Waits for hints, until then. Returns at once where the watch is to stop: its wake may have gone to the thread
        beside the last build."""
        if self.stop():
            return False
        hinted = self.hints.pending or self.hints.wait(due - time.monotonic())
        if hinted:
            self._settle()
        return hinted

    def _settle(self) -> None:
        """Waits for quiet, and for the end of a checkout: half of one would be built, and the other half removed."""
        self.hints.settle(QUIET, QUIET_AT_MOST)
        end = time.monotonic() + CHECKOUT_AT_MOST
        while (path := self._lock.held(self.project.root)) is not None and not self.stop():
            if self.service is not None:
                self.service.attend(False)
            if time.monotonic() > end:
                self._lock.ignore(self.project.root)
                self.say(f"{path} is still there after {CHECKOUT_AT_MOST:.0f} s: it is ignored from now on; "
                         "remove it if no git is at work")
                return
            self.hints.settle(QUIET, QUIET_AT_MOST)

    def _reach(self, folders: Collection[str] | None) -> Collection[str] | None:
        """Where to look: at what a build has left undone as well, so that it is as if nothing had been hinted."""
        if folders is None or self._unfinished:
            return None
        return folders

    def _is_news(self, comparison: Comparison, edited: bool) -> bool:
        if time.monotonic() >= self._retry_at:
            return True
        if not comparison.record_found:
            return edited or not self._unfinished
        is_cut_short = was_stopped(comparison) and comparison.mark != self._tried_mark
        return is_cut_short or not comparison.changes <= self._tried

    def _is_news_of_others(self, comparison: Comparison) -> bool:
        """Whether a build has ended since this watch has last told of one."""
        return self.follows and comparison.record_found and comparison.mark != self._left_mark

    def _mark(self) -> bytes:
        """The fingerprint of what the last build left; empty where there is nothing."""
        try:
            return fingerprint_at(self.project.root / RECORD)
        except OSError:
            return b""

    def _is_complete(self) -> bool:
        """Whether what a project cannot be without is there. A checkout, or an editor, may take it away for a moment:
        a build would then remove what it should keep."""
        absent = next((name for name in (MARKER, SPECS) if not (self.project.root / name).exists()), "")
        if absent != self._absent:
            self._absent = absent
            self.say(f"{absent} is gone: nothing is built or removed until it is back" if absent else "all is back")
        return not absent

    def _build(self, comparison: Comparison) -> Round:
        self._tried, self._tried_gone, self._tried_mark = comparison.changes, comparison.gone, comparison.mark
        self._unfinished, self._retry_at = True, math.inf
        options, jobs = self.options, self.options.jobs or os.cpu_count() or 1
        if self.service is not None:
            self.service.attend(False)
        with Superseding(self.project, self.hints, self._settle, jobs, self.stop, self.say) as superseding:
            def listen(event: Event) -> None:
                superseding.hear(event)
                self.listener(event)

            try:
                with reserved():
                    outcome = self.project.build(
                        options.targets, jobs=options.jobs, keep_going=options.keep_going, executor=options.executor,
                        preview=options.preview, listener=listen, cancel=superseding.cancelled)
            except Problem as problem:
                outcome = Outcome(diagnostics=tuple(problem.diagnostics))
            except OSError as refusal:
                outcome = Outcome(failed=1, diagnostics=(refused(refusal),), halted=True)
            else:
                self._unfinished = superseding.obeyed
                if outcome.exit_code == EXIT_DONE:
                    self._tried -= self._tried_gone
        if outcome.halted:
            # The disk may have room, or rights may be mended, without a sign.
            self._unfinished, self._retry_at = True, time.monotonic() + LOOK_EVERY
        if superseding.obeyed:
            self._tried = frozenset()
        self._left_mark = self._mark()
        edited = any(diagnostic.code == EDITED for diagnostic in outcome.diagnostics)
        return Round(tuple(comparison.changed), outcome, superseding.obeyed or edited)


def _require(root: Path, identity: int) -> None:
    try:
        here = os.stat(root).st_ino == identity
    except OSError:
        here = False
    if not here:
        raise Problem(error("project-gone", f"the project's folder is no more at {root}: it was moved or removed",
                            hint="nothing that was built is lost: start `calotype watch` where it lies now"),
                      EXIT_FAILED)
