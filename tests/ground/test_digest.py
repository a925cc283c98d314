"""Digests and the one spelling of a JSON value."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calotype.ground.digest import canonical_json, pixel_digest, sha256, sha256_file

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12)


def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    data = b"bytes" * 100_000
    (tmp_path / "file").write_bytes(data)
    assert sha256_file(tmp_path / "file") == sha256(data) == hashlib.sha256(data).hexdigest()


def test_key_order_and_space_do_not_count() -> None:
    for text in ('{"b": 1, "a" : [1,\n 2]}', '{"a":[1,2],"b":1}'):
        assert canonical_json(json.loads(text)) == b'{"a":[1,2],"b":1}'


def test_text_is_composed() -> None:
    assert canonical_json("e\u0301") == canonical_json("\u00e9") == '"\u00e9"'.encode()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_has_no_number_for_is_refused(number: float) -> None:
    with pytest.raises(ValueError):
        canonical_json({"value": number})


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError):
        canonical_json({"value": {1, 2}})


@given(VALUES)
def test_reading_what_was_written_and_writing_it_again_gives_the_same(value: object) -> None:
    try:
        once = canonical_json(value)
    except UnicodeEncodeError:  # a lone surrogate is no text
        return
    assert canonical_json(json.loads(once)) == once


def test_shape_and_mode_are_part_of_a_pixel_digest() -> None:
    digests = {pixel_digest(mode, width, height, bytes(12)) for mode, width, height in
               [("RGB", 2, 2), ("RGB", 4, 1), ("RGB", 1, 4), ("L", 4, 3), ("L", 3, 4), ("RGBA", 3, 1)]}
    assert len(digests) == 6
