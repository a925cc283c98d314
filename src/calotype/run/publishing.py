"""From planned targets to assets and manifest lines. Must not decide what is stale, nor render anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from calotype.actions.scores import score_by_pixels, scores_of
from calotype.engine.rebuild import Need
from calotype.ground.diagnostics import Diagnostic, error
from calotype.ground.light_dataclass import replace
from calotype.ground.target_names import candidate_seed, spec_key_of
from calotype.language.action import request_of
from calotype.plan.planned import Planned
from calotype.project.workspace import Workspace
from calotype.results.publish.adopt import adopt
from calotype.results.publish.assets import Done, Publication, Publisher
from calotype.results.publish.manifest import Candidate, Line, Pick, Upstream, shard_of

LOST = "lost"
"""The code of the answer for a target whose bytes turned out to be gone or damaged."""


def unreadable(target: str, spec: str) -> Diagnostic:
    return error(LOST, f"{target}: a finished render cannot be read back", file=spec,
                 hint="`calotype cache verify` looks for damage; build again")


class Publishing:
    """Publishes what a run settles, and keeps count of what has come and gone.

    `stale` are the lines that nothing asks for any more; a target that goes while another with its render key arrives
    has moved. `written` are the paths that were put or removed.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._score = score_by_pixels(workspace)
        self._publisher = Publisher(workspace.root, workspace.cas, Owned(workspace))
        self._open: Counter[str] = Counter()
        self.written: list[str] = []
        self._arrived: Counter[str] = Counter()
        self.stale: list[Line] = []
        self.notes: list[Diagnostic] = []

    def is_foreign(self, planned: Planned) -> bool:
        """Whether an up-to-date target's picture is published, and in no cache."""
        blob = planned.made[self._chosen(planned)].blob
        absent = not all(made.local for made in planned.results())
        return absent or blob is None or not self._workspace.cas.has(blob)

    def adopt(self, targets: Iterable[tuple[str, str]]) -> None:
        """Takes the pictures of (target, path) from their assets back into the caches, as if rendered."""
        lines = (self._workspace.manifest.line(target, path) for target, path in targets)
        self._adopt(line for line in lines if line is not None)

    def _adopt(self, lines: Iterable[Line]) -> None:
        adopt(lines, self._workspace.root, self._workspace.cas, self._workspace.cache, self._score)

    def expect(self, target: str, path: str) -> None:
        """A target of this shard is still to be settled: the shard's file is written once, when the last of them is."""
        self._open[shard_of(target, path)] += 1

    def publish(self, batch: Sequence[Planned]) -> list[Diagnostic | None]:
        """Puts the assets of `batch` in their places, then their lines. For each None, or why it could not be."""
        publications = [
            Publication(planned.image.target, planned.image.path, self._blob(planned)) for planned in batch]
        done = self._publisher.publish(publications)
        for number in [number for number, result in enumerate(done) if result.status == "lost"]:
            # its blob was damaged, and is put aside by now: an asset may still hold the bytes
            again = replace(publications[number], blob=self._blob(batch[number]))
            done[number] = self._publisher.publish([again])[0]
        problems = []
        for planned, result in zip(batch, done, strict=True):
            problems.append(self._took(planned, result))
            if result.status != "lost":
                self.settled(planned.image.target, planned.image.path)
        return problems

    def settled(self, target: str, path: str) -> None:
        shard = shard_of(target, path)
        self._open[shard] -= 1
        if self._open[shard] <= 0:
            del self._open[shard]
            self.written += self._workspace.manifest.save([shard])
            self._workspace.manifest.forget()

    def remove_stale(self) -> list[Line]:
        """Removes the assets of the stale lines, then the lines. Returns those that did not merely move."""
        done = self._publisher.remove([(line.target, line.path) for line in self.stale])
        removed = []
        for line, result in zip(self.stale, done, strict=True):
            if result.diagnostic is not None:
                self.notes.append(result.diagnostic)
            self._workspace.manifest.drop(line.target, line.path)
            self.written.append(line.path)
            self._arrived[line.action] -= 1
            if self._arrived[line.action] < 0:
                removed.append(line)
        return removed

    def save(self) -> None:
        """Writes the manifest: every line's asset is durable by now."""
        self.written += self._workspace.manifest.save()

    def _took(self, planned: Planned, done: Done) -> Diagnostic | None:
        if done.status == "lost":
            return unreadable(done.target, planned.image.spec)
        if done.status == "conflict":
            return done.diagnostic
        if done.diagnostic is not None:
            self.notes.append(done.diagnostic)
        if done.status != "unchanged":
            self.written.append(done.path)
        if self.stale and planned.verdict.need is Need.PUBLISH:
            self._arrived[self._chosen(planned)] += 1
        self._workspace.manifest.put([self._line(planned)])
        return None

    def _chosen(self, planned: Planned) -> str:
        assert planned.verdict.choice is not None
        return planned.actions[planned.verdict.choice.index].key

    def _blob(self, planned: Planned) -> str:
        """The digest of the file to publish, its bytes put into the CAS if only an asset still holds them."""
        key = self._chosen(planned)
        made = planned.made[key]
        assert made.blob is not None
        if not self._workspace.cas.has(made.blob):
            lines = [*([planned.line] if planned.line else []), *self._workspace.published.holders(key)]
            self._adopt(line for line in lines if line.action == key and self._workspace.has_asset(line))
        return made.blob

    def _line(self, planned: Planned) -> Line:
        """What planning used stands upstream: nothing is looked up again, so a line tells what the choice rests on."""
        image, choice = planned.image, planned.verdict.choice
        assert choice is not None
        action = planned.actions[choice.index]
        made = planned.made[action.key]
        assert made.blob is not None
        return Line(
            target=image.target, path=image.path, sha256=made.blob, pixels=made.output, size=image.size,
            action=action.key, request=request_of(action.components),
            candidates=tuple(_candidates(planned)), pick=Pick(choice.by, choice.index + 1),
            upstream=tuple(Upstream(used.kind, used.key, result.output) for used, result in planned.used),
            title=image.title, alt=image.alt, tags=image.tags, caption=image.caption, prompt=image.words().prompt,
            renderer=image.renderer, origin="rendered", spec=image.spec,
        )


def _candidates(planned: Planned) -> Iterator[Candidate]:
    scores = scores_of(planned.used)
    for number, action in enumerate(planned.actions):
        pixels = planned.made[action.key].output
        yield Candidate(action.key, pixels, candidate_seed(planned.image.seed, number), scores.get(pixels, {}))


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
