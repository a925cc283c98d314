"""Specs to resolved images: every default applied, every name looked up. Must not know renderers or caches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from calotype.ground.folders import CONTENT
from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.target_names import candidate_seed
from calotype.language import pose
from calotype.language.action import PICK
from calotype.language.config import Config
from calotype.language.control import Controls, Frame
from calotype.language.enhancing.enhancement import Enhancement, enhancement_of
from calotype.language.identity import Identity, identity_of
from calotype.language.image import Image, Lora, Reference, Words
from calotype.language.in_force import InForce
from calotype.language.prompt import style_of, written_whole
from calotype.language.spec import ImageSpec, Spec
from calotype.language.trained_loras import trigger_words
from calotype.language.weights import Model

Compose = Callable[[str, Mapping[str, Any]], Words]
_ALTS_KEPT = 1024
_alts: dict[tuple[str, str, str, tuple[str, ...], tuple[str, ...]], str] = {}


@dataclass(frozen=True, slots=True)
class Library:
    """What every spec may refer to. `compose` renders a prompt style; `digest` and `pixels` digest project files,
    `weights` models, and `pipeline` tells the class of pipelines that one is laid out for; `epoch` is that of a
    detector that is a plug-in, None of one that is built in."""

    config: Config
    poses: Mapping[str, Mapping[str, Any]]
    characters: Mapping[str, Spec]
    compose: Compose
    digest: Callable[[str], str]
    weights: Callable[[Model], str]
    pixels: Callable[[str], str]
    epoch: Callable[[str], int | None]
    overrides: Mapping[str, Any] = field(default_factory=dict)
    content: str = CONTENT
    pipeline: Callable[[Model], str] = lambda model: ""


def images_of(spec: Spec, library: Library) -> Iterator[Image]:
    """Every image that `spec` asks for, in its order."""
    if spec.kind == "exercise":
        yield from _exercise(spec, library)
    elif spec.kind == "character":
        yield from _character(spec, library)
    else:
        yield from _scene(spec, library)


def image_spec_of(spec: Spec, target: str) -> ImageSpec | None:
    """The part of `spec` that asks for `target`."""
    name = target.rpartition("/")[2]
    if spec.kind == "character" and "/variations/" in target:
        return next((part for part in spec.variations if name.rpartition("_")[0] == part.id), None)
    parts = {"exercise": spec.images, "character": spec.anchors, "scene": spec.shots}[spec.kind]
    return next((part for part in parts if part.id == name), None)


def _exercise(spec: Spec, library: Library) -> Iterator[Image]:
    folder = f"{library.content}/images/exercises/{spec.region}"
    for part in spec.images:
        yield _image(
            spec, part, library,
            target=f"exercises/{spec.id}/{part.id}", path=f"{folder}/{spec.id}_{part.id}.png", kind="image",
        )


def _character(spec: Spec, library: Library) -> Iterator[Image]:
    root, folder = f"characters/{spec.id}", f"{library.content}/images/characters/{spec.id}"
    anchors = []
    for part in spec.anchors:
        anchor = _image(
            spec, part, library,
            target=f"{root}/anchors/{part.id}", path=f"{folder}/anchors/{part.id}.png", kind="anchor",
        )
        anchors.append(anchor)
        yield anchor
    for part in spec.variations:
        yield from _variation(spec, part, library, anchors)


def _variation(spec: Spec, part: ImageSpec, library: Library, anchors: list[Image]) -> Iterator[Image]:
    """`count` images from the seeds that follow one another, each with its own candidates."""
    settings = InForce(spec, part, library.config.defaults, library.characters).settings()
    seed, each = _seed(settings, library.config), int(settings.get("candidates", 1))
    anchor = _anchor(part, settings, library, anchors)
    strength = settings.get("reference", {}).get("strength", 0.5) if part.strength is None else part.strength
    for number in range(part.count or 1):
        name = f"{part.id}_{number + 1:02d}"
        yield _image(
            spec, part, library, target=f"characters/{spec.id}/variations/{name}",
            path=f"{library.content}/images/characters/{spec.id}/variations/{name}.png", kind="variation",
            start=anchor, strength=strength, seed=candidate_seed(seed, number * each),
        )


def _anchor(part: ImageSpec, settings: Mapping[str, Any], library: Library, anchors: list[Image]) -> str | None:
    """The target of the anchor a variation starts from: the one named, or the nearest by pose."""
    from calotype.language.pose.distance import distance

    if part.anchor and part.anchor != "auto":
        return next((anchor.target for anchor in anchors if anchor.target.endswith(f"/{part.anchor}")), None)
    posture, view = _posture(part, settings, library), _view(part, "variation")
    nearest = min(
        anchors, default=None,
        key=lambda anchor: distance(posture, anchor.posture, view, anchor.view, mirrored=True),
    )
    return nearest.target if nearest is not None else None


def _scene(spec: Spec, library: Library) -> Iterator[Image]:
    folder, before = f"{library.content}/images/scenes/{spec.id}", None
    for part in spec.shots:
        target = f"scenes/{spec.id}/{part.id}"
        yield _image(
            spec, part, library, target=target, path=f"{folder}/{part.id}.png", kind="shot",
            start=before if spec.chain else None,
        )
        before = target


def _seed(settings: Mapping[str, Any], config: Config) -> int:
    return int(settings.get("seed", config.base_seed))


def _posture(part: ImageSpec, settings: Mapping[str, Any], library: Library) -> Mapping[str, Any]:
    return pose.resolve(settings.get("pose"), part.body_position or "standing", library.poses)


def _view(part: ImageSpec, kind: str) -> str:
    return part.view_angle or ("anterior" if kind == "anchor" else "oblique")


def _image(
    spec: Spec, part: ImageSpec, library: Library, *,
    target: str, path: str, kind: str, start: str | None = None, strength: float | None = None, seed: int | None = None,
) -> Image:
    """The image of `part`. It starts from the picture of the target `start`, else from the one it names."""
    config = library.config
    in_force = InForce(spec, part, config.defaults, library.characters)
    settings = {**in_force.settings(), **library.overrides}
    named = settings.get("preset", "standard")
    preset = {**config.presets[named], "written": config.written_of(named)}
    size = settings.get("size") or preset.get("size") or (1024, 1024)
    characters = settings["characters"]
    loras = tuple(_loras(in_force, config))
    posture, view, side = _posture(part, settings, library), _view(part, kind), settings.get("side", "right")
    frame = Frame(posture, view, side, (int(size[0]), int(size[1])), part.joints_shown)
    maps = Controls(config.controlnets, library.pixels, library.weights, library.epoch)
    return Image(
        target=target, path=path, spec=spec.file, kind=kind,
        seed=_seed(settings, config) if seed is None else seed,
        candidates=int(settings.get("candidates", 1)), select=settings.get("select", "best"),
        renderer=settings.get("renderer", config.renderer),
        size=frame.size, style=style_of(spec.kind, settings, config.style),
        drawing=settings.get("drawing", config.drawing),
        preset={name: value for name, value in preset.items() if name not in ("size", "model")},
        view=view, side=side, position=part.body_position or "standing", posture=posture,
        muscles=part.muscles_shown, joints=part.joints_shown,
        characters=characters, faces=tuple(_faces(library, characters)), loras=loras,
        controls=tuple(maps.of(settings, frame)),
        reference=_reference(settings, library, maps, frame.size, start, strength),
        models=config.models_of(in_force.model(preset)),
        title=part.title or spec.title, caption=part.caption, tags=spec.tags,
        alt=part.alt or _alt(posture, view, side, part.muscles_shown, part.joints_shown),
        words=_once(partial(_words, spec, part, library, settings, loras)),
        digest=library.digest, weights=library.weights, pixels=library.pixels,
        pipeline=library.pipeline,
        scoring=_scoring(settings, config), identities=tuple(_identities(library, characters, target)),
        posed=bool(settings.get("pose") or part.body_position), hosted=config.hosted,
        enhancement=_enhancement(spec, part, library, characters, loras),
    )


def _scoring(settings: Mapping[str, Any], config: Config) -> Mapping[str, Any]:
    """The section of calotype.yaml, with the threshold that the image has of its own."""
    threshold = settings.get("quality_threshold")
    return config.scoring if threshold is None else {**config.scoring, "threshold": threshold}


def _enhancement(
    spec: Spec, part: ImageSpec, library: Library, characters: tuple[str, ...], loras: tuple[Lora, ...]
) -> Enhancement | None:
    """How the prompt of a shot is to be enhanced; None where its spec does not ask for it, or its author has written
    the whole prompt."""
    if spec.enhance is None or part.enhanced:
        return None
    people = [library.characters[name].prompt for name in characters if name in library.characters]
    triggers = [word for lora in loras for word in lora.trigger_words]
    place = spec.data.get("markers", {}).get("place", "")
    scene = ", ".join(filter(None, (spec.prompt, place, part.background or spec.background)))
    shot = ", ".join(filter(None, (part.prompt, part.description)))
    return enhancement_of(library.config.enhance, spec.enhance, shot, scene, (*spec.markers, *people, *triggers))


def _alt(
    posture: Mapping[str, Any], view: str, side: str, muscles: tuple[str, ...], joints: tuple[str, ...]
) -> str:
    """What the picture shows, in words. Many images of a library share one."""
    key = (repr(posture), view, side, muscles, joints)
    if key not in _alts:
        from calotype.language.pose.alt_text import alt_text
        from calotype.language.pose.muscle_names import tinted
        from calotype.language.pose.views.in_view import in_view

        if len(_alts) >= _ALTS_KEPT:
            _alts.clear()
        shown = list(in_view(tinted(muscles, posture), posture, view, side))
        _alts[key] = alt_text(posture, view, side, muscles=shown, joints=joints)
    return _alts[key]


def _loras(in_force: InForce, config: Config) -> Iterator[Lora]:
    """The LoRAs of the image, its characters and its background; each name once, the first use wins."""
    if not config.loras:
        return
    uses = {use["name"]: use for use, _ in in_force.loras()}
    background = in_force.part.background or in_force.spec.background
    if background in config.loras:
        uses.setdefault(background, {"name": background})
    for name, use in uses.items():
        declared = config.loras[name]
        weight = float(use.get("weight", declared.get("weight", 0.8)))
        if weight:  # one of weight 0 is switched off, its trigger words with it
            yield Lora(name, declared["path"], weight, trigger_words(declared, in_force.characters))


def _identities(library: Library, characters: tuple[str, ...], target: str) -> Iterator[Identity]:
    for name in characters:
        if name in library.characters:
            data, settings = library.characters[name].data, library.config.identity
            identity = identity_of(name, data, settings, target, library.content)
            if identity is not None:
                yield identity


def _faces(library: Library, characters: tuple[str, ...]) -> Iterator[str]:
    for name in characters:
        if name in library.characters:
            yield from library.characters[name].data.get("references", ())


def _reference(
    settings: Mapping[str, Any], library: Library, maps: Controls, size: tuple[int, int], start: str | None,
    strength: float | None,
) -> Reference | None:
    """What the image starts from: the picture of the target `start`, else the one that `reference` names."""
    written = settings.get("reference") or {}
    if not start and "image" not in written:
        return None
    pixels = {PICK: start} if start else library.pixels(written["image"])
    method, kind = written.get("method", "img2img"), written.get("control", "openpose")
    return Reference(
        pixels, start or written["image"], float(written.get("strength", 0.7)) if strength is None else strength,
        method,
        maps.of_picture(kind, pixels, size) if method != "img2img" else None,
    )


def _once(write: Callable[[], Words]) -> Callable[[], Words]:
    """`write`, whose words are kept once it was called: every scorer asks for them, of every picture."""
    written: list[Words] = []

    def words() -> Words:
        if not written:
            written.append(write())
        return written[0]

    return words


def _words(
    spec: Spec, part: ImageSpec, library: Library, settings: Mapping[str, Any], loras: tuple[Lora, ...]
) -> Words:
    characters = [library.characters[name] for name in settings["characters"] if name in library.characters]
    background = part.background or spec.background
    negatives = [person.settings.get("negative_prompt", "") for person in characters]
    negatives.insert(0, settings.get("negative_prompt", ""))
    triggers = [word for lora in loras for word in lora.trigger_words]
    words = library.compose(style_of(spec.kind, settings, library.config.style), {
        "kind": spec.kind, "title": part.title or spec.title, "description": part.description, "prompt": part.prompt,
        "spec_prompt": ", ".join(filter(None, (spec.prompt, *spec.markers))) if spec.kind != "character" else "",
        "view": part.view_angle, "position": part.body_position,
        "muscles": part.muscles_shown, "joints": part.joints_shown,
        "characters": [person.prompt for person in characters],
        "background": "" if background in library.config.loras else background,
        "trigger_words": triggers,
        "negative": ", ".join(dict.fromkeys(filter(None, negatives))),
    })
    return Words(written_whole(part.enhanced, triggers), words.negative) if part.enhanced else words
