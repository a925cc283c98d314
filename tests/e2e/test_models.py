"""The models command: what images read, where it lies, fetching it from a Hub (on loopback), and looking for damage."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import hub as hubs
import tiny
import vitpose
from conftest import Space
from hub import Hub

CONFIG = """\
version: 1
renderer: sdxl
defaults: {size: [64, 64], preset: quick}
presets: {quick: {steps: 1, guidance_scale: 5.0}}
models: {base: tiny/sdxl, dtype: float32, device: cpu}
loras: {luca: {path: loras/luca.safetensors}}
controlnets: {canny: {model: tiny/canny}}
"""
SPEC = """\
kind: exercise
id: nod
region: neck
images:
  - {view_angle: lateral, body_position: seated, description: head up, loras: [{name: luca}]}
  - {view_angle: lateral, body_position: seated, description: head down, controls: [{type: canny, from: pose}]}
  - {view_angle: lateral, body_position: seated, description: drawn, renderer: mannequin}
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A Hub with a base model (with more in it than is read), a ControlNet, and one that is a pickle."""
    folder = tmp_path / "repositories"
    shutil.copytree(tiny.models() / "base", folder / "sdxl")
    (folder / "sdxl/README.md").write_text("# a model")
    (folder / "sdxl/sd_xl_base_1.0.safetensors").write_bytes(b"one file, not read")
    (folder / "sdxl/unet/diffusion_pytorch_model.fp16.safetensors").write_bytes(b"another variant")
    shutil.copytree(tiny.models() / "controlnets/canny", folder / "canny")
    (folder / "pickled").mkdir()
    (folder / "pickled/config.json").write_text("{}")
    (folder / "pickled/diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")
    names = {f"tiny/{path.name}": path for path in folder.iterdir()}
    with hubs.serving(Hub(names)) as served:
        yield served


@pytest.fixture
def project(space: Space, hub: Hub, tmp_path: Path) -> Space:
    space.env.update(HF_ENDPOINT=hub.address, HF_HUB_CACHE=str(tmp_path / "cache"), HF_HOME=str(tmp_path / "hf"), HF_HUB_DISABLE_XET="1",
                     HF_HUB_DISABLE_TELEMETRY="1", OMP_NUM_THREADS="1")
    space.write("calotype.yaml", CONFIG)
    space.write("specs/exercises/neck/nod.yaml", SPEC)
    (space.root / "loras").mkdir()
    shutil.copy(tiny.models() / "loras/a.safetensors", space.root / "loras/luca.safetensors")
    return space


def places(space: Space) -> dict[str, tuple[str, int]]:
    return {row["name"]: (row["place"], row["images"]) for row in space.run("models", "--json").json["models"]}


def test_every_model_that_images_read_is_listed_with_how_many_read_it(project: Space) -> None:
    assert places(project) == {"tiny/sdxl": ("missing", 2), "tiny/canny": ("missing", 1),
                               "loras/luca.safetensors": ("project", 1)}
    said = project.run("models")
    assert said.code == 0 and "2 missing: `calotype models pull`" in said.out
    assert "luca (loras/luca.safetensors)" in said.out and "LoRA luca (loras" in project.run("doctor").out


def moved_out(project: Space, shelf: Path) -> None:
    """Puts the weights into `shelf`, the LoRA as a link to where it really lies."""
    shutil.copytree(tiny.models() / "base", shelf / "portrait")
    shutil.copytree(tiny.models() / "controlnets/canny", shelf / "nets/canny")
    (shelf / "loras").mkdir()
    shutil.move(project.root / "loras/luca.safetensors", shelf.parent / "really.safetensors")
    (shelf / "loras/luca.safetensors").symlink_to(shelf.parent / "really.safetensors")
    project.edit("calotype.yaml", "tiny/sdxl", "portrait")
    project.edit("calotype.yaml", "tiny/canny", "nets/canny")


FROM_FOLDER = {"portrait": ("folder", 2), "nets/canny": ("folder", 1), "loras/luca.safetensors": ("folder", 1)}


def key(project: Space) -> str:
    return str(project.run("explain", "exercises/nod/01", "--json").json["key"])


def test_weights_outside_the_project_are_found_by_name_and_count_by_their_bytes(project: Space, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    moved_out(project, shelf)
    assert project.run("plan").code == 2
    project.edit("calotype.yaml", "models: {", f"models: {{folder: {shelf}, ")
    assert places(project) == FROM_FOLDER
    outside = key(project)
    project.edit("calotype.yaml", f"folder: {shelf}, ", "")
    project.env["CALOTYPE_MODELS"] = os.pathsep.join([str(tmp_path / "nowhere"), str(shelf)])
    assert places(project) == FROM_FOLDER and key(project) == outside
    assert project.run("models", "verify").code == 0
    for name in ("portrait", "nets", "loras"):
        shutil.copytree(shelf / name, project.root / name, dirs_exist_ok=True)
    assert {place for place, _ in places(project).values()} == {"project"} and key(project) == outside
    (project.root / "loras/luca.safetensors").write_bytes((tiny.models() / "loras/b.safetensors").read_bytes())
    assert key(project) != outside


def test_weights_that_are_nowhere_are_told_with_where_they_may_lie(project: Space, tmp_path: Path) -> None:
    moved_out(project, tmp_path / "shelf")
    done = project.run("plan")
    assert done.code == 2 and "`portrait`" in done.err and "CALOTYPE_MODELS" in done.err
    assert "models pull" not in done.err


@pytest.mark.parametrize("name", ["../shelf/portrait", "portrait/../../shelf"])
def test_a_name_never_climbs_out_of_a_folder_of_models(project: Space, tmp_path: Path, name: str) -> None:
    moved_out(project, tmp_path / "shelf")
    project.env["CALOTYPE_MODELS"] = str(tmp_path / "shelf")
    project.edit("calotype.yaml", "base: portrait", f"base: {name}")
    assert project.run("plan").code == 2


def test_a_build_without_them_says_what_to_fetch_and_touches_nothing(project: Space) -> None:
    done = project.run("build", "--json")
    assert done.code == 2
    [told] = done.json["diagnostics"]  # once, however many images read it
    assert (told["code"], told["hint"]) == ("weights-missing", "fetch it: calotype models pull tiny/sdxl")
    assert not project.files("content")
    assert project.run("validate").code == 0


def test_pull_fetches_just_what_is_read_and_the_build_goes_on_without_a_network(project: Space, hub: Hub) -> None:
    done = project.run("models", "pull", "--json")
    assert done.code == 0
    assert {one["name"]: one["commit"] for one in done.json["fetched"]} == {"tiny/sdxl": "a" * 40, "tiny/canny": "a" * 40}
    got = {path.rpartition("/")[2] for method, path, _ in hub.asked if method == "GET" and "/resolve/" in path}
    assert "diffusion_pytorch_model.safetensors" in got
    assert not got & {"README.md", "sd_xl_base_1.0.safetensors", "diffusion_pytorch_model.fp16.safetensors"}
    assert places(project)["tiny/sdxl"] == ("hub", 2)
    assert "revision: " + "a" * 40 in project.run("models").out
    hub.asked.clear()
    project.env["HF_ENDPOINT"] = "http://127.0.0.1:9"
    assert project.run("build", "--json").json["renders"] == 3
    assert project.run("models", "pull").out == "nothing is missing\n"
    assert project.run("models", "verify").code == 0
    assert hub.asked == []


def test_weights_in_the_hub_s_cache_are_not_read_to_know_them(
    project: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", project.env["HF_HUB_CACHE"])
    """Their blobs are named by their SHA-256: the request holds the digest of what a copy in the project would have."""
    from calotype.ground.digest import sha256_file
    from calotype.models import weight_files

    project.run("models", "pull")
    snapshot = tmp_path / "cache/models--tiny--sdxl/snapshots" / ("a" * 40)
    read: list[str] = []

    def digest_of(path: Path) -> str:
        read.append(path.name)
        return sha256_file(path)

    assert weight_files.digest(snapshot, None, digest_of) == weight_files.digest(tiny.models() / "base", None, sha256_file)
    assert read and not any(name.endswith(".safetensors") for name in read)


def test_a_download_that_breaks_goes_on_where_it_stopped(project: Space, hub: Hub) -> None:
    large = hub.repositories["tiny/canny"] / "diffusion_pytorch_model.safetensors"
    large.write_bytes(os.urandom(24 << 20))
    hub.breaks.add(large.name)
    assert project.run("models", "pull", "tiny/canny").code == 0
    ranges = [asked for method, path, asked in hub.asked if method == "GET" and path.endswith(large.name)]
    assert ranges[0] is None and ranges[1] is not None and ranges[1].startswith("bytes=10485760-")
    assert places(project)["tiny/canny"] == ("hub", 1)


@pytest.mark.parametrize("pinned", [False, True], ids=["a branch", "a commit"])
def test_what_has_arrived_before_a_failure_is_not_fetched_again(project: Space, hub: Hub, pinned: bool) -> None:
    if pinned:
        project.edit("calotype.yaml", "base: tiny/sdxl", f"base: tiny/sdxl, revision: {hub.commit}")
    name = f"tiny/sdxl@{hub.commit}" if pinned else "tiny/sdxl"
    hub.broken.add("merges.txt")
    failed = project.run("models", "pull", "tiny/sdxl")
    assert failed.code == 1 and "what has arrived is kept" in failed.err
    assert places(project)[name] == ("missing", 2)
    told = project.run("build", "--json")
    assert told.code == 2 and {"weights-missing"} == {one["code"] for one in told.json["diagnostics"]}
    hub.broken.clear()
    hub.asked.clear()
    assert project.run("models", "pull", "tiny/sdxl").code == 0
    again = [path for method, path, _ in hub.asked if method == "GET" and "/resolve/" in path]
    assert 0 < len(again) < 12
    assert project.run("models", "verify").code == 0


def test_a_cache_with_one_file_of_a_model_is_told_before_the_first_render(project: Space, hub: Hub, tmp_path: Path) -> None:
    project.edit("calotype.yaml", "base: tiny/sdxl", f"base: tiny/sdxl, revision: {hub.commit}")
    vocabulary = tmp_path / "cache/models--tiny--sdxl/snapshots" / hub.commit / "tokenizer/vocab.json"
    vocabulary.parent.mkdir(parents=True)
    vocabulary.write_text("{}")
    assert places(project)[f"tiny/sdxl@{hub.commit}"] == ("missing", 2)
    assert project.run("build").code == 2
    assert project.run("models", "pull").code == 0
    assert places(project)[f"tiny/sdxl@{hub.commit}"] == ("hub", 2)


def test_a_model_that_is_a_pickle_is_not_fetched(project: Space, hub: Hub) -> None:
    project.edit("calotype.yaml", "tiny/canny", "tiny/pickled")
    done = project.run("models", "pull", "tiny/pickled", "--json")
    assert (done.code, [one["code"] for one in done.json["diagnostics"]]) == (2, ["pickle-refused"])
    assert "diffusion_pytorch_model.bin" in done.json["diagnostics"][0]["message"]
    assert not any("/resolve/" in path for _, path, _ in hub.asked)


def of_photo(project: Space, model: str = "") -> None:
    """The second image is led by the pose of a person in a photograph, found by OpenPose's networks."""
    from PIL import Image

    (project.root / "refs").mkdir()
    Image.new("RGB", (64, 64), "white").save(project.root / "refs/photo.png")
    project.edit("specs/exercises/neck/nod.yaml", "controls: [{type: canny, from: pose}]", "controls: [{type: openpose, image: refs/photo.png}]")
    detector = f", preprocessor: {{model: {model}}}" if model else ""
    project.edit("calotype.yaml", "canny: {model: tiny/canny}", f"openpose: {{model: tiny/canny{detector}}}")


