"""A new scene whose first shot is a picture of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from calotype.ground.diagnostics import Problem, error
from calotype.ground.events import Events
from calotype.ground.light_dataclass import replace
from calotype.ground.lock import build_lock
from calotype.project.new_scene import NewScene, SceneOptions, new_scene
from calotype.project.waiting import Waiting
from calotype.queries.decisions.put_in import put_in_between_builds
from calotype.results.publish.own_picture import own_picture

__all__ = ["SceneOptions", "begin_scene", "size_of_shots"]
LARGEST = 2048
"""The most pixels of a side of shots that are to be rendered from a picture."""


def begin_scene(
    root: Path, scene: str, brief: str, options: SceneOptions, image: Path | None = None,
    cancel: Callable[[], bool] = lambda: False,
) -> NewScene:
    """As `new_scene`; with the picture in the file `image`, if there is one, put in for the first shot. All shots have
    its size then. While a build is at work it waits, so that none renders that shot; `cancel` ends the wait.

    Raises Problem as well where the picture cannot be used, Stopped where it was to wait no longer; no spec is left
    then.
    """
    if image is None:
        return new_scene(root, scene, brief, options)
    size = size_of_shots(root, image)
    with build_lock(root, Waiting("a build", Events(), cancel)):
        made = new_scene(root, scene, brief, replace(options, size=size))
        try:
            put_in_between_builds(root, made.targets[0], image)
        except BaseException:
            (root / made.file).unlink(missing_ok=True)
            raise
    return made


def size_of_shots(root: Path, image: Path) -> tuple[int, int]:
    """The size, in pixels, of the picture in the file `image`. Raises Problem for one of which no other shot can be."""
    width, height = size = own_picture(root, image).size
    scale = min(1.0, LARGEST / max(size))
    fitting = max(16, int(width * scale) // 8 * 8), max(16, int(height * scale) // 8 * 8)
    if fitting != size:
        raise Problem(error(
            "image", f"`{image}` is {width} x {height} pixels: the other shots have its size, and theirs are multiples"
            f" of 8 from 16 to {LARGEST}", file=str(image), hint=f"scale or crop it to {fitting[0]} x {fitting[1]}"))
    return size
