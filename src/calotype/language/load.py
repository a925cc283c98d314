"""A document to a spec or a pose, or every reason why not. Must not know other specs, the config, or any
file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, cast

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.troubleshooting import NO_ANCHOR, see
from calotype.language.board.board import MARKERS
from calotype.language.normal import normal
from calotype.language.pose.terms import BASES
from calotype.language.schema.validate import check, spec_kind
from calotype.language.spec import SETTINGS, ImageSpec, Kind, Pointer, Spec, TrainingSetSpec
from calotype.language.yaml.document import Document

LISTS: Mapping[str, tuple[Pointer, ...]] = {
    "exercise": (("images",),),
    "character": (("anchors", "poses"), ("variations",)),
    "scene": (("shots",),),
}
"""Where the images of each kind of spec stand. Ids are unique within one list."""

_SETTINGS = frozenset(SETTINGS)
_PARTS = re.compile(r"[\s,]+")
"""What parts the words of a caption."""

_OF_HOSTED = frozenset(("by", "endpoint", "steps", "rank", "auto"))
"""What of `train` a hosted trainer reads."""

def load_spec(document: Document) -> Spec:
    """The spec that `document` holds. Raises Problem with every error of it."""
    kind = spec_kind(document)
    diagnostics = check(document, kind) or list(_own_errors(document, kind))
    if diagnostics:
        raise Problem(sorted(diagnostics, key=lambda diagnostic: (diagnostic.line or 0, diagnostic.column or 0)))
    return _spec(document, cast(Kind, kind))


def load_pose(document: Document) -> Mapping[str, Any]:
    """The pose that `document` holds, as written; its id is the file's name. Raises Problem with every
    error of it."""
    diagnostics = check(document, "pose")
    name = PurePosixPath(document.file).stem
    if name in BASES:
        diagnostics.append(
            document.error(
                "bad-id",
                f"`{name}` is a base posture, and cannot be a pose's id as well",
                (),
                hint="rename the file",
            )
        )
    if diagnostics:
        raise Problem(diagnostics)
    return document.data


def image_ids(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids of a list of images: their own, else 01, 02, ... by their places."""
    return [item.get("id") or f"{number:02d}" for number, item in enumerate(items, 1)]


def _own_errors(document: Document, kind: str) -> Iterator[Diagnostic]:
    """What a schema cannot say of one document."""
    for pointer in LISTS[kind]:
        yield from _repeated(document, pointer)
    if kind == "character" and "training_set" in document.data:
        yield from _odd_training_set(document)
    if b"controls" in document.text:
        yield from _odd_controls(document)
    if kind == "character":
        yield from _anchors(document)


def _repeated(document: Document, pointer: Pointer) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for index, name in enumerate(image_ids(_dig(document.data, pointer))):
        if name in first:
            line, column = document.place((*pointer, first[name], "id"))
            yield document.error(
                "duplicate-id",
                f"the id `{name}` stands twice in `{pointer[-1]}`; first on line {line}, column {column}",
                (*pointer, index, "id"),
                hint="give each an id of its own",
            )
        first.setdefault(name, index)


def _odd_training_set(document: Document) -> Iterator[Diagnostic]:
    """A trigger word that is no word, and more images at least than at most."""
    data = document.data["training_set"]
    word = data["trigger_word"]
    if word != word.strip() or _PARTS.search(word):
        joined = "_".join(part for part in _PARTS.split(word) if part)
        yield document.error(
            "bad-trigger-word", f"`{word}` is no single word", ("training_set", "trigger_word"),
            hint=f"a caption begins with it, up to the first comma: write {joined or 'one word'}")
    training = _training_set(data)
    if training.minimum > training.maximum:
        packaged = TrainingSetSpec("")
        yield document.error(
            "out-of-range", f"`max` is less than `min`: {training.maximum} images at most, {training.minimum} at least",
            ("training_set", "max" if "max" in data else "min"),
            hint=f"write both: without, `min` is {packaged.minimum} and `max` {packaged.maximum}")
    yield from _odd_train(document, data.get("train") or {})


