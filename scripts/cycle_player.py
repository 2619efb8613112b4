"""Write the baseline for Snake: a hand-built brain that follows one cycle, whatever it sees.

A hidden neuron for each cell fires if the head's row and column are those of the cell, and excites
the output for the direction in which the cycle continues. It solves every board, but slowly. So
solving a board does not show that a brain plays well, but solving it in fewer moves does.
"""

import argparse
import sys

import numpy as np

from snake_env import SnakeEnv
from spiking_agent import Connectome, Organism
from spiking_agent.cli.common import CommandParser, UsageError, positive_int, run
from spiking_agent.codec.codec import Codec
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder
from spiking_agent.codec.encoders.discrete import DirectEncoder
from spiking_agent.episodes.task import Task

EPILOG = """\
example:
  python scripts/cycle_player.py --out cycle.npz
  python scripts/evaluate.py senses --beside cycle.npz     on the same games as a champion
"""
N_TICKS = 2  # from the senses to the cell, and from the cell to the direction


def directions(n_rows: int, n_cols: int) -> np.ndarray:
    """Return the direction of the cycle in each cell.

    Parameters
    ----------
    n_rows, n_cols : int
        Size of the board; `n_rows` must be even.

    Returns
    -------
    ndarray of int, shape (n_rows, n_cols)
        0 up, 1 right, 2 down, 3 left: down the first column, and up again row by row, to the
        right in every second one. The middle row, where the snake starts, goes to the right, as
        the snake does.
    """
    up, right, down, left = range(4)
    goes_right = (np.arange(n_rows) - n_rows // 2) % 2 == 0
    table = np.where(goes_right[:, None], right, left) * np.ones((1, n_cols), int)
    if goes_right[-1]:  # down the first column, then to the right along the last row
        table[goes_right, -1] = up
        table[~goes_right, 1] = up
        table[0, 1] = left
        table[:-1, 0] = down
        return table
    # else up the first column, and down row by row
    table[goes_right, -1] = down
    table[~goes_right, 1] = down
    table[-1, 1] = left
    table[1:, 0] = up
    return table


def cycle_player(n_rows: int, n_cols: int) -> Organism:
    """Build the brain.

    Parameters
    ----------
    n_rows, n_cols : int
        Size of the board, `n_rows` even.

    Returns
    -------
    Organism
        The organism, with "built by hand" as its origin.
    """
    env_kwargs = {"n_rows": n_rows, "n_cols": n_cols, "observation": "senses"}
    env = SnakeEnv(**env_kwargs)  # type: ignore[arg-type]
    names = env.feature_names
    n_inputs, n_cells = len(names), n_rows * n_cols
    n = n_inputs + n_cells + 4
    cells = n_inputs + np.arange(n_cells)
    outputs = n_inputs + n_cells + np.arange(4)
    connectivity = np.zeros((n, n), np.int8)
    for cell, direction in enumerate(directions(n_rows, n_cols).ravel()):
        row, col = divmod(cell, n_cols)
        connectivity[names.index(f"row_{row}"), cells[cell]] = 1
        connectivity[names.index(f"col_{col}"), cells[cell]] = 1
        connectivity[cells[cell], outputs[direction]] = 1
    threshold = np.zeros(n)
    threshold[cells] = 1.0  # row and column together exceed it
    connectome = Connectome(
        connectivity=connectivity,
        threshold=threshold,
        decay=np.zeros(n),
        refractory_period=np.zeros(n, int),
        initiation_delay=np.ones(n, int),
        input_neurons=np.arange(n_inputs),
        output_neurons=outputs,
    )
    action_space = env.action_space
    return Organism(
        brain=connectome,
        codec=Codec(
            encoder=DirectEncoder(n_inputs),
            decoder=MostSpikesDecoder(action_space),
            n_ticks=N_TICKS,
            carry_state=False,
        ),
        observation_space=env.observation_space,
        action_space=action_space,
        task=Task(env="snake_env:Snake-v0", env_kwargs=env_kwargs, score_key="score"),
        provenance={"origin": "built by hand"},
    )


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        description=__doc__,
        epilog=EPILOG,
    )
    parser.add_argument("--rows", type=positive_int, default=10, help="even (default: 10)")
    parser.add_argument("--cols", type=positive_int, default=10, help="default: 10")
    parser.add_argument("--out", metavar="FILE", required=True, help="champion file to write")
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Write the file."""
    if arguments.rows % 2:
        raise UsageError(f"--rows must be even, got {arguments.rows}")
    organism = cycle_player(arguments.rows, arguments.cols)
    organism.save(arguments.out)
    connectome = organism.connectome
    print(f"{arguments.out}: {connectome.n_neurons} neurons, {connectome.n_synapses} synapses")
    return 0


if __name__ == "__main__":
    sys.exit(run(command, make_parser(), None))
