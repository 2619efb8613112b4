"""Many games side by side: the compiled loops of `SnakeVectorEnv` over its lanes."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from snake_env.board import (
    ATE,
    HEADING,
    HUNGER,
    LENGTH,
    MOVES,
    SCORE,
    STARVED,
    CellArray,
)
from snake_env.game import begin, kernel, move

# What `status` says of a lane.
RUNNING: Final = 0
TERMINATED: Final = 1
TRUNCATED: Final = 2


@kernel
def report(
    counters: NDArray[np.int32],
    lane: int,
    grow: bool,
    figures: NDArray[np.int64],
    masks: NDArray[np.int8],
) -> None:
    """Write what `info` says of a lane: score, length, hunger and the action mask."""
    figures[0, lane] = counters[lane, SCORE]
    figures[1, lane] = counters[lane, LENGTH]
    figures[2, lane] = counters[lane, HUNGER]
    masks[lane, 0] = 1
    masks[lane, 1] = 1
    masks[lane, 2] = 1
    masks[lane, 3] = 1
    if grow:
        masks[lane, counters[lane, HEADING] ^ 2] = 0


@kernel
def begin_lanes(
    cells: CellArray,
    counters: NDArray[np.int32],
    rng: NDArray[np.uint64],
    grid: NDArray[np.uint8],
    start_cells: CellArray,
    start_counters: NDArray[np.int32],
    start_grid: NDArray[np.uint8],
    chosen: NDArray[np.bool_],
    status: NDArray[np.int8],
    grow: bool,
    figures: NDArray[np.int64],
    masks: NDArray[np.int8],
) -> None:
    """Start a game on every chosen lane; `figures` and `masks` are written for these only."""
    for lane in range(len(chosen)):
        if chosen[lane]:
            begin(cells, counters, rng, grid, lane, start_cells, start_counters, start_grid)
            status[lane] = RUNNING
            report(counters, lane, grow, figures, masks)


@kernel
def first_illegal(status: NDArray[np.int8], actions: NDArray[np.int64]) -> int:
    """Find the first lane whose game goes on and whose action is not 0 to 3, or -1."""
    illegal = -1
    for lane in range(len(status) - 1, -1, -1):
        if status[lane] == RUNNING and not 0 <= actions[lane] <= 3:
            illegal = lane
    return illegal


@kernel
def step_lanes(
    cells: CellArray,
    counters: NDArray[np.int32],
    rng: NDArray[np.uint64],
    grid: NDArray[np.uint8],
    start_cells: CellArray,
    start_counters: NDArray[np.int32],
    start_grid: NDArray[np.uint8],
    status: NDArray[np.int8],
    changed: NDArray[np.bool_],
    actions: NDArray[np.int64],
    n_cols: int,
    grow: bool,
    hunger_limit: int,
    max_moves: int,
    begins_again: bool,
    reward_of: NDArray[np.float64],
    rewards: NDArray[np.float64],
    flags: NDArray[np.bool_],
    figures: NDArray[np.int64],
    masks: NDArray[np.int8],
) -> int:
    """Move every lane whose game goes on.

    Parameters
    ----------
    cells, counters, rng, grid : ndarray
        The fields of `Boards`, changed in place.
    start_cells, start_counters, start_grid : ndarray
        The position in which a new game starts.
    status : ndarray of shape (n_lanes,)
        `RUNNING`, `TERMINATED` or `TRUNCATED`, changed in place.
    changed : ndarray of shape (n_lanes,)
        Written: whether the lane's board was touched.
    actions : ndarray of shape (n_lanes,)
        From 0 to 3, see `first_illegal`; ignored where the game is over.
    n_cols, grow, hunger_limit
        As in `move`.
    max_moves : int
        Moves after which a game is truncated; 0 for no limit.
    begins_again : bool
        What a lane does whose game was over before the call: start a new game, or nothing at all.
    reward_of : ndarray of shape (6,)
        The reward of each outcome of a move.
    rewards, flags, figures, masks : ndarray
        Written: rewards (n_lanes,); terminated and truncated (2, n_lanes); score, length and
        hunger (3, n_lanes); action masks (n_lanes, 4).

    Returns
    -------
    int
        How many games are over after the call.
    """
    n_lanes = len(status)
    n_over = 0
    for lane in range(n_lanes):
        rewards[lane] = 0.0
        changed[lane] = True
        if status[lane] == RUNNING:
            action = actions[lane]
            event = move(cells, counters, rng, grid, lane, action, n_cols, grow, hunger_limit)
            rewards[lane] = reward_of[event]
            if event > ATE:
                status[lane] = TRUNCATED if event == STARVED else TERMINATED
            elif max_moves > 0 and counters[lane, MOVES] >= max_moves:
                status[lane] = TRUNCATED
        elif begins_again:
            begin(cells, counters, rng, grid, lane, start_cells, start_counters, start_grid)
            status[lane] = RUNNING
        else:
            changed[lane] = False
        flags[0, lane] = status[lane] == TERMINATED
        flags[1, lane] = status[lane] == TRUNCATED
        n_over += status[lane] != RUNNING
        report(counters, lane, grow, figures, masks)
    return n_over
