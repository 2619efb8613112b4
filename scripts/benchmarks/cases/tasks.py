"""Environments to evolve for: their targets, their limits, and how a result is checked."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.harness.scale import Scale
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.evolution.settings.config import DEFAULT_MAX_MOVES

WORKERS = 2
ROUNDING = 1e-6  # rewards such as 1 / 48 do not quite add up to 1
MANY = 1000  # held-out episodes where they are short: a hundred are a matter of luck near a target


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An environment to evolve for.

    Parameters
    ----------
    env_id : str
        Its Gymnasium id, with the module that registers it unless Gymnasium does.
    target : float, optional
        Mean return over the held-out episodes that counts as solved; None for figures only.
    seconds : float
        Limit of an evolution, in wall seconds since the start of its process.
    case : str
        Its name in the table; default: the id without a module.
    n_seeds : int
        From how many seeds evolution starts, 0 and so on.
    n_needed : int, optional
        How many of them are to reach the target; default: all.
    n_held_out : int
        Held-out episodes of each champion.
    recipe : str
        Our recipe; default: the one that fits what is seen.
    changes, env_kwargs : mapping
        Settings that the recipe does not have, and arguments of the environment, both of ours.
    aim : float, optional
        Mean return at which evolutions end; default: the target.
    module : str
        The module that it needs besides Gymnasium; may be empty.
    is_for_neat : bool
        Whether neat-python can play it: it must see a Box, and act by a Box or a Discrete.
    """

    env_id: str
    target: float | None
    seconds: float
    case: str = ""
    n_seeds: int = 10
    n_needed: int | None = None
    n_held_out: int = 100
    recipe: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    aim: float | None = None
    module: str = ""
    is_for_neat: bool = True

    @property
    def name(self) -> str:
        """Its name in the table."""
        return self.case or self.env_id.rpartition(":")[2]

    @property
    def is_installed(self) -> bool:
        """Whether the environment can be made."""
        return not self.module or importlib.util.find_spec(self.module) is not None

    @property
    def max_moves(self) -> int:
        """Moves after which an episode is cut off."""
        return int(self.changes.get("max_moves", DEFAULT_MAX_MOVES))

    def seeds(self, scale: Scale) -> range:
        """Return the seeds of the evolutions."""
        n_seeds = scale.pick(self.n_seeds, 1)
        return range(n_seeds if scale.n_seeds is None else min(n_seeds, scale.n_seeds))

    def held_out_seeds(self, scale: Scale) -> range:
        """Return the seeds of the held-out episodes, the same as in `evaluate`."""
        return range(RESULT_SEEDS, RESULT_SEEDS + scale.pick(self.n_held_out, 2))

    def is_held(self, held_out: float) -> bool | None:
        """Return whether a mean over the held-out episodes reaches the target, if there is one."""
        return None if self.target is None else held_out >= self.target - ROUNDING


NUMBERS = (
    Task(env_id="CartPole-v1", target=475.0, seconds=10.0, n_held_out=MANY),
    Task(env_id="Acrobot-v1", target=-100.0, seconds=20.0, n_held_out=MANY),
    Task(env_id="MountainCar-v0", target=-110.0, seconds=60.0, n_held_out=MANY),
    Task(env_id="MountainCarContinuous-v0", target=90.0, seconds=60.0, n_held_out=MANY),
    Task(env_id="LunarLander-v3", target=200.0, seconds=90.0, n_held_out=MANY, module="Box2D"),
    Task(env_id="Pendulum-v1", target=-200.0, seconds=120.0, n_held_out=MANY),
    Task(
        env_id="BipedalWalker-v3",
        target=250.0,
        seconds=1200.0,
        n_seeds=3,
        n_needed=2,
        module="Box2D",
    ),
    Task(env_id="InvertedPendulum-v5", target=950.0, seconds=30.0, n_seeds=5, module="mujoco"),
    Task(env_id="Hopper-v5", target=1000.0, seconds=600.0, n_seeds=3, module="mujoco"),
    Task(
        env_id="flappy_bird_gymnasium:FlappyBird-v0",
        target=None,
        seconds=60.0,
        n_seeds=5,
        module="flappy_bird_gymnasium",
    ),
)
TABLES = (
    # They end at the stretch goal of 7, as more is hardly possible.
    Task(
        env_id="Taxi-v4",
        target=0.0,
        aim=7.0,
        seconds=120.0,
        n_seeds=5,
        n_held_out=MANY,
        is_for_neat=False,
    ),
    Task(
        env_id="FrozenLake8x8-v1",
        target=0.8,
        seconds=60.0,
        n_seeds=5,
        n_held_out=MANY,
        is_for_neat=False,
    ),
    # All its episodes are the same.
    Task(env_id="CliffWalking-v1", target=-13.0, seconds=20.0, n_seeds=5, is_for_neat=False),
    Task(
        env_id="gymnasium_2048:gymnasium_2048/TwentyFortyEight-v0",
        target=3000.0,
        seconds=300.0,
        n_seeds=3,
        module="gymnasium_2048",
    ),
)
MEMORY = (
    Task(
        env_id="memory_envs:TMaze-v0",
        target=1.0,
        seconds=10.0,
        n_seeds=5,
        n_held_out=MANY,
        recipe="memory",
        is_for_neat=False,
    ),
    Task(
        env_id="memory_envs:CartPolePositions-v0",
        target=475.0,
        seconds=120.0,
        n_seeds=5,
        n_held_out=MANY,
        recipe="memory",
    ),
    Task(
        env_id="popgym:popgym-RepeatPreviousEasy-v0",
        target=1.0,
        aim=1.0 - ROUNDING,
        seconds=60.0,
        n_seeds=5,
        n_held_out=MANY,
        recipe="memory",
        module="popgym",
        is_for_neat=False,
    ),
    Task(
        env_id="minigrid_envs:MemoryS7Bits-v0",
        case="MiniGrid-MemoryS7-v0",
        target=0.9,
        seconds=600.0,
        n_seeds=3,
        n_held_out=MANY,
        recipe="memory",
        module="minigrid",
        is_for_neat=False,
    ),
)
TASKS = (*NUMBERS, *TABLES, *MEMORY)
TINY_TASKS = (Task(env_id="CartPole-v1", target=475.0, seconds=0.2),)
