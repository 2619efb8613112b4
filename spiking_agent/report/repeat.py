"""The command that repeats a run."""

import json
from dataclasses import fields, replace
from typing import Any, Final, NoReturn

import gymnasium as gym

from spiking_agent.checks.commands import shell_line
from spiking_agent.dna.wired import GeneValues
from spiking_agent.episodes.environments import OWN_MODULE, EnvSource
from spiking_agent.evolution.config import EvolutionConfig
from spiking_agent.evolution.recipes import recipe
from spiking_agent.strategies.genetic_algorithm import GeneticParams

OPTIONS: Final = {
    "population_size": "--population",
    "n_episodes": "--episodes",
    "strategy": "--strategy",
    "n_hidden": "--hidden",
    "n_ticks": "--ticks",
    "encoder": "--encoder",
    "decoder": "--decoder",
    "score_key": "--score-key",
    "target": "--target",
    "seed": "--seed",
}


def repeat_command(
    config: EvolutionConfig, observation_space: gym.Space[Any], n_generations: int
) -> str:
    """Return the command that repeats a run.

    Parameters
    ----------
    config : EvolutionConfig
        Settings of the run.
    observation_space : gymnasium.Space
        Observation space of its environment, which is not made for this.
    n_generations : int
        Generations of the run.

    Returns
    -------
    str
        A line for a shell if the program has an option for every setting that differs from the
        recipe, else a call in Python.
    """
    if config.env_id is None:
        changes = _changes(config, EnvSource(_factory), observation_space)
        return _call("your_factory", changes, n_generations)
    kwargs = _own_kwargs(config, observation_space)
    changes = _changes(config, EnvSource(config.env_id, kwargs), observation_space)
    is_plain = set(changes) <= set(OPTIONS) and all(
        isinstance(value, int | float | str) or name == "target" for name, value in changes.items()
    )
    if not is_plain or not all(map(str.isidentifier, kwargs)):
        return _call(repr(config.env_id), changes, n_generations, kwargs)
    words = ["--env", config.env_id]
    if kwargs:
        words += ["--env-kwargs", *(f"{name}={json.dumps(v)}" for name, v in kwargs.items())]
    for name in changes:
        value = "none" if changes[name] is None else str(changes[name])
        is_like_option = value.startswith("-")  # argparse knows -5, but not -5e-06
        words += [f"{OPTIONS[name]}={value}"] if is_like_option else [OPTIONS[name], value]
    return shell_line("evolve", *words, "--generations", n_generations)


def needed_env(env_id: str | None) -> tuple[str, ...]:
    """Return the options that other programs need to find an environment; mostly none.

    A champion's file never makes a program import a module, so ids with a module are named again.
    """
    is_own = env_id is None or ":" not in env_id or env_id.startswith(f"{OWN_MODULE}:")
    return () if is_own else ("--env", str(env_id))


def _own_kwargs(config: EvolutionConfig, space: gym.Space[Any]) -> dict[str, Any]:
    """Return the keyword arguments that the recipe would not add by itself."""
    source = EnvSource(str(config.env_id))
    given = recipe(source, observation_space=space).env_kwargs
    kwargs = {k: v for k, v in config.env_kwargs.items() if k not in given or given[k] != v}
    again = recipe(replace(source, kwargs=kwargs), observation_space=space).env_kwargs
    return kwargs if again == config.env_kwargs else dict(config.env_kwargs)


def _factory(**kwargs: Any) -> NoReturn:
    """Stand in for an environment without an id, for which there is no recipe."""
    raise NotImplementedError


def _changes(config: EvolutionConfig, source: EnvSource, space: gym.Space[Any]) -> dict[str, Any]:
    """Return the settings to name, by the names that `EvolutionConfig.changed` takes.

    These are the settings that differ from the recipe for this strategy, encoder and score key,
    and these three themselves unless the recipe chooses them.
    """
    by_itself = recipe(source, observation_space=space)
    wanted = recipe(
        source,
        observation_space=space,
        strategy=config.strategy,
        encoder=config.encoder,
        score_key=config.score_key,
    )
    defaults = _settings(wanted)
    if config.score_key != by_itself.score_key:
        del defaults["score_key"]
    if source.env_id is not None and needed_env(source.env_id):
        del defaults["target"]  # known once its module is imported, which is not done here
    if (config.strategy, config.encoder) != (by_itself.strategy, by_itself.encoder):
        del defaults["strategy"], defaults["encoder"]
    del defaults["seed"]  # said in any case
    return {k: v for k, v in _settings(config).items() if k not in defaults or v != defaults[k]}


def _settings(config: EvolutionConfig) -> dict[str, Any]:
    names = [f.name for f in fields(config) if f.name not in ("values", "genetic")]
    settings = {name: getattr(config, name) for name in names}
    settings |= {f.name: getattr(config.values, f.name) for f in fields(GeneValues)}
    return settings | {f.name: getattr(config.genetic, f.name) for f in fields(GeneticParams)}


def _call(
    env: str,
    changes: dict[str, Any],
    n_generations: int,
    kwargs: dict[str, Any] | None = None,
) -> str:
    if kwargs is None:
        kwargs = dict(changes.pop("env_kwargs", {}))
    lines = [f"    {env},", f"    generations={n_generations},"]
    if kwargs:
        lines.append(f"    env_kwargs={kwargs!r},")
    lines += [f"    {name}={value!r}," for name, value in changes.items()]
    head = ["import spiking_agent"]
    if "refinements" in changes:
        head.append("from spiking_agent.evolution.config import Refinement")
    return "\n".join([*head, "", "spiking_agent.evolve(", *lines, ")"])
