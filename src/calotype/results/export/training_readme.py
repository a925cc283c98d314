"""The README of a training set: what is in it, how it is trained on, what it costs. It is also the card of a dataset
on the Hugging Face Hub, whose head names the files to load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.results.export.exported_set import ExportedSet
from calotype.results.export.trainer_configs import IMAGES

_LISTED = 12
_HEAD = f"""\
---
configs:
- config_name: default
  data_files:
  - split: train
    path:
    - {IMAGES}/*.png
    - {IMAGES}/metadata.jsonl
---
"""


def readme(exported: ExportedSet, report: Mapping[str, Any]) -> str:
    return _HEAD + "\n".join([
        f"# Training set: {exported.title or exported.character}", "",
        *_about(exported), "## Training", "", *_training(exported), "## What it shows", "",
        *coverage_lines(report), "", "## Captions", "", *_captions(exported), ""])


def _about(exported: ExportedSet) -> Iterator[str]:
    count = len(exported.images)
    yield f"{count} image{'' if count == 1 else 's'} of one character, to train a LoRA on."
    yield ""
    yield f"- Trigger word: `{exported.trigger_word}`. Every caption begins with it; begin prompts with it too."
    yield f"- `{IMAGES}/`: pictures without metadata, each with its caption in a `.txt` of the same name, and"
    yield "  `metadata.jsonl` with the same captions."
    yield f"- `{exported.character}.zip`: all of this in one file, to be uploaded."
    yield "- `report.json`: what is said below, for programs."
    yield ""


def _training(exported: ExportedSet) -> Iterator[str]:
    yield "1000 to 1500 steps at rank 16 to 32 are enough for one character. A hosted trainer takes about 30 minutes"
    yield "and 5 dollars for that."
    yield ""
    yield f"The configurations here begin with {exported.steps} steps at rank {exported.rank}, on `{exported.base}`."
    yield ""
    yield "| with | do |"
    yield "| --- | --- |"
    yield (f"| fal.ai, Replicate | upload `{exported.character}.zip`; trigger word `{exported.trigger_word}`; "
           f"{exported.steps} steps |")
    yield "| ai-toolkit | here: `python /path/to/ai-toolkit/run.py ai-toolkit.yaml` |"
    yield ("| kohya sd-scripts | here: `accelerate launch /path/to/sd-scripts/sdxl_train_network.py "
           f"--dataset_config dataset.toml --network_module networks.lora --network_dim {exported.rank} "
           f"--network_alpha {exported.rank} --max_train_steps {exported.steps} "
           f"--pretrained_model_name_or_path {exported.base} --output_dir output --output_name {exported.character}` |")
    yield f"| OneTrainer | a concept with the path of `{IMAGES}`, prompt source: from text file per sample |"
    yield ("| Hugging Face | `load_dataset(\"/path/to/this/folder\")`, or "
           f"`load_dataset(\"imagefolder\", data_dir=\"/path/to/this/folder/{IMAGES}\")` |")
    yield ""
    yield "Pictures must not be mirrored in training (`flip_aug = false`): captions say left and right."
    yield ""


def coverage_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """The report in sentences, as a list."""
    yield f"- Views: {_counts(report['views'])}."
    unposed = f"; {report['unposed']} without a written pose" if report["unposed"] else ""
    yield f"- Positions: {_counts(report['positions']) or 'none'}{unposed}."
    seen, moved = report["sides"]["seen"], report["sides"]["moved"]
    yield f"- Sides: seen from {_counts(seen) or 'none'}; the side that moves more: {_counts(moved) or 'none'}."
    joints = sorted(report["joints"].items(), key=lambda each: (-each[1], each[0]))
    yield f"- Joints that leave the middle: {_counts(dict(joints[:_LISTED])) or 'none'}."
    still = [name.replace("_", " ") for name, count in joints if not count]
    if still:
        yield f"- Joints that never do: {', '.join(still)}."
    yield from _alike(report)


def _alike(report: Mapping[str, Any]) -> Iterator[str]:
    pairs, count = report["near_duplicates"], report["near_duplicate_pairs"]
    if not count:
        yield "- No two images are nearly the same."
        return
    shown = "; ".join(f"{' and '.join(pair['images'])}{_how_near(pair)}" for pair in pairs[:_LISTED])
    more = f"; and {count - min(count, _LISTED)} more" if count > _LISTED else ""
    yield f"- Nearly the same: {shown}{more}. Of such a pair one teaches little: exclude it, or change its pose."


def _how_near(pair: Mapping[str, Any]) -> str:
    parts = [f"{pair['pose']:g} degrees" if pair["pose"] is not None else "",
             f"{pair['pixels']:g} % of brightness" if pair["pixels"] is not None else ""]
    return f" ({', '.join(filter(None, parts))} apart)"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items() if count)


def _captions(exported: ExportedSet) -> Iterator[str]:
    yield "| image | caption |"
    yield "| --- | --- |"
    for image in exported.images:
        caption = image.caption.replace("|", "\\|")
        yield f"| {image.name} | {caption} |"
