"""Models fetched from the Hugging Face Hub: safetensors only, only what is read, resumed.

It uses the network only when `calotype models pull` asks it to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from calotype.ground.diagnostics import EXIT_FAILED, Problem, error
from calotype.ground.light_dataclass import dataclass
from calotype.ground.troubleshooting import DOWNLOAD, RATE_LIMIT, see
from calotype.language.weights import Model
from calotype.models import hub_cache, weight_files
from calotype.models.pickled import refusal


@dataclass(frozen=True, slots=True)
class Fetch:
    """What is to be fetched of one repository: the commit to pin, the files, and their size in bytes together."""

    name: str
    commit: str
    files: tuple[str, ...]
    size: int


def refuse_offline(offline: bool) -> None:
    if offline or os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        raise Problem(error("offline", "models cannot be fetched offline",
                            hint="leave out --offline, and unset HF_HUB_OFFLINE"), exit_code=EXIT_FAILED)


def look(name: str, revision: str | None, models: Sequence[Model]) -> Fetch:
    """What of a repository is to be fetched for `models`. Raises Problem if it has only pickles or is out of reach."""
    hub = _hub()
    with _hub_errors(name):
        info = hub.HfApi().model_info(name, revision=revision, files_metadata=True)
    sizes = {sibling.rfilename: sibling.size or 0 for sibling in info.siblings or ()}
    names = sorted({file for model in models for file in _files_of(model, list(sizes))})
    return Fetch(name, str(info.sha), tuple(names), sum(sizes[file] for file in names))


def fetch(order: Fetch, revision: str | None) -> None:
    """Fetches it into the Hub's cache, where `revision` (a branch or tag, else `main`) then stands for the commit that
    was looked at. What is there already is not fetched again unless it is damaged, what is there in part goes on from
    there."""
    hub = _hub()
    for file in order.files:
        if hub_cache.is_damaged(path := hub_cache.snapshot_of(order.name, order.commit) / file):
            hub_cache.drop(path)
    with _hub_errors(order.name), hub_cache.fetching(order.name, order.commit, order.files):
        hub.snapshot_download(order.name, revision=order.commit, allow_patterns=list(order.files))
    hub_cache.note_commit(order.name, revision, order.commit)


def _files_of(model: Model, names: Sequence[str]) -> Iterator[str]:
    if model.part is None:
        parts = weight_files.chosen(names, model.variant, model.name, model.settings)
        yield from [*parts, *weight_files.indexes(parts, names)]
    elif model.part in names:
        yield model.part
    else:
        prefix = f"{model.part}/"
        inner = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
        if not inner and (pickle := _pickle_of(model.part, names)):
            raise Problem(refusal(model, pickle))
        if not inner:
            raise Problem(error("missing-part", f"`{model.name}` has no `{model.part}`", hint="see `ip_adapter`"))
        parts = weight_files.chosen(inner, model.variant, str(model))
        yield from (prefix + name for name in [*parts, *weight_files.indexes(parts, inner)])


def _pickle_of(part: str, names: Sequence[str]) -> str | None:
    """The pickle among `names` that stands where the safetensors file `part` is asked for."""
    stem = part.removesuffix(weight_files.SAFE)
    return next((name for name in names if name in {stem + suffix for suffix in weight_files.PICKLED}), None)


def _hub() -> Any:
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    try:
        import huggingface_hub
    except ImportError:
        raise Problem(error("package-missing", "huggingface_hub is not installed", hint="pip install 'calotype[sdxl]'"),
                      exit_code=EXIT_FAILED) from None
    return huggingface_hub


TOO_MANY = 429
"""What HTTP says to who has asked too often."""


@contextmanager
def _hub_errors(name: str) -> Iterator[None]:
    """Turns what can go wrong with the Hub into a diagnostic that says what to do."""
    from huggingface_hub import errors

    try:
        yield
    except Problem:
        raise
    except Exception as failure:
        lines = str(failure).strip().splitlines()
        hint = f"check the connection and run it again: what has arrived is kept; {see(DOWNLOAD)}"
        if isinstance(failure, errors.GatedRepoError):
            hint = "ask for access on the model's page, then `hf auth login`"
        elif isinstance(failure, errors.RepositoryNotFoundError | errors.RevisionNotFoundError):
            hint = "check the name and the revision in calotype.yaml"
        elif getattr(getattr(failure, "response", None), "status_code", None) == TOO_MANY:
            hint = f"wait some minutes and run it again: what has arrived is kept; {see(RATE_LIMIT)}"
        message = f"`{name}` cannot be fetched: {lines[0] if lines else type(failure).__name__}"
        raise Problem(error("hub", message, hint=hint), exit_code=EXIT_FAILED) from failure
