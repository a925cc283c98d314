"""`calotype export training`: a target that is no image, from the command line, with a cache and on a bare clone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from kit import build, codes, manifest_lines

import calotype
from calotype.ground.images import pixels_of
from calotype.project.last_build import compare_with_last_build
from conftest import Run, Space

DOLL = "specs/characters/doll.yaml"
SET, FOLDER = "characters/doll/training_set", "content/training/doll"
FRONT, BACK = "characters/doll/anchors/front", "characters/doll/anchors/back"
BOW, SQUAT = "characters/doll/variations/bow_01", "characters/doll/variations/squat_01"
SPEC = """\
kind: character
id: doll
title: Doll
prompt: made of wood, painted red
anchors:
  poses:
    - {id: front, view_angle: anterior, pose: standing}
    - {id: back, view_angle: posterior, pose: standing, select: first, candidates: 2}
variations:
  - {id: bow, view_angle: lateral, pose: {base: standing, left: {elbow_flexion: 90}}, anchor: front}
  - {id: squat, view_angle: lateral, pose: {base: standing, hip_flexion: 90, knee_flexion: 100}, anchor: front}
training_set: {trigger_word: dolly, min: 3, max: 4, select: suggest}
"""
NAMES = {"anchor_front", "anchor_back", "bow_01", "squat_01"}
FILES = {*(f"images/{name}.{ending}" for name in NAMES for ending in ("png", "txt")), "images/metadata.jsonl",
         "dataset.toml", "ai-toolkit.yaml", "README.md", "report.json", "doll.zip", "training_set.json"}


@pytest.fixture
def doll(space: Space) -> Space:
    """A character of four images, nothing built."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [32, 32]}\n")
    space.write(DOLL, SPEC)
    return space


@pytest.fixture
def set_of_four(doll: Space) -> Space:
    """Its set is exported, of all four."""
    assert export(doll).code == 0
    doll.settle()
    return doll


def export(space: Space, *words: str) -> Run:
    return space.call("export", "training", "doll", "--json", *words)


def names(space: Space, folder: str = FOLDER) -> set[str]:
    return {name.removeprefix(f"{folder}/") for name in space.files(folder)}


def contents(space: Space) -> dict[str, bytes]:
    return {name: (space.root / FOLDER / name).read_bytes() for name in names(space)}


def standing(space: Space) -> str:
    """How the set stands, as list, plan, check and explain all say."""
    (listed,) = (row["state"] for row in space.call("list", "--json").json["targets"] if row["target"] == SET)
    for command in ("plan", "check"):
        (row,) = space.call(command, "--json").json["products"]
        assert (row["target"], row["status"], row["path"]) == (SET, listed, f"{FOLDER}/doll.zip")
    explained = space.call("explain", SET, "--json").json
    assert explained["status"] == listed
    full = space.call("check", "--full", "--json")
    assert [row["status"] for row in full.json["products"]] == [listed]
    assert full.code == space.call("check").code == {"up_to_date": 0, "not_built": 0, "awaiting": 3}.get(listed, 1)
    return str(listed)


