"""How far a build is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from calotype.ground.events import Event, Listener
from calotype.ground.sizes import size_text
from calotype.roof.report.style import harmless, harmless_lines
from calotype.roof.report.text import count_text, price_text, seconds_text

if TYPE_CHECKING:
    from rich.progress import Progress

LARGE = 500_000_000
"""Bytes of weights whose loading is worth a word."""
ALSO = {"enhance": ("prompt", "enhance"), "condition": ("map", "draw"), "score": ("picture", "score")}
"""What people call the actions that are no renders."""
ALIKE = 3
"""Failures with one message that are told one by one."""
LINE_SECONDS, LINES_ABOUT = 2.0, 50
"""Plain lines come LINE_SECONDS apart, later ever more seldom: a night's log holds a few hundred."""


@contextmanager
def progress(
    *, quiet: bool = False, verbose: bool = False, stream: TextIO | None = None
) -> Iterator[Listener]:
    """A listener that shows events on `stream` (stderr) until the end of the block.

    On a terminal a bar with count, rate, time left and the target in work, failures and notes above it;
    elsewhere, and on a terminal that cannot move its cursor, plain lines. `verbose` adds a line for each
    picture; `quiet` shows nothing at all. Obeys NO_COLOR. Before something is rendered nothing is printed,
    nor is rich imported.
    """
    stream = stream or sys.stderr
    if quiet:
        yield lambda event: None
        return
    display: _Display = _Bar(stream, verbose) if _moves_its_cursor(stream) else _Lines(stream, verbose)

    def listener(event: Event) -> None:
        with suppress(OSError):  # nobody can be told: that is no reason to stop
            display(event)

    try:
        yield listener
    finally:
        with suppress(OSError, ValueError):
            display.close()


