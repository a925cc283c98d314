"""A plug-in whose members are believed nothing unchecked: what one raises, or gives amiss, is told as a fault of the
plug-in, with its name and its place.

It is for what planning and setting up ask. What `perform` and `run` answer is checked where they are run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from calotype.ground.diagnostics import Problem, error
from calotype.ground.digest import canonical_json
from calotype.ground.finding import Finding
from calotype.ground.refusals import REFUSALS
from calotype.workers.protocol import Estimate

LANES = ("cpu", "device", "network")


class Guarded:
    """`plugin` as the rest of the program sees it: the same members, and each asked with care. `kind` and `name` are
    those under which the entry point offers it, `source` is its distribution."""

    def __init__(self, plugin: object, kind: str, name: str, source: str) -> None:
        self.plugin = plugin
        self._kind, self._name, self._source = kind, name, source

    def __getattr__(self, member: str) -> Any:
        try:
            value = getattr(self.plugin, member)
        except AttributeError:
            raise
        except Exception as failure:
            self.fails(member, failure)
        if member in _ATTRIBUTES:
            return self._checked(member, value, _ATTRIBUTES[member])
        return partial(self._call, member, value) if member in _METHODS and callable(value) else value

    def _call(self, member: str, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        try:
            answer = method(*arguments, **named)
            if member in ("diagnose", "lacks") and isinstance(answer, Iterable):
                answer = list(answer)
        except Problem:
            raise
        except (Exception, SystemExit) as failure:
            if isinstance(failure, OSError) and failure.filename is not None and failure.errno in REFUSALS:
                raise  # the system refuses a file, which is told as what it is
            self.fails(member, failure)
        answer = self._checked(member, answer, _METHODS[member])
        if member == "request" and self._kind in _ABOUT_PICTURES and answer is not None:
            self._require_about(answer, arguments[-1])
        return answer

    def _require_about(self, request: Mapping[str, Any], pixels: str) -> None:
        """A judgement counts for the picture and the judge that its request names: they are those that were asked."""
        if "action" in request:
            self.refuse("gives a `request` with the key `action`, which Calotype writes")
        for key, due in (("pixels", pixels), (self._kind, self._name)):
            if request[key] != due:
                self.refuse(f"gives a `request` whose `{key}` is not what it was asked for")

    def _checked(self, member: str, value: Any, fault: Fault) -> Any:
        reason = fault(value, self._kind)
        if reason is not None:
            self.refuse(f"gives a `{member}` that {reason}")
        return value

    def fails(self, member: str, failure: BaseException) -> NoReturn:
        self.refuse(f"fails in `{member}`: {words_of(failure)}{_place(failure)}", failure)

    def refuse(self, reason: str, cause: BaseException | None = None) -> NoReturn:
        """Raises Problem: `reason` goes on from the name of the plug-in."""
        raise broken(self._kind, self._name, self._source, reason) from cause


def broken(kind: str, name: str, source: str, reason: str) -> Problem:
    """A plug-in that cannot be used: `reason` goes on from its name."""
    hint = f"reinstall, update or remove {source}, or use another {kind}"
    return Problem(error(f"broken-{kind}", f"the {kind} `{name}` of {source} {reason}", hint=hint))


def words_of(failure: BaseException) -> str:
    """What was raised, on one line that can be written anywhere; its own words may themselves fail."""
    try:
        message = str(failure)
    except Exception:
        message = ""
    lines = [line.strip() for line in printable(message).splitlines() if line.strip()]
    return ": ".join([type(failure).__name__, *lines[:1]])


def printable(text: str) -> str:
    """`text` without halves of surrogate pairs, which no file takes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _place(failure: BaseException) -> str:
    """Where it was raised: ` (swatch.py:12)`."""
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace is not None else ""


def _request_fault(request: Any, kind: str) -> str | None:
    """A request is JSON, and says what its key is made of: who performs it, in which epoch, of what. A
    scorer that has nothing to say of an image gives none."""
    if request is None and kind == "scorer":
        return None
    if not isinstance(request, Mapping):
        return f"is a `{type(request).__name__}`, no mapping"
    lacking = [name for name in (kind, "epoch", _SUBJECT[kind]) if name not in request]
    if lacking:
        return f"lacks {', '.join(f'`{name}`' for name in lacking)}"
    if not all(isinstance(name, str) for name in request):
        return "has a key that is no text"
    try:
        canonical_json(dict(request))
    except (TypeError, ValueError, RecursionError) as failure:
        return f"is not JSON: {printable(str(failure))}"
    return None


def _affinity_fault(affinity: Any, _kind: str) -> str | None:
    if not isinstance(affinity, (tuple, list)) or not all(isinstance(part, str) for part in affinity):
        return "is no tuple of texts"
    return None


def _estimate_fault(estimate: Any, _kind: str) -> str | None:
    if not isinstance(estimate, Estimate):
        return f"is a `{type(estimate).__name__}`, no Estimate"
    for number in (estimate.seconds, estimate.price):
        if type(number) not in (int, float) or not math.isfinite(number) or number < 0:
            return f"holds {number!r}, which is no finite number from 0 on"
    return None if isinstance(estimate.currency, str) else "names no currency"


def _reason_fault(reason: Any, _kind: str) -> str | None:
    if reason is None:
        return None
    pair = isinstance(reason, (tuple, list)) and len(reason) == 2 and all(isinstance(part, str) for part in reason)
    return None if pair else "is neither None nor a reason and a hint"


def _lacks_fault(lacks: Any, _kind: str) -> str | None:
    rows = lacks if isinstance(lacks, list) else [None]
    sound = all(isinstance(row, (tuple, list)) and len(row) == 3 and all(isinstance(part, str) for part in row)
                for row in rows)
    return None if sound else "gives something else than fields, each with a reason and a hint"


def _findings_fault(findings: Any, _kind: str) -> str | None:
    sound = isinstance(findings, list) and all(isinstance(finding, Finding) for finding in findings)
    return None if sound else "gives something else than Findings"


def _lane_fault(lane: Any, _kind: str) -> str | None:
    return None if isinstance(lane, str) and lane in LANES else f"is {lane!r}; it must be one of {', '.join(LANES)}"


def _section_fault(section: Any, _kind: str) -> str | None:
    return None if section is None or isinstance(section, str) else "is no text"


def _limit_fault(limit: Any, _kind: str) -> str | None:
    return None if limit is None or (type(limit) is int and limit > 0) else "is neither None nor a number from 1 on"


def _no_fault(_answer: Any, _kind: str) -> None:
    return None


Fault = Callable[[Any, str], str | None]
"""What is wrong with a value that a plug-in of a kind gives; None where it is sound."""

_SUBJECT = {"renderer": "seed", "scorer": "pixels", "identity": "pixels"}
_ABOUT_PICTURES = ("scorer", "identity")
_ATTRIBUTES: Mapping[str, Fault] = {"lane": _lane_fault, "section": _section_fault, "prompt_limit": _limit_fault}
_METHODS: Mapping[str, Fault] = {
    "request": _request_fault, "affinity": _affinity_fault, "estimate": _estimate_fault, "configure": _no_fault,
    "unavailable_reason": _reason_fault, "lacks": _lacks_fault, "diagnose": _findings_fault, "close": _no_fault,
    "prompt_limit_for": _limit_fault,
}
