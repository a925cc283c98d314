"""The page on plug-ins: its module is installed as the page says, and does what the page says."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

import pytest
from PIL import Image

from calotype.ground.images import pixels_of
from calotype.workers.execute.perform import answers
from calotype.workers.plugins import Registry
from calotype.workers.protocol import WorkerRef
from calotype.workers.work import Gone, Made, Work
from conftest import REPOSITORY, Space

PAGE = (REPOSITORY / "docs/workers.md").read_text(encoding="utf-8")
SPEC = """\
kind: exercise
id: nod
region: neck
images:
  - {view_angle: lateral, body_position: seated, description: sea green, alt: A person sits upright.,
     controls: [{type: canny, image: refs/photo.png}]}
  - {view_angle: anterior, body_position: seated, description: WORDS, alt: A person sits upright.}
"""


def indented(first_line: str) -> str:
    """The indented block of the page that begins with a comment of this name."""
    block = re.search(rf"    # {re.escape(first_line)}.*?\n((?:    .*\n|\n)+)", PAGE)
    assert block is not None
    return textwrap.dedent(block[1])


@pytest.fixture
def swatches(space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A project that uses the plug-ins of the page, installed beside it."""
    site = tmp_path / "site"
    info = site / "swatches-1.0.dist-info"
    info.mkdir(parents=True)
    [module] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (site / "swatches.py").write_text(module)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: swatches\nVersion: 1.0\n")
    points = re.sub(r'\[project\.entry-points\."(.*?)"\]', r"[\1]", indented("pyproject.toml")).replace('"', "")
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(site))
    space.env["PYTHONPATH"] = str(site)
    space.write("calotype.yaml", indented("calotype.yaml") + "defaults: {size: [64, 64]}\n")
    space.write("specs/exercises/neck/nod.yaml", SPEC.replace("WORDS", "rose"))
    (space.root / "refs").mkdir()
    Image.new("RGB", (64, 64), "white").save(space.root / "refs/photo.png")
    return space


def test_the_renderer_and_the_detector_make_the_images(swatches: Space) -> None:
    done = swatches.run("build", "--json")
    assert (done.code, done.json["renders"]) == (0, 2), done.err
    with Image.open(swatches.root / "content/images/exercises/neck/nod_01.png") as picture:
        assert picture.getpixel((0, 0)) == (0, 0, 0)  # the negative of white
    assert swatches.run("build", "--json").json["renders"] == 0
    assert swatches.run("check").code == 0


def test_the_epoch_of_the_detector_draws_its_map_and_the_image_anew(swatches: Space) -> None:
    swatches.env["PYTHONDONTWRITEBYTECODE"] = "1"  # bytecode goes by whole seconds
    assert swatches.run("build").code == 0
    module = Path(swatches.env["PYTHONPATH"]) / "swatches.py"
    text = module.read_text().replace('name, epoch = "negative", 1', 'name, epoch = "negative", 2')
    module.write_text(text.replace("ImageOps.invert(picture)", "picture"))
    done = swatches.run("build", "--json")
    assert done.json["renders"] == 1 and done.json["actions"]["condition"] == 1
    with Image.open(swatches.root / "content/images/exercises/neck/nod_01.png") as picture:
        assert picture.getpixel((0, 0)) == (255, 255, 255)


def test_in_other_processes_they_make_the_same(swatches: Space) -> None:
    assert swatches.run("build").code == 0
    before = {name: (swatches.root / name).read_bytes() for name in swatches.files("content")}
    for folder in ("content", "cache", "build"):
        swatches.remove(folder)
    assert swatches.run("build", "--executor", "processes", "-j", "2").code == 0
    assert {name: (swatches.root / name).read_bytes() for name in swatches.files("content")} == before


def test_the_failure_of_one_image_is_told_with_its_hint(swatches: Space) -> None:
    swatches.write("specs/exercises/neck/nod.yaml", SPEC.replace("WORDS", "vantablack"))
    done = swatches.run("build", "--json")
    assert (done.code, done.json["renders"], done.json["failed"]) == (1, 1, 1)
    [told] = [one for one in done.json["diagnostics"] if one["severity"] == "error"]
    assert "there is no such paint" in told["message"] and told["hint"] == "ask for another colour"


def test_the_executor_notes_what_it_is_given(swatches: Space) -> None:
    assert swatches.run("build", "--executor", "noted").code == 0
    [log] = swatches.files("build/logs")
    notes = [event for event in map(json.loads, swatches.read(log).splitlines()) if event["event"] == "note"]
    assert notes and all(re.fullmatch(r"\d for \w+ at place \d", event["message"]) for event in notes)


