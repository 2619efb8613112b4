"""What became of episodes, and the seeds that they were played on."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from spiking_agent.checks.words import shown

FloatArray = npt.NDArray[np.float64]
SeedArray = npt.NDArray[np.int64]


class EpisodeResults(NamedTuple):
    """What became of episodes; every array has shape (n_genomes, n_episodes)."""

    fitness: FloatArray  # the score in the last info if a `score_key` names it, else the reward
    total_reward: FloatArray
    n_moves: npt.NDArray[np.int64]
    is_solved: FloatArray  # 1 or 0 as the last info says ("outcome", "is_success"), NaN if silent

    @classmethod
    def empty(cls, *shape: int) -> "EpisodeResults":
        """Results to be filled in."""
        return cls(
            np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64), np.full(shape, np.nan)
        )

    def merit(self, solved_bonus: float, solved_move_cost: float) -> FloatArray:
        """Mean fitness of each genome, with what it earns by solving episodes, quickly.

        Parameters
        ----------
        solved_bonus : float
            What a solved episode earns beside its fitness.
        solved_move_cost : float
            What each move of a solved episode costs; others pay nothing. It should leave something
            of the bonus: after ``solved_bonus / solved_move_cost`` moves giving up would pay.

        Returns
        -------
        ndarray of float, shape (n_genomes,)
        """
        bonus = np.where(self.is_solved == 1.0, solved_bonus - solved_move_cost * self.n_moves, 0.0)
        mean: FloatArray = (self.fitness + bonus).mean(axis=1)
        return mean


def each_seed(n_genomes: int, seeds: Sequence[int] | SeedArray) -> SeedArray:
    """Return the seed of every episode of every genome.

    Parameters
    ----------
    n_genomes : int
        Rows of the result.
    seeds : sequence of int, or ndarray of int64, shape (1 or n_genomes, n_episodes)
        One for each episode, the same for every genome; or each genome's own.

    Returns
    -------
    ndarray of int64, shape (n_genomes, n_episodes)
    """
    given = np.asarray(seeds, np.int64)
    return np.broadcast_to(given, (n_genomes, given.shape[-1]))


def as_number(name: str, value: Any) -> float:
    """Return what an environment gives as a number, also where it is an array of a single one.

    Raises
    ------
    ValueError
        If it is no number, or more than one.
    """
    if type(value) is float:  # as nearly always
        return value
    try:
        array = np.asarray(value)
        if array.size != 1 or array.dtype.kind not in "biufO":
            raise TypeError(f"{array.size} of {array.dtype}")
        return float(array.reshape(-1)[0])
    except (OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number, got {shown(value)}") from error
