"""What the recipes for Snake have in common."""

from dataclasses import replace
from typing import Final

from spiking_agent.environments.source import PLAY_ERRORS, EnvSource
from spiking_agent.evolution.config import EvolutionConfig

SNAKE: Final = "snake_env:Snake-v0"


def cells_of(source: EnvSource) -> int | None:
    """Return the number of cells of a board; None if the environment cannot be made.

    Parameters
    ----------
    source : EnvSource
        The environment, which knows its board.
    """
    try:
        with source.make() as env:
            n_cells: int = env.get_wrapper_attr("settings").n_cells
    except PLAY_ERRORS:
        return None  # making it for play will raise the error
    return n_cells


def without_genetics(config: EvolutionConfig) -> EvolutionConfig:
    """Return the settings with refinements and stages that any strategy can follow.

    Parameters
    ----------
    config : EvolutionConfig
        Settings to start from.
    """
    training = config.training
    return config.changed(
        refinements=tuple(replace(part, strategy={}) for part in training.refinements),
        stages=tuple(replace(part, strategy={}) for part in training.stages),
    )