def test_openpose_s_networks_which_are_pickles_are_told_with_a_way_that_works(project: Space, hub: Hub) -> None:
    of_photo(project)
    for names in ([], ["lllyasviel/Annotators"]):
        [told] = project.run("models", "pull", *names, "--json").json["diagnostics"]
        assert told["code"] == "pickle-refused" and "docs/controls.md" in told["hint"]
    assert hub.asked == []
    assert project.run("models", "pull", "tiny/sdxl", "tiny/canny").code == 0
    said = [project.run(*command) for command in (["models"], ["doctor"], ["build"])]
    assert [done.code for done in said] == [0, 1, 2]
    for text in (said[0].out, said[1].out, said[2].err):
        assert "docs/controls.md" in text and "pull lllyasviel" not in text


def test_networks_that_were_converted_are_found_and_awaited_where_the_page_puts_them(project: Space) -> None:
    of_photo(project, "models/openpose")
    done = project.run("doctor")
    assert "models/openpose" in done.out and "CALOTYPE_MODELS" in done.out and "pull models/" not in done.out
    assert "neither in the project" in project.run("models", "pull", "models/openpose").err
    for name in ("body_pose_model", "hand_pose_model", "facenet"):
        place = project.root / f"models/openpose/{name}.safetensors"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project.root / "loras/luca.safetensors", place)
    assert places(project)["models/openpose"] == ("project", 1)


