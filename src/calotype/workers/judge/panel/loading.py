"""What loading a model for a scorer shares: safetensors only, nothing fetched, no foreign code run, every tensor in its
place. What is amiss is a Problem that names the model."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.digest import sha256_file
from calotype.models.tensor_header import read_header
from calotype.models.weight_files import SAFE, parts, variant_in, variant_read
from calotype.workers.silence import silence

AGAIN = "fetch or copy the model again: calotype models verify"


def unfit(label: str, reason: str, hint: str) -> Problem:
    return Problem(error("weights-unfit", f"`{label}` {reason}", hint=hint))


@contextmanager
def quiet() -> Iterator[None]:
    """Within it nothing of transformers or open_clip reaches the terminal but what they raise."""
    _hush_open_clip()
    with silence("transformers", "open_clip"):
        yield


@cache
def _hush_open_clip() -> None:
    import logging

    logging.getLogger().addFilter(_is_of_others)  # open_clip writes to the root, where a watch reads what others write


def _is_of_others(record: Any) -> bool:
    return "open_clip" not in record.pathname


@contextmanager
def told(label: str) -> Iterator[None]:
    """Turns what a library raises of a model that it cannot load into a Problem."""
    try:
        yield
    except Problem:
        raise
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, ImportError, IndexError) as failure:
        from calotype.workers.accelerator import is_out_of_memory

        if is_out_of_memory(failure):
            raise
        lines = str(failure).strip().splitlines()
        raise unfit(label, f"cannot be loaded: {lines[0] if lines else type(failure).__name__}", AGAIN) from failure


def config_of(folder: Path) -> Mapping[str, Any]:
    """The config.json of a model as transformers lays it out."""
    file = folder / "config.json"
    if not file.is_file():
        raise unfit(folder.name, "has no config.json: it is no model as transformers lays it out",
                    "name the folder of the whole model")
    with told(folder.name):
        config = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(config, dict):
            raise ValueError("its config.json holds no mapping")
    return config


def model_of(kind: Any, folder: Path, digest: str, dtype: Any, besides: Collection[str] = ()) -> Any:
    """The model of the class `kind` in `folder`, whole, on the CPU; `digest` tells the variant. `besides`: parts of the
    names of tensors that may lack or be left over, which nothing is read of here."""
    variant = _checked_files(folder, digest)
    with told(folder.name):
        model, report = kind.from_pretrained(
            folder, torch_dtype=dtype, variant=variant_in(folder, variant), output_loading_info=True,
            use_safetensors=True, local_files_only=True)
    passed = ("position_ids", *besides)
    for names, problem in ((report["missing_keys"], "lacks"), (report["unexpected_keys"], "has no place for")):
        if others := sorted(name for name in names if not any(part in name for part in passed)):
            raise unfit(folder.name, f"{problem} {len(others)} tensors, such as `{others[0]}`",
                        "name a model of the right kind, or fetch it again: calotype models verify")
    model.requires_grad_(False)
    return model.eval()


def tensors_of(file: Path) -> dict[str, Any]:
    """What a `.safetensors` file holds, by name."""
    from safetensors.torch import load_file

    parts(file)  # refuses a pickle
    read_header(file)
    with told(file.name):
        return dict(load_file(file))


def _checked_files(folder: Path, digest: str) -> str | None:
    """The variant that is loaded. Raises Problem where weights are pickles, not there or not whole."""
    variant = variant_read(folder, digest, sha256_file)
    files = [name for name in parts(folder, variant) if name.endswith(SAFE)]
    if not files:
        raise unfit(folder.name, "holds no .safetensors", "fetch the model again: calotype models pull")
    for name in files:
        read_header(folder / name)
    return variant
