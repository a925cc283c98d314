"""What a look at the files finds, compared with the record of the last build."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from calotype.store.tree.compare import TreeDiff, look
from calotype.store.tree.snapshot import Record, take
from conftest import settle

KEY = b"0.1.0"


class Space:
    """A small project: three specs in two regions, an image each, a weight outside the trees."""

    def __init__(self, root: Path) -> None:
        self.root, self.record = root, root / "cache" / "record"
        self.last: TreeDiff | None = None
        for name in ("neck/chin_tuck", "hip/stretch", "hip/swing"):
            self.write(f"specs/exercises/{name}.yaml", f"id: {name}\n")
            self.write(f"content/{name}_01.png", name * 3)
        self.write("weights/luca.bin", "luca")
        self.write("cache/.gitignore", "*\n")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def take(self) -> Record:
        settle(self.root)
        files = ["weights/luca.bin", "calotype.yaml"]
        return take(self.root, ["specs", "content", "templates"], files, self.root / "cache")

    def store(self, record: Record | None = None) -> None:
        (record or self.take()).write(self.record, KEY, b"summary")

    def look(self, processes: int | None = None) -> TreeDiff:
        return look(self.root, self.record, KEY, processes=processes)

    def changed(self) -> list[str]:
        """What a look finds; proves first that two processes find what one finds, and so does who has read the record
        already."""
        alone, shared = self.look(1), self.look(2)
        assert alone.changed == shared.changed
        self.last = look(self.root, self.record, KEY, before=self.last)
        assert (self.last.changes, self.last.summary, self.last.record_found) == (alone.changes, alone.summary, True)
        assert alone.record_found
        assert alone.unchanged == (not alone.changed)
        return alone.changed

    def build_on(self) -> None:
        """What a build does that finds nothing to render: it carries the record on."""
        settle(self.root)
        self.store(self.look().record())


@pytest.fixture
def space(tmp_path: Path) -> Space:
    space = Space(tmp_path)
    space.store()
    return space


def test_nothing_changed_gives_back_the_summary(space: Space) -> None:
    assert space.changed() == []
    assert space.look().summary == b"summary"


def test_an_edit_is_named(space: Space) -> None:
    space.write("specs/exercises/hip/swing.yaml", "id: swing2\n")
    assert space.changed() == ["specs/exercises/hip/swing.yaml"]


def test_an_edit_of_the_same_size_with_its_old_mtime_is_found(space: Space) -> None:
    path = space.root / "specs/exercises/hip/swing.yaml"
    before = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert space.changed() == ["specs/exercises/hip/swing.yaml"]


def test_files_added_removed_and_renamed_are_named(space: Space) -> None:
    space.write("specs/exercises/neck/new.yaml", "id: new\n")
    (space.root / "content/hip/swing_01.png").unlink()
    (space.root / "content/neck/chin_tuck_01.png").rename(space.root / "content/neck/other_01.png")
    assert space.changed() == ["content/hip/swing_01.png", "content/neck/chin_tuck_01.png",
                               "content/neck/other_01.png", "specs/exercises/neck/new.yaml"]


def test_a_new_folder_is_named_with_all_in_it(space: Space) -> None:
    space.write("specs/scenes/a/b/coffee.yaml", "id: coffee\n")
    assert space.changed() == ["specs/scenes/", "specs/scenes/a/", "specs/scenes/a/b/",
                               "specs/scenes/a/b/coffee.yaml"]


def test_a_folder_gone_is_named_with_all_that_was_in_it(space: Space) -> None:
    shutil.rmtree(space.root / "content/hip")
    assert space.changed() == ["content/hip/", "content/hip/stretch_01.png", "content/hip/swing_01.png"]


def test_a_tree_that_was_missing_is_seen_when_it_comes(space: Space) -> None:
    space.write("templates/styles/medical.j2", "words")
    assert "templates/styles/medical.j2" in space.changed()


def test_a_tree_that_goes_is_seen_and_again_when_it_comes_back(space: Space) -> None:
    shutil.rmtree(space.root / "content")
    assert "content/hip/swing_01.png" in space.changed()
    space.build_on()
    assert space.changed() == []
    space.write("content/hip/swing_01.png", "again")
    assert "content/hip/swing_01.png" in space.changed()


def test_loose_files_are_watched_also_where_they_are_missing(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\n")
    space.write("weights/luca.bin", "other")
    assert space.changed() == ["calotype.yaml", "weights/luca.bin"]


def test_a_folder_may_be_watched_by_its_own_stat_alone(space: Space) -> None:
    record = space.take()
    record.watch(["weights"])
    space.store(record)
    assert space.changed() == []
    space.write("weights/luca.bin", "a change inside")
    assert space.changed() == []
    space.write("weights/other.bin", "a name more")
    assert space.changed() == ["weights"]


def test_the_file_behind_a_link_is_watched(space: Space) -> None:
    (space.root / "specs/linked.yaml").symlink_to("../weights/luca.bin")
    space.store()
    assert space.changed() == []
    space.write("weights/luca.bin", "other")
    assert "specs/linked.yaml" in space.changed()


def test_the_file_behind_a_link_that_came_later_is_watched(space: Space) -> None:
    (space.root / "specs/linked.yaml").symlink_to("../weights/luca.bin")
    assert space.changed() == ["specs/linked.yaml"]
    space.build_on()
    assert space.changed() == []
    space.write("weights/luca.bin", "other")
    assert "specs/linked.yaml" in space.changed()


def test_a_file_replaced_by_a_folder_is_looked_into(space: Space) -> None:
    (space.root / "specs/exercises/hip/swing.yaml").unlink()
    space.write("specs/exercises/hip/swing.yaml/inner.yaml", "id: inner\n")
    assert "specs/exercises/hip/swing.yaml/inner.yaml" in space.changed()
    space.build_on()
    assert space.changed() == []
    space.write("specs/exercises/hip/swing.yaml/inner.yaml", "id: other\n")
    assert space.changed() == ["specs/exercises/hip/swing.yaml/inner.yaml"]


def test_a_folder_replaced_by_a_file_is_found(space: Space) -> None:
    shutil.rmtree(space.root / "specs/exercises/hip")
    space.write("specs/exercises/hip", "a file")
    assert "specs/exercises/hip/" in space.changed()


@pytest.mark.parametrize("change", ["edit", "add", "remove", "folder", "folder_gone"])
def test_a_record_carried_on_from_a_look_holds(space: Space, change: str) -> None:
    if change == "edit":
        space.write("specs/exercises/hip/swing.yaml", "id: other\n")
    elif change == "add":
        space.write("specs/exercises/hip/another.yaml", "id: another\n")
    elif change == "remove":
        (space.root / "specs/exercises/hip/swing.yaml").unlink()
    elif change == "folder":
        space.write("specs/scenes/deep/coffee.yaml", "id: coffee\n")
    else:
        shutil.rmtree(space.root / "specs/exercises/neck")
    assert space.changed() != []
    space.build_on()
    assert space.changed() == []
    space.write("specs/exercises/hip/stretch.yaml", "id: changed\n")
    assert space.changed() == ["specs/exercises/hip/stretch.yaml"]


def test_what_the_build_wrote_and_removed_is_no_change(space: Space) -> None:
    record = space.take()
    space.write("content/neck/chin_tuck_01.png", "rendered")
    space.write("content/ankle/raise/calf_01.png", "rendered")
    shutil.rmtree(space.root / "content/hip")
    record.wrote(["content/neck/chin_tuck_01.png", "content/ankle/raise/calf_01.png"])
    record.removed(["content/hip/stretch_01.png", "content/hip/swing_01.png"])
    space.store(record)
    assert space.changed() == []
    space.write("content/ankle/raise/calf_01.png", "by hand")
    assert space.changed() == ["content/ankle/raise/calf_01.png"]


def test_the_first_images_of_a_project_may_make_their_tree(space: Space) -> None:
    shutil.rmtree(space.root / "content")
    record = space.take()
    space.write("content/images/neck/one.png", "rendered")
    record.wrote(["content/images/neck/one.png"])
    space.store(record)
    assert space.changed() == []


def test_what_others_do_during_a_build_is_found_by_the_next(space: Space) -> None:
    record = space.take()
    space.write("specs/exercises/hip/swing.yaml", "id: edited\n")
    space.write("content/neck/foreign.png", "foreign")
    (space.root / "content/hip/swing_01.png").unlink()
    space.write("content/neck/chin_tuck_01.png", "rendered")
    space.write("content/hip/stretch_01.png", "rendered")
    record.wrote(["content/neck/chin_tuck_01.png", "content/hip/stretch_01.png"])
    space.store(record)
    assert space.changed() == ["content/hip/swing_01.png", "content/neck/foreign.png",
                               "specs/exercises/hip/swing.yaml"]


def test_an_image_that_vanished_right_after_it_was_written_is_found(space: Space) -> None:
    record = space.take()
    record.wrote(["content/neck/never.png", "content/nowhere/never.png"])
    space.store(record)
    assert {"content/neck/never.png", "content/nowhere/never.png"} <= {*space.changed()}


def test_a_file_as_fresh_as_the_record_is_not_trusted_until_it_is_seen_again(space: Space) -> None:
    settle(space.root)
    space.write("specs/exercises/hip/swing.yaml", "id: fresh\n")
    space.store(take(space.root, ["specs"], [], space.root / "cache"))
    assert space.changed() == ["specs/exercises/hip/swing.yaml"]
    space.build_on()
    assert space.changed() == []


def test_another_key_knows_nothing(space: Space) -> None:
    found = look(space.root, space.record, b"0.2.0")
    assert not found.record_found and not found.unchanged and found.changed == []


def test_no_record_knows_nothing(space: Space) -> None:
    assert not look(space.root, space.root / "cache/none", KEY).record_found
    assert not look(space.root, space.root / "cache", KEY).record_found


def test_a_record_cut_off_at_any_byte_knows_nothing(space: Space) -> None:
    whole = space.record.read_bytes()
    for length in range(len(whole)):
        space.record.write_bytes(whole[:length])
        assert not space.look().record_found


def test_a_bit_flipped_anywhere_never_hides_a_change(space: Space) -> None:
    whole = space.record.read_bytes()
    space.write("specs/exercises/hip/swing.yaml", "id: other\n")
    for at in range(len(whole)):
        space.record.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1:])
        found = space.look()
        assert not found.unchanged
        assert found.changed in ([], ["specs/exercises/hip/swing.yaml"])


def test_a_bit_flipped_anywhere_never_invents_a_change(space: Space) -> None:
    whole = space.record.read_bytes()
    for at in range(len(whole)):
        space.record.write_bytes(whole[:at] + bytes([whole[at] ^ (128 >> at % 8)]) + whole[at + 1:])
        assert space.look().changed == []


def test_names_of_any_kind_are_kept(space: Space) -> None:
    for name in ("specs/überkopf.yaml", "specs/two\nlines.yaml", "specs/日本.yaml"):
        space.write(name, "x")
    with open(os.fsencode(space.root / "specs") + b"/\xff\xfe.yaml", "wb"):
        pass
    space.store()
    assert space.changed() == []


def test_a_record_is_read_again_where_another_has_taken_its_place_and_only_there(space: Space) -> None:
    first = space.look()
    second = look(space.root, space.record, KEY, before=first)
    assert second.record_found and second.identity == first.identity
    assert second.encoded_at(str(space.record), b"") is None
    space.write("specs/exercises/hip/lift.yaml", "id: lift\n")
    assert look(space.root, space.record, KEY, before=second).changed == ["specs/exercises/hip/lift.yaml"]
    space.build_on()
    third = look(space.root, space.record, KEY, before=second)
    assert third.unchanged and third.identity == space.look().identity != first.identity
    space.record.unlink()
    assert not look(space.root, space.record, KEY, before=third).record_found
    assert not look(space.root, space.record, b"0.2.0", before=third).record_found


def test_a_look_writes_nothing(space: Space) -> None:
    def state() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in space.root.rglob("*")}

    before = state()
    assert space.look(2).unchanged
    assert state() == before


def test_a_folder_that_cannot_be_opened_is_a_change_not_a_crash(space: Space) -> None:
    closed = space.root / "specs/exercises/neck"
    closed.rename(space.root / "aside")
    closed.symlink_to("neck")
    assert "specs/exercises/neck/chin_tuck.yaml" in space.changed()
