"""Whether git is in the middle of a checkout: it holds a lock beside its index from the first file to the last."""

from __future__ import annotations

from pathlib import Path

_GITDIR = "gitdir:"


def index_lock(root: Path) -> Path | None:
    """The lock that git holds while it changes files below `root`, if the project lies in a repository."""
    for folder in (root, *root.parents):
        git = folder / ".git"
        if git.is_dir():
            return git / "index.lock"
        if git.is_file():  # a worktree, or a submodule
            words = git.read_text(encoding="utf-8", errors="replace").strip()
            return folder / words.removeprefix(_GITDIR).strip() / "index.lock" if words.startswith(_GITDIR) else None
    return None
