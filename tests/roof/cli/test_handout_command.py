"""`calotype handout`: exercises that are published, on paper."""

from __future__ import annotations

import base64
import io
import re
import sys
from pathlib import Path

import pytest
import yaml
from PIL import Image, ImageChops, ImageStat

from calotype import Project
from calotype.results.handout.handout_strings import ENGLISH
from conftest import Space

sys.path.append(str(Path(__file__).parent.parent.parent / "e2e"))
LIFT = """\
kind: exercise
id: lift
region: hip
title: Lift, left
description: Strengthens the left hip.
dosage: {sets: 3, hold: 5}
precautions: Keep the right knee straight.
images:
  - view_angle: oblique
    muscles_shown: [left quadriceps]
    pose: {base: standing, left: {hip_flexion: 60, knee_flexion: 90}}
    caption: Lift the left knee to a right angle.
    seed: 0
"""
NOD = """\
kind: exercise
id: nod
region: neck
title: Nod
images:
  - {view_angle: lateral, body_position: seated, description: head up}
  - {view_angle: lateral, body_position: seated, description: head down, pose: {base: seated, neck_flexion: 30}}
"""


@pytest.fixture
def built(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [128, 128]}\n")
    space.write("specs/exercises/hip/lift.yaml", LIFT)
    space.write("specs/exercises/neck/nod.yaml", NOD)
    assert space.call("build").code == 0
    return space


def pictures(page: str) -> list[bytes]:
    return [base64.b64decode(data) for data in re.findall(r'src="data:image/png;base64,([^"]*)"', page)]


def strings(**more: object) -> str:
    return yaml.safe_dump({name: f"{name} SL" for name in ENGLISH} | more, allow_unicode=True)


def test_it_holds_the_published_pictures_in_the_order_of_the_targets(built: Space) -> None:
    done = built.call("handout", "exercises/nod/02", "exercises/lift", "-o", "out/a.html", "--clinic", "Harbour", "--json")
    assert (done.code, done.json["path"]) == (0, "out/a.html")
    assert done.json["exercises"] == [
        {"target": "exercises/nod", "title": "Nod", "images": 1}, {"target": "exercises/lift", "title": "Lift, left", "images": 1}]
    page = built.read("out/a.html")
    assert pictures(page) == [(built.root / f"content/images/exercises/{name}.png").read_bytes()
                              for name in ("neck/nod_02", "hip/lift_01")]
    for words in ("head down", "Strengthens the left hip.", "5 s", "Keep the right knee straight.", "<dd>Harbour</dd>"):
        assert words in page, words
    assert "head up" not in page


def test_it_renders_nothing_changes_nothing_and_is_the_same_each_time(built: Space) -> None:
    before = built.snapshot()
    assert built.call("handout", "exercises/*", "-o", "a.html").code == 0
    first = built.read("a.html")
    assert built.call("handout", "exercises/*", "-o", "a.html").code == 0
    assert built.read("a.html") == first and built.snapshot() == before


def test_mirrored_it_shows_and_says_the_other_side(built: Space) -> None:
    assert built.call("handout", "exercises/lift", "-o", "a.html").code == 0
    assert built.call("handout", "exercises/lift", "-o", "b.html", "--mirror").code == 0
    plain, turned = built.read("a.html"), built.read("b.html")
    for words in ("Lift, right", "Strengthens the right hip.", "Keep the left knee straight.",
                  "Lift the right knee to a right angle.", "the right hip bent 60 degrees", "right quadriceps"):
        assert words in turned, words
    one, other = (Image.open(io.BytesIO(pictures(page)[0])).convert("L") for page in (plain, turned))
    flipped = one.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    unlike, alike = (ImageStat.Stat(ImageChops.difference(first, other)).mean[0] for first in (one, flipped))
    assert alike < unlike / 2


