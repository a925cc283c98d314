"""Scorers order candidates, gates keep them out before: from the command line, with plug-ins that judge by colour."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import verdicts

from conftest import Run, Space

SPEC = "specs/exercises/neck/nod.yaml"
CONFIG = "version: 1\nrenderer: swatch\ndefaults: {size: [64, 64]}\nscoring: {weights: {red: 1, green: 1}}\n"
RED, GREEN, BLUE, DIM, BLACK = 0xF00000, 0x00F000, 0x0000FF, 0x301000, 0x000000


@pytest.fixture
def judged(space: Space, tmp_path: Path) -> Space:
    verdicts.install(tmp_path / "site")
    space.env["PYTHONPATH"] = str(tmp_path / "site")
    space.write("calotype.yaml", CONFIG)
    return space


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "site/asked.log"


def nod(*images: str, extra: str = "") -> str:
    rows = "".join(f"  - {{view_angle: lateral, body_position: standing, description: up, {image}}}\n"
                   for image in images)
    return f"kind: exercise\nid: nod\nregion: neck\ntitle: Nod\n{extra}images:\n{rows}"


def candidates(first: int, count: int = 3) -> str:
    return f"seed: {first}, candidates: {count}"


def build(space: Space, *words: str) -> Any:
    return space.run("build", "--json", *words).json


def line(space: Space, target: str = "exercises/nod/01") -> Any:
    folder = target.partition("/")[0]
    for path in sorted((space.root / "content/manifest" / folder).glob("*.jsonl")):
        for text in path.read_text().splitlines():
            if json.loads(text)["target"] == target:
                return json.loads(text)
    return None


def test_weights_order_candidates_and_a_change_of_weights_asks_nobody(judged: Space, log: Path) -> None:
    judged.write(SPEC, nod(candidates(0x10FFFF, 2)))  # 0x110000, the second, has a little more red and no green
    done = build(judged)
    assert done["actions"] == {"condition": 0, "render": 2, "score": 6} and done["failed"] == 0
    assert line(judged)["pick"] == {"by": "score", "candidate": 1}
    judged.write("calotype.yaml", CONFIG.replace("green: 1", "green: 0"))
    assert (planned := judged.run("plan", "--json").json)["renders"] == 0 and planned["targets"][0]["reason"].startswith(
        "pick: 1 -> 2")
    again = build(judged)
    assert again["actions"] == {"condition": 0, "render": 0, "score": 0}
    assert line(judged)["pick"] == {"by": "score", "candidate": 2}
    assert verdicts.asked(log, "red") == verdicts.asked(log, "green") == 2
    judged.write("calotype.yaml", CONFIG)
    assert build(judged)["renders"] == 0 and line(judged)["pick"]["candidate"] == 1


def test_a_scorer_that_has_nothing_to_say_counts_for_nothing(judged: Space) -> None:
    judged.write(SPEC, nod(candidates(0x10FFFF, 2)))
    build(judged)
    scores = [candidate["scores"] for candidate in line(judged)["candidates"]]
    assert set(scores[0]) == {"red", "green", "technical"} and set(scores[1]) == {"red", "technical"}
    assert {upstream["output"] for upstream in line(judged)["upstream"]} >= {"-"}


def test_an_absent_scorer_is_left_out_and_the_others_are_made_to_add_up(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("green: 1", "absent: 9"))
    judged.write(SPEC, nod(candidates(0x10FFFF, 2)))
    done = judged.run("build", "--json")
    assert done.code == 0 and line(judged)["pick"]["candidate"] == 2
    [told] = [each for each in done.json["diagnostics"] if each["code"] == "scorer-absent"]
    assert (told["severity"], told["file"], told["line"]) == ("warning", "calotype.yaml", 4)
    assert "`absent`" in told["message"] and "eyes not installed" in told["message"]
    assert done.json["scoring"] == {"weights": {"red": 1.0}, "absent": {"absent": told["message"].partition(": ")[2]}}


def test_a_gate_keeps_a_picture_out_before_any_is_ranked(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("green: 1", "no_blue: 1"))
    judged.write(SPEC, nod(candidates(0xF000FF, 2)))  # the bluest is the reddest, but for 0x010000
    assert build(judged)["awaiting"] == 0
    assert line(judged)["pick"] == {"by": "score", "candidate": 2}
    out = next(each["output"] for each in line(judged)["upstream"] if " " in each["output"])
    assert out == "50.0 is blue all over"


def test_where_every_picture_is_kept_out_the_target_awaits_with_each_reason(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.replace("green: 1", "no_blue: 1"))
    judged.write(SPEC, nod(candidates(BLUE - 2, 2), f"seed: {BLUE}"))
    done = judged.run("build", "--json")
    assert done.code == 3
    reasons = {target["target"]: target["reason"] for target in done.json["targets"]}
    assert reasons == {
        "exercises/nod/01": "none of 2 candidates may stand: 1 is blue all over, 2 is blue all over",
        "exercises/nod/02": "its only candidate must not stand: is blue all over"}
    for command in ("check", "plan", "list"):
        assert "is blue all over" in judged.run(command, "--json").out
    assert judged.run("check").code == 3
    assert judged.run("approve", "exercises/nod/02", "1").code == 0
    assert build(judged)["renders"] == 0 and line(judged, "exercises/nod/02")["pick"]["by"] == "human"


def test_a_low_score_is_warned_of_until_it_is_mended_and_fails_where_scoring_is_strict(judged: Space) -> None:
    judged.write(SPEC, nod(candidates(DIM, 2)))
    def low(done: Run) -> list[Any]:
        return [each for each in done.json["diagnostics"] if each["code"] == "score-low"]
    for command in ("build", "check"):
        done = judged.run(command, "--json")
        [told] = low(done)
        assert (done.code, told["severity"], told["file"], told["line"]) == (0, "warning", SPEC, 6)
        assert "scores 12.5, below 30: `green` pulled it down (6.3)" in told["message"] and told["hint"]
    judged.write("calotype.yaml", CONFIG.replace("}}\n", "}, strict: true}\n"))
    done = judged.run("check", "--json")
    assert (done.code, done.json["targets"][0]["status"]) == (1, "stale")
    assert "scores 12.5, below 30" in done.json["targets"][0]["reason"]
    for command in ("check", "build"):
        words = judged.run(command)
        assert "renews" not in words.out + words.err and "calotype pick exercises/nod/01 NUMBER" in words.out + words.err
    for _ in range(2):
        done = judged.run("build", "--json")
        assert (done.code, done.json["failed"], done.json["renders"]) == (1, 1, 0)
        assert [each["severity"] for each in low(done)] == ["error"]
        assert done.json["targets"][0]["reason"].startswith("scores 12.5, below 30")  # its name stands beside it already
    judged.write("calotype.yaml", CONFIG.replace("}}\n", "}, strict: true, threshold: 5}\n"))
    assert judged.run("build").code == judged.run("check").code == 0
    judged.write("calotype.yaml", CONFIG.replace("}}\n", "}, strict: true}\n"))
    assert judged.run("pick", "exercises/nod/01", "1").code == judged.run("build").code == judged.run("check").code == 0


def test_a_threshold_that_is_written_holds_a_picture_that_stands_alone(judged: Space) -> None:
    judged.write(SPEC, nod(f"seed: {DIM}"))
    assert build(judged)["actions"]["score"] == 1  # whether it shows anything at all
    judged.write("calotype.yaml", CONFIG.replace("}}\n", "}, threshold: 40}\n"))
    done = build(judged)
    assert done["actions"] == {"condition": 0, "render": 0, "score": 2}
    assert [each["code"] for each in done["diagnostics"]] == ["score-low"]
    assert line(judged)["candidates"][0]["scores"].keys() == {"red", "green", "technical"}


def test_a_bare_clone_knows_what_was_judged(judged: Space, log: Path) -> None:
    judged.write("calotype.yaml", CONFIG.replace("green: 1", "green: 1, no_blue: 1"))
    judged.write(SPEC, nod(candidates(BLUE, 3), f"seed: {RED}"))
    build(judged)
    before = log.read_text()
    for gone in ("cache", "build"):
        shutil.rmtree(judged.root / gone)
    assert judged.run("check").code == 0
    assert build(judged)["actions"] == {"condition": 0, "render": 0, "score": 0}
    judged.edit(SPEC, "id: nod", "id: bow")
    done = build(judged)
    assert done["actions"] == {"condition": 0, "render": 0, "score": 0} and log.read_text() == before


CHARACTER = """\
kind: character
id: ann
prompt: a girl
identity: {method: hue, threshold: 0.6}
anchors: {poses: [{id: front, prompt: standing, seed: 15728640}]}
variations: [{id: wave, prompt: waving, anchor: front, candidates: 2, seed: %d}]
"""
VARIATION = "characters/ann/variations/wave_01"


def test_an_image_that_is_not_the_character_is_kept_out(judged: Space, log: Path) -> None:
    """A variation is held against the anchor that it starts from, where the character names no references."""
    judged.write("specs/characters/ann.yaml", CHARACTER % 0x98FFFF)
    done = build(judged)
    assert done["actions"]["identity"] == 2 and done["awaiting"] == 0
    assert line(judged, VARIATION)["pick"] == {"by": "score", "candidate": 2}
    assert [each["scores"]["identity"] for each in line(judged, VARIATION)["candidates"]] == [0.596, 0.6]
    judged.edit("specs/characters/ann.yaml", "threshold: 0.6", "threshold: 0.7")
    done = judged.run("build", "--json")
    assert done.code == 3 and verdicts.asked(log, "hue") == 2
    [waits] = done.json["targets"]
    assert waits["reason"] == ("none of 2 candidates may stand: 1 not ann: likeness 0.60, below 0.70, "
                               "2 not ann: likeness 0.60, below 0.70")
    judged.edit("specs/characters/ann.yaml", "threshold: 0.7", "threshold: auto")
    assert build(judged)["awaiting"] == 0 and verdicts.asked(log, "hue") == 2


def test_a_picture_that_does_not_tell_whom_it_shows_stands_where_no_other_does(judged: Space) -> None:
    judged.write("specs/characters/ann.yaml", (CHARACTER % 0x98FFFF).replace("seed: 10027007", "seed: 4294967295"))
    judged.write("specs/characters/ann.yaml", (CHARACTER % BLACK).replace("candidates: 2, ", ""))
    done = judged.run("build", "--json")
    [told] = [each for each in done.json["diagnostics"] if each["code"] == "identity-untold"]
    assert done.code == 0 and told["severity"] == "warning" and VARIATION in told["message"]
    assert "identity" not in line(judged, VARIATION)["candidates"][0]["scores"]
    assert {"kind": "identity", "output": "-"}.items() <= next(
        each for each in line(judged, VARIATION)["upstream"] if each["kind"] == "identity").items()


def test_a_method_that_tells_a_total_alone_is_held_against_the_threshold_as_any(judged: Space) -> None:
    judged.write("specs/characters/ann.yaml", (CHARACTER % 0x3EFFFE).replace("hue", "dull"))  # 24.3 of 100
    assert judged.run("build").code == 3
    assert "not ann: likeness 0.24, below 0.60" in judged.run("explain", VARIATION).out
    judged.edit("specs/characters/ann.yaml", "threshold: 0.6", "threshold: 0.2")
    assert build(judged)["awaiting"] == 0


def test_a_similarity_of_more_than_all_is_a_fault_of_the_method(judged: Space) -> None:
    judged.write("specs/characters/ann.yaml", (CHARACTER % 0x41FFFE).replace("hue", "dull"))
    done = judged.run("build", "--json")
    assert done.code == 1 and "gave a `similarity` of 1.5; it must be -1 to 1" in done.out


def test_a_threshold_that_no_references_tell_is_told_of_by_build_and_check(judged: Space) -> None:
    judged.write("specs/characters/ann.yaml",
                 (CHARACTER % 0x40FFFE).replace("hue, threshold: 0.6", "dull, threshold: auto").replace(", candidates: 2", ""))
    for command in ("build", "check"):
        done = judged.run(command, "--json")
        [told] = [each for each in done.json["diagnostics"] if each["code"] == "identity-uncalibrated"]
        assert (done.code, told["severity"], told["file"]) == (0, "warning", "specs/characters/ann.yaml")
        assert told["line"] and f"{VARIATION}: how like `ann` it is" in told["message"] and "three" in told["message"]


def test_a_character_that_nothing_is_known_of_is_told_of_where_it_is_shown(judged: Space) -> None:
    judged.write("specs/characters/ann.yaml", CHARACTER % 0x98FFFF)
    judged.write("specs/scenes/tea.yaml", "kind: scene\nid: tea\ncharacters: [ann]\nshots: [{id: cup, prompt: tea}]\n")
    for command in ("build", "check"):
        done = judged.run(command, "--json")
        [told] = [each for each in done.json["diagnostics"] if each["code"] == "identity-uncompared"]
        assert (done.code, told["severity"], told["file"], told["line"]) == (0, "warning", "specs/scenes/tea.yaml", 3)
        assert "scenes/tea/cup: it was not compared with `ann`" in told["message"] and "`references`" in told["hint"]


def test_a_scorer_that_asks_by_another_request_each_time_is_named(judged: Space, tmp_path: Path) -> None:
    module = tmp_path / "site/calotype_verdicts.py"
    text = module.read_text()
    request = 'return {"scorer": self.name,'
    assert request in text
    module.write_text(text.replace(request, f'{request} "moment": __import__("time").time_ns(),'))
    judged.write(SPEC, nod(candidates(DIM, 2)))
    done = judged.run("build", "--json", timeout=60)
    [told] = [each for each in done.json["diagnostics"] if each["code"] == "unsettled-request"]
    assert done.code == 1 and "the scorer `red` or `green` asks for it" in told["message"] and "scorer" in told["hint"]


def test_an_unknown_method_is_told_with_its_place(judged: Space) -> None:
    judged.write("specs/characters/ann.yaml", (CHARACTER % RED).replace("hue", "huee"))
    done = judged.run("build", "--json")
    assert done.code == 2
    [told] = [each for each in done.json["diagnostics"] if each["severity"] == "error"]
    assert told["code"] == "unknown-identity" and "hue" in told["hint"] and told["file"].endswith("ann.yaml")


def test_a_variation_that_does_not_read_its_anchor_is_held_against_it_all_the_same(judged: Space, log: Path) -> None:
    """However late the anchor comes, and though a person is to pick it."""
    module = log.with_name("calotype_verdicts.py")
    module.write_text(module.read_text().replace('"start": start}', '}'))
    spec = (CHARACTER % 0x98FFFF).replace("seed: 15728640}", "seed: 15728640, candidates: 2, select: human}")
    judged.write("specs/characters/ann.yaml", spec)
    done = judged.run("build", "--json")
    assert done.code == 3 and verdicts.asked(log, "hue") == 0
    assert judged.run("pick", "characters/ann/anchors/front", "1").code == 0
    assert build(judged)["actions"] == {"condition": 0, "render": 0, "score": 1, "identity": 2}
    assert line(judged, VARIATION)["pick"]["candidate"] == 2
    assert judged.run("check").code == 0


def test_another_epoch_of_a_scorer_is_asked_once_and_the_reason_says_that_scores_are_others(
    judged: Space, log: Path,
) -> None:
    module = log.with_name("calotype_verdicts.py")
    text = module.read_text()
    judged.write(SPEC, nod(candidates(0x10FFFF, 2)))
    build(judged)
    module.write_text(text.replace('    """What each judge has in common: it sees the colour of the corner."""\n    epoch = 1',
                                   "    epoch = 2"))
    assert judged.run("explain", "exercises/nod/01").out.startswith(
        "exercises/nod/01: stale — its candidates are not scored")
    assert build(judged)["actions"]["score"] == 4 and line(judged)["pick"]["candidate"] == 1
    module.write_text(text)
    for command in ("explain", "check", "plan", "list"):
        assert "its scores are not those that are recorded" in judged.run(
            command, *["exercises/nod/01"] * (command == "explain"), "--json").out
    assert build(judged)["actions"]["score"] == 0 and judged.run("check").code == 0


@pytest.mark.parametrize("verb", ["pick", "approve"])
def test_a_stranger_that_a_person_lets_stand_is_shown_as_one_and_undo_restores(judged: Space, verb: str) -> None:
    judged.write("specs/characters/ann.yaml", (CHARACTER % 0x98FFFF).replace("threshold: 0.6", "threshold: 0.7"))
    assert judged.run("build").code == 3
    specs = judged.files("specs")
    assert judged.run(verb, VARIATION, "2").code == 0
    assert build(judged)["awaiting"] == 0 and judged.run("check").code == 0
    shown = judged.run("show", VARIATION, "--json").json
    assert [row["kept_out"] for row in shown["candidates"]] == ["not ann: likeness 0.60, below 0.70"] * 2
    assert [row["scores"]["identity"] for row in shown["candidates"]] == [0.596, 0.6]
    assert judged.run(verb, VARIATION, "--undo").code == 0 and judged.files("specs") == specs
    assert judged.run("build").code == judged.run("check").code == 3
