"""JSON Web Tokens that an enemy makes: signed by nobody, by another key, for another time, or no tokens at all."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from calotype.roof.studio.credentials import credentials
from conftest import Space
from studio_server import Server, studio, write_project

SECRET = "s" * 32
SOON = int(time.time()) + 3600
HEAD = {"alg": "HS256", "typ": "JWT"}
PATHS = ("/api/generate", "/api/generate-with-image")


def part(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(head: Any, body: Any, key: str = SECRET) -> str:
    words = f"{part(head)}.{part(body)}"
    return f"{words}.{part(hmac.new(key.encode(), words.encode(), hashlib.sha256).digest())}"


GOOD = {"an hour": {"exp": SOON}, "a million years": {"exp": 10**14}, "a float": {"exp": SOON + 0.5}, "an audience": {"exp": SOON, "aud": ["x"]},
        "since": {"exp": SOON, "nbf": 1, "iat": 1}}
BAD = {
    "none": f"{part({'alg': 'none'})}.{part({'exp': SOON})}.", "nOnE": f"{part({'alg': 'nOnE'})}.{part({'exp': SOON})}.",
    "no signature": token(HEAD, {"exp": SOON}).rpartition(".")[0] + ".", "another key": token(HEAD, {"exp": SOON}, "x" * 32),
    "no key": token(HEAD, {"exp": SOON}, ""), "no exp": token(HEAD, {}), "past": token(HEAD, {"exp": 1}), "negative": token(HEAD, {"exp": -1}),
    "exp null": token(HEAD, {"exp": None}), "exp list": token(HEAD, {"exp": [SOON]}), "exp inf": token(HEAD, b'{"exp": 1e400}'),
    "exp nan": token(HEAD, b'{"exp": NaN}'), "exp digits": token(HEAD, b'{"exp": ' + b"9" * 5000 + b"}"), "exp words": token(HEAD, {"exp": "soon"}),
    "nbf": token(HEAD, {"exp": SOON, "nbf": SOON}), "nbf inf": token(HEAD, b'{"exp": %d, "nbf": 1e400}' % SOON),
    "nbf list": token(HEAD, {"exp": SOON, "nbf": []}), "iat": token(HEAD, {"exp": SOON, "iat": SOON}), "a list": token(HEAD, [SOON]),
    "kid": token({**HEAD, "kid": "../../../../dev/null"}, {"exp": SOON}, ""), "kid list": token({**HEAD, "kid": [1]}, {"exp": SOON}),
    "jwk": token({**HEAD, "jwk": {"kty": "oct", "k": part(b"x" * 32)}}, {"exp": SOON}, "x" * 32),
    "jku": token({**HEAD, "jku": "http://127.0.0.1:1/keys"}, {"exp": SOON}, "x" * 32), "alg list": token({"alg": ["HS256"]}, {"exp": SOON}),
    "alg mapping": token({"alg": {"a": 1}}, {"exp": SOON}), "HS512": jwt.encode({"exp": SOON}, SECRET * 2, "HS512"),
    "crit": token({**HEAD, "crit": ["exp"]}, {"exp": SOON}), "b64": token({**HEAD, "b64": False}, {"exp": SOON}),
    "deep head": token(b"[" * 5000, {"exp": SOON}), "deep body": token(HEAD, b"[" * 5000), "no JSON": token(b"\xff", b"\xff"), "dots": "....",
    "empty": "", "words": "a b c", "sub": token(HEAD, {"exp": SOON, "sub": 5}), "long": token(HEAD, {"exp": SOON, "x": "x" * 9000}),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Space, Server]]:
    space = Space(tmp_path_factory.mktemp("attacked") / "project")
    space.root.mkdir()
    write_project(space, "seed: 1")
    with studio(space.root, env={"CALOTYPE_JWT_KEY": SECRET}) as server:
        server.wait_for_build()
        yield space, server


@pytest.mark.parametrize("name", GOOD)
def test_a_token_that_is_signed_and_in_time_opens(name: str) -> None:
    assert credentials({"CALOTYPE_JWT_KEY": SECRET}).refusal(f"Bearer {token(HEAD, GOOD[name])}") == ""


@pytest.mark.parametrize("name", BAD)
def test_any_other_opens_nothing(name: str) -> None:
    refusal = credentials({"CALOTYPE_JWT_KEY": SECRET}).refusal(f"Bearer {BAD[name]}")
    assert refusal and SECRET not in refusal


def test_who_is_refused_asks_for_no_storyboard(served: tuple[Space, Server]) -> None:
    space, server = served
    for path in PATHS:
        for name, word in BAD.items():
            answer = server.ask(path, "POST", b'{"prompt": "tea"}', {"Authorization": f"Bearer {word}", "Content-Type": "application/json"})
            assert answer.status in (400, 401), (path, name)
            assert SECRET not in answer.body.decode() and "Traceback" not in answer.body.decode()
    assert not list(space.root.glob("specs/scenes/*")) and not list(space.root.glob("cache/state/generations/*"))


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (True, True)])
def test_two_authorizations_are_read_in_no_way(served: tuple[Space, Server], first: bool, second: bool) -> None:
    import http.client

    _, server = served
    words = [f"Bearer {token(HEAD, {'exp': SOON}) if good else BAD['another key']}" for good in (first, second)]
    connection = http.client.HTTPConnection(server.host)
    connection.putrequest("POST", "/api/generate")
    for word in words:
        connection.putheader("Authorization", word)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "17")
    connection.endheaders(b'{"prompt": "tea"}')
    assert connection.getresponse().status == 400
    connection.close()


def test_a_good_token_asks_for_a_storyboard(served: tuple[Space, Server]) -> None:
    _, server = served
    answer = server.ask("/api/generate", "POST", b'{"prompt": "tea", "duration": 4}', {
        "Authorization": f"bearer {token(HEAD, {'exp': SOON})}", "Content-Type": "application/json"})
    assert answer.status == 202


@pytest.mark.parametrize("key", ["s" * 31, "\u00e9" * 15, " "])
def test_a_key_that_is_too_short_is_refused_at_the_start(key: str) -> None:
    from calotype.ground.diagnostics import Problem

    with pytest.raises(Problem) as caught:
        credentials({"CALOTYPE_JWT_KEY": key})
    assert key.strip() not in caught.value.diagnostics[0].message or not key.strip()


def test_neither_key_nor_token_is_in_a_repr() -> None:
    assert SECRET not in repr(credentials({"CALOTYPE_JWT_KEY": SECRET, "CALOTYPE_TOKEN": SECRET[::-1] + "t"}))
