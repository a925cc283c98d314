"""The schedule: what runs when, what a failure stops, and how seldom something else must be loaded."""

import tracemalloc
from itertools import pairwise

import pytest

from calotype.engine.schedule import Schedule, ScheduleError, State

SDXL = ("sdxl", "base-1.0")
LUCA = (*SDXL, "luca")
ANNA = (*SDXL, "anna")
MANNEQUIN = ("mannequin",)


def run(schedule, outcome=lambda node: "finished"):
    """Runs everything, one batch after the other; returns the batches."""
    batches = []
    while batch := schedule.next_batch():
        batches.append(batch)
        for node in batch.nodes:
            getattr(schedule, outcome(node))(node)
    return batches


def states(schedule, *nodes):
    return [schedule.state(node) for node in nodes]


def test_a_node_without_inputs_is_queued_at_once_and_runs():
    schedule = Schedule()
    node = schedule.add(affinity=MANNEQUIN)
    assert schedule.state(node) is State.QUEUED
    assert schedule.next_batch() == (MANNEQUIN, (node,))
    assert schedule.state(node) is State.RUNNING and not schedule.over
    schedule.finished(node)
    assert schedule.state(node) is State.DONE and schedule.over


def test_a_node_waits_for_all_its_inputs():
    schedule = Schedule()
    one, other = schedule.add(affinity=SDXL), schedule.add(affinity=SDXL)
    last = schedule.add([one, other], SDXL)
    assert schedule.next_batch().nodes == (one, other)
    schedule.finished(one)
    assert schedule.state(last) is State.WANT
    schedule.finished(other)
    assert schedule.next_batch().nodes == (last,)


def test_a_node_without_affinity_is_ready_and_somebody_decides():
    schedule = Schedule()
    cached, stale, human = schedule.add(), schedule.add(), schedule.add()
    assert list(schedule.ready()) == [cached, stale, human]
    assert list(schedule.ready()) == []
    schedule.finished(cached)
    schedule.queue(stale, SDXL)
    schedule.awaits_human(human)
    assert states(schedule, cached, stale, human) == [State.DONE, State.QUEUED, State.AWAITING]


def test_a_decision_may_discover_inputs_and_is_asked_again_when_they_are_done():
    schedule = Schedule()
    target = schedule.add()
    assert list(schedule.ready()) == [target]
    renders = [schedule.add(affinity=MANNEQUIN) for _ in range(3)]
    schedule.wait_for(target, renders)
    assert schedule.state(target) is State.WANT
    run(schedule)
    assert list(schedule.ready()) == [target]


def test_inputs_that_are_done_already_are_no_wait():
    schedule = Schedule()
    target, render = schedule.add(), schedule.add(affinity=MANNEQUIN)
    run(schedule)
    assert next(schedule.ready()) == target
    schedule.wait_for(target, [render])
    assert list(schedule.ready()) == [target]


def test_ready_goes_on_to_what_its_own_decisions_made_ready():
    schedule = Schedule()
    first = schedule.add()
    second = schedule.add([first])
    seen = []
    for node in schedule.ready():
        seen.append(node)
        schedule.finished(node)
    assert seen == [first, second] and schedule.over


def test_a_failure_skips_what_depends_on_it_and_nothing_else():
    schedule = Schedule()
    bad, good = schedule.add(affinity=SDXL), schedule.add(affinity=SDXL)
    child = schedule.add([bad, good], SDXL)
    grandchild = schedule.add([child], SDXL)
    sibling = schedule.add([good], SDXL)
    schedule.next_batch()
    assert schedule.failed(bad) == [child, grandchild]
    schedule.finished(good)
    assert run(schedule)[0].nodes == (sibling,)
    assert schedule.state(child) is schedule.state(grandchild) is State.SKIPPED
    assert schedule.over


def test_what_depends_on_an_awaited_decision_awaits_it_too():
    schedule = Schedule()
    picked = schedule.add()
    variation = schedule.add([picked], SDXL)
    next(schedule.ready())
    assert schedule.awaits_human(picked) == [variation]
    assert schedule.state(variation) is State.AWAITING and schedule.over


@pytest.mark.parametrize("failure_first", [True, False])
def test_a_failed_input_outweighs_an_awaited_one_in_either_order(failure_first):
    schedule = Schedule()
    bad, human = schedule.add(), schedule.add()
    child = schedule.add([bad, human])
    grandchild = schedule.add([child])
    list(schedule.ready())
    answers = [lambda: schedule.failed(bad), lambda: schedule.awaits_human(human)]
    for answer in answers if failure_first else reversed(answers):
        answer()
    assert schedule.state(child) is schedule.state(grandchild) is State.SKIPPED


