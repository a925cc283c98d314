"""What trainers read beside pictures and captions: metadata of Hugging Face, kohya's dataset, a job of ai-toolkit.

Formats: huggingface.co/docs/datasets/image_dataset, sd-scripts' docs/config_README-en.md, ai-toolkit's config/examples.
"""

from __future__ import annotations

import json

from calotype.results.export.exported_set import ExportedSet

IMAGES = "images"
SAMPLES = 4
"""Captions of the set that a training draws now and then, to show how far it is."""
_REPEATS = 10
_JOB = """\
---
# A job for ostris/ai-toolkit: python run.py ai-toolkit.yaml
# Paths are from this folder.
job: extension
config:
  name: {name}
  process:
    - type: sd_trainer
      training_folder: output
      device: cuda:0
      trigger_word: {trigger_word}
      network:
        type: lora
        linear: {rank}
        linear_alpha: {rank}
      save:
        dtype: float16
        save_every: 250
        max_step_saves_to_keep: 4
      datasets:
        - folder_path: {images}
          caption_ext: txt
          caption_dropout_rate: 0.05
          shuffle_tokens: false
          cache_latents_to_disk: true
          flip_x: false
          flip_y: false
          resolution: [{resolution}]
      train:
        batch_size: 1
        steps: {steps}
        gradient_accumulation_steps: 1
        train_unet: true
        train_text_encoder: false
        gradient_checkpointing: true
        noise_scheduler: ddpm
        optimizer: adamw8bit
        lr: {learning_rate}
        ema_config:
          use_ema: true
          ema_decay: 0.99
        dtype: bf16
      model:
        name_or_path: {base}
        is_xl: true
      sample:
        sampler: ddpm
        sample_every: 250
        width: {resolution}
        height: {resolution}
        prompts:
{samples}
        neg: ""
        seed: 42
        walk_seed: true
        guidance_scale: 7
        sample_steps: 30
meta:
  name: "[name]"
  version: "1.0"
"""


def metadata_jsonl(exported: ExportedSet) -> str:
    """A line for each picture: the loader wants it in their folder, and names beside it."""
    rows = ({"file_name": f"{image.name}.png", "text": image.caption} for image in exported.images)
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def dataset_toml(exported: ExportedSet) -> str:
    return f"""\
# A dataset for kohya's sd-scripts: accelerate launch sdxl_train_network.py --dataset_config dataset.toml ...
# Paths are from this folder.
[general]
caption_extension = ".txt"
shuffle_caption = true
keep_tokens = 1         # the trigger word stays in front
flip_aug = false        # left is left: captions say sides

[[datasets]]
resolution = {exported.resolution}
batch_size = 1
enable_bucket = true
bucket_no_upscale = true

  [[datasets.subsets]]
  image_dir = "{IMAGES}"
  num_repeats = {_REPEATS}
"""


def ai_toolkit_yaml(exported: ExportedSet) -> str:
    return _JOB.format(
        name=_quoted(exported.character), trigger_word=_quoted(exported.trigger_word), base=_quoted(exported.base),
        rank=exported.rank, steps=exported.steps, learning_rate=_plain(exported.learning_rate),
        resolution=exported.resolution, images=IMAGES,
        samples="\n".join(f"          - {_quoted(caption)}" for caption in _samples(exported)))


def _samples(exported: ExportedSet) -> list[str]:
    """Captions from all over the set."""
    count = len(exported.images)
    places = dict.fromkeys(number * count // SAMPLES for number in range(SAMPLES))
    return [exported.images[place].caption for place in places] or [exported.trigger_word]


def _plain(number: float) -> str:
    """`number` without an exponent: YAML 1.1 takes `1e-05` for a text."""
    return f"{number:.10f}".rstrip("0").rstrip(".")


def _quoted(text: str) -> str:
    """`text` as YAML reads it back, whatever is in it: JSON's strings are YAML's."""
    return json.dumps(text, ensure_ascii=False)
