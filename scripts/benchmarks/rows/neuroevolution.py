"""Evolution to the target in Gymnasium's own environments: ours and neat-python, seed by seed."""

import sys
import time
from collections.abc import Callable, Sequence

from benchmarks.cases.tasks import N_SEEDS, TASKS, TINY_TASKS, WORKERS, Task, held_out_seeds
from benchmarks.harness.results import (
    EPISODES,
    NOT_INSTALLED,
    RETURN,
    SECONDS,
    Beside,
    Figure,
    Row,
    Unit,
)
from benchmarks.harness.scale import Scale
from benchmarks.harness.single_runs import SingleRun
from benchmarks.peers import neat_peer
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.recipes.choose import recipe
from spiking_agent.evolution.reporters.protocol import GenerationReport, RunReport
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.organism.evaluation import evaluate

OURS = "ours"


class Tally:
    """A reporter that counts the episodes, and notes the time by the run's own clock."""

    def __init__(self) -> None:
        self.n_episodes = 0
        self.elapsed_s = 0.0

    def run_started(self, report: RunReport) -> None:
        """Do nothing."""

    def generation_evaluated(self, report: GenerationReport) -> None:
        """Count the episodes of a generation."""
        self.n_episodes += report.n_episodes
        self.elapsed_s = report.elapsed_s

    def run_finished(self) -> None:
        """Do nothing."""


def neuroevolution(scale: Scale) -> list[Row]:
    """Evolve for each task from each seed, ours and neat-python in turn."""
    tasks = [task for task in scale.pick(TASKS, TINY_TASKS) if scale.wants(task.env_id)]
    return [_row(task, scale) for task in tasks]


def _row(task: Task, scale: Scale) -> Row:
    runs = _runs(task, scale) if task.is_installed else []
    ours = [run for run in runs if run.who == OURS]
    unit = Unit(f"of {scale.pick(N_SEEDS, 1)} seeds", is_rate=True, is_timed=False)
    beside = _medians("", ours)
    if not task.is_installed:
        beside = [Beside(name=task.module, status=NOT_INSTALLED)]
    elif scale.has_peers:
        theirs = [run for run in runs if run.who != OURS]
        beside += _neat(theirs, unit)
    return Row(
        name="neuroevolution",
        case=task.env_id,
        what=f"seeds whose evolution reaches a mean return of {task.target:g} over "
        f"{len(held_out_seeds(scale))} held-out episodes; no generation is started after "
        f"{task.seconds:g} s on {WORKERS} workers; below, for the same runs: held-out mean, "
        "wall seconds of the whole run, episodes of training and validation",
        unit=unit,
        wall=_n_held(ours),
        basis="wall",
        beside=tuple(beside),
        notes=(
            "figures that are not times are also in the column of wall time; medians are over all "
            "seeds, including those that missed; our recipes were chosen on runs from seeds 0 to 3 "
            "and from 100 on",
            *((neat_peer.MANNER,) if scale.has_peers else ()),
        ),
        runs=tuple(runs),
    )


def _runs(task: Task, scale: Scale) -> list[SingleRun]:
    """Return the runs of all contenders, which take turns, so slow moments affect all of them."""
    contenders: list[Callable[[Task, int, Scale], SingleRun]] = [_ours]
    if scale.has_peers and neat_peer.is_installed():
        contenders.append(neat_peer.evolve)
    _warm_up(task, scale)
    runs = []
    for seed in range(scale.pick(N_SEEDS, 1)):
        for evolve in contenders:
            runs.append(evolve(task, seed, scale))
            held_out, seconds, n_episodes = runs[-1].cells()
            line = f"{task.env_id} seed {seed}, {runs[-1].who}: {held_out}, {seconds} s"
            print(f"{line}, {n_episodes} episodes", file=sys.stderr, flush=True)
    return runs


def _config(task: Task, seed: int, scale: Scale) -> EvolutionConfig:
    config = recipe(EnvSource(task.env_id)).changed(seed=seed)
    return scale.pick(config, config.changed(population_size=6, n_episodes=1, n_validation=2))


def _warm_up(task: Task, scale: Scale) -> None:
    """Compile the kernels, as the first run of any user does."""
    Evolution(_config(task, 0, scale), workers=WORKERS).run(generations=1)


def _ours(task: Task, seed: int, scale: Scale) -> SingleRun:
    """Evolve with the recipe, as a user would."""
    config = _config(task, seed, scale)
    tally = Tally()
    started_s = time.perf_counter()
    evolution = Evolution(config, workers=WORKERS, reporters=[tally])
    left_s = task.seconds - (time.perf_counter() - started_s)  # learning bounds took some time
    champion = evolution.run(seconds=max(0.01, left_s))
    wall_s = time.perf_counter() - started_s
    held_out = evaluate(champion, episodes=len(held_out_seeds(scale)), workers=WORKERS).mean
    return SingleRun(
        who=OURS,
        seed=seed,
        is_held=held_out >= task.target,
        held_out=held_out,
        wall_s=wall_s,
        counted_s=tally.elapsed_s,
        n_episodes=tally.n_episodes,
    )


def _neat(runs: Sequence[SingleRun], unit: Unit) -> list[Beside]:
    """Return how many seeds of neat-python reach the target, and its medians."""
    name = neat_peer.title()
    if not runs:
        return [Beside(name=name, status=NOT_INSTALLED)]
    failures = [run.failure for run in runs if run.failure]
    if len(failures) == len(runs):
        return [Beside(name=name, status=failures[0])]
    held = Beside(name=name, unit=unit, wall=_n_held(runs), is_rival=False)
    return [held, *_medians(f"{name}, ", runs)]


def _n_held(runs: Sequence[SingleRun]) -> Figure | None:
    return Figure.of([sum(run.is_held for run in runs)]) if runs else None


def _medians(prefix: str, runs: Sequence[SingleRun]) -> list[Beside]:
    """Return the medians of the runs that did not fail."""
    done = [run for run in runs if not run.failure]
    columns = (
        ("held-out mean", RETURN, [run.held_out for run in done]),
        ("wall time", SECONDS, [run.wall_s for run in done]),
        ("played", EPISODES, [run.n_episodes for run in done]),
    )
    return [
        Beside(name=prefix + name, unit=unit, wall=Figure.of(values), is_rival=False)
        for name, unit, values in columns
        if values
    ]
