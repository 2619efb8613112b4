"""Evolution as one call."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import replace
from inspect import signature
from typing import Any

from spiking_agent.checks.arguments import file_path, flag, json_values, limits
from spiking_agent.checks.words import shown
from spiking_agent.codec.codec import as_setting
from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.encoders.base import Encoder
from spiking_agent.episodes.environments import EnvFactory, EnvSource
from spiking_agent.evolution.checkpoint import SavedRun
from spiking_agent.evolution.config import check_names
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.recipes import recipe
from spiking_agent.evolution.reports import Reporter
from spiking_agent.evolution.run_directory import RunDirectory
from spiking_agent.organism.organism import Organism
from spiking_agent.report.at_end import report_at_end


def evolve(
    env: str | EnvFactory,
    *,
    generations: int | None = None,
    seconds: float | None = None,
    seed: int | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
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
    env : str or callable
        A Gymnasium id, or a function that takes `render_mode` and `env_kwargs` and returns an
        environment.
    generations, seconds : optional
        Where to stop, unless the target is reached before; 60 seconds if neither is given.
    seed : int, optional
        Source of every draw: the same seed gives the same champion; default 0.
    env_kwargs : mapping, optional
        Keyword arguments of the environment.
    out : path-like, optional
        Directory that keeps the run; nothing is written without one.
    resume : bool
        True goes on with the run in `out`; its settings come from there.
    workers, engine, executor, reporters
        See `Evolution`.
    max_envs : int, optional
        How many environments may be open at once, 1 for one that can exist only once; default: as
        many as it takes to play fast. The result is the same.
    report : bool
        Whether `out` gets a `report.html` in the end; a failure to make it is told on stderr and
        stops nothing.
    encoder, decoder : str, mapping, Encoder or Decoder, optional
        How observations become impulses, and spikes actions: a name, as in `EvolutionConfig`, what
        `to_json` of one gave, or an object; default: what fits the spaces.
    **settings
        Settings of `EvolutionConfig`, `GeneValues` and `GeneticParams` by name.

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
        If `out` holds a run already (or none, to resume), or cannot be written.
    Interrupted
        A KeyboardInterrupt whose `champion` is the best organism so far: after Ctrl-C, when
        everything is saved.

    Examples
    --------
    >>> import spiking_agent
    >>> organism = spiking_agent.evolve("CartPole-v1", generations=2, population_size=10)
    >>> organism.connectome.n_outputs
    2
    """
    check_names(settings, signature(evolve).parameters)
    if "env_id" in settings:
        raise TypeError(f"env_id must not be given beside env, got {shown(settings['env_id'])}")
    kwargs = {} if env_kwargs is None else json_values("env_kwargs", env_kwargs)
    source = EnvSource(env, kwargs, max_envs)
    if generations is None and seconds is None:
        seconds = 60.0
    generations, seconds = limits(generations, seconds)
    resume, report = flag("resume", resume), flag("report", report)
    directory = None if out is None else RunDirectory(file_path("out", out))
    for name, part in (("encoder", encoder), ("decoder", decoder)):
        if part is not None:
            settings[name] = as_setting(name, part)
    if resume:
        if directory is None:
            raise ValueError("out must name the run to resume, got None")
        if seed is not None or env_kwargs is not None or settings:
            named = {"seed": seed, "env_kwargs": env_kwargs, **settings}
            given = ", ".join(name for name, value in named.items() if value is not None)
            raise ValueError(
                "seed, env_kwargs and settings must not be given with resume: "
                f"the run has its own, got {given}"
            )
    saved = None
    with directory or nullcontext():
        if directory is not None and resume:
            directory.hold()
            saved = SavedRun.read(directory)
            config = saved.config
            if source.env_id != config.env_id:
                raise ValueError(
                    f"env must be that of the run, {config.env_id!r}, got {source.env_id!r}"
                )
            if max_envs is None:
                source = replace(source, max_envs=saved.max_envs)
        else:
            wanted = {name: settings.get(name) for name in ("strategy", "encoder", "score_key")}
            config = recipe(source, **wanted).changed(seed=0 if seed is None else seed, **settings)
        evolution = Evolution(
            config,
            source=source,
            directory=directory,
            engine=engine,
            workers=workers,
            executor=executor,
            reporters=reporters,
            encoder=None if isinstance(encoder, str | Mapping) else encoder,
            decoder=None if isinstance(decoder, str | Mapping) else decoder,
        )
        if saved is not None:
            evolution.resume(saved)
        elif directory is not None:
            how = {"generations": generations, "seconds": seconds, "max_envs": source.max_envs}
            directory.create(config.to_run(how))
        with report_at_end(directory if report else None, env=env, env_kwargs=config.env_kwargs):
            return evolution.run(generations=generations, seconds=seconds)
