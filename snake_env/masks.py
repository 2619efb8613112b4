"""Which actions are moves: all but the one that points back into the neck."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from snake_env.senses import headings

# For each heading: of a snake that grows, and of one that has no neck.
MASKS: Final = tuple(
    np.array([a ^ 2 != heading for a in range(4)], np.int8) for heading in range(4)
)
FREE_MASKS: Final = (np.ones(4, np.int8),) * 4


def masks_of(observations: Any, kind: str, grow: bool) -> NDArray[np.int8] | None:
    """Read action masks off observations, for players who are shown nothing else.

    Parameters
    ----------
    observations : array_like of shape (n, ...)
        What n games showed.
    kind : str
        Of the observations, see `snake_env.observation.observation_space`.
    grow : bool
        Whether the snakes grow.

    Returns
    -------
    ndarray of int8, shape (n, 4), or None
        What ``info["action_mask"]`` said beside each. None if the observations do not tell: of a
        snake that grows, only ``"senses"`` do.
    """
    if not grow:
        return np.stack(FREE_MASKS)[np.zeros(len(observations), np.intp)]
    if kind != "senses":
        return None
    return np.stack(MASKS)[headings(np.asarray(observations))]
