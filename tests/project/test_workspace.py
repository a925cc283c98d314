"""A project opened once and brought up to date shows what one opened anew shows, whatever was edited in between."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from calotype.ground.diagnostics import Problem
from calotype.ground.fingerprint import is_settled
from calotype.project.overrides import Profile
from calotype.project.patterns import TargetPatterns
from calotype.project.workspace import Workspace, open_workspace
from calotype.queries.status import StatusQuery, status_of
from conftest import Space
from projects import EDITS, LOSSES, Author
from survival import hired, new_studio

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
LIVES, EDITS_OF_A_LIFE = 20, 25
# A life that fails takes long to shrink, and tells most as it was lived: no phase but `generate`.


class Meddler(Author):
    """An author who also edits what specs share, and makes mistakes."""

    broken: str | None = None

    def edit_style(self) -> None:
        style = self.draw(st.sampled_from(["{{ description }}", "{{ description }}, {{ view }}", "{{ nonsense }}", ""]))
        if style:
            self.studio.write("templates/styles/medical.j2", style)
        else:
            (self.studio.root / "templates/styles/medical.j2").unlink(missing_ok=True)

    def edit_character(self) -> None:
        file = "specs/characters/luca.yaml"
        prompt = self.draw(st.sampled_from(["a boy", "a tall boy", ""]))
        if prompt:
            self.studio.write(file, f"kind: character\nid: luca\nprompt: {prompt}\n")
        else:
            (self.studio.root / file).unlink(missing_ok=True)

    def pick(self) -> None:
        spec = self.any_spec()
        self.studio.call("pick", f"{spec.kind}s/{spec.id}/01", str(self.draw(st.integers(1, 2))))

    def build(self) -> None:
        self.studio.call("build", "--json")

    def make_a_mistake(self) -> None:
        self.broken = self.draw(st.sampled_from(["calotype.yaml", "specs/poses/bow.yaml", None]))

    def save(self) -> None:
        keep = {path: path.read_bytes() for path in (self.studio.root / "specs").rglob("*.yaml")
                if path.parts[-2] == "characters" or "picks" in path.parts}
        super().save()
        for path, data in keep.items():
            self.studio.write(path.relative_to(self.studio.root).as_posix(), data)
        if self.broken is not None:
            (self.studio.root / self.broken).write_text("version: [1\n")


CHANGES = (*EDITS, *LOSSES, "edit_style", "edit_character", "pick", "build", "build", "make_a_mistake")


def shown(workspace: Workspace) -> list[Any]:
    """All that a workspace shows of its project: what specs share, and what each target needs."""
    snapshot, manifest = workspace.snapshot, workspace.manifest
    query = StatusQuery(workspace, None, TargetPatterns(()), "all")
    targets, problem = [], ""
    try:
        for found in query.targets():
            planned = found.planned
            targets.append((planned.image.target, status_of(found), planned.verdict, planned.keys, found.reason))
    except Problem as error:
        problem = str([diagnostic.as_json() for diagnostic in error.diagnostics])
    return [
        workspace.config_digest, json.dumps(snapshot.poses, sort_keys=True), sorted(snapshot.reads),
        {file: read.sha256 for file, read in snapshot.reads.items()}, snapshot.characters, manifest.weights,
        manifest.config, list(manifest.lines()), targets, problem, workspace.inputs.weights, list(workspace.inputs.read),
        list(query.diagnostics)]


def attempt(work: Callable[[], list[Any]]) -> list[Any]:
    """What `work` shows, or why the project cannot be opened."""
    try:
        return work()
    except Problem as problem:
        return [diagnostic.as_json() for diagnostic in problem.diagnostics]


def opened_anew(root: Path) -> list[Any]:
    with open_workspace(root, Profile(), create=True) as workspace:
        return shown(workspace)


def brought_up_to_date(workspace: Workspace) -> list[Any]:
    workspace.update()
    return shown(workspace)


def settled_soon(fingerprint: bytes, seen_ns: int, **_: bool) -> bool:
    """Files of tests are young: they are trusted after 50 ms, as on a file system with fine times, not after 2 s."""
    return is_settled(fingerprint, seen_ns)


def live(data: st.DataObject, edits: int) -> None:
    with (tempfile.TemporaryDirectory(dir=MEMORY) as folder, hired(), pytest.MonkeyPatch.context() as patch):
        patch.setattr("calotype.project.specs.shared_files.is_settled", settled_soon)
        author = Meddler(new_studio(Path(folder)), data.draw)
        os.environ["CALOTYPE_PAINTER"] = str(author.studio.notes)
        author.add_spec()
        author.save()
        with open_workspace(author.studio.root, Profile(), create=True) as workspace:
            for _ in range(edits):
                getattr(author, data.draw(st.sampled_from(CHANGES)))()
                author.save()
                root = author.studio.root
                assert attempt(lambda: brought_up_to_date(workspace)) == attempt(lambda root=root: opened_anew(root))


@settings(max_examples=LIVES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.data())
def test_a_project_brought_up_to_date_shows_what_one_opened_anew_shows(data: st.DataObject) -> None:
    live(data, EDITS_OF_A_LIFE)


@pytest.mark.soak
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.data())
def test_through_five_thousand_edits(data: st.DataObject) -> None:
    live(data, 50)


def test_a_project_that_cannot_be_opened_leaves_no_database_open(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    from calotype.store.action_cache import ActionCache
    from calotype.store.state import State

    for kind in (State, ActionCache):
        close = kind.close
        monkeypatch.setattr(kind, "close", lambda self, close=close, kind=kind: (closed.append(kind.__name__), close(self)))
    space.write("content/manifest.json", '{"schema": 99}')
    with pytest.raises(Problem, match="schema"):
        open_workspace(space.root, Profile(), create=True)
    assert sorted(closed) == ["ActionCache", "State"]


def test_a_cache_that_was_deleted_is_opened_anew(space: Space) -> None:
    with open_workspace(space.root, Profile(), create=True) as workspace:
        workspace.cache.put_many([("00" * 32, "render", b"{}", {}, {})])
        shutil.rmtree(space.root / "cache")
        workspace.update()
        assert workspace.cache.get("00" * 32) is None
        assert (space.root / "cache/actions.db").exists() and (space.root / "cache/state/state.db").exists()
