"""The plan with a wave: what a brain can know of the food is when its spikes arrive."""

from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.testing as npt
import pytest
from random_plans import grown

import spiking_agent
from spiking_agent.brain.engines import make_engine
from spiking_agent.dna.grown.growth import grow
from spiking_agent.dna.grown.lesions import strengths_left
from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.dna.grown.plans.wave import LATE, N_TICKS
from spiking_agent.organism.evaluation import lesioned

CHAMPION = Path(__file__).parents[4] / "docs" / "wave.npz"
SHAPE = (5, 6)
BOARD = """
......
.bbb..
.bhb..
.b.bf.
......
"""
GENES = {  # of a wave that runs along rows and columns
    "food > W, radial at 0": 60,
    "body > W, radial at 0": -120,
    "head > W, radial at 0": -120,
    "W > W, radial at 1": 60,
    "late > W, bias strength": 60,
    "W > R, kernel (-1, +0)": 60,
    "W threshold": 28,
    "W decay": 0,
}


def cells(board: str, letter: str) -> set[int]:
    return {place for place, cell in enumerate("".join(board.split())) if cell == letter}


def play(board: str, without: tuple[str, ...] = ()) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return spikes of each neuron of W, the tick of its first (0 if none), and outputs' counts."""
    dna = grown(PLANS["snake-wave"], SHAPE)
    assert dna.plan.n_ticks == N_TICKS
    genome = np.zeros((1, dna.genes.n_genes), np.float32)
    for name, value in GENES.items():
        unit = 1.0 if name in ("W threshold", "W decay") else dna.plan.unit
        genome[0, dna.genes.names.index(name)] = value / unit
    left = strengths_left(dna.layout, without) if without else None
    tissue = grow(dna.layout, genome, SHAPE, left)
    drive = np.zeros((1, 1, len(tissue.input_neurons)), np.uint8)
    for channel, letter in enumerate("bhf"):
        drive[0, 0, [channel * tissue.n_cells + cell for cell in cells(board, letter)]] = 1
    drive[0, 0, -1] = 1
    with make_engine("compiled", tissue, carry_state="impulses", record=True) as engine:
        counts = engine.decide(drive, N_TICKS)[0]
        raster = engine.raster(0)
    begin = tissue.first[dna.layout.places["W"][0, None]]
    n_spikes, first = np.zeros(SHAPE, int), np.zeros(SHAPE, int)
    for tick, neuron in raster[::-1]:
        if begin <= neuron < begin + tissue.n_cells:
            n_spikes.flat[neuron - begin] += 1
            first.flat[neuron - begin] = tick
    return n_spikes, first, counts


def distances(board: str) -> np.ndarray:
    """Steps from the food to each cell on free cells, from 1 at the food; 0 where no way leads."""
    n_rows, n_cols = SHAPE
    free = cells(board, ".") | cells(board, "f")
    found, reached = np.zeros(n_rows * n_cols, int), deque(cells(board, "f"))
    found[list(reached)] = 1
    while reached:
        row, col = divmod(reached.popleft(), n_cols)
        for r, c in ((row - 1, col), (row + 1, col), (row, col - 1), (row, col + 1)):
            cell = r * n_cols + c
            if 0 <= r < n_rows and 0 <= c < n_cols and cell in free and not found[cell]:
                found[cell] = found[row * n_cols + col] + 1
                reached.append(cell)
    return found.reshape(SHAPE)


def test_the_wave_reaches_each_free_cell_after_as_many_ticks_as_there_are_steps() -> None:
    n_spikes, first, counts = play(BOARD)
    expected = distances(BOARD)
    assert expected.max() == 9
    npt.assert_array_equal(first, expected)
    npt.assert_array_equal(n_spikes, expected > 0)  # once each: only the time says anything
    assert counts[2] == N_TICKS - first[3, 2] - 1  # R fires one tick later, then the output
    assert not counts[[0, 1, 3]].any()


def test_the_side_that_is_reached_first_wins() -> None:
    _, first, counts = play(BOARD.replace(".bbb..", ".b.b.."))
    assert (first[1, 2], first[3, 2]) == (7, 5)
    assert counts.argmax() == 2
    assert counts[2] - counts[0] == 7 - 5


def test_without_a_wave_free_cells_are_told_from_others_late() -> None:
    boxed = """
    .bbb..
    .bh.b.
    .bbbb.
    ......
    ..f...
    """
    _, first, counts = play(boxed)
    assert first[1, 3] == LATE + 1
    assert counts.argmax() == 1
    assert not counts[[0, 2, 3]].any()


@pytest.mark.parametrize("without", ["W > W", "food", "W"])
def test_nothing_else_says_where_the_food_is(without: str) -> None:
    two_ways = BOARD.replace(".bbb..", ".b.b..")
    _, first, counts = play(two_ways, (without,))
    assert not ((first > 1) & (first <= LATE)).any()
    assert counts[0] == counts[2] < N_TICKS - LATE


@pytest.mark.slow
def test_the_champion_of_the_page_is_lost_without_the_wave_or_without_its_timing() -> None:
    champion = spiking_agent.Organism.load(CHAMPION)
    plan = champion.brain.plan
    assert plan == PLANS["snake-wave"]
    move = replace(plan.find("move"), threshold=0.5, decay=0.0, soft_reset=False)
    layers = tuple(move if layer.name == "move" else layer for layer in plan.layers)
    rules = tuple(
        replace(rule, strength=1) if rule.target == "move" else rule for rule in plan.rules
    )
    by_count = replace(plan, layers=layers, rules=rules)
    organisms = {
        "whole": champion,
        "no wave": lesioned(champion, "W > W"),
        "no timing": replace(champion, brain=replace(champion.brain, plan=by_count)),
    }
    means = {
        name: spiking_agent.evaluate(one, episodes=40, workers=1).mean
        for name, one in organisms.items()
    }
    assert means["whole"] > 15
    assert means["no wave"] < 2
    assert means["no timing"] < 5
