"""What to say of each kind of fault that a schema finds. Must not know where faults come from, nor their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from calotype.ground.diagnostics import did_you_mean
from calotype.ground.light_dataclass import dataclass
from calotype.ground.target_names import RESERVED
from calotype.ground.written_numbers import number_hint
from calotype.language.pose.synonyms import meant
from calotype.language.pose.terms import JOINTS
from calotype.language.pose.terms import KEYS as POSE_KEYS

Pointer = tuple[str | int, ...]
Schema = Mapping[str, Any]

_SHOWN = 60
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, before its place is looked up. `key`: the place is that of the key, not of its value."""

    pointer: Pointer
    code: str
    message: str
    hint: str | None = None
    key: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One complaint of the validator. `rule` is the schema that made it; `written` is the value as the
    author wrote it."""

    pointer: Pointer
    value: Any
    keyword: str
    rule: Schema
    written: str

    @property
    def name(self) -> str:
        """What to call the value: its key, or an item of the list it stands in."""
        if not self.pointer:
            return "the document"
        key = next((step for step in reversed(self.pointer) if isinstance(step, str)), "")
        return f"`{key}`" if isinstance(self.pointer[-1], str) else f"an item of `{key}`"


def say(fault: Fault) -> Iterator[Finding]:
    """What to tell the author of a fault: one finding, or one for each key that is at fault."""
    speak = _WORDS.get(fault.keyword)
    if speak is None:
        yield Finding(
            fault.pointer,
            "schema",
            f"{fault.name} is not {_title(fault.rule)}",
            fault.rule.get("description"),
        )
    else:
        yield from speak(fault)


def _title(rule: Schema) -> str:
    title = str(rule.get("title") or _alternatives(rule))
    return title if title.startswith(("a ", "an ")) or " " in title else f"a good {title}"


def _alternatives(rule: Schema) -> str:
    types = rule.get("type", "value")
    return " or ".join(_TYPES.get(name, name) for name in ([types] if isinstance(types, str) else types))


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "a boolean"
    return {str: "text", int: "a number", float: "a number", list: "a list"}.get(type(value), "a mapping")


def _short(text: str) -> str:
    return f"`{text if len(text) <= _SHOWN else text[: _SHOWN - 3] + '...'}`"


def _type(fault: Fault) -> Iterator[Finding]:
    type_names, value = _alternatives(fault.rule), fault.value
    if value is None:
        yield Finding(
            fault.pointer,
            "wrong-type",
            f"{fault.name} has no value; it wants {type_names}",
            "give it a value, or take the key out",
        )
        return
    written = "" if isinstance(value, list | dict) else f" {_short(fault.written)}"
    yield Finding(
        fault.pointer,
        "wrong-type",
        f"{fault.name} wants {type_names}; this is {_kind(value)}{written}",
        _type_hint(fault, type_names),
    )


def _type_hint(fault: Fault, wanted: str) -> str | None:
    value, scalar = fault.value, not isinstance(fault.value, list | dict)
    if fault.rule.get("title") == "size":
        return f"write [width, height], such as [{value}, {value}]" if type(value) is int else "write [width, height]"
    if wanted == "text" and scalar:
        return f'quote it: "{fault.written}"'
    if wanted == "a list" and scalar:
        return f"write a list: [{fault.written[:_SHOWN]}]"
    if wanted == "a mapping" and isinstance(value, str):
        first = [*fault.rule.get("required", ()), *(key for key in fault.rule.get("properties", ()) if key == "image")]
        return f"write {{{first[0]}: {fault.written[:_SHOWN]}}}" if first else fault.rule.get("description")
    if isinstance(value, str) and "number" in wanted:
        return number_hint(value) or fault.rule.get("description")
    if wanted == "a whole number" and isinstance(value, float):
        return f"write {round(value)}"
    return fault.rule.get("description")


def _enum(fault: Fault) -> Iterator[Finding]:
    choices = [str(choice) for choice in fault.rule["enum"] if not isinstance(choice, bool)]
    if not isinstance(fault.value, str):
        shown = "nothing" if fault.value is None else _kind(fault.value)
        yield Finding(
            fault.pointer,
            "wrong-type",
            f"{fault.name} is {shown}; it may be {_list(choices)}",
            f'quote it: "{fault.written}"' if isinstance(fault.value, bool) else None,
        )
        return
    yield Finding(
        fault.pointer,
        "unknown-value",
        f"{fault.name} is {_short(fault.value)}; it may be {_list(choices)}",
        meant(fault.value, choices),
    )


def _list(words: list[str], most: int = 24) -> str:
    if len(words) == 1:
        return words[0]
    if len(words) > most:
        return ", ".join(words[:most]) + ", ..."
    return ", ".join(words[:-1]) + " or " + words[-1]


def _const(fault: Fault) -> Iterator[Finding]:
    constant, value = fault.rule["const"], fault.value
    if fault.pointer == ("version",) and type(value) is int and value > constant:
        yield Finding(
            fault.pointer,
            "newer-version",
            f"version {value} is newer than this Calotype reads ({constant})",
            "upgrade Calotype",
        )
        return
    yield Finding(
        fault.pointer,
        "wrong-value",
        f"{fault.name} is {_short(fault.written)}; it must be `{constant}`",
        f"write {fault.pointer[-1]}: {constant}" if fault.pointer else None,
    )


TORN = "within braces a comma ends a value: quote the whole text"
"""The hint for words that a comma cut off of a text such as `{description: left knee bent, right leg straight}`."""


_ENHANCES = ("`enhance` stands at the top of a scene, for all its shots; elsewhere write the whole prompt yourself, as"
             " `enhanced` of an image")
"""The hint for `enhance` where nothing would come of it."""


def _unknown_keys(fault: Fault) -> Iterator[Finding]:
    keys = list(fault.rule.get("properties", ()))
    title = fault.rule.get("title", "mapping")
    for key in fault.value:
        if key not in keys:
            torn = fault.value[key] is None and " " in key
            hint = TORN if torn else _ENHANCES if key == "enhance" else _hint(key, keys)
            yield Finding(
                (*fault.pointer, key),
                "unknown-key",
                f"unknown key {_short(key)} in {_phrase(title)}",
                hint,
                key=True,
            )


def _hint(key: str, keys: list[str]) -> str:
    return _of_pose(key, keys) or did_you_mean(key, keys) or f"it may hold {_list(keys, 40)}"


def _of_pose(key: str, keys: list[str]) -> str | None:
    """The hint for a joint, or another key of a pose, that stands beside the pose."""
    return f"it stands in the pose: pose: {{{key}: ...}}" if "pose" in keys and key in (*JOINTS, *POSE_KEYS) else None


def _phrase(title: str) -> str:
    return (
        title[0].lower() + title[1:]
        if title.startswith(("A ", "An "))
        else title
        if title[:2] in ("a ", "an")
        else f"`{title}`"
    )


def _missing(fault: Fault) -> Iterator[Finding]:
    title = _phrase(str(fault.rule.get("title", "this")))
    for key in fault.rule["required"]:
        if key not in fault.value:
            yield Finding(
                fault.pointer,
                "missing-key",
                f"{title} lacks `{key}`",
                fault.rule.get("properties", {}).get(key, {}).get("description"),
                key=bool(fault.pointer) and isinstance(fault.pointer[-1], str),
            )


def _pattern(fault: Fault) -> Iterator[Finding]:
    title, text = fault.rule.get("title"), str(fault.value)
    hint = fault.rule.get("description")
    if title == "id" and RESERVED.fullmatch(text):
        message, hint = f"{fault.name} is {_short(text)}, a name that Windows reserves", "take another"
    elif title == "id":
        slug = re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-")[:64]
        message = f"{fault.name} is {_short(text)}, which is not an id"
        hint = f"write `{slug}`: {hint}" if slug and not RESERVED.fullmatch(slug) else hint
    else:
        message = f"{fault.name} is {_short(text)}, which is not {_title(fault.rule)}"
    yield Finding(fault.pointer, "bad-id" if title == "id" else "bad-value", message, hint)


def bad_key(pointer: Pointer, key: str) -> Finding:
    hint = "letters, digits, `_`, `-` and `.`; at most 64"
    return Finding((*pointer, key), "bad-value", f"{_short(key)} is not a name", hint, key=True)


def _range(fault: Fault) -> Iterator[Finding]:
    low, high = (fault.rule.get(f"{end}imum", fault.rule.get(f"exclusive{end.title()}imum")) for end in ("min", "max"))
    between = f"between {low:g} and {high:g}" if "exclusiveMaximum" in fault.rule else f"{low:g} to {high:g}"
    if "exclusiveMinimum" in fault.rule and "maximum" in fault.rule:
        between = f"more than {low:g}, and at most {high:g}"
    yield Finding(
        fault.pointer,
        "out-of-range",
        f"{fault.name} is {_short(fault.written)}; it must be {between}".replace("4.29497e+09", "4294967295"),
        fault.rule.get("description"),
    )


def _multiple(fault: Fault) -> Iterator[Finding]:
    step = fault.rule["multipleOf"]
    below = int(fault.value // step) * step
    yield Finding(
        fault.pointer,
        "out-of-range",
        f"{fault.name} is {_short(fault.written)}; it must be a multiple of {step}",
        f"{below} or {below + step}",
    )


def _count(fault: Fault) -> Iterator[Finding]:
    low, high, many = fault.rule.get("minItems", 0), fault.rule.get("maxItems"), len(fault.value)
    limit = f"just {low}" if low == high else f"at least {low}" if many < low else f"at most {high}"
    yield Finding(
        fault.pointer,
        "out-of-range",
        f"{fault.name} holds {many or 'nothing'}; it wants {limit}",
        fault.rule.get("description"),
        key=many == 0,
    )


def _nothing(fault: Fault) -> Iterator[Finding]:
    keys = ", ".join(fault.rule.get("properties", {}))
    yield Finding(fault.pointer, "out-of-range", f"{fault.name} says nothing; it wants one of {keys}",
                  fault.rule.get("description"))


def _long(fault: Fault) -> Iterator[Finding]:
    yield Finding(
        fault.pointer,
        "out-of-range",
        f"{fault.name} is {len(fault.value):,} characters long; {fault.rule['maxLength']:,} may stand here",
    )


def _twice(fault: Fault) -> Iterator[Finding]:
    repeated = next(index for index, item in enumerate(fault.value) if item in fault.value[:index])
    yield Finding(
        (*fault.pointer, repeated),
        "duplicate-value",
        f"{fault.name} holds {_short(str(fault.value[repeated]))} twice",
        "keep one of the two",
    )


def _one_of(fault: Fault) -> Iterator[Finding]:
    if not isinstance(fault.value, Mapping):
        return
    names = [way["required"][0] for way in fault.rule["oneOf"]]
    has = [name for name in names if name in fault.value]
    ways, one = " and ".join(f"`{name}`" for name in names), "just one" if has else "one"
    yield Finding(
        (*fault.pointer, has[-1]) if has else fault.pointer,
        "wrong-value" if has else "missing-key",
        f"{_title(fault.rule)} wants {one} of {ways}",
        fault.rule.get("$comment"),
        key=bool(has),
    )


def _any_of(fault: Fault) -> Iterator[Finding]:
    yield Finding(
        fault.pointer,
        "wrong-type",
        f"{fault.name} is {_kind(fault.value)}; it wants {_title(fault.rule)}",
        fault.rule.get("description"),
    )


_WORDS: dict[str, Callable[[Fault], Iterator[Finding]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "additionalProperties": _unknown_keys,
    "required": _missing,
    "pattern": _pattern,
    "minimum": _range,
    "maximum": _range,
    "exclusiveMinimum": _range,
    "exclusiveMaximum": _range,
    "multipleOf": _multiple,
    "minProperties": _nothing,
    "minItems": _count,
    "maxItems": _count,
    "maxLength": _long,
    "uniqueItems": _twice,
    "oneOf": _one_of,
    "anyOf": _any_of,
}
