"""Evolution as one call: the one way to start or to resume a run."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any, Final

from spiking_agent.checks.arguments import file_path, flag, limits
from spiking_agent.codec.codec import as_setting
from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.encoders.base import Encoder
from spiking_agent.environments.source import EnvFactory
from spiking_agent.evolution.checkpoint import SavedRun
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.pace import sized, timed
from spiking_agent.evolution.recipes.configured import configured
from spiking_agent.evolution.reporters.protocol import Reporter
from spiking_agent.evolution.run_directory import RunDirectory
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.settings.names import check_names
from spiking_agent.organism.organism import Organism
from spiking_agent.report.at_end import report_at_end

DEFAULT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is ready to start or to resume.

    Parameters
    ----------
    evolution : Evolution
        The evolution.
    generations, seconds : optional
        Its limits.
    """

    evolution: Evolution
    generations: int | None
    seconds: float | None

    @property
    def is_done(self) -> bool:
        """Whether the target or a limit has been reached already."""
        return self.evolution.is_done(self.generations, self.seconds)

    def go(self, on_stop: Callable[[], object] = lambda: None) -> Organism:
        """Evolve until a limit or the target is reached, see `Evolution.run`.

        Parameters
        ----------
        on_stop : callable, optional
            Called from the signal handler as soon as Ctrl-C is pressed.

        Returns
        -------
        Organism
            The champion.
        """
        return self.evolution.run(
            generations=self.generations, seconds=self.seconds, on_stop=on_stop
        )


def evolve(
    env: str | EnvFactory | None = None,
    *,
    generations: int | None = None,
    seconds: float | None = None,
    seed: int | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    recipe: str | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    workers: int = 1,
    engine: str = "compiled",
    executor: Executor | None = None,
    max_envs: int | None = None,
    reporters: Sequence[Reporter] = (),
    report: bool = True,
    encoder: str | Mapping[str, Any] | Encoder | None = None,
    decoder: str | Mapping[str, Any] | Decoder | None = None,
    **settings: Any,
) -> Organism:
    """Evolve a spiking policy for any Gymnasium environment.

    Parameters
    ----------
    env : str or callable, optional
        A Gymnasium id, or a function that takes `render_mode` and `env_kwargs` and returns an
        environment. With `resume` it may be left out, unless the run was started with a function.
    generations, seconds : optional
        Limits at which to stop, unless the target is reached before. If neither is given, a
        resumed run keeps its own limits, and a new one stops after 60 seconds. Where moves are slow
        and only seconds are given, a new run has smaller sizes, but for those that are given.
    seed : int, optional
        Seed of all random numbers: the same seed gives the same champion; default 0.
    env_kwargs : mapping, optional
        Keyword arguments of the environment.
    recipe : str, optional
        Which recipe the settings come from; default: one that fits what is seen, see
        `spiking_agent.evolution.recipes.choose.choose`.
    out : path-like, optional
        Directory in which the run is saved; by default nothing is written.
    resume : bool
        Whether to resume the run in `out`, with its settings.
    workers, engine, executor, reporters
        See `Evolution`.
    max_envs : int, optional
        How many environments may be open at once, 1 for one that can exist only once; default: as
        many as fast play needs. The result is the same (but for live brains).
    report : bool
        Whether to write a `report.html` into `out` at the end; if that fails, the error is printed
        to stderr and the champion is returned all the same.
    encoder, decoder : str, mapping, Encoder or Decoder, optional
        How observations become impulses, and spikes become actions: a name, as in
        `EvolutionConfig`, the result of `to_json`, or an object; default: one that fits the spaces.
    **settings
        Settings of `EvolutionConfig` by name, whatever section they are in.

    Returns
    -------
    Organism
        The champion.

    Raises
    ------
    ValueError, TypeError
        If an argument or a setting is out of range or unknown.
    UnsupportedSpaceError
        If a space of the environment has no codec.
    RunDirectoryError
        If `out` holds a run already (or, to resume, no run), or cannot be written.
    Interrupted
        A KeyboardInterrupt after Ctrl-C, when everything is saved; its attribute `champion` is the
        best organism so far.

    Examples
    --------
    >>> import spiking_agent
    >>> organism = spiking_agent.evolve("CartPole-v1", generations=2, population_size=10)
    >>> organism.connectome.n_outputs
    2
    """
    check_names(settings, {name: name for name in ARGUMENTS})
    report = flag("report", report)
    directory = None if out is None else RunDirectory(file_path("out", out))
    with directory or nullcontext():
        run = prepare(
            env,
            directory,
            generations=generations,
            seconds=seconds,
            seed=seed,
            env_kwargs=env_kwargs,
            recipe=recipe,
            resume=resume,
            workers=workers,
            engine=engine,
            executor=executor,
            max_envs=max_envs,
            reporters=reporters,
            encoder=encoder,
            decoder=decoder,
            **settings,
        )
        kept = directory if report else None
        config, is_slow = run.evolution.config, run.evolution.pace.is_slow
        with report_at_end(kept, env=env, env_kwargs=config.task.env_kwargs, is_quick=is_slow):
            return run.go()


