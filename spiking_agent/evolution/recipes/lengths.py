"""How long episodes of training are where an environment sets no such limit."""

from typing import Any

import gymnasium as gym

from spiking_agent.environments.ids import find_spec
from spiking_agent.environments.source import EnvSource


def limited(source: EnvSource, most: int) -> dict[str, Any]:
    """Return the keyword arguments that end episodes of training early.

    Parameters
    ----------
    source : EnvSource
        The environment.
    most : int
        Moves after which they end, unless the environment ends them earlier itself.

    Returns
    -------
    dict
        Empty if it does, if it was told when to, or if its own limit is not known.
    """
    if source.env_id is None or "max_episode_steps" in source.kwargs:
        return {}
    try:
        own = find_spec(source.env_id).max_episode_steps
    except (gym.error.Error, ImportError):
        return {}  # making it for play will raise the error
    if own is not None and own <= most:
        return {}
    return {"max_episode_steps": most}
