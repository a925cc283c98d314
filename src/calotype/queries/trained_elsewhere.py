"""LoRAs that were trained elsewhere on a set of the project, held against the sets as they are now."""

from __future__ import annotations

from collections.abc import Iterator

from calotype.ground.diagnostics import Diagnostic, warning
from calotype.ground.folders import MARKER
from calotype.ground.target_names import spec_key
from calotype.project.specs import sources
from calotype.project.workspace import Workspace
from calotype.run.products.product import Subject
from calotype.run.products.training_export import TrainingExport


def changed_sets(workspace: Workspace) -> Iterator[Diagnostic]:
    """A warning for each LoRA whose `trained_from` is no set of the project any more. No set is looked into where none
    says so."""
    told = {name: str(lora["trained_from"]) for name, lora in workspace.shared.config.loras.items()
            if "trained_from" in lora}
    if not told:
        return
    digests = dict(_digests(workspace))
    document = sources.document(workspace.root, MARKER)
    for name, digest in told.items():
        if digest not in digests.values():
            line, column = document.place(("loras", name, "trained_from"))
            now = ", ".join(f"{key} is {digests[key]}" for key in sorted(digests))
            message = f"the set that the LoRA `{name}` was trained on has changed since"
            hint = f"export it and train anew: {now}" if now else "no character has a training set"
            yield warning("set-changed", message, file=MARKER, line=line, column=column, hint=hint)


def _digests(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Of each character with a set, its key and the digest of the set as it is now."""
    product = TrainingExport()
    for character in workspace.characters.values():
        if product.declared(character):
            state = product.look(Subject(character, workspace))
            yield spec_key(character.kind, character.id), state.made_of.exported.digest
