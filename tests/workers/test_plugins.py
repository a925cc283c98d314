"""Renderers and executors by name: built in or installed, and clear words when one is missing or broken."""

import subprocess
import sys
import textwrap
import tomllib

import pytest

from calotype.ground.diagnostics import Problem
from calotype.workers import plugins
from calotype.workers.execute.local import LocalExecutor
from calotype.workers.plugins import BUILTIN, Registry, entry_point_group
from conftest import REPOSITORY

GOOD = """
    class Pencil:
        name, epoch = "pencil", 1
        def request(self, image): ...
        def affinity(self, request): ...
        def estimate(self, request): ...
        def perform(self, batch, inputs, cancel): ...
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a distribution `pencils 1.2` whose module is the given text, under an entry-point name."""

    def installed(source, name="pencil", group="renderers"):
        module = f"pencils_{abs(hash((source, name)))}"
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(source))
        info = tmp_path / "pencils-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pencils\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[calotype.{group}]\n{name} = {module}:Pencil\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        return tmp_path / f"{module}.py"

    return installed


def problem(find, name):
    with pytest.raises(Problem) as caught:
        find(name)
    (found,) = caught.value.diagnostics
    assert caught.value.exit_code == 2
    return found


def test_the_embedded_renderer_is_found_and_is_one_object():
    registry = Registry()
    mannequin = registry.renderer("mannequin")
    assert mannequin.name == "mannequin" and mannequin is registry.renderer("mannequin")


def test_the_local_executor_is_found():
    assert isinstance(Registry().executor("local"), LocalExecutor)


def test_an_installed_renderer_is_found_by_its_entry_point(install):
    file = install(GOOD)
    pencil = Registry().renderer("pencil")
    assert pencil.name == "pencil"
    assert plugins.source_file(pencil) == file


def test_a_module_may_be_a_renderer(install, tmp_path):
    file = install("""
        name, epoch = "pencil", 1
        request = affinity = estimate = perform = print
    """)
    entry = tmp_path / "pencils-1.2.dist-info" / "entry_points.txt"
    entry.write_text(f"[calotype.renderers]\npencil = {file.stem}\n")
    assert plugins.source_file(Registry().renderer("pencil")) == file


def test_a_misspelt_name_gets_a_suggestion_and_the_installed_names(install):
    install(GOOD)
    found = problem(Registry().renderer, "manequin")
    assert found.code == "unknown-renderer" and found.message == "there is no renderer `manequin`"
    assert found.hint == "did you mean `mannequin`? (installed: diffusers, hosted, mannequin, pencil, sdxl)"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import a_module_that_is_not_there", "cannot be loaded: ModuleNotFoundError"),
        ("raise SystemExit(1)", "cannot be loaded: SystemExit"),
        ("this is no Python", "cannot be loaded: SyntaxError"),
        ("class Pen: pass", "cannot be loaded: AttributeError"),
        ("class Pencil:\n    def __init__(self, needed): pass", "cannot be loaded: TypeError"),
        (GOOD.replace("def perform", "def draw"), "lacks `perform` of the renderer's protocol, version 2"),
        (GOOD.replace("def perform", "def render"), "speaks version 1 of the renderer's protocol (`render`)"),
        (GOOD.replace("epoch", "age"), "lacks `epoch`"),
        (GOOD.replace('"pencil", 1', '"pencil", "1"'), "lacks `epoch`"),
        (GOOD.replace('"pencil"', '"pen"'), "calls itself `pen`"),
    ],
)
def test_a_broken_plug_in_is_named_with_its_distribution(install, source, said):
    install(source)
    found = problem(Registry().renderer, "pencil")
    assert found.code == "broken-renderer"
    assert found.message.startswith("the renderer `pencil` of pencils 1.2 ") and said in found.message
    assert found.hint == "reinstall, update or remove pencils 1.2, or use another renderer"


def test_two_distributions_that_offer_one_name_are_both_named(install, tmp_path):
    install(GOOD)
    other = tmp_path / "crayons-3.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: crayons\nVersion: 3\n")
    (other / "entry_points.txt").write_text("[calotype.renderers]\npencil = crayons:Pencil\n")
    found = problem(Registry().renderer, "pencil")
    assert found.code == "broken-renderer"
    assert "pencils 1.2" in found.message and "crayons 3" in found.message


def test_the_tables_of_built_ins_say_what_the_package_declares():
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    declared = tomllib.loads(text)["project"]["entry-points"]
    assert {entry_point_group(kind): names for kind, names in BUILTIN.items() if names} == declared


def test_an_unknown_executor_is_told_from_an_unknown_renderer():
    found = problem(Registry().executor, "locla")
    assert found.code == "unknown-executor" and "did you mean `local`?" in found.hint


def test_finding_a_built_in_renderer_reads_no_installed_metadata():
    code = """
        import sys
        from calotype.workers.plugins import Registry
        Registry().renderer("mannequin")
        sys.exit(bool({"importlib.metadata", "PIL", "numpy"} & set(sys.modules)))
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)]).returncode == 0
