"""What lies in the places of published assets, held against what the manifest says of it. Must not change anything."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from calotype.engine.rebuild import Asset
from calotype.ground.boundary import leads_out
from calotype.ground.diagnostics import Problem
from calotype.ground.files import NO_FILE, hidden_by
from calotype.ground.images import pixels_of
from calotype.results.publish.disk import refuse_pointer
from calotype.results.publish.inspect import told_action
from calotype.results.publish.manifest import Line, Manifest, shard_of
from calotype.store.cas import Cas
from calotype.store.results import Made
from calotype.store.state import State


class AssetFiles:
    """The assets of the project at `root`. Raises Problem (exit 2) for a Git LFS pointer where an image should be,
    OSError where the disk refuses."""

    def __init__(self, root: Path, state: State, manifest: Manifest, cas: Cas) -> None:
        self._root, self._state, self._manifest, self._cas = root, state, manifest, cas

    def digest(self, path: str) -> str | None:
        """SHA-256 of the file at `path`, None where there is none; empty for what is no file, or hides one: a link out
        of the project or to nowhere, a file in the place of a folder."""
        if leads_out(self._root, f"{self._root}/{path}"):
            return ""
        try:
            digest = self._state.digest(f"{self._root}/{path}")
        except OSError as refusal:
            if refusal.errno not in NO_FILE:
                raise
            return ""
        return "" if digest is None and hidden_by(self._root, path) is not None else digest

    def holds(self, line: Line) -> bool:
        """Whether the line's file is there, byte by byte."""
        return self.digest(line.path) == line.sha256

    def shows(self, path: str, pixels: str) -> bool:
        """Whether the file at `path` shows just these pixels, whatever its bytes are: as after a lossless
        recompression."""
        return self._pixels(path) == pixels

    def found(self, line: Line) -> Asset:
        """What lies at the line's path."""
        digest = self.digest(line.path)
        if digest is None:
            return Asset.MISSING
        if digest == line.sha256:
            return Asset.OK
        refuse_pointer(self._root / line.path, line.path)
        return Asset.MODIFIED if digest else Asset.FOREIGN

    def unowned(self, target: str, path: str) -> Asset:
        """What lies at the path of a target without a line. Ours is what the manifest knows there, or the CAS holds."""
        digest = self.digest(path)
        if digest is None:
            return Asset.MISSING
        known = self._manifest.owned(shard_of(target, path)).get(path, ())
        ours = digest in known or (digest != "" and self._cas.has(digest))
        if not ours:
            refuse_pointer(self._root / path, path)
        return Asset.MISSING if ours or (known and digest) else Asset.FOREIGN

    def told(self, path: str) -> dict[str, Made]:
        """What the picture at `path` tells of its own making, by the key of its render: for an asset without a line."""
        digest = self.digest(path)
        action = told_action(self._root / path) if digest else None
        pixels = self._pixels(path) if action else None
        return {action: Made(pixels, digest, at_hand=True, path=path, local=False)} if action and pixels else {}

    def fitting(self, versions: Iterable[Line], path: str) -> Line | None:
        """Of the versions of a line that a merge left undecided, the one whose file is there."""
        return next((line for line in versions if line.path == path and self.holds(line)), None)

    def _pixels(self, path: str) -> str | None:
        """None for what is no picture of the project's."""
        if leads_out(self._root, f"{self._root}/{path}"):
            return None
        try:
            return self._state.pixels(self._root / path, "asset", lambda place: pixels_of(place, path))
        except (OSError, Problem):
            return None
