"""The schedule under thousands of seeded random runs: graphs, failures, cancels, orders of answers."""

import random

import pytest

from calotype.engine.schedule import OPEN, Schedule, State

AFFINITIES = [("sdxl", "base", "luca"), ("sdxl", "base"), ("sdxl", "other"), ("mannequin",)]
GOOD, BAD, HUMAN = "finished", "failed", "awaits_human"


class World:
    """A random graph and the fate of each of its nodes: what the schedule is not told in advance."""

    def __init__(self, seed, trouble=0.15):
        rng = random.Random(seed)
        self.size = rng.randint(1, 40)
        self.inputs = [rng.sample(range(at), rng.randint(0, min(at, 3))) for at in range(self.size)]
        self.affinity = [rng.choice(AFFINITIES) for _ in range(self.size)]
        fates = (GOOD, BAD, HUMAN)
        weights = (1 - trouble, trouble * 2 / 3, trouble / 3)
        self.fate = rng.choices(fates, weights, k=self.size)
        self.style = [rng.choice(["queued", "decided", "cached", "late"]) for _ in range(self.size)]

    def expected(self):
        """What must become of each node when nobody stops the run, worked out without a schedule."""
        states = []
        for at in range(self.size):
            reasons = {states[source] for source in self.inputs[at]} - {State.DONE}
            if reasons:
                failed = reasons & {State.FAILED, State.SKIPPED}
                states.append(State.SKIPPED if failed else State.AWAITING)
            else:
                ends = {GOOD: State.DONE, BAD: State.FAILED, HUMAN: State.AWAITING}
                states.append(ends[self.fate[at]])
        return states


class Run:
    """Drives one schedule through a world, checking on the way what must always hold."""

    def __init__(self, world, seed, **options):
        self.world, self.rng, self.schedule = world, random.Random(seed), Schedule(**options)
        self.jobs, self.limit = options.get("jobs", 1), options.get("batch_limit", 16)
        self.started, self.batches, self.running, self.late = set(), [], [], set()
        self.stopped_after = None

    def add_all(self):
        for at in range(self.world.size):
            decided = self.world.style[at] != "queued"
            late = self.world.style[at] == "late"
            inputs = [] if late else self.world.inputs[at]
            assert self.schedule.add(inputs, None if decided else self.world.affinity[at]) == at

    def decide(self):
        for node in self.schedule.ready():
            style = self.world.style[node]
            if style == "late" and node not in self.late:
                self.late.add(node)
                self.schedule.wait_for(node, self.world.inputs[node])
                continue
            self.inputs_are_done(node)
            if style == "cached":
                getattr(self.schedule, self.world.fate[node])(node)
            else:
                self.schedule.queue(node, self.world.affinity[node])

    def inputs_are_done(self, node):
        assert all(self.schedule.state(one) is State.DONE for one in self.world.inputs[node])

    def start(self):
        while batch := self.schedule.next_batch():
            assert not self.schedule.stopping
            assert 0 < len(batch.nodes) <= self.limit
            for node in batch.nodes:
                assert node not in self.started, "nothing runs twice"
                assert self.world.affinity[node] == batch.affinity
                self.inputs_are_done(node)
            self.started.update(batch.nodes)
            self.batches.append(batch)
            self.running.append(list(batch.nodes))
            assert len(self.running) <= self.jobs

    def answer_one(self):
        batch = self.rng.choice(self.running)
        node = batch.pop(self.rng.randrange(len(batch)))
        if not batch:
            self.running.remove(batch)
        if self.schedule.stopping and self.rng.random() < 0.5:
            self.schedule.abandoned(node)
        else:
            getattr(self.schedule, self.world.fate[node])(node)

    def go(self, cancel_rate=0.0):
        self.add_all()
        while True:
            self.decide()
            self.start()
            if not self.running:
                break
            if self.rng.random() < cancel_rate:
                self.schedule.cancel()
            self.answer_one()
        assert self.schedule.over
        states = [self.schedule.state(node) for node in range(len(self.schedule))]
        assert not set(states) & set(OPEN)
        assert all(self.schedule.count(state) == states.count(state) for state in State)
        return states


def options(seed):
    rng = random.Random(seed)
    return {"jobs": rng.randint(1, 4), "batch_limit": rng.choice([1, 2, 5, 16])}


@pytest.mark.parametrize("block", range(10))
def test_every_node_ends_as_the_graph_and_the_fates_alone_say(block):
    for seed in range(block * 200, block * 200 + 200):
        world = World(seed)
        assert Run(world, seed, **options(seed)).go() == world.expected()


@pytest.mark.parametrize("block", range(4))
def test_the_order_of_answers_and_the_number_of_jobs_change_no_outcome(block):
    for seed in range(block * 50, block * 50 + 50):
        world = World(seed)
        ends = {tuple(Run(world, order, **options(order)).go()) for order in range(6)}
        assert len(ends) == 1


@pytest.mark.parametrize("block", range(5))
def test_a_cancelled_run_ends_and_keeps_what_was_done(block):
    for seed in range(block * 200, block * 200 + 200):
        world = World(seed)
        ends = Run(world, seed, **options(seed)).go(cancel_rate=0.1)
        for end, undisturbed in zip(ends, world.expected(), strict=True):
            assert end is undisturbed or end in (State.CANCELLED, State.AWAITING)


@pytest.mark.parametrize("block", range(5))
def test_fail_fast_starts_nothing_after_the_first_failure(block):
    for seed in range(block * 200, block * 200 + 200):
        world = World(seed)
        run = Run(world, seed, keep_going=False, **options(seed))
        ends = run.go()
        assert run.schedule.stopping == (State.FAILED in ends)
        if State.FAILED not in ends:
            assert ends == world.expected()


def test_the_same_run_gives_the_same_batches():
    for seed in range(100):
        runs = [Run(World(seed), 7, jobs=2, batch_limit=3) for _ in range(2)]
        for run in runs:
            run.go()
        assert runs[0].batches == runs[1].batches


def test_independent_work_loads_each_part_once():
    for seed in range(200):
        rng = random.Random(seed)
        count = rng.randint(1, 60)
        affinities = [tuple(rng.choice("abc") + str(depth) for depth in range(3)) for _ in range(count)]
        schedule = Schedule(batch_limit=rng.randint(1, 8))
        for affinity in affinities:
            schedule.add(affinity=affinity)
        loads, loaded = 0, ()
        while batch := schedule.next_batch():
            loads += sum(batch.affinity[:depth] != loaded[:depth] for depth in (1, 2, 3))
            loaded = batch.affinity
            for node in batch.nodes:
                schedule.finished(node)
        assert loads == sum(len({one[:depth] for one in affinities}) for depth in (1, 2, 3))
