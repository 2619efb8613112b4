"""The recipe for wide observations: some hundred whole numbers, most of which mean little alone."""

from spiking_agent.evolution.recipes.many_parents import MANY_PARENTS
from spiking_agent.evolution.settings.config import EvolutionConfig


def wide_recipe(config: EvolutionConfig) -> EvolutionConfig:
    """Return the settings for an environment with some hundred inputs.

    Parameters
    ----------
    config : EvolutionConfig
        Settings to start from.
    """
    return config.changed(
        **MANY_PARENTS,
        n_ticks=1,
        carry_state=True,
        soft_resets=(True,),
        max_strength=127,
        first_strength=28,
        density=1.0,
        thresholds=(400.0,),
        decays=(1.0,),
        population_size=100,
        n_episodes=4,
        parent_share=0.3,
        mutation_scale=2.0,
    )
