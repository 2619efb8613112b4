"""Many games of a table at once: the compiled loops over lanes."""

from typing import NamedTuple

import numpy as np

from spiking_agent.environments.tables.generator import draw
from spiking_agent.environments.tables.table import Table
from spiking_agent.jit import inlined, kernel
from spiking_agent.typing import BoolArray, Float64Array, Int64Array, IntpArray, UInt64Array


class Games(NamedTuple):
    """All that `advance` reads and writes."""

    table: Table
    rng: UInt64Array  # (n_lanes, 4) see `generator`
    state: Int64Array  # (n_lanes,)
    probability: Float64Array  # (n_lanes,) of the last transition
    rewards: Float64Array  # (n_lanes,) of the last move
    n_moves: Int64Array  # (n_lanes,)
    is_end: BoolArray  # (n_lanes,) whether the last move ended the game
    is_over: BoolArray  # (n_lanes,) or it was the last one allowed


def make_games(table: Table, n_lanes: int) -> Games:
    """Return games that have not begun.

    Parameters
    ----------
    table : Table
        The transitions.
    n_lanes : int
        Number of games.
    """
    return Games(
        table=table,
        rng=np.zeros((n_lanes, 4), np.uint64),
        state=np.zeros(n_lanes, np.int64),
        probability=np.ones(n_lanes),
        rewards=np.zeros(n_lanes),
        n_moves=np.zeros(n_lanes, np.int64),
        is_end=np.zeros(n_lanes, np.bool_),
        is_over=np.zeros(n_lanes, np.bool_),
    )


@kernel
def begin(games: Games) -> None:
    """Begin a game on every lane, with the generators as they are."""
    for lane in range(len(games.state)):
        games.state[lane] = first_state(games.table, games.rng[lane])
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
        transition = follow(table, row, games.rng[lane])
        games.state[lane] = table.next_state[transition]
        games.probability[lane] = table.probability[transition]
        games.rewards[lane] = table.reward[transition]
        games.n_moves[lane] += 1
        games.is_end[lane] = table.is_end[transition]
        is_last = games.n_moves[lane] == table.max_moves
        games.is_over[lane] = games.is_end[lane] or is_last


@inlined
def first_state(table: Table, rng: UInt64Array) -> int:
    """Return the state in which a game begins, drawn from its generator."""
    return _drawn(table.start_reach, 0, len(table.start_reach), draw(rng))


@inlined
def follow(table: Table, row: int, rng: UInt64Array) -> int:
    """Return the transition that follows on a state and an action, drawn from a generator."""
    first = int(table.first[row])
    return first + _drawn(table.reach, first, table.first[row + 1], draw(rng))


@inlined
def _drawn(reach: Float64Array, first: int, end: int, number: float) -> int:
    """Return which one a number draws, from 0; the first one if rounding leaves none."""
    for i in range(first, end):
        if reach[i] > number:
            return i - first
    return 0
