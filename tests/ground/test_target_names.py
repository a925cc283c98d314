"""A target's name taken apart, and the seeds of its candidates."""

from __future__ import annotations

import pytest

from calotype.ground.target_names import (
    DOCUMENT_KINDS,
    FOLDERS,
    KIND_OF_FOLDER,
    SPEC_KINDS,
    TargetName,
    candidate_seed,
    spec_key,
    spec_key_of,
)


@pytest.mark.parametrize(("name", "kind", "key", "part", "last"), [
    ("exercises/chin_tuck/01", "exercise", "exercises/chin_tuck", "01", "01"),
    ("characters/mannequin/anchors/front", "character", "characters/mannequin", "anchors/front", "front"),
    ("characters/luca/variations/top_01", "character", "characters/luca", "variations/top_01", "top_01"),
    ("scenes/coffee/reach", "scene", "scenes/coffee", "reach", "reach"),
])
def test_a_name_is_folder_spec_and_part(name: str, kind: str, key: str, part: str, last: str) -> None:
    target = TargetName(name)
    assert (target.kind, target.spec_key, target.part, target.last) == (kind, key, part, last)
    assert str(target) == name
    assert spec_key_of(name) == spec_key(kind, target.spec_id) == key


@pytest.mark.parametrize("name", ["", "exercises", "exercises/chin_tuck", "exercises//01", "poses/reach/01", "a/b/c"])
def test_anything_else_is_no_target(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a target"):
        TargetName(name)


def test_a_specs_own_key_is_its_own() -> None:
    assert spec_key_of("exercises/chin_tuck") == "exercises/chin_tuck"


def test_each_kind_has_a_folder_and_every_document_a_kind() -> None:
    assert FOLDERS == ("exercises", "characters", "scenes")
    assert tuple(KIND_OF_FOLDER[folder] for folder in FOLDERS) == SPEC_KINDS == DOCUMENT_KINDS[:3]


def test_candidates_have_the_seeds_that_follow_one_another_and_begin_anew_after_the_last() -> None:
    assert [candidate_seed(42, index) for index in range(3)] == [42, 43, 44]
    assert [candidate_seed(2**32 - 1, index) for index in range(2)] == [2**32 - 1, 0]
