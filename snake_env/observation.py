"""What the snake is told of its board: three kinds of observation, each beside its space.

``"grid"`` is the board as the game keeps it, so it is only copied; ``"planes"`` and ``"senses"``
are written by a compiled function into a buffer, lane by lane, and copied from there.
"""

from typing import Any, Final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from snake_env.board import (
    BODY,
    EMPTY,
    FOOD,
    FOOD_CELL,
    HEADING,
    LENGTH,
    NEWEST,
    RING,
    Boards,
    CellArray,
)
from snake_env.game import kernel

KINDS: Final = ("grid", "planes", "senses")

# The eight rays, clockwise from up, and what is asked of each.
RAYS: Final = ("up", "up_right", "right", "down_right", "down", "down_left", "left", "up_left")
RAY_ROW_STEPS: Final = np.array([-1, -1, 0, 1, 1, 1, 0, -1])
RAY_COL_STEPS: Final = np.array([0, 1, 1, 1, 0, -1, -1, -1])
RAY_FEATURES: Final = (
    "obstacle_within_1",
    "obstacle_within_2",
    "obstacle_within_4",
    "obstacle_is_body",
    "food_in_sight",
)
DIRECTIONS: Final = ("up", "right", "down", "left")
# Lengths from which a length feature is on, in sixteenths of the board.
LENGTH_SIXTEENTHS: Final = np.array([1, 2, 4, 6, 8, 10, 12, 14])


def sense_names(n_rows: int, n_cols: int) -> tuple[str, ...]:
    """Name each feature of the observation ``"senses"``, in order.

    Parameters
    ----------
    n_rows, n_cols : int
        Size of the board; each row and each column is a feature.

    Returns
    -------
    tuple of str
        ``65 + n_rows + n_cols`` names, 85 on a board of 10 x 10.

    Notes
    -----
    - ``<ray>_obstacle_within_<d>``: the first wall or body cell on the ray from the head is at most
      d cells away, a neighbour being 1 away. Any cell of the body counts, the tail's too, although
      the tail moves on with the snake. Food is no obstacle.
    - ``<ray>_obstacle_is_body``: that obstacle is a body cell, not the wall.
    - ``<ray>_food_in_sight``: the food lies on the ray, before the obstacle.
    - ``food_<direction>``: the food's row or column lies that way; none if there is no food.
    - ``heading_<direction>``: the way the snake goes if it is told nothing else.
    - ``tail_moves_<direction>``: from the tail's cell to the body's next; none for a snake of one
      cell.
    - ``row_<i>``, ``col_<i>``, ``row_even``, ``row_odd``, ``col_even``, ``col_odd``: of the head.
    - ``length_from_<k>_16``: the snake fills at least k sixteenths of the board.
    - ``always``: on.
    """
    return (
        *(f"{ray}_{feature}" for ray in RAYS for feature in RAY_FEATURES),
        *(f"food_{direction}" for direction in DIRECTIONS),
        *(f"heading_{direction}" for direction in DIRECTIONS),
        *(f"tail_moves_{direction}" for direction in DIRECTIONS),
        *(f"row_{row}" for row in range(n_rows)),
        *(f"col_{col}" for col in range(n_cols)),
        "row_even",
        "row_odd",
        "col_even",
        "col_odd",
        *(f"length_from_{sixteenths}_16" for sixteenths in LENGTH_SIXTEENTHS),
        "always",
    )


def observation_space(kind: str, n_rows: int, n_cols: int) -> spaces.Space[Any]:
    """Make the space of one board's observation.

    Parameters
    ----------
    kind : str
        ``"grid"``: uint8 (n_rows, n_cols), 0 empty, 1 body, 2 head, 3 food. ``"planes"``: uint8
        (3, n_rows, n_cols) of 0 and 1, one plane each for body, head and food. ``"senses"``: int8
        (n_features,) of 0 and 1, see `sense_names`.
    n_rows, n_cols : int
        Size of the board.

    Returns
    -------
    gymnasium.spaces.Space
        A fresh space with a generator of its own.
    """
    if kind == "grid":
        return spaces.Box(EMPTY, FOOD, (n_rows, n_cols), np.uint8)
    if kind == "planes":
        return spaces.Box(0, 1, (3, n_rows, n_cols), np.uint8)
    return spaces.MultiBinary(len(sense_names(n_rows, n_cols)))


@kernel
def write_planes(
    grid: NDArray[np.uint8], chosen: NDArray[np.bool_], planes: NDArray[np.uint8]
) -> None:
    """Write the three planes of every chosen lane.

    Parameters
    ----------
    grid : ndarray of shape (n_lanes, n_cells)
        As in `Boards`.
    chosen : ndarray of shape (n_lanes,)
        Lanes to write.
    planes : ndarray of shape (n_lanes, 3, n_cells)
        Written: body, head, food.
    """
    for lane in range(len(chosen)):
        if chosen[lane]:
            for cell in range(grid.shape[1]):
                for plane in range(3):
                    planes[lane, plane, cell] = grid[lane, cell] == plane + 1


