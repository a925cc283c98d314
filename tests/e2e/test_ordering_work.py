"""What it costs to order candidates anew from recorded scores, in counts of work: no time of a loaded machine."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import pytest
import verdicts
from kit import nod_spec

from conftest import Space
from counted import counted

CONFIG = ("version: 1\nrenderer: swatch\ndefaults: {{size: [64, 64]}}\n"
          "scoring: {{threshold: 0, weights: {{red: {red}, green: {green}}}}}\n")
TARGETS, EACH, SCORERS = 12, 6, 3
"""Images, candidates of each, and who judges a candidate: the two that calotype.yaml weighs, and `technical`."""


def candidates(number: int, count: int) -> str:
    """The first three are as green as can be, those after them a little more red and not green at all."""
    return f"seed: {0x10FFFD + 0x20000 * number}, candidates: {count}"


@pytest.fixture
def judged(space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A project whose candidates the weights of two scorers order, built."""
    verdicts.install(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    space.write("calotype.yaml", CONFIG.format(red=1000, green=1))
    for number in range(TARGETS):
        space.write(f"specs/exercises/neck/nod_{number}.yaml", nod_spec(f"nod_{number}", candidates(number, EACH)))
    assert space.call("build").code == 0
    return space


def counts(space: Space, *words: str) -> Counter[str]:
    with counted() as calls:
        assert space.call(*words).code in (0, 1)
    return calls


def test_a_plan_after_a_change_of_weights_reads_every_line_and_every_score_once(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.format(red=1, green=9))
    calls = counts(judged, "plan")
    plan = judged.call("plan", "--json").json
    assert (plan["renders"], plan["actions"]["score"]) == (0, 0) and plan["cache_hits"] > 0, "picks have moved"
    assert calls["results/publish/line.from_bytes"] <= TARGETS
    assert calls["results/publish/proof.fault"] == TARGETS
    assert calls["project/published._index"] == 0, "what lines tell was searched for keys that a target's own line has"
    assert calls["language/judging/judged.read"] <= TARGETS * EACH * SCORERS
    assert calls["plan/judging/judgement.judgement_of"] <= 2 * TARGETS


def test_scores_that_lines_tell_are_looked_up_in_no_cache(judged: Space) -> None:
    judged.write("calotype.yaml", CONFIG.format(red=1, green=9))
    for words in (("plan",), ("check", "--full")):
        calls = counts(judged, *words)
        assert calls["store/action_cache.get_many"] <= TARGETS, "once a target, for all its renders"
        assert calls["store/database.checksum"] < 2 * TARGETS * EACH + 100, "rows of renders, none of scores"


def test_what_ordering_costs_grows_with_the_candidates(judged: Space) -> None:
    before = counts(judged, "check", "--full").total()
    for number in range(TARGETS):
        judged.write(f"specs/exercises/neck/nod_{number}.yaml", nod_spec(f"nod_{number}", candidates(number, 4 * EACH)))
    assert judged.call("build").code == 0
    assert counts(judged, "check", "--full").total() < 4 * before


def test_caches_that_are_gone_are_filled_again_with_what_lines_tell_of_scores(judged: Space) -> None:
    for path in (judged.root / "cache").glob("actions.db*"):
        path.unlink()
    judged.write("calotype.yaml", CONFIG.format(red=1000, green=1) + "# seen again\n")
    done = judged.call("build", "--json").json
    assert (done["renders"], done["actions"]["score"]) == (0, 0)
    with sqlite3.connect(judged.root / "cache/actions.db") as cache:
        assert cache.execute("SELECT count(*) FROM action WHERE kind = 'score'").fetchone() == (TARGETS * EACH * SCORERS,)
