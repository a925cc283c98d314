"""docs/from-the-guides.md answers everything that the five guides name, and what it answers is so: each command is run,
each call of Python is made, each piece of YAML is held against the schemas."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from guides import CODE, names, topics
from PIL import Image, ImageChops

import calotype
import tiny
from calotype.ground.diagnostics import Problem
from calotype.language.schema.validate import check
from calotype.language.yaml.document import parse
from conftest import REPOSITORY, Space
from studio_server import studio

PAGE = REPOSITORY / "docs/from-the-guides.md"
TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in TEXT.split("\n## ")[1:]}
FENCE = re.compile(r"^```(\w+)(?: file (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
SAMPLE = ("The exercise image generator", "The generator of LoRA training images")
"""The sections whose commands run in a clone of this repository; the others begin with files, or a template, of their own."""


@dataclass(frozen=True)
class Row:
    """A line of a table: what stands in a guide, and what the page says of it."""

    guide: str
    answer: str

    @property
    def code(self) -> list[str]:
        return CODE_SPAN.findall(self.guide)

    @property
    def topics(self) -> list[str]:
        words = CODE_SPAN.sub("", self.guide)
        return [topic.strip(" ,") for topic in words.split(";") if topic.strip(" ,")]


def rows(section: str) -> Iterator[Row]:
    """The rows of the tables that begin with `in the guide | here`."""
    mapped = False
    for line in SECTIONS[section].splitlines():
        if not line.startswith("| "):
            mapped = False
        elif line == "| in the guide | here |":
            mapped = True
        elif mapped and not line.startswith("| ---"):
            guide, answer = line.strip("|").split(" | ")
            yield Row(guide.strip(), answer.strip())


@pytest.mark.parametrize("section", CODE)
def test_nothing_of_a_guide_is_missing_and_nothing_is_made_up(section: str) -> None:
    page = {name for row in rows(section) for name in row.code}
    assert names(section) - page == set()
    assert page - names(section) == set()


@pytest.mark.parametrize("section", CODE)
def test_no_topic_of_a_guide_is_missing(section: str) -> None:
    page = {topic.casefold() for row in rows(section) for topic in row.topics}
    assert {topic.casefold() for topic in topics(section)} ^ page == set()


def test_what_is_planned_names_a_part_that_the_page_explains() -> None:
    head = TEXT.partition("\n## ")[0]
    parts = set(re.findall(r"\*\*([a-z ]+)\*\*", head))
    assert parts == {"storyboards", "more models", "sharing"}
    for part in re.findall(r"Planned: ([a-z ]+)", TEXT):
        assert any(part.startswith(name) for name in parts), part
    assert all(re.search(r"Not here: \w", row.answer) for section in CODE for row in rows(section) if "Not here" in row.answer)


# Commands


def commands(section: str) -> list[str]:
    """Every command that the section gives, in blocks and in cells, in the order of the page."""
    text = SECTIONS[section]
    blocks = [line for language, _, block in FENCE.findall(text) if language == "console"
              for line in block.splitlines() if line.startswith("$ ")]
    spans = [span for span in CODE_SPAN.findall(FENCE.sub("", text)) if span.startswith("calotype ")]
    return [*(line.removeprefix("$ ") for line in blocks), *dict.fromkeys(spans)]


def sample(space: Space) -> None:
    for name in ("specs", "content", "refs", "templates"):
        shutil.copytree(REPOSITORY / name, space.root / name)
    shutil.copy(REPOSITORY / "calotype.yaml", space.root)


PICTURES = {"ada": (256, 384), "back": (768, 768), "first": (1280, 720), "mannequin": (256, 384)}
"""The pictures that the page's commands read, with the sizes that their targets ask for."""


def put_pictures(space: Space) -> None:
    (space.root / "refs").mkdir(exist_ok=True)
    for name, size in PICTURES.items():
        Image.radial_gradient("L").resize(size).convert("RGB").save(space.root / f"refs/{name}.png")


def lay_out(space: Space, section: str) -> None:
    """The project in which the section's commands are typed."""
    if section in SAMPLE:
        sample(space)
        for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
            subprocess.run(["git", "-C", str(space.root), *words], check=True)
    else:
        space.write("calotype.yaml", "version: 1\n")
    put_pictures(space)
    for _, file, text in FENCE.findall(SECTIONS[section]):
        if file:
            space.write(file, text)
    if "renderer: sdxl" in space.read("calotype.yaml"):
        put_models(space)


