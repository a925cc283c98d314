"""The characters that specs speak of, and whether they can be used. It tells nothing of what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable

from calotype.ground.diagnostics import Diagnostic
from calotype.language.in_force import characters_named
from calotype.language.references import Known, check_spec
from calotype.language.spec import Spec
from calotype.project.inputs.character_references import reference_faults
from calotype.project.workspace import Workspace


class NamedCharacters:
    """`references` gives what specs may refer to, by which a character is checked once."""

    def __init__(self, workspace: Workspace, references: Callable[[], Known]) -> None:
        self._workspace, self._references = workspace, references
        self._at_fault: dict[str, bool] = {}
        self._latest: tuple[Spec, tuple[str, ...]] | None = None

    def by(self, spec: Spec) -> tuple[str, ...]:
        """The ids of the characters that `spec` speaks of, itself left out."""
        if self._latest is None or self._latest[0] is not spec:
            self._latest = spec, characters_named(spec, self._workspace.shared.config.defaults)
        return self._latest[1]

    def at_fault(self, spec: Spec) -> bool:
        """Whether a character that `spec` speaks of has an error: what that settles cannot hold in its images, and the
        character's own spec tells why."""
        return any(self._has_error(name) for name in self.by(spec))

    def _has_error(self, name: str) -> bool:
        if name not in self._at_fault:
            character = self._workspace.characters.get(name)
            faults = [] if character is None else [
                *check_spec(character, self._references()), *self.reference_faults(character)]
            self._at_fault[name] = any(fault.severity == "error" for fault in faults)
        return self._at_fault[name]

    def reference_faults(self, character: Spec) -> list[Diagnostic]:
        """What cannot be read of the pictures and embeddings that a character is known by; nothing of other specs."""
        if character.kind != "character":
            return []
        workspace, opened = self._workspace, self._references().opened
        faults = reference_faults(character, workspace.root, workspace.inputs)
        return [opened(character.file).error(code, message, at, hint=hint) for at, (code, message, hint) in faults]
