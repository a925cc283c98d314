"""Each command, end to end, on a project that `init` made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conftest import CALOTYPE, Space

SPEC = "specs/exercises/shoulder/shoulder_abduction.yaml"
FIRST, SECOND = "exercises/shoulder_abduction/01", "exercises/shoulder_abduction/02"
ASSETS = [f"content/images/exercises/shoulder/shoulder_abduction_0{n}.png" for n in (1, 2)]


@pytest.fixture
def fresh(tmp_path: Path) -> Space:
    """What `calotype init` writes."""
    space = Space(tmp_path / "new")
    assert Space(tmp_path).call("init", "new").code == 0
    return space


@pytest.fixture
def built(fresh: Space) -> Space:
    assert fresh.call("build", "-q").code == 0
    return fresh


def test_init_writes_a_project_that_builds_at_once(fresh: Space) -> None:
    done = fresh.run("build", "--json")
    assert done.code == 0
    assert done.json["renders"] == 2
    assert [path for path in fresh.files() if path.endswith(".png")] == ASSETS
    assert "index.html" in [path.rpartition("/")[2] for path in fresh.files("build")]


def test_init_overwrites_nothing(fresh: Space) -> None:
    fresh.write("calotype.yaml", "version: 1  # mine\n")
    fresh.write(SPEC, "mine")
    before = fresh.snapshot(".")
    assert fresh.call("init").code == 0
    assert fresh.snapshot(".") == before


def test_init_in_place_takes_the_working_directory(tmp_path: Path) -> None:
    space = Space(tmp_path)
    written = space.call("init", "--json").json["written"]
    assert "calotype.yaml" in written and (tmp_path / "calotype.yaml").is_file()


WRITING = {
    "init": ["init", "{}"], "pose": ["pose", "seated", "-o", "{}"], "show": ["show", FIRST, "-o", "{}"],
    "candidates": ["show", FIRST, "--candidates", "-o", "{}"], "handout": ["handout", FIRST, "-o", "{}/new.html"],
}
"""Commands that write where they are told to."""


@pytest.mark.parametrize("command", WRITING)
@pytest.mark.skipif(not os.path.isdir("/proc"), reason="a file system of Linux")
def test_where_no_folder_can_be_made_a_command_says_so(built: Space, command: str) -> None:
    done = built.call(*[word.format("/proc/new") for word in WRITING[command]])
    assert done.code == 2 and "no folder can be made at `/proc/new`" in done.err


@pytest.mark.parametrize("command", WRITING)
def test_a_command_makes_no_folder_below_a_file(built: Space, command: str) -> None:
    file = built.write("file", "mine")
    done = built.call(*[word.format(file / "new" / "deep") for word in WRITING[command]])
    assert done.code == 2 and f"error[in-the-way]: `{file.as_posix()}` is " in done.err
    assert file.read_text() == "mine"


@pytest.mark.parametrize("command", ["build", "plan", "check", "list", "explain", "graph", "validate"])
def test_an_empty_word_names_nothing(fresh: Space, command: str) -> None:
    """As that of a variable that is not set: it is not everything."""
    done = fresh.call(command, "", "--json")
    assert done.code == 2 and done.json["diagnostics"][0]["code"] in ("unknown-target", "unknown-path"), done.out
    assert fresh.files("content") == ["content/.gitkeep"]


def test_a_target_where_a_file_belongs_is_told_its_file(fresh: Space) -> None:
    fresh.write("specs/exercises/neck/deep/nod.yaml", "kind: exercise\nid: nod\nregion: neck\ntitle: Nod\nimages: []\n")
    for target in ("exercises/nod", "exercises/nod/01"):
        fault, = fresh.call("validate", target, "--json").json["diagnostics"]
        assert fault["hint"] == "that is a target; its file is `specs/exercises/neck/deep/nod.yaml`"
    for path in ("exercises/nothing", "exercises", "../specs", "nod.yaml"):
        fault, = fresh.call("validate", path, "--json").json["diagnostics"]
        assert (fault["code"], fault["hint"]) == ("unknown-path", None)


@pytest.mark.parametrize("command", ["build", "watch"])
def test_more_jobs_than_any_machine_has_places_for_are_refused(fresh: Space, command: str) -> None:
    done = fresh.call(command, "-j", "99999999999999999999")
    assert done.code == 2 and "1<=x<=1024" in done.err


def test_the_modeline_of_every_spec_that_init_writes_leads_to_a_schema(fresh: Space) -> None:
    for name in (SPEC, "calotype.yaml"):
        first = fresh.read(name).splitlines()[0]
        schema = (fresh.root / name).parent / first.partition("$schema=")[2]
        Draft202012Validator.check_schema(json.loads(schema.read_text()))


@pytest.mark.parametrize("kind", ["exercise", "character", "scene", "pose", "config", "picks"])
def test_schema_prints_a_json_schema(space: Space, kind: str) -> None:
    plain, as_json = space.call("schema", kind), space.call("schema", kind, "--json")
    Draft202012Validator.check_schema(plain.json)
    assert plain.json == as_json.json


def test_validate_finds_every_mistake_at_once(fresh: Space) -> None:
    assert fresh.call("validate").code == 0
    fresh.edit(SPEC, "title: Shoulder", "tittle: Shoulder")
    fresh.edit(SPEC, "{shoulder_abduction: 90}", "{shoulder_abductoin: 90}")
    done = fresh.call("validate", "--json")
    assert done.code == 2
    assert done.json["errors"] >= 2
    assert all(one["file"] == SPEC and one["line"] for one in done.json["diagnostics"])
    assert "did you mean" in done.err and "^" in done.err


def test_an_invalid_spec_stops_a_build_before_anything_is_done(built: Space) -> None:
    built.edit(SPEC, "kind: exercise", "kind: exercize")
    before = built.snapshot("content")
    done = built.call("build", "--json")
    assert done.code == 2 and done.json["diagnostics"]
    assert built.snapshot("content") == before


def test_plan_tells_what_a_build_would_do_and_does_nothing(fresh: Space) -> None:
    before = fresh.snapshot("content")
    done = fresh.call("plan", "--json")
    assert done.code == 0
    assert done.json["renders"] == 2
    assert set(done.statuses.values()) == {"render"}
    assert fresh.snapshot("content") == before
    assert fresh.call("build", "--dry-run", "--json").statuses == done.statuses


def test_build_says_in_words_what_it_did(fresh: Space) -> None:
    done = fresh.call("build")
    assert f"rendered  {FIRST}" in done.out
    assert "2 images rendered" in done.out
    assert "up to date" in fresh.call("build").out


def test_a_quiet_build_says_nothing(fresh: Space) -> None:
    done = fresh.call("build", "-q")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_build_takes_targets_and_globs(fresh: Space) -> None:
    assert fresh.call("build", FIRST, "--json").json["renders"] == 1
    assert fresh.call("build", "exercises/*", "--json").json["renders"] == 1


@pytest.mark.parametrize("command", ["plan", "build", "check", "list", "explain", "graph"])
def test_an_unknown_target_is_bad_usage_with_a_suggestion(fresh: Space, command: str) -> None:
    done = fresh.call(command, "exercises/shoulder_abductoin")
    assert done.code == 2
    assert "shoulder_abduction" in done.err


def test_check_fails_until_everything_is_published(fresh: Space) -> None:
    assert fresh.call("check").code == 1
    fresh.call("build")
    assert fresh.call("check").code == 0
    assert fresh.call("check", "--format", "json").json["up_to_date"] == 2


def test_check_names_what_is_stale_missing_and_modified(built: Space) -> None:
    built.edit(SPEC, "{shoulder_abduction: 90}", "{shoulder_abduction: 80}")
    (built.root / ASSETS[0]).unlink()
    done = built.call("check", "--json")
    assert done.code == 1
    assert done.statuses == {FIRST: "missing", SECOND: "stale"}


def test_explain_names_the_field_its_values_and_the_line(built: Space) -> None:
    built.edit(SPEC, "{shoulder_abduction: 90}", "{shoulder_abduction: 80}")
    done = built.call("explain", SECOND, "--json")
    assert done.code == 0
    changes = done.json["changes"]
    assert {one["field"] for one in changes} == {
        f"posture.{side}.shoulder_abduction" for side in ("left", "right")
    }
    for one in changes:
        assert (one["old"], one["new"], one["file"]) == (90, 80, SPEC)
        assert built.read(SPEC).splitlines()[one["line"] - 1].strip().startswith("pose:")
    text = built.call("explain", SECOND).out
    assert "- 90" in text and "+ 80" in text and SPEC in text


def test_explain_remembers_what_the_last_build_rendered_for(built: Space) -> None:
    built.edit(SPEC, "{shoulder_abduction: 90}", "{shoulder_abduction: 80}")
    before = built.call("explain", SECOND, "--json").json["changes"]
    built.call("build")
    done = built.call("explain", SECOND, "--json")
    assert done.json["changes"] == []
    assert done.json["last_build"] == before


def test_list_shows_every_target_and_how_it_stands(built: Space) -> None:
    rows = built.call("list", "--json").json["targets"]
    assert [(row["target"], row["state"]) for row in rows] == [(FIRST, "up_to_date"), (SECOND, "up_to_date")]
    text = built.call("list").out
    assert FIRST in text and all(len(line) <= 80 for line in text.splitlines())
    assert ASSETS[0] in built.call("list", "-v").out


@pytest.mark.parametrize(
    ("form", "opening"), [("text", "exercises/"), ("dot", "digraph"), ("mermaid", "flowchart")]
)
def test_graph_speaks_text_dot_and_mermaid(built: Space, form: str, opening: str) -> None:
    done = built.call("graph", "--format", form)
    assert done.out.startswith(opening) and "shoulder_abduction" in done.out


def test_graph_gives_nodes_and_edges_as_json(built: Space) -> None:
    assert built.call("graph", "--json").json["nodes"] == [FIRST, SECOND]


def test_inspect_reads_an_image_back(built: Space) -> None:
    done = built.call("inspect", ASSETS[0], "--json")
    assert done.code == 0 and done.json["seed"] == 42
    assert "seed:" in built.call("inspect", ASSETS[0]).out


def test_inspect_of_what_is_no_image_is_an_error(fresh: Space) -> None:
    assert fresh.call("inspect", "calotype.yaml").code == 2
    assert fresh.call("inspect", "nowhere.png").code == 2


def test_clean_empties_build_and_the_next_build_fills_it_again(built: Space) -> None:
    pages = [path for path in built.files("build") if path.endswith(".html")]
    content = built.snapshot("content")
    assert built.call("clean").code == 0
    assert built.files("build") == ["build/.gitignore"]
    assert built.call("build", "--json").json["renders"] == 0
    assert [path for path in built.files("build") if path.endswith(".html")] == pages
    assert built.snapshot("content") == content


def test_gc_drops_what_no_target_needs(built: Space) -> None:
    assert built.call("gc", "--json").json["blobs"] == 0
    built.edit(SPEC, "{shoulder_abduction: 90}", "{shoulder_abduction: 80}")
    built.call("build")
    would = built.call("gc", "--dry-run", "--json").json
    assert would["blobs"] >= 1
    assert built.call("gc", "--json").json == would
    assert built.call("gc", "--json").json["blobs"] == 0
    assert built.call("build", "--json").json["renders"] == 0


def test_cache_verify_finds_a_damaged_blob_which_is_then_made_again(built: Space) -> None:
    assert built.call("cache", "verify").code == 0
    blob = max(
        (built.root / "cache").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0
    )
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.chmod(0o644)
    blob.write_bytes(data)
    done = built.call("cache", "verify", "--json")
    assert done.code == 1 and len(done.json["damaged"]) == 1
    assert built.call("cache", "verify").code == 0


def test_pick_publishes_the_candidate_a_person_chose(built: Space) -> None:
    built.edit(SPEC, "tags:", "candidates: 3\ntags:")
    built.call("build")
    before = (built.root / ASSETS[0]).read_bytes()
    assert built.call("pick", FIRST, "3").code == 0
    done = built.call("build", "--json")
    assert done.code == 0 and done.json["renders"] == 0
    chosen = built.call("inspect", ASSETS[0], "--json").json["seed"]
    assert chosen == 44 or (built.root / ASSETS[0]).read_bytes() == before
    assert built.call("pick", FIRST, "4").code == 2


def test_a_target_that_awaits_a_person_is_exit_3(built: Space) -> None:
    built.edit(SPEC, "tags:", "candidates: 2\nselect: human\ntags:")
    assert built.call("build").code == 3
    assert built.call("check").code == 3
    for target in (FIRST, SECOND):
        assert built.call("pick", target, "2").code == 0
    assert built.call("build").code == 0


def test_doctor_finds_a_healthy_machine(built: Space) -> None:
    done = built.call("doctor", "--json")
    assert done.code == 0 and done.json["findings"]
    assert built.call("doctor").out


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_keeps_what_was_finished(fresh: Space, number: signal.Signals) -> None:
    fresh.edit(SPEC, "tags:", "candidates: 10\nsize: [512, 512]\ntags:")
    with subprocess.Popen(
        [str(CALOTYPE), "build", "-j", "1", "--json"],
        cwd=fresh.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        wait_for_a_finished_render(fresh.root)
        running.send_signal(number)
        out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"once more to stop at once" in err
    done = json.loads(out)["renders"]
    assert 0 < done < 20
    assert fresh.call("build", "--json").json["renders"] == 20 - done


def wait_for_a_finished_render(root: Path) -> None:
    """Until the event log tells of one."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if any(b"action.finished" in log.read_bytes() for log in (root / "build/logs").glob("*.jsonl")):
            return
        time.sleep(0.02)
    raise AssertionError("nothing was rendered in time")


def test_the_graph_is_drawn_where_graphviz_is_and_says_so_where_it_is_not(
    space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (space.root / "specs").mkdir()
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    monkeypatch.setenv("PATH", str(bin_folder))
    missing = space.call("graph", "--format", "svg")
    assert missing.code == 2 and "graphviz" in missing.err.lower() and "--format mermaid" in missing.err
    (bin_folder / "dot").write_text("#!/bin/sh\nread first\necho \"<svg>$first</svg>\"\n")
    (bin_folder / "dot").chmod(0o755)
    assert space.call("graph", "--format", "svg").out == "<svg>digraph calotype {</svg>\n\n"
