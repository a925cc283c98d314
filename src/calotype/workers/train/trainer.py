"""A training from first to last: the model loaded, the set encoded, the steps taken, the LoRA put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from calotype.ground.digest import canonical_json, sha256
from calotype.ground.troubleshooting import OUT_OF_MEMORY, see
from calotype.workers.accelerator import free_memory, is_out_of_memory
from calotype.workers.protocol import Tell
from calotype.workers.render.diffusers import facts
from calotype.workers.render.diffusers.errors import Refused
from calotype.workers.render.diffusers.quiet import quiet
from calotype.workers.render.diffusers.renderer_settings import Settings
from calotype.workers.render.diffusers.session import Session
from calotype.workers.train import loss_curve
from calotype.workers.train.adapter import TrainedAdapter
from calotype.workers.train.encoded_set import Example, encode
from calotype.workers.train.lora_writer import lora_file
from calotype.workers.train.train_checkpoint import Progress, TrainCheckpoint
from calotype.workers.train.training_job import Trained, TrainingJob
from calotype.workers.train.training_loop import Diverged, TrainingLoop
from calotype.workers.train.training_pictures import TrainingPicture, digest_of_set, read_pictures

_TOO_LARGE = "try a smaller `resolution` or `rank`; "


class Trainer:
    """One training. All that it loads is let go at its end."""

    def __init__(
        self, job: TrainingJob, inputs: Mapping[str, Path], checkpoint: Path, cancel: Callable[[], bool], tell: Tell
    ) -> None:
        self._job, self._inputs, self._checkpoint, self._cancel, self._tell = job, inputs, checkpoint, cancel, tell

    def train(self) -> Trained:
        pictures = read_pictures(self._job.pictures, self._job.settings.resolution)
        key = sha256(canonical_json([self._job.components(), digest_of_set(pictures)]))
        checkpoint = TrainCheckpoint(self._checkpoint, key)
        with quiet():
            session = Session(Settings(self._job.device, self._job.memory, tell=self._tell))
            try:
                return self._trained(session, pictures, checkpoint)
            except (RuntimeError, MemoryError) as failure:
                if is_out_of_memory(failure):
                    _refuse_size(session.device, failure)
                raise
            finally:
                session.forget()

    def _trained(self, session: Session, pictures: list[TrainingPicture], checkpoint: TrainCheckpoint) -> Trained:
        unet, noising, examples = self._loaded(session, pictures)
        adapter = TrainedAdapter(unet, self._job.settings)
        loop = TrainingLoop(unet, adapter.matrices, noising, examples, self._job.settings)
        facts.reset_peak(session.device)
        progress = checkpoint.restore(adapter.matrices, loop.optimizer, loop.scaler)
        if progress is None:
            progress = Progress([])
            loop.keep(checkpoint, progress)  # proves that there is room, before hours of work
        elif progress.losses:
            self._tell("note", message=f"the training goes on after step {len(progress.losses)}")
        try:
            self._run(session, unet, loop, checkpoint, progress)
            if not adapter.is_finite():
                raise Diverged(len(progress.losses))
        except Diverged:
            checkpoint.remove()
            raise
        return Trained(lora_file(adapter, self._job), loss_curve.draw(progress.losses),
                       self._record(session, pictures, progress))

    def _loaded(self, session: Session, pictures: list[TrainingPicture]) -> tuple[Any, Any, list[Example]]:
        """The U-Net on its device, the schedule of its noise, and the set as it sees it; nothing else stays loaded."""
        import diffusers

        scheduler: Any = diffusers.DDPMScheduler
        base = session.prepare({"models": self._job.models}, self._inputs)
        examples = encode(base, pictures, session.device, self._cancel)
        base.pipe.remove_all_hooks()
        unet, schedule = base.pipe.unet, base.pipe.scheduler.config
        session.forget()
        del base
        if session.low_memory:
            unet.enable_gradient_checkpointing()
        return unet.to(session.device).train(), scheduler.from_config(schedule), examples

    def _run(
        self, session: Session, unet: Any, loop: TrainingLoop, checkpoint: TrainCheckpoint, progress: Progress
    ) -> None:
        """Where memory runs out in a step, the step is taken again and what can be computed twice is not kept; it
        gives the same numbers."""
        def step(number: int) -> float:
            try:
                return loop.step(number)
            except (RuntimeError, MemoryError) as failure:
                if not is_out_of_memory(failure) or unet.is_gradient_checkpointing:
                    raise
            loop.optimizer.zero_grad(set_to_none=True)
            free_memory(session.device)
            unet.enable_gradient_checkpointing()
            self._tell("note", message="memory ran short: steps take less of it, and longer")
            return loop.step(number)

        loop.run(checkpoint, progress, self._cancel, self._tell, step)

    def _record(self, session: Session, pictures: list[TrainingPicture], progress: Progress) -> dict[str, Any]:
        return {
            **self._job.components(), "set": digest_of_set(pictures), "pictures": len(pictures),
            "losses": [round(loss, 6) for loss in progress.losses], "seconds": round(progress.seconds, 3),
            "peak_vram": progress.peak, "device": facts.device_name(session.device),
            "dtype": str(session.dtype(self._job.models["dtype"])).rpartition(".")[2], "versions": facts.versions(),
        }


def _refuse_size(device: Any, failure: BaseException) -> NoReturn:
    raise Refused(f"{device} ran out of memory", _TOO_LARGE + see(OUT_OF_MEMORY)) from failure
