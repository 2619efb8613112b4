"""Draw the viewer with its parts numbered: the picture on the pages index and watch.

The champion with senses plays some moves. Numbers mark the parts, and the lines below explain them.
"""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from matplotlib.figure import Figure

import spiking_agent
from spiking_agent.cli.common import CommandParser, UsageError, natural_int, run
from spiking_agent.environments.frames import Frame
from spiking_agent.viewer.brain.raster import N_COLUMNS
from spiking_agent.viewer.loader import Loader
from spiking_agent.viewer.scene import Scene, Status, to_frame

PARTS = {
    "picture": "the environment's own picture",
    "status": "score, hunger, seed, move and tick; live: late impulses",
    "network": "the brain: impulses travel along the synapses, active neurons light up",
    "votes": "spikes of the outputs in this move: most spikes win, illegal actions are grey",
    "potentials": "membrane potentials against the threshold; white: it has just fired",
    "raster": f"every impulse and spike of the last {N_COLUMNS} ticks; lighter: a move begins",
}
DPI = 100
LINE_HEIGHT = 30  # pixels
EPILOG = """\
example:
  python scripts/viewer_parts.py --out docs/viewer.png
"""


def draw(n_moves: int, n_ticks: int) -> tuple[Frame, dict[str, tuple[int, int]]]:
    """Return a picture of the champion at play, and the corner of each part."""
    loader = Loader(partial(spiking_agent.champion, "senses"))
    try:
        session = loader.session
        session.start(0)
        for _ in range(n_moves):
            session.finish_move()
        for _ in range(n_ticks):
            session.advance()
        scene = Scene(session)
        picture = to_frame(scene.draw(Status(speed=5.0, title=loader.title)))
        return picture, {name: rect.topright for name, rect in scene.parts.items()}
    finally:
        loader.close()


def name_parts(picture: Frame, corners: dict[str, tuple[int, int]]) -> Figure:
    """Put a number on each part, and its description below."""
    height, width, _ = picture.shape
    n_lines = -(-len(PARTS) // 2)
    total = height + LINE_HEIGHT * n_lines + 16
    figure = Figure(figsize=(width / DPI, total / DPI), dpi=DPI, facecolor="white")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, width), ylim=(total, 0))
    axes.axis("off")
    axes.imshow(picture, extent=(0, width, height, 0), aspect="auto")
    for number, (part, words) in enumerate(PARTS.items(), 1):
        x, y = corners[part]
        _number(axes, number, x - 20, y + 13)
        column, row = divmod(number - 1, n_lines)
        x, y = 22 + column * 0.46 * width, height + 22 + row * LINE_HEIGHT
        _number(axes, number, x, y)
        axes.text(x + 18, y, words, va="center", fontsize=11, color="#222222")
    return figure


def _number(axes, number: int, x: float, y: float) -> None:  # noqa: ANN001
    disc = {"boxstyle": "circle,pad=0.25", "facecolor": "#d55e00", "edgecolor": "white"}
    style = {"ha": "center", "va": "center", "fontsize": 11, "color": "white", "weight": "bold"}
    axes.text(x, y, str(number), bbox=disc, **style)


def command(arguments: argparse.Namespace) -> int:
    """Draw the picture and save it."""
    if arguments.out.suffix.lower() != ".png" or not arguments.out.parent.is_dir():
        raise UsageError(f"--out must be a .png in a directory that exists, got {arguments.out}")
    name_parts(*draw(arguments.moves, arguments.ticks)).savefig(arguments.out, dpi=DPI)
    print(f"Wrote {arguments.out}")
    return 0


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        description=__doc__,
        epilog=EPILOG,
    )
    parser.add_argument("--out", type=Path, required=True, help="a .png file")
    parser.add_argument(
        "--moves",
        type=natural_int,
        default=400,
        help="moves played before the picture (default: %(default)s)",
    )
    parser.add_argument(
        "--ticks", type=natural_int, default=7, help="ticks of the next move (default: %(default)s)"
    )
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input."""
    return run(command, make_parser(), argv)


if __name__ == "__main__":
    sys.exit(main())
