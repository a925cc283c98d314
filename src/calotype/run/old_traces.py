"""What an earlier Calotype kept of its pages in files under build/: taken into the memory once, then removed.

`build/traces/KIND/SPEC.json` held the traces, `build/traces/replaced.json` the targets that no page had shown yet, and
`build/.sheets/` what can be made again, but for the targets on the page of changes. What cannot be read is lost.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from calotype.ground.files import read_file
from calotype.ground.folders import TRACES
from calotype.results.sheet.memory import CHANGED, MORE, UNSHOWN
from calotype.run.traces import topic_of
from calotype.store.page_memory import PageMemory

SHEETS = "build/.sheets"
LARGEST = 1 << 26
"""Bytes of a file; one that is cut off at them is no JSON, and lost."""
_SCHEMA = 2
_DIGEST = re.compile(r"[0-9a-f]{64}")


def take_over(root: Path, memory: PageMemory) -> None:
    """Remembers what the files tell, but for what is remembered already. Writes nothing where there are none."""
    if not (root / TRACES).is_dir():
        return
    update: dict[tuple[str, str], str | None] = {}
    for path in sorted((root / TRACES).glob("*/*.json")):
        for target, trace in _read(path, "targets").items():
            if _is_trace(trace) and memory.get(topic_of(target), target) is None:
                update[topic_of(target), target] = json.dumps(trace, ensure_ascii=False)
    update |= {(UNSHOWN, target): "" for target in _read(root / TRACES / "replaced.json", "targets")}
    parts = _read(root / SHEETS / "changed.json", "parts")
    if parts and not memory.items(CHANGED):
        update |= {(CHANGED, target): "" for target in parts} | {(CHANGED, MORE): "0"}
    memory.put(update)


def remove(root: Path) -> None:
    """Removes them. The traces of scenes, a folder for each shot, lie beside them."""
    shutil.rmtree(root / SHEETS, ignore_errors=True)
    folder = root / TRACES
    if not folder.is_dir():
        return
    for file in (folder / "replaced.json", *folder.glob("*/*.json")):
        with suppress(OSError):
            file.unlink()
    for emptied in (*folder.glob("*"), folder):
        with suppress(OSError):
            emptied.rmdir()


def _read(path: Path, field: str) -> Mapping[str, Any]:
    """The targets in a file: of traces, which carry a schema version, or of the parts of the page of changes."""
    try:
        value = json.loads(read_file(path, LARGEST)[0])
        return dict(value[field]) if value.get("schema", _SCHEMA) == _SCHEMA else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _is_trace(trace: Any) -> bool:
    """Whether it is what a build wrote."""
    try:
        fields, before = {"field", "old", "new", "file", "line"}, trace["before"]
        digests = (before["action"], before["pixels"], trace["after"])
        return all(map(_DIGEST.fullmatch, digests)) and all(set(change) == fields for change in trace["changes"])
    except (KeyError, TypeError):
        return False
