"""What a command line asks for: targets by path or glob. Must not know what a target is."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from calotype.ground.diagnostics import Diagnostic, did_you_mean, error
from calotype.ground.folders import CONTENT, SPECS
from calotype.ground.paths import composed
from calotype.ground.target_names import spec_key_of

_WILD = frozenset("*?[")


class TargetPatterns:
    """Patterns over targets: `exercises/chin_tuck`, `exercises/chin_tuck/01`, `'scenes/*'`, a path of a spec or asset,
    or of a folder of them, from the project.

    A pattern means what it names and all below it. No patterns mean everything.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(map(spelled, patterns))
        self._met: set[str] = set()

    @property
    def everything(self) -> bool:
        return not self._patterns

    @property
    def unmet(self) -> list[str]:
        """The patterns that nothing met so far."""
        return [pattern for pattern in self._patterns if pattern not in self._met]

    @property
    def names(self) -> tuple[str, ...] | None:
        """The patterns where each is one name: of a spec, a target, or a file; None where one may mean many specs."""
        return None if self.everything or any(map(_may_mean_many, self._patterns)) else self._patterns

    def meet(self, target: str, *paths: str) -> bool:
        """Whether `target`, or one of the paths that stand for it, is asked for."""
        if not self._patterns:
            return True
        places = [*map(composed, paths)]
        names = [target, *(target.rsplit("/", up)[0] for up in range(1, target.count("/") + 1)), *places]
        met = [pattern for pattern in self._patterns if any(_matches(name, pattern) for name in names)
               or any(place.startswith(f"{pattern}/") for place in places)]
        self._met.update(met)
        return bool(met)

    def missed(self, known: Iterable[str]) -> list[Diagnostic]:
        """An error for each pattern that nothing met, with the nearest of the `known` names: read only then."""
        missed = self.unmet
        targets = {*known} if missed else set()
        names = sorted({*targets, *(target.rsplit("/", 1)[0] for target in targets), *map(spec_key_of, targets)})
        return [
            error("unknown-target", f"nothing is called `{pattern}`",
                  hint=did_you_mean(pattern, names) or "`calotype list` shows every target")
            for pattern in missed
        ]


def spelled(pattern: str) -> str:
    """A pattern as it is compared: without `./` before it and `/` behind it, its letters and accents together."""
    return composed(pattern.removeprefix("./").rstrip("/"))


def is_glob(pattern: str) -> bool:
    return not _WILD.isdisjoint(pattern)


def means_itself(pattern: str, target: str, path: str) -> bool:
    """Whether a pattern means this target, by its name or its asset's `path`, and not what it is below."""
    return any(_matches(name, pattern) for name in (target, composed(path)))


def _may_mean_many(pattern: str) -> bool:
    """A glob, a kind of spec, a folder of specs or assets; a name that may be spelled otherwise on disk."""
    if "/" not in pattern or is_glob(pattern) or not pattern.isascii():
        return True
    return pattern.startswith((f"{SPECS}/", f"{CONTENT}/")) and "." not in pattern.rpartition("/")[2]


def _matches(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)
