"""The loop: ask, evaluate, tell, validate, report, save; and the same again after a resume."""

import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from types import FrameType
from typing import Any, Self

import gymnasium as gym
import numpy as np

from spiking_agent.config import (
    TRAINING_SEEDS,
    VALIDATION_SEEDS,
    EvolutionConfig,
    recipe,
)
from spiking_agent.decoding import make_decoder
from spiking_agent.encoding import has_open_bounds, make_encoder
from spiking_agent.environments import EnvFactory, EnvSource
from spiking_agent.errors import RunDirectoryError
from spiking_agent.fitness import Evaluator
from spiking_agent.genes import Blueprint
from spiking_agent.genetic_algorithm import GeneticAlgorithm
from spiking_agent.operators import ranking
from spiking_agent.organism import Organism
from spiking_agent.policy import Codec
from spiking_agent.reporting import GenerationReport, Reporter, RunReport, learning_curve
from spiking_agent.rollout import EpisodeResults, Stopped
from spiking_agent.run_directory import CHAMPION, LEARNING_CURVE, RunDirectory
from spiking_agent.spaces import Json

CHECKPOINT_INTERVAL_S = 5.0
N_BOUND_EPISODES = 10  # random episodes from which open bounds are learned
STREAM_GENES, STREAM_EPISODES, STREAM_BOUNDS = 0, 1, 2  # generators spawned from the run's seed