MODELS = {
    "stabilityai/stable-diffusion-xl-base-1.0": "base", "madebyollin/sdxl-vae-fp16-fix": "vae",
    "thibaud/controlnet-openpose-sdxl-1.0": "controlnets/openpose", "diffusers/controlnet-depth-sdxl-1.0": "controlnets/canny",
    "diffusers/controlnet-canny-sdxl-1.0": "controlnets/canny",
}
"""The names of models on the page, and the tiny ones that stand in their places here."""
STANDS_FOR = {
    "calotype models pull": "calotype models list",  # wants a network
    "calotype build characters/fit/lora": "calotype build characters/fit/lora --dry-run",  # wants gigabytes of weights
    "calotype pose FILE.json --view lateral --yaml": "calotype pose keypoints.json --view lateral --yaml",
}


def put_models(space: Space) -> None:
    """Tiny models under the names that the section's files use, and pictures of 64 x 64: so its builds are real ones."""
    for name, source in MODELS.items():
        shutil.copytree(tiny.models() / source, space.root / name)
    net = space.root / "thibaud/controlnet-openpose-sdxl-1.0/diffusion_pytorch_model.safetensors"
    net.rename(net.with_name("OpenPoseXL2.safetensors"))
    config = yaml.safe_load(space.read("calotype.yaml"))
    for lora, source in zip(config.get("loras", {}).values(), "abcb", strict=False):
        path = space.root / lora["path"]
        path.parent.mkdir(exist_ok=True)
        shutil.copy(tiny.models() / f"loras/{source}.safetensors", path)
    config["models"] = {**config.get("models", {}), "dtype": "float32", "device": "cpu"}
    config["defaults"] = {**config["defaults"], "size": [64, 64]}
    space.write("calotype.yaml", yaml.safe_dump(config))


def typed(command: str) -> list[str]:
    return shlex.split(STANDS_FOR.get(command, command), comments=True)[1:]


@pytest.mark.parametrize("section", CODE)
def test_every_command_of_the_page_runs(section: str, tmp_path: Path) -> None:
    space = Space(tmp_path)
    lay_out(space, section)
    if any("FILE.json" in command for command in commands(section)):
        assert space.call("pose", "standing", "--maps", "--view", "lateral", "-o", "maps").code == 0
        space.move("maps/keypoints.json", "keypoints.json")
    for command in commands(section):
        if command.startswith("cd "):
            space = Space(space.root / command.removeprefix("cd "))
            put_pictures(space)
            continue
        if typed(command)[0] == "studio":  # until it is stopped; on a port that is free here
            with studio(space.root) as server:
                assert server.ask("/api/state").status == 200
            continue
        done = space.call(*typed(command))
        awaits = done.code == 3 and command.startswith("calotype build")
        reviewed = done.code in (1, 3) and "check --since" in command
        assert done.code == 0 or awaits or reviewed, f"{command}\n{done.out}{done.err}"


def test_the_page_gives_no_command_outside_its_sections() -> None:
    head = TEXT.partition("\n## ")[0]
    assert [span for span in CODE_SPAN.findall(head) if span.startswith("calotype ")] == ["calotype build"]


def test_the_python_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample(Space(tmp_path))
    monkeypatch.chdir(tmp_path)
    calls = [span for span in CODE_SPAN.findall(TEXT) if span.startswith("Project.open()")]
    assert len(calls) >= 2
    for call in calls:
        assert eval(call, {"Project": calotype.Project}) is not None


# YAML


IMAGE = {"view_angle": "lateral", "body_position": "standing", "description": "up"}
HOSTS: dict[str, tuple[str, dict[str, Any]]] = {
    "config": ("config", {"version": 1}),
    "exercise": ("exercise", {"kind": "exercise", "id": "a", "region": "neck", "images": [IMAGE]}),
    "image": ("exercise", {"kind": "exercise", "id": "a", "region": "neck", "images": [IMAGE]}),
    "character": ("character", {"kind": "character", "id": "a"}),
    "scene": ("scene", {"kind": "scene", "id": "a", "shots": [{"id": "a", "prompt": "up"}]}),
    "shot": ("scene", {"kind": "scene", "id": "a", "shots": [{"id": "a", "prompt": "up"}]}),
    "control": ("scene", {"kind": "scene", "id": "a", "shots": [{"id": "a", "prompt": "up"}]}),
    "reference": ("scene", {"kind": "scene", "id": "a", "shots": [{"id": "a", "prompt": "up"}]}),
    "variation": ("character", {"kind": "character", "id": "a"}),
}


