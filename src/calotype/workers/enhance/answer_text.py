"""The text of an answer without what models put round it: thoughts before it, a fence, a label, quotation marks."""

from __future__ import annotations

import re

_NAMES = "think|thinking|thought|thoughts|reasoning|analysis"
_THOUGHT = re.compile(
    rf"\A\s*(?:<({_NAMES})>.*?</\1>|\[THINK\].*?\[/THINK\]|(?:(?!<(?:{_NAMES})>).)*?</(?:{_NAMES})>"
    r"|<\|channel\|>.*<\|channel\|>final<\|message\|>)\s*",
    re.DOTALL | re.IGNORECASE)
"""What was thought before the answer: a block of its own, whose beginning a template may have written (a model's own
template often begins it, so that the answer only ends it)."""
_FENCE = re.compile(r"\A```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*```\Z", re.DOTALL)
_LABEL = re.compile(
    r"\A(?:\*\*|#+ *)?(?:enhanced|final|revised|rewritten|improved|new)?\s*prompt\s*:\s*(?:\*\*)?\s*:?\s*",
    re.IGNORECASE)
_QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("'", "'"), ("‘", "’"), ("«", "»"), ("`", "`"))


def bare(answer: str) -> str:
    """`answer` without thoughts before it and a code fence round the whole of it."""
    text = _THOUGHT.sub("", answer, count=1).strip()
    fence = _FENCE.match(text)
    return fence[1].strip() if fence is not None and "```" not in fence[1] else text


def bare_line(answer: str) -> str:
    """`answer`, a text for a picture, also without a label before it and one pair of quotation marks round it."""
    text = _LABEL.sub("", answer.strip(), count=1)
    for opening, closing in _QUOTES:
        if len(text) > 1 and text[0] == opening and text[-1] == closing and closing not in text[1:-1]:
            return text[1:-1].strip()
    return text
