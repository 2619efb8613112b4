"""The recipe for grown brains outside Snake: games in which a player moves over a grid."""

from typing import Final

from spiking_agent.dna.grown.plans.player import N_TICKS
from spiking_agent.evolution.recipes.lengths import limited
from spiking_agent.evolution.recipes.many_parents import GROWN
from spiking_agent.evolution.settings.config import EvolutionConfig

PLAN: Final = "player"
MAX_TRAINING_MOVES: Final = 1000


def player_recipe(config: EvolutionConfig) -> EvolutionConfig:
    """Return the settings for brains that grow on the grid of a game, and move a player over it.

    They are the same for all such games.

    Parameters
    ----------
    config : EvolutionConfig
        Settings to start from.
    """
    return config.changed(
        **GROWN,
        plan=PLAN,
        n_ticks=N_TICKS,
        training_kwargs=limited(config.task.source(), MAX_TRAINING_MOVES),
        # Many brains and few episodes, of which the luckiest breed: one that sees, and is often in
        # luck, then wins over many that do the same blind things again and again.
        population_size=800,
        n_episodes=1,
        parent_share=0.025,
        n_validation=64,
        mutation_scale=0.07,
        mutation_scale_last=0.05,
        mutation_time=80.0,
    )