def test_a_part_that_is_there_as_a_pickle_is_told_by_its_name(project: Space, hub: Hub) -> None:
    (hub.repositories["tiny/pickled"] / "faceid.bin").write_bytes(b"\x80\x04.")
    project.edit("calotype.yaml", "canny: {model: tiny/canny}", "canny: {model: tiny/pickled, file: faceid.safetensors}")
    [told] = project.run("models", "pull", "tiny/pickled", "--json").json["diagnostics"]
    assert told["code"] == "pickle-refused" and "faceid.bin" in told["message"]


@pytest.mark.parametrize("how", ["option", "environment"])
def test_offline_nothing_is_asked_of_the_hub(project: Space, hub: Hub, how: str) -> None:
    env = {"HF_HUB_OFFLINE": "1"} if how == "environment" else {}
    done = project.run("models", "pull", *(["--offline"] if how == "option" else []), env=env)
    assert done.code == 1 and "offline" in done.err
    assert hub.asked == []


@pytest.mark.parametrize(("name", "says"), [("tiny/nobody", "check the name"), ("nobody", "neither in the project")])
def test_a_model_that_is_nowhere_is_said_so(project: Space, name: str, says: str) -> None:
    project.edit("calotype.yaml", "tiny/canny", name)
    done = project.run("models", "pull", name)
    assert done.code in (1, 2) and says in done.err


