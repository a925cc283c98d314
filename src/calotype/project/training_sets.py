"""Which specs have a training set, as builds remember it: `plan` and `check` tell of the sets of specs that they need
not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calotype.project.changes import ChangeSet
from calotype.store.page_memory import Update
from calotype.store.state import State

_TOPIC = "training set"


def remembered_sets(state: State, change_set: ChangeSet, sets: Mapping[str, str]) -> Update:
    """What is to be remembered after a build that looked into `change_set` and found `sets`: spec files by keys."""
    examined = {*change_set.files, *change_set.gone}
    before = state.pages.items(_TOPIC)
    gone = (key for key, file in before.items() if key not in sets and (change_set.whole or file in examined))
    return {**{(_TOPIC, key): None for key in gone},
            **{(_TOPIC, key): file for key, file in sets.items() if before.get(key) != file}}


def sets_of(state: State, change_set: ChangeSet, sets: Mapping[str, str]) -> Iterator[str]:
    """The keys of all specs that have a training set, in order: those found now, and those of the specs that
    `change_set` leaves out."""
    examined = {*change_set.files, *change_set.gone}
    left_out = {} if change_set.whole else {
        key: file for key, file in state.pages.items(_TOPIC).items() if file not in examined}
    yield from sorted({**left_out, **sets})
