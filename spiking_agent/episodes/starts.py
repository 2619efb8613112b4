"""Seeds of episodes that begin in all the states in which a table's episodes can begin."""

from typing import Final

import numpy as np

from spiking_agent.environments.tables.generator import generators
from spiking_agent.environments.tables.lanes import begin, make_games
from spiking_agent.environments.tables.table import Table
from spiking_agent.typing import Int64Array

MIN_SEEDS: Final = 4096
SEEDS_A_START: Final = 16  # on average


class Starts:
    """Seeds by the state in which their episodes begin.

    Parameters
    ----------
    table : Table
        The transitions.
    rng : Generator
        Source of the seeds, of which there are some thousand.
    low, high : int
        Range of the seeds, from `low`, below `high`.
    """

    def __init__(self, table: Table, rng: np.random.Generator, low: int, high: int) -> None:
        seeds = rng.integers(low, high, max(MIN_SEEDS, SEEDS_A_START * table.n_starts))
        games = make_games(table, len(seeds))
        games.rng[:] = generators(seeds)
        begin(games)
        order = np.argsort(games.state, kind="stable")
        _, first = np.unique(games.state[order], return_index=True)
        self._by_start = np.split(seeds[order], first[1:])

    def draw(self, n_episodes: int, rng: np.random.Generator) -> Int64Array:
        """Return seeds of episodes, as many for each start as for the others, give or take one.

        Parameters
        ----------
        n_episodes : int
            Number of seeds.
        rng : Generator
            Source of the draws.
        """
        n_starts = len(self._by_start)
        starts = np.concatenate(
            [rng.permutation(n_starts) for _ in range(-(-n_episodes // n_starts))]
        )[:n_episodes]
        drawn = rng.random(n_episodes)
        return np.array(
            [
                self._by_start[start][int(part * len(self._by_start[start]))]
                for start, part in zip(starts, drawn, strict=True)
            ],
            np.int64,
        )
