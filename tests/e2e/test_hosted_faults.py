"""Whatever a service answers: told in words, paid once, and fetched or asked about by the next build."""

from __future__ import annotations

import pytest

from fal_server import KEY
from hosted import Hosted, hosted, service

__all__ = ["hosted", "service"]

TARGET = "exercises/nod/01"
UNKNOWN = {
    "lost": "the answer was lost", "500": "fal answered 500", "502": "fal answered 502", "408": "fal answered 408",
    "html": "the answer was no answer of fal's", "empty": "the answer was no answer of fal's",
    "truncated": "the answer was no answer of fal's", "hang": "the answer was lost (ReadTimeout)",
    "no-id": "the answer was no answer of fal's", "odd-id": "the answer held no id", "packed": "the answer was lost",
    "huge": "the answer was lost", "redirect": "fal answered 307",
}
REFUSED = {"401": "fal does not take the key (401)", "422": "fal refuses the request (422)"}
LATER = ("500", "html", "empty", "truncated", "hang", "lost", "packed", "huge", "redirect", "429", "403")


@pytest.fixture
def one(hosted: Hosted) -> Hosted:
    hosted.exercise("")
    return hosted


def code_of(done):
    return done.code, done.json["awaiting"], done.json["failed"], done.json["renders"]


@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_purchase_that_nobody_knows_of_awaits_and_is_never_made_again_by_itself(one, fault):
    if fault == "hang":
        one.configure(timeout=0.5)
    one.fal.fail("submit", fault)
    done = one.build()
    one.configure()
    assert code_of(done) == (3, 1, 0, 0), done.err
    assert UNKNOWN[fault] in one.reason(done) and "calotype hosted retry" in one.reason(done)
    for words in (("build",), ("check",), ("plan",)):
        again = one.call(*words, "--json")
        assert again.json["targets"][0]["status"] == "awaiting" and again.code == (0 if words == ("plan",) else 3)
    assert one.fal.calls["submit"] == 1 and one.events == ["intent", "unknown"]
    id = one.journal[0]["id"]
    listed = one.call("hosted", "list")
    assert listed.code == 3 and id in listed.out
    taken = [post["id"] for post in one.fal.posts]
    words = ("retry", id, "--request-id", taken[0]) if taken else ("forget", id[:4])
    assert one.call("hosted", *words).code == 0
    done = one.build()
    assert code_of(done) == (0, 0, 0, 1), done.err
    assert len(one.fal.posts) == 1 and one.call("hosted", "list").code == 0
    assert one.call("check").code == 0


def test_who_retries_pays_again_and_both_count(one):
    one.fal.fail("submit", "lost")
    assert one.build().code == 3
    assert one.call("hosted", "retry", one.journal[0]["id"]).code == 0
    assert one.build().code == 0
    assert len(one.fal.posts) == 2
    assert "0.05 of 20.00 USD" in one.call("hosted", "list").out


def test_a_request_that_is_anothers_is_not_taken_for_it(hosted):
    """Its picture would be published in the place of another."""
    hosted.exercise("seed: 1", "seed: 2")
    hosted.fal.fail("submit", "ok", "lost")
    assert hosted.build("-j", "1").code == 3
    sent, lost = (next(event for event in hosted.journal if event["event"] == name) for name in ("sent", "unknown"))
    refused = hosted.call("hosted", "retry", lost["id"], "--request-id", sent["request"], "--json")
    assert refused.code == 2 and refused.json["diagnostics"][0]["code"] == "bad-request-id"
    listed = hosted.call("hosted", "list").out
    assert "seed 2, anatomical" in listed and "seed 1," not in listed
    mine = next(post["id"] for post in hosted.fal.posts if post["arguments"]["seed"] == 2)
    assert hosted.call("hosted", "retry", lost["id"], "--request-id", mine).code == 0
    assert hosted.build().code == 0 and len(hosted.fal.posts) == 2


@pytest.mark.parametrize("fault", REFUSED)
def test_what_the_service_did_not_take_failed_and_costs_nothing(one, fault):
    one.fal.fail("submit", fault)
    done = one.build()
    assert code_of(done) == (1, 0, 1, 0) and REFUSED[fault] in one.reason(done)
    assert one.events == ["intent", "refused"] and "0.00 of 20.00 USD" in one.call("hosted", "list").out
    assert one.build().code == 0 and len(one.fal.posts) == 1


