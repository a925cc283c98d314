"""Exercises that are published, put on paper for one patient. Must not know how the page looks."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from calotype.engine.rebuild import Need
from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import (
    EXIT_AWAITING,
    EXIT_FAILED,
    EXIT_INVALID,
    Diagnostic,
    Problem,
    error,
    warning,
)
from calotype.ground.folders import CACHE, TREES
from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.refusals import make_output_folder, require_folder_fits
from calotype.language.instructions import Instructions, instructions_of
from calotype.language.pose.laterality.exchange import exchanged, exchanger
from calotype.language.pose.posture import mirror
from calotype.language.resolve import image_spec_of
from calotype.plan.analysis import Found
from calotype.plan.explain import changes_of
from calotype.project.patterns import TargetPatterns
from calotype.queries.handout_languages import strings_of
from calotype.queries.status import StatusQuery, status_of, status_query
from calotype.results.handout.handout_page import Handout, HandoutExercise, HandoutPicture, is_handout, page
from calotype.results.handout.handout_strings import Strings
from calotype.results.publish.line import Line
from calotype.results.publish.proof import IMPORTED

MOST_PICTURES = 400
_ELSEWHERE = "name another file with -o"
"""On one page: with more, no browser prints it."""
_OTHER_SIDE = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class HandoutOptions:
    """`mirror`: pictures and words for the other side of the body. `language` is that of the page's own words;
    `clinic`, `patient` and `date` are empty where a line is to be left."""

    mirror: bool = False
    language: str = "en"
    clinic: str = ""
    patient: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class HandoutResult:
    """`exercises` are (`exercises/chin_tuck`, its title on the page, how many pictures), in their order there."""

    path: str
    exercises: tuple[tuple[str, str, int], ...]
    diagnostics: tuple[Diagnostic, ...] = field(default=())


def handout(root: Path, patterns: Sequence[str], to: Path, options: HandoutOptions) -> HandoutResult:
    """Writes the exercises that `patterns` name, in that order, into the file `to`.

    Raises Problem, and writes nothing, where a target is unknown, is no exercise's, or is to be mirrored and no drawing
    of the mannequin, where strings are wrong, or what is no handout stands at `to` (exit 2); where a target is not up
    to date (exit 1); where all is, but for a person's decision (exit 3).
    """
    _require_free(to, root)
    with status_query(root, patterns) as query:
        specs = _in_order(query.targets(), patterns)
        _require_fit([target for several in specs for target in several], options.mirror)
        wording = _Wording(strings_of(root, options.language), options.mirror)
        exercises = [_exercise(root, several, wording) for several in specs]
        diagnostics = (*_of(specs, query), *wording.untranslated())
    made = Handout(tuple(exercises), wording.strings, options.clinic, options.patient, options.date)
    make_output_folder(to.parent, _ELSEWHERE)
    write_bytes(to, page(made))
    rows = ((f"exercises/{several[0].spec.id}", exercise.title, len(several))
            for several, exercise in zip(specs, exercises, strict=True))
    return HandoutResult(to.as_posix(), tuple(rows), diagnostics)


def _require_free(to: Path, root: Path) -> None:
    """Raises Problem where something else than a handout stands at `to`, or a file where its folder is to be; in the
    folders that decide a build, of which a patient's name is no part."""
    if to.suffix.lower() not in (".html", ".htm"):
        raise Problem(error("usage", f"a handout is an HTML file, and `{to.as_posix()}` is called otherwise",
                            hint=f"-o {_called_right(to).as_posix()}"))
    require_folder_fits(to.parent, _ELSEWHERE)
    for folder in (*TREES, CACHE):
        if to.parent.resolve().is_relative_to((root / folder).resolve()):
            raise Problem(error("in-the-way", f"`{to.as_posix()}` is in {folder}/, as no handout may be",
                                hint=_ELSEWHERE))
    if os.path.lexists(to) and not (to.is_file() and is_handout(to)):
        raise Problem(error("in-the-way", f"`{to.as_posix()}` is there, and is no handout: it is left as it is",
                            hint=f"remove it, or {_ELSEWHERE}"))


def _called_right(to: Path) -> Path:
    """A name for the handout that was to be written to `to`, which is no HTML file: a folder, or called otherwise."""
    ending_alone = to.name.lower() in (".html", ".htm")
    stem = "" if ending_alone else to.stem.strip(".")
    return to / "handout.html" if to.is_dir() else to.with_name(f"{stem or 'handout'}.html")


def _in_order(targets: Iterable[Found], patterns: Sequence[str]) -> list[list[Found]]:
    """The targets spec by spec, as the patterns name them first; those of a spec in its own order."""
    single = [TargetPatterns([pattern]) for pattern in patterns]
    specs: dict[str, list[Found]] = {}
    first: dict[str, int] = {}
    for target in targets:
        image, file = target.planned.image, target.spec.file
        met = (place for place, pattern in enumerate(single) if pattern.meet(image.target, image.path, file))
        first[file] = min(first.get(file, len(single)), next(met, len(single)))
        specs.setdefault(file, []).append(target)
    return [specs[file] for file in sorted(specs, key=lambda file: first[file])]


def _require_fit(targets: Sequence[Found], mirrored: bool) -> None:
    wrong = [*_foreign(targets), *(_fixed(targets) if mirrored else ())]
    if len(targets) > MOST_PICTURES:
        wrong.append(error("too-many", f"{len(targets):,} images; a handout may hold {MOST_PICTURES}",
                           hint="name fewer targets"))
    if wrong:
        raise Problem(wrong, EXIT_INVALID)
    unfit = [(status_of(target), target) for target in targets if not (target.up_to_date or _is_chosen(target))]
    if unfit:
        waits = all(status == "awaiting" for status, _ in unfit)
        raise Problem([_unfit(status, target) for status, target in unfit], EXIT_AWAITING if waits else EXIT_FAILED)


