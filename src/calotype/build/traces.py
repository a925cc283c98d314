"""What changed in the last build that touched a target, kept beside the sheets. Must not know how it is shown."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from calotype.build.answers import Change
from calotype.build.planner import Planned
from calotype.build.reasons import Places, changes_of

FOLDER = "build/traces"
SCHEMA = 1
_KEPT = 64


class Traces:
    """One small JSON file per spec under build/traces/, holding for each target the last change of its picture."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._noted: dict[str, dict[str, Any]] = {}

    def note(self, planned: Planned, places: Places) -> None:
        """`planned` is being published in the place of another picture of its target."""
        line, choice = planned.line, planned.verdict.choice
        if line is None or choice is None or planned.keys[choice.index] == line.action:
            return
        kind, name = planned.image.target.split("/")[:2]
        self._noted.setdefault(f"{kind}/{name}", {})[planned.image.target] = {
            "changes": [asdict(change) for change in changes_of(planned, places)],
            "before": line.sha256, "after": planned.made[planned.keys[choice.index]].blob,
        }
        if len(self._noted) > _KEPT:
            self.write()

    def write(self) -> None:
        for name, targets in self._noted.items():
            path = self._root / FOLDER / f"{name}.json"
            value = {"schema": SCHEMA, "targets": {**_read(path), **targets}}
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(value, indent=1, ensure_ascii=False)
            path.write_bytes(text.encode())  # cut short by a kill: as if not there
        self._noted.clear()


def last_changes(root: Path, target: str) -> list[Change]:
    """What changed when `target`'s picture was last replaced; empty where nothing is known."""
    kind, name = target.split("/")[:2]
    found = _read(root / FOLDER / kind / f"{name}.json").get(target, {})
    return [Change(**change) for change in found.get("changes", ())]


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
        return dict(value["targets"]) if value["schema"] == SCHEMA else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
