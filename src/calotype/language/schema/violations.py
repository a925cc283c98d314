"""A schema's complaints, each at its place, none twice. Must not know which kind of file it reads, nor any wording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Diagnostic
from calotype.language.pose import check as check_pose
from calotype.language.schema.messages import Fault, Finding, Pointer, Schema, bad_key, say
from calotype.language.yaml.document import Document

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

ABOUT_KEYS = ("unknown-joint", "wrong-side", "needs-side", "pose-conflict")
"""What is found in a pose and is wrong with a key, not with its value."""

_NEEDS_LIBRARY = ("unknown-pose", "pose-cycle")
_LARGEST_POSE = 300
_HOLD_SETTINGS = ("defaults", "anchors")
_BESIDE_OTHERS = ("unknown-key", "missing-key", "pose-conflict")


def diagnostics(document: Document, schema: Schema, errors: Iterable[ValidationError], most: int) -> list[Diagnostic]:
    """One diagnostic for each fault, at most `most` of them, sorted by place."""
    reader = _Reader(document, schema)
    findings = islice((finding for error in errors for finding in reader.findings(error)), most)
    shown = [
        document.error(finding.code, finding.message, finding.pointer, key=finding.key, hint=finding.hint)
        for finding in _weeded(findings)[:most]
    ]
    return sorted(shown, key=lambda diagnostic: (diagnostic.line or 0, diagnostic.column or 0))


def _weeded(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once; and for one value only its first fault, a wrong type before all others."""
    first: dict[Pointer, Finding] = {}
    beside: dict[Finding, None] = {}
    for finding in findings:
        if finding.code in _BESIDE_OTHERS:
            beside[finding] = None
        elif finding.pointer not in first or (finding.code == "wrong-type" != first[finding.pointer].code):
            first[finding.pointer] = finding
    return [*first.values(), *beside]


class _Reader:
    """Turns the validator's errors on one document into findings."""

    def __init__(self, document: Document, schema: Schema) -> None:
        self.document = document
        self.schema = schema
        self._poses: dict[Pointer, list[Finding]] = {}

    def findings(self, error: ValidationError) -> Iterator[Finding]:
        pointer: Pointer = tuple(error.absolute_path)
        pose = self._pose_around(pointer)
        if pose is not None and (faults := self._faults(pose)):
            yield from faults
        elif nearest := _nearest(error):
            for inner in nearest:
                yield from self.findings(inner)
        elif "propertyNames" in error.schema_path:
            yield bad_key(pointer, str(error.instance))
        else:
            value = _at(self.document.data, pointer)
            keyword, written = str(error.validator), self.document.written(pointer)
            yield from say(Fault(pointer, value, keyword, error.schema, written))

    def _pose_around(self, pointer: Pointer) -> Pointer | None:
        """Where the pose begins that `pointer` leads into, or None."""
        if self.schema["$id"].split(":")[3] == "pose":
            return ()
        for index, step in enumerate(pointer):
            of_settings = index == 0 or isinstance(pointer[index - 1], int) or pointer[index - 1] in _HOLD_SETTINGS
            if step == "pose" and of_settings:
                start = pointer[: index + 1]
                return start if isinstance(_at(self.document.data, start), Mapping) else None
        return None

    def _faults(self, start: Pointer) -> list[Finding]:
        """What the language of poses says of the pose at `start`, in a physiotherapist's words."""
        if start not in self._poses:
            value = _at(self.document.data, start)
            faults = check_pose(value, {}) if _size(value) <= _LARGEST_POSE else []
            self._poses[start] = [
                Finding((*start, *fault.pointer), fault.code, fault.message, fault.hint, fault.code in ABOUT_KEYS)
                for fault in faults
                if fault.severity == "error" and fault.code not in _NEEDS_LIBRARY
            ]
        return self._poses[start]


def _size(value: Any) -> int:
    """How many values there are in `value`."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, inner))


def _nearest(error: ValidationError) -> list[ValidationError]:
    """The complaints of the one branch whose type the value has; none if no branch, or several, have it."""
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [
        branch for branch in branches.values()
        if not any(inner.validator == "type" and not inner.path for inner in branch)
    ]
    return fitting[0] if len(fitting) == 1 else []


def _at(data: Any, pointer: Pointer) -> Any:
    for part in pointer:
        data = data[part]
    return data
