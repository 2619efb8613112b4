"""Many games of a table at once: the compiled loops over lanes."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from spiking_agent.environments.tables.generator import draw
from spiking_agent.environments.tables.table import Table
from spiking_agent.jit import inlined, kernel
from spiking_agent.typing import (
    BoolArray,
    Float64Array,
    Int8Array,
    Int64Array,
    IntpArray,
    UInt8Array,
    UInt64Array,
)


class Games(NamedTuple):
    """All that `advance` reads and writes."""

    table: Table
    rng: UInt64Array  # (n_lanes, 4) see `generator`
    state: Int64Array  # (n_lanes,)
    observations: UInt8Array  # (n_lanes, n_states) 1 where the state is
    masks: Int8Array  # (n_lanes, n_actions) 1 for each legal action
    probability: Float64Array  # (n_lanes,) of the last transition
    rewards: Float64Array  # (n_lanes,) of the last move
    n_moves: Int64Array  # (n_lanes,)
    is_end: BoolArray  # (n_lanes,) whether the last move ended the game
    is_over: BoolArray  # (n_lanes,) or it was the last one allowed


class CompiledLanes(NamedTuple):
    """Running games for compiled code; see `episodes.compiled_openings.CompiledLanes`."""

    advance: Callable[..., None]
    state: Games
    observations: UInt8Array
    masks: Int8Array
    rewards: Float64Array
    is_over: BoolArray
    infos: Callable[[], dict[str, Any]]


def make_games(table: Table, n_lanes: int) -> Games:
    """Return games that have not begun.

    Parameters
    ----------
    table : Table
        The transitions.
    n_lanes : int
        Number of games.
    """
    n_states, n_actions = table.legal.shape
    return Games(
        table=table,
        rng=np.zeros((n_lanes, 4), np.uint64),
        state=np.zeros(n_lanes, np.int64),
        observations=np.zeros((n_lanes, n_states), np.uint8),
        masks=np.ones((n_lanes, n_actions), np.int8),
        probability=np.ones(n_lanes),
        rewards=np.zeros(n_lanes),
        n_moves=np.zeros(n_lanes, np.int64),
        is_end=np.zeros(n_lanes, np.bool_),
        is_over=np.zeros(n_lanes, np.bool_),
    )


@kernel
def begin(games: Games) -> None:
    """Begin a game on every lane, with the generators as they are."""
    reach = games.table.start_reach
    for lane in range(len(games.state)):
        _enter(games, lane, _drawn(reach, 0, len(reach), draw(games.rng[lane])))
        games.probability[lane] = 1.0
        games.rewards[lane] = 0.0
        games.n_moves[lane] = 0
        games.is_end[lane] = games.is_over[lane] = False


@kernel
def advance(games: Games, lane_ids: IntpArray, n: int, actions: Int64Array) -> None:
    """Move the lanes ``lane_ids[:n]``, whose games are not over, by ``actions[lane]`` each."""
    table = games.table
    n_actions = table.legal.shape[1]
    for i in range(n):
        lane = lane_ids[i]
        row = games.state[lane] * n_actions + actions[lane]
        first = table.first[row]
        number = draw(games.rng[lane])
        transition = first + _drawn(table.reach, first, table.first[row + 1], number)
        _enter(games, lane, table.next_state[transition])
        games.probability[lane] = table.probability[transition]
        games.rewards[lane] = table.reward[transition]
        games.n_moves[lane] += 1
        games.is_end[lane] = table.is_end[transition]
        is_last = games.n_moves[lane] == table.max_moves
        games.is_over[lane] = games.is_end[lane] or is_last


@inlined
def _drawn(reach: Float64Array, first: int, end: int, number: float) -> int:
    """Return which one a number draws, from 0; the first one if rounding leaves none."""
    for i in range(first, end):
        if reach[i] > number:
            return i - first
    return 0


@inlined
def _enter(games: Games, lane: int, state: int) -> None:
    """Put a lane into a state."""
    games.observations[lane, games.state[lane]] = 0
    games.observations[lane, state] = 1
    games.state[lane] = state
    for action in range(games.masks.shape[1]):
        games.masks[lane, action] = games.table.legal[state, action]
