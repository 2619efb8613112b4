"""The four kinds of observation, and their spaces.

``"grid"`` is the board as the game keeps it, so it is only copied. The others are written by a
compiled function into a buffer, lane by lane, and copied from there.
"""

from typing import Any, Final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from snake_env.board import EMPTY, FOOD, Boards, CellArray
from snake_env.game import inlined_kernel, kernel
from snake_env.senses import sense, sense_names

KINDS: Final = ("grid", "planes", "senses", "presence")
CELL_NAMES: Final = ("body", "head", "food")  # what is not empty
GRID: Final = 0
PLANES: Final = 1
SENSES: Final = 2
PRESENCE: Final = 3


def observation_space(kind: str, n_rows: int, n_cols: int) -> spaces.Space[Any]:
    """Return the space of one board's observation.

    Parameters
    ----------
    kind : str
        ``"grid"``: uint8 (n_rows, n_cols), 0 empty, 1 body, 2 head, 3 food. ``"planes"``: uint8
        (3, n_rows, n_cols) of 0 and 1, one plane each for body, head and food. ``"senses"``: int8
        (n_features,) of 0 and 1, see `sense_names`. ``"presence"``: int8 (n_rows, n_cols), 1 for
        snake or food alike, which is what the brains of the blog post saw.
    n_rows, n_cols : int
        Size of the board.

    Returns
    -------
    gymnasium.spaces.Space
        A new space with a generator of its own.
    """
    if kind == "grid":
        return spaces.Box(EMPTY, FOOD, (n_rows, n_cols), np.uint8)
    if kind == "planes":
        return spaces.Box(0, 1, (3, n_rows, n_cols), np.uint8)
    if kind == "presence":
        return spaces.MultiBinary((n_rows, n_cols))
    return spaces.MultiBinary(len(sense_names(n_rows, n_cols)))


def feature_names(kind: str, n_rows: int, n_cols: int) -> tuple[str, ...]:
    """Return names for the numbers of an observation, or for its kinds of cells.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    n_rows, n_cols : int
        Size of the board.

    Returns
    -------
    tuple of str
        For ``"senses"`` a name for each number; for ``"planes"`` and ``"grid"`` one for each plane,
        or each value from 1; empty for ``"presence"``.
    """
    if kind == "senses":
        return sense_names(n_rows, n_cols)
    return () if kind == "presence" else CELL_NAMES


@inlined_kernel
def look(
    cells: CellArray,
    counters: NDArray[np.int32],
    grid: NDArray[np.uint8],
    n_cols: int,
    kind: int,
    lane: int,
    observations: NDArray[Any],
) -> None:
    """Write the observation of one lane, unless it is the grid, which the game keeps itself.

    Parameters
    ----------
    cells, counters, grid : ndarray
        As in `Boards`.
    n_cols : int
        Columns of a board.
    kind : int
        `GRID`, `PLANES`, `SENSES` or `PRESENCE`.
    lane : int
        Which of the boards.
    observations : ndarray of shape (n_lanes, n_numbers)
        Its row `lane` is written.
    """
    if kind == SENSES:
        sense(cells, counters, grid, n_cols, lane, observations)
    elif kind == PLANES:
        n_cells = grid.shape[1]
        for plane in range(3):
            for cell in range(n_cells):
                observations[lane, plane * n_cells + cell] = grid[lane, cell] == plane + 1
    elif kind == PRESENCE:
        for cell in range(grid.shape[1]):
            observations[lane, cell] = grid[lane, cell] != EMPTY


@kernel
def look_at_lanes(
    cells: CellArray,
    counters: NDArray[np.int32],
    grid: NDArray[np.uint8],
    n_cols: int,
    kind: int,
    chosen: NDArray[np.bool_],
    observations: NDArray[Any],
) -> None:
    """Write the observations of all chosen lanes, an array of shape (n_lanes,), as `look` does."""
    for lane in range(len(chosen)):
        if chosen[lane]:
            look(cells, counters, grid, n_cols, kind, lane, observations)


class Observer:
    """Keeps the observations of N boards.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    boards : Boards
        The games to observe.
    n_cols : int
        Columns of a board.

    Attributes
    ----------
    view : ndarray of shape (n_lanes, ...)
        The observations as of the last `refresh`; for ``"grid"`` the boards themselves.
    rows : ndarray of shape (n_lanes, n_numbers)
        The same memory, one row per lane.
    kind : int
        `GRID`, `PLANES`, `SENSES` or `PRESENCE`.
    """

    def __init__(self, kind: str, boards: Boards, n_cols: int) -> None:
        n_lanes, n_cells = boards.grid.shape
        n_rows = n_cells // n_cols
        space = observation_space(kind, n_rows, n_cols)
        shape: tuple[int, ...] = space.shape or ()
        self.kind = KINDS.index(kind)
        self._boards = boards
        self._n_cols = n_cols
        self.rows: NDArray[Any] = boards.grid
        if self.kind != GRID:
            self.rows = np.zeros((n_lanes, int(np.prod(shape))), dtype=space.dtype)
        self.view: NDArray[Any] = self.rows.reshape(n_lanes, *shape)

    def refresh(self, chosen: NDArray[np.bool_]) -> None:
        """Observe the chosen lanes again.

        Parameters
        ----------
        chosen : ndarray of bool, shape (n_lanes,)
            True for each lane to observe.
        """
        if self.kind != GRID:
            cells, counters, _, grid = self._boards
            look_at_lanes(cells, counters, grid, self._n_cols, self.kind, chosen, self.rows)
