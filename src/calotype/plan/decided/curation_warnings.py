"""Warnings about pictures that fell out of a training set, or of which decisions contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, warning
from calotype.language.spec import Spec
from calotype.plan.decided.curation import PARTICIPLES, Curation, curation_of, decision_words, look_at
from calotype.project.decisions.index import Entry
from calotype.project.workspace import Workspace


class CurationWarnings:
    """Those of a pass over specs. A build gives them anew once it has published: they are about what is published."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._given: list[Diagnostic] = []

    def warn(self, target: str, curation: Curation) -> list[Diagnostic]:
        warnings = list(curation_warnings(target, curation, self._workspace.root))
        self._given += warnings
        return warnings

    def renew(
        self, rows: Iterable[tuple[str, Sequence[tuple[str, str]], Mapping[str, tuple[Entry, ...]]]],
        diagnostics: list[Diagnostic], by_file: dict[str, list[Diagnostic]],
    ) -> None:
        """Puts new warnings into `diagnostics` and among those `by_file`, in the place of the old ones. A row is a
        spec's file, its targets with their paths, and the decisions about them."""
        old, self._given = self._given, []
        diagnostics[:] = [diagnostic for diagnostic in diagnostics if diagnostic not in old]
        for file, targets, decisions in rows:
            others = [warned for warned in by_file.pop(file, []) if warned not in old]
            new = [warned for target, path in targets for warned in self._warn(target, path, decisions)]
            diagnostics += new
            if others or new:
                by_file[file] = [*others, *new]

    def _warn(self, target: str, path: str, decisions: Mapping[str, tuple[Entry, ...]]) -> list[Diagnostic]:
        line = self._workspace.manifest.line(target, path) if target in decisions else None
        return self.warn(target, curation_of(decisions.get(target, ()), None if line is None else line.pixels))


def no_set_warnings(spec: Spec, entries: Sequence[Entry], root: Path) -> Iterator[Diagnostic]:
    """A warning where pictures of a spec are included or excluded, and there is no set that they could be in."""
    if spec.training_set is None and entries:
        entry = entries[0]
        hint = f"add to {spec.file} `training_set: {{trigger_word: {spec.id}}}`" if spec.kind == "character" else (
            "remove the decision: a set is of the anchors and variations of a character")
        message = f"this {entry.decision.decision} moves nothing: {spec.kind} `{spec.id}` has no training set"
        yield warning(
            "no-training-set", message, file=entry.file, line=entry.line(root), hint=hint)


def curation_warnings(target: str, curation: Curation, root: Path) -> Iterator[Diagnostic]:
    """A warning where decisions contradict each other, as a merge may leave them, or where a picture has fallen out."""
    first, *rest = curation.entries or (None,)
    if first is None:
        return
    if curation.state == "contradicting":
        others = ", ".join(
            f"{PARTICIPLES[entry.decision.decision]} in {entry.file}:{entry.line(root)}" for entry in rest)
        yield warning(
            "contradicting-decisions", f"the picture of `{target}` is {PARTICIPLES[first.decision.decision]} here, and"
            f" otherwise {others}: it is in no training set", file=first.file, line=first.line(root),
            hint=f"remove all but one, or decide anew: {look_at(target)}")
    elif curation.state == "fallen-out":
        yield warning(
            "fallen-out", f"the picture of `{target}` is another than that which is {decision_words(first)} here:"
            " it has fallen out of the training set", file=first.file, line=first.line(root), hint=look_at(target))
