"""The main use: evolution on Snake, and how much of a generation's time is breeding."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.harness.results import MOVES, PERCENT, Beside, Figure, Row, Unit, figures
from benchmarks.harness.scale import Scale
from benchmarks.harness.timing import Sample
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.recipes.choose import recipe
from spiking_agent.evolution.reporters.protocol import GenerationReport, RunReport
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.strategies.genetic_algorithm import GeneticAlgorithm

WARM_UP_S = 4.0  # generations in the first seconds of a run do not count
MARK_SHARE = 5.0


@dataclass(frozen=True, slots=True)
class Case:
    """A size of brain."""

    name: str
    changes: dict[str, Any]
    mark: float

    def config(self, scale: Scale) -> EvolutionConfig:
        """Return the recipe "senses" for Snake with this brain."""
        config = recipe(EnvSource("Snake-v0"), name="senses").changed(**self.changes)
        return scale.pick(config, config.changed(population_size=6, n_episodes=1, n_validation=2))


CASES = (
    Case("no hidden neurons, 1 tick", {}, 8e6),
    Case("24 hidden neurons, 3 ticks", {"n_hidden": 24, "n_ticks": 3}, 2.5e6),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """The state of a run after a generation."""

    generation: int
    elapsed_s: float
    cpu_s: float
    n_moves: int  # of this generation
    breeding_s: float  # so far


class Stopwatch:
    """A reporter that notes the time after each generation."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.breeding_s = 0.0

    def run_started(self, report: RunReport) -> None:
        """Do nothing."""

    def generation_evaluated(self, report: GenerationReport) -> None:
        """Note the time."""
        now = (report.elapsed_s, time.process_time())
        self.marks.append(Mark(report.generation, *now, report.n_moves, self.breeding_s))

    def run_finished(self) -> None:
        """Do nothing."""

    def parts(self, n_parts: int) -> list[tuple[Mark, Mark, int]]:
        """Divide the generations after the warm-up; return each part's two marks and its moves."""
        marks = self.marks
        longest = marks[-1].elapsed_s
        warm_up_s = min(WARM_UP_S, longest / 3)
        steady = [mark for mark in marks if mark.elapsed_s >= warm_up_s]
        n_parts = min(n_parts, len(steady) - 1)
        if n_parts < 1:
            steady, n_parts = marks, 1
        ends = [steady[i * (len(steady) - 1) // n_parts] for i in range(n_parts + 1)]
        moves = [
            sum(m.n_moves for m in marks[a.generation + 1 : b.generation + 1])
            for a, b in pairwise(ends)
        ]
        return list(zip(ends, ends[1:], moves, strict=False))


def run(config: EvolutionConfig, scale: Scale, workers: int, seconds: float) -> Stopwatch:
    """Evolve for some seconds, but at least a few generations, and return the times."""
    watch = Stopwatch()
    evolution = Evolution(config, workers=workers, reporters=[watch])
    with _breeding_timed(watch):
        if scale.is_quick:
            evolution.run(generations=4)
        else:
            evolution.run(seconds=seconds)
            if evolution.generation < 4:
                evolution.run(generations=4)
    return watch


@contextmanager
def _breeding_timed(watch: Stopwatch) -> Iterator[None]:
    """Add up the time in `GeneticAlgorithm.ask` and `tell`, for selection and variation."""
    usual = {name: getattr(GeneticAlgorithm, name) for name in ("ask", "tell")}

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            started_s = time.perf_counter()
            try:
                return method(*arguments)
            finally:
                watch.breeding_s += time.perf_counter() - started_s

        return call

    try:
        for name, method in usual.items():
            setattr(GeneticAlgorithm, name, timed(method))
        yield
    finally:
        for name, method in usual.items():
            setattr(GeneticAlgorithm, name, method)


def evolution(scale: Scale) -> list[Row]:
    """Measure the moves per second of a whole evolution, with two workers and with one."""
    return [_speed(case, scale) for case in CASES]


def _speed(case: Case, scale: Scale) -> Row:
    config = case.config(scale)
    both = _samples(run(config, scale, 2, scale.seconds), scale)
    alone = _samples(run(config, scale, 1, scale.seconds / 2), scale)
    cpu, _ = figures(MOVES, alone)
    _, wall = figures(MOVES, both)
    return Row(
        name="evolution",
        case=case.name,
        what=f"evolution on Snake-v0, population {config.population_size}, senses, "
        f"{case.name} per move: all moves by the wall time of whole generations with two "
        "workers; by the CPU time of one worker",
        unit=MOVES,
        cpu=cpu,
        wall=wall,
        mark=case.mark,
        basis="wall",
        beside=(Beside.of("one worker", MOVES, alone),),
        notes=("the range is that of consecutive parts of one run, which is still learning",),
    )


def _samples(watch: Stopwatch, scale: Scale) -> list[Sample]:
    return [
        Sample(b.cpu_s - a.cpu_s, b.elapsed_s - a.elapsed_s, n_moves)
        for a, b, n_moves in watch.parts(scale.repeats)
    ]


def variation(scale: Scale) -> list[Row]:
    """Measure the share of generations' time in selection and variation."""
    return [_share(case, scale) for case in CASES]


def _share(case: Case, scale: Scale) -> Row:
    config = case.config(scale)
    parts = run(config, scale, 2, scale.seconds / 2).parts(scale.repeats)
    shares = [
        100.0 * (b.breeding_s - a.breeding_s) / (b.elapsed_s - a.elapsed_s) for a, b, _ in parts
    ]
    return Row(
        name="variation",
        case=case.name,
        what="share of a generation's wall time in selection and variation (ask and tell), two "
        f"workers, {case.name}",
        unit=PERCENT,
        wall=Figure.of(shares),
        mark=MARK_SHARE,
        basis="wall",
        beside=(_breeding_ms(parts),),
    )


def _breeding_ms(parts: Sequence[tuple[Mark, Mark, int]]) -> Beside:
    times = [
        1e3 * (b.breeding_s - a.breeding_s) / (b.generation - a.generation) for a, b, _ in parts
    ]
    unit = Unit("ms/generation", is_rate=False)
    return Beside(name="the time itself", unit=unit, wall=Figure.of(times), is_rival=False)
