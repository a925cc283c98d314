"""How a process comes to a project: what changed since the last build, and the workspace. Must not know what for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.project.last_build import compare_with_last_build
from calotype.project.overrides import Profile
from calotype.project.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from calotype.store.tree.compare import TreeDiff


class Session:
    """A project that is opened anew each time it is asked for, and closed after. `diff` is a comparison with the last
    build that was just made: the first to compare is given it."""

    def __init__(self, root: Path, diff: TreeDiff | None = None) -> None:
        self.root = root
        self._diff = diff
        self.begun = 0.0
        """When the build at work began, in seconds since the epoch; 0 while none is."""
        self.swept = b""
        """The fingerprint of the record of the build that left no preview of a target that is no more; else empty."""

    def compare(self) -> TreeDiff:
        """What differs between the project as the last build left it and as it is now."""
        diff, self._diff = self._diff, None
        return diff or compare_with_last_build(str(self.root))

    def forget_comparison(self) -> None:
        """The comparison at hand is out of date: others have been at work since it was made."""
        self._diff = None

    @property
    def previews(self) -> Session:
        """A session beside this one for builds of previews: their workspace does not take the place of the other."""
        session = Session(self.root)
        session.begun = self.begun
        return session

    @contextmanager
    def workspace(self, profile: Profile, changed: Collection[str] = (), *, create: bool) -> Iterator[Workspace]:
        """The project as it is now, for a block. `changed` are paths known to differ from what was read before."""
        with open_workspace(self.root, profile, create=create) as workspace:
            workspace.purchases.begun = self.begun
            yield workspace


class KeptSession(Session):
    """A project that stays open from one use to the next, each time brought up to date; `close` it at the end."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._workspace: Workspace | None = None
        self._previews: KeptSession | None = None
        self._last: TreeDiff | None = None

    @property
    def previews(self) -> KeptSession:
        if self._previews is None:
            self._previews = KeptSession(self.root)
        self._previews.begun = self.begun
        return self._previews

    def look(self, folders: Collection[str] | None) -> TreeDiff:
        """The comparison that the next `compare` gives, limited to the files in `folders` (None: all)."""
        self._diff = self._last = compare_with_last_build(str(self.root), folders, self._last)
        return self._diff

    @contextmanager
    def workspace(self, profile: Profile, changed: Collection[str] = (), *, create: bool) -> Iterator[Workspace]:
        if self._workspace is not None and self._workspace.profile != profile:
            self.close()
        if self._workspace is None:
            self._workspace = open_workspace(self.root, profile, create=create)
        else:
            self._workspace.update(changed)
        workspace = self._workspace
        workspace.purchases.begun = self.begun
        try:
            yield workspace
        finally:  # what the next update reads anew is kept no longer
            workspace.manifest.forget()
            workspace.published.forget()

    def close(self) -> None:
        if self._previews is not None:
            self._previews.close()
        workspace, self._workspace = self._workspace, None
        if workspace is not None:
            workspace.close()
