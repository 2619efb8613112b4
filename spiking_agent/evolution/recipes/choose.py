"""The choice of a recipe for an environment."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import gymnasium as gym

from spiking_agent.checks.arguments import choice
from spiking_agent.codec.spaces import has_real_numbers
from spiking_agent.environments.source import PLAY_ERRORS, EnvSource
from spiking_agent.evolution.recipes.boards import SNAKE, without_genetics
from spiking_agent.evolution.recipes.grown import grown_recipe
from spiking_agent.evolution.recipes.player import player_recipe
from spiking_agent.evolution.recipes.real_numbers import (
    ENCODER,
    OF_REAL_NUMBERS,
    STRATEGY,
    real_recipe,
)
from spiking_agent.evolution.recipes.senses import senses_recipe
from spiking_agent.evolution.settings.config import EvolutionConfig

RECIPES: Final[dict[str, Callable[[EvolutionConfig], EvolutionConfig]]] = {  # of Snake
    "grown": grown_recipe,
    "senses": senses_recipe,
}
DEFAULT: Final = "grown"
# What "grown" is made for. Any other choice leads to "senses", which takes them all.
OF_GROWN: Final = {"observation": "planes", "dna": "grown", "encoder": "grid"}
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
    name: str | None = None,
    observation_space: gym.Space[Any] | None = None,
    strategy: str | None = None,
    dna: str | None = None,
    encoder: str | Mapping[str, Any] | None = None,
    score_key: str | None = None,
) -> EvolutionConfig:
    """Return the default settings for an environment.

    Parameters
    ----------
    source : EnvSource
        The environment; its own keyword arguments override the recipe's.
    name : {"grown", "senses"}, optional
        Which of the recipes for Snake; default: "grown", or "senses" where the observation, the DNA
        or the encoder was chosen and is not that of "grown" ("planes", "grown" and "grid").
    observation_space : gymnasium.Space, optional
        Its observation space if that is known; otherwise an environment is made to find it.
    strategy, dna, encoder, score_key : optional
        Settings that were chosen, as in `EvolutionConfig`. The others are chosen to fit them: for
        example, there is no default target if the fitness is not the sum of rewards.

    Raises
    ------
    ValueError
        If there is no recipe of that name for the environment, or if it is "grown" and something
        else was chosen that contradicts it.

    Notes
    -----
    Outside Snake, environments whose observations hold real numbers have a recipe with "cma-es"
    and "on-off", because brains weigh such numbers in sums. If there are no real numbers, each
    observation has inputs of its own, as in a table, and the genetic algorithm combines single
    genes, with the defaults of `EvolutionConfig`. So does any other strategy or encoder. Grown DNA
    has a recipe for games with a player on a grid.
    """
    config = EvolutionConfig.of(source.env, env_kwargs=dict(source.kwargs))
    if source.env_id == SNAKE:
        against = _against_grown(config.task.env_kwargs, dna, encoder)
        if against is not None and name == "grown":
            raise ValueError(f"{against}: leave out the recipe, or choose 'senses'")
        fitting = DEFAULT if against is None else "senses"
        config = RECIPES[choice("recipe", name or fitting, RECIPES)](config)
        if strategy not in (None, config.strategy.name):
            config = without_genetics(config)
    elif name is not None:
        raise ValueError(f"recipe must be left out, unless for {SNAKE}, got {name!r}")
    elif dna == OF_GROWN["dna"]:
        config = _of_environment(player_recipe(config), source, score_key)
    else:
        if observation_space is None:
            observation_space = _observation_space(source)  # also imports its module
        is_table = observation_space is not None and not has_real_numbers(observation_space)
        chosen = strategy or (config.strategy.name if is_table else STRATEGY)
        if chosen == STRATEGY and _kind(encoder) in (None, ENCODER):
            config = real_recipe(config).changed(**OF_REAL_NUMBERS.get(source.name, {}))
        config = _of_environment(config, source, score_key)
    wanted = {"strategy": strategy, "dna": dna, "encoder": encoder, "score_key": score_key}
    return config.changed(**{name: value for name, value in wanted.items() if value is not None})


def _of_environment(
    config: EvolutionConfig, source: EnvSource, score_key: str | None
) -> EvolutionConfig:
    """Return settings with the target of an environment, and what it needs with any strategy."""
    config = config.changed(target=source.reward_threshold)
    config = config.changed(**OF_ENVIRONMENT.get(source.name, {}))
    return config if score_key is None else config.changed(target=None)


def name_of(config: EvolutionConfig) -> str | None:
    """Return the name of the recipe from which settings come; None if its environment has one only.

    Parameters
    ----------
    config : EvolutionConfig
        The settings, perhaps with some changed.
    """
    if config.task.env_id != SNAKE:
        return None
    against = _against_grown(config.task.env_kwargs, config.dna.name, config.codec.encoder)
    return "grown" if against is None else "senses"


def _against_grown(
    env_kwargs: Mapping[str, Any], dna: str | None, encoder: str | Mapping[str, Any] | None
) -> str | None:
    """Return why choices exclude the recipe "grown", as an error message; None if they do not.

    Choices that were not made are None, or missing from the arguments of the environment.
    """
    kind = _kind(encoder)
    chosen = {"observation": env_kwargs.get("observation"), "dna": dna, "encoder": kind}
    for name, fitting in OF_GROWN.items():
        if chosen[name] not in (None, fitting):
            return f"{name} must be {fitting!r} with recipe 'grown', got {chosen[name]!r}"
    return None


def _kind(encoder: str | Mapping[str, Any] | None) -> Any:
    """Return the name of an encoder; None if there is none."""
    return encoder.get("kind") if isinstance(encoder, Mapping) else encoder


def _observation_space(source: EnvSource) -> gym.Space[Any] | None:
    try:
        env = source.make()
    except PLAY_ERRORS:
        return None  # making it for play will raise the error
    try:
        return env.observation_space
    finally:
        env.close()
