"""The export of a character's training set: pictures, captions and what trainers read, in content/training/<id>/."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Diagnostic, warning
from calotype.ground.events import Events
from calotype.ground.light_dataclass import dataclass
from calotype.ground.lock import decision_lock
from calotype.ground.target_names import TargetName
from calotype.language.action import changes
from calotype.language.resolve import image_spec_of
from calotype.language.spec import Spec
from calotype.plan.explain import Places
from calotype.plan.training.training_set import LeftOut, Member, TrainingSet, no_training_set, training_set
from calotype.project.answers import Change
from calotype.results.export.product_folder import ProductFolder
from calotype.results.export.product_record import ProductRecord, differences
from calotype.run.products.product import MadeProduct, ProductState, Status, Subject

if TYPE_CHECKING:
    from calotype.results.export.exported_set import ExportedImage, ExportedSet

RECORD = "training_set.json"
TOKENS = 75
"""What a CLIP encoder reads of a caption."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the images of the set are now, and the files that come of it."""

    selection: TrainingSet
    exported: ExportedSet
    before: ProductRecord | None


class TrainingExport:
    """See `Product`."""

    name = "training_set"
    doing, done = "export", "exported"
    needs: tuple[str, ...] = ()

    def declared(self, spec: Spec) -> bool:
        return spec.training_set is not None

    def undeclared(self, spec: Spec) -> Diagnostic:
        return no_training_set(spec)

    def command(self, spec_id: str) -> str:
        return f"calotype export training {spec_id}"

    def path(self, subject: Subject) -> str:
        return f"{subject.folder}/{subject.spec.id}.zip"

    def is_built(self, subject: Subject) -> bool:
        return _folder(subject).read() is not None

    def sources(self, subject: Subject) -> Sequence[str]:
        return [member.image.target for member in _selection(subject).members]

    def obstacles(self, subject: Subject) -> Sequence[Diagnostic]:
        return ()

    def look(self, subject: Subject) -> ProductState:
        selection = _selection(subject)
        chosen = _Chosen(selection, _exported(subject, selection), _folder(subject).read())
        differing = tuple(_differences(chosen, subject))
        status, reason = self._status(subject, chosen, differing)
        return ProductState(
            f"{subject.key}/{self.name}", subject.spec.title, self.path(subject), subject.spec.file, status, reason,
            chosen.exported.key, differing, selection.lacking, tuple(_too_long(subject, chosen.exported)), chosen)

    def _status(
        self, subject: Subject, chosen: _Chosen, differing: tuple[Change, ...]
    ) -> tuple[Status, str]:
        record, lacking = chosen.before, chosen.selection.lacking
        if record is None:
            return "not_built", lacking or f"`{self.command(subject.spec.id)}` writes it"
        if record.key != chosen.exported.key:
            return "stale", _in_words(chosen, differing)
        edited = [f"{name} {fault}" for name, fault in differences(
            record, subject.folder, subject.workspace.assets.digest)]
        if edited:
            more = f", and {len(edited) - _SHOWN} more" if len(edited) > _SHOWN else ""
            return "modified", f"{', '.join(edited[:_SHOWN])}{more}"
        return ("awaiting", lacking) if lacking else ("up_to_date", "")

    def report(self, subject: Subject, state: ProductState) -> Mapping[str, Any]:
        from calotype.results.export.export_files import REPORT, report_of

        report = None
        if state.status == "up_to_date":
            report = json.loads((subject.workspace.root / subject.folder / REPORT).read_bytes())
        return _with_selection(report or report_of(state.made_of.exported), state.made_of)

    def make(
        self, subject: Subject, state: ProductState, events: Events, cancel: Callable[[], bool]
    ) -> MadeProduct:
        from calotype.results.export.export_files import export_files

        chosen: _Chosen = state.made_of
        files = export_files(chosen.exported, subject.workspace.root)
        record = ProductRecord(state.key, chosen.exported.components, files.digests)
        with decision_lock(subject.workspace.root):  # who approves a set looks at all of one
            notes = _folder(subject).put(record, files.contents)
        return MadeProduct(tuple(notes), _with_selection(files.report, chosen))


def _selection(subject: Subject) -> TrainingSet:
    selection = training_set(subject.spec, subject.targets)
    assert selection is not None, "asked of a spec that declares no set"
    return selection


def _folder(subject: Subject) -> ProductFolder:
    return ProductFolder(subject.workspace.root, subject.folder, RECORD, f"{subject.key}/{TrainingExport.name}")


def _exported(subject: Subject, selection: TrainingSet) -> ExportedSet:
    from calotype.results.export.exported_set import BASE, ExportedSet

    spec, config = subject.spec, subject.workspace.shared.config
    base = str(config.models_of(spec.settings.get("model")).get("base") or BASE)
    on_the_hub = base.count("/") == 1 and not (subject.workspace.root / base).exists()
    images = [_image(subject, member) for member in selection.members]
    training = spec.data["training_set"].get("train") or {}
    return ExportedSet(spec.id, spec.title, selection.trigger_word, images, base=base if on_the_hub else BASE,
                       training=training)


