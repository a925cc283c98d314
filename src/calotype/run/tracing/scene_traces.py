"""How the pictures of a scene came about, as files to be read: build/traces/<scene>/scene_<number>/.

The manifest and the caches hold all of it; these files say it in one place, shot by shot. A disk that refuses costs a
trace, and no picture.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from calotype.actions.enhances import ENHANCE
from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import Problem
from calotype.ground.folders import TRACES
from calotype.ground.target_names import TargetName, candidate_seed
from calotype.language.action import Action
from calotype.plan.explain import CHOSEN
from calotype.plan.planned import Planned
from calotype.project.workspace import Workspace

_DAY = 86400


class Worked(Protocol):
    """A target that a build has worked on: what became of it and why, and its place in its spec, from 0."""

    target: str
    status: str
    reason: str
    place: int


T = TypeVar("T", bound=Worked)


def write_traces(workspace: Workspace, plan: Callable[[T], Planned], entries: Iterable[T]) -> None:
    """Writes the traces of the shots that a build has worked on, and removes those that are too old. `plan` tells what
    is known of one now."""
    scenes = [entry for entry in entries if entry.target.startswith("scenes/")]
    traces = _SceneTraces(workspace, plan)
    for entry in scenes:
        traces.write(entry)
    if scenes:
        traces.sweep()


class _SceneTraces(Generic[T]):
    """As `traces` of calotype.yaml says: of `all` shots that were worked on, of those that `failed` or await a person,
    or of `none`; those that are older than `days` are removed."""

    def __init__(self, workspace: Workspace, plan: Callable[[T], Planned]) -> None:
        self._workspace, self._plan = workspace, plan
        self._keep = str(workspace.shared.config.traces["keep"])
        self._folder = workspace.root / TRACES

    def write(self, entry: T) -> None:
        """The trace of a shot that was worked on; one that is not to be kept is removed."""
        folder = self._folder / TargetName(entry.target).spec_id / f"scene_{entry.place + 1}"
        with suppress(OSError, Problem):
            failed = entry.status in ("failed", "awaiting")
            if folder.exists():
                shutil.rmtree(folder)
            if self._keep == "all" or (self._keep == "failed" and failed):
                self._write(folder, entry)

    def sweep(self) -> None:
        """Removes the traces that are older than the days that calotype.yaml allows them."""
        days = float(self._workspace.shared.config.traces["days"])
        with suppress(OSError):
            for folder in self._folder.glob("*/scene_*"):
                if time.time() - folder.stat().st_mtime > days * _DAY:
                    shutil.rmtree(folder)
                    with suppress(OSError):
                        folder.parent.rmdir()

    def _write(self, folder: Path, entry: T) -> None:
        planned = self._plan(entry)
        for name, data in chain(self._prompts(planned, entry), self._pictures(planned)):
            write_bytes(folder / name, data, durable=False)

    def _prompts(self, planned: Planned, entry: T) -> Iterator[tuple[str, bytes]]:
        """The prompt before and after, and each round between."""
        final, outputs, request = planned.image.words().prompt, self._outputs(planned), _request_of(planned)
        original, rounds = str(request.get("prompt", final)), outputs.get("rounds", [])
        yield "00_original_prompt.txt", _text(original)
        for number, each in enumerate(rounds, 1):
            yield f"{2 * number - 1:02d}_agent1_iteration_{number}.txt", _text(each["text"])
            yield f"{2 * number:02d}_agent2_iteration_{number}.txt", _text(_review(each))
        if planned.missing[:1] != (ENHANCE,):
            yield "final_enhanced_prompt.txt", _text(final)
        yield "prompt_trace_summary.json", _json({
            "target": entry.target, "status": entry.status, "reason": entry.reason, "original_prompt": original,
            "final_prompt": final, "overall": outputs.get("score"), "threshold": request.get("threshold"),
            "rounds": rounds, "ended": outputs.get("ended", "")})

    def _outputs(self, planned: Planned) -> Mapping[str, Any]:
        """What the action cache holds of the enhancement: nothing of one that failed or was adopted."""
        action = _enhancement_of(planned)
        result = self._workspace.cache.get(action.key) if action is not None else None
        return result.outputs if result is not None else {}

    def _pictures(self, planned: Planned) -> Iterator[tuple[str, bytes]]:
        """The candidates, what each is worth, and why one of them stands."""
        rows = []
        for number, key in enumerate(planned.keys, 1):
            made = planned.made.get(key)
            if made is None:
                continue
            place = self._workspace.results.place(made)
            if place is not None:
                yield f"image_{number}.png", place.read_bytes()
            judgement = planned.judgement
            rows.append({"image": f"image_{number}.png", "seed": candidate_seed(planned.image.seed, number - 1),
                         "pixels": made.output, "scores": judgement.numbers(made.output),
                         "kept_out": judgement.kept_out.get(made.output, "")})
        if rows:
            yield "quality_scores.json", _json(rows)
            yield "selected_best.txt", _text(_chosen(planned))


def _enhancement_of(planned: Planned) -> Action | None:
    actions = chain(planned.perform, (action for action, _ in planned.used))
    return next((action for action in actions if action.kind == ENHANCE), None)


def _request_of(planned: Planned) -> Mapping[str, Any]:
    action = _enhancement_of(planned)
    request: dict[str, Any] = json.loads(action.components) if action is not None else {}
    return request


def _chosen(planned: Planned) -> str:
    choice = planned.verdict.choice
    if choice is None:
        return "none stands: a person decides"
    if choice.index >= len(planned.keys):
        return "a picture that was put in by hand"
    return f"image_{choice.index + 1}.png, chosen {CHOSEN.get(choice.by, choice.by)}"


def _review(of_round: Mapping[str, Any]) -> str:
    scores = [f"{name}: {score:g}" for name, score in of_round["scores"].items()]
    lacking = [f"lacks: {remark}" for remark in of_round["critique"]]
    refused = [f"refused before: {'; '.join(reasons)}" for reasons in of_round["refused"]]
    return "\n".join([*scores, f"overall: {of_round['overall']:g}", *lacking, *refused])


def _text(text: str) -> bytes:
    return f"{text}\n".encode()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
