"""The vector environment of a table."""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from spiking_agent.environments.tables.generator import generators
from spiking_agent.environments.tables.lanes import advance, begin, make_games
from spiking_agent.environments.tables.table import Table
from spiking_agent.typing import BoolArray, Float64Array, Int64Array

StepResult = tuple[Int64Array, Float64Array, BoolArray, BoolArray, dict[str, Any]]


class TableVectorEnv(VectorEnv[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]):
    """Many games of a table, moved by one compiled call; each is that of the environment itself.

    A lane whose game is over stays as it is, whatever its action, until all are reset.

    Parameters
    ----------
    table : Table
        The transitions.
    num_envs : int
        Number of games.
    observation_space, action_space : gymnasium.Space
        The spaces of one environment.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012  (as in Gymnasium)
        "autoreset_mode": AutoresetMode.DISABLED,
        "independent_lanes": True,
    }

    def __init__(
        self,
        table: Table,
        num_envs: int,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
    ) -> None:
        self.num_envs = num_envs
        self.single_observation_space, self.single_action_space = observation_space, action_space
        self.observation_space = batch_space(observation_space, num_envs)
        self.action_space = batch_space(action_space, num_envs)
        self._games = make_games(table, num_envs)

    def reset(  # type: ignore[override]  # a seed for each lane is needed
        self, *, seed: Sequence[int], options: dict[str, Any] | None = None
    ) -> tuple[Int64Array, dict[str, Any]]:
        """Begin a game on every lane.

        Parameters
        ----------
        seed : sequence of int
            A seed for each lane.
        options : dict, optional
            Not used.
        """
        del options
        self._games.rng[:] = generators(seed)
        begin(self._games)
        return self._games.state.copy(), self._infos()

    def step(self, actions: npt.NDArray[Any]) -> StepResult:
        """Move every lane whose game is not over.

        Parameters
        ----------
        actions : ndarray of int, shape (num_envs,)
            An action for each lane.
        """
        games = self._games
        lanes = np.flatnonzero(~games.is_over)
        games.rewards[games.is_over] = 0.0
        advance(games, lanes, len(lanes), np.ascontiguousarray(actions, np.int64))
        terminated = games.is_end.copy()
        truncated = games.n_moves == games.table.max_moves
        truncated &= games.table.max_moves > 0
        return games.state.copy(), games.rewards.copy(), terminated, truncated, self._infos()

    def _infos(self) -> dict[str, Any]:
        """Return the infos of all lanes as they are."""
        games, everywhere = self._games, np.ones(self.num_envs, np.bool_)
        infos = {"prob": games.probability.copy(), "_prob": everywhere}
        if games.table.has_masks:
            masks = games.table.legal[games.state]
            infos |= {"action_mask": masks, "_action_mask": everywhere.copy()}
        return infos

    def generator_state(self, lane: int) -> dict[str, int]:
        """Return the state of a lane's generator, as NumPy shows it.

        Parameters
        ----------
        lane : int
            The lane.
        """
        high, low, added_high, added_low = map(int, self._games.rng[lane])
        return {"state": (high << 64) + low, "inc": (added_high << 64) + added_low}
