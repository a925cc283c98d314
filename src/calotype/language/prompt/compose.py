"""A style and an image's words to its prompt. Must not know specs, nor where a style's file lies."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Diagnostic, Problem, did_you_mean, error
from calotype.language.image import Words
from calotype.language.prompt.lexicon import POSITIONS, VIEWS
from calotype.language.prompt.plain_style import PlainStyle, read_plain

if TYPE_CHECKING:
    from jinja2 import Template

CONTEXT: Mapping[str, Any] = {
    "kind": "",
    "title": "",
    "description": "",
    "prompt": "",
    "spec_prompt": "",
    "view": "",
    "position": "",
    "view_angle": "",
    "body_position": "",
    "muscles": (),
    "joints": (),
    "characters": (),
    "background": "",
    "trigger_words": (),
}
"""Every name that a style may read, with its value where the image says nothing."""
_TEXTS = frozenset(name for name, value in CONTEXT.items() if value == "")
_LISTS = frozenset(name for name, value in CONTEXT.items() if value == ())


def compose(source: str, context: Mapping[str, Any], file: str = "style.j2") -> Words:
    """The texts that the style `source` makes of an image.

    `context`: kind, title, description, prompt, spec_prompt (texts); view, position (a view angle and a
    body position, or None); muscles, joints, characters, trigger_words (lists of texts); background;
    negative (text). All may be left out. The prompt is one line of phrases with ", " between them; empty
    ones fall out. Trigger words that the style has not put in stand first, each once. Raises Problem, with
    the style's file and line.
    """
    view, position = context.get("view"), context.get("position")
    names = {
        **CONTEXT,
        **{name: value for name, value in context.items() if name in CONTEXT and value is not None},
        "view_angle": view or "",
        "body_position": position or "",
        "view": VIEWS.get(view or "", ""),
        "position": POSITIONS.get(position or "", ""),
    }
    body, style_negative = _run(source, file, names)
    prompt = _with_triggers(one_line(body), names["trigger_words"])
    return Words(prompt, _negative(style_negative, context.get("negative") or ""))


def written_whole(prompt: str, trigger_words: Iterable[str]) -> str:
    """A prompt that its author has written whole, on one line; trigger words that it lacks stand first."""
    return _with_triggers(" ".join(prompt.split()), trigger_words)


@lru_cache(maxsize=256)
def _negative(of_style: str, of_image: str) -> str:
    """Both on one line, each phrase once. Most images of a project share one."""
    return one_line(f"{of_style},\n{of_image}", once=True)


def one_line(text: str, once: bool = False) -> str:
    """Phrases on one line with ", " between them, empty ones left out; with `once`, each phrase once.

    A comma inside a phrase (`1,000`) is one that no space, line end or other comma follows.
    """
    phrases = [" ".join(phrase.split()) for phrase in re.split(r",(?=[\s,])", text + "\n")]
    return ", ".join(phrase for phrase in (dict.fromkeys(phrases) if once else phrases) if phrase)


def _with_triggers(prompt: str, words: Iterable[str]) -> str:
    missing = [word for word in dict.fromkeys(words) if not _says(prompt, word)]
    return ", ".join([*missing, prompt] if prompt else missing)


def _says(prompt: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", prompt, re.IGNORECASE) is not None


def _run(source: str, file: str, names: Mapping[str, Any]) -> tuple[str, ...]:
    """What the style prints, and its `negative`. Raises Problem."""
    style = _plain(source)
    texts = style.write(names) if style is not None else None
    return texts if texts is not None else _in_sandbox(source, file, names)


_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED_HALF = re.compile(r"\\(u|U0000)[dD][89a-fA-F]")


@lru_cache(maxsize=64)
def _plain(source: str) -> PlainStyle | None:
    return read_plain(source, _TEXTS, _LISTS)


def _in_sandbox(source: str, file: str, names: Mapping[str, Any]) -> tuple[str, ...]:
    from jinja2 import TemplateSyntaxError

    from calotype.language.prompt.sandbox import rendered

    try:
        template = _template(source, file)
    except TemplateSyntaxError as cause:
        raise Problem(_fault(cause.message or "not a template", file, cause.lineno)) from None
    except (RecursionError, SyntaxError):
        raise Problem(_fault("the style is nested too deeply", file, 1)) from None
    try:
        texts = rendered(template, names, "negative")
    except Exception as cause:  # whatever an author's template may raise
        frames = traceback.extract_tb(cause.__traceback__)
        line = next((one.lineno or 1 for one in reversed(frames) if one.filename == file), 1)
        place = template.get_corresponding_lineno(line)
        raise Problem(_fault(str(cause) or type(cause).__name__, file, place)) from None
    if any(map(_HALF.search, texts)):
        line = next((number for number, text in enumerate(source.split("\n"), 1) if _ESCAPED_HALF.search(text)), 1)
        raise Problem(_fault("half a surrogate pair is no character, and cannot be written", file, line))
    return texts


@lru_cache(maxsize=64)
def _template(source: str, file: str) -> Template:
    from calotype.language.prompt.sandbox import compiled, environment

    return compiled(environment(), source, file)


def _fault(message: str, file: str, line: int | None) -> Diagnostic:
    unknown = re.match(r"'(\w+)' is undefined", message)
    hint = None
    if unknown:
        hint = did_you_mean(unknown[1], list(CONTEXT)) or f"a style may read {', '.join(CONTEXT)}"
    return error("style", message, file=file, line=line or 1, column=1, hint=hint)
