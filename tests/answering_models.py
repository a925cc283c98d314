"""Tiny models that answer questions about pictures: real classes of transformers from small configs, seeded weights, with
processors and tokenizers as they are published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tiny_judges as judges

MARKS = ("<pad>", "<unk>", "<s>", "</s>", "<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>", "<video>",
         "<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>")
PLAIN = ("yes", "Yes", "no", "does", "Does", "this", "figure", "show", "Please", "answer", "or", "a", "boy", "red", "arm", '"',
         "?", ".", "User", ":", "Assistant")
WORDS = (*MARKS, *PLAIN)
YES = [WORDS.index("yes"), WORDS.index("Yes")]
SMALL = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2, "num_attention_heads": 4}
VISION = {**SMALL, "image_size": 32, "patch_size": 8}
IDS = {"vocab_size": len(WORDS), "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
LLAMA = {"model_type": "llama", **SMALL, **IDS, "num_key_value_heads": 2}
T5 = {"model_type": "t5", "vocab_size": len(WORDS), "d_model": 32, "d_kv": 8, "d_ff": 37, "num_layers": 2, "num_heads": 4,
      "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 3}
OPT = {"model_type": "opt", **IDS, "hidden_size": 32, "ffn_dim": 37, "num_hidden_layers": 2, "num_attention_heads": 4,
       "word_embed_proj_dim": 32, "max_position_embeddings": 128}
QFORMER = {**SMALL, "vocab_size": len(WORDS), "encoder_hidden_size": 32}
CHAT = ("{% for turn in messages %}User:{% for part in turn['content'] %}{% if part['type'] == 'image' %}PICTURE"
        "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endfor %} Assistant:")


def idefics(folder: Path) -> None:
    """The architecture of SmolVLM's first version."""
    from transformers import Idefics3Config, Idefics3ForConditionalGeneration, Idefics3ImageProcessor, Idefics3Processor

    _saved(Idefics3ForConditionalGeneration(Idefics3Config(
        text_config=LLAMA, vision_config=VISION, scale_factor=2, image_token_id=4, pad_token_id=0)), folder)
    pictures = Idefics3ImageProcessor(size={"longest_edge": 32}, max_image_size={"longest_edge": 32}, do_image_splitting=False)
    Idefics3Processor(pictures, _tokenizer(), image_seq_len=4, chat_template=CHAT.replace("PICTURE", "<image>")).save_pretrained(folder)


def smolvlm(folder: Path) -> None:
    """SmolVLM2. Its processor needs num2words."""
    from transformers import (
        SmolVLMConfig,
        SmolVLMForConditionalGeneration,
        SmolVLMImageProcessor,
        SmolVLMProcessor,
        SmolVLMVideoProcessor,
    )

    _saved(SmolVLMForConditionalGeneration(SmolVLMConfig(
        text_config=LLAMA, vision_config=VISION, scale_factor=2, image_token_id=4, pad_token_id=0)), folder)
    pictures = SmolVLMImageProcessor(size={"longest_edge": 32}, max_image_size={"longest_edge": 32}, do_image_splitting=False)
    SmolVLMProcessor(pictures, _tokenizer(), SmolVLMVideoProcessor(), image_seq_len=4,
                     chat_template=CHAT.replace("PICTURE", "<image>")).save_pretrained(folder)


def qwen(folder: Path) -> None:
    from transformers import (
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2_5_VLProcessor,
        Qwen2VLImageProcessor,
        Qwen2VLVideoProcessor,
    )

    rope = {"rope_type": "default", "type": "mrope", "mrope_section": [1, 1, 2]}
    vision = {"hidden_size": 32, "intermediate_size": 37, "depth": 2, "num_heads": 4, "out_hidden_size": 32, "patch_size": 8,
              "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 32, "fullatt_block_indexes": [1]}
    _saved(Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(
        text_config={**SMALL, **IDS, "num_key_value_heads": 2, "rope_parameters": rope}, vision_config=vision, image_token_id=9,
        video_token_id=10, vision_start_token_id=11, vision_end_token_id=12)), folder)
    pictures = Qwen2VLImageProcessor(
        size={"shortest_edge": 1024, "longest_edge": 4096}, patch_size=8, merge_size=2, temporal_patch_size=2)
    Qwen2_5_VLProcessor(pictures, _tokenizer(), Qwen2VLVideoProcessor(patch_size=8), chat_template=CHAT.replace(
        "PICTURE", "<|vision_start|><|image_pad|><|vision_end|>")).save_pretrained(folder)


def blip2_t5(folder: Path) -> None:
    _blip2(folder, T5)


def blip2_opt(folder: Path) -> None:
    _blip2(folder, OPT)


def instructblip(folder: Path) -> None:
    from transformers import (
        BlipImageProcessor,
        InstructBlipConfig,
        InstructBlipForConditionalGeneration,
        InstructBlipProcessor,
    )

    _saved(InstructBlipForConditionalGeneration(InstructBlipConfig(
        vision_config=VISION, qformer_config=QFORMER, text_config=T5, num_query_tokens=4, image_token_index=4)), folder)
    pictures = BlipImageProcessor(size={"height": 32, "width": 32})
    InstructBlipProcessor(pictures, _tokenizer(), _tokenizer(), num_query_tokens=4).save_pretrained(folder)


FAMILIES: dict[str, Callable[[Path], None]] = {
    "idefics3": idefics, "smolvlm": smolvlm, "qwen2_5_vl": qwen, "blip2-t5": blip2_t5, "blip2-opt": blip2_opt,
    "instructblip": instructblip}


def built(name: str, folder: Path) -> Path:
    """The model of a family in `folder`, always the same."""
    import torch

    torch.manual_seed(7)
    FAMILIES[name](folder)
    return folder


def _blip2(folder: Path, text: dict[str, Any]) -> None:
    from transformers import Blip2Config, Blip2ForConditionalGeneration, Blip2Processor, BlipImageProcessor

    _saved(Blip2ForConditionalGeneration(Blip2Config(
        vision_config=VISION, qformer_config=QFORMER, text_config=text, num_query_tokens=4, image_text_hidden_size=16,
        image_token_index=4)), folder)
    Blip2Processor(BlipImageProcessor(size={"height": 32, "width": 32}), _tokenizer(), num_query_tokens=4).save_pretrained(folder)


def _saved(model: Any, folder: Path) -> None:
    judges._stir(model, std=0.2)
    model.save_pretrained(folder)


def _tokenizer() -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>"))
    inner.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        additional_special_tokens=list(MARKS[4:]))
