"""Parts of a model in one file each, as other programs exchange them: a ControlNet, a VAE. Their configs, which a file
lacks, follow from the base model's and from the shapes of their tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from calotype.models.pipeline_class import ALONE

Tensors = Mapping[str, Any]
_CONDITIONING = "controlnet_cond_embedding"
_SIZES = {f"{2 * place}.{kind}": f"add_embedding.linear_{place + 1}.{kind}"
          for place in (0, 1) for kind in ("weight", "bias")}
"""The layers of SDXL's embedding of sizes, by their ends in the words of the first ControlNets."""


def controlnet(tensors: Tensors, union: bool, unet: Any, dtype: Any) -> tuple[Any, list[str], list[str]]:
    """The ControlNet for `unet`, and which of its tensors lack or have no place. Raises RuntimeError where shapes do
    not fit."""
    from accelerate import init_empty_weights
    from diffusers import ControlNetModel, ControlNetUnionModel

    named, unread = _in_diffusers_words(tensors, unet.config)
    kind: Any = ControlNetUnionModel if union else ControlNetModel
    with init_empty_weights():
        net = kind(**_config(kind, named, union, unet.config))
    missing, unexpected = net.load_state_dict(named, strict=False, assign=True)
    return (net if missing else net.to(dtype).eval()), list(missing), [*unexpected, *unread]


def _in_diffusers_words(tensors: Tensors, config: Any) -> tuple[Tensors, list[str]]:
    """The tensors of a ControlNet by diffusers' names, and which have none. In the words of the first ControlNets
    diffusers finds all but the embedding of sizes, which came with SDXL."""
    from diffusers.loaders import single_file_utils

    convert: Any = single_file_utils.convert_controlnet_checkpoint
    named = {name: value for name, value in convert(dict(tensors), config).items() if value is not None}
    for name, value in tensors.items():
        head, _, rest = name.removeprefix("control_model.").partition("label_emb.0.")
        if not head and rest in _SIZES:
            named[_SIZES[rest]] = value
    read = {id(value) for value in named.values()}
    return named, [name for name, value in tensors.items() if id(value) not in read]


def vae(place: Path, base: Any, dtype: Any) -> Any:
    """The VAE at `place`, of the same measures as `base`; a parameter that it lacks is left on the device `meta`."""
    from diffusers import AutoencoderKL

    with TemporaryDirectory() as folder, parts_told():
        base.save_config(folder)
        return AutoencoderKL.from_single_file(str(place), config=folder, torch_dtype=dtype, local_files_only=True)


def transformer(kind: Any, tensors: Tensors, config: Path) -> tuple[Any, list[str], list[str]]:
    """The transformer of the class `kind` with the config in that folder, and which of its tensors lack or have no
    place. Its tensors lie in memory as those of a folder do, so that its pictures are the same to the bit."""
    from accelerate import init_empty_weights
    from diffusers.loaders import single_file_model

    classes: Any = single_file_model.SINGLE_FILE_LOADABLE_CLASSES
    values = kind.load_config(config, local_files_only=True)
    bare = {name.removeprefix(ALONE): value for name, value in tensors.items()}
    with init_empty_weights():
        model = kind.from_config(values)
    convert = classes[kind.__name__]["checkpoint_mapping_fn"]
    named = bare if bare.keys() <= model.state_dict().keys() else convert(checkpoint=bare, config=values)
    whole = {name: value.clone() for name, value in named.items()}
    missing, unexpected = model.load_state_dict(whole, strict=False, assign=True)
    return model, list(missing), list(unexpected)


@contextmanager
def parts_told() -> Iterator[None]:
    """Turns diffusers' own error of a part that a file lacks into a ValueError."""
    from diffusers.loaders.single_file_utils import SingleFileComponentError

    try:
        yield
    except SingleFileComponentError as failure:
        raise ValueError(str(failure)) from failure


def _config(kind: Any, tensors: Tensors, union: bool, unet: Mapping[str, Any]) -> dict[str, Any]:
    """What a ControlNet shares with its U-Net, and its own sizes. A U-Net that wears an IP-Adapter has that in its
    config."""
    import inspect

    shared = {name: unet[name] for name in inspect.signature(kind.__init__).parameters if name in unet}
    widths = [tensors[f"{_CONDITIONING}.conv_in.weight"].shape[0]]
    while (name := f"{_CONDITIONING}.blocks.{2 * len(widths) - 1}.weight") in tensors:
        widths.append(tensors[name].shape[0])
    config = {**shared, "encoder_hid_dim": None, "encoder_hid_dim_type": None,
              "conditioning_embedding_out_channels": tuple(widths)}
    if union:
        kinds, width = tensors["task_embedding"].shape
        config |= {"num_control_type": kinds, "num_trans_channel": width,
                   "num_proj_channel": tensors["spatial_ch_projs.weight"].shape[0]}
    return config
