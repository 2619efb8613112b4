"""Many games at once: the compiled loops over lanes, and what they share with callers."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from snake_env.board import (
    ATE,
    HEADING,
    HUNGER,
    LENGTH,
    MOVES,
    OUTCOME,
    SCORE,
    STARVED,
    Boards,
    CellArray,
)
from snake_env.game import begin, inlined_kernel, kernel, move
from snake_env.observation import look

# What `status` says of a lane.
RUNNING: Final = 0
TERMINATED: Final = 1
TRUNCATED: Final = 2


class Limits(NamedTuple):
    """The settings as `step_lanes` and `advance_lanes` take them."""

    n_cols: int
    grow: bool
    hunger_limit: int
    max_moves: int  # moves after which a game is truncated; 0 for no limit
    reward_of: NDArray[np.float64]  # (6,) the reward of each outcome of a move


class LaneState(NamedTuple):
    """All that `advance_lanes` reads and writes."""

    boards: Boards
    status: NDArray[np.int8]  # (n_lanes,)
    limits: Limits
    kind: int  # of the observations
    observations: NDArray[Any]  # (n_lanes, n_numbers)
    masks: NDArray[np.int8]  # (n_lanes, 4)
    rewards: NDArray[np.float64]  # (n_lanes,) of the last move
    is_over: NDArray[np.bool_]  # (n_lanes,)


class CompiledLanes(NamedTuple):
    """Running games for compiled code, which can play them without a return to Python per move.

    ``advance(state, lane_ids, n, actions)`` is a compiled function: it moves the lanes
    ``lane_ids[:n]``, whose games must not be over, by ``actions[lane]`` each, and updates the
    arrays below in these lanes. `infos` returns the infos that `step` would return.
    ``copy(sources, targets)`` makes the games of some lanes equal to those of others.
    """

    advance: Callable[[LaneState, NDArray[np.intp], int, NDArray[np.int64]], None]
    state: LaneState
    observations: NDArray[Any]  # (n_lanes, n_numbers) flattened
    masks: NDArray[np.int8]  # (n_lanes, n_actions) 1 for each legal action
    rewards: NDArray[np.float64]  # (n_lanes,) of the last move
    is_over: NDArray[np.bool_]  # (n_lanes,)
    infos: Callable[[], dict[str, Any]]
    copy: Callable[[NDArray[np.intp], NDArray[np.intp]], None]


@inlined_kernel
def write_mask(counters: NDArray[np.int32], lane: int, grow: bool, masks: NDArray[np.int8]) -> None:
    """Write the action mask of a lane."""
    masks[lane, 0] = 1
    masks[lane, 1] = 1
    masks[lane, 2] = 1
    masks[lane, 3] = 1
    if grow:
        masks[lane, counters[lane, HEADING] ^ 2] = 0


@inlined_kernel
def report(
    counters: NDArray[np.int32],
    lane: int,
    grow: bool,
    figures: NDArray[np.int64],
    masks: NDArray[np.int8],
) -> None:
    """Write the info of a lane: score, length, hunger and the action mask."""
    figures[0, lane] = counters[lane, SCORE]
    figures[1, lane] = counters[lane, LENGTH]
    figures[2, lane] = counters[lane, HUNGER]
    write_mask(counters, lane, grow, masks)


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
def report_lanes(
    counters: NDArray[np.int32], grow: bool, figures: NDArray[np.int64], masks: NDArray[np.int8]
) -> None:
    """Write the info of every lane."""
    for lane in range(len(counters)):
        report(counters, lane, grow, figures, masks)


@inlined_kernel
def move_lane(
    boards: Boards, status: NDArray[np.int8], lane: int, action: int, limits: Limits
) -> float:
    """Move one lane whose game goes on, update its `status`, and return the reward."""
    cells, counters, rng, grid = boards
    event = move(
        cells, counters, rng, grid, lane, action, limits.n_cols, limits.grow, limits.hunger_limit
    )
    if event > ATE:
        status[lane] = TRUNCATED if event == STARVED else TERMINATED
    elif limits.max_moves > 0 and counters[lane, MOVES] >= limits.max_moves:
        status[lane] = TRUNCATED
    return limits.reward_of[event]  # type: ignore[no-any-return]


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
    actions: NDArray[np.int64],
    n_cols: int,
    grow: bool,
    hunger_limit: int,
    max_moves: int,
    reward_of: NDArray[np.float64],
    begins_again: bool,
    changed: NDArray[np.bool_],
    rewards: NDArray[np.float64],
    flags: NDArray[np.bool_],
    figures: NDArray[np.int64],
    masks: NDArray[np.int8],
    ended: NDArray[np.intp],
) -> tuple[int, int]:
    """Move every lane whose game goes on, if all actions are legal.

    Parameters
    ----------
    cells, counters, rng, grid : ndarray
        The fields of `Boards`, changed in place.
    start_cells, start_counters, start_grid : ndarray
        The position in which a new game starts.
    status : ndarray of shape (n_lanes,)
        `RUNNING`, `TERMINATED` or `TRUNCATED`, changed in place.
    actions : ndarray of shape (n_lanes,)
        From 0 to 3; ignored where the game is over.
    n_cols, grow, hunger_limit, max_moves, reward_of
        As in `Limits`. (Python passes single arguments faster than a record.)
    begins_again : bool
        Whether a lane whose game was over before the call starts a new game or does nothing.
    changed, rewards, flags, figures, masks, ended : ndarray
        Written: whether the lane's board was touched (n_lanes,); rewards (n_lanes,); terminated,
        truncated, has an outcome, and four rows of True (7, n_lanes); score, length and hunger
        (3, n_lanes); action masks (n_lanes, 4); the lanes that have an outcome, and the outcomes
        (2, n_lanes), from the left.

    Returns
    -------
    n_over : int
        Number of games that are over after the call; or -1 - lane of the first lane whose action
        is illegal, and then no lane was moved.
    n_ended : int
        Number of these that have an outcome.
    """
    n_lanes = len(status)
    for lane in range(n_lanes):
        if (actions[lane] & ~3) != 0 and status[lane] == RUNNING:
            return -1 - lane, 0
    boards = Boards(cells, counters, rng, grid)
    limits = Limits(n_cols, grow, hunger_limit, max_moves, reward_of)
    flags[3:] = True
    n_over = n_ended = 0
    for lane in range(n_lanes):
        reward, has_changed = 0.0, True
        if status[lane] == RUNNING:
            reward = move_lane(boards, status, lane, actions[lane], limits)
        elif begins_again:
            begin(cells, counters, rng, grid, lane, start_cells, start_counters, start_grid)
            status[lane] = RUNNING
        else:
            has_changed = False
        outcome = counters[lane, OUTCOME]
        changed[lane] = has_changed
        rewards[lane] = reward
        flags[0, lane] = status[lane] == TERMINATED
        flags[1, lane] = status[lane] == TRUNCATED
        flags[2, lane] = outcome != 0
        n_over += status[lane] != RUNNING
        ended[0, n_ended] = lane
        ended[1, n_ended] = outcome
        n_ended += outcome != 0
        report(counters, lane, limits.grow, figures, masks)
    return n_over, n_ended


@kernel
def advance_lanes(
    state: LaneState, lane_ids: NDArray[np.intp], n_lanes: int, actions: NDArray[np.int64]
) -> None:
    """Move the lanes ``lane_ids[:n_lanes]``, see `CompiledLanes`."""
    cells, counters, _, grid = state.boards
    limits = state.limits
    for row in range(n_lanes):
        lane = lane_ids[row]
        reward = move_lane(state.boards, state.status, lane, actions[lane], limits)
        state.rewards[lane] = reward
        state.is_over[lane] = state.status[lane] != RUNNING
        write_mask(counters, lane, limits.grow, state.masks)
        look(cells, counters, grid, limits.n_cols, state.kind, lane, state.observations)


def copy_lanes(state: LaneState, sources: NDArray[np.intp], targets: NDArray[np.intp]) -> None:
    """Make the games of the lanes `targets` equal to those of the lanes `sources`."""
    arrays = (state.status, state.observations, state.masks, state.rewards, state.is_over)
    for array in (*state.boards, *arrays):
        array[targets] = array[sources]


def as_compiled_lanes(state: LaneState, infos: Callable[[], dict[str, Any]]) -> CompiledLanes:
    """Return running games for compiled code.

    Parameters
    ----------
    state : LaneState
        The games.
    infos : callable
        Returns the infos of all lanes.
    """
    return CompiledLanes(
        advance=advance_lanes,
        state=state,
        observations=state.observations,
        masks=state.masks,
        rewards=state.rewards,
        is_over=state.is_over,
        infos=infos,
        copy=partial(copy_lanes, state),
    )
