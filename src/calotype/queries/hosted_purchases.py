"""What was bought of the hosted renderer's service, and what people say of what may have been. It buys nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, error, warning
from calotype.ground.folders import MARKER
from calotype.ground.light_dataclass import dataclass
from calotype.ground.lock import build_lock, builder_at_work
from calotype.project.overrides import Profile
from calotype.project.workspace import Workspace, open_workspace
from calotype.store.hosted_journal import OPEN, Journal, Purchase, midnight
from calotype.store.undecided import told

RENDERER = "hosted"
_REQUEST = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True, slots=True)
class Spending:
    """US dollars spent today (UTC), or maybe, and at most a `build` and a `day`; what a person must decide about, the
    oldest first, with the `words` for it; and how many purchases the journal tells of."""

    today: float
    build: float
    day: float
    undecided: tuple[Purchase, ...]
    words: tuple[tuple[str, str], ...]
    purchases: int


def spending(root: Path) -> Spending:
    """What the project has spent. Raises Problem where its journal cannot be read."""
    with open_workspace(root, Profile()) as workspace:
        journal, ceiling = _journal(workspace), workspace.snapshot.config.hosted["ceiling"]
        purchases = journal.purchases()
        latest = {purchase.key: purchase for purchase in purchases}
        in_flight = "intent" if builder_at_work(root) is not None else ""
        undecided = tuple(each for each in latest.values() if each.state in OPEN and each.state != in_flight)
        return Spending(journal.spent(midnight(time.time())), ceiling["build"], ceiling["day"], undecided,
                        tuple(map(told, undecided)), len(purchases))


def retry(root: Path, id: str, request: str | None) -> Purchase:
    """Has the next build buy anew what `id` names: the former attempt counts as paid. With the service's id of the
    `request` it is fetched, and not bought. Raises Problem where that is no use; waits for a build at work."""
    if request is not None and not _REQUEST.fullmatch(request):
        message, hint = f"`{request}` is no id of a request", "copy it from fal's dashboard"
        raise Problem(error("bad-request-id", message, hint=hint))
    event, fields = ("retried", {}) if request is None else ("sent", {"request": request})
    return _decided(root, id, event, fields)


def forget(root: Path, id: str) -> Purchase:
    """Says that what `id` names never reached the service: nothing was paid, and the next build buys it. Raises as
    `retry` does."""
    return _decided(root, id, "forgotten", {})


def over_ceiling(workspace: Workspace, price: float) -> Iterator[Diagnostic]:
    """A warning for each ceiling that `price`, of a build to come, would pass."""
    ceiling = workspace.snapshot.config.hosted["ceiling"]
    spent = _journal(workspace).spent(midnight(time.time()))
    for name, before, period in (("build", 0.0, "a build"), ("day", spent, "a day")):
        if round(before + price - ceiling[name], 6) > 0:
            paid = f", of which {before:.2f} are spent" if before else ""
            yield warning("over-ceiling", f"it comes to {price:.2f} USD, and the ceiling of {period} is"
                          f" {ceiling[name]:.2f} USD{paid}", file=MARKER,
                          hint=f"the build stops before; raise `hosted: {{ceiling: {{{name}: ...}}}}`, or name targets")


def _journal(workspace: Workspace) -> Journal:
    renderer = workspace.registry.renderer(RENDERER)
    return workspace.purchases.journal(workspace.layout.cache / str(getattr(renderer, "journal", "hosted.jsonl")))


def _decided(root: Path, id: str, event: str, fields: dict[str, str]) -> Purchase:
    with build_lock(root), open_workspace(root, Profile()) as workspace:
        journal = _journal(workspace)
        purchase = _named(journal, id)
        other = next((each for each in journal.purchases() if fields and each.request == fields["request"]), purchase)
        if other.id != purchase.id:
            raise Problem(error("bad-request-id", f"`{other.request}` is the request of `{other.id}`, not of `{id}`",
                                hint="look for the one with its seed and its prompt: `calotype hosted list`"))
        if event == "forgotten" and purchase.request:
            raise Problem(error("was-bought", f"`{id}` was bought: fal took it as request {purchase.request}",
                                hint=f"`calotype build` fetches it; `calotype hosted retry {id}` buys it again, and"
                                     " with --request-id fetches another request"))
        journal.note(purchase.id, event, **fields)
        return _named(journal, purchase.id, settled=True)


def _named(journal: Journal, id: str, *, settled: bool = False) -> Purchase:
    """The purchase whose id begins with `id`. Raises Problem unless there is just one, and something to say of it."""
    found = [purchase for purchase in journal.purchases() if id and purchase.id.startswith(id)]
    if len(found) != 1:
        message = f"{len(found)} purchases begin with `{id}`" if found else f"there is no purchase `{id}`"
        raise Problem(error("unknown-purchase", message, hint="`calotype hosted list` shows those that await a word"))
    purchase = found[0]
    if not settled and journal.of(purchase.key) != purchase:
        raise Problem(error("unknown-purchase", f"`{id}` was bought anew since", hint="`calotype hosted list`"))
    if not settled and purchase.state not in {*OPEN, "sent", "done"}:
        raise Problem(error("nothing-to-decide", f"`{id}` is {purchase.state}: nothing is to be said of it"))
    return purchase
