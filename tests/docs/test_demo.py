"""`make demo` on a fresh clone draws before one's eyes, shows what one edit costs, and leaves what git holds alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from conftest import REPOSITORY, Space

COMMITTED = ("calotype.yaml", "specs", "templates", "refs", "content", "docs/demo.py")


def test_the_demo_draws_edits_draws_one_and_says_where_to_go_on(tmp_path: Path) -> None:
    clone = Space(tmp_path / "clone")
    for name in COMMITTED:
        source, target = REPOSITORY / name, clone.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    before = clone.snapshot("specs", "templates", "refs", "content")
    done = subprocess.run(
        [sys.executable, "docs/demo.py", "build/demo"], cwd=clone.root, capture_output=True, text=True, check=True)
    assert "15 images rendered" in done.stdout
    assert "nothing rendered, 15 up to date" in done.stdout
    assert "1 image rendered, 14 up to date" in done.stdout and "neck_flexion: 6.0 -> 25.0" in done.stdout
    assert "  cd build/demo\n" in done.stdout
    for page in ("build/demo/build/index.html", "build/demo/build/changed.html", "build/index.html"):
        assert (clone.root / page).as_uri() in done.stdout and (clone.root / page).is_file()
    assert "warning" not in done.stderr
    assert clone.snapshot("specs", "templates", "refs", "content") == before
