"""Run the commands behind the figures of the pages, and compare what they print with the pages.

scripts/figures.json lists the commands, of which the last prints one JSON object, the figures that
it printed last time, and the sentences that quote them.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spiking_agent.cli.common import CommandParser, UsageError, run

ROOT = Path(__file__).parent.parent
LIST = Path(__file__).parent / "figures.json"
EPILOG = """\
examples:
  python scripts/figures.py                 all, which takes minutes; exit code 1 if one differs
  python scripts/figures.py cartpole        one of them
  python scripts/figures.py --write         write the new figures into the pages
"""


def sentences(entry: Mapping[str, Any], seen: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the pages of an entry, each with the sentence that quotes these figures."""
    values = {**seen, "percent": {name: 100 * value for name, value in _numbers(seen)}}
    return [(page, text.format_map(values)) for page, text in entry["quotes"]]


def _numbers(seen: Mapping[str, Any]) -> list[tuple[str, float]]:
    return [(name, value) for name, value in seen.items() if isinstance(value, int | float)]


def measure(commands: Sequence[str]) -> dict[str, Any]:
    """Run commands in a directory of their own, and return what the last one prints."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "scripts").symlink_to(ROOT / "scripts")
        printed = ""
        for command in commands:
            words = shlex.split(command)
            program = [sys.executable, *words[1:]] if words[0] == "python" else words
            done = subprocess.run(
                program, cwd=directory, stdout=subprocess.PIPE, text=True, check=False
            )
            if done.returncode:
                raise UsageError(f"{command} must run, got exit code {done.returncode}")
            printed = done.stdout
    figures: dict[str, Any] = json.loads(printed)
    return figures


def update(entry: dict[str, Any], figures: Mapping[str, Any]) -> None:
    """Write figures into the pages of an entry, and into the entry.

    Raises
    ------
    UsageError
        If a page does not contain a sentence of the entry.
    """
    old, new = sentences(entry, entry["seen"]), sentences(entry, figures)
    for (page, before), (_, after) in zip(old, new, strict=True):
        path = ROOT / page
        text = path.read_text()
        if before not in text:
            raise UsageError(f"{page} must say {before!r}, but it does not")
        path.write_text(text.replace(before, after))
    entry["seen"] = figures


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        description=__doc__,
        epilog=EPILOG,
    )
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="entries of the list (default: all)"
    )
    parser.add_argument("--write", action="store_true", help="change the pages and the list")
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Compare the figures, and write them if requested."""
    entries = json.loads(LIST.read_text())
    names = arguments.names or list(entries)
    unknown = [name for name in names if name not in entries]
    if unknown:
        raise UsageError(f"NAME must be one of {', '.join(entries)}, got {', '.join(unknown)}")
    n_differ = 0
    for name in names:
        figures = measure(entries[name]["commands"])
        before = sentences(entries[name], entries[name]["seen"])
        after = sentences(entries[name], figures)
        n_differ += before != after
        for (page, said), (_, gives) in zip(before, after, strict=True):
            print(f"{name}: {page}: {gives}" + ("" if said == gives else f"   (it said: {said})"))
        if arguments.write:
            update(entries[name], figures)
            LIST.write_text(json.dumps(entries, indent=2) + "\n")
    return 1 if n_differ and not arguments.write else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script."""
    return run(command, make_parser(), argv)


if __name__ == "__main__":
    sys.exit(main())
