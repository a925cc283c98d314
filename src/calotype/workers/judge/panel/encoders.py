"""CLIPs: pictures and texts to embeddings of length 1, by transformers or by open_clip."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from calotype.workers.judge.panel.loading import config_of, model_of, tensors_of, told, unfit

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

Embedding = tuple[float, ...]
"""float32, of length 1."""


class Encoder(Protocol):
    """`module` is what has weights; `scale` is exp(logit_scale); of a text `limit` tokens are read, its two marks
    among them."""

    module: Any
    scale: float
    limit: int

    def tokens(self, text: str) -> int:
        """How many tokens the whole text has, with the two marks."""
        ...

    def text(self, text: str, device: Any) -> Embedding: ...

    def pictures(self, pictures: Sequence[Pixels], device: Any) -> list[Embedding]:
        """Of RGB pictures, by one call."""
        ...


class TransformersClip:
    """A CLIP as transformers lays it out, its tokenizer and what prepares pictures in the same folder or another."""

    def __init__(self, folder: Path, settings: Path, digest: str) -> None:
        import torch
        import transformers

        kind = config_of(folder).get("model_type")
        if kind != "clip":
            raise unfit(folder.name, f"is a model of the kind `{kind}`, and a CLIP is read here", "name a CLIP")
        _check_tokenizer(settings)
        self.module = model_of(transformers.CLIPModel, folder, digest, torch.float32)
        processor: Any = getattr(transformers, "CLIPImageProcessorPil", transformers.CLIPImageProcessor)
        with told(settings.name):
            self._tokenizer: Any = transformers.CLIPTokenizer.from_pretrained(settings, local_files_only=True)
            self._prepared = processor.from_pretrained(settings, local_files_only=True)
        config = self.module.config
        if len(self._tokenizer) > config.text_config.vocab_size:
            raise unfit(settings.name, f"has {len(self._tokenizer)} tokens, and `{folder.name}` knows "
                        f"{config.text_config.vocab_size}", "name the tokenizer of that model")
        self.limit = config.text_config.max_position_embeddings
        self.scale = float(self.module.logit_scale.exp())

    def tokens(self, text: str) -> int:
        return len(self._tokenizer(text).input_ids)

    def text(self, text: str, device: Any) -> Embedding:
        read = self._tokenizer(text, truncation=True, max_length=self.limit, return_tensors="pt").to(device)
        return _normed(self.module.get_text_features(**read))[0]

    def pictures(self, pictures: Sequence[Pixels], device: Any) -> list[Embedding]:
        prepared = self._prepared(images=list(pictures), return_tensors="pt")["pixel_values"]
        return _normed(self.module.get_image_features(pixel_values=prepared.to(device)))


class OpenClip:
    """A CLIP of open_clip: one file, and open_clip_config.json beside it or in another folder."""

    def __init__(self, file: Path, settings: Path) -> None:
        import open_clip

        _check_open_clip(settings)
        with told(file.name):
            self.module: Any = open_clip.create_model(
                f"local-dir:{settings}", load_weights=False, pretrained_text=False)
        state = tensors_of(file)
        with told(file.name):
            self.module.load_state_dict(
                {**state, "logit_scale": state["logit_scale"].reshape(self.module.logit_scale.shape)})
            self._tokenizer: Any = open_clip.get_tokenizer(f"local-dir:{settings}")
            config = open_clip.transform.PreprocessCfg(**self.module.visual.preprocess_cfg)
            self._prepared: Any = open_clip.transform.image_transform_v2(config, is_train=False)
        self.module.requires_grad_(False).eval()
        self.limit = self._tokenizer.context_length
        self.scale = float(self.module.logit_scale.exp())

    def tokens(self, text: str) -> int:
        inner = getattr(self._tokenizer, "tokenizer", None)
        return len(inner(text).input_ids) if inner is not None else len(self._tokenizer.encode(text)) + 2

    def text(self, text: str, device: Any) -> Embedding:
        return _normed(self.module.encode_text(self._tokenizer([text]).to(device)))[0]

    def pictures(self, pictures: Sequence[Pixels], device: Any) -> list[Embedding]:
        import torch

        return _normed(self.module.encode_image(torch.stack([self._prepared(one) for one in pictures]).to(device)))


def encoder(place: Path, settings: Path | None, digest: str) -> Encoder:
    """The CLIP at `place`: a folder as transformers lays it out, or a file of open_clip with its `settings`. Raises
    Problem for whatever else it is."""
    if place.is_dir():
        return TransformersClip(place, settings or place, digest)
    return OpenClip(place, settings or place.parent)


def _normed(features: Any) -> list[Embedding]:
    """Rows as Python numbers. transformers 5 gives an output whose `pooler_output` older ones give."""
    features = getattr(features, "pooler_output", features)
    rows = (features / features.norm(dim=-1, keepdim=True)).float().cpu().tolist()
    return [tuple(row) for row in rows]


def _check_tokenizer(folder: Path) -> None:
    """transformers makes an empty tokenizer of a folder that has none."""
    names = {file.name for file in folder.iterdir()}
    if "tokenizer.json" not in names and not {"vocab.json", "merges.txt"} <= names:
        raise unfit(folder.name, "has no tokenizer", "name a folder that has it as `processor` of the scorer's model")
    if "preprocessor_config.json" not in names:
        raise unfit(folder.name, "has no preprocessor_config.json, which says how pictures are prepared",
                    "name a folder that has it as `processor` of the scorer's model")


def _check_open_clip(folder: Path) -> None:
    """An open_clip_config.json whose text encoder is open_clip's own: another would be looked up on the Hub."""
    file = folder / "open_clip_config.json"
    if not file.is_file():
        raise unfit(folder.name, "has no open_clip_config.json",
                    "name the folder of the model, or leave `file` out for one as transformers lays it out")
    with told(folder.name):
        texts = json.loads(file.read_text(encoding="utf-8"))["model_cfg"]["text_cfg"]
        if texts.get("hf_model_name"):
            raise unfit(folder.name, f"takes its text encoder `{texts['hf_model_name']}` from the Hub",
                        "name a CLIP whose text encoder is open_clip's own")
