"""The loop: a generation, its report, and now and then a checkpoint; and how it is resumed."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import Final

from spiking_agent.brain.engines import ENGINES
from spiking_agent.checks.arguments import able, choice, instance, limits, whole
from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.encoders.base import Encoder
from spiking_agent.episodes.evaluator import MAX_WORKERS
from spiking_agent.episodes.player import Stopped
from spiking_agent.episodes.workers.sendable import check_sendable
from spiking_agent.episodes.workers.watch import Watch
from spiking_agent.evolution.arena import Arena
from spiking_agent.evolution.breeding import Breeding
from spiking_agent.evolution.checkpoint import SavedRun, write_state
from spiking_agent.evolution.interrupt import CtrlC, Interrupted
from spiking_agent.evolution.pace import Pace
from spiking_agent.evolution.problem import Problem
from spiking_agent.evolution.reporters.learning_curve import learning_curve
from spiking_agent.evolution.reporters.protocol import (
    ProgressReport,
    ProgressReporter,
    Reporter,
    RunReport,
    checked_reporters,
)
from spiking_agent.evolution.run_directory import LEARNING_CURVE, RunDirectory
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.streams import STREAM_BOUNDS, generator
from spiking_agent.organism.champion_file import CHAMPION
from spiking_agent.organism.organism import Organism

CHECKPOINT_INTERVAL_S = 5.0
GRACE_SHARE: Final = 0.1  # of the seconds of a run, which every generation may take
LEAST_GRACE_S: Final = 1.0


class Evolution:
    """An evolution in progress.

    Parameters
    ----------
    config : EvolutionConfig
        What the sequence of generations depends on.
    directory : RunDirectory, optional
        Where the run is saved; None saves nothing.
    engine : {"compiled", "actors", "live"}
        What runs the brains. Compiled brains and actors give the same results; live ones do not.
    max_envs : int, optional
        How many environments may be open at once; the results are the same (but for live brains).
    workers : int
        Processes that play; the results are the same (but for live brains).
    executor : concurrent.futures.Executor, optional
        Where episodes are played instead of on this evolution's own workers.
    reporters : sequence of Reporter
        Called after each generation, and at the start and end of a run.
    encoder, decoder : optional
        Used instead of those that `config` describes. With a kind that is not registered, the run
        cannot be saved in a directory, nor its champion in a file.
    pace : Pace, optional
        How long moves take; default: not long. Episodes of slow ones are played one by one, with
        the same results.
    notes : iterable of str
        What reporters are to say of the settings, a line each.

    Raises
    ------
    ValueError, UnsupportedSpaceError, gymnasium.error.Error
        If the environment cannot be made or has spaces without a codec.
    """

    def __init__(
        self,
        config: EvolutionConfig,
        *,
        directory: RunDirectory | None = None,
        engine: str = "compiled",
        max_envs: int | None = None,
        workers: int = 1,
        executor: Executor | None = None,
        reporters: Sequence[Reporter] = (),
        encoder: Encoder | None = None,
        decoder: Decoder | None = None,
        pace: Pace | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        self._made_s: float | None = time.monotonic()  # until the first call of `run` takes it
        self.config = instance("config", config, EvolutionConfig)
        self.directory = directory
        self._notes = tuple(notes)
        self.pace = Pace(move_s=0.0) if pace is None else pace
        self._engine = choice("engine", engine, ENGINES)
        self._executor = None if executor is None else able("executor", executor, "submit")
        self._reporters = checked_reporters(reporters)
        source = config.task.source(max_envs)
        self._max_envs = source.max_envs
        self._workers, _ = source.share(whole("workers", workers, 1, MAX_WORKERS))
        bounds = generator(config.seed, STREAM_BOUNDS)
        self._problem = Problem.probe(config, bounds, encoder=encoder, decoder=decoder)
        if self._workers > 1 and executor is None:
            check_sendable(config.task, self._problem.codec)  # fails before anything is written
        if directory is not None:
            self._problem.check_storable()  # so does this
        self._breeding = Breeding(self._problem)
        self._rows: list[dict[str, str]] = []
        self._past_s = 0.0  # spent in earlier calls of `run`, and before a resume
        self._started_s: float | None = None  # when this call began to evolve

    @property
    def generation(self) -> int:
        """Number of completed generations."""
        return self._breeding.strategy.generation

    @property
    def is_won(self) -> bool:
        """Whether the champion has reached the target of the configuration."""
        return self._breeding.championship.is_won

    def run(
        self,
        *,
        generations: int | None = None,
        seconds: float | None = None,
        on_stop: Callable[[], object] = lambda: None,
    ) -> Organism:
        """Evolve until a limit or the target is reached, whichever comes first.

        Parameters
        ----------
        generations : int, optional
            Generations of the whole run, including those before a resume, >= 1.
        seconds : float, optional
            Seconds of the whole run, including those before a resume, > 0. The time in which
            workers start, compile and play a warm-up episode does not count, unless they start
            after a `HeadStart`. If moves are slow, all counts since this object was made. The
            generation in progress at the limit is finished if it takes less than a tenth of the
            limit or less than a second, and left out otherwise. If it is the first one, the best of
            what was played is the champion, and a resumed run begins with that generation again.
        on_stop : callable
            Called from the signal handler as soon as Ctrl-C is pressed.

        Returns
        -------
        Organism
            The champion.

        Raises
        ------
        Interrupted
            A KeyboardInterrupt with the champion, raised after everything was saved.
        ValueError
            If a limit is out of range, or no limit is given.
        """
        generations, seconds = limits(generations, seconds)
        if self.directory is not None:
            self.directory.sweep()
        try:
            is_stopped = self._run(generations, seconds, on_stop)
        except KeyboardInterrupt:  # before play has started, or after everything is saved
            is_stopped = True
        if is_stopped:
            best = self._breeding.championship.best
            raise Interrupted(None if best is None else best.organism()) from None
        return self.champion()

    def _run(
        self, generations: int | None, seconds: float | None, on_stop: Callable[[], object]
    ) -> bool:
        """Evolve and save; return whether it was stopped."""
        is_stopped = False
        arena = Arena(
            engine=self._engine,
            max_envs=self._max_envs,
            workers=self._workers,
            executor=self._executor,
            on_stop=on_stop,
            is_slow=self.pace.is_slow,
            over=Watch(self._tell_progress),
        )
        with arena:
            try:
                for reporter in self._reporters:
                    reporter.run_started(self._run_report(generations, seconds))
                self._breeding.warm_up(arena)
                self._loop(arena, generations, seconds)
            except Stopped:
                is_stopped = not arena.is_out_of_time
            except KeyboardInterrupt:
                is_stopped = True
            finally:
                arena.ctrl_c.let_go()
                self._past_s, self._started_s = self._elapsed_s(), None
                try:
                    self._save(arena.ctrl_c, has_stand_in=arena.is_out_of_time)
                finally:
                    for reporter in self._reporters:
                        reporter.run_finished()
        return is_stopped

    def _loop(self, arena: Arena, generations: int | None, seconds: float | None) -> None:
        made_s, self._made_s = self._made_s, None
        self._started_s = saved_s = time.monotonic()
        if self.pace.is_slow and made_s is not None:
            self._started_s = made_s
        while not self.is_done(generations, seconds):
            if seconds is not None:
                grace_s = max(LEAST_GRACE_S, GRACE_SHARE * seconds)
                left_s = max(grace_s, seconds - self._elapsed_s())
                arena.over.begin(left_s, needs_one=self.generation == 0)
            else:
                arena.over.begin()
            report = self._breeding.generation(arena, self._elapsed_s)
            self._rows.append(report.to_row())
            for reporter in self._reporters:
                reporter.generation_evaluated(report)
            is_first = len(self._rows) == 1
            if is_first or time.monotonic() - saved_s >= CHECKPOINT_INTERVAL_S:
                self._save_state()
                saved_s = time.monotonic()

    def is_done(self, generations: int | None, seconds: float | None) -> bool:
        """Return whether a run with these limits has nothing left to do.

        Parameters
        ----------
        generations : int or None
            Limit on the generations of the whole run.
        seconds : float or None
            Limit on its time.
        """
        if self.is_won:
            return True
        if generations is not None and self.generation >= generations:
            return True
        if seconds is None or self.generation == 0:  # a champion needs at least one generation
            return False
        return self._elapsed_s() >= seconds

    def _elapsed_s(self) -> float:
        if self._started_s is None:
            return self._past_s
        return self._past_s + time.monotonic() - self._started_s

    def _tell_progress(self, n_done: int, n_episodes: int) -> None:
        report = ProgressReport(
            generation=self.generation,
            n_done=n_done,
            n_episodes=n_episodes,
            elapsed_s=self._elapsed_s(),
        )
        for reporter in self._reporters:
            if isinstance(reporter, ProgressReporter):
                reporter.generation_progressed(report)

    def champion(self) -> Organism:
        """Return the best organism so far.

        Raises
        ------
        RuntimeError
            If no generation is done, nor was one broken off at the limit.
        """
        best = self._breeding.championship.best
        champion = self._breeding.stand_in_organism() if best is None else best.organism()
        if champion is None:
            raise RuntimeError("champion() needs a completed generation: call run() first")
        return champion

    def _save(self, ctrl_c: CtrlC, *, has_stand_in: bool) -> None:
        """Write all files of the run to the directory, if there is one.

        A second Ctrl-C can interrupt only the drawing of the learning curve, which is then left
        out.
        """
        self._save_state()
        if self.directory is not None and has_stand_in and not self._rows:
            stand_in = self._breeding.stand_in_organism()
            if stand_in is not None:  # without a checkpoint, a resumed run begins again
                self.directory.write(CHAMPION, stand_in.to_bytes())
        if self.directory is not None and self._rows and ctrl_c.n_pressed < 2:
            with suppress(KeyboardInterrupt), ctrl_c.breakable():
                self.directory.write(LEARNING_CURVE, learning_curve(self._rows))

    def _save_state(self) -> None:
        """Write champion, metrics and finally checkpoint, each completely or not at all."""
        best = self._breeding.championship.best
        if self.directory is None or best is None:
            return
        self.directory.write(CHAMPION, best.content)
        arrays, values = self._breeding.state()
        write_state(self.directory, self.config, self._rows, arrays, values)

    def resume(self, saved: SavedRun) -> None:
        """Restore the saved state of a run with the same settings.

        Parameters
        ----------
        saved : SavedRun
            What was read from its directory.

        Raises
        ------
        RunDirectoryError
            If the saved state is damaged, or from other settings or another environment.
        """
        if saved.rows:
            saved.restore(self._breeding)
            self._rows, self._past_s = list(saved.rows), saved.elapsed_s

    def _run_report(self, generations: int | None, seconds: float | None) -> RunReport:
        task, dna = self.config.task, self._problem.dna
        return RunReport(
            env=task.env_id or str(getattr(task.env, "__name__", "factory")),
            n_neurons=dna.n_neurons,
            n_genes=dna.genes.n_genes,
            config=self.config,
            workers=self._workers,
            engine=self._engine,
            generations=generations,
            seconds=seconds,
            notes=self._notes,
        )
