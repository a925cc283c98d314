"""From planned targets to assets and manifest lines. Must not decide what is stale, nor render anything."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from calotype.engine.rebuild import Asset, Need
from calotype.ground.diagnostics import Diagnostic, error
from calotype.ground.light_dataclass import replace
from calotype.ground.paths import composed
from calotype.ground.target_names import candidate_seed, spec_key_of
from calotype.language.action import IMPORT, Action, import_action, render_action, request_of
from calotype.plan.line_currency import import_places
from calotype.plan.made_with import made_with
from calotype.plan.planned import Planned
from calotype.project.decisions.meanwhile import Meanwhile
from calotype.project.workspace import Workspace
from calotype.results.publish.adopt import FACTS, adopt, png_mode, taken
from calotype.results.publish.assets import Done, Publication, Publisher
from calotype.results.publish.disk import refusals
from calotype.results.publish.manifest import Candidate, Line, Pick, Upstream, shard_of
from calotype.results.publish.proof import IMPORTED, RENDERED
from calotype.store.action_cache import Row
from calotype.store.results import Made, Results

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

SAVING = 0.05
"""The share of a build's time in which it writes lines before their shard is complete."""
LOST = "lost"
"""The code of the answer for a target whose bytes turned out to be gone or damaged."""


def unreadable(target: str, spec: str) -> Diagnostic:
    return error(LOST, f"{target}: a finished render cannot be read back", file=spec,
                 hint="`calotype cache verify` looks for damage; build again")


