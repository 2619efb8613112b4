"""The recipe "senses" for Snake; docs/recipe.md explains how it was found."""

from typing import Any, Final

from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.recipes.boards import board_of
from spiking_agent.evolution.recipes.many_parents import MANY_PARENTS
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.settings.phases import Refinement

# Winning brains differ in rare deaths and a few moves, so later steps are finer, and more games
# are played to tell brains apart.
REFINEMENTS: Final = (
    Refinement(
        from_solved=0.9, n_episodes=12, strategy={"mutation_scale": 1.0, "parent_share": 0.3}
    ),
    Refinement(
        from_solved=0.98, n_episodes=24, strategy={"mutation_scale": 0.7, "parent_share": 0.4}
    ),
    Refinement(
        from_solved=0.995, n_episodes=48, strategy={"mutation_scale": 0.5, "parent_share": 0.8}
    ),
)


def senses_recipe(config: EvolutionConfig) -> EvolutionConfig:
    """Return the settings for brains with senses, which weigh what others have computed.

    Parameters
    ----------
    config : EvolutionConfig
        Settings to start from.
    """
    return config.changed(
        **MANY_PARENTS,
        **_of_board(config.task.source()),
        env_kwargs={"observation": "senses", **config.task.env_kwargs},
        score_key="score",
        # Enough ticks to count spikes: a decision then depends on rates, not on a single spike.
        n_ticks=12,
        refinements=REFINEMENTS,
        n_validation=1024,
        validation_interval=10,
        # Strengths in fine steps, so that a mutation is relatively smaller once they have grown,
        # and a threshold that about ten of the initial strengths reach together.
        max_strength=127,
        first_strength=28,
        density=1.0,
        thresholds=(400.0,),
        decays=(1.0,),
        parent_share=0.3,
        mutation_scale=2.0,
    )


def _of_board(source: EnvSource) -> dict[str, Any]:
    """Return the settings that depend on the size of the board, which the environment knows."""
    board = board_of(source)
    if board is None:
        return {"max_moves": None}
    n_cells, has_limit = board.n_cells, "hunger_limit" in source.kwargs
    return {
        "max_moves": board.max_moves,
        "training_kwargs": {} if has_limit else {"hunger_limit": n_cells * 6 // 5},
        # The bonus for a solved board shrinks with every move. It is 0 if each food took two
        # fifths of the moves of a walk over all cells.
        "solved_bonus": 3.0 * n_cells,
        "solved_move_cost": 7.5 / n_cells,
    }