class Tally:
    """How many actions are expected, over and failed, and how long the rest will take."""

    def __init__(self) -> None:
        self.renders = 0
        self._price = ""  # of all that is expected, where it costs money
        self.expected: Counter[str] = Counter()  # by kind, as the plan counts them
        self.started: Counter[str] = Counter()
        self.over: Counter[str] = Counter()
        self._open: dict[str, str] = {}
        self._estimates: dict[str, float] = {}  # seconds of all that is expected of a kind
        self._seconds: Counter[str] = Counter()  # that the finished ones of a kind took
        self._since: float | None = None
        self._step = self._loading = ""
        self._share = 0.0
        self._began: tuple[float, int] | None = None  # the first step of a training that was heard of

    def hear(self, event: Event) -> None:
        fields = event.fields
        if event.kind == "plan.ready":
            self.renders = fields.get("renders", 0)
            self.expected.update(fields.get("actions") or {"render": self.renders})
            self._price = price_text(fields.get("price", 0.0), fields.get("currency", "USD"))
            self._estimates = fields.get("expected") or {"render": fields.get("seconds", 0.0)}
        elif event.kind == "render.step":
            step, steps = fields["step"], fields["steps"]
            self._step, self._share = f"step {step}/{steps}", step / steps * fields.get("images", 1)
        elif event.kind == "train.step":
            self._hear_training(event.at, fields["step"], fields["steps"], fields["loss"])
        elif event.kind in ("model.loading", "model.loaded"):
            self._loading = f"loading {fields['name']}" if event.kind == "model.loading" else ""
        elif "action" in fields:
            self._hear_action(event, fields["action"])

    def _hear_training(self, at: float, step: int, steps: int, loss: float) -> None:
        self._began = self._began or (at, step)
        began, first = self._began
        left = (at - began) / (step - first) * (steps - step) if step > first else 0
        self._step = f"step {step}/{steps}, loss {loss:.3g}" + (f", {seconds_text(left)} left" if left >= 1 else "")
        self._share = step / steps

    def _hear_action(self, event: Event, kind: str) -> None:
        if event.kind == "action.started":
            self.started[kind] += 1
            self._open[event.fields["key"]] = event.fields["target"]
            self._since = event.at if self._since is None else self._since
            return
        self._open.pop(event.fields["key"], None)
        if event.kind == "action.postponed":
            self.started[kind] -= 1
            return
        self.over[kind] += 1
        self._seconds[kind] += event.fields.get("seconds", 0.0)
        if kind in ("render", "train"):
            self._step, self._share = "", max(0.0, self._share - 1)

    @property
    def total(self) -> int:
        """A pick that was made just now may ask for actions that the plan could not count."""
        return sum((self.expected | self.started).values())

    @property
    def done(self) -> int:
        return sum(self.over.values())

    @property
    def current(self) -> str:
        """The target whose action has been open for longest, and its step; or what is being loaded for it."""
        if self._loading:
            return self._loading
        return " ".join(filter(None, [next(iter(self._open.values()), ""), self._step]))

    @property
    def complete(self) -> float:
        """Actions that are over, and the steps done of those in work."""
        return min(self.total, self.done + self._share)

    def elapsed(self, now: float) -> float:
        return 0.0 if self._since is None else max(0.0, now - self._since)

    def rate(self, now: float) -> float | None:
        """Actions a second since the first began; None before the first is done."""
        elapsed = self.elapsed(now)
        return self.done / elapsed if elapsed and self.done else None

    def left(self, now: float) -> float | None:
        """Seconds to the end: by what actions took so far, else by the plan's estimate; None when there is neither."""
        rate = self.rate(now)
        if rate is None:
            expected = sum(self._estimates.values())
            return max(0.0, expected - self.elapsed(now)) if expected else None
        worked = sum(self._seconds.values())
        if len(+self.expected) < 2 or not worked:
            return (self.total - self.done) / rate
        ahead = sum(self._each(kind) * count for kind, count in (self.expected - self.over).items())
        return ahead * self.elapsed(now) / worked

    def _each(self, kind: str) -> float:
        """Seconds that an action of a kind takes: measured, else as the plan expects."""
        if self._seconds[kind]:
            return self._seconds[kind] / self.over[kind]
        return self._estimates.get(kind, 0.0) / max(1, self.expected[kind])

    def text(self, now: float) -> str:
        """`3/12, 2.1/s, 4.3 s left`, or as much of it as is known."""
        parts = [f"{self.done}/{self.total}"]
        rate, left = self.rate(now), self.left(now)
        if rate is not None:
            parts.append(f"{rate:.1f}/s" if rate >= 1 else f"{seconds_text(1 / rate)} each")
        if left:
            parts.append(f"{seconds_text(left)} left")
        return ", ".join(parts)

    def words(self) -> str:
        """`12 images to render, 36 maps to draw`, and what that costs."""
        counts = [count_text(self.renders, "image") + " to render"] if self.renders else []
        counts += [f"{count_text(self.expected[kind], noun)} to {verb}" for kind, (noun, verb) in ALSO.items()
                   if self.expected[kind]]
        return ", ".join([*counts, *([self._price] if self._price else [])])


class _Display(Protocol):
    def __call__(self, event: Event) -> None: ...

    def close(self) -> None: ...


class _Lines:
    """Plain lines for logs and pipes."""

    def __init__(self, stream: TextIO, verbose: bool) -> None:
        self._stream, self._tally, self._remarks = stream, Tally(), _Remarks(verbose)
        self._spoke = 0.0

    def __call__(self, event: Event) -> None:
        self._tally.hear(event)
        remark = self._remarks.of(event)
        if remark:
            self._say(remark)
        elif event.kind == "plan.ready" and self._tally.total:
            left = self._tally.left(event.at)
            about = f", about {seconds_text(left)}" if left and left >= 0.5 else ""
            self._say(f"{self._tally.words()}{about}")
            self._spoke = event.at
        elif event.kind == "action.finished" and event.at - self._spoke >= self._pause(event.at):
            self._spoke = event.at
            self._say(f"{self._tally.text(event.at)}: {event.fields['target']}")
        elif event.kind == "train.step" and event.at - self._spoke >= self._pause(event.at):
            self._spoke = event.at
            self._say(self._tally.current)

    def close(self) -> None:
        self._stream.flush()

    def _pause(self, now: float) -> float:
        return max(LINE_SECONDS, self._tally.elapsed(now) / LINES_ABOUT)

    def _say(self, text: str) -> None:
        self._stream.write(harmless_lines(text, self._stream) + "\n")
        self._stream.flush()


