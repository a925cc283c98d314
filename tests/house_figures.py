"""The program measured: its modules, what they import, and how large and how well named they are.

A module is written without `calotype.` in front: `store.cas`. Its room is its folder, `store`; a module that lies
beside the folders (`api`, `__main__`) is a room of its own, and the package itself is the room `calotype`.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "calotype"


def _module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "calotype"


FILES = {_module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}
TREES = {module: ast.parse(path.read_bytes()) for module, path in FILES.items()}


def room(module: str) -> str:
    """The folder that `module` lies in, dotted."""
    return ".".join(FILES[module].parent.relative_to(SOURCE).parts) or module


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that `tree` imports, for types alone or not; our own without `calotype.` in front."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (_ours(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"a relative import in line {node.lineno}"
            base = _ours(str(node.module))
            for alias in node.names:
                inner = _ours(f"{node.module}.{alias.name}")
                yield inner if inner in TREES else base


def _ours(name: str) -> str:
    return name.removeprefix("calotype.")


@cache
def imports(module: str) -> frozenset[str]:
    """The modules of the program that `module` imports, anywhere in it."""
    return frozenset(name for name in imported(TREES[module]) if name in TREES and name != module)


def at_the_top(tree: ast.Module) -> ast.AST:
    """`tree` without what runs later or never: bodies of functions and `if TYPE_CHECKING:`."""

    class Top(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            return None

        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    return Top().visit(ast.parse(ast.unparse(tree)))


def lines_of_files() -> dict[str, int]:
    return {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in FILES.items()}


def lines_of(kind: type[ast.FunctionDef] | type[ast.ClassDef]) -> dict[str, int]:
    """`module.name` -> lines, for every function or every class."""
    return {
        f"{module}.{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, kind)
    }


def vague_locals(vague: set[str]) -> float:
    """The share of assigned names that are in `vague`, in percent."""
    names = [node.id for tree in TREES.values() for node in ast.walk(tree) if _is_assigned(node)]
    return 100 * sum(name in vague for name in names) / len(names)


def _is_assigned(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def file_names_used_twice() -> set[str]:
    """Names without `.py` of which there are several; a command's is the user's word and not counted."""
    counted = (
        path.stem for path in FILES.values() if path.name != "__init__.py" and path.parent.name != "commands"
    )
    return {name for name, times in Counter(counted).items() if times > 1}


def _inside(room_name: str) -> dict[str, set[str]]:
    """Module of the folder -> the modules of the same folder that it imports."""
    members = {
        module for module, path in FILES.items() if path.name != "__init__.py" and room(module) == room_name
    }
    return {module: set(imports(module)) & members for module in members}


def _levels(graph: dict[str, set[str]]) -> int:
    """The longest chain of imports, counted in modules; 0 of an empty folder."""
    depth: dict[str, int] = {}
    for module in TopologicalSorter(graph).static_order():
        depth[module] = 1 + max((depth[name] for name in graph[module]), default=0)
    return max(depth.values(), default=0)


def _per_folder(measure: Callable[[dict[str, set[str]]], int]) -> dict[str, int]:
    return {name: measure(_inside(name)) for name in {room(module) for module in FILES}}


def levels_of_folders() -> dict[str, int]:
    return _per_folder(_levels)


def arrows_of_folders() -> dict[str, int]:
    return _per_folder(lambda graph: sum(map(len, graph.values())))


def imported_rooms() -> dict[str, dict[str, str]]:
    """Room -> other room that it imports -> one import that does so, as a person looks for it."""
    rooms: dict[str, dict[str, str]] = defaultdict(dict)
    for module in FILES:
        for name in sorted(imports(module)):
            if room(name) != room(module):
                rooms[room(module)].setdefault(room(name), f"{module} -> {name}")
    return rooms
