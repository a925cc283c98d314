from __future__ import annotations

import random

from calotype.engine.graph import closure

COFFEE = {
    "scenes/coffee/reach": (),
    "scenes/coffee/pour": ("scenes/coffee/reach",),
    "scenes/coffee/drink": ("scenes/coffee/pour",),
    "scenes/coffee/alone": (),
}


def test_a_target_needs_all_that_it_starts_from_near_and_far():
    assert closure(COFFEE, ["scenes/coffee/drink"]) == COFFEE.keys() - {"scenes/coffee/alone"}
    assert closure(COFFEE, ["scenes/coffee/alone"]) == {"scenes/coffee/alone"}
    assert closure(COFFEE, []) == set()


def test_what_stands_only_as_an_input_needs_nothing():
    assert closure({"a": ["b"]}, ["a"]) == {"a", "b"}


def test_on_random_graphs_the_closure_is_the_smallest_set_that_nothing_leads_out_of():
    for seed in range(300):
        rng = random.Random(seed)
        names = [f"t{at}" for at in range(rng.randint(1, 12))]
        edges = {one: rng.sample(names, rng.randint(0, min(3, len(names)))) for one in names}
        starts = rng.sample(names, rng.randint(0, len(names)))
        found = closure(edges, starts)
        assert all(step in found for one in found for step in edges[one])
        reached = set(starts)
        for _ in names:
            reached |= {step for one in reached for step in edges[one]}
        assert found == reached


def test_a_chain_of_a_hundred_thousand_is_no_trouble():
    chain = {f"t{at}": [f"t{at + 1}"] for at in range(100_000)}
    assert len(closure(chain, ["t0"])) == 100_001
