"""The count of tokens is that of CLIP's own tokenizers, and the words that are lost are the exact ones."""

from __future__ import annotations

import gzip
import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calotype.language.lint.tokens import BUNDLED, LARGEST, MERGES, Counter, counter, merges

GUIDE = (
    "anatomical diagram, physiotherapy illustration, medical reference style, clean simple lines, professional medical "
    "textbook illustration, gender-neutral human figure, accurate anatomical proportions, oblique view, supine "
    "position lying on back, figure-four stretch with ankle crossed over opposite knee, showing piriformis muscle, hip "
    "external rotators, highlighting hip external rotation, clean white background, no text, no labels, no watermarks, "
    "high contrast black lines, minimal shading, educational diagram"
)
LOST = "no text, no labels, no watermarks, high contrast black lines, minimal shading, educational diagram"
TEXTS = [
    GUIDE, "", "Luca's arm isn't 45° (±5)... it'll be 90%!", "naïve café, Übung für die Schulter", "L4/L5 & T12 → x²",
    "sternocleidomastoid, gastrocnemius", "snake_case __init__ #1", "中文 二 もじ", "½ ⅓ ① Ⅷ", "DON'T SHOUT'S", "a" * 200,
]
@pytest.fixture(scope="module")
def ours() -> Counter:
    found = counter(None)
    assert found.exact
    return found


@pytest.fixture(scope="module")
def clip() -> Any:
    """transformers' CLIPTokenizer over the vocabulary that open_clip carries."""
    transformers = pytest.importorskip("transformers")
    merges = _merges()
    letters = _letters()
    vocab = [*letters, *(f"{one}</w>" for one in letters), *("".join(pair) for pair in merges)]
    vocab += ["<|startoftext|>", "<|endoftext|>"]
    return transformers.CLIPTokenizer(vocab={word: rank for rank, word in enumerate(vocab)}, merges=merges)


def _merges() -> list[tuple[str, str]]:
    spec = find_spec("open_clip")
    assert spec and spec.origin
    lines = gzip.decompress((Path(spec.origin).parent / BUNDLED).read_bytes()).decode().split("\n")
    return [(first, second) for first, second in (line.split() for line in lines[1 : MERGES + 1])]


def _letters() -> list[str]:
    from tokenizers.pre_tokenizers import ByteLevel

    return sorted(ByteLevel.alphabet())


def count(ours: Counter, text: str) -> int:
    return ours.cut(text, 75)[0]


def test_the_guides_example_has_95_tokens_and_loses_its_last_20(ours: Counter):
    assert ours.cut(GUIDE, 75) == (95, LOST)
    assert count(ours, LOST) == 20
    assert ours.cut(GUIDE, 95) == (95, "")


@pytest.mark.parametrize("text", TEXTS)
def test_a_real_text_has_as_many_tokens_as_transformers_counts(ours: Counter, clip: Any, text: str):
    assert count(ours, text) == len(clip(text)["input_ids"]) - 2


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc", "Cf", "Zs"]) | st.just(" "), max_size=80))
def test_any_text_has_as_many_tokens_as_transformers_counts(ours: Counter, clip: Any, text: str):
    assert count(ours, text) == len(clip(text)["input_ids"]) - 2


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*GUIDE.replace(",", " ,").split(), "Knie", "l'épaule"]), max_size=120))
def test_what_is_kept_fits_and_what_is_lost_is_the_end_of_the_text(ours: Counter, words: list[str]):
    text = " ".join(words)
    total, lost = ours.cut(text, 75)
    assert text.endswith(lost)
    assert count(ours, text.removesuffix(lost)) <= 75
    assert bool(lost.strip(" ,")) <= (total > 75)


def test_a_models_own_merges_come_first(tmp_path: Path):
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "tokenizer" / "merges.txt").write_text("#version: 0.2\nk n\ne e</w>\nkn ee</w>\n", encoding="utf-8")
    (tmp_path / "tokenizer" / "vocab.json").write_text(json.dumps({}), encoding="utf-8")
    own = counter(tmp_path)
    assert count(own, "knee") == 1
    assert count(own, "knees") == 4


def test_a_list_of_merges_that_would_fill_the_memory_is_passed_over(tmp_path: Path):
    (tmp_path / "tokenizer").mkdir()
    path = tmp_path / "tokenizer" / "merges.txt"
    path.write_text("#version: 0.2\na b</w>\n")
    assert path in merges(tmp_path)
    os.truncate(path, LARGEST + 1)
    assert path not in merges(tmp_path)


def test_without_any_merges_it_is_an_estimate_near_the_truth():
    estimate = Counter(None)
    assert not estimate.exact
    assert 95 <= count(estimate, GUIDE) <= 135


@pytest.mark.parametrize("text", [
    GUIDE, "L'épaule droite est fléchie à quatre-vingt-dix degrés, le coude tendu", "肩を外側に回転させ、肘を体につけたままにします",
    "Плечо отведено наружу, локоть прижат к телу", "肩膀向外旋转，手肘保持贴近身体", "الكتف مدار للخارج", "어깨를 바깥쪽으로 회전",
    "Schulter nach außen geführt, Übung für Rücken", "😀 x² ½ ① …", '"..." (±5)... !!! --- ??? && => :: 12345',
    "prone on elbows, scapulae retracted, shoulder blades down and back, neutral cervical spine",
    "half-kneeling hip flexor stretch, posterior pelvic tilt, front knee bent to ninety degrees, neutral lumbar spine",
])
def test_the_estimate_errs_on_the_side_of_too_many(ours: Counter, text: str):
    assert count(Counter(None), text) >= count(ours, text)


def test_an_endless_word_takes_no_endless_time(ours: Counter):
    assert count(ours, "x" * 10_000) > 75
