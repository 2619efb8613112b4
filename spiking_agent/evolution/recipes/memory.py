"""The recipe for brains that remember, because an observation does not show all that matters."""

from typing import Any, Final

from spiking_agent.evolution.recipes.real_numbers import real_recipe
from spiking_agent.evolution.settings.config import EvolutionConfig

LAG: Final = 4  # decisions after which the hidden neurons of a sum report what they have seen

# A decision of a single tick, so that an impulse with a delay of d ticks arrives in the d-th
# decision from its own: that is memory of an exact age. Potentials are kept, too, and two neurons
# that excite each other remember for any time.
OF_WHOLE_NUMBERS: Final[dict[str, Any]] = {
    "carry_state": True,
    "n_ticks": 1,
    "n_hidden": 8,
    "initiation_delays": (1, 2, 4, 8),
    # Many brains, of which each plays little: to remember anything at all takes luck at first.
    "population_size": 400,
    "n_episodes": 2,
    "n_validated_first": 1,
}


def memory_recipe(config: EvolutionConfig, *, has_real_numbers: bool) -> EvolutionConfig:
    """Return the settings for an environment in which brains have to remember.

    Parameters
    ----------
    config : EvolutionConfig
        Settings to start from.
    has_real_numbers : bool
        Whether its observations hold real numbers.

    Notes
    -----
    With real numbers a brain is the weighted sum of `real_recipe`, and in addition some hidden
    neurons that tell of what was so `LAG` decisions ago. Present and past with opposite signs are a
    speed. All inputs act at once: CMA-ES draws choices only once, and a number that comes late,
    whatever else is learned, would spoil the whole run.
    """
    if not has_real_numbers:
        return config.changed(**OF_WHOLE_NUMBERS)
    config = real_recipe(config)
    return config.changed(
        carry_state="impulses",  # the sum of each decision begins at nothing
        n_hidden=4,
        hidden_thresholds=(100.0,),  # lower than the strongest synapse, so a spike tells a lot
        hidden_delays=(LAG * config.codec.n_ticks + 1,),
    )
