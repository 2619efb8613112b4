"""The settings of a new run: a recipe, with some of its settings changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from spiking_agent.checks.arguments import json_values
from spiking_agent.dna.grown.dna import GrownParams
from spiking_agent.environments.source import EnvFactory, EnvSource
from spiking_agent.evolution.recipes.choose import Choice, choose


def configured(
    env: str | EnvFactory | None,
    env_kwargs: Mapping[str, Any],
    recipe: str | None = None,
    **settings: Any,
) -> Choice:
    """Return the recipe of a new run, with some settings changed.

    Parameters
    ----------
    env : str, callable or None
        Id of an environment, or a function that makes one; None is refused.
    env_kwargs : mapping
        Keyword arguments for making it.
    recipe : str, optional
        Name of the recipe.
    **settings
        Settings by name that replace those of the recipe, see `EvolutionConfig.changed`.

    Raises
    ------
    ValueError, TypeError
        See `spiking_agent.evolve`.
    """
    source: Any = env  # checked there
    wanted = {name: settings.get(name) for name in ("strategy", "dna", "encoder", "score_key")}
    kwargs = json_values("env_kwargs", env_kwargs)
    chosen = choose(EnvSource(source, kwargs), name=recipe, **wanted)
    config = chosen.config.changed(**settings)
    dna = config.dna.params
    if isinstance(dna, GrownParams) and "n_ticks" not in settings:
        config = config.changed(n_ticks=dna.n_ticks)
    return replace(chosen, config=config)
