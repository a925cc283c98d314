"""Where a training goes on after a kill: matrices, the optimizer's moments and the losses of all steps so far, in one
file that is the old one or the new one at any instant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.atomic import write_bytes
from calotype.ground.light_dataclass import dataclass
from calotype.workers.render.diffusers.errors import Refused
from calotype.workers.train.tensor_file import packed

VERSION = "1"
_MOMENTS = ("exp_avg", "exp_avg_sq")
_LOSSES = "losses"
_NO_ROOM = "make room on the disk of `cache`, and train again: it goes on where it was"


@dataclass(slots=True)
class Progress:
    """What was done: the loss of each step, the seconds they took, the most bytes of the device's memory in use."""

    losses: list[float]
    seconds: float = 0.0
    peak: int | None = None


class TrainCheckpoint:
    """The file at `path` of the training called `key`; one of another training, or a damaged one, is none."""

    def __init__(self, path: Path, key: str) -> None:
        self._path, self._key = path, key

    def save(self, matrices: Mapping[str, Any], optimizer: Any, scaler: Any, progress: Progress) -> None:
        """Raises Refused where it cannot be written; the file then is as it was."""
        import torch

        tensors: dict[str, Any] = {_LOSSES: torch.tensor(progress.losses, dtype=torch.float64)}
        updates = 0.0
        for name, value in matrices.items():
            tensors[f"matrix.{name}"] = value
            state = optimizer.state[value]
            for moment in _MOMENTS:
                tensors[f"{moment}.{name}"] = state[moment] if state else torch.zeros_like(value)
            updates = float(state["step"]) if state else 0.0
        notes = {"version": VERSION, "key": self._key, "updates": repr(updates), "seconds": repr(progress.seconds),
                 "peak": json.dumps(progress.peak), "scaler": json.dumps(scaler.state_dict())}
        try:
            write_bytes(self._path, packed(tensors, notes))
        except OSError as failure:
            raise Refused(f"the training cannot be kept: {failure.strerror}", _NO_ROOM) from failure

    def restore(self, matrices: Mapping[str, Any], optimizer: Any, scaler: Any) -> Progress | None:
        """Puts matrices and optimizer where the training was; None, and nothing is touched, where there is no such
        file."""
        loaded = self._load()
        if loaded is None or not _fits(loaded[0], matrices):
            return None
        tensors, notes = loaded
        for name, value in matrices.items():
            value.data.copy_(tensors[f"matrix.{name}"])
        _restore_optimizer(optimizer, matrices, tensors, float(notes["updates"]))
        scaler.load_state_dict(json.loads(notes["scaler"]))
        return Progress(tensors[_LOSSES].tolist(), float(notes["seconds"]), json.loads(notes["peak"]))

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def _load(self) -> tuple[dict[str, Any], dict[str, str]] | None:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self._path, framework="pt") as file:
                notes = file.metadata() or {}
                if notes.get("version") != VERSION or notes.get("key") != self._key:
                    return None
                return {name: file.get_tensor(name) for name in file.keys()}, notes  # noqa: SIM118
        except (OSError, SafetensorError):
            return None


def _fits(tensors: Mapping[str, Any], matrices: Mapping[str, Any]) -> bool:
    names = [(f"{part}.{name}", value) for part in ("matrix", *_MOMENTS) for name, value in matrices.items()]
    return _LOSSES in tensors and all(
        name in tensors and tensors[name].shape == value.shape for name, value in names)


def _restore_optimizer(optimizer: Any, matrices: Mapping[str, Any], tensors: Mapping[str, Any], updates: float) -> None:
    import torch

    for name, value in matrices.items():
        moments = {moment: tensors[f"{moment}.{name}"].to(value.device) for moment in _MOMENTS}
        optimizer.state[value] = {"step": torch.tensor(updates), **moments}
