"""Bounds that a space does not give and an encoder has to learn from observations."""

from collections.abc import Sequence
from typing import Any, Final

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from spiking_agent.codec.encoders.grid import GridEncoder
from spiking_agent.codec.encoders.real_numbers import BOX_ENCODERS, DEFAULT, BoxEncoder
from spiking_agent.codec.spaces import boxes
from spiking_agent.errors import InvalidObservationError
from spiking_agent.typing import BoolArray, Float64Array

MAX_BOUND: Final = 1e18  # a bound beyond it counts as none
PERCENTILES: Final = (1.0, 99.0)  # of the observations seen, where a Box has no bounds of its own


def has_open_bounds(space: gym.Space[Any], encoder: str = DEFAULT) -> bool:
    """Return whether a space holds a Box whose bounds an encoder has to learn.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one observation.
    encoder : str
        As in `make_encoder`; "on-off" learns the bounds of all real numbers, "grid" none.
    """
    if encoder == GridEncoder.kind:
        return False
    return any(is_open(box, BOX_ENCODERS.get(encoder)).any() for box in boxes(space))


def is_open(space: spaces.Box, encoder: type[BoxEncoder] | None) -> BoolArray:
    """Return where bounds have to be learned, as an array of the shape of the space.

    That is where one is missing or beyond `MAX_BOUND`, and, for an encoder that is centred,
    wherever numbers are real.

    Parameters
    ----------
    space : gymnasium.spaces.Box
        The space.
    encoder : type of BoxEncoder, or None
        How its numbers are driven; None if this is not known.

    Returns
    -------
    ndarray of bool, of the shape of the space
        True where bounds have to be learned.
    """
    is_bounded = space.bounded_below & space.bounded_above
    low, high = space.low.astype(np.float64), space.high.astype(np.float64)
    is_missing = ~(is_bounded & (np.abs(low) < MAX_BOUND) & (np.abs(high) < MAX_BOUND))
    is_learned = encoder is not None and encoder.is_centred and np.dtype(space.dtype).kind == "f"
    return np.asarray(is_missing | is_learned)


def learned(
    space: spaces.Box, encoder: type[BoxEncoder], samples: Sequence[Any]
) -> tuple[Float64Array, Float64Array]:
    """Return the bounds of each number of a space, those that are open learned from samples.

    Parameters
    ----------
    space : gymnasium.spaces.Box
        Space of one observation.
    encoder : type of BoxEncoder
        The encoder that they are for.
    samples : sequence of observations
        Observations of the space; needed where a bound is open.

    Returns
    -------
    low, high : ndarray of float64, shape (size,)
        Finite bounds, low <= high.

    Raises
    ------
    ValueError
        If bounds are open and there are no samples.
    InvalidObservationError
        If a sample holds NaN.
    """
    low, high = space.low.ravel().astype(np.float64), space.high.ravel().astype(np.float64)
    places = np.flatnonzero(is_open(space, encoder))
    if len(places) and not len(samples):
        raise ValueError(
            f"samples must hold observations, because the bounds of {space} are open, got none"
        )
    for number in places:
        seen = [np.ravel(sample)[number] for sample in samples]
        low[number], high[number] = _seen_bounds(seen, encoder)
    return low, high


def between(
    low: Float64Array, high: Float64Array, encoder: type[BoxEncoder], n_levels: int
) -> BoxEncoder:
    """Return an encoder between bounds; a number that never changed gets some range about it.

    Parameters
    ----------
    low, high : ndarray of float64, shape (n,)
        Bounds of each number, low <= high.
    encoder : type of BoxEncoder
        How the numbers are driven.
    n_levels : int
        Neurons per number, >= 1.
    """
    margin = np.where(low >= high, np.maximum(0.5, np.abs(low) / 2**20), 0.0)
    low, high = low - margin, high + margin
    return encoder(tuple(low.tolist()), tuple(high.tolist()), n_levels)


def _seen_bounds(values: Sequence[Any], encoder: type[BoxEncoder]) -> tuple[float, float]:
    """Return bounds of one number from what was seen of it; infinities are left out."""
    seen = np.array(values, np.float64)
    if np.isnan(seen).any():
        raise InvalidObservationError(
            "samples must not hold NaN, because bounds are learned from them, got one"
        )
    finite = seen[np.isfinite(seen)]
    if not len(finite):
        return 0.0, 0.0
    low, high = map(float, np.percentile(finite, PERCENTILES))
    if encoder.is_centred:
        # A number that keeps to one side of 0, such as a distance, would drive one input all the
        # time, and drown what changes: it is measured from the middle of what was seen. The range
        # stays as wide, because random play may see little of it: with twice the range that was
        # seen, MountainCar missed its target from one seed of ten, and took ten times as long from
        # three others.
        middle = low / 2 + high / 2 if low > 0.0 or high < 0.0 else 0.0
        half = max(-low, high)
        low, high = middle - half, middle + half
    return low, high
