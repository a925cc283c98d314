"""A model's weights as specs and calotype.yaml name them. Must not know where they lie, nor what loads them."""

from __future__ import annotations

from calotype.ground.light_dataclass import dataclass

PACKAGE = "package:"
"""What the name of a model begins with that an installed package brings along: `package:NAME/path/in/it.onnx`. Workers
name such models, specs and calotype.yaml cannot."""


@dataclass(frozen=True, slots=True)
class Model:
    """`name` is a file or a folder of the project if it exists there, else `org/name` on the Hub; `revision` a commit,
    branch or tag there; `variant` the kind of weights files, such as fp16; `part` a file or folder inside the model.
    `settings` asks for its configs and tokenizers alone, which a checkpoint in one file lacks."""

    name: str
    revision: str | None = None
    variant: str | None = None
    part: str | None = None
    settings: bool = False

    @property
    def path(self) -> str:
        """`name/part`, where a part is named."""
        return f"{self.name}/{self.part}" if self.part else self.name

    def __str__(self) -> str:
        """`name/part@revision:variant`, of it what is there: as the manifest locks it and messages name it."""
        revision = f"@{self.revision}" if self.revision else ""
        variant = f":{self.variant}" if self.variant else ""
        return f"{self.path}{revision}{variant}" + (" (config)" if self.settings else "")
