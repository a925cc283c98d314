"""`dataclasses` at a tenth of the cost to import: `dataclass`, `field`, `replace`, `asdict`, `astuple` as there.

The library writes and compiles five methods for each class when it is made, 0.5 ms a class; a command that builds one
image makes a hundred classes. Here all classes share their methods, and `__init__` is compiled when the first instance
is made. Type checkers see the library itself. What is supported: `frozen`, `slots`, defaults and factories,
inheritance, `__post_init__`; pickling, copying, `match`; and the library's own functions work on the classes too.
"""

from __future__ import annotations

from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import asdict, astuple, dataclass, field, replace
    from typing import Any

__all__ = ["asdict", "astuple", "dataclass", "field", "replace"]

_MISSING: Any = object()


class _Field:
    """What `field()` says of one; `dataclass` reads it and takes it away."""

    __slots__ = ("default", "factory")

    def __init__(self, default: Any = _MISSING, default_factory: Any = _MISSING) -> None:
        self.default, self.factory = default, default_factory


class _LibraryFields:
    """`__dataclass_fields__` for who asks by `dataclasses` itself, made when it is asked for."""

    __slots__ = ("_fields",)

    def __init__(self) -> None:
        self._fields: Any = None

    def __get__(self, instance: object, owner: Any) -> Any:
        if self._fields is None:
            import dataclasses

            names = [(name, owner.__annotations__.get(name, "Any"), _library_field(dataclasses.field, spec))
                     for name, spec in owner.__fields__.items()]
            twin = dataclasses.make_dataclass(owner.__name__, names)
            self._fields = {field.name: field for field in dataclasses.fields(twin)}
        return self._fields


def _library_field(make: Any, spec: _Field) -> Any:
    if spec.factory is not _MISSING:
        return make(default_factory=spec.factory)
    return make() if spec.default is _MISSING else make(default=spec.default)


def _decorated(cls: Any, frozen: bool, slots: bool) -> Any:
    specs: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        specs |= getattr(base, "__fields__", {})
    names = [name for name, kind in cls.__annotations__.items() if not str(kind).startswith("ClassVar")]
    declared = {name: _own_field(cls, name) for name in names}
    specs |= declared
    namespace = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    for name, spec in declared.items():
        namespace.pop(name, None)
        if not slots and spec.default is not _MISSING:
            namespace[name] = spec.default
    if slots:
        namespace["__slots__"] = tuple(declared)
        namespace |= {"__getstate__": _getstate, "__setstate__": _setstate}
    for name, method in (_FROZEN if frozen else _CHANGING).items():
        namespace.setdefault(name, method)
    namespace |= {
        "__fields__": specs, "__match_args__": tuple(specs), "__dataclass_fields__": _LibraryFields(),
        "__values__": _values_of(tuple(specs)),
    }
    if frozen:
        namespace |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
    made = type(cls)(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__

    def first_init(self: Any, *args: Any, **named: Any) -> None:
        made.__init__ = init = _compiled_init(made, frozen)
        init(self, *args, **named)

    made.__init__ = first_init
    return made


def _own_field(cls: Any, name: str) -> _Field:
    value = vars(cls).get(name, _MISSING)
    return value if isinstance(value, _Field) else _Field(value)


def _values_of(names: tuple[str, ...]) -> Any:
    """A function from an instance to the values of its fields, in their order."""
    if len(names) > 1:
        return staticmethod(attrgetter(*names))
    return staticmethod(lambda instance: tuple(getattr(instance, name) for name in names))


def _compiled_init(cls: Any, frozen: bool) -> Any:
    namespace: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": _MISSING}
    parameters, body = ["self"], []
    for name, spec in cls.__fields__.items():
        value = name
        if spec.factory is not _MISSING:
            namespace[f"_make_{name}"] = spec.factory
            parameters.append(f"{name}=_MISSING")
            value = f"_make_{name}() if {name} is _MISSING else {name}"
        elif spec.default is not _MISSING:
            namespace[f"_default_{name}"] = spec.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        body.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n    " + "\n    ".join(body or ["pass"]), namespace)
    init = namespace["__init__"]
    init.__qualname__, init.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    return init


def _eq(self: Any, other: Any) -> Any:
    return self.__values__(self) == other.__values__(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self.__values__(self))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__fields__)
    return f"{self.__class__.__qualname__}({shown})"


def _refuse_to_set(self: Any, name: str, value: Any) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> tuple[Any, ...]:
    return tuple(self.__values__(self))


def _setstate(self: Any, state: tuple[Any, ...]) -> None:
    for name, value in zip(self.__fields__, state, strict=True):
        object.__setattr__(self, name, value)


_FROZEN = {"__eq__": _eq, "__hash__": _hash, "__repr__": _repr}
_CHANGING = {"__eq__": _eq, "__hash__": None, "__repr__": _repr}


if not TYPE_CHECKING:

    def dataclass(cls=None, *, frozen=False, slots=False):
        """The class with `__init__`, `__eq__`, `__hash__` and `__repr__` by its annotated fields."""
        return _decorated(cls, frozen, slots) if cls is not None else lambda cls: _decorated(cls, frozen, slots)

    def field(*, default=_MISSING, default_factory=_MISSING):
        return _Field(default, default_factory)

    def replace(instance, /, **changes):
        """A new instance with some fields changed. Raises TypeError for a name that is no field."""
        return instance.__class__(**{name: getattr(instance, name) for name in instance.__fields__} | changes)

    def asdict(value):
        """The fields by name; values, lists, tuples and mappings in them too."""
        if hasattr(value.__class__, "__fields__"):
            return {name: asdict(getattr(value, name)) for name in value.__fields__}
        if isinstance(value, (list, tuple)):
            return value.__class__([asdict(item) for item in value])
        if isinstance(value, dict):
            return {key: asdict(item) for key, item in value.items()}
        return value

    def astuple(value):
        """The values of the fields in their order; of values, lists, tuples and mappings in them too."""
        if hasattr(value.__class__, "__fields__"):
            return tuple([astuple(getattr(value, name)) for name in value.__fields__])
        if isinstance(value, (list, tuple)):
            return value.__class__([astuple(item) for item in value])
        if isinstance(value, dict):
            return {key: astuple(item) for key, item in value.items()}
        return value
