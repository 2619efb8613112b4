"""Where the genomes of a run play, by the rules of training or of validation."""

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
from spiking_agent.episodes.results import EpisodeResults, SeedArray
from spiking_agent.episodes.seeds import TRAINING_SEEDS
from spiking_agent.episodes.task import Task
from spiking_agent.evolution.interrupt import CtrlC

Seeds = Sequence[int] | SeedArray


@dataclass(slots=True)
class Arena:
    """The evaluators of a run, as a context that Ctrl-C stops.

    A second Ctrl-C raises a KeyboardInterrupt only while genomes play: the state of the run does
    not change then, so it can still be saved.

    Parameters
    ----------
    training, validation : Task
        What is played in training, and for the championship.
    codec, engine, max_envs, workers, executor
        See `Evaluator`.
    on_stop : callable
        Called from the signal handler when Ctrl-C is pressed.
    """

    training: Task
    validation: Task
    codec: Codec
    engine: str
    max_envs: int | None
    workers: int
    executor: Executor | None
    on_stop: Callable[[], object] = lambda: None
    ctrl_c: CtrlC = field(init=False)
    _training: Evaluator = field(init=False)
    _validation: Evaluator = field(init=False)
    _stack: ExitStack = field(init=False)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._training = stack.enter_context(self._evaluator(self.training, self.executor))
            self._validation = self._training
            if self.training != self.validation:
                shared = self._training.executor
                self._validation = stack.enter_context(self._evaluator(self.validation, shared))
            self.ctrl_c = stack.enter_context(CtrlC(self._stop))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def warm_up(self, population: Population | Tissue) -> None:
        """Play one episode on every worker, so that each has compiled or loaded the kernels.

        Parameters
        ----------
        population : Population or Tissue
            The brains.
        """
        self.train(population.take(np.zeros(self.workers, np.intp)), [TRAINING_SEEDS[0]])

    def train(self, population: Population | Tissue, seeds: Seeds) -> EpisodeResults:
        """Play by the rules of training; see `Evaluator.evaluate`.

        Parameters
        ----------
        population : Population or Tissue
            The brains.
        seeds : sequence of int
            Seed of each episode.
        """
        return self._play(self._training, population, seeds)

    def validate(self, population: Population | Tissue, seeds: Seeds) -> EpisodeResults:
        """Play by the rules of validation; see `Evaluator.evaluate`.

        Parameters
        ----------
        population : Population or Tissue
            The brains.
        seeds : sequence of int
            Seed of each episode.
        """
        return self._play(self._validation, population, seeds)

    def _evaluator(self, task: Task, executor: Executor | None) -> Evaluator:
        return Evaluator(
            task,
            self.codec,
            engine=self.engine,
            max_envs=self.max_envs,
            workers=self.workers,
            executor=executor,
        )

    def _play(
        self, evaluator: Evaluator, population: Population | Tissue, seeds: Seeds
    ) -> EpisodeResults:
        with self.ctrl_c.breakable():
            return evaluator.evaluate(population, seeds)

    def _stop(self) -> None:
        self._training.stop()
        self._validation.stop()
        self.on_stop()
