"""The panel: pictures decoded once, models loaded once, and scores that company does not change."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

import tiny_judges as judges
from calotype.ground.images import digest_of
from calotype.workers.protocol import Failure, InputGone, Scored

SCORERS = ("pick", "clip", "vqa", "aesthetic")
COUNT = 6


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {**judges.inputs(), **judges.stored(judges.drawings(COUNT), tmp_path_factory.mktemp("pictures"))}


@pytest.fixture(scope="module")
def requests() -> list[dict[str, object]]:
    return [dict(judges.request(scorer, digest_of(picture), text))
            for picture in judges.drawings(COUNT) for scorer in SCORERS for text in ("a boy standing", "red arm")]


@pytest.fixture(scope="module")
def alone(places, requests) -> list[Scored]:
    """Each request performed by itself."""
    worker = judges.panel()
    return [outcome for request in requests for outcome in judges.scores(worker, [request], places)]


def test_each_picture_is_decoded_once_and_embedded_once_by_each_model(places, requests):
    worker = judges.panel()
    judges.scores(worker, requests, places)
    assert worker.counts == {
        "loads": 4, "decodes": COUNT, "picture embeddings": 3 * COUNT, "text embeddings": 4, "questions": 2 * COUNT}


def test_scorers_of_one_model_share_its_embeddings(places):
    pixels = digest_of(judges.drawings(1)[0])
    other = judges.digest(judges.models() / "other")
    worker = judges.panel()
    batch = [judges.request("pick", pixels, weights=other), judges.request("aesthetic", pixels)]
    judges.scores(worker, batch, places)
    assert worker.counts == {"loads": 1, "decodes": 1, "picture embeddings": 1, "text embeddings": 1}


def test_models_and_embeddings_outlive_a_batch(places, requests):
    worker = judges.panel()
    judges.scores(worker, requests, places)
    first = worker.counts
    judges.scores(worker, requests, places)
    assert worker.counts == {**first, "decodes": 2 * COUNT, "questions": 4 * COUNT}


def test_a_picture_that_two_batches_share_is_decoded_once(places, requests):
    worker = judges.panel()
    judges.scores(worker, requests[:12], places)
    judges.scores(worker, requests[12:16], places)
    assert worker.counts["decodes"] == 2


@pytest.mark.parametrize("seed", range(4))
def test_a_score_alone_is_that_in_any_company_and_order(places, requests, alone, seed):
    order = list(range(len(requests)))
    random.Random(seed).shuffle(order)
    worker = judges.panel()
    size = (3, 7, 16, 48)[seed]
    for first in range(0, len(order), size):
        chosen = order[first:first + size]
        for number, outcome in zip(chosen, judges.scores(worker, [requests[one] for one in chosen], places), strict=True):
            assert (outcome.total, outcome.parts) == (alone[number].total, alone[number].parts)


def test_calls_of_several_pictures_give_the_same_scores_to_three_decimals(places, requests, alone):
    together = judges.scores(judges.panel(deterministic=False), requests, places)
    assert [outcome.total for outcome in together] == [outcome.total for outcome in alone]


def test_another_process_gives_the_same_scores(places, requests, alone):
    program = ("import sys, json, pathlib; sys.path[:0] = ['tests']; import tiny_judges as judges\n"
               "requests, places = json.load(sys.stdin)\n"
               "places = {name: pathlib.Path(place) for name, place in places.items()}\n"
               "print(json.dumps([one.total for one in judges.scores(judges.panel(), requests, places)]))")
    import json

    told = json.dumps([requests[::5], {name: str(place) for name, place in places.items()}])
    done = subprocess.run([sys.executable, "-c", program], input=told, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [outcome.total for outcome in alone[::5]]


def test_a_picture_that_is_gone_is_told_when_all_others_are_scored(places, requests, tmp_path):
    gone = requests[0]["pixels"]
    worker = judges.panel()
    answered = []
    with pytest.raises(InputGone) as told:
        for outcome in worker.perform(requests, {**places, gone: tmp_path / "nowhere.png"}, lambda: False):
            answered.append(outcome.index)
    assert told.value.digest == gone
    assert sorted(answered) == [index for index, one in enumerate(requests) if one["pixels"] != gone]


def test_a_cancelled_batch_yields_nothing_more(places, requests):
    seen = []
    worker = judges.panel()
    for outcome in worker.perform(requests, places, lambda: len(seen) >= 3):
        seen.append(outcome)
    assert len(seen) == 3
    assert len(judges.scores(worker, requests, places)) == len(requests)


def test_what_is_transparent_is_judged_over_white(places, tmp_path):
    clear, white = judges.drawings(1)[0].convert("RGBA"), judges.drawings(1)[0].copy()
    clear.paste((200, 10, 10, 0), (0, 0, 20, 20))
    white.paste("white", (0, 0, 20, 20))
    files = {**places, **judges.stored([clear, white], tmp_path / "pictures")}
    batch = [judges.request("pick", digest_of(picture)) for picture in (clear, white)]
    first, second = judges.scores(judges.panel(), batch, files)
    assert first.parts == second.parts


def test_a_text_that_is_longer_than_what_is_read_of_it_is_told(places):
    pixels = digest_of(judges.drawings(1)[0])
    long = " ".join(["boy standing"] * 60)
    pick, clip, vqa, short = judges.scores(judges.panel(), [
        judges.request("pick", pixels, long), judges.request("clip", pixels, long), judges.request("vqa", pixels, long),
        judges.request("pick", pixels)], places)
    assert pick.facts["tokens"] > pick.facts["tokens_read"] == 77
    assert clip.facts["tokens"] == 2 + 3 + 120 and clip.facts["tokens_read"] == 77
    assert vqa.facts["tokens"] > vqa.facts["tokens_read"] == 64
    assert "tokens" not in short.facts


def test_people_are_told_once_of_a_text_that_is_not_read_whole(places):
    long, notes = " ".join(["boy standing"] * 60), []
    worker = judges.panel()
    worker.configure({"device": "cpu"}, lambda kind, **fields: notes.append(fields) if kind == "note" else None)
    batch = [judges.request(scorer, digest_of(picture), long) for picture in judges.drawings(2) for scorer in ("pick", "clip")]
    judges.scores(worker, batch, places)
    assert len(notes) == 2
    assert "`clip` reads 77 of 125 tokens" in notes[1]["message"]


def test_a_text_is_cut_as_the_tokenizer_of_the_model_cuts_it(places):
    pixels = digest_of(judges.drawings(1)[0])
    long = " ".join(["boy standing"] * 60)
    same, other = judges.scores(
        judges.panel(), [judges.request("pick", pixels, long), judges.request("pick", pixels, f"{long} red")], places)
    assert same.parts == other.parts


def test_one_scorer_that_fails_fails_its_own_requests_alone(places, requests, alone):
    weights = judges.request("pick", "")["model"]["weights"]
    outcomes = judges.scores(judges.panel(), requests, {**places, weights: judges.models() / "blip"})
    for request, outcome, sound in zip(requests, outcomes, alone, strict=True):
        if request["scorer"] == "pick":
            assert isinstance(outcome, Failure)
            assert "`pick`" in outcome.message and "`blip`" in outcome.message
        else:
            assert outcome.total == sound.total


def test_planning_imports_no_torch():
    program = ("import sys; from calotype.workers.plugins import Registry\n"
               "for name in ('pick', 'clip', 'vqa', 'aesthetic', 'panel'): Registry().scorer(name).affinity({})\n"
               "assert not {'torch', 'transformers', 'open_clip', 'numpy'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", program], check=True)
