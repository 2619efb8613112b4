"""Evaluation of an organism: many episodes on held-out seeds."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np

from spiking_agent.brain.lesions import PARTS, without
from spiking_agent.checks.arguments import instance, text, whole
from spiking_agent.checks.costs import MAX_LANES
from spiking_agent.checks.words import shown
from spiking_agent.codec.names import input_names
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.environments.source import EnvFactory
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.organism.organism import Organism

MAX_SEED = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Figures of an organism over held-out episodes.

    The fitness of an episode is its score if the organism was evolved with a score key, else the
    sum of its rewards.

    Parameters
    ----------
    episodes : int
        Number of the episodes.
    mean, standard_error, median, max : float
        Of the fitness; the standard error is that of the mean, NaN for a single episode.
    mean_return : float
        Mean of the sum of rewards.
    mean_moves : float
        Mean length of an episode, in moves.
    share_solved : float or None
        Share of the episodes that were solved, in [0, 1]; None if the environment does not report
        it.
    share_solved_low, share_solved_high : float or None
        Ends of its 95 % confidence interval.
    moves_to_solve : float or None
        Mean length of the solved episodes, in moves; None if there are none.
    """

    episodes: int
    mean: float
    standard_error: float
    median: float
    max: float
    mean_return: float
    mean_moves: float
    share_solved: float | None
    share_solved_low: float | None
    share_solved_high: float | None
    moves_to_solve: float | None

    @classmethod
    def of(cls, results: EpisodeResults) -> Self:
        """Return the figures of the episodes of one genome.

        Parameters
        ----------
        results : EpisodeResults
            Results of shape (1, n_episodes).
        """
        fitness, solved = results.fitness.ravel(), results.is_solved.ravel()
        is_silent = bool(np.isnan(solved).any())
        n_moves = results.n_moves.ravel()
        n = len(fitness)
        low, high = (None, None) if is_silent else wilson_interval(int(solved.sum()), n)
        return cls(
            episodes=n,
            mean=float(fitness.mean()),
            standard_error=float(fitness.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan"),
            median=float(np.median(fitness)),
            max=float(fitness.max()),
            mean_return=float(results.total_reward.mean()),
            mean_moves=float(n_moves.mean()),
            share_solved=None if is_silent else float(solved.mean()),
            share_solved_low=low,
            share_solved_high=high,
            moves_to_solve=float(n_moves[solved == 1].mean()) if (solved == 1).any() else None,
        )

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values; those that are missing or not finite are None."""
        return {
            k: v if v is not None and math.isfinite(v) else None for k, v in asdict(self).items()
        }


def wilson_interval(n_successes: int, n: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share.

    Parameters
    ----------
    n_successes, n : int
        Number of successes, and number of trials, n >= 1.

    Returns
    -------
    low, high : float
        Ends of the interval, in [0, 1]. It never has length 0, even if all trials succeed.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22(158), 1927.
    """
    z = 1.959964  # 95 % of the normal distribution lie within z standard deviations
    share = n_successes / n
    center = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = max(0.0, (center - half) / scale) if n_successes > 0 else 0.0  # rounded the right way
    high = min(1.0, (center + half) / scale) if n_successes < n else 1.0
    return low, high


def lesioned(
    organism: Organism,
    part: str,
    *,
    env: str | EnvFactory | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
) -> Organism:
    """Return a copy of an organism that lacks a part of its brain.

    Parameters
    ----------
    organism : Organism
        The organism, which is not changed.
    part : str
        Of a grown brain, patterns of parts of its plan, see `GrownBrain.silenced`, or else as for
        any other, see `lesions.without`; inputs have the names that `names.input_names` returns.
    env, env_kwargs
        See `Organism.env_source`.

    Raises
    ------
    ValueError
        If the brain has no such part.
    """
    _check_organism(organism)
    part = text("part", part)
    grown_error = None
    if isinstance(organism.brain, GrownBrain):
        try:
            return replace(organism, brain=organism.brain.silenced(part))
        except ValueError as error:
            grown_error = error
    with organism.env_source(env, env_kwargs).make() as made:
        names = input_names(organism.codec.encoder, made)
    try:
        return replace(organism, brain=without(organism.connectome, part, names))
    except ValueError as error:
        if grown_error is None:
            raise
        raise ValueError(
            f"{grown_error}; or {', '.join(PARTS)} or patterns of input names: {shown(names)}"
        ) from error


def evaluate(
    organism: Organism,
    *,
    episodes: int = 100,
    seed: int = 0,
    env: str | EnvFactory | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    workers: int = 1,
    max_envs: int | None = None,
) -> Evaluation:
    """Play held-out episodes with an organism, and return their figures.

    Parameters
    ----------
    organism, episodes, seed, env, env_kwargs, workers, max_envs
        See `held_out_episodes`.

    Raises
    ------
    ValueError
        If a number is out of range.
    EnvironmentMismatchError
        If the environment has other spaces than the organism.
    """
    return Evaluation.of(
        held_out_episodes(
            organism,
            episodes=episodes,
            seed=seed,
            env=env,
            env_kwargs=env_kwargs,
            workers=workers,
            max_envs=max_envs,
        )
    )


def held_out_episodes(
    organism: Organism,
    *,
    episodes: int = 100,
    seed: int = 0,
    env: str | EnvFactory | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    workers: int = 1,
    max_envs: int | None = None,
) -> EpisodeResults:
    """Play held-out episodes with an organism.

    Parameters
    ----------
    organism : Organism
        The player, with its own engine. If its brain is grown, it grows on the environment's grid.
    episodes : int
        Number of episodes, >= 1.
    seed : int
        Episode i has seed 3 * 2**30 + seed + i; from 0 to 2**62.
    env, env_kwargs
        See `Organism.env_source`.
    workers : int
        Processes that play; the figures are the same (but for live brains).
    max_envs : int, optional
        How many environments may be open at once; the figures are the same (but for live brains).

    Raises
    ------
    ValueError
        If a number is out of range.
    EnvironmentMismatchError
        If the environment has other spaces than the organism.
    """
    _check_organism(organism)
    episodes = whole("episodes", episodes, 1, MAX_LANES)
    seed = whole("seed", seed, 0, MAX_SEED, bound="2**62")
    source = organism.env_source(env, env_kwargs)
    organism = organism.fitting(source)
    source.make_checked(organism.observation_space, organism.action_space).close()
    with Evaluator(
        replace(organism.task, env=source.env, env_kwargs=source.kwargs),
        organism.codec,
        engine=organism.engine,
        max_envs=max_envs,
        workers=workers,
    ) as evaluator:
        first = RESULT_SEEDS + seed
        return evaluator.evaluate(organism.population, range(first, first + episodes))


def _check_organism(value: object) -> None:
    remedy = ": evolve() returns one, and Organism.load(path) reads one from a champion file"
    instance("organism", value, Organism, remedy)
