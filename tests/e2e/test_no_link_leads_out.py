"""Links, pipes and folders in the places that Calotype reads, writes and cleans: refused, and nothing outside is
touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from conftest import Run, Space
from survival import no_longer_than

CHIN = "specs/exercises/chin.yaml"
SECRET = "the secret of another"
EVERY = ("validate", "plan", "check", "build", "list")


@pytest.fixture
def built(space: Space) -> Space:
    """A built project of one image, and a folder of somebody else's beside it."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write(CHIN, "kind: exercise\nid: chin\nregion: neck\ntitle: Chin\nimages:\n"
                      "  - {view_angle: lateral, body_position: standing, description: chin, alt: a chin}\n")
    assert space.call("build").code == 0
    victim = space.root.parent / "victim"
    (victim / "inner").mkdir(parents=True)
    for name in ("secret.txt", "index.html", "inner/chin.html", "inner/.calotype-1-1-1.tmp"):
        (victim / name).write_text(SECRET)
    return space


def victim_of(space: Space) -> dict[str, bytes]:
    """All that lies beside the project."""
    outside = space.root.parent / "victim"
    return {path.relative_to(outside).as_posix(): path.read_bytes() for path in outside.rglob("*") if path.is_file()}


def shown_in(space: Space) -> list[str]:
    """The files of build/ and content/ that hold the secret, links followed."""
    return [name for folder in ("build", "content") if (space.root / folder).is_dir() for name in space.files(folder)
            if SECRET.encode() in (space.root / name).read_bytes()]


def told(run: Run) -> list[str]:
    return [entry["file"] for entry in run.json["diagnostics"] if entry["severity"] == "error"]


@contextmanager
def in_place_of(place: Path, make: Callable[[Path], object]) -> Iterator[None]:
    """What is made, for a while in the place of what lies there."""
    aside = next(above for above in place.parents if above.name == "project").parent / "aside"
    was_there = place.exists()
    if was_there:
        place.rename(aside)
    place.parent.mkdir(parents=True, exist_ok=True)
    make(place)
    yield
    if os.path.lexists(place):
        place.rmdir() if place.is_dir() and not place.is_symlink() else place.unlink()
    if was_there:
        aside.rename(place)


def outside(place: Path) -> Path:
    """Another's file."""
    return next(above for above in place.parents if above.name == "project").parent / "victim/secret.txt"


FOLDERS = ["build", "build/exercises", "build/thumbs", "build/data", "build/logs", "build/edited", "build/preview",
           "cache", "cache/state", "cache/cas", "cache/damaged"]
TEMPLATES = ["templates", "templates/sheets", "templates/styles"]


@pytest.mark.parametrize(("to", "folders"), [
    ("../victim", [*FOLDERS, *TEMPLATES]), ("nowhere", [*FOLDERS, *TEMPLATES]), ("content", FOLDERS)])
def test_a_link_in_a_folders_place_is_refused_by_every_command(built: Space, to: str, folders: list[str]) -> None:
    before, content = victim_of(built), built.snapshot("content", "specs")
    for folder in folders:
        target = Path(os.path.relpath(built.root / to, (built.root / folder).parent))
        with in_place_of(built.root / folder, lambda place, target=target: place.symlink_to(target)):
            for command in EVERY:
                done = built.call(command, "--json")
                assert done.code == 2, (folder, command, done.out, done.err)
                assert folder in told(done), (folder, command, done.out)
                assert SECRET not in done.out + done.err
        assert victim_of(built) == before and built.snapshot("content", "specs") == content


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_a_file_or_a_pipe_in_a_folders_place_is_refused_by_every_command(built: Space, kind: str) -> None:
    for folder in FOLDERS:
        make: Callable[[Path], object] = Path.touch if kind == "file" else os.mkfifo
        with in_place_of(built.root / folder, make):
            for command in EVERY:
                done = built.call(command, "--json")
                assert done.code == 2, (folder, command, done.out, done.err)
                assert folder in told(done), (folder, command, done.out)


