"""Random episodes, from which bounds of observations are learned."""

import copy
from typing import Any, Final

import gymnasium as gym
import numpy as np

from spiking_agent.codec.decoders.base import NO_CHOICE, Decoder

N_EPISODES: Final = 10
MAX_MOVES: Final = 10_000  # of one of them, for environments without an end
MAX_SEED: Final = 2**31
RANDOM_SPIKES: Final = 2**20  # of an output, at most: so many that two seldom have as many


def random_observations(
    env: gym.Env[Any, Any],
    decoder: Decoder,
    rng: np.random.Generator,
    max_moves: int | None = None,
) -> list[Any]:
    """Return copies of all observations of `N_EPISODES` random episodes.

    Parameters
    ----------
    env : gymnasium.Env
        The environment; actions are those that its ``info["action_mask"]`` allows.
    decoder : Decoder
        What a mask is read by.
    rng : Generator
        Source of seeds and actions.
    max_moves : int, optional
        Moves after which an episode is given up; never more than `MAX_MOVES`.

    Raises
    ------
    ValueError
        If a mask allows no action.
    """
    n_moves = MAX_MOVES if max_moves is None else min(max_moves, MAX_MOVES)
    samples = []
    env.action_space.seed(int(rng.integers(MAX_SEED)))
    for _ in range(N_EPISODES):
        observation, info = env.reset(seed=int(rng.integers(MAX_SEED)))
        samples.append(copy.deepcopy(observation))  # some environments use their array again
        for _ in range(n_moves):
            mask = info.get("action_mask")
            action = (
                env.action_space.sample() if mask is None else _random_legal(decoder, mask, rng)
            )
            observation, _, terminated, truncated, info = env.step(action)
            samples.append(copy.deepcopy(observation))
            if terminated or truncated:
                break
    return samples


def _random_legal(decoder: Decoder, mask: Any, rng: np.random.Generator) -> Any:
    """Return an action decoded from random spikes, so that the mask means what it does in play."""
    counts = rng.integers(RANDOM_SPIKES + 1, size=(1, decoder.n_outputs), dtype=np.int32)
    choices = np.full((1, decoder.n_choices), NO_CHOICE, np.int32)
    actions, _ = decoder.decode(counts, RANDOM_SPIKES, choices, decoder.flat_mask(mask)[None])
    return decoder.single(actions, 0)
