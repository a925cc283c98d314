"""What stands before every route of the Studio: Host, Origin, tokens, sizes, headers, and the border of the project."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from conftest import CALOTYPE, Space
from studio_server import NOD, Answer, Server, studio, write_project

SECRET = "s" * 32
DECISION = {"decision": "approve", "target": "exercises/nod/01"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    space = Space(tmp_path_factory.mktemp("guarded") / "project")
    space.root.mkdir()
    write_project(space, "seed: 1")
    space.write("outside.txt", "secret")
    with studio(space.root, env={"CALOTYPE_JWT_KEY": SECRET, "CALOTYPE_JWT_PUBLIC_KEY": str(public(space.root))}) as server:
        server.wait_for_build()
        server.root = space.root  # type: ignore[attr-defined]
        yield server


def public(root: Path) -> Path:
    """A public RSA key, beside the private one that `signed` reads."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (root.parent / "private.pem").write_bytes(private)
    path = root.parent / "public.pem"
    path.write_bytes(key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    return path


def bearing(server: Server, token: str, **headers: str) -> Answer:
    lines = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
    return server.ask("/api/builds", "POST", b"", lines)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80", ""])
def test_another_name_is_no_name_of_this_server(served: Server, host: str) -> None:
    for path in ("/", "/api/state", "/nowhere"):
        answer = served.ask(path, headers={"Host": host})
        assert (answer.status, answer.codes) == (400, ["host"])


def test_the_loopback_has_three_names(served: Server) -> None:
    port = served.host.rpartition(":")[2]
    for name in ("127.0.0.1", "localhost", "[::1]", "LOCALHOST"):
        assert served.ask("/api/state", headers={"Host": f"{name}:{port}"}).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
@pytest.mark.parametrize("path", ["/", "/api/decisions", "/nowhere", "/build/index.html"])
def test_a_write_is_refused_before_it_is_known_whether_its_path_is_there(served: Server, method: str, path: str) -> None:
    assert served.ask(path, method, b"").status == 401
    refused = served.ask(path, method, b"", {"Origin": "http://evil.example", "Authorization": f"Bearer {served.token}"})
    assert (refused.status, refused.codes) == (403, ["origin"])


@pytest.mark.parametrize("origin", ["null", "https://127.0.0.1", "http://evil.example", "http://127.0.0.1:1"])
def test_a_page_of_another_site_may_not_write(served: Server, origin: str) -> None:
    assert bearing(served, served.token, Origin=origin).status == 403
    assert bearing(served, served.token, Origin=f"http://{served.host}").status == 202


@pytest.mark.parametrize("word", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer {}x", "Bearer \xe9"])
def test_a_token_that_is_none_is_refused(served: Server, word: str) -> None:
    assert served.ask("/api/builds", "POST", b"", {"Authorization": word.format(served.token)}).status == 401


def test_a_token_is_no_cookie_and_no_query(served: Server) -> None:
    assert served.ask(f"/api/builds?token={served.token}", "POST", b"", {"Cookie": f"token={served.token}"}).status == 401


def test_json_web_tokens_of_both_kinds_are_taken(served: Server) -> None:
    soon = int(time.time()) + 60
    private = (served.root.parent / "private.pem").read_bytes()  # type: ignore[attr-defined]
    assert bearing(served, jwt.encode({"exp": soon}, SECRET, "HS256")).status == 202
    assert bearing(served, jwt.encode({"exp": soon, "aud": "a"}, private, "RS256")).status == 202


def _none() -> str:
    return jwt.encode({"exp": int(time.time()) + 60}, "", "none")


def _confused(server: Server) -> str:
    """Signed by HS256 with the public key, which everybody has. PyJWT itself refuses to make one."""
    import base64
    import hashlib
    import hmac
    import json

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    key = (server.root.parent / "public.pem").read_bytes()  # type: ignore[attr-defined]
    head = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = part(json.dumps({"exp": int(time.time()) + 60}).encode())
    return f"{head}.{body}.{part(hmac.new(key, f'{head}.{body}'.encode(), hashlib.sha256).digest())}"


def test_json_web_tokens_that_prove_nothing_are_refused(served: Server) -> None:
    past, soon = int(time.time()) - 60, int(time.time()) + 60
    tokens = [jwt.encode({"exp": past}, SECRET, "HS256"), jwt.encode({}, SECRET, "HS256"),
              jwt.encode({"exp": soon}, "t" * 32, "HS256"), _none(), _confused(served), "a.b.c", "x" * 100_000]
    assert [bearing(served, token).status for token in tokens if len(token) < 60_000] == [401] * 6
    assert bearing(served, tokens[-1]).status in (400, 401, 431)


@pytest.mark.parametrize(("claims", "secret", "why"), [
    ({"exp": 1}, SECRET, "this JSON Web Token has expired (`exp`)"),
    ({}, SECRET, "this JSON Web Token does not say when it ends (`exp`)"),
    ({"exp": 9_999_999_999, "nbf": 9_999_999_998}, SECRET, "this JSON Web Token does not hold yet (`nbf`, `iat`)"),
    ({"exp": 1}, "t" * 32, "this JSON Web Token is not signed as CALOTYPE_JWT_KEY or CALOTYPE_JWT_PUBLIC_KEY asks for"),
])
def test_why_a_json_web_token_is_refused_is_said(
    served: Server, claims: dict[str, int], secret: str, why: str
) -> None:
    refused = bearing(served, jwt.encode(claims, secret, "HS256")).json["diagnostics"][0]
    assert refused["message"] == why and refused["hint"] == "send it as a header, Authorization: Bearer TOKEN"
    assert set(refused) == {"severity", "code", "message", "file", "line", "column", "hint"}


def test_a_body_of_another_type_is_told_which_is_wanted(served: Server) -> None:
    token = {"Authorization": f"Bearer {served.token}"}
    for kind in ("application/x-www-form-urlencoded", ""):
        headers = {**token, **({"Content-Type": kind} if kind else {})}
        answer = served.ask("/api/generate", "POST", b'{"prompt": "tea"}', headers)
        hint = answer.json["diagnostics"][0]["hint"]
        assert answer.status == 422 and hint == f"send it with Content-Type: application/json, not {kind or 'none'}"


@pytest.mark.parametrize(("name", "value"), [
    ("CALOTYPE_JWT_KEY", "short"), ("CALOTYPE_TOKEN", "short"), ("CALOTYPE_TOKEN", "with a space, but long"),
    ("CALOTYPE_JWT_PUBLIC_KEY", "/nowhere.pem"), ("CALOTYPE_JWT_PUBLIC_KEY", NOD)])
def test_a_key_that_is_none_is_refused_at_the_start(space: Space, name: str, value: str) -> None:
    write_project(space, "seed: 1")
    done = subprocess.run([CALOTYPE, "studio", "--no-open", "--port", "0"], cwd=space.root, capture_output=True, text=True,
                          env={**__import__("os").environ, name: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert name in done.stderr and "hint" in done.stderr


def test_the_token_of_the_environment_is_not_printed(space: Space) -> None:
    write_project(space, "seed: 1")
    with studio(space.root, env={"CALOTYPE_TOKEN": "abcdefghijklmnop"}) as server:
        assert server.token == ""
        assert bearing(server, "abcdefghijklmnop").status == 202


def test_every_answer_says_what_a_browser_may_do_with_it(served: Server) -> None:
    answers = [served.ask("/build/index.html"), served.ask("/api/state"), served.ask("/nowhere"), served.ask("/openapi.json"),
               served.ask("/", "POST", b""), served.ask("/", headers={"Host": "x"}), served.ask("/inbox"),
               served.ask("/content/images/exercises/neck/nod_01.png"), served.ask("/studio/studio.js")]
    assert [answer.status for answer in answers] == [200, 200, 404, 200, 401, 400, 200, 200, 200]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers


@pytest.mark.parametrize("path", [
    "/calotype.yaml", "/specs/exercises/neck/nod.yaml", "/cache/state/state.db", "/outside.txt", "/build/../outside.txt",
    "/build/..%2foutside.txt", "/build/%2e%2e/outside.txt", "/content/images/../../outside.txt", "//etc/passwd",
    "/build//etc/passwd", "/build/%00.html", "/build\\..\\outside.txt", "/content/link.png", "/build/folder.html",
    "/studio/../outside.txt", "/studio/nothing.js", "/build/logs/x.jsonl", "/content/manifest.json", "/%", "/build/" + "a" * 5000 + ".png"])
def test_nothing_but_what_pages_show_is_served(served: Server, path: str) -> None:
    root: Path = served.root  # type: ignore[attr-defined]
    outside = root.parent / "outside.png"
    outside.write_text("secret")
    link, folder = root / "content/link.png", root / "build/folder.html"
    if not link.is_symlink():
        link.symlink_to(outside)
    folder.mkdir(exist_ok=True)
    try:
        answer = served.ask(path)
        assert answer.status == 404 and b"secret" not in answer.body
    finally:
        link.unlink()
        folder.rmdir()


def test_traces_are_text_that_runs_nothing_and_no_other_records_are_served(served: Server) -> None:
    root: Path = served.root  # type: ignore[attr-defined]
    evil = b"<script>alert(1)</script>"
    files = ["traces/tea/scene_1/00_original_prompt.txt", "traces/tea/scene_1/quality_scores.json", "own.txt", "own.json"]
    for name in files:
        (root / "build" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "build" / name).write_bytes(evil)
    try:
        text, data, *others = (served.ask(f"/build/{name}") for name in files)
        assert (text.status, text.headers["content-type"], text.body) == (200, "text/plain; charset=utf-8", evil)
        assert (data.status, data.headers["content-type"], data.body) == (200, "application/json", evil)
        for answer in (text, data):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert [answer.status for answer in others] == [404, 404]
        for path in ("traces/../own.txt", "traces/%2e%2e/own.json", "traces/tea/scene_1", "traces/tea/scene_1/"):
            assert served.ask(f"/build/{path}").status == 404
    finally:
        shutil.rmtree(root / "build/traces")
        for name in files[2:]:
            (root / "build" / name).unlink()


def test_a_body_that_is_too_large_is_not_read(served: Server) -> None:
    long = {"Authorization": f"Bearer {served.token}", "Content-Length": str(1 << 40)}
    assert served.ask("/api/imports?name=exercises/nod/01", "POST", b"x", long).status == 413
    odd = {**long, "Content-Length": "-1"}
    assert served.ask("/api/decisions", "POST", b"x", odd).status in (400, 413)


def test_a_body_without_a_length_ends_where_too_much_came(served: Server) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    answer = served.ask("/api/imports?name=exercises/nod/01", "POST", chunk * 22 + b"0\r\n\r\n", {
        "Authorization": f"Bearer {served.token}", "Transfer-Encoding": "chunked", "Content-Type": "image/png"})
    assert answer.status == 413


@pytest.mark.parametrize("words", [("--port", "{taken}"), ("--host", "203.0.113.1")])
def test_a_place_that_cannot_be_listened_at_is_told(served: Server, space: Space, words: tuple[str, ...]) -> None:
    write_project(space, "seed: 1")
    port = served.host.rpartition(":")[2]
    done: Any = subprocess.run(
        [CALOTYPE, "studio", "--no-open", *(word.format(taken=port) for word in words)], cwd=space.root, capture_output=True,
        text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot listen" in done.stderr and "hint" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("path", ["/api/state", "/api/builds", "/api/events", "/api/targets", "/api/target?name=nobody", "/openapi.json"])
def test_head_answers_as_get_does_without_a_body(served: Server, path: str) -> None:
    head = served.ask(path, "HEAD")
    assert head.body == b""
    if path != "/api/events":  # which goes on for ever
        full = served.ask(path)
        assert head.status == full.status and full.body
        assert head.headers["content-type"] == full.headers["content-type"]
        assert head.headers["content-length"] == str(len(full.body)) == full.headers["content-length"]
    else:
        assert head.status == 200 and head.headers["content-type"].startswith("text/event-stream")
    assert "default-src" in head.headers["content-security-policy"]
    assert served.ask("/api/decisions", "HEAD").status == served.ask("/api/decisions").status == 404
