"""Pictures from anywhere, held against a character as a build holds its candidates; and the embedding of a character.
It writes nothing but that."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import Problem, did_you_mean, error, raise_errors
from calotype.ground.folders import CACHE, TREES
from calotype.ground.images import as_input, digest_of, open_image
from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.identity import Identity, identity_of
from calotype.language.image import Image
from calotype.language.load import load_spec
from calotype.language.resolve import images_of
from calotype.language.yaml.document import parse
from calotype.models.embedding_file import LARGEST, SUFFIX, embeddings_in
from calotype.project.changes import changed_specs
from calotype.project.identity_report import IdentityMatch, IdentityReport
from calotype.project.overrides import Profile
from calotype.project.workspace import Workspace, open_workspace
from calotype.workers.protocol import (
    Failure,
    IdentityMethod,
    InputGone,
    Outcome,
    Request,
    Scored,
    configure,
    similarity_of,
    unavailable_reason,
)

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

_FOLDER = "characters/"
Threshold = float | Literal["auto"] | None


@dataclass(frozen=True, slots=True)
class LikenessOptions:
    """What holds in place of what the character's spec says; None: that."""

    method: str | None = None
    threshold: Threshold = None


def likeness(root: Path, character: str, images: Sequence[str], options: LikenessOptions) -> IdentityReport:
    """Holds pictures, by their paths, against a character. Raises Problem where there is no such character, nothing
    that it is known by, a picture or a reference cannot be read, or what the method needs is not here."""
    with open_workspace(root, Profile()) as workspace, tempfile.TemporaryDirectory() as folder:
        asking = _Asking(workspace, character, options)
        pictures = [_picture(path, asking.matte, Path(folder)) for path in images]
        scored = asking.compare(pictures)
        own = scored[0].parts.get("own") if scored else None
        threshold = asking.identity.threshold
        return IdentityReport(
            asking.identity.character, asking.method.name, asking.identity.combine,
            least := _least(threshold, own, asking.identity.character), threshold is None, own,
            tuple(_match(path, each, least, asking.method.name) for path, each in zip(images, scored, strict=True)))


def save_embedding(root: Path, character: str, to: Path, options: LikenessOptions) -> str:
    """Writes the one embedding that stands for all references of a character into the file `to`, and returns its path.
    Raises Problem as `likeness` does, and where `to` is no free place for one."""
    with open_workspace(root, Profile()) as workspace:
        _require_free(to, workspace)
        data = _embedding_file(_Asking(workspace, character, options))
    to.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(to, data)
    return to.as_posix()


def _embedding_file(asking: _Asking) -> bytes:
    """The embedding as a file `.npy`: (width,), float32."""
    import numpy as np

    file = io.BytesIO()
    np.save(file, np.asarray(asking.embedding(), dtype=np.float32), allow_pickle=False)
    return file.getvalue()


class _Asking:
    """A character, and the method that is asked about it, at work in this process."""

    def __init__(self, workspace: Workspace, character: str, options: LikenessOptions) -> None:
        self._workspace = workspace
        self.matte: str = workspace.snapshot.config.matte
        name = _character(workspace, character)
        self._image = _shot(workspace, name)
        self.identity, self._anchors = _identity(workspace, name, options)
        self.method = _method(workspace, self.identity)

    def compare(self, pictures: Sequence[tuple[str, Path]]) -> list[Scored]:
        """What the method says of each picture: (its pixel digest, where it lies)."""
        requests = [self._request(pixels) for pixels, _ in pictures]
        inputs = {**self._inputs(requests), **dict(pictures)}
        with self._called():
            outcomes = list(map(self._scored, self.method.perform(requests, inputs, lambda: False)))
        return sorted(outcomes, key=lambda scored: scored.index)

    def _scored(self, outcome: Outcome) -> Scored:
        if isinstance(outcome, Scored):
            return outcome
        message, hint = (outcome.message, outcome.hint) if isinstance(outcome, Failure) else ("made a picture", None)
        raise Problem(error("identity-failed", f"`{self.method.name}`: {message}", hint=hint))

    def embedding(self) -> Any:
        stands: Callable[[Request, Mapping[str, Path]], Any] | None = getattr(self.method, "embedding", None)
        if stands is None:
            raise Problem(error("no-embedding", f"the method `{self.method.name}` makes no embedding of a character"))
        request = self._request("")
        with self._called():
            return stands(request, self._inputs([request]))

    def _request(self, pixels: str) -> Request:
        return self.method.request(self.identity, self._image, pixels)

    def _inputs(self, requests: Sequence[Request]) -> dict[str, Path]:
        """Where the references and weights are that requests name. Raises Problem for what is not here, or damaged."""
        inputs = self._workspace.inputs
        raise_errors([inputs.missing(what) for what in inputs.absent(requests)])
        for request in requests[:1]:
            inputs.prove(request)
        return {**inputs.files(requests), **self._anchors}

    @contextmanager
    def _called(self) -> Iterator[None]:
        """Tells of references by the names that the project calls them by."""
        try:
            yield
        except Problem as problem:
            by_names = self._workspace.inputs.by_names
            said = [replace(each, message=by_names(each.message)) for each in problem.diagnostics]
            raise Problem(said, problem.exit_code) from None
        except InputGone as gone:
            raise Problem(error("identity-failed", f"{gone}: it was changed just now", hint="run it again")) from None


