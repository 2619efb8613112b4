"""The recipe for wide observations: some hundred whole numbers, most of which mean little alone."""

from typing import Final

from spiking_agent.codec.decoders.factory import AUTO
from spiking_agent.codec.decoders.most_spikes import InTurnDecoder
from spiking_agent.evolution.recipes.lengths import limited
from spiking_agent.evolution.settings.config import EvolutionConfig

MAX_TRAINING_MOVES: Final = 400
MAX_MOVES: Final = 2000


def wide_recipe(config: EvolutionConfig, *, has_choices: bool) -> EvolutionConfig:
    """Return the settings for an environment with some hundred inputs.

    Parameters
    ----------
    config : EvolutionConfig
        Settings to start from.
    has_choices : bool
        Whether actions are known to be whole numbers.
    """
    return config.changed(
        # Potentials outlive a move, so outputs fire on every move, on some, or hardly ever: the
        # total input sets how often, and single strengths refine that.
        n_ticks=1,
        carry_state=True,
        soft_resets=(True,),
        decays=(1.0,),
        inhibition=False,
        max_strength=127,
        first_strength=28,
        density=1.0,
        thresholds=(200.0, 1000.0, 60_000.0),
        # A move without effect is not repeated for ever where others are worth as much.
        decoder=InTurnDecoder.kind if has_choices else AUTO,
        # The episodes of brains that do nothing would otherwise be the longest.
        max_moves=MAX_MOVES,
        training_kwargs=limited(config.task.source(), MAX_TRAINING_MOVES),
        # Luck is large: few parents of many genomes, and none of them is copied.
        population_size=200,
        n_episodes=8,
        n_validation=64,
        n_validated_first=1,
        parent_share=0.06,
        elite_share=0.0,
        crossover="uniform",
        crossover_rate=1.0,
        number_mutations=0.0,
        mutation_scale=1.0,
        choice_mutations=0.2,
    )
