"""What may run now, in which batches: a pure state machine. Must not know threads, clocks, files or pixels.

    want ----> ready ----> queued ----> running ----> answered ----> done
      ^          |                         |              |
      +-wait_for-+-------------------------+--------------+-> failed, awaiting
    want ----------------------------------> skipped (an input failed), awaiting (an input awaits a human)
    want, ready, queued ---cancel----------> cancelled;  running ---abandoned---> cancelled

A node is a small int, a unit of work. One that is `answered` has its result, which is not durable yet: whoever ran it
is free for other work. It is `ready` when all its inputs are done, and somebody must then
decide: `queue` it, say that it is `finished` (nothing to run), let it `wait_for` inputs discovered only now,
or say that it `awaits_human` or has `failed`. A node added with an affinity needs no decision, it is queued.

The end state of every node is a function of the graph and of what became of each node alone, never of the
order in which answers came, unless the run was stopped. Of several reasons not to run, a failed input
outweighs an awaited human. A stop (`cancel`, or a failure when not `keep_going`) starts nothing new; what
runs may end well, and what waited for nothing else becomes ready, so that it can still be finished.

Nodes that are added as `early` run before all others: while one of them has not ended, no other is begun. So a model
that writes is gone from a device before another that paints is loaded.

Nodes run in lanes, each for what its work keeps busy (cores, a device, a service elsewhere): each lane has places of
its own and a queue of its own, and a worker goes on with what it has loaded.

A node costs 13 bytes, an input 8 more, a place in the queue some 40 while it is there.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

Affinity = tuple[str, ...]
"""What must be loaded for a node, most expensive first."""
LANE = "cpu"
"""The lane of a node that names none."""
ALIKE = 64
"""Of so many affinities that share a prefix with the last, at most, the most alike is looked for."""


class State(IntEnum):
    WANT = 0
    READY = 1
    QUEUED = 2
    RUNNING = 3
    DONE = 4
    AWAITING = 5
    FAILED = 6
    SKIPPED = 7
    CANCELLED = 8
    ANSWERED = 9


OPEN = (State.WANT, State.READY, State.QUEUED, State.RUNNING, State.ANSWERED)
"""The states that a run must still lead out of; the others are final."""

ALLOWED: dict[str, tuple[State, ...]] = {
    "wait_for": (State.READY,),
    "queue": (State.READY,),
    "answered": (State.RUNNING,),
    "finished": (State.READY, State.RUNNING, State.ANSWERED),
    "failed": (State.READY, State.RUNNING, State.ANSWERED),
    "awaits_human": (State.READY, State.RUNNING),
    "abandoned": (State.RUNNING,),
}
"""The precondition of each transition: the states in which a node may meet it."""


class ScheduleError(Exception):
    """A transition whose precondition does not hold, or nodes that wait for each other. Always a bug."""


class Batch(NamedTuple):
    """Nodes that share one affinity and are run together."""

    affinity: Affinity
    nodes: tuple[int, ...]


class Schedule:
    """At most `jobs` batches of at most `batch_limit` nodes run at a time; with `lanes`, so many in each lane."""

    def __init__(
        self, jobs: int = 1, batch_limit: int = 16, keep_going: bool = True, lanes: Mapping[str, int] | None = None
    ) -> None:
        lanes = {LANE: jobs} if lanes is None else lanes
        if min(lanes.values(), default=0) < 1 or batch_limit < 1:
            raise ValueError("jobs, the places of a lane and batch_limit are at least 1")
        self._lanes, self._batch_limit, self._keep_going = dict(lanes), batch_limit, keep_going
        self.stopping = False
        self._state = bytearray()
        self._missing = array("I")  # inputs that are not done
        self._wanted = array("i")  # the affinity to queue under by itself, or -1
        self._edges = _Edges()
        self._fresh: deque[int] = deque()  # became ready, and nobody was told yet
        self._count = [0] * len(State)
        self._affinities = _Affinities()
        self._queues = _Queues(self._affinities, lanes)
        self._running = _Running()

    def __len__(self) -> int:
        return len(self._state)

    def state(self, node: int) -> State:
        return State(self._state[node])

    def count(self, state: State) -> int:
        return self._count[state]

    @property
    def over(self) -> bool:
        """True when every node is in a final state."""
        return not any(self._count[state] for state in OPEN)

    def add(
        self, inputs: Iterable[int] = (), affinity: Affinity | None = None, lane: str = LANE, *, early: bool = False
    ) -> int:
        """A new node, wanted at once. With an `affinity` it is queued as soon as its `inputs` are done."""
        node = len(self._state)
        self._queues.early |= {node} if early else set()
        self._state.append(State.WANT)
        self._count[State.WANT] += 1
        self._missing.append(0)
        self._wanted.append(-1 if affinity is None else self._affinities.intern(lane, affinity))
        self._edges.append_node()
        self._await_inputs(node, inputs)
        return node

    def wait_for(self, node: int, inputs: Iterable[int]) -> None:
        """Inputs were discovered while deciding: `node` is wanted again, and ready when they are done."""
        self._require("wait_for", node)
        self._move(node, State.WANT)
        self._await_inputs(node, inputs)

    def ready(self) -> Iterator[int]:
        """The nodes that became ready, each once, in the order in which they did: each wants a decision.

        It goes on to those that become ready through the decisions themselves, and leaves out those that a
        stop has cancelled in the meantime.
        """
        while self._fresh:
            node = self._fresh.popleft()
            if self._state[node] == State.READY:
                yield node

    def queue(self, node: int, affinity: Affinity, lane: str = LANE) -> None:
        """`node` is to be run; or is cancelled, when nothing new may start."""
        self._require("queue", node)
        self._enqueue(node, self._affinities.intern(lane, affinity))

    def next_batch(self, worker: Hashable = None, lane: str = LANE, most: int | None = None) -> Batch | None:
        """What `worker` starts now in `lane`, at most `most` nodes, or None: nothing may be taken, or the run stops.

        What is loaded is switched seldom: the affinity that the worker was served last goes on, then the one that
        shares the longest prefix with it, of several the one that shares most of the other parts, then the one whose
        parts were seen first. Nodes of one affinity keep their order.
        """
        if not self._count[State.QUEUED]:
            _refuse_deadlock(self._count)
            return None
        queue, places = self._queues.due(lane), self._lanes[lane]
        if not queue or self.busy(lane) >= places or most == 0:
            return None
        affinity, nodes = queue.take(min(self._batch_limit, most or self._batch_limit), places, worker)
        for node in nodes:
            self._move(node, State.RUNNING)
        self._running.start(nodes, lane)
        return Batch(affinity, nodes)

    def busy(self, lane: str) -> int:
        """How many batches run in `lane`."""
        return self._running.count(lane)

    def answered(self, node: int) -> None:
        """`node` ran, and its result is held until it is durable. Its place is free for other work."""
        self._settle("answered", node, State.ANSWERED)

    def finished(self, node: int) -> None:
        """`node` is done: it ran, or there was nothing to run. Its dependants may become ready."""
        self._settle("finished", node, State.DONE)
        for dependant in self._edges.of(node):
            self._missing[dependant] -= 1
            if not self._missing[dependant] and self._state[dependant] == State.WANT:
                self._make_ready(dependant)

    def failed(self, node: int) -> list[int]:
        """`node` failed. Returns the nodes skipped because of it; without `keep_going` the run stops."""
        self._settle("failed", node, State.FAILED)
        skipped = self._block(node, State.SKIPPED, (State.WANT, State.AWAITING))
        if not self._keep_going:
            self.cancel()
        return skipped

    def awaits_human(self, node: int) -> list[int]:
        """`node` awaits a human decision. Returns the nodes that await it with `node`."""
        self._settle("awaits_human", node, State.AWAITING)
        return self._block(node, State.AWAITING, (State.WANT,))

    def abandoned(self, node: int) -> None:
        """`node` was running when the run was stopped, and gave no answer."""
        if not self.stopping:
            raise ScheduleError(f"node {node} was abandoned, and nobody stopped the run")
        self._settle("abandoned", node, State.CANCELLED)
        self._block(node, State.CANCELLED, (State.WANT,))

    def cancel(self) -> None:
        """Starts nothing new. What runs may still end well; what waits only for that is still wanted."""
        if self.stopping:
            return
        self.stopping = True
        self._queues.clear()
        for node, state in enumerate(bytes(self._state)):
            if state in (State.READY, State.QUEUED):
                self._move(node, State.CANCELLED)
                self._block(node, State.CANCELLED, (State.WANT,))

    def _require(self, event: str, node: int) -> None:
        if self._state[node] not in ALLOWED[event]:
            raise ScheduleError(f"{event}({node}): the node is {self.state(node).name.lower()}")

    def _move(self, node: int, state: State) -> None:
        self._count[self._state[node]] -= 1
        self._count[state] += 1
        self._state[node] = state

    def _settle(self, event: str, node: int, state: State) -> None:
        self._require(event, node)
        self._queues.early.discard(node)
        self._running.end(node)
        self._move(node, state)

    def _await_inputs(self, node: int, inputs: Iterable[int]) -> None:
        """Precondition: `node` is wanted. Leaves it wanted, ready, queued, or blocked as its inputs are."""
        blocked: set[int] = set()
        for source in inputs:
            state = self._state[source]
            if state == State.DONE:
                continue
            self._edges.add(source, node)
            self._missing[node] += 1
            if state not in OPEN:
                blocked.add(state)
        if blocked:
            self._inherit(node, blocked)
        elif not self._missing[node]:
            self._make_ready(node)

    def _inherit(self, node: int, blocked: set[int]) -> None:
        state = _inherited(blocked)
        self._move(node, state)
        self._block(node, state, (State.WANT, State.AWAITING) if state == State.SKIPPED else (State.WANT,))

    def _make_ready(self, node: int) -> None:
        """Precondition: `node` is wanted and no input of it is missing."""
        if self._wanted[node] >= 0:
            self._enqueue(node, self._wanted[node])
        else:
            self._move(node, State.READY)
            self._fresh.append(node)

    def _enqueue(self, node: int, affinity: int) -> None:
        if self.stopping:
            self._move(node, State.CANCELLED)
            self._block(node, State.CANCELLED, (State.WANT,))
        else:
            self._move(node, State.QUEUED)
            self._queues.put(node, affinity)

    def _block(self, node: int, state: State, over: tuple[State, ...]) -> list[int]:
        """All that depends on `node`, near or far, and is in one of the states `over`, goes to `state`."""
        blocked, pending = [], [node]
        while pending:
            for dependant in self._edges.of(pending.pop()):
                if self._state[dependant] in over:
                    self._move(dependant, state)
                    blocked.append(dependant)
                    pending.append(dependant)
        return sorted(blocked)


def _refuse_deadlock(count: Sequence[int]) -> None:
    """Raises ScheduleError where nodes are wanted and none can ever be ready; `count` is that of each state."""
    if count[State.WANT] and not any(count[state] for state in OPEN[1:]):
        raise ScheduleError(f"{count[State.WANT]} nodes wait for each other")


def _inherited(blocked: set[int]) -> State:
    """The state of a node whose inputs are in these states and will not be done."""
    if State.FAILED in blocked or State.SKIPPED in blocked:
        return State.SKIPPED
    return State.CANCELLED if State.CANCELLED in blocked else State.AWAITING


class _Edges:
    """Input -> dependants as linked lists in three arrays: 4 bytes a node and 8 an edge."""

    def __init__(self) -> None:
        self._last, self._to, self._previous = array("i"), array("I"), array("i")

    def append_node(self) -> None:
        self._last.append(-1)

    def add(self, source: int, dependant: int) -> None:
        self._to.append(dependant)
        self._previous.append(self._last[source])
        self._last[source] = len(self._to) - 1

    def of(self, source: int) -> list[int]:
        """The dependants of `source`, in the order in which they were added."""
        found, edge = [], self._last[source]
        while edge >= 0:
            found.append(self._to[edge])
            edge = self._previous[edge]
        found.reverse()
        return found


class _Running:
    """The batches that run, each until its last node is answered."""

    def __init__(self) -> None:
        self._batch_of: dict[int, int] = {}
        self._left_in: dict[int, int] = {}
        self._lane_of: dict[int, str] = {}
        self._started = 0

    def start(self, nodes: Sequence[int], lane: str) -> None:
        self._batch_of.update(dict.fromkeys(nodes, self._started))
        self._left_in[self._started], self._lane_of[self._started] = len(nodes), lane
        self._started += 1

    def end(self, node: int) -> None:
        """`node` runs no more, if it did."""
        batch = self._batch_of.pop(node, None)
        if batch is not None:
            self._left_in[batch] -= 1
            if not self._left_in[batch]:
                del self._left_in[batch], self._lane_of[batch]

    def count(self, lane: str) -> int:
        return sum(each == lane for each in self._lane_of.values())


class _Affinities:
    """The affinities met so far, each with its lane, by number."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, Affinity], int] = {}
        self._ranks: dict[str, int] = {}
        self.lanes: list[str] = []
        self.parts: list[Affinity] = []
        self.keys: list[tuple[int, ...]] = []  # an affinity's parts, each as its rank of first appearance

    def intern(self, lane: str, affinity: Affinity) -> int:
        number = self._ids.setdefault((lane, affinity), len(self.parts))
        if number == len(self.parts):
            self.lanes.append(lane)
            self.parts.append(affinity)
            self.keys.append(tuple(self._ranks.setdefault(part, len(self._ranks)) for part in affinity))
        return number


