"""`spiking-evolve`: evolve spiking brains that play an environment."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from spiking_agent.api import prepare
from spiking_agent.brain.engines import ENGINES
from spiking_agent.checks.commands import shell_line
from spiking_agent.checks.words import counted
from spiking_agent.cli.common import (
    CommandParser,
    NamedOnce,
    UsageError,
    add_max_envs,
    available_cores,
    named_path,
    named_value,
    positive_float,
    positive_int,
    run,
    typed,
)
from spiking_agent.environments.ids import env_name
from spiking_agent.environments.source import EnvSource
from spiking_agent.errors import ForeignCodeError
from spiking_agent.evolution.recipes.choose import RECIPES
from spiking_agent.evolution.reporters.protocol import Reporter
from spiking_agent.evolution.reporters.tensorboard import TensorBoardReporter
from spiking_agent.evolution.reporters.terminal import TerminalReporter
from spiking_agent.evolution.run_directory import EVENTS, REPORT, RunDirectory
from spiking_agent.evolution.settings.names import check_names
from spiking_agent.evolution.settings.options import OPTIONS, json_or_text, value_of
from spiking_agent.organism.champion_file import CHAMPION
from spiking_agent.report.at_end import report_at_end
from spiking_agent.report.repeat import needed_env

STOPPING: Final = (
    b"\nStopping: saving, as soon as the moves under way are done; once more breaks them off ...\n"
)
DEFAULT_SECONDS = 1200.0

DESCRIPTION = """\
Evolve spiking brains until one plays an environment well.

In every generation, each brain plays a few episodes, on seeds that all of them share, and the next
generation is made from the best. The champion is the brain that does best on validation episodes,
on which no brain trains. A run ends at its limits, or once the champion reaches the target.
"""

EPILOG = """\
examples:
  spiking-evolve                                        Snake for twenty minutes
  spiking-evolve --seconds 600 --seed 3 --out runs/long
  spiking-evolve --recipe senses                        Snake, seen by 113 senses made by hand
  spiking-evolve --env CartPole-v1                      until it is solved by Gymnasium's threshold
  spiking-evolve --env MountainCar-v0 --target -105 --seconds 120
  spiking-evolve --env my_module:Maze-v0 --memory       what is seen does not show all that matters
  spiking-evolve --env-kwargs n_rows=6 n_cols=6         a smaller board
  spiking-evolve --env CartPole-v1 --strategy genetic --set elite_share=0.2 crossover=pool
  spiking-evolve --resume runs/long --seconds 1200      continue to 1200 seconds in total