ARGUMENTS: Final = tuple(
    name for name, one in signature(evolve).parameters.items() if one.kind is not one.VAR_KEYWORD
)


def prepare(
    env: str | EnvFactory | None = None,
    directory: RunDirectory | None = None,
    *,
    generations: int | None = None,
    seconds: float | None = None,
    seed: int | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    recipe: str | None = None,
    resume: bool = False,
    workers: int = 1,
    engine: str = "compiled",
    executor: Executor | None = None,
    max_envs: int | None = None,
    reporters: Sequence[Reporter] = (),
    encoder: str | Mapping[str, Any] | Encoder | None = None,
    decoder: str | Mapping[str, Any] | Decoder | None = None,
    default_seconds: float = DEFAULT_SECONDS,
    **settings: Any,
) -> Run:
    """Return a run that is ready to start or to resume, without playing yet.

    Parameters
    ----------
    directory : RunDirectory, optional
        Where the run is saved; the caller holds it.
    default_seconds : float
        Limit of a run for which none is given.
    env, generations, seconds, seed, env_kwargs, recipe, resume, workers, engine, executor, max_envs
        See `evolve`.
    reporters, encoder, decoder, **settings
        See `evolve`.

    Raises
    ------
    ValueError, TypeError, SpikingAgentError
        See `evolve`.
    """
    resume = flag("resume", resume)
    if (generations, seconds) != (None, None):
        generations, seconds = limits(generations, seconds)
    for name, part in (("encoder", encoder), ("decoder", decoder)):
        if part is not None:
            settings[name] = as_setting(name, part)
    saved, notes = None, []
    if resume:
        given = {"seed": seed, "env_kwargs": env_kwargs, "recipe": recipe}
        named = [name for name, value in given.items() if value is not None]
        saved = _saved(env, directory, [*named, *settings])  # None is a value of some settings
        config = saved.config if env is None else _played_on(saved.config, env)
        max_envs = saved.max_envs if max_envs is None else max_envs
        if (generations, seconds) == (None, None):
            generations, seconds = saved.generations, saved.seconds
    else:
        kwargs = {} if env_kwargs is None else env_kwargs
        settings["seed"] = 0 if seed is None else seed
        chosen = configured(env, kwargs, recipe, **settings)
        config, notes = chosen.config, [str(chosen)]
    if (generations, seconds) == (None, None):
        seconds = default_seconds
    pace = timed(config)
    if pace is not None and saved is None and generations is None and seconds is not None:
        n_workers, _ = config.task.source(max_envs).share(workers)
        config, note = sized(config, pace, seconds, n_workers, settings)
        notes.append(note)
    evolution = Evolution(
        config,
        directory=directory,
        engine=engine,
        max_envs=max_envs,
        workers=workers,
        executor=executor,
        reporters=reporters,
        encoder=None if isinstance(encoder, str | Mapping) else encoder,
        decoder=None if isinstance(decoder, str | Mapping) else decoder,
        pace=pace,
        notes=filter(None, notes),
    )
    if saved is not None:
        evolution.resume(saved)
    elif directory is not None:
        how: dict[str, Any] = {"generations": generations, "seconds": seconds}
        how |= {"workers": workers, "engine": engine, "max_envs": max_envs}
        directory.create(config.to_run(how))
    return Run(evolution=evolution, generations=generations, seconds=seconds)


def _saved(
    env: str | EnvFactory | None, directory: RunDirectory | None, named: Sequence[str]
) -> SavedRun:
    """Return the saved state of a run to resume; refuse arguments that are settled by the run."""
    if directory is None:
        raise ValueError("out must name the run to resume, got None")
    if named:
        raise ValueError(
            "seed, env_kwargs, recipe and settings must not be given with resume: "
            f"the run has its own, got {', '.join(named)}"
        )
    directory.hold()
    saved = SavedRun.read(directory)
    if env is None and saved.config.task.env_id is None:
        raise ValueError(
            "env must be given, because the run was started with a function: resume it in Python "
            f"with spiking_agent.evolve(env, resume=True, out={str(directory.given)!r})"
        )
    return saved


def _played_on(config: EvolutionConfig, env: str | EnvFactory) -> EvolutionConfig:
    """Return the settings of a run with the environment that was passed to resume it."""
    task = replace(config.task, env=env)
    if task.env_id != config.task.env_id:
        raise ValueError(
            f"env must be that of the run, {config.task.env_id!r}, got {task.env_id!r}"
        )
    return replace(config, task=task)
