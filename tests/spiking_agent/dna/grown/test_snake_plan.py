"""Snake's plan: what its cells for length and hunger do, and that it is one the engine likes."""

from collections import defaultdict

import numpy as np
import pytest
from naive_growth import spread_out
from random_plans import grown

from spiking_agent.brain.sheets.rules import Far, Kernel, Link, Sum
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.dna.grown.plans.snake import LENGTHS

N_TICKS = 14
SHAPE = (4, 5)


def play(lengths: list[int]) -> dict[str, list[list[int]]]:
    """Return at which ticks of each move the single neurons fire, for given lengths of the snake.

    All of them keep their impulses in flight; what else they keep does not matter without decay.
    """
    dna = grown(PLANS["snake"], SHAPE)
    tissue = dna.grow(np.zeros((1, dna.genes.n_genes), np.float32))
    names = [group.name for group in tissue.groups]
    cells = {
        int(tissue.first[k]): k
        for k, group in enumerate(tissue.groups)
        if not group.is_sheet and k not in (*tissue.inputs, *tissue.outputs)
    }
    always = int(tissue.input_neurons[-1])
    by_source: dict[int, list] = defaultdict(list)
    for (source, target, delay), strength in spread_out(tissue, 0).items():
        if target in cells:
            by_source[source].append((target, delay, strength))
    arriving: dict[tuple[int, int], int] = defaultdict(int)
    potential = dict.fromkeys(cells, 0.0)
    fired: dict[str, list[list[int]]] = {names[k]: [] for k in cells.values()}
    for move, length in enumerate(lengths):
        for ticks in fired.values():
            ticks.append([])
        for tick in range(N_TICKS):
            now = move * N_TICKS + tick
            driven = [*range(length - 1), always]  # the head is no body cell
            for source in driven:
                for target, delay, strength in by_source[source]:
                    arriving[target, now + 1 + delay] += strength
            for cell, group in cells.items():
                decay, threshold = tissue.decay[0, group], tissue.threshold[0, group]
                potential[cell] = potential[cell] * decay + arriving.pop((cell, now + 1), 0)
                if potential[cell] > threshold:
                    potential[cell] = 0.0
                    fired[names[group]][move].append(tick)
                    for target, delay, strength in by_source[cell]:
                        arriving[target, now + 2 + delay] += strength
    return fired


def test_growth_fires_at_every_tick_of_a_move_with_more_body_than_the_one_before() -> None:
    fired = play([3, 3, 4, 4, 4, 5, 6, 6])
    every = list(range(N_TICKS))
    assert fired["growth"] == [every, [], every, [], [], every, every, []]


def test_hunger_begins_after_a_share_of_the_board_and_ends_with_growth() -> None:
    n_hungry = round(0.6 * SHAPE[0] * SHAPE[1])
    starving = [3] * (2 + 2 * n_hungry + 5)
    fired = play([*starving, 4, 4, 4])
    is_on = [len(ticks) == N_TICKS for ticks in fired["hungry"]]
    begin = is_on.index(True)
    assert n_hungry <= begin <= n_hungry + 2
    assert not any(ticks for ticks in fired["hungry"][: begin - 1])
    assert all(is_on[begin : len(starving)])
    grew = fired["hungry"][len(starving)]
    assert grew == list(range(len(grew)))
    assert len(grew) <= 3
    assert fired["hungry"][len(starving) + 1 :] == [[], []]


def test_hunger_counts_from_the_last_growth() -> None:
    fired = play([3, *[4] * 12, *[5] * 12, *[6] * 5])
    assert not any(fired["hungry"])


@pytest.mark.parametrize("length", [3, 5, 9, 20])
def test_a_length_cell_fires_while_the_snake_has_its_share_of_the_board(length: int) -> None:
    fired = play([length] * 2)
    for place, share in enumerate(LENGTHS):
        expected = max(4, round(share * SHAPE[0] * SHAPE[1])) <= length
        assert fired[f"length {place + 1}"] == [list(range(N_TICKS)) if expected else []] * 2


@pytest.mark.parametrize("name", PLANS)
def test_only_what_the_head_lets_through_is_heard_and_nothing_hidden_feeds_back(name: str) -> None:
    dna = grown(PLANS[name], SHAPE)
    tissue = dna.grow(np.ones((1, dna.genes.n_genes), np.float32))
    is_sheet = [group.is_sheet for group in tissue.groups]
    places = dna.layout.places
    gates = set(places["R"].values())
    head = places["head"][0, None]
    hidden = {k for k in range(len(is_sheet)) if is_sheet[k] and k not in tissue.inputs}
    singles = {k for k in range(len(is_sheet)) if not is_sheet[k]} - set(tissue.outputs)
    for rule in tissue.rules:
        if rule.target in singles:  # driven by input sheets and single neurons only
            assert isinstance(rule, Sum) <= (rule.source in tissue.inputs)
            assert isinstance(rule, Sum | Link)
        if rule.target in tissue.outputs:
            assert rule.source in gates
        assert rule.source not in tissue.outputs
    kernels = [r for r in tissue.rules if isinstance(r, Kernel | Far) and r.source in hidden]
    order = {k: place for place, k in enumerate(sorted(hidden))}
    assert all(order[rule.source] < order[rule.target] for rule in kernels)  # no cycle
    for gate in gates:
        into = [rule for rule in tissue.rules if rule.target == gate]
        others = sum(int(r.strength.max()) for r in into if r.source != head)
        assert tissue.decay[0, gate] == 0
        assert others <= tissue.threshold[0, gate]
        assert all(rule.strength.shape[1:] == (1, 1) for rule in into)
    layers = {layer.name: layer for layer in dna.plan.layers}
    assert all(layer.kept == 0 for layer in layers.values() if layer.is_sheet)
    assert {layers[k].kept for k in ("length", "growth", "hungry", "echo")} == {1}
    assert layers["hunger"].kept == 2
