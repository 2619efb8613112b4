"""Make the runs, clips, curves and figures of docs/gallery.md.

For each environment: run the command of its section, evaluate the champion on held-out episodes,
record a clip of the first one, and print the row of the page's table.
"""

import argparse
import csv
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import spiking_agent
from spiking_agent.cli import evolve, watch
from spiking_agent.cli.common import CommandParser, UsageError, positive_int, run
from spiking_agent.evolution.run_directory import LEARNING_CURVE, METRICS
from spiking_agent.organism.champion_file import CHAMPION

PAGE = Path(__file__).parent.parent / "docs" / "gallery"
HEAD = "| environment | held-out mean | seconds | episodes | neurons | synapses |"
EPILOG = """\
examples:
  python scripts/gallery.py                            all, which takes about half an hour
  python scripts/gallery.py CartPole-v1 --out /tmp     one of them, without changing the page
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A section of the page.

    Parameters
    ----------
    module : str
        The module that registers the environment; empty for Gymnasium's.
    seconds : int
        Limit of the evolution.
    options : tuple of str
        Further options of its command.
    n_moves : int
        Length of the clip in moves.
    every : int
        Moves per picture.
    """

    module: str = ""
    seconds: int
    options: tuple[str, ...] = ()
    n_moves: int
    every: int


EXHIBITS = {
    "CartPole-v1": Exhibit(seconds=60, n_moves=120, every=4),
    "Acrobot-v1": Exhibit(seconds=60, n_moves=100, every=2),
    "MountainCar-v0": Exhibit(seconds=60, n_moves=120, every=3),
    "MountainCarContinuous-v0": Exhibit(seconds=60, n_moves=120, every=3),
    "LunarLander-v3": Exhibit(seconds=120, n_moves=300, every=6),
    "BipedalWalker-v3": Exhibit(seconds=600, n_moves=300, every=4),
    "Pendulum-v1": Exhibit(seconds=300, n_moves=120, every=3),
    "FrozenLake-v1": Exhibit(seconds=60, n_moves=40, every=1),
    "CliffWalking-v1": Exhibit(seconds=20, n_moves=30, every=1),
    "Taxi-v4": Exhibit(seconds=120, n_moves=40, every=1),
    "TMaze-v0": Exhibit(
        module="memory_envs", seconds=60, options=("--memory",), n_moves=40, every=1
    ),
    "CartPolePositions-v0": Exhibit(
        module="memory_envs", seconds=120, options=("--memory",), n_moves=120, every=4
    ),
}


def full_id(env_id: str) -> str:
    """Return the id of an environment with its module."""
    module = EXHIBITS[env_id].module
    return f"{module}:{env_id}" if module else env_id


def evolve_command(env_id: str) -> list[str]:
    """Return the arguments of the section's command."""
    how = EXHIBITS[env_id]
    return ["--env", full_id(env_id), "--seed", "0", "--seconds", str(how.seconds), *how.options]


def exhibit(env_id: str, runs: Path, page: Path, n_episodes: int) -> str:
    """Make one section's run, clip and curve, and return its row of figures."""
    how, directory = EXHIBITS[env_id], runs / env_id
    if code := evolve.main([*evolve_command(env_id), "--out", str(directory), "--no-report"]):
        raise UsageError(f"{env_id} cannot be evolved for, exit code {code}")
    champion = directory / CHAMPION
    clip = ["--record", str(page / f"{env_id}.gif"), "--size", "640x360"]
    moves = ["--moves", str(how.n_moves), "--every", str(how.every)]
    if code := watch.main([str(champion), "--env", full_id(env_id), *clip, *moves]):
        raise UsageError(f"{env_id} cannot be recorded, exit code {code}")
    shutil.copy(directory / LEARNING_CURVE, page / f"{env_id}.png")
    organism = spiking_agent.Organism.load(champion)
    evaluation = spiking_agent.evaluate(organism, env=full_id(env_id), episodes=n_episodes)
    with (directory / METRICS).open(newline="") as file:
        rows = list(csv.DictReader(file))
    cells = (
        env_id,
        f"{evaluation.mean:.4g} ± {evaluation.standard_error:.2g}",
        f"{float(rows[-1]['elapsed_s']):.1f}",
        f"{sum(int(row['n_episodes']) for row in rows):,}",
        str(organism.connectome.n_neurons),
        str(organism.connectome.n_synapses),
    )
    return f"| {' | '.join(cells)} |"


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        description=__doc__,
        epilog=EPILOG,
    )
    parser.add_argument(
        "envs", metavar="ENV", nargs="*", help="environments of the page (default: all)"
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=PAGE, help="where clips and curves go"
    )
    parser.add_argument(
        "--runs",
        metavar="DIR",
        type=Path,
        default=Path("runs/gallery"),
        help="where runs go (default: %(default)s)",
    )
    parser.add_argument(
        "--episodes",
        metavar="N",
        type=positive_int,
        default=100,
        help="held-out episodes (default: %(default)s)",
    )
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Make the requested sections."""
    envs = arguments.envs or list(EXHIBITS)
    unknown = [env_id for env_id in envs if env_id not in EXHIBITS]
    if unknown:
        raise UsageError(f"ENV must be one of {', '.join(EXHIBITS)}, got {', '.join(unknown)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    lines = [exhibit(env_id, arguments.runs, arguments.out, arguments.episodes) for env_id in envs]
    print(HEAD, "| --- | --- | --- | --- | --- | --- |", *lines, sep="\n")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script."""
    return run(command, make_parser(), argv)


if __name__ == "__main__":
    sys.exit(main())
