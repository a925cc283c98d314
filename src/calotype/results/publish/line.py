"""One line of the manifest: what is published under a target, and why. Must not know the file it is in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.ground.target_names import KIND_OF_FOLDER, spec_key_of
from calotype.language.action import IMPORT
from calotype.language.judging.judged import read

MAX_LINE = 4 * 1024 * 1024
LIKENESS = "identity"
JUDGES = {"score": (0.0, 100.0), LIKENESS: (-1.0, 1.0)}
"""The kinds of actions that judge pictures, each with the range of what it gives."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MADE_WITH = "made_with"
_HEAD = re.compile(rb'\{"target":"([^"\\]+)","path":"([^"\\]+)","sha256":"([0-9a-f]{64})",')
_RENDER = re.compile(rb'"pixels":"[0-9a-f]{64}","size":\[\d+,\d+\],"action":"([0-9a-f]{64})",')
_SPEC = re.compile(rb',"spec":"([^"\\]+)"(?:,"made_with":\[.*\])?\}')
_CANDIDATE, _UPSTREAM = {"action", "pixels", "seed", "scores"}, {"kind", "action", "output"}
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One render of the target: its action key, its pixel digest, and what each scorer gave, 0-100, by its name; under
    LIKENESS how like the character it is, -1 to 1, of several the one that it is least like."""

    action: str
    pixels: str
    seed: int
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Pick:
    """The candidate that stands for the target, counted from 1 in seed order, and who chose it."""

    by: str
    candidate: int


@dataclass(frozen=True, slots=True)
class Upstream:
    """An action the pixels came from: `output` is a digest, or the text itself where the output is text."""

    kind: str
    action: str
    output: str


@dataclass(frozen=True, slots=True)
class MadeWith:
    """Weights that an image was made with: the `kind` of the action that read them (render, condition, score), the
    `name` that they went by when the line was written, and their `digest`."""

    kind: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Line:
    """What is published under `target`. The fields stand in the order in which they are written.

    `path` is relative to the project, with `/`; `sha256` is of the file's bytes, `pixels` its pixel digest;
    `size` is (width, height); `action` and `request` are those of the picked render; `origin` is `rendered`
    or `imported`. The `action` of an imported picture is its own; the render in whose place it stands has the
    `request`, and its key is told upstream, before those of the other renders that the target asks for. `made_with` is
    written where it is not empty: a line of before it was told is as good without.
    """

    target: str
    path: str
    sha256: str
    pixels: str
    size: tuple[int, int]
    action: str
    request: Mapping[str, Any]
    candidates: tuple[Candidate, ...]
    pick: Pick
    upstream: tuple[Upstream, ...]
    title: str
    alt: str
    tags: tuple[str, ...]
    caption: str
    prompt: str
    renderer: str
    origin: str
    spec: str
    made_with: tuple[MadeWith, ...] = ()


def renders_of(line: Line) -> Iterator[str]:
    """The keys of the renders that the target asked for, as far as the line tells them."""
    yield from (candidate.action for candidate in line.candidates)
    yield from (upstream.action for upstream in line.upstream if upstream.kind == IMPORT)


def is_usable(upstream: Upstream) -> bool:
    """Whether the output is what its action gives: what a judge says, a pixel digest of a map. A merge or a hand may
    have left something else, which is as good as nothing. An imported picture was not given by the render that it
    stands for."""
    if upstream.kind in JUDGES:
        try:
            value = read(upstream.output).value
        except ValueError:
            return False
        return value is None or JUDGES[upstream.kind][0] <= value <= JUDGES[upstream.kind][1]
    if upstream.kind == IMPORT:
        return False
    if upstream.kind == "enhance":
        return bool(upstream.output) and upstream.output.isprintable()
    return upstream.kind != "condition" or _DIGEST.fullmatch(upstream.output) is not None


def to_bytes(line: Line) -> bytes:
    """The one spelling of a line, without its newline: fields in order, free mappings sorted, UTF-8."""
    row = {name: getattr(line, name) for name in _FIELDS}
    row["request"] = _ordered(line.request)
    row["candidates"] = [
        {"action": candidate.action, "pixels": candidate.pixels, "seed": candidate.seed,
         "scores": _ordered(candidate.scores)}
        for candidate in line.candidates
    ]
    row["pick"] = {"by": line.pick.by, "candidate": line.pick.candidate}
    row["upstream"] = [
        {"kind": upstream.kind, "action": upstream.action, "output": upstream.output} for upstream in line.upstream
    ]
    if line.made_with:
        row[_MADE_WITH] = [{"kind": each.kind, "name": each.name, "digest": each.digest} for each in line.made_with]
    return _encoder.encode(row).encode("utf-8", "surrogatepass")


def from_bytes(data: bytes) -> Line:
    """The line that `to_bytes` wrote. Raises ValueError, in words for people, for anything else."""
    if len(data) > MAX_LINE:
        raise ValueError("it is over 4 MiB long")
    try:
        row = json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError:
        raise ValueError("it is not JSON") from None
    if not isinstance(row, dict) or row.keys() - {_MADE_WITH} != _FIELDS.keys():
        raise ValueError("it has not the fields of a manifest line")
    row.setdefault(_MADE_WITH, [])
    for name, is_valid in (*_FIELDS.items(), (_MADE_WITH, _is_made_with)):
        if not is_valid(row[name]):
            raise ValueError(f"its `{name}` is not what a manifest holds there")
    return _line(row)


def head(data: bytes) -> tuple[str, str, str] | None:
    """Target, path and file digest of a line that `to_bytes` wrote, unparsed; None for any other bytes."""
    match = _HEAD.match(data)
    if match is None or not data.endswith(b"}"):
        return None
    try:
        return match[1].decode(), match[2].decode(), match[3].decode()
    except UnicodeDecodeError:
        return None


def glance(data: bytes) -> tuple[str, str, str] | None:
    """Path, key of the picked render and spec file of a line that `to_bytes` wrote, unparsed; None for any other bytes,
    and where the spec file's name is written with escapes."""
    heading = _HEAD.match(data)
    render = _RENDER.match(data, heading.end()) if heading is not None else None
    spec = _SPEC.fullmatch(data, max(data.rfind(b',"spec":"'), 0))
    if heading is None or render is None or spec is None:
        return None
    try:
        return heading[2].decode(), render[1].decode(), spec[1].decode()
    except UnicodeDecodeError:
        return None


