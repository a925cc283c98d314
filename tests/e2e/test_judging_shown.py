"""What people see of judging: on contact sheets, in `show` and `explain`, as warnings, and in the result record."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import verdicts
from PIL import Image
from test_judging import BLUE, CHARACTER, CONFIG, DIM, RED, SPEC, VARIATION, candidates, line, nod

from calotype import Project
from calotype.ground.troubleshooting import LOOK_ALIKES, LOW_SCORES, see
from conftest import Space
from sheets import shown

PAGE = "exercises/nod.html"
STRIPES = '''

class Stripes(Swatch):
    """What it looks like follows from the last digit of the seed alone: 1 upright stripes, 2 lying ones, 3 a wedge."""
    name = "stripes"

    def request(self, image):
        loras = [{"weights": image.digest(lora.path), "weight": lora.weight} for lora in image.loras]
        return {**super().request(image), "renderer": "stripes", "prompt": f"red, {image.words().prompt}",
                **({"loras": loras} if loras else {})}

    def perform(self, batch, inputs, cancel):
        from PIL import Image

        for index, request in enumerate(batch):
            picture = Image.new("RGB", tuple(request["size"]), (request["seed"] >> 16 & 255, 90, 40))
            kind = request["seed"] % 4
            for place in range(0, 64, 16):
                after = place + 8
                box = ((after, 0, after + 8, 64), (0, after, 64, after + 8), (place, after, place + 16, 64))[kind % 3]
                picture.paste((20, 200, 20), box)
            yield Rendered(index, picture)
'''


@pytest.fixture
def judged(space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Space:
    verdicts.install(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    module, points = tmp_path / "site/calotype_verdicts.py", next((tmp_path / "site").glob("*/entry_points.txt"))
    module.write_text(module.read_text() + STRIPES)
    points.write_text(points.read_text().replace(
        "[calotype.scorers]", "stripes = calotype_verdicts:Stripes\n[calotype.scorers]"))
    space.env["PYTHONPATH"] = str(tmp_path / "site")
    space.write("calotype.yaml", CONFIG)
    return space


def text_of(space: Space, page: str = PAGE) -> str:
    """The words of a page, without its markup."""
    html = (space.root / "build" / page).read_text(encoding="utf-8")
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def clean(space: Space, folder: Path) -> dict[str, str]:
    """The pages of the same project built from nothing."""
    shutil.copytree(space.root, folder, ignore=shutil.ignore_patterns("build", "cache", "content"))
    other = Space(folder)
    other.env.update(space.env)
    other.run("build", "-q")
    return shown(other.root)


def warned(done: Any, code: str) -> list[Any]:
    return [each for each in done.json["diagnostics"] if each["code"] == code]


def test_each_candidate_shows_what_it_came_to_and_of_what(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("red: 1, green: 1", "red: 3, green: 1, absent: 4"))
    judged.write(SPEC, nod(candidates(0x32CC00, 2)))  # red 19.607, green 80
    judged.run("build", "-q")
    text = text_of(judged)
    assert "Candidates: ordered by red 0.75, green 0.25; not here: absent absent eyes not installed: pip" in text
    assert "1 picked seed 3329024 score 34.7 red 19.6 green 80.0 technical" in text
    view = judged.run("show", "exercises/nod/01", "--json").json
    assert [row["total"] for row in view["candidates"]] == pytest.approx([34.705, 34.705], abs=0.01)
    assert view["ordering"] == {"weights": {"red": 0.75, "green": 0.25}, "plain": False, "unheld": False,
                                "absent": {"absent": "eyes not installed: pip install eyes"}}
    told = judged.run("show", "exercises/nod/01").out
    assert "ordered by red 0.75, green 0.25; not here: absent (eyes not installed" in told
    assert "seed 3329024  score 34.7  red 19.61  green 80" in told


def test_pages_follow_the_weights_in_force_as_a_clean_build_would_have_them(judged: Space, tmp_path: Path) -> None:
    judged.write(SPEC, nod(candidates(0x33CC00, 2)))
    judged.run("build", "-q")
    assert "score 50.0" in text_of(judged)
    judged.write("calotype.yaml", CONFIG.replace("red: 1, green: 1", "red: 3, green: 1"))
    done = judged.run("build", "--json").json
    assert done["targets"] == [] and done["actions"]["score"] == 0
    assert "score 35.0" in text_of(judged)
    assert shown(judged.root) == clean(judged, tmp_path / "clean")


def test_pages_are_the_same_when_the_caches_are_gone(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("green: 1", "no_blue: 1"))
    judged.write(SPEC, nod(candidates(0xF000FF, 3)))
    judged.run("build", "-q")
    before = shown(judged.root)
    assert "kept out: is blue all over" in text_of(judged) and "are nearly the same" in text_of(judged)
    for gone in ("build", "cache"):
        shutil.rmtree(judged.root / gone)
    judged.run("build", "-q")
    text = text_of(judged)
    assert "kept out: is blue all over" in text and "are nearly the same" in text
    assert shown(judged.root)[PAGE].count("kept-out") == before[PAGE].count("kept-out")


def test_where_none_may_stand_each_shows_its_reason(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("green: 1", "no_blue: 1"))
    judged.write(SPEC, nod(candidates(BLUE - 2, 2)))
    assert judged.run("build", "-q").code == 3
    assert "none of 2 candidates may stand" in text_of(judged)
    assert text_of(judged).count("kept out: is blue all over") == 2
    told = judged.run("show", "exercises/nod/01")
    assert told.out.count("kept out: is blue all over") == 2
    told = judged.run("explain", "exercises/nod/01")
    assert "candidate 1 is kept out: is blue all over" in told.out
    first = shown(judged.root)
    judged.run("build", "-q")
    assert shown(judged.root) == first


def test_a_person_chooses_among_those_that_are_left(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("green: 1", "no_blue: 1"))
    judged.write(SPEC, nod(candidates(BLUE, 2) + ", select: human"))  # 0x000100, the second, is not blue
    done = judged.run("build", "--json")
    assert done.code == 3
    assert judged.run("list", "--json").json["targets"][0]["reason"] == "2 candidates, none picked"
    text = text_of(judged)
    assert "2 candidates, none picked" in text and text.count("kept out: is blue all over") == 1


@pytest.mark.parametrize(("scoring", "words"), [
    ("{threshold: 99.5}", "ordered by technical, and `threshold` warns of nothing"),
    ("{strict: true}", "ordered by technical, and `threshold` warns of nothing"),
    ("{}", "ordered by technical"),
])
def test_of_drawings_a_threshold_warns_of_nothing_and_that_is_said(judged: Space, scoring: str, words: str) -> None:
    judged.write("calotype.yaml", f"version: 1\ndefaults: {{size: [64, 64]}}\nscoring: {scoring}\n")
    judged.write(SPEC, nod(candidates(1, 2)))
    done = judged.run("build", "--json")
    assert done.code == 0 and not warned(done, "score-low")
    assert judged.run("check").code == 0
    view = judged.run("show", "exercises/nod/01", "--json").json
    assert view["ordering"]["unheld"] == (scoring != "{}")
    assert f"candidates {words}\n" in judged.run("show", "exercises/nod/01").out
    assert words.replace("`", "") in judged.run("explain", "exercises/nod/01").out
    assert f"Candidates: {words.replace('`', '')}" in text_of(judged)


def test_a_threshold_acts_on_drawings_where_weights_are_written(judged: Space) -> None:
    judged.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n"
                                  "scoring: {weights: {technical: 1}, threshold: 99.5}\n")
    judged.write(SPEC, nod(candidates(1, 2)))
    [told] = warned(judged.run("build", "--json"), "score-low")
    assert "`technical` pulled it down" in told["message"]
    assert "ordered by technical\n" in judged.run("show", "exercises/nod/01").out


def test_where_no_scorer_that_is_weighed_is_here_a_threshold_warns_of_nothing(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("red: 1, green: 1}", "absent: 1}, threshold: 99"))
    judged.write(SPEC, nod(candidates(1, 2)))
    assert not warned(judged.run("build", "--json"), "score-low")
    assert ("no scorer that calotype.yaml weighs is here: technical and text alone order, and `threshold` warns of nothing"
            in judged.run("show", "exercises/nod/01").out)


def test_a_low_score_has_a_badge_until_the_threshold_is_another(judged: Space, tmp_path: Path) -> None:
    judged.write(SPEC, nod(candidates(DIM, 2)))
    [told] = warned(judged.run("build", "--json"), "score-low")
    assert told["hint"].endswith(see(LOW_SCORES))
    words = "low score scores 12.5, below 30: green pulled it down (6.3)"
    assert words in text_of(judged)
    assert "low score" in text_of(judged, "exercises-neck.html")
    assert "scores 12.5, below 30: green pulled it down (6.3)" in judged.run("show", "exercises/nod/01").out
    assert "scores 12.5, below 30" in judged.run("explain", "exercises/nod/01").out
    judged.write("calotype.yaml", CONFIG.replace("}}\n", "}, threshold: 10}\n"))
    judged.run("build", "-q")
    assert "low score" not in text_of(judged)
    assert shown(judged.root) == clean(judged, tmp_path / "clean")


def test_with_none_that_reads_the_words_it_is_said_who_orders(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.partition("scoring")[0])
    judged.write(SPEC, nod(candidates(RED, 2)))
    done = judged.run("build", "--json").json
    assert done["scoring"]["weights"]["technical"] > 0
    words = "no scorer that reads the words is here: "
    assert words in text_of(judged) and "technical and text alone order; not here: pick, clip, vqa, aesthetic" in text_of(judged)
    assert words in judged.run("explain", "exercises/nod/01").out


def test_candidates_that_are_nearly_the_same_are_said_to_be(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("swatch", "stripes"))
    judged.write(SPEC, nod("seed: 256, candidates: 4"))  # upright, lying, wedge, upright
    done = judged.run("build", "--json")
    assert warned(done, "candidates-alike") == []
    assert "Candidates 1 and 4 are nearly the same" in text_of(judged)
    assert "1 and 4 are nearly the same" in judged.run("show", "exercises/nod/01").out
    assert judged.run("show", "exercises/nod/01", "--json").json["alike"] == [[1, 4]]
    judged.write(SPEC, nod("seed: 259, candidates: 2"))  # both upright
    for command in ("build", "check", "check"):
        [told] = warned(judged.run(command, "--json"), "candidates-alike")
        assert told["message"] == "exercises/nod/01: all 2 candidates are nearly the same"
        assert (told["severity"], told["file"], told["line"]) == ("warning", SPEC, 6)
        assert told["hint"].endswith(see(LOOK_ALIKES))
    for gone in ("cache", "build"):
        shutil.rmtree(judged.root / gone)
    assert len(warned(judged.run("check", "--json"), "candidates-alike")) == 1  # a bare clone
    judged.run("approve", "exercises/nod/01", "1")
    assert warned(judged.run("build", "--json"), "candidates-alike") == []


def test_who_is_to_choose_among_look_alikes_is_told_once(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("swatch", "stripes"))
    judged.write(SPEC, nod("seed: 259, candidates: 2, select: human"))
    for _ in range(2):
        done = judged.run("build", "--json")
        assert done.code == 3 and len(warned(done, "candidates-alike")) == 1


def test_likeness_is_shown_beside_the_scores(judged: Space) -> None:
    judged.write("specs/characters/ann.yaml", CHARACTER % 0x70FFFF)
    judged.run("build", "-q")
    text = text_of(judged, "characters/ann.html")
    assert "kept out: not ann: likeness 0.44, below 0.60" in text and "likeness 0.44" in text
    assert "likeness 0.439" in judged.run("show", VARIATION).out


def test_the_result_record_of_a_picture(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("swatch", "stripes") + "loras: {luca: {path: loras/luca.safetensors}}\n")
    (judged.root / "loras").mkdir()
    (judged.root / "loras/luca.safetensors").write_bytes(b"luca")
    judged.write(SPEC, nod("seed: 15728640, loras: [{name: luca, weight: 0.8}]"))
    judged.write("specs/characters/ann.yaml", CHARACTER % 0xC00000)
    judged.run("build", "-q")
    records = {record.target: record for record in Project.open(judged.root).results()}
    record = records["exercises/nod/01"]
    assert record.image_path == "content/images/exercises/neck/nod_01.png"
    assert record.prompt_used.startswith("red, ") and record.loras_used == ("luca",)
    assert record.consistency_score is None and record.generation_time is not None and record.generation_time > 0
    assert records[VARIATION].consistency_score == pytest.approx(0.753)
    told = judged.run("show", "exercises/nod/01", "--json").json["result"]
    assert told["loras_used"] == ["luca"] and told["generation_time"] == record.generation_time
    assert re.search(r"rendered in \d+\.\d s with luca", judged.run("show", "exercises/nod/01").out)
    assert "LoRA luca" in text_of(judged) and "made with" not in text_of(judged)
    judged.edit("calotype.yaml", "luca: {", "alberto: {")
    judged.edit(SPEC, "name: luca", "name: alberto")
    assert judged.run("build", "--json").json["renders"] == 0
    assert "LoRA alberto" in text_of(judged) and "luca" not in text_of(judged)
    shutil.rmtree(judged.root / "cache")
    bare = judged.run("show", "exercises/nod/01", "--json").json["result"]
    assert bare == {**told, "loras_used": ["alberto"], "generation_time": None}


def test_a_picture_that_was_put_in_by_hand_came_about_otherwise(judged: Space) -> None:
    judged.write(SPEC, nod(candidates(RED, 2)))
    judged.run("build", "-q")
    other = judged.root.parent / "mine.png"
    Image.new("RGB", (64, 64), "white").save(other)
    assert judged.run("pick", "exercises/nod/01", str(other)).code == 0
    record = judged.run("show", "exercises/nod/01", "--json").json["result"]
    assert (record["prompt_used"], record["loras_used"], record["generation_time"]) == ("", [], None)
    assert line(judged)["origin"] == "imported"
