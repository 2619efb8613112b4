"""The report of a run: all that its directory and its champion's games tell, in one HTML file."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from spiking_agent.checks.commands import shell_line
from spiking_agent.checks.words import counted, one_line
from spiking_agent.codec.names import neuron_names
from spiking_agent.codec.spaces import Json
from spiking_agent.episodes.env_ids import env_name
from spiking_agent.episodes.environments import PLAY_ERRORS, EnvFactory
from spiking_agent.errors import RunDirectoryError
from spiking_agent.evolution.config import EvolutionConfig, package_version
from spiking_agent.evolution.run_directory import CONFIG, REPORT, RunDirectory, open_limit
from spiking_agent.organism.champion_file import CHAMPION, champion_path
from spiking_agent.organism.organism import Organism
from spiking_agent.report import charts
from spiking_agent.report.games import Games, play
from spiking_agent.report.history import History
from spiking_agent.report.repeat import needed_env, repeat_command

PATIENCE_S = 30.0  # of play: a few will do, unless machine or environment are slow
QUICK_S = 0.7  # likewise, for somebody who wants to leave


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the page.

    Attributes
    ----------
    title, caption : str
        What it shows.
    svg : str
        The drawing.
    is_wide : bool
        Whether it needs the whole width.
    """

    title: str
    caption: str
    svg: Markup
    is_wide: bool = False


def write_report(
    directory: RunDirectory,
    *,
    env: str | EnvFactory | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    is_quick: bool = False,
    needs_games: bool = False,
) -> None:
    """Write the report of a run into its directory, whole or not at all.

    Parameters
    ----------
    directory : RunDirectory
        The run; it has a champion.
    env, env_kwargs
        See `Organism.env_source`.
    is_quick : bool
        True lets the champion play for a second only, so that some parts may be missing.
    needs_games : bool
        True refuses to write a report for which the champion could not play.

    Raises
    ------
    RunDirectoryError, ChampionFileError, OSError
        If the directory holds no run with a champion, or something in it cannot be read or
        written; or if the champion cannot play, but has to. An older report is then untouched.
    """
    _check_run(directory)
    if not os.access(directory.path, os.W_OK):  # before anybody plays
        raise RunDirectoryError(f"run_directory must be writable, got {directory.given}")
    content, missing = make_report(directory, env=env, env_kwargs=env_kwargs, is_quick=is_quick)
    if missing and needs_games:
        raise RunDirectoryError(f"the champion must be able to play for a report, but {missing}")
    directory.write(REPORT, content.encode(errors="backslashreplace"))


