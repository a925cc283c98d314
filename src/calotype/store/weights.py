"""Where the weights of a model lie on this machine, and their digest. Must not know what a model is for.

A model is a file, a folder as diffusers and transformers lay it out, or a snapshot in the Hugging Face cache. Only what
loading reads counts: configs, tokenizers and `.safetensors` of the variant asked for. Nothing is ever fetched here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from calotype.ground.diagnostics import Problem, error
from calotype.ground.digest import canonical_json, sha256
from calotype.ground.paths import inside

SAFE, PICKLED = ".safetensors", (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_STEMS = ("diffusion_pytorch_model", "model", "pytorch_model")
_SETTINGS = (".json", ".txt", ".model")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHARD = re.compile(r"-\d{5}-of-\d{5}")
_KNOWN_SIZES = {
    "stabilityai/stable-diffusion-xl-base-1.0": 13_880_000_000,
    "stabilityai/stable-diffusion-xl-refiner-1.0": 12_150_000_000,
    "madebyollin/sdxl-vae-fp16-fix": 335_000_000, "thibaud/controlnet-openpose-sdxl-1.0": 5_000_000_000,
    "diffusers/controlnet-depth-sdxl-1.0": 5_000_000_000, "diffusers/controlnet-canny-sdxl-1.0": 5_000_000_000,
    "xinsir/controlnet-union-sdxl-1.0": 2_510_000_000, "Intel/dpt-large": 1_370_000_000,
}
"""Bytes of float32 weights (the union is published in float16), from the model pages; a variant `fp16` is half."""


def locate(root: Path, name: str, revision: str | None = None, part: str | None = None) -> Path | None:
    """The file or folder of a model: in the project, else its snapshot in the Hub's cache; of it, the `part` if one is
    named. None where it is not, or not whole. Raises Problem for a name that leads out of the project."""
    try:
        place = inside(root, name)
    except ValueError as cause:
        raise Problem(error("path-outside", str(cause), file=name)) from None
    found = place if place.exists() else _snapshot(name, revision)
    if found is not None and part is not None:
        found = found / part
    return found if found is not None and found.exists() else None


def watched(root: Path, name: str, revision: str | None = None) -> list[str]:
    """Paths, absolute or in the project, whose change may mean that `locate` finds something else."""
    if (root / name).exists() or name.count("/") != 1:
        return [name]
    repository = _repository(name)
    return [name, str(repository / "refs" / (revision or "main")), str(repository / "snapshots")]


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
    neither `model_index.json` nor `config.json` is a collection, of which every `.safetensors` counts.
    """
    folders: dict[str, list[str]] = {}
    for path in names:
        folder, _, name = path.rpartition("/")
        if "/" not in folder and not name.startswith("."):
            folders.setdefault(folder, []).append(name)
    loose = not {"model_index.json", "config.json"} & set(folders.get("", ()))
    found: list[str] = []
    for folder, inner in folders.items():
        prefix = f"{folder}/" if folder else ""
        found += [prefix + name for name in inner if name.endswith(_SETTINGS) and not name.endswith(".index.json")]
        if not settings:
            found += [prefix + name for name in _weights(inner, variant, f"{where}/{folder}".rstrip("/"), loose)]
    return sorted(found)


def digest(
    place: Path, variant: str | None, digest_of: Callable[[Path], str | None], settings: bool = False
) -> str:
    """SHA-256 of a file, or of the canonical JSON of a folder's parts, each name with its digest. The Hub's cache names
    weights by their SHA-256: those are not read."""
    if not place.is_dir():
        return _digest(place, digest_of)
    found = {_plain(part, variant): _digest(place / part, digest_of) for part in parts(place, variant, settings)}
    return sha256(canonical_json(found))


def blob_digest(path: Path) -> str | None:
    """The SHA-256 that the Hub's cache names a file by; None for a file that lies elsewhere, or is named otherwise."""
    if not path.is_symlink():
        return None
    name = os.path.basename(os.readlink(path))
    return name if _SHA256.fullmatch(name) else None


def size_of(name: str, variant: str | None = None) -> int | None:
    """About how many bytes a well-known model takes; None where that is not known."""
    size = _KNOWN_SIZES.get(name)
    return size // 2 if size is not None and variant == "fp16" and "union" not in name else size


def hub_cache() -> Path:
    """The folder in which huggingface_hub keeps what it has fetched."""
    environment = os.environ
    if environment.get("HF_HUB_CACHE"):
        return Path(environment["HF_HUB_CACHE"]).expanduser()
    if environment.get("HF_HOME"):
        return Path(environment["HF_HOME"]).expanduser() / "hub"
    home = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "huggingface" / "hub"


def commit_of(name: str, revision: str | None = None) -> str | None:
    """The commit that a revision of a Hub model stands for on this machine."""
    revision = revision or "main"
    if _COMMIT.fullmatch(revision):
        return revision
    try:
        return (_repository(name) / "refs" / revision).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def note_commit(name: str, revision: str | None, commit: str) -> None:
    """Notes on this machine what commit a branch or tag stands for; of a commit there is nothing to note."""
    if revision != commit:
        reference = _repository(name) / "refs" / (revision or "main")
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(commit, encoding="ascii")


def variant_in(place: Path, wanted: str | None) -> str | None:
    """`wanted` where `place` holds weights of that variant, else None: plain weights are loaded then."""
    if wanted is None or not place.is_dir():
        return None
    mark = re.compile(rf"\.{re.escape(wanted)}(?:-\d{{5}}-of-\d{{5}})?\.safetensors$")
    return wanted if any(mark.search(name) for _, names in _folders(place) for name in names) else None


def _repository(name: str) -> Path:
    return hub_cache() / f"models--{name.replace('/', '--')}"


def _snapshot(name: str, revision: str | None) -> Path | None:
    """The snapshot of a Hub model, if all that it links to is there."""
    commit = commit_of(name, revision) if name.count("/") == 1 else None
    place = _repository(name) / "snapshots" / commit if commit else None
    if place is None or not place.is_dir():
        return None
    whole = all((place / folder / one).exists() for folder, names in _folders(place) for one in names)
    return place if whole else None


def _folders(place: Path) -> Iterator[tuple[str, list[str]]]:
    """The folder itself and those in it, one level deep, with the names of their files."""
    with os.scandir(place) as entries:
        rows = sorted(entries, key=lambda entry: entry.name)
    yield "", [row.name for row in rows if not row.is_dir()]
    for row in rows:
        if row.is_dir() and not row.name.startswith("."):
            yield row.name, sorted(name for name in os.listdir(row.path) if not os.path.isdir(f"{row.path}/{name}"))


def _weights(names: Iterable[str], variant: str | None, where: str, loose: bool) -> list[str]:
    """The weights among the files of one component: plain ones, or those of the variant where there are any."""
    known = [name for name in names if name.endswith((SAFE, *PICKLED)) and (loose or name.startswith(_STEMS))]
    safe = [name for name in known if name.endswith(SAFE)]
    if known and not safe:
        _refuse_pickle(known[0], where)
    wanted = [name for name in safe if variant and _variant(name) == variant]
    plain = [name for name in safe if _variant(name) is None]
    if safe and not (wanted or plain):
        there = sorted({str(_variant(name)) for name in safe})
        raise Problem(error("variant-missing", f"`{where}` has only weights of the variant {', '.join(there)}",
                            hint=f"say `variant: {there[0]}` beside the model in calotype.yaml"))
    return wanted or plain


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
