"""Evolution where each step takes 50 ms: the first sign of life, and the end of the run."""

import subprocess
import sys
from typing import Any

from benchmarks.cases.contenders import PROGRAM, TINY, evolved, warm_up
from benchmarks.cases.tasks import WORKERS, Task
from benchmarks.harness.children import reason
from benchmarks.harness.results import EPISODES, RETURN, SECONDS, Beside, Figure, Row
from benchmarks.harness.scale import Scale

TASK = Task(env_id="slow_envs:SlowCartPole-v0", target=None, seconds=60.0, n_seeds=3)
TINY_TASK = Task(
    env_id=TASK.env_id, target=None, seconds=0.5, env_kwargs={"step_s": 0.004}, changes=TINY
)
FIRST_REPORT, WHOLE_RUN = "slow-first-report", "slow-whole-run"
MARK_FIRST_S, MARK_WHOLE_S = 15.0, 70.0


def slow_steps(scale: Scale) -> list[Row]:
    """Evolve for as long as a user asked for, and keep the run in a directory."""
    if not (scale.wants(FIRST_REPORT) or scale.wants(WHOLE_RUN)):
        return []
    task = scale.pick(TASK, TINY_TASK)
    runs: list[dict[str, Any]] = []
    failures: list[str] = []
    if not scale.is_quick:
        warm_up(task)
    for seed in task.seeds(scale):
        line = f"{task.name} seed {seed}: "
        try:
            runs.append(_run(task, seed, scale))
            line += ", ".join(f"{name} {value}" for name, value in runs[-1].items())
        except subprocess.SubprocessError as error:
            failures.append(f"failed: {reason(error)}")
            line += failures[-1]
        print(line, file=sys.stderr, flush=True)
    return [_first_report(task, runs, failures), _whole_run(task, runs, failures)]


def _run(task: Task, seed: int, scale: Scale) -> dict[str, Any]:
    return evolved(
        PROGRAM,
        task,
        seed,
        scale,
        env_kwargs=task.env_kwargs,
        held_out_kwargs={"step_s": 0.0},
        changes=task.changes,
        is_saved=True,
        counts_start=False,
    )


def _first_report(task: Task, runs: list[dict[str, Any]], failures: list[str]) -> Row:
    seconds = [run["first_report_s"] for run in runs if run["first_report_s"] is not None]
    silent = Beside(name="runs without a report", status=str(len(runs) - len(seconds)))
    return Row(
        name="neuroevolution",
        case=FIRST_REPORT,
        what=f"{task.name}, whose steps take 50 ms: seconds from the start of the process to the "
        f"first report of progress or of a generation, {WORKERS} workers",
        unit=SECONDS,
        wall=Figure.of(seconds) if seconds else None,
        mark=MARK_FIRST_S,
        basis="wall",
        beside=(*([silent] if len(seconds) < len(runs) else []), *_failed(failures)),
    )


def _whole_run(task: Task, runs: list[dict[str, Any]], failures: list[str]) -> Row:
    beside = [
        Beside(name=name, unit=unit, wall=Figure.of([run[key] for run in runs]), is_rival=False)
        for name, key, unit in (
            ("held-out mean of the champion in its file", "held_out", RETURN),
            ("played", "n_episodes", EPISODES),
        )
        if runs
    ]
    return Row(
        name="neuroevolution",
        case=WHOLE_RUN,
        what=f"the same runs, with a limit of {task.seconds:g} s: seconds from the start of the "
        "process to the end of the run, its files and its report",
        unit=SECONDS,
        wall=Figure.of([run["wall_s"] for run in runs]) if runs else None,
        mark=MARK_WHOLE_S,
        basis="wall",
        beside=(*beside, *_failed(failures)),
    )


def _failed(failures: list[str]) -> list[Beside]:
    if not failures:
        return []
    return [Beside(name="failures", status=f"{len(failures)} runs {failures[0]}")]
