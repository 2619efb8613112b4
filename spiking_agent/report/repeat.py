"""The command that repeats a run."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, NoReturn

from spiking_agent.checks.commands import shell_line
from spiking_agent.codec.spaces import Spaces
from spiking_agent.environments.ids import OWN_MODULE
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.recipes.choose import DEFAULT, name_of, recipe
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.settings.options import OPTIONS


def repeat_command(config: EvolutionConfig, spaces: Spaces, n_generations: int) -> str:
    """Return the command that repeats a run.

    Parameters
    ----------
    config : EvolutionConfig
        Settings of the run.
    spaces : (gymnasium.Space, gymnasium.Space)
        Observation and action space of its environment, which is not made for this, unless it is
        Snake.
    n_generations : int
        Generations of the run.

    Returns
    -------
    str
        A line for a shell; a call in Python where the environment is a function, or has keyword
        arguments that no shell can name.
    """
    if config.task.env_id is None:
        changes = _changes(config, EnvSource(_factory), spaces)
        return _call("your_factory", changes, n_generations)
    kwargs = _own_kwargs(config, spaces)
    changes = _changes(config, EnvSource(config.task.env_id, kwargs), spaces)
    named = name_of(config)
    if not all(map(str.isidentifier, kwargs)):
        changes |= {} if named in (None, DEFAULT) else {"recipe": named}
        return _call(repr(config.task.env_id), changes, n_generations, kwargs)
    words = ["--env", config.task.env_id]
    words += [] if named in (None, DEFAULT) else ["--recipe", str(named)]
    if kwargs:
        words += ["--env-kwargs", *(f"{name}={json.dumps(v)}" for name, v in kwargs.items())]
    others = []
    for name, value in changes.items():
        option, word = OPTIONS.get(name), "none" if value is None else str(value)
        if option is None or isinstance(value, Mapping) or option.read(word) != value:
            others.append(f"{name}={json.dumps(value, default=asdict)}")
        else:
            is_like_option = word.startswith("-")  # argparse knows -5, but not -5e-06
            words += [f"{option.flag}={word}"] if is_like_option else [option.flag, word]
    words += ["--set", *others] if others else []
    return shell_line("evolve", *words, "--generations", n_generations)


def needed_env(env_id: str | None) -> tuple[str, ...]:
    """Return the options that other programs need to find an environment; mostly none.

    A champion's file never makes a program import a module, so ids with a module are named again.

    Parameters
    ----------
    env_id : str or None
        Id of the environment; None if a function made it.
    """
    is_own = env_id is None or ":" not in env_id or env_id.startswith(f"{OWN_MODULE}:")
    return () if is_own else ("--env", str(env_id))


def _own_kwargs(config: EvolutionConfig, spaces: Spaces) -> dict[str, Any]:
    """Return the keyword arguments that the recipe would not add by itself."""
    source = EnvSource(str(config.task.env_id))
    name = name_of(config)
    given = recipe(source, name=name, spaces=spaces).task.env_kwargs
    own = config.task.env_kwargs
    kwargs = {k: v for k, v in own.items() if k not in given or given[k] != v}
    again = recipe(replace(source, kwargs=kwargs), name=name, spaces=spaces)
    return kwargs if again.task.env_kwargs == own else dict(own)


def _factory(**kwargs: Any) -> NoReturn:
    """Stand in for an environment without an id, for which there is no recipe."""
    raise NotImplementedError


def _changes(config: EvolutionConfig, source: EnvSource, spaces: Spaces) -> dict[str, Any]:
    """Return the settings to name, by the names that `EvolutionConfig.changed` takes.

    These are strategy, encoder and score key, unless the recipe chooses them by itself, and the
    settings that differ from the recipe that these lead to.
    """
    name = name_of(config)
    by_itself = recipe(source, name=name, spaces=spaces)
    named: dict[str, Any] = {}
    chosen, by_default = ((each.strategy.name, each.codec.encoder) for each in (config, by_itself))
    if chosen != by_default:
        named |= {"strategy": chosen[0], "encoder": chosen[1]}
    if config.task.score_key != by_itself.task.score_key:
        named["score_key"] = config.task.score_key
    wanted = recipe(source, name=name, spaces=spaces, **named) if named else by_itself
    defaults = {k: v for k, v in wanted.settings().items() if k not in named}
    if source.env_id is not None and needed_env(source.env_id):
        del defaults["target"]  # known once its module is imported, which is not done here
    del defaults["seed"]  # said in any case
    return {k: v for k, v in config.settings().items() if k not in defaults or v != defaults[k]}


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
    records = {"refinements": "Refinement", "stages": "Stage"}
    if used := [record for name, record in records.items() if name in changes]:
        head.append(f"from spiking_agent import {', '.join(used)}")
    return "\n".join([*head, "", "spiking_agent.evolve(", *lines, ")"])
