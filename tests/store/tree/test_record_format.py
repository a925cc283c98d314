"""The file of a record: what it says comes back, and no other bytes are more than "not a record"."""

from __future__ import annotations

import marshal
import random
import shutil
import zlib
from array import array
from pathlib import Path

import pytest

from calotype.ground.fingerprint import WIDTH
from calotype.project.last_build import compare_with_last_build
from calotype.store.tree import format
from calotype.store.tree.format import MAGIC, Encoded, Folder, encode, join
from conftest import Space

SOME = {"specs": Folder(join(["a.yaml", "\udcff.yaml"]), bytes(2 * WIDTH), ("exercises", "poses")),
        "specs/exercises": Folder(b"", b""), "specs/poses": Folder(b"x", b"\1" * WIDTH)}


def test_what_is_written_is_read() -> None:
    loose = Folder(join(["calotype.yaml", "/w/x"]), b"\2" * 2 * WIDTH)
    record = Encoded(encode(b"key", b"summary", ["specs", "content"], SOME, loose))
    assert (record.key, record.summary, record.trees) == (b"key", b"summary", ("specs", "content"))
    assert record.sound()
    assert {path: (record.data[start:middle], record.data[middle:end], inner)
            for path, start, middle, end, inner in record.rows} == {
        "": (loose.names, loose.fingerprints, ()),
        **{path: (folder.names, folder.fingerprints, folder.inner) for path, folder in SOME.items()}}
    assert Encoded(encode(b"", b"", [], {}, Folder(b"", b""))).rows[0][0] == ""


def test_a_record_that_would_fill_the_memory_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "record"
    path.write_bytes(encode(b"key", b"summary", ["specs"], SOME, Folder(b"", b"")))
    assert format.read(str(path)) is not None
    monkeypatch.setattr(format, "LARGEST", path.stat().st_size - 1)
    assert format.read(str(path)) is None


def test_any_other_bytes_are_no_record() -> None:
    """Also where the sums agree: whoever makes such a file can make those."""
    whole = encode(b"key", b"summary", ["specs"], SOME, Folder(b"", b""))
    header_length = array("I", whole[len(MAGIC):len(MAGIC) + 20])[1]
    start, chance = len(MAGIC) + 20, random.Random(3)
    refused = 0
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(start, start + header_length)] = chance.choice((0, 1, 255, chance.randrange(256)))
        header, body = bytes(data[start:start + header_length]), bytes(data[start + header_length:])
        sums = array("I", (2, len(header), zlib.crc32(header), len(body), zlib.crc32(body))).tobytes()
        try:
            record = Encoded(MAGIC + sums + header + body)
        except ValueError:
            refused += 1
            continue
        assert all(first <= middle <= end <= len(record.data) for _, first, middle, end, _ in record.rows)
    assert refused > 1000


def test_a_record_is_never_read_by_marshal() -> None:
    """What `marshal` reads can crash it; a repository may bring a record along."""
    for schema in (1, 2):
        header = marshal.dumps((b"key", b"settled 1", ("specs",), [("", 0, 0, 0, ())]), 2)
        sums = array("I", (schema, len(header), zlib.crc32(header), 0, 0)).tobytes()
        with pytest.raises(ValueError, match=r"."):
            Encoded(MAGIC + sums + header)


def test_a_record_that_came_with_a_checkout_is_not_believed(space: Space, tmp_path: Path) -> None:
    """It could say that all is as it should be."""
    space.write("specs/exercises/chin.yaml", "kind: exercise\nid: chin\nregion: neck\ntitle: Chin\nimages:\n"
                      "  - {view_angle: lateral, body_position: standing, description: chin}\n")
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [16, 16]}\n")
    assert space.call("build").code == 0
    copy = Space(tmp_path / "checkout")
    shutil.copytree(space.root, copy.root)
    assert compare_with_last_build(str(space.root)).record_found
    assert not compare_with_last_build(str(copy.root)).record_found
    assert copy.call("build", "--json").json["renders"] == 0
