"""The command line of `scripts/autopsy.py`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autopsies.chart import write_chart
from autopsies.measure import Result, measure
from autopsies.published_rule import LIVE_ENGINES
from autopsies.steps import RELAPSES, STEPS, configurations
from autopsies.summary import markdown
from spiking_agent.cli.common import (
    CommandParser,
    UsageError,
    available_cores,
    natural_int,
    positive_int,
    run,
)
from spiking_agent.files.atomic import write_atomically

ALL = (*STEPS, *RELAPSES)
N_VALIDATION = 20  # games that choose the champion of a run, not counted in its budget

DESCRIPTION = """\
Find out why the brain of the blog post could not play: start from the published brain, and repair
one thing at a time. Each step adds one change to the previous step. All steps are evolved with the
same budget of games, and their champions play the same held-out games.
"""

EPILOG = """\
steps:
{steps}
and then
{relapses}

examples:
  python scripts/autopsy.py --out autopsy.json --chart autopsy.png   three seeds, an hour or two
  python scripts/autopsy.py --quick                                  check that it runs

Every result is saved at once, so after Ctrl-C the same command continues where it stopped. Steps
on the wall clock are evolved with the smallest budget only, because they run in real time.
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        prog="autopsy.py",
        description=DESCRIPTION,
        epilog=EPILOG.format(
            steps="\n".join(f"  {step.name}" for step in STEPS),
            relapses="\n".join(f"  {step.name}" for step in RELAPSES),
        ),
    )
    parser.add_argument(
        "--games",
        type=positive_int,
        nargs="+",
        default=[1_200, 48_000],
        help="training games per step and seed, one budget or several (default: 1200 48000)",
    )
    parser.add_argument(
        "--seeds", type=natural_int, nargs="+", default=[0, 1, 2], help="default: 0 1 2"
    )
    parser.add_argument(
        "--population", type=positive_int, default=100, help="brains (default: %(default)s)"
    )
    parser.add_argument(
        "--episodes",
        type=positive_int,
        default=1_000,
        help="held-out games of each champion (default: %(default)s; a tenth for live brains)",
    )
    parser.add_argument(
        "--size", type=positive_int, default=10, help="rows and columns (default: %(default)s)"
    )
    parser.add_argument("--out", metavar="FILE.json", type=Path, help="save the results here")
    parser.add_argument("--chart", metavar="FILE.png", type=Path, help="draw the results")
    parser.add_argument(
        "--workers", type=positive_int, default=available_cores(), help="processes that play"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="four brains, one seed, eight games of 6 x 6: the figures mean nothing",
    )
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Measure the missing results, and show all of them."""
    if arguments.quick:
        arguments.games, arguments.seeds = [8], arguments.seeds[:1]
        arguments.population, arguments.episodes, arguments.size = 4, 10, 6
    for name, suffix in (("out", ".json"), ("chart", ".png")):
        path = getattr(arguments, name)
        if path is not None and (path.suffix != suffix or not path.parent.is_dir()):
            raise UsageError(
                f"--{name} must be a {suffix} in a directory that exists, got {str(path)!r}"
            )
    if arguments.population < 2:
        raise UsageError(f"--population must be >= 2, got {arguments.population}")
    n_validation = 2 if arguments.quick else N_VALIDATION
    settings = {name: getattr(arguments, name) for name in ("population", "episodes", "size")}
    settings["n_validation"] = n_validation
    results = _read(arguments.out, settings)
    console = Console(stderr=True)
    configs = configurations(
        ALL,
        size=arguments.size,
        population_size=arguments.population,
        n_validation=n_validation,
    )
    for seed in arguments.seeds:
        for step, (config, engine) in zip(ALL, configs, strict=True):
            is_live = engine in LIVE_ENGINES
            for games in [min(arguments.games)] if is_live else sorted(arguments.games):
                if any((r.step, r.seed, r.games) == (step.name, seed, games) for r in results):
                    continue
                with console.status(f"{step.name}, seed {seed}, {games:,} games"):
                    result = measure(
                        step.name,
                        config,
                        engine,
                        seed=seed,
                        games=games,
                        episodes=max(1, arguments.episodes // (10 if is_live else 1)),
                        n_alike=1 if arguments.quick else 10,
                        workers=arguments.workers,
                    )
                results.append(result)
                console.print(
                    f"seed {seed}  {games:7,} games  {result.seconds:6.0f} s  "
                    f"score {result.score:6.2f}  {step.name}"
                )
                if arguments.out is not None:
                    content = {"settings": settings, "results": [r.to_json() for r in results]}
                    write_atomically(arguments.out, json.dumps(content, indent=1).encode())
    order = [step.name for step in ALL]
    results.sort(key=lambda r: (order.index(r.step), r.games, r.seed))
    print(markdown(results))
    if arguments.chart is not None:
        write_chart(arguments.chart, results, best_score=arguments.size**2 - 3)
    return 0


def _read(path: Path | None, settings: dict[str, int]) -> list[Result]:
    """Return the results of earlier calls."""
    if path is None or not path.exists():
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["settings"] != settings:
            raise UsageError(
                f"--out must hold results with the settings {settings}, got {content['settings']}"
            )
        results = [Result.from_json(part) for part in content["results"]]
        unknown = {r.step for r in results} - {step.name for step in ALL}
        if unknown:
            raise ValueError(f"there is no step {min(unknown)!r}")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError(f"--out must hold results of an autopsy, but {error!r}") from error
    return results


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; see `--help`."""
    return run(command, make_parser(), argv)


if __name__ == "__main__":
    sys.exit(main())