def _image(subject: Subject, member: Member) -> ExportedImage:
    from calotype.results.export.captions import CaptionRules, caption_of
    from calotype.results.export.exported_set import ExportedImage

    spec, image, wish = subject.spec, member.image, subject.spec.training_set
    part = image_spec_of(spec, image.target)
    assert part is not None and wish is not None
    places = (part.settings, spec.settings, subject.workspace.shared.config.defaults)
    posed = part.body_position is not None or any("pose" in settings for settings in places)
    request = next((planned.line.request for planned in subject.targets
                    if planned.image.target == image.target and planned.line is not None), {})
    rules = CaptionRules(
        wish.trigger_word, wish.captions == "full", posed, request.get("muscles", ()), request.get("joints", ()))
    return ExportedImage(image.target, member.path, member.pixels, caption_of(image, part, spec.prompt, rules),
                         image.view, image.side, image.posture if posed else {}, image.size)


def _differences(chosen: _Chosen, subject: Subject) -> Iterator[Change]:
    """What the record was made of, held against what the set is now; members first, each with the place that asks
    for it."""
    if chosen.before is None or chosen.before.key == chosen.exported.key:
        return
    old, new = dict(chosen.before.components), dict(chosen.exported.components)
    before, after = old.pop("members", {}), new.pop("members")
    places = Places(subject.workspace.root, subject.spec, subject.workspace.shared)
    for target in sorted({*before, *after}):
        if before.get(target) == after.get(target):
            continue
        part, place = TargetName(target).part, places.of("", target)
        if target not in before or target not in after:
            file = (before.get(target) or after.get(target))["file"]
            yield Change(part, file if target in before else None, file if target in after else None, *place)
            continue
        for change in changes(before[target], after[target]):
            if change.field != "posture":  # a digest; the caption tells of it
                yield Change(f"{part} {change.field}", change.old, change.new, *place)
    for change in changes(old, new):
        yield Change(change.field, change.old, change.new, subject.spec.file)


def _in_words(chosen: _Chosen, differing: tuple[Change, ...]) -> str:
    """`anchors/front pixels changed, variations/squat_01 is left out (it is stale)`."""
    out = {TargetName(left_out.target).part: _why_out(left_out) for left_out in chosen.selection.out}
    words = dict.fromkeys(_of_change(change, out) for change in differing)
    shown = list(words)[:_SHOWN]
    more = f", and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return f"{', '.join(shown)}{more}" or "it would be written otherwise"


def _of_change(change: Change, out: Mapping[str, str]) -> str:
    if change.field == "epoch":
        return "this version of Calotype writes sets otherwise"
    if change.new is None and change.field in out:
        return f"{change.field} is left out ({out[change.field]})"
    return f"{change.field} {'is new' if change.old is None else 'is left out' if change.new is None else 'changed'}"


def _why_out(left_out: LeftOut) -> str:
    """Without what is to be done about it: a build of the set does that."""
    reason = left_out.reason.partition(": `calotype")[0].partition("; look at")[0]
    return f"it {reason}" if left_out.state == "open" else reason


def _too_long(subject: Subject, exported: ExportedSet) -> Iterator[Diagnostic]:
    from calotype.language.lint.tokens import counter

    tokens = counter(None)
    places = Places(subject.workspace.root, subject.spec, subject.workspace.shared)
    for image in exported.images:
        count, lost = tokens.cut(image.caption, TOKENS)
        if count > TOKENS:
            file, line, column = places.at("caption", image.target)
            about = "" if tokens.exact else "by estimate "
            message = (f"the caption of {image.target} has {about}{count} tokens, of which an encoder reads {TOKENS}; "
                       f"it loses: {lost}")
            yield warning("caption-too-long", message, file=file, line=line, column=column,
                          hint="write a shorter `caption` for it")


def _selected(selection: TrainingSet) -> Iterator[str]:
    """How many images there are, by whom, and what is missing."""
    by: Counter[str] = Counter(member.by for member in selection.members)
    words = {"anchor": "anchors", "human": "included", "suggest": "suggested"}
    chosen = ", ".join(f"{by[name]} {words[name]}" for name in ("anchor", "human", "suggest") if by[name])
    yield f"- Images: {len(selection.members)}{f' ({chosen})' if chosen else ''} of {selection.minimum} to " \
          f"{selection.maximum}; left out: {len(selection.out)}."
    if selection.lacking:
        yield f"- Not usable yet: {selection.lacking}."


def _with_selection(report: Mapping[str, Any], chosen: _Chosen) -> dict[str, Any]:
    """The report with how the images were chosen, which decides no file, and the digest of what the set teaches; and
    all in sentences."""
    from calotype.results.export.training_readme import coverage_lines

    selection, digest = chosen.selection, chosen.exported.digest
    missing = max(0, selection.minimum - len(selection.members))
    return {
        "summary": [*_selected(selection), *coverage_lines(report), f"- Digest: {digest}"],
        **report, "digest": digest, "minimum": selection.minimum, "maximum": selection.maximum, "missing": missing,
        "lacking": selection.lacking,
        "members": [{"target": member.image.target, "by": member.by, "why": member.why}
                    for member in selection.members],
        "out": [{"target": left_out.target, "state": left_out.state, "reason": left_out.reason}
                for left_out in selection.out],
    }
