"""`spiking-evaluate`: measure a champion on held-out episodes."""

import argparse
import io
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from spiking_agent.checks.arguments import text
from spiking_agent.cli.common import (
    CommandParser,
    UsageError,
    add_champion_arguments,
    add_max_envs,
    available_cores,
    named_path,
    positive_int,
    run,
    typed,
)
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.errors import EnvironmentMismatchError
from spiking_agent.files.atomic import write_atomically
from spiking_agent.organism.evaluation import Evaluation, held_out_episodes, lesioned
from spiking_agent.organism.organism import Organism
from spiking_agent.organism.shipped import load_champion
from spiking_agent.report.endings import MAX_PICTURES, contact_sheet, last_frames
from spiking_agent.typing import Float64Array, Json
from spiking_agent.viewer.screen import drawing_in_memory

WHOLE = "whole"

EPILOG = """\
examples:
  spiking-evaluate                                       the grown champion of the package
  spiking-evaluate runs/first/champion.npz --episodes 1000 --json
  spiking-evaluate --beside runs/first/champion.npz      two champions on the same episodes
  spiking-evaluate --without W --env-kwargs n_rows=12 n_cols=12
  spiking-evaluate senses                                the one with senses made by hand
  spiking-evaluate senses --without leak --without 'food_*,*_food_in_sight'
  spiking-evaluate --episodes 10000 --lost lost.png      how the lost games ended

Episode i has seed 3 * 2**30 + SEED + i, which neither training nor the choice of the champion
uses.
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        prog="spiking-evaluate",
        description="Play held-out episodes with a champion and print the figures.",
        epilog=EPILOG,
    )
    add_champion_arguments(parser)
    parser.add_argument("--episodes", type=positive_int, default=100, help="default: %(default)s")
    parser.add_argument(
        "--workers",
        type=positive_int,
        default=available_cores(),
        help="processes that play (default: all cores, %(default)s)",
    )
    add_max_envs(parser)
    parser.add_argument(
        "--without",
        action="append",
        type=typed(partial(text, "it")),
        default=[],
        metavar="PART",
        help="also play the same episodes without a part of the brain: hidden, leak, recurrence, "
        "or inputs by name, such as 'food_*,*_food_in_sight'; of a grown brain also a layer, "
        "'body after 2 moves' or morphogens; may be repeated",
    )
    parser.add_argument(
        "--beside",
        action="append",
        default=[],
        metavar="CHAMPION",
        help="also play the same episodes, scored alike, with another champion; may be repeated",
    )
    parser.add_argument(
        "--lost",
        metavar="FILE.png",
        type=named_path,
        help=f"draw the ends of episodes that it did not solve, at most {MAX_PICTURES}",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Evaluate a champion with the parsed arguments.

    Parameters
    ----------
    arguments : argparse.Namespace
        The arguments.
    """
    picture = None if arguments.lost is None else _checked(arguments.lost)
    brains, games = _players(arguments)
    results = {
        name: held_out_episodes(
            brain,
            episodes=arguments.episodes,
            seed=arguments.seed,
            env=games.env,
            env_kwargs=games.kwargs,
            workers=arguments.workers,
            max_envs=arguments.max_envs,
        )
        for name, brain in brains.items()
    }
    figures = {name: Evaluation.of(one) for name, one in results.items()}
    if arguments.json:
        print(json.dumps(_to_json(figures), allow_nan=False))
    else:
        Console().print(_table({" ".join(name): one for name, one in figures.items()}))
    if picture is not None:
        is_solved = results[(WHOLE,)].is_solved[0]
        _picture_lost(picture, arguments.seed, games, brains[(WHOLE,)], is_solved)
    return 0


def _checked(path: Path) -> Path:
    """Return the absolute path; refuse a path that cannot be written, before anything is played."""
    if path.suffix != ".png" or not path.parent.is_dir() or path.is_dir():
        raise UsageError(f"--lost must be a .png in a directory that exists, got {str(path)!r}")
    return path.absolute()


@drawing_in_memory()
def _picture_lost(
    path: Path,
    seed: int,
    games: EnvSource,
    champion: Organism,
    is_solved: Float64Array,
) -> None:
    """Replay the lost episodes and draw their last pictures."""
    if np.isnan(is_solved).any():
        raise UsageError("--lost needs an environment that reports which episodes were solved")
    lost = np.flatnonzero(is_solved == 0)[:MAX_PICTURES]
    if not len(lost):
        print("No episode was lost: there is nothing to draw.", file=sys.stderr)
        return
    frames = last_frames(
        champion,
        (RESULT_SEEDS + seed + lost).tolist(),
        env=games.env,
        env_kwargs=games.kwargs,
        max_moves=champion.task.max_moves,
    )
    picture = io.BytesIO()
    contact_sheet(list(frames)).save(picture, format="png")
    write_atomically(path, picture.getvalue())


def _players(arguments: argparse.Namespace) -> tuple[dict[tuple[str, ...], Organism], EnvSource]:
    """Return all brains by name, with the task of the first champion, and its environment."""
    champion = load_champion(arguments.champion, arguments.engine)
    rivals = {path: load_champion(path, arguments.engine) for path in arguments.beside}
    games = champion.env_source(arguments.env, arguments.env_kwargs)
    champion = champion.fitting(games)
    games.make_checked(champion.observation_space, champion.action_space).close()
    brains: dict[tuple[str, ...], Organism] = {(WHOLE,): champion}
    for part in arguments.without:
        brains["without", part] = lesioned(champion, part, env=games.env, env_kwargs=games.kwargs)
    brains |= {("beside", path): _beside(path, rival, games) for path, rival in rivals.items()}
    task = replace(champion.task, env=games.env, env_kwargs=games.kwargs)
    return {name: replace(brain, task=task) for name, brain in brains.items()}, games


def _beside(path: str, rival: Organism, games: EnvSource) -> Organism:
    """Return a rival in the champion's environment; refuse one for other observations or actions.

    That is before anybody plays.
    """
    try:
        rival = rival.fitting(games)
        games.make_checked(rival.observation_space, rival.action_space).close()
    except EnvironmentMismatchError as error:
        raise UsageError(
            f"--beside must be a champion for the same observations and actions as the first one, "
            f"got {path!r}: {error}"
        ) from error
    return rival


def _to_json(figures: dict[tuple[str, ...], Evaluation]) -> Json:
    """Return the champion's figures as JSON values, with those of the others by kind and name."""
    result = figures[(WHOLE,)].to_json()
    for (kind, *what), one in figures.items():
        if what:
            result.setdefault(kind, {})[what[0]] = one.to_json()
    return result


def _table(figures: dict[str, Evaluation]) -> Table:
    table = Table(show_header=len(figures) > 1, box=None)
    table.add_column("")
    for name in figures:
        table.add_column(escape(name), overflow="fold")
    rows = [one.to_json() for one in figures.values()]
    for name in rows[0]:
        if name not in ("share_solved_low", "share_solved_high"):
            cells = [f"[bold]{_text(name, row)}[/]" for row in rows]
            table.add_row(name.replace("_", " "), *cells)
    return table


def _text(name: str, row: dict[str, Any]) -> str:
    value = row[name]
    if value is None:
        return "-"
    if name == "share_solved":
        return f"{value:.2%} ({row[f'{name}_low']:.2%} to {row[f'{name}_high']:.2%})"
    return f"{value:,.2f}".removesuffix(".00")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input, 130 after Ctrl-C.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; default: those of the process.
    """
    return run(command, make_parser(), argv)
