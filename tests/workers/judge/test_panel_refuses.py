"""What a scorer cannot use is told by name, and fails nothing but its own requests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import tiny_judges as judges
from calotype.ground.images import digest_of
from calotype.workers.protocol import Failure


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    return {**judges.inputs(), **judges.stored(judges.drawings(1), tmp_path / "pictures")}


def refused(scorer: str, places: dict[str, Path], part: str, place: Path | None) -> Failure:
    """The failure of a request of which the weights called `part` are at `place`."""
    request = judges.request(scorer, digest_of(judges.drawings(1)[0]))
    changed = {**places, request["model"][part]: place} if place is not None else {
        name: each for name, each in places.items() if name != request["model"][part]}
    outcome, = judges.scores(judges.panel(), [request], changed)
    assert isinstance(outcome, Failure)
    assert f"`{scorer}`" in outcome.message and "\n" not in outcome.message
    assert outcome.hint
    return outcome


def copied(name: str, tmp_path: Path, change: Callable[[Path], object]) -> Path:
    folder = tmp_path / f"my-{name}"
    shutil.copytree(judges.models() / name, folder)
    change(folder)
    return folder


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def without_a_tensor(file: Path, add: bool = False) -> None:
    from safetensors.torch import load_file, save_file

    state = load_file(file)
    name = sorted(state)[0]
    value = state.pop(name)
    save_file({**state, name: value, "odd": value.clone()} if add else state, file, metadata={"format": "pt"})


@pytest.mark.parametrize("scorer", ["pick", "vqa", "aesthetic"])
def test_weights_that_are_cut_off(scorer, places, tmp_path):
    name = {"pick": "pick", "vqa": "blip", "aesthetic": "other"}[scorer]
    folder = copied(name, tmp_path, lambda folder: truncate(folder / "model.safetensors"))
    assert "not whole" in refused(scorer, places, "weights", folder).message


def test_an_open_clip_file_that_is_cut_off(places, tmp_path):
    folder = copied("open", tmp_path, lambda folder: truncate(folder / "open_clip_model.safetensors"))
    assert "not whole" in refused("clip", places, "weights", folder / "open_clip_model.safetensors").message


@pytest.mark.parametrize("add", [False, True])
def test_weights_that_lack_a_tensor_or_hold_a_foreign_one(places, tmp_path, add):
    folder = copied("pick", tmp_path, lambda folder: without_a_tensor(folder / "model.safetensors", add))
    assert ("no place for 1" if add else "lacks 1") in refused("pick", places, "weights", folder).message
    folder = copied("open", tmp_path, lambda folder: without_a_tensor(folder / "open_clip_model.safetensors", add))
    message = refused("clip", places, "weights", folder / "open_clip_model.safetensors").message
    assert "`open_clip_model.safetensors`" in message


@pytest.mark.parametrize("name", ["pytorch_model.bin", "open_clip_pytorch_model.bin", "sac+logos+ava1.pth"])
def test_pickles_are_refused_before_a_byte_of_them_is_read(places, tmp_path, name):
    trap = "import os; os.abort()"
    file = tmp_path / name
    file.write_bytes(trap.encode())
    scorer, part = ("aesthetic", "head") if name.endswith(".pth") else ("clip", "weights")
    assert "pickle" in refused(scorer, places, part, file).message

    def pickled(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        (folder / "pytorch_model.bin").write_bytes(trap.encode())

    assert "pickle" in refused("vqa", places, "weights", copied("blip", tmp_path, pickled)).message


@pytest.mark.parametrize(("scorer", "other"), [("pick", "blip"), ("vqa", "pick"), ("aesthetic", "blip")])
def test_a_model_of_another_kind(places, scorer, other):
    message = refused(scorer, places, "weights", judges.models() / other).message
    assert f"`{other}`" in message and ("`blip`" in message or "`clip`" in message)


def test_a_folder_without_tokenizer(places):
    failure = refused("pick", places, "weights", judges.models() / "bare")
    assert "`bare` has no tokenizer" in failure.message
    assert "processor" in str(failure.hint)


def test_a_folder_without_tokenizer_reads_that_of_its_processor(places):
    folder = judges.models()
    bare, whole = judges.digest(folder / "bare"), judges.digest(folder / "pick", settings=True)
    pixels = digest_of(judges.drawings(1)[0])
    batch = [judges.request("pick", pixels), judges.request("pick", pixels, weights=bare, settings=whole)]
    own, lent = judges.scores(judges.panel(), batch, {**places, whole: folder / "pick"})
    assert own.parts == lent.parts


def test_a_tokenizer_of_another_model(places, tmp_path):
    def fewer(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        from safetensors.torch import load_file, save_file

        config["text_config"].update(vocab_size=50, bos_token_id=48, eos_token_id=49)
        (folder / "config.json").write_text(json.dumps(config))
        state = load_file(folder / "model.safetensors")
        name = "text_model.embeddings.token_embedding.weight"
        save_file({**state, name: state[name][:50].clone()}, folder / "model.safetensors", metadata={"format": "pt"})

    assert "tokens, and" in refused("pick", places, "weights", copied("pick", tmp_path, fewer)).message


def test_an_open_clip_without_its_config(places, tmp_path):
    folder = copied("open", tmp_path, lambda folder: (folder / "open_clip_config.json").unlink())
    assert "open_clip_config.json" in refused("clip", places, "settings", folder).message


def test_an_open_clip_whose_text_encoder_would_be_fetched(places, tmp_path):
    def foreign(folder: Path) -> None:
        config = json.loads((folder / "open_clip_config.json").read_text())
        config["model_cfg"]["text_cfg"] = {"hf_model_name": "xlm-roberta-base"}
        (folder / "open_clip_config.json").write_text(json.dumps(config))

    assert "`xlm-roberta-base` from the Hub" in refused("clip", places, "settings", copied("open", tmp_path, foreign)).message


@pytest.mark.parametrize("config", ["{", "[]", '{"model_type": "llama"}', '{"model_type": "nothing_known"}'])
@pytest.mark.parametrize("scorer", ["pick", "vqa"])
def test_a_config_that_is_none(places, tmp_path, config, scorer):
    name = "pick" if scorer == "pick" else "blip"
    folder = copied(name, tmp_path, lambda folder: (folder / "config.json").write_text(config))
    assert f"`my-{name}`" in refused(scorer, places, "weights", folder).message


def test_a_blip_for_something_else(places, tmp_path):
    def captions(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, "architectures": ["BlipForConditionalGeneration"]}))

    assert "something else" in refused("vqa", places, "weights", copied("blip", tmp_path, captions)).message


def test_a_head_that_is_none(places, tmp_path):
    assert "is no head" in refused("aesthetic", places, "head", judges.models() / "pick" / "model.safetensors").message


def test_a_head_for_embeddings_of_another_width(places, tmp_path):
    judges.head(tmp_path / "wide.safetensors", seed=1, width=judges.WIDTH + 1)
    message = refused("aesthetic", places, "head", tmp_path / "wide.safetensors").message
    assert f"{judges.WIDTH + 1} numbers" in message and f"{judges.WIDTH}" in message


@pytest.mark.parametrize(("scorer", "part"), [("pick", "weights"), ("clip", "settings"), ("aesthetic", "head")])
def test_weights_that_are_not_here(places, scorer, part):
    assert "not on this machine" in refused(scorer, places, part, None).message


def test_a_model_that_gives_no_number(places, tmp_path):
    def broken(folder: Path) -> None:
        from safetensors.torch import load_file, save_file

        state = load_file(folder / "model.safetensors")
        save_file({**state, "visual_projection.weight": state["visual_projection.weight"] * float("nan")},
                  folder / "model.safetensors", metadata={"format": "pt"})

    assert "gives no number" in refused("pick", places, "weights", copied("pick", tmp_path, broken)).message


def test_a_device_that_is_not_here(places):
    worker = judges.panel(device="cuda:0")
    outcome, = judges.scores(worker, [judges.request("pick", digest_of(judges.drawings(1)[0]))], places)
    assert isinstance(outcome, Failure) and "no device `cuda:0`" in outcome.message
