"""Answers that mean harm: addresses elsewhere, bombs, absurd waits, statuses that nobody knows. Each is paid for once at
the most, told in words, and published nowhere."""

from __future__ import annotations

import json
import time

import pytest

from calotype.workers.render.hosted.downloads import fetch, fetch_file
from calotype.workers.render.hosted.faults import NotNow, Refused
from fal_server import KEY
from hosted import Hosted, hosted, service

__all__ = ["hosted", "service"]

SECRETS = KEY.split(":")


@pytest.fixture
def one(hosted: Hosted) -> Hosted:
    hosted.exercise("")
    return hosted


def is_paid_for_once(one: Hosted, code: int = 1) -> str:
    """What is said of a build that gets no picture. The next one asks for nothing new."""
    done = one.build()
    assert done.code == code, done.out + done.err
    assert "Traceback" not in done.err and one.files("content/images") == []
    assert len(one.fal.posts) == 1 == one.fal.calls["submit"]
    return one.reason(done)


ELSEWHERE = [
    "https://127.0.0.1/x.png", "https://localhost/x.png", "https://[::1]/x.png", "https://169.254.169.254/latest/meta-data/",
    "https://2130706433/x.png", "https://0x7f000001/x.png", "http://127.0.0.1:80/x.png", "ftp://fal.media/x.png", "gopher://fal.media/",
    "javascript:alert(1)", "//fal.media/x.png", "fal.media/x.png", "https:///fal.media", "https://.fal.media/x", "https://fal.media./x",
    "https://a b.fal.media/x", "https://evil.example\\.fal.media/", "https://evil.example#.fal.media", "https://evil.example?.fal.media",
    "https://fal.media%2eevil.example/", "https://fal.media\u3002evil.example/x", "https://f\uff41l.media/x", "https://b\u0430.fal.media/x",
    "https://xn--fal-.media/", "https://fal.media\n/x", "https://x\u0000.fal.media/", "https://fal.media:99999/", f"https://{'a' * 9999}.fal.media/",
    f"https://fal.media/{'a' * 99999}", "https://storage.googleapis.com/evil/x.png", "https://storage.googleapis.com/falserverless/../evil/x.png",
    "https://storage.googleapis.com/falserverless/%2e%2e/evil/x.png", "data:text/html;base64,AAAA", "data:image/png,AAAA",
    "data:image/png;base64,!!!!", "data:image/svg+xml;base64,PHN2Zz4=", "\u202egnp.x/aidem.laf//:sptth", "\ud800",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_an_address_that_is_not_fals_is_refused_and_asked_for_nothing(address):
    for get in (fetch, fetch_file):
        with pytest.raises((Refused, NotNow)) as caught:
            get(address, (), 0.001)
        assert isinstance(caught.value, Refused) or address.startswith("data:image/"), caught.value


@pytest.mark.parametrize("address", [ELSEWHERE[0], ELSEWHERE[3], "https://xn--fal-.media/", "data:image/png;base64,!!!!", "\ud800"])
def test_a_build_goes_on_later_whatever_address_it_was_given(one, address):
    one.fal.fail("result", *[f"url {address}"] * 4)
    reason = is_paid_for_once(one)
    assert one.fal.calls.get("picture", 0) == 0, reason
    one.fal.fail("result")
    assert one.build().code == 0 and len(one.fal.posts) == 1


@pytest.mark.parametrize(("answer", "said"), [
    ('{"images": [{"url": null}]}', "names no picture"), ('{"images": {"url": "x"}}', "names no picture"), ("null", "names no picture"),
    ('{"images": [[]]}', "names no picture"), ('{"images": [{"url": ""}], "has_nsfw_concepts": "yes"}', "names no picture"),
    ('"' + "x" * 100_000 + '"', "names no picture"), ("[" * 100_000, "cannot be had"), ('{"images": NaN}', "names no picture"),
    ("1" * 10_000, "cannot be had"),
])
def test_an_answer_of_another_shape_is_told(one, answer, said):
    one.fal.fail("result", *[f"json {answer}"] * 9)
    assert said in is_paid_for_once(one)


@pytest.mark.parametrize(("picture", "said"), [
    ("tiny", "the picture has 1 x 1 pixels"), ("narrow", "the picture has 400 x 2 pixels"), ("gif", ""), ("tiff", ""), ("svg", ""), ("eps", ""),
    ("giant", "too many pixels"), ("bomb", "too many pixels"), ("no-pixels", ""), ("text-bomb", ""),
])
def test_what_is_no_picture_or_a_bomb_is_not_decoded(one, picture, said):
    import resource

    one.fal.fail("picture", *[picture] * 9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert said in is_paid_for_once(one)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024, "it filled the memory"


@pytest.mark.parametrize("after", [
    "1e9", "-5", "99999999999", "9" * 4000, "nan", "inf", "soon", "1, 2", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT",
    "Wed, 21 Oct 2026 07:28:00 +9999999999999999", "0x10", "\xb2",
])
def test_an_absurd_wait_is_no_wait_for_ever(after):
    import httpx

    from calotype.workers.render.hosted.queue_client import pause

    seconds = pause(httpx.Response(429, headers={"retry-after": after.encode("latin-1")}))
    assert seconds is None or 0 <= seconds <= 60


@pytest.mark.parametrize("stage", ["submit", "status", "result"])
@pytest.mark.parametrize("after", ["-1", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 +9999999999999999"])
def test_who_is_told_an_absurd_wait_goes_on(one, stage, after):
    one.fal.fail(stage, f"429 {after}")
    assert one.build().code == 0 and len(one.fal.posts) == 1


@pytest.mark.parametrize("status", [
    '{"status": "CANCELLED"}', '{"status": "\\ud800"}', '{"status": null}', "{}", "[]", '{"status": "COMPLETED"}', '{"status": ["COMPLETED"]}',
    '{"status": "IN_QUEUE"}', '{"status": "\\u001b[2J\\u202e"}',
])
def test_a_status_that_nobody_knows_is_told_and_looked_at_again(one, status):
    one.fal.fail("status", *[f"json {status}"] * 9)
    reason = is_paid_for_once(one)
    assert "its status cannot be had" in reason
    assert "\x1b" not in one.call("build").out + one.call("build").err
    one.fal.fail("status")
    assert one.build().code == 0 and len(one.fal.posts) == 1


def test_an_answer_that_drips_is_not_waited_for_without_end(one):
    one.configure(timeout=0.5)
    for stage in ("status", "result", "picture"):
        one.fal.fail(stage, *["drip"] * 9)
        begun = time.monotonic()
        assert "cannot be" in is_paid_for_once(one)
        assert time.monotonic() - begun < 12
        one.fal.fail(stage)
    one.configure()
    assert one.build().code == 0 and len(one.fal.posts) == 1


def test_an_answer_to_a_purchase_that_drips_is_unknown(one):
    one.configure(timeout=0.5)
    one.fal.fail("submit", "drip")
    assert "the answer was lost" in is_paid_for_once(one, 3)
    assert one.events == ["intent", "unknown"]


@pytest.mark.parametrize("id", ["../../../evil", "", "x" * 129, "\u00e9", "a?b", "%2e%2e", 7])
def test_an_id_that_is_none_is_not_put_into_an_address(one, id):
    one.fal.fail("submit", f"json {json.dumps({'request_id': id, 'response_url': 'x', 'status_url': 'x', 'cancel_url': 'x'})}")
    assert "nobody can say" in is_paid_for_once(one, 3)
    assert one.events == ["intent", "unknown"] and one.fal.calls.get("status", 0) == 0


@pytest.mark.parametrize("words", [f"no: {KEY}", f"no: {SECRETS[1]}", f"no: Key {KEY}\n{SECRETS[1]}"])
def test_neither_the_key_nor_its_secret_is_said_whoever_says_it_first(one, words):
    """The service says them; no file of the project, no cache, no log, no output has them."""
    texts = []
    for stage in ("submit", "status", "result"):
        one.fal.fail(stage, *[f"refused {words}"] * 4)
        for options in (("--json",), ("-v",), ("--json", "-v")):
            done = one.call("build", *options)
            texts += [done.out, done.err]
        one.fal.fail(stage)
        texts += [one.call(*command).out for command in (("hosted", "list", "--json"), ("explain", "exercises/nod/01"), ("doctor",))]
    assert one.build().code == 0
    files = [path.read_bytes() for path in one.root.rglob("*") if path.is_file()]
    assert not any(SECRETS[1] in text for text in texts) and not any(SECRETS[1].encode() in data for data in files)


def test_the_key_is_in_no_repr_and_no_traceback(one, monkeypatch):
    import traceback

    from calotype.workers.render.hosted import Hosted as Renderer
    from calotype.workers.render.hosted.queue_client import Queue

    queue = Queue(1)
    try:
        raise RuntimeError(queue, Renderer())
    except RuntimeError as failure:
        text = "".join(traceback.TracebackException.from_exception(failure, capture_locals=True).format())
    assert SECRETS[1] not in text + repr(queue) + repr(queue._client) + repr(queue._client._client)
