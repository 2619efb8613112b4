"""Fitness of a population: the same seeded episodes for every genome, on any number of workers."""

import itertools
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from typing import Any, Self

import numpy as np

from spiking_agent.arguments import whole
from spiking_agent.codec import Codec
from spiking_agent.environments import EnvSource
from spiking_agent.errors import WorkerDiedError
from spiking_agent.population import Population
from spiking_agent.rollout import EpisodePlayer, EpisodeResults, SeedArray, Stopped, each_seed
from spiking_agent.workers import WorkerProcesses, must_stop

MAX_SINGLE_LANES = 64  # environments without a native vector that one task steps side by side
TASKS_PER_PROCESS = 4  # more tasks than processes even out episodes of different length, but
FEW_LANES = 16  # tasks of fewer would spend more time on each decision than on its lanes

_players: dict[tuple[str, int], EpisodePlayer] = {}  # by evaluator and thread
_stopped: set[str] = set()  # tokens of evaluators of this process that gave up
_serial = itertools.count()


@dataclass(frozen=True, slots=True)
class _Task:
    """Some genomes and some episodes, with all that a worker anywhere needs."""

    token: str  # of the evaluator: its players keep their environments between tasks
    source: EnvSource
    codec: Codec
    score_key: str | None
    engine: str
    max_moves: int | None
    population: Population
    seeds: SeedArray  # (n_genomes, n_episodes)


