"""The recipe for grown brains outside Snake: games in which a player moves over a grid."""

from typing import Any, Final

import gymnasium as gym

from spiking_agent.dna.grown.plans.player import N_TICKS
from spiking_agent.environments.ids import find_spec
from spiking_agent.environments.source import EnvSource
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
        training_kwargs=_limited(config.task.source()),
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


def _limited(source: EnvSource) -> dict[str, Any]:
    """Return what ends episodes of training early, unless the environment does so itself."""
    if source.env_id is None or "max_episode_steps" in source.kwargs:
        return {}
    try:
        own = find_spec(source.env_id).max_episode_steps
    except (gym.error.Error, ImportError):
        return {}  # making it for play will raise the error
    if own is not None and own <= MAX_TRAINING_MOVES:
        return {}
    return {"max_episode_steps": MAX_TRAINING_MOVES}
