"""How published pictures came about: prompt, LoRAs by name, likeness, seconds. Must not read a picture."""

from __future__ import annotations

from pathlib import Path

from calotype.language.lora_digests import lora_digests
from calotype.plan.planned import Planned
from calotype.project.answers import ResultRecord
from calotype.project.workspace import Workspace
from calotype.queries.status import status_query
from calotype.results.publish.line import LIKENESS, Line
from calotype.results.publish.proof import RENDERED


def results(root: Path, patterns: tuple[str, ...]) -> list[ResultRecord]:
    """Of every target that is published, in their order. Raises Problem for what is invalid."""
    with status_query(root, patterns) as query:
        records = [result_of(found.planned, query.workspace) for found in query.targets()]
    return [record for record in records if record is not None]


def result_of(planned: Planned, workspace: Workspace) -> ResultRecord | None:
    """None where nothing is published. The manifest tells all of it but the names of LoRAs, which those in use give,
    and the seconds, which the action cache holds of what was rendered here."""
    line = planned.kept or planned.line
    if line is None:
        return None
    rendered = line.origin == RENDERED
    return ResultRecord(
        line.target, line.path, _prompt(line) if rendered else "",
        tuple(_loras(line, planned, workspace)) if rendered else (), _likeness(line),
        _seconds(line, workspace) if rendered else None)


def _prompt(line: Line) -> str:
    prompt = line.request.get("prompt")
    return prompt if isinstance(prompt, str) else line.prompt


def _loras(line: Line, planned: Planned, workspace: Workspace) -> list[str]:
    """Those of a former request that nothing calls by a name any more stand with the start of their digest."""
    digests = lora_digests(line.request)
    names = {**workspace.inputs.lora_names(), **planned.lora_names} if digests else {}
    return [names.get(digest, digest[:12]) for digest in digests]


def _likeness(line: Line) -> float | None:
    number = line.pick.candidate
    scores = line.candidates[number - 1].scores if 0 < number <= len(line.candidates) else {}
    return scores.get(LIKENESS)


def _seconds(line: Line, workspace: Workspace) -> float | None:
    result = workspace.cache.get(line.action)
    seconds = result.facts.get("seconds") if result is not None else None
    return float(seconds) if isinstance(seconds, int | float) else None
