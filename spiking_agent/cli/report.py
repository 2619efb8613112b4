"""`spiking-report`: write the report of a run again."""

import argparse
from collections.abc import Sequence

from spiking_agent.cli.common import CommandParser, add_env_arguments, run
from spiking_agent.evolution.run_directory import REPORT, RunDirectory
from spiking_agent.report.page import write_report

EPILOG = f"""\
examples:
  spiking-report runs/first
  spiking-report runs/mine --env my_package:MyEnv-v0     imports my_package, as Gymnasium does

{REPORT} is one self-contained file: curves, champion, commands, settings.
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        prog="spiking-report",
        description=f"Play with the champion of a run, and write {REPORT} into its directory.",
        epilog=EPILOG,
    )
    parser.add_argument("run_directory", metavar="DIR", help="directory of a run")
    add_env_arguments(parser)
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Write the report with the parsed arguments.

    Parameters
    ----------
    arguments : argparse.Namespace
        The arguments.
    """
    directory = RunDirectory(arguments.run_directory)
    write_report(directory, env=arguments.env, env_kwargs=arguments.env_kwargs, needs_games=True)
    print(f"The report is in {directory.given / REPORT}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input, 130 after Ctrl-C.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; default: those of the process.
    """
    return run(command, make_parser(), argv)
