"""A new scene made of a brief: its board written as a spec that people go on from. Must not overwrite anything."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from calotype.ground.atomic import stage_bytes, sync_directories
from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.folders import MARKER, SPECS
from calotype.ground.light_dataclass import dataclass, replace
from calotype.ground.paths import inside
from calotype.ground.refusals import make_output_folder
from calotype.language.board.board import Beat, Board, board_of, shots_of
from calotype.language.board.drawn_figure import figure_of
from calotype.language.board.tongue import is_english
from calotype.language.config import load_config
from calotype.language.enhancing.enhancement import ITERATIONS, THRESHOLD
from calotype.language.load import load_spec
from calotype.language.spec import Spec
from calotype.language.yaml.document import parse
from calotype.project.specs import sources
from calotype.project.waiting import Stopped

CANDIDATES, STRENGTH = 4, 0.6
FILM = (1280, 720)
"""Width and height of a shot, in pixels, where the project says none."""
LONGEST_BRIEF, _LONGEST_TITLE = 2000, 60
_WIDEST = 108
MODELINE = "# yaml-language-server: $schema=../.schemas/scene.json"
SECONDS = 15.0
"""The length of a film that says none."""


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """What a scene is to be like. `duration` in seconds; `simple`: no prompt is enhanced, and each shot is rendered
    once, by itself; else it has so many `candidates`, and its prompts so many `iterations` at the most. A picture whose
    score is below `quality_threshold` (0-100) is warned of, where it is said. `size`, (width, height) in pixels, is
    that of all shots, where they have one of their own. `unique`: the id is random, and no other file can have it."""

    duration: float = SECONDS
    simple: bool = False
    size: tuple[int, int] | None = None
    candidates: int = CANDIDATES
    iterations: int = ITERATIONS
    quality_threshold: float | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class NewScene:
    """A scene that was written: the path of its spec, its text, the targets that it asks for, and notes on what the
    brief and the picture were taken for."""

    file: str
    text: str
    targets: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


def new_scene(
    root: Path, scene: str, brief: str, options: SceneOptions, cancel: Callable[[], bool] = lambda: False
) -> NewScene:
    """Writes specs/scenes/<scene>.yaml: the board of `brief`, by the lexicon, which gives the same text for the same
    brief; or as the endpoint writes it that calotype.yaml names, in one call.

    Raises Problem (exit 2), and writes nothing, where no board comes from there, the id or the brief cannot be used, a
    scene of that id is there, or anything stands at its file; Stopped where `cancel` says not to wait for the endpoint.
    """
    made = draft_scene(root, scene, brief, options, cancel)
    if asks_an_endpoint(root):
        write_scene(root, scene, made, options)
    else:
        _write(root, made.file, made.text)
    return made


def draft_scene(
    root: Path, scene: str, brief: str, options: SceneOptions, cancel: Callable[[], bool], *, own_picture: bool = False
) -> NewScene:
    """The scene as `new_scene` writes it, not written yet. Raises Problem and Stopped as that does.
    `own_picture`: one is to be put in for the first shot, whose prompt no endpoint is then asked for."""
    file, words, config = f"{SPECS}/scenes/{scene}.yaml", _brief(brief), load_config(sources.document(root, MARKER))
    settings = config.enhance
    _refuse_known(root, file, scene, options.unique)
    _check_id(scene, file)
    shots = shots_of(options.duration)
    if settings:
        from calotype.workers.enhance.board_writer import board_by

        try:
            board = board_by(settings, words, shots, cancel)
        except InterruptedError:
            raise Stopped from None
    else:
        board = board_of(words, shots)
    if options.size is None and not _says_sizes(config.written):
        options = replace(options, size=FILM)
    text = scene_text(scene, words, board, options, whole_first=bool(own_picture and settings and not options.simple))
    try:
        spec = load_spec(parse(text.encode(), file))
    except Problem as problem:
        message = f"the board that was made of the brief is no scene: {problem.diagnostics[0].message}"
        raise Problem(error("board", message, hint="try again, or say the brief otherwise")) from None
    return NewScene(file, text, _targets(spec), () if settings or is_english(words) else (_not_read(file),))


def _check_id(scene: str, file: str) -> None:
    """Raises Problem where no scene can be called so: before anybody is asked for a board."""
    head = [line for key, value in (("kind", "scene"), ("id", scene)) for line in _lines(key, value, 0)]
    try:
        load_spec(parse("\n".join([*head, "shots: [{id: first}]", ""]).encode(), file))
    except Problem as problem:
        first = problem.diagnostics[0]
        message = f"`{scene}` cannot be a scene's id: {first.message}"
        raise Problem(error(first.code, message, hint=first.hint)) from None


def _says_sizes(written: Mapping[str, Any]) -> bool:
    """Whether calotype.yaml says how large pictures are, itself or by a preset."""
    return "presets" in written or not {"size", "preset"}.isdisjoint(written.get("defaults", {}))


def _not_read(file: str) -> Diagnostic:
    message = ("the brief is not in English, which is all that the lexicon reads: its words stand in the prompts as"
               " they are, and nothing is made of them")
    return Diagnostic("note", "brief-language", message, file,
                      hint="write it in English, say in the spec what is to be seen, or name an endpoint that reads it")


def write_scene(root: Path, scene: str, made: NewScene, options: SceneOptions) -> None:
    """Puts the spec of a draft in its place, some time after it was drafted. Raises Problem where a scene of that id
    has come meanwhile."""
    _refuse_known(root, made.file, scene, options.unique)
    _write(root, made.file, made.text)


def prepare() -> None:
    """Loads what the first new scene of a process needs, so that it is written as fast as any other."""
    text = scene_text("a", "tea", board_of("tea", 1), SceneOptions())
    load_spec(parse(text.encode(), MARKER))
    load_config(parse(b"version: 1\n", MARKER))


def asks_an_endpoint(root: Path) -> bool:
    """Whether a board of the project at `root` is written elsewhere, which takes seconds."""
    return bool(_board_settings(root))


def _board_settings(root: Path) -> Mapping[str, Any]:
    """The endpoint that writes boards, as calotype.yaml says it; empty where the lexicon does."""
    return load_config(sources.document(root, MARKER)).enhance


def scene_text(scene: str, brief: str, board: Board, options: SceneOptions, *, whole_first: bool = False) -> str:
    """The spec as its file holds it, with the line by which an editor finds its schema. `whole_first`: the prompt of
    the first shot is whole as it stands."""
    lines = [MODELINE, *(line for key, value in _head(scene, brief, options) for line in _lines(key, value, 0))]
    lines.append("markers:   # said in the prompt of every shot")
    lines += [line for name, text in board.markers.items() for line in _lines(name, text, 2)]
    lines.append("shots:")
    figure = figure_of(board.markers.get("character", ""))
    for beat in board.beats:
        lines.append(f"  - id: {beat.id}")
        for key in ("title", "prompt", "view_angle"):
            lines += _lines(key, getattr(beat, key), 4)
        if whole_first and beat is board.beats[0]:
            lines += _lines("enhanced", ", ".join((beat.prompt, *board.markers.values())), 4)
        lines += _lines("alt", _alt(beat), 4)
        lines += _lines("pose", {**beat.pose, **({"figure": figure} if figure else {})}, 4) if beat.pose else []
    return "\n".join([*lines, ""])


def _alt(beat: Beat) -> str:
    """What is seen, as a sentence: the shot's prompt without how near it is."""
    framing, _, seen = beat.prompt.partition(", ")
    words = (seen if framing.endswith(("shot", "close-up")) else beat.prompt).rstrip(" .")
    return f"{words[:1].upper()}{words[1:]}."


