"""`python docs/make_gallery.py`: what the specs ask for, drawn small, with its alt text: docs/gallery.md."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "src"))

from calotype import Project  # noqa: E402
from calotype.project.answers import TargetRow  # noqa: E402
from calotype.queries.pose_drawing import PoseOptions, PoseResult  # noqa: E402

DRAWN, SHOWN, COLUMNS = 512, 300, 3
HEAD = """# Gallery

Everything that the specs of this repository ask for, as the embedded renderer draws it from joint angles alone, with
the alt text beside it; of each variation the first picture. Made by `python docs/make_gallery.py`; a test holds this
page against the specs.
"""
GROUPS = {
    "exercises": "Exercises", "characters/mannequin/anchors": "Anchors",
    "characters/mannequin/variations": "Variations", "scenes": "Scenes",
}


def page(project: Project) -> str:
    """The text of docs/gallery.md, from the specs as they are."""
    rows = sorted(shown(project), key=lambda row: list(GROUPS).index(group(row.target)))
    parts = [HEAD]
    for name, members in groupby(rows, key=lambda row: group(row.target)):
        told = [(row.target, row.title, project.pose(row.target)) for row in members]
        parts.append(f"## {GROUPS[name]}\n\n" + "\n".join(table(told)))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def shown(project: Project) -> list[TargetRow]:
    """What the page shows: every image, of each variation the first."""
    images = [row for row in project.list() if row.target.startswith(tuple(f"{name}/" for name in GROUPS))]
    return [row for row in images if "/variations/" not in row.target or row.target.endswith("_01")]


def group(target: str) -> str:
    return next(name for name in GROUPS if target.startswith(f"{name}/"))


def table(told: Sequence[tuple[str, str, PoseResult]]) -> Iterator[str]:
    yield "|" + " |" * COLUMNS
    yield "|" + " --- |" * COLUMNS
    for start in range(0, len(told), COLUMNS):
        yield "| " + " | ".join(cell(*one) for one in told[start:start + COLUMNS]) + " |"


def cell(target: str, title: str, posed: PoseResult) -> str:
    alt = posed.alt.replace("|", "/")
    return f"![{alt}](gallery/{file_name(target)})<br>`{target}`<br>{alt}"


def file_name(target: str) -> str:
    return target.replace("/", "_") + ".webp"


def thumbnail(project: Project, target: str, folder: Path) -> None:
    from PIL import Image

    width, height = project.pose(target).size
    scale = DRAWN / max(width, height)
    size = (round(width * scale / 8) * 8, round(height * scale / 8) * 8)
    with tempfile.TemporaryDirectory() as temporary:
        posed = project.pose(target, Path(temporary), PoseOptions(size=size))
        with Image.open(posed.paths[0]) as drawn:
            drawn.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS)
            drawn.save(folder / file_name(target), "WEBP", quality=82, method=6)


def main() -> None:
    project, folder = Project.open(ROOT), HERE / "gallery"
    folder.mkdir(exist_ok=True)
    targets = [row.target for row in shown(project)]
    for target in targets:
        thumbnail(project, target, folder)
    for gone in {file.name for file in folder.iterdir()} - {file_name(target) for target in targets}:
        (folder / gone).unlink()
    (HERE / "gallery.md").write_text(page(project), encoding="utf-8")


if __name__ == "__main__":
    main()