class _Queues:
    """The queues of every lane, those of early nodes by themselves. `early` are the early nodes that have not ended."""

    def __init__(self, affinities: _Affinities, lanes: Iterable[str]) -> None:
        self._affinities = affinities
        self._first, self._other = ({lane: _Queue(affinities) for lane in lanes} for _ in range(2))
        self.early: set[int] = set()

    def due(self, lane: str) -> _Queue:
        """That from which nodes may be taken now."""
        return (self._first if self.early else self._other)[lane]

    def put(self, node: int, affinity: int) -> None:
        queues = self._first if node in self.early else self._other
        queues[self._affinities.lanes[affinity]].put(node, affinity)

    def clear(self) -> None:
        for queue in (*self._first.values(), *self._other.values()):
            queue.clear()
        self.early.clear()


class _Queue:
    """The queued nodes of one lane by affinity, and the affinity that each worker was served last."""

    def __init__(self, affinities: _Affinities) -> None:
        self._affinities = affinities
        self._groups: dict[int, deque[int]] = {}
        self._sorted: list[tuple[tuple[int, ...], int]] = []  # the groups; shared prefixes are neighbours
        self._served: dict[Hashable, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._groups)

    def put(self, node: int, affinity: int) -> None:
        group = self._groups.get(affinity)
        if group is None:
            group = self._groups[affinity] = deque()
            insort(self._sorted, (self._affinities.keys[affinity], affinity))
        group.append(node)

    def take(self, limit: int, share: int, worker: Hashable) -> tuple[Affinity, tuple[int, ...]]:
        """The next nodes, at most `limit`; a group too small to fill `share` batches is shared out evenly."""
        at = self._nearest(self._served.get(worker, ()))
        self._served[worker], affinity = self._sorted[at]
        group = self._groups[affinity]
        size = min(limit, -(-len(group) // share))
        nodes = tuple(group.popleft() for _ in range(size))
        if not group:
            del self._groups[affinity], self._sorted[at]
        return self._affinities.parts[affinity], nodes

    def clear(self) -> None:
        self._groups.clear()
        self._sorted.clear()

    def _nearest(self, served: tuple[int, ...]) -> int:
        """Where the group stands that is served next. A neighbour of the last one's place shares the longest prefix."""
        after = bisect_left(self._sorted, (served,))
        neighbours = self._sorted[max(0, after - 1):after + 1]
        prefix = served[:max(_shared(served, key) for key, _ in neighbours)]
        first = bisect_left(self._sorted, (prefix,))
        alike = [key for key, _ in self._sorted[first:first + ALIKE] if key[:len(prefix)] == prefix]
        return first + max(range(len(alike)), key=lambda at: (_equal(served, alike[at]), -at))


def _equal(one: Sequence[int], other: Sequence[int]) -> int:
    """How many parts are equal, place by place."""
    return sum(left == right for left, right in zip(one, other, strict=False))


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """How many leading parts are equal."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
