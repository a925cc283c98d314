"""`python docs/make_bases.py`: a drawing of every base posture, for docs/pose.md."""

from __future__ import annotations

from pathlib import Path

from calotype.language.pose import resolve
from calotype.language.pose.terms import BASES
from calotype.workers.render.mannequin.draw import draw

FOLDER = Path(__file__).parent / "bases"
SIZE = 256


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for base in BASES:
        view = "anterior" if base == "side_lying" else "lateral"
        picture = draw({
            "seed": None, "size": [SIZE, SIZE], "drawing": "line", "view": view, "side": "right",
            "posture": resolve(base, None, {}), "muscles": [], "joints": [],
        })
        picture.save(FOLDER / f"{base}.webp", quality=80, method=6)


if __name__ == "__main__":
    main()
