"""The rows of the table "what rebuilds what", by the command line: what a spec says, where things lie, what a hand did.

The rows about prompts, weights and pictures that are started from are in test_what_a_renderer_reads.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kit import build, explained, reason, tally

from conftest import Space

NOD, BRIDGE = "specs/exercises/neck/nod.yaml", "specs/exercises/hip/bridge.yaml"
NECK = "content/images/exercises/neck"
NODS = [f"exercises/nod/{name}" for name in ("01", "02", "03")]
NOD_SPEC = """\
kind: exercise
id: nod
region: neck
title: Nod
tags: [neck]
images:
  - view_angle: lateral
    body_position: seated
    description: head up
    seed: 42
  - view_angle: anterior
    body_position: seated
    description: head level
    caption: Level.
    alt: a head
  - view_angle: lateral
    body_position: seated
    description: head down
    pose: {base: seated, neck_flexion: 30}
"""
BRIDGE_SPEC = """\
kind: exercise
id: bridge
region: hip
title: Bridge
images:
  - {view_angle: lateral, body_position: supine, description: hips up, muscles_shown: [gluteus maximus]}
"""
CONFIG = "version: 1\ndefaults: {size: [64, 64]}\n"


@pytest.fixture
def nods(space: Space) -> Space:
    """Four images of the mannequin, in two specs; built."""
    space.write("calotype.yaml", CONFIG)
    space.write(NOD, NOD_SPEC)
    space.write(BRIDGE, BRIDGE_SPEC)
    space.settle()
    assert tally(build(space)) == (0, 4, 0, 0)
    return space


# nothing, and what amounts to nothing


def test_a_build_of_what_is_built_renders_nothing_and_writes_nothing(nods: Space) -> None:
    before = nods.snapshot()
    done = build(nods)
    assert tally(done) == (0, 0, 4, 0)
    assert done.json["targets"] == []
    assert nods.snapshot() == before
    assert nods.run("build", "--json").json["up_to_date"] == 4


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text.replace("id: nod\n", "# why\nid: nod   # here\n"), id="comment"),
        pytest.param(
            lambda text: text.replace("[neck]", "[ neck ]").replace("\ntitle", "\n\n\ntitle"), id="whitespace"
        ),
        pytest.param(
            lambda text: text.replace("kind: exercise\nid: nod\n", "id: nod\nkind: exercise\n"), id="key order"
        ),
        pytest.param(lambda text: text.replace("head up", "'head up'").replace("Nod\n", '"Nod"\n'), id="quoting"),
        pytest.param(
            lambda text: text.replace("{base: seated, neck_flexion: 30}", "{neck_flexion: 30.0}"), id="same pose"
        ),
        pytest.param(lambda text: text, id="touch"),
    ],
)
def test_what_does_not_change_the_meaning_of_a_spec_renders_and_writes_nothing(
    nods: Space, edit: Callable[[str], str]
) -> None:
    nods.write(NOD, edit(nods.read(NOD)))
    before = nods.snapshot()
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert nods.snapshot() == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Nod", "title: Nodding", 'title: "Nod" -> "Nodding" (specs/exercises/neck/nod.yaml:4)'),
        ("[neck]", "[neck, desk]", 'tags: ["neck"] -> ["neck", "desk"] (specs/exercises/neck/nod.yaml:5)'),
        ("caption: Level.", "caption: Flat.", 'caption: "Level." -> "Flat." (specs/exercises/neck/nod.yaml:14)'),
        ("alt: a head", "alt: the head", 'alt: "a head" -> "the head" (specs/exercises/neck/nod.yaml:15)'),
    ],
)
def test_words_about_an_image_reach_the_manifest_and_its_sheet_alone(
    nods: Space, old: str, new: str, said: str
) -> None:
    before = nods.snapshot()
    nods.edit(NOD, old, new)
    done = build(nods)
    assert (done.code, done.json["renders"], done.json["removed"]) == (0, 0, 0)
    assert reason(done, NODS[1]) == said
    after = nods.snapshot()
    written = {path for path in before if before[path] != after[path]}
    assert {NOD, "content/manifest/exercises/neck.jsonl", "build/exercises/nod.html"} <= written
    assert not any(path.endswith((".png", "bridge.html", "hip.jsonl", "manifest.json")) for path in written)


# names and places


def test_what_is_said_to_whoever_does_it_reaches_its_page_alone(nods: Space) -> None:
    before, page = nods.snapshot("content"), "build/exercises/nod.html"
    nods.edit(NOD, "tags: [neck]\n", """tags: [neck]
