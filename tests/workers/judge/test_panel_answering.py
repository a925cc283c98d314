"""VQAScore by every family of models that answer questions: P("yes") at the first place of the answer."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import answering_models
import tiny_judges as judges
from calotype.ground.images import digest_of
from calotype.workers.judge.panel.loading import quiet
from calotype.workers.protocol import Failure, Scored

COUNT = 3
QUESTION = 'Does this figure show "a boy"? Please answer yes or no.'
WITH_T5 = ("blip2-t5", "instructblip")


@pytest.fixture(scope="module", params=list(answering_models.FAMILIES))
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    if request.param == "smolvlm":
        pytest.importorskip("num2words")
    with quiet():
        return request.param, answering_models.built(request.param, tmp_path_factory.mktemp("models") / request.param)


def asked(folder: Path, texts: tuple[str, ...] = ("a boy",)) -> list[Any]:
    weights = judges.digest(folder)
    return [judges.request("vqa", digest_of(picture), text, weights=weights)
            for picture in judges.drawings(COUNT) for text in texts]


def places(folder: Path, tmp_path: Path) -> dict[str, Path]:
    return {judges.digest(folder): folder, **judges.stored(judges.drawings(COUNT), tmp_path / "pictures")}


def chance(name: str, folder: Path, picture: Any) -> float:
    """P(yes), by one step through the model and its processor."""
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    with quiet():
        model, processor = AutoModelForImageTextToText.from_pretrained(folder).eval(), AutoProcessor.from_pretrained(folder)
        text = QUESTION
        if processor.chat_template:
            turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": QUESTION}]}
            text = processor.apply_chat_template([turn], add_generation_prompt=True)
        read = processor(images=[picture], text=[text], return_tensors="pt")
        start = {"decoder_input_ids": torch.tensor([[0]])} if name in WITH_T5 else {}
        with torch.no_grad():
            logits = model(**read, **start).logits
    return float(logits[0, -1].softmax(-1)[answering_models.YES].sum())


def test_the_score_is_the_chance_of_yes_at_the_first_place_of_the_answer(family, tmp_path):
    name, folder = family
    outcomes = judges.scores(judges.panel(), asked(folder), places(folder, tmp_path))
    for picture, outcome in zip(judges.drawings(COUNT), outcomes, strict=True):
        assert isinstance(outcome, Scored), outcome
        assert outcome.parts["raw"] == pytest.approx(chance(name, folder, picture), abs=1e-5)
    assert len({outcome.parts["raw"] for outcome in outcomes}) == COUNT


def test_a_score_alone_is_that_in_any_company_and_order(family, tmp_path):
    _, folder = family
    files, requests = places(folder, tmp_path), asked(folder, ("a boy", "red arm"))
    worker = judges.panel()
    alone = [judges.scores(worker, [request], files)[0] for request in requests]
    order = list(range(len(requests)))
    random.Random(3).shuffle(order)
    together = judges.scores(judges.panel(), [requests[number] for number in order], files)
    assert [outcome.parts for outcome in together] == [alone[number].parts for number in order]


def test_a_package_that_a_model_needs_is_told(monkeypatch, tmp_path):
    pytest.importorskip("num2words")
    with quiet():
        folder = answering_models.built("smolvlm", tmp_path / "smol")
    monkeypatch.setattr("transformers.models.smolvlm.processing_smolvlm.num2words", None)
    outcome, *_ = judges.scores(judges.panel(), asked(folder), places(folder, tmp_path))
    assert isinstance(outcome, Failure)
    assert "num2words" in outcome.message and "pip install num2words" in outcome.message
