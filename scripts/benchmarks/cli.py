"""The command line of `scripts/benchmark.py`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.harness.machine import machine
from benchmarks.harness.results import Row
from benchmarks.harness.scale import Scale
from benchmarks.registry import BENCHMARKS, ON_REQUEST
from benchmarks.show.chart import write_chart
from benchmarks.show.markdown import markdown
from benchmarks.show.table import print_table
from spiking_agent.cli.common import CommandParser, UsageError, positive_float, positive_int, run

DESCRIPTION = """\
Measure how fast everything is, next to peers and baselines in the same run.

Each figure is a median of several samples, with the smallest and the largest, both by CPU time
and by wall time. Contenders take turns, everything is compiled beforehand, and peers and
baselines of the engine must produce exactly its spikes. The marks are this project's own goals.
"""

EPILOG = """\
names (* has its own limits, takes up to ten hours, and is measured only if named):
{names}

examples:
  python scripts/benchmark.py                              all without *, in some minutes
  python scripts/benchmark.py --only env-vector actors     two of them
  python scripts/benchmark.py --only neuroevolution --case CartPole-v1
  python scripts/benchmark.py --chart speed.png --json > speed.json

Install the peers with: pip install -e '.[bench]'. Missing ones are shown as "not installed".
PyTorch takes part if you install it yourself.
"""

WIDE = 140  # columns of the table if the output is not a terminal


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        prog="benchmark.py",
        description=DESCRIPTION,
        epilog=EPILOG.format(names=_name_list()),
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object, no table")
    form.add_argument("--markdown", action="store_true", help="print the table in Markdown")
    parser.add_argument("--only", metavar="NAME", nargs="+", help="measure only these")
    parser.add_argument(
        "--case",
        metavar="CASE",
        nargs="+",
        help="measure only these of their rows, such as CartPole-v1 of neuroevolution",
    )
    parser.add_argument(
        "--repeats", type=positive_int, default=5, help="samples per figure (default: %(default)s)"
    )
    parser.add_argument(
        "--seconds",
        type=positive_float,
        default=20.0,
        help="length of each evolution (default: %(default)s)",
    )
    parser.add_argument(
        "--seeds",
        metavar="N",
        type=positive_int,
        help="evolve from N seeds at most, in neuroevolution (default: as many as a task has)",
    )
    parser.add_argument("--chart", metavar="FILE.png", type=Path, help="also draw the figures")
    parser.add_argument("--no-peers", action="store_true", help="leave out other projects")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="do as little as possible, to check that it runs: the figures mean nothing",
    )
    return parser


def _name_list() -> str:
    return "\n".join(f"  {name}{' *' if name in ON_REQUEST else ''}" for name in BENCHMARKS)


def command(arguments: argparse.Namespace) -> int:
    """Run the benchmarks and show their figures."""
    names = _names(arguments.only)
    _check_chart(arguments.chart)
    scale = Scale(
        repeats=arguments.repeats,
        seconds=arguments.seconds,
        is_quick=arguments.quick,
        has_peers=not arguments.no_peers,
        cases=arguments.case,
        n_seeds=arguments.seeds,
    )
    rows = _measure(names, scale)
    if not rows and arguments.case is not None:
        cases = ", ".join(map(repr, arguments.case))
        raise UsageError(f"--case must be some rows of {', '.join(names)}, got {cases}")
    lacking = sorted(set(arguments.case or ()) - {row.case for row in rows})
    if lacking:
        print(f"--case: there is no row {', '.join(map(repr, lacking))}", file=sys.stderr)
    if arguments.chart is not None:
        write_chart(arguments.chart, rows, machine())
    if arguments.json:
        settings = {"repeats": scale.repeats, "seconds": scale.seconds, "quick": scale.is_quick}
        report = {"machine": machine(), "settings": settings, "rows": [r.to_json() for r in rows]}
        print(json.dumps(report, indent=2, allow_nan=False))
    elif arguments.markdown:
        print(markdown(rows, machine()))
    else:
        console = Console() if sys.stdout.isatty() else Console(width=WIDE)
        print_table(console, rows, machine())
        if scale.is_quick:
            console.print("--quick: the figures mean nothing", style="bold")
    return 0


def _names(only: Sequence[str] | None) -> list[str]:
    """Return the requested benchmarks, in the order of the table."""
    unknown = [name for name in only or () if name not in BENCHMARKS]
    if unknown:
        raise UsageError(f"--only must be some of {', '.join(BENCHMARKS)}, got {unknown[0]!r}")
    if only is None:
        return [name for name in BENCHMARKS if name not in ON_REQUEST]
    return [name for name in BENCHMARKS if name in only]


def _check_chart(path: Path | None) -> None:
    """Refuse a file that cannot be written, before anything is measured."""
    if path is not None and (path.suffix != ".png" or not path.parent.is_dir()):
        raise UsageError(f"--chart must be a .png in a directory that exists, got {str(path)!r}")


def _measure(names: Sequence[str], scale: Scale) -> list[Row]:
    """Run the benchmarks, and print the current one to stderr."""
    console = Console(stderr=True)
    rows: list[Row] = []
    with console.status("") as status:
        for done, name in enumerate(names):
            status.update(f"{name} ({done + 1} of {len(names)})")
            if not console.is_terminal:
                print(f"measuring {name} ({done + 1} of {len(names)})", file=sys.stderr)
            rows += [row for row in BENCHMARKS[name](scale) if scale.wants(row.case)]
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input, 130 after Ctrl-C."""
    return run(command, make_parser(), argv)