def test_what_is_not_current_is_refused_and_nothing_is_written(built: Space) -> None:
    built.edit("specs/exercises/neck/nod.yaml", "neck_flexion: 30", "neck_flexion: 20")
    built.write("specs/exercises/neck/bow.yaml", NOD.replace("id: nod", "id: bow").replace("seated, description", "prone, description"))
    done = built.call("handout", "exercises/nod", "exercises/bow", "-o", "a.html", "--json")
    assert (done.code, {fault["code"] for fault in done.json["diagnostics"]}) == (1, {"not-current"})
    assert [fault["hint"] for fault in done.json["diagnostics"]] == [
        f"`calotype build exercises/{name}`" for name in ("nod/02", "bow/01", "bow/02")]
    assert not (built.root / "a.html").exists()
    assert built.call("handout", "exercises/nod/01", "-o", "a.html").code == 0


def test_what_a_person_approves_as_it_is_published_is_taken_before_the_next_build(built: Space) -> None:
    from kit import manifest_lines

    built.edit("specs/exercises/hip/lift.yaml", "seed: 0", "candidates: 2")
    assert built.call("build").code == 0
    picture = built.root / "content/images/exercises/hip/lift_01.png"
    candidate = manifest_lines(built)["exercises/lift/01"]["pick"]["candidate"]
    assert built.call("approve", "exercises/lift/01", str(candidate)).code == 0
    assert built.call("check").code == 1
    assert built.call("handout", "exercises/lift", "-o", "a.html").code == 0
    assert pictures(built.read("a.html")) == [picture.read_bytes()]
    built.edit("specs/exercises/hip/lift.yaml", "caption: Lift", "caption: Raise")
    refused = built.call("handout", "exercises/lift", "-o", "b.html", "--json")
    assert (refused.code, [fault["code"] for fault in refused.json["diagnostics"]]) == (1, ["not-current"])
    built.edit("specs/exercises/hip/lift.yaml", "caption: Raise", "caption: Lift")
    assert built.call("approve", "exercises/lift/01", str(3 - candidate)).code == 0
    assert built.call("handout", "exercises/lift", "-o", "b.html").code == 1


def test_what_awaits_a_person_is_refused_with_the_command_that_decides(built: Space) -> None:
    built.edit("specs/exercises/hip/lift.yaml", "seed: 0", "candidates: 2\n    select: human")
    assert built.call("build").code == 3
    done = built.call("handout", "exercises/lift", "-o", "a.html", "--json")
    assert done.code == 3 and "calotype pick exercises/lift/01" in done.json["diagnostics"][0]["hint"]
    assert not (built.root / "a.html").exists()


