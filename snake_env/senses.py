"""The observation ``"senses"``: what a small animal could sense of its board."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from snake_env.arguments import whole
from snake_env.board import BODY, FOOD_CELL, HEADING, LENGTH, NEWEST, RING, WHERE, CellArray
from snake_env.game import inlined_kernel

# The eight rays, clockwise from up, and the features of each.
RAYS: Final = ("up", "up_right", "right", "down_right", "down", "down_left", "left", "up_left")
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
# How strong the scent of a body cell can be: it fades by a quarter of the snake at a time.
SCENTS: Final = ("faint", "weak", "fair")


def sense_names(n_rows: int, n_cols: int) -> tuple[str, ...]:
    """Return the names of the features of the observation ``"senses"``, in order.

    Parameters
    ----------
    n_rows, n_cols : int
        Size of the board; each row and each column is a feature.

    Returns
    -------
    tuple of str
        ``93 + n_rows + n_cols`` names, 113 on a board of 10 x 10.

    Notes
    -----
    - ``<ray>_obstacle_within_<d>``: the first wall or body cell on the ray from the head is at most
      d cells away, a neighbour being 1 away. Any cell of the body counts, the tail's too, although
      the tail moves on with the snake. Food is no obstacle.
    - ``<ray>_obstacle_is_body``: that obstacle is a body cell, not the wall.
    - ``<ray>_food_in_sight``: the food lies on the ray, before the obstacle.
    - ``food_<direction>``: the food's row or column lies in that direction; none without food.
    - ``heading_<direction>``: the snake goes in that direction if it keeps going.
    - ``tail_moves_<direction>``: the body's next cell lies in that direction from the tail; none
      for a snake of one cell.
    - ``row_<i>``, ``col_<i>``: the head is there. ``row_even``, ``row_odd``, ``col_even``,
      ``col_odd``: its row or column is even or odd.
    - ``length_from_<k>_16``: the snake fills at least k sixteenths of the board.
    - ``always``: always on.
    - ``tail_<direction>``: the tail's row or column lies in that direction.
    - ``<ray>_scent_<strength>``: the obstacle on the ray is a body cell from the oldest quarter of
      the snake (``faint``), the older half (``weak``) or the oldest three quarters (``fair``). A
      trail smells less the longer ago the head was there; none of the three means fresh.
    """
    return (
        *(f"{ray}_{feature}" for ray in RAYS for feature in RAY_FEATURES),
        *(f"food_{direction}" for direction in DIRECTIONS),
        *(f"heading_{direction}" for direction in DIRECTIONS),
        *(f"tail_moves_{direction}" for direction in DIRECTIONS),
        *(f"row_{row}" for row in range(whole("n_rows", n_rows, 0))),
        *(f"col_{col}" for col in range(whole("n_cols", n_cols, 0))),
        "row_even",
        "row_odd",
        "col_even",
        "col_odd",
        *(f"length_from_{sixteenths}_16" for sixteenths in LENGTH_SIXTEENTHS),
        "always",
        *(f"tail_{direction}" for direction in DIRECTIONS),
        *(f"{ray}_scent_{scent}" for ray in RAYS for scent in SCENTS),
    )


def headings(senses: NDArray[Any]) -> NDArray[np.intp]:
    """Return the headings that senses show.

    Parameters
    ----------
    senses : ndarray of shape (n, n_features)
        Rows that `sense` wrote.

    Returns
    -------
    ndarray of intp, shape (n,)
        The action of each snake's last move.
    """
    first = sense_names(0, 0).index(f"heading_{DIRECTIONS[0]}")  # before what a board's size adds
    chosen: NDArray[np.intp] = senses[:, first : first + len(DIRECTIONS)].argmax(axis=1)
    return chosen


@inlined_kernel
def sense(
    cells: CellArray,
    counters: NDArray[np.int32],
    grid: NDArray[np.uint8],
    n_cols: int,
    lane: int,
    senses: NDArray[Any],
) -> None:
    """Write the senses of one lane.

    Parameters
    ----------
    cells, counters, grid : ndarray
        As in `Boards`.
    n_cols : int
        Columns of a board.
    lane : int
        Which of the boards.
    senses : ndarray of shape (n_lanes, n_features)
        Its row `lane` is written: 0 or 1 for each feature, in the order of `sense_names`.

    Notes
    -----
    The rays are walked from their far ends to the head without an early exit. The last body cell
    that is met is the nearest, and the processor has no branch to guess.
    """
    n_cells = grid.shape[1]
    n_rows = n_cells // n_cols
    board, on = grid[lane], senses[lane]
    newest, length = int(counters[lane, NEWEST]), int(counters[lane, LENGTH])
    head = int(cells[lane, RING, newest])
    row = head // n_cols
    col = head - row * n_cols
    for feature in range(len(on)):
        on[feature] = 0

    # Distances to the nearest body cell on each ray, 0 for none.
    up = up_right = right = down_right = down = down_left = left = up_left = 0
    for distance in range(row, 0, -1):
        cell = head - distance * n_cols
        up = distance if board[cell] == BODY else up
        aside = distance if distance <= col else 0  # 0: beyond the wall; the head is no body
        aside_cell = cell - aside if aside > 0 else head
        up_left = distance if board[aside_cell] == BODY else up_left
        aside = distance if distance < n_cols - col else 0
        aside_cell = cell + aside if aside > 0 else head
        up_right = distance if board[aside_cell] == BODY else up_right
    for distance in range(n_rows - 1 - row, 0, -1):
        cell = head + distance * n_cols
        down = distance if board[cell] == BODY else down
        aside = distance if distance <= col else 0
        aside_cell = cell - aside if aside > 0 else head
        down_left = distance if board[aside_cell] == BODY else down_left
        aside = distance if distance < n_cols - col else 0
        aside_cell = cell + aside if aside > 0 else head
        down_right = distance if board[aside_cell] == BODY else down_right
    for distance in range(col, 0, -1):
        left = distance if board[head - distance] == BODY else left
    for distance in range(n_cols - 1 - col, 0, -1):
        right = distance if board[head + distance] == BODY else right

    # The walls are one step behind the last cell of a ray.
    wall_up, wall_right, wall_down, wall_left = row + 1, n_cols - col, n_rows - row, col + 1
    food = int(counters[lane, FOOD_CELL])
    food_row = food // n_cols if food >= 0 else row
    food_up = row - food_row
    food_right = food - food_row * n_cols - col if food >= 0 else 0
    _write_ray(on, 0, wall_up, up, food_right == 0, food_up)
    _write_ray(on, 5, min(wall_up, wall_right), up_right, food_right == food_up, food_up)
    _write_ray(on, 10, wall_right, right, food_up == 0, food_right)
    _write_ray(on, 15, min(wall_right, wall_down), down_right, food_right == -food_up, food_right)
    _write_ray(on, 20, wall_down, down, food_right == 0, -food_up)
    _write_ray(on, 25, min(wall_down, wall_left), down_left, food_right == food_up, -food_up)
    _write_ray(on, 30, wall_left, left, food_up == 0, -food_right)
    _write_ray(on, 35, min(wall_left, wall_up), up_left, food_right == -food_up, food_up)

    on[40] = food_up > 0
    on[41] = food_right > 0
    on[42] = food_up < 0
    on[43] = food_right < 0
    on[44 + counters[lane, HEADING]] = 1
    oldest = newest - length + 1
    oldest = oldest if oldest >= 0 else oldest + n_cells
    tail = int(cells[lane, RING, oldest])
    if length > 1:
        following = oldest + 1 if oldest + 1 < n_cells else 0
        step = int(cells[lane, RING, following]) - tail
        on[48] = step == -n_cols
        on[49] = step == 1
        on[50] = step == n_cols
        on[51] = step == -1
    on[52 + row] = 1
    on[52 + n_rows + col] = 1
    parity = 52 + n_rows + n_cols
    on[parity + row % 2] = 1
    on[parity + 2 + col % 2] = 1
    for threshold in range(8):
        on[parity + 4 + threshold] = 16 * length >= LENGTH_SIXTEENTHS[threshold] * n_cells
    on[parity + 12] = 1
    first = parity + 13
    tail_row = tail // n_cols
    tail_col = tail - tail_row * n_cols
    on[first] = tail_row < row
    on[first + 1] = tail_col > col
    on[first + 2] = tail_row > row
    on[first + 3] = tail_col < col

    ages = (cells[lane, WHERE], oldest, length)
    _write_scent(on, first + 4, head - up * n_cols, head, ages)
    _write_scent(on, first + 7, head - up_right * (n_cols - 1), head, ages)
    _write_scent(on, first + 10, head + right, head, ages)
    _write_scent(on, first + 13, head + down_right * (n_cols + 1), head, ages)
    _write_scent(on, first + 16, head + down * n_cols, head, ages)
    _write_scent(on, first + 19, head + down_left * (n_cols - 1), head, ages)
    _write_scent(on, first + 22, head - left, head, ages)
    _write_scent(on, first + 25, head - up_left * (n_cols + 1), head, ages)


@inlined_kernel
def _write_ray(
    on: NDArray[Any], first: int, wall: int, body: int, has_food: bool, food: int
) -> None:
    """Write the five features of a ray.

    `wall` and `body` are distances (0: no body), `food` too if the food lies on the ray's line;
    it is positive on this side of the head.
    """
    obstacle = body if body > 0 else wall
    on[first] = obstacle <= 1
    on[first + 1] = obstacle <= 2
    on[first + 2] = obstacle <= 4
    on[first + 3] = body > 0
    on[first + 4] = has_food & (food > 0) & (food < obstacle)


@inlined_kernel
def _write_scent(
    on: NDArray[Any], first: int, cell: int, head: int, ages: tuple[CellArray, int, int]
) -> None:
    """Write the three features of a ray's scent.

    `cell` is the body cell seen, or `head` if there is none; `ages` are the row `WHERE` of the
    board, the tail's place in the ring buffer, and the snake's length.
    """
    where, oldest, length = ages
    steps = -1 - int(where[cell]) - oldest  # from the tail, unless the buffer's end lies between
    age = steps + 1 if steps >= 0 else steps + 1 + len(where)  # from 1, the tail, to the length
    is_body = cell != head
    on[first] = is_body & (4 * age <= length)
    on[first + 1] = is_body & (2 * age <= length)
    on[first + 2] = is_body & (4 * age <= 3 * length)
