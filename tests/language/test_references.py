"""What specs refer to is there, and inside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from calotype.ground.diagnostics import Diagnostic
from calotype.language.config import load_config
from calotype.language.load import load_pose, load_spec
from calotype.language.prompt import Styles
from calotype.language.references import Known, check_config, check_poses, check_spec
from calotype.language.yaml.document import Document, parse
from conftest import REPOSITORY


class Project:
    """Specs in a folder, and what is wrong between them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("calotype.yaml", "version: 1\n")

    def write(self, file: str, text: str) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def document(self, file: str) -> Document:
        return parse((self.root / file).read_bytes(), file)

    def check(self) -> list[Diagnostic]:
        files = sorted(path.relative_to(self.root).as_posix() for path in (self.root / "specs").rglob("*.yaml"))
        specs = [load_spec(self.document(file)) for file in files if "/poses/" not in file]
        known = Known(
            root=self.root,
            config=load_config(self.document("calotype.yaml")),
            poses={Path(file).stem: load_pose(self.document(file)) for file in files if "/poses/" in file},
            characters={spec.id: spec for spec in specs if spec.kind == "character"},
            styles=Styles(self.root).names(),
            document=self.document,
        )
        return [*check_config(known), *check_poses(known), *(one for spec in specs for one in check_spec(spec, known))]

    def exercise(self, image: str, name: str = "a", region: str = "neck") -> None:
        self.write(f"specs/{name}.yaml", f"kind: exercise\nid: {name}\nregion: {region}\nimages:\n  - {image}\n")

    def only(self) -> Diagnostic:
        found = self.check()
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("image", "code", "column", "hint"),
    [
        ("{preset: drft}", "unknown-preset", 14, "did you mean `draft`?"),
        ("{style: medcal}", "unknown-style", 13, "did you mean `medical`?"),
        ("{loras: [{name: luka}]}", "unknown-lora", 21, "did you mean `luca`?"),
        ("{characters: [nobody]}", "unknown-character", 19, "the project has no character"),
        ("{controls: [{type: opnpose, from: pose}]}", "unknown-controlnet", 24, "did you mean `openpose`?"),
        ("{pose: handing}", "unknown-pose", 12, "did you mean `hanging`?"),
        ("{pose: {base: handing}}", "unknown-pose", 19, "did you mean `hanging`?"),
        ("{reference: {image: refs/b.png}}", "missing-file", 25, "did you mean `a.png`?"),
        ("{controls: [{type: depth, image: refs/b.png}]}", "missing-file", 38, "did you mean `a.png`?"),
        ("{reference: {image: specs/a.yaml}}", "not-a-picture", 25, "it may end in .png"),
    ],
)
def test_a_name_of_nothing_is_an_error_at_its_place(project: Project, image: str, code: str, column: int, hint: str):
    project.write("calotype.yaml", "version: 1\nloras: {luca: {path: loras/luca.safetensors}}\n")
    project.write("refs/a.png", "")
    project.exercise(image)
    one = project.only()
    assert (one.code, one.file, one.line, one.column) == (code, "specs/a.yaml", 5, column)
    assert hint in (one.hint or "")


def test_weights_that_are_not_on_disk_are_no_error(project: Project):
    project.write("calotype.yaml", "version: 1\nloras: {luca: {path: loras/luca.safetensors}}\n")
    project.exercise("{loras: [{name: luca}]}")
    assert project.check() == []


def test_the_defaults_of_the_config_are_looked_at_too(project: Project):
    project.write("calotype.yaml", "version: 1\nstyle: nil\ndefaults: {preset: nil}\n")
    project.exercise("{}")
    assert [(one.file, one.line, one.code) for one in project.check()] == [
        ("calotype.yaml", 2, "unknown-style"),
        ("calotype.yaml", 3, "unknown-preset"),
    ]


@pytest.mark.parametrize("shares", ["start: 0.5, end: 0.5", "start: 1", "end: 0.0"])
def test_a_control_that_would_never_act_is_an_error_at_its_shares(project: Project, shares: str):
    image = f"{{controls: [{{type: canny, from: pose, {shares}}}]}}"
    project.exercise(image)
    told = project.only()
    assert (told.code, told.column) == ("control-never-acts", 6 + image.index(shares) + shares.index(" "))
    assert told.hint is not None


def test_a_style_of_the_project_is_known(project: Project):
    project.write("templates/styles/mine.j2", "{{ description }}")
    project.exercise("{style: mine}")
    assert project.check() == []


def test_what_a_group_of_anchors_refers_to_is_looked_at(project: Project):
    project.write("specs/c.yaml", "kind: character\nid: c\nanchors: {preset: nil, poses: [{id: x, preset: nul}]}\n")
    assert [(one.line, one.column) for one in project.check()] == [(3, 19), (3, 48)]


def test_the_references_of_a_character_are_files_of_the_project(project: Project):
    project.write("refs/face.npy", "")
    project.write("specs/c.yaml", "kind: character\nid: c\nreferences: [refs/face.npy, refs/none.png, refs/face.txt]\n")
    assert [one.code for one in project.check()] == ["missing-file", "not-a-picture"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_what_a_character_is_told_by_are_files_of_the_project(project: Project):
    project.write("specs/ann.yaml", "kind: character\nid: ann\nidentity:\n  references: [refs/ann.npy]\n")
    found = project.only()
    assert (found.code, found.line, found.column) == ("missing-file", 4, 16)


def test_a_link_out_of_the_project_is_refused(project: Project, tmp_path_factory: pytest.TempPathFactory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "a.png").write_bytes(b"")
    (project.root / "refs").symlink_to(outside)
    project.exercise("{reference: {image: refs/a.png}}")
    assert project.only().code == "path-outside"


def test_poses_that_rest_on_one_another_in_a_ring_are_an_error(project: Project):
    project.write("specs/poses/p.yaml", "base: q\n")
    project.write("specs/poses/q.yaml", "base: p\n")
    assert {(one.file, one.code, one.line) for one in project.check()} == {
        ("specs/poses/p.yaml", "pose-cycle", 1),
        ("specs/poses/q.yaml", "pose-cycle", 1),
    }


def test_an_angle_beyond_the_normal_range_is_a_warning(project: Project):
    project.exercise("{pose: {knee_flexion: 150}}")
    one = project.only()
    assert (one.severity, one.line, one.column) == ("warning", 5, 27)


def test_the_sample_project_refers_to_nothing_that_is_missing():
    sample = Project.__new__(Project)
    sample.root = REPOSITORY
    assert [one for one in sample.check() if one.severity == "error"] == []
