"""The program on a real terminal of eighty columns, and its words where an author needs them."""

from __future__ import annotations

import os
import re
import struct
import sys
from pathlib import Path

import pytest

from calotype.workers import plugins
from conftest import CALOTYPE, Space

NOD = "specs/exercises/neck/nod.yaml"
NOD_YAML = """\
kind: exercise
id: nod
region: neck
title: Nod
size: [16, 16]
images:
  - view_angle: lateral
    body_position: standing
    description: first
    caption: {caption}
  - view_angle: lateral
    body_position: standing
    description: second
    pose: {{neck_flexion: 20}}
"""
CAPTION = "Sit tall with the ears over the shoulders and the eyes level, and hold the head there for five seconds."
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture
def nod(space: Space) -> Space:
    space.write(NOD, NOD_YAML.format(caption=CAPTION))
    assert space.call("build", "-q").code == 0
    return space


def on_a_terminal(space: Space, *words: str, columns: int = 80) -> str:
    """Everything that the program writes to a terminal, escapes included."""
    import fcntl
    import pty
    import termios

    child, handle = pty.fork()
    if not child:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.chdir(space.root)
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
        os.execve(CALOTYPE, ["calotype", *words], {**kept, "TERM": "xterm"})
    written = b""
    while True:
        try:
            part = os.read(handle, 65536)
        except OSError:  # Linux says so when the program has ended
            part = b""
        if not part:
            break
        written += part
    os.close(handle)
    os.waitpid(child, 0)
    return written.decode().replace("\r\n", "\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminal of this kind")
@pytest.mark.parametrize("words", [["plan"], ["list"], ["check"], ["explain", "exercises/nod/01"], ["validate"]])
def test_what_a_terminal_gets_fits_it_and_has_colour(nod: Space, words: list[str]) -> None:
    nod.edit(NOD, "for five seconds", "for nine seconds")
    nod.edit(NOD, "title: Nod", f"title: {'Nod and nod again ' * 8}")
    if words == ["validate"]:
        nod.edit(NOD, "view_angle: lateral\n    body_position: standing\n    description: second",
                 "view_angle: latral\n    body_position: standing\n    descripton: second")
    text = on_a_terminal(nod, *words)
    assert "\x1b[3" in text
    lines = ESCAPES.sub("", text).splitlines()
    assert len(lines) > 3 and not [line for line in lines if len(line) > 80]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminal of this kind")
def test_the_width_is_that_of_the_terminal(nod: Space) -> None:
    nod.edit(NOD, "title: Nod", f"title: {'Nod and nod again ' * 8}")
    lines = [ESCAPES.sub("", on_a_terminal(nod, "list", columns=width)).splitlines()[1] for width in (50, 120)]
    assert [len(line) > 48 for line in lines] == [True, True]
    assert len(lines[0]) <= 50 < 110 < len(lines[1]) <= 120


def test_a_reason_shows_where_long_texts_differ(nod: Space) -> None:
    nod.edit(NOD, "for five seconds", "for nine seconds")
    (one,) = nod.call("plan", "--json").json["targets"]
    assert one["reason"] == f'caption: …five seconds." -> …nine seconds." ({NOD}:10)'


def test_explain_shows_the_words_that_differ(nod: Space) -> None:
    nod.edit(NOD, "for five seconds", "for nine seconds")
    lines = nod.call("explain", "exercises/nod/01").out.splitlines()
    assert lines[0] == "exercises/nod/01: stale"
    assert f"  {NOD}:10" in lines
    assert "      … the head there for [-five-] {+nine+} seconds." in lines


def test_explain_of_a_spec_is_of_its_first_image_that_is_not_up_to_date(nod: Space) -> None:
    assert nod.call("explain", "exercises/nod").out.startswith("exercises/nod/01: up to date")
    nod.edit(NOD, "neck_flexion: 20", "neck_flexion: 30")
    assert nod.call("explain", "exercises/nod").out.startswith("exercises/nod/02: stale")
    assert nod.call("explain", "exercises/nod/01").out.startswith("exercises/nod/01: up to date")


def test_another_seed_is_the_reason_though_the_picture_is_still_a_candidate(nod: Space) -> None:
    nod.edit("calotype.yaml", "version: 1", "version: 1\nbase_seed: 42\ndefaults: {candidates: 2}")
    nod.call("build", "-q")
    nod.call("pick", "exercises/nod/01", "2")
    nod.call("build", "-q")
    nod.edit("calotype.yaml", "base_seed: 42", "base_seed: 43")
    (one,) = nod.call("plan", "exercises/nod/01", "--json").json["targets"]
    assert one["reason"].startswith("seed: 42 -> 43 (calotype.yaml:2)")


