"""Pictures that are to be first shots, kept until they are: a scene that was killed while it began is finished.

Order: the picture is durable here, then the spec, then the decision that it stands for the first shot; then it goes
from here. So wherever that ends, no build renders the shot that a picture was given for.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.atomic import point, sync_directories, write_bytes
from calotype.ground.diagnostics import Problem, error
from calotype.ground.events import Events
from calotype.ground.folders import BEGUN, SPECS
from calotype.ground.lock import build_lock
from calotype.project.waiting import Stopped, Waiting

if TYPE_CHECKING:
    from calotype.project.opening import Session

_SUFFIX = ".png"
_IN_ALREADY = "known-picture"
_HOPELESS = ("image", "unknown-target")


def keep_begun(root: Path, target: str, picture: bytes) -> Path:
    """The file of the PNG `picture`, which is to be put in for `target`: durable when it returns."""
    _, scene, shot = target.split("/")
    path = root / BEGUN / f"{scene}.{shot}{_SUFFIX}"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, picture)
    sync_directories([path.parent])
    point("scene-picture-kept")
    return path


def put_in_begun(root: Path, target: str, picture: Path) -> None:
    """Puts a kept picture in, and lets it go. For one who holds the build lock."""
    from calotype.queries.decisions.put_in import put_in_between_builds

    point("scene-written")
    put_in_between_builds(root, target, picture)
    point("scene-picture-put-in")
    picture.unlink(missing_ok=True)


def with_begun(session: Session, cancel: Callable[[], bool] | None) -> Session:
    """`session`, with the pictures put in of scenes that were killed while they began. While a build is at work it
    waits; `cancel` ends the wait, and nothing is done. Raises Problem where one cannot be put in."""
    folder = session.root / BEGUN
    if not folder.is_dir():
        return session
    with suppress(Stopped), build_lock(session.root, Waiting("a build", Events(), cancel or (lambda: False))):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            _finish(session.root, path)
        with suppress(OSError):
            folder.rmdir()
        session.forget_comparison()
    return session


def _finish(root: Path, path: Path) -> None:
    """What is no kept picture is half of one; where no spec was written, nothing has begun."""
    scene, _, shot = path.name.removesuffix(_SUFFIX).partition(".")
    if path.suffix == _SUFFIX and (root / SPECS / "scenes" / f"{scene}.yaml").exists():
        try:
            put_in_begun(root, f"scenes/{scene}/{shot}", path)
        except Problem as problem:
            _weigh(problem, path, f"scenes/{scene}/{shot}")
    path.unlink(missing_ok=True)


def _weigh(problem: Problem, path: Path, target: str) -> None:
    """Raises `problem`, unless the picture is in already. One that never can be is tried no second time."""
    first = problem.diagnostics[0]
    if first.code == _IN_ALREADY:
        return
    if first.code in _HOPELESS:
        path.unlink(missing_ok=True)
        raise Problem(error(
            first.code, f"the picture that `{target}` was begun with cannot be put in: {first.message}",
            hint=f"put it in yourself: calotype pick {target} FILE; or build, which renders that shot")) from None
    raise problem
