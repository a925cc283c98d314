"""Storyboards that are asked for over HTTP: accepted, written as specs, and told how they stand. Must not know HTTP."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.light_dataclass import asdict, replace
from calotype.project.new_scene import SceneOptions, asks_an_endpoint
from calotype.queries.storyboard import Storyboard
from calotype.roof.studio.builder import Builder
from calotype.roof.studio.storyboards.boards import Boards, unknown_generation
from calotype.roof.studio.storyboards.generation_records import GenerationRecord, GenerationRecords
from calotype.roof.studio.storyboards.scene_files import SceneFiles, digest
from calotype.roof.studio.storyboards.scene_writer import SceneWriter
from calotype.roof.studio.storyboards.turn import Turn

MOST_WAITING, MOST_A_MINUTE = 32, 30
"""Generations that wait for their build, and requests for new ones within a minute, at the most."""
_ID = re.compile(r"gen_[0-9a-f]{16}")


class Busy(Exception):
    """More is asked for than is taken at a time. `seconds` until it is worth asking again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Generations:
    """The generations of the project at `root`, which `builder` builds. A request is durable when it is accepted; its
    scene is written at once, or by a thread, one after the other: where a picture comes with it, when no build is at
    work; where an endpoint writes the board, when that has answered. `on_bug` is told what nobody foresaw."""

    def __init__(self, root: Path, builder: Builder, on_bug: Callable[[Exception], Diagnostic]) -> None:
        self._root, self._builder, self._turn = root, builder, Turn(root)
        self._records = GenerationRecords(root)
        self._files, self._boards = SceneFiles(root, self._records), Boards(root)
        self._writer = SceneWriter(self._records, self._files, self._turn, self._over, on_bug)
        self._latest: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._unbuilt: dict[str, int] = {}

    def start(self) -> None:
        """Goes on with what was accepted, and with what was cancelled, before the last stop."""
        self._records.sweep()
        for record in self._records.all():
            if record.state == "accepted":
                self._writer.put(record.id)
            elif record.state == "cancelled" and self._files.is_as_written(record):
                self._files.take_away(record.id)
        self._writer.start()

    def stop(self) -> None:
        """Leaves what is not written yet for the next start. Safe in a signal handler."""
        self._writer.stop()

    def join(self) -> None:
        self._writer.join()

    def accept(
        self, prompt: str, options: SceneOptions, key: str = "", picture: tuple[bytes, str] | None = None
    ) -> str:
        """The id of the generation of `prompt`: with an idempotency `key` that of the same request before, if there was
        one. `picture` is a file's bytes and its suffix. Raises Problem where it cannot be taken, or `key` is that of
        another request; Busy where too much is asked for."""
        request = {"prompt": prompt, "options": asdict(options)}
        body = digest(json.dumps(request, sort_keys=True).encode() + (picture[0] if picture else b""))
        generation = f"gen_{digest(key.encode())[:16] if key else secrets.token_hex(8)}"
        record = GenerationRecord(generation, digest(key.encode()) if key else "", body, prompt, asdict(options))
        with self._turn():
            if self._was_accepted(record):
                return generation
            self._make_room()
        staged = None if picture is None else self._files.look_at(*picture)
        try:
            with self._turn():
                if not self._was_accepted(record):
                    self._accept(record, staged)
        finally:
            if staged is not None:
                staged.unlink(missing_ok=True)
        return generation

    def _was_accepted(self, record: GenerationRecord) -> bool:
        """Whether the same request was. Raises Problem where another one had its key."""
        before = self._records.get(record.id)
        if before is None and not self._files.spec(record.id).exists():
            return False
        if before is None or before.key != record.key or before.body != record.body:
            raise Problem(error("idempotency-key", "another request had this Idempotency-Key",
                                hint="a key is for one request and its repetitions: take another one"))
        return True

    def _accept(self, record: GenerationRecord, staged: Path | None) -> None:
        """By the turn of requests. Raises Problem or OSError, and leaves nothing, where it cannot."""
        waits = staged is not None or asks_an_endpoint(self._root)
        try:
            if staged is not None:
                self._records.take_picture(staged, record.id)
            self._records.put(record)
            if not waits:
                self._records.put(self._files.write(record, None, lambda: False))
        except BaseException:
            self._files.spec(record.id).unlink(missing_ok=True)
            self._records.drop(record.id)
            raise
        self._unbuilt[record.id] = self._builds
        if waits:
            self._writer.put(record.id)
        else:
            self._build()

    def cancel(self, generation: str) -> None:
        """Takes the scene away again, so that nothing more of it is built. Raises Problem where there is no such
        generation, where all of it is built, or its spec was edited since."""
        with self._turn():
            record = self.record(generation)
            if record is None:
                raise unknown_generation(generation)
            if record.state == "failed" or (record.state == "cancelled" and not self._files.is_as_written(record)):
                return
            if record.state == "written":
                self._require_unfinished(record)
            self._records.put(replace(record, state="cancelled"))
            self._writer.cancel(generation)
            self._files.take_away(generation)
            self._unbuilt.pop(generation, None)
            self._build()

    def record(self, generation: str) -> GenerationRecord | None:
        """Raises Problem for one that cannot be read."""
        record = self._records.get(generation) if _ID.fullmatch(generation) else None
        reasons = self._writer.failure(generation)
        if record is None or record.state != "accepted" or reasons is None:
            return record
        return replace(record, state="failed", diagnostics=reasons)

    def board(self, generation: str) -> Storyboard:
        """The storyboard as it stands. Raises Problem where there is none, or what is wrong with it."""
        return self._boards.get(generation, self._builds)

    @property
    def _builds(self) -> int:
        rows = self._builder.rows
        return rows[0].number if rows else 0

    def _make_room(self) -> None:
        now = time.monotonic()
        while self._latest and now - self._latest[0] > 60:
            self._latest.popleft()
        if len(self._latest) == MOST_A_MINUTE:
            raise Busy(int(61 - (now - self._latest[0])))
        builds = self._builds
        self._unbuilt = {name: number for name, number in self._unbuilt.items() if builds < number + 2}
        if len(self._unbuilt) >= MOST_WAITING:
            raise Busy(60)
        self._latest.append(now)

    def _require_unfinished(self, record: GenerationRecord) -> None:
        if not self._files.is_as_written(record):
            raise Problem(error("stale-file", f"`{self._files.spec(record.id).name}` was edited since, or is gone",
                                hint="it is a spec like any other: remove it where nothing more is to be built"))
        board = self.board(record.id)
        if board.done == len(board.shots):
            raise Problem(error("generation-over", f"all of `{record.id}` is built",
                                hint=f"remove `{board.spec}` where it is not wanted"))

    def _over(self, generation: str, is_written: bool) -> None:
        if is_written:
            self._build()
        else:
            self._unbuilt.pop(generation, None)

    def _build(self) -> None:
        if not self._builder.watches:
            self._builder.ask()
