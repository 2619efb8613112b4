"""Small environments that make it plain what a policy did."""

import time
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

TAXI = max(name for name in gym.registry if name.startswith("Taxi-"))  # v3 before Gymnasium 1.3


class Echo(gym.Env[np.ndarray, int]):
    """Five moves; the reward is 1 for the action that the observation names.

    The observation is two bits, of which one is on. `info` tells a score and, if asked for, a
    mask.
    """

    def __init__(
        self,
        render_mode: str | None = None,
        masked: bool | str = False,
        n_moves: int = 5,
        worth: float = 1.0,
    ):
        self.observation_space = spaces.MultiBinary(2)
        self.action_space = spaces.Discrete(2)
        self.render_mode = render_mode
        self._masked, self._length, self._worth = masked, n_moves, worth
        self._left, self._bit, self._score = 0, 0, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        super().reset(seed=seed)
        self._left, self._score = self._length, 0
        return self._observe(), self._info()

    def step(self, action: int):
        reward = float(action == self._bit)
        self._score += int(reward)
        self._left -= 1
        return self._observe(), reward * self._worth, self._left == 0, False, self._info()

    def _observe(self) -> np.ndarray:
        self._bit = int(self.np_random.integers(2))
        return np.eye(2, dtype=np.int8)[self._bit]

    def _info(self) -> dict[str, Any]:
        info: dict[str, Any] = {"score": self._score, "name": "echo", "nothing": None}
        if self._left == 0:
            info["is_success"] = self._score == self._length
        if self._masked is True or (self._masked == "sometimes" and self._left % 3):
            info["action_mask"] = np.array([1, 0], np.int8)
        return info


class Slow(Echo):
    """A move takes 50 ms by a clock of its own; `slow_clock` puts it in place of the real one."""

    now_s = 0.0

    def step(self, action: int):
        Slow.now_s += 0.05
        return super().step(action)


class Sleepy(Echo):
    """Every move takes some milliseconds, by any clock, in any process."""

    def step(self, action: int):
        time.sleep(0.004)
        return super().step(action)


class Unbounded(gym.Env[np.ndarray, np.ndarray]):
    """Three moves after an observation without bounds; the reward is the action."""

    def __init__(self, render_mode: str | None = None, scale: float = 3.0):
        self.observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float64)
        self.action_space = spaces.Box(-1.0, 1.0, (1,), np.float32)
        self.render_mode = render_mode
        self._scale, self._left = scale, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        super().reset(seed=seed)
        self._left = 3
        return self._observe(), {}

    def step(self, action: np.ndarray):
        self._left -= 1
        return self._observe(), float(action[0]), False, self._left == 0, {}

    def _observe(self) -> np.ndarray:
        return self.np_random.normal(0.0, self._scale, 2)
