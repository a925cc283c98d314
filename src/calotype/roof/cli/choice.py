"""A word out of a few: an option or argument that names the nearest where another is given."""

from __future__ import annotations

from typing import Any

import click

from calotype.ground.diagnostics import nearest


class Choice(click.Choice[str]):
    """As click's, with `possibilities` in what it raises: the words that are near, as click has them for commands."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as unknown:
            unknown.possibilities = nearest(str(value), self.choices)  # type: ignore[attr-defined]
            raise