def _lines(key: str, value: Any, indent: int) -> Iterator[str]:
    """`key: value` as YAML: a text on one line, a mapping in braces, over several lines where it is long."""
    import yaml

    if isinstance(value, dict | list):
        text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=_WIDEST - len(key) - indent)
        first, *rest = text.splitlines()
        yield f"{' ' * indent}{key}: {first}"
        yield from (f"{' ' * indent}  {line}" for line in rest)
    else:
        dumped = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=1 << 30)
        yield f"{' ' * indent}{dumped.rstrip()}"


def _head(scene: str, brief: str, options: SceneOptions) -> Iterator[tuple[str, Any]]:
    title = _title(brief)
    yield from (("kind", "scene"), ("id", scene), ("title", title))
    if title != brief:
        yield "description", brief
    if options.size is not None:
        yield "size", list(options.size)
    if not options.simple:
        yield "chain", True
        yield "reference", {"strength": STRENGTH, "method": "img2img"}
        yield "candidates", options.candidates
        if options.quality_threshold is not None:
            yield "quality_threshold", options.quality_threshold
        yield "enhance", {"iterations": options.iterations, "threshold": int(THRESHOLD)}


def _title(brief: str) -> str:
    """The brief where it is short, else its first clause, cut where that is long, too."""
    clause = next(iter(re.split(r"[:;.!?](?:\s|$)|,\s", brief, maxsplit=1)))
    title = brief if len(brief) <= _LONGEST_TITLE else clause if any(map(str.isalnum, clause)) else brief
    return title if len(title) <= _LONGEST_TITLE else f"{title[:_LONGEST_TITLE].rsplit(' ', 1)[0].rstrip(' ,;:')}…"


