"""Weights that an installed package brings along are found without importing it; one that is not installed is told."""

import sys

import pytest

from calotype.language.schema.validate import check
from calotype.language.weights import Model
from calotype.language.yaml.document import parse
from calotype.models import package_files, weight_files
from calotype.project.inputs.digests import Inputs
from calotype.project.inputs.missing_weights import WeightsMissing
from calotype.store.state import State

BROUGHT = Model("package:brings_models/models/reader.onnx")


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package that must not be imported."""
    folder = tmp_path / "site" / "brings_models"
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "models" / "reader.onnx").write_bytes(b"reads")
    monkeypatch.syspath_prepend(tmp_path / "site")
    return folder


def inputs(root, locked=()):
    root.mkdir(exist_ok=True)
    return Inputs(root, State(root / "cache"), dict(locked), {}, "#ffffff", lambda data: root)


def test_a_file_in_a_package_is_found_and_the_package_is_not_imported(package, tmp_path):
    place = weight_files.locate(tmp_path, BROUGHT)
    assert place == package / "models" / "reader.onnx" and "brings_models" not in sys.modules
    assert weight_files.parts(place) == [""]
    assert weight_files.watched(tmp_path, BROUGHT.name) == [str(place)]
    assert not weight_files.may_be_on_hub(BROUGHT.name) and not weight_files.may_be_on_hub("package:brings_models/x.onnx")


@pytest.mark.parametrize("name", ["package:not_installed_here/models/reader.onnx", "package:brings_models/models/none.onnx",
                                  "package:brings_models/models", "package:os/models/x.onnx"])
def test_what_is_in_no_installed_package_is_not_there(name, package, tmp_path):
    assert weight_files.locate(tmp_path, Model(name)) is None
    assert len(weight_files.watched(tmp_path, name)) == 1


def test_its_digest_follows_its_bytes(package, tmp_path):
    first = inputs(tmp_path / "one").model(BROUGHT)
    assert inputs(tmp_path / "one").model(BROUGHT) == first
    (package / "models" / "reader.onnx").write_bytes(b"reads otherwise")
    assert inputs(tmp_path / "two").model(BROUGHT) != first


def test_a_lock_counts_where_the_package_is_not_installed(tmp_path):
    locked = {BROUGHT.name: "a" * 64}
    assert inputs(tmp_path / "one", locked).model(BROUGHT) == "a" * 64
    with pytest.raises(WeightsMissing) as raised:
        inputs(tmp_path / "one").model(BROUGHT)
    [missing] = raised.value.diagnostics
    assert missing.message == "`models/reader.onnx` of the package `brings_models` is not on this machine"
    assert missing.hint == "pip install brings_models"


def test_the_hint_names_the_extra_that_brings_it():
    assert package_files.install("package:rapidocr/models/x.onnx") == "pip install 'calotype[text]'"


def test_calotype_yaml_cannot_name_such_a_model():
    document = parse(b"version: 1\nmodels: {base: 'package:rapidocr/models/x.onnx'}\n", "calotype.yaml")
    assert [each.line for each in check(document, "config")] == [2]
