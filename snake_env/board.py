"""The record that holds N games of Snake in plain arrays, and functions that read and write it.

A cell is the number ``row * n_cols + col``. The compiled rules in `snake_env.game` read and write
these arrays in place; everything here is ordinary Python that runs once per reset, not per move.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

CellArray = NDArray[np.signedinteger[Any]]

# Values of `Boards.grid`, which are also those of the observation "grid".
EMPTY: Final = 0
BODY: Final = 1
HEAD: Final = 2
FOOD: Final = 3

# Rows of `Boards.cells`.
RING: Final = 0
FREE: Final = 1
WHERE: Final = 2

# Columns of `Boards.counters`.
LENGTH: Final = 0
HEADING: Final = 1
HUNGER: Final = 2
SCORE: Final = 3
NEWEST: Final = 4
FOOD_CELL: Final = 5
HEAD_COL: Final = 6
MOVES: Final = 7
OUTCOME: Final = 8
N_COUNTERS: Final = 9

MAX_CELLS: Final = 2**28  # of all boards together: each cell takes some bytes

# What a move can lead to; the game is over from `HIT_WALL` on.
MOVED: Final = 0
ATE: Final = 1
HIT_WALL: Final = 2
HIT_BODY: Final = 3
STARVED: Final = 4
WON: Final = 5
OUTCOME_NAMES: Final = (None, None, "wall", "body", "hunger", "win")

# Actions and headings.
UP: Final = 0
RIGHT: Final = 1
DOWN: Final = 2
LEFT: Final = 3


class Boards(NamedTuple):
    """Positions of N games of the same size.

    Notes
    -----
    The row `RING` of `cells` is a ring buffer of the body: the head stands at the index
    ``counters[NEWEST]`` and the tail ``counters[LENGTH] - 1`` places before it, modulo `n_cells`.
    The first ``n_cells - length`` entries of the row `FREE` are the cells without body, in no
    order (the food's cell is one of them). The row `WHERE` holds the index of each cell in `FREE`,
    or for a cell of the body -1 minus its index in `RING`.
    """

    cells: CellArray  # (n_boards, 3, n_cells) int8, int16 or int32, as n_cells asks for
    counters: NDArray[np.int32]  # (n_boards, 9), see the column names above; food -1 means none
    rng: NDArray[np.uint64]  # (n_boards,) state of each game's own generator, never 0
    grid: NDArray[np.uint8]  # (n_boards, n_cells) the picture of the board, kept up to date


class Snapshot(NamedTuple):
    """One game in plain Python, with all that a picture of it needs."""

    n_rows: int
    n_cols: int
    body: list[tuple[int, int]]  # (row, col), head first
    food: tuple[int, int] | None  # none on a full board
    heading: int  # 0 up, 1 right, 2 down, 3 left
    score: int
    hunger: int  # moves since the snake last ate
    outcome: str | None  # how the game ended, None while it goes on


def check_room(n_boards: int, n_cells: int) -> None:
    """Check that some boards fit into the memory.

    Parameters
    ----------
    n_boards : int
        Number of boards.
    n_cells : int
        Cells of each.

    Raises
    ------
    ValueError
        If they have more than `MAX_CELLS` cells in all.
    """
    if n_boards * n_cells > MAX_CELLS:
        raise ValueError(
            f"num_envs must be at most {MAX_CELLS // n_cells:,} for boards of {n_cells:,} cells, "
            f"got {n_boards:,}: lower num_envs, n_rows or n_cols"
        )


def empty_boards(n_boards: int, n_cells: int) -> Boards:
    """Return arrays for some games; write a position before a move.

    Parameters
    ----------
    n_boards : int
        Number of games, >= 1.
    n_cells : int
        Cells of one board.

    Returns
    -------
    Boards
        Arrays in the shapes that `Boards` states.
    """
    cell_dtype = np.min_scalar_type(-n_cells)  # signed, small: many boards fit into the cache
    return Boards(
        cells=np.zeros((n_boards, 3, n_cells), dtype=cell_dtype),
        counters=np.zeros((n_boards, N_COUNTERS), dtype=np.int32),
        rng=np.ones(n_boards, dtype=np.uint64),
        grid=np.zeros((n_boards, n_cells), dtype=np.uint8),
    )


def position(
    n_cells: int, n_cols: int, body: Sequence[int], heading: int, food: int | None = None
) -> Boards:
    """Return one position, from which any number of games can start.

    Parameters
    ----------
    n_cells, n_cols : int
        Cells and columns of the board.
    body : sequence of int
        Distinct, adjacent cells of the snake, head first. Not checked here.
    heading : int
        Direction in which the snake keeps going, 0 to 3.
    food : int, optional
        Cell of the food; without it the food is drawn when a game starts.

    Returns
    -------
    Boards
        One board; its free cells stand in ascending order.
    """
    start = empty_boards(1, n_cells)
    cells, counters, grid = start.cells[0], start.counters[0], start.grid[0]
    snake = np.asarray(body)
    free = np.setdiff1d(np.arange(n_cells), snake)
    cells[RING, : len(snake)] = snake[::-1]
    cells[FREE, : len(free)] = free
    cells[WHERE, snake[::-1]] = -1 - np.arange(len(snake))
    cells[WHERE, free] = np.arange(len(free))
    grid[snake] = BODY
    grid[snake[0]] = HEAD
    if food is not None:
        grid[food] = FOOD
    counters[NEWEST] = len(snake) - 1
    counters[LENGTH] = len(snake)
    counters[FOOD_CELL] = -1 if food is None else food
    counters[HEADING] = heading
    counters[HEAD_COL] = snake[0] % n_cols
    return start


def body_cells(boards: Boards, lane: int) -> CellArray:
    """Return the cells of one snake.

    Parameters
    ----------
    boards : Boards
        The boards.
    lane : int
        Which of them.

    Returns
    -------
    ndarray of shape (length,)
        A new array, head first.
    """
    ring = boards.cells[lane, RING]
    newest, length = boards.counters[lane, [NEWEST, LENGTH]]
    cells: CellArray = ring[(newest - np.arange(length)) % len(ring)]
    return cells


def snapshot(boards: Boards, lane: int, n_cols: int) -> Snapshot:
    """Return one game in plain Python.

    Parameters
    ----------
    boards : Boards
        The boards.
    lane : int
        Which of them.
    n_cols : int
        Columns of a board.

    Returns
    -------
    Snapshot
        Shares no memory with the boards.
    """
    counters = boards.counters[lane].tolist()
    food = counters[FOOD_CELL]
    return Snapshot(
        n_rows=boards.grid.shape[1] // n_cols,
        n_cols=n_cols,
        body=[divmod(cell, n_cols) for cell in body_cells(boards, lane).tolist()],
        food=divmod(food, n_cols) if food >= 0 else None,
        heading=counters[HEADING],
        score=counters[SCORE],
        hunger=counters[HUNGER],
        outcome=OUTCOME_NAMES[counters[OUTCOME]],
    )


def as_text(game: Snapshot) -> str:
    """Return one game as text.

    Parameters
    ----------
    game : Snapshot
        The game.

    Returns
    -------
    str
        A line of figures, then the board in a frame: ``^ > v <`` the head, ``o`` the body, ``*``
        the food, ``.`` an empty cell.
    """
    rows = [["."] * game.n_cols for _ in range(game.n_rows)]
    for row, col in game.body:
        rows[row][col] = "o"
    rows[game.body[0][0]][game.body[0][1]] = "^>v<"[game.heading]
    if game.food is not None:
        rows[game.food[0]][game.food[1]] = "*"
    figures = f"score {game.score}  length {len(game.body)}  hunger {game.hunger}"
    if game.outcome is not None:
        figures += f"  {game.outcome}"
    frame = "+" + "-" * game.n_cols + "+"
    return "\n".join([figures, frame, *(f"|{''.join(row)}|" for row in rows), frame, ""])