def test_the_model_of_a_scorer_is_fetched_when_it_is_named_and_not_unasked(project: Space, hub: Hub, tmp_path: Path) -> None:
    hub.repositories["tiny/vitpose"] = vitpose.random_model(tmp_path / "vitpose")
    config = (project.root / "calotype.yaml").read_text()
    project.write("calotype.yaml", config + "\nscoring: {models: {pose: {model: tiny/vitpose}}}\n")
    fetched = {one["name"] for one in project.run("models", "pull", "--json").json["fetched"]}
    assert "tiny/sdxl" in fetched and "tiny/vitpose" not in fetched
    done = project.run("models", "pull", "tiny/vitpose", "--json")
    assert done.code == 0 and [one["name"] for one in done.json["fetched"]] == ["tiny/vitpose"], done.err
    assert (project.root / "calotype.yaml").exists() and project.run("models", "pull", "tiny/vitpose").out == "nothing is missing\n"


def test_a_name_that_no_image_reads_is_an_error(project: Space) -> None:
    done = project.run("models", "pull", "tiny/other", "--json")
    assert (done.code, done.json["diagnostics"][0]["code"]) == (2, "unknown-model")


def test_damage_is_found_and_mended_by_what_is_advised(project: Space, tmp_path: Path) -> None:
    project.run("models", "pull")
    blobs = sorted((tmp_path / "cache/models--tiny--canny/blobs").iterdir(), key=lambda path: path.stat().st_size)
    for blob in (blobs[0], blobs[-1]):  # a config and the weights
        blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    done = project.run("models", "verify")
    assert done.code == 1 and done.out.count("calotype models pull tiny/canny") == 2
    again = project.run("models", "pull", "tiny/canny")
    assert again.code == 0 and "fetched  tiny/canny" in again.out
    assert project.run("models", "verify").code == 0


def test_a_damaged_index_is_found_and_mended(project: Space, tmp_path: Path, hub: Hub) -> None:
    project.run("models", "pull")
    index = tmp_path / "cache/models--tiny--sdxl/snapshots" / hub.commit / "model_index.json"
    index.resolve().write_bytes(b"{")
    done = project.run("models", "verify")
    assert done.code == 1 and "here in part only: calotype models pull tiny/sdxl" in done.out
    assert project.run("models", "pull").code == 0
    assert project.run("models", "verify").code == 0


def test_offline_nothing_is_dropped(project: Space, tmp_path: Path) -> None:
    project.run("models", "pull")
    blobs = sorted((tmp_path / "cache/models--tiny--canny/blobs").iterdir(), key=lambda path: path.stat().st_size)
    blobs[-1].write_bytes(b"!")
    assert project.run("models", "pull", "tiny/canny", "--offline").code == 1
    assert blobs[-1].read_bytes() == b"!"


def test_a_model_that_lacks_something_on_the_hub_is_told_so(project: Space, hub: Hub) -> None:
    (hub.repositories["tiny/sdxl"] / "scheduler/scheduler_config.json").unlink()
    done = project.run("models", "pull", "tiny/sdxl", "--json")
    assert (done.code, [one["code"] for one in done.json["diagnostics"]]) == (2, ["incomplete"])


def test_doctor_tells_what_the_renderer_needs_and_has(project: Space) -> None:
    said = project.run("doctor")
    assert "sdxl" in said.out and "torch" in said.out and "cpu" in said.out
    assert "tiny/sdxl" in said.out and "calotype models pull" in said.out


def test_a_build_asks_nobody_for_anything(project: Space, hub: Hub) -> None:
    """Even where a Hub could be reached: weights come from disk alone."""
    project.run("models", "pull")
    hub.asked.clear()
    assert project.run("build", "--json").json["renders"] == 3
    assert hub.asked == []


@pytest.mark.parametrize(("change", "says"), [
    (lambda data: data[:-100], "is not whole"), (lambda data: b"<html>" * 100, "is no safetensors file"),
    (lambda data: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull"),
], ids=["cut short", "a page", "a pointer of Git LFS"])
def test_a_file_that_cannot_be_weights_is_told_by_verify_and_doctor(
    project: Space, change: Callable[[bytes], bytes], says: str
) -> None:
    project.run("models", "pull")
    path = project.root / "loras/luca.safetensors"
    path.write_bytes(change(path.read_bytes()))
    done = project.run("models", "verify")
    assert done.code == 1 and "luca.safetensors" in done.out and says in done.out
    told = project.run("doctor")
    assert says in told.out and told.code != 0
