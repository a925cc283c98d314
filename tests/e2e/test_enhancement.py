"""Enhanced prompts as actions: made once, pinned in the manifest, part of what decides a picture."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sketch
from kit import build, codes, manifest_lines, reason, use_sketch
from PIL import Image

import calotype
from conftest import CALOTYPE, Space

SPEC = "specs/scenes/tea.yaml"
TEA = """\
kind: scene
id: tea
title: Tea
markers: {character: "woman of 32, chestnut brown hair", palette: pale green}
prompt: quiet room by a window
enhance: {iterations: 4, threshold: 85}
shots:
  - {id: pour, prompt: a woman pours tea into one celadon cup}
  - {id: sip, prompt: a woman takes a sip from the cup in her right hand}
"""
POUR, SIP = "scenes/tea/pour", "scenes/tea/sip"


@pytest.fixture
def tea(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    use_sketch(space, monkeypatch)
    sketch.drawn(sketch.site())
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n")
    space.write(SPEC, TEA)
    return space


def prompts(space: Space) -> dict[str, str]:
    outcome = calotype.Project.open(space.root).plan(prompts=True)
    return {text.target: text.prompt for text in outcome.prompts or ()}


def test_a_build_enhances_each_prompt_once_and_a_rebuild_nothing(tea: Space) -> None:
    done = build(tea)
    assert done.code == 0 and done.json["actions"]["enhance"] == 2 and done.json["renders"] == 2
    again = build(tea)
    assert again.json["renders"] == 0 and "enhance" not in again.json["actions"]


def test_the_text_is_shown_before_a_render_is_paid_and_is_the_one_that_is_rendered(tea: Space) -> None:
    shown = prompts(tea)
    assert "degrees" in shown[POUR] and "mm lens" in shown[POUR] and shown[POUR].startswith("a woman pours tea")
    assert not (tea.root / "content").exists()
    build(tea)
    lines = manifest_lines(tea)
    assert {target: line["prompt"] for target, line in lines.items()} == shown == prompts(tea)
    assert lines[POUR]["request"]["prompt"] == shown[POUR]


def test_the_light_is_that_of_the_place_and_not_of_who_is_there(tea: Space) -> None:
    before = prompts(tea)
    tea.edit(SPEC, "chestnut brown hair", "dramatic eyes")
    assert all("Natural window light" in text for text in (*before.values(), *prompts(tea).values()))
    tea.edit(SPEC, "palette: pale green", "place: a dramatic stage")
    assert all("hard key light" in text for text in prompts(tea).values())


def test_a_plan_counts_prompts_and_at_most_the_renders_that_follow(tea: Space) -> None:
    planned = tea.call("plan", "--json").json
    assert planned["actions"]["enhance"] == 2 and planned["renders"] == 2
    build(tea)
    assert tea.call("plan", "--json").json["renders"] == 0


@pytest.mark.parametrize(("old", "new", "enhanced", "rendered"), [
    ("one celadon cup", "one white cup", 1, 1), ("pale green", "pale blue", 2, 2), ("iterations: 4", "iterations: 3", 2, 0)])
def test_a_plan_counts_just_what_a_build_then_does(tea: Space, old: str, new: str, enhanced: int, rendered: int) -> None:
    build(tea)
    tea.edit(SPEC, old, new)
    planned = tea.call("plan", "--json").json
    assert (planned["actions"]["enhance"], planned["renders"], planned.get("unwritten", 0)) == (enhanced, rendered, 0)
    statuses = {target["target"]: target["status"] for target in planned["targets"]}
    done = build(tea)
    assert (done.json["actions"]["enhance"], done.json["renders"]) == (enhanced, rendered)
    assert statuses == {target: status.removesuffix("ed") if status == "rendered" else status for target, status in done.statuses.items()}
    assert tea.call("plan", "--json").json["targets"] == []


def test_a_plan_knows_that_a_drawing_reads_no_prompt_and_what_starts_from_it_stays(tea: Space) -> None:
    tea.edit("calotype.yaml", "sketch", "mannequin")
    tea.edit(SPEC, "prompt: quiet room by a window\n", "prompt: quiet room by a window\nchain: true\n")
    build(tea)
    tea.edit(SPEC, "pale green", "pale blue")
    planned = tea.call("plan", "--json").json
    assert (planned["renders"], planned["actions"]["enhance"], planned["cache_hits"]) == (0, 2, 2)
    assert build(tea).json["renders"] == 0


def test_a_plan_writes_no_text(tea: Space) -> None:
    tea.call("plan", "--prompts")
    assert tea.call("plan", "--json").json["actions"]["enhance"] == 2
    assert not (tea.root / "content").exists()


def test_without_enhance_the_prompt_is_the_plain_one(tea: Space) -> None:
    tea.edit(SPEC, "enhance: {iterations: 4, threshold: 85}\n", "")
    done = build(tea)
    assert "enhance" not in done.json["actions"] and done.json["diagnostics"] == []
    assert "degrees" not in manifest_lines(tea)[POUR]["prompt"]


def test_the_texts_stand_in_the_manifest_and_answer_on_a_bare_clone(tea: Space) -> None:
    build(tea)
    upstream = [each for each in manifest_lines(tea)[POUR]["upstream"] if each["kind"] == "enhance"]
    assert [each["output"] for each in upstream] == [manifest_lines(tea)[POUR]["prompt"]]
    shutil.rmtree(tea.root / "cache")
    assert tea.call("check", "--full").code == 0
    done = build(tea)
    assert (done.json["renders"], done.json["up_to_date"]) == (0, 2) and "enhance" not in done.json["actions"]
    tea.edit(SPEC, "id: tea", "id: cha")  # adopted: a renamed scene asks for nothing anew
    moved = build(tea)
    assert moved.code == 0 and moved.json["renders"] == 0 and "enhance" not in moved.json["actions"]


def test_a_line_whose_prompt_is_not_its_enhanced_text_is_not_believed(tea: Space) -> None:
    build(tea)
    shard = "content/manifest/scenes/tea.jsonl"
    line = manifest_lines(tea)[POUR]
    tea.write(shard, tea.read(shard).replace(json.dumps(line["prompt"]), json.dumps("a cat"), 1))
    assert tea.call("check", "--full").code == 1


@pytest.mark.parametrize(("old", "new", "enhanced", "rendered"), [
    ("one celadon cup", "one white cup", 1, 1),
    ("pale green", "pale blue", 2, 2),
    ("quiet room", "loud room", 2, 2),
    ("iterations: 4", "iterations: 3", 2, 0),
    ("title: Tea", "title: Cha", 0, 0),
])
def test_what_decides_a_text_makes_it_anew_and_only_another_text_renders(
    tea: Space, old: str, new: str, enhanced: int, rendered: int
) -> None:
    build(tea)
    tea.edit(SPEC, old, new)
    done = build(tea)
    assert done.code == 0 and done.json["renders"] == rendered
    assert done.json["actions"].get("enhance", 0) == enhanced


def test_a_renderer_that_reads_no_text_draws_nothing_anew(tea: Space) -> None:
    tea.edit("calotype.yaml", "sketch", "mannequin")
    build(tea)
    tea.edit(SPEC, "one celadon cup", "one white cup")
    done = build(tea)
    assert done.json["renders"] == 0 and done.json["actions"]["enhance"] == 1
    assert done.statuses == {POUR: "cached"} and "white cup" in manifest_lines(tea)[POUR]["prompt"]


def test_enhanced_in_the_spec_is_the_whole_prompt(tea: Space) -> None:
    tea.edit(SPEC, "a woman pours tea into one celadon cup}", "pours, enhanced: An old man pours tea.}")
    done = build(tea)
    assert done.json["actions"]["enhance"] == 1
    assert manifest_lines(tea)[POUR]["prompt"] == "An old man pours tea."
    assert manifest_lines(tea)[POUR]["upstream"] == []


def test_a_prompt_that_cannot_be_enhanced_fails_its_shot_alone(tea: Space) -> None:
    tea.edit(SPEC, "one celadon cup", "one " + "very " * 900 + "old cup")
    done = build(tea)
    assert done.code == 1 and done.statuses == {POUR: "failed", SIP: "rendered"}
    assert codes(done) == ["enhance-failed"] and "4000 at most" in reason(done, POUR)
    assert tea.call("plan", "--prompts", POUR).code == 2


def test_phases_stop_in_between(tea: Space) -> None:
    tea.edit(SPEC, "shots:", "candidates: 2\nshots:")
    tea.edit("calotype.yaml", "defaults", "scoring: {weights: {technical: 1}}\ndefaults")
    first = build(tea, "--phase", "enhance")
    assert first.code == 0 and first.json["actions"] == {"condition": 0, "render": 0, "score": 0, "enhance": 2}
    assert first.statuses == {POUR: "skipped", SIP: "skipped"} and "left to `--phase render`" in reason(first, POUR)
    second = build(tea, "--phase", "render")
    assert second.code == 0 and second.json["actions"] == {"condition": 0, "render": 4, "score": 0}
    third = build(tea, "--phase", "score")
    assert third.code == 0 and third.json["actions"]["score"] == 4 and third.statuses == {POUR: "cached", SIP: "cached"}
    assert build(tea).json["up_to_date"] == 2


def test_a_phase_whose_turn_it_is_not_leaves_the_work_for_later(tea: Space) -> None:
    done = build(tea, "--phase", "render")
    assert done.code == 0 and done.json["renders"] == 0 and done.statuses == {POUR: "skipped", SIP: "skipped"}
    assert "its prompt is not enhanced: left to `--phase enhance`" in reason(done, POUR)


def test_what_starts_from_a_shot_that_is_left_is_left_too_and_its_prompt_is_made(tea: Space) -> None:
    tea.edit(SPEC, "shots:", "chain: true\nshots:")
    done = build(tea, "--phase", "enhance")
    assert done.code == 0 and done.json["actions"]["enhance"] == 2 and done.statuses == {POUR: "skipped", SIP: "skipped"}


def test_a_phase_has_no_effect_on_a_dry_run(tea: Space) -> None:
    done = tea.call("build", "--dry-run", "--phase", "enhance")
    assert done.code == 2 and "without-effect" in done.err
    assert tea.call("build", "--phase", "paint").code == 2


def test_all_enhancement_ends_before_a_render_begins(tea: Space) -> None:
    plain = "kind: scene\nid: a{}\nshots: [{{id: a, prompt: walking {}}}]\n"
    for number in range(5):
        tea.write(f"specs/scenes/a{number}.yaml", plain.format(number, number))
    tea.edit(SPEC, "shots:", "chain: true\nshots:")
    kinds: list[str] = []
    outcome = calotype.Project.open(tea.root).build(jobs=2, listener=lambda event: kinds.append(
        event.fields["action"]) if event.kind == "action.started" else None)
    assert outcome.exit_code == 0 and kinds == ["enhance"] * 2 + ["render"] * 7


def test_a_killed_build_repeats_no_text(tea: Space) -> None:
    done = subprocess.run([str(CALOTYPE), "build"], cwd=tea.root, capture_output=True, check=False,
                          env={**_environment(tea), "CALOTYPE_KILL_AT": "results-durable"})
    assert done.returncode == -9
    after = build(tea)
    assert after.code == 0 and "enhance" not in after.json["actions"] and after.json["renders"] == 2


def test_a_rebuild_imports_no_enhancer_and_no_openai(tea: Space) -> None:
    build(tea)
    code = ("import sys, calotype\nassert calotype.Project.open('.').build().exit_code == 0\n"
            "print([name for name in sys.modules if 'openai' in name or 'enhance.cinema' in name])")
    done = subprocess.run([sys.executable, "-c", code], cwd=tea.root, capture_output=True, text=True, env=_environment(tea),
                          check=True)
    assert done.stdout.strip() == "[]"


def _environment(space: Space) -> dict[str, Any]:
    return {**os.environ, **space.env}


def test_ones_own_picture_stands_for_an_enhanced_shot(tea: Space, tmp_path: Path) -> None:
    tea.edit(SPEC, "shots:", "chain: true\nshots:")
    Image.new("RGB", (64, 64), (9, 90, 9)).save(tmp_path / "own.png")
    assert tea.call("pick", POUR, str(tmp_path / "own.png")).code == 0
    done = build(tea)
    assert done.code == 0 and done.json["renders"] == 1 and POUR not in done.statuses
    assert build(tea).json["up_to_date"] == 2
