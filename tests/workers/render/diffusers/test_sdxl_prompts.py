"""Texts: read whole, weighted where they say so, each encoded once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from calotype.language.prompt.weighted import Fragment
from calotype.workers.render.diffusers.unet.prompts import Prompts
from sdxl import draw, lora, made, request, same

GUIDE = (
    "anatomical diagram, physiotherapy illustration, medical reference style, clean simple lines, professional medical "
    "textbook illustration, gender-neutral human figure, accurate anatomical proportions, oblique view, supine position "
    "lying on back, figure-four stretch with ankle crossed over opposite knee, showing piriformis muscle, hip external "
    "rotators, highlighting hip external rotation, clean white background, no text, no labels, no watermarks, high contrast "
    "black lines, minimal shading, educational diagram"
)
LONG = "a boy standing, " * 30
PLAIN = {"long_prompts": False}


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    renderer = made()
    draw(request(), renderer=renderer)
    assert renderer._host is not None and renderer._host._session is not None
    base = renderer._host._session.base
    assert base is not None
    return base.prompts


def encoded(prompts: Prompts, text: str, negative: str = "", **named: object) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in prompts.encode([text], [negative], **named).items()}  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "negative"), [
    ("a boy standing", ""), ("", "text"), ("a close-up, left-handed", "no text"), ("a figure (seated), calm", "red (plain)"),
])
def test_a_plain_text_is_encoded_as_the_pipeline_does(prompts: Prompts, text: str, negative: str) -> None:
    with torch.no_grad():
        own = prompts._pipe.encode_prompt(text, device="cpu", negative_prompt=negative or None)
    ours = prompts.encode([text], [negative])
    names = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")
    for name, value in zip(names, own, strict=True):
        assert np.array_equal(ours[name].numpy(), value.detach().numpy()), name


def test_the_last_words_of_a_long_prompt_are_read(prompts: Prompts) -> None:
    whole, cut = encoded(prompts, GUIDE), encoded(prompts, GUIDE.replace("educational diagram", "red boy"))
    assert whole["prompt_embeds"].shape[1] > 77
    assert not np.array_equal(whole["prompt_embeds"], cut["prompt_embeds"])
    assert whole["negative_prompt_embeds"].shape == whole["prompt_embeds"].shape


def test_a_plain_encoder_loses_them_where_the_project_asks_for_it() -> None:
    longer = [request(prompt=f"{LONG} {end}", models=PLAIN) for end in ("red", "plain")]
    assert same(*draw(*longer))
    whole = [request(prompt=f"{LONG} {end}") for end in ("red", "plain")]
    assert not same(*draw(*whole))


@pytest.mark.parametrize("weighted", [
    "a (red)1.4 boy", "a (red)++ boy", "a (red:1.4) boy", "a (red)0.5 boy", "a (red)-- boy"])
def test_weights_are_read(prompts: Prompts, weighted: str) -> None:
    plain = encoded(prompts, "a red boy")["prompt_embeds"]
    assert not np.array_equal(encoded(prompts, weighted)["prompt_embeds"], plain)


PROSE = ["mid- and forefoot", "pre- and post-operative", "(L4)-L5", "(three)2 sets", "C++", "a boy.swap(red)", "red--"]


@pytest.mark.parametrize("prose", PROSE)
def test_prose_is_no_weight_below_75_tokens_nor_above(prompts: Prompts, prose: str) -> None:
    with torch.no_grad():
        own = prompts._pipe.encode_prompt(prose, device="cpu")[0]
        whole = prompts._weighted([Fragment(f"{LONG} {prose}", 1.0)]).embeds
    assert np.array_equal(encoded(prompts, prose)["prompt_embeds"], own.numpy())
    assert np.array_equal(encoded(prompts, f"{LONG} {prose}")["prompt_embeds"], whole.numpy())


def test_a_weight_above_75_tokens_is_the_one_it_is_below(prompts: Prompts) -> None:
    with torch.no_grad():
        runs = [Fragment(f"{LONG} a", 1.0), Fragment("red", 1.4), Fragment("boy", 1.0)]
        weighted = prompts._weighted(runs).embeds.numpy()
    assert weighted.shape[1] > 77
    for written in ("(red)1.4", "(red:1.4)"):
        assert np.array_equal(encoded(prompts, f"{LONG} a {written} boy")["prompt_embeds"], weighted)
    assert not np.array_equal(encoded(prompts, f"{LONG} a red boy")["prompt_embeds"], weighted)


def test_the_pooled_embedding_is_that_of_the_words_and_not_of_their_marks(prompts: Prompts) -> None:
    pooled = [encoded(prompts, text)["pooled_prompt_embeds"] for text in ("a (red)1.4 boy", "a red boy")]
    assert np.array_equal(*pooled)


def test_an_escaped_parenthesis_is_one(prompts: Prompts) -> None:
    escaped = encoded(prompts, r"a boy \(red\)")["prompt_embeds"]
    assert np.abs(escaped - encoded(prompts, "a boy (red)")["prompt_embeds"]).max() < 1e-5


def test_texts_of_different_lengths_stand_in_one_batch() -> None:
    requests = [request(prompt="a boy"), request(prompt=LONG, negative="text")]
    alone, batched = draw(*requests), draw(*requests, renderer=made(deterministic=False))
    for left, right in zip(alone, batched, strict=True):
        assert np.abs(left - right).max() <= 1


def test_each_text_is_encoded_once_for_each_state_of_the_encoders() -> None:
    renderer = made()
    draw(request(negative="text"), renderer=renderer)
    assert renderer._host is not None and renderer._host._session is not None
    base = renderer._host._session.base
    assert base is not None
    encode, seen = base.prompts._encode, []
    base.prompts._encode = lambda text, *given: seen.append(text) or encode(text, *given)  # type: ignore[method-assign,func-returns-value]
    draw(request(negative="text", seed=2), request(prompt="a red boy", negative="text"), renderer=renderer)
    assert seen == ["a red boy"]
    draw(request(negative="text", **lora("a")), renderer=renderer)  # changes no text encoder
    assert seen == ["a red boy"]
    draw(request(negative="text", **lora("b")), renderer=renderer)
    assert seen == ["a red boy", "a boy standing", "text"]
