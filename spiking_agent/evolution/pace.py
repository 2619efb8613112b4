"""How long a move takes, and sizes of a generation that fit a limit where moves are slow."""

import time
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from statistics import median
from typing import Final

import gymnasium as gym
import numpy as np

from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.encoders.bounds import has_open_bounds
from spiking_agent.codec.random_play import random_action
from spiking_agent.environments.source import PLAY_ERRORS
from spiking_agent.episodes.seeds import TRAINING_SEEDS
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.streams import STREAM_BOUNDS, generator
from spiking_agent.strategies.registry import STRATEGIES

SLOW_MOVE_S: Final = 0.003  # from here on, moves count as slow: those of Gymnasium take far less
N_TIMED: Final = 10  # moves that are timed, at most
TIMED_S: Final = 1.0  # no further move is timed after so long
USUAL_MOVES: Final = 200  # of an episode of unknown length
SHARE: Final = 0.1  # of the seconds of a run that its first generation may take
VALIDATION_SHARE: Final = 0.25  # of the episodes of that generation
LEAST_POPULATION: Final = 8
LEAST_VALIDATION: Final = 4
RANDOM_SHARE: Final = 0.05  # of the seconds of a run in which bounds are learned
RANDOM_S: Final = 5.0  # the same, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long the moves of an environment take.

    Parameters
    ----------
    move_s, reset_s : float
        Seconds of a move, and of the beginning of an episode.
    n_moves : int
        Moves of an episode, as far as is known.
    has_open_bounds : bool
        Whether bounds of its observations are learned from random episodes.
    """

    move_s: float
    reset_s: float = 0.0
    n_moves: int = USUAL_MOVES
    has_open_bounds: bool = False

    @property
    def is_slow(self) -> bool:
        """Whether moves take so long that next to nothing else matters."""
        return self.move_s >= SLOW_MOVE_S

    @property
    def episode_s(self) -> float:
        """Seconds of an episode."""
        return self.reset_s + self.n_moves * self.move_s


def timed(config: EvolutionConfig) -> Pace | None:
    """Return the pace of an environment, from some random moves.

    Parameters
    ----------
    config : EvolutionConfig
        The settings, which say what is played.

    Returns
    -------
    Pace or None
        None if it has a native vector, which is fast, or if it cannot be played.
    """
    source = config.task.source()
    try:
        if source.has_vector:
            return None
        with closing(source.make()) as env:
            return _timed(env, config)
    except PLAY_ERRORS:
        return None  # making it for play will raise the error


def _timed(env: gym.Env[object, object], config: EvolutionConfig) -> Pace:
    decoder, rng = make_decoder(env.action_space), generator(config.seed, STREAM_BOUNDS, 1)
    env.action_space.seed(int(rng.integers(TRAINING_SEEDS[1])))
    begun_s = time.perf_counter()
    moves_s: list[float] = []
    length: int | None = None
    _, info = env.reset(seed=int(rng.integers(*TRAINING_SEEDS)))
    reset_s = time.perf_counter() - begun_s
    while not moves_s or (
        len(moves_s) < N_TIMED and time.perf_counter() - begun_s < reset_s + TIMED_S
    ):
        action = random_action(env, decoder, info, rng)
        move_begun_s = time.perf_counter()
        _, _, terminated, truncated, info = env.step(action)
        moves_s.append(time.perf_counter() - move_begun_s)
        if terminated or truncated:
            length = len(moves_s)
            break
    spec = env.unwrapped.spec  # that of a wrapper is a copy, which not everything can be
    limits = (USUAL_MOVES, config.task.max_moves, spec and spec.max_episode_steps)
    encoder = config.codec.encoder
    return Pace(
        move_s=median(moves_s),
        reset_s=reset_s,
        n_moves=length or min(limit for limit in limits if limit),
        has_open_bounds=isinstance(encoder, str)
        and has_open_bounds(env.observation_space, encoder),
    )


def sized(
    config: EvolutionConfig, pace: Pace, seconds: float, workers: int, given: Collection[str]
) -> tuple[EvolutionConfig, str]:
    """Return settings whose first generation fits a limit of time, and what was changed and why.

    Parameters
    ----------
    config : EvolutionConfig
        The settings of a new run.
    pace : Pace
        How long moves take; if they are not slow, nothing is changed.
    seconds : float
        The limit of the run.
    workers : int
        Processes that play.
    given : collection of str
        Names of settings that are to stay as they are.

    Returns
    -------
    config : EvolutionConfig
        The settings, perhaps with smaller sizes.
    note : str
        One line; empty if nothing was changed.
    """
    if not pace.is_slow:
        return config, ""
    sizes = _sizes(config, SHARE * seconds * workers / pace.episode_s, given)
    if pace.has_open_bounds:
        n_moves = int(min(RANDOM_S, RANDOM_SHARE * seconds) / pace.move_s)
        sizes["n_random_moves"] = max(1, min(config.codec.n_random_moves, n_moves))
    before = config.settings()
    changes = {
        name: size for name, size in sizes.items() if name not in given and size < before[name]
    }
    if not changes:
        return config, ""
    words = ", ".join(f"{name} {size} instead of {before[name]}" for name, size in changes.items())
    reason = f"A move takes {1000 * pace.move_s:,.0f} ms, and there are {seconds:,g} s"
    return config.changed(**changes), f"{reason}: {words}"


def _sizes(config: EvolutionConfig, n_most: float, given: Collection[str]) -> dict[str, int]:
    """Return the sizes of a generation of so many episodes, or of as few as there may be."""
    n_validation = config.validation.n_validation
    n_episodes, population_size = config.training.n_episodes, config.population_size
    if "n_validation" not in given:
        n_validation = _between(LEAST_VALIDATION, VALIDATION_SHARE * n_most, n_validation)
    n_left = n_most - n_validation
    if "n_episodes" not in given:
        n_episodes = _between(1, n_left / population_size, n_episodes)
    # a strategy of another package may have rules of its own for its size
    if "population_size" not in given and config.strategy.name in STRATEGIES.own:
        population_size = _between(LEAST_POPULATION, n_left / n_episodes, population_size)
    return {
        "population_size": population_size,
        "n_episodes": n_episodes,
        "n_validation": n_validation,
    }


def _between(least: int, wanted: float, most: int) -> int:
    """Return a size as wanted, but not below the least one unless the largest is, either."""
    return min(most, max(least, int(np.floor(wanted))))
