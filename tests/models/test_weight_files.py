"""Where weights lie and what their digest is: only what loading reads counts, and nothing is read twice."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import sha256_file
from calotype.language.weights import Model
from calotype.models import hub_cache, weight_files

UNET = "unet/diffusion_pytorch_model"
COMMIT = "c" * 40


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return lay(tmp_path / "model", "model_index.json", "scheduler/scheduler_config.json", "tokenizer/vocab.json",
               "tokenizer/merges.txt", "unet/config.json", f"{UNET}.safetensors", f"{UNET}.fp16.safetensors",
               f"{UNET}.bin", "README.md", "sample.png", "whole_model.safetensors", ".git/config.json")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Hub's cache with one model, as huggingface_hub lays it out."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    repository = tmp_path / "hub/models--tiny--net"
    snapshot = repository / "snapshots" / COMMIT
    for name in ("config.json", "diffusion_pytorch_model.safetensors"):
        data = name.encode()
        blob = hashlib.sha256(data).hexdigest() if name.endswith("safetensors") else "1" * 40
        lay(repository / "blobs")
        (repository / "blobs").mkdir(parents=True, exist_ok=True)
        (repository / "blobs" / blob).write_bytes(data)
        snapshot.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(f"../../blobs/{blob}")
    (repository / "refs").mkdir()
    (repository / "refs/main").write_text(COMMIT)
    return snapshot


def test_what_loading_reads_is_what_counts(model: Path) -> None:
    assert weight_files.parts(model) == [
        "model_index.json", "scheduler/scheduler_config.json", "tokenizer/merges.txt", "tokenizer/vocab.json",
        "unet/config.json", f"{UNET}.safetensors",
    ]
    assert f"{UNET}.fp16.safetensors" in weight_files.parts(model, "fp16")
    assert f"{UNET}.safetensors" not in weight_files.parts(model, "fp16")


def test_shards_count_and_their_index_does_not(tmp_path: Path) -> None:
    names = ["config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    model = lay(tmp_path / "model", *names, "model.safetensors.index.json")
    assert weight_files.parts(model) == names
    half = lay(tmp_path / "half", "config.json", "model.fp16-00001-of-00002.safetensors", "model.fp16-00002-of-00002.safetensors")
    assert len(weight_files.parts(half, "fp16")) == 3


def test_a_digest_is_of_the_content_not_of_names_or_places(model: Path, tmp_path: Path) -> None:
    before = weight_files.digest(model, None, sha256_file)
    moved = model.rename(tmp_path / "elsewhere")
    (moved / "README.md").write_text("other words")
    assert weight_files.digest(moved, None, sha256_file) == before
    (moved / f"{UNET}.safetensors").write_bytes(b"other weights")
    assert weight_files.digest(moved, None, sha256_file) != before


def test_a_variant_with_the_same_bytes_has_the_same_digest(tmp_path: Path) -> None:
    plain = lay(tmp_path / "plain", "config.json")
    half = lay(tmp_path / "half", "config.json")
    (plain / "model.safetensors").write_bytes(b"weights")
    (half / "model.fp16.safetensors").write_bytes(b"weights")
    assert weight_files.digest(plain, None, sha256_file) == weight_files.digest(half, "fp16", sha256_file)


def test_a_file_s_digest_is_its_sha256(model: Path) -> None:
    path = model / f"{UNET}.safetensors"
    assert weight_files.digest(path, None, sha256_file) == sha256_file(path)
    assert weight_files.parts(path) == [""]


def test_pickles_are_refused_by_name(tmp_path: Path) -> None:
    for place in (lay(tmp_path / "one", "config.json", "diffusion_pytorch_model.bin"), lay(tmp_path, "luca.pt") / "luca.pt",
                  lay(tmp_path / "loose", "body_pose_model.pth")):
        with pytest.raises(Problem) as raised:
            weight_files.parts(place)
        told = raised.value.diagnostics[0]
        assert told.code == "pickle-refused" and any(name in told.message for name in (".bin", ".pt", ".pth"))


def test_weights_of_another_variant_alone_are_pointed_out(tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        weight_files.parts(lay(tmp_path / "half", "config.json", "model.fp16.safetensors"))
    assert (raised.value.diagnostics[0].code, "variant: fp16" in str(raised.value.diagnostics[0].hint)) == ("variant-missing", True)


def test_a_collection_without_a_config_counts_every_file_of_weights(tmp_path: Path) -> None:
    loose = lay(tmp_path / "loose", "body_pose_model.safetensors", "hand_pose_model.safetensors", "notes.md")
    assert weight_files.parts(loose) == ["body_pose_model.safetensors", "hand_pose_model.safetensors"]


def test_a_model_is_found_in_the_project_first_then_in_the_hub_s_cache(tmp_path: Path, hub: Path) -> None:
    assert weight_files.locate(tmp_path, Model("tiny/net")) == hub
    assert weight_files.locate(tmp_path, Model("tiny/net", COMMIT)) == hub
    assert weight_files.locate(tmp_path, Model("tiny/net", "other")) is None
    assert weight_files.locate(tmp_path, Model("tiny/net", part="config.json")) == hub / "config.json"
    assert weight_files.locate(tmp_path, Model("tiny/net", part="encoder")) is None
    own = lay(tmp_path / "tiny/net", "config.json")
    assert weight_files.locate(tmp_path, Model("tiny/net")) == own


def test_a_snapshot_that_is_not_whole_is_not_there(tmp_path: Path, hub: Path) -> None:
    (hub / "config.json").resolve().unlink()
    assert weight_files.locate(tmp_path, Model("tiny/net")) is None


def test_a_name_may_not_lead_out_of_the_project(tmp_path: Path) -> None:
    with pytest.raises(Problem):
        weight_files.locate(tmp_path, Model("../elsewhere"))


def test_the_hub_s_name_of_a_blob_is_its_digest_and_the_blob_is_not_read(hub: Path) -> None:
    read: list[str] = []
    weight_files.digest(hub, None, lambda path: read.append(path.name) or "0" * 64)
    assert read == ["config.json"]
    assert hub_cache.blob_digest(hub / "diffusion_pytorch_model.safetensors") == sha256_file(hub / "diffusion_pytorch_model.safetensors")


@pytest.mark.parametrize(("environment", "place"), [
    ({"HF_HUB_CACHE": "/a"}, "/a"), ({"HF_HOME": "/b"}, "/b/hub"), ({"XDG_CACHE_HOME": "/c"}, "/c/huggingface/hub"),
])
def test_the_cache_is_where_huggingface_hub_keeps_it(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], place: str
) -> None:
    for name in ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert hub_cache.hub_cache() == Path(place)


PIPELINE = {
    "model_index.json": '{"_class_name": "StableDiffusionXLPipeline", "scheduler": ["diffusers", "EulerDiscreteScheduler"], '
                        '"tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"], '
                        '"feature_extractor": [null, null], "force_zeros": true}',
    "scheduler/scheduler_config.json": "{}", "tokenizer/tokenizer_config.json": "{}", "tokenizer/vocab.json": "{}",
    "tokenizer/merges.txt": "", "unet/config.json": "{}", f"{UNET}.safetensors": "weights",
}


def snapshot(cache: Path, files: dict[str, str]) -> None:
    place = cache / "hub/models--tiny--pipe/snapshots" / COMMIT
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)


@pytest.mark.parametrize("missing", PIPELINE)
def test_a_pipeline_that_lacks_anything_that_loading_reads_is_not_there(tmp_path: Path, hub: Path, missing: str) -> None:
    snapshot(tmp_path, {name: text for name, text in PIPELINE.items() if name != missing})
    if missing != "model_index.json":
        assert weight_files.locate(tmp_path, Model("tiny/pipe", COMMIT)) is None
    snapshot(tmp_path, PIPELINE)
    assert weight_files.locate(tmp_path, Model("tiny/pipe", COMMIT)) is not None


def test_of_a_pipeline_asked_for_its_settings_no_weights_must_be_there(tmp_path: Path, hub: Path) -> None:
    snapshot(tmp_path, {name: text for name, text in PIPELINE.items() if not name.endswith(".safetensors")})
    assert weight_files.locate(tmp_path, Model("tiny/pipe", COMMIT)) is None
    assert weight_files.locate(tmp_path, Model("tiny/pipe", COMMIT, settings=True)) is not None


def test_of_weights_in_several_files_all_must_be_there(tmp_path: Path, hub: Path) -> None:
    whole = {name: text for name, text in PIPELINE.items() if not name.endswith(".safetensors")}
    whole[f"{UNET}.safetensors.index.json"] = "{}"
    shards = [f"{UNET}-0000{n}-of-00003.safetensors" for n in (1, 2, 3)]
    snapshot(tmp_path, whole | dict.fromkeys(shards[:2], "weights"))
    assert weight_files.locate(tmp_path, Model("tiny/pipe", COMMIT)) is None
    snapshot(tmp_path, {shards[2]: "weights"})
    assert weight_files.locate(tmp_path, Model("tiny/pipe", COMMIT)) is not None
    (tmp_path / f"hub/models--tiny--pipe/snapshots/{COMMIT}/{UNET}.safetensors.index.json").unlink()
    assert weight_files.locate(tmp_path, Model("tiny/pipe", COMMIT)) is None


def test_weights_of_a_variant_alone_are_not_the_plain_ones(tmp_path: Path, hub: Path) -> None:
    half = {name.replace(".safetensors", ".fp16.safetensors"): text for name, text in PIPELINE.items()}
    snapshot(tmp_path, half)
    assert weight_files.locate(tmp_path, Model("tiny/pipe", COMMIT)) is None
    assert weight_files.locate(tmp_path, Model("tiny/pipe", COMMIT, "fp16")) is not None


def test_the_index_of_shards_is_fetched_with_them() -> None:
    shards = ["unet/model-00001-of-00002.safetensors", "unet/model-00002-of-00002.safetensors"]
    names = [*shards, "unet/model.safetensors.index.json", "unet/pytorch_model.bin.index.json", "vae/x.safetensors.index.json"]
    assert weight_files.indexes(shards, names) == ["unet/model.safetensors.index.json"]


def test_damage_shows_by_the_name_of_the_blob(hub: Path) -> None:
    large, small = hub / "diffusion_pytorch_model.safetensors", hub / "config.json"
    assert not hub_cache.is_damaged(large) and hub_cache.is_damaged(small)  # the small one is named by no git digest here
    large.resolve().write_bytes(b"other")
    assert hub_cache.is_damaged(large)
    hub_cache.drop(large)
    assert not large.is_symlink() and len(list((hub.parents[1] / "blobs").iterdir())) == 1


@pytest.mark.parametrize("index", ["", "{", "[]", '{"unet": []}', '{"unet": ["diffusers"]}'])
def test_a_damaged_index_makes_a_model_not_whole(tmp_path: Path, hub: Path, index: str) -> None:
    snapshot(tmp_path, PIPELINE | {"model_index.json": index})
    assert weight_files.locate(tmp_path, Model("tiny/pipe", COMMIT)) is None
    assert weight_files.lying(tmp_path, Model("tiny/pipe", COMMIT)) is not None


def test_a_fetch_that_ends_early_is_remembered_for_what_it_was_to_bring(tmp_path: Path, hub: Path) -> None:
    snapshot(tmp_path, PIPELINE | {"extra/adapter/config.json": "{}", "extra/adapter/model.safetensors": "x"})
    pipe, part = Model("tiny/pipe", COMMIT), Model("tiny/pipe", COMMIT, part="extra/adapter")

    def fetch(*files: str) -> None:
        with hub_cache.fetching("tiny/pipe", COMMIT, files):
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fetch("extra/adapter/more.json", "unet/config.json")
    assert weight_files.locate(tmp_path, pipe) is not None and weight_files.locate(tmp_path, part) is None
    with pytest.raises(ConnectionError):
        fetch("tokenizer/special_tokens_map.json")
    assert weight_files.locate(tmp_path, pipe) is None
    snapshot(tmp_path, {"extra/adapter/more.json": "{}", "tokenizer/special_tokens_map.json": "{}"})
    assert weight_files.locate(tmp_path, pipe) is not None and weight_files.locate(tmp_path, part) is not None


def test_a_link_to_somebody_elses_file_is_neither_known_by_its_name_nor_dropped(tmp_path: Path, hub: Path) -> None:
    own = tmp_path / "elsewhere/blobs" / ("a" * 64)
    own.parent.mkdir(parents=True)
    own.write_bytes(b"mine")
    link = tmp_path / "model.safetensors"
    link.symlink_to(own)
    assert hub_cache.blob_digest(link) is None and not hub_cache.is_damaged(link)
    assert weight_files.digest(link, None, sha256_file) == sha256_file(own)
    hub_cache.drop(link)
    assert own.read_bytes() == b"mine" and link.is_symlink()


def test_of_several_variants_the_digest_tells_which_is_meant(model: Path, tmp_path: Path) -> None:
    for variant in (None, "fp16"):
        meant = weight_files.digest(model, variant, sha256_file)
        assert weight_files.variant_read(model, meant, sha256_file) == variant
    with pytest.raises(Problem) as told:
        weight_files.variant_read(model, "0" * 64, sha256_file)
    assert told.value.diagnostics[0].code == "weights-changed"


def test_where_there_is_one_variant_nothing_is_read_to_know_it(tmp_path: Path) -> None:
    folder = lay(tmp_path / "net", "config.json", "diffusion_pytorch_model.fp16.safetensors")
    assert weight_files.variant_read(folder, "0" * 64, lambda path: pytest.fail("it was read")) == "fp16"
    assert weight_files.variant_read(folder / "config.json", "0" * 64, lambda path: pytest.fail("it was read")) is None
