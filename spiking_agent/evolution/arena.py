"""Where the genomes of a run play: one evaluator for each task, on the same workers."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from spiking_agent.brain.population import Population
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.codec.codec import Codec
from spiking_agent.episodes.evaluator import Evaluator
from spiking_agent.episodes.openings import Openings
from spiking_agent.episodes.results import EpisodeResults, SeedArray
from spiking_agent.episodes.seeds import TRAINING_SEEDS
from spiking_agent.episodes.task import Task
from spiking_agent.episodes.workers.head_start import HEAD_START_S, NONE, HeadStart
from spiking_agent.episodes.workers.watch import Watch
from spiking_agent.evolution.interrupt import CtrlC
from spiking_agent.typing import Int16Array

Seeds = Sequence[int] | SeedArray


@dataclass(slots=True)
class Arena:
    """The evaluators of a run, as a context that Ctrl-C stops.

    A second Ctrl-C raises a KeyboardInterrupt only while genomes play: the state of the run does
    not change then, so it can still be saved.

    Parameters
    ----------
    engine, max_envs, workers, executor
        See `Evaluator`.
    on_stop : callable
        Called from the signal handler when Ctrl-C is pressed.
    is_slow, over
        See `Evaluator`.
    """

    engine: str
    max_envs: int | None
    workers: int
    executor: Executor | None
    on_stop: Callable[[], object] = lambda: None
    is_slow: bool = False
    over: Watch = field(default_factory=Watch)
    ctrl_c: CtrlC = field(init=False)
    _head_start: HeadStart = field(init=False)
    _evaluators: list[tuple[Task, Evaluator]] = field(init=False, default_factory=list)
    _is_stopped: bool = field(init=False, default=False)
    _opened: ExitStack = field(init=False, default_factory=ExitStack)

    def __post_init__(self) -> None:
        self._head_start = NONE if self.executor is not None else HeadStart(HEAD_START_S)

    def __enter__(self) -> Self:
        self.ctrl_c = CtrlC(self._stop).__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self.ctrl_c.__exit__(*error)
        finally:
            self._opened.close()

    def warm_up(self, task: Task, codec: Codec, population: Population | Tissue) -> None:
        """Play one episode on every worker, so that each has compiled or loaded the kernels.

        One compiles, and the others load what it has kept. Of slow episodes only the first move is
        played. With a head start one is played in the calling process, and workers load the kernels
        once they are needed.

        Parameters
        ----------
        task, codec
            See `play`.
        population : Population or Tissue
            The brains.
        """
        evaluator = self._evaluator(task, codec)
        is_alone = not evaluator.head_start.is_over
        for n_brains in (1,) if is_alone else sorted({1, self.workers}):
            brains = population.take(np.zeros(n_brains, np.intp))
            if self.is_slow:
                with self.ctrl_c.breakable():
                    evaluator.try_out(brains, [TRAINING_SEEDS[0]])
            else:
                self.play(task, codec, brains, [TRAINING_SEEDS[0]])

    def play(
        self,
        task: Task,
        codec: Codec,
        population: Population | Tissue,
        seeds: Seeds,
        openings: Openings | None = None,
    ) -> EpisodeResults:
        """Play a task; see `Evaluator.evaluate`.

        Parameters
        ----------
        task : Task
            What is played.
        codec : Codec
            How brains are connected to it.
        population : Population or Tissue
            The brains.
        seeds : sequence of int
            Seed of each episode.
        openings : Openings, optional
            How each of them begins.
        """
        evaluator = self._evaluator(task, codec)
        with self.ctrl_c.breakable():
            return evaluator.evaluate(population, seeds, openings)

    def record(
        self,
        task: Task,
        codec: Codec,
        population: Population | Tissue,
        seeds: SeedArray,
        n_moves: int,
    ) -> Int16Array:
        """Return the choices of genomes that play one episode each; see `Evaluator.record`.

        Parameters
        ----------
        task, codec, population
            See `play`.
        seeds, n_moves
            See `Evaluator.record`.
        """
        evaluator = self._evaluator(task, codec)
        with self.ctrl_c.breakable():
            return evaluator.record(population, seeds, n_moves)

    @property
    def is_out_of_time(self) -> bool:
        """Whether the watch has ended play, and not Ctrl-C."""
        return self.over.is_over and not self._is_stopped

    def _evaluator(self, task: Task, codec: Codec) -> Evaluator:
        """Return the evaluator of a task; the first one starts the workers."""
        for known, evaluator in self._evaluators:
            if known == task:
                return evaluator
        shared = self._evaluators[0][1].executor if self._evaluators else self.executor
        evaluator = Evaluator(
            task,
            codec,
            engine=self.engine,
            max_envs=self.max_envs,
            workers=self.workers,
            executor=shared,
            is_slow=self.is_slow,
            over=self.over,
            head_start=self._head_start,
        )
        self._opened.enter_context(evaluator)
        self._evaluators.append((task, evaluator))
        if self._is_stopped:
            evaluator.stop()
        return evaluator

    def _stop(self) -> None:
        self._is_stopped = True
        for _, evaluator in self._evaluators:
            evaluator.stop()
        self.on_stop()
