"""A small environment on a grid of any size, and a plan for brains that play it."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from spiking_agent.dna.grown.parts import GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan

PLAN = Plan(
    channels=("light",),
    actions=("left", "right"),
    outputs="move",
    n_ticks=6,
    layers=(
        Layer(name="H", is_sheet=True, is_oriented=True, threshold=40.0),
        Layer(name="move", is_oriented=True, threshold=0.5),
    ),
    rules=(
        GrowthRule(kind="kernel", source="light", target="H", size=1),
        GrowthRule(kind="map", source="always", target="H", morphogens=("rightward",)),
        GrowthRule(kind="sum", source="H", target="move", strength=1),
    ),
)


class Light(gym.Env[np.ndarray, int]):
    """Some moves; the reward is 1 for the action that names the half in which a light is on.

    An episode is solved with at most one mistake.
    """

    def __init__(
        self, render_mode: str | None = None, n_rows: int = 4, n_cols: int = 6, n_moves: int = 4
    ):
        self.observation_space = spaces.Box(0, 1, (1, n_rows, n_cols), np.uint8)
        self.action_space = spaces.Discrete(2)
        self.render_mode = render_mode
        self._length, self._left, self._score, self._col = n_moves, 0, 0, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        super().reset(seed=seed)
        self._left, self._score = self._length, 0
        return self._observe(), {}

    def step(self, action: int):
        _, _, n_cols = self.observation_space.shape or (0, 0, 0)
        reward = float(action == (2 * self._col >= n_cols))
        self._score += int(reward)
        self._left -= 1
        info = {} if self._left else {"is_success": self._score >= self._length - 1}
        return self._observe(), reward, self._left == 0, False, info

    def _observe(self) -> np.ndarray:
        grid = np.zeros(self.observation_space.shape, np.uint8)
        _, n_rows, n_cols = grid.shape
        self._col = int(self.np_random.integers(n_cols))
        grid[0, self.np_random.integers(n_rows), self._col] = 1
        return grid
