"""The contenders of an evolution, each in a fresh process: what all have in common, and ours."""

import contextlib
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from benchmarks.cases.tasks import WORKERS, Task
from benchmarks.harness.children import reason, run_program
from benchmarks.harness.scale import Scale
from benchmarks.harness.single_runs import SingleRun

SCRIPTS = Path(__file__).parents[2]  # with our modules that register environments
PROGRAM = Path(__file__).with_name("own_evolution.py")
PATIENCE_S = 300.0  # beyond the limit, for the last generation and the held-out episodes
OURS = "ours"
TINY: dict[str, Any] = {"population_size": 6, "n_episodes": 1, "n_validation": 2}


def evolved(
    program: Path, task: Task, seed: int, scale: Scale, hash_seed: str = "", **settings: Any
) -> dict[str, Any]:
    """Run a program that evolves for a task, and return its results.

    Its settings are those of `evolving.Settings`, and the others that are given.
    """
    held_out = task.held_out_seeds(scale)
    settings = {
        "env_id": task.env_id,
        "target": task.target if task.aim is None else task.aim,
        "seconds": task.seconds,
        "seed": seed,
        "workers": WORKERS,
        "held_out_seeds": (held_out.start, held_out.stop),
    } | settings
    paths = (str(SCRIPTS), os.environ.get("PYTHONPATH", ""))
    env = {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    if hash_seed:
        env["PYTHONHASHSEED"] = hash_seed
    return run_program(
        program,
        json.dumps(settings | {"started_s": time.monotonic()}),
        timeout_s=task.seconds + PATIENCE_S,
        env=env,
    )


def single_run(
    who: str, program: Path, task: Task, seed: int, scale: Scale, **others: Any
) -> SingleRun:
    """Return what `evolved` does as the run of a contender, which may have failed."""
    try:
        result = evolved(program, task, seed, scale, **others)
    except subprocess.TimeoutExpired as error:
        return SingleRun(who=who, seed=seed, failure=f"failed: no end in {error.timeout:g} s")
    except subprocess.SubprocessError as error:
        return SingleRun(who=who, seed=seed, failure=f"failed: {reason(error)}")
    result.pop("first_report_s", None)
    return SingleRun(who=who, seed=seed, is_held=task.is_held(result["held_out"]), **result)


def evolve(task: Task, seed: int, scale: Scale) -> SingleRun:
    """Evolve with the recipe, as a user would."""
    return single_run(OURS, PROGRAM, task, seed, scale, **own_settings(task, scale))


def warm_up(task: Task) -> None:
    """Compile the kernels, as the first run of any user does, in a small evolution."""
    tiny = Scale(is_quick=True)
    with contextlib.suppress(subprocess.SubprocessError):  # the runs themselves will tell
        evolved(PROGRAM, task, 0, tiny, **own_settings(task, tiny), target=None, generations=2)


def own_settings(task: Task, scale: Scale) -> dict[str, Any]:
    """Return the settings of `own_evolution.OwnSettings` besides those that all have."""
    changes = {**task.changes, **scale.pick({}, TINY)}
    return {"recipe": task.recipe or None, "env_kwargs": task.env_kwargs, "changes": changes}
