"""A small game on a grid: a player in the last row moves to where something falls."""

from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium import spaces

STAY, LEFT, RIGHT = range(3)
CATCHING = "player_envs:Catching-v0"


class Catching(gym.Env[np.ndarray, int]):
    """Channels last, the player first; each thing that is caught is worth 1."""

    metadata: ClassVar = {"render_modes": [], "action_names": ("stay", "left", "right")}

    def __init__(
        self, render_mode: str | None = None, n_rows: int = 5, n_cols: int = 6, n_things: int = 3
    ):
        self.observation_space = spaces.Box(0, 1, (n_rows, n_cols, 2), np.bool_)
        self.action_space = spaces.Discrete(3)
        self.render_mode = render_mode
        self._size, self._n_things = (n_rows, n_cols), n_things
        self._left, self._player, self._row, self._col = n_things, 0, 0, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        super().reset(seed=seed)
        self._left, self._player = self._n_things, self._size[1] // 2
        self._drop()
        return self._observe(), {}

    def step(self, action: int):
        way = {STAY: 0, LEFT: -1, RIGHT: 1}[int(action)]
        self._player = min(max(self._player + way, 0), self._size[1] - 1)
        self._row += 1
        reward = 0.0
        if self._row == self._size[0] - 1:
            reward = float(self._col == self._player)
            self._left -= 1
            self._drop()
        return self._observe(), reward, self._left == 0, False, {}

    def _drop(self) -> None:
        reach = self._size[0] - 1  # never too far away to be caught
        low, high = max(0, self._player - reach), min(self._size[1], self._player + reach + 1)
        self._row, self._col = 0, int(self.np_random.integers(low, high))

    def _observe(self) -> np.ndarray:
        grid = np.zeros((*self._size, 2), np.bool_)
        grid[-1, self._player, 0] = True
        grid[self._row, self._col, 1] = True
        return grid


gym.register("Catching-v0", Catching)
