"""The loop: a generation, its report, and now and then a checkpoint; and how it is resumed."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress

from spiking_agent.brain.engines import ENGINES
from spiking_agent.checks.arguments import able, choice, instance, limits, whole
from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.encoders.base import Encoder
from spiking_agent.episodes.evaluator import MAX_WORKERS
from spiking_agent.episodes.player import Stopped
from spiking_agent.episodes.sendable import check_sendable
from spiking_agent.evolution.arena import Arena
from spiking_agent.evolution.breeding import Breeding
from spiking_agent.evolution.checkpoint import SavedRun, write_state
from spiking_agent.evolution.interrupt import CtrlC, Interrupted
from spiking_agent.evolution.problem import Problem
from spiking_agent.evolution.reporters.learning_curve import learning_curve
from spiking_agent.evolution.reporters.protocol import Reporter, RunReport, checked_reporters
from spiking_agent.evolution.run_directory import LEARNING_CURVE, RunDirectory
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.streams import STREAM_BOUNDS, generator
from spiking_agent.organism.champion_file import CHAMPION
from spiking_agent.organism.organism import Organism

CHECKPOINT_INTERVAL_S = 5.0


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
    ) -> None:
        self.config = instance("config", config, EvolutionConfig)
        self.directory = directory
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
            workers start, compile and play a warm-up episode does not count. The generation in
            progress at the limit is finished.
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
        )
        with arena:
            try:
                for reporter in self._reporters:
                    reporter.run_started(self._run_report(generations, seconds))
                self._breeding.warm_up(arena)
                self._loop(arena, generations, seconds)
            except (Stopped, KeyboardInterrupt):
                is_stopped = True
            finally:
                arena.ctrl_c.let_go()
                self._past_s, self._started_s = self._elapsed_s(), None
                try:
                    self._save(arena.ctrl_c)
                finally:
                    for reporter in self._reporters:
                        reporter.run_finished()
        return is_stopped

    def _loop(self, arena: Arena, generations: int | None, seconds: float | None) -> None:
        self._started_s = saved_s = time.monotonic()
        while not self.is_done(generations, seconds):
            report = self._breeding.generation(arena, self._elapsed_s)
            self._rows.append(report.to_row())
            for reporter in self._reporters:
                reporter.generation_evaluated(report)
            if time.monotonic() - saved_s >= CHECKPOINT_INTERVAL_S:
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

    def champion(self) -> Organism:
        """Return the best organism so far.

        Raises
        ------
        RuntimeError
            If no generation is done.
        """
        best = self._breeding.championship.best
        if best is None:
            raise RuntimeError("champion() needs a completed generation: call run() first")
        return best.organism()

    def _save(self, ctrl_c: CtrlC) -> None:
        """Write all files of the run to the directory, if there is one.

        A second Ctrl-C can interrupt only the drawing of the learning curve, which is then left
        out.
        """
        self._save_state()
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
        )
