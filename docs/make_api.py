"""`python docs/make_api.py`: writes into docs/api.md what the code itself says of the Python API.

Of each method its signature and docstring, between `<!-- code: NAME -->` and `<!-- end -->`; after `<!-- types -->`
every type with its docstring and members. The rest, with the examples, is written by hand. A test tells when they
differ, and which method the page lacks.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "src"))

from calotype import api  # noqa: E402

PAGE = HERE / "api.md"
PART = re.compile(r"(<!-- code: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TYPES = "<!-- types -->"
WIDEST = 84
"""Columns of code that the site shows without a bar."""


def methods() -> list[str]:
    """What a project offers."""
    return [name for name in dir(api.Project) if not name.startswith("_")]


def types() -> dict[str, type]:
    """Every type of Calotype that a method takes or gives, and those that they hold, by name."""
    reached: dict[str, object] = {}
    for name in methods():
        _reach(str(inspect.signature(getattr(api.Project, name))), api, reached)
    return {name: value for name, value in reached.items() if isinstance(value, type) and value is not api.Project}


def page() -> str:
    """The page as it should be."""
    written = PAGE.read_text(encoding="utf-8").partition(TYPES)[0]
    made = PART.sub(lambda part: f"{part[1]}\n{method(part[2])}\n{part[3]}", written)
    return f"{made}{TYPES}\n" + "".join(f"\n### {name}\n\n{document(kind)}" for name, kind in sorted(types().items()))


def method(name: str) -> str:
    """How a method is called, and its docstring, whose lines are Markdown already."""
    function = getattr(api.Project, name)
    signature = inspect.signature(function)
    parameters = [re.sub(r": '([^']*)'", r": \1", str(parameter), count=1)
                  for parameter in signature.parameters.values() if parameter.name != "self"]
    first = next((place for place, parameter in enumerate(signature.parameters.values())
                  if parameter.kind is inspect.Parameter.KEYWORD_ONLY), None)
    if first is not None:
        parameters.insert(first - (first < len(parameters) + 1 and "self" in signature.parameters), "*")
    called, returned = f"{name}({', '.join(parameters)})", f" -> {signature.return_annotation}"
    if len(called + returned) > WIDEST:
        called = f"{name}(\n    " + ",\n    ".join(parameters) + ",\n)"
    return f"```python\n{called}{returned}\n```\n\n{inspect.getdoc(function)}\n"


def document(kind: type) -> str:
    """The docstring of a type, and its fields and properties with what is said of each."""
    words = inspect.getdoc(kind) or ""
    rows = "\n".join(f"| `{name}` | `{of}` | {says} |" for name, of, says in members(kind))
    table = f"\n| member | type | |\n| --- | --- | --- |\n{rows}\n" if rows else ""
    return f"{words}\n{table}"


def members(kind: type) -> Iterator[tuple[str, str, str]]:
    """(Name, type, what it is) of each field, in the order of the class, then of each property and method; of what it
    is a kind of first."""
    for base in kind.__bases__:
        if base.__module__.startswith("calotype."):
            yield from members(base)
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    for place, node in enumerate(body.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            after = body.body[place + 1] if place + 1 < len(body.body) else None
            said = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
            yield node.target.id, _cell(ast.unparse(node.annotation)), _cell(str(said))
    for name, value in vars(kind).items():
        function = value.fget if isinstance(value, property) else value
        if inspect.isfunction(function) and not name.startswith("_"):
            shown = name if isinstance(value, property) else f"{name}()"
            says = inspect.getdoc(function) or ""
            yield shown, _cell(str(inspect.signature(function).return_annotation)), _cell(says)


def _reach(annotation: str, module: ModuleType, reached: dict[str, object]) -> None:
    """Adds what `annotation`, in `module`, names: types of Calotype, and what stands for others (`Listener`)."""
    for home, name in re.findall(r"\b((?:calotype\.[a-z_.]+\.)?)([A-Z]\w+)", annotation):
        value = _named(name, sys.modules[home[:-1]] if home else module)
        ours = isinstance(value, type) and value.__module__.startswith("calotype.")
        if name in reached or (not ours and (isinstance(value, type) or value is None)):
            continue
        reached[name] = value
        if not isinstance(value, type):
            _reach(str(value), module, reached)
            continue
        for kind in (each for each in value.__mro__ if each.__module__.startswith("calotype.")):
            for annotated in vars(kind).get("__annotations__", {}).values():
                _reach(str(annotated), sys.modules[kind.__module__], reached)


def _named(name: str, module: ModuleType) -> object:
    """What `name` stands for in `module`, also where it is imported for type checkers alone."""
    if hasattr(module, name):
        return getattr(module, name)
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and node.module and any(alias.name == name for alias in node.names):
            return getattr(importlib.import_module(node.module), name)
    return None


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
