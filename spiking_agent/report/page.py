"""Write the report of a run: what its directory and its champion's games show, as one HTML file."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from spiking_agent.codec.names import neuron_names
from spiking_agent.environments.ids import env_name
from spiking_agent.environments.source import PLAY_ERRORS, EnvFactory
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.run_directory import CONFIG, REPORT, RunDirectory, open_limit
from spiking_agent.evolution.settings.config import package_version
from spiking_agent.organism.champion_file import champion_path
from spiking_agent.organism.organism import Organism
from spiking_agent.report import sections
from spiking_agent.report.commands import commands, shown_path
from spiking_agent.report.games import Games, play
from spiking_agent.report.growth import growth
from spiking_agent.report.history import History
from spiking_agent.typing import Int8Array, Json

PATIENCE_S = 30.0  # limit on play; a few are enough, unless the machine or the environment is slow
QUICK_S = 0.7  # likewise, after Ctrl-C


def write_report(
    directory: RunDirectory,
    *,
    env: str | EnvFactory | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    is_quick: bool = False,
    needs_games: bool = False,
) -> None:
    """Write the report of a run into its directory, completely or not at all.

    Parameters
    ----------
    directory : RunDirectory
        The run; it must have a champion.
    env, env_kwargs
        See `Organism.env_source`.
    is_quick : bool
        True lets the champion play for only a second, so that some parts may be missing.
    needs_games : bool
        True refuses to write a report if the champion could not play for it.

    Raises
    ------
    RunDirectoryError, ChampionFileError, OSError
        If the directory holds no run with a champion, or something in it cannot be read or
        written; or if `needs_games` and the champion cannot play. An older report then stays.
    """
    _check_run(directory)
    if not os.access(directory.path, os.W_OK):  # before the champion plays
        raise RunDirectoryError(f"run_directory must be writable, got {directory.given}")
    content, missing = make_report(directory, env=env, env_kwargs=env_kwargs, is_quick=is_quick)
    if missing and needs_games:
        raise RunDirectoryError(f"the champion must be able to play for a report, but {missing}")
    directory.write(REPORT, content.encode(errors="backslashreplace"))


def _check_run(directory: RunDirectory) -> None:
    """Check that a directory is one of a run, before anything is read."""
    if (directory.path / CONFIG).exists():
        return
    what = f"it holds no {CONFIG}" if directory.path.is_dir() else "there is no such directory"
    what = "it is a file" if directory.path.is_file() else what
    raise RunDirectoryError(
        f"run_directory must be the directory of a run, got {directory.given}: {what}"
    )


def make_report(
    directory: RunDirectory,
    *,
    env: str | EnvFactory | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    is_quick: bool = False,
) -> tuple[str, str]:
    """Return the page that `write_report` writes, and why the champion could not play, if so."""
    content = directory.read_config()
    organism = Organism.load(champion_path(directory.path))
    history = History(directory.read_metrics())
    games, missing = _games(organism, env, env_kwargs, content, is_quick=is_quick)
    names = games.names if games is not None else _plain_names(organism)
    pages = Environment(
        loader=PackageLoader("spiking_agent.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = pages.get_template("report.html.jinja").render(
        title=env_name(organism.task.env_id or "an environment of your own"),
        subtitle=sections.subtitle(content, history, organism),
        tiles=sections.tiles(history, organism, games),
        is_quick=is_quick,
        run_path=shown_path(directory),
        games=games,
        missing=missing,
        run_figures=sections.run_figures(history),
        brain_figures=sections.brain_figures(organism, names, _population(directory), games),
        kinds=sections.firing_rates(organism, games),
        growth=growth(organism),
        commands=commands(directory, content, history, organism),
        config=json.dumps(content, indent=2, ensure_ascii=False),
        package=package_version(),
    )
    return page, missing


def _games(
    organism: Organism,
    env: str | EnvFactory | None,
    env_kwargs: Mapping[str, Any] | None,
    config: Json,
    *,
    is_quick: bool,
) -> tuple[Games | None, str]:
    """Return what the champion's games show; or None, and why it could not play."""
    try:
        source = replace(organism.env_source(env, env_kwargs), max_envs=open_limit(config))
        seconds = QUICK_S if is_quick else PATIENCE_S
        return play(organism, source, seconds, is_quick=is_quick), ""
    except Exception as error:  # noqa: BLE001  # an environment may raise anything
        kind = "" if isinstance(error, PLAY_ERRORS) else f"{type(error).__name__}: "
        return None, f"{kind}{error}"


def _plain_names(organism: Organism) -> tuple[str, ...]:
    return neuron_names(organism.connectome, organism.codec.encoder, organism.codec.decoder)


def _population(directory: RunDirectory) -> Int8Array | None:
    """Return the strengths of all genomes; None without a checkpoint, or if it is damaged."""
    try:
        checkpoint = directory.read_checkpoint()
    except RunDirectoryError:
        return None
    if checkpoint is None:
        return None
    arrays, values = checkpoint
    genomes, parts = arrays.get("genomes"), values.get("genes")
    if genomes is None or genomes.ndim != 2 or genomes.dtype != np.int8:
        return None
    match parts:
        case [["strength", int(n_genes)], *_]:
            return genomes[:, :n_genes]
    return None