def _is_chosen(target: Found) -> bool:
    """Whether the picture and the words stand, and a build would only write down who chose it: a person, by now."""
    return target.planned.verdict.need is Need.REFRESH and not changes_of(target.planned, target.places)


def _foreign(targets: Sequence[Found]) -> Iterator[Diagnostic]:
    for target in targets:
        if target.spec.kind != "exercise":
            yield error("no-exercise", f"`{target.planned.image.target}` is no exercise's image", file=target.spec.file,
                        hint="a handout holds exercises")


def _fixed(targets: Sequence[Found]) -> Iterator[Diagnostic]:
    """Pictures that cannot be drawn for the other side. Turned over, a photograph shows what never was: writing runs
    backwards, and what told left from right of the person now tells a lie."""
    for target in targets:
        image, line = target.planned.image, target.planned.line
        imported = line is not None and line.origin == IMPORTED
        if image.renderer != "mannequin" or imported:
            made = "was put in by hand" if imported else f"is made by `{image.renderer}`"
            yield error("no-mirror", f"`{image.target}` {made}: only the mannequin can be drawn for the other side",
                        file=target.spec.file, hint="leave --mirror out, or give the exercise images of the other side")


def _unfit(status: str, found: Found) -> Diagnostic:
    target, file = found.planned.image.target, found.spec.file
    if status == "awaiting":
        verb = "approve" if found.planned.human.holds else "pick"
        return error("awaits", f"`{target}` awaits a person: {found.reason}", file=file,
                     hint=f"`calotype {verb} {target} NUMBER`")
    return error("not-current", f"`{target}` is {status}: {found.reason}", file=file, hint=f"`calotype build {target}`")


def _of(specs: Sequence[Sequence[Found]], query: StatusQuery) -> Iterator[Diagnostic]:
    """What was found about these specs."""
    files = {target.spec.file for several in specs for target in several}
    yield from (diagnostic for diagnostic in query.diagnostics if diagnostic.file in files)


class _Wording:
    """Texts of exercises as they stand on the page: in its language, and for the other side if it is `mirrored`."""

    def __init__(self, strings: Strings, mirrored: bool) -> None:
        self.strings, self.mirrored = strings, mirrored
        self._missing: dict[str, None] = {}
        self._own_sides = self._sides_of_the_language()

    def _sides_of_the_language(self) -> Callable[[str], str]:
        if self.mirrored and not self.strings.mirror and not self.strings.is_english:
            raise Problem(error(
                "missing-string", f"lacks `mirror`: what left and right are called in `{self.strings.language}`",
                file=self.strings.file, line=1, hint="mirror: {levo: desno, leva: desna}"))
        return exchanger(dict(self.strings.mirror)) if self.strings.mirror else str

    def __call__(self, text: str) -> str:
        plain = " ".join(text.split())
        if plain in self.strings.texts:
            translated = self.strings.texts[plain]
            return self._own_sides(translated) if self.mirrored else translated
        if self.strings.texts and plain:
            self._missing[plain] = None
        if not self.mirrored:
            return plain
        english = self.strings.is_english or bool(self.strings.texts)
        return self._own_sides(exchanged(plain, letters=english))

    def untranslated(self) -> Iterator[Diagnostic]:
        for text in self._missing:
            shown = text if len(text) < 80 else f"{text[:77]}..."
            yield warning("untranslated", f"`texts` lacks `{shown}`: it stands on the page as it is written",
                          file=self.strings.file)


def _exercise(root: Path, targets: Sequence[Found], say: _Wording) -> HandoutExercise:
    spec = targets[0].spec
    written = instructions_of(spec.data)
    instructions = Instructions(
        "\n\n".join(map(say, written.paragraphs)),
        {term: say(value) if isinstance(value, str) else value for term, value in written.dosage.items()},
        tuple(map(say, written.precautions)), tuple(map(say, written.equipment)))
    return HandoutExercise(say(spec.title), instructions, tuple(_picture(root, target, say) for target in targets))


def _picture(root: Path, found: Found, say: _Wording) -> HandoutPicture:
    line = found.planned.line
    assert line is not None, "what is up to date is published"
    part = image_spec_of(found.spec, line.target)
    title, caption = part.title if part else "", line.caption
    if part and not title and not caption:
        caption = part.description
    png = _mirrored(line) if say.mirrored else (root / line.path).read_bytes()
    return HandoutPicture(png, line.size, say(line.alt), say(title), say(caption))


def _mirrored(line: Line) -> bytes:
    """The mannequin's picture of the same exercise on the other side, seen from the other side; drawn as it is written:
    a seed would turn the camera the same way, and not the mirrored one."""
    from calotype.workers.render.mannequin.draw import draw

    out = io.BytesIO()
    draw({**mirrored_request(line.request), "seed": None}).save(out, "PNG")
    return out.getvalue()


def mirrored_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request of the mannequin with left and right exchanged. Twice is the identity."""
    return {
        **request, "posture": mirror(request["posture"]), "side": _OTHER_SIDE[request["side"]],
        "muscles": [exchanged(muscle) for muscle in request["muscles"]],
        "joints": [exchanged(joint) for joint in request["joints"]],
    }
