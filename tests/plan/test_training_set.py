"""Which images make up a training set: what people included, anchors, and suggestions that differ as much as they can."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from calotype.language.decisions import Decision
from calotype.language.load import load_spec
from calotype.language.pose.distance import between, shape, turn
from calotype.language.spec import Spec
from calotype.language.yaml.document import parse
from calotype.plan.training.training_set import Pictured, TrainingSet, pictured, set_of_pictures
from calotype.project.decisions.index import Entry
from calotype.queries.status import status_query
from conftest import Space

FILE = "specs/characters/doll.yaml"
TEXT = """\
kind: character
id: doll
anchors: {poses: [{id: front, view_angle: anterior, pose: standing}, {id: back, view_angle: posterior, pose: standing}]}
variations:
  - {id: bow, view_angle: lateral, pose: {base: standing, neck_flexion: 30}, count: 3}
  - {id: left_bow, view_angle: lateral, side: left, pose: {base: standing, neck_flexion: 30}}
  - {id: squat, view_angle: lateral, pose: {base: standing, hip_flexion: 90, knee_flexion: 100}}
  - {id: hang, view_angle: posterior, pose: hanging}
  - {id: sit, view_angle: oblique, pose: seated}
"""
FRONT, HANG, SIT, SQUAT = (
    f"characters/doll/{part}" for part in ("anchors/front", "variations/hang_01", "variations/sit_01", "variations/squat_01"))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pictured, ...]:
    """The pictures of a character, built."""
    space = Space(tmp_path_factory.mktemp("doll"))
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    space.write(FILE, TEXT)
    assert space.call("build", "-q").code == 0
    with status_query(space.root) as query:
        return tuple(pictured(training.planned) for training in query.targets())


def spec(section: str = "") -> Spec:
    return load_spec(parse(f"{TEXT}training_set: {{trigger_word: doll{section}}}\n".encode(), FILE))


def chosen(pictures: Sequence[Pictured], section: str = "") -> TrainingSet:
    training = set_of_pictures(spec(section), pictures)
    assert training is not None
    return training


def decide(pictures: Sequence[Pictured], *decisions: tuple[str, str]) -> list[Pictured]:
    """The pictures after (target, word): include, exclude, or either of a former picture (`former include`)."""
    decided = {picture.image.target: picture for picture in pictures}
    for number, (target, words) in enumerate(decisions):
        picture = decided[target]
        assert picture.line is not None
        former, _, word = words.rpartition(" ")
        pixels = "f" * 64 if former else picture.line.pixels
        reason = "one hand too many" if word == "exclude" else ""
        decision = Decision(target, picture.line.action, pixels, "include" if word == "include" else "exclude", reason)
        decided[target] = replace(picture, curation=(*picture.curation, Entry(decision, "specs/picks/a.yaml", number)))
    return list(decided.values())


def scored(pictures: Sequence[Pictured], **scores: float) -> list[Pictured]:
    """The pictures, of which some have a score, by the last part of their names."""
    result = []
    for picture in pictures:
        score = scores.get(picture.image.target.rpartition("/")[2])
        line = picture.line
        assert line is not None
        if score is not None:
            line = replace(line, candidates=(replace(line.candidates[0], scores={"technical": score}),))
        result.append(replace(picture, line=line))
    return result


def names(training: TrainingSet, by: str = "") -> list[str]:
    return [member.image.target for member in training.members if by in ("", member.by)]


def out(training: TrainingSet) -> dict[str, tuple[str, str]]:
    return {left_out.target: (left_out.state, left_out.reason) for left_out in training.out}


# chosen by people


def test_without_a_word_of_anybody_the_anchors_are_the_set(pictures: Sequence[Pictured]) -> None:
    training = chosen(pictures, ", min: 2")
    assert names(training) == names(training, "anchor") == ["characters/doll/anchors/back", FRONT]
    assert (training.character, training.trigger_word, training.minimum, training.maximum) == ("characters/doll", "doll", 2, 30)
    assert not training.lacking
    assert out(training)[HANG] == ("free", f"nobody included it; `calotype include {HANG}` does")


def test_without_anchors_it_is_empty(pictures: Sequence[Pictured]) -> None:
    assert names(chosen(pictures, ", include_anchors: false")) == []


def test_what_a_person_included_is_in_it_with_path_and_pixels(pictures: Sequence[Pictured]) -> None:
    (member,) = chosen(decide(pictures, (HANG, "include")), ", include_anchors: false").members
    line = next(picture.line for picture in pictures if picture.image.target == HANG)
    assert line is not None
    assert (member.by, member.path, member.pixels) == ("human", line.path, line.pixels)


def test_an_excluded_anchor_is_not_and_its_reason_is_told(pictures: Sequence[Pictured]) -> None:
    training = chosen(decide(pictures, (FRONT, "exclude")))
    assert FRONT not in names(training)
    assert out(training)[FRONT] == ("excluded", "excluded: one hand too many")


@pytest.mark.parametrize("select", ["human", "suggest"])
@pytest.mark.parametrize("word", ["include", "exclude"])
def test_a_picture_rendered_anew_has_fallen_out_whatever_was_said_of_the_one_before(
    pictures: Sequence[Pictured], word: str, select: str
) -> None:
    training = chosen(decide(pictures, (FRONT, f"former {word}")), f", select: {select}")
    state, reason = out(training)[FRONT]
    assert state == "fallen-out" and FRONT not in names(training)
    assert f"was {word}d" in reason and f"`calotype include {FRONT}`" in reason


def test_what_is_said_of_the_present_picture_counts_beside_what_was_said_of_a_former_one(
    pictures: Sequence[Pictured],
) -> None:
    training = chosen(decide(pictures, (HANG, "former exclude"), (HANG, "include")))
    assert HANG in names(training, "human")


@pytest.mark.parametrize("select", ["human", "suggest"])
def test_what_is_included_and_excluded_is_out_until_it_is_decided(pictures: Sequence[Pictured], select: str) -> None:
    training = chosen(decide(pictures, (FRONT, "include"), (FRONT, "exclude")), f", select: {select}")
    assert out(training)[FRONT][0] == "contradicting" and FRONT not in names(training)


def test_what_is_open_is_out_though_it_was_included(pictures: Sequence[Pictured]) -> None:
    stale = [replace(picture, open="is stale") if picture.image.target == HANG else picture
             for picture in decide(pictures, (HANG, "include"))]
    assert out(chosen(stale))[HANG] == ("open", f"is stale: `calotype build {HANG}`")


def test_what_is_not_published_is_out(pictures: Sequence[Pictured]) -> None:
    new = [replace(picture, line=None, open="is not published") for picture in pictures]
    assert {state for state, _ in out(chosen(new)).values()} == {"open"}


def test_a_set_under_min_says_what_it_lacks(pictures: Sequence[Pictured]) -> None:
    training = chosen(decide(pictures, (HANG, "include"), (SIT, "former include"), (SQUAT, "exclude")))
    assert training.lacking == ("it has 3 images, and `min` is 20: 4 can be included (`calotype include TARGET`),"
                             " 1 fell out (to be looked at), 1 excluded")


def test_a_set_over_max_says_so(pictures: Sequence[Pictured]) -> None:
    every = decide(pictures, *((picture.image.target, "include") for picture in pictures))
    assert chosen(every, ", min: 1, max: 7").lacking == "it has 9 images, and `max` is 7: exclude 2, or raise `max`"
    assert len(chosen(every, ", min: 1, max: 7, select: suggest").members) == 9


def test_a_character_without_the_section_has_no_set(pictures: Sequence[Pictured]) -> None:
    assert set_of_pictures(load_spec(parse(TEXT.encode(), FILE)), pictures) is None


# suggested


def test_suggestions_fill_the_set_up_to_max_after_what_is_included_and_the_anchors(pictures: Sequence[Pictured]) -> None:
    training = chosen(decide(pictures, (SIT, "include")), ", min: 1, max: 5, select: suggest")
    assert [member.by for member in training.members] == ["human", "anchor", "anchor", "suggest", "suggest"]
    assert set(names(training, "suggest")) == {HANG, SQUAT}, "what differs most from the anchors"
    assert "`max` is 5" in out(training)["characters/doll/variations/bow_02"][1]


def test_anchors_for_which_there_is_no_room_are_told_as_left_out(pictures: Sequence[Pictured]) -> None:
    training = chosen(decide(pictures, (SIT, "include")), ", min: 1, max: 2, select: suggest")
    assert names(training) == [SIT, "characters/doll/anchors/back"]
    assert out(training)[FRONT][0] == "free"


def test_each_suggestion_is_the_farthest_from_what_is_taken(pictures: Sequence[Pictured]) -> None:
    training = chosen(pictures, ", min: 1, max: 9, select: suggest")
    images = [member.image for member in training.members]
    first = len(names(training, "anchor"))

    def nearest(at: int, taken: int) -> float:
        return min(between(shape(images[at].posture), shape(other.posture)) + turn(
            images[at].view, images[at].side, other.view, other.side) for other in images[:taken])

    for taken in range(first, len(images)):
        distances = [nearest(at, taken) for at in range(taken, len(images))]
        assert distances[0] == pytest.approx(max(distances))


def test_an_excluded_picture_is_never_suggested(pictures: Sequence[Pictured]) -> None:
    training = chosen(decide(pictures, (HANG, "exclude")), ", min: 1, select: suggest")
    assert len(training.members) == 8 and HANG not in names(training)


def test_left_and_right_are_kept_apart(pictures: Sequence[Pictured]) -> None:
    training = chosen(pictures, ", min: 1, max: 7, select: suggest")
    parts = [name.rpartition("/")[2] for name in names(training)]
    assert "left_bow_01" in parts and sum(part.startswith("bow_") for part in parts) == 1


def test_of_images_alike_the_best_by_score_comes_first(pictures: Sequence[Pictured]) -> None:
    training = chosen(scored(pictures, bow_01=70, bow_02=81, bow_03=75), ", min: 1, max: 9, select: suggest")
    bows = [name.rpartition("/")[2] for name in names(training) if "/bow_" in name]
    assert bows == ["bow_02", "bow_03", "bow_01"]
    whys = {member.image.target.rpartition("/")[2]: member.why for member in training.members}
    assert re.fullmatch(r"standing, lateral right: farthest, \d+ from \w+; score 81", whys["bow_02"])
    assert whys["bow_03"] == "standing, lateral right: posed and seen as bow_02, the best of what is left; score 75"


def test_without_anchors_the_best_by_score_is_the_first(pictures: Sequence[Pictured]) -> None:
    training = chosen(scored(pictures, sit_01=90, hang_01=80), ", min: 1, select: suggest, include_anchors: false")
    assert training.members[0].image.target == SIT
    assert training.members[0].why == "seated, oblique right: the first; score 90"


def test_neither_the_order_of_images_nor_chance_makes_a_difference(pictures: Sequence[Pictured]) -> None:
    expected, shuffled = chosen(pictures, ", min: 1, max: 6, select: suggest"), list(pictures)
    for seed in range(5):
        random.Random(seed).shuffle(shuffled)
        assert chosen(shuffled, ", min: 1, max: 6, select: suggest") == expected


def test_a_hundred_and_fifty_images_take_less_than_a_second(pictures: Sequence[Pictured]) -> None:
    many = []
    for number in range(150):
        picture = pictures[number % len(pictures)]
        posture = {**picture.image.posture, "neck_flexion": float(number % 40)}
        many.append(replace(picture, image=replace(
            picture.image, target=f"characters/doll/variations/v{number}", posture=posture)))
    started = time.process_time()
    assert len(chosen(many, ", select: suggest").members) == 30
    assert time.process_time() - started < 1


# what a spec may say


@pytest.mark.parametrize(("section", "code", "hint"), [
    ("{trigger_word: fit mannequin}", "bad-trigger-word", "write fit_mannequin"),
    ("{trigger_word: 'fit, '}", "bad-trigger-word", "write fit"),
    ("{trigger_word: doll, min: 9, max: 8}", "out-of-range", "write both"),
    ("{trigger_word: doll, max: 8}", "out-of-range", "`min` is 20"),
    ("{trigger_word: doll, select: best}", "unknown-value", "human"),
    ("{min: 3}", "missing-key", "trigger_word"),
    ("{trigger_word: doll, mim: 3}", "unknown-key", "min"),
])
def test_what_is_wrong_with_the_section_is_told_with_its_line_and_a_hint(
    space: Space, section: str, code: str, hint: str
) -> None:
    space.write("calotype.yaml", "version: 1\n")
    space.write(FILE, f"{TEXT}training_set: {section}\n")
    done = space.call("validate", "--json")
    (fault,) = done.json["diagnostics"]
    assert (done.code, fault["code"], fault["file"], fault["line"]) == (2, code, FILE, TEXT.count("\n") + 1)
    assert hint in f"{fault['message']} {fault['hint']}"


def test_the_section_is_read_with_what_is_packaged() -> None:
    training = spec().training_set
    assert training is not None
    assert (training.minimum, training.maximum, training.include_anchors, training.select) == (20, 30, True, "human")


def test_no_numpy_is_needed(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = ("import sys, calotype.plan.training.training_set, calotype.plan.training.farthest;"
            "assert not {'numpy', 'PIL', 'torch'} & sys.modules.keys()")
    subprocess.run([sys.executable, "-c", code], check=True)
