"""Results of episodes, and the seeds on which they are played."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from spiking_agent.checks.words import shown
from spiking_agent.typing import Float64Array, Int64Array

SeedArray = Int64Array


class EpisodeResults(NamedTuple):
    """Results of episodes; every array has shape (n_genomes, n_episodes)."""

    fitness: Float64Array  # the score in the last info if there is a `score_key`, else the reward
    total_reward: Float64Array
    n_moves: Int64Array
    is_solved: (
        Float64Array  # 1 or 0 from "outcome" or "is_success" in the last info, NaN if neither
    )

    @classmethod
    def empty(cls, *shape: int) -> "EpisodeResults":
        """Return results to be filled in.

        Parameters
        ----------
        *shape : int
            Genomes, and episodes of each.
        """
        return cls(
            np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64), np.full(shape, np.nan)
        )

    def joined(self, others: "EpisodeResults") -> "EpisodeResults":
        """Return these episodes of each genome, and others of it after them.

        Parameters
        ----------
        others : EpisodeResults
            Results of the same genomes.
        """
        pairs = zip(self, others, strict=True)
        return EpisodeResults(*(np.concatenate(pair, axis=1) for pair in pairs))

    def merit(self, solved_bonus: float, solved_move_cost: float) -> Float64Array:
        """Return the mean fitness of each genome, with a bonus for solving episodes quickly.

        Parameters
        ----------
        solved_bonus : float
            Added to the fitness of a solved episode.
        solved_move_cost : float
            Subtracted for each move of a solved episode, not of others. It must be small: after
            ``solved_bonus / solved_move_cost`` moves it is better not to solve the episode.

        Returns
        -------
        ndarray of float, shape (n_genomes,)
        """
        bonus = np.where(self.is_solved == 1.0, solved_bonus - solved_move_cost * self.n_moves, 0.0)
        mean: Float64Array = (self.fitness + bonus).mean(axis=1)
        return mean


def each_seed(n_genomes: int, seeds: Sequence[int] | SeedArray) -> SeedArray:
    """Return the seed of every episode of every genome.

    Parameters
    ----------
    n_genomes : int
        Rows of the result.
    seeds : sequence of int, or ndarray of int64, shape (1 or n_genomes, n_episodes)
        One for each episode, the same for every genome or different for each.

    Returns
    -------
    ndarray of int64, shape (n_genomes, n_episodes)
    """
    given = np.asarray(seeds, np.int64)
    return np.broadcast_to(given, (n_genomes, given.shape[-1]))


def as_number(name: str, value: Any) -> float:
    """Return a number of an environment as a float, even if it is an array of one number.

    Parameters
    ----------
    name : str
        What messages call the value.
    value : object
        Any object.

    Raises
    ------
    ValueError
        If it is not a number, or several numbers.
    """
    if type(value) is float:  # nearly always
        return value
    try:
        array = np.asarray(value)
        if array.size != 1 or array.dtype.kind not in "biufO":
            raise TypeError(f"{array.size} of {array.dtype}")
        return float(array.reshape(-1)[0])
    except (OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number, got {shown(value)}") from error
