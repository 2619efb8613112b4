"""neat-python as a peer, each evolution in its own process."""

import importlib.util
from importlib.metadata import version
from pathlib import Path

from benchmarks.cases.contenders import single_run
from benchmarks.cases.tasks import Task
from benchmarks.harness.scale import Scale
from benchmarks.harness.single_runs import SingleRun
from spiking_agent.episodes.seeds import TRAINING_SEEDS, VALIDATION_SEEDS
from spiking_agent.evolution.championship import N_STANDARD_ERRORS

NAME = "neat-python"
PROGRAM = Path(__file__).with_name("neat_evolution.py")
POPULATION = 50
# Episodes per genome and generation: the numbers that work best for it; noisy tasks need more.
N_EPISODES = {"Acrobot-v1": 1, "CartPole-v1": 2, "MountainCarContinuous-v0": 1}
MOST_EPISODES = 3
N_VALIDATION = 64  # mostly the same as ours
VALIDATION_INTERVAL = 5
MANNER = (
    f"{NAME} evolves feed-forward networks, {POPULATION} at a time, by the settings of neat.ini, "
    f"until the mean of {N_VALIDATION} validation episodes of its best genome lies "
    f"{N_STANDARD_ERRORS:g} standard errors beyond the target, as ours, which fresh episodes must "
    "then confirm"
)


def is_installed() -> bool:
    """Return whether neat-python is installed."""
    return importlib.util.find_spec("neat") is not None


def title() -> str:
    """Return the name of neat-python with the installed version."""
    return f"{NAME} {version(NAME)}" if is_installed() else NAME


def evolve(task: Task, seed: int, scale: Scale) -> SingleRun:
    """Evolve for a task with the same limit and as many workers as ours.

    Like ours, it ends once the validation of its best genome exceeds the target.
    """
    first = VALIDATION_SEEDS[0]
    return single_run(
        title(),
        PROGRAM,
        task,
        seed,
        scale,
        hash_seed="0",  # it iterates over sets
        margin=N_STANDARD_ERRORS,
        population_size=scale.pick(POPULATION, 10),
        n_episodes=N_EPISODES.get(task.env_id, MOST_EPISODES),
        max_moves=task.max_moves,
        training_seeds=TRAINING_SEEDS,
        validation_seeds=(first, first + scale.pick(N_VALIDATION, 2)),
        validation_interval=VALIDATION_INTERVAL,
    )