def test_a_picture_that_is_no_drawing_is_not_turned_over(built: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    from kit import use_sketch

    use_sketch(built, monkeypatch)
    built.edit("specs/exercises/neck/nod.yaml", "title: Nod", "title: Nod\nrenderer: sketch")
    assert built.call("build").code == 0
    assert built.call("handout", "exercises/nod", "-o", "a.html").code == 0
    done = built.call("handout", "exercises/nod", "-o", "b.html", "--mirror", "--json")
    assert done.code == 2 and {fault["code"] for fault in done.json["diagnostics"]} == {"no-mirror"}
    assert "only the mannequin can be drawn for the other side" in done.json["diagnostics"][0]["message"]
    assert not (built.root / "b.html").exists()


def test_an_unknown_target_and_what_is_no_exercise_are_refused(built: Space) -> None:
    done = built.call("handout", "exercises/nodd", "-o", "a.html")
    assert done.code == 2 and "did you mean `exercises/nod`" in done.err
    built.write("specs/scenes/walk.yaml", "kind: scene\nid: walk\nshots: [{id: a, prompt: x}]\n")
    assert built.call("build").code == 0
    done = built.call("handout", "scenes/walk", "-o", "a.html")
    assert done.code == 2 and "`scenes/walk/a` is no exercise's image" in done.err


@pytest.mark.parametrize(("name", "content", "code"), [
    ("page.html", "<title>Mine</title>", "in-the-way"), ("page.html", None, "in-the-way"), ("page.pdf", "", "usage"),
])
def test_what_is_no_handout_is_left_as_it_is(built: Space, name: str, content: str | None, code: str) -> None:
    place = built.root / name
    place.mkdir() if content is None else place.write_text(content)
    done = built.call("handout", "exercises/nod", "-o", name, "--json")
    assert (done.code, [fault["code"] for fault in done.json["diagnostics"]]) == (2, [code])
    assert place.is_dir() if content is None else place.read_text() == content
    below = built.call("handout", "exercises/nod", "-o", f"{name}/a.html")
    assert below.code == (0 if content is None else 2)


def test_a_language_is_that_of_its_strings(built: Space) -> None:
    built.write("templates/handout/sl.yaml", strings(
        texts={"Lift, left": "Dvig, levo", "Strengthens the left hip.": "Krepi levi kolk."},
        mirror={"levo": "desno", "levi": "desni"}))
    done = built.call("handout", "exercises/lift", "-o", "a.html", "--lang", "sl", "--mirror", "--json")
    page = built.read("a.html")
    assert done.code == 0 and '<html lang="sl"' in page
    for words in ("Dvig, desno", "Krepi desni kolk.", "sets SL", "5 seconds SL", "clinic SL"):
        assert words in page, words
    untold = [fault["message"] for fault in done.json["diagnostics"]]
    assert any("Keep the right knee straight." in message for message in untold)
    assert {fault["file"] for fault in done.json["diagnostics"]} == {"templates/handout/sl.yaml"}


def test_a_language_without_sides_is_not_mirrored(built: Space) -> None:
    built.write("templates/handout/sl.yaml", strings())
    assert built.call("handout", "exercises/lift", "-o", "a.html", "--lang", "sl").code == 0
    done = built.call("handout", "exercises/lift", "-o", "b.html", "--lang", "sl", "--mirror")
    assert done.code == 2 and "templates/handout/sl.yaml:1" in done.err and "lacks `mirror`" in done.err


def test_letters_of_sides_are_those_of_the_language(built: Space) -> None:
    built.edit("specs/exercises/hip/lift.yaml", "title: Lift, left", "title: Lift (L)")
    built.edit("specs/exercises/hip/lift.yaml", "Strengthens the left hip.", "Strengthens the hip (L).")
    assert built.call("build").code == 0

    def turned(**more: object) -> str:
        built.write("templates/handout/sl.yaml", strings(mirror={"L": "D", "levo": "desno"}, **more))
        assert built.call("handout", "exercises/lift", "-o", "a.html", "--lang", "sl", "--mirror").code == 0
        return built.read("a.html")

    assert "Lift (D)" in turned()
    page = turned(texts={"Lift (L)": "Dvig (L), R"})
    assert "Dvig (D), R" in page and "Strengthens the hip (R)." in page


@pytest.mark.parametrize("folder", ["specs", "specs/exercises/hip", "templates", "content", "content/images", "cache", "cache/new"])
def test_no_handout_lies_where_a_build_is_decided(built: Space, folder: str) -> None:
    before = built.snapshot()
    done = built.call("handout", "exercises/nod", "-o", f"{folder}/a.html", "--json")
    assert (done.code, [fault["code"] for fault in done.json["diagnostics"]]) == (2, ["in-the-way"])
    assert built.snapshot() == before
    (built.root / "link").symlink_to(built.root / "content")
    assert built.call("handout", "exercises/nod", "-o", "link/a.html").code == 2


def test_a_language_that_nobody_gives_and_a_link_out_are_refused(built: Space) -> None:
    done = built.call("handout", "exercises/nod", "-o", "a.html", "--lang", "sl")
    assert done.code == 2 and "templates/handout/sl.yaml" in done.err
    assert built.call("handout", "exercises/nod", "-o", "a.html", "--lang", "../sl").code == 2
    secret = built.root.parent / "secret.yaml"
    secret.write_text(strings())
    (built.root / "templates/handout").mkdir(parents=True)
    (built.root / "templates/handout/sl.yaml").symlink_to(secret)
    done = built.call("handout", "exercises/nod", "-o", "a.html", "--lang", "sl")
    assert done.code == 2 and "leads out of the project" in done.err
    assert not (built.root / "a.html").exists()


def test_validate_reads_the_strings_of_every_language(built: Space) -> None:
    built.write("templates/handout/sl.yaml", strings(titel="Vaje"))
    built.write("templates/handout/pt-BR.yaml", "title: [1]\n")
    built.write("templates/handout/slovene language.yaml", strings())
    for _ in range(2):  # with what the last build left, and without
        done = built.call("validate", "--json")
        told = [(fault["file"], fault["line"], fault["column"], fault["severity"]) for fault in done.json["diagnostics"]]
        line = built.read("templates/handout/sl.yaml").splitlines().index("titel: Vaje") + 1
        assert (done.code, told) == (2, [
            ("templates/handout/pt-BR.yaml", 1, 1, "error"), ("templates/handout/pt-BR.yaml", 1, 8, "error"),
            ("templates/handout/sl.yaml", line, 1, "error"), ("templates/handout/slovene language.yaml", None, None, "warning")])
        assert built.call("build").code == 0  # they decide no picture
    assert "did you mean `title`?" in built.call("validate", "templates/handout/sl.yaml").err
    built.write("templates/handout/sl.yaml", strings())
    assert built.call("validate", "templates/handout/sl.yaml").code == 0


@pytest.mark.parametrize("place", ["templates/handout/sl.yaml", "templates/handout"])
def test_what_stands_in_the_place_of_strings_is_told(built: Space, place: str) -> None:
    """It is not absent: `there are no strings in sl` would be a lie."""
    if place.endswith(".yaml"):
        (built.root / place).mkdir(parents=True)
    else:
        built.write(place, "strings?")
    for words in (("handout", "exercises/nod", "-o", "a.html", "--lang", "sl"), ("validate",)):
        done = built.call(*words, "--json")
        faults = done.json["diagnostics"]
        assert (done.code, [fault["file"] for fault in faults]) == (2, [place])
        assert "folder" in faults[0]["message"] or "file" in faults[0]["message"]


@pytest.mark.parametrize(("name", "hint"), [
    (".html", "handout.html"), ("out/.HTM", "out/handout.html"), ("a.pdf", "a.html"), ("a", "a.html"), (".a", "a.html"),
    ("..", "../handout.html"), (".", "handout.html"),
])
def test_what_is_called_otherwise_is_told_a_name_that_works(built: Space, name: str, hint: str) -> None:
    fault, = built.call("handout", "exercises/nod", "-o", name, "--json").json["diagnostics"]
    assert (fault["code"], fault["hint"]) == ("usage", f"-o {hint}")


def test_python_writes_it_too(built: Space) -> None:
    made = Project.open(built.root).handout("exercises/lift", built.root / "a.html", clinic="Harbour", mirror=True)
    assert made.exercises == (("exercises/lift", "Lift, right", 1),) and "<dd>Harbour</dd>" in built.read("a.html")
    assert built.call("handout", "exercises/lift", "-o", "b.html", "--clinic", "Harbour", "--mirror").code == 0
    assert built.read("a.html") == built.read("b.html")


def test_lines_hold_one_line_each(built: Space) -> None:
    done = built.call("handout", "exercises/nod", "-o", "a.html", "--patient", "a" * 201)
    assert done.code == 2 and "201 letters" in done.err
    assert built.call("handout", "exercises/nod", "-o", "a.html", "--patient", "\x1b[2J").code == 2