def test_an_unknown_renderer_is_told_where_it_is_named_and_searched_once(
    nod: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[str] = []
    search = plugins._entry_points
    monkeypatch.setattr(plugins, "_entry_points", lambda word: searched.append(word) or search(word))
    nod.write("specs/exercises/neck/bow.yaml", nod.read(NOD).replace("id: nod", "id: bow"))
    nod.edit("calotype.yaml", "version: 1", "version: 1\nrenderer: manequin")
    done = nod.call("plan")
    assert (done.code, done.err.count("error["), searched) == (2, 1, ["renderer"])
    assert done.err.startswith("calotype.yaml:2:11: error[unknown-renderer]: there is no renderer `manequin`\n")
    assert "      |           ^^^^^^^^\n  hint: did you mean `mannequin`?" in done.err
    nod.edit("calotype.yaml", "manequin", "mannequin")
    nod.edit(NOD, "title: Nod", "title: Nod\nrenderer: sketchy")
    (said,) = nod.call("validate", "--json").json["diagnostics"]
    assert (said["file"], said["line"], said["column"], said["code"]) == (NOD, 5, 11, "unknown-renderer")


def test_several_errors_end_with_their_number(nod: Space) -> None:
    nod.edit(NOD, "title: Nod", "tittle: Nod")
    nod.write("specs/exercises/neck/bow.yaml", "kind: exercise\n")
    done = nod.call("build")
    assert done.code == 2
    count = done.err.count("error[")
    assert count > 2 and done.err.splitlines()[-1] == f"{count} errors in 2 files"
    assert f"\n\n{NOD}:4:1: error[unknown-key]" in done.err
    assert nod.call("validate").out == f"{count} errors in 2 files\n"


def test_init_in_a_project_adds_what_is_missing_and_no_exercise(nod: Space) -> None:
    done = nod.call("init", ".")
    assert done.code == 0
    assert "\nnext: calotype build " in done.out
    assert "kept  calotype.yaml" in done.out and "wrote .gitattributes" in done.out
    assert nod.files("specs/exercises") == [NOD]
    assert "nothing written\nhint: `calotype init NAME`" in nod.call("init").out


def test_init_where_a_file_stands_is_an_error_with_a_hint(space: Space) -> None:
    for name in ("calotype.yaml", "calotype.yaml/below"):
        done = space.call("init", name)
        assert (done.code, done.out) == (2, "")
        assert "`calotype.yaml` is a file, not a folder" in done.err and "hint:" in done.err


def test_init_inside_a_project_says_so_and_what_it_names_can_be_typed(space: Space) -> None:
    done = space.call("init", "my own")
    assert done.code == 0 and "warning[nested-project]" in done.err
    assert "next: cd 'my own' && calotype build" in done.out
    (said,) = space.call("init", "another", "--json").json["diagnostics"]
    assert (said["severity"], said["code"]) == ("warning", "nested-project")


def test_a_folder_that_cannot_be_written_to_is_named_not_a_temporary_file(space: Space) -> None:
    space.write("taken/specs", "a file")
    done = space.call("init", "taken")
    assert done.code == 1
    assert f"{Path('taken') / 'specs'}" in done.err and ".tmp" not in done.err


@pytest.mark.parametrize(("words", "said", "hint"), [
    (["biuld"], "no such command `biuld`", "did you mean `build`?"),
    (["plan", "--prset", "a"], "no such option `--prset`", "did you mean `--preset`?"),
    (["explain"], "missing argument `TARGET`", "`calotype explain --help` shows how it is used"),
    (["schema"], "missing argument `KIND`. Choose from: exercise, character, scene, pose, config, picks",
     "`calotype schema --help` shows how it is used"),
])
def test_bad_usage_reads_like_any_error(space: Space, words: list[str], said: str, hint: str) -> None:
    assert space.call(*words).err == f"error[usage]: {said}\n  hint: {hint}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminal of this kind")
def test_show_draws_the_picture_where_the_terminal_wants_colour(nod: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    text = on_a_terminal(nod, "show", "exercises/nod/01")
    assert "\x1b[38;2;" in text and text.count("▀") == 16 * 8
    assert all(len(line) <= 80 for line in ESCAPES.sub("", text).splitlines() if "▀" in line)
    for words in (["-q"], ["--no-picture"], ["--json"]):
        assert "▀" not in on_a_terminal(nod, "show", "exercises/nod/01", *words)
