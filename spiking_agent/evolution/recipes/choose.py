"""The choice of a recipe for an environment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from spiking_agent.checks.arguments import choice
from spiking_agent.codec.spaces import Spaces
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.recipes.boards import SNAKE, without_genetics
from spiking_agent.evolution.recipes.grown import grown_recipe
from spiking_agent.evolution.recipes.memory import memory_recipe
from spiking_agent.evolution.recipes.player import player_recipe
from spiking_agent.evolution.recipes.real_numbers import (
    ENCODER,
    OF_REAL_NUMBERS,
    STRATEGY,
    real_recipe,
)
from spiking_agent.evolution.recipes.seen import Seen
from spiking_agent.evolution.recipes.senses import senses_recipe
from spiking_agent.evolution.recipes.table import table_recipe
from spiking_agent.evolution.recipes.wide import wide_recipe
from spiking_agent.evolution.settings.config import EvolutionConfig

OF_SNAKE: Final[dict[str, Callable[[EvolutionConfig], EvolutionConfig]]] = {
    "grown": grown_recipe,
    "senses": senses_recipe,
}
DEFAULT: Final = "grown"  # of Snake
# What "grown" is made for. Any other choice leads to "senses", which takes them all.
OF_GROWN: Final = {"observation": "planes", "dna": "grown", "encoder": "grid"}
GENETIC: Final = "genetic"
# For all other environments.
OF_OTHERS: Final[dict[str, Callable[[EvolutionConfig, Seen], EvolutionConfig]]] = {
    "real": lambda config, seen: real_recipe(config),
    "table": lambda config, seen: table_recipe(config, seen.n_states, seen.table),
    "wide": lambda config, seen: wide_recipe(config, has_choices=seen.has_choices),
    "memory": lambda config, seen: memory_recipe(config, has_real_numbers=seen.has_real_numbers),
    "grid": lambda config, seen: player_recipe(config),
    "plain": lambda config, seen: config,
}
RECIPES: Final = (*OF_SNAKE, *OF_OTHERS)
# Settings for an environment whatever the strategy. Short episodes in training save the time of
# brains that achieve nothing, and favour those that reach the goal soon.
OF_ENVIRONMENT: Final[dict[str, dict[str, Any]]] = {
    "Acrobot-v1": {"training_kwargs": {"max_episode_steps": 200}},
    "LunarLander-v3": {"training_kwargs": {"max_episode_steps": 400}},
    "Pendulum-v1": {"target": -200.0},  # it is registered without one
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A recipe that was chosen.

    Parameters
    ----------
    name : str
        Its name.
    reason : str
        Why, in a few words.
    config : EvolutionConfig
        The settings.
    """

    name: str
    reason: str
    config: EvolutionConfig

    def __str__(self) -> str:
        return f"Recipe {self.name!r}, because {self.reason}"


def recipe(source: EnvSource, **wanted: Any) -> EvolutionConfig:
    """Return the default settings for an environment.

    Parameters
    ----------
    source, **wanted
        As in `choose`.

    Raises
    ------
    ValueError
        See `choose`.
    """
    return choose(source, **wanted).config


def choose(
    source: EnvSource,
    *,
    name: str | None = None,
    spaces: Spaces | None = None,
    strategy: str | None = None,
    dna: str | None = None,
    encoder: str | Mapping[str, Any] | None = None,
    score_key: str | None = None,
) -> Choice:
    """Choose a recipe for an environment, by what brains see of it.

    Parameters
    ----------
    source : EnvSource
        The environment; its own keyword arguments override the recipe's.
    name : str, optional
        Name of the recipe: "grown" or "senses" for Snake, "real", "table", "wide", "memory",
        "grid" or "plain" for other environments. Default for Snake: "grown", or "senses" where the
        observation, the DNA or the encoder was chosen and is not that of "grown" ("planes",
        "grown" and "grid").
    spaces : (gymnasium.Space, gymnasium.Space), optional
        Its observation and action space if they are known; otherwise an environment is made to
        find them.
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
    Outside Snake, "real" is for observations that hold real numbers, because brains weigh such
    numbers in sums; "table" for those that are one of a list of states; and "wide" for some
    hundred whole numbers. Each is made for a strategy and an encoder: with others that were
    chosen, "plain" has the defaults of `EvolutionConfig`, as for a few whole numbers. Grown DNA
    leads to "grid", for games with a player on a grid. "memory", for what an observation alone does
    not show, is only taken if it is named.
    """
    config = EvolutionConfig.of(source.env, env_kwargs=dict(source.kwargs))
    wanted = {"strategy": strategy, "dna": dna, "encoder": encoder, "score_key": score_key}
    wanted = {setting: value for setting, value in wanted.items() if value is not None}
    if source.env_id == SNAKE:
        against = _against_grown(config.task.env_kwargs, dna, encoder)
        if against is not None and name == "grown":
            raise ValueError(f"{against}: leave out the recipe, or choose 'senses'")
        fitting = DEFAULT if against is None else "senses"
        reason = "the board is seen as it is" if against is None else f"not 'grown', as {against}"
        chosen = choice("recipe", name or fitting, OF_SNAKE)
        config = OF_SNAKE[chosen](config)
        if strategy not in (None, config.strategy.name):
            config = without_genetics(config)
    else:
        if name is not None:
            choice("recipe", name, OF_OTHERS)
        # without spaces, also imports its module
        seen = Seen.of(source) if spaces is None else Seen.in_spaces(*spaces)
        chosen, reason = _fitting(seen, wanted)
        chosen = name or chosen
        config = OF_OTHERS[chosen](config, seen)
        if chosen == "real":
            config = config.changed(**OF_REAL_NUMBERS.get(source.name, {}))
        config = _of_environment(config, source, score_key)
    if name is not None:
        reason = "it was chosen"
    return Choice(name=chosen, reason=reason, config=config.changed(**wanted))


def _fitting(seen: Seen, wanted: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name of the recipe that fits what is seen and what was chosen, and the reason."""
    if wanted.get("dna") == OF_GROWN["dna"]:
        return "grid", "brains grow over a grid"
    name, reason = seen.recipe()
    made_for = {"strategy": GENETIC, "encoder": None}
    if name == "real":
        made_for = {"strategy": STRATEGY, "encoder": ENCODER}
    elif wanted.get("strategy") == STRATEGY:
        return "real", f"it is made for {STRATEGY!r}"
    for setting, fitting in made_for.items():
        if wanted.get(setting) is not None and _kind(wanted[setting]) != fitting:
            return "plain", f"{name!r} is not made for {setting} {_kind(wanted[setting])!r}"
    return name, reason


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
