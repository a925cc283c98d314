"""Random projects and random edits of them, for tests: always valid, so that every build has to end well."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from survival import Studio

WORDS = ("bend", "turn", "lift", "rest")
REGIONS = ("neck", "hip", "knee")
NAMES = tuple("abcdefgh")
POSES = ({}, {"neck_flexion": 20}, {"base": "seated"}, "bow")
Image = dict[str, Any]


@dataclass
class Spec:
    """One exercise, or a scene whose shots start from each other."""

    kind: str
    id: str
    folder: str
    images: list[Image]
    region: str = "neck"
    title: str = "One"
    remarks: int = 0
    backwards: bool = False

    @property
    def file(self) -> str:
        return f"specs/{self.folder}/{self.kind}_{self.id}.yaml"

    def text(self) -> str:
        head = {"kind": self.kind, "id": self.id, "title": self.title}
        if self.kind == "exercise":
            head["region"] = self.region
            rows = [{"view_angle": "lateral", "body_position": "standing", **image} for image in self.images]
        else:
            rows = [{"id": f"s{number}", "prompt": one["description"]} for number, one in enumerate(self.images)]
        lines = [f"{key}: {json.dumps(value)}" for key, value in head.items()]
        lines += ["chain: true"] * (self.kind == "scene")
        lines += [f"{'images' if self.kind == 'exercise' else 'shots'}:", *(f"  - {json.dumps(row)}" for row in rows)]
        if self.backwards:
            at = len(lines) - len(rows) - 1
            lines = [*lines[at:], *reversed(lines[:at])]
        return "\n".join([*lines, *["# a remark"] * self.remarks]) + "\n"


@dataclass
class Author:
    """Somebody at work on a project. Every method is one edit; each draws what it needs and leaves a valid project."""

    studio: Studio
    draw: Callable[[st.SearchStrategy[Any]], Any]
    specs: list[Spec] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=lambda: {"base_seed": 1})
    preset: str = "mine"
    steps: int = 20
    bow: int = 30
    lost_cache: bool = False

    def any_spec(self) -> Spec:
        return self.specs[self.draw(st.integers(0, len(self.specs) - 1))]

    def any_image(self) -> Image:
        images = self.any_spec().images
        return images[self.draw(st.integers(0, len(images) - 1))]

    def new_image(self) -> Image:
        image = {"description": self.draw(st.sampled_from(WORDS))}
        if self.draw(st.booleans()):
            image["seed"] = self.draw(st.integers(1, 3))
        return image

    def add_spec(self) -> None:
        taken = {spec.id for spec in self.specs}
        free = [name for name in NAMES if name not in taken]
        if free:
            kind = self.draw(st.sampled_from(["exercise", "exercise", "exercise", "scene"]))
            images = [self.new_image() for _ in range(self.draw(st.integers(1, 3)))]
            self.specs.append(Spec(kind, free[0], self.draw(st.sampled_from(["exercises", "scenes", "exercises/deep"])),
                                   images, self.draw(st.sampled_from(REGIONS))))

    def remove_spec(self) -> None:
        if len(self.specs) > 1:
            self.specs.remove(self.any_spec())

    def edit_image(self) -> None:
        what = self.draw(st.sampled_from(["seed", "description", "pose", "size", "candidates", "title", "caption", "alt"]))
        self.any_image()[what] = self.draw({
            "seed": st.integers(1, 4), "description": st.sampled_from(WORDS), "pose": st.sampled_from(POSES),
            "size": st.sampled_from([[16, 16], [24, 16]]), "candidates": st.integers(1, 3),
        }.get(what, st.sampled_from(WORDS)))

    def add_image(self) -> None:
        images = self.any_spec().images
        images.insert(self.draw(st.integers(0, len(images))), self.new_image())

    def remove_image(self) -> None:
        images = self.any_spec().images
        if len(images) > 1:
            del images[self.draw(st.integers(0, len(images) - 1))]

    def reorder_images(self) -> None:
        spec = self.any_spec()
        spec.images = self.draw(st.permutations(spec.images))

    def duplicate_image(self) -> None:
        images = self.any_spec().images
        twin = {key: value for key, value in self.any_image().items() if key != "id"}
        images.append(twin)

    def name_image(self) -> None:
        spec = self.any_spec()
        image = spec.images[self.draw(st.integers(0, len(spec.images) - 1))]
        name = self.draw(st.sampled_from(["up", "down"]))
        if all(one.get("id") != name for one in spec.images):
            image["id"] = name

    def rename_spec(self) -> None:
        spec, taken = self.any_spec(), {one.id for one in self.specs}
        spec.id = next(name for name in (*NAMES, "z") if name not in taken)

    def move_region(self) -> None:
        self.any_spec().region = self.draw(st.sampled_from(REGIONS))

    def move_file(self) -> None:
        self.any_spec().folder = self.draw(st.sampled_from(["exercises", "scenes", "exercises/deep", "exercises/deeper/still"]))

    def retitle(self) -> None:
        self.any_spec().title = self.draw(st.sampled_from(["One", "Two"]))

    def remark(self) -> None:
        self.any_spec().remarks += 1

    def turn_round(self) -> None:
        spec = self.any_spec()
        spec.backwards = not spec.backwards

    def change_config(self) -> None:
        what = self.draw(st.sampled_from(["base_seed", "candidates", "steps", "preset", "bow", "select"]))
        if what == "base_seed":
            self.config["base_seed"] = self.draw(st.integers(1, 3))
        elif what in ("candidates", "select"):
            value: Any = self.draw(st.integers(1, 2) if what == "candidates" else st.sampled_from(["best", "first"]))
            self.config["defaults"] = {**self.config.get("defaults", {}), what: value}
        elif what == "steps":
            self.steps = self.draw(st.integers(20, 22))
        elif what == "preset":
            self.preset = self.draw(st.sampled_from(["mine", "yours"]))
        else:
            self.bow = self.draw(st.sampled_from([30, 40]))

    def touch(self) -> None:
        for path in (self.studio.root / "specs").rglob("*.yaml"):
            path.touch()

    def delete_asset(self) -> None:
        assets = self._assets()
        if assets:
            self.studio.remove(self.draw(st.sampled_from(assets)))

    def edit_asset(self) -> None:
        assets = self._assets()
        if assets:
            self.studio.write(self.draw(st.sampled_from(assets)), b"somebody's own")

    def delete_build(self) -> None:
        shutil.rmtree(self.studio.root / "build", ignore_errors=True)

    def delete_state(self) -> None:
        shutil.rmtree(self.studio.root / "cache/state", ignore_errors=True)

    def delete_cache(self) -> None:
        self.lost_cache = True
        shutil.rmtree(self.studio.root / "cache", ignore_errors=True)

    def save(self) -> None:
        """Writes what differs from what is there, and removes what is there no more."""
        config = {"version": 1, "renderer": "painter", **self.config,
                  "presets": {self.preset: {"steps": self.steps, "size": [16, 16]}},
                  "defaults": {**self.config.get("defaults", {}), "preset": self.preset}}
        wanted = {spec.file: spec.text() for spec in self.specs}
        wanted["calotype.yaml"] = "".join(f"{key}: {json.dumps(value)}\n" for key, value in config.items())
        wanted["specs/poses/bow.yaml"] = f"base: standing\nneck_flexion: {self.bow}\n"
        for path in (self.studio.root / "specs").rglob("*.yaml"):
            if path.relative_to(self.studio.root).as_posix() not in wanted:
                path.unlink()
        for name, text in wanted.items():
            path = self.studio.root / name
            if not path.exists() or path.read_text() != text:
                self.studio.write(name, text)

    def _assets(self) -> list[str]:
        return [name for name in self.studio.files("content") if name.endswith(".png")]


EDITS = (
    "add_spec", "remove_spec", "edit_image", "edit_image", "edit_image", "add_image", "remove_image", "reorder_images",
    "duplicate_image", "name_image", "rename_spec", "move_region", "move_file", "retitle", "remark", "turn_round",
    "change_config", "touch")
LOSSES = ("delete_asset", "edit_asset", "delete_build", "delete_state", "delete_cache")
