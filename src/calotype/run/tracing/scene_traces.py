"""How the pictures of a scene came about, as files to be read: build/traces/<scene>/scene_<number>/.

The manifest and the caches hold all of it; these files say it in one place, shot by shot. A disk that refuses costs a
trace, and no picture.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from calotype.actions.enhances import ENHANCE
from calotype.ground.atomic import write_bytes
from calotype.ground.boundary import require_folder
from calotype.ground.diagnostics import Problem
from calotype.ground.folders import TRACES
from calotype.ground.target_names import candidate_seed, spec_key_of
from calotype.plan.explain import CHOSEN
from calotype.plan.judging_findings import in_words
from calotype.plan.planned import Planned
from calotype.plan.prompt_reviews import enhancement_in
from calotype.project.workspace import Workspace
from calotype.run.tracing.refused_answers import refusals_in, refusals_of
from calotype.run.tracing.scope import Scenes, oldest_kept
from calotype.run.tracing.trace_folders import (
    SUMMARY,
    folder_of,
    is_older,
    remove,
    renumber,
    target_in,
    trace_folders,
    watched_folders,
)


class Worked(Protocol):
    """A target that a build has worked on: what became of it and why, its place in its spec, from 0, and the facts
    of an action that failed."""

    target: str
    status: str
    reason: str
    place: int
    failure: Mapping[str, Any]


T = TypeVar("T", bound=Worked)


def write_traces(
    workspace: Workspace, plan: Callable[[T], Planned], entries: Iterable[T], scenes: Scenes
) -> list[str]:
    """Writes the traces of the shots that a build has worked on, and removes those that are not to be kept. `plan`
    tells what is known of one now. Returns the folders of those that are there now, and of those that were."""
    traces = _SceneTraces(workspace, plan)
    before = watched_folders(workspace.root)
    for key, targets in scenes.targets.items() if before else ():
        renumber(workspace.root, key, targets)
    worked = [entry for entry in entries if spec_key_of(entry.target).startswith("scenes/")]
    for entry in worked:
        traces.write(entry)
    traces.sweep(scenes, {entry.target for entry in worked})
    return list(dict.fromkeys([*before, *watched_folders(workspace.root)]))


class _SceneTraces(Generic[T]):
    """As `traces` of calotype.yaml says: of `all` shots that were worked on, of those that `failed` or await a person,
    or of `none`; those that are older than `days` are removed."""

    def __init__(self, workspace: Workspace, plan: Callable[[T], Planned]) -> None:
        self._workspace, self._plan = workspace, plan
        self._keep = str(workspace.shared.config.traces["keep"])
        self._root = workspace.root

    def write(self, entry: T) -> None:
        """The trace of a shot that was worked on; one that is not to be kept is removed. That of a shot that a stopped
        build did not come to stays as it is."""
        if not entry.status:
            return
        folder = folder_of(spec_key_of(entry.target), entry.place)
        failed = entry.status in ("failed", "awaiting")
        with suppress(OSError, Problem):
            require_folder(self._root, TRACES)
            remove(self._root, folder)
            if self._keep == "all" or (self._keep == "failed" and failed):
                self._write(self._root / folder, entry)

    def sweep(self, scenes: Scenes, worked: Collection[str]) -> None:
        """Removes the traces that are older than the days that calotype.yaml allows them, and those of scenes that are
        gone; where all scenes are known, also those that it does not allow, of shots that were not `worked` on."""
        limit = oldest_kept(self._workspace)
        for folder in trace_folders(self._root):
            key = f"scenes/{folder.split('/')[-2]}"
            is_gone = key not in scenes.targets and (scenes.whole or key in scenes.gone)
            if is_gone or is_older(self._root, folder, limit) or (
                    scenes.whole and self._keep != "all" and target_in(self._root, folder) not in worked):
                remove(self._root, folder)

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
        refusals = [*refusals_in(outputs), *refusals_of(entry.failure, 1)]
        for each in refusals:
            yield each.file, _text(each.text)
        is_made = planned.missing[:1] != (ENHANCE,)
        if is_made:
            yield "final_enhanced_prompt.txt", _text(final)
        yield SUMMARY, _json({
            "target": entry.target, "status": entry.status, "reason": entry.reason, "original_prompt": original,
            "final_prompt": final if is_made else None, "overall": outputs.get("score"),
            "threshold": request.get("threshold"), "rounds": rounds,
            "refused": [each.as_json() for each in refusals], "ended": outputs.get("ended", "")})

    def _outputs(self, planned: Planned) -> Mapping[str, Any]:
        """What the action cache holds of the enhancement: nothing of one that failed or was adopted."""
        action = enhancement_in(planned)
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
                         "overall": judgement.totals.get(made.output),
                         "kept_out": judgement.kept_out.get(made.output, "")})
        if rows:
            yield "quality_scores.json", _json(rows)
            words = "\n".join([_chosen(planned), *in_words(planned)]).replace("`", "")
            yield "selected_best.txt", _text(words)


def _request_of(planned: Planned) -> Mapping[str, Any]:
    action = enhancement_in(planned)
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
