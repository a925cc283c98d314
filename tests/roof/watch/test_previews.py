"""Previews of what takes long to render: drawn first, shown as what they are, and gone when the picture is there.

With the real SDXL renderer on tiny models; the pages are read while a build is at work.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageChops
from watching import Watching

import tiny
from calotype import Project
from calotype.api import KeptProject
from calotype.ground.events import Event
from calotype.ground.images import open_image, pixels_of
from conftest import Space
from sheets import shown
from small_disk import fill, small_disk
from survival import Studio

NOD, SCENE = "specs/exercises/nod.yaml", "specs/scenes/coffee.yaml"
FIRST, SECOND = "exercises/nod/01", "exercises/nod/02"
FOLDER = "build/preview/watch-mannequin"
CONFIG = """\
version: 1
renderer: sdxl
defaults: {size: [64, 64], preset: quick}
presets: {quick: {steps: 2, guidance_scale: 5.0}, draft: {steps: 1}, slow: {steps: 400}}
models: {base: models/base, dtype: float32, device: cpu}
"""
SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
images:
  - {view_angle: lateral, body_position: seated, description: head up}
  - {view_angle: anterior, body_position: seated, description: head down, pose: {base: seated, neck_flexion: 30}}
"""
COFFEE = "kind: scene\nid: coffee\nshots:\n  - {id: cup, prompt: a cup of coffee}\n"
BADGE = re.compile(r'<span class="badge (?:preview|pending)">([^<]*)</span>')


@pytest.fixture
def nods(space: Space) -> Space:
    """Two images of one exercise, rendered by SDXL."""
    shutil.copytree(tiny.models() / "base", space.root / "models/base")
    space.write("calotype.yaml", CONFIG)
    space.write(NOD, SPEC)
    return space