class Publishing:
    """Publishes what a run settles, and keeps count of what has come and gone.

    `stale` are the lines that nothing asks for any more; a target that goes while another with its render key arrives
    has moved. `written` are the paths that were put or removed, `kept` the stale lines whose assets the disk would not
    let go, with the reason. What people decided `meanwhile` is not published over.
    """

    def __init__(self, workspace: Workspace, meanwhile: Meanwhile | None = None) -> None:
        self._workspace = workspace
        self._meanwhile = meanwhile or Meanwhile(workspace.root, workspace.decisions, workspace.manifest, None)
        self._began, self._saving = time.monotonic(), 0.0
        self._publisher = Publisher(workspace.root, workspace.cas, Owned(workspace))
        self._open: Counter[str] = Counter()
        self.written: list[str] = []
        self._arrived: Counter[str] = Counter()
        self.stale: list[Line] = []
        self.notes: list[Diagnostic] = []
        self.kept: list[tuple[Line, Diagnostic | None]] = []

    def is_foreign(self, planned: Planned) -> bool:
        """Whether an up-to-date target's picture is published, and in no cache."""
        blob = planned.made[_chosen(planned).key].blob
        if blob is None or not self._workspace.cas.has(blob):
            return True
        unseen = [action.key for action, made in planned.used if not made.local]
        return not all(made.local for made in planned.renders_made()) or not self._workspace.results.holds_all(unseen)

    def settle(self, planned: Planned) -> None:
        """Writes the line of an up-to-date target of which a merge left several."""
        if planned.line is not None and self._workspace.manifest.line(planned.line.target, planned.line.path) is None:
            self._workspace.manifest.put([planned.line])

    def adopt(self, targets: Iterable[tuple[str, str]]) -> None:
        """Takes the pictures of (target, path) from their assets back into the caches, as if rendered."""
        lines = (self._workspace.manifest.line(target, path) for target, path in targets)
        self._adopt(line for line in lines if line is not None)

    def keep(self, planned: Planned) -> None:
        """Takes what stays published while a human is awaited into the caches, where it is not there: other targets may
        ask for that render."""
        line = planned.line
        if line is None or planned.asset is not Asset.OK:
            return
        if not self._workspace.cas.has(line.sha256) or self._workspace.results.local(line.action) is None:
            self._adopt([line])

    def _adopt(self, lines: Iterable[Line]) -> None:
        adopt(lines, self._workspace.root, self._workspace.cas, _Recorded(self._workspace.results))

    def expect(self, target: str, path: str) -> None:
        """A target of this shard is still to be settled: the shard's file is written once, when the last of them is."""
        self._open[shard_of(target, path)] += 1

    def publish(self, batch: Sequence[Planned]) -> list[Diagnostic | None]:
        """Puts the assets of `batch` in their places, then their lines. For each None, or why it could not be."""
        with self._meanwhile.held():
            decided = {planned.image.target: self._decided(planned) for planned in batch}
            problems = iter(self._publish([planned for planned in batch if not decided[planned.image.target]]))
            self._save_meanwhile()
        return [decided[planned.image.target] or next(problems) for planned in batch]

    def _publish(self, batch: Sequence[Planned]) -> list[Diagnostic | None]:
        publications = [
            Publication(planned.image.target, planned.image.path, self._blob(planned)) for planned in batch]
        done = self._publisher.publish(publications)
        for number in [number for number, result in enumerate(done) if result.status == "lost"]:
            # its blob was damaged, and is put aside by now: an asset may still hold the bytes
            publications[number] = replace(publications[number], blob=self._blob(batch[number]))
            done[number] = self._publisher.publish([publications[number]])[0]
        problems = []
        for planned, publication, result in zip(batch, publications, done, strict=True):
            problems.append(self._took(planned, publication, result))
            if result.status != "lost":
                self.settled(planned.image.target, planned.image.path)
        return problems

    def put_back(self, planned: Planned) -> Diagnostic | None:
        """Puts the picture that a target keeps back into its place, if it is not there. Returns why it could not be."""
        kept, made = planned.kept, planned.put_back
        if kept is None or made is None:
            return None
        with self._meanwhile.held():
            return self._decided(planned) or self._put_back(planned, kept, made)

    def _put_back(self, planned: Planned, kept: Line, made: Made) -> Diagnostic | None:
        image = planned.image
        blob = self._stored(planned, _action_of(kept), made)
        done = self._publisher.publish([Publication(image.target, image.path, blob)])[0]
        if done.status == "lost":
            return unreadable(done.target, image.spec)
        if done.status in ("conflict", "refused"):
            return done.diagnostic
        self.notes += [done.diagnostic] if done.diagnostic is not None else []
        self.written.append(done.path)
        self._arrived[kept.action] += int(planned.moves_away)
        self._workspace.manifest.put([replace(kept, path=image.path, sha256=blob, spec=composed(image.spec))])
        return None

    def settled(self, target: str, path: str) -> None:
        shard = shard_of(target, path)
        self._open[shard] -= 1
        if self._open[shard] <= 0:
            del self._open[shard]
            self.written += self._workspace.manifest.save([shard])
            self._workspace.manifest.forget()

    def remove_stale(self) -> list[Line]:
        """Removes the assets of the stale lines, then the lines. Returns those whose assets were there and did not
        merely move."""
        if not self.stale:
            return []
        with self._meanwhile.held():
            self.kept += [(line, problem) for line in self.stale if (problem := self._meanwhile.about_line(line))]
            decided = [line for line, _ in self.kept]
            return list(self._remove([line for line in self.stale if line not in decided]))

    def _remove(self, stale: Sequence[Line]) -> Iterator[Line]:
        done = self._publisher.remove([(line.target, line.path) for line in stale])
        for line, result in zip(stale, done, strict=True):
            if result.diagnostic is not None:
                self.notes.append(result.diagnostic)
            if result.status == "refused":
                self.kept.append((line, result.diagnostic))
                continue
            self._workspace.manifest.drop(line.target, line.path)
            self.written.append(line.path)
            self._arrived[line.action] -= 1
            if self._arrived[line.action] < 0 and result.status != "absent":
                yield line

    def _decided(self, planned: Planned) -> Diagnostic | None:
        names = {*planned.keys, *(made.output for made in planned.made.values())}
        lines = (line for line in (planned.line, planned.kept) if line is not None)
        return self._meanwhile.about(planned.image.target, names, lines)

    def _save_meanwhile(self) -> None:
        """Writes the lines so far, so that people can decide on what is published while the build is at work. A build
        spends SAVING of its time on that."""
        started = time.monotonic()
        if self._saving <= SAVING * (started - self._began):
            self.written += self._workspace.manifest.save(self._workspace.manifest.shards())
            self._saving += time.monotonic() - started

    def save(self) -> None:
        """Writes the manifest: every line's asset is durable by now."""
        self.written += self._workspace.manifest.save()

    def _took(self, planned: Planned, publication: Publication, done: Done) -> Diagnostic | None:
        if done.status == "lost":
            return unreadable(done.target, planned.image.spec)
        if done.status in ("conflict", "refused"):
            return done.diagnostic
        if done.diagnostic is not None:
            self.notes.append(done.diagnostic)
        if done.status != "unchanged":
            self.written.append(done.path)
        if self.stale and planned.verdict.need is Need.PUBLISH:
            self._arrived[_chosen(planned).key] += 1
        self._workspace.manifest.put([_line(planned, publication.blob, self._workspace.inputs.weights)])
        return None

    def _blob(self, planned: Planned) -> str:
        """The digest of the file to publish."""
        action = _chosen(planned)
        return self._stored(planned, action, planned.made[action.key])

    def _stored(self, planned: Planned, action: Action, made: Made) -> str:
        """The digest of a picture's file, its bytes put into the CAS if only an asset still holds them."""
        key = action.key
        assert made.blob is not None
        if self._workspace.cas.has(made.blob):
            return made.blob
        own = [line for line in (planned.line, planned.kept) if line is not None]
        lines = [line for line in (*own, *self._workspace.published.holders(key)) if line.action == key]
        self._adopt(line for line in lines if self._workspace.assets.holds(line))
        if self._workspace.cas.has(made.blob):
            return made.blob
        paths = (path for path in (made.path, *(line.path for line in lines)) if path is not None)
        return self._taken_in(planned, action, made, paths) or made.blob

    def _taken_in(self, planned: Planned, action: Action, made: Made, paths: Iterable[str]) -> str | None:
        """The digest of the picture as it is kept, taken from the first of `paths` that shows its pixels: in its bytes,
        or, where these are others, written again with its provenance."""
        root, write = self._workspace.root, _writer(action, self._workspace)
        for path in dict.fromkeys(paths):
            with refusals("read", path):
                data = taken(root / path, made.output, made.blob, write)
            if data is not None:
                outputs = {"blob": self._workspace.cas.put(data), "pixels": made.output, "mode": png_mode(data),
                           "width": planned.image.size[0], "height": planned.image.size[1]}
                self._workspace.results.record([(action.key, action.kind, action.components, outputs, FACTS)])
                return str(outputs["blob"])
        return None