@kernel
def write_senses(
    cells: CellArray,
    counters: NDArray[np.int32],
    grid: NDArray[np.uint8],
    n_cols: int,
    chosen: NDArray[np.bool_],
    senses: NDArray[np.int8],
) -> None:
    """Write the senses of every chosen lane.

    Parameters
    ----------
    cells, counters, grid : ndarray
        As in `Boards`.
    n_cols : int
        Columns of a board.
    chosen : ndarray of shape (n_lanes,)
        Lanes to write.
    senses : ndarray of shape (n_lanes, n_features)
        Written: the features in the order of `sense_names`.
    """
    n_cells = grid.shape[1]
    n_rows = n_cells // n_cols
    for lane in range(len(chosen)):
        if not chosen[lane]:
            continue
        for feature in range(senses.shape[1]):
            senses[lane, feature] = 0
        newest = int(counters[lane, NEWEST])
        length = int(counters[lane, LENGTH])
        head = int(cells[lane, RING, newest])
        row = head // n_cols
        col = head - row * n_cols

        for ray in range(8):
            first = 5 * ray
            ray_row = row + RAY_ROW_STEPS[ray]
            ray_col = col + RAY_COL_STEPS[ray]
            distance = 1
            while 0 <= ray_row < n_rows and 0 <= ray_col < n_cols:
                value = grid[lane, ray_row * n_cols + ray_col]
                if value == BODY:
                    senses[lane, first + 3] = 1
                    break
                if value == FOOD:
                    senses[lane, first + 4] = 1
                ray_row += RAY_ROW_STEPS[ray]
                ray_col += RAY_COL_STEPS[ray]
                distance += 1
            senses[lane, first] = distance <= 1
            senses[lane, first + 1] = distance <= 2
            senses[lane, first + 2] = distance <= 4

        food = int(counters[lane, FOOD_CELL])
        if food >= 0:
            food_row = food // n_cols
            food_col = food - food_row * n_cols
            senses[lane, 40] = food_row < row
            senses[lane, 41] = food_col > col
            senses[lane, 42] = food_row > row
            senses[lane, 43] = food_col < col
        senses[lane, 44 + counters[lane, HEADING]] = 1
        if length > 1:
            oldest = newest - length + 1
            oldest = oldest if oldest >= 0 else oldest + n_cells
            following = oldest + 1 if oldest + 1 < n_cells else 0
            step = int(cells[lane, RING, following]) - int(cells[lane, RING, oldest])
            senses[lane, 48] = step == -n_cols
            senses[lane, 49] = step == 1
            senses[lane, 50] = step == n_cols
            senses[lane, 51] = step == -1
        senses[lane, 52 + row] = 1
        senses[lane, 52 + n_rows + col] = 1
        parity = 52 + n_rows + n_cols
        senses[lane, parity + row % 2] = 1
        senses[lane, parity + 2 + col % 2] = 1
        for threshold in range(8):
            is_long = 16 * length >= LENGTH_SIXTEENTHS[threshold] * n_cells
            senses[lane, parity + 4 + threshold] = is_long
        senses[lane, parity + 12] = 1


class Observer:
    """Keeps the observations of N boards and hands out copies.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    boards : Boards
        The games to look at.
    n_cols : int
        Columns of a board.

    Attributes
    ----------
    view : ndarray of shape (n_lanes, ...)
        The observations as of the last `refresh`; for ``"grid"`` the boards themselves.
    """

    def __init__(self, kind: str, boards: Boards, n_cols: int) -> None:
        n_lanes, n_cells = boards.grid.shape
        n_rows = n_cells // n_cols
        self.kind = kind
        self._boards = boards
        self._n_cols = n_cols
        self._planes = np.zeros((0, 3, 0), dtype=np.uint8)
        self.view: NDArray[np.uint8] | NDArray[np.int8]
        if kind == "grid":
            self.view = boards.grid.reshape(n_lanes, n_rows, n_cols)
        elif kind == "planes":
            self._planes = np.zeros((n_lanes, 3, n_cells), dtype=np.uint8)
            self.view = self._planes.reshape(n_lanes, 3, n_rows, n_cols)
        else:
            n_features = len(sense_names(n_rows, n_cols))
            self.view = np.zeros((n_lanes, n_features), dtype=np.int8)

    def refresh(self, chosen: NDArray[np.bool_]) -> None:
        """Look again at the chosen lanes, an array of shape (n_lanes,)."""
        cells, counters, _, grid = self._boards
        if self.kind == "planes":
            write_planes(grid, chosen, self._planes)
        elif self.kind == "senses":
            write_senses(cells, counters, grid, self._n_cols, chosen, self.view)  # type: ignore[arg-type]
