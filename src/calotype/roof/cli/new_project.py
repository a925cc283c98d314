"""The files of a new project, and writing them where nothing stands yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import Problem, error
from calotype.ground.folders import MARKER, SCHEMAS, SPECS, STYLES
from calotype.ground.gitignore import IGNORE_ALL, IGNORE_TRAINING
from calotype.ground.paths import inside
from calotype.ground.target_names import DOCUMENT_KINDS, SPEC_KINDS
from calotype.roof.cli.template import kind_of

ATTRIBUTES = """\
*.png binary
*.npy binary
*.safetensors binary
content/manifest.json text eol=lf
content/manifest/**/*.jsonl text eol=lf merge=union
"""


def project_files(files: Mapping[str, str], *, with_specs: bool) -> dict[str, str]:
    """Every file of a new project, calotype.yaml last: its path and its text."""
    from calotype.language.prompt.styles import PACKAGED, style_of
    from calotype.language.schema.validate import json_schema

    kinds = {kind for kind in map(kind_of, files) if kind in SPEC_KINDS}
    styles = sorted(style_of(kind, {}, "medical") for kind in kinds)
    kept = [name for name in files if name != MARKER and (with_specs or not name.startswith(f"{SPECS}/"))]
    return {
        **{f"{STYLES}/{style}.j2": (PACKAGED / f"{style}.j2").read_text("utf-8") for style in styles},
        **{name: files[name] for name in kept},
        **{f"{SCHEMAS}/{kind}.json": json.dumps(json_schema(kind), indent=1) + "\n" for kind in DOCUMENT_KINDS},
        "content/.gitkeep": "",
        "build/.gitignore": IGNORE_ALL,
        "cache/.gitignore": IGNORE_ALL,
        ".gitattributes": ATTRIBUTES,
        ".gitignore": IGNORE_TRAINING,
        MARKER: files[MARKER],
    }


def write_new(root: Path, name: str, text: str) -> bool:
    """Writes `text` unless something is there already, a dangling link among it. Returns whether it did. Raises Problem
    where a link leads out of the project."""
    path = root / name
    if path.exists() or path.is_symlink():
        return False
    try:
        inside(root, name)
    except ValueError as cause:
        raise Problem(error("path-outside", str(cause), file=name, hint="remove the link")) from None
    write_bytes(path, text.encode(), durable=False)
    return True
