"""Storyboards that are asked for over HTTP: accepted, written as specs, and told how they stand. Must not know HTTP."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Any

from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error
from calotype.ground.light_dataclass import asdict, replace
from calotype.ground.lock import decision_lock
from calotype.ground.refusals import refused
from calotype.project.new_scene import SceneOptions, asks_an_endpoint, prepare
from calotype.project.waiting import Stopped
from calotype.queries.decisions.begin_scene import begin_scene, size_of_shots
from calotype.queries.storyboard import Storyboard
from calotype.roof.studio.builder import Builder
from calotype.roof.studio.storyboards.boards import Boards, unknown_generation
from calotype.roof.studio.storyboards.generation_records import GenerationRecord, GenerationRecords
from calotype.roof.studio.uploads import of_the_upload

MOST_WAITING, MOST_A_MINUTE = 32, 30
"""Generations that wait for their build, and requests for new ones within a minute, at the most."""
_AGAIN = 1.0
"""Seconds after which a record is written again that the disk refused."""
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
        self._root, self._builder, self._on_bug = root, builder, on_bug
        self._records = GenerationRecords(root)
        self._turn, self._looking = Lock(), Lock()
        self._latest: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._unbuilt: dict[str, int] = {}
        self._unrecorded: dict[str, tuple[Mapping[str, Any], ...]] = {}
        """Why generations failed whose records cannot be written yet."""
        self._boards = Boards(root)
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._stopping = Event()
        self._writer = Thread(target=self._write_queued, name="calotype-generations", daemon=True)

    def start(self) -> None:
        """Goes on with what was accepted, and with what was cancelled, before the last stop."""
        self._records.sweep()
        for record in self._records.all():
            if record.state == "accepted":
                self._queue.put(record.id)
            elif record.state == "cancelled" and self._is_as_written(record):
                self._take_away(record.id)
        self._writer.start()

    def stop(self) -> None:
        """Leaves what is not written yet for the next start. Safe in a signal handler."""
        self._stopping.set()
        self._queue.put(None)

    def join(self) -> None:
        self._writer.join()

    def accept(
        self, prompt: str, options: SceneOptions, key: str = "", picture: tuple[bytes, str] | None = None
    ) -> str:
        """The id of the generation of `prompt`: with an idempotency `key` that of the same request before, if there was
        one. `picture` is a file's bytes and its suffix. Raises Problem where it cannot be taken, or `key` is that of
        another request; Busy where too much is asked for."""
        request = {"prompt": prompt, "options": asdict(options)}
        body = _digest(json.dumps(request, sort_keys=True).encode() + (picture[0] if picture else b""))
        generation = f"gen_{_digest(key.encode())[:16] if key else secrets.token_hex(8)}"
        record = GenerationRecord(generation, _digest(key.encode()) if key else "", body, prompt, asdict(options))
        with self._turn:
            if self._was_accepted(record):
                return generation
            self._make_room()
        staged = None if picture is None else self._looked_at(*picture)
        try:
            with self._turn:
                if not self._was_accepted(record):
                    self._accept(record, staged)
        finally:
            if staged is not None:
                staged.unlink(missing_ok=True)
        return generation

    def _was_accepted(self, record: GenerationRecord) -> bool:
        """Whether the same request was. Raises Problem where another one had its key."""
        before = self._records.get(record.id)
        if before is None and not self._spec(record.id).exists():
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
                self._records.put(replace(record, state="written", spec=_digest(self._text(record, None))))
        except BaseException:
            self._spec(record.id).unlink(missing_ok=True)
            self._records.drop(record.id)
            raise
        self._unbuilt[record.id] = self._builds
        if waits:
            self._queue.put(record.id)
        else:
            self._build()

    def cancel(self, generation: str) -> None:
        """Takes the scene away again, so that nothing more of it is built. Raises Problem where there is no such
        generation, where all of it is built, or its spec was edited since."""
        with self._turn:
            record = self.record(generation)
            if record is None:
                raise unknown_generation(generation)
            if record.state == "failed" or (record.state == "cancelled" and not self._is_as_written(record)):
                return
            if record.state == "written":
                self._require_unfinished(record)
            self._records.put(replace(record, state="cancelled"))
            self._take_away(generation)
            self._build()

    def record(self, generation: str) -> GenerationRecord | None:
        """Raises Problem for one that cannot be read."""
        record = self._records.get(generation) if _ID.fullmatch(generation) else None
        reasons = self._unrecorded.get(generation)
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
        if not self._is_as_written(record):
            raise Problem(error("stale-file", f"`{self._spec(record.id).name}` was edited since, or is gone",
                                hint="it is a spec like any other: remove it where nothing more is to be built"))
        board = self.board(record.id)
        if board.done == len(board.shots):
            raise Problem(error("generation-over", f"all of `{record.id}` is built",
                                hint=f"remove `{board.spec}` where it is not wanted"))

    def _take_away(self, generation: str) -> None:
        """Removes the spec, and what was decided with it: the picture that came with the request."""
        with decision_lock(self._root):
            (self._root / f"specs/picks/scenes/{generation}.yaml").unlink(missing_ok=True)
        self._spec(generation).unlink(missing_ok=True)
        self._records.drop_picture(generation)
        self._unbuilt.pop(generation, None)

    def _is_as_written(self, record: GenerationRecord) -> bool:
        return _digest(_read(self._spec(record.id))) == record.spec

    def _looked_at(self, data: bytes, suffix: str) -> Path:
        """The picture as a file, of which shots can be. One is decoded at a time: it may take all of 256 MiB."""
        path = self._records.stage_picture(data, suffix)
        try:
            with self._looking:
                size_of_shots(self._root, path)
        except BaseException as failure:
            path.unlink(missing_ok=True)
            if isinstance(failure, Problem):
                raise of_the_upload(failure, path) from None
            raise
        return path

    def _text(self, record: GenerationRecord, picture: Path | None) -> bytes:
        """The spec's bytes, written now, unless they were just before the last stop."""
        spec = self._spec(record.id)
        if spec.exists():
            return spec.read_bytes()
        return begin_scene(
            self._root, record.id, record.prompt, _options(record), picture, self._stopping.is_set).text.encode()

    def _write_queued(self) -> None:
        """Nothing ends this thread but the end of the server: what one generation comes to, no other waits for."""
        prepare()
        while (generation := self._next()) is not None and not self._stopping.is_set():
            try:
                self._write_later(generation)
            except Stopped:
                return
            except Exception as failure:
                self._fail(generation, self._problem(failure))

    def _next(self) -> str | None:
        """The next to write, once there is one. Meanwhile what failed is recorded, as soon as the disk lets it."""
        while True:
            try:
                return self._queue.get(timeout=_AGAIN if self._unrecorded else None)
            except Empty:
                with self._turn:
                    self._record_failures()

    def _problem(self, failure: Exception) -> Problem:
        if isinstance(failure, Problem):
            return failure
        return Problem(refused(failure) if isinstance(failure, OSError) else self._on_bug(failure), EXIT_FAILED)

    def _write_later(self, generation: str) -> None:
        record, picture = self._records.get(generation), self._records.picture(generation)
        if record is None or record.state != "accepted":
            return
        text = self._text(record, picture)
        with self._turn:
            if self._records.get(generation) != record:  # cancelled meanwhile
                self._take_away(generation)
                return
            self._records.put(replace(record, state="written", spec=_digest(text)))
            self._records.drop_picture(generation)
        self._build()

    def _fail(self, generation: str, problem: Problem) -> None:
        """Has its record say why: now, or as soon as it can be written."""
        with self._turn:
            picture = self._records.picture(generation)
            shown = problem if picture is None else of_the_upload(problem, picture)
            self._unrecorded[generation] = tuple(diagnostic.as_json() for diagnostic in shown.diagnostics)
            self._record_failures()

    def _record_failures(self) -> None:
        """By the turn of requests. What was written of them is taken away."""
        for generation, reasons in list(self._unrecorded.items()):
            with suppress(OSError, Problem):
                record = self._records.get(generation)
                if record is not None and record.state == "accepted":
                    self._records.put(replace(record, state="failed", diagnostics=reasons))
                    self._take_away(generation)
                del self._unrecorded[generation]

    def _build(self) -> None:
        if not self._builder.watches:
            self._builder.ask()

    def _spec(self, generation: str) -> Path:
        return self._root / f"specs/scenes/{generation}.yaml"


def _options(record: GenerationRecord) -> SceneOptions:
    return SceneOptions(**{**record.options, "size": None})


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