description: For a stiff neck.
dosage: {repetitions: 8-12, hold: 5}
precautions: Stop if you feel dizzy.
equipment: [a chair, a towel]
""")
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert nods.snapshot("content") == before
    for words in ("For a stiff neck.", "8-12", "5 s", "Stop if you feel dizzy.", "a chair, a towel"):
        assert words in nods.read(page)
    nods.settle()
    nods.edit(NOD, "hold: 5", "hold: 9")
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert nods.snapshot("content") == before and "9 s" in nods.read(page)
    assert nods.call("check").code == 0


def test_a_spec_file_moved_renders_nothing_and_moves_no_asset(nods: Space) -> None:
    before = nods.snapshot("content/images")
    moved = "specs/exercises/head/noddings.yaml"
    nods.move(NOD, moved)
    done = build(nods)
    assert (done.code, done.json["renders"], done.json["removed"]) == (0, 0, 0)
    assert reason(done, NODS[0]) == f'spec: "{NOD}" -> "{moved}" ({moved}:7)'
    assert nods.snapshot("content/images") == before
    assert tally(build(nods)) == (0, 0, 4, 0)


@pytest.mark.parametrize(
    ("old", "new", "folder", "target", "before"),
    [
        ("id: nod", "id: bow", "neck/bow_", "exercises/bow/", "exercises/nod/01"),
        ("region: neck", "region: head", "head/nod_", "exercises/nod/", f"{NECK}/nod_01.png"),
    ],
)
def test_assets_move_with_a_renamed_id_or_region_and_no_move_is_a_removal(
    nods: Space, old: str, new: str, folder: str, target: str, before: str
) -> None:
    pictures = [(nods.root / f"{NECK}/nod_{name}.png").read_bytes() for name in ("01", "02", "03")]
    nods.edit(NOD, old, new)
    done = build(nods)
    assert tally(done) == (0, 0, 1, 0)
    assert done.statuses == {f"{target}{name}": "cached" for name in ("01", "02", "03")}
    assert reason(done, f"{target}01") == f"was {before}"
    moved = [f"content/images/exercises/{folder}{name}.png" for name in ("01", "02", "03")]
    assert [path for path in nods.files("content/images") if "bridge" not in path] == moved
    assert [(nods.root / path).read_bytes() for path in moved] == pictures
    assert tally(build(nods)) == (0, 0, 4, 0)


def test_an_image_inserted_before_others_is_the_only_one_rendered(nods: Space) -> None:
    first = (nods.root / f"{NECK}/nod_01.png").read_bytes()
    nods.edit(
        NOD, "images:\n", "images:\n  - {view_angle: posterior, body_position: standing, description: from behind}\n"
    )
    done = build(nods)
    assert tally(done) == (0, 1, 1, 0)
    assert (nods.root / f"{NECK}/nod_02.png").read_bytes() == first
    assert done.statuses == {NODS[0]: "rendered", NODS[1]: "cached", NODS[2]: "cached", "exercises/nod/04": "cached"}


def test_an_identical_request_in_another_spec_is_rendered_once_and_published_twice(nods: Space) -> None:
    for name in ("tilt", "lean"):
        nods.write(
            f"specs/exercises/neck/{name}.yaml",
            NOD_SPEC.replace("id: nod", f"id: {name}").replace("seed: 42", "seed: 7"),
        )
    done = build(nods)
    assert tally(done) == (0, 1, 4, 0)
    assert sorted(done.statuses.values()) == ["cached"] * 5 + ["rendered"]
    assert (nods.root / f"{NECK}/tilt_01.png").read_bytes() == (nods.root / f"{NECK}/lean_01.png").read_bytes()


# what the mannequin reads


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seed: 42", "seed: 43", "seed: 42 -> 43 (specs/exercises/neck/nod.yaml:10)"),
        (
            "seed: 42",
            "pose: {neck_flexion: 5}\n    seed: 42",
            "posture.neck_flexion: - -> 5.0 (specs/exercises/neck/nod.yaml:10)",
        ),
        (
            "description: head up",
            "description: head up\n    side: left",
            'side: "right" -> "left" (specs/exercises/neck/nod.yaml:10)',
        ),
        (
            "description: head up",
            "description: up\n    size: [72, 64]",
            "size: [64, 64] -> [72, 64] (specs/exercises/neck/nod.yaml:10)",
        ),
    ],
)
def test_what_the_renderer_reads_of_one_image_renders_that_image(nods: Space, old: str, new: str, said: str) -> None:
    nods.edit(NOD, old, new)
    done = build(nods)
    assert tally(done) == (0, 1, 3, 0)
    assert done.statuses == {NODS[0]: "rendered"}
    assert reason(done, NODS[0]) == said


def test_a_view_renders_that_image_alone(nods: Space) -> None:
    nods.edit(NOD, "anterior", "posterior")
    done = build(nods)
    assert done.statuses == {NODS[1]: "rendered"}
    assert reason(done, NODS[1]) == 'view: "anterior" -> "posterior" (specs/exercises/neck/nod.yaml:11)'


def test_a_description_renders_nothing_with_a_renderer_that_does_not_read_it(nods: Space) -> None:
    nods.edit(NOD, "head down", "chin on the chest")
    done = build(nods)
    assert (done.code, done.json["renders"]) == (0, 0)
    assert done.statuses == {NODS[2]: "cached"}


def test_the_base_seed_renders_the_images_that_have_no_seed_of_their_own(nods: Space) -> None:
    nods.write("calotype.yaml", CONFIG + "base_seed: 7\n")
    done = build(nods)
    assert tally(done) == (0, 3, 1, 0)
    assert reason(done, NODS[1]) == "seed: 42 -> 7 (calotype.yaml:3)"


def test_a_named_pose_renders_the_images_that_take_it(nods: Space) -> None:
    nods.write("specs/poses/down.yaml", "base: seated\nneck_flexion: 30\n")
    nods.edit(NOD, "pose: {base: seated, neck_flexion: 30}", "pose: down")
    assert tally(build(nods)) == (0, 0, 4, 0)
    nods.edit("specs/poses/down.yaml", "30", "35")
    done = build(nods)
    assert done.statuses == {NODS[2]: "rendered"}
    assert reason(done, NODS[2]) == "posture.neck_flexion: 30.0 -> 35.0 (specs/poses/down.yaml:2)"


def test_what_was_changed_and_put_back_comes_from_the_cache(nods: Space) -> None:
    before = (nods.root / f"{NECK}/nod_01.png").read_bytes()
    nods.edit(NOD, "seed: 42", "seed: 43")
    build(nods)
    nods.edit(NOD, "seed: 43", "seed: 42")
    done = build(nods)
    assert tally(done) == (0, 0, 3, 0)
    assert (done.statuses, done.json["cache_hits"]) == ({NODS[0]: "cached"}, 1)
    assert (nods.root / f"{NECK}/nod_01.png").read_bytes() == before


# assets, caches, removals


def test_an_asset_deleted_by_hand_is_restored(nods: Space) -> None:
    path = f"{NECK}/nod_02.png"
    before = (nods.root / path).read_bytes()
    nods.remove(path)
    assert nods.call("check", "--json").statuses == {NODS[1]: "missing"}
    done = build(nods)
    assert tally(done) == (0, 0, 3, 0)
    assert done.statuses == {NODS[1]: "restored"}
    assert reason(done, NODS[1]) == "the asset is missing"
    assert (nods.root / path).read_bytes() == before


def test_an_asset_edited_by_hand_is_reported_and_the_edit_is_kept(nods: Space) -> None:
    path = f"{NECK}/nod_02.png"
    before = (nods.root / path).read_bytes()
    nods.write(path, b"scribble")
    checked = nods.call("check", "--json")
    assert (checked.code, checked.statuses) == (1, {NODS[1]: "modified"})
    assert nods.read(path) == "scribble"
    done = build(nods)
    assert tally(done) == (0, 0, 3, 0)
    assert done.statuses == {NODS[1]: "restored"}
    assert (nods.root / path).read_bytes() == before
    assert nods.read(f"build/edited/{path}") == "scribble"
    assert f"build/edited/{path}" in done.err
    assert [one["code"] for one in done.json["diagnostics"]] == ["edited"]


def test_a_deleted_build_folder_is_written_again_and_nothing_else(nods: Space) -> None:
    before = nods.snapshot("content")
    pages = {path: nods.read(path) for path in nods.files("build") if path.endswith(".html")}
    nods.remove("build")
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert nods.snapshot("content") == before
    assert {path: nods.read(path) for path in nods.files("build") if path.endswith(".html")} == pages


def test_a_deleted_cache_is_filled_again_from_what_is_published(nods: Space) -> None:
    before = nods.snapshot("content")
    nods.remove("cache")
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert nods.snapshot("content") == before
    nods.remove(f"{NECK}/nod_01.png")
    assert build(nods).statuses == {NODS[0]: "restored"}


def test_a_removed_spec_takes_its_assets_along_and_only_its(nods: Space) -> None:
    nods.write(f"{NECK}/mine.png", b"mine")
    nods.remove(NOD)
    done = build(nods)
    assert tally(done) == (0, 0, 1, 3)
    assert done.statuses == dict.fromkeys(NODS, "removed")
    assert set(map(str, {one["reason"] for one in done.json["targets"]})) == {"no spec asks for it"}
    assert nods.files("content/images") == ["content/images/exercises/hip/bridge_01.png", f"{NECK}/mine.png"]
    assert "content/manifest/exercises/neck.jsonl" not in nods.files("content")


def test_an_image_removed_takes_its_asset_along(nods: Space) -> None:
    nods.write(BRIDGE, BRIDGE_SPEC + "  - {view_angle: oblique, body_position: supine, description: hips down}\n")
    assert tally(build(nods)) == (0, 1, 4, 0)
    nods.write(BRIDGE, BRIDGE_SPEC)
    done = build(nods)
    assert tally(done) == (0, 0, 4, 1)
    assert done.statuses == {"exercises/bridge/02": "removed"}
    assert nods.files("content/images/exercises/hip") == ["content/images/exercises/hip/bridge_01.png"]


def test_an_invalid_spec_removes_nothing(nods: Space) -> None:
    before = nods.snapshot("content")
    nods.remove(BRIDGE)
    nods.edit(NOD, "region: neck", "regoin: neck")
    assert build(nods).code == 2
    assert nods.snapshot("content") == before


def test_another_version_of_calotype_renders_nothing(nods: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    before = nods.snapshot()
    monkeypatch.setattr("calotype.project.last_build.VERSION", "99.0")
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert nods.snapshot() == before


# explain: the same reasons, in full, before the build and after it


def test_explain_tells_each_field_with_its_values_and_its_line(nods: Space) -> None:
    assert explained(nods, NODS[2]) == []
    nods.edit(NOD, "neck_flexion: 30", "neck_flexion: 40, left: {shoulder_flexion: 20}")
    nods.write("calotype.yaml", CONFIG + "base_seed: 7\n")
    assert explained(nods, NODS[2]) == [
        ("posture.left.shoulder_flexion", None, 20.0, NOD, 19),
        ("posture.neck_flexion", 30.0, 40.0, NOD, 19),
        ("seed", 42, 7, "calotype.yaml", 3),
    ]
    assert nods.call("explain", NODS[2], "--json").json["status"] == "stale"


def test_explain_remembers_why_the_picture_was_last_replaced(nods: Space) -> None:
    assert explained(nods, NODS[0], "last_build") == []
    nods.edit(NOD, "seed: 42", "seed: 43")
    build(nods)
    why = [("seed", 42, 43, NOD, 10)]
    assert (explained(nods, NODS[0]), explained(nods, NODS[0], "last_build")) == ([], why)
    nods.edit(NOD, "title: Nod", "title: Nodding")
    nods.edit(NOD, "anterior", "posterior")
    build(nods)
    assert explained(nods, NODS[0], "last_build") == why
    assert explained(nods, NODS[1], "last_build") == [("view", "anterior", "posterior", NOD, 11)]
    nods.edit(NOD, "seed: 43", "seed: 42")
    build(nods)
    assert explained(nods, NODS[0], "last_build") == [("seed", 43, 42, NOD, 10)]


def test_explain_shows_both_on_a_terminal(nods: Space) -> None:
    nods.edit(NOD, "seed: 42", "seed: 43")
    build(nods)
    nods.edit(NOD, "seed: 43", "seed: 44")
    shown = nods.call("explain", NODS[0]).out
    before, _, after = shown.partition("the last build that changed its picture")
    assert all(text in before for text in ("stale", "- 43", "+ 44", f"{NOD}:10"))
    assert all(text in after for text in ("- 42", "+ 43", f"{NOD}:10"))


def test_a_deleted_cache_or_build_folder_is_kept_out_of_git_again(nods: Space) -> None:
    for folder in ("build", "cache"):
        nods.remove(folder)
    assert tally(build(nods)) == (0, 0, 4, 0)
    assert [nods.read(f"{folder}/.gitignore") for folder in ("build", "cache")] == ["*\n!.gitignore\n"] * 2
    nods.settle()
    before = nods.snapshot("build", "content")
    build(nods)
    assert nods.snapshot("build", "content") == before
