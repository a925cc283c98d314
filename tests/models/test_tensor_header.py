"""The header of a safetensors file: what it names, and that the file is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calotype.ground.diagnostics import Problem
from calotype.models.tensor_header import read_header


def write(path: Path, rows: object, data: bytes = b"") -> Path:
    text = json.dumps(rows).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


ROWS = {"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        "b": {"dtype": "F16", "shape": [2], "data_offsets": [4, 8]}}


def test_names_and_notes_are_read_as_the_library_reads_them(tmp_path: Path) -> None:
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    path = tmp_path / "x.safetensors"
    save_file({"a": torch.ones(3), "b": torch.ones(2, 2)}, path, {"note": "by us"})
    header = read_header(path)
    with safe_open(path, "pt") as file:
        assert set(header.names) == set(file.keys()) and dict(header.notes) == file.metadata()


@pytest.mark.parametrize("data", [b"", b"1234567", b"123456789"])
def test_a_file_that_is_not_as_long_as_its_header_says_is_damaged(tmp_path: Path, data: bytes) -> None:
    assert read_header(write(tmp_path / "x.safetensors", ROWS, b"12345678")).names == ("a", "b")
    with pytest.raises(Problem) as told:
        read_header(write(tmp_path / "x.safetensors", ROWS, data))
    assert told.value.diagnostics[0].code == "weights-damaged"


@pytest.mark.parametrize("data", [
    b"", b"{}", b"\xff" * 8, b"\x02" + b"\0" * 7 + b"[]", b"\x02" + b"\0" * 7 + b"{", b"\x09" + b"\0" * 7 + b'{"a": 1}}',
    b"\x80\x04" * 100,
])
def test_what_is_no_safetensors_file_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    with pytest.raises(Problem) as told:
        read_header(path)
    assert told.value.diagnostics[0].code == "weights-damaged" and path.name in told.value.diagnostics[0].message


def test_a_pointer_of_git_lfs_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12\n")
    with pytest.raises(Problem) as told:
        read_header(path)
    assert told.value.diagnostics[0].code == "lfs" and "git lfs pull" in (told.value.diagnostics[0].hint or "")
