"""A full disk, folders that may not be written, specs that change under the build: a clear error, and on it goes."""

from __future__ import annotations

import errno
import importlib
import json
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from calotype.api import Project
from calotype.ground.events import Event
from calotype.project.outcome import Outcome
from calotype.store.action_cache import ActionCache
from small_disk import fill, small_disk
from survival import Studio, child, hired, new_studio, studio

__all__ = ["studio"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="by the means of POSIX")
SOMEBODY = 12345
CHIN = "specs/exercises/chin.yaml"


@pytest.fixture
def two(studio: Studio) -> Studio:
    studio.exercise("chin", *(f"description: chin {n}" for n in range(6)))
    studio.exercise("hip", "description: hip 1", "description: hip 2", region="hip")
    return studio


def said(space: Studio) -> str:
    return (space.notes / "said").read_text()


def refused(space: Studio, first: Callable[[], None] = lambda: None) -> str:
    """A build in a child that ends with exit code 1, in words for people, and repeats no finished render."""
    finished, painted = space.keys(), len(space.painted)
    code = child(space, "build", first=first)
    text = said(space)
    assert code == 1, f"exit {code}: {text}"
    assert "Traceback" not in text and "bug" not in text, text
    assert "error[" in text and "hint:" in text, text
    assert not finished & set(space.painted[painted:])
    assert space.leftovers("content") == []
    return text


def goes_on(space: Studio, renders: int) -> None:
    """The next build, with nothing in its way, ends as a clean one, and all in all nothing was rendered twice."""
    kept = space.keys()
    painted = len(space.painted)
    done = space.call("build", "--json")
    assert done.code == 0, done.out
    assert not kept & set(space.painted[painted:])
    assert len(space.keys()) == renders
    clean = space.clean()
    assert space.content() == clean.content() and space.sheets() == clean.sheets()
    assert space.leftovers("content", "build") == []


# a full disk


