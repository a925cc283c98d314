"""The rule about marks of other programs in a prompt: here they are words, and their letters are drawn as such."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from calotype.language.lint.subject import Remark, Subject
from calotype.language.spec import Pointer


class _Mark(NamedTuple):
    pattern: re.Pattern[str]
    whose: str
    instead: str


def _mark(pattern: str, whose: str, instead: str) -> _Mark:
    return _Mark(re.compile(pattern), whose, instead)


_FLAGS = "ar|aspect|v|version|niji|no|s|stylize|style|q|quality|seed|chaos|c|iw|weird|tile|stop|raw|sref|cref|cw|sw"
MARKS = (
    _mark(r"<(?:lora|lyco|hypernet):[^<>]*>?", "AUTOMATIC1111's sign for a LoRA",
          "name it under `loras` in calotype.yaml, and write `loras: [{name: ..., weight: ...}]`"),
    _mark(r"\b(?:BREAK|ADDCOMM|ADDBASE|ADDCOL|ADDROW)\b", "AUTOMATIC1111's sign for a new chunk",
          "take it out: long prompts are read in chunks that end with a sentence"),
    _mark(r"__[\w/*.-]+?__", "a wildcard", "write the words, or a spec for each"),
    _mark(r"\{[^{}]*\|[^{}]*\}", "a choice by chance", "write one of them, or an image for each"),
    _mark(r"\[[^\[\]]*[|:][^\[\]]*\]", "AUTOMATIC1111's sign for words that change between steps", "write the words"),
    _mark(rf"(?<!\S)--(?:{_FLAGS})\b(?:[ =][\w:.]+)?", "Midjourney's option",
          "write it as a key: `size`, `seed`, `negative_prompt`, or in a preset"),
    _mark(r"\bembedding:[\w./-]+", "ComfyUI's sign for an embedding", "take it out: embeddings are not read"),
    _mark(r"\(\([^()]*\)\)", "AUTOMATIC1111's sign for emphasis", "write `(words)1.3` or `(words)++`"),
    _mark(r"\([^()]*[^\W\d]\s*:\s*\d+\s*\)", "a weight without decimals, which is not read as one",
          "write `(words)1.3` or `(words:1.3)`, with a decimal point"),
    _mark(r"\b[^\W\d_]{2,}\+{2,}(?=[\s,.;)]|$)", "a weight without parentheses, which is not read as one",
          "write `(words)++`"),
)
"""In their order; of marks that overlap, the first is told."""
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def foreign(subject: Subject) -> Iterator[Remark]:
    """Each mark in the author's own words, at its place."""
    texts = list(subject.texts())
    negative = subject.negative()
    if negative is not None and subject.reads_negative():
        texts.append(negative)
    for pointer, text in texts:
        yield from _remarks(pointer, text)


def in_config(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Each mark in the texts that calotype.yaml puts into prompts."""
    negative = data.get("defaults", {}).get("negative_prompt")
    if isinstance(negative, str):
        yield from _remarks(("defaults", "negative_prompt"), negative)
    for name, lora in data.get("loras", {}).items():
        for number, words in enumerate(lora.get("trigger_words", ()) if isinstance(lora, Mapping) else ()):
            yield from _remarks(("loras", name, "trigger_words", number), str(words))


def in_style(template: str) -> Iterator[tuple[int, Remark]]:
    """Each mark in the text of a style, Jinja2's own left out, with where it begins."""
    text = _JINJA.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), template)
    for remark in _remarks((), text):
        yield text.index(remark.words), remark


def _remarks(pointer: Pointer, text: str) -> Iterator[Remark]:
    for mark, words in _marks(text):
        message = f"`{' '.join(words.split())}` is {mark.whose}: here it is read as words"
        yield Remark("foreign-prompt-syntax", message, pointer, mark.instead, words)


def _marks(text: str) -> Iterator[tuple[_Mark, str]]:
    taken: list[tuple[int, int]] = []
    for mark in MARKS:
        for match in mark.pattern.finditer(text):
            if all(match.end() <= start or match.start() >= end for start, end in taken):
                taken.append(match.span())
                yield mark, match[0]