def _character(workspace: Workspace, typed: str) -> str:
    """The id of the character that is called so. Raises Problem where there is none."""
    name = typed.removeprefix("./").strip("/").removeprefix(_FOLDER)
    workspace.specs.look_into(changed_specs(workspace.root, None, workspace.state).files)
    if name not in workspace.shared.characters:
        raise_errors([each for each in workspace.snapshot.diagnostics if each.severity == "error"])
        names = sorted(workspace.shared.characters)
        hint = did_you_mean(name, names) or (f"there are {', '.join(names[:20])}" if names else "write its spec first")
        raise Problem(error("unknown-character", f"there is no character `{typed}`", hint=hint))
    return name


def _shot(workspace: Workspace, character: str) -> Image:
    """An image that shows the character, for a method to read of what it may."""
    text = f"kind: scene\nid: identity\ncharacters: [{character}]\nshots: [{{id: shot}}]\n"
    return next(images_of(load_spec(parse(text.encode(), "identity")), workspace.shared))


def _identity(
    workspace: Workspace, character: str, options: LikenessOptions
) -> tuple[Identity, dict[str, Path]]:
    """How pictures are held against the character, and where the pictures of its anchors are, if they count."""
    data, settings = workspace.shared.characters[character].data, workspace.shared.config.identity
    identity = identity_of(character, {"identity": {}, **data}, settings, "", workspace.shared.content)
    assert identity is not None
    if options.method is not None:
        identity = replace(identity, method=options.method)
    if options.threshold is not None:
        identity = replace(identity, threshold=None if options.threshold == "auto" else options.threshold)
    anchors = {} if identity.references else _anchors(workspace, character)
    if not identity.references and not anchors:
        raise Problem(error(
            "nothing-to-compare", f"nothing is known of how `{character}` looks",
            file=workspace.shared.characters[character].file,
            hint=f"name `references` in its spec, or build its anchors: calotype build {_FOLDER}{character}"))
    return replace(identity, anchors=tuple(anchors)), anchors


def _anchors(workspace: Workspace, character: str) -> dict[str, Path]:
    """The published pictures of a character's anchors: pixel digest -> file."""
    name = f"{_FOLDER}{character}"
    lines = workspace.manifest.lines(name) if name in workspace.manifest.shards() else ()
    return {line.pixels: workspace.root / line.path for line in lines
            if line.target.startswith(f"{name}/anchors/") and workspace.assets.holds(line)}


def _method(workspace: Workspace, identity: Identity) -> IdentityMethod:
    """The method, set up. Raises Problem where there is none of that name, or it cannot work here."""
    method = workspace.identity(identity.method)
    configure(method, workspace.settings_of(method))
    reason = unavailable_reason(method)
    if reason is not None:
        message = f"`{method.name}` cannot compare pictures here: {reason[0]}"
        raise Problem(error("identity-unfit", message, hint=reason[1]))
    return method


def _picture(path: str, matte: str, folder: Path) -> tuple[str, Path]:
    """The pixel digest of a picture as it is used, and a file of just that picture: its own, or one in `folder`."""
    place = Path(path)
    opened = open_image(place, path)
    picture = as_input(opened, matte)
    pixels = digest_of(picture)
    return pixels, place if digest_of(opened) == pixels else _written(picture, folder / f"{pixels}.png")


def _written(picture: Pixels, to: Path) -> Path:
    picture.save(to, "PNG", compress_level=1)
    return to


def _least(threshold: float | None, own: float | None, character: str) -> float:
    if threshold is not None:
        return threshold
    if own is None:
        raise Problem(error("no-calibration", f"`auto` needs three references of `{character}` or more, to compare "
                            "each with the others", hint="give the threshold as a number, such as 0.65"))
    return own


def _match(path: str, scored: Scored, threshold: float, method: str) -> IdentityMatch:
    similarity = similarity_of(scored)
    return IdentityMatch(path, None if similarity is None else similarity >= threshold, similarity, threshold, method)


def _require_free(to: Path, workspace: Workspace) -> None:
    """Raises Problem where an embedding cannot be written to `to`, or something else would be lost by it."""
    hint = "name another file with --save"
    if to.suffix.lower() != SUFFIX:
        raise Problem(error("usage", f"an embedding is a file {SUFFIX}, and `{to.as_posix()}` is called otherwise",
                            hint=f"--save {to.with_suffix(SUFFIX).as_posix() if to.name else 'refs/face.npy'}"))
    for folder in (*TREES, CACHE, workspace.snapshot.config.cache["dir"]):
        if to.resolve().is_relative_to((workspace.root / folder).resolve()):
            raise Problem(error("in-the-way", f"`{to.as_posix()}` is in {folder}/, where no embedding may lie",
                                hint="name one in refs/"))
    if os.path.lexists(to) and not _is_embedding(to):
        raise Problem(error("in-the-way", f"`{to.as_posix()}` is there, and is no embedding: it is left as it is",
                            hint=f"remove it, or {hint}"))


def _is_embedding(path: Path) -> bool:
    try:
        embeddings_in(path.read_bytes()[: LARGEST + 1])
    except (OSError, ValueError):
        return False
    return True