def test_a_node_added_after_its_input_failed_is_skipped():
    schedule = Schedule()
    bad = schedule.add()
    next(schedule.ready())
    schedule.failed(bad)
    child = schedule.add([bad], SDXL)
    assert schedule.state(child) is State.SKIPPED


def test_without_keep_going_a_failure_starts_nothing_new_and_lets_the_running_end():
    schedule = Schedule(jobs=2, batch_limit=1, keep_going=False)
    bad, running, queued = (schedule.add(affinity=SDXL) for _ in range(3))
    publish = schedule.add([running])
    later = schedule.add([queued])
    schedule.next_batch(), schedule.next_batch()
    schedule.failed(bad)
    assert schedule.state(queued) is schedule.state(later) is State.CANCELLED
    assert schedule.next_batch() is None
    schedule.finished(running)
    assert list(schedule.ready()) == [publish]
    schedule.finished(publish)
    assert schedule.over


def test_a_stop_during_the_decisions_leaves_no_decision_to_make():
    schedule = Schedule(keep_going=False)
    for _ in range(5):
        schedule.add()
    seen = []
    for node in schedule.ready():
        seen.append(node)
        schedule.failed(node)
    assert seen == [0] and schedule.over


def test_after_a_cancel_running_nodes_end_or_are_abandoned():
    schedule = Schedule()
    kept, lost = schedule.add(affinity=SDXL), schedule.add(affinity=SDXL)
    child = schedule.add([lost], SDXL)
    schedule.next_batch()
    schedule.cancel()
    schedule.finished(kept)
    schedule.abandoned(lost)
    assert states(schedule, kept, lost, child) == [State.DONE, State.CANCELLED, State.CANCELLED]


def test_nothing_new_is_queued_after_a_cancel():
    schedule = Schedule()
    schedule.cancel()
    ready = schedule.add()
    assert schedule.state(schedule.add(affinity=SDXL)) is State.CANCELLED
    schedule.queue(ready, SDXL)
    assert schedule.state(ready) is State.CANCELLED and schedule.over


@pytest.mark.parametrize("event", ["finished", "failed", "awaits_human", "abandoned", "queue", "wait_for"])
def test_an_illegal_transition_raises(event):
    schedule = Schedule()
    node = schedule.add(affinity=SDXL)
    schedule.next_batch()
    schedule.finished(node)
    schedule.cancel()
    rest = {"queue": (SDXL,), "wait_for": ([],)}.get(event, ())
    with pytest.raises(ScheduleError, match="done"):
        getattr(schedule, event)(node, *rest)


def test_nothing_is_abandoned_that_nobody_stopped():
    schedule = Schedule()
    node = schedule.add(affinity=SDXL)
    schedule.next_batch()
    with pytest.raises(ScheduleError, match="nobody stopped"):
        schedule.abandoned(node)


def test_nodes_that_wait_for_each_other_are_refused_rather_than_waited_for():
    schedule = Schedule()
    one = schedule.add()
    other = schedule.add([one])
    next(schedule.ready())
    schedule.wait_for(one, [other])
    with pytest.raises(ScheduleError, match="wait for each other"):
        schedule.next_batch()


def test_what_is_loaded_is_switched_as_seldom_as_possible():
    schedule = Schedule(batch_limit=2)
    for affinity in (LUCA, MANNEQUIN, ANNA, LUCA, MANNEQUIN, ANNA, LUCA, ANNA, SDXL):
        schedule.add(affinity=affinity)
    affinities = [batch.affinity for batch in run(schedule)]
    assert affinities == [SDXL, LUCA, LUCA, ANNA, ANNA, MANNEQUIN]


def test_work_that_arrives_for_what_is_loaded_goes_first():
    schedule = Schedule()
    schedule.add(affinity=LUCA)
    schedule.add(affinity=ANNA)
    luca = schedule.next_batch()
    schedule.finished(luca.nodes[0])
    late = schedule.add(affinity=LUCA)
    assert schedule.next_batch() == (LUCA, (late,))


def test_of_affinities_that_share_a_prefix_the_most_alike_comes_next():
    """Three LoRA sets under each of three ControlNets: the LoRAs go on where the ControlNet changes."""
    schedule = Schedule()
    for net in ("none", "pose", "canny"):
        for lora in ("plain", "luca", "anna"):
            schedule.add(affinity=("sdxl", net, lora))
    served = [batch.affinity for batch in run(schedule)]
    switches = [sum(a[part] != b[part] for a, b in pairwise(served)) for part in (1, 2)]
    assert switches == [2, 6]


def test_nodes_of_one_affinity_keep_their_order():
    schedule = Schedule(batch_limit=3)
    nodes = [schedule.add(affinity=MANNEQUIN) for _ in range(7)]
    assert [node for batch in run(schedule) for node in batch.nodes] == nodes


