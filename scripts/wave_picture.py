"""Draw how the wave runs over the board within one decision: the picture on the page wave.

Each board is a tick. Numbers on the last one are the ticks in which the neurons of W fired.
"""

import argparse
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import spiking_agent
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.cli.common import CommandParser, UsageError, natural_int, run
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.typing import IntpArray
from spiking_agent.viewer import theme
from spiking_agent.viewer.loader import Loader

WAVE = Path(__file__).parent.parent / "docs" / "wave.npz"
SHEET = "W"
MARKS = {  # marker, size and colour of the cells that are on in each channel
    "body": ("s", 130, theme.INPUT),
    "head": ("o", 130, theme.INPUT),
    "food": ("o", 70, theme.EXCITATORY),
}
NUMBERS: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": 7}
WERE = (122, 78, 104)  # of neurons that fired before: a darker `theme.HIDDEN`
N_BOARDS, N_COLUMNS = 8, 4
EPILOG = """\
example:
  python scripts/wave_picture.py --out docs/wave.png
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What happened in one decision.

    Parameters
    ----------
    active : dict of str to ndarray
        Cells that are on in each channel of the observation.
    fired_at : ndarray, shape (n_rows, n_cols)
        Tick in which the neuron of each cell fired first, from 1; 0 for those that did not.
    action : str
        What was decided.
    """

    active: dict[str, IntpArray]
    fired_at: IntpArray
    action: str


def decide(path: Path, seed: int, move: int) -> Decision:
    """Return what happens in one move of a game.

    Raises
    ------
    UsageError
        If the brain lacks a sheet that is drawn, or the game is over before that move.
    """
    loader = Loader(partial(spiking_agent.Organism.load, path))
    try:
        session, brain = loader.session, loader.session.organism.brain
        wanted = (SHEET, *MARKS)
        if not isinstance(brain, GrownBrain) or not {*wanted} <= _sheets(brain.tissue):
            raise UsageError(
                f"champion must be a grown brain with sheets {', '.join(wanted)}, got {path}"
            )
        session.start(seed)
        for _ in range(move):
            session.finish_move()
        if session.has_ended:
            raise UsageError(f"move must be below {session.n_moves}, where game {seed} ends")
        session.finish_move()
        ticks = list(session.history)[-session.organism.codec.n_ticks :]
        fired_at = np.zeros(brain.shape, np.intp)
        for tick in reversed(ticks):
            fired_at.flat[_cells(brain.tissue, SHEET, tick.fired)] = tick.step + 1
        return Decision(
            active={name: _cells(brain.tissue, name, ticks[0].driven) for name in MARKS},
            fired_at=fired_at,
            action=session.output_names[session.last_action],
        )
    finally:
        loader.close()


def _sheets(tissue: Tissue) -> set[str]:
    return {group.name for group in tissue.groups if group.is_sheet}


def _cells(tissue: Tissue, name: str, neuron_ids: IntpArray) -> IntpArray:
    """Return the cells of those neurons that belong to a sheet."""
    names = [group.name for group in tissue.groups]
    cells: IntpArray = neuron_ids - tissue.first[names.index(name)]
    inside: IntpArray = cells[(cells >= 0) & (cells < tissue.n_cells)]
    return inside


def draw(decision: Decision) -> Figure:
    """Draw some ticks of a decision, and a board with the tick of each cell."""
    fired_at = decision.fired_at
    last = max(int(fired_at.max()), 1)
    ticks = np.unique(np.linspace(1, last, N_BOARDS - 1).round().astype(int)).tolist()
    n_rows = -(-(len(ticks) + 1) // N_COLUMNS)
    figure = Figure(
        figsize=(2.3 * N_COLUMNS, 2.5 * n_rows),
        facecolor=_share(theme.BACKGROUND),
        layout="constrained",
    )
    boards = list(figure.subplots(n_rows, N_COLUMNS, squeeze=False).flat)
    for axes in boards:
        axes.axis("off")
    for axes, tick in zip(boards, [*ticks, None], strict=False):
        until = last if tick is None else tick
        picture = np.full((*fired_at.shape, 3), theme.GRID, np.uint8)
        picture[(fired_at > 0) & (fired_at <= until)] = WERE
        picture[fired_at == tick] = theme.INK
        axes.imshow(picture)
        title = f"tick {tick}" if tick else f"first spikes; the move: {decision.action}"
        axes.set_title(title, color=_share(theme.INK), fontsize=10)
        _mark(axes, decision)
        if tick is None:
            for (row, col), number in np.ndenumerate(fired_at):
                if number:
                    axes.text(col, row, str(number), **NUMBERS, color=_share(theme.INK))
    return figure


def _mark(axes: Any, decision: Decision) -> None:
    """Draw the lines between cells, the snake and the food."""
    n_rows, n_cols = decision.fired_at.shape
    lines = {"color": _share(theme.BACKGROUND), "linewidth": 1.2}
    for row in range(n_rows + 1):
        axes.axhline(row - 0.5, **lines)
    for col in range(n_cols + 1):
        axes.axvline(col - 0.5, **lines)
    for name, (marker, size, color) in MARKS.items():
        rows, cols = np.divmod(decision.active[name], n_cols)
        axes.scatter(cols, rows, size, marker=marker, color=_share(color))


def _share(color: theme.Color) -> tuple[float, float, float]:
    red, green, blue = color
    return red / 255, green / 255, blue / 255


def command(arguments: argparse.Namespace) -> int:
    """Draw the picture and save it."""
    if arguments.out.suffix.lower() != ".png" or not arguments.out.parent.is_dir():
        raise UsageError(f"--out must be a .png in a directory that exists, got {arguments.out}")
    draw(decide(arguments.champion, arguments.seed, arguments.move)).savefig(arguments.out, dpi=100)
    print(f"Wrote {arguments.out}")
    return 0


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        description=__doc__,
        epilog=EPILOG,
    )
    parser.add_argument(
        "champion",
        type=Path,
        nargs="?",
        default=WAVE,
        help="a champion file (default: %(default)s)",
    )
    parser.add_argument("--out", type=Path, required=True, help="a .png file")
    parser.add_argument(
        "--seed", type=natural_int, default=10, help="number of the game (default: %(default)s)"
    )
    parser.add_argument(
        "--move",
        type=natural_int,
        default=229,
        help="moves played before the decision (default: %(default)s)",
    )
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input."""
    return run(command, make_parser(), argv)


if __name__ == "__main__":
    sys.exit(main())
