"""The graph of targets: cycles are named, levels are topological, dependants are found."""

import itertools
import random

import pytest

from calotype.engine import graph

COFFEE = {
    "scenes/coffee/pour": ["scenes/coffee/reach"],
    "scenes/coffee/drink": ["scenes/coffee/pour", "characters/mannequin/anchors/front"],
    "scenes/coffee/reach": ["characters/mannequin/anchors/front"],
    "exercises/chin_tuck/01": [],
}


def test_a_graph_without_a_cycle_has_none():
    assert graph.find_cycle(COFFEE) is None
    assert graph.find_cycle({}) is None


def test_a_cycle_is_named_as_a_chain_that_ends_where_it_began():
    assert graph.find_cycle({"c": ["b"], "a": ["c", "x"], "b": ["a"], "x": []}) == ["a", "c", "b", "a"]


def test_a_target_that_reads_itself_is_a_cycle():
    assert graph.find_cycle({"a": ["a"]}) == ["a", "a"]


def test_what_leads_into_a_cycle_is_no_part_of_it():
    assert graph.find_cycle({"a": ["b"], "b": ["d"], "d": ["b"]}) == ["b", "d", "b"]


def test_a_chain_of_a_hundred_thousand_is_no_trouble():
    chain = {str(at): [str(at + 1)] for at in range(100_000)}
    assert graph.find_cycle(chain) is None
    chain["100000"] = ["0"]
    found = graph.find_cycle(chain)
    assert found[0] == found[-1] == "0" and len(found) == 100_002


def test_levels_put_every_target_after_what_it_reads():
    assert graph.levels(COFFEE) == [
        ["characters/mannequin/anchors/front", "exercises/chin_tuck/01"],
        ["scenes/coffee/reach"],
        ["scenes/coffee/pour"],
        ["scenes/coffee/drink"],
    ]


def test_levels_of_a_cycle_are_refused():
    with pytest.raises(ValueError, match="cycle"):
        graph.levels({"a": ["b"], "b": ["a"]})


def test_the_dependants_of_a_pick_are_found_near_and_far():
    readers = graph.dependants(COFFEE)
    assert readers["scenes/coffee/reach"] == ["scenes/coffee/pour"]
    assert graph.closure(readers, ["scenes/coffee/reach"]) == {
        "scenes/coffee/reach", "scenes/coffee/pour", "scenes/coffee/drink",
    }


def test_on_random_graphs_a_cycle_is_found_just_when_there_are_no_levels():
    for seed in range(500):
        rng = random.Random(seed)
        names = [f"t{at}" for at in range(rng.randint(1, 12))]
        edges = {one: rng.sample(names, rng.randint(0, min(2, len(names)))) for one in names}
        chain = graph.find_cycle(edges)
        if chain is None:
            place = {one: at for at, level in enumerate(graph.levels(edges)) for one in level}
            assert all(place[read] < place[one] for one in edges for read in edges[one])
        else:
            assert chain[0] == chain[-1] and len(set(chain)) == len(chain) - 1
            assert all(read in edges[one] for one, read in itertools.pairwise(chain))
            with pytest.raises(ValueError):
                graph.levels(edges)
