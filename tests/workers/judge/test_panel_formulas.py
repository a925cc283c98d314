"""The scores of the model scorers are those of the published formulas, computed here by the plain libraries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tiny_judges as judges
from calotype.ground.images import digest_of
from calotype.workers.judge.calibration import CALIBRATIONS
from calotype.workers.judge.panel.formulas import clip_score, pick_score, yes_tokens
from calotype.workers.protocol import Scored

TEXTS = ("a boy standing", "right arm, plain picture of a figure")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {**judges.inputs(), **judges.stored(judges.drawings(6), tmp_path_factory.mktemp("pictures"))}


def scored(scorer: str, places: dict[str, Path]) -> list[tuple[Any, str, Scored]]:
    """Picture, text and outcome of each pair of them."""
    pairs = [(picture, text) for picture in judges.drawings(6) for text in TEXTS]
    batch = [judges.request(scorer, digest_of(picture), text) for picture, text in pairs]
    outcomes = judges.scores(judges.panel(), batch, places)
    assert all(isinstance(outcome, Scored) for outcome in outcomes), outcomes
    return [(*pair, outcome) for pair, outcome in zip(pairs, outcomes, strict=True)]


def clip_embeddings(folder: Path, picture: Any, text: str) -> tuple[Any, Any, float]:
    """As the card of PickScore computes them."""
    import torch
    from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    model = CLIPModel.from_pretrained(folder).eval()
    with torch.no_grad():
        words = CLIPTokenizer.from_pretrained(folder)(text, padding=True, truncation=True, max_length=77, return_tensors="pt")
        pixels = CLIPImageProcessorPil.from_pretrained(folder)(images=picture, return_tensors="pt")
        of_text = model.get_text_features(**words).pooler_output
        of_picture = model.get_image_features(**pixels).pooler_output
    return of_text / of_text.norm(), of_picture / of_picture.norm(), float(model.logit_scale.exp().detach())


def test_pickscore_is_the_scaled_cosine_of_its_clip(places):
    for picture, text, outcome in scored("pick", places):
        of_text, of_picture, scale = clip_embeddings(judges.models() / "pick", picture, text)
        assert scale == pytest.approx(100, rel=1e-3)
        assert outcome.parts["raw"] == pytest.approx(scale * float(of_text @ of_picture.T), abs=1e-4)
        assert outcome.total == CALIBRATIONS["pick-1"].score(outcome.parts["raw"])


def test_clipscore_is_two_and_a_half_times_the_cosine_of_open_clip(places):
    import open_clip
    import torch
    from safetensors.torch import load_file

    folder = judges.models() / "open"
    model = open_clip.model.CLIP(**json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]).eval()
    model.load_state_dict(load_file(folder / "open_clip_model.safetensors"))
    config = open_clip.transform.PreprocessCfg(size=32, **judges.OPEN_CLIP["preprocess_cfg"])
    prepared = open_clip.transform.image_transform_v2(config, is_train=False)
    tokenizer = open_clip.SimpleTokenizer()
    for picture, text, outcome in scored("clip", places):
        with torch.no_grad():
            of_picture = model.encode_image(prepared(picture)[None], normalize=True)
            of_text = model.encode_text(tokenizer([f"A photo depicts {text}"]), normalize=True)
        expected = 2.5 * max(float(of_picture @ of_text.T), 0.0)
        assert outcome.parts["raw"] == pytest.approx(expected, abs=1e-5)
        assert outcome.total == pytest.approx(100 * min(expected, 1.0), abs=1e-3)


def test_the_clipscore_of_a_clip_of_transformers_is_the_same_formula(places):
    folder = judges.models() / "pick"
    request = judges.request("clip", digest_of(judges.drawings(1)[0]), weights=judges.digest(folder), settings=judges.digest(folder))
    outcome, = judges.scores(judges.panel(), [request], places)
    of_text, of_picture, _ = clip_embeddings(folder, judges.drawings(1)[0], "A photo depicts a boy standing")
    assert isinstance(outcome, Scored)
    assert outcome.parts["raw"] == pytest.approx(2.5 * max(float(of_text @ of_picture.T), 0), abs=1e-5)


def test_vqascore_is_the_chance_that_the_answer_of_blip_begins_with_yes(places):
    import torch
    from transformers import BertTokenizer, BlipForQuestionAnswering, BlipImageProcessorPil, BlipProcessor

    folder = judges.models() / "blip"
    model = BlipForQuestionAnswering.from_pretrained(folder).eval()
    processor = BlipProcessor(BlipImageProcessorPil.from_pretrained(folder), BertTokenizer.from_pretrained(folder))
    chances = set()
    for picture, text, outcome in scored("vqa", places):
        question = f'Does this figure show "{text}"? Please answer yes or no.'
        read = processor(images=picture, text=question, return_tensors="pt")
        with torch.no_grad():
            start = torch.tensor([[model.decoder_start_token_id]])
            logits = model.text_decoder(
                input_ids=start, encoder_hidden_states=model.text_encoder(
                    input_ids=read.input_ids, attention_mask=read.attention_mask,
                    encoder_hidden_states=model.vision_model(read.pixel_values).last_hidden_state).last_hidden_state).logits
        expected = float(logits[0, -1].softmax(-1)[judges.WORDS.index("yes")])
        assert outcome.parts["raw"] == pytest.approx(expected, abs=1e-5)
        chances.add(outcome.total)
    assert len(chances) > 3


def test_the_aesthetic_score_is_that_of_the_published_stack_on_the_embedding_of_length_1(places):
    import torch
    from safetensors.torch import load_file

    class Stack(torch.nn.Module):
        """As improved-aesthetic-predictor writes it."""

        def __init__(self, width: int) -> None:
            super().__init__()
            self.layers = torch.nn.Sequential(
                torch.nn.Linear(width, 1024), torch.nn.Dropout(0.2), torch.nn.Linear(1024, 128), torch.nn.Dropout(0.2),
                torch.nn.Linear(128, 64), torch.nn.Dropout(0.1), torch.nn.Linear(64, 16), torch.nn.Linear(16, 1))

    stack = Stack(judges.WIDTH).eval()
    stack.load_state_dict(load_file(judges.models() / "head.safetensors"))
    for picture, text, outcome in scored("aesthetic", places):
        _, of_picture, _ = clip_embeddings(judges.models() / "other", picture, text)
        with torch.no_grad():
            expected = float(stack.layers(of_picture))
        assert outcome.parts["raw"] == pytest.approx(expected, abs=1e-4)
        assert outcome.total == pytest.approx(100 * (expected - 1) / 9, abs=1e-2)


def test_a_cosine_below_0_is_a_clipscore_of_0_and_a_pickscore_below_0():
    assert clip_score((1.0, 0.0), (-1.0, 0.0)) == 0
    assert pick_score((1.0, 0.0), (-1.0, 0.0), 100) == -100


@pytest.mark.parametrize(("name", "zero", "hundred"), [
    ("pick-1", 15, 25), ("clip-1", 0, 1), ("vqa-1", 0, 1), ("aesthetic-1", 1, 10)])
def test_a_calibration_is_a_straight_line_cut_off_at_both_ends(name, zero, hundred):
    calibration = CALIBRATIONS[name]
    assert calibration.score(zero) == 0 and calibration.score(hundred) == 100
    assert calibration.score((zero + hundred) / 2) == 50
    assert calibration.score(zero - 1) == 0 and calibration.score(hundred + 1) == 100


def test_an_answer_yes_may_begin_with_a_capital_or_with_a_mark_of_a_word():
    assert yes_tokens(("yes", "Yes", "Ġyes", "▁Yes", "YES", "yesterday", "no", "##yes")) == [0, 1, 2, 3, 4]