def _brief(brief: str) -> str:
    """The brief on one line. Raises Problem for one that says nothing, is too long, or holds what no file can."""
    words = " ".join(brief.split())
    if not any(character.isalnum() for character in words):
        raise Problem(error("empty-brief", "the brief says nothing", hint='as: --brief "Coffee for early mornings"'))
    if len(words) > LONGEST_BRIEF:
        raise Problem(error("long-brief", f"the brief has {len(words)} characters; {LONGEST_BRIEF} are read",
                            hint="say in a sentence or two what is shown, and to whom"))
    if not words.isprintable():
        odd = next(character for character in words if not character.isprintable())
        raise Problem(error("odd-brief", f"the brief holds {odd!a}, which no spec can",
                            hint="leave out what cannot be printed"))
    return words


def _refuse_known(root: Path, file: str, scene: str, unique: bool) -> None:
    if os.path.lexists(root / file):
        raise Problem(error("scene-exists", f"there is a scene `{scene}` already: {file}",
                            hint="take another id, or move that file away: nothing is overwritten"))
    for other in sources.spec_files(root) if not unique else ():
        text = sources.read(root, other).text
        if scene.encode() in text and _is_scene(text, other, scene):
            raise Problem(error("scene-exists", f"there is a scene `{scene}` already: {other}", hint="take another id"))


def _is_scene(text: bytes, file: str, scene: str) -> bool:
    try:
        data = parse(text, file).data
    except Problem:
        return False  # it is told when the project is looked into
    return data.get("kind") == "scene" and data.get("id") == scene


def _write(root: Path, file: str, text: str) -> None:
    """Puts the file in its place, unless something has come to stand there in the meantime."""
    try:
        path = inside(root, file)
    except ValueError as cause:
        raise Problem(error("path-outside", str(cause), file=file, hint="remove the link")) from None
    make_output_folder(path.parent, f"{MARKER} tells where the project is")
    temporary = stage_bytes(path.parent, text.encode())
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise Problem(error("scene-exists", f"something has come to stand at {file}", hint="take another id")) from None
    finally:
        temporary.unlink(missing_ok=True)
    sync_directories([path.parent])


def _targets(spec: Spec) -> tuple[str, ...]:
    return tuple(f"scenes/{spec.id}/{shot.id}" for shot in spec.shots)