class Evaluator:
    """Plays episodes on workers; the results do not depend on how they are divided.

    Parameters
    ----------
    source : EnvSource
        Where environments come from.
    codec : Codec
        How brains are connected to them.
    score_key : str or None
        Key of the last info that is the score; None for the sum of rewards.
    engine : {"compiled", "actors", "live"}
        What runs the brains.
    max_moves : int or None
        Moves after which an episode is given up; None leaves it to the environment.
    workers : int
        Processes that play; 1 plays in the calling thread. Threads would share one interpreter
        lock, which every move of all lanes takes several times.
    executor : concurrent.futures.Executor, optional
        Where tasks run instead, such as a cluster's; `workers` then says how many to make.

    Raises
    ------
    ValueError
        If `workers` is less than 1, or processes are needed and cannot import the environment.

    Notes
    -----
    The same seed must give the same episode in every environment made, so `reset(seed=...)` has
    to forget all that was before; wrappers that keep running means do not. Worker processes
    import the environment anew: ids that were registered by hand in a script are not known there.
    """

    def __init__(
        self,
        source: EnvSource,
        codec: Codec,
        *,
        score_key: str | None = None,
        engine: str = "compiled",
        max_moves: int | None = None,
        workers: int = 1,
        executor: Executor | None = None,
    ) -> None:
        workers = whole("workers", workers, 1)
        self._max_moves = None if max_moves is None else whole("max_moves", max_moves, 1)
        self._source, self._codec = source, codec
        self._score_key, self._engine, self._workers = score_key, engine, workers
        self._processes = WorkerProcesses()
        self._token = f"{os.getpid()}-{next(_serial)}"
        vector = source.make_vector(1)
        self.is_native = vector is not None
        if vector is not None:
            vector.close()
        self._own_executor: Executor | None = None
        if executor is None and workers > 1:
            executor = self._own_executor = self._make_executor()
        self.executor = executor
        self._futures: list[Future[EpisodeResults]] = []
        self._is_stopped = False

    def _make_executor(self) -> Executor:
        try:
            ForkingPickler.dumps((self._source, self._codec))
        except Exception as error:
            codec = (self._codec.encoder, self._codec.decoder)
            raise ValueError(
                "env, encoder and decoder must be something that worker processes can import (a "
                "Gymnasium id, or functions and classes at the top of a module), got "
                f"{self._source.env!r} with {' and '.join(type(part).__name__ for part in codec)}: "
                "or give workers=1"
            ) from error
        return self._processes.start(self._workers)

    def evaluate(self, population: Population, seeds: Sequence[int] | SeedArray) -> EpisodeResults:
        """Let every genome play its episodes.

        Parameters
        ----------
        population : Population
            The genomes.
        seeds
            See `each_seed`.

        Returns
        -------
        EpisodeResults
            Arrays of shape (n_genomes, n_episodes).

        Raises
        ------
        Stopped
            If `stop` was called, before or meanwhile.
        """
        if self._is_stopped:
            raise Stopped
        table = each_seed(len(population), seeds)
        blocks = self._blocks(*table.shape)
        tasks = [
            _Task(
                self._token,
                self._source,
                self._codec,
                self._score_key,
                self._engine,
                self._max_moves,
                population.take(genomes),
                table[genomes, episodes],
            )
            for genomes, episodes in blocks
        ]
        results = EpisodeResults.empty(*table.shape)
        for (genomes, episodes), part in zip(blocks, self._run(tasks), strict=True):
            for table_of_all, array in zip(results, part, strict=True):
                table_of_all[genomes, episodes] = array
        if not np.isnan(results.is_solved).all():  # the environment tells: silence means no
            np.nan_to_num(results.is_solved, copy=False, nan=0.0)
        return results

    def _run(self, tasks: list[_Task]) -> Iterator[EpisodeResults]:
        """Give the results of the tasks in order."""
        if self.executor is None:
            yield from map(_play, tasks)
            return
        self._futures = []
        try:
            for task in tasks:
                self._futures.append(self.executor.submit(_play, task))
            for future in self._futures:
                yield future.result()
        except CancelledError as error:
            raise Stopped from error
        except BrokenExecutor as error:
            if self._is_stopped:
                raise Stopped from error
            raise WorkerDiedError(
                "a worker process must live until its tasks are done, but one was killed "
                "(is there enough memory?)"
            ) from error
        finally:
            for future in self._futures:
                future.cancel()
            wait(self._futures)

    def _blocks(self, n_genomes: int, n_episodes: int) -> list[tuple[slice, slice]]:
        """Divide genomes, and episodes if there are few genomes, into tasks of like size.

        Genomes are dealt out in turn, because the first ones are last generation's best, whose
        episodes last longest.
        """
        n_tasks = self._workers
        if not self.is_native:
            n_lanes = n_genomes * n_episodes
            n_even = min(self._workers * TASKS_PER_PROCESS, n_lanes // FEW_LANES)
            n_tasks = max(-(-n_lanes // MAX_SINGLE_LANES), n_even, self._workers)
        n_deals = min(n_tasks, n_genomes)
        n_parts = min(-(-n_tasks // n_deals), n_episodes)
        return [
            (slice(deal, None, n_deals), slice(part, None, n_parts))
            for deal in range(n_deals)
            for part in range(n_parts)
        ]

    def stop(self) -> None:
        """Give up what has not begun, and what is being played, before its next move.

        May be called from another thread or a signal handler while `evaluate` runs.
        """
        self._is_stopped = True
        _stopped.add(self._token)
        self._processes.stop()
        for future in self._futures:
            future.cancel()

    def close(self) -> None:
        """Stop workers and close environments; safe twice."""
        self.stop()
        if self._own_executor is not None:
            self._own_executor.shutdown(wait=True, cancel_futures=True)
            self._own_executor = None
        for key in [key for key in list(_players) if key[0] == self._token]:
            _players.pop(key).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


def _play(task: _Task) -> EpisodeResults:
    """Run a task with the player that this thread keeps for its evaluator."""
    key = (task.token, threading.get_ident())
    if key not in _players:
        _players[key] = EpisodePlayer(
            task.source,
            task.codec,
            task.score_key,
            task.engine,
            task.max_moves,
            should_stop=lambda: task.token in _stopped or must_stop(),
        )
    return _players[key].play(task.population, task.seeds)
