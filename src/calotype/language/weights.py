"""A model's weights as specs and calotype.yaml name them. Must not know where they lie, nor what loads them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """`name` is a file or a folder of the project if it exists there, else `org/name` on the Hub; `revision` a commit,
    branch or tag there; `variant` the kind of weights files, such as fp16."""

    name: str
    revision: str | None = None
    variant: str | None = None

    def __str__(self) -> str:
        """`name@revision:variant`, with the parts that are there: as the manifest locks it and messages name it."""
        revision = f"@{self.revision}" if self.revision else ""
        return f"{self.name}{revision}:{self.variant}" if self.variant else f"{self.name}{revision}"