def test_a_service_that_is_not_there_took_nothing(one, monkeypatch):
    import fal_client.client

    monkeypatch.setattr(fal_client.client, "QUEUE_URL_FORMAT", "https://127.0.0.1:1/")
    done = one.build()
    assert code_of(done) == (1, 0, 1, 0) and "fal cannot be reached" in one.reason(done)
    assert one.events == ["intent", "refused"]


def test_who_is_asked_to_wait_waits_and_asks_again(one):
    one.fal.fail("submit", "429", "429")
    assert code_of(one.build()) == (0, 0, 0, 1)
    assert len(one.fal.posts) == 1 and one.fal.calls["submit"] == 3
    assert one.events == ["intent", "refused"] * 2 + ["intent", "sent", "done"]


def test_who_is_asked_to_wait_for_ever_gives_up(one):
    one.fal.fail("submit", *["429"] * 4)
    done = one.build()
    assert code_of(done) == (1, 0, 1, 0) and "(429)" in one.reason(done) and one.fal.posts == []


@pytest.mark.parametrize(("stage", "fault"), [(stage, fault) for stage in ("status", "result", "picture") for fault in LATER
                                              if (stage, fault) != ("picture", "redirect")])
def test_what_was_bought_is_fetched_though_an_answer_fails_once(one, stage, fault):
    if fault == "hang":
        one.configure(timeout=0.5)
    one.fal.fail(stage, fault)
    done = one.build()
    assert code_of(done) == (0, 0, 0, 1), done.err
    assert len(one.fal.posts) == 1 == one.fal.calls["submit"]


@pytest.mark.parametrize("stage", ["status", "result", "picture"])
def test_what_was_bought_is_fetched_by_the_next_build_where_answers_go_on_failing(one, stage):
    one.fal.fail(stage, *["500"] * 4)
    done = one.build()
    assert code_of(done) == (1, 0, 1, 0), done.err
    assert "it is paid for" in done.json["diagnostics"][-1]["hint"]
    assert one.events == ["intent", "sent"]
    assert code_of(one.build()) == (0, 0, 0, 1)
    assert len(one.fal.posts) == 1 == one.fal.calls["submit"]


@pytest.mark.parametrize("stage", ["status", "result"])
def test_what_the_service_has_no_more_awaits(one, stage):
    one.fal.fail(stage, *["404"] * 4)
    done = one.build()
    assert code_of(done) == (3, 1, 0, 0) and "fal has it no more" in one.reason(done)
    id = one.journal[0]["id"]
    refused = one.call("hosted", "forget", id, "--json")
    assert refused.code == 2 and refused.json["diagnostics"][0]["code"] == "was-bought"
    assert one.build().code == 3 and one.fal.calls["submit"] == 1
    assert one.call("hosted", "retry", id).code == 0 and one.build().code == 0
    assert len(one.fal.posts) == 2


@pytest.mark.parametrize(("stage", "fault"), [("status", "error"), ("result", "422")])
def test_what_the_service_could_not_make_costs_nothing_and_is_asked_for_again(one, stage, fault):
    one.fal.fail(stage, fault)
    done = one.build()
    assert code_of(done) == (1, 0, 1, 0)
    assert one.events == ["intent", "sent", "failed"] and "0.00 of" in one.call("hosted", "list").out
    assert one.build().code == 0 and len(one.fal.posts) == 2


@pytest.mark.parametrize(("stage", "fault", "said"), [
    ("result", "nsfw", "safety checker has blanked"), ("result", "none", "names no picture"), ("result", "list", "names no picture"),
    ("result", "two", "2 pictures in place of 1"), ("picture", "black", "black all over"), ("picture", "redirect", "moved from"),
    ("result", "url https://evil.example/x.png", "https://evil.example, which is no host of fal's"),
    ("result", "url http://fal.media/x.png", "http://fal.media, which"), ("result", "url https://fal.media:1/x.png", "https://fal.media:1, which"),
    ("result", "url https://fal.media@evil.example/x.png", "https://evil.example, which"),
    ("result", "url https://evilfal.media/x.png", "https://evilfal.media, which"), ("result", "url file:///etc/passwd", "file://, which"),
])
def test_what_is_no_picture_fails_and_is_never_bought_again(one, stage, fault, said):
    one.fal.fail(stage, fault, fault)
    done = one.build()
    assert code_of(done) == (1, 0, 1, 0) and said in one.reason(done)
    assert one.build().code == 1
    assert len(one.fal.posts) == 1 == one.fal.calls["submit"] and one.files("content/images") == []


