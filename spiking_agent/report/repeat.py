"""What to type to do a run again."""

import json
import shlex
from dataclasses import fields
from typing import Any, Final

from spiking_agent.config import EvolutionConfig, recipe
from spiking_agent.environments import EnvSource
from spiking_agent.genes import GeneValues
from spiking_agent.genetic_algorithm import GeneticParams

OPTIONS: Final = {
    "population_size": "--population",
    "n_episodes": "--episodes",
    "n_hidden": "--hidden",
    "n_ticks": "--ticks",
    "seed": "--seed",
}


def repeat_command(config: EvolutionConfig, n_generations: int) -> str:
    """Give the command that makes the files of a run again.

    Parameters
    ----------
    config : EvolutionConfig
        Settings of the run.
    n_generations : int
        How far it came.

    Returns
    -------
    str
        A line for a shell if the program has an option for all that differs from the recipe, else
        a call in Python.
    """
    if config.env_id is None:
        return _call("your_factory", config, EvolutionConfig(), n_generations)
    kwargs = _own_kwargs(config)
    base = recipe(EnvSource(config.env_id, kwargs))
    changes = _changes(config, base)
    if not set(changes) <= set(OPTIONS):
        return _call(repr(config.env_id), config, base, n_generations, kwargs)
    words = ["python", "scripts/evolve.py", "--env", config.env_id]
    if kwargs:
        words += ["--env-kwargs", *(f"{name}={json.dumps(v)}" for name, v in kwargs.items())]
    for name in changes:
        words += [OPTIONS[name], str(changes[name])]
    return shlex.join([*words, "--generations", str(n_generations)])


def _own_kwargs(config: EvolutionConfig) -> dict[str, Any]:
    """Give the keyword arguments that the recipe would not add by itself."""
    given = recipe(EnvSource(str(config.env_id))).env_kwargs
    kwargs = {k: v for k, v in config.env_kwargs.items() if k not in given or given[k] != v}
    again = recipe(EnvSource(str(config.env_id), kwargs)).env_kwargs
    return kwargs if again == config.env_kwargs else dict(config.env_kwargs)


def _changes(config: EvolutionConfig, base: EvolutionConfig) -> dict[str, Any]:
    """Give the settings that differ, by the names that `EvolutionConfig.changed` takes."""
    names = [f.name for f in fields(config) if f.name not in ("values", "genetic")]
    changes = {name: getattr(config, name) for name in names}
    changes |= {f.name: getattr(config.values, f.name) for f in fields(GeneValues)}
    changes |= {f.name: getattr(config.genetic, f.name) for f in fields(GeneticParams)}
    defaults = {name: getattr(base, name) for name in names}
    defaults |= {f.name: getattr(base.values, f.name) for f in fields(GeneValues)}
    defaults |= {f.name: getattr(base.genetic, f.name) for f in fields(GeneticParams)}
    del defaults["seed"]  # said in any case
    return {k: v for k, v in changes.items() if k not in defaults or v != defaults[k]}


def _call(
    env: str,
    config: EvolutionConfig,
    base: EvolutionConfig,
    n_generations: int,
    kwargs: dict[str, Any] | None = None,
) -> str:
    changes = _changes(config, base)
    if kwargs is None:
        kwargs = dict(changes.pop("env_kwargs", {}))
    lines = [f"    {env},", f"    generations={n_generations},"]
    if kwargs:
        lines.append(f"    env_kwargs={kwargs!r},")
    lines += [f"    {name}={value!r}," for name, value in changes.items()]
    head = ["import spiking_agent"]
    if "refinements" in changes:
        head.append("from spiking_agent.config import Refinement")
    return "\n".join([*head, "", "spiking_agent.evolve(", *lines, ")"])
