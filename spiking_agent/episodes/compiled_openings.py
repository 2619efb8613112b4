"""The running games of compiled play, and how they are brought to where brains take over."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from spiking_agent.episodes.openings import WATCHED, Script
from spiking_agent.typing import BoolArray, Float64Array, Int8Array, Int64Array


class CompiledLanes(Protocol):
    """Running games of a vector environment, one per lane, and the function that moves them.

    Every lane must be running, as after a reset of all.

    ``advance(state, lane_ids, n, actions)`` is a function compiled by numba, or a plain one where
    numba is switched off. It moves the lanes ``lane_ids[:n]`` by ``actions[lane]`` each and brings
    the arrays named here up to date in them. It allocates nothing and never fails.

    There may be a function ``copy(sources, targets)``, too. It makes the games of the lanes
    `targets` equal to those of the lanes `sources`, all arrays included.
    """

    advance: Callable[..., None]
    state: tuple[Any, ...]  # whatever `advance` needs
    observations: npt.NDArray[Any]  # (n_lanes, n_numbers) of one byte each, flattened
    masks: Int8Array  # (n_lanes, n_actions) 1 for each legal action
    rewards: Float64Array  # (n_lanes,) of the last move
    is_over: BoolArray  # (n_lanes,)
    infos: Callable[[], dict[str, Any]]  # the infos of all lanes now, as `step` returns them


def play_openings(
    games: CompiledLanes,
    script: Script,
    *,
    first_action: int,
    must_go_on: Callable[[], None],
    choices: Int64Array,
    total_reward: Float64Array,
    n_moves: Int64Array,
) -> None:
    """Play what is given of all episodes, but for the last moves, which brains watch.

    Each opening is played once if games can be copied, and on every lane if not.

    Parameters
    ----------
    games : CompiledLanes
        The games, at their beginning.
    script : Script
        What is given.
    first_action : int
        The action of choice 0.
    must_go_on : callable
        Called before every move; raises an exception to stop play.
    choices, total_reward, n_moves : ndarray of shape (n_lanes,)
        What they are so far: the last choice, the sum of rewards and the number of moves. They are
        brought up to date.
    """
    n_asleep = script.n_given[script.rows] - WATCHED
    if not (n_asleep > 0).any():
        return
    copy = getattr(games, "copy", None)
    _, firsts, which = np.unique(script.rows, return_index=True, return_inverse=True)
    lanes = np.arange(len(n_asleep)) if copy is None else firsts
    actions = np.zeros(len(n_asleep), np.int64)
    for move in range(n_asleep.max()):
        must_go_on()
        lanes = lanes[(n_asleep[lanes] > move) & ~games.is_over[lanes]]
        choices[lanes] = script.choices[script.rows[lanes], move]
        actions[lanes] = first_action + choices[lanes]
        games.advance(games.state, lanes, len(lanes), actions)
        total_reward[lanes] += games.rewards[lanes]
        n_moves[lanes] += 1
    if copy is not None:
        copy(firsts[which], np.arange(len(n_asleep)))
        for array in (choices, total_reward, n_moves):
            array[:] = array[firsts[which]]
