"""Evolve grown brains for the games of MinAtar, and print the table of docs/minatar.md.

For each game and seed: evolve by the default settings for grown brains, and play held-out episodes
with the champion. The result is kept beside the run. Called again with the same --runs, the script
goes on with a run that was stopped, and leaves out what is done.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import spiking_agent
from spiking_agent.cli.common import CommandParser, UsageError, positive_float, positive_int, run
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.evolution.run_directory import CONFIG
from spiking_agent.files.atomic import write_atomically

RESULT = "result.json"
N_SEEDS = 5
SECONDS = 600.0
EPISODES = 100
WORKERS = 2
EPILOG = """\
examples:
  python scripts/grid_games.py                                all, which takes more than four hours
  python scripts/grid_games.py Breakout --seeds 1 --seconds 180 --runs runs/short
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """A game, and what others reached in it.

    Parameters
    ----------
    env_id : str
        Its Gymnasium id, with the module that registers it.
    dqn, actor_critic : float
        Published mean returns of DQN, and of an actor-critic with traces of decay 0.8.
    """

    env_id: str
    dqn: float
    actor_critic: float


GAMES = {
    name: Game(env_id=f"minatar_games:MinAtar/{name}-v1", dqn=dqn, actor_critic=actor_critic)
    for name, dqn, actor_critic in (
        ("Breakout", 10.0, 17.5),
        ("Asterix", 17.0, 19.0),
        ("Freeway", 50.0, 47.0),
        ("SpaceInvaders", 44.0, 185.0),
        ("Seaquest", 20.0, 15.5),
    )
}


def evolved(
    game: Game, seed: int, directory: Path, *, seconds: float, episodes: int, workers: int
) -> float:
    """Return the held-out mean of a seed's champion, from its result if it was played before."""
    result = directory / RESULT
    budget = {"seconds": seconds, "episodes": episodes}
    if not result.exists():
        how: dict[str, Any] = {"seed": seed, "dna": "grown", "target": None}
        is_begun = (directory / CONFIG).exists()
        organism = spiking_agent.evolve(
            game.env_id,
            out=directory,
            resume=is_begun,
            seconds=seconds,
            workers=workers,
            report=False,
            **({} if is_begun else how),
        )
        evaluation = spiking_agent.evaluate(organism, episodes=episodes, workers=workers)
        figures = {"seed": seed, **evaluation.to_json(), **budget}
        write_atomically(result, json.dumps(figures, indent=2).encode())
        said = f"{directory.parent.name} seed {seed}: {evaluation.mean:.4g}"
        print(f"{said} ± {evaluation.standard_error:.2g}", file=sys.stderr, flush=True)
    figures = json.loads(result.read_text())
    for name, wanted in budget.items():
        if figures[name] != wanted:
            raise UsageError(
                f"--{name} must be {figures[name]:g}, as in {result}, got {wanted:g}: name another "
                "directory with --runs"
            )
    mean: float = figures["mean"]
    return mean


def random_play(env_id: str, episodes: int) -> float:
    """Return the mean return of random actions, on the seeds of the held-out episodes."""
    rng = np.random.default_rng(0)
    total = 0.0
    with EnvSource(env_id).make() as env:
        n_actions = int(env.action_space.n)  # type: ignore[attr-defined]
        for seed in range(RESULT_SEEDS, RESULT_SEEDS + episodes):
            env.reset(seed=seed)
            has_ended = False
            while not has_ended:
                _, reward, terminated, truncated, _ = env.step(int(rng.integers(n_actions)))
                total += float(reward)
                has_ended = terminated or truncated
    return total / episodes


def head(n_seeds: int) -> list[str]:
    """Return the first two lines of the table."""
    cells = ["game", "random", *(f"seed {seed}" for seed in range(n_seeds))]
    cells += ["median", "DQN", "AC(0.8)"]
    return [f"| {' | '.join(cells)} |", f"|{' --- |' * len(cells)}"]


def row(name: str, game: Game, random: float, means: Sequence[float]) -> str:
    """Return the line of a game."""
    figures = [random, *means, statistics.median(means)]
    cells = [name, *(f"{figure:.1f}" for figure in figures)]
    return f"| {' | '.join(cells)} | {game.dqn:g} | {game.actor_critic:g} |"


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(description=__doc__, epilog=EPILOG)
    parser.add_argument(
        "games", metavar="GAME", nargs="*", help=f"{', '.join(GAMES)} (default: all)"
    )
    parser.add_argument(
        "--seeds",
        metavar="N",
        type=positive_int,
        default=N_SEEDS,
        help="seeds from 0 on (default: %(default)s)",
    )
    parser.add_argument(
        "--seconds",
        type=positive_float,
        default=SECONDS,
        help="limit of each evolution (default: %(default)g)",
    )
    parser.add_argument(
        "--workers",
        metavar="N",
        type=positive_int,
        default=WORKERS,
        help="processes that play (default: %(default)s)",
    )
    parser.add_argument(
        "--episodes",
        metavar="N",
        type=positive_int,
        default=EPISODES,
        help="held-out episodes (default: %(default)s)",
    )
    parser.add_argument(
        "--runs",
        metavar="DIR",
        type=Path,
        default=Path("runs/minatar"),
        help="where runs and results go (default: %(default)s)",
    )
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Make the runs that are missing, and print the table."""
    names = arguments.games or list(GAMES)
    unknown = [name for name in names if name not in GAMES]
    if unknown:
        raise UsageError(f"GAME must be one of {', '.join(GAMES)}, got {', '.join(unknown)}")
    if find_spec("minatar") is None:
        raise UsageError("minatar must be installed: pip install --no-deps minatar")
    means: dict[str, list[float]] = {name: [] for name in names}
    for seed in range(arguments.seeds):  # so that all games have a figure early
        for name in names:
            directory = arguments.runs / name / str(seed)
            mean = evolved(
                GAMES[name],
                seed,
                directory,
                seconds=arguments.seconds,
                episodes=arguments.episodes,
                workers=arguments.workers,
            )
            means[name].append(mean)
    lines = head(arguments.seeds)
    for name in names:
        random = random_play(GAMES[name].env_id, arguments.episodes)
        lines.append(row(name, GAMES[name], random, means[name]))
    print(*lines, sep="\n")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script."""
    return run(command, make_parser(), argv)


if __name__ == "__main__":
    sys.exit(main())