def test_no_more_than_jobs_batches_run_and_they_share_what_there_is():
    schedule = Schedule(jobs=3, batch_limit=16)
    for _ in range(6):
        schedule.add(affinity=MANNEQUIN)
    batches = [schedule.next_batch() for _ in range(4)]
    assert [batch and len(batch.nodes) for batch in batches] == [2, 2, 1, None]
    for node in batches[0].nodes:
        schedule.finished(node)
    assert len(schedule.next_batch().nodes) == 1


@pytest.mark.parametrize("limits", [{"jobs": 0}, {"batch_limit": 0}])
def test_limits_below_one_are_refused(limits):
    with pytest.raises(ValueError, match="at least 1"):
        Schedule(**limits)


def test_a_hundred_thousand_targets_and_their_renders_cost_less_than_a_hundred_bytes_each():
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    schedule = Schedule()
    for _ in range(50_000):
        schedule.add([schedule.add(affinity=MANNEQUIN)])
    spent = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert spent / len(schedule) < 100


def test_an_answered_node_frees_its_place_and_its_dependants_wait_until_it_is_done():
    schedule = Schedule()
    first, second = schedule.add(affinity=SDXL), schedule.add(affinity=LUCA)
    target = schedule.add([first])
    assert schedule.next_batch().nodes == (first,)
    assert schedule.next_batch() is None
    schedule.answered(first)
    assert states(schedule, first, target) == [State.ANSWERED, State.WANT]
    assert schedule.next_batch().nodes == (second,)
    schedule.finished(first)
    assert list(schedule.ready()) == [target]


def test_an_answered_node_may_still_fail_and_survives_a_cancel():
    schedule = Schedule()
    kept, spoilt = schedule.add(affinity=SDXL), schedule.add(affinity=SDXL)
    child = schedule.add([spoilt])
    schedule.next_batch()
    schedule.answered(kept)
    schedule.answered(spoilt)
    schedule.cancel()
    schedule.finished(kept)
    schedule.failed(spoilt)
    assert states(schedule, kept, spoilt, child) == [State.DONE, State.FAILED, State.SKIPPED] and schedule.over


def test_what_is_not_running_cannot_be_answered():
    schedule = Schedule()
    node = schedule.add(affinity=SDXL)
    with pytest.raises(ScheduleError, match="queued"):
        schedule.answered(node)


def test_lanes_have_places_and_queues_of_their_own():
    schedule = Schedule(lanes={"device": 1, "cpu": 2})
    renders = [schedule.add(affinity=SDXL, lane="device") for _ in range(2)]
    maps = [schedule.add(affinity=("pose",), lane="cpu") for _ in range(4)]
    assert schedule.next_batch("gpu", "device").nodes == tuple(renders)
    assert schedule.next_batch("gpu", "device") is None and schedule.busy("device") == 1
    assert [schedule.next_batch(worker, "cpu").nodes for worker in (1, 2)] == [tuple(maps[:2]), tuple(maps[2:3])]
    assert schedule.next_batch(3, "cpu") is None


def test_each_worker_goes_on_with_what_it_has_loaded():
    schedule = Schedule(jobs=2, batch_limit=1)
    for worker, affinity in (("one", SDXL), ("other", MANNEQUIN)):
        node = schedule.add(affinity=affinity)
        assert schedule.next_batch(worker).nodes == (node,)
        schedule.finished(node)
    mannequin, sdxl = schedule.add(affinity=MANNEQUIN), schedule.add(affinity=SDXL)
    assert schedule.next_batch("one").nodes == (sdxl,)
    assert schedule.next_batch("other").nodes == (mannequin,)


@pytest.mark.parametrize("lanes", [{}, {"cpu": 0}, {"cpu": 1, "device": -1}])
def test_a_lane_without_places_is_refused(lanes):
    with pytest.raises(ValueError, match="at least 1"):
        Schedule(lanes=lanes)


def test_early_nodes_end_before_any_other_begins():
    schedule = Schedule(lanes={"cpu": 2, "device": 2})
    late = schedule.add(affinity=SDXL, lane="device")
    first, second = (schedule.add(affinity=MANNEQUIN, early=True) for _ in range(2))
    assert schedule.next_batch(0, "device") is None
    assert schedule.next_batch(0, "cpu").nodes == (first,)
    schedule.answered(first)
    assert schedule.next_batch(1, "device") is None
    assert schedule.next_batch(0, "cpu").nodes == (second,)
    schedule.failed(second)
    assert schedule.next_batch(1, "device").nodes == (late,)


def test_a_stop_among_early_nodes_cancels_the_others():
    schedule = Schedule()
    late, first = schedule.add(affinity=SDXL), schedule.add(affinity=MANNEQUIN, early=True)
    schedule.cancel()
    assert schedule.next_batch() is None and schedule.over
    assert {schedule.state(late), schedule.state(first)} == {State.CANCELLED}
