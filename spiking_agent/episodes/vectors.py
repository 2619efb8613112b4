"""Vector environments that play the same episodes as the environment itself, only faster."""

from typing import Any

from gymnasium.vector import VectorEnv

from spiking_agent.codec.codec import Codec
from spiking_agent.codec.encoders.discrete import is_of_table
from spiking_agent.environments.source import EnvSource
from spiking_agent.environments.tables.find import table_of, table_vector


def has_vector(source: EnvSource, codec: Codec) -> bool:
    """Return whether `make_vector` returns a vector environment.

    Parameters
    ----------
    source : EnvSource
        The environment.
    codec : Codec
        How brains are connected to it: only if they see states of a table, one is made to find out.
    """
    return source.has_vector or (is_of_table(codec.encoder) and table_of(source) is not None)


def make_vector(source: EnvSource, codec: Codec, num_envs: int) -> VectorEnv[Any, Any, Any] | None:
    """Return a native vector environment, or the compiled one of a table.

    Parameters
    ----------
    source : EnvSource
        The environment.
    codec : Codec
        How brains are connected to it.
    num_envs : int
        Number of lanes.

    Returns
    -------
    VectorEnv or None
        None if there is none whose lanes depend on their own seeds only.
    """
    vector = source.make_vector(num_envs)
    if vector is None and is_of_table(codec.encoder):
        vector = table_vector(source, num_envs)
    return vector
