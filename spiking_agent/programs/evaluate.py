"""`spiking-evaluate`: how good a champion is on episodes that it has never seen."""

import argparse
import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from spiking_agent.evaluation import Evaluation, evaluate
from spiking_agent.programs.common import (
    add_champion_arguments,
    available_cores,
    load_champion,
    positive_int,
    run,
)

EPILOG = """\
examples:
  spiking-evaluate                                       the champion that we ship
  spiking-evaluate runs/first/champion.npz --episodes 1000 --json

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
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Evaluate as the arguments say."""
    organism = load_champion(arguments.champion, arguments.engine)
    figures = evaluate(
        organism,
        episodes=arguments.episodes,
        seed=arguments.seed,
        env=arguments.env,
        env_kwargs=dict(arguments.env_kwargs),
        workers=arguments.workers,
    )
    if arguments.json:
        print(json.dumps(figures.to_json()))
    else:
        Console().print(_table(figures))
    return 0


def _table(figures: Evaluation) -> Table:
    table = Table(show_header=False, box=None)
    for name, value in figures.to_json().items():
        if value is None:
            text = "-"
        elif name == "share_cleared":
            text = f"{value:.2%}"
        else:
            text = f"{value:,.2f}".removesuffix(".00")
        table.add_row(name.replace("_", " "), f"[bold]{text}[/]")
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input, 130 after Ctrl-C."""
    return run(command, make_parser(), argv)
