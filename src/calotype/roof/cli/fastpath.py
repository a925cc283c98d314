"""The answer to a plain `calotype build` when nothing changed: one comparison of every file, no heavy import.

Each import here is paid by every no-op.
"""

from __future__ import annotations

import time

from calotype.ground.boundary import fault_in_own_places, nearest_root
from calotype.project.last_build import compare_with_last_build, settled_targets
from calotype.roof.cli.stdout import echo, echo_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from calotype.project.last_build import Comparison

_SWITCHES = {
    "--json": ("as_json", True), "-q": ("quiet", True), "--quiet": ("quiet", True), "-v": ("verbose", True),
    "--verbose": ("verbose", True), "-k": ("keep_going", True), "--keep-going": ("keep_going", True),
    "--fail-fast": ("keep_going", False),
}


def exit_code_if_current(words: list[str]) -> tuple[int | None, Comparison | None]:
    """The exit code of a plain `build` that has nothing to do, its answer printed; None when the builder must come.
    With it the comparison that was made, which the builder need not make again."""
    started = time.perf_counter()
    plain = plain_build(words)
    root = nearest_root(plain.start or ".") if plain is not None else None
    if plain is None or root is None or fault_in_own_places(root) is not None:
        return None, None
    diff = compare_with_last_build(root)
    targets = settled_targets(diff)
    if targets is None:
        return None, diff
    print_current(targets, time.perf_counter() - started, plain)
    return 0, diff


class PlainBuild:
    """A build of everything as it stands: where to look for the project, and how to say what became of it."""

    __slots__ = ("as_json", "keep_going", "quiet", "start", "verbose")

    def __init__(self) -> None:
        self.start: str | None = None
        self.as_json = self.quiet = self.verbose = False
        self.keep_going = True


def plain_build(words: Sequence[str]) -> PlainBuild | None:
    """The plain build that a command line asks for; None for any other, which is click's to read."""
    plain, rest = PlainBuild(), list(words)
    if rest.count("build") != 1:
        return None
    rest.remove("build")
    while rest:
        word = rest.pop(0)
        if word in _SWITCHES:
            name, value = _SWITCHES[word]
            setattr(plain, name, value)
        elif word == "--project" and rest:
            plain.start = rest.pop(0)
        elif word.startswith("--project="):
            plain.start = word[len("--project="):]
        else:
            return None
    return plain


def print_current(targets: int, seconds: float, plain: PlainBuild) -> None:
    """Says of a plain build that there was nothing to do."""
    if plain.as_json:
        echo(
            f'{{"schema": 1, "renders": 0, "cache_hits": 0, "up_to_date": {targets}, "failed": 0, "removed": 0, '
            '"awaiting": 0, '
            f'"seconds": {seconds:.3f}, "targets": [], "diagnostics": [], '
            '"actions": {"condition": 0, "render": 0, "score": 0}, '
            '"estimate": {"seconds": 0.0, "price": 0.0, "currency": "USD"}}'
        )
    elif not plain.quiet:
        echo_status(f"nothing rendered, {targets} up to date ({seconds:.1f} s)")
