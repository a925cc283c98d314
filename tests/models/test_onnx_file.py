"""A model cut off anywhere, or a file that is no model, is told by the outermost fields alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from calotype.models.weights_proof import fault
from faces import face_pack

pytest.importorskip("onnx", reason="the extra `test` brings it")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return face_pack(tmp_path) / "det.onnx"


def test_a_whole_model_is_whole(model: Path) -> None:
    assert fault(model) is None


def test_a_model_that_is_cut_off_anywhere_is_not(model: Path) -> None:
    data = model.read_bytes()
    for length in (0, 1, 2, 3, 10, len(data) // 2, len(data) - 1):
        model.write_bytes(data[:length])
        assert fault(model), length
    model.write_bytes(data[: len(data) // 2])
    assert "is not whole" in (fault(model) or "")


@pytest.mark.parametrize("data", [b"<!doctype html><title>404</title>" * 20, b"PK\x03\x04" + bytes(400),
                                  b"\x80\x02}q\x00." * 40, b"\xff" * 100, bytes(1000)])
def test_what_is_no_model_is_told(model: Path, data: bytes) -> None:
    model.write_bytes(data)
    assert "is no ONNX model" in (fault(model) or "")
