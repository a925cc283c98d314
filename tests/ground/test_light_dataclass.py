"""Light dataclasses: the library is the reference, and nobody who uses one can tell."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from typing import Any, ClassVar

import pytest

from calotype.ground import light_dataclass as light


class Point:
    """A point."""

    x: int
    y: int = 2
    kind: ClassVar[str] = "point"

    def moved(self, by: int) -> Any:
        return light.replace(self, x=self.x + by) if hasattr(self, "__fields__") else dataclasses.replace(self, x=self.x + by)

    @property
    def total(self) -> int:
        return self.x + self.y


class Bag:
    name: str
    items: list[Any] = light.field(default_factory=list)
    only: dict[str, Any] = light.field(default_factory=lambda: {"a": 1})


class LibraryBag:
    name: str
    items: list[Any] = dataclasses.field(default_factory=list)
    only: dict[str, Any] = dataclasses.field(default_factory=lambda: {"a": 1})


class Nothing:
    pass


KINDS = [{"frozen": True, "slots": True}, {"frozen": True}, {"slots": True}, {}]


def pair(cls: type, options: dict[str, bool], library: type | None = None) -> tuple[Any, Any]:
    return light.dataclass(**options)(cls), dataclasses.dataclass(**options)(copied(library or cls))  # type: ignore[call-overload]


def copied(cls: type) -> type:
    """The library changes the class it is given where it has no slots."""
    return type(cls.__name__, cls.__bases__, {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")})


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_values_are_made_compared_shown_and_hashed_as_by_the_library(options: dict[str, bool]) -> None:
    for made in pair(Point, options):
        assert (made(1).x, made(1).y, made(y=5, x=4).y, made.kind) == (1, 2, 5, "point")
        assert made(1) == made(1, 2) and made(1) != made(2) and made(1) != (1, 2)
        assert made(1).moved(3) == made(4) and made(1).total == 3
        assert repr(made(1)) == "Point(x=1, y=2)" and made.__doc__ == "A point."
        assert made.__match_args__ == ("x", "y") and hasattr(made(1), "__dict__") is not options.get("slots", False)
        if options.get("frozen"):
            assert hash(made(1)) == hash(made(1, 2)) and len({made(1), made(1), made(2)}) == 2
        else:
            with pytest.raises(TypeError, match="unhashable"):
                hash(made(1))


@pytest.mark.parametrize("options", KINDS, ids=str)
@pytest.mark.parametrize("arguments", [((), {}), ((1, 2, 3), {}), ((1,), {"x": 2}), ((1,), {"z": 2})], ids=str)
def test_wrong_arguments_are_refused_as_by_the_library(options: dict[str, bool], arguments: Any) -> None:
    messages = []
    for made in pair(Point, options):
        for _ in range(2):  # the first instance, and any other
            with pytest.raises(TypeError) as caught:
                made(*arguments[0], **arguments[1])
            messages.append(str(caught.value))
    assert len(set(messages)) == 1


def test_a_frozen_value_cannot_be_changed_and_another_can() -> None:
    for made in pair(Point, {"frozen": True, "slots": True}):
        value = made(1)
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
            value.x = 2
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
            del value.x
        assert value.x == 1
    for made in pair(Point, {"slots": True}):
        value = made(1)
        value.x = 2
        assert value == made(2)
        with pytest.raises(AttributeError):
            value.z = 1


@pytest.mark.parametrize("options", KINDS, ids=str)
def test_every_instance_has_a_default_of_its_own(options: dict[str, bool]) -> None:
    for made in pair(Bag, options, LibraryBag):
        one, other = made("a"), made("b", only={})
        one.items.append(1)
        assert (one.items, other.items, one.only, other.only) == ([1], [], {"a": 1}, {})


def test_a_class_without_fields_is_a_value_too() -> None:
    for made in pair(Nothing, {"frozen": True, "slots": True}):
        assert made() == made() and hash(made()) == hash(made()) and repr(made()) == "Nothing()"


@light.dataclass(frozen=True, slots=True)
class Inner:
    name: str


@light.dataclass(frozen=True, slots=True)
class Outer:
    inner: Inner
    many: tuple[Inner, ...] = ()
    table: dict[str, Any] = light.field(default_factory=dict)


@light.dataclass(frozen=True, slots=True)
class Wider(Inner):
    width: int = 3

    def __post_init__(self) -> None:
        if self.width < 0:
            raise ValueError("too narrow")


OUTER = Outer(Inner("a"), (Inner("b"), Inner("c")), {"k": [Inner("d"), 1]})


def test_fields_are_inherited_and_looked_at_after_they_are_set() -> None:
    assert Wider("a") == Wider("a", 3) != Wider("a", 4) and Wider("a") != Inner("a")
    with pytest.raises(ValueError, match="too narrow"):
        Wider("a", -1)


@pytest.mark.parametrize("value", [OUTER, Wider("a", 9)], ids=["nested", "inherited"])
def test_values_are_pickled_and_copied(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value)) == copy.copy(value) == copy.deepcopy(value) == value


def test_the_librarys_own_functions_work_on_them() -> None:
    assert [field.name for field in dataclasses.fields(Outer)] == ["inner", "many", "table"]
    assert dataclasses.is_dataclass(OUTER)
    assert dataclasses.replace(OUTER, many=()) == light.replace(OUTER, many=()) == Outer(Inner("a"), (), OUTER.table)
    assert dataclasses.asdict(OUTER) == light.asdict(OUTER) == {
        "inner": {"name": "a"}, "many": ({"name": "b"}, {"name": "c"}), "table": {"k": [{"name": "d"}, 1]}}
    assert dataclasses.astuple(OUTER) == light.astuple(OUTER) == (("a",), (("b",), ("c",)), {"k": [("d",), 1]})


def test_they_are_matched_by_their_fields() -> None:
    match OUTER:
        case Outer(Inner(name), (_, Inner("c"))):
            assert name == "a"
        case _:
            pytest.fail("not matched")


def test_making_a_class_imports_nothing_of_the_library() -> None:
    code = ("import sys; from calotype.ground.light_dataclass import dataclass\n"
            "@dataclass(frozen=True, slots=True)\nclass A:\n    x: 'int' = 1\n"
            "A(); print('dataclasses' in sys.modules, 'inspect' in sys.modules)")
    ran = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"],
                         capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "False"]
