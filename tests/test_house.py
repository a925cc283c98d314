"""The house: imports go down only, rooms say what they must not know, and nothing grows out of hand."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"
FLOORS = (
    "ground", "language", "store", "engine", "models", "workers", "results", "project", "actions", "plan", "run",
    "queries", "api", "roof",
)
LINES_OF_A_FILE, LINES_OF_A_FUNCTION = 500, 60

HEAVY = {
    "click": ("calotype.roof.cli",),
    "jinja2": ("calotype.language.prompt.sandbox", "calotype.ground.bytecode"),
    "sqlite3": ("calotype.store.action_cache", "calotype.store.database", "calotype.store.state"),
    "numpy": ("calotype.workers.render.mannequin",),
    "yaml": ("calotype.language.yaml.nodes", "calotype.language.yaml.values"),
    **dict.fromkeys(("PIL", "jsonschema", "jsonschema_rs", "rich", "watchdog"), ()),
    **dict.fromkeys(("asyncio", "logging", "multiprocessing", "urllib", "http", "importlib.metadata"), ()),
    **dict.fromkeys(("torch", "diffusers", "transformers", "insightface", "open_clip", "ray", "uvicorn"), ()),
}
"""What is imported where it is used, and the rooms, imported late themselves, that may do so at the top."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


FILES = {name_of(path): path for path in sorted(SOURCE.glob("calotype/**/*.py"))}
TREES = {module: ast.parse(path.read_bytes()) for module, path in FILES.items()}


def floor(module: str) -> str:
    return module.split(".")[1] if module.startswith("calotype.") else ""


def imported(module: str, tree: ast.AST) -> Iterator[str]:
    """The modules that `tree` imports anywhere, for types alone or not: to name a type is to know it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively"
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                yield inner if inner in TREES else str(node.module)


def at_the_top(tree: ast.Module) -> ast.AST:
    """`tree` without what runs later or never: bodies of functions and `if TYPE_CHECKING:`."""

    class Top(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            return None

        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    return Top().visit(ast.parse(ast.unparse(tree)))


def test_imports_go_down_only():
    climbs = [
        f"{module} -> {name}"
        for module, tree in TREES.items() if floor(module) in FLOORS
        for name in imported(module, tree)
        if floor(name) in FLOORS and FLOORS.index(floor(name)) > FLOORS.index(floor(module))
    ]
    assert not climbs


def test_every_module_stands_on_a_floor():
    assert {floor(module) for module in TREES} <= {*FLOORS, "", "__main__"}


def test_there_are_no_cycles():
    needs = {
        module: {name for name in imported(module, tree) if name in TREES and name != module}
        for module, tree in TREES.items()
    }
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as cycle:
        pytest.fail(f"import cycle: {' <- '.join(cycle.args[1])}")


def test_every_room_opens_with_a_sentence_that_says_what_it_must_not_know():
    silent = []
    for module, tree in TREES.items():
        said = ast.get_docstring(tree) or ""
        opens = re.match(r"\S.*?[.?](\s|$)", said, re.DOTALL)
        if not opens or not re.search(r"must not|nothing", said, re.IGNORECASE):
            silent.append(module)
    assert not silent


def test_no_file_grows_out_of_hand():
    lengths = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in FILES.items()}
    assert not {module: length for module, length in lengths.items() if length > LINES_OF_A_FILE}


def test_no_function_grows_out_of_hand():
    long = [
        f"{module}.{node.name}: {length} lines"
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LINES_OF_A_FUNCTION
    ]
    assert not long


def test_heavy_libraries_are_imported_where_they_are_used():
    early = [
        f"{module} imports {name} at the top"
        for module, tree in TREES.items()
        for name in imported(module, at_the_top(tree))
        for heavy, rooms in HEAVY.items()
        if (name == heavy or name.startswith(f"{heavy}.")) and not module.startswith(rooms or ("-",))
    ]
    assert not early


def test_importing_calotype_imports_its_version_alone_and_nothing_heavy():
    code = "import sys, calotype; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert {name for name in loaded if name.startswith("calotype")} == {
        "calotype", "calotype.ground", "calotype.ground.version"
    }
    assert not loaded & {*HEAVY, "typing", "re", "json"}


def test_the_version_is_that_of_pyproject():
    from calotype.ground.version import VERSION

    pyproject = Path(__file__).parents[1] / "pyproject.toml"
    assert f'version = "{VERSION}"' in pyproject.read_text(encoding="utf-8")