def document(host: str, piece: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """(Kind, document) with `piece` where `host` says: beside the document's own keys, or in the image in it."""
    kind, whole = HOSTS[host]
    if host == "image":
        return kind, {**whole, "images": [{**IMAGE, **piece}]}
    if host == "shot":
        return kind, {**whole, "shots": [{"id": "a", "prompt": "up", **piece}]}
    if host == "control":
        return kind, {**whole, "controls": [{"type": "canny", **piece}]}
    if host == "reference":
        return kind, {**whole, "reference": {"image": "refs/a.png", **piece}}
    if host == "variation":
        return kind, {**whole, "variations": [{"id": "a", "anchor": "auto", **piece}]}
    return kind, {**whole, **piece}


def fits(piece: dict[str, Any]) -> bool:
    """Whether `piece` is valid in some place of some document."""
    for host in HOSTS:
        kind, whole = document(host, piece)
        text = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)
        try:
            if not check(parse(text.encode(), "piece.yaml"), kind):
                return True
        except Problem:
            continue
    return False


def pieces(text: str) -> Iterator[str]:
    """The code spans and blocks that are YAML: a key, a colon and a value."""
    yield from (block for language, file, block in FENCE.findall(text) if language == "yaml" and not file)
    spans = [span for row in re.findall(r"^(?!\| in the guide).*$", FENCE.sub("", text), re.MULTILINE)
             for span in CODE_SPAN.findall(row.split(" | ", 1)[-1])]
    yield from (span for span in spans if re.match(r"[a-z_]+: \S", span))


@pytest.mark.parametrize("page", ["docs/from-the-guides.md", "docs/strength.md"])
def test_every_piece_of_yaml_is_valid_somewhere(page: str) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    snippets = list(pieces(text))
    assert len(snippets) >= 4
    assert [snippet for snippet in snippets if not fits(yaml.safe_load(snippet))] == []


@pytest.mark.parametrize("piece", [{"strenght": 0.5}, {"method": "img2image"}, {"candidates": 0}, {"models": {"devise": "cpu"}}])
def test_a_piece_that_is_wrong_fits_nowhere(piece: dict[str, Any]) -> None:
    assert not fits(piece)


# What the page promises


def script(name: str) -> Any:
    described = importlib.util.spec_from_file_location(name, REPOSITORY / f"docs/{name}.py")
    assert described is not None and described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


def test_the_project_of_the_engine_builds_with_models(tmp_path: Path) -> None:
    section = "The SDXL character engine"
    space = Space(tmp_path)
    lay_out(space, section)
    done = space.call("build", "--json")
    assert done.code == 3, done.err  # a person takes one of five
    assert (done.json["renders"], done.json["awaiting"]) == (6, 1)
    assert space.call("pick", "scenes/portorosso/smile", "2").code == 0
    assert space.call("build").code == 0
    assert (space.root / "content/images/scenes/portorosso/beach.png").is_file()
    shown = space.call("inspect", "content/images/scenes/portorosso/beach.png").out
    assert all(f"<lora:{name}" in shown for name in ("luca:0.85", "pixar_3d:0.7", "portorosso:0.6"))


def test_the_pictures_of_strengths_are_what_their_script_draws() -> None:
    make_strengths = script("make_strengths")

    page = " ".join((REPOSITORY / "docs/strength.md").read_text(encoding="utf-8").split())
    shares = [f"{make_strengths.left(strength):.0%}".rstrip("%") for strength in make_strengths.STRENGTHS]
    assert f"{', '.join(shares[:-1])} and {shares[-1]} percent" in page
    with Image.open(make_strengths.BASE) as base:
        for strength in make_strengths.STRENGTHS:
            with Image.open(make_strengths.PICTURES / f"strength-{round(strength * 100)}.png") as drawn:
                assert ImageChops.difference(drawn, make_strengths.begun(base, strength)).getbbox() is None, strength