def _odd_train(document: Document, train: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Settings of a training that whoever trains does not read."""
    by = train.get("by", "sdxl")
    unread = train.keys() - _OF_HOSTED if by == "hosted" else train.keys() & {"endpoint"}
    for name in sorted(unread):
        yield document.error("without-effect", f"`{name}` is not read by `by: {by}`", ("training_set", "train", name),
                             key=True, hint="leave it out")


def _training_set(data: Mapping[str, Any]) -> TrainingSetSpec:
    packaged = TrainingSetSpec("")
    return TrainingSetSpec(
        data["trigger_word"],
        normal(data.get("min", packaged.minimum), "min"),
        normal(data.get("max", packaged.maximum), "max"),
        data.get("include_anchors", packaged.include_anchors),
        data.get("select", packaged.select),
        data.get("captions", packaged.captions),
    )


def _odd_controls(document: Document) -> Iterator[Diagnostic]:
    """Controls that end before they start, and those whose `hidden` could not act."""
    for pointer, control in _controls(document.data, ()):
        if control.get("hidden") and (control["type"], control.get("from")) != ("openpose", "pose"):
            yield document.error(
                "hidden", "`hidden` is for openpose maps from the pose", (*pointer, "hidden"),
                hint="only they leave out joints that the body hides"
            )
        if control.get("start", 0) > control.get("end", 1):
            yield document.error(
                "out-of-range", "a control ends before it starts", pointer, hint="`start` is at most `end`"
            )


def _controls(data: Any, at: Pointer) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if key == "controls":
            yield from (((*at, key, index), control) for index, control in enumerate(value))
        elif key != "pose" and isinstance(value, dict | list):
            yield from _controls(value, (*at, key))


def _anchors(document: Document) -> Iterator[Diagnostic]:
    """Variations whose anchor is not there."""
    from calotype.ground.diagnostics import did_you_mean

    anchors = image_ids(_dig(document.data, ("anchors", "poses")))
    for index, item in enumerate(document.data.get("variations", ())):
        name = item.get("anchor", "auto")
        if name != "auto" and name not in anchors:
            hint = did_you_mean(name, anchors) or (
                f"anchors are {', '.join(anchors)}" if anchors else f"the character has no anchors; {see(NO_ANCHOR)}"
            )
            yield document.error(
                "unknown-anchor", f"there is no anchor `{name}`", ("variations", index, "anchor"), hint=hint
            )


def _dig(data: Any, pointer: Pointer) -> Any:
    for part in pointer:
        data = data.get(part, ())
        if not data:
            return ()
    return data


def _spec(document: Document, kind: Kind) -> Spec:
    data = document.data
    parts = {str(pointer[0]): tuple(_images(data, pointer)) for pointer in LISTS[kind]}
    return Spec(
        kind=kind,
        id=data["id"],
        file=document.file,
        title=data.get("title") or _titled(data["id"]),
        tags=tuple(data.get("tags", ())),
        settings=_settings(data),
        data=data,
        region=data.get("region"),
        prompt=data.get("prompt", ""),
        background=data.get("background"),
        chain=data.get("chain", False),
        markers=_markers(data),
        enhance=data.get("enhance"),
        training_set=_training_set(data["training_set"]) if "training_set" in data else None,
        **parts,
    )


def _markers(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The words that stay the same from shot to shot, in the order in which a prompt says them."""
    markers = data.get("markers", {})
    return tuple(markers[name] for name in MARKERS if markers.get(name))


def _titled(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


def _settings(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: normal(data[key], key) for key in data if key in _SETTINGS}


def _images(data: Mapping[str, Any], pointer: Pointer) -> Iterator[ImageSpec]:
    """The images at `pointer`; what their group says for all of them (`anchors`) stands under their own
    settings."""
    group, items = data.get(str(pointer[0]), ()), _dig(data, pointer)
    shared = _settings(group) if isinstance(group, dict) else {}
    for index, (name, item) in enumerate(zip(image_ids(items), items, strict=True)):
        get = item.get
        yield ImageSpec(
            name,
            (*pointer, index),
            get("view_angle"),
            get("body_position"),
            get("description", ""),
            get("prompt", ""),
            get("background"),
            tuple(get("muscles_shown", ())),
            tuple(get("joints_shown", ())),
            get("title", ""),
            get("alt", ""),
            get("caption", ""),
            get("anchor"),
            normal(get("strength"), "strength"),
            normal(get("count", 1), "count"),
            {**shared, **_settings(item)},
            get("enhanced", ""),
        )