def test_the_scorer_scores_and_says_when_its_input_is_gone(swatches: Space, tmp_path: Path) -> None:
    scorer = Registry().scorer("brightness")
    path = tmp_path / "grey.png"
    Image.new("L", (8, 8), 51).save(path)
    pixels = pixels_of(path)
    request = scorer.request(None, pixels)  # type: ignore[arg-type]
    work = Work(WorkerRef.of("scorer", scorer, {}), [7], [request], {pixels: path})

    def asked() -> list[object]:
        return list(answers(work, scorer, lambda request, outcome: outcome.total, lambda: False))  # type: ignore[union-attr]

    [made] = asked()
    assert isinstance(made, Made) and made.value == 20
    path.write_bytes(path.read_bytes()[:40])
    [gone] = asked()
    assert isinstance(gone, Gone) and (gone.node, gone.digest) == (7, pixels)


def judged_by(swatches: Space, weights: str) -> None:
    swatches.edit("calotype.yaml", "defaults:", f"scoring: {{weights: {weights}}}\ndefaults:")


def test_the_gate_keeps_a_picture_out_that_stands_alone(swatches: Space) -> None:
    judged_by(swatches, "{printable: 1}")
    module = Path(swatches.env["PYTHONPATH"], "swatches.py")
    module.write_text(module.read_text().replace("lightest < 60", "lightest < 256"))
    (swatches.root / "specs/exercises/neck/nod.yaml").write_text(SPEC.replace(
        "controls: [{type: canny, image: refs/photo.png}]", "candidates: 1").replace("WORDS", "rose"))
    done = swatches.run("build", "--json")
    assert done.code == 3
    assert {target["reason"] for target in done.json["targets"]} == {
        "its only candidate must not stand: is too dark to print"}


def test_the_gate_lets_a_picture_stand_that_can_be_printed(swatches: Space) -> None:
    judged_by(swatches, "{printable: 1, brightness: 1}")
    done = swatches.run("build", "--json")
    assert (done.code, done.json["renders"]) == (0, 2) and done.json["actions"]["score"] >= 2


def test_the_identity_method_measures_a_character(swatches: Space) -> None:
    character = "kind: character\nid: ann\nprompt: a girl\nreferences: [refs/photo.png]\n"
    swatches.write("specs/characters/ann.yaml", character + (
        "identity: {method: tone, threshold: 0.1}\nanchors: {poses: [{id: front, prompt: standing}]}\n"))
    done = swatches.run("build", "characters/ann", "--json")
    assert (done.code, done.json["actions"]["identity"]) == (0, 1)
    likeness = swatches.run("show", "characters/ann/anchors/front", "--json").json["result"]["consistency_score"]
    assert 0.1 <= likeness <= 1


def test_settings_of_a_plug_in_act_and_those_of_nobody_are_refused(swatches: Space) -> None:
    swatches.edit("calotype.yaml", "{swatch: {pause: 0.1}}", "{swach: {pause: 0.1}}")
    done = swatches.run("plan", "--json")
    [told] = done.json["diagnostics"]
    assert done.code == 2 and told["code"] == "unknown-plugin" and "`swatch`" in told["hint"]
    swatches.edit("calotype.yaml", "{swach: {pause: 0.1}}", "{negative: {strong: true}, mannequin: {colour: red}}")
    swatches.edit("calotype.yaml", "renderer: swatch", "renderer: mannequin")
    done = swatches.run("build", "--json")
    assert done.code == 2 and done.json["diagnostics"][0]["message"] == "`mannequin` takes no settings"


def test_doctor_asks_each_worker_in_use(swatches: Space) -> None:
    rows = {row["name"]: row for row in swatches.run("doctor", "--json").json["findings"]}
    assert rows["renderer swatch"]["status"] == rows["conditioner negative"]["status"] == "ok"
    assert not any(name.startswith(("device", "preset")) for name in rows)
    assert [name for name in rows if name.startswith("scorer")] == ["scorer technical"], "it looks for blank pictures"
    module = Path(swatches.env["PYTHONPATH"]) / "swatches.py"
    module.write_text(module.read_text().replace("        return None\n", "        return 'no brush', 'buy a brush'\n"))
    rows = {row["name"]: row for row in swatches.run("doctor", "--json").json["findings"]}
    swatch = rows["renderer swatch"]
    assert (swatch["status"], swatch["detail"], swatch["hint"]) == ("error", "no brush", "buy a brush")
