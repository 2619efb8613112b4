"""Random episodes, from which bounds of observations are learned."""

import copy
from collections.abc import Mapping
from typing import Any, Final

import gymnasium as gym
import numpy as np

from spiking_agent.codec.decoders.base import NO_CHOICE, Decoder

N_EPISODES: Final = 10
MAX_MOVES: Final = 10_000  # of one of them, for environments without an end
N_RANDOM_MOVES: Final = N_EPISODES * MAX_MOVES
MAX_SEED: Final = 2**31
RANDOM_SPIKES: Final = 2**20  # of an output, at most: so many that two seldom have as many


def random_observations(
    env: gym.Env[Any, Any],
    decoder: Decoder,
    rng: np.random.Generator,
    max_moves: int | None = None,
    n_moves: int = N_RANDOM_MOVES,
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
    n_moves : int
        Moves of all episodes together, >= 1, after which no more are made.

    Raises
    ------
    ValueError
        If a mask allows no action.
    """
    longest = MAX_MOVES if max_moves is None else min(max_moves, MAX_MOVES)
    samples, n_left = [], n_moves
    env.action_space.seed(int(rng.integers(MAX_SEED)))
    for _ in range(N_EPISODES):
        observation, info = env.reset(seed=int(rng.integers(MAX_SEED)))
        samples.append(copy.deepcopy(observation))  # some environments use their array again
        for _ in range(min(longest, n_left)):
            action = random_action(env, decoder, info, rng)
            observation, _, terminated, truncated, info = env.step(action)
            samples.append(copy.deepcopy(observation))
            n_left -= 1
            if terminated or truncated:
                break
        if n_left == 0:
            break
    return samples


def random_action(
    env: gym.Env[Any, Any], decoder: Decoder, info: Mapping[str, Any], rng: np.random.Generator
) -> Any:
    """Return a random action of those that are legal.

    Parameters
    ----------
    env : gymnasium.Env
        The environment.
    decoder : Decoder
        What a mask is read by.
    info : mapping
        The last info, whose "action_mask" says which are legal; all are if it has none.
    rng : Generator
        Source of the action where there is a mask, otherwise the action space is.

    Raises
    ------
    ValueError
        If the mask allows no action.
    """
    mask = info.get("action_mask")
    return env.action_space.sample() if mask is None else _random_legal(decoder, mask, rng)


def _random_legal(decoder: Decoder, mask: Any, rng: np.random.Generator) -> Any:
    """Return an action decoded from random spikes, so that the mask means what it does in play."""
    counts = rng.integers(RANDOM_SPIKES + 1, size=(1, decoder.n_outputs), dtype=np.int32)
    choices = np.full((1, decoder.n_choices), NO_CHOICE, np.int32)
    actions, _ = decoder.decode(counts, RANDOM_SPIKES, choices, decoder.flat_mask(mask)[None])
    return decoder.single(actions, 0)
