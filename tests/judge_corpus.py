"""A corpus of drawings with known faults, for tests of scorers and gates: the mannequin draws them, Pillow spoils them.

`corpus(folder)` writes each as `NAME.png` and gives their paths by name. `plain` shows just what `POSTURE`, `VIEW` and
`SIZE` ask for; every other is the same picture with one fault, or what its name says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from calotype.language.pose import resolve
from calotype.language.pose.posture import mirror
from calotype.workers.render.mannequin.draw import draw

SIZE = (512, 512)
VIEW = "anterior"
WRITTEN: Mapping[str, Any] = {
    "base": "standing", "right": {"shoulder_abduction": 140, "elbow_flexion": 20},
    "left": {"shoulder_abduction": 25, "hip_abduction": 25},
}
"""The pose as a spec writes it: the right arm up, the left leg out, so that the sides can be told apart."""
POSTURE = resolve(WRITTEN, None, {})
OTHER_FIGURE: Mapping[str, Any] = {"height": 130, "build": "broad", "sex": "female", "hair": "long"}

SKIN, SHIRT, TROUSERS, HAIR = (214, 150, 110), (44, 92, 160), (70, 72, 80), (88, 56, 36)
OTHER_SHIRT, OTHER_TROUSERS = (40, 130, 60), (190, 170, 60)
WORDS = "Shoulder abduction"
WATERMARK = "SAMPLE STOCK"


def corpus(folder: Path) -> dict[str, Path]:
    """Writes all of the corpus into `folder`: name -> path. The bytes are the same every time."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.png" for name in PICTURES}
    for name, path in paths.items():
        picture(name).save(path)
    return paths


def picture(name: str) -> Image.Image:
    """One of PICTURES, RGB."""
    return PICTURES[name]()


def drawn(
    written: Mapping[str, Any] = WRITTEN, seed: int = 1, size: tuple[int, int] = SIZE, drawing: str = "line",
    view: str = VIEW, mirrored: bool = False,
) -> Image.Image:
    """The drawing of a pose as a spec writes it; `mirrored`: of the same pose with its sides exchanged."""
    posture = resolve(written, None, {})
    return draw({
        "posture": mirror(posture) if mirrored else posture, "seed": seed, "size": list(size), "drawing": drawing,
        "view": view, "side": "right", "position": posture["base"], "muscles": [], "joints": [],
    })


def coloured(
    line: Image.Image, shirt: tuple[int, int, int] = SHIRT, trousers: tuple[int, int, int] = TROUSERS,
) -> Image.Image:
    """A line drawing as of a dressed character: of the figure's height, hair, skin, shirt and trousers from above."""
    mask = figure_mask(line)
    box = mask.getbbox()
    assert box is not None
    left, top, right, bottom = box
    dress = Image.new("RGB", line.size, "white")
    for start, end, colour in ((0, 0.06, HAIR), (0.06, 0.17, SKIN), (0.17, 0.5, shirt), (0.5, 1.0, trousers)):
        height = bottom - top
        dress.paste(colour, (left, round(top + start * height), right, round(top + end * height)))
    ink = Image.merge("RGB", [line.convert("L")] * 3)
    painted = Image.blend(dress, ink, 0.25)
    painted.paste(ink, mask=line.convert("L").point(lambda level: 255 if level < 120 else 0))
    return Image.composite(painted, Image.new("RGB", line.size, "white"), mask)


def figure_mask(line: Image.Image) -> Image.Image:
    """255 where a drawing shows its figure: what the paper does not reach from the edges. Shadows count as paper."""
    paper = line.convert("L").point(lambda level: 255 if level > 190 else 0)
    padded = ImageOps.expand(paper, 1, 255)
    ImageDraw.floodfill(padded, (0, 0), 128)
    return padded.crop((1, 1, line.width + 1, line.height + 1)).point(lambda level: 0 if level == 128 else 255)


def lettered(
    base: Image.Image, words: str = WORDS, height: int = 40, angle: float = 0, opacity: float = 1.0,
    at: tuple[int, int] | None = None, colour: tuple[int, int, int] = (30, 30, 30),
) -> Image.Image:
    """`base` with one line of lettering, `height` pixels high, turned by `angle` degrees against the clock. `at` is the
    upper left corner of what is written; the middle of the picture where it is None."""
    font = ImageFont.load_default(size=height)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(words))
    ink = Image.new("L", (right - left + 4, bottom - top + 4), 0)
    ImageDraw.Draw(ink).text((2 - left, 2 - top), words, fill=round(255 * opacity), font=font)
    ink = ink.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    place = at or ((base.width - ink.width) // 2, (base.height - ink.height) // 2)
    written = base.copy()
    written.paste(colour, (*place, place[0] + ink.width, place[1] + ink.height), ink)
    return written


def cropped(base: Image.Image, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> Image.Image:
    """`base` moved so that these shares of its figure's width or height lie outside the edge that they are named by."""
    bounds = figure_mask(base).getbbox()
    assert bounds is not None
    wide, high = bounds[2] - bounds[0], bounds[3] - bounds[1]
    across = -bounds[0] - round(left * wide) if left else base.width - bounds[2] + round(right * wide) if right else 0
    down = -bounds[1] - round(top * high) if top else base.height - bounds[3] + round(bottom * high) if bottom else 0
    moved = Image.new("RGB", base.size, base.getpixel((0, 0)))
    moved.paste(base, (across, down))
    return moved


def tiny(base: Image.Image, share: float = 0.2) -> Image.Image:
    """The figure at this share of its size, in the middle of the paper."""
    small = base.resize((round(base.width * share), round(base.height * share)), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", base.size, "white")
    paper.paste(small, ((base.width - small.width) // 2, (base.height - small.height) // 2))
    return paper


@cache
def _plain() -> Image.Image:
    return drawn()


@cache
def _dressed() -> Image.Image:
    return coloured(_plain())


PICTURES: Mapping[str, Callable[[], Image.Image]] = {
    "plain": _plain,
    "again": lambda: drawn(seed=2),
    "mesh": lambda: drawn(drawing="mesh"),
    "dressed": _dressed,
    "dressed_again": lambda: coloured(drawn(seed=2)),
    "sides_exchanged": lambda: drawn(mirrored=True),
    "other_pose": lambda: drawn({"base": "seated"}),
    "cropped_head": lambda: cropped(_plain(), top=0.12),
    "cropped_feet": lambda: cropped(_plain(), bottom=0.2),
    "cropped_side": lambda: cropped(_plain(), left=0.3),
    "blurred": lambda: _plain().filter(ImageFilter.GaussianBlur(4)),
    "other_palette": lambda: coloured(_plain(), OTHER_SHIRT, OTHER_TROUSERS),
    "other_character": lambda: coloured(drawn({**WRITTEN, "figure": OTHER_FIGURE}), OTHER_SHIRT, OTHER_TROUSERS),
    "other_figure": lambda: drawn({**WRITTEN, "figure": OTHER_FIGURE}),
    "black": lambda: Image.new("RGB", SIZE, "black"),
    "white": lambda: Image.new("RGB", SIZE, "white"),
    "noise": lambda: Image.frombytes("RGB", SIZE, Random(1).randbytes(SIZE[0] * SIZE[1] * 3)),
    "lettering": lambda: lettered(_plain(), at=(40, 20)),
    "watermark": lambda: lettered(_plain(), WATERMARK, 64, 30, 0.25, colour=(90, 90, 90)),
    "signature": lambda: lettered(_plain(), "A. Painter", 18, at=(400, 480)),
    "tiny": lambda: tiny(_plain()),
}
"""Name -> how it is made."""
