"""Embeddings of faces: what is one is read as numpy wrote it, and nothing else is."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np
import pytest

from calotype.models.embedding_file import LARGEST, embeddings_in

ROWS = np.random.default_rng(1).normal(size=(3, 16)).astype(np.float32)


def written(values: Any, **how: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, values, **how)
    return file.getvalue()


@pytest.mark.parametrize("values", [
    ROWS, ROWS[0], ROWS[:1], np.asfortranarray(ROWS), ROWS.astype(">f4"), ROWS.astype(np.float16), ROWS.astype(np.float64),
], ids=["several", "one", "one in two axes", "by columns", "the other byte order", "half", "double"])
def test_embeddings_come_back_as_rows(values: Any) -> None:
    rows = embeddings_in(written(values))
    assert rows.shape == (values.size // 16, 16) and rows.dtype.isnative
    assert np.array_equal(rows, values.reshape(-1, 16))


HUGE = written(ROWS).replace(b"(3, 16)", b"(3, 9999999999999999)")
SPOILT = {
    "nothing": b"", "a page": b"<!doctype html>" * 20, "a pickle": pickle.dumps(ROWS),
    "objects": written(np.array([{}], dtype=object), allow_pickle=True), "whole numbers": written(np.arange(16)),
    "text": written(np.array(["a"])), "a cube": written(ROWS.reshape(3, 4, 4)), "a number": written(np.float32(1)),
    "a header without an end": written(ROWS).replace(b"), }", b")   "), "no rows": written(ROWS[:0]), "cut off": written(ROWS)[:-4], "cut in its header": written(ROWS)[:40],
    "with more behind it": written(ROWS) + b"more", "a size that lies": HUGE, "an archive": b"PK\x03\x04" + bytes(400),
    "not a number": written(np.where(ROWS > 0, ROWS, np.nan)), "infinite": written(np.full((2, 16), np.float32("inf"))),
    "too long": written(np.full((2, 16), 1e308)), "too short": written(np.full((2, 16), 1e-320)),
    "zeros": written(np.zeros((2, 16), np.float32)), "a row of zeros": written(ROWS * [[1], [0], [1]]),
    "too large": written(ROWS) + bytes(LARGEST),
}


@pytest.mark.parametrize("name", SPOILT)
def test_whatever_else_a_file_holds_is_refused_in_words(name: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|holds) "):
        embeddings_in(SPOILT[name])
