"""Four levels of CartPole for spiking networks: `PlankEasy-v0`, Medium, Hard and Hardest.

References
----------
J. S. Plank, C. P. Rizzo, C. A. White and C. D. Schuman, "The Cart-Pole Application as a Benchmark
for Neuromorphic Computing", Journal of Low Power Electronics and Applications 15(1), 5, 2025,
https://doi.org/10.3390/jlpea15010005.
"""

from dataclasses import dataclass
from typing import Any, Final

import gymnasium as gym
import numpy as np
from gymnasium.envs.classic_control.cartpole import CartPoleEnv

from spiking_agent.typing import Float32Array

MOVES: Final = 15_000  # five minutes
START: Final = np.array([1.2, 0.05, 0.10475, 0.05])  # an episode starts within these, either sign
IDLE_SHARE: Final = 0.75  # of the moves that should do nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What makes a level difficult.

    Parameters
    ----------
    has_speeds : bool
        Whether the speeds of cart and pole are seen, besides position and angle.
    can_idle : bool
        Whether there is a third action, which does nothing.
    must_idle : bool
        Whether only those moves count of which enough did nothing.
    """

    has_speeds: bool
    can_idle: bool
    must_idle: bool = False


LEVELS: Final = {
    "PlankEasy-v0": Level(has_speeds=True, can_idle=False),
    "PlankMedium-v0": Level(has_speeds=True, can_idle=True, must_idle=True),
    "PlankHard-v0": Level(has_speeds=False, can_idle=True),
    "PlankHardest-v0": Level(has_speeds=False, can_idle=False),
}


class PlankCartPole(CartPoleEnv):
    """CartPole that starts anywhere on half of the track, with the pole at up to half its limit.

    The rewards of an episode add up to its fitness: its moves, or at the level that wants to see
    most of them idle, the idle ones by the share that they should have, if that is less.

    Parameters
    ----------
    level : str
        Id of the level.
    render_mode : str, optional
        As of CartPole.

    Notes
    -----
    Actions are left and right or, where the cart can idle, nothing, left and right. The physics are
    Gymnasium's.
    """

    def __init__(self, level: str, render_mode: str | None = None) -> None:
        super().__init__(render_mode=render_mode)
        self.level = LEVELS[level]
        self._seen = slice(None) if self.level.has_speeds else slice(None, None, 2)
        bounds: Any = self.observation_space
        self.observation_space = gym.spaces.Box(bounds.low[self._seen], bounds.high[self._seen])
        self._force = self.force_mag
        self._n_moves = self._n_idle = 0
        if self.level.can_idle:
            self.action_space = gym.spaces.Discrete(3)
            self.metadata = {**self.metadata, "action_names": ("nothing", "left", "right")}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Float32Array, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self.state = self.np_random.uniform(-START, START)
        self._n_moves = self._n_idle = 0
        return np.array(self.state, np.float32)[self._seen], {}

    def step(self, action: int) -> tuple[Float32Array, float, bool, bool, dict[str, Any]]:
        before = self._fitness()
        is_idle = self.level.can_idle and action == 0
        self._n_moves += 1
        self._n_idle += is_idle
        self.force_mag = 0.0 if is_idle else self._force
        side = max(0, int(action) - 1) if self.level.can_idle else int(action)
        observation, _, terminated, truncated, info = super().step(side)
        return observation[self._seen], self._fitness() - before, terminated, truncated, info

    def _fitness(self) -> float:
        if self.level.must_idle:
            return min(float(self._n_moves), self._n_idle / IDLE_SHARE)
        return float(self._n_moves)


for _env_id in LEVELS:
    gym.register(_env_id, PlankCartPole, kwargs={"level": _env_id}, max_episode_steps=MOVES)
