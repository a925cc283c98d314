"""What a watch says: each build a short block, or with --json one object on a line."""

from __future__ import annotations

import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from calotype.ground.events import Event, Listener
from calotype.ground.folders import CONTENT, OWN_FOLDERS
from calotype.ground.light_dataclass import replace
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.stdout import echo, echo_err
from calotype.roof.report.progress import progress
from calotype.roof.report.style import Style, clip
from calotype.roof.report.summary import summary
from calotype.roof.watch.watcher import Round

SHOWN = 3
"""Changed paths that are named; of more there is a count."""


class Terminal:
    """Listens to builds, and prints each when it is over."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self._settings, self._root = settings, root
        self._display = ExitStack()
        self._progress: Listener | None = None
        self._printed = 0

    def __call__(self, event: Event) -> None:
        if self._progress is None:
            settings = self._settings
            self._progress = self._display.enter_context(
                progress(quiet=settings.quiet, verbose=settings.verbose))
        self._progress(event)

    def say(self, message: str) -> None:
        """A word about the watch itself."""
        if not self._settings.quiet:
            echo_err(message)

    def show(self, done: Round) -> None:
        """A build that neither did nor said anything, and that no person's edit led to, is passed over."""
        self._progress = None
        self._display.close()
        outcome = done.outcome
        if done.superseded:  # what it left undone is told by the build that took its place
            finished = tuple(target for target in outcome.targets if target.status not in ("skipped", "failed"))
            outcome = replace(outcome, targets=finished, failed=0, diagnostics=())
            if not finished:
                return
        changed = sorted(done.changed, key=_is_calotypes)
        edited = [path for path in changed if not path.startswith(f"{CONTENT}/")]
        if not (outcome.targets or outcome.diagnostics or edited or not self._printed):
            return
        self._printed += 1
        if self._settings.json:
            echo(json.dumps({**outcome.as_json(), "changed": changed}))
            return
        self._head(edited or changed)
        self._settings.echo_diagnostics(outcome.diagnostics, self._root)
        invalid = any(diagnostic.severity == "error" for diagnostic in outcome.diagnostics) and not outcome.targets
        if not invalid and not self._settings.quiet:
            echo(summary(outcome, "build", verbose=self._settings.verbose, stream=sys.stdout))

    def _head(self, changed: list[str]) -> None:
        """When it was, and what led to it."""
        if self._settings.quiet or not changed:
            return
        style = Style(sys.stdout)
        clock = time.strftime("%H:%M:%S")
        more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        paths = clip(", ".join(changed[:SHOWN]), style.width - len(clock) - len(more) - 2)
        echo(f"\n{style.paint(clock, 'dim')} {style.paint(paths + more, 'bold')}".rstrip())


def _is_calotypes(path: str) -> bool:
    """Whether Calotype alone writes it: what an author edited is named first."""
    return path.startswith(tuple(f"{folder}/" for folder in OWN_FOLDERS))
