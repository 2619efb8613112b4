"""Settings of runs, as `spiking_agent.evolve` chooses them."""

from typing import Any

from spiking_agent.evolution.recipes.configured import configured as chosen
from spiking_agent.evolution.settings.config import EvolutionConfig


def configured(*arguments: Any, **settings: Any) -> EvolutionConfig:
    """Return the settings of a new run, see `recipes.configured`."""
    return chosen(*arguments, **settings).config
