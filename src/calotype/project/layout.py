"""Where everything that Calotype owns lies in a project. Must not know what is in the files."""

from __future__ import annotations

from pathlib import Path

from calotype.ground import folders


class Layout:
    """The places of the project at `root`. `cache_dir` is the folder of blobs and results: relative to the project, or
    absolute."""

    __slots__ = ("cache_dir", "root")

    def __init__(self, root: Path, cache_dir: str = folders.CACHE) -> None:
        self.root, self.cache_dir = root, cache_dir

    @property
    def config(self) -> Path:
        return self.root / folders.MARKER

    @property
    def build(self) -> Path:
        return self.root / folders.BUILD

    @property
    def preview(self) -> Path:
        return self.root / folders.PREVIEW

    @property
    def logs(self) -> Path:
        return self.root / folders.LOGS

    @property
    def state(self) -> Path:
        """The folder of what builds remember."""
        return self.root / folders.STATE

    @property
    def state_db(self) -> Path:
        return self.root / folders.STATE_DB

    @property
    def record(self) -> Path:
        return self.root / folders.RECORD

    @property
    def build_lock(self) -> Path:
        return self.root / folders.BUILD_LOCK

    @property
    def decision_lock(self) -> Path:
        return self.root / folders.DECISION_LOCK

    @property
    def cache(self) -> Path:
        """The folder of blobs and results."""
        return self.root / self.cache_dir

    @property
    def actions_db(self) -> Path:
        return self.cache / folders.ACTIONS_DB

    def training(self, character: str) -> Path:
        """Where the training of a character's LoRA goes on after a kill, by the character's id."""
        return self.cache / folders.TRAININGS / f"{character}.safetensors"

    @property
    def unrecorded(self) -> Path:
        return self.cache / folders.UNRECORDED

    @property
    def cache_files(self) -> tuple[str, str]:
        """What is there as long as the caches are, as the record names them: blobs and results."""
        return f"{self.cache_dir}/{folders.BLOBS}", f"{self.cache_dir}/{folders.ACTIONS_DB}"
