"""Where the weights of a model lie on this machine, and their digest.

A model is a file, a folder as diffusers and transformers lay it out, a folder of ONNX models as insightface lays it
out, a snapshot in the Hugging Face cache, or a file that an installed package brings along. Only what loading reads
counts: configs, tokenizers and `.safetensors` of the variant asked for. Nothing is ever fetched here.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from calotype.ground.diagnostics import Problem, error
from calotype.ground.digest import canonical_json, sha256
from calotype.ground.paths import inside, on_disk
from calotype.language.weights import PACKAGE, Model
from calotype.models import package_files
from calotype.models.hub_cache import awaited, blob_digest, repository_of, snapshot

SAFE, ONNX, PICKLED = ".safetensors", (".onnx", ".onnx_data", ".onnx.data"), (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_STEMS = ("diffusion_pytorch_model", "model", "pytorch_model")
_SETTINGS = (".json", ".txt", ".model")
_SHARD = re.compile(r"-\d{5}-of-\d{5}")
_KNOWN_SIZES = {
    "stabilityai/stable-diffusion-xl-base-1.0": 13_880_000_000,
    "stabilityai/stable-diffusion-xl-refiner-1.0": 12_150_000_000,
    "madebyollin/sdxl-vae-fp16-fix": 335_000_000, "thibaud/controlnet-openpose-sdxl-1.0": 5_000_000_000,
    "diffusers/controlnet-depth-sdxl-1.0": 5_000_000_000, "diffusers/controlnet-canny-sdxl-1.0": 5_000_000_000,
    "xinsir/controlnet-union-sdxl-1.0": 2_510_000_000, "Intel/dpt-large": 1_370_000_000,
    "yuvalkirstain/PickScore_v1": 3_940_000_000, "openai/clip-vit-large-patch14": 1_710_000_000,
    "Salesforce/blip-vqa-base": 1_540_000_000,
}
"""Bytes of float32 weights (the union is published in float16), from the model pages; a variant `fp16` is half."""


def may_be_on_hub(name: str) -> bool:
    """Whether the Hub can have a model of this name: `org/name`. Its own pages are at `models/`, no org."""
    elsewhere = name.startswith(("models/", PACKAGE)) or name.endswith(SAFE)
    return name.count("/") == 1 and not elsewhere


def locate(root: Path, model: Model, folders: Sequence[Path] = ()) -> Path | None:
    """The file or folder of a model: in the project, else in one of `folders` (links in these are followed), else its
    snapshot in the Hub's cache; of it, the part if one is named; of PACKAGE, in that package. None where it is not, or
    where a snapshot lacks anything that loading reads. Raises Problem for a name that leads out of the project."""
    place = lying(root, model, folders)
    if place is None or _own(root, model.name, folders) is not None:
        return place
    return place if _whole(place, model.variant, model.settings) and not _awaited(model) else None


def lying(root: Path, model: Model, folders: Sequence[Path] = ()) -> Path | None:
    """As `locate`, whole or not."""
    place = _own(root, model.name, folders) or snapshot(model.name, model.revision)
    if place is not None and model.part is not None:
        place = place / model.part
    return place if place is not None and place.exists() else None


def file_of(root: Path, name: str, folders: Sequence[Path] = ()) -> Path:
    """Where the file of weights called `name` lies: in the project or in one of `folders`; its place in the project if
    it is nowhere. Raises Problem for a name that leads out of the project."""
    return _own(root, name, folders) or root / name


def _own(root: Path, name: str, folders: Sequence[Path]) -> Path | None:
    """The first place of that name, of those that people keep weights in; or in the package that it names."""
    if name.startswith(PACKAGE):
        return package_files.locate(name)
    try:
        inside(root, name)
    except ValueError as cause:
        raise Problem(error("path-outside", str(cause), file=name)) from None
    places = (folder / on_disk(folder, name) for folder in (root, *folders))
    return next((place for place in places if place.exists()), None)


def _awaited(model: Model) -> bool:
    """Whether a fetch was to bring anything that loading `model` reads, and has not."""
    place = snapshot(model.name, model.revision)
    names = awaited(place) if place is not None else []
    if model.part is not None:
        return any(name == model.part or name.startswith(f"{model.part}/") for name in names)
    try:
        return bool(names) and bool(chosen(names, model.variant, model.name, model.settings))
    except Problem:  # they are of another variant
        return False


def watched(root: Path, name: str, revision: str | None = None, folders: Sequence[Path] = ()) -> list[str]:
    """Paths, absolute or in the project, whose change may mean that `locate` finds something else."""
    if name.startswith(PACKAGE):
        return package_files.watched(name)
    if (root / name).exists():
        return [name]
    own = [name, *(str(folder / name) for folder in folders)]
    if not may_be_on_hub(name):
        return own
    repository = repository_of(name)
    return [*own, str(repository / "refs" / (revision or "main")), str(repository / "snapshots")]


def parts(place: Path, variant: str | None = None, settings: bool = False) -> list[str]:
    """The files that loading reads, relative to `place` with `/`, sorted; of a single file, the empty name. With
    `settings`, configs and tokenizers alone.

    Raises Problem where weights are pickles, or only of another variant.
    """
    if not place.is_dir():
        _refuse_pickle(place.name, str(place))
        return [""]
    listed = [f"{folder}/{name}" if folder else name for folder, names in _folders(place) for name in names]
    return chosen(listed, variant, place.name, settings)


def chosen(names: Iterable[str], variant: str | None, where: str, settings: bool = False) -> list[str]:
    """Of the files of a model, by their names, those that loading reads, sorted. `where` is for messages.

    A model of diffusers keeps its weights in folders, and what lies beside these in one file is not read; a folder with
    neither `model_index.json` nor `config.json` is a collection, of which every `.safetensors` counts; one that has no
    weights but ONNX models is a pack, of which all of them count.
    """
    folders: dict[str, list[str]] = {}
    for path in names:
        folder, _, name = path.rpartition("/")
        if "/" not in folder and not name.startswith("."):
            folders.setdefault(folder, []).append(name)
    loose = not {"model_index.json", "config.json"} & set(folders.get("", ()))
    files: list[str] = []
    for folder, inner in folders.items():
        prefix = f"{folder}/" if folder else ""
        files += [prefix + name for name in inner if name.endswith(_SETTINGS) and not name.endswith(".index.json")]
        if not settings:
            files += [prefix + name for name in _weights(inner, variant, f"{where}/{folder}".rstrip("/"), loose)]
    return sorted(files)


def indexes(files: Iterable[str], names: Iterable[str]) -> list[str]:
    """Of `names`, those that list the shards among `files`: loading finds the shards by them. They decide nothing that
    the shards do not."""
    folders = {name.rpartition("/")[0] for name in files if _SHARD.search(name)}
    return [name for name in names if f"{SAFE}.index." in name and name.rpartition("/")[0] in folders]


def digest(
    place: Path, variant: str | None, digest_of: Callable[[Path], str | None], settings: bool = False
) -> str:
    """SHA-256 of a file, or of the canonical JSON of a folder's parts, each name with its digest. The Hub's cache names
    weights by their SHA-256: those are not read."""
    if not place.is_dir():
        return _digest(place, digest_of)
    digests = {_plain(part, variant): _digest(place / part, digest_of) for part in parts(place, variant, settings)}
    return sha256(canonical_json(digests))


def size_of(name: str, variant: str | None = None) -> int | None:
    """About how many bytes a well-known model takes; None where that is not known."""
    size = _KNOWN_SIZES.get(name)
    return size // 2 if size is not None and variant == "fp16" and "union" not in name else size


def variant_in(place: Path, variant: str | None) -> str | None:
    """`variant` where `place` holds weights of that variant, else None: plain weights are loaded then."""
    if variant is None or not place.is_dir():
        return None
    mark = re.compile(rf"\.{re.escape(variant)}(?:-\d{{5}}-of-\d{{5}})?\.safetensors$")
    return variant if any(mark.search(name) for _, names in _folders(place) for name in names) else None


def variant_read(place: Path, wanted: str, digest_of: Callable[[Path], str | None]) -> str | None:
    """The variant whose files have the digest `wanted`. Only where there are several is anything read for it. Raises
    Problem where none has."""
    if not place.is_dir():
        return None
    names = {name for _, inner in _folders(place) for name in inner if name.endswith(SAFE)}
    choices: dict[tuple[str, ...], str | None] = {}
    for variant in (None, *sorted({_variant(name) or "" for name in names})):
        try:
            choices.setdefault(tuple(parts(place, variant)), variant)
        except Problem:  # there are only others
            continue
    if len(choices) < 2:
        return next(iter(choices.values()), None)
    for variant in choices.values():
        if digest(place, variant, digest_of) == wanted:
            return variant
    raise Problem(error("weights-changed", f"the weights in `{place.name}` have changed since they were looked at",
                        hint="run it again"))


def _whole(place: Path, variant: str | None, settings: bool) -> bool:
    """Whether all is there that loading reads. A download may have ended in between: what a model names in its
    model_index.json must be there, and of weights in several files all of them."""
    if not place.is_dir():
        return True
    folders = {folder: set(names) for folder, names in _folders(place)}
    if not all((place / folder / name).exists() for folder, names in folders.items() for name in names):
        return False  # a link without its blob
    top = folders[""]
    if "model_index.json" in top:
        named = _components(place / "model_index.json")
        return all(_component_whole(folders.get(name, set()), kind, variant, settings) for name, kind in named.items())
    if "config.json" in top:
        return settings or _weights_whole(top, variant)
    return any(name.endswith((SAFE, *ONNX)) for names in folders.values() for name in names)


def _components(index: Path) -> dict[str, str]:
    """Name and class of each part of a pipeline that is there at all."""
    try:
        rows = json.loads(index.read_bytes())
        return {name: str(row[1]) for name, row in rows.items() if isinstance(row, list) and row[0] is not None}
    except (OSError, ValueError, AttributeError, IndexError):
        return {"": ""}  # never whole


def _component_whole(names: set[str], kind: str, variant: str | None, settings: bool) -> bool:
    if kind.endswith("Scheduler"):
        return "scheduler_config.json" in names
    if "Tokenizer" in kind:
        return "tokenizer_config.json" in names and ("tokenizer.json" in names or {"vocab.json", "merges.txt"} <= names)
    if kind.endswith(("Processor", "FeatureExtractor")):
        return "preprocessor_config.json" in names
    return "config.json" in names and (settings or _weights_whole(names, variant))


def _weights_whole(names: set[str], variant: str | None) -> bool:
    try:
        weights = _weights(sorted(names), variant, "", loose=False)
    except Problem as problem:
        return problem.diagnostics[0].code == "pickle-refused"  # loading it says so
    totals = {_SHARD.sub("", name): int(_SHARD.findall(name)[0][-5:]) for name in weights if _SHARD.search(name)}
    counts = Counter(_SHARD.sub("", name) for name in weights)
    listed = not totals or any(f"{SAFE}.index." in name for name in names)
    return bool(weights) and listed and all(counts[stem] == total for stem, total in totals.items())


def _folders(place: Path) -> Iterator[tuple[str, list[str]]]:
    """The folder itself and those in it, one level deep, with the names of their files."""
    with os.scandir(place) as entries:
        rows = sorted(entries, key=lambda entry: entry.name)
    yield "", [row.name for row in rows if not row.is_dir()]
    for row in rows:
        if row.is_dir() and not row.name.startswith("."):
            yield row.name, sorted(name for name in os.listdir(row.path) if not os.path.isdir(f"{row.path}/{name}"))


def _weights(names: Iterable[str], variant: str | None, where: str, loose: bool) -> list[str]:
    """The weights among the files of one component: plain ones, or those of the variant where there are any; the ONNX
    models of a folder that has no others."""
    names = list(names)
    weights = [name for name in names if name.endswith((SAFE, *PICKLED)) and (loose or name.startswith(_STEMS))]
    if loose and not weights:
        return [name for name in names if name.endswith(ONNX)]
    safe = [name for name in weights if name.endswith(SAFE)]
    if weights and not safe:
        _refuse_pickle(weights[0], where)
    of_variant = [name for name in safe if variant and _variant(name) == variant]
    plain = [name for name in safe if _variant(name) is None]
    if safe and not (of_variant or plain):
        variants = sorted({str(_variant(name)) for name in safe})
        raise Problem(error("variant-missing", f"`{where}` has only weights of the variant {', '.join(variants)}",
                            hint=f"say `variant: {variants[0]}` beside the model in calotype.yaml"))
    return of_variant or plain


def _variant(name: str) -> str | None:
    """`fp16` of `model.fp16.safetensors` and of `model.fp16-00001-of-00002.safetensors`; None of plain weights."""
    stem = _SHARD.sub("", name.removesuffix(SAFE))
    return stem.partition(".")[2] or None


def _plain(part: str, variant: str | None) -> str:
    """A part's name without its variant's mark: the bytes count, and what they are for."""
    return part.replace(f".{variant}", "") if variant else part


def _digest(path: Path, digest_of: Callable[[Path], str | None]) -> str:
    return blob_digest(path) or digest_of(path) or ""


def _refuse_pickle(name: str, where: str) -> None:
    if name.endswith(PICKLED):
        raise Problem(error(
            "pickle-refused", f"`{name}` in `{where}` is a pickle, which can run any program when it is loaded",
            hint="use a model published as .safetensors, or convert it yourself on a machine you can lose"))
