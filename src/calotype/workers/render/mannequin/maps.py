"""Conditioning maps of a posture for ControlNet: pure functions of pose, view and size. Must not know who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.figure import top_worn
from calotype.workers.render.mannequin import line_art
from calotype.workers.render.mannequin.keypoints import flat_points, keypoints
from calotype.workers.render.mannequin.scene import PROP, Scene, Surface, compose, figure, render
from calotype.workers.render.mannequin.surface.wardrobe import clothes

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

Array = NDArray[Any]

KINDS = ("openpose", "depth", "canny", "lineart", "scribble", "segmentation")

SCRIBBLE = 0.012
"""How wide the lines of a scribble are, as a part of the picture's shorter side."""

LIMBS = ((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13), (1, 0),
         (0, 14), (14, 16), (0, 15), (15, 17))
"""OpenPose's limbs between COCO-18 keypoints (Cao et al., 2017), in the order of their colours."""
COLOURS = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0), (0, 255, 0), (0, 255, 85),
    (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255), (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255),
    (255, 0, 170), (255, 0, 85),
)
ADE20K: dict[str, tuple[int, int, int]] = {
    "person": (150, 5, 61), "ground": (120, 120, 120), "table": (255, 6, 82), "chair": (204, 70, 3),
    "bench": (204, 70, 3), "wall": (120, 120, 120), "stool": (0, 214, 255), "bed": (204, 5, 255),
    "pillow": (0, 235, 255), "towel": (255, 0, 102), "ball": (255, 0, 163), "step": (255, 0, 143),
    "doorway": (8, 255, 51),
}
"""Colours of the ADE20K palette that ControlNet's segmentation models were trained on; other props are black."""


