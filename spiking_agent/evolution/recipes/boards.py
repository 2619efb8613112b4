"""What the recipes for Snake have in common."""

from dataclasses import dataclass, replace
from typing import Final

from spiking_agent.environments.source import PLAY_ERRORS, EnvSource
from spiking_agent.evolution.settings.config import EvolutionConfig

SNAKE: Final = "snake_env:Snake-v0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What the recipes need to know of a board.

    Parameters
    ----------
    n_cells : int
        Its number of cells.
    grows : bool
        Whether the snake grows. One that does not can never fill the board, and may live forever.
    """

    n_cells: int
    grows: bool

    @property
    def max_moves(self) -> int | None:
        """Moves after which an episode ends; None where hunger ends every one."""
        return None if self.grows else 4 * self.n_cells


def board_of(source: EnvSource) -> Board | None:
    """Return the board of an environment; None if it cannot be made.

    Parameters
    ----------
    source : EnvSource
        The environment, which knows its board.
    """
    try:
        with source.make() as env:
            settings = env.get_wrapper_attr("settings")
    except PLAY_ERRORS:
        return None  # making it for play will raise the error
    return Board(n_cells=settings.n_cells, grows=settings.grow)


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
