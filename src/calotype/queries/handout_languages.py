"""The languages of a handout: strings that a project gives in templates/handout/, found, read and held to account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, did_you_mean, error, warning
from calotype.ground.files import hidden_by
from calotype.ground.folders import HANDOUT_STRINGS
from calotype.project.specs.sources import document, yaml_files
from calotype.results.handout.handout_strings import LANGUAGE, Strings, known, strings_from


def strings_of(root: Path, language: str) -> Strings:
    """Those of the project, else English. Raises Problem for a language that there are none of, and where something
    that cannot be read stands in the place of its file."""
    file = f"{HANDOUT_STRINGS}/{language}.yaml"
    if LANGUAGE.fullmatch(language) and _is_there(root, file):
        return strings_from(document(root, file), language)
    if language == "en":
        return Strings()
    folder = root / HANDOUT_STRINGS
    names = known(path.stem for path in folder.glob("*.yaml")) if folder.is_dir() else ["en"]
    hint = did_you_mean(language, names) or (
        f"write its strings into {file}; there is {', '.join(names)}"
        if LANGUAGE.fullmatch(language) else "a language is called as in HTML: sl, pt-BR")
    raise Problem(error("unknown-language", f"there are no strings of a handout in `{language}`", hint=hint))


def faults(root: Path) -> list[Diagnostic]:
    """What is wrong with the strings of every language, by file; and a warning for a file that is no language's."""
    found: list[Diagnostic] = []
    try:
        _is_there(root, f"{HANDOUT_STRINGS}/en.yaml")
        if (root / HANDOUT_STRINGS).is_dir():
            for file in yaml_files(root, HANDOUT_STRINGS, what="strings"):
                found += _of_file(root, file)
    except Problem as problem:
        found += problem.diagnostics
    return found


def _of_file(root: Path, file: str) -> Iterator[Diagnostic]:
    name = file.removeprefix(f"{HANDOUT_STRINGS}/")
    language = name.removesuffix(".yaml")
    if not name.endswith(".yaml") or not LANGUAGE.fullmatch(language):
        yield warning("unread-name", "is not read: it is not called LANG.yaml", file=file,
                      hint="a language is called as in HTML: sl.yaml, pt-BR.yaml")
        return
    try:
        strings_from(document(root, file), language)
    except Problem as problem:
        yield from problem.diagnostics


def _is_there(root: Path, path: str) -> bool:
    """Raises Problem where a link to nowhere stands at `path`, or something else in the place of a folder above it."""
    if (root / path).exists():
        return True
    place = hidden_by(root, path)
    if place is None:
        return False
    raise Problem(error("unreadable", "stands in the place of a file of strings, or of their folder, and is none",
                        file=place, hint="put it right, or remove it"))