class _CtrlC:
    """Turns Ctrl-C into a stop between two generations, so that nothing is half done.

    A second Ctrl-C interrupts at once. Only the main thread can hear it; elsewhere this does
    nothing.
    """

    def __init__(self, *evaluators: Evaluator) -> None:
        self.is_pressed = False
        self._evaluators = evaluators
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._on_press)
        return self

    def __exit__(self, *error: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _on_press(self, signum: int, frame: FrameType | None) -> None:
        if self.is_pressed:
            raise KeyboardInterrupt
        self.is_pressed = True
        for evaluator in self._evaluators:
            evaluator.stop()


@dataclass(slots=True)
class _Champion:
    """The best genome validated so far."""

    content: bytes  # of its file
    held_out: float  # mean over the validation episodes
    solved: float | None  # share of them solved, None if the environment does not tell
    generation: int


class Evolution:
    """An evolution in progress.

    Parameters
    ----------
    config : EvolutionConfig
        What the sequence of generations depends on.
    source : EnvSource, optional
        Where environments come from; needed where `config.env_id` is None.
    directory : RunDirectory, optional
        Where it is kept; None keeps nothing.
    engine : {"compiled", "actors"}
        What runs the brains; the results are the same.
    workers : int
        Threads or processes; the results are the same.
    executor : concurrent.futures.Executor, optional
        Where tasks run instead of on workers of our own.
    reporters : sequence of Reporter
        Told what happens.

    Raises
    ------
    ValueError, UnsupportedSpaceError, gymnasium.error.Error
        If the environment cannot be made or has spaces without a codec.
    """

    def __init__(
        self,
        config: EvolutionConfig,
        *,
        source: EnvSource | None = None,
        directory: RunDirectory | None = None,
        engine: str = "compiled",
        workers: int = 1,
        executor: Executor | None = None,
        reporters: Sequence[Reporter] = (),
    ) -> None:
        self.config = config
        self.directory = directory
        self._engine = engine
        self._workers = workers
        self._executor = executor
        self._reporters = reporters
        if source is None:
            if config.env_id is None:
                raise ValueError("source must be given, because env_id is None")
            source = EnvSource(config.env_id)
        self._source = EnvSource(source.env, config.env_kwargs)
        self._training = EnvSource(source.env, {**config.env_kwargs, **config.training_kwargs})
        env = self._source.make()
        try:
            self._observation_space, self._action_space = env.observation_space, env.action_space
            self._codec = self._make_codec(env)
        finally:
            env.close()
        self._algorithm = GeneticAlgorithm(
            self._blueprint(), config.values, config.genetic, self._generator(STREAM_GENES)
        )
        self._champion: _Champion | None = None
        self._rows: list[dict[str, str]] = []
        self._past_s = 0.0  # spent before a resume
        self._started_s = 0.0

    @property
    def generation(self) -> int:
        """Number of generations that are done."""
        return self._algorithm.generation

    def _generator(self, *stream: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence([self.config.seed, *stream]))

    def _make_codec(self, env: gym.Env[Any, Any]) -> Codec:
        samples: list[Any] = []
        if has_open_bounds(env.observation_space):
            rng = self._generator(STREAM_BOUNDS)
            env.action_space.seed(int(rng.integers(*TRAINING_SEEDS)))
            for _ in range(N_BOUND_EPISODES):
                observation, _ = env.reset(seed=int(rng.integers(*TRAINING_SEEDS)))
                samples.append(observation)
                has_ended = False
                while not has_ended:
                    observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
                    samples.append(observation)
                    has_ended = terminated or truncated
        encoder = make_encoder(
            env.observation_space,
            samples=samples,
            box=self.config.box,
            n_levels=self.config.n_levels,
        )
        return Codec(
            encoder=encoder,
            decoder=make_decoder(env.action_space),
            n_ticks=self.config.n_ticks,
            carry_state=self.config.carry_state,
        )

    def _blueprint(self) -> Blueprint:
        return Blueprint(
            n_inputs=self._codec.encoder.n_inputs,
            n_outputs=self._codec.decoder.n_outputs,
            n_hidden=self.config.n_hidden,
            inputs_receive=self.config.inputs_receive,
            outputs_send=self.config.outputs_send,
        )

    def run(self, *, generations: int | None = None, seconds: float | None = None) -> Organism:
        """Evolve until a limit is reached, whichever comes first.

        Parameters
        ----------
        generations : int, optional
            Generations of the whole run, what was done before a resume included, >= 1.
        seconds : float, optional
            Seconds of the whole run, likewise, > 0; compiling is not counted. The generation
            under way is finished.

        Returns
        -------
        Organism
            The champion.

        Raises
        ------
        KeyboardInterrupt
            After everything was saved.
        ValueError
            If a limit is out of range, or there is none.
        """
        _check_limits(generations, seconds)
        with self._evaluator(self._training) as training, self._validator(training) as validation:
            for reporter in self._reporters:
                reporter.run_started(self._run_report(generations, seconds))
            with _CtrlC(training, validation) as ctrl_c:
                try:
                    self._warm_up(training)
                    self._loop(training, validation, generations, seconds)
                except Stopped:
                    ctrl_c.is_pressed = True
                finally:
                    self.save()
                    for reporter in self._reporters:
                        reporter.run_finished()
        if ctrl_c.is_pressed:
            raise KeyboardInterrupt
        return self.champion()

    def _loop(
        self,
        training: Evaluator,
        validation: Evaluator,
        generations: int | None,
        seconds: float | None,
    ) -> None:
        self._started_s = saved_s = time.monotonic()
        while not self._is_done(generations, seconds):
            self._generation(training, validation)
            if time.monotonic() - saved_s >= CHECKPOINT_INTERVAL_S:
                self._save_state()
                saved_s = time.monotonic()

    def _is_done(self, generations: int | None, seconds: float | None) -> bool:
        if generations is not None and self.generation >= generations:
            return True
        if seconds is None or self.generation == 0:  # one generation at least: a champion
            return False
        return self._elapsed_s() >= seconds

    def _elapsed_s(self) -> float:
        return self._past_s + time.monotonic() - self._started_s

    def _evaluator(self, source: EnvSource) -> Evaluator:
        return Evaluator(
            source,
            self._codec,
            score_key=self.config.score_key,
            engine=self._engine,
            workers=self._workers,
            executor=self._executor,
        )

    def _validator(self, training: Evaluator) -> Evaluator:
        """Make the evaluator of champions: the registered rules, on the workers of the training."""
        return Evaluator(
            self._source,
            self._codec,
            score_key=self.config.score_key,
            engine=self._engine,
            workers=self._workers,
            executor=training.executor,
        )

    def _warm_up(self, training: Evaluator) -> None:
        """Compile the kernels (or load them from the cache) before the clock starts."""
        training.evaluate(self._algorithm.population.take([0]), [TRAINING_SEEDS[0]])

    def _generation(self, training: Evaluator, validation: Evaluator) -> None:
        started_s = time.monotonic()
        generation = self.generation
        population = self._algorithm.ask()
        seeds = self._generator(STREAM_EPISODES, generation).integers(
            *TRAINING_SEEDS, self.config.n_episodes
        )
        results = training.evaluate(population, seeds.tolist())
        fitness = results.fitness.mean(axis=1)
        held_out: EpisodeResults | None = None
        if self.config.is_validated(generation):
            best = population.take(ranking(fitness)[:1])
            first = VALIDATION_SEEDS[0]
            held_out = validation.evaluate(best, range(first, first + self.config.n_validation))
            self._crown(best.dna(0), held_out, generation)
        self._algorithm.tell(fitness)
        duration_s = time.monotonic() - started_s
        self._report(generation, fitness, results, held_out, duration_s)

    def _crown(self, dna: Any, results: EpisodeResults, generation: int) -> None:
        """Make a generation's best the champion if it is better; ties keep the earlier."""
        held_out = float(results.fitness.mean())
        if self._champion is not None and held_out <= self._champion.held_out:
            return
        organism = Organism(
            dna=dna,
            codec=self._codec,
            observation_space=self._observation_space,
            action_space=self._action_space,
            env_id=self.config.env_id,
            env_kwargs=self.config.env_kwargs,
            provenance={
                "package": package_version(),
                "seed": self.config.seed,
                "generation": generation,
                "recipe": self.config.to_json(),
            },
        )
        self._champion = _Champion(organism.to_bytes(), held_out, _share(results), generation)
        if self.directory is not None:
            self.directory.write(CHAMPION, self._champion.content)

    def _report(
        self,
        generation: int,
        fitness: Any,
        results: EpisodeResults,
        held_out: EpisodeResults | None,
        duration_s: float,
    ) -> None:
        champion = self._champion
        if champion is None:
            raise RuntimeError("the first generation must be validated")
        report = GenerationReport(
            generation=generation,
            best=float(fitness.max()),
            median=float(np.median(fitness)),
            mean=float(fitness.mean()),
            held_out=None if held_out is None else float(held_out.fitness.mean()),
            champion_held_out=champion.held_out,
            champion_solved=champion.solved,
            champion_generation=champion.generation,
            n_moves=int(results.n_moves.sum()),
            elapsed_s=self._elapsed_s(),
            duration_s=duration_s,
        )
        row = report.to_row()
        self._rows.append({name: str(value) for name, value in row.items()})
        if self.directory is not None:
            self.directory.add_metrics(row)
        for reporter in self._reporters:
            reporter.generation_evaluated(report)

    def champion(self) -> Organism:
        """Give the best organism so far.

        Raises
        ------
        RuntimeError
            If no generation is done.
        """
        if self._champion is None:
            raise RuntimeError("champion() needs a generation: call run() first")
        return Organism.from_bytes(self._champion.content)

    def save(self) -> None:
        """Write checkpoint, champion and learning curve, if there is a directory."""
        self._save_state()
        if self.directory is not None and self._rows:
            self.directory.write(LEARNING_CURVE, learning_curve(self._rows))

    def _save_state(self) -> None:
        if self.directory is None or self._champion is None or self.generation == 0:
            return
        arrays, values = self._algorithm.state()
        content = np.frombuffer(self._champion.content, np.uint8)
        champion: Json = {
            "held_out": self._champion.held_out,
            "solved": self._champion.solved,
            "generation": self._champion.generation,
        }
        self.directory.write_checkpoint(
            {**arrays, "champion": content}, {"algorithm": values, "champion": champion}
        )
        self.directory.write(CHAMPION, self._champion.content)

    def resume(self) -> None:
        """Go back to the checkpoint of the directory, if it has one.

        Raises
        ------
        RunDirectoryError
            If it is damaged or of another configuration.
        ValueError
            If there is no directory.
        """
        if self.directory is None:
            raise ValueError("directory must be given to resume, got None")
        checkpoint = self.directory.read_checkpoint()
        if checkpoint is not None:
            arrays, values = checkpoint
            try:
                champion = values["champion"]
                content = arrays["champion"].tobytes()
                self._algorithm.restore(arrays, values["algorithm"])
                self._champion = _Champion(content, **champion)
                Organism.from_bytes(content)
            except (KeyError, ValueError, TypeError) as error:
                raise RunDirectoryError(
                    f"{self.directory.path} must hold a checkpoint of this configuration, "
                    f"but {error}"
                ) from error
        self._rows = self.directory.trim_metrics(self.generation)
        if len(self._rows) != self.generation:
            raise RunDirectoryError(
                f"{self.directory.path} must hold metrics of {self.generation} generations, "
                f"got {len(self._rows)}"
            )
        if self._rows:
            self._past_s = float(self._rows[-1]["elapsed_s"])

    def _run_report(self, generations: int | None, seconds: float | None) -> RunReport:
        return RunReport(
            env=self.config.env_id or str(getattr(self._source.env, "__name__", "factory")),
            n_neurons=self._blueprint().n_neurons,
            n_sites=len(self._blueprint().sites),
            config=self.config,
            workers=self._workers,
            engine=self._engine,
            path=None if self.directory is None else self.directory.path,
            first_generation=self.generation,
            past_s=self._past_s,
            generations=generations,
            seconds=seconds,
        )


def evolve(
    env: str | EnvFactory,
    *,
    generations: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    env_kwargs: Mapping[str, Any] | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    workers: int = 1,
    engine: str = "compiled",
    executor: Executor | None = None,
    reporters: Sequence[Reporter] = (),
    **settings: Any,
) -> Organism:
    """Evolve a spiking policy for any Gymnasium environment.

    Parameters
    ----------
    env : str or callable
        A Gymnasium id, or a function that takes `render_mode` and `env_kwargs` and returns an
        environment.
    generations, seconds : optional
        Where to stop; 60 seconds if neither is given.
    seed : int
        Source of every draw: the same seed gives the same champion.
    env_kwargs : mapping, optional
        Keyword arguments of the environment.
    out : path-like, optional
        Directory that keeps the run; nothing is written without one.
    resume : bool
        True goes on with the run in `out`; its settings come from there.
    workers, engine, executor, reporters
        See `Evolution`.
    **settings
        Settings of `EvolutionConfig`, `GeneValues` and `GeneticParams` by name.

    Returns
    -------
    Organism
        The champion.

    Examples
    --------
    >>> import spiking_agent
    >>> organism = spiking_agent.evolve("CartPole-v1", generations=2, population_size=10)
    >>> organism.dna.n_outputs
    2
    """
    source = EnvSource(env, dict(env_kwargs or {}))
    if generations is None and seconds is None:
        seconds = 60.0
    directory = None if out is None else RunDirectory(out)
    if resume:
        if directory is None:
            raise ValueError("out must name the run to resume, got None")
        config = read_config(directory)
    else:
        config = recipe(source).changed(seed=seed, **settings)
    evolution = Evolution(
        config,
        source=source,
        directory=directory,
        engine=engine,
        workers=workers,
        executor=executor,
        reporters=reporters,
    )
    if resume:
        evolution.resume()
    elif directory is not None:
        directory.create(run_config(config, {"generations": generations, "seconds": seconds}))
    return evolution.run(generations=generations, seconds=seconds)


def run_config(config: EvolutionConfig, how: Mapping[str, Any]) -> Json:
    """Content of `config.json`: the configuration, and how the run was started."""
    return {
        "package": package_version(),
        "evolution": config.to_json(),
        "run": dict(how),
    }


def read_config(directory: RunDirectory) -> EvolutionConfig:
    """Read the configuration of a run.

    Raises
    ------
    RunDirectoryError
        If the directory holds no run, or one of another version.
    """
    content = directory.read_config()
    try:
        return EvolutionConfig.from_json(content["evolution"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunDirectoryError(
            f"{directory.path} must hold the configuration of a run, but {error!r}"
        ) from error


def package_version() -> str:
    """Version of the distribution, or "unknown" if it is not installed."""
    try:
        return version("spiking-snake")
    except PackageNotFoundError:
        return "unknown"


def _share(results: EpisodeResults) -> float | None:
    """Share of episodes solved, None if the environment does not tell."""
    share = float(results.is_solved.mean())
    return None if np.isnan(share) else share


def _check_limits(generations: int | None, seconds: float | None) -> None:
    if generations is None and seconds is None:
        raise ValueError("generations or seconds must be given, got neither")
    if generations is not None and generations < 1:
        raise ValueError(f"generations must be >= 1, got {generations!r}")
    if seconds is not None and not seconds > 0:
        raise ValueError(f"seconds must be > 0, got {seconds!r}")
