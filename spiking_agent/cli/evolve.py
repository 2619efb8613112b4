"""`spiking-evolve`: breed spiking brains that play an environment."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from spiking_agent.brain.engines import ENGINES
from spiking_agent.checks.commands import shell_line
from spiking_agent.checks.words import counted
from spiking_agent.cli.common import (
    UsageError,
    add_max_envs,
    available_cores,
    key_value,
    named_path,
    natural_int,
    positive_float,
    positive_int,
    run,
    target,
)
from spiking_agent.codec.encoders.real_numbers import BOX_ENCODERS
from spiking_agent.episodes.env_ids import env_name
from spiking_agent.episodes.environments import EnvSource
from spiking_agent.errors import ForeignCodeError
from spiking_agent.evolution.checkpoint import SavedRun
from spiking_agent.evolution.config import EvolutionConfig
from spiking_agent.evolution.loop import Evolution
from spiking_agent.evolution.recipes import recipe
from spiking_agent.evolution.reporters.tensorboard import TensorBoardReporter
from spiking_agent.evolution.reporters.terminal import TerminalReporter
from spiking_agent.evolution.reports import Reporter
from spiking_agent.evolution.run_directory import EVENTS, REPORT, RunDirectory
from spiking_agent.organism.champion_file import CHAMPION
from spiking_agent.report.at_end import report_at_end
from spiking_agent.report.repeat import needed_env

STOPPING: Final = (
    b"\nStopping: saving, as soon as the moves under way are done; once more breaks them off ...\n"
)
DEFAULT_SECONDS = 1200.0
UNSAID: Final = object()  # for what may be None

DESCRIPTION = """\
Evolve spiking brains until one plays an environment well.

Every generation, each brain plays a few episodes on seeds that all of them share, and the best
decide what the next generation is like. What is kept as the champion is the brain that is best on
validation episodes, which no brain trains on. A run ends at its limits, or once the champion
reaches the target.
"""

EPILOG = """\
examples:
  spiking-evolve                                        Snake for twenty minutes
  spiking-evolve --seconds 600 --seed 3 --out runs/long
  spiking-evolve --env CartPole-v1                      until it holds what Gymnasium asks for
  spiking-evolve --env MountainCar-v0 --target -105 --seconds 120
  spiking-evolve --env-kwargs n_rows=6 n_cols=6         a smaller board
  spiking-evolve --resume runs/long --seconds 1200      go on, to 1200 seconds in all

Ctrl-C stops after saving; --resume goes on as if nothing had happened. The same seed and
--generations give the same files for any number of workers, compiled or as actors; "live" runs the
actors on the wall clock, a millisecond a tick, where no two runs agree.
"""


def make_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="spiking-evolve",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--env", metavar="ID", help="Gymnasium id (default: Snake-v0)")
    parser.add_argument(
        "--env-kwargs",
        metavar="K=V",
        nargs="+",
        type=key_value,
        default=None,
        help="keyword arguments of the environment, such as n_rows=6; values are JSON or strings",
    )
    parser.add_argument(
        "--seconds",
        type=positive_float,
        help=f"stop after so many seconds (default: {DEFAULT_SECONDS:.0f}, unless --generations)",
    )
    parser.add_argument("--generations", type=positive_int, help="stop after so many generations")
    parser.add_argument(
        "--target",
        metavar="X",
        type=target,
        default=UNSAID,
        help="stop once the champion's validation episodes average X, two standard errors left "
        "over; none goes on to the limits (default: what the environment is registered with)",
    )
    parser.add_argument(
        "--population",
        type=int,
        help="brains a generation (default: 400; 16 with cma-es and on-off, or more by the "
        "environment)",
    )
    parser.add_argument(
        "--episodes",
        type=positive_int,
        help="episodes of a brain a generation (default: 6, and for Snake more once most are "
        "solved; 1 or 2 with cma-es and on-off)",
    )
    parser.add_argument(
        "--strategy",
        metavar="NAME",
        help="how generations follow one another: genetic (default for Snake, and where no real "
        "numbers are seen), cma-es (default elsewhere), or one that another package registers",
    )
    parser.add_argument("--hidden", type=natural_int, help="hidden neurons")
    parser.add_argument("--ticks", type=positive_int, help="ticks of a decision")
    parser.add_argument(
        "--encoder",
        metavar="NAME",
        help=f"how real numbers are driven: {', '.join(BOX_ENCODERS)}, or the name of an encoder "
        "that an installed package registers (default: on-off with cma-es, else thermometer; "
        "another one begins with the genetic algorithm)",
    )
    parser.add_argument(
        "--decoder",
        metavar="NAME",
        help="a decoder that an installed package registers (default: what fits the actions)",
    )
    parser.add_argument(
        "--score-key",
        metavar="KEY",
        help="key of the last info that is the fitness (default: the sum of rewards)",
    )
    parser.add_argument("--seed", type=natural_int, help="source of every draw (default: 0)")
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=named_path,
        help="new directory of the run (default: runs/ENV-N)",
    )
    parser.add_argument(
        "--resume",
        metavar="DIR",
        type=named_path,
        help="go on with a run of yours, to its own limits or to the ones given here",
    )
    parser.add_argument(
        "--workers",
        type=positive_int,
        default=available_cores(),
        help="processes that play (default: %(default)s, the cores of this machine)",
    )
    add_max_envs(parser)
    parser.add_argument(
        "--engine", choices=ENGINES, default="compiled", help="what runs the brains"
    )
    parser.add_argument(
        "--tensorboard",
        action="store_true",
        help=f"write events for TensorBoard into DIR/{EVENTS} (needs the extra of that name)",
    )
    parser.add_argument("--no-report", action="store_true", help=f"write no {REPORT} in the end")
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Evolve as the arguments say."""
    with _directory(arguments) as directory:
        return _evolve(arguments, directory)