def shard_of(target: str, path: str) -> str:
    """The shard that a line belongs in: `exercises/<region>`, `characters/<id>` or `scenes/<id>`.

    The region of an exercise is the folder that its asset lies in.
    """
    return f"exercises/{path.rsplit('/', 2)[-2]}" if target.startswith("exercises/") else spec_key_of(target)


def is_inside(path: str) -> bool:
    """Whether `path` is a relative path with `/` that climbs nowhere."""
    return not (path.startswith("/") or "\\" in path or ":" in path or "\0" in path) and not any(
        part in ("", ".", "..") for part in path.split("/")
    )


def _line(row: dict[str, Any]) -> Line:
    row["size"] = tuple(row["size"])
    row["tags"] = tuple(row["tags"])
    row["candidates"] = tuple(Candidate(**fields) for fields in row["candidates"])
    row["pick"] = Pick(**row["pick"])
    row["upstream"] = tuple(Upstream(**fields) for fields in row["upstream"])
    row[_MADE_WITH] = tuple(MadeWith(**fields) for fields in row[_MADE_WITH])
    return Line(**row)


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _ordered(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [_ordered(part) for part in value]
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_target(value: Any) -> bool:
    return _is_path(value) and value.partition("/")[0] in KIND_OF_FOLDER


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value.count("/") >= 2 and is_inside(value)


def _is_size(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_whole(side) for side in value)


def _is_tags(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(tag, str) for tag in value)


def _is_candidates(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_candidate, value))


def _is_candidate(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _CANDIDATE
        and _is_digest(value["action"])
        and _is_digest(value["pixels"])
        and _is_whole(value["seed"])
        and isinstance(value["scores"], dict)
        and all(_is_number(score) for score in value["scores"].values())
    )


def _is_pick(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"by", "candidate"}
        and isinstance(value["by"], str)
        and _is_whole(value["candidate"])
    )


def _is_upstream(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_action, value))


def _is_action(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _UPSTREAM
        and isinstance(value["kind"], str) and isinstance(value["action"], str) and isinstance(value["output"], str)
    )


def _is_made_with(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(fields, dict)
        and fields.keys() == {"kind", "name", "digest"}
        and _is_text(fields["kind"]) and _is_text(fields["name"]) and _is_digest(fields["digest"])
        for fields in value
    )


_FIELDS = {
    "target": _is_target, "path": _is_path, "sha256": _is_digest, "pixels": _is_digest, "size": _is_size,
    "action": _is_digest, "request": lambda value: isinstance(value, dict), "candidates": _is_candidates,
    "pick": _is_pick, "upstream": _is_upstream, "title": _is_text, "alt": _is_text, "tags": _is_tags,
    "caption": _is_text, "prompt": _is_text, "renderer": _is_text, "origin": _is_text, "spec": _is_text,
}
