"""Arguments and infos of all lanes at once: seeds, reset masks and the names of infos."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from gymnasium.utils import seeding
from numpy.typing import NDArray

from snake_env.arguments import is_list, shown, whole
from snake_env.board import OUTCOME, OUTCOME_NAMES, Boards
from snake_env.game import initial_rng_state
from snake_env.lanes import report_lanes

BoolArray = NDArray[np.bool_]

N_INFOS: Final = 4  # score, length, hunger, action mask

_OUTCOMES: Final = np.array(OUTCOME_NAMES, dtype=object)


def lane_seeds(seed: Any, n_lanes: int) -> Sequence[int | None]:
    """Return a seed for each lane: an int counts up, None is None for all, a list stays as it is.

    Parameters
    ----------
    seed : int, None, or list, tuple or ndarray of int or None, shape (n_lanes,)
        What a user passes. Integers of any type count as int, bool does not.
    n_lanes : int
        Number of lanes.

    Returns
    -------
    sequence of (int or None), length n_lanes

    Raises
    ------
    ValueError
        If it is anything else, or a seed is negative; the message names the lane if there is one.
    """
    if seed is None:
        return [None] * n_lanes
    if is_list(seed):
        if len(seed) != n_lanes:
            raise ValueError(f"seed must be an int, None or {n_lanes} of these, got {shown(seed)}")
        return [
            one
            if one is None or (type(one) is int and one >= 0)  # as nearly always
            else whole(f"seed of lane {lane}", one, 0)
            for lane, one in enumerate(seed)
        ]
    try:
        first = whole("seed", seed, 0)
    except ValueError as error:
        raise ValueError(f"{error}; None and a list of {n_lanes} are possible, too") from None
    return range(first, first + n_lanes)


def seed_lanes(
    seeds: Sequence[int | None],
    chosen: BoolArray,
    rng: NDArray[np.uint64],
    is_seeded: BoolArray,
    draw_state: Callable[[], int],
) -> None:
    """Set the generators of the chosen lanes to the states that their seeds stand for.

    Parameters
    ----------
    seeds : sequence of (int or None), length n_lanes
        None keeps the state of a lane that has one.
    chosen : ndarray of shape (n_lanes,)
        The lanes to seed.
    rng : ndarray of shape (n_lanes,)
        Gets the states.
    is_seeded : ndarray of shape (n_lanes,)
        Which lanes have a state; brought up to date.
    draw_state : callable
        Returns a state for a lane that has neither seed nor state.
    """
    lanes = np.flatnonzero(chosen).tolist()
    states = {  # lanes with the same seed share the work
        seed: initial_rng_state(seeding.np_random(seed)[0])
        for seed in dict.fromkeys(seeds[lane] for lane in lanes)
        if seed is not None
    }
    kept = dict(zip(lanes, rng[lanes].tolist(), strict=True))
    asked = ((lane, seeds[lane]) for lane in lanes)
    fresh = [
        states[seed] if seed is not None else kept[lane] if is_seeded[lane] else draw_state()
        for lane, seed in asked
    ]
    rng[lanes] = np.array(fresh, dtype=np.uint64)
    is_seeded |= chosen


def split_reset_mask(
    options: dict[str, Any] | None, n_lanes: int
) -> tuple[BoolArray, dict[str, Any] | None]:
    """Return the lanes that the options of a reset choose, and the other options.

    Parameters
    ----------
    options : dict or None
        Options of a reset, which may hold ``"reset_mask"``: ndarray of bool, shape (n_lanes,).
    n_lanes : int
        Lanes of the environment.

    Returns
    -------
    chosen : ndarray of bool, shape (n_lanes,)
        All lanes, if the options do not say.
    others : dict or None
        The other options; the caller's dictionary is not changed.

    Raises
    ------
    TypeError, ValueError
        If ``"reset_mask"`` is not an array of bool, has the wrong shape, or chooses no lane.
    """
    if not isinstance(options, dict) or "reset_mask" not in options:
        return np.ones(n_lanes, dtype=np.bool_), options
    mask = options["reset_mask"]
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
        raise TypeError(f"reset_mask must be a NumPy array of bool, got {shown(mask)}")
    if mask.shape != (n_lanes,):
        raise ValueError(f"reset_mask must have the shape ({n_lanes},), got {mask.shape}")
    if not mask.any():
        raise ValueError(f"reset_mask must be True somewhere, got {shown(mask)}")
    return mask.copy(), {key: options[key] for key in options if key != "reset_mask"}


def batched_infos(
    figures: NDArray[np.int64], masks: NDArray[np.int8], has_info: Sequence[BoolArray]
) -> dict[str, Any]:
    """Return the infos by name, each with a mask of the lanes that have it.

    Parameters
    ----------
    figures : ndarray of shape (3, n_lanes)
        Score, length, hunger.
    masks : ndarray of shape (n_lanes, 4)
        Action masks.
    has_info : sequence of `N_INFOS` ndarrays of bool, shape (n_lanes,)
        For each info the lanes that have it.

    Returns
    -------
    dict
        Of the same arrays, not of copies.
    """
    score, length, hunger = figures
    has_score, has_length, has_hunger, has_mask = has_info
    return {
        "score": score,
        "_score": has_score,
        "length": length,
        "_length": has_length,
        "hunger": hunger,
        "_hunger": has_hunger,
        "action_mask": masks,
        "_action_mask": has_mask,
    }


def for_each_info(lanes: BoolArray) -> list[BoolArray]:
    """Return a mask for each info of the lanes that have it; no two share memory.

    Parameters
    ----------
    lanes : ndarray of bool, shape (n_lanes,)
        True where a lane has the infos.
    """
    return [lanes.copy() for _ in range(N_INFOS)]


def add_outcomes(infos: dict[str, Any], ended: NDArray[np.intp], has_outcome: BoolArray) -> None:
    """Add to infos how games ended, if any did.

    Parameters
    ----------
    infos : dict
        Gets ``outcome`` and ``_outcome``.
    ended : ndarray of shape (2, n)
        The lanes whose games ended, and the code of the outcome of each.
    has_outcome : ndarray of shape (n_lanes,)
        The same lanes as a mask; not copied.
    """
    lanes, codes = ended
    if len(lanes):
        outcomes = np.empty(len(has_outcome), dtype=object)
        outcomes[lanes] = _OUTCOMES[codes]
        infos["outcome"] = outcomes
        infos["_outcome"] = has_outcome


def figures_of(boards: Boards, grow: bool) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return the figures and the action masks of all lanes, in the form of `batched_infos`.

    Parameters
    ----------
    boards : Boards
        The boards of all lanes.
    grow : bool
        Whether the snakes grow.
    """
    n_lanes = len(boards.counters)
    figures = np.empty((3, n_lanes), dtype=np.int64)
    masks = np.empty((n_lanes, 4), dtype=np.int8)
    report_lanes(boards.counters, grow, figures, masks)
    return figures, masks


