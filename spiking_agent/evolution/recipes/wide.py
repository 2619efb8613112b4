"""The recipe for wide observations: some hundred whole numbers, most of which mean little alone."""

from typing import Final

from spiking_agent.evolution.recipes.lengths import limited
from spiking_agent.evolution.recipes.many_parents import MANY_PARENTS
from spiking_agent.evolution.settings.config import EvolutionConfig

MAX_TRAINING_MOVES: Final = 400
MAX_MOVES: Final = 2000


def wide_recipe(config: EvolutionConfig) -> EvolutionConfig:
    """Return the settings for an environment with some hundred inputs.

    Parameters
    ----------
    config : EvolutionConfig
        Settings to start from.
    """
    return config.changed(
        **MANY_PARENTS,
        # One tick a decision, and potentials that outlive it: an output that hears a quarter of its
        # threshold wins every fourth time. So a move without effect is not repeated for ever.
        n_ticks=1,
        carry_state=True,
        soft_resets=(True,),
        decays=(1.0,),
        max_strength=127,
        first_strength=28,
        density=1.0,
        thresholds=(400.0,),
        # The episodes of brains that do nothing would otherwise be the longest.
        max_moves=MAX_MOVES,
        training_kwargs=limited(config.task.source(), MAX_TRAINING_MOVES),
        population_size=100,
        n_episodes=4,
        n_validation=32,
        n_validated_first=1,
        parent_share=0.3,
        mutation_scale=2.0,
    )
