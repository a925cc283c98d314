"""Lint over a project: which rules apply to which image, by its renderer and calotype.yaml. Must not hold any rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.files import read_file
from calotype.ground.fingerprint import fingerprint_at
from calotype.ground.folders import MARKER, STYLES
from calotype.language.image import Image
from calotype.language.in_force import InForce
from calotype.language.judging.scorer_weights import written_weights
from calotype.language.lint.rules import RULES, level, strict
from calotype.language.prompt.styles import MAX_BYTES
from calotype.language.resolve import image_spec_of
from calotype.language.spec import ImageSpec, Spec
from calotype.language.weights import Model
from calotype.language.yaml.document import Document, parse
from calotype.models.weight_files import locate
from calotype.project.specs import sources
from calotype.project.workspace import Workspace
from calotype.workers.plugins import BUILTIN

if TYPE_CHECKING:
    from calotype.language.lint.duplicates import Described
    from calotype.language.lint.subject import Remark, Subject
    from calotype.language.lint.tokens import Counter
    from calotype.language.lint.unreached import Reach

STRENGTHS = (b"strength", b"weight")
ABOUT_PROMPTS = frozenset(("prompt-too-long", "negative-in-prompt", "foreign-prompt-syntax", "alt-missing",
                           "unknown-anatomy", "description-unread"))
"""Only these take the prompt to be written: a plan that looks for none of them need not."""


class Linting:
    """With `warn` every rule that is not off, as `validate` wants it; without, those that must stop a build."""

    def __init__(self, workspace: Workspace, *, warn: bool) -> None:
        self._workspace = workspace
        levels = workspace.snapshot.config.lint
        self._levels = {code: level(code, levels) for code in RULES} if warn else strict(levels)
        self._on = frozenset(code for code, severity in self._levels.items() if severity != "off")
        self._reads: dict[tuple[Any, ...], bool] = {}
        self._images: list[Described] = []
        self._reach: Reach | None = None

    def config(self) -> Iterator[Diagnostic]:
        if "strength-band" in self._on:
            from calotype.language.lint.bands import in_config

            document = parse(self._workspace.snapshot.reads[MARKER].text, MARKER)
            guided = b"guidance_scale" in document.text and _all_of_clip(self._workspace)
            yield from self._diagnostics(in_config(document.data, guided), document)
        if "foreign-prompt-syntax" in self._on:
            yield from self._foreign_in_shared()

    def _foreign_in_shared(self) -> Iterator[Diagnostic]:
        """Marks of other programs in calotype.yaml, and in the project's own styles."""
        from calotype.language.lint import foreign

        document = parse(self._workspace.snapshot.reads[MARKER].text, MARKER)
        yield from self._diagnostics(foreign.in_config(document.data), document)
        root = self._workspace.root
        for path in sorted((root / STYLES).glob("*.j2")):
            try:
                text = read_file(path, MAX_BYTES)[0].decode("utf-8", "replace")
            except OSError:
                continue  # whoever needs the style is told
            for start, remark in foreign.in_style(text):
                line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
                severity, file = self._levels[remark.code], path.relative_to(root).as_posix()
                if severity != "off":
                    yield Diagnostic(severity, remark.code, remark.message, file, line, column, remark.hint)

    def spec(self, spec: Spec, document: Document) -> Iterator[Diagnostic]:
        """What is said of a spec as it is written, once however many images it asks for."""
        if "setting-unreached" in self._on:
            self.reach.take_spec(spec)
        if "strength-band" in self._on and any(word in document.text for word in STRENGTHS):
            from calotype.language.lint.bands import in_spec

            yield from self._diagnostics(in_spec(document.data), document)

    def image(self, image: Image, spec: Spec, document: Document) -> Iterator[Diagnostic]:
        part = image_spec_of(spec, image.target)
        if part is None or self._told_before(image, part):
            return
        if "setting-unreached" in self._on:
            shared = self._workspace.shared
            self.reach.take_image(InForce(spec, part, shared.config.defaults, shared.characters), image)
        if not self._on <= {"laterality"} or _speaks_of_sides(part):
            yield from self._diagnostics(self._remarks(self._subject(image, part, spec, document)), document)

    def _told_before(self, image: Image, part: ImageSpec) -> bool:
        """Whether another image of the same part, which `count` asks for, has had its say."""
        return part.count > 1 and not image.target.endswith("_01")

    def _remarks(self, subject: Subject) -> Iterator[Remark]:
        from calotype.language.lint import alt, names_shown, reach, sides, unposed

        if subject.scored:
            from calotype.language.lint.prompt import too_long_to_score

            yield from too_long_to_score(subject)
        if subject.reads_prompt:
            yield from self._of_the_prompt(subject)
        elif "view-hidden" in self._on:
            yield from sides.hidden(subject)
        if "laterality" in self._on:
            yield from sides.against_pose(subject)
        if "side-mismatch" in self._on:
            yield from sides.mismatch(subject)
        if "alt-missing" in self._on:
            yield from alt.missing(subject)
        if "unknown-anatomy" in self._on:
            yield from names_shown.unknown(subject)
        if "description-unread" in self._on:
            yield from unposed.description(subject)
        if "contact-unmet" in self._on:
            yield from reach.out_of(subject)
        if "near-duplicate" in self._on:
            self._keep(subject)

    def _of_the_prompt(self, subject: Subject) -> Iterator[Remark]:
        from calotype.language.lint import foreign, prompt

        if "prompt-too-long" in self._on:
            yield from prompt.too_long(subject)
            yield from prompt.negative_too_long(subject)
        if "negative-in-prompt" in self._on:
            yield from prompt.negative(subject)
        if "foreign-prompt-syntax" in self._on:
            yield from foreign.foreign(subject)

    def _keep(self, subject: Subject) -> None:
        from calotype.language.lint.duplicates import described

        image = described(subject)
        if image is not None:
            self._images.append(image)

    def take_images(self) -> list[Described]:
        """The images that are to be held against each other, as far as they were met since the last time."""
        images, self._images = self._images, []
        return images

    @property
    def reach(self) -> Reach:
        """What characters settle, and which of it reached an image that was met so far."""
        if self._reach is None:
            from calotype.language.lint.unreached import Reach

            self._reach = Reach()
        return self._reach

    def take_reach(self) -> list[Any]:
        """What `reach` has met so far, as `Reach.join` takes it; taken once."""
        rows, self._reach = (self.reach.rows() if self._reach else [[], []]), None
        return rows

    def unreached(self) -> Iterator[Diagnostic]:
        """What is said of the settings of characters that no image of the project took: to be asked at the end."""
        for file, remark in self.reach.remarks() if "setting-unreached" in self._on else ():
            yield from self._diagnostics([remark], self._document(file))

    def doubles(self, images: Iterable[Described]) -> Iterator[Diagnostic]:
        """What is said of images that ask for the same picture as one before them: all of the project, in order."""
        from calotype.language.lint.duplicates import TOLD, Duplicates, remark

        duplicates = Duplicates()
        for image in images:
            other = duplicates.earlier(image)
            if other is not None:
                line = self._document(other.file).place(other.pointer)[0]
                duplicate = remark(image, other, line, last=duplicates.told == TOLD)
                yield from self._diagnostics([duplicate], self._document(image.file))

    def _subject(self, image: Image, part: ImageSpec, spec: Spec, document: Document) -> Subject:
        from calotype.language.lint.subject import PLAIN, Subject

        renderer = self._workspace.renderer(image.renderer)
        limit_of = getattr(renderer, "prompt_limit_for", None)
        limit = limit_of(image) if limit_of is not None else getattr(renderer, "prompt_limit", PLAIN)
        defaults = self._workspace.snapshot.config.defaults
        reads = bool(self._on & ABOUT_PROMPTS) and self._reads_prompt(image)
        return Subject(image, part, spec, document, defaults, reads, limit, lambda: self._counter,
                       lambda: self._reads_text("negative", image, image.words().negative), self._scored(image))

    def _scored(self, image: Image) -> dict[str, tuple[str, int]]:
        """What the scorers that calotype.yaml names read of the image's words, where there are candidates to order and
        they read a part alone; whether their weights are here or not."""
        if "scored-prompt-too-long" not in self._on or image.candidates == 1:
            return {}
        scorers: dict[str, Any] = {name: self._workspace.scorer(name) for name in written_weights(image.scoring)
                                   if name in BUILTIN["scorer"]}
        return {name: (scorer.reads(image)["text"], limit) for name, scorer in scorers.items()
                if (limit := getattr(scorer, "text_limit", None)) is not None}

    def _reads_prompt(self, image: Image) -> bool:
        return self._reads_text("prompt", image, image.words().prompt)

    def _reads_text(self, kind: str, image: Image, text: str) -> bool:
        """Whether the image's renderer puts such a text into its request; asked once of each renderer."""
        key = kind, image.renderer, image.models.get("base"), image.preset.get("guidance_scale")
        if key not in self._reads:
            if not text:
                return False
            self._reads[key] = _holds(self._workspace.renderer(image.renderer).request(image), text)
        return self._reads[key]

    @cached_property
    def _counter(self) -> Counter:
        from calotype.language.lint.tokens import counter

        return counter(_tokenizer(self._workspace))

    def _document(self, file: str) -> Document:
        return sources.document(self._workspace.root, file)

    def _diagnostics(self, remarks: Iterable[Remark], document: Document) -> Iterator[Diagnostic]:
        for remark in remarks:
            severity = self._levels[remark.code]
            if severity != "off":
                from calotype.language.lint.text_places import place

                line, column = place(document, remark.pointer, remark.words)
                yield Diagnostic(severity, remark.code, remark.message, document.file, line, column, remark.hint)


