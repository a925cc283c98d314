"""A build that buys and is killed, at any instant: no picture is bought twice, none is lost, and the books balance."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calotype.store.hosted_journal import Journal
from conftest import REPOSITORY
from fal_server import serving
from hosted import Hosted, at_home
from survival import KILLED, Studio, at_point, child

POINTS = ("hosted-intent", "hosted-posted", "hosted-sent", "hosted-fetched")
PRICE = 0.025
ROWS = ("seed: 1", "seed: 2, candidates: 3, select: first", "seed: 9", "seed: 2, description: down")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Hosted, Studio]]:
    """A project, and the same as children are started in. It lies in memory where the system has a place for that."""
    with serving(tmp_path) as fal:
        at_home(fal, monkeypatch)
        for folder in ("project", "notes"):
            (tmp_path / folder).mkdir()
        project = Hosted(tmp_path / "project", fal=fal)
        begin(project, 1)
        yield project, Studio(project.root, notes=tmp_path / "notes")


def begin(project: Hosted, number: int) -> None:
    """Other pictures than ever before."""
    project.configure("ceiling: {build: 1000, day: 1000}")
    project.edit("calotype.yaml", "renderer: hosted", f"renderer: hosted\nbase_seed: {number}")
    project.write("specs/exercises/nod.yaml", "kind: exercise\nid: nod\nregion: neck\ntitle: Nod\nimages:\n" + "".join(
        f"  - {{view_angle: lateral, body_position: standing, {row.replace('seed: ', f'seed: {number}0')}"
        f"{'' if 'description' in row else ', description: up'}}}\n" for row in ROWS))
    project.write("specs/scenes/walk.yaml", "kind: scene\nid: walk\ntitle: Walk\nchain: true\nshots:\n"
                  "  - {id: a, prompt: walk}\n  - {id: b, prompt: stop}\n")


def answer_for(project: Hosted) -> int:
    """What a person does: looks for each open purchase among those that the service took, by what is said of it, and
    says what became of it. Returns how many there were."""
    journal = Journal(project.root / "cache/hosted.jsonl")
    known = {purchase.request for purchase in journal.purchases()}
    undecided = project.call("hosted", "list", "--json").json["undecided"]
    for purchase in undecided:
        mine = [post["id"] for post in project.fal.posts if post["id"] not in known and is_of(post, purchase)]
        assert len(mine) <= 1, f"nobody can tell which of {mine} it is: {purchase['about']}"
        words = ("retry", purchase["id"], "--request-id", mine[0]) if mine else ("forget", purchase["id"])
        assert project.call("hosted", *words).code == 0
    return len(undecided)


def is_of(post: dict[str, Any], purchase: dict[str, Any]) -> bool:
    arguments = post["arguments"]
    return (post["path"], f"seed {arguments['seed']}, {arguments['prompt']}") == (purchase["endpoint"], purchase["about"])


def goes_on(project: Hosted, jobs: int = 1) -> int:
    """Nothing open is sent again by itself; once a person has spoken, the build ends as any other. Returns how many
    purchases were open: as many as there were jobs and kills, at the most."""
    before = len(project.fal.posts)
    undecided = project.call("hosted", "list", "--json").json["undecided"]
    done = project.build("-j", f"{jobs}")
    assert done.code == (3 if undecided else 0), done.out + done.err
    assert answer_for(project) == len(undecided)
    for _ in range(3):  # what awaited a picture of the chain is bought now
        done = project.build("-j", f"{jobs}")
        if done.code == 0:
            break
    assert done.code == 0, done.out + done.err
    purchases = Journal(project.root / "cache/hosted.jsonl").purchases()
    taken = [purchase.request for purchase in purchases if purchase.request]
    assert sorted(taken) == sorted(post["id"] for post in project.fal.posts), "a purchase is in no book"
    assert len(project.fal.posts) == len({purchase.key for purchase in purchases}) >= before, "one was bought twice"
    each_has_its_own(project)
    assert project.call("check").code == 0
    assert project.build().json["targets"] == []
    return len(undecided)


def each_has_its_own(project: Hosted) -> None:
    """The picture of a request is that which the service made of this very request."""
    posts = {post["id"]: post for post in project.fal.posts}
    for key, purchase in {each.key: each for each in Journal(project.root / "cache/hosted.jsonl").purchases()}.items():
        assert is_of(posts[purchase.request], {"endpoint": purchase.endpoint, "about": purchase.about}), key


@pytest.mark.parametrize("time_", [1, 3])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point_nothing_is_bought_twice(shop: tuple[Hosted, Studio], point: str, time_: int) -> None:
    project, studio = shop
    assert child(studio, "build", "-j", "1", first=at_point(point, time_)) == KILLED, (studio.notes / "said").read_text()
    goes_on(project)
    assert len(project.fal.posts) == 8
    assert project.call("hosted", "list", "--json").json["today"] == pytest.approx(5 * PRICE + 2 * PRICE + 0.03, abs=0.04)


def test_killed_again_and_again_it_gets_to_the_end(shop: tuple[Hosted, Studio]) -> None:
    project, studio = shop
    kills = 0
    for point in (*POINTS, *POINTS):
        kills += child(studio, "build", "-j", "1", first=at_point(point)) == KILLED
        answer_for(project)
    assert kills >= 6
    goes_on(project)
    assert len(project.fal.posts) == 8


def test_a_kill_between_two_days_forgets_no_spending(shop: tuple[Hosted, Studio]) -> None:
    project, studio = shop
    project.configure("ceiling: {build: 1000, day: 0.06}")
    assert child(studio, "build", "-j", "1", first=at_point("hosted-sent", 2)) == KILLED
    done = project.build("-j", "1")
    assert done.code == 1 and len(project.fal.posts) == 2
    assert "0.05 are spent today (UTC)" in done.json["diagnostics"][-1]["message"]


def kill_at_instants(project: Hosted, studio: Studio, deaths: int, seed: int, jobs: int = 1) -> int:
    """One project through many kills at random instants, its specs changing; with several `jobs` by a service that
    takes its time. Returns the largest number of purchases that were open after a kill."""
    die = random.Random(seed)
    died, number, largest = 0, 1, 0
    while died < deaths:
        number += 1
        begin(project, number)
        if jobs > 1:
            project.fal.fail("submit", *["slow"] * 99)
        for _ in range(die.choice((1, 1, 2, 3))):
            died += child(studio, "build", "-j", f"{jobs}", after=die.uniform(0, 0.6)) == KILLED
            if die.random() < 0.3:
                largest = max(largest, answer_for(project))
        project.fal.fail("submit")
        largest = max(largest, goes_on(project, jobs))
        if die.random() < 0.2:
            shutil.rmtree(project.root / "build", ignore_errors=True)
    return largest


def test_killed_at_random_instants_the_count_of_posts_is_the_count_of_pictures(shop: tuple[Hosted, Studio]) -> None:
    kill_at_instants(*shop, deaths=8, seed=1)


def test_killed_with_several_purchases_in_flight_the_count_of_posts_is_the_count_of_pictures(
    shop: tuple[Hosted, Studio]
) -> None:
    assert kill_at_instants(*shop, deaths=8, seed=2, jobs=4) >= 2


@pytest.mark.soak
@pytest.mark.parametrize("jobs", [1, 4])
def test_killed_three_hundred_times_the_count_of_posts_is_the_count_of_pictures(
    shop: tuple[Hosted, Studio], jobs: int
) -> None:
    assert kill_at_instants(*shop, deaths=300, seed=7, jobs=jobs) >= jobs - 1


def test_every_point_of_a_purchase_is_passed() -> None:
    folder = REPOSITORY / "src/calotype/workers/render/hosted"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    assert sorted(re.findall(r'point\("(.*)"\)', text)) == sorted(POINTS)
