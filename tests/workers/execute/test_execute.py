"""The local executor: every request gets one answer, whatever a renderer does, and ^C always works."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc
from collections import Counter
from contextlib import closing

import pytest
from PIL import Image

from calotype.workers.execute.local import LocalExecutor
from calotype.workers.protocol import Estimate, Failure, Rendered, WorkerRef
from calotype.workers.work import Failed, Made, Stopped, Work

JOBS = pytest.mark.parametrize("jobs", [1, 3])


class Grey:
    """Draws a grey square whose level is the request's seed."""

    name, epoch = "grey", 1

    def request(self, image):
        return {"renderer": self.name, "epoch": self.epoch, "seed": image.seed}

    def affinity(self, request):
        return (self.name,)

    def estimate(self, request):
        return Estimate(0.001)

    def perform(self, batch, inputs, cancel):
        for index, request in enumerate(batch):
            if cancel():
                return
            yield self.draw(index, request)

    def draw(self, index, request):
        return Rendered(index, Image.new("L", (8, 8), request["seed"] % 256), {"threads": 1})


def ref(worker):
    """A reference that `resolve` leads back to `worker`."""
    WORKERS.append(worker)
    return WorkerRef.of("renderer", worker, {"number": len(WORKERS) - 1})


WORKERS = []


def resolve(reference, tell):
    return WORKERS[reference.options["number"]]


def local():
    return LocalExecutor(resolve)


def renderer(draw):
    """A renderer whose `perform` is the given function of (batch, inputs, cancel)."""
    one = Grey()
    one.perform = draw
    return one


def batches(one, *sizes):
    """A source of batches of these sizes; nodes and seeds count on from 0."""
    node, works, reference = 0, [], ref(one)
    for size in sizes:
        nodes = range(node, node + size)
        works.append(Work(reference, nodes, [{"renderer": "grey", "epoch": 1, "seed": at} for at in nodes]))
        node += size
    pending = iter(works)
    return lambda place: next(pending, None)


def level(request, rendered):
    return rendered.pixels.getpixel((0, 0))


def run(source, jobs, encode=level, **options):
    answers = list(local().run(source, encode, jobs, **options))
    return sorted(answers, key=lambda answer: answer.node)


@JOBS
def test_every_request_gives_its_own_picture(jobs):
    answers = run(batches(Grey(), 3, 1, 4, 2), jobs)
    assert [answer.node for answer in answers] == list(range(10))
    assert all(type(answer) is Made and answer.value == answer.node for answer in answers)
    assert all(answer.facts == {"threads": 1} and answer.seconds >= 0 for answer in answers)


@JOBS
def test_nothing_to_do_is_done_at_once(jobs):
    assert run(lambda place: None, jobs) == []


def test_one_job_uses_the_callers_thread_alone():
    threads = set()
    run(batches(Grey(), 2, 2), 1, lambda *_: threads.add(threading.current_thread()))
    assert threads == {threading.main_thread()}


def test_more_jobs_run_batches_side_by_side():
    together = threading.Barrier(3, timeout=5)

    def draw(batch, inputs, cancel):
        together.wait()
        yield Grey().draw(0, batch[0])

    assert len(run(batches(renderer(draw), 1, 1, 1), 3)) == 3


@JOBS
def test_answers_come_back_on_the_callers_thread_and_may_bring_more_work(jobs):
    one = Grey()
    works = [Work(ref(one), [0], [{"seed": 0}])]
    seen = []
    for answer in local().run(lambda place: works.pop() if works else None, level, jobs):
        seen.append(answer.node)
        if answer.node < 5:
            works.append(Work(ref(one), [answer.node + 1], [{"seed": answer.node + 1}]))
    assert seen == [0, 1, 2, 3, 4, 5]


@JOBS
def test_a_failure_is_handed_on_and_the_others_are_made(jobs):
    def draw(batch, inputs, cancel):
        yield Failure(0, "the nose fell off", "glue it on")
        yield Grey().draw(1, batch[1])

    failed, made = run(batches(renderer(draw), 2), jobs)
    assert (failed.message, failed.hint, failed.traceback) == ("the nose fell off", "glue it on", None)
    assert made.value == 1


@JOBS
def test_a_renderer_that_raises_fails_what_it_had_not_answered(jobs):
    def draw(batch, inputs, cancel):
        yield Grey().draw(0, batch[0])
        raise RuntimeError("out of paint\nsecond line")

    made, *failed = run(batches(renderer(draw), 3), jobs)
    assert type(made) is Made
    assert [one.message for one in failed] == ["the renderer `grey` failed: RuntimeError: out of paint"] * 2
    assert "Traceback" in failed[0].traceback and "out of paint" in failed[0].traceback


@JOBS
def test_a_request_that_breaks_its_batch_takes_no_other_with_it(jobs):
    def draw(batch, inputs, cancel):
        for index, request in enumerate(batch):
            if request["seed"] in (0, 3, 4, 7):
                raise RuntimeError("out of paint")
            yield Grey().draw(index, request)

    answers = run(batches(renderer(draw), 8), jobs)
    assert [answer.node for answer in answers if type(answer) is Failed] == [0, 3, 4, 7]
    assert [answer.value for answer in answers if type(answer) is Made] == [1, 2, 5, 6]


@JOBS
def test_a_renderer_that_breaks_every_time_is_not_tried_for_each_request(jobs):
    tried = []

    def draw(batch, inputs, cancel):
        tried.append(len(batch))
        raise RuntimeError("no such canvas")

    answers = run(batches(renderer(draw), 20), jobs)
    assert [type(answer) for answer in answers] == [Failed] * 20
    assert tried == [20, 19, 18]


