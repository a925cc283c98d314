"""`python docs/make_library.py`: the exercises of `calotype init --template physio` on one page, docs/library.md.

Each region is one picture, `pictures/library-REGION.webp`, on which every exercise stands with its title and images.
The keys of what was drawn are kept beside them: a region is drawn again when they differ, and a test tells when they
do. Where the drawing changed under the same keys, remove the pictures first.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "src"))

from calotype.language.instructions import Instructions, dosage_in_words, instructions_of  # noqa: E402
from calotype.queries.status import status_query  # noqa: E402

if TYPE_CHECKING:
    from PIL import Image

PICTURES, KEYS = HERE / "pictures", HERE / "pictures/library.json"
DRAWN, SHOWN, WIDTH = 448, 200, 1240
"""Pixels: of a drawing before it is made smaller, of one on a sheet, of a sheet."""
GAP, TITLE = 16, 26
HEAD = """# A library of exercises

`calotype init --template physio clinic` begins with these {exercises} exercises in {regions} regions, {pictures}
pictures in all, each drawn from joint angles, with its dosage, what to mind and what it takes. They are files of your
project: change what you like, and put them on paper with [`calotype handout`](cli.md#handout-target).
"""


REGIONS = {"ankle_foot": "Ankle and foot", "wrist_hand": "Wrist and hand"}


class Exercise:
    """What is shown of one exercise. `requests` are those of its images, in order, and `keys` their action keys."""

    def __init__(
        self, region: str, spec_id: str, title: str, told: Instructions, requests: Sequence[Mapping[str, Any]],
        keys: Mapping[str, str],
    ) -> None:
        self.region, self.id, self.title, self.told = region, spec_id, title, told
        self.requests, self.keys = requests, keys


def begin(project: Path) -> None:
    """The template, written to the folder `project`."""
    command = [sys.executable, "-m", "calotype", "init", "-q", "--template", "physio", str(project)]
    subprocess.run(command, check=True, env={"PYTHONPATH": str(ROOT / "src")})


def read(project: Path) -> list[Exercise]:
    """The exercises by region and id."""
    exercises = []
    with status_query(project, ()) as query:
        for spec, targets in groupby(query.targets(), key=lambda target: target.spec):
            images = [target.planned for target in targets]
            requests = [query.workspace.renderer(planned.image.renderer).request(planned.image) for planned in images]
            keys = {planned.image.target: planned.keys[0] for planned in images}
            exercises.append(Exercise(
                str(spec.data["region"]), spec.id, spec.title, instructions_of(spec.data), requests, keys))
    return sorted(exercises, key=lambda exercise: (exercise.region, exercise.id))


def keys_of(exercises: Sequence[Exercise]) -> dict[str, dict[str, str]]:
    """By region, the key of each image, and the title under which it stands."""
    return {
        region: {target: f"{key} {exercise.title}" for exercise in members for target, key in exercise.keys.items()}
        for region, members in by_region(exercises).items()
    }


def page(exercises: Sequence[Exercise]) -> str:
    """The text of docs/library.md."""
    regions = by_region(exercises)
    pictures = sum(len(exercise.requests) for exercise in exercises)
    parts = [HEAD.format(exercises=len(exercises), regions=len(regions), pictures=pictures)]
    parts += ["\n".join(section(region, members)) for region, members in regions.items()]
    return "\n".join(parts)


def by_region(exercises: Sequence[Exercise]) -> dict[str, list[Exercise]]:
    return {region: list(members) for region, members in groupby(exercises, key=lambda exercise: exercise.region)}


def section(region: str, exercises: Sequence[Exercise]) -> Iterator[str]:
    titles = ", ".join(exercise.title for exercise in exercises)
    yield f"## {words(region)}\n\n![{titles}](pictures/library-{region}.webp)\n"
    yield "| exercise | what it is for | how much | it takes |\n| --- | --- | --- | --- |"
    for exercise in exercises:
        dosage = ", ".join(f"{term.lower()}: {amount}" for term, amount in dosage_in_words(exercise.told.dosage))
        purpose, needed = " ".join(exercise.told.paragraphs), ", ".join(exercise.told.equipment)
        cells = (f"`{exercise.id}`", purpose, dosage, needed or "nothing")
        yield "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
    yield ""


def words(region: str) -> str:
    return REGIONS.get(region, region.replace("_", " ").capitalize())


def sheet(exercises: Sequence[Exercise]) -> Image.Image:
    """One region: cards side by side, as many as find room in a row."""
    from PIL import Image

    cards = [card(exercise, [drawing(request) for request in exercise.requests]) for exercise in exercises]
    rows: list[list[Image.Image]] = [[]]
    for drawn in cards:
        if rows[-1] and sum(other.width + GAP for other in rows[-1]) + drawn.width > WIDTH:
            rows.append([])
        rows[-1].append(drawn)
    height = cards[0].height + GAP
    whole = Image.new("RGB", (WIDTH, height * len(rows)), "white")
    for number, row in enumerate(rows):
        left = 0
        for drawn in row:
            whole.paste(drawn, (left, number * height))
            left += drawn.width + GAP
    return whole


def card(exercise: Exercise, pictures: Sequence[Image.Image]) -> Image.Image:
    from PIL import Image, ImageDraw, ImageFont

    made = Image.new("RGB", (SHOWN * len(pictures), SHOWN + TITLE), "white")
    for number, picture in enumerate(pictures):
        made.paste(picture, (number * SHOWN + (SHOWN - picture.width) // 2, TITLE + (SHOWN - picture.height) // 2))
    pen = ImageDraw.Draw(made)
    pen.text((4, 5), exercise.title, fill="#222222", font=ImageFont.load_default(15))
    pen.rectangle((0, 0, made.width - 1, made.height - 1), outline="#cccccc")
    return made


def drawing(request: Mapping[str, Any]) -> Image.Image:
    from PIL import Image

    from calotype.workers.render.mannequin.draw import draw

    width, height = request["size"]
    scale = DRAWN / max(width, height)
    picture = draw({**request, "size": [round(side * scale / 8) * 8 for side in (width, height)], "seed": None})
    picture.thumbnail((SHOWN - 8, SHOWN - 8), Image.Resampling.LANCZOS)
    return picture.convert("RGB")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        begin(Path(folder) / "clinic")
        exercises = read(Path(folder) / "clinic")
    regions, keys = by_region(exercises), keys_of(exercises)
    drawn = json.loads(KEYS.read_text(encoding="utf-8")) if KEYS.exists() else {}
    for old in PICTURES.glob("library-*.webp"):
        region = old.stem.removeprefix("library-")
        if region not in keys or drawn.get(region) != keys[region]:
            old.unlink()
    for region, members in regions.items():
        picture = PICTURES / f"library-{region}.webp"
        if not picture.exists():
            sheet(members).save(picture, "WEBP", quality=80, method=6)
    (HERE / "library.md").write_text(page(exercises), encoding="utf-8")
    KEYS.write_text(json.dumps(keys, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
