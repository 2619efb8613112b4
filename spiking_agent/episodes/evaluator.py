"""Fitness of a population: the same seeded episodes for every genome, on any number of workers."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, wait
from functools import partial
from typing import Any, Self
from uuid import uuid4

import numpy as np

from spiking_agent.brain.population import Population
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.checks.arguments import instance, whole
from spiking_agent.checks.foreign_code import is_own
from spiking_agent.codec.codec import Codec
from spiking_agent.episodes.openings import Openings
from spiking_agent.episodes.player import Stopped
from spiking_agent.episodes.results import EpisodeResults, SeedArray, each_seed
from spiking_agent.episodes.task import Task
from spiking_agent.episodes.vectors import has_vector
from spiking_agent.episodes.workers.head_start import NONE, HeadStart
from spiking_agent.episodes.workers.jobs import (
    Job,
    Setting,
    TimeUp,
    close_players,
    jobs_of,
    play,
    receive,
    record,
    stop,
    try_out,
    watch,
)
from spiking_agent.episodes.workers.parcel import Parcel
from spiking_agent.episodes.workers.pool import WorkerPool
from spiking_agent.episodes.workers.sendable import check_sendable, unsendable
from spiking_agent.episodes.workers.shares import Share, shares, shares_of_one, single_shares
from spiking_agent.episodes.workers.watch import Watch
from spiking_agent.errors import WorkerDiedError
from spiking_agent.typing import Int16Array

MAX_WORKERS = 1024  # a typing error must not fill a machine with processes


class Evaluator:
    """Plays episodes on workers; how they are divided changes no result (but for live brains).

    Parameters
    ----------
    task : Task
        What is played.
    codec : Codec
        How brains are connected to its environments.
    engine : {"compiled", "actors", "live"}
        What runs the brains.
    max_envs : int, optional
        How many environments may be open at once. They are divided among the workers, and there
        are at most as many workers.
    workers : int
        Processes that play; 1 plays in the calling thread. Threads would share one interpreter
        lock, which every move of all lanes takes several times.
    executor : concurrent.futures.Executor, optional
        Where tasks run instead, such as a cluster's; `workers` is then the number of tasks.
    is_slow : bool
        Whether moves take so long that episodes are played one by one.
    over : Watch, optional
        Counts the episodes and may end play early.
    head_start : HeadStart, optional
        What the calling thread plays before workers start. It is used only with environments of
        Gymnasium itself and codecs of this package, without native vectors or `max_envs`.

    Raises
    ------
    ValueError
        If `workers` is less than 1, or processes are needed and cannot import the environment.

    Notes
    -----
    The same seed must give the same episode in every environment made, so `reset(seed=...)` must
    forget everything from earlier episodes; wrappers that keep running means do not. Worker
    processes do not run the caller's script again: the functions, classes and ids that it defines
    are sent to them.
    """

    def __init__(
        self,
        task: Task,
        codec: Codec,
        *,
        engine: str = "compiled",
        max_envs: int | None = None,
        workers: int = 1,
        executor: Executor | None = None,
        is_slow: bool = False,
        over: Watch | None = None,
        head_start: HeadStart = NONE,
    ) -> None:
        source = instance("task", task, Task).source(max_envs)
        workers, source = source.share(whole("workers", workers, 1, MAX_WORKERS))
        self._setting = Parcel(Setting(task, codec, engine, source.max_envs))
        self._workers = workers
        self._token = uuid4().hex  # unique among the evaluators of all machines
        self.is_native = has_vector(source, codec)
        self._is_slow = is_slow
        self._watch = Watch() if over is None else over
        self._own_pool: WorkerPool | None = None
        if executor is None and workers > 1:
            check_sendable(task, codec)
            executor = self._own_pool = WorkerPool(workers, close_players)
        self.executor = executor
        is_known = source.is_of_gymnasium and is_own(codec.encoder) and is_own(codec.decoder)
        has_to_wait = self.is_native or is_slow or max_envs is not None
        self.head_start = head_start if is_known and not has_to_wait else NONE
        if executor is None or not self.head_start.is_over:
            watch(self._token, self._watch)
        self._futures: list[Future[Any]] = []
        self._n_own = 0  # jobs of the last call that were done in the calling thread
        self._is_stopped = self._is_abandoned = False

    def evaluate(
        self,
        population: Population | Tissue,
        seeds: Sequence[int] | SeedArray,
        openings: Openings | None = None,
    ) -> EpisodeResults:
        """Play the episodes of every genome.

        Parameters
        ----------
        population : Population or Tissue
            The genomes.
        seeds
            See `each_seed`.
        openings : Openings, optional
            How each of the episodes begins, see `EpisodePlayer.play`.

        Returns
        -------
        EpisodeResults
            Arrays of shape (n_genomes, n_episodes).

        Raises
        ------
        Stopped
            If `stop` was called, before or during the evaluation.
        TimeUp
            If the watch ended it, with what had been played.
        WorkerDiedError
            If a worker ended before its tasks were done, or tasks were lost.
        ForeignCodeError
            If the environment raised an exception, or an encoder or decoder from outside the
            package.
        """
        if self._is_stopped:
            raise Stopped
        table = each_seed(len(population), seeds)
        blocks = self._shares(*table.shape)
        jobs = jobs_of(self._token, self._setting, population, table, blocks, openings)
        results = EpisodeResults.empty(*table.shape)
        is_played = np.zeros(table.shape, np.bool_)

        def keep(share: Share, part: EpisodeResults) -> None:
            is_played[share] = True
            for table_of_all, array in zip(results, part, strict=True):
                table_of_all[share] = array

        self._watch.n_asked += table.size
        try:
            for share, part in zip(blocks, self._run(play, jobs), strict=True):
                keep(share, part)
                self._watch.n_done += part.fitness.size
        except Stopped as stopped:
            if not self._watch.is_over:
                raise
            left = blocks[self._n_own :]
            for share, future in zip(left, self._futures, strict=False):
                if future.done() and not future.cancelled() and future.exception() is None:
                    keep(share, future.result())
            raise TimeUp(results, is_played) from stopped
        if not np.isnan(results.is_solved).all():  # it reports outcomes: none means not solved
            np.nan_to_num(results.is_solved, copy=False, nan=0.0)
        return results

    def try_out(self, population: Population | Tissue, seeds: Sequence[int]) -> None:
        """Play the first move of the episodes of every genome, see `jobs.try_out`.

        Parameters
        ----------
        population, seeds
            See `evaluate`.

        Raises
        ------
        Stopped, WorkerDiedError, ForeignCodeError
            See `evaluate`.
        """
        if self._is_stopped:
            raise Stopped
        table = each_seed(len(population), seeds)
        blocks = self._shares(*table.shape)
        jobs = jobs_of(self._token, self._setting, population, table, blocks)
        for _ in self._run(try_out, jobs):
            pass

    def record(self, population: Population | Tissue, seeds: SeedArray, n_moves: int) -> Int16Array:
        """Return the choices of genomes that play one episode each; see `EpisodePlayer.record`.

        Parameters
        ----------
        population, seeds, n_moves
            See `EpisodePlayer.record`.

        Raises
        ------
        Stopped, WorkerDiedError, ForeignCodeError
            See `evaluate`.
        """
        if self._is_stopped:
            raise Stopped
        parts = [genomes for genomes, _ in self._shares(len(seeds), 1)]
        jobs = [
            Job(self._token, self._setting, population.take(part), seeds[part, None])
            for part in parts
        ]
        choices = np.zeros((len(seeds), n_moves), np.int16)
        recorded = self._run(partial(record, n_moves=n_moves), jobs)
        for part, array in zip(parts, recorded, strict=True):
            choices[part] = array
        return choices

    def _shares(self, n_genomes: int, n_episodes: int) -> list[Share]:
        """Return the genomes and episodes of each task."""
        share_out = shares if self.is_native else shares_of_one if self._is_slow else single_shares
        n_workers = self._workers if self.head_start.is_over else 1
        return share_out(n_genomes, n_episodes, n_workers)

    def _run(self, do: Callable[[Job], Any], jobs: list[Job]) -> Iterator[Any]:
        """Yield the results of the jobs in order."""
        if self.executor is None:
            yield from map(do, jobs)
            return
        self._n_own = 0
        for result in self.head_start.results(do, jobs):
            self._n_own += 1
            yield result
        left = jobs[self._n_own :]
        if left and isinstance(self.executor, WorkerPool) and not self.executor.has_started:
            self._start(self.executor)
        yield from self._results(do, left)

    def _start(self, pool: WorkerPool) -> None:
        """Check that workers can start, and can unpack what they are sent."""
        close_players(self._token)  # those of the head start
        setting = self._setting.content()
        try:
            list(self._results(receive, [self._setting] * self._workers))
        except (Stopped, WorkerDiedError):
            raise
        except Exception as error:
            raise unsendable(setting.task, setting.codec, error) from error
        finally:
            self._futures = []
        pool.has_started = True

    def _results(self, function: Callable[[Any], Any], arguments: Sequence[Any]) -> Iterator[Any]:
        """Call a function on the executor, and yield its results in the order of the arguments."""
        executor = self.executor
        if executor is None:
            raise RuntimeError("an executor must be there before tasks are submitted")
        self._futures = []
        try:
            for argument in arguments:
                self._futures.append(executor.submit(function, argument))
            for future in self._futures:
                self._await(future)
                yield future.result()
        except (CancelledError, BrokenExecutor) as error:
            if self._is_stopped:
                raise Stopped from error
            raise WorkerDiedError(self._how_it_died(executor, error)) from error
        except KeyboardInterrupt:
            self._abandon()
            raise
        finally:
            self._cancel()
            if not self._is_abandoned:  # what some executors cancel is never reported as done
                wait([future for future in self._futures if not future.cancelled()])

    def _await(self, future: Future[Any]) -> None:
        """Wait until a task is done, or the watch ends play."""
        while not future.done():
            wait([future], self._watch.patience_s)
            if self._watch.look():
                self.stop()
                return

    def _how_it_died(self, executor: Executor, error: BaseException) -> str:
        if not isinstance(executor, WorkerPool):
            return (
                "executor must keep its tasks until they are done, but it lost some "
                f"({type(error).__name__}: {error})"
            )
        what = "live until its tasks are done" if executor.has_started else "start"
        return (
            f"a worker process must {what}, but one {executor.obituary()}: workers=1 (--workers 1) "
            "shows what the environment says"
        )

    def _abandon(self) -> None:
        """Stop at once, without waiting for tasks: an environment may never return."""
        self._is_abandoned = True
        self.stop()
        if isinstance(self.executor, WorkerPool):
            self.executor.kill()

    def stop(self) -> None:
        """Cancel the tasks that have not started, and stop the others before their next move.

        May be called from another thread or a signal handler while `evaluate` runs.
        """
        self._is_stopped = True
        stop(self._token)
        if self._own_pool is not None:
            self._own_pool.stop()
        self._cancel()

    def _cancel(self) -> None:
        """Cancel the tasks that have not started.

        A stopped pool of our own ends them by itself. If they were cancelled as well, a pool that
        is then killed would print a traceback (Python 3.11: InvalidStateError).
        """
        if self._own_pool is None or not self._is_stopped:
            for future in self._futures:
                future.cancel()

    def close(self) -> None:
        """Stop workers and close environments; may be called twice."""
        self.stop()
        if self._own_pool is not None:
            self._own_pool.close()
            self._own_pool = None
        close_players(self._token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
