"""Compiled Jinja2 templates of the package, kept beside them as Python keeps its modules. Must not know any template.

Compiling the sheets' templates costs 40 ms, loading them compiled 2. They lie in the package's own folder, which only
those can write who can write the program; a project's templates are compiled anew each time.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket


class PackagedBytecode(FileSystemBytecodeCache):
    """Keeps the templates in `folder`, and those of no other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        place = folder / "__pycache__"
        with suppress(OSError):
            place.mkdir(exist_ok=True)
        super().__init__(str(place), "%s.jinja")
        self._strangers: set[str] = set()

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        key = self.get_cache_key(name, filename)
        if filename is None or Path(filename).parent != self._folder:
            self._strangers.add(key)
        return super().get_bucket(environment, name, filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key not in self._strangers:
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """A folder that cannot be written costs the time to compile, and nothing else."""
        if bucket.key not in self._strangers:
            with suppress(OSError):
                super().dump_bytecode(bucket)
