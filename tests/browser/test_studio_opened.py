"""A browser that is opened by a ticket may write, and keeps neither ticket nor token in its address."""

from __future__ import annotations

from typing import Any

from chromium import chromium, tab
from conftest import Space
from patience import wait_for
from studio_server import opened, write_project

__all__ = ["chromium"]


def test_a_ticket_brings_the_token_into_the_browser_and_out_of_the_address(chromium: Any, space: Space) -> None:
    write_project(space, "seed: 1")
    with opened(space) as (server, told), tab(chromium, home=server.address) as view:
        server.wait_for_build()
        view.goto(told)
        assert wait_for(lambda: view.evaluate("localStorage.getItem('calotype-token')")) == server.token
        wait_for(lambda: not view.evaluate("location.hash"))
        assert "open/" not in view.url and server.token not in view.url
