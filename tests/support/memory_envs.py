"""Environments that ask for memory."""

from typing import Any

import gymnasium as gym
import numpy as np

from spiking_agent.typing import Int8Array

NORTH, EAST, SOUTH, WEST = range(4)
UP, DOWN, CORRIDOR, JUNCTION = (0, 1, 1), (1, 1, 0), (1, 0, 1), (0, 1, 0)  # what is seen


class TMaze(gym.Env[Int8Array, int]):
    """A corridor that ends in a junction; a cue at its start says where to turn there.

    The cue is seen in the first cell only. Every episode is a turn at the junction, worth 1 if it
    is the right one and else 0, or ends without one after three times the shortest way.

    Parameters
    ----------
    length : int
        Number of cells, from the one with the cue to the junction, >= 2.
    render_mode : str, optional
        Not used.

    Notes
    -----
    In the reference the rewards are 4 and -0.1, and standing still costs 0.1, too.

    References
    ----------
    B. Bakker, "Reinforcement Learning with Long Short-Term Memory", NIPS 2001, section 4: the maze,
    and its observations of three bits.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012

    def __init__(self, length: int = 20, render_mode: str | None = None) -> None:
        self.length = length
        self.render_mode = render_mode
        self.observation_space = gym.spaces.MultiBinary(3)
        self.action_space = gym.spaces.Discrete(4)  # type: ignore[assignment]
        self._cell = self._n_moves = 0
        self._goal = NORTH

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Int8Array, dict[str, Any]]:
        super().reset(seed=seed)
        self._cell = self._n_moves = 0
        self._goal = NORTH if self.np_random.integers(2) else SOUTH
        return self._seen(), {}

    def step(self, action: int) -> tuple[Int8Array, float, bool, bool, dict[str, Any]]:
        self._n_moves += 1
        if self._cell == self.length - 1 and action in (NORTH, SOUTH):
            return self._seen(), float(action == self._goal), True, False, {}
        if action in (EAST, WEST):
            self._cell += 1 if action == EAST else -1
            self._cell = min(max(self._cell, 0), self.length - 1)
        return self._seen(), 0.0, False, self._n_moves >= 3 * self.length, {}

    def _seen(self) -> Int8Array:
        if self._cell == 0:
            seen = UP if self._goal == NORTH else DOWN
        else:
            seen = JUNCTION if self._cell == self.length - 1 else CORRIDOR
        return np.array(seen, np.int8)
