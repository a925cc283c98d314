"""What changed when the picture of a target was last replaced: written down before the new one is published.

So a kill in between loses none of it. A trace tells of the picture that it names as the new one: while another is
published it is left out.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from calotype.ground.light_dataclass import asdict
from calotype.ground.target_names import spec_key_of
from calotype.plan.explain import Places, changes_of
from calotype.plan.planned import Planned
from calotype.project.answers import Change
from calotype.results.sheet.memory import UNSHOWN
from calotype.results.sheet.model import Replaced, ShownChange
from calotype.store.page_memory import PageMemory


class Traces:
    """The traces of one build, on their way into `memory`: for each target the last change of its picture."""

    def __init__(self, memory: PageMemory) -> None:
        self._memory = memory
        self._noted: dict[tuple[str, str], str] = {}

    def note(self, planned: Planned, places: Places) -> None:
        """`planned` is about to be published: maybe in the place of another picture of its target."""
        line, chosen = planned.line, planned.chosen
        if line is None or chosen is None or chosen.key == line.action:
            return
        target = planned.image.target
        trace = {
            "changes": [asdict(change) for change in changes_of(planned, places)],
            "before": {"action": line.action, "pixels": line.pixels}, "after": planned.pixels,
        }
        self._noted[topic_of(target), target] = json.dumps(trace, ensure_ascii=False)
        self._noted[UNSHOWN, target] = ""

    def write(self) -> None:
        """To be called before what was noted is published. A disk that refuses costs the trace, and no picture."""
        with suppress(OSError):
            self._memory.put(self._noted)
        self._noted.clear()


def topic_of(target: str) -> str:
    """The topic in the memory that holds the traces of the target's spec."""
    return f"trace {spec_key_of(target)}"


def last_changes(memory: PageMemory, target: str, pixels: str) -> list[Change]:
    """What changed when the picture of `target`, of that pixel digest, took another's place; empty where nothing is
    known."""
    text = memory.get(topic_of(target), target)
    trace = json.loads(text) if text else {}
    return _changes(trace) if trace.get("after") == pixels else []


def replaced_in(memory: PageMemory, key: str) -> dict[str, tuple[str, Replaced]]:
    """By target of the spec `key`: the pixel digest of the picture that took another's place, and that other."""
    replaced = {}
    for target, text in memory.items(topic_of(key)).items():
        trace = json.loads(text)
        changes = tuple(map(shown_change, _changes(trace)))
        replaced[target] = trace["after"], Replaced(trace["before"]["action"], trace["before"]["pixels"], changes)
    return replaced


def _changes(trace: dict[str, Any]) -> list[Change]:
    return [Change(**change) for change in trace["changes"]]


def shown_change(change: Change) -> ShownChange:
    """A change as a page shows it."""
    return ShownChange(change.field, change.old, change.new, change.decided)
