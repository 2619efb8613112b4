"""`MemoryS7Bits-v0`: Minigrid's memory room, seen as bits instead of numbers of kinds and a text.

It needs `pip install --no-deps minigrid`.
"""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.wrappers import TransformObservation

KINDS = ("wall", "key", "ball")


def memory_room(**kwargs: Any) -> gym.Env[Any, Any]:
    """Return the room; each cell in view has a bit for each kind of thing that is there."""
    import minigrid  # noqa: F401  # registers its environments
    from minigrid.core.constants import OBJECT_TO_IDX

    numbers = np.array([OBJECT_TO_IDX[kind] for kind in KINDS])[:, None, None]

    def bits(observation: Any) -> Any:
        return (observation["image"][..., 0] == numbers).astype(np.int8)

    env = gym.make("MiniGrid-MemoryS7-v0", disable_env_checker=True, **kwargs)
    shape = (len(KINDS), *env.observation_space["image"].shape[:2])  # type: ignore[index]
    return TransformObservation(env, bits, gym.spaces.MultiBinary(shape))


gym.register("MemoryS7Bits-v0", memory_room)