def test_it_builds_what_it_needs_and_writes_pictures_captions_and_what_trainers_read(doll: Space) -> None:
    done = export(doll)
    assert (done.code, done.json["status"], done.json["renders"]) == (0, "exported", 5), done.err
    assert done.json["targets"][-1] == {
        "target": SET, "status": "exported", "path": f"{FOLDER}/doll.zip", "reason": "new"}
    assert names(doll) == FILES
    published = manifest_lines(doll)
    for target, name in ((FRONT, "anchor_front"), (BACK, "anchor_back"), (BOW, "bow_01"), (SQUAT, "squat_01")):
        picture = doll.root / FOLDER / f"images/{name}.png"
        assert pixels_of(picture) == published[target]["pixels"]
        assert b"parameters" not in picture.read_bytes() and b"xmp" not in picture.read_bytes()
        assert doll.read(f"{FOLDER}/images/{name}.txt").startswith("dolly, seen from ")
    assert doll.read(f"{FOLDER}/images/bow_01.txt") == "dolly, seen from the right side, standing, the left elbow bent\n"
    assert "wood" not in "".join(doll.read(f"{FOLDER}/images/{name}.txt") for name in NAMES)
    rows = [json.loads(line) for line in doll.read(f"{FOLDER}/images/metadata.jsonl").splitlines()]
    assert {row["file_name"]: f"{row['text']}\n" for row in rows} == {
        f"{name}.png": doll.read(f"{FOLDER}/images/{name}.txt") for name in NAMES}
    with zipfile.ZipFile(doll.root / FOLDER / "doll.zip") as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert inside == {name: data for name, data in contents(doll).items() if name not in ("doll.zip", "training_set.json")}
    report = done.json["report"]
    assert (report["images"], report["minimum"], report["missing"], report["lacking"]) == (4, 3, 0, "")
    assert {member["target"]: member["by"] for member in report["members"]} == {
        FRONT: "anchor", BACK: "anchor", BOW: "suggest", SQUAT: "suggest"}
    assert report["views"]["lateral"] == 2 and json.loads(doll.read(f"{FOLDER}/report.json"))["views"] == report["views"]
    assert doll.read("content/training/.gitignore") == "*\n"
    assert standing(doll) == "up_to_date"


def test_it_is_listed_and_changes_no_exit_code_until_it_was_built(doll: Space) -> None:
    assert build(doll).code == 0
    assert standing(doll) == "not_built"
    for words in ((), ("characters/*",), ("characters/doll",), ("*",)):
        assert build(doll, *words).code == 0
    assert not (doll.root / FOLDER).exists()
    assert f"not built {SET} — `calotype export training doll` makes it" in doll.call("plan").out
    assert "4 up to date" in doll.call("check").out
    assert doll.call("list").out.splitlines()[-1] == "5 targets: 4 up to date, 1 not built"
    assert doll.call("check", "characters/doll/t*", "--json").json["products"][0]["status"] == "not_built"