CONTENT = ["content", "content/images", "content/images/exercises", "content/images/exercises/neck", "content/manifest",
           "content/manifest/exercises", "content/manifest/exercises/neck.jsonl", "content/manifest.json"]


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
@pytest.mark.parametrize("path", CONTENT)
def test_content_that_leads_out_is_refused_by_every_command(built: Space, path: str, cold: bool) -> None:
    """Also where it holds the very files that were there: whoever wrote the project chose where the link leads."""
    if cold:
        built.remove("cache")
    (built.root / path).rename(built.root.parent / "victim/moved")
    (built.root / path).symlink_to(built.root.parent / "victim/moved")
    before = victim_of(built)
    for command in EVERY:
        done = built.call(command, "--json")
        assert (done.code, told(done)) == (2, [path]), (command, done.out, done.err)
    assert victim_of(built) == before


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_an_asset_that_leads_out_is_in_the_way_and_is_shown_on_no_page(built: Space, cold: bool) -> None:
    """It could be any picture of whoever builds, and pages are kept by CI jobs."""
    built.write("calotype.yaml", "version: 1\ndefaults: {size: [512, 512]}\n")
    assert built.call("build").code == 0
    built.remove("build")
    if cold:
        built.remove("cache")
    asset = built.root / "content/images/exercises/neck/chin_01.png"
    private = built.root.parent / "victim/private.png"
    Image.new("RGB", (512, 512), "red").save(private)
    asset.unlink()
    asset.symlink_to(private)
    before = victim_of(built)
    assert built.call("plan", "--json").statuses == {"exercises/chin/01": "failed"}
    done = built.call("build", "--json")
    assert (done.code, done.json["renders"], done.statuses) == (1, 0, {"exercises/chin/01": "failed"})
    for copy in (built.root / "build").rglob("*.webp"):  # such as of what it looked like before
        with Image.open(copy) as picture:
            assert picture.convert("RGB").getpixel((9, 9)) == (255, 255, 255)
    assert victim_of(built) == before


@pytest.mark.parametrize("command", ["clean", "gc", "build"])
def test_build_that_leads_out_is_never_cleaned(built: Space, command: str) -> None:
    shutil.rmtree(built.root / "build")
    (built.root / "build").symlink_to("../victim")
    before = victim_of(built)
    done = built.call(command, "--json")
    assert (done.code, told(done)) == (2, ["build"]), done.out + done.err
    assert victim_of(built) == before


def test_clean_removes_a_link_in_build_and_not_what_it_leads_to(built: Space) -> None:
    shutil.rmtree(built.root / "build/exercises")
    (built.root / "build/exercises").symlink_to("../../victim")
    before = victim_of(built)
    assert built.call("clean").code == 0
    assert not (built.root / "build/exercises").is_symlink() and victim_of(built) == before


LARGE = ["build/exercises/chin.html", "build/exercises/gone.html", "build/data/shards.js"]
FILES = [*LARGE, "build/index.html", "build/sheet.css", "build/kept.txt",
         "cache/actions.db", "cache/state/state.db", "cache/state/record", "cache/state/build.lock",
         "cache/state/decisions.lock",
         "templates/sheets/sheet.css", "templates/sheets/card.html.j2", "templates/sheets/part.j2",
         "templates/styles/medical.j2", "calotype.yaml"]
MAKES: dict[str, Callable[[Path], object]] = {
    "a link out": lambda place: place.symlink_to(outside(place)),
    "a dangling link": lambda place: place.symlink_to("nowhere"),
    "a pipe": lambda place: os.mkfifo(place),
    "a folder": lambda place: place.mkdir(),
}


