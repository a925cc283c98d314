"""The browser is opened by a ticket that is good once: nobody who reads its command line learns the token."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from calotype.roof.studio.tickets import GOOD_FOR, Ticket
from conftest import CALOTYPE, Space
from studio_server import BROWSER, Server, opened, write_project


@pytest.mark.skipif(shutil.which("sh") is None, reason="the browser of this test is a script")
@pytest.mark.parametrize("token", ["", "a token/of#one's+own%20".replace(" ", "_")])
def test_the_command_line_of_the_browser_holds_no_token(space: Space, token: str) -> None:
    write_project(space, "seed: 1")
    with opened(space, **({"CALOTYPE_TOKEN": token} if token else {})) as (server, told):
        secret = token or server.token
        assert len(secret) >= 16 and told.startswith(f"{server.address}open/") and secret not in told
        path = f"/{told.removeprefix(server.address)}"
        assert server.ask(path, "HEAD").status == 410, "a look at it costs nothing"
        assert server.ask(f"{path}x").status == server.ask("/open/none").status == 410
        answer = server.ask(path)
        assert answer.status == 303 and answer.headers["cache-control"] == "no-store"
        place, _, fragment = answer.headers["location"].partition("#token=")
        assert (place, unquote(fragment)) == ("/", secret)
        again = server.ask(path)
        assert again.status == 410 and secret.encode() not in again.body and b"good once" in again.body
        assert server.ask("/api/builds", "POST", b"", {"Authorization": f"Bearer {secret}"}).status == 202


def test_a_ticket_is_good_once_and_not_for_long() -> None:
    now = [100.0]
    ticket, late = Ticket(lambda: now[0]), Ticket(lambda: now[0])
    assert ticket.word != late.word and len(ticket.word) >= 32
    assert not ticket.redeem("") and not ticket.redeem(late.word) and not ticket.redeem("ä\udcff".encode(errors="replace").decode())
    now[0] += GOOD_FOR
    assert ticket.redeem(ticket.word) and not ticket.redeem(ticket.word)
    now[0] += 0.001
    assert not late.redeem(late.word)


def test_where_no_browser_is_wanted_none_is_told(space: Space, tmp_path: Path) -> None:
    write_project(space, "seed: 1")
    browser = tmp_path / "browser"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    process = subprocess.Popen([str(CALOTYPE), "studio", "--port", "0", "--no-open"], cwd=space.root, stdout=subprocess.PIPE,
                               text=True, env={**os.environ, "BROWSER": f"{browser} %s"})
    assert process.stdout is not None
    server = Server(process, process.stdout.readline().strip())
    server.wait_for_build()
    assert server.stop() == 130 and not browser.with_suffix(".told").exists()
    process.stdout.close()
