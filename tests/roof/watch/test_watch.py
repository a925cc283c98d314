"""`calotype watch`, the real program on real files: each save is built, nothing else wakes it, errors pass."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from watching import watching

from conftest import CALOTYPE
from survival import Studio, studio

__all__ = ["studio"]

BEND = "specs/exercises/bend.yaml"


@pytest.fixture
def bends(studio: Studio) -> Studio:
    """Three exercises of one image each."""
    for name in ("bend", "turn", "lift"):
        studio.exercise(name, f"description: {name}")
    return studio


def statuses(build: dict) -> dict[str, str]:
    return {target["target"]: target["status"] for target in build["targets"]}


def test_a_save_is_built_and_leaves_what_a_clean_build_leaves(bends: Studio) -> None:
    with watching(bends) as watcher:
        assert watcher.builds[0]["renders"] == 3
        bends.edit(BEND, "description: bend", "description: bend low")
        build = watcher.next()
        assert statuses(build) == {"exercises/bend/01": "rendered"}
        assert build["changed"] == [BEND] and build["renders"] == 1
        assert bends.content() == bends.clean().content()
        assert watcher.end() == 130
    assert bends.call("build", "--json").json["targets"] == []


def test_what_it_writes_itself_does_not_wake_it(bends: Studio) -> None:
    with watching(bends) as watcher:
        record = bends.root / "cache/state/record"
        watcher.wait(record.exists)
        time.sleep(1)
        before = record.stat().st_mtime_ns
        assert watcher.is_quiet(1.5)
        assert record.stat().st_mtime_ns == before


def test_a_mere_read_does_not_wake_it(bends: Studio) -> None:
    with watching(bends) as watcher:
        (bends.root / BEND).read_bytes()
        assert watcher.is_quiet()


def by_rename(path: Path, text: str) -> None:
    path.with_suffix(".tmp").write_text(text)
    path.with_suffix(".tmp").replace(path)


def by_backup(path: Path, text: str) -> None:
    path.rename(f"{path}~")
    path.write_text(text)
    Path(f"{path}~").unlink()


def by_truncation(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.flush()
        time.sleep(0.03)
        file.write(text[:20])
        file.flush()
        time.sleep(0.03)
        file.write(text[20:])


@pytest.mark.parametrize("save", [by_rename, by_backup, by_truncation])
def test_however_an_editor_saves_it_is_one_build(bends: Studio, save) -> None:
    with watching(bends) as watcher:
        save(bends.root / BEND, bends.read(BEND).replace("description: bend", "description: bend low"))
        watcher.wait(lambda: any(statuses(build) == {"exercises/bend/01": "rendered"} for build in watcher.builds[1:]))
        assert all(not build["diagnostics"] for build in watcher.builds), "half a file was built"
        assert len(bends.painted) == 4
        assert bends.content() == bends.clean().content()


def test_a_mistake_is_told_with_its_place_and_the_next_save_goes_on(bends: Studio) -> None:
    with watching(bends) as watcher:
        before = bends.content()
        good = bends.read(BEND)
        bends.write(BEND, good + "images: [\n")
        (mistake,) = watcher.next()["diagnostics"]
        assert (mistake["file"], mistake["severity"]) == (BEND, "error") and mistake["line"]
        assert bends.content() == before
        bends.write("specs/exercises/turn.yaml", bends.read("specs/exercises/turn.yaml").replace("description: turn", "description: turn round"))
        assert [one["file"] for one in watcher.next()["diagnostics"]] == [BEND], "as `build` would: nothing, while a spec is invalid"
        bends.write(BEND, good.replace("description: bend", "description: bend low"))
        assert statuses(watcher.next()) == {"exercises/bend/01": "rendered", "exercises/turn/01": "rendered"}
        assert bends.content() == bends.clean().content()


def test_new_folders_moved_files_and_removed_ones_are_seen(bends: Studio) -> None:
    with watching(bends) as watcher:
        bends.exercise("rest", "description: rest", region="hip", folder="exercises/new/deep")
        assert statuses(watcher.next()) == {"exercises/rest/01": "rendered"}
        bends.move("specs/exercises/new", "specs/exercises/old")
        watcher.next()
        bends.edit("specs/exercises/old/deep/rest.yaml", "description: rest", "description: rest well")
        watcher.wait(lambda: "exercises/rest/01" in statuses(watcher.builds[-1]) and len(bends.painted) == 5)
        bends.remove("specs/exercises/old")
        watcher.wait(lambda: statuses(watcher.builds[-1]) == {"exercises/rest/01": "removed"})
        assert bends.content() == bends.clean().content()


def test_poses_styles_and_the_config_are_seen(bends: Studio) -> None:
    bends.exercise("bow", "description: bow, pose: bow")
    bends.write("specs/poses/bow.yaml", "base: standing\nneck_flexion: 20\n")
    with watching(bends) as watcher:
        bends.write("specs/poses/bow.yaml", "base: standing\nneck_flexion: 30\n")
        assert statuses(watcher.next()) == {"exercises/bow/01": "rendered"}
        bends.write("templates/styles/medical.j2", "{{ description }}, drawn")
        assert watcher.next()["renders"] == 4
        bends.edit("calotype.yaml", "version: 1\n", "version: 1\nbase_seed: 7\n")
        assert watcher.next()["renders"] == 4
        assert bends.content() == bends.clean().content()


def test_an_asset_edited_or_deleted_by_hand_is_restored(bends: Studio) -> None:
    with watching(bends) as watcher:
        asset = next(name for name in bends.files("content") if name.endswith(".png"))
        bends.remove(asset)
        assert list(statuses(watcher.next()).values()) == ["restored"]
        assert bends.content() == bends.clean().content()
        bends.remove(asset)
        assert list(statuses(watcher.next()).values()) == ["restored"]
        assert bends.content() == bends.clean().content()


def test_a_checkout_of_many_files_is_one_build(bends: Studio) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=bends.root, check=True,
                       capture_output=True)

    bends.write(".gitignore", "content/\nbuild/\ncache/\n")
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "few")
    git("checkout", "-b", "many")
    for number in range(300):
        bends.exercise(f"n{number}", "description: turn", folder=f"exercises/f{number % 7}")
    git("add", ".")
    git("commit", "-m", "many")
    git("checkout", "main")
    with watching(bends) as watcher:
        git("checkout", "many")
        build = watcher.wait(lambda: len(watcher.builds) > 1 and watcher.builds[-1])
        watcher.wait(lambda: watcher.builds[-1]["up_to_date"] + len(watcher.builds[-1]["targets"]) == 303)
        assert len(watcher.builds) == 2, [one["changed"][:3] for one in watcher.builds]
        assert len(build["targets"]) == 300 and len(bends.painted) == 3, "all ask for a picture that is there"
        git("checkout", "main")
        assert watcher.next()["removed"] == 300
        assert bends.content() == bends.clean().content()


def test_a_newer_edit_drops_what_is_queued_and_finishes_what_is_in_work_and_still_wanted(bends: Studio) -> None:
    bends.order(slow={"seconds": 1.5})
    with watching(bends, "-j", "1") as watcher:
        for name in ("a", "b", "c"):
            bends.exercise(name, f"description: slow {name}")
        watcher.wait(lambda: len(bends.painted) == 4, "the first slow picture is in work")
        bends.exercise("z", "description: quick")
        for name in ("b", "c"):
            bends.remove(f"specs/exercises/{name}.yaml")
        watcher.wait(lambda: any("exercises/z/01" in statuses(build) for build in watcher.builds))
        assert len(bends.painted) == 5, "the one in work was finished, those in the queue were dropped"
        assert bends.repeated == 0
        assert bends.content() == bends.clean().content()


def test_a_spec_folder_that_is_gone_removes_nothing(bends: Studio) -> None:
    with watching(bends) as watcher:
        before = bends.content()
        (bends.root / "specs").rename(bends.root / "elsewhere")
        watcher.wait(lambda: any("specs is gone" in line for line in watcher.told))
        assert bends.content() == before
        (bends.root / "elsewhere").rename(bends.root / "specs")
        watcher.wait(lambda: any("back" in line for line in watcher.told))
        bends.edit(BEND, "description: bend", "description: bend low")
        watcher.wait(lambda: any(statuses(build).get("exercises/bend/01") == "rendered" for build in watcher.builds[1:]))
        assert bends.content() == bends.clean().content()


def test_a_project_that_is_moved_ends_it_with_a_clear_answer(bends: Studio) -> None:
    with watching(bends) as watcher:
        there = bends.root.with_name("there")
        bends.root.rename(there)
        with (there / BEND).open("a") as file:
            file.write("# saved\n")
        assert watcher.ended() == 1
        assert "project-gone" in "".join(watcher.told)
        assert not bends.root.exists(), "nothing is written where the project was"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_rest_and_at_work(bends: Studio, number: int) -> None:
    bends.order(slow={"seconds": 0.5})
    with watching(bends) as watcher:
        bends.exercise("a", *[f"description: slow {number}" for number in range(20)])
        watcher.wait(lambda: len(bends.painted) > 3)
        started = time.monotonic()
        assert watcher.end(number) == 130
        assert time.monotonic() - started < 10
    with watching(bends) as watcher:
        assert watcher.end(number) == 130


def test_after_a_kill_nothing_is_rendered_twice(bends: Studio) -> None:
    bends.order(slow={"seconds": 0.3})
    with watching(bends) as watcher:
        bends.exercise("a", *[f"description: slow {number}" for number in range(8)])
        watcher.wait(lambda: len(bends.painted) > 6)
        watcher.end(signal.SIGKILL)
    assert bends.call("build", "--json").code == 0
    assert bends.repeated <= 4, "at most what was in work, and what was not durable yet"
    assert bends.content() == bends.clean().content()


def test_two_watchers_and_a_build_take_turns(bends: Studio) -> None:
    with watching(bends) as first, watching(bends) as second:
        bends.edit(BEND, "description: bend", "description: bend low")
        first.wait(lambda: len(bends.painted) == 4)
        assert bends.run("build", "--json", env={"CALOTYPE_PAINTER": str(bends.notes)}).code == 0
        bends.edit(BEND, "description: bend low", "description: bend lower")
        first.wait(lambda: len(bends.painted) == 5)
        time.sleep(1.5)
        assert len(bends.painted) == 5 and bends.repeated == 0
        assert {first.end(), second.end()} == {130}
    assert bends.content() == bends.clean().content()


def test_build_and_cache_may_be_deleted_while_it_watches(bends: Studio) -> None:
    with watching(bends) as watcher:
        shutil.rmtree(bends.root / "build")
        shutil.rmtree(bends.root / "cache")
        bends.edit(BEND, "description: bend", "description: bend low")
        watcher.wait(lambda: any(statuses(build).get("exercises/bend/01") == "rendered" for build in watcher.builds[1:]))
        assert len(bends.painted) == 4
        assert (bends.root / "build/index.html").exists() and (bends.root / "cache/actions.db").exists()
        assert bends.content() == bends.clean().content()


@pytest.mark.skipif(os.name != "posix", reason="a watcher is stopped by a signal")
@pytest.mark.parametrize("files", [300, pytest.param(10_000, marks=pytest.mark.soak)])
def test_files_that_change_while_it_is_stopped_are_built_when_it_goes_on(bends: Studio, files: int) -> None:
    with watching(bends) as watcher:
        watcher.process.send_signal(signal.SIGSTOP)
        for number in range(files):
            path = bends.exercise(f"n{number}", "description: turn", folder=f"exercises/f{number % 20}")
            os.utime(bends.root / path)
        watcher.process.send_signal(signal.SIGCONT)
        build = watcher.next()
        watcher.wait(lambda: watcher.builds[-1]["up_to_date"] + len(watcher.builds[-1]["targets"]) == files + 3)
        assert len(build["targets"]) == files
        bends.edit(BEND, "description: bend", "description: bend low")
        assert statuses(watcher.next()) == {"exercises/bend/01": "rendered"}, "events go on after those that were lost"
    assert len(bends.painted) == 4


def test_for_people_each_build_is_a_short_block(bends: Studio) -> None:
    process = subprocess.Popen(
        [str(CALOTYPE), "watch"], cwd=bends.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        env={**os.environ, "CALOTYPE_PAINTER": str(bends.notes)})
    try:
        end = time.monotonic() + 60
        while len(bends.painted) < 3 and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(1)
        bends.edit(BEND, "description: bend", "description: bend low")
        while len(bends.painted) < 4 and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(1)
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    *_, head, target, tally = out.strip().splitlines()
    assert head.endswith(BEND)
    assert target.startswith("rendered  exercises/bend/01 — prompt: ") and f"({BEND}:" in target
    assert tally.startswith("1 image rendered, 2 up to date (")
    assert "stopping" in err and "Traceback" not in err