def test_again_nothing_is_written_and_no_picture_decoded(set_of_four: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set_of_four.snapshot()

    def decoded(*_: object) -> None:
        raise AssertionError("a picture is decoded")

    monkeypatch.setattr("calotype.ground.images._decode", decoded)
    for words in (("export", "training", "doll"), ("build", f"./{SET}/"), ("export", "training", "characters/doll")):
        done = set_of_four.call(*words, "--json")
        assert (done.code, done.json["renders"], done.json["targets"]) == (0, 0, []), done.err
        assert done.json["up_to_date"] == 5
    assert export(set_of_four).json["report"]["near_duplicate_pairs"] >= 0
    assert set_of_four.snapshot() == before
    assert build(set_of_four).json["targets"] == [] and set_of_four.snapshot() == before


def test_it_is_built_by_its_exact_name_beside_others_and_planned_so(doll: Space) -> None:
    plan = doll.call("plan", SET, "--json").json
    assert plan["renders"] == 5 and plan["targets"][-1]["status"] == "export"
    assert doll.call("build", SET, "--dry-run", "--json").json["targets"][-1]["status"] == "export"
    assert not (doll.root / FOLDER).exists()
    done = doll.call("build", SET, FRONT, "--json")
    assert done.code == 0 and done.statuses[SET] == "exported" and names(doll) == FILES
    assert doll.call("plan", SET, "--json").json["targets"] == []
    assert doll.call("check", SET, "--json").json["up_to_date"] == 1


def test_two_exports_are_byte_identical_also_from_a_bare_clone(doll: Space, tmp_path: Path) -> None:
    assert export(doll).code == 0
    clone = Space(tmp_path / "clone")
    shutil.copytree(doll.root, clone.root, ignore=shutil.ignore_patterns("cache", "build", "training"))
    assert standing_of_clone(clone) == "not_built"
    os.utime(clone.root / "content/images/characters/doll/anchors/front.png", (1, 1))
    done = export(clone)
    assert (done.code, done.json["renders"]) == (0, 0), done.err
    assert contents(clone) == contents(doll)
    shutil.rmtree(clone.root / FOLDER)
    assert export(clone).code == 0 and contents(clone) == contents(doll)


def standing_of_clone(clone: Space) -> str:
    done = clone.call("check", "--json")
    assert done.code == 0, done.err
    return str(done.json["products"][0]["status"])


def test_an_export_is_current_on_a_bare_clone_that_was_given_it(set_of_four: Space, tmp_path: Path) -> None:
    clone = Space(tmp_path / "clone")
    shutil.copytree(set_of_four.root, clone.root, ignore=shutil.ignore_patterns("cache", "build"))
    assert standing(clone) == "up_to_date"
    assert export(clone).json["status"] == "up_to_date"


def test_a_repicked_anchor_makes_it_stale_and_is_named(set_of_four: Space) -> None:
    before = contents(set_of_four)
    assert set_of_four.call("pick", BACK, "2").code == 0
    assert build(set_of_four).code == 0
    assert standing(set_of_four) == "stale"
    done = set_of_four.call("check", "--json")
    assert done.code == 1 and done.json["targets"][0]["reason"] == "anchors/back pixels changed"
    (change,) = set_of_four.call("explain", SET, "--json").json["changes"]
    assert (change["field"], change["file"], change["line"]) == ("anchors/back pixels", DOLL, 8)
    assert contents(set_of_four) == before, "a plain build never exports"
    done = export(set_of_four)
    assert (done.code, done.json["status"]) == (0, "exported")
    after = contents(set_of_four)
    assert {name for name in after if after[name] != before.get(name)} >= {"images/anchor_back.png", "doll.zip"}
    assert after["images/squat_01.png"] == before["images/squat_01.png"] and standing(set_of_four) == "up_to_date"


@pytest.mark.parametrize(("old", "new", "reason"), [
    ("pose: {base: standing, hip_flexion: 90", "seed: 7, pose: {base: standing, hip_flexion: 90",
     "variations/squat_01 is left out (it is stale)"),
    ("trigger_word: dolly", "trigger_word: doll", "anchors/back caption changed"),
    ("title: Doll", "title: Dolly", "title changed"),
    ("max: 4", "max: 3", "variations/"),
    ("anchor: front}\n  - {id: squat", "anchor: front, caption: bows}\n  - {id: squat", "variations/bow_01 caption changed"),
    ("select: suggest}", "select: suggest, captions: full}", "anchors/back caption changed"),
    ("  - {id: bow", "  - {id: nod, view_angle: oblique, pose: {base: seated}}\n  - {id: bow", "is new"),
])
def test_a_change_of_the_set_makes_it_stale(set_of_four: Space, old: str, new: str, reason: str) -> None:
    set_of_four.edit(DOLL, old, new)
    if "seed: 7" not in new:  # a picture that is to be rendered is out until it is
        assert build(set_of_four).code == 0
    row = next(row for row in set_of_four.call("check", "--json").json["targets"] if row["target"] == SET)
    assert (row["status"], reason in row["reason"]) == ("stale", True), row
    assert export(set_of_four).code == 0 and standing(set_of_four) == "up_to_date"
    set_of_four.edit(DOLL, new, old)
    assert export(set_of_four).code == 0 and standing(set_of_four) == "up_to_date"


@pytest.mark.parametrize("words", ["title: Doll\ntags: [wood]", "title: Doll\n# a remark"])
def test_what_decides_no_byte_leaves_it_current(set_of_four: Space, words: str) -> None:
    set_of_four.edit(DOLL, "title: Doll", words)
    assert build(set_of_four).code == 0
    assert standing(set_of_four) == "up_to_date"


def test_an_edited_and_a_lost_file_are_told_and_put_right(set_of_four: Space) -> None:
    before = contents(set_of_four)
    set_of_four.write(f"{FOLDER}/images/bow_01.txt", "dolly, bowing low\n")
    set_of_four.remove(f"{FOLDER}/images/anchor_front.png")
    assert standing(set_of_four) == "modified"
    reason = set_of_four.call("check", "--json").json["targets"][0]["reason"]
    assert reason == "images/anchor_front.png is missing, images/bow_01.txt was edited"
    done = export(set_of_four)
    assert (done.code, done.json["status"], codes(done)) == (0, "exported", ["edited"])
    assert contents(set_of_four) == before and standing(set_of_four) == "up_to_date"
    assert set_of_four.read(f"build/edited/{FOLDER}/images/bow_01.txt") == "dolly, bowing low\n"


def test_files_of_others_stay_and_those_of_members_that_left_go(set_of_four: Space) -> None:
    set_of_four.write(f"{FOLDER}/doll.safetensors", b"weights")
    set_of_four.write(f"{FOLDER}/images/mine.png", b"mine")
    assert set_of_four.call("exclude", BOW, "--reason", "a hand too many").code == 0
    done = export(set_of_four)
    assert (done.code, done.json["targets"][0]["reason"]) == (
        0, "variations/bow_01 is left out (excluded: a hand too many)"), done.err
    assert names(set_of_four) == FILES - {"images/bow_01.png", "images/bow_01.txt"} | {
        "doll.safetensors", "images/mine.png"}
    assert build(set_of_four).code == 0 and names(set_of_four) >= {"doll.safetensors", "images/mine.png"}


def test_what_is_not_the_exports_is_never_overwritten(doll: Space) -> None:
    doll.write(f"{FOLDER}/README.md", "mine")
    doll.write(f"{FOLDER}/images/bow_01.txt", "mine too")
    done = export(doll)
    assert (done.code, done.json["status"], codes(done)) == (1, "failed", ["in-the-way", "in-the-way"])
    assert names(doll) == {"README.md", "images/bow_01.txt"} and doll.read(f"{FOLDER}/README.md") == "mine"
    for name in names(doll):
        doll.remove(f"{FOLDER}/{name}")
    assert export(doll).code == 0


def test_under_min_nothing_is_written_and_it_says_what_is_missing(doll: Space) -> None:
    doll.edit(DOLL, "min: 3, max: 4, select: suggest", "min: 3, max: 4")
    done = export(doll)
    assert (done.code, done.json["status"], done.json["awaiting"]) == (3, "awaiting", 1)
    lacking = "it has 2 images, and `min` is 3: 2 can be included (`calotype include TARGET`)"
    assert done.json["targets"][-1]["reason"] == lacking == done.json["report"]["lacking"]
    assert (done.json["report"]["missing"], done.json["report"]["images"]) == (1, 2)
    assert not (doll.root / "content/training").exists() and standing(doll) == "not_built"
    assert doll.call("plan", SET, "--json").json["awaiting"] == 1
    assert lacking in doll.call("export", "training", "doll").out
    assert doll.call("include", BOW).code == 0
    assert (export(doll).code, standing(doll)) == (0, "up_to_date")
    assert "images/bow_01.png" in names(doll) and "images/squat_01.png" not in names(doll)
    doll.edit(DOLL, "min: 3", "min: 4")
    assert standing(doll) == "awaiting" and export(doll).code == 3


def test_members_that_await_a_human_are_told(doll: Space) -> None:
    doll.edit(DOLL, "select: first, candidates: 2", "select: human, candidates: 2")
    doll.edit(DOLL, "min: 3", "min: 4")
    done = export(doll)
    assert (done.code, done.json["status"]) == (3, "awaiting") and done.statuses[BACK] == "awaiting"
    assert "1 to be built or decided" in done.json["targets"][-1]["reason"]
    assert not (doll.root / FOLDER).exists()
    assert doll.call("pick", BACK, "2").code == 0
    assert export(doll).code == 0 and standing(doll) == "up_to_date"


def test_a_set_that_is_usable_without_what_awaits_is_exported_and_a_note_tells_of_it(doll: Space) -> None:
    doll.edit(DOLL, "select: first, candidates: 2", "select: human, candidates: 2")
    done = export(doll)
    assert (done.code, done.json["status"], done.statuses[BACK]) == (0, "exported", "awaiting")
    (note,) = done.json["diagnostics"]
    assert (note["severity"], note["code"], BACK in note["message"]) == ("note", "made-without", True)
    again = doll.call("export", "training", "doll")
    assert again.code == 0 and "1 image awaits a decision" in again.err + again.out
    assert doll.call("build", SET).code == 0
    assert doll.call("build", SET, FRONT).code == doll.call("build", SET, BACK).code == doll.call("build").code == 3
    assert "images/anchor_back.png" not in names(doll) and "images/bow_01.png" in names(doll)
    assert doll.call("pick", BACK, "1").code == 0 and build(doll).code == 0
    assert standing(doll) == "stale"


def test_it_stands_in_the_graph_behind_its_members(doll: Space) -> None:
    assert build(doll).code == 0
    graph = doll.call("graph", "--json").json
    assert graph["nodes"][-1] == SET
    assert {source for source, target in graph["edges"] if target == SET} == {FRONT, BACK, BOW, SQUAT}


@pytest.mark.parametrize(("words", "code"), [
    (("export", "training", "ghost"), "unknown-target"), (("export", "training", "../doll"), "unknown-target"),
    (("export", "training", "*"), "unknown-target"), (("export", "training", ""), "unknown-target"),
    (("build", "characters/ghost/training_set"), "unknown-target"),
    (("explain", "characters/ghost/training_set"), "unknown-target"),
    (("build", "characters/plain/training_set"), "no-training-set"),
    (("export", "training", "plain"), "no-training-set"),
    (("build", SET, "--preset", "draft"), "without-effect"),
    (("build", "characters/doll/training_sets"), "unknown-target"),
    (("build", "characters/doll/training_*"), "unknown-target"),
])
def test_what_cannot_be_exported_is_refused_before_anything_is_done(doll: Space, words: tuple[str, ...], code: str) -> None:
    doll.write("specs/characters/plain.yaml", "kind: character\nid: plain\nanchors: {poses: [{id: front}]}\n")
    done = doll.call(*words, "--json")
    assert (done.code, codes(done)) == (2, [code]), done.err
    assert done.json["diagnostics"][0]["hint"]
    assert not (doll.root / "content/images").exists()


def test_an_invalid_spec_exports_nothing(set_of_four: Space) -> None:
    before = contents(set_of_four)
    set_of_four.edit(DOLL, "trigger_word: dolly", "trigger_word: two words")
    done = export(set_of_four)
    assert (done.code, codes(done)) == (2, ["bad-trigger-word"]) and contents(set_of_four) == before


@pytest.mark.parametrize("text", ["", "{}", "[]", "{\"version\": 1", '{"version": 1, "key": "", "components": {}, "files": '
                                  '{"../../../specs/characters/doll.yaml": "0"}, "pending": {}, "facts": {}}'])
def test_a_damaged_record_is_told_and_never_taken_for_none(set_of_four: Space, text: str) -> None:
    before = contents(set_of_four)
    set_of_four.write(f"{FOLDER}/training_set.json", text)
    for words in (("check",), ("plan",), ("list",), ("explain", SET), ("export", "training", "doll")):
        done = set_of_four.call(*words, "--json")
        assert (done.code, codes(done)) == (2, ["damaged-record"]), words
    set_of_four.remove(f"{FOLDER}/training_set.json")
    assert standing(set_of_four) == "not_built"
    assert export(set_of_four).code == 0 and contents(set_of_four) == before


def test_a_record_of_a_newer_version_is_refused(set_of_four: Space) -> None:
    record = json.loads(set_of_four.read(f"{FOLDER}/training_set.json"))
    set_of_four.write(f"{FOLDER}/training_set.json", json.dumps({**record, "version": 2}))
    assert codes(export(set_of_four)) == ["newer"]


@pytest.mark.parametrize("link", ["content/training", FOLDER, f"{FOLDER}/images", f"{FOLDER}/training_set.json",
                                  f"{FOLDER}/images/bow_01.png", f"{FOLDER}/README.md"])
def test_no_link_leads_out(doll: Space, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    file = link.endswith((".json", ".png", ".md"))
    aim = outside / "file" if file else outside
    if file:
        aim.write_text("theirs")
    (doll.root / link).parent.mkdir(parents=True, exist_ok=True)
    (doll.root / link).symlink_to(aim)
    done = export(doll)
    assert done.code in (1, 2) and "Traceback" not in done.err
    assert sorted(path.name for path in outside.iterdir()) == (["file"] if file else [])
    assert not file or aim.read_text() == "theirs"


def test_a_long_caption_is_a_warning_with_its_target(doll: Space) -> None:
    doll.edit(DOLL, "{id: squat,", f"{{id: squat, caption: '{'word ' * 90}', ")
    done = export(doll)
    (diagnostic,) = done.json["diagnostics"]
    assert (done.code, diagnostic["code"], diagnostic["severity"]) == (0, "caption-too-long", "warning")
    assert SQUAT in diagnostic["message"] and (diagnostic["file"], diagnostic["line"]) == (DOLL, 11)


def test_git_leaves_it_alone(set_of_four: Space) -> None:
    git = ["git", "-C", str(set_of_four.root)]
    subprocess.run([*git, "init", "-q"], check=True)
    done = subprocess.run([*git, "status", "--porcelain", "-uall"], check=True, capture_output=True, text=True)
    assert "content/images" in done.stdout and "training" not in done.stdout


def test_it_is_exported_from_python(doll: Space) -> None:
    project = calotype.Project.open(doll.root)
    made = project.export_training("doll", jobs=1)
    assert (made.status, made.target, made.path) == ("exported", SET, f"{FOLDER}/doll.zip")
    assert made.report["images"] == 4 and made.outcome.exit_code == 0
    again = project.export_training("doll")
    assert (again.status, again.report["images"], again.outcome.renders) == ("up_to_date", 4, 0)
    with pytest.raises(calotype.Problem):
        project.export_training("ghost")


def test_hugging_face_datasets_reads_it(set_of_four: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder by the card in its README; the folder of pictures as an `imagefolder`."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="the extra `test` brings it")
    folder, captions = set_of_four.root / FOLDER, {
        name: set_of_four.read(f"{FOLDER}/images/{name}.txt").strip() for name in NAMES}
    for number, source in enumerate(((str(folder),), ("imagefolder", None, str(folder / "images")))):
        loaded = datasets.load_dataset(*source, cache_dir=str(tmp_path / f"cache{number}"))
        assert list(loaded) == ["train"]
        rows = loaded["train"].cast_column("image", datasets.Image(decode=False))
        assert {Path(row["image"]["path"]).stem: row["text"] for row in rows} == captions
        assert loaded["train"][0]["image"].size == (32, 32)


@pytest.mark.parametrize("gone", [False, True])
def test_what_was_exported_of_a_character_that_is_gone_is_told_and_stays(set_of_four: Space, gone: bool) -> None:
    before = set_of_four.files("content/training/doll")
    [file] = [name for name in set_of_four.files("specs/characters") if name.endswith("doll.yaml")]
    if gone:
        set_of_four.remove(file)
    else:
        set_of_four.edit(file, "id: doll", "id: puppet")
    done = set_of_four.call("build", "--json")
    [told] = [each for each in done.json["diagnostics"] if each["code"] == "training-left"]
    assert (told["severity"], told["file"]) == ("warning", "content/training/doll/")
    assert before and set_of_four.files("content/training/doll") == before
    assert "training-left" not in set_of_four.call("build", "--json").out


def test_what_lies_in_the_folder_of_exports_is_no_input_of_a_build(set_of_four: Space) -> None:
    assert build(set_of_four).code == 0
    set_of_four.settle()
    assert build(set_of_four).json["up_to_date"] == 4
    assert compare_with_last_build(str(set_of_four.root)).unchanged
    set_of_four.write("content/training/notes/mine.txt", "new")
    set_of_four.write(f"{FOLDER}/README.md", "edited")
    assert compare_with_last_build(str(set_of_four.root)).unchanged
    set_of_four.remove("content/training")
    assert compare_with_last_build(str(set_of_four.root)).unchanged
    set_of_four.write("content/other/file.txt", "new")
    assert not compare_with_last_build(str(set_of_four.root)).unchanged


def test_names_that_mean_a_split_elsewhere_are_read_by_the_card(doll: Space) -> None:
    """`test` in a file's name would be the split `test` of an `imagefolder`; the card names the files."""
    doll.edit(DOLL, "{id: squat,", "{id: test,")
    assert export(doll).code == 0
    head = doll.read(f"{FOLDER}/README.md").split("---")[1]
    assert "split: train" in head and "images/*.png" in head and "images/test_01.png" in names(doll)