def stick_width(profile: str, size: tuple[int, int]) -> int:
    """Half the width of an OpenPose limb in pixels, as a model was trained on.

    `openpose` (thibaud, lllyasviel): 4. `xinsir` scales it with the longer side (comfyui_controlnet_aux #447).
    """
    if profile != "xinsir":
        return 4
    longer = max(size)
    return 4 * (1 if longer < 500 else min(2 + longer // 1000, 7))


@dataclass(frozen=True, slots=True)
class Maps:
    """The maps of one posture from one view: pictures by kind, and the keypoint JSON."""

    pictures: Mapping[str, Pixels]
    keypoints: Mapping[str, Any]


def maps(
    posture: Mapping[str, Any], view: str, side: str, size: tuple[int, int], joints: Sequence[str] = (),
    kinds: Sequence[str] = KINDS, profile: str = "openpose", hidden: bool = False,
) -> Maps:
    """The maps of a canonical posture, `size` in pixels; `joints` is what a close-up shows.

    `hidden` keeps joints that lie behind another part of the scene in the keypoints and in `openpose`.
    `openpose`, `segmentation` are RGB; `depth` (nearer is lighter), `canny`, `lineart` and `scribble` (white on black)
    are L.
    """
    scene, = compose([figure(posture, size)], view, side, joints, size)
    surface = render(scene, 1)
    points = keypoints(scene, None if hidden else surface)
    draw = {
        "openpose": lambda: openpose(points, profile),
        "depth": lambda: depth(scene, surface),
        "canny": lambda: canny(scene, surface),
        "lineart": lambda: lineart(scene),
        "scribble": lambda: scribble(scene, surface),
        "segmentation": lambda: segmentation(scene, surface),
    }
    return Maps({kind: draw[kind]() for kind in kinds}, points)


def openpose(document: Mapping[str, Any], profile: str = "openpose") -> Pixels:
    """The stick figure of keypoint JSON, on black, in OpenPose's colours."""
    from PIL import Image, ImageDraw

    size = (int(document["canvas_width"]), int(document["canvas_height"]))
    half = stick_width(profile, size)
    finer = 2
    canvas = Image.new("RGB", (size[0] * finer, size[1] * finer))
    pen = ImageDraw.Draw(canvas)
    points = [(x * finer, y * finer, seen) for x, y, seen in flat_points(document)]
    for (a, b), colour in zip(LIMBS, COLOURS, strict=False):
        if points[a][2] and points[b][2]:
            faded = tuple(int(channel * 0.6) for channel in colour)
            pen.polygon(_stick(points[a][:2], points[b][:2], half * finer), fill=faded)
    for (x, y, seen), colour in zip(points, COLOURS, strict=True):
        if seen:
            r = half * finer
            pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    return canvas.reduce(finer)


def _stick(a: tuple[float, float], b: tuple[float, float], half: float) -> list[tuple[float, float]]:
    """An ellipse from a to b, `half` wide on each side: the shape of OpenPose's limbs."""
    start, end = np.array(a), np.array(b)
    along, length = end - start, float(np.linalg.norm(end - start))
    across = np.array([-along[1], along[0]]) / max(length, 1e-6) * half
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)[:, None]
    return [(float(x), float(y)) for x, y in (start + end) / 2 + np.cos(angle) * along / 2 + np.sin(angle) * across]


def depth(scene: Scene, surface: Surface) -> Pixels:
    """Nearer is lighter, as MiDaS has it: from 255 at the nearest point to 64 at the furthest, the ground 0."""
    seen = surface.depth[surface.ys, surface.xs]
    plane = np.zeros(surface.label.shape, np.uint8)
    if len(seen):
        near, far = float(seen.min()), float(seen.max())
        plane[surface.ys, surface.xs] = 255 - 191 * (seen - near) / max(far - near, 1e-6)
    return _placed(scene, surface, plane)


def canny(scene: Scene, surface: Surface) -> Pixels:
    """One-pixel edges, white on black: what Canny would find in the drawing, without its noise."""
    return _placed(scene, surface, (_edges(scene, surface) * 255).astype(np.uint8))


def lineart(scene: Scene) -> Pixels:
    """Smooth lines, white on black."""
    finer = 2
    surface = render(scene, finer)
    unit = min(scene.frame.width, scene.frame.height) * finer
    lines = line_art.thicken(_edges(scene, surface), max(line_art.INNER * unit, 1.0))
    return _placed(scene, surface, (lines * 255).astype(np.uint8), finer).reduce(finer)


def scribble(scene: Scene, surface: Surface) -> Pixels:
    """Lines as of a thick pen, white on black with no tone between, as ControlNets for scribbles were trained on."""
    width = SCRIBBLE * min(scene.frame.width, scene.frame.height)
    return _placed(scene, surface, (line_art.thicken(_edges(scene, surface), width) * 255).astype(np.uint8))


def segmentation(scene: Scene, surface: Surface) -> Pixels:
    """What stands where, in the colours of ADE20K."""
    from PIL import Image

    plane = np.empty((scene.frame.height, scene.frame.width, 3), np.uint8)
    plane[:] = ADE20K["ground"]
    label = surface.part
    colour = np.where((label < PROP)[:, None], np.array(ADE20K["person"]), 0)
    for piece, solid in enumerate(scene.solids):
        colour[(label - PROP) // 8 == piece] = ADE20K.get(solid.prop, (0, 0, 0))
    rows, columns = surface.ys + surface.top, surface.xs + surface.left
    inside = (rows < scene.frame.height) & (columns < scene.frame.width)
    plane[rows[inside], columns[inside]] = colour[inside]
    return Image.fromarray(plane)


def _edges(scene: Scene, surface: Surface) -> Array:
    worn = np.zeros(surface.label.shape, np.int16)
    worn[surface.ys, surface.xs] = clothes(surface, top=top_worn(scene.posture))
    outer, inner, seam = line_art.edges(surface, worn)
    return outer | inner | seam


def _placed(scene: Scene, surface: Surface, plane: Array, finer: int = 1) -> Pixels:
    """The window's plane on a black picture."""
    from PIL import Image

    whole = Image.new("L", (scene.frame.width * finer, scene.frame.height * finer))
    whole.paste(Image.fromarray(plane), (surface.left, surface.top))
    return whole
