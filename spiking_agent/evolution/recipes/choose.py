"""The choice of a recipe for an environment."""

from collections.abc import Mapping
from typing import Any, Final

import gymnasium as gym

from spiking_agent.codec.spaces import has_real_numbers
from spiking_agent.environments.source import PLAY_ERRORS, EnvSource
from spiking_agent.evolution.config import EvolutionConfig
from spiking_agent.evolution.recipes.real_numbers import (
    ENCODER,
    OF_REAL_NUMBERS,
    STRATEGY,
    real_recipe,
)
from spiking_agent.evolution.recipes.snake import SNAKE, snake_recipe, without_genetics

# Settings for an environment whatever the strategy. Short episodes in training save the time of
# brains that achieve nothing, and favour those that reach the goal soon.
OF_ENVIRONMENT: Final[dict[str, dict[str, Any]]] = {
    "Acrobot-v1": {"training_kwargs": {"max_episode_steps": 200}},
    "LunarLander-v3": {"training_kwargs": {"max_episode_steps": 400}},
    "Pendulum-v1": {"target": -200.0},  # it is registered without one
    # Without a time limit most brains walk to and fro forever; and all episodes are the same.
    "CliffWalking-v1": {
        "max_moves": 200,
        "training_kwargs": {"max_episode_steps": 50},
        "n_episodes": 1,
        "n_validation": 1,
    },
    "CliffWalkingSlippery-v1": {"max_moves": 200},
}


def recipe(
    source: EnvSource,
    *,
    observation_space: gym.Space[Any] | None = None,
    strategy: str | None = None,
    encoder: str | Mapping[str, Any] | None = None,
    score_key: str | None = None,
) -> EvolutionConfig:
    """Return the default settings for an environment.

    Parameters
    ----------
    source : EnvSource
        The environment; its own keyword arguments override the recipe's.
    observation_space : gymnasium.Space, optional
        Its observation space if that is known; otherwise an environment is made to find it.
    strategy, encoder, score_key : optional
        Settings that were chosen, as in `EvolutionConfig`. The others are chosen to fit them: for
        example, there is no default target if the fitness is not the sum of rewards.

    Notes
    -----
    Outside Snake, environments whose observations hold real numbers have a recipe with "cma-es"
    and "on-off", because brains weigh such numbers in sums. If there are no real numbers, each
    observation has inputs of its own, as in a table, and the genetic algorithm combines single
    genes, with the defaults of `EvolutionConfig`. So does any other strategy or encoder.
    """
    config = EvolutionConfig.of(source.env, env_kwargs=dict(source.kwargs))
    kind = encoder.get("kind") if isinstance(encoder, Mapping) else encoder
    if source.env_id == SNAKE:
        config = snake_recipe(config)
        if strategy not in (None, config.strategy.name):
            config = without_genetics(config)
    else:
        if observation_space is None:
            observation_space = _observation_space(source)  # also imports its module
        is_table = observation_space is not None and not has_real_numbers(observation_space)
        chosen = strategy or (config.strategy.name if is_table else STRATEGY)
        if chosen == STRATEGY and kind in (None, ENCODER):
            config = real_recipe(config).changed(**OF_REAL_NUMBERS.get(source.name, {}))
        config = config.changed(target=source.reward_threshold)
        config = config.changed(**OF_ENVIRONMENT.get(source.name, {}))
        if score_key is not None:
            config = config.changed(target=None)
    wanted = {"strategy": strategy, "encoder": encoder, "score_key": score_key}
    return config.changed(**{name: value for name, value in wanted.items() if value is not None})


def _observation_space(source: EnvSource) -> gym.Space[Any] | None:
    try:
        env = source.make()
    except PLAY_ERRORS:
        return None  # making it for play will raise the error
    try:
        return env.observation_space
    finally:
        env.close()
