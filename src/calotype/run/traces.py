"""What changed in the last build that touched a target, kept beside the sheets. Must not know how it is shown.

It is written down before a picture is published, so that a kill loses none of it; what names a picture that is not
published is told to nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from calotype.ground.target_names import spec_key_of
from calotype.plan.explain import Places, changes_of
from calotype.plan.planned import Planned
from calotype.project.answers import Change
from calotype.results.sheet.model import Change as Told
from calotype.results.sheet.model import Replaced

FOLDER = "build/traces"
SCHEMA = 2
_UNTOLD, _MOST = f"{FOLDER}/replaced.json", 1000
"""Which pictures were replaced since pages were last written, and how many names are kept: nobody looks at more."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Traces:
    """One small JSON file per spec under build/traces/, holding for each target the last change of its picture.
    `replaced` are the targets whose pictures this build replaced, and those before it that could not tell it."""

    def __init__(self, root: Path) -> None:
        self._replaced = dict.fromkeys(_read(root / _UNTOLD))
        self._kept = len(self._replaced)
        self._root = root
        self._noted: dict[str, dict[str, Any]] = {}

    @property
    def replaced(self) -> list[str]:
        return list(self._replaced)

    def note(self, planned: Planned, places: Places) -> None:
        """`planned` is about to be published: maybe in the place of another picture of its target."""
        line, choice = planned.line, planned.verdict.choice
        if line is None or choice is None or planned.keys[choice.index] == line.action:
            return
        target = planned.image.target
        self._replaced[target] = None
        self._noted.setdefault(spec_key_of(target), {})[target] = {
            "changes": [asdict(change) for change in changes_of(planned, places)],
            "before": {"action": line.action, "pixels": line.pixels}, "after": planned.pixels,
        }

    def write(self) -> None:
        """To be called before what was noted is published. A disk that refuses costs what is told, and no picture."""
        for name, targets in self._noted.items():
            path = self._root / FOLDER / f"{name}.json"
            _write(path, {"schema": SCHEMA, "targets": {**_read(path), **targets}})
        if self._kept < min(len(self._replaced), _MOST):
            kept = dict.fromkeys(islice(self._replaced, _MOST))
            _write(self._root / _UNTOLD, {"schema": SCHEMA, "targets": kept})
            self._kept = len(kept)
        self._noted.clear()

    def told(self) -> None:
        """The pages show what was `replaced`."""
        (self._root / _UNTOLD).unlink(missing_ok=True)


def last_changes(root: Path, target: str, pixels: str) -> list[Change]:
    """What changed when the picture of `target`, of that pixel digest, took another's place; empty where nothing is
    known."""
    found = _read(root / FOLDER / f"{spec_key_of(target)}.json").get(target, {})
    try:
        return [Change(**change) for change in found["changes"]] if found["after"] == pixels else []
    except (KeyError, TypeError):
        return []


def replaced_in(root: Path, key: str) -> dict[str, tuple[str, Replaced]]:
    """By target of the spec `key`: the pixel digest of the picture that took another's place, and that other. What
    cannot be understood is not told."""
    found = {}
    for target, one in _read(root / FOLDER / f"{key}.json").items():
        with suppress(KeyError, TypeError):
            changes = [Change(**change) for change in one["changes"]]
            told = tuple(Told(change.field, change.old, change.new, _place(change)) for change in changes)
            action, pixels = one["before"]["action"], one["before"]["pixels"]
            if _DIGEST.fullmatch(pixels):  # it names a file
                found[target] = str(one["after"]), Replaced(str(action), pixels, told)
    return found


def _place(change: Change) -> str:
    return f"{change.file}:{change.line}" if change.line else change.file or ""


def _write(path: Path, value: Mapping[str, Any]) -> None:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(value, indent=1, ensure_ascii=False)
        path.write_bytes(text.encode())  # cut short by a kill: as if not there


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
        return dict(value["targets"]) if value["schema"] == SCHEMA else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
