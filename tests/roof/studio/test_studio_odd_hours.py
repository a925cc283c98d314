"""A full disk and a clock that was set back, under a Studio: told, nothing lost, and on it goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from conftest import Space
from patience import wait_for
from small_disk import fill, small_disk
from studio_server import NOD, Server, studio, write_project


def told(server: Server) -> list[str]:
    return [each["code"] for each in server.state.get("diagnostics", [])]


def test_a_disk_that_is_full_during_a_render_is_told_and_built_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        if not os.path.ismount(disk):
            pytest.skip("this user may mount nothing")
        space = Space(disk / "project")
        space.root.mkdir()
        write_project(space, "seed: 1", "seed: 2")
        with studio(space.root) as server:
            server.wait_for_build()
            wait_for(lambda: server.state["latest"]["up_to_date"] == 2 or server.state["latest"]["renders"] == 2)
            before = {name: (space.root / name).read_bytes() for name in space.files("content")}
            fill(disk / "ballast", 16 << 10)
            space.edit(NOD, "seed: 1", "seed: 3")
            server.wait(lambda: "disk-full" in told(server))
            assert {name: (space.root / name).read_bytes() for name in space.files("content")} == before
            assert server.ask("/build/exercises/nod.html").status == 200, "it can be looked at"
            refused = server.write("/api/decisions", {"decision": "approve", "target": "exercises/nod/02"})
            assert refused.status in (201, 500) and (refused.status == 201 or refused.codes == ["disk-full"]), refused.body
            (disk / "ballast").unlink()
            server.write("/api/builds")
            server.wait(lambda: not told(server) and server.state["latest"]["renders"] >= 1)
        assert space.call("check").code == 0
        assert not [name for folder in ("content", "specs") for name in space.files(folder) if name.endswith(".tmp")]


def test_files_of_the_future_and_of_long_ago_are_built_as_any_edit_is(space: Space) -> None:
    """As a clock that was set back leaves them, or an archive that was unpacked."""
    write_project(space, "seed: 1")
    with studio(space.root) as server:
        server.wait_for_build()
        for turn, moment in enumerate((time.time() + 86_400, 1_000_000_000.0, time.time() - 3600)):
            builds = server.state["builds"]
            text = space.read(NOD).replace(f"seed: {turn + 1}", f"seed: {turn + 2}")
            new = space.root / f"{NOD}.tmp"
            new.write_text(text)
            os.utime(new, (moment, moment))
            new.replace(space.root / NOD)
            server.wait(lambda: server.state["builds"] > builds and server.state["latest"]["renders"] == 1)  # noqa: B023
    assert space.call("check", "--full").code == 0
    assert len(list((space.root / "content/images").rglob("*.png"))) == 1
