"""Tiny models for the scorers: real classes of transformers and open_clip from small configs, seeded random weights.

`models()` is the folder of this process: `pick` and `other` (CLIPs of transformers), `bare` (weights alone, no tokenizer),
`open` (a CLIP of open_clip), `blip` (for visual question answering), `smol` and `qwen` (vision-language models) and
`head.safetensors` (the linear layers of the aesthetic score). `drawings(count)` are pictures that differ.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

import tiny
from calotype.ground.digest import sha256_file
from calotype.ground.images import digest_of
from calotype.models import weight_files
from calotype.workers.judge.panel import Panel
from calotype.workers.protocol import Failure, Request, Scored

WIDTH = 16
"""Numbers of an embedding of the tiny CLIPs."""
CLIP_TEXT = {**tiny.TEXT, "projection_dim": WIDTH}
CLIP_VISION = {**tiny.VISION, "projection_dim": WIDTH}
OPEN_CLIP = {
    "model_cfg": {
        "embed_dim": WIDTH,
        "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 4, "layers": 2},
    },
    "preprocess_cfg": {"mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]},
}
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[DEC]", "yes", "no", "does", "this", "figure", "show", "please", "answer",
         "or", "a", "boy", "standing", "seated", "arm", '"', "?", ".")


@cache
def models() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="calotype-judges-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    clip(folder / "pick", seed=1)
    clip(folder / "other", seed=2)
    shutil.copytree(folder / "pick", folder / "bare")
    for name in ("vocab.json", "merges.txt", "tokenizer.json", "preprocessor_config.json"):
        (folder / "bare" / name).unlink(missing_ok=True)
    open_clip(folder / "open", seed=3)
    blip(folder / "blip", seed=4)
    head(folder / "head.safetensors", seed=5)
    return folder


def clip(folder: Path, seed: int, text: Mapping[str, Any] = CLIP_TEXT, vision: Mapping[str, Any] = CLIP_VISION) -> None:
    """A CLIP as transformers lays it out, whose exp(logit_scale) is 100, as that of the published ones."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    torch.manual_seed(seed)
    words = tiny._text(text).to_dict()
    model = CLIPModel(CLIPConfig(text_config=words, vision_config=dict(vision), projection_dim=text["projection_dim"],
                                 logit_scale_init_value=4.6052))
    _agree(model.vision_model.post_layernorm, model.text_model.final_layer_norm,
           model.visual_projection.weight, model.text_projection.weight)
    model.save_pretrained(folder)
    size = vision["image_size"]
    CLIPImageProcessor(size={"shortest_edge": size}, crop_size={"height": size, "width": size}).save_pretrained(folder)
    tiny._tokenizer().save_pretrained(folder)
    tiny._write_vocabulary(folder)


def open_clip(folder: Path, seed: int, config: Mapping[str, Any] = OPEN_CLIP) -> None:
    import torch
    from open_clip.model import CLIP
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    folder.mkdir(parents=True)
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    model = CLIP(**config["model_cfg"])
    _agree(model.visual.ln_post, model.ln_final, model.visual.proj, model.text_projection, common=0.2)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")


def blip(folder: Path, seed: int) -> None:
    import torch
    from transformers import BlipConfig, BlipForQuestionAnswering, BlipImageProcessor

    torch.manual_seed(seed)
    small = {"hidden_size": 32, "intermediate_size": 37, "num_attention_heads": 4, "num_hidden_layers": 2}
    text = {**small, "vocab_size": len(WORDS), "encoder_hidden_size": 32, "projection_dim": 32, "bos_token_id": 4,
            "pad_token_id": 0, "eos_token_id": 3, "sep_token_id": 3, "max_position_embeddings": 64}
    model = BlipForQuestionAnswering(BlipConfig(
        text_config=text, vision_config={**small, "image_size": 32, "patch_size": 8}, projection_dim=32))
    _stir(model)
    model.save_pretrained(folder)
    BlipImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    _bert(folder)


