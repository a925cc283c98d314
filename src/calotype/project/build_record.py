"""What a finished build leaves for the next: the fingerprint of every file, and which spec asks for which target.

Must not know what is rendered or published. It is opened before any input is read, so that a file that changes during
the build is found changed by the next look.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.folders import BUILD, CACHE, MARKER, OWN_FOLDERS, PICKS, STATE, TREES
from calotype.ground.gitignore import keep_out_of_git
from calotype.ground.lock import decision_lock
from calotype.ground.paths import relative
from calotype.project.changes import open_summary
from calotype.project.last_build import record_key, settled_summary
from calotype.project.layout import Layout
from calotype.results.publish.disk import tidy
from calotype.results.sheet.currency import WATCHED
from calotype.store.tree.snapshot import take

if TYPE_CHECKING:
    from calotype.store.tree.compare import TreeDiff


class BuildRecord:
    """`diff` is the comparison with what the last build left, where there is one to go on from."""

    def __init__(self, layout: Layout, diff: TreeDiff | None) -> None:
        self._layout = layout
        self.traces: Sequence[str] = ()
        """The folders of the traces of which pages tell, and of those that are gone: by these it is noticed that one
        was removed."""
        layout.state.mkdir(parents=True, exist_ok=True)
        self._picks_folders = _picks_folders(layout.root, diff)
        if diff is not None and diff.record_found:
            self._record = diff.record()
        else:
            self._record = take(layout.root, TREES, [MARKER], layout.state)

    def watch(self, path: str) -> None:
        """A file outside the trees is about to be read: `path` is absolute, or relative to the project."""
        self._record.watch_too([path])

    @property
    def picks(self) -> dict[str, bytes]:
        """The fingerprint of each file of decisions, by path, as the build has found it."""
        return self._record.below(PICKS)

    def close(
        self, targets: int, unsettled: Sequence[str], written: Iterable[str], inputs: Iterable[str] | None,
        caches: Sequence[str], *, stopped: bool = False,
    ) -> None:
        """Writes the record: `written` are the paths this build has put or removed, `unsettled` the specs it left open
        (`stopped`: for it was stopped before it came to them),
        `inputs` all files outside the trees that the project depends on (None: those of the last build, and the new),
        `caches` what tells that the caches are still there."""
        for folder in (BUILD, CACHE, STATE):
            tidy(self._layout.root / folder)
        if self._picks_folders:  # where a decision may have been killed
            with decision_lock(self._layout.root):
                for folder in self._picks_folders:
                    self._record.removed([f"{folder}/{name}" for name in tidy(self._layout.root / folder)])
        for folder in OWN_FOLDERS:  # one that was deleted whole has lost its .gitignore as well
            keep_out_of_git(self._layout.root / folder)
        if inputs is None:
            self._record.watch_too([MARKER, *caches, *WATCHED, *self.traces])
        else:
            self._record.watch([MARKER, *inputs, *caches, *WATCHED, *self.traces])
        self._record.wrote([*written, *caches, *WATCHED, *self.traces])
        summary = (open_summary(targets, list(unsettled), stopped=stopped) if unsettled
                   else settled_summary(targets))
        self._record.write(self._layout.record, record_key(str(self._layout.root)), summary)


def _picks_folders(root: Path, diff: TreeDiff | None) -> list[str]:
    """The folders of decisions in which something changed since the last build; all, where nothing is known of that."""
    if diff is not None and diff.record_found:
        return sorted({path.rpartition("/")[0] for path in diff.changed if path.startswith(f"{PICKS}/")})
    return [relative(root, Path(folder)) for folder, _, _ in os.walk(root / PICKS)]