@pytest.mark.parametrize("what", MAKES)
def test_what_is_no_file_of_the_projects_is_refused_with_its_place(built: Space, what: str) -> None:
    before = victim_of(built)
    for file in FILES:
        if file == "build/kept.txt" and what == "a folder":
            continue  # a folder may have any name that no file of ours has
        (built.root / "cache/state/record").unlink(missing_ok=True)
        with in_place_of(built.root / file, MAKES[what]), no_longer_than(10):
            for command in ("build", "plan") if file != "cache/state/record" else ("build",):
                if command == "plan" and file in LARGE:
                    continue  # it looks into no page
                done = built.call(command, "--json")
                assert done.code == 2, (file, command, done.out, done.err)
                assert file in told(done), (file, command, done.out)
                assert SECRET not in done.out + done.err
        assert victim_of(built) == before
    assert shown_in(built) == []


@pytest.mark.parametrize("what", MAKES)
def test_a_blob_that_is_no_file_is_put_aside_and_made_again(built: Space, what: str) -> None:
    before = victim_of(built)
    for blob in [path for path in (built.root / "cache/cas").glob("??/*") if path.is_file()]:
        blob.unlink()
        MAKES[what](blob)
    shutil.rmtree(built.root / "content/images")
    with no_longer_than(20):
        done = built.call("build", "--json")
    assert done.code == 0, done.out + done.err
    assert {entry["code"] for entry in done.json["diagnostics"]} == {"cache-damaged"}
    assert all(entry["file"].startswith("cache/cas/") for entry in done.json["diagnostics"])
    assert victim_of(built) == before and built.call("check").code == 0


@pytest.mark.parametrize("folder", ["content", "specs", ".git", "Content/cache", "a/.git/b", "./content", "."])
def test_the_cache_lies_in_a_folder_of_its_own(built: Space, folder: str) -> None:
    built.write("calotype.yaml", f"version: 1\ndefaults: {{size: [64, 64]}}\ncache: {{dir: {folder}}}\n")
    before = built.snapshot("content", "specs")
    for command in ("validate", "plan", "build", "check"):
        done = built.call(command, "--json")
        assert done.code == 2, (command, done.out)
        (entry,) = done.json["diagnostics"]
        assert (entry["code"], entry["file"], entry["line"]) == ("cache-dir", "calotype.yaml", 3)
    assert built.snapshot("content", "specs") == before


def test_a_chosen_cache_that_leads_out_is_refused(built: Space) -> None:
    before = victim_of(built)
    built.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\ncache: {dir: a/store}\n")
    for folder in ("a/store", "a"):
        with in_place_of(built.root / folder, lambda place: place.symlink_to(outside(place).parent)):
            for command in EVERY:
                done = built.call(command, "--json")
                assert (done.code, told(done)) == (2, [folder]), (command, done.out)
            assert victim_of(built) == before


def test_no_message_shows_a_line_of_a_file_outside(built: Space) -> None:
    (built.root.parent / "victim/secret.txt").write_text(f"kind: [ {SECRET}\n")
    for file in ("calotype.yaml", CHIN, "specs/poses/nod.yaml", "templates/styles/medical.j2"):
        with in_place_of(built.root / file, lambda place: place.symlink_to(outside(place))):
            for command in (*EVERY, "doctor", "explain"):
                done = built.call(command)
                assert SECRET not in done.out + done.err, (file, command, done.out + done.err)


def test_a_new_project_is_not_written_through_a_link(space: Space) -> None:
    victim = space.root.parent / "victim"
    victim.mkdir()
    (space.root / "specs").symlink_to("../victim")
    assert space.call("init").code == 2
    assert list(victim.iterdir()) == []


def test_weights_in_the_project_do_not_lead_out_of_it(built: Space) -> None:
    (built.root.parent / "victim/secret.safetensors").write_bytes(SECRET.encode())
    built.write("models/base/unet/config.json", "{}")
    (built.root / "models/base/unet/diffusion_pytorch_model.safetensors").symlink_to("../../../../victim/secret.safetensors")
    built.write("models/base/model_index.json", "{}")
    built.write("calotype.yaml", "version: 1\nrenderer: sdxl\ndefaults: {size: [64, 64]}\nmodels: {base: models/base}\n")
    done = built.call("plan", "--json")
    assert done.code == 2
    assert told(done) == ["models/base/unet/diffusion_pytorch_model.safetensors"]
