"""The four actions: their names, their keys, checks of them, and which of them are legal when."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from snake_env.arguments import shown
from snake_env.senses import DIRECTIONS, headings

ACTION_NAMES: Final = DIRECTIONS

# Key codes of W, D, S, A and the arrow keys, as SDL and pygame number them, in that order.
_ARROW_KEYS: Final = tuple(2**30 + scancode for scancode in (82, 79, 81, 80))
KEYS: Final[dict[tuple[int, ...], int]] = {
    (key,): action for keys in (b"wdsa", _ARROW_KEYS) for action, key in enumerate(keys)
}

# A mask for each heading of a snake that grows, and of a snake without a neck: the action that
# points back into the neck is not legal.
MASKS: Final = tuple(
    np.array([a ^ 2 != heading for a in range(4)], np.int8) for heading in range(4)
)
FREE_MASKS: Final = (np.ones(4, np.int8),) * 4


def checked_action(action: Any) -> int:
    """Return an action of `Discrete(4)`, or such an integer of NumPy, as an int.

    Parameters
    ----------
    action : int
        0 (up), 1 (right), 2 (down) or 3 (left).

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if isinstance(action, np.ndarray) and action.ndim == 0:
        action = action[()]
    if isinstance(action, int | np.integer) and not isinstance(action, bool) and 0 <= action <= 3:
        return int(action)
    raise ValueError(
        "action must be an integer from 0 (up), 1 (right), 2 (down) to 3 (left), "
        f"got {shown(action)}"
    )


def checked_actions(actions: Any, n_lanes: int) -> NDArray[np.int64]:
    """Return one integer per lane; whether it is from 0 to 3 is checked where it is used.

    Parameters
    ----------
    actions : array_like of int, shape (n_lanes,)
        What a user passes.
    n_lanes : int
        Number of lanes.

    Returns
    -------
    ndarray of shape (n_lanes,)
        Possibly the array that was passed: do not write to it.

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
    """Return the error for an action that is not from 0 to 3.

    Parameters
    ----------
    actions : array_like of shape (n_lanes,)
        The actions of all lanes.
    lane : int
        Whose action is wrong.
    """
    return ValueError(
        "actions must be from 0 (up), 1 (right), 2 (down) to 3 (left), "
        f"got {np.asarray(actions)[lane]} in lane {lane}"
    )


def masks_of(observations: Any, kind: str, grow: bool) -> NDArray[np.int8] | None:
    """Return the action masks that observations show, for players that see nothing else.

    Parameters
    ----------
    observations : array_like of shape (n, ...)
        Observations of n games.
    kind : str
        Kind of the observations, see `snake_env.observation.observation_space`.
    grow : bool
        Whether the snakes grow.

    Returns
    -------
    ndarray of int8, shape (n, 4), or None
        The ``info["action_mask"]`` of each. None if the observations do not show it: of a snake
        that grows, only ``"senses"`` do.
    """
    if not grow:
        return np.stack(FREE_MASKS)[np.zeros(len(observations), np.intp)]
    if kind != "senses":
        return None
    return np.stack(MASKS)[headings(np.asarray(observations))]