class Seen:
    """A listener that reads the pages each time a render begins, and keeps what was told of previews."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.pages: list[dict[str, str]] = []
        self.told: list[dict[str, Any]] = []

    def __call__(self, event: Event) -> None:
        if event.kind == "previews.shown":
            self.told.append(dict(event.fields))
        elif event.kind == "action.started" and event.fields["action"] == "render":
            self.pages.append(shown(self._root))

    def badges(self, page: str, at: int = 0) -> list[str]:
        return BADGE.findall(self.pages[at][page])


@pytest.fixture
def project(nods: Space) -> Iterator[KeptProject]:
    with KeptProject(nods.root) as project:
        yield project


def built(project: KeptProject, preview: str = "mannequin", **more: Any) -> Seen:
    seen = Seen(project.root)
    outcome = project.build(jobs=1, preview=preview, listener=seen, **more)
    assert outcome.failed == 0, outcome
    return seen


def clean(space: Space, tmp_path: Path) -> Space:
    """The same project built in another folder, without previews."""
    other = Space(tmp_path / "clean")
    for name in ("calotype.yaml", "specs", "models"):
        source, to = space.root / name, other.root / name
        other.root.mkdir(exist_ok=True)
        shutil.copytree(source, to) if source.is_dir() else shutil.copyfile(source, to)
    assert other.call("build", "-q").code == 0
    return other


def content(space: Space) -> dict[str, bytes]:
    return {name: (space.root / name).read_bytes() for name in space.files("content")}


def source_of(page: str, name: str) -> str:
    """What the first picture on a page shows, from the root of the project."""
    found = re.search(r'<a class="print" href="(?:\.\./)*([^"?]*)', page)
    assert found is not None, name
    return found[1]


def test_the_drawing_is_shown_until_the_picture_is_there_and_nothing_of_it_is_left(
    nods: Space, project: KeptProject, tmp_path: Path
) -> None:
    seen = built(project)
    assert [told["targets"] for told in seen.told] == [[FIRST, SECOND]]
    for page in ("exercises/nod.html", "exercises-neck.html", "index.html"):
        assert seen.badges(page) == ["preview: mannequin"] * 2, page
    drawn = nods.root / source_of(seen.pages[0]["exercises/nod.html"], "nod")
    assert drawn == nods.root / FOLDER / "images/exercises/neck/nod_01.png"
    assert nods.call("build", "--renderer", "mannequin", "-q").code == 0
    assert pixels_of(drawn) == pixels_of(nods.root / "build/preview/mannequin/images/exercises/neck/nod_01.png")
    other = clean(nods, tmp_path)
    assert shown(nods.root) == shown(other.root)
    assert content(nods) == content(other)
    assert nods.call("check").code == 0


def test_what_is_published_takes_the_place_of_its_preview_while_others_are_in_work(
    nods: Space, project: KeptProject
) -> None:
    nods.edit("calotype.yaml", "preset: quick", "preset: slow")
    pages: list[list[str]] = []

    def listen(event: Event) -> None:
        if event.kind == "render.step":
            badges = BADGE.findall(nods.read("build/exercises/nod.html"))
            pages.extend([badges] if pages[-1:] != [badges] else [])

    assert project.build(jobs=1, preview="mannequin", listener=listen).renders == 2
    assert pages == [["preview: mannequin"] * 2, ["preview: mannequin"]]
    assert BADGE.findall(nods.read("build/exercises/nod.html")) == []


def test_an_edit_shows_the_new_pose_at_once_and_history_is_as_without_previews(
    nods: Space, project: KeptProject, tmp_path: Path
) -> None:
    plain = clean(nods, tmp_path)
    built(project)
    before = pixels_of(nods.root / FOLDER / "images/exercises/neck/nod_02.png")
    for space in (nods, plain):
        space.edit(NOD, "down, pose: {base: seated, neck_flexion: 30}", "low, pose: {base: seated, neck_flexion: 10}")
    seen = built(project)
    assert seen.told == [{"name": "mannequin", "targets": [SECOND], "left_out": {}}]
    assert seen.badges("exercises/nod.html") == ["preview: mannequin"]
    assert pixels_of(nods.root / FOLDER / "images/exercises/neck/nod_02.png") != before
    assert plain.call("build", "-q").code == 0
    for page in ("changed.html", "exercises/nod.html", "index.html", "data/shards.js"):
        assert nods.read(f"build/{page}") == plain.read(f"build/{page}"), page
    assert nods.files("build/thumbs") == plain.files("build/thumbs")
    nods.edit(NOD, "low, pose: {base: seated, neck_flexion: 10}", "down, pose: {base: seated, neck_flexion: 30}")
    seen = built(project)
    assert seen.told == [] and seen.pages == [], "it comes from the cache: there is nothing to wait for"


def test_a_prompt_without_a_pose_has_no_preview_and_the_page_says_what_it_is(nods: Space, project: KeptProject) -> None:
    nods.write(SCENE, COFFEE)
    nods.remove(NOD)
    seen = built(project)
    why = {"scenes/coffee/cup": "it has no pose to draw"}
    assert seen.told == [{"name": "mannequin", "targets": [], "left_out": why}]
    assert seen.badges("scenes/coffee.html") == ["pending"]
    assert "badge" not in nods.read("build/scenes/coffee.html")


def test_a_preset_draws_prompts_too_and_what_only_draws_has_no_preview(nods: Space, project: KeptProject) -> None:
    nods.write(SCENE, COFFEE)
    nods.edit(NOD, "description: head up", "description: head up, renderer: mannequin")
    seen = built(project, "draft")
    assert sorted(seen.told[0]["targets"]) == [SECOND, "scenes/coffee/cup"]
    assert "preview: draft" in seen.badges("scenes/coffee.html")
    assert sorted(name.rpartition("/")[2] for name in nods.files("build/preview") if name.endswith(".png")) == [
        "cup.png", "nod_02.png"]
    nods.edit(NOD, "head up", "head high")
    nods.remove(SCENE)
    nods.edit(NOD, "title: Nod", "title: Nods, renderer: mannequin".replace(", r", "\nr"))
    assert built(project, "draft").told == [], "the mannequin needs nobody's patience"


def test_of_several_candidates_that_a_person_chooses_from_one_is_drawn(nods: Space, project: KeptProject) -> None:
    nods.edit(NOD, "region: neck", "region: neck\ncandidates: 3\nselect: human")
    seen = Seen(nods.root)
    assert project.build(jobs=1, preview="mannequin", listener=seen).awaiting == 2
    assert seen.badges("exercises/nod.html") == ["preview: mannequin"] * 2
    assert len([name for name in nods.files(FOLDER) if name.endswith(".png")]) == 2
    page = nods.read("build/exercises/nod.html")
    assert "3 candidates, none picked" in page and "preview" not in page


def test_targets_that_are_no_more_leave_no_preview(nods: Space, project: KeptProject) -> None:
    nods.write("specs/exercises/bow.yaml", SPEC.replace("nod", "bow"))
    built(project)
    nods.edit(NOD, "id: nod", "id: nodding")
    nods.edit("specs/exercises/bow.yaml", "  - {view_angle: anterior", "#  - {view_angle: anterior")
    built(project)
    pictures = [name.rpartition("/")[2] for name in nods.files(FOLDER) if name.endswith(".png")]
    assert "bow_02.png" not in pictures and not any(name.startswith("nod_") for name in pictures)
    nods.edit("specs/exercises/bow.yaml", "region: neck", "region: hip")
    built(project)
    assert not any("neck" in name for name in nods.files(FOLDER) if "bow" in name), "nor at a path of before"
    nods.remove("specs/exercises/bow.yaml")
    built(project)
    assert not any("bow" in nods.read(name) for name in nods.files(FOLDER) if not name.endswith(".png"))
    assert not any("bow" in name for name in nods.files(FOLDER))


def test_what_was_removed_while_nobody_watched_leaves_no_preview(nods: Space) -> None:
    with KeptProject(nods.root) as project:
        built(project)
    nods.edit(NOD, "  - {view_angle: anterior", "#  - {view_angle: anterior")
    assert nods.call("build", "-q").code == 0
    with KeptProject(nods.root) as project:
        built(project)
    assert not any(name.endswith("nod_02.png") for name in nods.files(FOLDER))


def test_a_stop_takes_previews_off_the_pages(nods: Space, project: KeptProject) -> None:
    seen = Seen(nods.root)
    stopped = project.build(jobs=1, preview="mannequin", listener=seen, cancel=lambda: bool(seen.pages))
    assert seen.badges("exercises/nod.html") and stopped.renders < 2
    page = nods.read("build/exercises/nod.html")
    assert "preview" not in page and 'class="badge skipped"' in page
    built(project)
    assert nods.call("check").code == 0


def test_what_only_a_stopped_build_knew_leaves_no_preview(nods: Space, project: KeptProject) -> None:
    built(project)
    nods.write("specs/exercises/bow.yaml", SPEC.replace("nod", "bow").replace("head", "body"))
    seen = Seen(nods.root)
    project.build(jobs=1, preview="mannequin", listener=seen, cancel=lambda: bool(seen.pages))
    assert any("bow" in name for name in nods.files(FOLDER))
    nods.remove("specs/exercises/bow.yaml")
    nods.edit(NOD, "title: Nod", "title: Nods")
    built(project)
    assert not any("bow" in name for name in nods.files(FOLDER)) and not nods.files("build/exercises/bow.html")


def test_what_another_build_knew_to_be_gone_leaves_no_preview(nods: Space, project: KeptProject) -> None:
    nods.write("specs/exercises/bow.yaml", SPEC.replace("nod", "bow"))
    built(project)
    assert any("bow" in name for name in nods.files(FOLDER))
    nods.remove("specs/exercises/bow.yaml")
    assert nods.call("build", "-q").code == 0
    built(project)
    assert not any("bow" in name for name in nods.files(FOLDER))


def test_neither_workspace_is_opened_anew_for_the_other(nods: Space, project: KeptProject) -> None:
    built(project)
    sessions = (project._session, project._session.previews)
    before = [session._workspace for session in sessions]
    nods.edit(NOD, "head down", "head low")
    assert built(project).told
    assert [session._workspace for session in sessions] == before and before[0] is not before[1]


def test_where_no_preview_can_be_written_the_render_goes_on(nods: Space, project: KeptProject) -> None:
    nods.write(FOLDER, "a file")
    seen = built(project)
    assert sorted(seen.told[0]["left_out"]) == [FIRST, SECOND] and all(seen.told[0]["left_out"].values())
    assert seen.badges("exercises/nod.html") == ["pending"] * 2
    assert nods.call("check").code == 0 and nods.read(FOLDER) == "a file"


def test_a_preset_that_is_not_there_is_refused(nods: Space, project: KeptProject) -> None:
    done = nods.run("watch", "--preview=darft")
    assert done.code == 2 and "there is no preset `darft`" in done.err and "did you mean `draft`?" in done.err
    with pytest.raises(Exception, match="there is no preset `darft`"):
        project.build(preview="darft")
    with pytest.raises(Exception, match="has no previews"):
        Project(nods.root).build(preset="draft", preview="mannequin")
    assert not nods.files("content")


def studio_of(space: Space, tmp_path: Path) -> Studio:
    (tmp_path / "notes").mkdir()
    return Studio(space.root, notes=tmp_path / "notes")


def wait_for_badge(watcher: Watching, space: Space, badge: str) -> str:
    def page() -> str:
        path = space.root / "build/exercises/nod.html"
        text = path.read_text() if path.exists() else ""
        return text if badge in BADGE.findall(text) else ""

    return str(watcher.wait(page, badge))


def test_a_newer_edit_shows_the_newer_pose_and_a_kill_leaves_nothing_that_passes_for_a_picture(
    nods: Space, tmp_path: Path
) -> None:
    nods.edit("calotype.yaml", "preset: quick", "preset: slow")
    watcher = Watching(studio_of(nods, tmp_path), "--preview", "exercises/nod", "-j", "1")
    picture = nods.root / FOLDER / "images/exercises/neck/nod_02.png"
    try:
        wait_for_badge(watcher, nods, "preview: mannequin")
        before = open_image(picture)
        nods.edit(NOD, "down, pose: {base: seated, neck_flexion: 30}", "up, pose: {base: seated, neck_flexion: -20}")
        watcher.wait(lambda: ImageChops.difference(open_image(picture), before).getbbox(), "the newer pose")
        watcher.wait(lambda: wait_for_badge(watcher, nods, "preview: mannequin"))
        assert any("2 previews (mannequin)" in line for line in watcher.told), watcher.told
    finally:
        watcher.process.send_signal(signal.SIGKILL)
        watcher.ended()
    text = nods.read("build/exercises/nod.html")
    assert BADGE.findall(text)[-1] == "preview: mannequin", "the first may have been finished before the edit"
    assert not any(name.endswith("nod_02.png") for name in nods.files("content"))
    nods.edit("calotype.yaml", "preset: slow", "preset: quick")
    assert nods.call("build", "-q").code == 0
    assert shown(nods.root) == shown(clean(nods, tmp_path).root)


def test_an_interrupt_leaves_no_preview_on_a_page(nods: Space, tmp_path: Path) -> None:
    nods.edit("calotype.yaml", "preset: quick", "preset: slow")
    watcher = Watching(studio_of(nods, tmp_path), "--preview", "-j", "1")
    try:
        wait_for_badge(watcher, nods, "preview: mannequin")
        watcher.process.send_signal(signal.SIGINT)
        assert watcher.end() == 130
    finally:
        if watcher.process.poll() is None:
            watcher.process.kill()
            watcher.ended()
    assert "preview" not in nods.read("build/exercises/nod.html")


def test_a_disk_that_fills_up_takes_previews_off_the_pages(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "16m") as disk:
        if not os.path.ismount(disk):
            pytest.skip("this user may mount nothing")
        _takes_previews_off(disk, tmp_path)


def _takes_previews_off(disk: Path, tmp_path: Path) -> None:
    nods = Space(disk / "project")
    nods.root.mkdir()
    shutil.copytree(tiny.models() / "base", nods.root / "models/base")
    nods.write("calotype.yaml", CONFIG)
    nods.write(NOD, SPEC)
    seen = Seen(nods.root)
    during: list[str] = []

    def hear(event: Event) -> None:
        seen(event)
        if event.kind == "previews.shown":
            during.append(nods.read("build/exercises/nod.html"))
            fill(disk / "ballast", 20 << 10)

    with KeptProject(nods.root) as project:
        refused = project.build(jobs=1, preview="mannequin", listener=hear)
        assert refused.halted and refused.renders == 0 and [each.code for each in refused.diagnostics] == ["disk-full"]
        assert BADGE.findall(during[0]) == ["preview: mannequin"] * 2
        pages = {name: page for name, page in shown(nods.root).items() if name.endswith(".html")}
        assert len(pages) >= 3
        for name, page in pages.items():
            assert not BADGE.findall(page) and "preview" not in page, name
        (disk / "ballast").unlink()
        built(project)
    assert nods.call("check").code == 0
    assert content(nods) == content(clean(nods, tmp_path))
