"""Evolution to the target of many environments: ours and neat-python, seed by seed."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.cases import contenders
from benchmarks.cases.contenders import OURS
from benchmarks.cases.plank import PLANK_TASKS
from benchmarks.cases.tasks import TASKS, TINY_TASKS, WORKERS, Task
from benchmarks.harness.results import (
    EPISODES,
    NOT_INSTALLED,
    RETURN,
    SECONDS,
    TIMES,
    Beside,
    Figure,
    Row,
    Unit,
    interquartile_mean,
)
from benchmarks.harness.scale import Scale
from benchmarks.harness.single_runs import SingleRun
from benchmarks.peers import neat_peer
from benchmarks.rows.slow_steps import slow_steps


def neuroevolution(scale: Scale) -> list[Row]:
    """Evolve for each task from each seed, ours and neat-python in turn."""
    tasks = scale.pick((*TASKS, *PLANK_TASKS), TINY_TASKS)
    rows = [_row(task, scale) for task in tasks if scale.wants(task.name)]
    return rows + slow_steps(scale)


def _row(task: Task, scale: Scale) -> Row:
    has_neat = scale.has_peers and task.is_for_neat
    runs = _runs(task, scale, has_neat) if task.is_installed else []
    ours = [run for run in runs if run.who == OURS]
    unit = _unit(task, scale)
    beside = _figures("", ours)
    if not task.is_installed:
        beside = [Beside(name=task.module, status=NOT_INSTALLED)]
    elif has_neat:
        beside += _neat([run for run in runs if run.who != OURS], ours, task, unit)
    n_seeds = len(task.seeds(scale))
    n_needed = n_seeds if task.n_needed is None else min(n_seeds, task.n_needed)
    return Row(
        name="neuroevolution",
        case=task.name,
        what=_what(task, scale),
        unit=unit,
        wall=_main_figure(task, ours),
        mark=None if task.target is None else float(n_needed),
        basis="wall",
        beside=tuple(beside),
        notes=_notes(has_neat),
        runs=tuple(runs),
    )


def _unit(task: Task, scale: Scale) -> Unit:
    if task.target is None:
        return RETURN
    return Unit(f"of {len(task.seeds(scale))} seeds", is_rate=True, is_timed=False)


def _what(task: Task, scale: Scale) -> str:
    """Return what the figures of a task mean."""
    n_held_out = len(task.held_out_seeds(scale))
    counted = f"mean return over {n_held_out:,} held-out episodes, median of the seeds"
    if task.target is not None:
        counted = (
            f"seeds whose evolution reaches a mean return of {task.target:g} over {n_held_out:,} "
            "held-out episodes"
        )
    end = "" if task.aim is None else f", which ends at {task.aim:g} in validation"
    recipe = f", recipe {task.recipe!r}" if task.recipe else ""
    return (
        f"{counted}; evolution{end} starts no generation after {task.seconds:g} s on {WORKERS} "
        f"workers{recipe}; below, for the same runs: held-out mean, wall seconds of a fresh "
        "process with its imports and without the held-out episodes, episodes of training and "
        "validation"
    )


def _notes(has_neat: bool) -> tuple[str, ...]:
    return (
        "figures that are not times are also in the column of wall time; medians and interquartile "
        "means, which leave out a quarter of the seeds at either end, include seeds that missed, "
        "but no runs that failed; compiled kernels are cached; our recipes were chosen on runs "
        "from seeds 0 to 3 and from 100 on",
        *((neat_peer.MANNER,) if has_neat else ()),
    )


def _runs(task: Task, scale: Scale, has_neat: bool) -> list[SingleRun]:
    """Return the runs of all contenders, which take turns, so slow moments affect all of them."""
    contestants: list[Callable[[Task, int, Scale], SingleRun]] = [contenders.evolve]
    if has_neat and neat_peer.is_installed():
        contestants.append(neat_peer.evolve)
    if not scale.is_quick:
        contenders.warm_up(task)
    runs = []
    for seed in task.seeds(scale):
        for evolve in contestants:
            runs.append(evolve(task, seed, scale))
            held_out, seconds, n_episodes = runs[-1].cells()
            line = f"{task.name} seed {seed}, {runs[-1].who}: {held_out}, {seconds} s"
            print(f"{line}, {n_episodes} episodes", file=sys.stderr, flush=True)
    return runs


def _neat(
    theirs: Sequence[SingleRun], ours: Sequence[SingleRun], task: Task, unit: Unit
) -> list[Beside]:
    """Return the figures of neat-python, and how our wall time compares."""
    name = neat_peer.title()
    if not theirs:
        return [Beside(name=name, status=NOT_INSTALLED)]
    main = _main_figure(task, theirs)
    beside = [] if main is None else [Beside(name=name, unit=unit, wall=main, is_rival=False)]
    beside += _figures(f"{name}, ", theirs)
    seconds = [_done(runs, "wall_s") for runs in (ours, theirs)]
    if all(seconds):
        own_s, their_s = (Figure.of(values).median for values in seconds)
        quotient = Figure.of([own_s / their_s])
        beside.append(
            Beside(
                name=f"our median wall time by that of {name}",
                unit=TIMES,
                wall=quotient,
                is_rival=False,
            )
        )
    return beside


def _main_figure(task: Task, runs: Sequence[SingleRun]) -> Figure | None:
    """Return how many seeds reach the target or, without one, their held-out means."""
    if task.target is None:
        values = _done(runs, "held_out")
        return Figure.of(values) if values else None
    if not _done(runs, "held_out"):
        return None
    return Figure.of([sum(run.is_held is True for run in runs)])


def _figures(prefix: str, runs: Sequence[SingleRun]) -> list[Beside]:
    """Return medians and interquartile means of the runs that did not fail, and the failures."""
    beside = []
    for name, field, unit, has_mean in (
        ("held-out mean", "held_out", RETURN, True),
        ("wall time", "wall_s", SECONDS, True),
        ("played", "n_episodes", EPISODES, False),
    ):
        values = _done(runs, field)
        figures = [(name, Figure.of(values))] if values else []
        if has_mean and values:
            name_of_mean = f"{name}, interquartile mean"
            figures.append((name_of_mean, Figure.of([interquartile_mean(values)])))
        beside += [
            Beside(name=prefix + name, unit=unit, wall=figure, is_rival=False)
            for name, figure in figures
        ]
    failures = [run.failure for run in runs if run.failure]
    if failures:
        status = f"{len(failures)} of {len(runs)} runs {failures[0]}"
        beside.append(Beside(name=f"{prefix}failures", status=status))
    return beside


def _done(runs: Sequence[SingleRun], field: str) -> list[Any]:
    """Return a figure of the runs that did not fail."""
    return [getattr(run, field) for run in runs if not run.failure]