def vocabulary(workspace: Workspace) -> str:
    """The list of merges that prompts are counted by, and its fingerprint; empty where their length is estimated."""
    from calotype.language.lint.tokens import merges

    path = next(merges(_tokenizer(workspace)), None)
    return f"{path} {fingerprint_at(path).hex()}" if path is not None else ""


def _tokenizer(workspace: Workspace) -> Path | None:
    """The folder of the base model, if it is on this machine."""
    models = workspace.snapshot.config.models
    if not _of_clip(workspace, models):
        return None
    model = Model(models["base"], models.get("revision"), settings=True)
    return locate(workspace.root, model, workspace.model_folders)


def _all_of_clip(workspace: Workspace) -> bool:
    """Whether all models that the project names are of families whose texts CLIP reads."""
    config = workspace.snapshot.config
    return all(_of_clip(workspace, models) for models in (config.models, *config.named_models.values()))


def _of_clip(workspace: Workspace, models: Mapping[str, Any]) -> bool:
    laid_out = workspace.inputs.classes.of(Model(models["base"], models.get("revision"), models.get("variant")))
    return not laid_out or laid_out.startswith("StableDiffusion")


def _speaks_of_sides(part: ImageSpec) -> bool:
    """Whether a plan need look at its words at all: of most images it does not."""
    texts = f"{part.description} {part.prompt} {part.alt} {part.caption} {part.title}".lower()
    return "left" in texts or "right" in texts


def _holds(value: Any, text: str) -> bool:
    """Whether `text` stands anywhere in a request."""
    if isinstance(value, str):
        return text in value
    if isinstance(value, Mapping):
        return any(_holds(part, text) for part in value.values())
    return isinstance(value, list | tuple) and any(_holds(part, text) for part in value)
