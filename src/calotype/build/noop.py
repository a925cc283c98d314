"""The answer to `calotype build` when nothing changed: one look at every file, no heavy import.

Must not know what a spec is. It imports nothing but the store's look: each import here is paid by every no-op.
"""

from __future__ import annotations

import os
import sys
import time

from calotype import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from calotype.store.glance import Look

RECORD = "cache/state/record"
SETTLED = b"settled "
MARKER = "calotype.yaml"


_taken: dict[str, Look] = {}


def record_key() -> bytes:
    """The conditions under which a record may be believed: another Calotype or Python may decide otherwise."""
    return f"{__version__} {sys.version_info[:2]} {sys.platform}".encode()


def settled_summary(targets: int) -> bytes:
    """What the record of a build says that left nothing to do: how many targets are up to date."""
    return SETTLED + str(targets).encode()


def answer(words: list[str]) -> int | None:
    """The exit code of a plain `build` that has nothing to do, its answer printed; None when the builder must come."""
    started = time.perf_counter()
    options = _plain(words)
    root = _root(options[0]) if options is not None else None
    if options is None or root is None:
        return None
    found = look(root)
    if not found.unchanged or not found.summary.startswith(SETTLED):
        _taken[root] = found
        return None
    _print(found.summary[len(SETTLED):].decode(), time.perf_counter() - started, as_json=options[1], quiet=options[2])
    return 0


def look(root: str) -> Look:
    """The look at the project at `root` (an absolute path). The one that `answer` has just taken is not taken again."""
    if root in _taken:
        return _taken.pop(root)
    from calotype.store.glance import look as compare

    return compare(root, f"{root}/{RECORD}", record_key())


def _plain(words: list[str]) -> tuple[str, bool, bool] | None:
    """(folder to start from, --json, --quiet) of a build of everything as it stands; None for any other command line."""
    start, as_json, quiet, rest = ".", False, False, list(words)
    if rest.count("build") != 1:
        return None
    rest.remove("build")
    while rest:
        word = rest.pop(0)
        if word == "--json":
            as_json = True
        elif word in ("-q", "--quiet"):
            quiet = True
        elif word == "--project" and rest:
            start = rest.pop(0)
        elif word.startswith("--project="):
            start = word[len("--project="):]
        elif word not in ("-v", "--verbose", "-k", "--keep-going", "--fail-fast", "--offline"):
            return None
    return start, as_json, quiet


def _root(start: str) -> str | None:
    """The nearest folder at or above `start` that is a project."""
    here = os.path.realpath(start)
    while not os.path.isfile(os.path.join(here, MARKER)):
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above
    return here


def _print(targets: str, seconds: float, as_json: bool, quiet: bool) -> None:
    if as_json:
        sys.stdout.write(
            '{"schema": 1, "renders": 0, "cache_hits": 0, "up_to_date": %s, "failed": 0, "removed": 0, "awaiting": 0, '
            '"seconds": %.3f, "targets": [], "diagnostics": []}\n' % (targets, seconds)
        )
    elif not quiet:
        sys.stdout.write(f"nothing rendered, {targets} up to date ({seconds:.1f} s)\n")
