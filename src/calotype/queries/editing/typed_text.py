"""What is wrong with a file as it is being typed, by the same analysis as a build. Must not write anything."""

from __future__ import annotations

from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.folders import MARKER, POSES
from calotype.plan.analysis import Analysis
from calotype.project.changes import ChangeSet
from calotype.project.overrides import Profile
from calotype.project.specs import sources
from calotype.project.workspace import open_workspace
from calotype.queries.editing.spec_text import spec_path

SOME = 5
"""Specs that calotype.yaml is held against."""


def diagnose(root: Path, path: str, text: bytes) -> list[Diagnostic]:
    """What a build would find in the file at `path` if it held `text`, by place; of other specs it knows what the last
    build recorded, and reads those alone that this one refers to. What calotype.yaml is held against are the first
    SOME specs. Raises Problem for a path that is none of a spec's."""
    spec_path(root, path)
    with sources.typed(path, text):
        try:
            found = _diagnostics(root, path)
        except Problem as problem:
            found = problem.diagnostics
    return sorted(dict.fromkeys(found), key=lambda each: (each.file != path, each.line or 0, each.column or 0))


def _diagnostics(root: Path, path: str) -> list[Diagnostic]:
    is_shared = path == MARKER or path.startswith(f"{POSES}/")
    files = [path] if not is_shared else sources.spec_files(root)[:SOME] if path == MARKER else []
    with open_workspace(root, Profile()) as workspace:
        workspace.inputs.assumes = workspace.complete = True
        analysis = Analysis(workspace, ChangeSet(tuple(files), (), whole=is_shared), warn=True)
        analysis.check_shared()
        for _ in analysis.targets_of_specs():
            pass  # what is found is told in the diagnostics
        return [each for each in analysis.diagnostics if not is_shared or each.file in (path, None)]
