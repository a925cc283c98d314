"""The candidates of a target as files, to be looked at and retouched outside, with a list of what is known of each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import Problem, error
from calotype.ground.digest import sha256
from calotype.ground.files import read_file
from calotype.ground.folders import CACHE, TREES
from calotype.ground.images import MAX_BYTES
from calotype.ground.light_dataclass import asdict, replace
from calotype.ground.refusals import make_output_folder, require_folder_fits
from calotype.plan.planned import Planned
from calotype.project.answers import CandidateFiles, CandidateRow, TargetPicture
from calotype.project.workspace import Workspace
from calotype.queries.show import candidates
from calotype.queries.status import status_query
from calotype.queries.target_named import target_named

LIST = "scores.json"
SCHEMA = 1
_ELSEWHERE = "name another folder with -o"


def write_candidates(root: Path, target: str, to: Path) -> CandidateFiles:
    """Writes the candidates of `target` into the folder `to`, as `front_01.png`, ..., and `scores.json` beside them.

    Those whose bytes are gone have no file. Raises Problem, and writes nothing, where no candidate is rendered, `to` is
    in a folder that decides a build, or what stands there was not written so before.
    """
    with status_query(root, (target,)) as query:
        planned = target_named(query, target).planned
        workspace = query.workspace
        _require_free(to, workspace)
        rows = list(_written(planned, workspace))
        if not rows:
            raise Problem(error("not-rendered", f"no candidate of `{planned.image.target}` is rendered",
                                hint=f"`calotype build {planned.image.target}` renders them"))
        files = {row.file: data for row, data in rows if row.file is not None and data is not None}
        _require_replaceable(to, files)
    make_output_folder(to, _ELSEWHERE)
    for name, data in files.items():
        write_bytes(to / name, data)
    written = CandidateFiles(planned.image.target, to.as_posix(), tuple(row for row, _ in rows))
    write_bytes(to / LIST, _list(written, files))
    return written


def write_picture(root: Path, target: str, to: Path) -> str:
    """Writes the published picture of `target` into the folder `to`, under the name of its asset, and returns its path.
    Raises Problem as `write_candidates` does, and where nothing is published."""
    with status_query(root, (target,)) as query:
        planned, workspace = target_named(query, target).planned, query.workspace
        _require_free(to, workspace)
        line = planned.kept or planned.line
        if line is None or not workspace.assets.holds(line):
            raise Problem(error("not-published", f"`{planned.image.target}` has no picture in its place",
                                hint=f"`calotype build {planned.image.target}` puts one there"))
        files = {PurePosixPath(planned.image.path).name: _bytes(root / line.path)}
    _require_replaceable(to, files)
    make_output_folder(to, _ELSEWHERE)
    for name, data in files.items():
        write_bytes(to / name, data)
    return (to / next(iter(files))).as_posix()


def pictures(root: Path, target: str, most: int) -> Sequence[TargetPicture]:
    """The published picture of `target` and its candidates, as far as their bytes are at hand; what is published comes
    first where it is none of them. Where there are more than `most`, the published one alone, and without one the first
    candidates."""
    with status_query(root, (target,)) as query:
        planned, workspace = target_named(query, target).planned, query.workspace
        line = planned.kept or planned.line
        published = line if line is not None and workspace.assets.holds(line) else None
        stands = published.pixels if published is not None else None
        rows = [(row, place) for row, place in _placed(planned, workspace) if place is not None]
        others = int(published is not None and all(row.pixels != stands for row, _ in rows))
        alone = published is not None and len(rows) + others > most
        first = [_bytes(root / published.path)] if published is not None and (others or alone) else []
        row = next((row for row, _ in rows if row.pixels == stands), None)
        shown = [TargetPicture(data, True, row) for data in first]
        candidates = [] if alone else rows[:most]
        return [*shown, *(TargetPicture(_bytes(place), row.pixels == stands, row) for row, place in candidates)]


def _written(planned: Planned, workspace: Workspace) -> Iterator[tuple[CandidateRow, bytes | None]]:
    """Each candidate with the name of its file and what that holds; without both where its bytes are gone."""
    stem = PurePosixPath(planned.image.path).stem
    width = max(2, len(str(len(planned.actions))))
    for row, place in _placed(planned, workspace):
        name = f"{stem}_imported.png" if row.number is None else f"{stem}_{row.number:0{width}}.png"
        yield (row, None) if place is None else (replace(row, file=name), _bytes(place))


def _placed(planned: Planned, workspace: Workspace) -> Iterator[tuple[CandidateRow, Path | None]]:
    """Each candidate with the file that holds its bytes; None where these are gone."""
    for row in candidates(planned, workspace):
        action = planned.imported if row.number is None else planned.actions[row.number - 1]
        made = planned.made[action.key] if action is not None else None
        yield row, workspace.results.sound_place(made) if made is not None else None


def _bytes(place: Path) -> bytes:
    return read_file(place, MAX_BYTES)[0]


def _list(written: CandidateFiles, files: Mapping[str, bytes]) -> bytes:
    """`scores.json`: every candidate, and the digest of the file that was written for it."""
    rows = [{**asdict(row), "sha256": sha256(files[row.file]) if row.file is not None else None}
            for row in written.candidates]
    text = json.dumps({"schema": SCHEMA, "target": written.target, "candidates": rows}, indent=2, ensure_ascii=False)
    return f"{text}\n".encode()


def _require_free(to: Path, workspace: Workspace) -> None:
    """Raises Problem where `to` lies in a folder that decides a build, or is no folder."""
    for folder in (*TREES, CACHE, workspace.snapshot.config.cache["dir"]):
        if to.resolve().is_relative_to((workspace.root / folder).resolve()):
            raise Problem(error("in-the-way", f"`{to.as_posix()}` is in {folder}/, where no copy may lie",
                                hint=_ELSEWHERE))
    require_folder_fits(to, _ELSEWHERE)


def _require_replaceable(to: Path, files: Mapping[str, bytes]) -> None:
    """Raises Problem where a file that was retouched, or is somebody else's, would be overwritten."""
    before = _written_before(to)
    changed = [name for name, data in files.items()
               if os.path.lexists(to / name) and _digest(to / name) not in (sha256(data), before.get(name))]
    if changed:
        first = (to / changed[0]).as_posix()
        raise Problem(error("in-the-way", f"`{first}` was changed, or is something else: it is left as it is",
                            file=first, hint="move it away, or name another folder with -o"))


def _digest(file: Path) -> str | None:
    """None for what is no file of its own, or cannot be read."""
    try:
        return None if file.is_symlink() else sha256(_bytes(file))
    except OSError:
        return None


def _written_before(to: Path) -> dict[str, str]:
    """The digests of the files that an earlier list in the folder tells; none where it cannot be read."""
    try:
        value = json.loads(read_file(to / LIST, 1 << 20)[0])
        return dict(_digests(value["candidates"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _digests(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if isinstance(row["file"], str) and isinstance(row["sha256"], str):
            yield row["file"], row["sha256"]
