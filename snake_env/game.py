"""The rules of Snake: compiled functions that start a game and move one snake.

`SnakeEnv` and `SnakeVectorEnv` both call `begin` and `move`. A move takes the same time
whatever the size of the board and the length of the snake: the body is a ring buffer, and the free
cells are a list from which any cell is taken by overwriting it. Run with ``NUMBA_DISABLE_JIT=1``
the functions are plain Python and give the same numbers.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from snake_env.board import (
    ATE,
    BODY,
    EMPTY,
    FOOD,
    FOOD_CELL,
    FREE,
    HEAD,
    HEAD_COL,
    HEADING,
    HIT_BODY,
    HIT_WALL,
    HUNGER,
    LENGTH,
    MOVED,
    MOVES,
    NEWEST,
    OUTCOME,
    RING,
    SCORE,
    STARVED,
    WHERE,
    WON,
    CellArray,
)
from snake_env.kernel_cache import kept

Function = TypeVar("Function", bound=Callable[..., Any])

# The kernels allocate nothing, so numba may leave out its reference counts (`_nrt`); counting in
# the inner loop would double the time of a move.
_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "_nrt": False}

# Shifts of the generator, typed so that uint64 stays uint64.
_SHIFT_A: Final = np.uint64(13)
_SHIFT_B: Final = np.uint64(7)
_SHIFT_C: Final = np.uint64(17)
_HALF: Final = np.uint64(32)

# Rows and columns by which a heading (up, right, down, left) moves the head.
ROW_STEPS: Final = np.array([-1, 0, 1, 0])
COL_STEPS: Final = np.array([0, 1, 0, -1])


def kernel(function: Function) -> Function:
    """Compile a function at its first call; cached on disk, runs without the interpreter lock.

    Parameters
    ----------
    function : callable
        A function that numba can compile.
    """
    return cast("Function", kept(njit(**_OPTIONS)(function)))


def inlined_kernel(function: Function) -> Function:
    """Compile a function like `kernel`, and copy it whole into the kernels that call it.

    Parameters
    ----------
    function : callable
        A function that numba can compile.
    """
    return cast("Function", kept(njit(forceinline=True, **_OPTIONS)(function)))


def initial_rng_state(generator: np.random.Generator) -> int:
    """Draw the first state of a game's own generator.

    Parameters
    ----------
    generator : numpy.random.Generator
        The env's `np_random`, as seeded by ``reset(seed=...)``.

    Returns
    -------
    int
        From 1 to 2**64 - 1 (at 0 the generator would never move).
    """
    return int(generator.integers(1, 2**64 - 1, endpoint=True, dtype=np.uint64))


@kernel
def draw_below(rng: NDArray[np.uint64], lane: int, bound: int) -> int:
    """Draw an integer from 0 to ``bound - 1`` from the lane's generator.

    Parameters
    ----------
    rng : ndarray of uint64, shape (n_boards,)
        State of each game's generator; the lane's is updated.
    lane : int
        Which of them.
    bound : int
        Number of values, 1 to 65,025.

    Notes
    -----
    The generator is xorshift64 with the shifts 13, 7, 17; the upper half of its state, times the
    bound, shifted down, is the draw. With at most 65,025 cells no value's probability is off by
    more than 2**-32.

    References
    ----------
    G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003, page 4.
    """
    state = rng[lane]
    state = state ^ (state << _SHIFT_A)
    state = state ^ (state >> _SHIFT_B)
    state = state ^ (state << _SHIFT_C)
    rng[lane] = state
    return np.int64(((state >> _HALF) * np.uint64(bound)) >> _HALF)  # type: ignore[return-value]


@kernel
def place_food(
    cells: CellArray,
    counters: NDArray[np.int32],
    rng: NDArray[np.uint64],
    grid: NDArray[np.uint8],
    lane: int,
) -> None:
    """Put food on one of the free cells, each equally likely. At least one must be free.

    Parameters
    ----------
    cells, counters, rng, grid : ndarray
        As in `Boards`; counters, generator and grid of the lane are updated.
    lane : int
        Which of the boards.
    """
    n_free = grid.shape[1] - counters[lane, LENGTH]
    food = cells[lane, FREE, draw_below(rng, lane, n_free)]
    counters[lane, FOOD_CELL] = food
    grid[lane, food] = FOOD


@inlined_kernel
def _copy(source: NDArray[Any], target: NDArray[Any]) -> None:
    for index in range(len(source)):
        target[index] = source[index]


@kernel
def begin(
    cells: CellArray,
    counters: NDArray[np.int32],
    rng: NDArray[np.uint64],
    grid: NDArray[np.uint8],
    lane: int,
    start_cells: CellArray,
    start_counters: NDArray[np.int32],
    start_grid: NDArray[np.uint8],
) -> None:
    """Start a game from a position, with the generator in its present state.

    Parameters
    ----------
    cells, counters, rng, grid : ndarray
        The fields of `Boards`, changed in place.
    lane : int
        Which of the boards.
    start_cells, start_counters, start_grid : ndarray
        The position, as `board.position` writes it.
    """
    for row in range(3):
        _copy(start_cells[0, row], cells[lane, row])
    _copy(start_grid[0], grid[lane])
    _copy(start_counters[0], counters[lane])
    if counters[lane, FOOD_CELL] < 0:
        place_food(cells, counters, rng, grid, lane)


@inlined_kernel
def move(
    cells: CellArray,
    counters: NDArray[np.int32],
    rng: NDArray[np.uint64],
    grid: NDArray[np.uint8],
    lane: int,
    action: int,
    n_cols: int,
    grow: bool,
    hunger_limit: int,
) -> int:
    """Move one snake by one cell.

    Parameters
    ----------
    cells, counters, rng, grid : ndarray
        The fields of `Boards`, changed in place.
    lane : int
        Which of the boards; its game must not be over.
    action : int
        0 up, 1 right, 2 down, 3 left. Back into the neck means "keep going".
    n_cols : int
        Columns of the board.
    grow : bool
        Whether the snake grows when it eats; if not, it is one cell and may turn back.
    hunger_limit : int
        Moves without food after which the game is over.

    Returns
    -------
    int
        `MOVED`, `ATE`, `HIT_WALL`, `HIT_BODY`, `STARVED` or `WON`. A snake that hits something
        stays where it was; only its heading, hunger and moves tell of the attempt.
    """
    n_cells = grid.shape[1]
    newest = int(counters[lane, NEWEST])
    length = int(counters[lane, LENGTH])
    heading = int(counters[lane, HEADING])
    heading = heading if grow and action ^ 2 == heading else int(action)
    hunger = int(counters[lane, HUNGER]) + 1
    counters[lane, HEADING] = heading
    counters[lane, HUNGER] = hunger
    counters[lane, MOVES] += 1

    head = int(cells[lane, RING, newest])
    oldest = newest - length + 1
    oldest = oldest if oldest >= 0 else oldest + n_cells
    tail = int(cells[lane, RING, oldest])
    col = int(counters[lane, HEAD_COL]) + COL_STEPS[heading]
    target = head + ROW_STEPS[heading] * n_cols + COL_STEPS[heading]

    event = MOVED
    if (target < 0) | (target >= n_cells) | (col < 0) | (col >= n_cols):
        event = HIT_WALL
    elif grid[lane, target] == BODY and target != tail:
        event = HIT_BODY
    else:
        eats = target == counters[lane, FOOD_CELL]
        if eats and grow:
            # The target leaves the list of free cells: the last one takes its place.
            slot = cells[lane, WHERE, target]
            last = cells[lane, FREE, n_cells - length - 1]
            cells[lane, FREE, slot] = last
            cells[lane, WHERE, last] = slot
            length += 1
            counters[lane, LENGTH] = length
        else:
            grid[lane, tail] = EMPTY
            if target != tail:
                # The tail's cell takes the target's place in the list of free cells.
                slot = cells[lane, WHERE, target]
                cells[lane, FREE, slot] = tail
                cells[lane, WHERE, tail] = slot
        if length > 1:
            grid[lane, head] = BODY
        grid[lane, target] = HEAD
        newest = newest + 1 if newest + 1 < n_cells else 0
        cells[lane, RING, newest] = target
        cells[lane, WHERE, target] = -1 - newest
        counters[lane, NEWEST] = newest
        counters[lane, HEAD_COL] = col
        if eats:
            counters[lane, HUNGER] = 0
            counters[lane, SCORE] += 1
            if length == n_cells:
                event = WON
                counters[lane, FOOD_CELL] = -1
            else:
                event = ATE
                place_food(cells, counters, rng, grid, lane)
        elif hunger >= hunger_limit:
            event = STARVED
    if event > ATE:
        counters[lane, OUTCOME] = event
    return event