def _check_run(directory: RunDirectory) -> None:
    """Refuse what is no directory of a run, before anything is read."""
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
    """Make the page that `write_report` writes; and say why the champion could not play, if so."""
    content = directory.read_config()
    organism = Organism.load(champion_path(directory.path))
    history = History(directory.read_metrics())
    games, missing = _games(organism, env, env_kwargs, open_limit(content), is_quick=is_quick)
    names = games.names if games is not None else _plain_names(organism)
    pages = Environment(
        loader=PackageLoader("spiking_agent.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = pages.get_template("report.html.jinja").render(
        title=env_name(organism.env_id or "an environment of your own"),
        subtitle=_subtitle(content, history, organism),
        tiles=_tiles(history, organism, games),
        is_quick=is_quick,
        run_path=_shown(directory),
        games=games,
        missing=missing,
        run_figures=_run_figures(history),
        brain_figures=_brain_figures(organism, names, _population(directory), games),
        kinds=_kinds(organism, games),
        commands=_commands(directory, content, history, organism),
        config=json.dumps(content, indent=2, ensure_ascii=False),
        package=package_version(),
    )
    return page, missing


def _games(
    organism: Organism,
    env: str | EnvFactory | None,
    env_kwargs: Mapping[str, Any] | None,
    most: int | None,
    *,
    is_quick: bool,
) -> tuple[Games | None, str]:
    """Let the champion play; if it has nowhere to, say why not."""
    try:
        source = replace(organism.env_source(env, env_kwargs), max_envs=most)
        seconds = QUICK_S if is_quick else PATIENCE_S
        return play(organism, source, seconds, is_quick=is_quick), ""
    except Exception as error:  # noqa: BLE001  # an environment may raise anything
        kind = "" if isinstance(error, PLAY_ERRORS) else f"{type(error).__name__}: "
        return None, f"{kind}{error}"


def _plain_names(organism: Organism) -> tuple[str, ...]:
    return neuron_names(organism.connectome, organism.codec.encoder, organism.codec.decoder)


def _population(directory: RunDirectory) -> npt.NDArray[np.int8] | None:
    """Read the strengths of all genomes; None before the first checkpoint, or if it is damaged."""
    try:
        checkpoint = directory.read_checkpoint()
    except RunDirectoryError:
        return None
    strengths = None if checkpoint is None else checkpoint[0].get("strength")
    return strengths if strengths is not None and strengths.dtype == np.int8 else None


def _subtitle(content: Json, history: History, organism: Organism) -> str:
    seconds = history.last("elapsed_s") or 0.0
    minutes, rest = divmod(round(seconds), 60)
    time = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    seed = one_line(organism.provenance.get("seed", "unknown"), 40)
    return (
        f"{counted(len(history), 'generation')} in {time}, seed {seed}, "
        f"package {content.get('package', 'unknown')}"
    )


def _tiles(history: History, organism: Organism, games: Games | None) -> list[tuple[str, str, str]]:
    """Give the figures that stand on top: what, how much, and what it means."""
    connectome = organism.connectome
    tiles = []
    evaluation = None if games is None else games.evaluation
    if evaluation is not None:
        error = evaluation.standard_error
        within = "" if np.isnan(error) else f"± {error:.2g} (standard error), "
        tiles.append(
            (
                "mean fitness",
                f"{evaluation.mean:,.2f}",
                f"{within}{counted(evaluation.episodes, 'held-out game')}; "
                f"best {evaluation.max:,.6g}",
            )
        )
        if evaluation.share_cleared is not None:
            low, high = evaluation.share_cleared_low, evaluation.share_cleared_high
            between = "" if low is None or high is None else f"95 %: {low:.1%} to {high:.1%}"
            tiles.append(
                ("solved", f"{evaluation.share_cleared:.1%}", f"of these games; {between}")
            )
        tiles.append(("moves a game", f"{evaluation.mean_moves:,.0f}", "on average"))
    validated = history.last("champion_held_out")
    if validated is not None:
        words = "mean fitness of the champion in the validation episodes"
        tiles.append(("validation", f"{validated:,.2f}", words))
    born = one_line(organism.provenance.get("generation", "?"), 40)
    tiles.append(("its generation", born, f"the champion's, of {len(history):,}"))
    hidden = len(charts.groups(connectome)[1])
    kinds = [
        counted(connectome.n_inputs, "input"),
        f"{hidden:,} hidden",
        counted(connectome.n_outputs, "output"),
    ]
    shape = f"{', '.join(kinds)}; {counted(connectome.n_synapses, 'synapse')}"
    tiles.append(("neurons", f"{connectome.n_neurons:,}", shape))
    moves = history.column("n_moves")
    if moves is not None:
        tiles.append(("training", _count(float(np.nansum(moves))), "moves of all brains together"))
    return tiles


def _count(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M")):
        if value >= size:
            return f"{value / size:.3g} {letter}"
    return f"{value:,.0f}"


def _run_figures(history: History) -> list[Figure]:
    """Draw how the run went; what it did not record is left out."""
    drawn = (
        (
            "Learning curve",
            "Mean fitness of an episode. Training: each generation's own episodes; held out: the "
            "champion's validation episodes, which no brain trains on.",
            charts.learning(history),
        ),
        (
            "Share solved",
            "Share of the validation episodes that the champion solved.",
            charts.solved(history),
        ),
        (
            "Diversity",
            "Root mean square difference between the strengths of the same synapse in two genomes "
            "of the population, in units of strength; 0 if all genomes are equal.",
            charts.diversity(history),
        ),
        (
            "Speed",
            "Training moves of a generation, divided by the time it took, validation included.",
            charts.speed(history),
        ),
    )
    return [Figure(title, words, Markup(svg)) for title, words, svg in drawn if svg]  # noqa: S704


def _brain_figures(
    organism: Organism,
    names: tuple[str, ...],
    population: npt.NDArray[np.int8] | None,
    games: Games | None,
) -> list[Figure]:
    """Draw the champion's brain, and what its neurons did."""
    connectome = organism.connectome
    activity = None if games is None else games.activity
    drawn = [
        (
            "Strengths",
            f"How often each strength occurs among the synapses of the champion, which has "
            f"{connectome.n_synapses:,}, and of the last population.",
            charts.strengths(connectome, population),
            False,
        )
    ]
    if activity is not None:
        drawn.append(
            (
                "Firing rates",
                "Impulses that each neuron sent a tick, because it fired or, for inputs, was "
                f"driven: {counted(activity.n_moves, 'move')} of "
                f"{counted(activity.n_games, 'held-out game')}, "
                f"{counted(activity.n_ticks, 'tick')}.",
                charts.rates(connectome, activity),
                False,
            )
        )
    drawn.append(
        (
            "Connectivity",
            "Strength of every synapse, from the neuron of its column to the neuron of its row; "
            "blue inhibits, orange excites. Rows are the neurons that a synapse reaches.",
            charts.matrix(organism, names),
            True,
        )
    )
    if activity is not None:
        drawn.append(
            (
                "Raster",
                f"Who sent an impulse in the first {counted(len(activity.raster), 'tick')} of "
                f"held-out game 0; a decision takes {organism.codec.n_ticks}.",
                charts.raster(organism, names, activity),
                True,
            )
        )
    return [Figure(title, words, Markup(svg), wide) for title, words, svg, wide in drawn]  # noqa: S704


def _kinds(organism: Organism, games: Games | None) -> list[tuple[str, int, str, str]]:
    """Give a row for each kind of neuron: how many, and their rates."""
    activity = None if games is None else games.activity
    if activity is None:
        return []
    rows = []
    for (kind, _), ids in zip(charts.KINDS, charts.groups(organism.connectome), strict=True):
        if len(ids):
            rates = activity.rates[ids]
            rows.append(
                (kind, len(ids), f"{rates.mean():.3f}", f"{rates.min():.3f} to {rates.max():.3f}")
            )
    return rows


def _commands(
    directory: RunDirectory, content: Json, history: History, organism: Organism
) -> list[tuple[str, str]]:
    """Give what to type, and what for."""
    path = _shown(directory)
    champion = f"{path}/{CHAMPION}"
    env = needed_env(organism.env_id)
    commands = []
    try:
        config = EvolutionConfig.from_run(content)
    except RunDirectoryError as error:
        commands.append((f"Repeat it: no command, because {error}", ""))
    else:
        how = content.get("run")
        is_live = isinstance(how, dict) and how.get("engine") == "live"
        words = "Repeat it: the same champion, bit by bit"
        if is_live:
            words = "The same settings; live, no two runs agree"
        repeat = repeat_command(config, organism.observation_space, len(history))
        commands.append((words, repeat + " --engine live" * (is_live and "\n" not in repeat)))
        if config.env_id is not None:
            seconds = 600 * (int(history.last("elapsed_s") or 0.0) // 600 + 2)
            resume = shell_line("evolve", "--resume", path, "--seconds", seconds)
            commands.append(("Go on with it", resume))
    if organism.env_id is not None:
        commands += [
            (
                "Evaluate the champion",
                shell_line("evaluate", champion, *env, "--episodes", 1000),
            ),
            ("Watch it play and think", shell_line("watch", champion, *env)),
        ]
    commands.append(("Make this report again", shell_line("report", path, *env)))
    return commands


def _shown(directory: RunDirectory) -> str:
    """Name the directory as somebody elsewhere may read it, without the folders above."""
    path = directory.given
    return path.name if path.is_absolute() or ".." in path.parts else path.as_posix()
