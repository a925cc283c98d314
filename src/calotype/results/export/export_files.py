"""The files of an exported training set, by name and content. Pictures are read when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import EXIT_FAILED, Problem, error
from calotype.ground.digest import sha256
from calotype.ground.files import open_file
from calotype.ground.light_dataclass import dataclass
from calotype.results.export.coverage import Signature, coverage, signature
from calotype.results.export.exported_set import ExportedSet
from calotype.results.export.plain_png import without_metadata
from calotype.results.export.stored_zip import stored_zip
from calotype.results.export.trainer_configs import IMAGES, ai_toolkit_yaml, dataset_toml, metadata_jsonl
from calotype.results.export.training_readme import readme

REPORT = "report.json"
Content = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """Contents and digests by name, relative to the export's folder; and the report that is among them."""

    contents: Mapping[str, Content]
    digests: Mapping[str, str]
    report: Mapping[str, Any]


def export_files(exported: ExportedSet, root: Path) -> ExportFiles:
    """Raises Problem (exit 1) for a published picture that cannot be read."""
    contents: dict[str, Content] = {}
    digests: dict[str, str] = {}
    signatures = {}
    for image in exported.images:
        name, content = f"{IMAGES}/{image.name}.png", partial(_picture, root, image.path)
        png = content()
        signatures[image.target] = signature(png)
        contents[name], digests[name] = content, sha256(png)
    report = report_of(exported, signatures)
    for name, text in _texts(exported, report):
        contents[name], digests[name] = partial(text.encode), sha256(text.encode())
    names = sorted(contents)
    archive = stored_zip((name, contents[name]()) for name in names)
    contents[f"{exported.character}.zip"] = lambda: archive
    digests[f"{exported.character}.zip"] = sha256(archive)
    return ExportFiles(contents, digests, report)


def report_of(exported: ExportedSet, signatures: Mapping[str, Signature] | None = None) -> dict[str, Any]:
    """What the set shows and lacks. Without the `signatures` of its pictures these are not held against each other."""
    return {"character": exported.character, "trigger_word": exported.trigger_word,
            **coverage(exported.images, signatures)}


def _texts(exported: ExportedSet, report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for image in exported.images:
        yield f"{IMAGES}/{image.name}.txt", f"{image.caption}\n"
    yield f"{IMAGES}/metadata.jsonl", metadata_jsonl(exported)
    yield "dataset.toml", dataset_toml(exported)
    yield "ai-toolkit.yaml", ai_toolkit_yaml(exported)
    yield "README.md", readme(exported, report)
    yield REPORT, f"{json.dumps(report, indent=1, ensure_ascii=False)}\n"


def _picture(root: Path, path: str) -> bytes:
    try:
        with open_file(root / path) as file:
            return without_metadata(file.read())
    except OSError as refusal:
        reason = f"cannot be read: {refusal.strerror or refusal}"
    except ValueError as fault:
        reason = str(fault)
    raise Problem(error("export", reason, file=path, hint="`calotype build` puts it right"), EXIT_FAILED)
