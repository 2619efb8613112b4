"""Environments that ask for memory: `TMaze-v0`, and `CartPolePositions-v0` without speeds."""

from typing import Any, Final

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.envs.classic_control.cartpole import CartPoleEnv

from spiking_agent.typing import Int8Array

NORTH, EAST, SOUTH, WEST = range(4)
CELL: Final = 16  # pixels of a cell in pictures
WALL, FLOOR, CUE, PLAYER = (40, 44, 60), (214, 216, 224), (240, 160, 40), (50, 110, 220)
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
        "rgb_array" for pictures.

    Notes
    -----
    In the reference the rewards are 4 and -0.1, and standing still costs 0.1, too.

    References
    ----------
    B. Bakker, "Reinforcement Learning with Long Short-Term Memory", NIPS 2001, section 4: the maze,
    and its observations of three bits.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012
        "render_modes": ["rgb_array"],
        "render_fps": 10,
        "action_names": ("north", "east", "south", "west"),
        "observation_names": ("left", "ahead", "right"),
    }

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

    def render(self) -> npt.NDArray[np.uint8] | None:  # type: ignore[override]
        """Return a picture of the maze; the cue is shown all the time, but seen at the start."""
        if self.render_mode is None:
            return None
        cells = np.full((5, self.length + 2, 3), WALL, np.uint8)
        cells[2, 1 : self.length + 1] = FLOOR
        cells[1:4, self.length] = FLOOR
        cells[1 if self._goal == NORTH else 3, 1] = CUE
        cells[2, self._cell + 1] = PLAYER
        return cells.repeat(CELL, axis=0).repeat(CELL, axis=1)

    def _seen(self) -> Int8Array:
        if self._cell == 0:
            seen = UP if self._goal == NORTH else DOWN
        else:
            seen = JUNCTION if self._cell == self.length - 1 else CORRIDOR
        return np.array(seen, np.int8)


class Positions(gym.ObservationWrapper[Any, Any, Any]):
    """Shows every other number of an observation: of CartPole, the positions without the speeds.

    Parameters
    ----------
    env : gymnasium.Env
        An environment with a Box of numbers.
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        super().__init__(env)
        space: Any = env.observation_space
        self.observation_space = gym.spaces.Box(space.low[::2], space.high[::2])

    def observation(self, observation: Any) -> Any:
        """Return every other number.

        Parameters
        ----------
        observation : ndarray
            All numbers.
        """
        return observation[::2]


def cart_pole(**kwargs: Any) -> gym.Env[Any, Any]:
    """Return CartPole without speeds."""
    return Positions(CartPoleEnv(**kwargs))


gym.register("TMaze-v0", TMaze, reward_threshold=0.99)
gym.register("CartPolePositions-v0", cart_pole, max_episode_steps=500, reward_threshold=475.0)