@pytest.mark.parametrize("error", [SystemExit(3), MemoryError(), AssertionError()])
@JOBS
def test_no_exception_of_a_renderer_ends_the_build(jobs, error):
    def draw(batch, inputs, cancel):
        raise error

    answers = run(batches(renderer(draw), 1, 2), jobs)
    assert [type(answer) for answer in answers] == [Failed] * 3
    assert all(answer.message.startswith("the renderer `grey`") for answer in answers)


def too_few(batch, inputs, cancel):
    yield Grey().draw(0, batch[0])


def too_many(batch, inputs, cancel):
    yield from Grey().perform(batch, inputs, cancel)
    yield Grey().draw(0, batch[0])


def twice(batch, inputs, cancel):
    yield Grey().draw(0, batch[0])
    yield Grey().draw(0, batch[0])


def out_of_range(batch, inputs, cancel):
    yield Grey().draw(7, batch[0])


def not_an_answer(batch, inputs, cancel):
    yield Image.new("L", (8, 8))


def not_a_picture(batch, inputs, cancel):
    yield Rendered(0, b"not a picture")


def palette(batch, inputs, cancel):
    yield Rendered(0, Image.new("P", (8, 8)))


def facts_with_a_path(batch, inputs, cancel):
    yield Rendered(0, Image.new("L", (8, 8)), {"where": object()})


def failure_with_a_path(batch, inputs, cancel):
    yield Failure(0, "no", facts={"where": object()})


def no_iterator(batch, inputs, cancel):
    return None


@pytest.mark.parametrize(
    ("draw", "failed", "said"),
    [
        (too_few, [1], "gave neither a result nor a failure"),
        (too_many, [1], "answered request 0 of its batch twice"),
        (twice, [1], "answered request 0 of its batch twice"),
        (out_of_range, [0, 1], "answered request 7 of a batch of 2"),
        (not_an_answer, [0, 1], "gave a `Image` where a Rendered or a Failure was due"),
        (not_a_picture, [0, 1], "gave a `bytes` where a picture was due"),
        (palette, [0, 1], "gave a picture of mode P"),
        (facts_with_a_path, [0, 1], "gave facts that are not JSON"),
        (failure_with_a_path, [0, 1], "gave facts that are not JSON"),
        (no_iterator, [0, 1], "not iterable"),
    ],
)
@JOBS
def test_a_renderer_that_breaks_the_protocol_is_named(jobs, draw, failed, said):
    answers = run(batches(renderer(draw), 2), jobs)
    assert [answer.node for answer in answers] == [0, 1]
    assert [answer.node for answer in answers if type(answer) is Failed] == failed
    messages = [answers[at].message for at in failed]
    assert all(message.startswith("the renderer `grey` ") for message in messages)
    assert any(said in message for message in messages)


@JOBS
def test_the_facts_of_a_failure_come_with_it(jobs):
    def fail(batch, inputs, cancel):
        yield from (Failure(index, "refused", facts={"refused": [["too long"]]}) for index in range(len(batch)))

    assert [answer.facts for answer in run(batches(renderer(fail), 2), jobs)] == [{"refused": [["too long"]]}] * 2


@JOBS
def test_what_cannot_be_encoded_fails_alone(jobs):
    def encode(request, rendered):
        if request["seed"] == 1:
            raise OSError("no codec")
        return level(request, rendered)

    answers = run(batches(Grey(), 3), jobs, encode)
    assert [type(answer) for answer in answers] == [Made, Failed, Made]
    assert "no codec" in answers[1].message


@JOBS
def test_a_cancel_keeps_what_is_finished_and_stops_the_rest(jobs):
    asked = threading.Event()

    def draw(batch, inputs, cancel):
        for index, request in enumerate(batch):
            if cancel():
                return
            yield Grey().draw(index, request)
            asked.set()

    answers = run(batches(renderer(draw), 5, 5), jobs, cancel=asked.is_set)
    kinds = Counter(type(answer) for answer in answers)
    assert kinds[Made] >= 1 and kinds[Stopped] >= 4 and kinds[Failed] == 0


@JOBS
def test_a_consumer_that_gives_up_leaves_no_thread_behind(jobs):
    before = threading.active_count()
    with closing(local().run(batches(Grey(), *[4] * 20), level, jobs)) as answers:
        next(answers)
    assert threading.active_count() == before


@JOBS
def test_no_more_than_a_few_pictures_are_held_in_memory(jobs):
    size = 1_000_000

    def encode(request, rendered):
        return bytearray(size)

    tracemalloc.start()
    for _ in local().run(batches(Grey(), *[5] * 10), encode, jobs):
        time.sleep(0.002)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < size * (2 * jobs + 3)


HANGS = """
    import signal, sys, time
    from calotype.workers.execute.local import LocalExecutor
    from calotype.workers.work import Work
    from calotype.workers.protocol import WorkerRef

    class Hangs:
        name = "hangs"
        def perform(self, batch, inputs, cancel):
            print("rendering", flush=True)
            while True:
                time.sleep(0.05)
            yield

    signal.signal(signal.SIGINT, signal.default_int_handler)
    works = [Work(WorkerRef("renderer", "hangs", 1), [0], [{}])]
    try:
        source = lambda place: works.pop() if works else None
        list(LocalExecutor(lambda *_: Hangs()).run(source, lambda *_: None, int(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
@JOBS
def test_an_interrupt_that_insists_ends_even_a_renderer_that_hangs(jobs):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HANGS), str(jobs)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline() == "rendering\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