Ctrl-C saves and stops; --resume continues as if the run had not been interrupted. The same seed
and --generations give the same files for any number of workers with the engines "compiled" and
"actors". The engine "live" runs actors on the wall clock, one millisecond per tick, so that no two
runs agree.
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        prog="spiking-evolve",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("--env", metavar="ID", help="Gymnasium id (default: Snake-v0)")
    parser.add_argument(
        "--env-kwargs",
        metavar="K=V",
        nargs="+",
        action=NamedOnce,
        type=named_value("KEY=VALUE", json_or_text),
        default=None,
        help="keyword arguments of the environment, such as n_rows=6; values are JSON or strings",
    )
    recipes = parser.add_mutually_exclusive_group()
    recipes.add_argument(
        "--recipe",
        choices=RECIPES,
        help="settings to begin with. For Snake: grown, brains that grow from rules and see the "
        "raw board, or senses, brains that weigh 113 senses (default: grown; senses where "
        "observation, --dna or --encoder is given and not planes, grown or grid). For others "
        "(default: the one that fits what is seen): real numbers; one state of a table; wide, some "
        "hundred whole numbers; plain, a few; grid, as with --dna grown; memory",
    )
    recipes.add_argument(
        "--memory",
        action="store_const",
        dest="recipe",
        const="memory",
        help="short for --recipe memory: brains remember, where an observation does not show all "
        "that matters",
    )
    parser.add_argument(
        "--seconds",
        type=positive_float,
        help=f"stop after so many seconds (default: {DEFAULT_SECONDS:.0f}, unless --generations); "
        "where moves are slow, the default sizes of a new run are smaller, to fit them",
    )
    parser.add_argument("--generations", type=positive_int, help="stop after so many generations")
    for setting, option in OPTIONS.items():
        parser.add_argument(
            option.flag,
            dest=setting,
            metavar=option.metavar,
            type=typed(option.read),
            default=argparse.SUPPRESS,
            help=option.help,
        )
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        nargs="+",
        action="extend",
        type=named_value("NAME=VALUE", value_of),
        default=[],
        help="any other setting, such as carry_state=true or initiation_delays=1,4,8; a value is "
        "JSON, a name, or several of these separated by commas",
    )
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
        help="continue a run of your own, to its limits or to those given here",
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
    parser.add_argument("--no-report", action="store_true", help=f"write no {REPORT} at the end")
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Evolve with the parsed arguments.

    Parameters
    ----------
    arguments : argparse.Namespace
        The arguments.
    """
    with _directory(arguments) as directory:
        return _evolve(arguments, directory)


def _directory(arguments: argparse.Namespace) -> RunDirectory:
    """Return the directory of the run, before an environment can change the working directory."""
    if arguments.resume is not None:
        _refuse_settings(arguments)
        return RunDirectory(arguments.resume)
    if arguments.out is not None:
        return RunDirectory(arguments.out)
    env_id = EnvSource(_env_id(arguments)).env_id
    return RunDirectory.numbered(env_name(env_id).replace("/", "-"))


def _env_id(arguments: argparse.Namespace) -> str:
    return "Snake-v0" if arguments.env is None else str(arguments.env)


def _evolve(arguments: argparse.Namespace, directory: RunDirectory) -> int:
    reporters: list[Reporter] = [TerminalReporter()]
    if arguments.tensorboard:
        reporters.append(TensorBoardReporter(directory.path / EVENTS))
    is_new = arguments.resume is None
    run = prepare(
        _env_id(arguments) if is_new else None,
        directory,
        generations=arguments.generations,
        seconds=arguments.seconds,
        env_kwargs=arguments.env_kwargs,
        recipe=arguments.recipe,
        resume=not is_new,
        workers=arguments.workers,
        engine=arguments.engine,
        max_envs=arguments.max_envs,
        reporters=reporters,
        default_seconds=DEFAULT_SECONDS,
        **_settings(arguments),
    )
    evolution = run.evolution
    target = evolution.config.validation.target
    if evolution.is_won:
        raise UsageError(
            f"{directory.given} has reached its target, {target}: start a new run, with another "
            "--target or none"
        )
    if run.is_done:
        reached = [] if run.generations is None else [counted(run.generations, "generation")]
        reached += [] if run.seconds is None else [counted(run.seconds, "second", ",g")]
        raise UsageError(
            f"{directory.given} has reached its limits, {' and '.join(reached)}: give a larger "
            "--generations or --seconds to go on"
        )
    try:
        kept, is_slow = None if arguments.no_report else directory, evolution.pace.is_slow
        with report_at_end(kept, is_quick=is_slow, say=print) as report:
            run.go(_say_stopping)
    except (KeyboardInterrupt, ForeignCodeError):
        done = "Stopped and saved" if evolution.generation else "Stopped in the first generation"
        again = shell_line("evolve", "--resume", directory.given)
        print(f"{done}. Go on with: {again}", file=sys.stderr)
        raise
    path = directory.given / CHAMPION
    if evolution.is_won:
        n_generations = counted(evolution.generation, "generation")
        print(f"The target of {target:g} was reached after {n_generations}")
    if evolution.generation == 0:
        print("The limit came in the first generation, whose best so far is the champion")
    print(f"The champion is in {path}")
    if report.is_done:
        print(f"The report is in {directory.given / REPORT}")
    env = needed_env(evolution.config.task.env_id)
    print(f"Watch it:    {shell_line('watch', path, *env)}")
    print(f"Evaluate it: {shell_line('evaluate', path, *env)}")
    return 0


def _say_stopping() -> None:
    """Answer Ctrl-C at once, in a signal handler, where Python's own streams are not safe."""
    with suppress(OSError):
        os.write(2, STOPPING)


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that were given, by name."""
    settings = {name: getattr(arguments, name) for name in OPTIONS if hasattr(arguments, name)}
    others = {name: _flag(name) for name in vars(arguments) if name not in (*OPTIONS, "set")}
    for name, given in arguments.set:
        if name in settings:
            raise UsageError(f"{name} must be given once, got another with --set {name}=...")
        if name in others:
            raise UsageError(f"{name} must be given by {others[name]}, got --set {name}=...")
        settings[name] = given
    try:
        check_names(settings, others)
    except TypeError as error:
        raise UsageError(str(error)) from error
    return settings


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _refuse_settings(arguments: argparse.Namespace) -> None:
    settled = ("env", "env_kwargs", "recipe", "out")
    given = [_flag(name) for name in settled if getattr(arguments, name) is not None]
    given += [option.flag for name, option in OPTIONS.items() if hasattr(arguments, name)]
    given += ["--set"] if arguments.set else []
    if given:
        raise UsageError(
            f"{', '.join(given)} must not be given with --resume: the run has its own settings"
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input, 130 after Ctrl-C.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; default: those of the process.
    """
    return run(command, make_parser(), argv)
