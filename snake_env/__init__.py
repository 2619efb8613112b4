"""Snake as a Gymnasium environment.

Importing this package registers ``Snake-v0``::

    import gymnasium
    import snake_env

    env = gymnasium.make("Snake-v0", n_rows=8, n_cols=8, observation="senses")
    envs = gymnasium.make_vec("Snake-v0", num_envs=64)
"""

import gymnasium

from snake_env.env import SnakeEnv
from snake_env.senses import sense_names
from snake_env.settings import Settings
from snake_env.vector_env import SnakeVectorEnv

__all__ = ["Settings", "SnakeEnv", "SnakeVectorEnv", "sense_names"]

if "Snake-v0" not in gymnasium.registry:
    gymnasium.register(
        id="Snake-v0",
        entry_point="snake_env.env:SnakeEnv",
        vector_entry_point="snake_env.vector_env:SnakeVectorEnv",
    )
