"""Assets on disk: what is ours is kept right, and what is not ours is never lost."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import sha256, sha256_file
from calotype.results.publish.asset_rules import Step, decide
from calotype.results.publish.assets import Done, Publication, Publisher, verify
from calotype.results.publish.manifest import Line, Pick
from calotype.store.cas import Cas

OTHER = "content/images/exercises/neck/other.png"
PATH = "content/images/exercises/neck/chin_tuck_01.png"
TARGET = "exercises/chin_tuck/01"
OLD, NEW, HAND = b"old bytes", b"new bytes", b"a hand's work"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def cas(root: Path) -> Cas:
    store = Cas(root / "cache")
    for data in (OLD, NEW):
        store.put(data)
    return store


def publish(root: Path, cas: Cas, data: bytes = NEW, owned: bytes | None = OLD, path: str = PATH) -> Done:
    known = {path: (sha256(owned),)} if owned is not None else {}
    [done] = Publisher(root, cas, known).publish([Publication(TARGET, path, sha256(data))])
    return done


def lay(root: Path, data: bytes, path: str = PATH) -> Path:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)
    return root / path


def line(target: str = TARGET, path: str = PATH, action: str = "a", data: bytes = OLD) -> Line:
    return Line(
        target=target, path=path, sha256=sha256(data), pixels=sha256(b"p"), size=(8, 8),
        action=sha256(action.encode()), request={}, candidates=(), pick=Pick("score", 1), upstream=(),
        title="", alt="", tags=(), caption="", prompt="", renderer="mannequin", origin="rendered",
        spec="specs/a.yaml",
    )


# The rule


@pytest.mark.parametrize(("found", "known", "in_cas", "step"), [
    (None, (), False, Step.CREATE),
    (None, ("old",), False, Step.CREATE),
    ("new", (), False, Step.KEEP),
    ("new", ("old",), False, Step.KEEP),
    ("old", ("old",), False, Step.REPLACE),
    ("hand", ("old",), False, Step.RESCUE),
    ("hand", ("old",), True, Step.RESCUE),
    ("hand", ("old", "hand"), False, Step.REPLACE),
    ("other", (), True, Step.REPLACE),
    ("other", (), False, Step.REFUSE),
])
def test_what_stands_there_decides(
    found: str | None, known: tuple[str, ...], in_cas: bool, step: Step
) -> None:
    assert decide("new", found, known, in_cas) is step


# Publishing


def test_a_new_asset_is_published(root: Path, cas: Cas) -> None:
    assert publish(root, cas, owned=None).status == "published"
    assert (root / PATH).read_bytes() == NEW


def test_an_asset_of_the_manifest_gives_way_to_the_next(root: Path, cas: Cas) -> None:
    lay(root, OLD)
    assert publish(root, cas).status == "published"
    assert (root / PATH).read_bytes() == NEW


def test_an_asset_that_is_right_is_not_touched(root: Path, cas: Cas) -> None:
    before = lay(root, NEW).stat()
    assert publish(root, cas).status == "unchanged"
    assert (root / PATH).stat() == before


def test_a_deleted_asset_is_restored(root: Path, cas: Cas) -> None:
    assert publish(root, cas, OLD).status == "restored"
    assert (root / PATH).read_bytes() == OLD


def test_an_edit_by_hand_is_moved_aside_and_the_asset_put_back(root: Path, cas: Cas) -> None:
    lay(root, HAND)
    done = publish(root, cas, OLD)
    assert (done.status, done.rescued) == ("edited", f"build/edited/{PATH}")
    assert done.diagnostic is not None and done.diagnostic.severity == "note"
    assert (root / "build/edited" / PATH).read_bytes() == HAND
    assert (root / PATH).read_bytes() == OLD


def test_an_earlier_rescue_is_never_overwritten(root: Path, cas: Cas) -> None:
    for edit in (b"first", b"second", b"third"):
        lay(root, edit)
        publish(root, cas, OLD)
    rescued = sorted((root / "build/edited").rglob("*.png"))
    assert [path.name for path in rescued] == ["chin_tuck_01.2.png", "chin_tuck_01.3.png", "chin_tuck_01.png"]
    assert {path.read_bytes() for path in rescued} == {b"first", b"second", b"third"}


def test_a_file_of_somebody_else_is_left_alone_and_named(root: Path, cas: Cas) -> None:
    lay(root, HAND)
    done = publish(root, cas, owned=None)
    assert done.status == "conflict"
    assert done.diagnostic is not None and done.diagnostic.file == PATH
    assert (root / PATH).read_bytes() == HAND


def test_what_a_killed_build_left_is_taken_over(root: Path, cas: Cas) -> None:
    lay(root, OLD)
    assert publish(root, cas, NEW, owned=None).status == "published"
    assert (root / PATH).read_bytes() == NEW


def test_a_blob_that_is_gone_changes_nothing(root: Path, cas: Cas) -> None:
    lay(root, HAND)
    assert publish(root, cas, b"never kept").status == "lost"
    assert (root / PATH).read_bytes() == HAND
    assert not (root / "build").exists()


def test_a_batch_answers_in_order_and_one_conflict_stops_no_other(root: Path, cas: Cas) -> None:
    paths = [f"content/images/exercises/neck/{name}.png" for name in "abc"]
    lay(root, HAND, paths[1])
    done = Publisher(root, cas, {}).publish(Publication(path, path, sha256(NEW)) for path in paths)
    assert [one.status for one in done] == ["published", "conflict", "published"]
    assert [one.path for one in done] == paths


def test_a_publisher_goes_on_batch_after_batch(root: Path, cas: Cas) -> None:
    publisher = Publisher(root, cas, {})
    for name in "abc":
        path = f"content/images/scenes/{name}/reach.png"
        assert publisher.publish([Publication(path, path, sha256(NEW))])[0].status == "published"
        assert publisher.publish([Publication(path, path, sha256(NEW))])[0].status == "unchanged"


def test_an_author_who_edits_an_asset_in_place_does_not_reach_the_cas(root: Path, cas: Cas) -> None:
    publish(root, cas, owned=None)
    with open(root / PATH, "r+b") as file:
        file.write(b"EDIT")
    assert cas.get(sha256(NEW)) == NEW


def test_no_temporary_file_stays_and_old_ones_are_tidied(root: Path, cas: Cas) -> None:
    lay(root, OLD).with_name(".calotype-123-0.tmp").write_bytes(b"half")
    publish(root, cas)
    assert [path.name for path in (root / PATH).parent.iterdir()] == ["chin_tuck_01.png"]


# Hostile places


def test_a_folder_that_leads_out_of_the_project_is_refused(root: Path, cas: Cas, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "content/images/exercises").mkdir(parents=True)
    os.symlink(tmp_path / "elsewhere", root / "content/images/exercises/neck")
    done = publish(root, cas)
    assert done.status == "conflict" and "leads out" in str(done.diagnostic)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_nothing_is_removed_through_a_link_out_of_the_project(root: Path, cas: Cas, tmp_path: Path) -> None:
    lay(tmp_path, OLD, "elsewhere/chin_tuck_01.png")
    (root / "content/images/exercises").mkdir(parents=True)
    os.symlink(tmp_path / "elsewhere", root / "content/images/exercises/neck")
    [done] = Publisher(root, cas, {PATH: (sha256(OLD),)}).remove([(TARGET, PATH)])
    assert done.status == "conflict"
    assert (tmp_path / "elsewhere/chin_tuck_01.png").read_bytes() == OLD


def test_a_link_to_a_file_outside_is_never_written_through(root: Path, cas: Cas, tmp_path: Path) -> None:
    victim = lay(tmp_path, b"precious", "victim.png")
    (root / PATH).parent.mkdir(parents=True)
    os.symlink(victim, root / PATH)
    assert publish(root, cas).status == "conflict"
    assert victim.read_bytes() == b"precious" and (root / PATH).is_symlink()


@pytest.mark.parametrize("path", ["../x/y.png", "/x/y.png", "content/../../x.png", "a\\..\\x/y.png", "c:/x"])
def test_a_path_that_climbs_out_is_refused(root: Path, cas: Cas, path: str) -> None:
    assert publish(root, cas, path=path).status == "conflict"


def test_a_folder_in_an_assets_place_is_a_conflict(root: Path, cas: Cas) -> None:
    (root / PATH).mkdir(parents=True)
    assert publish(root, cas).status == "conflict"


def test_a_file_in_a_folders_place_is_a_conflict(root: Path, cas: Cas) -> None:
    lay(root, b"file", "content/images/exercises/neck")
    assert publish(root, cas).status == "conflict"


def test_a_git_lfs_pointer_is_told_from_an_edit(root: Path, cas: Cas) -> None:
    lay(root, POINTER)
    for owned in (OLD, None):
        with pytest.raises(Problem) as caught:
            publish(root, cas, owned=owned)
        assert caught.value.exit_code == 2
        assert caught.value.diagnostics[0].hint == "run `git lfs pull`"
    assert (root / PATH).read_bytes() == POINTER


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on file sizes")
def test_what_a_full_disk_refuses_is_told_and_leaves_what_was_and_the_others_go_on(root: Path, cas: Cas) -> None:
    import resource

    large, small = cas.put(b"x" * 100_000), cas.put(b"small")
    lay(root, OLD)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        publications = [Publication(TARGET, PATH, large), Publication("exercises/a/02", OTHER, small)]
        refused, published = Publisher(root, cas, {PATH: (sha256(OLD),)}).publish(publications)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert refused.status == "refused" and refused.diagnostic is not None
    assert refused.diagnostic.file == PATH and "cannot write" in refused.diagnostic.message
    assert published.status == "published" and (root / OTHER).read_bytes() == b"small"
    assert sorted(path.read_bytes() for path in (root / PATH).parent.iterdir()) == [OLD, b"small"]


# Removing


def test_an_asset_nobody_asks_for_is_removed_with_its_empty_folders(root: Path, cas: Cas) -> None:
    lay(root, OLD)
    lay(root, OLD, "content/images/exercises/hip/a.png")
    [done] = Publisher(root, cas, {PATH: (sha256(OLD),)}).remove([(TARGET, PATH)])
    assert done.status == "removed"
    assert not (root / PATH).parent.exists()
    assert (root / "content/images/exercises/hip/a.png").exists()


def test_an_edited_asset_nobody_asks_for_is_rescued(root: Path, cas: Cas) -> None:
    lay(root, HAND)
    [done] = Publisher(root, cas, {PATH: (sha256(OLD),)}).remove([(TARGET, PATH)])
    assert (done.status, done.rescued) == ("edited", f"build/edited/{PATH}")
    assert not (root / "content/images").exists()


def test_an_asset_that_is_gone_already_needs_no_removal(root: Path, cas: Cas) -> None:
    [done] = Publisher(root, cas, {PATH: (sha256(OLD),)}).remove([(TARGET, PATH)])
    assert done.status == "absent"


def test_a_folder_removed_can_be_published_into_again(root: Path, cas: Cas) -> None:
    lay(root, OLD)
    publisher = Publisher(root, cas, {PATH: (sha256(OLD),)})
    publisher.remove([(TARGET, PATH)])
    assert publisher.publish([Publication(TARGET, PATH, sha256(NEW))])[0].status == "published"


# Verifying


def test_an_asset_is_held_against_its_line(root: Path) -> None:
    assert verify(line(), root) == "missing"
    lay(root, HAND)
    assert verify(line(), root) == "modified"
    lay(root, OLD)
    assert verify(line(), root) == "ok"
    (root / PATH).unlink()
    (root / PATH).mkdir()
    assert verify(line(), root) == "modified"


def test_verifying_names_a_git_lfs_pointer(root: Path) -> None:
    lay(root, POINTER)
    with pytest.raises(Problem, match="Git LFS pointer"):
        verify(line(), root)


def test_verifying_uses_the_memo(root: Path) -> None:
    lay(root, HAND)
    assert verify(dataclasses.replace(line(), sha256="memo"), root, lambda path: "memo") == "ok"


# Kills and speed

BUILD = """
import sys
from pathlib import Path
from calotype.ground.digest import sha256
from calotype.results.publish.assets import Publication, Publisher
from calotype.store.cas import Cas
root = Path(sys.argv[1])
owned = {f"content/images/scenes/a/{n}.png": (sha256(b"old" + n.encode()),) for n in "12345"}
wanted = [Publication(path, path, sha256(b"new" + path[-5:-4].encode())) for path in owned if "5" not in path]
publisher = Publisher(root, Cas(root / "cache"), owned)
publisher.publish(wanted)
publisher.remove([("scenes/a/5", "content/images/scenes/a/5.png")])
"""


@pytest.mark.parametrize("instant", [
    "assets-staged", "asset-rescued", "asset-replaced", "asset-replaced:2", "asset-replaced:4",
    "assets-published", "asset-removed",
])
def test_after_a_kill_the_next_run_ends_as_if_it_had_not_been(root: Path, cas: Cas, instant: str) -> None:
    for number in "12345":
        cas.put(b"new" + number.encode())
        lay(root, b"old" + number.encode(), f"content/images/scenes/a/{number}.png")
    lay(root, HAND, "content/images/scenes/a/2.png")
    environment = {**os.environ, "CALOTYPE_KILL_AT": instant}
    killed = subprocess.run([sys.executable, "-c", BUILD, str(root)], env=environment, check=False)
    assert killed.returncode == -9
    subprocess.run([sys.executable, "-c", BUILD, str(root)], check=True)
    assets = {path.name: path.read_bytes() for path in (root / "content/images/scenes/a").iterdir()}
    assert assets == {f"{number}.png": b"new" + number.encode() for number in "1234"}
    assert [path.read_bytes() for path in (root / "build/edited").rglob("*.png")] == [HAND]


def test_publishing_many_is_cheap(root: Path, cas: Cas) -> None:
    blobs = [cas.put(os.urandom(5000)) for _ in range(500)]
    wanted = [Publication(blob, f"content/images/exercises/neck/{blob}.png", blob) for blob in blobs]
    publisher = Publisher(root, cas, {}, sha256_file)
    started = time.process_time()
    done = publisher.publish(wanted)
    spent = (time.process_time() - started) / len(wanted)
    assert {one.status for one in done} == {"published"}
    assert spent < 0.002
