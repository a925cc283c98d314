"""A new scene, whose first shot may be a picture of one's own."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.events import Events
from calotype.ground.light_dataclass import replace
from calotype.ground.lock import build_lock
from calotype.project.new_scene import NewScene, SceneOptions, draft_scene, new_scene, write_scene
from calotype.project.waiting import Stopped, Waiting
from calotype.queries.decisions.begun_scenes import keep_begun, put_in_begun
from calotype.results.publish.own_picture import own_picture

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["SceneOptions", "begin_scene", "size_of_shots"]
LARGEST, SMALLEST, STEP = 2048, 16, 8
"""The most and the fewest pixels of a side of shots that are to be rendered from a picture; sides are multiples of
STEP."""


def begin_scene(
    root: Path, scene: str, brief: str, options: SceneOptions, image: Path | None = None,
    cancel: Callable[[], bool] = lambda: False,
) -> NewScene:
    """As `new_scene`; with the picture in the file `image`, if there is one, put in for the first shot. All shots have
    its size then, or the next that they can have, to which it is brought. While a build is at work it waits, so that
    none renders that shot, but not while an endpoint writes the board; `cancel` ends either wait.

    Raises Problem as well where the picture cannot be used, Stopped where it was to wait no longer; no spec is left
    then. One that is killed is finished by the next build.
    """
    if image is None:
        return new_scene(root, scene, brief, options, cancel)
    picture = own_picture(root, image)
    size = _fitting(picture.size)
    made = draft_scene(root, scene, brief, replace(options, size=size), cancel, own_picture=True)
    data = _png(picture, size)
    with build_lock(root, Waiting("a build", Events(), cancel)):
        if cancel():
            raise Stopped
        begun = keep_begun(root, made.targets[0], data)
        try:
            write_scene(root, scene, made, options)
            try:
                put_in_begun(root, made.targets[0], begun)
            except BaseException:
                (root / made.file).unlink(missing_ok=True)
                raise
        finally:
            begun.unlink(missing_ok=True)
            with suppress(OSError):
                begun.parent.rmdir()
    notes = [_note(image, picture.size, size)] if picture.size != size else []
    return replace(made, diagnostics=(*made.diagnostics, *notes))


def size_of_shots(root: Path, image: Path) -> tuple[int, int]:
    """The size, in pixels, of shots that start from the picture in the file `image`. Raises Problem for what is no
    picture."""
    return _fitting(own_picture(root, image).size)


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    """The size nearest below `size` that shots can have: smaller as a whole where a side is too long, else cropped."""
    scale = min(1.0, LARGEST / max(size))
    width, height = (max(SMALLEST, int(side * scale) // STEP * STEP) for side in size)
    return width, height


def _png(picture: Picture, size: tuple[int, int]) -> bytes:
    from calotype.ground.images import fitted

    file = io.BytesIO()
    fitted(picture, size).save(file, "PNG")
    return file.getvalue()


def _note(image: Path, before: tuple[int, int], after: tuple[int, int]) -> Diagnostic:
    crops = before[0] * after[1] != before[1] * after[0]
    scales = max(before) > LARGEST or min(before) < SMALLEST
    did = " and ".join([*(["scaled"] if scales else []), *(["cropped"] if crops else [])])
    message = (f"`{image}` is {before[0]} x {before[1]} pixels: it is {did} to {after[0]} x {after[1]}, the size of all"
               " shots")
    hint = f"sides of shots are multiples of {STEP} from {SMALLEST} to {LARGEST}"
    return Diagnostic("note", "picture-fitted", message, hint=hint)
