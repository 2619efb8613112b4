"""The recipe for observations with real numbers; docs/gallery.md shows its results."""

from typing import Any, Final

from spiking_agent.codec.encoders.real_numbers import OnOffEncoder
from spiking_agent.evolution.settings.config import EvolutionConfig

STRATEGY: Final = "cma-es"
ENCODER: Final = OnOffEncoder.kind

# Settings that some environments need in addition to the recipe for real numbers.
OF_REAL_NUMBERS: Final[dict[str, dict[str, Any]]] = {
    # Most of the time would go to validation, so it has few episodes, and happens every 20
    # generations only, unless a quarter of a generation reaches the target.
    "CartPole-v1": {"n_episodes": 1, "n_validation": 32, "validation_interval": 20},
    "Acrobot-v1": {"n_episodes": 1, "n_validation": 32, "validation_interval": 20},
    # Episodes are about as long as the target requires: only many show if the mean reaches it.
    "MountainCar-v0": {"n_episodes": 1, "n_validation": 256, "validation_interval": 20},
    "MountainCarContinuous-v0": {"n_validation": 128, "validation_interval": 20},
    # Landings differ a lot. Many genomes with one landing each average that out better than a few
    # genomes with several. More ticks tell engines apart that are worth nearly the same.
    "LunarLander-v3": {
        "n_ticks": 160,
        "thresholds": (1000.0,),
        "population_size": 64,
        "n_episodes": 1,
    },
    # Whole walks take 1,600 moves, so few are validated, and seldom.
    "BipedalWalker-v3": {"n_episodes": 1, "n_validation": 32, "validation_interval": 40},
    # A weighted sum of the observations cannot both swing up and balance. Hidden neurons with a
    # steep response can separate the two: one strong synapse makes them fire at every tick.
    "Pendulum-v1": {
        "n_hidden": 16,
        "is_layered": True,
        "hidden_thresholds": (25.0,),
        "population_size": 32,
    },
}


def real_recipe(config: EvolutionConfig) -> EvolutionConfig:
    """Return the settings for an environment whose observations hold real numbers.

    Parameters
    ----------
    config : EvolutionConfig
        Settings to start from.
    """
    return config.changed(
        strategy=STRATEGY,
        encoder=ENCODER,
        # Enough ticks for neurons that fire at every eighth tick to differ in what they receive.
        n_ticks=64,
        n_episodes=2,
        n_validation=64,
        n_validated_first=1,
        validation_interval=5,
        # The on and off inputs of one number have opposite strengths, and so share a gene. So do
        # the two outputs of one number of an action, which halves what there is to search.
        mirrored=True,
        # Outputs begin at that rate, because the constant input drives them. They do not leak, and
        # keep the rest of their potential when they fire, so their spike counts are exact sums.
        max_strength=127,
        first_strength=25,
        first_drive=80,
        density=1.0,
        thresholds=(640.0,),
        decays=(1.0,),
        soft_resets=(True,),
        population_size=16,
    )
