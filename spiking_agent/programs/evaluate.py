"""`spiking-evaluate`: how good a champion is on episodes that it has never seen."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from spiking_agent.evaluation import Evaluation, evaluate, lesioned
from spiking_agent.organism import Organism
from spiking_agent.programs.common import (
    add_champion_arguments,
    available_cores,
    load_champion,
    positive_int,
    run,
)
from spiking_agent.spaces import Json

WHOLE = "whole"

EPILOG = """\
examples:
  spiking-evaluate                                       the champion that we ship
  spiking-evaluate runs/first/champion.npz --episodes 1000 --json
  spiking-evaluate --beside runs/first/champion.npz      two champions on the same episodes
  spiking-evaluate --without leak --without 'food_*,*_food_in_sight'

Episode i has seed 3 * 2**30 + SEED + i, which neither training nor the choice of the champion
ever touches.
"""


def make_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="spiking-evaluate",
        description="Let a champion play held-out episodes and print the figures.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_champion_arguments(parser)
    parser.add_argument("--episodes", type=positive_int, default=100, help="default: %(default)s")
    parser.add_argument("--workers", type=positive_int, default=available_cores())
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="PART",
        help="play the same episodes again without a part of the brain: hidden, leak, recurrence, "
        "or inputs by name, such as 'food_*,*_food_in_sight'; may be repeated",
    )
    parser.add_argument(
        "--beside",
        action="append",
        default=[],
        metavar="FILE",
        help="let another champion play the same episodes; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Evaluate as the arguments say."""
    brains = _brains(arguments)
    games = brains[(WHOLE,)].env_source(arguments.env, dict(arguments.env_kwargs))
    figures = {
        name: evaluate(
            brain,
            episodes=arguments.episodes,
            seed=arguments.seed,
            env=games.env,
            env_kwargs=games.kwargs,
            workers=arguments.workers,
        )
        for name, brain in brains.items()
    }
    if arguments.json:
        print(json.dumps(_to_json(figures)))
    else:
        Console().print(_table({" ".join(name): one for name, one in figures.items()}))
    return 0


def _brains(arguments: argparse.Namespace) -> dict[tuple[str, ...], Organism]:
    """Load and make all that play, by name, before the first one plays: errors come at once."""
    champion = load_champion(arguments.champion, arguments.engine)
    brains: dict[tuple[str, ...], Organism] = {(WHOLE,): champion}
    for part in arguments.without:
        brains["without", part] = lesioned(
            champion, part, env=arguments.env, env_kwargs=dict(arguments.env_kwargs)
        )
    for path in arguments.beside:
        brains["beside", path] = load_champion(path, arguments.engine)
    return brains


def _to_json(figures: dict[tuple[str, ...], Evaluation]) -> Json:
    """Give the champion's figures, and those of the others by what they are."""
    result = figures[(WHOLE,)].to_json()
    for (kind, *what), one in figures.items():
        if what:
            result.setdefault(kind, {})[what[0]] = one.to_json()
    return result


def _table(figures: dict[str, Evaluation]) -> Table:
    table = Table(show_header=len(figures) > 1, box=None)
    table.add_column("")
    for name in figures:
        table.add_column(name, overflow="fold")
    rows = [one.to_json() for one in figures.values()]
    for name in rows[0]:
        if name not in ("share_cleared_low", "share_cleared_high"):
            cells = [f"[bold]{_text(name, row)}[/]" for row in rows]
            table.add_row(name.replace("_", " "), *cells)
    return table


def _text(name: str, row: dict[str, Any]) -> str:
    value = row[name]
    if value is None:
        return "-"
    if name == "share_cleared":
        return f"{value:.2%} ({row[f'{name}_low']:.2%} to {row[f'{name}_high']:.2%})"
    return f"{value:,.2f}".removesuffix(".00")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input, 130 after Ctrl-C."""
    return run(command, make_parser(), argv)
