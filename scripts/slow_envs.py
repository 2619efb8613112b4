"""`SlowCartPole-v0`: CartPole whose steps take their time, as those of a simulator or a robot."""

import time
from typing import Any, Final

import gymnasium as gym
from gymnasium.envs.classic_control.cartpole import CartPoleEnv

STEP_S: Final = 0.05


class SlowCartPole(CartPoleEnv):
    """CartPole with steps that take long.

    Parameters
    ----------
    step_s : float
        Seconds of a step, in which nothing is computed.
    **kwargs
        As of CartPole.
    """

    def __init__(self, step_s: float = STEP_S, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._step_s = step_s

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        time.sleep(self._step_s)
        return super().step(action)


gym.register("SlowCartPole-v0", SlowCartPole, max_episode_steps=500, reward_threshold=475.0)
