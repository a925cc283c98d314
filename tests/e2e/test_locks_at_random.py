"""Random projects of characters, scenes and exercises: every image is made as a naive reading of its files says, and a
plan that looks into what changed says what one from nothing says."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from kit import build, manifest_lines, use_sketch
from PIL import Image

from conftest import Run, Space

STEPS = {"standard": 30, "fast": 20, "high": 40, "low_vram": 25}
LORAS = {"luca": 0.8, "ink": 0.3, "clay": 0.5}
EDITS = 5
Data = dict[str, Any]


@pytest.fixture
def empty(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    use_sketch(space, monkeypatch)
    (space.root / "refs").mkdir()
    for name, colour in (("a", "red"), ("b", "blue"), ("edge", "white")):
        Image.new("RGB", (16, 16), colour).save(space.root / f"refs/{name}.png")
    for name in LORAS:
        space.write(f"loras/{name}.safetensors", name.encode())
    return space


def settings(dice: random.Random, share: float) -> Data:
    """Each lock by chance, with a value by chance."""
    values: Data = {
        "preset": dice.choice(list(STEPS)),
        "size": [16 * dice.randint(2, 4), 32],
        "loras": [{"name": name, **({"weight": dice.randint(1, 9) / 10} if dice.random() < 0.7 else {})}
                  for name in dice.sample(list(LORAS), dice.randint(1, 2))],
        "controls": [{"type": "canny", "map": "refs/edge.png", "strength": dice.randint(1, 9) / 10}] * dice.randint(0, 2),
        "reference": {"image": f"refs/{dice.choice('ab')}.png", "strength": dice.randint(1, 9) / 10,
                      "method": dice.choice(["img2img", "both"])},
    }
    if dice.random() < 0.3:
        values["reference"].pop("strength")
    return {key: value for key, value in values.items() if dice.random() < share}


def cast(dice: random.Random) -> Data:
    return {"characters": dice.sample(["ann", "bob", "cid"], dice.randint(0, 2))} if dice.random() < 0.6 else {}


def character(name: str, dice: random.Random) -> Data:
    variation: Data = {"id": "wave", **settings(dice, 0.2)}
    if dice.random() < 0.5:
        variation["strength"] = dice.randint(1, 9) / 10
    return {"kind": "character", "id": name, "prompt": f"{name} in colour {dice.random()}", **settings(dice, 0.5),
            "anchors": {**settings(dice, 0.1), "poses": [{"id": "front", **settings(dice, 0.2)}]},
            "variations": [variation]}


def exercise(name: str, dice: random.Random) -> Data:
    images = [{"view_angle": "lateral", "body_position": "standing", "description": f"{name} {number}",
               **settings(dice, 0.2), **cast(dice)} for number in range(2)]
    return {"kind": "exercise", "id": name, "region": "neck", **settings(dice, 0.2), **cast(dice), "images": images}


def scene(name: str, dice: random.Random) -> Data:
    shots = [{"id": f"s{number}", "prompt": f"shot {number}", **settings(dice, 0.2), **cast(dice)} for number in range(2)]
    return {"kind": "scene", "id": name, "chain": dice.random() < 0.5, **settings(dice, 0.2), **cast(dice), "shots": shots}


MAKERS = {
    **{f"specs/characters/{name}.yaml": (character, name) for name in ("ann", "bob")}, "specs/zoo/cid.yaml": (character, "cid"),
    **{f"specs/exercises/{name}.yaml": (exercise, name) for name in ("nod", "bow")}, "specs/scenes/tea.yaml": (scene, "tea"),
}
CONFIG = "calotype.yaml"


def made(file: str, dice: random.Random) -> Data:
    if file == CONFIG:
        declared = {name: {"path": f"loras/{name}.safetensors", "weight": weight} for name, weight in LORAS.items()}
        defaults = {**settings(dice, 0.3), **(cast(dice) if dice.random() < 0.5 else {})}
        return {"version": 1, "renderer": "sketch", "defaults": {"size": [32, 32], **defaults},
                "models": {"base": "org/base"}, "loras": declared}
    maker, name = MAKERS[file]
    return maker(name, dice)


def naive(project: Mapping[str, Data]) -> Iterator[tuple[str, Data]]:
    """(target, what it is made with), each looked for place by place."""
    defaults = project[CONFIG]["defaults"]
    people = {data["id"]: data for data in project.values() if data.get("kind") == "character"}

    def look(key: str, places: list[Data], otherwise: Any) -> Any:
        return next((place[key] for place in places if key in place), otherwise)

    def image(written: list[Data], names: list[str], start: bool, strength: float | None) -> Data:
        persons = [people[name] for name in names]
        places = [*written, *persons, defaults]
        weights = {name: use for place in reversed(
            [*([next((one for one in written if "loras" in one), {})]), *persons,
             *([] if any("loras" in one for one in written) else [defaults])])
            for use in place.get("loras", ()) for name in [use["name"]]}
        reference = look("reference", places, {})
        if strength is None:
            strength = reference.get("strength", 0.7)
        begins = start or "image" in reference
        return {
            "steps": STEPS[look("preset", places, "standard")], "size": look("size", places, None),
            "loras": {name: use.get("weight", LORAS[name]) for name, use in weights.items()},
            "controls": [control["strength"] for control in look("controls", places, [])],
            "reference": (strength, reference.get("method", "img2img")) if begins else None,
        }

    for data in project.values():
        kind, name = data.get("kind"), data.get("id")
        if kind == "character":
            group = data["anchors"]
            yield f"characters/{name}/anchors/front", image([group["poses"][0], group, data], [name], False, None)
            wave = data["variations"][0]
            own = look("reference", [wave, data, defaults], {}).get("strength", 0.5)
            yield f"characters/{name}/variations/wave_01", image([wave, data], [name], True, wave.get("strength", own))
        elif kind is not None:
            items = data["images"] if kind == "exercise" else data["shots"]
            for number, item in enumerate(items):
                names = look("characters", [item, data, defaults], [])
                start = kind == "scene" and data["chain"] and number > 0
                folder, end = ("exercises", f"{number + 1:02d}") if kind == "exercise" else ("scenes", item.get("id"))
                yield f"{folder}/{name}/{end}", image([item, data], names, start, None)


def published(space: Space) -> dict[str, Data]:
    rows = {}
    for target, line in manifest_lines(space).items():
        request = line["request"]
        reference = request["reference"]
        names = {digest: name for name, digest in (
            (name, _digest(space, name)) for name in LORAS)}
        rows[target] = {
            "steps": request["steps"], "size": request["size"],
            "loras": {names[use["weights"]]: use["weight"] for use in request["loras"]},
            "controls": [control["strength"] for control in request["controls"]],
            "reference": reference and (reference["strength"], reference["method"]),
        }
    return rows


def _digest(space: Space, lora: str) -> str:
    from calotype.ground.digest import sha256

    return sha256((space.root / f"loras/{lora}.safetensors").read_bytes())


def answer(done: Run) -> tuple[int, list[Data], list[Data], int]:
    rows = sorted(done.json["targets"], key=lambda row: str(row["target"]))
    return done.code, rows, done.json["diagnostics"], done.json["up_to_date"]


@pytest.mark.parametrize("seed", range(4))
def test_images_are_made_as_their_files_say_and_a_look_at_changes_misses_none(empty: Space, seed: int) -> None:
    dice = random.Random(seed)
    project = {file: made(file, dice) for file in (CONFIG, *MAKERS)}
    for file, data in project.items():
        empty.write(file, yaml.safe_dump(data))
    empty.settle()
    assert build(empty).code == 0
    for _ in range(EDITS):
        assert published(empty) == dict(naive(project))
        for file in dice.sample([CONFIG, *MAKERS, *[name for name in MAKERS if "exer" not in name]], dice.randint(1, 2)):
            project[file] = made(file, dice)
            empty.write(file, yaml.safe_dump(project[file]))
        empty.settle()
        partial, checked = answer(empty.call("plan", "--json")), answer(empty.call("check", "--json"))
        fresh = Space(empty.root.parent / "fresh", empty.env)
        shutil.rmtree(fresh.root, ignore_errors=True)
        shutil.copytree(empty.root, fresh.root)
        shutil.rmtree(fresh.root / "cache/state")
        assert answer(fresh.call("plan", "--json")) == partial
        assert answer(fresh.call("check", "--full", "--json")) == checked
        done = build(empty)
        assert (done.code, done.json["renders"]) == (0, sum(row["status"] == "render" for row in partial[1]))
