"""Values written into several files: all or none, whatever is stale, wrong, refused by the disk, or killed between."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from pathlib import Path

import pytest

from calotype.ground import atomic
from calotype.ground.diagnostics import Problem
from calotype.queries.editing import spec_text
from calotype.queries.editing.edited_values import FileChanges, write_values_of
from calotype.queries.editing.spec_text import Edit, write_texts

SPEC = """kind: exercise
id: {id}
region: neck
images:
  - {{view_angle: lateral, body_position: seated, description: one, seed: 1}}
"""
NOD, BOW = "specs/exercises/nod.yaml", "specs/exercises/neck/bow.yaml"
SEED = ("images", 0, "seed")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in (("calotype.yaml", "version: 1\n"), (NOD, SPEC.format(id="nod")), (BOW, SPEC.format(id="bow"))):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def texts(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def sha(root: Path, path: str) -> str:
    return hashlib.sha256((root / path).read_bytes()).hexdigest()


def both(root: Path, first: object = 2, second: object = 3) -> list[FileChanges]:
    return [FileChanges(NOD, sha(root, NOD), [(SEED, first)]), FileChanges(BOW, sha(root, BOW), [(SEED, second)])]


def test_all_are_written_with_their_rights_and_nothing_else_is_left(root: Path) -> None:
    (root / BOW).chmod(0o640)
    before = set(texts(root))
    written = write_values_of(root, both(root))
    assert [(spec.path, spec.sha256) for spec in written] == [(path, sha(root, path)) for path in (NOD, BOW)]
    assert "seed: 2" in (root / NOD).read_text() and "seed: 3" in (root / BOW).read_text()
    assert (root / BOW).stat().st_mode & 0o777 == 0o640 and set(texts(root)) == before


def test_what_is_as_it_was_is_not_written(root: Path) -> None:
    status = (root / NOD).stat()
    assert len(write_values_of(root, both(root, first=1))) == 2
    assert (root / NOD).stat().st_ino == status.st_ino and "seed: 3" in (root / BOW).read_text()


@pytest.mark.parametrize("second", ["no seed", -1, [1]])
def test_where_one_would_be_wrong_none_is_written(root: Path, second: object) -> None:
    before = texts(root)
    with pytest.raises(Problem):
        write_values_of(root, both(root, second=second))
    assert texts(root) == before


def test_where_one_is_stale_or_named_twice_none_is_written(root: Path) -> None:
    before, edits = texts(root), both(root)
    for wrong in ([edits[0], FileChanges(BOW, "0" * 64, edits[1].changes)], [edits[0], edits[0]],
                  [edits[0], FileChanges("specs/exercises/none.yaml", "0" * 64, edits[1].changes)]):
        with pytest.raises(Problem):
            write_values_of(root, wrong)
        assert texts(root) == before


def test_one_that_is_edited_while_the_others_are_staged_is_left_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, edits = spec_text.stage_bytes, [Edit(path, "# new\n", sha(root, path)) for path in (NOD, BOW)]

    def stage_and_edit(directory: Path, data: bytes, **options: bool) -> Path:
        if directory == (root / BOW).parent:
            (root / NOD).write_text("# by an editor\n")
        return stage(directory, data, **options)

    monkeypatch.setattr(spec_text, "stage_bytes", stage_and_edit)
    before = {**texts(root), NOD: "# by an editor\n"}
    with pytest.raises(Problem, match="was changed meanwhile"):
        write_texts(root, edits)
    assert texts(root) == before


def test_a_disk_that_refuses_the_second_takes_the_first_back(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = spec_text.replace

    def refuse(source: Path, place: Path) -> None:
        if place == root / BOW:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(place))
        replace(source, place)

    monkeypatch.setattr(spec_text, "replace", refuse)
    before = texts(root)
    with pytest.raises(OSError, match="No space left"):
        write_values_of(root, both(root))
    assert texts(root) == before
    new = "specs/exercises/new.yaml"
    with pytest.raises(OSError, match="No space left"):
        write_texts(root, [Edit(new, "# new\n", ""), Edit(BOW, "# new\n", sha(root, BOW))])
    assert texts(root) == before, "what was new is gone again"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a fork")
@pytest.mark.parametrize(("point", "changed"), [("atomic.staged", []), ("edit-renamed", [NOD]), ("edit-renamed:2", [NOD, BOW])])
def test_a_kill_leaves_whole_files_and_the_next_save_tidies_up(root: Path, point: str, changed: list[str]) -> None:
    before = texts(root)
    pid = os.fork()
    if not pid:
        atomic._KILL_AT = point
        atomic._passed.clear()
        try:
            write_values_of(root, both(root))
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -9
    after = texts(root)
    assert [path for path in (NOD, BOW) if after[path] != before[path]] == changed
    assert all("seed: 1" in after[path] for path in {NOD, BOW} - {*changed})
    for path in root.rglob(".calotype-*"):
        os.utime(path, (time.time() - 3600,) * 2)
    write_values_of(root, both(root, 7, 8))
    assert set(texts(root)) == set(before)
    assert "seed: 7" in (root / NOD).read_text() and "seed: 8" in (root / BOW).read_text()
