"""A failure that ends the run comes after what was published beside it."""

from __future__ import annotations

from conftest import Space

SPEC = """\
kind: exercise
id: bow
region: neck
title: Bow
images:
- {view_angle: lateral, body_position: standing, description: a bow, size: [64, 64]}
"""
IMAGE = "- {view_angle: anterior, body_position: standing, description: from the front, size: [64, 64]}\n"
FIRST, SECOND = (f"content/images/exercises/neck/bow_0{number}.png" for number in (1, 2))


def test_what_is_restored_beside_a_file_in_the_way_is_kept_by_fail_fast(space: Space) -> None:
    spec = SPEC
    space.write("specs/exercises/neck/bow.yaml", spec)
    assert space.call("build").code == 0
    space.remove(FIRST)
    space.write("specs/exercises/neck/bow.yaml", spec + IMAGE)
    space.write(SECOND, b"not ours")
    done = space.call("build", "--fail-fast", "--json")
    assert done.code == 1, done.err
    assert done.statuses == {"exercises/bow/01": "restored", "exercises/bow/02": "failed"}
    assert FIRST in space.files() and (space.root / SECOND).read_bytes() == b"not ours"
    assert space.call("check", "exercises/bow/01").code == 0


def test_several_files_in_the_way_end_a_run_once(space: Space) -> None:
    space.write("specs/exercises/neck/bow.yaml", SPEC + IMAGE)
    space.write(FIRST, b"not ours")
    space.write(SECOND, b"nor this")
    done = space.call("build", "--fail-fast", "--json")
    assert done.code == 1, done.err
    assert sorted(done.statuses.values()) == ["failed", "skipped"]
