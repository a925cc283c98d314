"""A checkpoint in one file, as A1111 and Civitai exchange them, gives what the same weights give in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import single_file
import tiny
from calotype.workers.protocol import Failure, Rendered, Request
from sdxl import made, request

FILE, FOLDER = "1" * 64, "2" * 64


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A base model in both forms. Its two text encoders differ in width: that is how they are told apart in a file."""
    folder = tmp_path_factory.mktemp("single")
    second = {**tiny.TEXT, "hidden_size": 48}
    tiny.base(folder / "base", 5, {**tiny.UNET, "cross_attention_dim": 80}, texts=(tiny.TEXT, second))
    single_file.write(folder / "base", folder / "model.safetensors")
    return {FOLDER: folder / "base", FILE: folder / "model.safetensors"}


def drawn(wanted: Request, places: dict[str, Path]) -> np.ndarray:
    [found] = list(made().perform([wanted], places, lambda: False))
    assert isinstance(found, Rendered), found
    return np.asarray(found.pixels)


def test_a_file_gives_what_a_folder_gives(places: dict[str, Path]) -> None:
    folder = drawn(request(models={"base": FOLDER}), places)
    assert np.array_equal(drawn(request(models={"base": FILE, "config": FOLDER}), places), folder)


def test_a_checkpoint_that_is_a_pickle_is_refused(places: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(b"\x80\x04.")
    wanted = request(models={"base": FILE, "config": FOLDER})
    [found] = list(made().perform([wanted], {**places, FILE: path}, lambda: False))
    assert isinstance(found, Failure) and "model.ckpt" in found.message and "pickle" in found.message
