"""The recipe for environments that show real numbers; docs/gallery.md shows what it reaches."""

from typing import Any, Final

from spiking_agent.codec.encoders.real_numbers import OnOffEncoder
from spiking_agent.evolution.config import EvolutionConfig

STRATEGY: Final = "cma-es"
ENCODER: Final = OnOffEncoder.kind

# What some environments need beside the recipe for real numbers.
OF_REAL_NUMBERS: Final[dict[str, dict[str, Any]]] = {
    "CartPole-v1": {"n_episodes": 1},  # episodes are much alike
    # Validation takes far longer than training where little is achieved yet: 20 generations are
    # left in peace, unless a quarter of one reaches the target.
    "Acrobot-v1": {"n_episodes": 1, "n_validation": 128, "validation_interval": 20},
    # Episodes last about as long as they have to last: only many tell whether they do on average.
    "MountainCar-v0": {"n_episodes": 1, "n_validation": 256, "validation_interval": 20},
    "MountainCarContinuous-v0": {"n_validation": 128, "validation_interval": 20},
    # Landings differ much from each other, which many genomes with a landing each average out
    # better than a few with several; and engines that are worth nearly the same need more ticks to
    # be told apart.
    "LunarLander-v3": {
        "n_ticks": 160,
        "thresholds": (1000.0,),
        "population_size": 64,
        "n_episodes": 1,
    },
    # A weighted sum of what is seen cannot both swing up and hold. Steep hidden neurons can tell
    # the two apart: one strong synapse makes them fire at every tick.
    "Pendulum-v1": {
        "n_hidden": 16,
        "is_layered": True,
        "hidden_thresholds": (25.0,),
        "population_size": 32,
    },
}


def real_recipe(config: EvolutionConfig) -> EvolutionConfig:
    """Return the settings for an environment that shows real numbers."""
    return config.changed(
        strategy=STRATEGY,
        encoder=ENCODER,
        # Time for neurons that fire at every eighth tick to differ by what they receive.
        n_ticks=64,
        n_episodes=2,
        n_validation=64,
        n_validated_first=1,
        validation_interval=5,
        # What is above a middle and what is below it are one number, and so one gene.
        mirrored=True,
        # Outputs begin at that rate, by the input that never rests, leak nothing, and lose nothing
        # when they fire: what they count is exact.
        max_strength=127,
        first_strength=25,
        first_drive=80,
        density=1.0,
        thresholds=(640.0,),
        decays=(1.0,),
        soft_resets=(True,),
        population_size=16,
    )