def head(file: Path, seed: int, width: int = WIDTH) -> None:
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    widths = (width, 1024, 128, 64, 16, 1)
    layers = {}
    for place, (inner, outer) in zip((0, 2, 4, 6, 7), pairwise(widths), strict=True):
        layers[f"layers.{place}.weight"] = torch.randn(outer, inner) / inner**0.5
        layers[f"layers.{place}.bias"] = torch.randn(outer) * 0.1
    layers["layers.7.bias"] += 5
    save_file(layers, file)


def _agree(picture: Any, text: Any, of_pictures: Any, of_texts: Any, common: float = 0.5) -> None:
    """Turns the embeddings of pictures and texts the same way, to cosines of about 0.2, as those of trained ones have."""
    import torch

    with torch.no_grad():
        for norm in (picture, text):
            norm.bias.fill_(common)
        of_pictures.normal_(std=0.2)
        of_texts.copy_(of_pictures)


def _stir(model: Any, std: float = 0.3) -> None:
    """Weights large enough that what the model sees tells in what it says."""
    import torch

    with torch.no_grad():
        for value in model.parameters():
            if value.dim() > 1:
                value.normal_(std=std)


def _bert(folder: Path) -> None:
    from transformers import BertTokenizer

    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(WORDS))
    BertTokenizer(str(vocabulary)).save_pretrained(folder)
    vocabulary.write_text("\n".join(WORDS))


def digest(place: Path, settings: bool = False) -> str:
    """As the program digests a model: that of the configs and tokenizer alone with `settings`."""
    return weight_files.digest(place, None, sha256_file, settings)


@cache
def drawings(count: int, size: int = 64) -> tuple[Image.Image, ...]:
    """Pictures that differ in colours and places."""
    made = []
    for number in range(count):
        picture = Image.new("RGB", (size, size), (37 * number % 256, 91 * number % 256, 200 - number % 200))
        draw = ImageDraw.Draw(picture)
        draw.ellipse((number % 30, 5, number % 30 + 25, 40), fill=(255, 11 * number % 256, 40))
        draw.rectangle((5, 40 + number % 10, 50, 60), fill=(number % 256, 200, 90))
        made.append(picture)
    return tuple(made)


def stored(pictures: Sequence[Image.Image], folder: Path) -> dict[str, Path]:
    """The files of pictures, by pixel digest."""
    folder.mkdir(exist_ok=True)
    files = {}
    for picture in pictures:
        pixels = digest_of(picture)
        files[pixels] = folder / f"{pixels[:16]}.png"
        picture.save(files[pixels])
    return files


def inputs() -> dict[str, Path]:
    """The places of every tiny model, by digest."""
    folder = models()
    places = {digest(folder / name): folder / name for name in ("pick", "other", "bare", "blip")}
    file = folder / "open" / "open_clip_model.safetensors"
    return {**places, digest(file): file, digest(folder / "open", settings=True): folder / "open",
            digest(folder / "head.safetensors"): folder / "head.safetensors"}


def request(scorer: str, pixels: str, text: str = "a boy standing", **model: str) -> Request:
    """As the scorers make them; `model` replaces digests of weights."""
    folder = models()
    weights = {
        "pick": {"weights": digest(folder / "pick")},
        "clip": {"weights": digest(folder / "open" / "open_clip_model.safetensors"),
                 "settings": digest(folder / "open", settings=True)},
        "vqa": {"weights": digest(folder / "blip")},
        "aesthetic": {"weights": digest(folder / "other"), "head": digest(folder / "head.safetensors")},
    }[scorer]
    texts = {"pick": text, "clip": f"A photo depicts {text}",
             "vqa": f'Does this figure show "{text}"? Please answer yes or no.'}
    made = {"scorer": scorer, "epoch": 1, "pixels": pixels, "model": {**weights, **model}, "calibration": f"{scorer}-1"}
    return {**made, "text": texts[scorer]} if scorer in texts else made


def panel(**settings: Any) -> Panel:
    made = Panel()
    made.configure({"device": "cpu", **settings}, lambda kind, **fields: None)
    return made


def scores(worker: Panel, batch: Sequence[Request], files: Mapping[str, Path]) -> list[Scored | Failure]:
    """The outcomes of a batch, in its order."""
    outcomes = list(worker.perform(batch, files, lambda: False))
    return sorted(outcomes, key=lambda outcome: outcome.index)


