"""What the last build knew of decisions, so that the next one reads no picks file that has not changed.

It is kept in the state's database, and written with the specs in one transaction. It must not know the files
themselves: whoever uses it knows which of them have changed since.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from calotype.ground.light_dataclass import astuple
from calotype.language.decisions import Decision
from calotype.store.page_memory import PageMemory, Update

FILES, NAMES = "picks", "picks by name"
CONSULTS, CONSULTED = "picks consult", "picks consulted"
UNREAD, ASKED = "picks unread", "picks asked"
_WHOLE = ""
"""The name, among files, of the row that says that all files are known."""


class DecisionMemory:
    """`whole` says that every picks file of the project was known at the last build."""

    def __init__(self, memory: PageMemory) -> None:
        self._memory = memory

    @property
    def whole(self) -> bool:
        return self._memory.get(FILES, _WHOLE) is not None

    @property
    def empty(self) -> bool:
        return len(self._memory.items(FILES, limit=2)) < 2

    def decisions(self, file: str) -> list[Decision]:
        """What a file held, in its order."""
        text = self._memory.get(FILES, file)
        return [Decision(*row) for row in json.loads(text)] if text else []

    def files_naming(self, name: str) -> list[str]:
        """The files that held a render key, a pixel digest or a target."""
        return self._after(NAMES, name)

    def dependants(self, spec_key: str) -> list[str]:
        return self._after(CONSULTED, spec_key)

    def unread(self) -> dict[str, list[int]]:
        """The numbers of decisions that nobody read, by file."""
        return {file: json.loads(text) for file, text in self._memory.items(UNREAD).items()}

    def asked(self, spec_key: str) -> list[str]:
        """The decided renders that the spec `exercises/chin_tuck` asked for, by their keys."""
        text = self._memory.get(ASKED, spec_key)
        return list(json.loads(text)) if text else []

    def update(
        self, files: Mapping[str, Sequence[Decision]], consulted: Mapping[str, Collection[str]],
        asked: Mapping[str, Collection[str]], unread: Mapping[str, Sequence[int]], *, whole: bool,
    ) -> Update:
        """What is to be written: `files` as they are now (empty: gone), `consulted` by spec file, the decided renders
        that are `asked` for by spec, and all that is `unread`. `whole`: these are all files and specs there are."""
        update: dict[tuple[str, str], str | None] = {}
        for file in self._memory.items(FILES).keys() - {_WHOLE} if whole else files:
            update |= dict.fromkeys(_file_rows(file, self.decisions(file)))
        for file, decisions in files.items():
            update |= _file_rows(file, decisions) if decisions else {}
        for file, before in self._consults(None if whole else consulted).items():
            update |= dict.fromkeys(_consult_rows(file, before))
        for file, spec_keys in consulted.items():
            update |= _consult_rows(file, spec_keys) if spec_keys else {}
        update |= dict.fromkeys((ASKED, key) for key in (self._memory.items(ASKED) if whole else ()))
        update |= {(ASKED, key): json.dumps(sorted(keys)) if keys else None for key, keys in asked.items()}
        update |= dict.fromkeys((UNREAD, file) for file in self._memory.items(UNREAD))
        update |= {(UNREAD, file): json.dumps(sorted(numbers)) for file, numbers in unread.items()}
        return {**update, (FILES, _WHOLE): "all"}

    def _consults(self, files: Collection[str] | None) -> dict[str, list[str]]:
        every = self._memory.items(CONSULTS)
        return {file: json.loads(text) for file, text in every.items() if files is None or file in files}

    def _after(self, topic: str, name: str) -> list[str]:
        return [row.removeprefix(f"{name} ") for row in self._memory.items(topic, f"{name} ", f"{name}!")]


def _file_rows(file: str, decisions: Iterable[Decision]) -> dict[tuple[str, str], str | None]:
    rows: dict[tuple[str, str], str | None] = {(FILES, file): None}
    held = [astuple(decision) for decision in decisions]
    if held:
        rows[(FILES, file)] = json.dumps(held)
    names = {name for target, action, pixels, *_ in held for name in (target, action, pixels)}
    return rows | {(NAMES, f"{name} {file}"): "" for name in names}


def _consult_rows(file: str, spec_keys: Collection[str]) -> dict[tuple[str, str], str | None]:
    return {(CONSULTS, file): json.dumps(sorted(spec_keys)), **{(CONSULTED, f"{key} {file}"): "" for key in spec_keys}}
