"""Which recipe an environment gets."""

from collections.abc import Mapping
from typing import Any, Final

import gymnasium as gym

from spiking_agent.codec.spaces import has_real_numbers
from spiking_agent.episodes.environments import PLAY_ERRORS, EnvSource
from spiking_agent.evolution.config import EvolutionConfig
from spiking_agent.evolution.recipes.real_numbers import (
    ENCODER,
    OF_REAL_NUMBERS,
    STRATEGY,
    real_recipe,
)
from spiking_agent.evolution.recipes.snake import SNAKE, snake_recipe, without_genetics

# What holds for an environment whatever evolves. Short episodes in training save what brains that
# achieve nothing would go on for, and reward those that get there soon.
OF_ENVIRONMENT: Final[dict[str, dict[str, Any]]] = {
    "Acrobot-v1": {"training_kwargs": {"max_episode_steps": 200}},
    "LunarLander-v3": {"training_kwargs": {"max_episode_steps": 400}},
    "Pendulum-v1": {"target": -200.0},  # it is registered without one
    # Without a limit of time most brains walk to and fro for ever; and episodes are all the same.
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
    """Return the settings that we start from for an environment.

    Parameters
    ----------
    source : EnvSource
        The environment; its own keyword arguments come before the recipe's.
    observation_space : gymnasium.Space, optional
        What it shows, where that is known; otherwise one is made to see.
    strategy, encoder, score_key : optional
        What is wanted, as in `EvolutionConfig`. The other settings are those that fit it: another
        fitness than rewards has no target.

    Notes
    -----
    Outside of Snake, strengths are sums over real numbers where an environment shows any, for
    which there is a recipe with "cma-es" and "on-off". Where it shows none, what is seen stands
    for itself, as in a table, and the genetic algorithm combines single genes: it has the
    defaults of `EvolutionConfig`, as has any other strategy or encoder.
    """
    config = EvolutionConfig.of(source.env, env_kwargs=dict(source.kwargs))
    kind = encoder.get("kind") if isinstance(encoder, Mapping) else encoder
    if source.env_id == SNAKE:
        config = snake_recipe(config)
        if strategy not in (None, config.strategy.name):
            config = without_genetics(config)
    else:
        if observation_space is None:
            observation_space = _observation_space(source)  # imports its module, too
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
        return None  # whoever makes it to play hears why not
    try:
        return env.observation_space
    finally:
        env.close()