def _writer(action: Action, workspace: Workspace) -> Callable[[Picture], bytes]:
    """What writes a picture's file with its provenance."""
    from calotype.results.publish.provenance import encode, encode_imported

    embed, names = workspace.shared.config.output["embed"], workspace.inputs.lora_names()
    if action.kind == IMPORT:
        return partial(encode_imported, embed=embed)
    return partial(encode, request=request_of(action.components), key=action.key, embed=embed, names=names)


def _chosen(planned: Planned) -> Action:
    assert planned.chosen is not None
    return planned.chosen


def _line(planned: Planned, blob: str, weights: Mapping[str, str]) -> Line:
    """What planning used stands upstream: nothing is looked up again, so a line tells what the choice rests on."""
    image, action, place = planned.image, _chosen(planned), planned.place
    made = planned.made[action.key]
    renders = import_places(planned.human.imported, planned.keys)
    imported = [Upstream(IMPORT, key, made.output) for key in renders]
    return Line(
        target=image.target, path=image.path, sha256=blob, pixels=made.output, size=image.size,
        action=action.key, request=request_of((place or action).components),
        candidates=tuple(_candidates(planned)), pick=_pick(planned),
        upstream=(*(Upstream(used.kind, used.key, result.output) for used, result in planned.used), *imported),
        title=image.title, alt=image.alt, tags=image.tags, caption=image.caption, prompt=image.words().prompt,
        renderer=image.renderer, origin=RENDERED if place is None else IMPORTED, spec=composed(image.spec),
        made_with=made_with(planned, action, weights),
    )


def _action_of(line: Line) -> Action:
    return render_action(line.request) if line.origin == RENDERED else import_action(line.pixels)


def _pick(planned: Planned) -> Pick:
    """A picture that was put in by hand is the only one that its line tells."""
    choice = planned.verdict.choice
    assert choice is not None
    return Pick(choice.by, 1 if planned.place is not None else choice.index + 1)


def _candidates(planned: Planned) -> Iterator[Candidate]:
    imported = planned.imported if planned.place is not None else None
    for number, action in enumerate(planned.actions if imported is None else (imported,)):
        pixels = planned.made[action.key].output
        seed = candidate_seed(planned.image.seed, number)
        yield Candidate(action.key, pixels, seed, planned.judgement.numbers(pixels))


class _Recorded:
    """Results as adoption writes them: what a line tells of a candidate that lost there keeps no bytes out that another
    line has of it."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def put_many(self, rows: Sequence[Row]) -> None:
        self._results.record(sorted(rows, key=lambda row: "blob" not in row[3]))


class Owned(Mapping[str, tuple[str, ...]]):
    """Asset path -> the file digests that the manifest knows there, one shard at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._shards: dict[str, dict[str, tuple[str, ...]]] = {}

    def __getitem__(self, path: str) -> tuple[str, ...]:
        shard = spec_key_of(path.removeprefix(f"{self._workspace.shared.content}/images/"))
        if shard not in self._shards:
            self._shards[shard] = self._workspace.manifest.owned(shard)
        return self._shards[shard][path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._workspace.manifest.owned())

    def __len__(self) -> int:
        return len(self._workspace.manifest.owned())
