"""What is answered without a look at everything is what a look at everything says."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from served import Beside, beside, plain

from survival import Studio, studio

__all__ = ["studio"]

BEND = "specs/exercises/bend.yaml"


@pytest.fixture
def bends(studio: Studio) -> Studio:
    for name in ("bend", "turn", "lift"):
        studio.exercise(name, f"description: {name}")
    return studio


def builds_of(terminal: Beside) -> list[str]:
    """What the watch has told of its own builds of the bend."""
    return [line for line in terminal.told if line.startswith("rendered") and "exercises/bend/01" in line]


def test_an_edit_followed_at_once_by_a_build_is_built_once_and_by_it(bends: Studio) -> None:
    """Unless this machine takes longer to start a command than the watch waits for one: then by the watch, and once."""
    with beside(bends) as terminal:
        time.sleep(0.5)
        before, served = len(builds_of(terminal)), 0
        for turn in range(5):
            bends.edit(BEND, "title: bend", f"title: bend {turn}\nseed: {turn}") if turn == 0 else bends.edit(
                BEND, f"seed: {turn - 1}", f"seed: {turn}")
            answer = terminal.run("build", "--json")
            assert len(bends.painted) == 4 + turn, (turn, answer, terminal.told)
            assert b'"renders": 0' in terminal.run("build", "--json").out
            served += answer.served and b'"renders": 1' in answer.out
        time.sleep(1)
        assert len(builds_of(terminal)) == before + 5 - served and served > 0, "nothing is built again"
        assert bends.content() == bends.clean().content()


def test_a_plan_right_after_an_edit_takes_nothing_from_the_watch(bends: Studio) -> None:
    with beside(bends) as terminal:
        for turn in range(3):
            bends.edit(BEND, "description: bend" + " low" * turn, "description: bend" + " low" * (turn + 1))
            answer = terminal.run("plan")
            assert b"bend/01" in answer.out or b"nothing to render" in answer.out
            terminal.wait(lambda: len(bends.painted) == 4 + turn, "the watch builds it")  # noqa: B023


def test_an_invalid_spec_is_an_error_each_time_and_for_the_watch_too(bends: Studio) -> None:
    with beside(bends) as terminal:
        good = bends.read(BEND)
        bends.write(BEND, good + "images: [\n")
        for _ in range(3):
            answer = terminal.run("build")
            assert answer.code == 2 and b"bend.yaml" in answer.err
        terminal.wait(lambda: any("error[" in line for line in terminal.told))
        assert terminal.run("build").code == 2
        bends.write(BEND, good)
        assert terminal.run("build").code == 0


def _by_rename(path: Path, text: str) -> None:
    path.with_name(".new.tmp").write_text(text)
    path.with_name(".new.tmp").replace(path)


def _by_a_map(path: Path, text: str) -> None:
    import mmap

    with path.open("r+b") as file:
        file.truncate(len(text.encode()))
        with mmap.mmap(file.fileno(), 0) as pages:
            pages[:] = text.encode()


def _in_place(path: Path, text: str) -> None:
    path.write_text(text)


def _by_a_folder(path: Path, text: str) -> None:
    folder = path.parent.with_name("exercises_")
    shutil.copytree(path.parent, folder)
    (folder / path.name).write_text(text)
    shutil.rmtree(path.parent)
    folder.rename(path.parent)


@pytest.mark.parametrize("save", [_by_rename, _by_a_map, _in_place, _by_a_folder])
def test_however_a_file_is_saved_the_build_after_it_has_seen_it(bends: Studio, save: Callable[[Path, str], None]) -> None:
    with beside(bends) as terminal:
        for turn in range(8):
            save(bends.root / BEND, bends.read(BEND).replace("title: bend", "title: bend\nseed: 0", turn == 0).replace(f"seed: {turn}", f"seed: {turn + 1}"))
            answer = terminal.run("build")
            assert answer.code == 0 and len(bends.painted) == 4 + turn, (turn, answer, terminal.told)


def test_what_only_its_rights_or_its_absence_tell_is_seen(bends: Studio) -> None:
    with beside(bends) as terminal:
        picture = bends.root / "content/images/exercises/neck/bend_01.png"
        for _ in range(3):
            picture.unlink()
            answer = terminal.run("build")
            assert answer.code == 0 and picture.exists()
            (bends.root / "specs/exercises").chmod(0o700)
            assert b"up to date" in terminal.run("build").out
            (bends.root / "specs/exercises").chmod(0o755)
        shutil.rmtree(bends.root / "cache/cas")
        assert terminal.run("build").code == 0
        assert (bends.root / "cache/cas").exists() or terminal.run("build").code == 0
        (bends.root / "calotype.yaml").write_text(bends.read("calotype.yaml") + "base_seed: 3\n")
        assert b"3 images rendered" in terminal.run("build").out


def test_random_edits_and_questions_in_any_order_are_answered_as_by_a_look_at_everything(bends: Studio) -> None:
    chance = random.Random(7)
    with beside(bends) as terminal:
        for turn in range(40):
            _edit(bends, chance, turn)
            answer = terminal.run("build", "--json")
            assert answer.code == 0, answer
            checked = bends.call("check", "--full")
            assert checked.code == 0, (turn, checked, answer, terminal.told)
            questions = [terminal.run(word) for word in ("plan", "check", "list")]
            for word, question in zip(("plan", "check", "list"), questions, strict=True):
                assert plain(question.out) == plain(bends.call(word).out.encode()), (turn, word, question.served)
        assert bends.content() == bends.clean().content()


def _edit(studio: Studio, chance: random.Random, turn: int) -> None:
    specs = [name for name in studio.files("specs/exercises") if name.endswith(".yaml")]
    file = chance.choice(specs)
    text = studio.read(file)
    kind = chance.randrange(8)
    if kind == 0:
        studio.exercise(f"new{turn}", f"description: new {turn}", folder=chance.choice(["exercises", "exercises/deep"]))
    elif kind == 1 and len(specs) > 2:
        studio.remove(file)
    elif kind == 2:
        studio.move(file, f"specs/exercises/moved/{turn}.yaml")
    elif kind == 3:
        os.utime(studio.root / file)
    elif kind == 4:
        pictures = studio.files("content/images")
        studio.remove(chance.choice(pictures))
    elif kind == 5:
        studio.write(file, text + f"# {turn}\n")
    else:
        studio.write(file, text.replace("description: ", f"description: {turn} "))


def test_while_git_changes_files_nothing_is_served(bends: Studio) -> None:
    (bends.root / ".git").mkdir()
    with beside(bends) as terminal:
        (bends.root / ".git/index.lock").touch()
        answer = terminal.run("build")
        assert answer.code == 0 and not answer.served
        (bends.root / ".git/index.lock").unlink()
        terminal.wait(lambda: terminal.run("build").served)