@pytest.mark.parametrize("fault", ["cut", "half", "text", "html", "empty", "huge"])
def test_a_picture_that_is_not_whole_is_fetched_again(one, fault):
    one.fal.fail("picture", fault, fault)
    assert code_of(one.build()) == (0, 0, 0, 1)
    assert one.fal.calls["picture"] == 3 and len(one.fal.posts) == 1
    one.fal.fail("picture", *[fault] * 4)
    one.edit("specs/exercises/nod.yaml", "description: up", "description: down")
    done = one.build()
    assert code_of(done) == (1, 0, 1, 0)
    assert one.build().code == 0 and len(one.fal.posts) == 2


@pytest.mark.parametrize("fault", ["data", "single"])
def test_other_shapes_of_answers_are_read(one, fault):
    one.fal.fail("result", fault)
    assert code_of(one.build()) == (0, 0, 0, 1)


def test_the_addresses_in_an_answer_are_not_followed(one):
    one.fal.fail("submit", "other-urls")
    assert code_of(one.build()) == (0, 0, 0, 1)


def test_a_queue_is_waited_for_and_after_a_while_left_to_the_next_build(one):
    one.fal.fail("status", "queued", "queued", "working")
    assert code_of(one.build()) == (0, 0, 0, 1)
    one.configure("wait: 0.2")
    one.edit("specs/exercises/nod.yaml", "description: up", "description: down")
    one.fal.fail("status", *["queued"] * 30)
    done = one.build()
    assert code_of(done) == (1, 0, 1, 0) and "has not made it within 0.2 s" in one.reason(done)
    one.fal.fail("status", "ok")
    assert one.build().code == 0 and len(one.fal.posts) == 2


@pytest.mark.parametrize("stage", ["submit", "status", "result", "picture"])
@pytest.mark.parametrize("fault", ["401", "500", "422"])
def test_the_key_is_in_no_file_no_answer_and_no_event(one, stage, fault):
    """The server says the key in what it answers."""
    one.fal.fail(stage, *[fault] * 4)
    events = []
    from calotype import Project

    outcome = Project(one.root).build(listener=events.append)
    texts = [repr(outcome), repr(events), one.build("-v").out, one.call("hosted", "list").out, one.call("doctor").out]
    files = [path.read_bytes() for path in one.root.rglob("*") if path.is_file()]
    secret = KEY.partition(":")[2]
    assert all(secret not in text for text in texts) and all(secret.encode() not in data for data in files)
    assert all(header["Authorization"] == f"Key {KEY}" for header in one.fal.headers)


def test_one_that_awaits_holds_up_no_other(hosted):
    hosted.exercise("seed: 1", "seed: 2", "seed: 3, candidates: 3, select: first")
    hosted.fal.fail("submit", "ok", "lost")
    done = hosted.build("-j", "1")
    assert (done.code, done.json["awaiting"], done.json["failed"]) == (3, 1, 0)
    assert len(hosted.fal.posts) == 5
    taken = [event["request"] for event in hosted.journal if event["event"] == "sent"]
    lost = next(post["id"] for post in hosted.fal.posts if post["id"] not in taken)
    unknown = next(event["id"] for event in hosted.journal if event["event"] == "unknown")
    assert hosted.call("hosted", "retry", unknown, "--request-id", lost).code == 0
    assert hosted.build().code == 0 and len(hosted.fal.posts) == 5


def test_a_journal_that_cannot_be_read_is_told_and_nothing_is_bought(one):
    assert one.build().code == 0
    one.write("cache/hosted.jsonl", "broken\n")
    one.edit("specs/exercises/nod.yaml", "description: up", "description: down")
    for words in (("build",), ("plan",), ("check",), ("hosted", "list")):
        done = one.call(*words, "--json")
        assert done.code == 2 and done.json["diagnostics"][0]["code"] == "hosted-journal", words
        assert done.json["diagnostics"][0]["file"] == "cache/hosted.jsonl"
    assert len(one.fal.posts) == 1