@pytest.mark.parametrize("limit", [0, 600, 13_000, 40_000, 60_000])
def test_no_file_may_grow_beyond_a_limit(two: Studio, limit: int) -> None:
    """The full disk of the poor: anybody can forbid a process to write files longer than this. Blobs have 70 kB."""
    two.write("calotype.yaml", "version: 1\nrenderer: painter\ndefaults: {size: [152, 152]}\n")
    two.order(everything={"do": "noise"})
    refused(two, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)))
    goes_on(two, 8)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one mebibyte, where this user may mount one; else a folder."""
    with small_disk(tmp_path / "disk", "1m") as folder:
        yield folder


def test_a_full_disk_is_a_clear_error_and_the_build_goes_on_when_there_is_room(disk: Path, tmp_path: Path) -> None:
    """Filled up to ever more room left, so that every step of a build meets the end of it."""
    if not os.path.ismount(disk):
        pytest.skip("this user may mount nothing; the test above stands for it")
    with hired():
        space = new_studio(tmp_path)
        shutil.rmtree(space.root)
        space = Studio(disk / "project", notes=space.notes)
        stopped = 0
        for left in range(0, 400, 20):
            shutil.rmtree(space.root, ignore_errors=True)
            shutil.rmtree(space.notes)
            space.notes.mkdir()
            space.write("calotype.yaml", "version: 1\nrenderer: painter\ndefaults: {size: [16, 16]}\n")
            space.exercise("chin", *(f"description: chin {n}" for n in range(6)))
            space.exercise("hip", "description: hip 1", "description: hip 2", region="hip")
            ballast = disk / "ballast"
            fill(ballast, left * 1024)
            code = child(space, "build")
            assert code in (0, 1), said(space)
            if code == 1:
                stopped += 1
                assert "No space left" in said(space) or "disk is full" in said(space), said(space)
                assert "Traceback" not in said(space)
                assert space.leftovers("content") == []
            ballast.unlink()
            kept, painted = space.keys(), len(space.painted)
            assert space.call("build").code == 0
            assert not kept & set(space.painted[painted:])
            assert space.call("check").code == 0
        assert 3 <= stopped < 19
        wanted = Studio(tmp_path / "elsewhere", notes=tmp_path / "elsewhere-notes")
        wanted.notes.mkdir()
        shutil.copytree(space.root / "specs", wanted.root / "specs")
        shutil.copy(space.root / "calotype.yaml", wanted.root)
        assert wanted.call("build").code == 0
        assert space.content() == wanted.content()


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_a_disk_that_stays_full_repeats_no_render(disk: Path, tmp_path: Path, jobs: str) -> None:
    """Whatever room is left, build after build: nothing is rendered that cannot be kept, in words of the disk."""
    if not os.path.ismount(disk):
        pytest.skip("this user may mount nothing; the tests below stand for it")
    with hired():
        space = new_studio(tmp_path)
        shutil.rmtree(space.root)
        space = Studio(disk / "project", notes=space.notes)
        for left in range(130, 560, 30):
            shutil.rmtree(space.root, ignore_errors=True)
            shutil.rmtree(space.notes)
            space.notes.mkdir()
            space.write("calotype.yaml", "version: 1\nrenderer: painter\ndefaults: {size: [64, 64]}\n")
            space.order(everything={"do": "noise"})
            space.exercise("chin", *(f"description: chin {n}" for n in range(14)))
            ballast = disk / "ballast"
            fill(ballast, left * 1024)
            for _ in range(3):
                code = child(space, "build", "--jobs", jobs)
                assert code in (0, 1), said(space)
                assert code == 0 or "No space left" in said(space) or "disk is full" in said(space), said(space)
            ballast.unlink()
            assert child(space, "build") == 0, said(space)
            assert (len(space.painted), space.repeated) == (14, 0), f"{left} kB"


@pytest.mark.parametrize("jobs", ["1", "3"])
@pytest.mark.parametrize("passing", [1, 2, 3])
def test_a_database_that_takes_nothing_any_more_repeats_no_render(
    two: Studio, monkeypatch: pytest.MonkeyPatch, jobs: str, passing: int
) -> None:
    """From one flush on every row is refused: what was rendered is kept beside, and recorded by the next build."""
    put_many, calls = ActionCache.put_many, []

    def refuse(cache: ActionCache, rows: Any) -> None:
        calls.append(1)
        if len(calls) >= passing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "cache/actions.db")
        put_many(cache, rows)

    monkeypatch.setattr(ActionCache, "put_many", refuse)
    two.order(everything={"seconds": 0.4})
    first = two.call("build", "--json", "--jobs", jobs)
    assert (first.code, first.json["diagnostics"][0]["code"]) == (1, "disk-full")
    assert first.json["renders"] == len(two.painted)
    again = two.call("build", "--json")
    assert (again.code, again.json["renders"]) == (1, 0)
    monkeypatch.undo()
    assert two.call("plan", "--json").json["renders"] == 8 - len(two.painted)
    goes_on(two, 8)
    assert two.repeated == 0


# what may not be written or read


def as_somebody(space: Studio, *closed: str, mode: int | None = None) -> Callable[[], None]:
    """The project is given to a user to whom `closed` is barred; the child becomes that user. Root heeds no bars."""
    for path in (space.root, *space.root.rglob("*"), space.notes, *space.notes.iterdir()):
        if os.getuid() == 0:
            os.chown(path, SOMEBODY, SOMEBODY)
    space.root.parent.chmod(0o755)
    for name in closed:
        path = space.root / name
        os.chmod(path, mode if mode is not None else 0o555 if path.is_dir() else 0o444)
    return lambda: os.setuid(SOMEBODY) if os.getuid() == 0 else None


def opened(space: Studio) -> None:
    for folder, _, files in os.walk(space.root):
        os.chmod(folder, 0o755)
        for name in files:
            os.chmod(os.path.join(folder, name), 0o644)


BARRED = (
    "content/images/exercises/neck", "content/manifest/exercises", "build/exercises", "cache/state", "cache/actions.db",
    "cache/state/state.db", "cache/state/build.lock", "cache/state/decisions.lock",
    "build cache/cas content cache/state .")


@pytest.mark.parametrize("barred", BARRED)
def test_what_may_not_be_written_is_told_and_the_build_goes_on_later(two: Studio, barred: str) -> None:
    assert two.call("build").code == 0
    two.edit("specs/exercises/chin.yaml", "chin 2", "chin two")
    two.edit("specs/exercises/hip.yaml", "hip 2", "hip 2, seed: 7")
    two.exercise("knee", "description: knee", region="knee")
    text = refused(two, as_somebody(two, *barred.split()))
    assert "error[permission]" in text or "error[read-only]" in text or "Permission denied" in text, text
    opened(two)
    goes_on(two, 11)


def test_an_asset_folder_that_may_not_be_written_fails_its_targets_alone(two: Studio) -> None:
    """Of what was rendered for them nothing is lost, and the counts tell what was done."""
    assert two.call("build").code == 0
    two.edit("specs/exercises/chin.yaml", "chin 2", "chin two")
    two.edit("specs/exercises/chin.yaml", "chin 4", "chin four")
    two.edit("specs/exercises/hip.yaml", "hip 2", "hip 2, seed: 7")
    two.exercise("knee", "description: knee", region="knee")
    code = child(two, "build", "--json", first=as_somebody(two, "content/images/exercises/neck"))
    done = json.loads(next(line for line in said(two).splitlines() if line.startswith("{")))
    assert (code, done["renders"], done["failed"], done["up_to_date"]) == (1, 4, 2, 5), done
    assert {row["target"]: row["status"] for row in done["targets"]} == {
        "exercises/chin/03": "failed", "exercises/chin/05": "failed", "exercises/hip/02": "rendered",
        "exercises/knee/01": "rendered"}
    told = [one for one in done["diagnostics"] if one["severity"] == "error"]
    assert {one["file"] for one in told} == {f"content/images/exercises/neck/chin_0{n}.png" for n in (3, 5)}
    opened(two)
    done = two.call("build", "--json")
    assert (done.code, done.json["renders"], sorted(done.statuses)) == (0, 0, ["exercises/chin/03", "exercises/chin/05"])
    assert two.content() == two.clean().content() and two.repeated == 0


def test_an_asset_that_may_not_be_removed_keeps_its_line_until_it_can_be(two: Studio) -> None:
    assert two.call("build").code == 0
    two.remove("specs/exercises/hip.yaml")
    two.edit("specs/exercises/chin.yaml", "chin 2", "chin two")
    code = child(two, "build", "--json", first=as_somebody(two, "content/images/exercises/hip"))
    done = json.loads(next(line for line in said(two).splitlines() if line.startswith("{")))
    assert (code, done["renders"], done["failed"], done["removed"]) == (1, 1, 2, 0), done
    opened(two)
    assert len(two.files("content/images/exercises/hip")) == 2
    assert two.call("check").code == 1
    done = two.call("build", "--json")
    assert (done.code, done.json["renders"], done.json["removed"]) == (0, 0, 2)
    assert two.content() == two.clean().content()


REFUSING = {
    "a blob": ("calotype.store.cas.Cas", "put"), "the sync of blobs": ("calotype.store.cas.Cas", "sync"),
    "the results": ("calotype.store.action_cache.ActionCache", "put_many"),
    "an asset": ("calotype.ground.atomic", "stage_bytes"), "the manifest": ("calotype.results.publish.manifest", "_write"),
    "a folder's sync": ("calotype.ground.atomic", "sync_directories"),
}


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", [1, 2, 3, 5])
@pytest.mark.parametrize("what", REFUSING)
def test_whatever_write_is_refused_once_no_finished_render_is_repeated(
    two: Studio, monkeypatch: pytest.MonkeyPatch, what: str, number: int, jobs: str
) -> None:
    """The disk is full for one write, the first, second, third or fifth of its kind."""
    two.order(everything={"do": "noise"})
    place, name = REFUSING[what]
    module, _, owner = place.rpartition(".") if place[place.rindex(".") + 1].isupper() else (place, "", "")
    holder = getattr(importlib.import_module(module), owner) if owner else importlib.import_module(module)
    real, calls = getattr(holder, name), []

    def refusing(*arguments: Any, **named: Any) -> Any:
        calls.append(name)
        if len(calls) == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(holder, name, refusing)
        code = two.call("build", "-j", jobs).code
    assert code in ((0, 1) if what == "a blob" else (1,)) or len(calls) < number  # a blob is tried again
    assert two.call("build").code == 0
    assert two.repeated == 0, what
    assert two.content() == two.clean().content()


def test_a_build_that_the_disk_ends_tells_what_it_has_done(two: Studio) -> None:
    two.exercise("knee", "description: knee", region="knee")
    assert two.call("build").code == 0
    two.edit("specs/exercises/chin.yaml", "chin 2", "chin two")
    two.edit("specs/exercises/hip.yaml", "hip 2", "hip 2, seed: 7")
    code = child(two, "build", "--json", "-j", "1", first=as_somebody(two, "content/manifest/exercises"))
    done = json.loads(next(line for line in said(two).splitlines() if line.startswith("{")))
    assert (code, done["renders"], done["up_to_date"]) == (1, 2, 7), done
    assert any(one["severity"] == "error" and "manifest" in one["message"] for one in done["diagnostics"]), done
    opened(two)
    done = two.call("build", "--json")
    assert (done.code, done.json["renders"]) == (0, 0)
    assert two.content() == two.clean().content() and two.repeated == 0


@pytest.mark.parametrize("barred", ["content", "build", "cache", "cache/cas", "cache/state", "build/exercises", "."])
def test_a_folder_in_which_nothing_is_to_be_made_may_be_barred(two: Studio, barred: str) -> None:
    """Its own files and folders stand, and those are open: it depends on the build whether that is enough."""
    assert two.call("build").code == 0
    two.edit("specs/exercises/chin.yaml", "chin 2", "chin two")
    code = child(two, "build", first=as_somebody(two, barred))
    assert code in (0, 1) and "bug" not in said(two) and "Traceback" not in said(two), said(two)
    opened(two)
    goes_on(two, 9)


@pytest.mark.parametrize("file", [CHIN, "calotype.yaml", "content/manifest/exercises/neck.jsonl"])
def test_a_file_that_may_not_be_read_is_named(two: Studio, file: str) -> None:
    assert two.call("build").code == 0
    become = as_somebody(two, file, mode=0)
    os.utime(two.root / "specs/exercises/hip.yaml")
    for words in (("build",), ("check",), ("plan",), ("validate",)):
        code = child(two, *words, first=become)
        assert code in (1, 2), (words, said(two))
        assert "Traceback" not in said(two) and "bug" not in said(two)
        assert file in said(two), (words, said(two))
    opened(two)
    goes_on(two, 8)


def test_an_asset_that_may_not_be_read_is_named(two: Studio) -> None:
    assert two.call("build").code == 0
    asset = "content/images/exercises/neck/chin_01.png"
    become = as_somebody(two, asset, mode=0)
    two.edit("specs/exercises/chin.yaml", "title: chin", "title: Chin")
    os.chown(two.root / "specs/exercises/chin.yaml", os.stat(two.root).st_uid, -1)
    for words in (("build",), ("check",), ("plan",)):
        code = child(two, *words, first=become)
        assert code == 1 and asset in said(two) and "ermission" in said(two), (words, code, said(two))
        assert "bug" not in said(two)
    opened(two)
    goes_on(two, 8)


def test_a_read_only_project_can_be_checked_planned_and_listed(two: Studio) -> None:
    assert two.call("build").code == 0
    become = as_somebody(two)
    for folder, _, files in os.walk(two.root):
        os.chmod(folder, 0o555)
        for name in files:
            os.chmod(os.path.join(folder, name), 0o444)
    for words in (("check",), ("plan",), ("list",), ("validate",), ("graph",), ("explain", "exercises/chin/01")):
        assert child(two, *words, first=become) == 0, (words, said(two))
    opened(two)
    goes_on(two, 8)


# specs that change under the build


def build_and(space: Studio, change: Callable[[], Any], on: str = "action.started") -> Outcome:
    """A build during which, at its first event of a kind, something happens."""
    pending = [change]

    def listener(event: Event) -> None:
        if event.kind == on and pending:
            pending.pop()()

    os.environ["CALOTYPE_PAINTER"] = str(space.notes)
    return Project.open(space.root).build(jobs=1, listener=listener)


@pytest.mark.parametrize("on", ["plan.ready", "action.started", "action.finished"])
def test_a_spec_that_vanishes_under_the_build_stops_its_own_targets_alone(two: Studio, on: str) -> None:
    outcome = build_and(two, lambda: two.remove(CHIN), on)
    assert outcome.exit_code == 1
    statuses = {one.target: one.status for one in outcome.targets}
    assert {statuses[f"exercises/hip/0{n}"] for n in (1, 2)} == {"rendered"}
    assert {statuses[f"exercises/chin/0{n}"] for n in range(1, 7)} == {"failed"}
    told = [one for one in outcome.diagnostics if one.file == CHIN]
    assert len(told) == 1 and "edited" in told[0].message and told[0].hint
    assert not [name for name in two.files("content/images") if "chin" in name]
    done = two.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 0
    assert two.content() == two.clean().content()


@pytest.mark.parametrize("on", ["plan.ready", "action.started", "action.finished"])
def test_a_spec_edited_under_the_build_is_not_published_and_what_did_not_change_is_not_rendered_again(
    two: Studio, on: str
) -> None:
    outcome = build_and(two, lambda: two.edit(CHIN, "chin 5", "chin five"), on)
    assert outcome.exit_code == 1
    assert {one.target for one in outcome.targets if one.status == "failed"} == {
        f"exercises/chin/0{n}" for n in range(1, 7)}
    assert any("edited" in one.message and one.file == CHIN for one in outcome.diagnostics)
    assert not [name for name in two.files("content/images") if "chin" in name]
    kept = len(two.keys())
    assert kept == outcome.renders
    done = two.call("build", "--json")
    assert done.code == 0 and two.repeated == 0
    assert done.json["renders"] == len(two.painted) - kept
    if on == "action.finished":
        assert done.json["renders"] == 1
    assert two.content() == two.clean().content()


def test_a_comment_written_under_the_build_costs_no_second_render(two: Studio) -> None:
    outcome = build_and(two, lambda: two.edit(CHIN, "kind: exercise", "kind: exercise  # mine"), "action.finished")
    assert outcome.exit_code == 1 and outcome.renders == 8
    done = two.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 0
    assert two.content() == two.clean().content()


def test_a_spec_written_anew_with_the_same_bytes_under_the_build_changes_nothing(two: Studio) -> None:
    text = two.read(CHIN)
    assert build_and(two, lambda: two.write(CHIN, text)).exit_code == 0
    assert two.call("build", "--json").json["targets"] == []


def test_a_spec_added_under_the_build_is_built_by_the_next(two: Studio) -> None:
    assert build_and(two, lambda: two.exercise("new", "description: new")).exit_code == 0
    done = two.call("build", "--json")
    assert done.statuses == {"exercises/new/01": "rendered"}


def test_a_setting_changed_under_the_build_is_found_by_the_next(two: Studio) -> None:
    config = two.read("calotype.yaml")
    assert build_and(two, lambda: two.write("calotype.yaml", config + "base_seed: 9\n")).exit_code == 0
    done = two.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 8
    assert two.content() == two.clean().content()


def test_the_error_of_a_full_disk_is_json_too(two: Studio) -> None:
    code = child(two, "build", "--json",
                 first=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600, resource.RLIM_INFINITY)))
    assert code == 1
    lines = said(two).splitlines()
    (answer,) = [json.loads(line) for line in lines if line.startswith("{")]
    assert answer["diagnostics"][0]["severity"] == "error"
