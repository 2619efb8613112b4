"""Environments to evolve for: their targets, their limits, and how a result is checked."""

import importlib.util
from dataclasses import dataclass

from benchmarks.harness.scale import Scale
from spiking_agent.episodes.seeds import RESULT_SEEDS

WORKERS = 2
N_SEEDS = 10
N_HELD_OUT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An environment to evolve for.

    Parameters
    ----------
    env_id : str
        Its Gymnasium id.
    target : float
        Mean return over the held-out episodes that counts as solved.
    seconds : float
        Limit of an evolution, in wall seconds.
    module : str
        The module that it needs besides Gymnasium; may be empty.
    """

    env_id: str
    target: float
    seconds: float
    module: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether the environment can be made."""
        return not self.module or importlib.util.find_spec(self.module) is not None


TASKS = (
    Task(env_id="CartPole-v1", target=475.0, seconds=3.0),
    Task(env_id="Acrobot-v1", target=-100.0, seconds=10.0),
    Task(env_id="MountainCar-v0", target=-110.0, seconds=60.0),
    Task(env_id="LunarLander-v3", target=200.0, seconds=120.0, module="Box2D"),
    Task(env_id="Pendulum-v1", target=-200.0, seconds=120.0),
    Task(env_id="MountainCarContinuous-v0", target=90.0, seconds=60.0),
)
TINY_TASKS = (Task(env_id="CartPole-v1", target=475.0, seconds=0.2),)


def held_out_seeds(scale: Scale) -> range:
    """Return the seeds of the held-out episodes, the same as in `evaluate`."""
    return range(RESULT_SEEDS, RESULT_SEEDS + scale.pick(N_HELD_OUT, 2))