def _directory(arguments: argparse.Namespace) -> RunDirectory:
    """Return the directory of the run, before an environment could change the working one."""
    if arguments.resume is not None:
        _refuse_settings(arguments)
        return RunDirectory(arguments.resume)
    if arguments.out is not None:
        return RunDirectory(arguments.out)
    env_id = EnvSource("Snake-v0" if arguments.env is None else arguments.env).env_id
    return RunDirectory.numbered(env_name(env_id).replace("/", "-"))


def _evolve(arguments: argparse.Namespace, directory: RunDirectory) -> int:
    generations, seconds = arguments.generations, arguments.seconds
    most = arguments.max_envs
    saved = None
    if arguments.resume is not None:
        directory.hold()
        saved = SavedRun.read(directory)
        config = saved.config
        most = most or saved.max_envs
        if generations is None and seconds is None:
            generations, seconds = saved.generations, saved.seconds
    else:
        config = _config(arguments)
    if generations is None and seconds is None:
        seconds = DEFAULT_SECONDS
    reporters: list[Reporter] = [TerminalReporter()]
    if arguments.tensorboard:
        reporters.append(TensorBoardReporter(directory.path / EVENTS))
    evolution = Evolution(
        config,
        source=None if config.env_id is None else EnvSource(config.env_id, max_envs=most),
        directory=directory,
        engine=arguments.engine,
        workers=arguments.workers,
        reporters=reporters,
    )
    if saved is not None:
        evolution.resume(saved)
        if evolution.is_won:
            raise UsageError(
                f"{directory.given} has reached its target, {config.target}: start a new run, with "
                "another --target or none"
            )
        if evolution.is_done(generations, seconds):
            reached = [] if generations is None else [counted(generations, "generation")]
            reached += [] if seconds is None else [counted(seconds, "second", ",g")]
            raise UsageError(
                f"{directory.given} has reached its limits, {' and '.join(reached)}: give a larger "
                "--generations or --seconds to go on"
            )
    else:
        how = {"generations": generations, "seconds": seconds, "workers": arguments.workers}
        how |= {"engine": arguments.engine, "max_envs": most}
        directory.create(config.to_run(how))
    try:
        with report_at_end(None if arguments.no_report else directory, say=print) as report:
            evolution.run(generations=generations, seconds=seconds, on_stop=_say_stopping)
    except (KeyboardInterrupt, ForeignCodeError):
        done = "Stopped and saved" if evolution.generation else "Stopped in the first generation"
        again = shell_line("evolve", "--resume", directory.given)
        print(f"{done}. Go on with: {again}", file=sys.stderr)
        raise
    path = directory.given / CHAMPION
    if evolution.is_won:
        n_generations = counted(evolution.generation, "generation")
        print(f"The target of {config.target:g} is reached after {n_generations}")
    print(f"The champion is in {path}")
    if report.is_done:
        print(f"The report is in {directory.given / REPORT}")
    env = needed_env(config.env_id)
    print(f"Watch it:    {shell_line('watch', path, *env)}")
    print(f"Evaluate it: {shell_line('evaluate', path, *env)}")
    return 0


def _say_stopping() -> None:
    """Answer Ctrl-C at once, out of a signal handler: nothing of Python's own output is safe."""
    with suppress(OSError):
        os.write(2, STOPPING)


def _config(arguments: argparse.Namespace) -> EvolutionConfig:
    source = EnvSource(
        "Snake-v0" if arguments.env is None else arguments.env, dict(arguments.env_kwargs or [])
    )
    named = {
        "population_size": arguments.population,
        "n_episodes": arguments.episodes,
        "n_hidden": arguments.hidden,
        "n_ticks": arguments.ticks,
        "strategy": arguments.strategy,
        "encoder": arguments.encoder,
        "decoder": arguments.decoder,
        "score_key": arguments.score_key,
        "seed": arguments.seed,
    }
    changes = {name: value for name, value in named.items() if value is not None}
    if arguments.target is not UNSAID:
        changes["target"] = arguments.target
    base = recipe(
        source,
        strategy=arguments.strategy,
        encoder=arguments.encoder,
        score_key=arguments.score_key,
    )
    return base.changed(**changes)


def _refuse_settings(arguments: argparse.Namespace) -> None:
    fixed = (
        *("env", "env_kwargs", "population", "episodes", "strategy", "hidden", "ticks"),
        *("encoder", "decoder", "score_key", "seed", "out"),
    )
    given = [name for name in fixed if getattr(arguments, name) is not None]
    given += [] if arguments.target is UNSAID else ["target"]
    if given:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise UsageError(f"{names} must not be given with --resume: the run has its own settings")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input, 130 after Ctrl-C."""
    return run(command, make_parser(), argv)
