"""neat-python as a peer, each evolution in its own process."""

import importlib.util
import json
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks.cases.tasks import WORKERS, Task, held_out_seeds
from benchmarks.harness.children import reason, run_program
from benchmarks.harness.scale import Scale
from benchmarks.harness.single_runs import SingleRun
from spiking_agent.episodes.seeds import TRAINING_SEEDS, VALIDATION_SEEDS
from spiking_agent.evolution.championship import N_STANDARD_ERRORS

NAME = "neat-python"
PROGRAM = Path(__file__).with_name("neat_evolution.py")
PATIENCE_S = 300.0  # beyond the limit, for the last generation and the held-out episodes
POPULATION = 50
# Episodes per genome and generation: the numbers that work best for it; noisy tasks need more.
N_EPISODES = {"Acrobot-v1": 1, "CartPole-v1": 2, "MountainCarContinuous-v0": 1}
MOST_EPISODES = 3
N_VALIDATION = 64  # mostly the same as ours
VALIDATION_INTERVAL = 5
MANNER = (
    f"{NAME} evolves feed-forward networks, {POPULATION} at a time, by the settings of neat.ini, "
    f"until the mean of {N_VALIDATION} validation episodes of its best genome lies "
    f"{N_STANDARD_ERRORS:g} standard errors beyond the target, as ours"
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
    first, held_out = VALIDATION_SEEDS[0], held_out_seeds(scale)
    settings = {
        "env_id": task.env_id,
        "target": task.target,
        "margin": N_STANDARD_ERRORS,
        "seconds": task.seconds,
        "seed": seed,
        "workers": WORKERS,
        "population_size": scale.pick(POPULATION, 10),
        "n_episodes": N_EPISODES.get(task.env_id, MOST_EPISODES),
        "training_seeds": TRAINING_SEEDS,
        "validation_seeds": (first, first + scale.pick(N_VALIDATION, 2)),
        "validation_interval": VALIDATION_INTERVAL,
        "held_out_seeds": (held_out.start, held_out.stop),
    }
    try:
        result = run_program(
            PROGRAM,
            json.dumps(settings),
            timeout_s=task.seconds + PATIENCE_S,
            env={"PYTHONHASHSEED": "0"},  # it iterates over sets
        )
    except subprocess.TimeoutExpired as error:
        return SingleRun(who=title(), seed=seed, failure=f"failed: no end in {error.timeout:g} s")
    except subprocess.SubprocessError as error:
        return SingleRun(who=title(), seed=seed, failure=f"failed: {reason(error)}")
    return SingleRun(who=title(), seed=seed, is_held=result["held_out"] >= task.target, **result)
