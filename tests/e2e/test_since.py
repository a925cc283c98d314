"""`check --since REV`: just the pictures that a range of commits changed, made stale or decided on, in real git repositories."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from kit import nod_spec, walk_spec
from repository import begin, commit, git, happened, since

from calotype.project.changes import changed_specs
from calotype.project.last_build import compare_with_last_build
from calotype.project.overrides import Profile
from calotype.project.workspace import open_workspace
from conftest import Space

NECK = "specs/exercises/neck"
NOD, TURN = (f"{NECK}/nod.yaml", nod_spec("nod", "title: Up", "title: Down, pose: {neck_flexion: 30}")), (
    f"{NECK}/turn.yaml", nod_spec("turn", "title: Left, pose: {neck_extension: 30}"))


@pytest.fixture
def repo(space: Space) -> Space:
    begin(space, NOD, TURN)
    return space


def build(space: Space) -> None:
    assert space.call("build", "-q").code == 0


def page(space: Space) -> str:
    return space.read("build/since/index.html")


def test_nothing_happened(repo: Space) -> None:
    run = since(repo)
    assert (run.code, run.json["pictures"], run.json["already"]) == (0, [], 0)
    assert "No picture was changed" in page(repo)
    assert "nothing to look at since start" in repo.call("check", "--since", "start").out


def test_a_changed_picture_tells_the_field_and_its_place(repo: Space) -> None:
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    build(repo)
    commit(repo)
    run = since(repo)
    assert (run.code, happened(run)) == (0, {"exercises/nod/02": ["changed"]})
    [picture] = run.json["pictures"]
    [change] = [each for each in picture["changes"] if "flexion" in each["field"]]
    assert (change["old"], change["new"], change["file"], change["line"]) == (30, 20, NOD[0], 7)
    assert picture["before"]["pixels"] != picture["now"]["pixels"]
    assert page(repo).count("<img") == 2 and page(repo).count("data:image/png;base64,") == 2


def test_what_is_not_committed_counts_as_what_is(repo: Space) -> None:
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    repo.write(f"{NECK}/tilt.yaml", nod_spec("tilt", "seed: 3"))
    build(repo)
    assert happened(since(repo, "HEAD")) == {"exercises/nod/02": ["changed"], "exercises/tilt/01": ["added"]}


def test_added_removed_and_moved_are_told_apart(repo: Space) -> None:
    repo.write(f"{NECK}/tilt.yaml", nod_spec("tilt", "seed: 3"))
    repo.remove(TURN[0])
    repo.edit(NOD[0], "id: nod", "id: nodding")
    build(repo)
    commit(repo)
    run = since(repo)
    assert happened(run) == {
        "exercises/nodding/01": ["moved"], "exercises/nodding/02": ["moved"], "exercises/tilt/01": ["added"],
        "exercises/turn/01": ["removed"]}
    assert [each["former"] for each in run.json["pictures"]] == ["exercises/nod/01", "exercises/nod/02", None, None]
    told = repo.call("check", "--since", "start").out
    assert "\nmoved" not in told and "1 added, 1 removed, 2 moved since start" in told


def test_pictures_that_only_changed_places_are_not_listed_as_changed(repo: Space) -> None:
    """A new first image: the numbers of all others move."""
    repo.edit(NOD[0], "images:\n", "images:\n  - {view_angle: anterior, body_position: standing, description: up}\n")
    build(repo)
    run = since(repo)
    assert happened(run) == {
        "exercises/nod/01": ["added"], "exercises/nod/02": ["moved"], "exercises/nod/03": ["moved"]}


def test_a_removed_first_image_is_told_beside_those_that_move_up(repo: Space) -> None:
    text = repo.read(NOD[0]).split("\n")
    repo.write(NOD[0], "\n".join(line for line in text if "title: Up" not in line))
    build(repo)
    pictures = [(each["target"], each["happened"]) for each in since(repo).json["pictures"]]
    assert sorted(pictures) == [
        ("exercises/nod/01", ["moved"]), ("exercises/nod/01", ["removed"])]


def test_what_the_range_made_stale_is_told_apart_from_what_was_so_before(repo: Space) -> None:
    repo.edit(TURN[0], "neck_extension: 30", "neck_extension: 20")
    commit(repo, "stale from here on")
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    commit(repo, "another")
    run = since(repo, "HEAD~1")
    assert (run.code, happened(run), run.json["already"]) == (1, {"exercises/nod/02": ["stale"]}, 1)
    whole = since(repo)
    assert (whole.code, whole.json["already"]) == (1, 0)
    assert happened(whole) == {"exercises/nod/02": ["stale"], "exercises/turn/01": ["stale"]}
    untouched = since(repo, "HEAD")
    assert (untouched.code, untouched.json["pictures"], untouched.json["already"]) == (0, [], 2)
    assert "; 2 images were not up to date before" in repo.call("check", "--since", "HEAD").out
    assert "; 1 image was not up to date before." in repo.call(
        "check", "--since", "HEAD~1", "--format", "markdown", "-q").out
    assert "; 1 image was not up to date before, and is left out" in page(repo)


def test_a_shared_pose_makes_stale_those_that_use_it_alone(repo: Space) -> None:
    repo.write("specs/poses/bow.yaml", "base: standing\nneck_flexion: 10\n")
    repo.write("specs/poses/deep.yaml", "base: bow\nhip_flexion: 10\n")
    repo.write(f"{NECK}/bow.yaml", nod_spec("bow", "pose: deep"))
    build(repo)
    repo.edit(TURN[0], "neck_extension: 30", "neck_extension: 20")
    commit(repo)
    repo.edit("specs/poses/bow.yaml", "10", "20")
    run = since(repo, "HEAD")
    assert (happened(run), run.json["already"]) == ({"exercises/bow/01": ["stale"]}, 1)


def test_a_missing_and_an_edited_picture_are_of_the_range_where_their_files_changed_in_it(repo: Space) -> None:
    image = "content/images/exercises/neck/turn_01.png"
    repo.write(image, (repo.root / "content/images/exercises/neck/nod_01.png").read_bytes())
    repo.remove("content/images/exercises/neck/nod_02.png")
    run = since(repo)
    assert (run.code, happened(run)) == (1, {"exercises/nod/02": ["missing"], "exercises/turn/01": ["modified"]})
    commit(repo)
    later = since(repo, "HEAD")
    assert (later.code, later.json["already"], later.json["pictures"]) == (0, 2, [])


def test_decisions_of_the_range_are_listed_with_reason_and_place(space: Space) -> None:
    begin(space, (NOD[0], nod_spec("nod", "candidates: 3, select: first")))
    assert space.call("reject", "exercises/nod/01", "2", "--reason", "the chin <juts> | out").code == 0
    assert space.call("pick", "exercises/nod/01", "3").code == 0
    build(space)
    commit(space)
    run = since(space)
    assert (run.code, happened(run)) == (0, {"exercises/nod/01": ["changed", "rejected", "picked"]})
    [picture] = run.json["pictures"]
    assert [(each["decision"], each["candidate"], each["reason"], each["line"]) for each in picture["decisions"]] == [
        ("reject", 2, "the chin <juts> | out", 3), ("pick", 3, "", 8)]
    assert (picture["before"]["pick"], picture["now"]["pick"], picture["now"]["by"]) == (1, 3, "human")
    markdown = space.call("check", "--since", "start", "--format", "markdown", "-q").out
    assert "`specs/picks/exercises/nod.yaml:3`" in markdown and "\\<juts\\> \\| out" in markdown
    assert "the chin &lt;juts&gt; | out" in page(space) and "<juts>" not in page(space)
    git(space.root, "tag", "decided")
    assert space.call("reject", "exercises/nod/01", "2", "--undo").code == 0
    assert happened(since(space, "decided")) == {"exercises/nod/01": ["reject undone"]}
    assert since(space, "decided").json["pictures"][0]["decisions"][0]["undone"]
    assert space.call("pick", "exercises/nod/01", "1").code == 0
    assert "pick replaced: candidate 3" in space.call("check", "--since", "decided").out


def test_an_approval_that_became_stale_awaits_a_person(repo: Space) -> None:
    assert repo.call("approve", "exercises/nod/02").code == 0
    build(repo)
    commit(repo)
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    assert repo.call("build", "-q").code == 3
    run = since(repo, "HEAD")
    assert (run.code, happened(run)) == (3, {"exercises/nod/02": ["awaiting"]})
    assert repo.call("check", "--since", "HEAD").code == 3


def test_words_are_listed_by_themselves(repo: Space) -> None:
    repo.edit(NOD[0], "title: Up", "title: Upright & tall")
    build(repo)
    run = since(repo)
    assert (run.code, happened(run)) == (0, {"exercises/nod/01": []})
    [word] = [each for each in run.json["pictures"][0]["words"] if each["field"] == "title"]
    assert (word["old"], word["new"], word["file"], word["line"]) == ("Up", "Upright & tall", NOD[0], 6)
    assert "Upright &amp; tall" in page(repo) or "Upright &amp;" in page(repo)
    assert "1 other words, with the same pixels" in repo.call("check", "--since", "start", "--format", "markdown", "-q").out


def test_targets_limit_what_is_listed(repo: Space) -> None:
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    repo.edit(TURN[0], "neck_extension: 30", "neck_extension: 20")
    build(repo)
    assert happened(since(repo, "start", "exercises/turn")) == {"exercises/turn/01": ["changed"]}


def test_a_merge_brings_in_what_either_side_did(repo: Space) -> None:
    git(repo.root, "switch", "-q", "-c", "side")
    repo.edit(TURN[0], "neck_extension: 30", "neck_extension: 20")
    build(repo)
    commit(repo)
    git(repo.root, "switch", "-q", "main")
    repo.write("specs/exercises/hip/bend.yaml", nod_spec("bend", "seed: 9").replace("neck", "hip"))
    build(repo)
    commit(repo)
    git(repo.root, "switch", "-q", "side")
    assert happened(since(repo, "main...")) == {"exercises/turn/01": ["changed"]}
    assert happened(since(repo, "main")) == {"exercises/bend/01": ["removed"], "exercises/turn/01": ["changed"]}
    git(repo.root, "-c", "user.name=a", "-c", "user.email=a@b", "merge", "-q", "--no-edit", "main")
    assert happened(since(repo, "HEAD^2")) == {"exercises/turn/01": ["changed"]}
    assert happened(since(repo, "HEAD^1")) == {"exercises/bend/01": ["added"]}


def test_a_project_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    space = Space(tmp_path / "repo" / "a b" / "[pro] ject")
    space.root.mkdir(parents=True)
    git(tmp_path / "repo", "init", "-q", "-b", "main")
    (tmp_path / "repo" / "other.txt").write_text("no part of it")
    begin(space, NOD)
    (tmp_path / "repo" / "other.txt").write_text("changed")
    space.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    build(space)
    assert happened(since(space)) == {"exercises/nod/02": ["changed"]}
    assert page(space).count("data:image/png;base64,") == 2


def test_a_clone_without_cache_and_build_tells_the_same(repo: Space, tmp_path: Path) -> None:
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    build(repo)
    repo.edit(TURN[0], "neck_extension: 30", "neck_extension: 20")
    commit(repo)
    git(tmp_path, "clone", "-q", str(repo.root), "clone")
    clone = Space(tmp_path / "clone")
    here, elsewhere = since(repo), since(clone)
    assert here.json["pictures"] == elsewhere.json["pictures"] and here.code == elsewhere.code == 1
    assert page(repo) == page(clone)
    assert git(clone.root, "status", "--porcelain") == ""


def test_a_shallow_clone_says_what_it_lacks(repo: Space, tmp_path: Path) -> None:
    commit(repo)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repo.root}", "shallow")
    shallow = Space(tmp_path / "shallow")
    run = shallow.call("check", "--since", "HEAD^1")
    assert run.code == 2 and "the clone is cut short" in run.err and "fetch-depth: 0" in run.err
    assert not (shallow.root / "build/since").exists()


@pytest.mark.parametrize("rev", [
    "nowhere", "--output=x", "-h", "", " ", "start..", "start..HEAD", "start...main", "HEAD:specs", "HEAD^{tree}", "a\nb",
    "refs/heads/main:calotype.yaml", "0" * 40, "@{u}"])
def test_a_revision_that_is_none_is_refused(repo: Space, rev: str) -> None:
    before = repo.snapshot()
    run = repo.call("check", f"--since={rev}")
    assert run.code == 2 and "error[" in run.err and "hint:" in run.err, (rev, run)
    assert repo.snapshot() == before


def test_a_name_of_a_branch_and_of_a_tag_is_ambiguous(repo: Space) -> None:
    git(repo.root, "branch", "start")
    run = repo.call("check", "--since", "start")
    assert run.code == 2 and "ambiguous-revision" in run.err and "refs/heads/" in run.err
    assert repo.call("check", "--since", "refs/tags/start").code == 0


def test_unrelated_histories_have_no_parting(repo: Space) -> None:
    git(repo.root, "checkout", "-q", "--orphan", "island")
    commit(repo, "a first one")
    run = repo.call("check", "--since", "main...")
    assert run.code == 2 and "have no commit in common" in run.err


def test_without_a_repository_and_without_git(space: Space, tmp_path: Path) -> None:
    space.write(*NOD)
    build(space)
    run = space.run("check", "--since", "main", env={"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert run.code == 2 and "no-repository" in run.err
    (tmp_path / "bin").mkdir()
    run = space.run("check", "--since", "main", env={"PATH": str(tmp_path / "bin")})
    assert run.code == 2 and "git is not installed" in run.err


def test_a_preset_is_no_part_of_a_range(repo: Space) -> None:
    run = repo.call("check", "--since", "start", "--preset", "small")
    assert run.code == 2 and "leave them out" in run.err


def test_git_lfs_pointers_are_told_and_no_picture_is_broken(repo: Space) -> None:
    image = repo.root / "content/images/exercises/neck/nod_02.png"
    whole = image.read_bytes()
    oid = hashlib.sha256(whole).hexdigest()
    image.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(whole)}\n")
    commit(repo, "in LFS")
    image.write_bytes(whole)
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    build(repo)
    assert happened(since(repo, "HEAD")) == {"exercises/nod/02": ["changed"]}
    assert "is in Git LFS, and not fetched" in page(repo) and page(repo).count("<img") == 1
    stored = repo.root / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
    stored.parent.mkdir(parents=True)
    stored.write_bytes(whole)
    since(repo, "HEAD")
    assert page(repo).count("<img") == 2 and "Git LFS" not in page(repo)


def test_what_is_no_picture_before_is_told(repo: Space) -> None:
    image = repo.root / "content/images/exercises/neck/nod_02.png"
    whole = image.read_bytes()
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    commit(repo)
    image.write_bytes(whole)
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    build(repo)
    assert since(repo, "HEAD").code == 0
    assert "The picture before cannot be shown" in page(repo) and page(repo).count("<img") == 1


def test_a_manifest_of_before_that_is_damaged_or_newer(repo: Space) -> None:
    shard = "content/manifest/exercises/neck.jsonl"
    good = repo.read(shard)
    lines = good.split("\n")
    repo.write(shard, "\n".join([lines[0], lines[1][:90], *lines[2:]]))
    commit(repo, "torn")
    repo.write(shard, good)
    run = since(repo, "HEAD")
    assert run.code == 0 and "manifest-damaged" in run.err
    assert happened(run) == {}  # what cannot be read is not taken for absent
    repo.edit("content/manifest.json", '"schema": 1', '"schema": 9')
    commit(repo, "newer")
    repo.edit("content/manifest.json", '"schema": 9', '"schema": 1')
    newer = repo.call("check", "--since", "HEAD")
    assert newer.code == 2 and "manifest-newer" in newer.err and ":content/manifest.json" in newer.err


def test_decisions_of_before_that_cannot_be_read_are_told(repo: Space) -> None:
    assert repo.call("approve", "exercises/nod/02").code == 0
    build(repo)
    picks = "specs/picks/exercises/nod.yaml"
    good = repo.read(picks)
    repo.write(picks, "version: 9\n")
    commit(repo)
    repo.write(picks, good)
    run = since(repo, "HEAD")
    assert (run.code, happened(run)) == (0, {}) and "its decisions are not compared" in run.err


def test_an_invalid_spec_is_exit_2_as_ever(repo: Space) -> None:
    repo.write(NOD[0], repo.read(NOD[0]).replace("view_angle", "veiw_angle", 1))
    run = repo.call("check", "--since", "start")
    assert run.code == 2 and "unknown-key" in run.err


def test_git_s_repository_is_only_read(repo: Space) -> None:
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    build(repo)
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in (repo.root / ".git").rglob("*")}
    since(repo)
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in (repo.root / ".git").rglob("*")} == before


def test_no_hook_and_no_driver_of_the_repository_runs(repo: Space, tmp_path: Path) -> None:
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    evil.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "diff.x.textconv", "diff.x.command", "core.pager"):
        git(repo.root, "config", key, str(evil))
    repo.write(".git/info/attributes", "* diff=x\n")
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    build(repo)
    assert happened(since(repo)) == {"exercises/nod/02": ["changed"]}
    assert not (tmp_path / "ran").exists()


def test_copied_files_whose_times_alone_are_new_have_not_changed(repo: Space) -> None:
    repo.edit(TURN[0], "neck_extension: 30", "neck_extension: 20")
    commit(repo)
    for path in (repo.root / "specs").rglob("*.yaml"):
        os.utime(path, (1, 1))
    run = since(repo, "HEAD")
    assert (run.json["pictures"], run.json["already"]) == ([], 1)


def test_what_stands_in_the_page_s_place_is_left_as_it_is(repo: Space, tmp_path: Path) -> None:
    (repo.root / "build/since").symlink_to(tmp_path, target_is_directory=True)
    run = repo.call("check", "--since", "start")
    assert run.code == 2 and "build/since" in run.err and not (tmp_path / "index.html").exists()


def test_the_page_makes_no_other_page_anew(repo: Space) -> None:
    since(repo)
    build(repo)
    pages = repo.snapshot("build")
    since(repo)
    build(repo)
    assert repo.snapshot("build").keys() == pages.keys()
    assert {path: stamp for path, stamp in repo.snapshot("build").items() if "/since/" not in path} == {
        path: stamp for path, stamp in pages.items() if "/since/" not in path}


def test_after_it_a_check_and_a_build_still_look_into_no_spec(repo: Space) -> None:
    repo.settle()
    build(repo)
    since(repo)
    diff = compare_with_last_build(str(repo.root))
    assert "build" in diff.changed
    with open_workspace(repo.root, Profile()) as workspace:
        found = changed_specs(repo.root, diff, workspace.state, workspace.decided)
    assert (found.files, found.whole) == ((), False)
    repo.remove("build/index.html")
    build(repo)
    assert (repo.root / "build/index.html").exists()


def test_formats_of_machines_hold_the_range_alone(repo: Space, tmp_path: Path) -> None:
    repo.edit(TURN[0], "neck_extension: 30", "neck_extension: 20")
    commit(repo)
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    assert repo.call("build", "-q", "exercises/nod").code == 0
    summary = tmp_path / "summary.md"
    done = repo.run("check", "--since", "HEAD", "--format", "github", env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert done.code == 0 and "::notice file=specs/exercises/neck/nod.yaml,line=7,title=picture-reviewed::" in done.out
    assert "turn" not in done.out and "| `exercises/nod/02` | changed |" in summary.read_text()
    sarif = json.loads(repo.call("check", "--since", "HEAD", "--format", "sarif", "-q").out)
    [result] = sarif["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("picture-reviewed", "note")
    junit = repo.call("check", "--since", "HEAD", "--format", "junit", "-q").out
    assert 'tests="1" failures="0"' in junit and 'name="exercises/nod/02"' in junit


def test_hostile_names_stay_words(space: Space) -> None:
    begin(space, (NOD[0], nod_spec("nod", 'caption: "<img src=x onerror=alert(1)> | `a` </script>\\u202e"')))
    space.edit(NOD[0], "</script>", "</style><b>")
    space.write("specs/exercises/neck/notes \n|`<b>.txt", "no spec")
    build(space)
    run = since(space)
    assert run.code == 0 and happened(run) == {"exercises/nod/01": []}
    text = page(space)
    assert "<img src=x" not in text and "</style><b>" not in text and text.count("</script>") == 1
    markdown = space.call("check", "--since", "start", "--format", "markdown", "-q").out
    assert "<img" not in markdown.replace("\\<img", "") and "\u202e" not in markdown


def test_a_check_with_since_looks_into_no_more_than_it_must(repo: Space) -> None:
    """Shards and picks that are as they were are not read from git."""
    trace = repo.root.parent / "trace"
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    build(repo)
    run = repo.run("check", "--since", "start", "--json", env={"GIT_TRACE": str(trace)})
    assert run.code == 0
    asked = [line.partition("built-in: ")[2].split()[1] for line in trace.read_text().splitlines() if "built-in: " in line]
    assert sorted(asked) == ["cat-file", "cat-file", "diff-index", "ls-files", "ls-tree", "rev-parse", "rev-parse"]


def test_names_that_are_no_utf_8(repo: Space) -> None:
    name = os.fsdecode(b"caf\xe9")
    git(repo.root, "branch", name)
    (repo.root / os.fsdecode(b"notes \xff.txt")).write_text("no spec")
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    build(repo)
    run = repo.run("check", "--since", name, "--json")
    assert (run.code, run.json["since"], happened(run)) == (0, "caf\ufffd", {"exercises/nod/02": ["changed"]})
    assert "Pictures since caf\ufffd" in page(repo)


def test_a_hook_of_git_s_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    """git tells its hooks where the repository and the index are, by paths from the top of the working tree."""
    space = Space(tmp_path / "repo" / "inner")
    space.root.mkdir(parents=True)
    git(tmp_path / "repo", "init", "-q", "-b", "main")
    begin(space, NOD)
    space.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    build(space)
    git(tmp_path / "repo", "add", "-A")
    run = space.run("--project", "inner", "check", "--since", "HEAD", "--json", cwd=tmp_path / "repo",
                    env={"GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index"})
    assert (run.code, happened(run)) == (0, {"exercises/nod/02": ["changed"]}), run.err


def test_a_template_of_the_author_s_shows_the_page_or_is_told_with_its_place(repo: Space) -> None:
    repo.edit(NOD[0], "neck_flexion: 30", "neck_flexion: 20")
    repo.write("templates/sheets/reviewed.html.j2", "<p>mine: {{ picture.target }}</p>\n")
    build(repo)
    assert since(repo).code == 0 and "<p>mine: exercises/nod/02</p>" in page(repo)
    repo.write("templates/sheets/reviewed.html.j2", "<p>\n{{ picture.nothing }}</p>\n")
    run = repo.call("check", "--since", "start")
    assert run.code == 1 and "templates/sheets/reviewed.html.j2:2: error[sheet-template]" in run.err
    assert "<p>mine: exercises/nod/02</p>" in page(repo)


def test_pictures_beyond_the_page_s_bound_are_counted(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calotype.queries.review.review_page.MOST", 2)
    begin(space, NOD)
    space.write(TURN[0], nod_spec("turn", *(f"seed: {seed}" for seed in range(1, 6))))
    build(space)
    assert len(since(space).json["pictures"]) == 5
    assert page(space).count("<img") == 2 and "… and 3 pictures more" in page(space)


def test_a_spec_that_is_removed_with_its_picture_left_is_of_the_range(repo: Space) -> None:
    repo.remove(TURN[0])
    commit(repo)
    run = since(repo)
    assert (run.code, happened(run)) == (1, {"exercises/turn/01": ["stale"]})
    assert run.json["pictures"][0]["reason"] == "no spec asks for it"
    assert since(repo, "HEAD").code == 0 and since(repo, "HEAD").json["already"] == 1


def test_a_picture_that_starts_from_a_changed_one_is_of_the_range(space: Space) -> None:
    begin(space, ("specs/scenes/walk.yaml", walk_spec("stands", "steps")), TURN)
    space.edit("specs/scenes/walk.yaml", "prompt: stands", "prompt: stands, seed: 9")
    assert space.call("build", "-q", "scenes/walk/a").code == 0
    assert list(happened(since(space))) == ["scenes/walk/a"]


def test_calotype_yaml_and_styles_concern_all_that_is_not_up_to_date(repo: Space) -> None:
    repo.edit(TURN[0], "neck_extension: 30", "neck_extension: 20")
    commit(repo)
    repo.edit("calotype.yaml", "64, 64", "72, 72")
    run = since(repo, "HEAD")
    assert set(happened(run)) == {"exercises/nod/01", "exercises/nod/02", "exercises/turn/01"}
    assert run.json["already"] == 0


def test_a_picture_put_in_by_hand_is_called_no_candidate(repo: Space, tmp_path: Path) -> None:
    from PIL import Image

    with Image.open(repo.root / "content/images/exercises/neck/nod_01.png") as published:
        size = published.size
    Image.new("RGB", size, (1, 2, 3)).save(tmp_path / "own.png")
    assert repo.call("pick", "exercises/nod/01", str(tmp_path / "own.png")).code == 0
    assert repo.call("approve", "exercises/nod/01").code == 0
    told = repo.call("check", "--since", "start").out
    assert "imported: the published picture" in told and "approved: the published picture" in told
    assert "candidate 1" not in told
