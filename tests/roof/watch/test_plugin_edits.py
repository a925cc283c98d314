"""A project kept open while the code of its renderer changes, or while its state was found damaged."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import sketch

from calotype.api import KeptProject
from calotype.ground.folders import STATE_DB
from calotype.project.outcome import Outcome
from conftest import Space, settle

SPEC = """\
kind: exercise
id: nod
region: neck
images:
  - {view_angle: lateral, body_position: seated, description: one}
"""
OTHER_SPEC = SPEC.replace("id: nod", "id: tuck").replace("one", "another")


@pytest.fixture
def crayon(space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The module of a renderer that only this test imports; the project is drawn by it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # bytecode goes by whole seconds
    site = tmp_path / "site"
    sketch.install(site).unlink()
    module = site / f"crayon_{abs(hash(str(site)))}.py"
    module.write_text(sketch.MODULE.replace('"sketch"', '"crayon"'))
    (site / "calotype_sketch-1.0.dist-info/entry_points.txt").write_text(
        f"[calotype.renderers]\ncrayon = {module.stem}:Sketch\n")
    monkeypatch.syspath_prepend(str(site))
    space.env.update(PYTHONPATH=str(site), PYTHONDONTWRITEBYTECODE="1")
    space.write("calotype.yaml", "version: 1\nrenderer: crayon\ndefaults: {size: [64, 64]}\n")
    space.write("specs/exercises/neck/nod.yaml", SPEC)
    space.write("specs/exercises/neck/tuck.yaml", OTHER_SPEC)
    settle(space.root)
    settle(site)
    return module


def release(module: Path) -> None:
    settle(module.parent)
    module.write_text(module.read_text().replace(sketch.EPOCH, "EPOCH = 2"))
    settle(module.parent)


def codes(outcome: Outcome) -> list[str]:
    return [diagnostic.code for diagnostic in outcome.diagnostics]


def test_a_renderer_changed_under_a_watch_is_warned_of_and_rendered_by_the_next_start(
    space: Space, crayon: Path
) -> None:
    with KeptProject(space.root) as project:
        assert project.build(jobs=1).renders == 2
        release(crayon)
        outcome = project.build(jobs=1)
        assert outcome.renders == 0
        [diagnostic] = [one for one in outcome.diagnostics if one.code == "plugin-changed"]
        assert diagnostic.file == str(crayon) and diagnostic.severity == "warning" and "`crayon`" in diagnostic.message
        space.edit("specs/exercises/neck/nod.yaml", "description: one", "description: two")
        assert project.build(jobs=1).renders == 1
    fresh = space.run("build", "--json")
    assert fresh.json["renders"] == 2 and fresh.json["diagnostics"] == []
    assert space.run("build", "--json").json["up_to_date"] == 2
    assert space.run("check").code == 0


def test_a_renderer_put_down_anew_in_the_same_process_is_not_believed_by_another_project_object(
    space: Space, crayon: Path
) -> None:
    with KeptProject(space.root) as project:
        assert project.build(jobs=1).renders == 2
    release(crayon)
    with KeptProject(space.root) as project:
        assert "plugin-changed" in codes(project.build(jobs=1))
    assert space.run("build", "--json").json["renders"] == 2


def test_damage_found_at_opening_is_told_once_and_then_only_what_changed_is_read(space: Space) -> None:
    space.write("specs/exercises/neck/nod.yaml", SPEC)
    space.write("specs/exercises/neck/tuck.yaml", OTHER_SPEC)
    assert space.call("build").code == 0
    (space.root / STATE_DB).write_bytes(b"no database " * 400)
    space.settle()
    with KeptProject(space.root) as project:
        assert codes(project.build(jobs=1)) == ["cache-damaged"]
        space.settle()
        space.edit("specs/exercises/neck/nod.yaml", "id: nod", "id: nod\ntitle: Nod")
        assert codes(project.build(jobs=1)) == []
        assert project.build(jobs=1).targets == ()
        space.edit("specs/exercises/neck/nod.yaml", "title: Nod", "title: Nodding")
        project.build(jobs=1)
    settled = project.changes()
    assert settled.summary.startswith(b"settled "), "no build after the first leaves everything open"
