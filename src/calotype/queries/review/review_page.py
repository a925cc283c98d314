"""The page of what a range of commits did, before and after, made from files alone: of git and of content/."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from calotype.ground.atomic import write_bytes
from calotype.ground.boundary import leads_out, require_folder, require_place
from calotype.ground.files import open_file
from calotype.ground.folders import BUILD
from calotype.ground.images import LFS_POINTER
from calotype.ground.light_dataclass import dataclass
from calotype.project.answers import Change
from calotype.project.reviewed import PictureAt, RangeDecision, Review, ReviewedPicture
from calotype.project.revision import Revision
from calotype.results.sheet.changed_page import MOST
from calotype.results.sheet.embedded import Embedded
from calotype.results.sheet.model import Picture, Replaced, ShownChange
from calotype.results.sheet.pages import Pages
from calotype.results.sheet.write import author_faults

FOLDER = f"{BUILD}/since"
PAGE = f"{FOLDER}/index.html"
_SECTIONS = {
    "changed": "Changed", "added": "Added", "removed": "Removed", "moved": "Moved, and decided on", "": "Decided on"}


@dataclass(frozen=True, slots=True)
class _Event:
    """What the page tells of one picture beside itself, in words."""

    number: int
    events: Sequence[str]
    former: str
    lost: Sequence[str]
    decisions: Sequence[_Decided]
    words: Sequence[ShownChange]
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Decided:
    text: str
    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class _Moved:
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class _Reworded:
    target: str
    words: Sequence[ShownChange]


def write_page(root: Path, review: Review, revision: Revision) -> str:
    """Writes the page, whole or not at all. Returns its path, relative to the project. Raises Problem where something
    else stands in its place, or a template of the author's cannot be rendered."""
    require_folder(root, FOLDER)
    require_place(root, PAGE)
    shown = review.listed[:MOST]
    embedded, lost = Embedded(), {}
    for picture, before in zip(shown, _files_before(shown, revision), strict=True):
        lost[id(picture)] = list(_embed(embedded, picture, before, root))
    pages = Pages(root, embedded)
    with author_faults(root):
        sections: dict[str, list[str]] = {}
        for number, picture in enumerate(shown, start=1):
            event = _event(number, picture, lost[id(picture)])
            sections.setdefault(_section(picture), []).append(pages.reviewed(_shown(picture), event))
        page = pages.review(
            f"Pictures since {review.since}", {name: sections[name] for name in _ORDER if name in sections},
            tally=", ".join(f"{number} {word}" for word, number in review.counts.items()) or "nothing to look at",
            commit=revision.short, already=review.already, more=len(review.listed) - len(shown),
            moved=[_Moved(_source(picture), picture.target) for picture in review.moved],
            reworded=[_Reworded(picture.target, _changes(picture.words)) for picture in review.reworded
                      if not picture.listed])
    write_bytes(root / PAGE, page, durable=False)
    return PAGE


_UNSETTLED = "Not up to date"
_ORDER = (_UNSETTLED, *_SECTIONS.values())


def _section(picture: ReviewedPicture) -> str:
    return _UNSETTLED if picture.status else _SECTIONS[picture.happened]


def _source(picture: ReviewedPicture) -> str:
    return picture.former or (picture.before.path if picture.before is not None else picture.target)


def _files_before(pictures: Sequence[ReviewedPicture], revision: Revision) -> Iterator[bytes | None]:
    """The files of the pictures that are no more, as git holds them; None where it holds none, or none is needed."""
    paths = [picture.before.path if picture.before is not None and not _same(picture) else None for picture in pictures]
    blobs = revision.blobs_at({path for path in paths if path is not None})
    texts = revision.read(blobs[path] for path in paths if path in blobs)
    for path in paths:
        data = next(texts) if path in blobs else None
        if data is not None and data.startswith(LFS_POINTER):
            place = revision.lfs_object(data)
            data = place.read_bytes() if place is not None else data
        yield data


def _same(picture: ReviewedPicture) -> bool:
    return picture.before is not None and picture.now is not None and picture.before.pixels == picture.now.pixels


def _embed(embedded: Embedded, picture: ReviewedPicture, before: bytes | None, root: Path) -> Iterator[str]:
    """Takes up the picture's files. Yields what cannot be shown, in words."""
    if picture.before is not None and not _same(picture):
        why = embedded.put(picture.before.pixels, before) if before is not None else "is not in git"
        if why:
            yield f"The picture before cannot be shown: it {why}."
    if picture.now is not None:
        data = _file_now(root, picture.now.path)
        why = embedded.put(picture.now.pixels, data) if data is not None else "is not there"
        if why:
            yield f"The picture cannot be shown: it {why}."


def _file_now(root: Path, path: str) -> bytes | None:
    place = root / path
    if leads_out(root, place):
        return None
    try:
        with open_file(place) as file:
            return file.read()
    except OSError:
        return None


def _shown(picture: ReviewedPicture) -> Picture:
    end = picture.now or picture.before
    changes = _changes(picture.changes)
    before = None if _same(picture) else picture.before
    replaced = Replaced("", before.pixels, changes) if before is not None else None
    if end is None:
        return Picture(picture.target, state=picture.status, reason=picture.reason_beside_changes, waiting=changes)
    return Picture(
        picture.target, path=end.path if picture.now is not None else None, pixels=end.pixels, size=end.size,
        alt=end.alt, state=picture.status, reason=picture.reason_beside_changes, replaced=replaced,
        waiting=() if replaced is not None else changes)


def _event(number: int, picture: ReviewedPicture, lost: Sequence[str]) -> _Event:
    return _Event(number, picture.events, _source(picture) if picture.happened == "moved" else "", lost,
                  [_decided(each) for each in picture.decisions], _changes(picture.words), list(_facts(picture)))


def _decided(each: RangeDecision) -> _Decided:
    return _Decided(f"{each.event}: {each.picture}", each.decision.reason, each.place)


def _facts(picture: ReviewedPicture) -> Iterator[tuple[str, str]]:
    before, now = picture.before, picture.now
    for term, values in (("candidate", [_choice(before), _choice(now)]), ("scores", [_scores(before), _scores(now)])):
        texts = list(dict.fromkeys(text for text in values if text))
        if texts:
            yield term, " → ".join(texts)


def _choice(picture: PictureAt | None) -> str:
    return picture.choice if picture is not None else ""


def _scores(picture: PictureAt | None) -> str:
    return ", ".join(f"{name} {score:.4g}" for name, score in picture.scores) if picture is not None else ""


def _changes(changes: Sequence[Change]) -> tuple[ShownChange, ...]:
    return tuple(ShownChange(change.field, change.old, change.new, change.decided) for change in changes)
