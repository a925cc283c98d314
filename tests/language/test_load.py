"""Documents to specs: defaults of ids and titles, numbers in one type, and what a schema cannot say."""

from __future__ import annotations

import pytest

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.language.load import load_pose, load_spec
from calotype.language.spec import Spec
from calotype.language.yaml.document import parse


def spec(text: str) -> Spec:
    return load_spec(parse(text.encode(), "specs/a.yaml"))


def exercise(images: str, more: str = "") -> Spec:
    return spec(f"kind: exercise\nid: chin_tuck\nregion: neck\n{more}images: {images}\n")


def errors(text: str) -> list[Diagnostic]:
    with pytest.raises(Problem) as caught:
        spec(text)
    return caught.value.diagnostics


def test_images_are_numbered_from_01_where_they_have_no_id():
    assert [one.id for one in exercise("[{}, {id: rest}, {}]").images] == ["01", "rest", "03"]


def test_the_hundredth_image_is_100():
    assert exercise("[" + "{}, " * 100 + "]").images[-1].id == "100"


def test_an_id_that_stands_twice_is_an_error_with_both_places():
    one = errors("kind: exercise\nid: a\nregion: b\nimages:\n  - id: x\n  - id: x\n")[0]
    assert (one.code, one.line, one.column) == ("duplicate-id", 6, 9)
    assert "line 5, column 9" in one.message


def test_an_id_may_not_be_the_number_of_another_image():
    assert [one.code for one in errors("kind: exercise\nid: a\nregion: b\nimages: [{id: '02'}, {}]")] == [
        "duplicate-id"
    ]


def test_anchors_and_variations_may_have_the_same_ids():
    spec("kind: character\nid: a\nanchors: {poses: [{id: x}]}\nvariations: [{id: x, anchor: x}]")


def test_a_variation_of_no_anchor_is_an_error():
    text = "kind: character\nid: a\nanchors: {poses: [{id: front}]}\nvariations: [{id: x, anchor: frnt}]"
    assert [(one.code, one.hint) for one in errors(text)] == [("unknown-anchor", "did you mean `front`?")]


def test_a_title_is_made_of_the_id_where_there_is_none():
    assert exercise("[{}]").title == "Chin tuck"
    assert exercise("[{}]", "title: Neck\n").title == "Neck"


def test_a_number_is_of_one_type_however_it_is_written():
    whole = exercise("[{seed: 7, size: [64, 64], reference: {image: a.png, strength: 1}}]")
    broken = exercise("[{seed: 7.0, size: [64.0, 64], reference: {image: a.png, strength: 1.0}}]")
    assert repr(whole.images[0].settings) == repr(broken.images[0].settings)


def test_only_the_settings_that_are_written_stand_on_an_image():
    one = exercise("[{seed: 7, title: a}]", "preset: draft\n")
    assert one.images[0].settings == {"seed": 7} and one.settings == {"preset": "draft"}


def test_what_anchors_say_together_each_of_them_says():
    one = spec("kind: character\nid: a\nanchors: {candidates: 10, seed: 1, poses: [{id: x, seed: 2}, {id: y}]}")
    assert [dict(anchor.settings) for anchor in one.anchors] == [
        {"candidates": 10, "seed": 2},
        {"candidates": 10, "seed": 1},
    ]


def test_each_image_knows_where_it_stands():
    one = spec("kind: character\nid: a\nanchors: {poses: [{id: x}]}\nvariations: [{id: y}]")
    assert (one.anchors[0].pointer, one.variations[0].pointer) == (("anchors", "poses", 0), ("variations", 0))


def test_a_scene_keeps_its_chain_and_its_background():
    one = spec("kind: scene\nid: a\nchain: true\nbackground: kitchen\nshots: [{id: x}, {id: y, background: sea}]")
    assert (one.chain, one.background, one.shots[1].background) == (True, "kitchen", "sea")


def test_all_errors_are_raised_together():
    text = (
        "kind: character\nid: a\ncontrols: [{type: depth, from: pose, start: 0.9, end: 0.1}]\n"
        "variations: [{id: x}, {id: x, anchor: y}]\ntraining_set: {trigger_word: t, min: 3, max: 2}"
    )
    assert [one.code for one in errors(text)] == ["out-of-range", "duplicate-id", "unknown-anchor", "out-of-range"]


def test_a_spec_with_errors_of_its_schema_is_not_loaded():
    assert [one.code for one in errors("kind: exercise\nid: A\nregion: b\nimages: []")] == ["bad-id", "out-of-range"]


def test_a_pose_is_named_by_its_file():
    assert load_pose(parse(b"base: standing", "specs/poses/reach.yaml")) == {"base": "standing"}


def test_a_pose_may_not_take_the_name_of_a_base_posture():
    with pytest.raises(Problem, match="base posture"):
        load_pose(parse(b"knee_flexion: 3", "specs/poses/standing.yaml"))
