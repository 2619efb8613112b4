"""The baseline goes round one cycle through all cells, and its brain does what its table says."""

import numpy as np
import pytest

from cycle_player import cycle_player, directions
from spiking_agent import evaluate

STEPS = [(-1, 0), (0, 1), (1, 0), (0, -1)]
SIZES = [(4, 4), (4, 5), (6, 4), (6, 7), (8, 8), (10, 10)]


@pytest.mark.parametrize("size", SIZES)
def test_the_directions_are_one_cycle_through_all_cells(size: tuple[int, int]) -> None:
    table = directions(*size)
    cell, seen = (0, 0), set()
    while cell not in seen:
        seen.add(cell)
        step = STEPS[table[cell]]
        cell = (cell[0] + step[0], cell[1] + step[1])
        assert 0 <= cell[0] < size[0]
        assert 0 <= cell[1] < size[1]
    assert cell == (0, 0)
    assert len(seen) == table.size


@pytest.mark.parametrize("size", SIZES[:4])
def test_the_snake_goes_where_the_table_says(size: tuple[int, int]) -> None:
    organism, table = cycle_player(*size), directions(*size)
    env = organism.make_env()
    observation, info = env.reset(seed=1)
    organism.reset()
    names = env.unwrapped.feature_names
    for _ in range(2 * table.size):
        on = {name for name, is_on in zip(names, observation, strict=True) if is_on}
        (cell,) = [cell for cell in np.ndindex(*size) if {f"row_{cell[0]}", f"col_{cell[1]}"} <= on]
        action = organism.act(observation, info)
        assert action == table[cell]
        observation, _, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            break
    organism.close()


@pytest.mark.slow
def test_it_clears_every_board() -> None:
    figures = evaluate(cycle_player(6, 7), episodes=20)
    assert figures.share_solved == 1.0
    assert figures.mean == 39
    assert figures.moves_to_solve > 2 * 39