class _Bar:
    """A live bar. It is drawn when the first render starts, and leaves no trace when it ends."""

    def __init__(self, stream: TextIO, verbose: bool) -> None:
        self._stream, self._tally, self._remarks = stream, Tally(), _Remarks(verbose)
        self._progress: Progress | None = None

    def __call__(self, event: Event) -> None:
        self._tally.hear(event)
        if self._progress is None and event.kind == "action.started":
            self._progress = _rich_progress(self._stream, self._tally)
            self._progress.add_task("", total=None)
            self._progress.start()
        remark = self._remarks.of(event)
        if self._progress is None:
            if remark:
                self._stream.write(harmless_lines(remark, self._stream) + "\n")
            return
        if remark:
            style = "red" if event.kind == "action.failed" else None
            self._progress.console.print(harmless(remark), style=style, markup=False, highlight=False, soft_wrap=True)
        tally = self._tally
        task = self._progress.task_ids[0]
        self._progress.update(task, total=tally.total, completed=tally.complete)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()


def _rich_progress(stream: TextIO, tally: Tally) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn
    from rich.table import Column
    from rich.text import Text

    class Words(ProgressColumn):
        max_refresh = 0.5

        def __init__(self, column: Column | None, words: Any) -> None:
            super().__init__(column)
            self._words = words

        def render(self, task: Any) -> Text:
            return Text(self._words(), no_wrap=True, overflow="ellipsis")

    return Progress(
        BarColumn(bar_width=24),
        Words(None, lambda: tally.text(time.time())),
        Words(Column(ratio=1, no_wrap=True), lambda: tally.current),
        console=Console(file=stream, stderr=True), transient=True, redirect_stdout=False,
        refresh_per_second=4, expand=True,
    )


class _Remarks:
    """What is said in a line of its own. One cause may fail a thousand images: it is told of the first few."""

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self._failures: Counter[str] = Counter()

    def of(self, event: Event) -> str | None:
        fields = event.fields
        if event.kind == "note":
            return str(fields["message"])
        if event.kind == "previews.shown":
            return previews_text(fields["name"], fields["targets"], fields["left_out"])
        if event.kind == "action.failed":
            return self._failed(fields["target"], fields["message"])
        if event.kind == "model.loading" and (self._verbose or fields["bytes"] >= LARGE):
            return f"loading {fields['name']} ({size_text(fields['bytes'])})"
        if self._verbose and event.kind == "action.finished":
            return f"{fields['action']} {fields['target']} ({seconds_text(fields['seconds'])})"
        return None

    def _failed(self, target: str, message: str) -> str | None:
        self._failures[message] += 1
        count = self._failures[message]
        if count > ALIKE and not self._verbose:
            return None
        more = " (others that fail alike are counted at the end)" if count == ALIKE and not self._verbose else ""
        return f"failed {target}: {message}{more}"


def previews_text(name: str, targets: Sequence[str], left_out: Mapping[str, str]) -> str:
    """`2 previews (mannequin); no preview of scenes/coffee/reach: it has no pose to draw`."""
    parts = [f"{count_text(len(targets), 'preview')} ({name})"] if targets else []
    parts += [f"no preview of {target}: {why}" for target, why in islice(left_out.items(), ALIKE)]
    parts += [f"nor of {len(left_out) - ALIKE} more"] if len(left_out) > ALIKE else []
    return "; ".join(parts)


def _moves_its_cursor(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")