def infos_of(boards: Boards, grow: bool) -> dict[str, Any]:
    """Return the infos of all lanes as they are.

    Parameters
    ----------
    boards : Boards
        The boards of all lanes.
    grow : bool
        Whether the snakes grow.
    """
    codes = boards.counters[:, OUTCOME]
    has_outcome = codes != 0
    infos = batched_infos(*figures_of(boards, grow), for_each_info(np.ones_like(has_outcome)))
    ended = np.stack([np.flatnonzero(has_outcome), codes[has_outcome]])
    add_outcomes(infos, ended, has_outcome)
    return infos


def final_part(
    over: BoolArray, observations: NDArray[Any], final_info: dict[str, Any]
) -> dict[str, Any]:
    """Return the infos that ``SAME_STEP`` adds for the lanes whose games are over.

    Parameters
    ----------
    over : ndarray of shape (n_lanes,)
        These lanes.
    observations : ndarray of shape (n_lanes, ...)
        What they showed last; copied.
    final_info : dict
        Their infos, in the form of `batched_infos`; not copied.
    """
    final_obs = np.empty(len(over), dtype=object)
    for lane in np.flatnonzero(over):
        final_obs[lane] = observations[lane].copy()
    return {
        "final_obs": final_obs,
        "_final_obs": over.copy(),
        "final_info": final_info,
        "_final_info": over.copy(),
    }
