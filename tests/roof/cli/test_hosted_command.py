"""`calotype hosted`: what is told of purchases of which nobody knows what became."""

from __future__ import annotations

import json

from conftest import Space

INTENT = {"event": "intent", "id": "1a2b3c4d", "key": "k" * 64, "endpoint": "fal-ai/flux/dev", "price": 0.025,
          "at": 1_700_000_000.0, "format": 1}


def journal(space: Space, *events: dict[str, object]) -> None:
    space.write("calotype.yaml", "version: 1\nrenderer: hosted\nhosted: {ceiling: {build: 2.00, day: 3.00}}\n")
    space.write("cache/hosted.jsonl", "".join(json.dumps(event) + "\n" for event in events))


def test_what_is_to_be_decided_stands_in_one_row_with_what_to_do(space: Space) -> None:
    journal(space, INTENT)
    listed = space.call("hosted", "list", "--json")
    purchase, = listed.json["undecided"]
    assert listed.code == 3 and (purchase["id"], purchase["state"]) == ("1a2b3c4d", "intent")
    assert purchase["message"].startswith("it may have been bought on 2023-11-14 22:13:20 UTC (fal-ai/flux/dev, 0.03 USD)")
    assert "calotype hosted forget 1a2b3c4d" in purchase["hint"]
    assert listed.json["ceiling"] == {"build": 2.0, "day": 3.0} and listed.json["purchases"] == 1


def test_who_named_a_wrong_request_is_told_how_to_name_another(space: Space) -> None:
    lost = [{"event": name, "id": "1a2b3c4d", "at": 1_700_000_001.0, **more} for name, more in (
        ("sent", {"request": "wrong-one"}), ("lost", {"why": "404"}))]
    journal(space, INTENT, *lost)
    assert "`calotype hosted retry 1a2b3c4d --request-id ID` fetches it" in space.call("hosted", "list").out
    refused = space.call("hosted", "forget", "1a2b3c4d")
    assert refused.code == 2 and "with --request-id fetches another request" in " ".join(refused.err.split())
