"""`make demo`: the sample's exercises drawn in a folder of their own, one of them edited, and where to go on.

Usage: demo.py DIR. What stands in DIR is replaced; nothing else of the repository is changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
CALOTYPE = Path(sys.executable).with_name("calotype")
SPEC, OLD, NEW = "specs/exercises/neck/chin_tuck.yaml", "neck_retraction: 4.5, neck_flexion: 6", "neck_flexion: 25"
NEXT = """
pages:   {pages}
changed: {changed}   (before and after)
sample:  {sample}   (all of it, as it is committed: a character and a scene too)

Now you. It is a project like yours, and git sees nothing of it:

  cd {folder}
  $EDITOR specs/exercises/hip/piriformis_stretch.yaml     # an angle, a title, a comment
  {calotype} plan      # what a build would do, and why
  {calotype} build     # do it, and reload the page

Or look at it while you edit: this opens the pages in the browser, alive, until ^C:

  {studio} studio --project {there}
"""


def main(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("calotype.yaml", "specs/exercises", "specs/poses", "templates"):
        _copy(REPOSITORY / name, folder / name)
    _say("Five exercises, three images each. Nothing is drawn yet:")
    _calotype(folder, "build", "-v")
    _say("Once more. Nothing changed, so nothing is drawn:")
    _calotype(folder, "build")
    _say(f"Now one line of {SPEC}\n  {OLD}\nbecomes\n  {NEW}")
    spec = folder / SPEC
    spec.write_text(spec.read_text(encoding="utf-8").replace(OLD, NEW), encoding="utf-8")
    _calotype(folder, "plan")
    _calotype(folder, "build")
    _run(REPOSITORY, "build", "--quiet")
    pages = folder / "build"
    print(NEXT.format(
        pages=(pages / "index.html").as_uri(), changed=(pages / "changed.html").as_uri(),
        sample=(REPOSITORY / "build/index.html").as_uri(), folder=os.path.relpath(folder),
        calotype=os.path.relpath(CALOTYPE, folder), studio=os.path.relpath(CALOTYPE), there=os.path.relpath(folder)),
        flush=True)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def _say(text: str) -> None:
    print(f"\n{text}\n", flush=True)


def _calotype(folder: Path, *words: str) -> None:
    print(f"$ calotype {' '.join(words)}", flush=True)
    _run(folder, *words)


def _run(folder: Path, *words: str) -> None:
    subprocess.run([CALOTYPE, *words], cwd=folder, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
