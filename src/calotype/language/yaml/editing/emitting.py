"""Values as YAML text, to be put into a file that a person wrote. Must not know where."""

from __future__ import annotations

from typing import Any

WIDEST = 100
"""Columns within which a collection is written on one line."""


class Unplaced(Exception):
    """A place of the text that cannot be changed by itself."""


def flow(value: Any) -> str:
    """`value` on one line, as it may stand among others in brackets."""
    import yaml

    return yaml.safe_dump([value], default_flow_style=True, sort_keys=False, allow_unicode=True, width=1 << 30)[1:-2]


def block(value: Any, indent: int, line_end: str) -> str:
    """A mapping or list, each key or item on a line of its own, without the last line's end."""
    lines = [f"{flow(key)}: {flow(item)}" for key, item in value.items()] if isinstance(value, dict) else [
        f"- {flow(item)}" for item in value]
    return line_end.join(" " * indent + line for line in lines)


def after_key(value: Any, column: int, indent: int, line_end: str) -> str:
    """What follows the colon of a key: on its line, where that stays within WIDEST, else on lines below it. `column` is
    where the colon stands, `indent` that of lines below."""
    line = flow(value)
    if not isinstance(value, dict | list) or not value or column + len(line) < WIDEST:
        return f" {line}"
    return f"{line_end}{block(value, indent, line_end)}"
