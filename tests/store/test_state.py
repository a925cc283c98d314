"""What is remembered of files and specs, and when it must not be believed."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from calotype.ground.digest import sha256
from calotype.store import state as state_module
from calotype.store.state import State

NOW = time.time_ns


@dataclass(frozen=True)
class Row:
    file: str
    kind: str
    id: str
    targets: tuple[tuple[str, str], ...]
    sha256: str = "0" * 64
    characters: tuple[str, ...] = ()


def row(name: str, images: int = 3, folder: str = "neck") -> Row:
    targets = [(f"exercises/{name}/{n:02d}", f"content/images/exercises/{folder}/{name}_{n:02d}.png")
               for n in range(1, images + 1)]
    return Row(f"specs/exercises/{folder}/{name}.yaml", "exercise", name, tuple(targets))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "state" / "state.db"


@pytest.fixture
def state(path: Path) -> State:
    return State(path)


def later(monkeypatch: pytest.MonkeyPatch, seconds: float = 3) -> None:
    monkeypatch.setattr("calotype.store.state.time.time_ns", lambda: NOW() + int(seconds * 1e9))


def test_a_digest_is_of_the_bytes_and_none_where_there_is_no_file(state: State, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"data")
    assert state.digest(tmp_path / "file") == sha256(b"data")
    assert state.digest(tmp_path / "none") is None
    assert state.digest(tmp_path / "file" / "inner") is None


def test_a_file_that_has_settled_is_read_once(path: Path, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"data")
    later(monkeypatch)
    state = State(path)
    state.digest(tmp_path / "file")
    state.close()
    monkeypatch.setattr("calotype.store.state.sha256_between", lambda name: pytest.fail("it was read again"))
    assert State(path).digest(tmp_path / "file") == sha256(b"data")


def test_who_only_asks_leaves_the_digests_of_large_files_alone(path: Path, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "small").write_bytes(b"data")
    (tmp_path / "large").write_bytes(bytes(1024 * 1024))
    later(monkeypatch)
    state = State(path, remember_small=False)
    for name in ("small", "large"):
        state.digest(tmp_path / name)
    state.close()
    reads: list[str] = []
    read = state_module.sha256_between
    monkeypatch.setattr(state_module, "sha256_between", lambda name: reads.append(name) or read(name))
    for name in ("small", "large"):
        State(path).digest(tmp_path / name)
    assert reads == [str(tmp_path / "small")]


def test_a_file_just_changed_is_read_again(state: State, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    file, reads = tmp_path / "file", []
    read = state_module.sha256_between
    monkeypatch.setattr("calotype.store.state.sha256_between", lambda name: reads.append(name) or read(name))
    file.write_bytes(b"data")
    for seconds in (0, 1.8):
        later(monkeypatch, seconds)
        state.digest(file)
        state.digest(file)
    assert len(reads) == 4


@pytest.mark.parametrize("change", ["edit", "same size", "touch", "replaced"])
def test_a_file_that_changed_is_read_again(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                           change: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"data")
    later(monkeypatch)
    state.digest(file)
    before = file.stat()
    if change == "edit":
        file.write_bytes(b"longer data")
    elif change == "same size":
        file.write_bytes(b"atad")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "touch":
        file.touch()
    else:
        (tmp_path / "other").write_bytes(b"atad")
        (tmp_path / "other").replace(file)
    assert state.digest(file) == sha256(file.read_bytes())


def test_a_pixel_digest_is_decoded_once(state: State, tmp_path: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    file, decoded = tmp_path / "file.png", []
    file.write_bytes(b"data")
    later(monkeypatch)
    decode = lambda path: decoded.append(path) or "2" * 64  # noqa: E731
    assert state.pixels(file, "a form", decode) == state.pixels(file, "a form", decode) == "2" * 64
    assert decoded == [file]
    assert state.pixels(file, "another", decode) == "2" * 64 and len(decoded) == 2
    assert state.digest(file) == sha256(b"data")
    assert state.pixels(tmp_path / "none", "a form", decode) is None


def test_specs_are_found_by_what_they_are_and_what_they_ask_for(state: State) -> None:
    chin, calf = row("chin_tuck"), row("calf_raises", 2, "ankle_foot")
    assert not state.complete() and state.count() == 0 and state.spec_files() == []
    state.put_specs([chin, calf], whole=True)
    assert state.complete() and state.count() == 5
    assert state.spec_files() == [calf.file, chin.file]
    assert state.file_of("exercise", "chin_tuck") == chin.file and state.file_of("scene", "chin_tuck") is None
    assert state.key_of(calf.file) == "exercises/calf_raises" and state.key_of("specs/none.yaml") is None
    assert state.sha256_of(chin.file) == "0" * 64 and state.sha256_of("specs/none.yaml") is None
    assert state.targets() == {calf.file: list(calf.targets), chin.file: list(chin.targets)}
    assert state.targets_of(chin.file) == list(chin.targets) and state.targets_of("specs/none.yaml") == []
    assert state.owner(calf.targets[1][1]) == calf.file and state.owner("content/none.png") is None


def test_some_specs_are_changed_and_others_forgotten(state: State) -> None:
    state.put_specs([row("one"), row("two"), row("three")], whole=True)
    state.put_specs([row("one", 5), row("four", 1)], gone=[row("two").file, "specs/unknown.yaml"])
    assert state.count() == 5 + 3 + 1 and state.complete()
    assert state.owner(row("two").targets[0][1]) is None and state.file_of("exercise", "two") is None
    assert state.owner(row("one", 5).targets[4][1]) == row("one").file


def test_a_spec_that_moves_takes_its_assets_with_it(state: State) -> None:
    before = row("one")
    state.put_specs([before], whole=True)
    after = Row("specs/exercises/elsewhere.yaml", "exercise", "one", before.targets)
    state.put_specs([after], gone=[before.file])
    assert state.owner(before.targets[0][1]) == after.file == state.file_of("exercise", "one")
    assert state.count() == 3


def test_all_specs_replace_all_specs(state: State) -> None:
    state.put_specs([row("one"), row("two")], whole=True)
    state.put_specs([row("three")], whole=True)
    assert state.spec_files() == [row("three").file] and state.count() == 3
    assert state.owner(row("one").targets[0][1]) is None


def test_a_part_of_the_specs_is_not_taken_for_all(state: State) -> None:
    state.put_specs([row("one")])
    assert not state.complete()
    assert state.file_of("exercise", "one") == row("one").file


def answers(state: State) -> dict[str, object]:
    chin = row("chin_tuck")
    return {"complete": state.complete(), "count": state.count(), "files": state.spec_files(),
            "file": state.file_of("exercise", "chin_tuck"), "targets": state.targets_of(chin.file),
            "all": state.targets(), "owner": state.owner(chin.targets[0][1]), "key": state.key_of(chin.file)}


NOTHING = {"complete": (False,), "count": (0,), "files": ([],), "file": (None,), "targets": ([],),
           "all": ({},), "owner": (None,), "key": (None,)}


@pytest.mark.parametrize("stride", [71, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_a_damaged_file_answers_as_before_or_knows_nothing(path: Path, damage: str, stride: int) -> None:
    state = State(path)
    state.put_specs([row("chin_tuck"), row("calf")], whole=True)
    truth = answers(state)
    state.close()
    whole = path.read_bytes()
    for at in [*range(120), *range(120, len(whole), stride), *range(len(whole) - 60, len(whole))]:
        flipped = whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1:]
        path.write_bytes(whole[:at] if damage == "cut" else flipped)
        Path(f"{path}-journal").unlink(missing_ok=True)
        state = State(path)
        for name, answer in answers(state).items():
            assert answer == truth[name] or answer in NOTHING[name], (at, name)
        state.put_specs([row("chin_tuck"), row("calf")], whole=True)
        assert answers(state) == truth
        state.close()


def test_a_memo_that_cannot_be_written_costs_nothing(state: State, path: Path, tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"data")
    later(monkeypatch)
    state.digest(tmp_path / "file")
    state._database._open().execute("PRAGMA query_only=ON")
    state.flush()
    assert state.digest(tmp_path / "file") == sha256(b"data")
