"""What `SnakeVectorEnv` takes in and gives out for all lanes at once: checked, split and named."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from snake_env.arguments import is_list, shown, whole
from snake_env.board import OUTCOME_NAMES

BoolArray = NDArray[np.bool_]

N_INFOS: Final = 4  # score, length, hunger, action mask

_OUTCOMES: Final = np.array(OUTCOME_NAMES, dtype=object)


def checked_actions(actions: Any, n_lanes: int) -> NDArray[np.int64]:
    """Accept one integer a lane; whether they are actions is asked where it counts.

    Parameters
    ----------
    actions : array_like of int, shape (n_lanes,)
        Whatever a user gives.
    n_lanes : int
        How many lanes there are.

    Returns
    -------
    ndarray of shape (n_lanes,)
        Possibly the array given: not to be written to.

    Raises
    ------
    ValueError
        If the shape or the type is wrong.
    """
    try:
        array = np.asarray(actions)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"actions must be {n_lanes} integers, got {shown(actions)}") from error
    if array.shape != (n_lanes,) or array.dtype.kind not in "iu":
        raise ValueError(
            f"actions must be {n_lanes} integers, got {array.dtype} of shape {array.shape}"
        )
    return np.ascontiguousarray(array, np.int64)


def illegal_action(actions: Any, lane: int) -> ValueError:
    """Make the error for an action that is none."""
    return ValueError(
        "actions must be from 0 (up), 1 (right), 2 (down) to 3 (left), "
        f"got {np.asarray(actions)[lane]} in lane {lane}"
    )


def lane_seeds(seed: Any, n_lanes: int) -> Sequence[int | None]:
    """Give each lane its seed: an int counts up, None is None for all, a list is taken as it is.

    Parameters
    ----------
    seed : int, None, or list, tuple or ndarray of int or None, shape (n_lanes,)
        Whatever a user gives. Integers of any type count as int, bool does not.
    n_lanes : int
        How many lanes there are.

    Returns
    -------
    sequence of (int or None)
        Of the length n_lanes.

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


def split_reset_mask(
    options: dict[str, Any] | None, n_lanes: int
) -> tuple[BoolArray, dict[str, Any] | None]:
    """Split the options of a reset into the lanes to reset and the rest.

    Returns
    -------
    chosen : ndarray of bool, shape (n_lanes,)
        All lanes, if the options do not say.
    others : dict or None
        The other options; the caller's dictionary is left alone.

    Raises
    ------
    TypeError, ValueError
        If ``"reset_mask"`` is no array of bool, or has the wrong shape, or chooses no lane.
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
    """Name the infos, each beside a mask of the lanes that have it.

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
        Its arrays are those given.
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
    """Give each info a mask of its own of the lanes that have it."""
    return [lanes.copy() for _ in range(N_INFOS)]


def add_outcomes(infos: dict[str, Any], ended: NDArray[np.intp], has_outcome: BoolArray) -> None:
    """Name how games ended, if any did.

    Parameters
    ----------
    infos : dict
        Gets ``outcome`` and ``_outcome``.
    ended : ndarray of shape (2, n)
        The lanes whose games ended, and beside each the code of its outcome.
    has_outcome : ndarray of shape (n_lanes,)
        The same lanes as a mask; not copied.
    """
    lanes, codes = ended
    if len(lanes):
        outcomes = np.empty(len(has_outcome), dtype=object)
        outcomes[lanes] = _OUTCOMES[codes]
        infos["outcome"] = outcomes
        infos["_outcome"] = has_outcome
