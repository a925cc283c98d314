"""Single values changed in YAML text: the data is what was asked for, and no other line is another one."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

import pytest

from calotype.ground.diagnostics import Problem
from calotype.language.yaml.document import parse
from calotype.language.yaml.editing.edits import REMOVED, edited

TEXT = """# head
kind: exercise   # k
images:
  - pose: sitting_tall  # why
    view_angle: lateral
  # between
  - {view_angle: "lateral", pose: {base: seated, left: {shoulder_flexion: 80}}}   # in one line
  - view_angle: lateral
    pose:
      # inside
      base: seated   # b
      left:
        knee_flexion: 30
        # deep
        hip_flexion: 20  # h

  # after
  - &x {view_angle: lateral, pose: {base: supine}}
  - {<<: *x, title: Über}
  - description: |
      some
      text
  - title: z
    pose:
id: last
"""
POSE = {"base": "seated", "left": {"knee_flexion": 1}}


def changed(text: str, *changes: tuple[Any, ...]) -> list[tuple[str, str]]:
    """The lines that are gone, and those that came, in the places where the text differs."""
    import difflib

    old, new = text.split("\n"), edited(text.encode(), "a.yaml", [(each[:-1], each[-1]) for each in changes]).decode().split("\n")
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [("\n".join(old[a:b]), "\n".join(new[c:d])) for tag, a, b, c, d in blocks if tag != "equal"]


@pytest.mark.parametrize(("pointer", "value", "old", "new"), [
    (("images", 0, "pose"), POSE, "  - pose: sitting_tall  # why",
     "  - pose: {base: seated, left: {knee_flexion: 1}}  # why"),
    (("images", 0, "pose"), REMOVED, "  - pose: sitting_tall  # why", "  - # why"),
    (("images", 1, "pose", "left", "shoulder_flexion"), 90,
     '  - {view_angle: "lateral", pose: {base: seated, left: {shoulder_flexion: 80}}}   # in one line',
     '  - {view_angle: "lateral", pose: {base: seated, left: {shoulder_flexion: 90}}}   # in one line'),
    (("images", 1, "pose", "left"), REMOVED,
     '  - {view_angle: "lateral", pose: {base: seated, left: {shoulder_flexion: 80}}}   # in one line',
     '  - {view_angle: "lateral", pose: {base: seated}}   # in one line'),
    (("images", 2, "pose", "left", "hip_flexion"), 25.5, "        hip_flexion: 20  # h", "        hip_flexion: 25.5  # h"),
    (("images", 2, "pose", "left", "hip_flexion"), REMOVED, "        hip_flexion: 20  # h", ""),
    (("images", 2, "pose", "neck_flexion"), 10, "", "      neck_flexion: 10"),
    (("images", 5, "pose"), POSE, "", "    pose: {base: seated, left: {knee_flexion: 1}}"),
    (("images", 6, "pose"), POSE, "    pose:", "    pose: {base: seated, left: {knee_flexion: 1}}"),
    (("images", 0, "reference", "strength"), 0.5, "", "    reference: {strength: 0.5}"),
    (("title",), "yes: no", "", "title: 'yes: no'"),
    (("title",), "on", "", "title: 'on'"),
])
def test_a_value_is_changed_at_its_place(pointer: tuple[Any, ...], value: Any, old: str, new: str) -> None:
    assert changed(TEXT, (*pointer, value)) == [(old, new)]
    windows = TEXT.replace("\n", "\r\n")
    assert [tuple(part.replace("\r", "") for part in pair) for pair in changed(windows, (*pointer, value))] == [(old, new)]
    after = edited(windows.encode(), "a.yaml", [(pointer, value)])
    assert after.count(b"\n") == after.count(b"\r\n")


def test_a_long_mapping_is_written_in_lines() -> None:
    pose = {"base": "prone", "left": {f"joint_number_{number}": number for number in range(6)}}
    assert changed(TEXT, ("images", 6, "pose", pose)) == [("", "      base: prone\n      left: {" + ", ".join(
        f"joint_number_{number}: {number}" for number in range(6)) + "}")]


def test_a_mark_of_byte_order_and_a_missing_last_line_end_stay() -> None:
    assert edited("\ufeffa: 1".encode(), "a.yaml", [(("b",), 2)]) == "\ufeffa: 1\nb: 2".encode()
    assert edited(b"a: 1\nb: 2", "a.yaml", [(("b",), REMOVED)]) == b"a: 1"
    assert edited(b"a: {}\n", "a.yaml", [(("a", "b"), [1])]) == b"a: {b: [1]}\n"


@pytest.mark.parametrize(("pointer", "code"), [
    (("images", 3, "pose", "base"), "edit-shared"), (("images", 4, "view_angle"), None), (("images", 9, "pose"), "edit-place"),
    (("images", -1, "pose"), "edit-place"), (("kind", "x"), "edit-place"), ((), "edit-place"), (("images", "pose"), "edit-place")])
def test_what_others_take_over_and_what_is_not_there_is_refused(pointer: tuple[Any, ...], code: str | None) -> None:
    if code is None:
        assert changed(TEXT, (*pointer, "oblique")) == [
            ("  - {<<: *x, title: Über}", "  - {<<: *x, title: Über, view_angle: oblique}")]
        return
    with pytest.raises(Problem) as refusal:
        edited(TEXT.encode(), "a.yaml", [(pointer, "prone")])
    assert [each.code for each in refusal.value.diagnostics] == [code]


def written(value: Any, chance: random.Random, indent: int) -> list[str]:
    """A mapping in lines, as people write it: comments, empty lines, some of it in brackets."""
    lines = []
    for key, item in value.items():
        lines += [" " * indent + f"# about {key}"] * (chance.random() < 0.3) + [""] * (chance.random() < 0.1)
        remark = f"   # é {chance.random():.3f}" if chance.random() < 0.3 else ""
        if isinstance(item, dict) and chance.random() < 0.6:
            lines += [" " * indent + f"{key}:" + remark, *written(item, chance, indent + 2)]
        elif isinstance(item, dict):
            inner = ", ".join(f"{name}: {part}" for name, part in item.items() if not isinstance(part, dict))
            value[key] = {name: part for name, part in item.items() if not isinstance(part, dict)}
            lines.append(" " * indent + f"{key}: {{{inner}}}" + remark)
        else:
            lines.append(" " * indent + f"{key}: {item}" + remark)
    return lines


def mapping(chance: random.Random, depth: int) -> dict[str, Any]:
    return {f"{letter}{depth}": mapping(chance, depth - 1) if depth and chance.random() < 0.4 else chance.randint(0, 99)
            for letter in chance.sample("abcdefgh", chance.randint(2, 5))}


@pytest.mark.parametrize("seed", range(300))
def test_no_other_line_changes_whatever_is_edited(seed: int) -> None:
    chance = random.Random(seed)
    value = mapping(chance, 3)
    text = "\n".join(written(value, chance, 0)) + "\n" * chance.randint(0, 2)
    assert parse(text.encode(), "a.yaml").data == value
    places = [(key,) for key in value] + [
        (key, name) for key, item in value.items() if isinstance(item, dict) for name in item]
    pointer, new = chance.choice(places), chance.choice([7, {"x": 1, "y": {"z": 2}}, REMOVED, "word"])
    if new is REMOVED and len(value if len(pointer) == 1 else value[pointer[0]]) == 1:
        new = 5
    after, wanted = edited(text.encode(), "a.yaml", [(pointer, new)]).decode(), deepcopy(value)
    holder = wanted if len(pointer) == 1 else wanted[pointer[0]]
    if new is REMOVED:
        del holder[pointer[-1]]
    else:
        holder[pointer[-1]] = new
    assert parse(after.encode(), "a.yaml").data == wanted
    was_plain = not isinstance((value if len(pointer) == 1 else value[pointer[0]])[pointer[-1]], dict)
    if was_plain:  # a single line is another one, or gone, or has become lines
        before, now = text.split("\n"), after.split("\n")
        head = next((at for at, (old, line) in enumerate(zip(before, now, strict=False)) if old != line), len(before))
        rest = before[head + 1:]
        assert not rest or now[-len(rest):] == rest
